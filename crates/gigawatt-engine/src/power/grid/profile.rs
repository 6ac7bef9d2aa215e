//! Every minute of a site over a period, and what is read off them.

use super::load::DAY;
use super::supply::Supply;

/// Who of the racks gives way, the first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Small jobs, and work that is not described.
    Batch,
    /// Large jobs.
    Training,
    /// Services.
    Service,
}

impl Kind {
    /// All, in the order in which they give way.
    pub const ALL: [Self; 3] = [Self::Batch, Self::Training, Self::Service];
}

/// Every minute of a site, in W.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What the racks want.
    pub wanted: Vec<f64>,
    /// What they get.
    pub racks: Vec<f64>,
    /// What everything else takes: cooling, lights.
    pub overhead: Vec<f64>,
    /// What the grid gives.
    pub grid: Vec<f64>,
    /// What own generation gives, generators that stand by for a lost feed among it.
    pub generation: Vec<f64>,
    /// What storage at the connection did, where there is some.
    pub held: Option<Held>,
    /// Work that each kind lost, over what it would have done, in minutes.
    pub lost: [f64; 3],
    /// Minutes in which somebody gave way.
    pub capped: usize,
    /// Minutes in which that was because cooling could not carry the heat.
    pub hot: usize,
    /// What the racks want by kind on average over every day, in the order of [`LoadKind::ALL`](super::LoadKind::ALL).
    pub kinds: Vec<[f64; 6]>,
    /// The most that nothing could be done about.
    pub unmet: f64,
    /// Part of the large jobs' wanted power of the racks', by which their loss is weighed.
    pub training_energy: f64,
}

/// What storage did over the minutes of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What the grid is to give at most \[W\].
    pub level: f64,
    /// What it gives at every minute, and less than nothing where it takes \[W\].
    pub gives: Vec<f64>,
    /// What it holds at the end of every minute, at the start of the first all that it can \[J\].
    pub stored: Vec<f64>,
    /// Energy lost in it \[J\].
    pub loss: f64,
    /// What it holds more at the end than at the start, added up by itself \[J\].
    pub change: f64,
    /// Minutes in which the grid gave more than the level, as it was empty or too small.
    pub above: usize,
    /// The greatest power from the grid without it \[W\].
    pub peak_without: f64,
    /// Minutes in which somebody would give way without it.
    pub capped_without: usize,
}

/// Energy of a profile, in J, with what is left of the balance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Racks.
    pub racks: f64,
    /// Overhead.
    pub overhead: f64,
    /// Losses of the chain.
    pub losses: f64,
    /// Losses of storage.
    pub storage: f64,
    /// What storage holds more at the end than at the start.
    pub stored: f64,
    /// From the grid.
    pub grid: f64,
    /// From own generation.
    pub generation: f64,
}

impl Totals {
    /// Loads, losses and what storage holds more, less what came in, over the greater of what came in and what was used.
    pub fn imbalance(&self) -> f64 {
        let came = self.grid + self.generation;
        let used = self.racks + self.overhead + self.losses;
        let left = used + self.storage + self.stored - came;
        let scale = came.max(used);
        if scale > 0.0 { left / scale } else { left }
    }
}

/// Seconds of a minute.
pub(super) const MINUTE: f64 = 60.0;

impl Profile {
    /// Its energy. Losses are those of the chain at every minute, added up by themselves.
    pub fn totals(&self, supply: &Supply) -> Totals {
        let mut totals = Totals::default();
        // Losses are straight in what flows: those of the sums are the sums of those.
        let count = self.racks.len() as f64;
        let sum = |of: &[f64]| of.iter().sum::<f64>();
        let (racks, overhead) = (sum(&self.racks), sum(&self.overhead));
        if count > 0.0 {
            totals.losses = supply.flow(racks / count, overhead / count).loss() * count * MINUTE;
        }
        totals.racks = racks * MINUTE;
        totals.overhead = overhead * MINUTE;
        if let Some(held) = &self.held {
            totals.storage = held.loss;
            totals.stored = held.change;
        }
        totals.grid = sum(&self.grid) * MINUTE;
        totals.generation = sum(&self.generation) * MINUTE;
        totals
    }

    /// What comes to the chain at every minute.
    pub fn supplied(&self) -> Vec<f64> {
        (0..self.grid.len()).map(|minute| self.comes(minute)).collect()
    }

    /// What comes to the chain at a minute: from the grid, own generation and storage, in W.
    pub fn comes(&self, minute: usize) -> f64 {
        let gives = self.held.as_ref().map_or(0.0, |held| held.gives[minute]);
        self.grid[minute] + self.generation[minute] + gives
    }

    /// The greatest power from the grid with its minute.
    pub fn peak(&self) -> (f64, usize) {
        let mut peak = (0.0, 0);
        for (minute, power) in self.grid.iter().enumerate() {
            if *power > peak.0 {
                peak = (*power, minute);
            }
        }
        peak
    }

    /// Mean power from the grid.
    pub fn mean(&self) -> f64 {
        if self.grid.is_empty() { 0.0 } else { self.grid.iter().sum::<f64>() / self.grid.len() as f64 }
    }

    /// Mean over peak.
    pub fn load_factor(&self) -> f64 {
        let (peak, _) = self.peak();
        if peak > 0.0 { self.mean() / peak } else { 0.0 }
    }

    /// The greatest change within a minute, with the minute from which it goes.
    pub fn ramp(&self) -> (f64, usize) {
        let mut most = (0.0, 0);
        for (minute, pair) in self.grid.windows(2).enumerate() {
            let change = (pair[1] - pair[0]).abs();
            if change > most.0 {
                most = (change, minute);
            }
        }
        most
    }

    /// Power from the grid that is exceeded for a part of the time, from the greatest to the least in so many steps.
    pub fn duration(&self, steps: usize) -> Vec<f64> {
        let mut sorted = self.grid.clone();
        sorted.sort_by(|one, other| other.total_cmp(one));
        let last = sorted.len().saturating_sub(1);
        let at = |step: usize| sorted.get(last * step / steps.max(1)).copied().unwrap_or(0.0);
        (0..=steps).map(at).collect()
    }

    /// Mean, least and greatest power from the grid by day.
    pub fn by_day(&self) -> Vec<(f64, f64, f64)> {
        let day = |minutes: &[f64]| {
            let mean = minutes.iter().sum::<f64>() / minutes.len() as f64;
            let least = minutes.iter().copied().fold(f64::INFINITY, f64::min);
            (mean, least, minutes.iter().copied().fold(0.0, f64::max))
        };
        self.grid.chunks(DAY).map(day).collect()
    }
}
