//! What an accelerator does of a plan's ranking: priced once for a plan, as tables over what is uncertain of its models.
//!
//! The time of dense layers depends on their arithmetic and that of rows on the lookups, so each model is priced at a few multiples of
//! its arithmetic in the reference case, those of larger models among them, and at the ends and the reference of its lookups; a draw reads
//! between, by logarithms. Machines, candidates and everything else of a model are those of the reference case.

use gigawatt_plan::plan::{
    Input, InputId, Machine, Plan, RankingPlace, RankingPlan, RankingStage, RankingTraining, RecommenderPlan,
};
use gigawatt_plan::quantity::Quantity;

use super::coefficients::{RankingCoefficients, Software};
use super::model::{Optimizer, Recommender, Tables};
use super::serving::{Served, Serving};
use super::training::{Bound, Training};
use crate::Draw;
use crate::device::{Device, DeviceCoefficients, DeviceFacts, Precision};
use crate::network::{Fabric, Network, NetworkCoefficients, ScaleOut, ScaleUp};

/// Seconds that a message takes through a switch of a fabric.
const SWITCH_LATENCY: f64 = 5e-7;
/// Multiples of arithmetic at which a model is priced.
const MULTIPLES: usize = 9;
/// Part of memory that tables and their state may fill in training, the rest being activations and buffers.
const FILLED: f64 = 0.6;
/// Accelerators of a server: jobs take whole ones.
const SERVER: f64 = 8.0;
/// Accelerators of a job that is as small as published ones of production are.
const LEAST_JOB: f64 = 128.0;

/// Coefficients of every law that prices ranking, read once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankingLaws {
    ranking: RankingCoefficients,
    device: DeviceCoefficients,
    network: NetworkCoefficients,
}

impl RankingLaws {
    /// Those that are part of the program.
    ///
    /// # Errors
    /// What is wrong with their files, which a test rules out.
    pub fn embedded() -> Result<Self, String> {
        Ok(Self {
            ranking: RankingCoefficients::embedded()?,
            device: DeviceCoefficients::embedded()?,
            network: NetworkCoefficients::embedded()?,
        })
    }
}

/// A throughput over multiples of arithmetic and over lookups.
#[derive(Clone, Debug, PartialEq)]
struct Throughputs {
    multiples: Vec<f64>,
    lookups: Vec<f64>,
    /// By multiple and within by lookups, as logarithms.
    logarithms: Vec<f64>,
}

impl Throughputs {
    fn new(multiples: Vec<f64>, lookups: Vec<f64>, of: impl Fn(f64, f64) -> f64) -> Self {
        let logarithms = multiples
            .iter()
            .flat_map(|multiple| lookups.iter().map(move |lookups| (*multiple, *lookups)))
            .map(|(multiple, lookups)| libm::log(of(multiple, lookups)))
            .collect();
        Self { multiples, lookups, logarithms }
    }

    fn at(&self, multiple: f64, lookups: f64) -> f64 {
        let (row, down) = place(&self.multiples, multiple);
        let (column, across) = place(&self.lookups, lookups);
        let width = self.lookups.len();
        let cell = |row: usize, column: usize| {
            self.logarithms[row.min(self.multiples.len() - 1) * width + column.min(width - 1)]
        };
        let along = |row: usize| {
            let here = cell(row, column);
            here + across * (cell(row, column + 1) - here)
        };
        let here = along(row);
        libm::exp(here + down * (along(row + 1) - here))
    }
}

/// The node before a value with the share of the way to the next, by logarithms; within the ends.
fn place(nodes: &[f64], value: f64) -> (usize, f64) {
    let last = nodes.len() - 1;
    if last == 0 {
        return (0, 0.0);
    }
    let below = nodes[1..last].iter().filter(|node| **node <= value).count();
    let (low, high) = (libm::log(nodes[below]), libm::log(nodes[below + 1]));
    (below, ((libm::log(value) - low) / (high - low)).clamp(0.0, 1.0))
}

/// The uncertain numbers of a model that its tables are over.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axes {
    flop: InputId,
    reference_flop: f64,
    lookups: InputId,
}

impl Axes {
    fn multiple(self, draw: Draw<'_>) -> f64 {
        draw.base(self.flop) / self.reference_flop
    }
}

/// A stage or training priced.
#[derive(Clone, Debug, PartialEq)]
pub struct PartPrice {
    throughputs: Throughputs,
    axes: Axes,
    /// What the reference case of a stage with today's models does.
    pub served: Option<Served>,
    /// What binds in the reference case with today's models.
    pub bound: Bound,
    /// Accelerators of the smallest job that holds a training's tables; 0 for a stage.
    pub fewest: f64,
    /// The constant facts of its machines with the values it was priced with.
    facts: Vec<(InputId, f64)>,
}

