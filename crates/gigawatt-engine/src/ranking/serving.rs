//! Candidates scored within a budget of latency.

use super::coefficients::RankingCoefficients;
use super::dense;
use super::embedding::{self, INDEX_BYTES};
use super::model::Recommender;
use super::training::running;
use crate::device::{Device, Precision};
use crate::network::{Group, Network};

/// Part of memory that tables and weights may fill.
const FILLED: f64 = 0.85;
/// Bytes of a number of a dense weight that serves.
const WEIGHT_BYTES: f64 = 2.0;
/// Steps in the search for a batch at most; every third is a halving, and 24 of these are enough.
const SEARCHES: u32 = 75;
/// More candidates than any batch.
const MOST_CANDIDATES: f64 = 1e7;

/// What serves, and how.
#[derive(Clone, Copy, Debug)]
pub struct Serving<'a> {
    /// The model.
    pub model: &'a Recommender,
    /// The accelerator.
    pub device: &'a Device,
    /// What joins accelerators that share the tables; none where one holds them.
    pub network: Option<&'a Network>,
    /// Number format of products; exchanges are as wide.
    pub precision: Precision,
    /// Bytes of a number of a table.
    pub value_bytes: f64,
    /// Part of a candidate's rows and arithmetic that is its request's and done once for it.
    pub shared: f64,
    /// Candidates of a request.
    pub candidates: f64,
    /// From a candidate's arrival to its score \[s\].
    pub budget: f64,
}

/// What a batch waits for most.
pub type ServingBound = super::training::Bound;

/// What an accelerator does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Served {
    /// Candidates of a batch on each accelerator.
    pub batch: f64,
    /// Seconds of a batch.
    pub seconds: f64,
    /// Candidates per second and accelerator while it is busy.
    pub throughput: f64,
    /// Accelerators that share one copy of the tables.
    pub group: f64,
    /// What binds.
    pub bound: ServingBound,
}

/// Seconds of the parts of a batch.
struct Parts {
    fixed: f64,
    dense: f64,
    gather: f64,
    exchange: f64,
    input: f64,
}

impl Parts {
    fn seconds(&self) -> f64 {
        (self.fixed + self.dense + self.gather + self.exchange).max(self.input)
    }
}

impl Serving<'_> {
    /// Accelerators that have to share the tables.
    pub fn group(&self) -> f64 {
        let room = self.device.facts().memory * FILLED - WEIGHT_BYTES * self.model.dense_parameters();
        libm::ceil(self.model.table_bytes(self.value_bytes, None) / room.max(1.0)).max(1.0)
    }

    /// Work of `candidates` candidates, over that of as many samples that share nothing.
    fn work(&self) -> f64 {
        1.0 - self.shared * (1.0 - 1.0 / self.candidates.max(1.0))
    }

    fn parts(&self, batch: f64, c: &RankingCoefficients) -> Parts {
        let (model, samples) = (self.model, batch * self.work());
        let device = running(self.device, c.matrix);
        let gathered = samples * embedding::gathered(model, self.value_bytes, self.precision);
        let group = self.group();
        let exchange = match self.network {
            Some(network) if group > 1.0 => {
                let ranks = Group::strided(network, group as u64, 1);
                embedding::indices(model, network, &ranks, samples)
                    + embedding::exchange(model, network, &ranks, samples, self.precision)
            }
            _ => 0.0,
        };
        let bytes = samples * model.lookups() * INDEX_BYTES;
        Parts {
            fixed: c.serving_step,
            dense: dense::forward(model, &device, samples, self.precision),
            gather: embedding::scattered(&device, gathered, c.gather),
            exchange,
            input: self.device.facts().host.map_or(0.0, |host| bytes / host.transfer()),
        }
    }

    /// Time of a batch \[s\].
    pub fn seconds(&self, batch: f64, c: &RankingCoefficients) -> f64 {
        self.parts(batch, c).seconds()
    }

    /// What an accelerator does with the largest batch that keeps the budget; none where one candidate does not.
    ///
    /// A candidate that comes while a batch runs waits for its end and is in the next: at worst two batches.
    pub fn served(&self, c: &RankingCoefficients) -> Option<Served> {
        let seconds = |batch: f64| 2.0 * self.seconds(batch, c);
        let (mut low, mut high) = ((1.0, seconds(1.0)), (MOST_CANDIDATES, seconds(MOST_CANDIDATES)));
        if low.1 > self.budget {
            return None;
        }
        if high.1 <= self.budget {
            low = high;
        }
        // Seconds are nearly straight in the batch, so that a line finds it in a few steps; halves keep it from creeping.
        for step in 0..SEARCHES {
            if high.0 - low.0 <= 1.0 {
                break;
            }
            let part = if step % 3 == 2 { 0.5 } else { (self.budget - low.1) / (high.1 - low.1) };
            let between = libm::floor(low.0 + part * (high.0 - low.0)).clamp(low.0 + 1.0, high.0 - 1.0);
            let tried = (between, seconds(between));
            if tried.1 <= self.budget { low = tried } else { high = tried }
        }
        let low = low.0;
        let parts = self.parts(low, c);
        let step = super::training::Step {
            fixed: parts.fixed,
            dense: parts.dense,
            gather: parts.gather,
            update: 0.0,
            exchange: parts.exchange,
            input: parts.input,
            seconds: parts.seconds(),
        };
        Some(Served {
            batch: low,
            seconds: step.seconds,
            throughput: low / step.seconds,
            group: self.group(),
            bound: step.bound(),
        })
    }
}
