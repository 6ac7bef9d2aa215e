//! Designs under requests that come at random: the simulation that a promise rests on.
//!
//! A few replicas take their share of the load, event by event, until enough requests that came after two lives of one have
//! ended. The more requests there are at once, the less their number varies, so that the square root of it decides how many
//! are counted.

use std::cell::Cell;

use gigawatt_plan::serving::RouterName;

use super::asked::SizingAsked;
use super::design::{Design, Part, Units, WorkerDesign};
use super::estimate::Estimate;
use super::search::Ground;
use super::worker::Worker;
use crate::fleet::{Time, Watch};
use crate::serving::arrivals::{Lengths, Process, Rate, Workload, WorkloadOptions};
use crate::serving::cluster::{Batching, Class, Cluster, Ended, Router, Transfer, simulate};
use crate::serving::number::count;
use crate::serving::cache_transfer;
use crate::serving::replica::{End, IterationTable, ReplicaOptions, Role};

/// Requests that are counted, for the square root of those that are there at once.
const COUNTED: f64 = 640.0;
/// The fewest.
const FEWEST: f64 = 2000.0;
/// Requests at once of a simulation, as long as one replica has fewer.
const TOGETHER: f64 = 256.0;
/// Replicas of a simulation, unless a ratio of workers takes more.
const MOST_REPLICAS: u64 = 8;
/// Lives of a request before any is counted.
const LIVES_BEFORE: f64 = 2.0;

/// What users saw in a simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulated {
    /// Requests that were counted.
    pub requests: u64,
    /// Replicas, or workers of both kinds, that were simulated with their share of the load.
    pub replicas: u64,
    /// Time to the first token, s, of the requests for which the promise holds.
    pub first_token: f64,
    /// Time of each further token, s, likewise.
    pub each_token: f64,
    /// Wait until the first iteration over the mean time of a request, likewise.
    pub waiting: f64,
    /// Mean time of a request, s.
    pub life: f64,
}

/// A design ready to be simulated.
pub(super) struct Trial<'a> {
    asked: &'a SizingAsked,
    design: Design,
    workers: Vec<Engine>,
    transfer: Transfer,
    router: Router,
    /// Requests that a replica, or a worker for answers, has at once at most.
    at_once: f64,
}

/// What a worker is simulated by.
struct Engine {
    table: IterationTable,
    options: ReplicaOptions,
    groups: u32,
}

impl<'a> Trial<'a> {
    pub fn new(ground: &Ground<'_>, estimate: &Estimate, asked: &'a SizingAsked) -> Self {
        let design = estimate.design;
        let worker = |design: &WorkerDesign| ground.worker(design.layout, design.token_budget, asked);
        let workers = design
            .workers(estimate.units)
            .map(|(part, design, _)| engine(&worker(&design), part, &design, ground));
        let transfer = match design {
            Design::Together(_) => Transfer::default(),
            Design::Apart { prefill, decode } => {
                let (prefill, decode) = (worker(&prefill), worker(&decode));
                cache_transfer(prefill.law.deployment(), decode.law.deployment(), ground.choice.domain())
            },
        };
        let main = match design {
            Design::Together(worker) | Design::Apart { decode: worker, .. } => worker,
        };
        Self {
            asked,
            design,
            workers: workers.collect(),
            transfer,
            router: router(ground.choice.service.router),
            at_once: count(main.most_sequences) * count(main.layout.attention_data.max(1)),
        }
    }

    /// Fewer units with their share of a rate, enough of them that they share load as all do.
    fn part(&self, units: Units, rate: f64) -> (Units, f64) {
        let (main, prefill) = (count(units.main), count(units.prefill));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
        let wanted = ((TOGETHER / self.at_once).ceil() as u64).clamp(1, MOST_REPLICAS);
        if units.main <= wanted {
            return (units, rate);
        }
        let share = count(wanted) / main;
        if units.prefill == 0 {
            return (Units { main: wanted, prefill: 0 }, rate * share);
        }
        // As many workers of each as come nearest to the ratio, with no more load for any than it has among all.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below another")]
        let of_prompts = ((prefill * share).round() as u64).clamp(1, units.prefill);
        let share = share.max(count(of_prompts) / prefill);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below another")]
        let whole = |all: f64| ((all * share).floor() as u64).max(1);
        let some = Units { main: whole(main), prefill: whole(prefill) };
        (some, rate * (count(some.main) / main).max(count(some.prefill) / prefill))
    }

