//! The supply of a site: its chain, what it makes itself, what carries it over a loss, events and limits.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Input, PowerPlan, Redundancy, Running, StagePlan};
use gigawatt_plan::quantity::{Power, Quantity};

use crate::Draw;
use crate::power::ElectricalFacts;
use crate::power::chain::{Chain, ChainError, Flow, Stage};
use crate::power::storage::{Battery, SiteStorage};

pub use gigawatt_plan::plan::PowerEventKind as EventKind;

/// Generators.
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// Their name.
    pub name: String,
    /// What they give \[W\].
    pub power: f64,
    /// Until they give anything \[s\].
    pub start: f64,
    /// From nothing to all \[s\].
    pub rise: f64,
    /// When they run.
    pub running: Running,
}

/// A dated event, in minutes from the start of a profile.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What it does.
    pub kind: EventKind,
    /// Its start.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// What the grid still gives, or what is taken less \[W\]; nothing for the loss of a feed.
    pub power: f64,
}

/// What a utility allows, in W.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Change within a minute.
    pub ramp: f64,
    /// Swing within seconds.
    pub range: f64,
    /// Root mean square in the band.
    pub band: f64,
}

/// The supply of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct Supply {
    /// From the grid to the racks.
    pub chain: Chain,
    /// What of the racks' load hangs on each stage, and so that it adds up to one.
    pub shares: Vec<f64>,
    /// What it makes itself.
    pub generators: Vec<Generator>,
    /// What carries it until they have started.
    pub battery: Battery,
    /// What holds its peaks down.
    pub storage: Option<SiteStorage>,
    /// Events by their start.
    pub events: Vec<Event>,
    /// What its utility allows.
    pub limits: Limits,
    /// Whether a scenario describes its chain.
    pub described: bool,
}

/// The most units of a stage that is sized.
const MOST_UNITS: f64 = 1e6;

impl Supply {
    /// The supply of a site whose racks draw so much at most, and whose other load hangs in front of them; `start` is that of the
    /// profile.
    ///
    /// # Errors
    /// A chain that makes no sense, which resolution rules out.
    pub fn new(
        plan: Option<&PowerPlan>,
        draw: Draw<'_>,
        facts: &ElectricalFacts,
        (racks, overhead): (f64, f64),
        start: Moment,
    ) -> Result<Self, ChainError> {
        let described = plan.is_some_and(|plan| !plan.stages.is_empty());
        let stages = match plan {
            Some(plan) if described => plan.stages.iter().map(|stage| stage_of(stage, draw)).collect(),
            _ => sized(facts, racks, overhead),
        };
        let chain = Chain::new(stages)?;
        let leaves: Vec<usize> = chain.leaves().collect();
        let carried = |leaf: &usize| chain.stages()[*leaf].provisioned();
        let all: f64 = leaves.iter().map(carried).sum();
        let mut shares = vec![0.0; chain.stages().len()];
        leaves.iter().for_each(|leaf| shares[*leaf] = carried(leaf) / all);
        let connection: f64 = chain.roots().map(|root| chain.stages()[root].provisioned()).sum();
        let peak = racks + overhead;
        let generators = match plan.filter(|plan| !plan.generation.is_empty()) {
            Some(plan) => plan
                .generation
                .iter()
                .map(|one| Generator {
                    name: one.name.clone(),
                    power: draw.get(one.power).base(),
                    start: draw.get(one.start).base(),
                    rise: draw.get(one.rise).base(),
                    running: one.running,
                })
                .collect(),
            None => vec![Generator {
                name: "standby".to_owned(),
                power: 1.1 * peak,
                start: facts.generator.0,
                rise: facts.generator.1,
                running: Running::Standby,
            }],
        };
        let battery = match plan.and_then(|plan| plan.battery) {
            Some(battery) => {
                Battery { energy: draw.get(battery.energy).base(), power: draw.get(battery.power).base() }
            }
            None => Battery { energy: facts.ride_through * racks, power: racks },
        };
        let value = |input: Option<Input<Power>>| input.map(|input| draw.get(input).base());
        let storage = plan.and_then(|plan| plan.storage).map(|storage| SiteStorage {
            energy: draw.get(storage.energy).base(),
            power: draw.get(storage.power).base(),
            round_trip: draw.get(storage.round_trip).base(),
            hold: value(storage.hold),
        });
        let limit = |written: Option<f64>, part: f64| written.unwrap_or(part * connection);
        let limits = plan.map(|plan| plan.limits).unwrap_or_default();
        let limits = Limits {
            ramp: limit(value(limits.ramp), facts.limits.0),
            range: limit(value(limits.range), facts.limits.1),
            band: limit(value(limits.band), facts.limits.2),
        };
        let mut events: Vec<Event> = plan
            .iter()
            .flat_map(|plan| &plan.events)
            .map(|event| {
                let from = f64::from(event.on.0 - start.0) * 1440.0 + 60.0 * f64::from(event.hour);
                Event {
                    name: event.name.clone(),
                    kind: event.kind,
                    from,
                    to: from + draw.get(event.lasts).base() / 60.0,
                    power: value(event.power).unwrap_or(0.0),
                }
            })
            .collect();
        events.sort_by(|one, other| one.from.total_cmp(&other.from));
        Ok(Self { chain, shares, generators, battery, storage, events, limits, described })
    }

