//! Designs under requests that come at random: the simulation that a promise rests on.
//!
//! A few engines take their share of the load, event by event, until enough requests that came after two lives of one have
//! ended. The more requests there are at once, the less their number varies, so that the square root of it decides how many
//! are counted.

use std::cell::Cell;
use std::sync::Arc;

use gigawatt_plan::serving::RouterName;
use rayon::prelude::*;

use super::asked::SizingAsked;
use super::design::{Design, Part, Units, WorkerDesign};
use super::estimate::Estimate;
use super::search::Ground;
use crate::fleet::{Time, Watch};
use crate::serving::arrivals::{Lengths, Process, Rate, Workload, WorkloadOptions};
use crate::serving::cache_transfer;
use crate::serving::cluster::{Batching, Class, Cluster, Ended, Router, Transfer, simulate};
use crate::serving::number::count;
use crate::serving::replica::{End, IterationTable, ReplicaOptions, Role};

/// Requests that are counted, for the square root of those that are there at once.
const COUNTED: f64 = 400.0;
/// The fewest.
const FEWEST: f64 = 2000.0;
/// Requests at once of a simulation, unless one engine has more.
const TOGETHER: f64 = 192.0;
/// Engines of a simulation, unless a ratio of workers takes more.
const MOST_ENGINES: f64 = 8.0;
/// Numbers of engines that are tried beyond that for a ratio that comes near.
const RATIOS: f64 = 8.0;
/// Lives of a request before any is counted.
const LIVES_BEFORE: f64 = 2.0;

/// What users saw in a simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulated {
    /// Requests that were counted.
    pub requests: u64,
    /// Engines that were simulated with their share of the load: groups of ranks with attention of their own.
    pub engines: u64,
    /// Time to the first token, s, of the requests for which the promise holds.
    pub first_token: f64,
    /// Time of each further token, s, likewise.
    pub each_token: f64,
    /// By how much the time to the first token exceeds that of a request alone, over the mean time of a request.
    pub waiting: f64,
    /// Mean time of a request, s.
    pub life: f64,
    /// Whether it is for their first iteration that requests wait, and not for a worker that goes on with them.
    pub(super) prompts_wait: bool,
}

/// What a worker is simulated by.
#[derive(Debug)]
pub(super) struct Engine {
    key: (usize, Part, WorkerDesign),
    table: IterationTable,
    options: ReplicaOptions,
}

/// Engines that were made: pairs of workers have some in common.
#[derive(Debug, Default)]
pub(super) struct Engines(Vec<Arc<Engine>>);

impl Engines {
    /// Makes those of some designs that are not there yet.
    pub fn make(&mut self, some: &[&Estimate], grounds: &[Ground<'_>], asked: &SizingAsked) {
        let mut missing: Vec<(usize, Part, WorkerDesign)> = Vec::new();
        for one in some {
            for (part, design, _) in one.design.workers(one.units) {
                let key = (one.choice, part, design);
                if self.get(&key).is_none() && !missing.contains(&key) {
                    missing.push(key);
                }
            }
        }
        let made: Vec<Arc<Engine>> =
            missing.into_par_iter().map(|key| Arc::new(Engine::new(&grounds[key.0], key, asked))).collect();
        self.0.extend(made);
    }

    fn get(&self, key: &(usize, Part, WorkerDesign)) -> Option<&Arc<Engine>> {
        self.0.iter().find(|engine| engine.key == *key)
    }
}

/// A design ready to be simulated.
pub(super) struct Trial<'a> {
    asked: &'a SizingAsked,
    design: Design,
    workers: Vec<Arc<Engine>>,
    transfer: Transfer,
    router: Router,
    /// Requests that an engine of a replica, or of a worker for answers, has at once at most.
    at_once: f64,
    /// Time to the first token of a request alone, s.
    alone: f64,
}

impl<'a> Trial<'a> {
    /// A design whose engines were made.
    pub fn new(ground: &Ground<'_>, estimate: &Estimate, asked: &'a SizingAsked, engines: &Engines) -> Self {
        let design = estimate.design;
        let worker = |design: &WorkerDesign| ground.worker(design.layout, design.token_budget, asked);
        let workers = design
            .workers(estimate.units)
            .filter_map(|(part, worker, _)| engines.get(&(estimate.choice, part, worker)).cloned());
        let transfer = match design {
            Design::Together(_) => Transfer::default(),
            Design::Apart { prefill, decode } => {
                let (prefill, decode) = (worker(&prefill), worker(&decode));
                cache_transfer(prefill.law.deployment(), decode.law.deployment(), ground.choice.domain())
            }
        };
        let (main, alone) = match design {
            Design::Together(main) => (main, worker(&main).together(1.0).first_token),
            Design::Apart { prefill, decode } => {
                let sent = count(transfer.time(0)) * 1e-9;
                (decode, worker(&prefill).prompting(1.0).first_token + sent)
            }
        };
        Self {
            asked,
            design,
            workers: workers.collect(),
            transfer,
            router: router(ground.choice.service.router),
            at_once: count(main.most_sequences),
            alone,
        }
    }