impl PartPrice {
    /// Samples or candidates per second and accelerator in a draw, with models of a multiple of today's arithmetic.
    pub fn throughput(&self, draw: Draw<'_>, scale: f64) -> f64 {
        self.throughputs.at(self.axes.multiple(draw) * scale, draw.base(self.axes.lookups))
    }

    /// Whether a draw has the machines that were priced.
    fn is_of(&self, draw: Draw<'_>) -> bool {
        self.facts.iter().all(|(input, value)| draw.base(*input) == *value)
    }
}

/// All of ranking priced.
#[derive(Clone, Debug, PartialEq)]
pub struct RankingPrice {
    /// In the order of the plan; none for one that cannot be priced.
    pub stages: Vec<Option<PartPrice>>,
    /// Likewise.
    pub trainings: Vec<Option<PartPrice>>,
}

impl RankingPrice {
    /// Prices the ranking of a plan; uncertain facts of machines are taken in the reference case, constant ones from `draw`.
    pub fn new(plan: &Plan, ranking: &RankingPlan, laws: &RankingLaws, draw: Option<Draw<'_>>) -> Self {
        let pricing = Pricing { plan, ranking, laws, draw };
        Self {
            stages: ranking.stages.iter().map(|stage| pricing.stage(stage)).collect(),
            trainings: ranking.trainings.iter().map(|training| pricing.training(training)).collect(),
        }
    }

    /// Whether a draw has the machines that were priced.
    pub fn is_of(&self, draw: Draw<'_>) -> bool {
        self.stages.iter().chain(&self.trainings).flatten().all(|part| part.is_of(draw))
    }
}

struct Pricing<'a> {
    plan: &'a Plan,
    ranking: &'a RankingPlan,
    laws: &'a RankingLaws,
    draw: Option<Draw<'a>>,
}

