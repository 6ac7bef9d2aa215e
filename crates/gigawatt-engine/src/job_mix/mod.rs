//! Many small jobs with the statistics of a cluster: sizes, run times, how they end, when they come.
//!
//! A [`JobMix`] is fitted to what papers print of a cluster ([`Statistics`]) and then sampled. Three things are fitted,
//! one after another, none per data point:
//!
//! 1. *Sizes* are powers of two up to the largest, with `P(s = 2^k) ∝ r^k`; `r` gives the mean. Where such a law has
//!    another median than the published one, the size of the median gets as much as makes it the median, and the law
//!    holds below and above it.
//! 2. *Run times* are lognormal, cut off at the longest: `μ` and `σ` give median and mean.
//! 3. *Large jobs run longer.* Of all joint distributions with these two margins, the one with
//!    `p(s, t) = u(s) v(t) exp(θ ln s ln t)`, which assumes least beside the correlation of the logarithms (I. Csiszár,
//!    "I-Divergence Geometry of Probability Distributions and Minimization Problems", Annals of Probability 3(1), 1975);
//!    `θ` gives the mean of size × run time.
//! 4. *How a job ends* is drawn from `P(o | s, t) ∝ exp(α_o + β_o ln(s t))`: `α` gives the shares of jobs, `β` the shares
//!    of accelerator time.
//!
//! Everything is laid on a table of sizes × run times × outcomes, run times in 256 bins about 6 % wide, with one of
//! which the median is an edge. Within a bin time is uniform. The fit is made on the table, so that the means are those
//! published and not those of a continuous law that the table only approximates. A sample is two random words and
//! three look-ups (alias method: A. J. Walker, ACM Transactions on Mathematical Software 3(3), 1977).
//!
//! Not in it: jobs of one user alike, retries, a dependence of sizes on the hour.

mod alias;
mod arrivals;
mod fit;
mod limits;
mod outcomes;
mod runs;
mod sizes;

use rand_chacha::rand_core::Rng;

use alias::{Alias, Cell};
pub use arrivals::{Arrivals, WeeklyShape};
pub use fit::FitError;
pub use limits::LimitUse;

/// What is published of the jobs of a cluster.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statistics {
    /// Mean of accelerators per job; below 1 where jobs share them.
    pub mean_size: f64,
    /// Median of accelerators per job: a power of two, 0.5 where most jobs have half of one.
    pub median_size: f64,
    /// The most accelerators of a job.
    pub max_size: f64,
    /// Mean run time in seconds.
    pub mean_run: f64,
    /// Median run time in seconds.
    pub median_run: f64,
    /// The longest run time in seconds.
    pub max_run: f64,
    /// Mean of accelerators × run time in seconds; where it is not published, sizes and run times are independent.
    pub mean_accelerator_seconds: Option<f64>,
    /// How jobs end; where it is not published, all are completed.
    pub endings: Option<Endings>,
}

/// Shares of completed, cancelled and failed jobs. Both triples are scaled to a sum of 1, from which rounded figures differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Endings {
    /// Of all jobs, in the order of [`Outcome::ALL`].
    pub of_jobs: [f64; 3],
    /// Of all accelerator time, in the same order.
    pub of_time: [f64; 3],
}

/// How a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// By itself, without an error.
    Completed,
    /// By its user.
    Cancelled,
    /// With an error of its own; failures of machines are not in it.
    Failed,
}

impl Outcome {
    /// All, in the order of [`Endings`].
    pub const ALL: [Self; 3] = [Self::Completed, Self::Cancelled, Self::Failed];
}

/// A job of a mix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SmallJob {
    /// Accelerators that it has a part in.
    pub accelerators: u32,
    /// Its part of them: 1, or less where jobs share an accelerator, of which it has one then. Size is the product.
    pub share: f32,
    /// How long it runs, in seconds, unless something stops it.
    pub run_seconds: f64,
    /// The limit of time that its user asks for, in seconds; at least the run time.
    pub limit_seconds: f64,
    /// How it ends, unless something stops it.
    pub outcome: Outcome,
}