    /// Engines of each worker that are simulated with their share of a rate: enough that they share load as all do. Groups
    /// with attention of their own are priced in step and have queues of their own, so that some stand for all.
    fn part(&self, units: Units, rate: f64) -> (Vec<u32>, f64) {
        let all: Vec<f64> = self
            .design
            .workers(units)
            .map(|(_, worker, number)| count(number) * count(worker.layout.attention_data.max(1)))
            .collect();
        // Workers for answers, or replicas, come last; those for prompts are as many as come nearest to the ratio.
        let (first, main) = (all[0], all[all.len() - 1]);
        let wanted = libm::ceil(TOGETHER / self.at_once).clamp(1.0, MOST_ENGINES);
        // At least one for prompts, with no less than its share of the load.
        let wanted = wanted.max(libm::ceil(main / first)).min(main);
        let mut best = (f64::INFINITY, wanted);
        let mut tried = wanted;
        while tried <= main.min(wanted + RATIOS) {
            let prompts = first * tried / main;
            let off = (prompts / libm::floor(prompts).max(1.0)).max(1.0 / prompts) - 1.0;
            if off < best.0 - 1e-9 {
                best = (off, tried);
            }
            tried += 1.0;
        }
        let share = best.1 / main;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts that are limited"
        )]
        let some = |all: f64| libm::floor(all * share * (1.0 + 1e-9)).clamp(1.0, 1e6) as u32;
        (all.iter().map(|all| some(*all)).collect(), rate * share)
    }

    /// What users see of so many units under a rate of requests that come at random.
    pub fn run(&self, units: Units, rate: f64, seed: u64) -> Option<Simulated> {
        let (engines, rate) = self.part(units, rate);
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
        let classes = self.workers.iter().zip(&engines).map(|(worker, engines)| {
            Class::new(Batching { table: &worker.table, options: &worker.options }, *engines)
        });
        let model = Cluster { transfer: self.transfer, seed, ..Cluster::new(classes.collect(), self.router) };
        let ended = Cell::new(0);
        let (mut firsts, mut eaches, mut lives, mut queued) = (Vec::new(), Vec::new(), 0.0, 0.0);
        let mut unserved = false;
        // As soon as more have missed a target than may, the rest need not be waited for.
        let allowed = self.asked.promise.at.share().map_or(u32::MAX, |share| missing(share, counted));
        let promise = self.asked.promise;
        let (mut late, mut slow) = (0_u32, 0_u32);
        let mut told = |one: &Ended| {
            let outcome = &one.outcome;
            if outcome.id < first || outcome.id - first >= counted {
                return;
            }
            let now = ended.get() + 1;
            ended.set(now);
            unserved |= outcome.end != End::Done;
            let seconds = |from: u64, to: u64| count(to.saturating_sub(from)) * 1e-9;
            firsts.push(seconds(outcome.arrived, outcome.first_token));
            queued += seconds(outcome.arrived, outcome.scheduled);
            let further = f64::from(outcome.output.saturating_sub(1).max(1));
            eaches.push(seconds(outcome.first_token, outcome.finished) / further);
            lives += seconds(outcome.arrived, outcome.finished);
            let exceeds = |time: Option<&f64>, target: Option<f64>| {
                time.zip(target).is_some_and(|(time, target)| *time > target)
            };
            late += u32::from(exceeds(firsts.last(), promise.first_token));
            slow += u32::from(exceeds(eaches.last(), promise.each_token));
            if late > allowed || slow > allowed {
                ended.set(counted);
            }
        };
        let mut enough = Enough { ended: &ended, wanted: counted };
        simulate(&model, &mut load, &mut told, &mut enough).ok()?;
        if unserved || firsts.is_empty() {
            return None;
        }
        let number = count(firsts.len() as u64);
        // Of a simulation that was ended early the largest times tell what was missed.
        let share = self.asked.promise.at.share();
        let share = share.map(|share| {
            if late > allowed || slow > allowed { early(share, counted, firsts.len()) } else { share }
        });
        let at = |times: &mut Vec<f64>| read(times, share);
        let (life, first_token) = (lives / number, at(&mut firsts));
        Some(Simulated {
            requests: firsts.len() as u64,
            engines: engines.iter().map(|engines| u64::from(*engines)).sum(),
            first_token,
            each_token: at(&mut eaches),
            waiting: (first_token - self.alone).max(0.0) / life,
            life,
            prompts_wait: queued / number > 0.5 * (first_token - self.alone),
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

/// Requests of so many that may miss a target that a share of them keeps.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count below another")]
fn missing(share: f64, of: u32) -> u32 {
    of - (libm::ceil(share * f64::from(of)) as u32).min(of)
}

/// The share of those that were seen behind which as many lie as may miss a target among all.
fn early(share: f64, of: u32, seen: usize) -> f64 {
    let seen = count(seen as u64);
    ((seen - f64::from(missing(share, of))) / seen).clamp(0.0, 1.0)
}

/// What of some times counts: their mean, or what so many do not exceed.
fn read(times: &mut [f64], share: Option<f64>) -> f64 {
    let Some(share) = share else { return times.iter().sum::<f64>() / count(times.len() as u64) };
    times.sort_unstable_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let at = libm::ceil(share * count(times.len() as u64) * (1.0 - 1e-12)) as usize;
    times[at.clamp(1, times.len()) - 1]
}

impl Engine {
    fn new(ground: &Ground<'_>, key: (usize, Part, WorkerDesign), asked: &SizingAsked) -> Self {
        let (_, part, design) = key;
        let worker = ground.worker(design.layout, design.token_budget, asked);
        let role = match part {
            Part::Whole => Role::Whole,
            Part::Prefill => Role::Prefill,
            Part::Decode => Role::Decode,
        };
        let options = ReplicaOptions {
            role,
            most_sequences: u32::try_from(design.most_sequences).unwrap_or(u32::MAX),
            ..ReplicaOptions::of(worker.law.deployment(), ground.with)
        };
        let table = IterationTable::new(&worker.law, options.most_sequences, options.token_budget);
        Self { key, table, options }
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
