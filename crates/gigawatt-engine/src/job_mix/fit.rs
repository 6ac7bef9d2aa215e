//! From published figures to the table of jobs.

use super::outcomes::{Load, Logit};
use super::runs::Runs;
use super::sizes::Sizes;
use super::{Alias, Bin, Cell, Class, JobMix, LimitUse, Outcome, Statistics};

/// The strongest dependence that is tried, in either direction.
const STRONGEST: f64 = 4.0;
/// Rounds in which the margins are restored.
const ROUNDS: usize = 2000;
/// How exact the margins are.
const TOLERANCE: f64 = 1e-12;

/// Why no mix has some figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitError {
    /// A figure is not a number above 0, or a size is beyond 2³¹.
    Figure,
    /// The median of sizes is no power of two, or above the largest.
    MedianSize,
    /// No law of sizes with the median and the largest has the mean.
    MeanSize,
    /// The mean run time is not above the median, or no cut-off lognormal has it.
    Run,
    /// No dependence of run time on size has the mean of their product.
    AcceleratorSeconds,
    /// Shares of outcomes are not above 0, or no dependence on accelerator time has them.
    Endings,
}

impl std::fmt::Display for FitError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Figure => "a figure is not a number above 0",
            Self::MedianSize => "the median size is no power of two, or above the largest",
            Self::MeanSize => "no power law with this median and largest size has this mean",
            Self::Run => "no lognormal cut off at the longest run has this median and mean",
            Self::AcceleratorSeconds => "no dependence of run time on size gives this accelerator time",
            Self::Endings => "no dependence of outcomes on accelerator time gives these shares",
        })
    }
}

impl std::error::Error for FitError {}

/// Where a rising function is 0 between two ends; `None` where its signs do not differ.
pub(super) fn bisect(mut low: f64, mut high: f64, function: impl Fn(f64) -> f64) -> Option<f64> {
    if !(function(low) <= 0.0 && function(high) >= 0.0) {
        return None;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if function(middle) < 0.0 { low = middle } else { high = middle }
    }
    Some(0.5 * (low + high))
}

/// Fits sizes, run times, their dependence and the outcomes.
pub(super) fn fit(statistics: &Statistics) -> Result<JobMix, FitError> {
    let Statistics { mean_size, median_size, max_size, mean_run, median_run, max_run, .. } = *statistics;
    let figures = [mean_size, median_size, max_size, mean_run, median_run, max_run];
    let more = statistics.mean_accelerator_seconds;
    let sound = figures.into_iter().chain(more).all(|figure| figure.is_finite() && figure > 0.0);
    // Sizes as small as 1/1024 and as large as 2³¹ keep the classes few.
    if !sound || max_size > 2_147_483_648.0 || median_size < 1.0 / 1024.0 {
        return Err(FitError::Figure);
    }
    let sizes = Sizes::fit(mean_size, median_size, max_size)?;
    let runs = Runs::fit(mean_run, median_run, max_run)?;
    let mut joint = Joint::independent(&sizes, &runs);
    if let Some(mean) = statistics.mean_accelerator_seconds {
        joint.depend(mean)?;
    }
    let loads: Vec<Load> = joint.loads().collect();
    let logit = match &statistics.endings {
        Some(endings) => Some(Logit::fit(&loads, endings.of_jobs, endings.of_time)?),
        None => None,
    };
    let mut cells = Vec::with_capacity(3 * loads.len());
    for (number, load) in loads.iter().enumerate() {
        let (class, bin) = (number / joint.times.len(), number % joint.times.len());
        let chances = logit.as_ref().map_or([1.0, 0.0, 0.0], |logit| logit.outcomes(load.work));
        for (outcome, chance) in Outcome::ALL.into_iter().zip(chances) {
            let weight = load.share * chance;
            if weight > 0.0 {
                let class = u8::try_from(class).unwrap_or(u8::MAX);
                let bin = u16::try_from(bin).unwrap_or(u16::MAX);
                cells.push((Cell { bin, class, outcome }, weight));
            }
        }
    }
    let classes = sizes.sizes.iter().map(|size| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from 1 to 2³¹, and a share"
        )]
        let (accelerators, share) = (size.max(1.0).round() as u32, size.min(1.0) as f32);
        Class { accelerators, share }
    });
    let bins = runs.edges.windows(2).map(|ends| Bin { low: ends[0], width: ends[1] - ends[0] });
    Ok(JobMix {
        table: Alias::new(&cells),
        cells,
        classes: classes.collect(),
        bins: bins.collect(),
        limits: LimitUse::ASSUMED,
        mean_accelerator_seconds: joint.mean_work(),
    })
}