/// A size of job.
#[derive(Clone, Copy, Debug)]
struct Class {
    accelerators: u32,
    share: f32,
}

/// A bin of run times.
#[derive(Clone, Copy, Debug)]
struct Bin {
    low: f64,
    width: f64,
}

/// A class of many small jobs, ready to be sampled.
#[derive(Clone, Debug)]
pub struct JobMix {
    table: Alias,
    /// What the table draws, with how likely each is.
    cells: Vec<(Cell, f64)>,
    classes: Vec<Class>,
    bins: Vec<Bin>,
    limits: LimitUse,
    mean_accelerator_seconds: f64,
}

impl JobMix {
    /// Fits a mix to what is published of a cluster; takes a fraction of a second.
    ///
    /// # Errors
    /// Where the figures contradict one another, or no law of this form has them.
    pub fn fit(statistics: &Statistics) -> Result<Self, FitError> {
        fit::fit(statistics)
    }

    /// The same jobs whose users ask for other limits of time.
    #[must_use]
    pub fn with_limits(self, limits: LimitUse) -> Self {
        Self { limits, ..self }
    }

    /// The part of the jobs that is left if one with less accelerator time than `work` seconds is kept with the
    /// probability that this is less: as many as have that much between them.
    pub fn kept(&self, work: f64) -> f64 {
        let all: f64 = self.cells.iter().map(|(_, weight)| weight).sum();
        self.cells.iter().map(|(cell, weight)| weight * (self.work(*cell) / work).min(1.0)).sum::<f64>() / all
    }

    /// The jobs that are left so. Each that has less stands for `work` seconds of its like.
    #[must_use]
    pub fn thinned(&self, work: f64) -> Self {
        let kept = |(cell, weight): &(Cell, f64)| (*cell, weight * (self.work(*cell) / work).min(1.0));
        let cells: Vec<(Cell, f64)> = self.cells.iter().map(kept).collect();
        let all: f64 = cells.iter().map(|(_, weight)| weight).sum();
        let mean = cells.iter().map(|(cell, weight)| weight * self.work(*cell)).sum::<f64>() / all;
        Self { table: Alias::new(&cells), cells, mean_accelerator_seconds: mean, ..self.clone() }
    }

    /// Accelerator time of a cell's jobs on average, in seconds.
    fn work(&self, cell: Cell) -> f64 {
        let (class, bin) = (self.classes[usize::from(cell.class)], self.bins[usize::from(cell.bin)]);
        f64::from(class.accelerators) * f64::from(class.share) * (bin.low + 0.5 * bin.width)
    }

    /// Draws a job. Takes two words from the stream, always.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> SmallJob {
        let cell = self.table.draw(rng.next_u64());
        let word = rng.next_u64();
        let class = self.classes[usize::from(cell.class)];
        let bin = self.bins[usize::from(cell.bin)];
        let run_seconds = bin.low + bin.width * unit(word >> 32);
        SmallJob {
            accelerators: class.accelerators,
            share: class.share,
            run_seconds,
            limit_seconds: self.limits.limit(run_seconds, unit(word & 0xffff_ffff)),
            outcome: cell.outcome,
        }
    }

    /// Mean of accelerators × run time of its jobs, in seconds; shared accelerators count with their share.
    pub fn mean_accelerator_seconds(&self) -> f64 {
        self.mean_accelerator_seconds
    }

    /// The most accelerators of a job.
    pub fn max_accelerators(&self) -> u32 {
        self.classes.iter().map(|class| class.accelerators).max().unwrap_or(0)
    }
}

/// A number in the open interval from 0 to 1 from 32 bits.
#[expect(clippy::cast_precision_loss, reason = "32 bits fit")]
fn unit(bits: u64) -> f64 {
    (bits as f64 + 0.5) / (1_u64 << 32) as f64
}
