//! What the law answers.

use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts};
use gigawatt_engine::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp};
use gigawatt_engine::ranking::{RankingCoefficients, Serving, ServingBound, Training};
use gigawatt_plan::catalog::{Catalogue, Kind};

use super::row::{ServingRow, TrainingRow, serving_rows, training_rows};
use super::{MODELS, SERVING, TRAINING};
use crate::statistics::Prediction;

/// Latency of a switch with its cables, s.
const SWITCH_LATENCY: f64 = 5e-7;
/// A budget of latency that limits nothing \[s\].
const UNLIMITED: f64 = 1.0;

/// A row and its prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The row's name.
    pub id: String,
    /// Samples or candidates per second: of all accelerators in training, of one in serving.
    pub prediction: Prediction,
    /// What binds.
    pub bound: ServingBound,
}

/// Machines by the rows that they are of.
pub(super) struct Machines {
    device: Device,
    network: Option<Network>,
}

/// A row of training and its machines.
pub(super) struct Question {
    pub row: TrainingRow,
    machines: Machines,
}

impl Question {
    /// The law's throughput.
    pub fn throughput(&self, c: &RankingCoefficients) -> f64 {
        self.training().throughput(c)
    }

    fn training(&self) -> Training<'_> {
        let row = &self.row;
        Training {
            model: &row.model,
            device: &self.machines.device,
            network: self.machines.network.as_ref(),
            accelerators: row.accelerators,
            samples: row.samples,
            precision: row.precision,
            value_bytes: row.value_bytes,
            optimizer: row.optimizer,
            software: row.software,
        }
    }
}

/// The rows of training as questions.
///
/// # Errors
/// The first thing that is wrong with them.
pub(super) fn questions(catalogue: &Catalogue) -> Result<Vec<Question>, String> {
    training_rows(MODELS, TRAINING)?
        .into_iter()
        .map(|row| {
            let machines = machines(catalogue, &row.accelerator, row.accelerators, row.port)
                .map_err(|error| format!("{}: {error}", row.id))?;
            Ok(Question { row, machines })
        })
        .collect()
}

/// The law's answers to the rows of training.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn training(catalogue: &Catalogue, c: &RankingCoefficients) -> Result<Vec<Answer>, String> {
    let answer = |question: &Question| Answer {
        id: question.row.id.clone(),
        prediction: within(question.row.throughput, question.throughput(c), c.spread),
        bound: question.training().step(c).bound(),
    };
    Ok(questions(catalogue)?.iter().map(answer).collect())
}

/// The law's answers to the rows of serving.
///
/// # Errors
/// The first thing that is wrong with them.
pub fn serving(catalogue: &Catalogue, c: &RankingCoefficients) -> Result<Vec<Answer>, String> {
    let answer = |row: &ServingRow| {
        let machines = machines(catalogue, &row.accelerator, 1, None)?;
        let serving = Serving {
            model: &row.model,
            device: &machines.device,
            network: None,
            precision: row.precision,
            value_bytes: row.value_bytes,
            shared: 0.0,
            candidates: 1.0,
            budget: row.budget.unwrap_or(UNLIMITED),
        };
        let served = serving.served(c).ok_or_else(|| format!("{}: nothing is within the budget", row.id))?;
        let prediction = within(row.throughput, served.throughput, c.spread);
        Ok(Answer { id: row.id.clone(), prediction, bound: served.bound })
    };
    serving_rows(MODELS, SERVING)?.iter().map(answer).collect()
}

fn within(measured: f64, predicted: f64, spread: f64) -> Prediction {
    let factor = libm::exp(spread);
    Prediction { measured, predicted, low: predicted / factor, high: predicted * factor }
}

fn machines(
    catalogue: &Catalogue,
    accelerator: &str,
    accelerators: u64,
    port: Option<f64>,
) -> Result<Machines, String> {
    let entry = catalogue
        .get(Kind::Accelerator, accelerator)
        .ok_or_else(|| format!("the catalogue has no accelerator {accelerator}"))?;
    let facts = DeviceFacts::of(entry).map_err(|missing| format!("{} is not known", missing.0))?;
    let device = Device::new(facts, &DeviceCoefficients::embedded()?);
    let coefficients = NetworkCoefficients::embedded()?;
    let fact = |field: &str| entry.vintages(field).last().map(|fact| fact.written.distribution.reference());
    let up = ScaleUp::from_facts(fact, entry.text("scale_up_wiring"));
    let network = match (up, port) {
        (_, None) if accelerators == 1 => None,
        (Some(up), None) => Some(Network::of_scale_up(&up, &coefficients)),
        (up, port) => {
            let fabric = Fabric::full_bisection(accelerators, SWITCH_LATENCY);
            let out = ScaleOut::own_port(port.ok_or("a row between servers names no port")?);
            Some(Network::of_system(up.as_ref(), &out, &fabric, &coefficients))
        }
    };
    let network = network.transpose().map_err(|error| format!("the network makes no sense: {error:?}"))?;
    Ok(Machines { device, network })
}