    /// What users see of so many units under a rate of requests that come at random.
    pub fn run(&self, units: Units, rate: f64, seed: u64) -> Option<Simulated> {
        let (units, rate) = self.part(units, rate);
        let request = &self.asked.request;
        let life = self.life();
        let at_once = (rate * life).max(1.0);
        let counted = (COUNTED * at_once.sqrt()).max(FEWEST);
        let before = LIVES_BEFORE * at_once;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts that are limited"
        )]
        let [first, counted, all] =
            [before, counted, 2.0 * (before + counted)].map(|number| number.min(1e7) as u32);
        let lengths = |tokens: f64| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "lengths of a context"
            )]
            Lengths::fixed(tokens.round().clamp(1.0, 1e9) as u32)
        };
        let options = WorkloadOptions {
            name: "sizing".to_owned(),
            number: 0,
            process: Process::Poisson,
            rate: Rate::constant(rate).ok()?,
            prompts: lengths(request.prompt),
            outputs: lengths(request.output),
            sessions: None,
            priority: 0,
            requests: Some(u64::from(all)),
            until: None,
        };
        let mut load = Workload::new(options, seed).ok()?;
        let classes = self.design.workers(units).zip(&self.workers).map(|((_, _, number), engine)| Class {
            engines: engine.groups,
            ..Class::new(
                Batching { table: &engine.table, options: &engine.options },
                u32::try_from(number).unwrap_or(u32::MAX),
            )
        });
        let model = Cluster { transfer: self.transfer, seed, ..Cluster::new(classes.collect(), self.router) };
        let ended = Cell::new(0);
        let (mut firsts, mut eaches, mut waits, mut lives) = (Vec::new(), Vec::new(), Vec::new(), 0.0);
        let mut unserved = false;
        let mut told = |one: &Ended| {
            let outcome = &one.outcome;
            if outcome.id < first || outcome.id - first >= counted {
                return;
            }
            ended.set(ended.get() + 1);
            unserved |= outcome.end != End::Done;
            let seconds = |from: u64, to: u64| count(to.saturating_sub(from)) * 1e-9;
            firsts.push(seconds(outcome.arrived, outcome.first_token));
            waits.push(seconds(outcome.arrived, outcome.scheduled));
            let further = f64::from(outcome.output.saturating_sub(1).max(1));
            eaches.push(seconds(outcome.first_token, outcome.finished) / further);
            lives += seconds(outcome.arrived, outcome.finished);
        };
        let mut enough = Enough { ended: &ended, wanted: counted };
        simulate(&model, &mut load, &mut told, &mut enough).ok()?;
        if unserved || firsts.is_empty() {
            return None;
        }
        let life = lives / count(firsts.len() as u64);
        let at = |times: &mut Vec<f64>| read(times, self.asked.promise.at.share());
        Some(Simulated {
            requests: firsts.len() as u64,
            replicas: units.main + units.prefill,
            first_token: at(&mut firsts),
            each_token: at(&mut eaches),
            waiting: at(&mut waits) / life,
            life,
        })
    }

    /// About how long a request takes.
    fn life(&self) -> f64 {
        let of = |worker: WorkerDesign| worker.first_token + worker.each_token * self.asked.request.output;
        match self.design {
            Design::Together(worker) => of(worker),
            Design::Apart { prefill, decode } => of(prefill) + of(decode),
        }
    }
}

/// What of some times counts: their mean, or what so many do not exceed.
fn read(times: &mut [f64], share: Option<f64>) -> f64 {
    let Some(share) = share else { return times.iter().sum::<f64>() / count(times.len() as u64) };
    times.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = (share * count(times.len() as u64)).ceil() as usize;
    times[at.clamp(1, times.len()) - 1]
}

fn engine(worker: &Worker<'_>, part: Part, design: &WorkerDesign, ground: &Ground<'_>) -> Engine {
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let role = match part {
        Part::Whole => Role::Whole,
        Part::Prefill => Role::Prefill,
        Part::Decode => Role::Decode,
    };
    let options = ReplicaOptions {
        role,
        most_sequences: small(design.most_sequences),
        ..ReplicaOptions::of(worker.law.deployment(), ground.with)
    };
    Engine {
        table: IterationTable::new(&worker.law, options.most_sequences, options.token_budget),
        options,
        groups: small(design.layout.attention_data.max(1)),
    }
}

/// The router of a name; without shared beginnings and sessions, those that look at these follow the load.
fn router(name: RouterName) -> Router {
    match name {
        RouterName::RoundRobin => Router::RoundRobin,
        RouterName::PowerOfTwo => Router::PowerOfTwo,
        RouterName::LeastLoaded | RouterName::PrefixAware | RouterName::SessionAware => Router::LeastLoaded,
    }
}

/// Goes on until enough have ended.
struct Enough<'c> {
    ended: &'c Cell<u32>,
    wanted: u32,
}

impl Watch for Enough<'_> {
    fn reached(&mut self, _now: Time, _events: u64) -> bool {
        self.ended.get() < self.wanted
    }
}