/// Sizes and run times together: `p = u v exp(θ x y)`, `x` and `y` the logarithms of size and time about their means.
struct Joint<'s> {
    sizes: &'s Sizes,
    times: Vec<f64>,
    runs: &'s Runs,
    size_scores: Vec<f64>,
    time_scores: Vec<f64>,
    /// `u`, by size.
    by_size: Vec<f64>,
    /// `v`, by time.
    by_time: Vec<f64>,
    /// `exp(θ x y)`, sizes outside.
    kernel: Vec<f64>,
}

impl<'s> Joint<'s> {
    fn independent(sizes: &'s Sizes, runs: &'s Runs) -> Self {
        let scores = |values: &[f64], shares: &[f64]| -> Vec<f64> {
            let logarithms = || values.iter().map(|value| libm::log(*value));
            let mean: f64 = logarithms().zip(shares).map(|(score, share)| score * share).sum();
            logarithms().map(|score| score - mean).collect()
        };
        let times: Vec<f64> = runs.middles().collect();
        Self {
            size_scores: scores(&sizes.sizes, &sizes.shares),
            time_scores: scores(&times, &runs.shares),
            kernel: vec![1.0; sizes.sizes.len() * times.len()],
            by_size: sizes.shares.clone(),
            by_time: runs.shares.clone(),
            sizes,
            runs,
            times,
        }
    }

    /// Probability and accelerator time of every cell, sizes outside.
    fn loads(&self) -> impl Iterator<Item = Load> {
        let rows = self.kernel.chunks(self.times.len()).zip(&self.by_size).zip(&self.sizes.sizes);
        rows.flat_map(move |((row, of_size), size)| {
            row.iter().zip(&self.by_time).zip(&self.times).map(move |((kernel, of_time), time)| Load {
                share: of_size * of_time * kernel,
                work: size * time,
            })
        })
    }

    fn mean_work(&self) -> f64 {
        self.loads().map(|load| load.share * load.work).sum()
    }

    /// Makes run times depend on sizes until their product has a mean.
    fn depend(&mut self, mean: f64) -> Result<(), FitError> {
        let (mut low, mut high) = (-STRONGEST, STRONGEST);
        // The interval grows from independence, so that nothing stronger than needed is computed.
        let direction = if mean >= self.mean_work() { 1.0 } else { -1.0 };
        let mut reach = 1.0 / 64.0;
        loop {
            let off = direction * (self.at(direction * reach) - mean);
            if off >= 0.0 {
                break;
            }
            reach *= 2.0;
            if reach > STRONGEST {
                return Err(FitError::AcceleratorSeconds);
            }
        }
        if direction > 0.0 {
            (low, high) = (0.0_f64.max(low), reach.min(high));
        } else {
            (low, high) = ((-reach).max(low), 0.0_f64.min(high));
        }
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            let found = self.at(middle);
            if (found / mean - 1.0).abs() < 1e-11 {
                return Ok(());
            }
            if found < mean { low = middle } else { high = middle }
        }
        self.at(0.5 * (low + high));
        Ok(())
    }

    /// The mean accelerator time at a dependence, with the margins restored by proportional fitting
    /// (W. E. Deming, F. F. Stephan, Annals of Mathematical Statistics 11(4), 1940).
    fn at(&mut self, dependence: f64) -> f64 {
        let width = self.times.len();
        for (row, size) in self.kernel.chunks_mut(width).zip(&self.size_scores) {
            for (cell, time) in row.iter_mut().zip(&self.time_scores) {
                *cell = libm::exp(dependence * size * time);
            }
        }
        for _ in 0..ROUNDS {
            let mut columns = vec![0.0; width];
            for (row, of_size) in self.kernel.chunks(width).zip(&self.by_size) {
                columns.iter_mut().zip(row).for_each(|(sum, cell)| *sum += of_size * cell);
            }
            for ((of_time, share), column) in self.by_time.iter_mut().zip(&self.runs.shares).zip(&columns) {
                *of_time = if *share > 0.0 { share / column } else { 0.0 };
            }
            let mut off = 0.0_f64;
            let rows = self.kernel.chunks(width).zip(&mut self.by_size).zip(&self.sizes.shares);
            for ((row, of_size), share) in rows {
                let sum: f64 = row.iter().zip(&self.by_time).map(|(cell, of_time)| cell * of_time).sum();
                let next = share / sum;
                off = off.max((next / *of_size - 1.0).abs());
                *of_size = next;
            }
            if off < TOLERANCE {
                break;
            }
        }
        self.mean_work()
    }
}