impl Pricing<'_> {
    fn reference(&self, input: InputId) -> f64 {
        let distribution = self.plan.input(input).distribution;
        match self.draw {
            Some(draw) if !distribution.is_uncertain() => draw.base(input),
            _ => distribution.reference(),
        }
    }

    fn value<Q: Quantity>(&self, input: Input<Q>) -> f64 {
        self.reference(input.id())
    }

    fn facts(&self, machine: &Machine) -> Vec<(InputId, f64)> {
        let inputs = machine.facts.iter().map(|fact| fact.input);
        let constant = inputs.filter(|input| !self.plan.input(*input).distribution.is_uncertain());
        constant.map(|input| (input, self.reference(input))).collect()
    }

    fn device(&self, place: &RankingPlace) -> Option<Device> {
        let fact = |name: &str| place.machine.fact(name).map(|input| self.reference(input));
        Some(Device::new(DeviceFacts::read(&place.machine.generation, fact).ok()?, &self.laws.device))
    }

    /// What joins so many accelerators; none where nothing does.
    fn network(&self, place: &RankingPlace, accelerators: f64) -> Option<Network> {
        let fact = |name: &str| place.machine.fact(name).map(|input| self.reference(input));
        let up = ScaleUp::from_facts(fact, &place.machine.wiring);
        let out = ScaleOut::own_port(fact("network_per_accelerator")?);
        let endpoints = (accelerators as u64).max(2 * up.map_or(1, |up| up.domain));
        let fabric = Fabric::full_bisection(endpoints, SWITCH_LATENCY);
        Network::of_system(up.as_ref(), &out, &fabric, &self.laws.network).ok()
    }

    /// The model with a multiple of its arithmetic and other lookups.
    fn model(&self, model: &RecommenderPlan, multiple: f64, lookups: f64) -> Recommender {
        let (tables, width) = (self.value(model.tables), self.value(model.width));
        let rows = self.value(model.parameters) / width / tables;
        let each = Tables { count: tables, rows, lookups: lookups / tables };
        let flop = self.value(model.flop) * multiple;
        Recommender::square(each, width, self.value(model.layers), self.value(model.positions), flop)
    }

    /// Multiples from the lowest arithmetic of today's models to the highest of the larger ones, 1 among them.
    fn axes(&self, model: &RecommenderPlan) -> (Vec<f64>, Vec<f64>, Axes) {
        let range = |input: InputId| self.plan.input(input).distribution.range();
        let flop = self.plan.input(model.flop.id()).distribution.reference();
        let (low, high) = range(model.flop.id());
        let high = high / flop * range(self.ranking.scale.id()).1;
        let (low, high) = (libm::log(low / flop), libm::log(high));
        let steps = (MULTIPLES - 1) as f64;
        let mut multiples: Vec<f64> =
            (0..MULTIPLES).map(|index| libm::exp(low + (high - low) * index as f64 / steps)).collect();
        multiples.push(1.0);
        multiples.sort_by(f64::total_cmp);
        multiples.dedup_by(|above, below| *above <= *below * (1.0 + 1e-9));
        let (least, most) = range(model.lookups.id());
        let mut lookups = vec![least, self.value(model.lookups), most];
        lookups.dedup();
        let axes = Axes { flop: model.flop.id(), reference_flop: flop, lookups: model.lookups.id() };
        (multiples, lookups, axes)
    }

    fn stage(&self, stage: &RankingStage) -> Option<PartPrice> {
        let device = self.device(&stage.place)?;
        let (multiples, lookups, axes) = self.axes(&stage.model);
        let asked = |model, network| self.serving(stage, model, (&device, network));
        let joined = |model: &Recommender| {
            self.network(&stage.place, self.serving(stage, model, (&device, None)).group())
        };
        let model = |multiple, lookups| self.model(&stage.model, multiple, lookups);
        let today = model(1.0, self.value(stage.model.lookups));
        let served = asked(&today, joined(&today).as_ref()).served(&self.laws.ranking);
        let throughputs = Throughputs::new(multiples, lookups, |multiple, lookups| {
            let model = model(multiple, lookups);
            let network = joined(&model);
            let asked = self.serving(stage, &model, (&device, network.as_ref()));
            // A candidate that takes an accelerator too long is cut over several, which are taken to be as fast together.
            let one = || 1.0 / asked.seconds(1.0, &self.laws.ranking);
            asked.served(&self.laws.ranking).map_or_else(one, |served| served.throughput)
        });
        let facts = self.facts(&stage.place.machine);
        let bound = served.map_or(Bound::Compute, |served| served.bound);
        Some(PartPrice { throughputs, axes, served, bound, fewest: 0.0, facts })
    }

    fn serving<'m>(
        &self,
        stage: &RankingStage,
        model: &'m Recommender,
        (device, network): (&'m Device, Option<&'m Network>),
    ) -> Serving<'m> {
        Serving {
            model,
            device,
            network,
            precision: Precision::Bf16,
            value_bytes: self.value(stage.model.serving_value),
            shared: self.value(stage.model.shared),
            candidates: self.value(stage.candidates),
            budget: self.value(self.ranking.budget),
        }
    }

    fn job<'m>(
        &self,
        training: &RankingTraining,
        model: &'m Recommender,
        (device, network): (&'m Device, Option<&'m Network>),
        accelerators: f64,
    ) -> Training<'m> {
        Training {
            model,
            device,
            network,
            accelerators: accelerators as u64,
            samples: self.value(training.model.local_batch),
            precision: Precision::Bf16,
            value_bytes: self.value(training.model.training_value),
            optimizer: Optimizer::RowWiseAdagrad,
            software: Software::TorchRec,
        }
    }

    /// A job is priced on as many accelerators as hold its tables, and no fewer than the least: more are as fast each, but for
    /// exchanges that take a little longer.
    fn training(&self, training: &RankingTraining) -> Option<PartPrice> {
        let device = self.device(&training.place)?;
        let (multiples, lookups, axes) = self.axes(&training.model);
        let model = |multiple, lookups| self.model(&training.model, multiple, lookups);
        let today = model(1.0, self.value(training.model.lookups));
        let alone = self.job(training, &today, (&device, None), 1.0);
        let fewest = libm::ceil(alone.fewest(FILLED) / SERVER) * SERVER;
        let accelerators = fewest.max(LEAST_JOB);
        let network = self.network(&training.place, accelerators)?;
        let step = |model: &Recommender| {
            self.job(training, model, (&device, Some(&network)), accelerators).step(&self.laws.ranking)
        };
        let throughputs = Throughputs::new(multiples, lookups, |multiple, lookups| {
            self.value(training.model.local_batch) / step(&model(multiple, lookups)).seconds
        });
        let facts = self.facts(&training.place.machine);
        let bound = step(&today).bound();
        Some(PartPrice { throughputs, axes, served: None, bound, fewest, facts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_is_read_back_between_nodes_and_held_at_the_ends() {
        let law = |multiple: f64, lookups: f64| 1e6 * multiple.powf(-0.8) * lookups.powf(-0.3);
        let table = Throughputs::new(vec![0.5, 1.0, 8.0], vec![10.0, 100.0], law);
        for (multiple, lookups) in [(0.5, 10.0), (0.9, 33.0), (4.0, 100.0), (8.0, 50.0)] {
            assert!((table.at(multiple, lookups) / law(multiple, lookups) - 1.0).abs() < 1e-12);
        }
        assert!((table.at(80.0, 10.0) / law(8.0, 10.0) - 1.0).abs() < 1e-12);
        let constant = Throughputs::new(vec![1.0], vec![7.0], |_, _| 5.0);
        assert!((constant.at(3.0, 2.0) - 5.0).abs() < 1e-12);
    }
}
