//! A step of training.

use super::coefficients::{RankingCoefficients, Software};
use super::dense;
use super::embedding::{self, INDEX_BYTES};
use super::model::{Optimizer, Recommender};
use crate::device::{Device, Precision, Running};
use crate::network::{Group, Network};

/// Bytes of a number of a gradient of dense layers that is summed.
const GRADIENT_BYTES: f64 = 4.0;
/// Bytes of a dense feature or a label of the input.
const FEATURE_BYTES: f64 = 4.0;

/// What is trained, on what and how.
#[derive(Clone, Copy, Debug)]
pub struct Training<'a> {
    /// The model.
    pub model: &'a Recommender,
    /// The accelerator.
    pub device: &'a Device,
    /// What joins them; none for a single one.
    pub network: Option<&'a Network>,
    /// Accelerators.
    pub accelerators: u64,
    /// Samples of a step on each.
    pub samples: f64,
    /// Number format of products; exchanges are as wide.
    pub precision: Precision,
    /// Bytes of a number of a table.
    pub value_bytes: f64,
    /// How rows are updated.
    pub optimizer: Optimizer,
    /// Who starts the kernels.
    pub software: Software,
}

/// The time of a step with its parts, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Step {
    /// Fixed time of the software.
    pub fixed: f64,
    /// Dense layers, forward, backward and update.
    pub dense: f64,
    /// Rows gathered.
    pub gather: f64,
    /// Rows updated.
    pub update: f64,
    /// Exchanges that are seen.
    pub exchange: f64,
    /// What the input takes over the host's link, beside the rest.
    pub input: f64,
    /// All of it.
    pub seconds: f64,
}

/// What a step waits for most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Starting kernels.
    Software,
    /// Arithmetic of dense layers.
    Compute,
    /// Rows of tables.
    Memory,
    /// Exchanges.
    Network,
    /// The host's link.
    Input,
}

impl Bound {
    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Software => "software",
            Self::Compute => "compute",
            Self::Memory => "memory",
            Self::Network => "network",
            Self::Input => "input",
        }
    }
}

impl Step {
    /// What binds it.
    pub fn bound(&self) -> Bound {
        let parts = [
            (Bound::Software, self.fixed),
            (Bound::Compute, self.dense),
            (Bound::Memory, self.gather + self.update),
            (Bound::Network, self.exchange),
        ];
        let most = parts.into_iter().fold(
            (Bound::Software, 0.0),
            |most, part| {
                if part.1 > most.1 { part } else { most }
            },
        );
        if self.input >= self.seconds { Bound::Input } else { most.0 }
    }
}

/// A device as steps of recommendation models see it.
pub fn running(device: &Device, matrix: f64) -> Device {
    device.running(&Running {
        matrix,
        weights: 1.0,
        cache: 1.0,
        experts_matrix: 1.0,
        experts_weights: 1.0,
        experts_start: 1.0,
        decode_start: 1.0,
    })
}

impl Training<'_> {
    /// The time of a step.
    pub fn step(&self, c: &RankingCoefficients) -> Step {
        let (model, samples) = (self.model, self.samples);
        let device = running(self.device, c.matrix);
        let all = samples * self.accelerators as f64;
        let dense = dense::forward(model, &device, samples, self.precision)
            + dense::backward(model, &device, samples, self.precision);
        let gathered = samples * embedding::gathered(model, self.value_bytes, self.precision);
        let updated =
            embedding::updated(model, (samples, all), self.value_bytes, self.optimizer, self.precision);
        let gather = embedding::scattered(&device, gathered, c.gather);
        let update = embedding::scattered(&device, updated, c.gather);
        let exchange = c.exposed * self.exchanged();
        let fixed = self.software.step(c);
        let features = model.bottom.first().copied().unwrap_or(0.0) + 1.0;
        let bytes = samples * (model.lookups() * INDEX_BYTES + features * FEATURE_BYTES);
        let input = self.device.facts().host.map_or(0.0, |host| bytes / host.transfer());
        let seconds = (fixed + dense + gather + update + exchange).max(input);
        Step { fixed, dense, gather, update, exchange, input, seconds }
    }

    /// Seconds of all exchanges of a step, as if nothing ran beside them.
    fn exchanged(&self) -> f64 {
        let (Some(network), true) = (self.network, self.accelerators > 1) else { return 0.0 };
        let group = Group::strided(network, self.accelerators, 1);
        let vectors = embedding::exchange(self.model, network, &group, self.samples, self.precision);
        embedding::indices(self.model, network, &group, self.samples)
            + 2.0 * vectors
            + network.all_reduce(&group, GRADIENT_BYTES * self.model.dense_parameters())
    }

    /// Samples per second of all accelerators.
    pub fn throughput(&self, c: &RankingCoefficients) -> f64 {
        self.samples * self.accelerators as f64 / self.step(c).seconds
    }

    /// The fewest accelerators whose memory holds tables, their state and copies of the dense layers, with a part of it left to
    /// activations.
    pub fn fewest(&self, filled: f64) -> f64 {
        // Weights, gradients and two numbers of state of every dense parameter, 32 bits each.
        let copies = 16.0 * self.model.dense_parameters();
        let room = (self.device.facts().memory * filled - copies).max(1.0);
        (self.model.table_bytes(self.value_bytes, Some(self.optimizer)) / room).max(1.0)
    }
}