    /// What flows where the racks draw so much and other load hangs on the connection, in W.
    pub fn flow(&self, racks: f64, overhead: f64) -> Flow {
        self.chain.flow(&self.loads(racks, overhead))
    }

    /// Loads by stage.
    pub fn loads(&self, racks: f64, overhead: f64) -> Vec<f64> {
        let mut loads: Vec<f64> = self.shares.iter().map(|share| share * racks).collect();
        let roots: Vec<usize> = self.chain.roots().collect();
        let all: f64 = roots.iter().map(|root| self.chain.stages()[*root].provisioned()).sum();
        for root in &roots {
            loads[*root] += overhead * self.chain.stages()[*root].provisioned() / all;
        }
        loads
    }

    /// What the grid gives at most, in W at the output of its feeds.
    pub fn connection(&self) -> f64 {
        self.chain.roots().map(|root| self.chain.stages()[root].provisioned()).sum()
    }

    /// What the grid gives at most after the loss of a feed.
    pub fn after_loss(&self) -> f64 {
        self.chain.roots().map(|root| self.chain.stages()[root].firm()).sum()
    }

    /// What generators give that start when the grid fails, in W.
    pub fn standby(&self) -> f64 {
        self.generators.iter().filter(|one| one.running == Running::Standby).map(|one| one.power).sum()
    }

    /// Events that hold at a minute.
    pub fn at(&self, minute: f64) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.from <= minute && minute < event.to)
    }
}

fn stage_of(stage: &StagePlan, draw: Draw<'_>) -> Stage {
    let rating = draw.get(stage.rating).base();
    Stage {
        name: stage.name.clone(),
        above: stage.above,
        rating,
        units: stage.units,
        redundancy: stage.redundancy,
        efficiency: draw.get(stage.efficiency).base(),
        fixed_loss: draw.get(stage.fixed_loss).base() * rating,
    }
}

/// The catalogue's chain with as many units as its load asks for, from the racks up.
fn sized(facts: &ElectricalFacts, racks: f64, overhead: f64) -> Vec<Stage> {
    let mut carried = racks.max(1.0);
    let mut stages: Vec<Stage> = Vec::new();
    for (index, of) in facts.chain.iter().enumerate().rev() {
        // A connection is made for its site: its lines are as large as they have to be, up to their rating.
        let mut rating = of.rating;
        if index == 0 {
            carried += overhead;
            rating = carried / libm::ceil(carried / of.rating);
        }
        let units = units_for(of.redundancy, carried / rating);
        let stage = Stage {
            name: of.kind.to_owned(),
            above: index.checked_sub(1),
            rating,
            units,
            redundancy: of.redundancy,
            efficiency: of.efficiency,
            fixed_loss: of.fixed_loss * rating,
        };
        carried = stage.input(carried);
        stages.push(stage);
    }
    stages.reverse();
    stages
}

/// The fewest units of which so many may be used at once.
fn units_for(redundancy: Redundancy, wanted: f64) -> u32 {
    let wanted = libm::ceil(wanted.clamp(1e-9, MOST_UNITS) - 1e-9).max(1.0);
    let units = match redundancy {
        Redundancy::None => wanted,
        Redundancy::Spare(spare) => wanted + f64::from(spare),
        Redundancy::Double => 2.0 * wanted,
        Redundancy::Shared { of, make } => libm::ceil(wanted / f64::from(make)) * f64::from(of),
    };
    units as u32
}
