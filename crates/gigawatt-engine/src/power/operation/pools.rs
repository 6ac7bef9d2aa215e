//! Pools of a fleet, and who is given how much of them on average.

use std::sync::Arc;

use gigawatt_plan::plan::{
    BatchPlan, Demand, FleetPlan, FleetRun, Input, OperationsPlan, Plan, RunStart, WorkloadKind,
};
use gigawatt_plan::quantity::{Duration, Quantity, Ratio};

use crate::Draw;
use crate::buildout::Buildout;
use crate::curve::Polyline;
use crate::fleet::{RATED_SERVER, statistics};
use crate::job_mix::JobMix;
use crate::power::PowerCoefficients;
use crate::power::grid::{systems_of, undescribed_part};
use crate::power::load::StatePower;
use crate::reliability::mean_repair;
use crate::training::{PhasePrice, Prices, phase_tokens};

/// What is known of a plan's pools before anything is drawn.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    prices: Arc<Prices>,
    pools: Vec<Pool>,
}

/// A pool: accelerators of one system at one site.
#[derive(Clone, Debug)]
struct Pool {
    system: usize,
    site: usize,
    lots: Vec<usize>,
    /// Powers over the share of the nameplate.
    idle: f64,
    small: f64,
    serving: f64,
    /// Who asks for its accelerators, the highest priority first.
    asks: Vec<Ask>,
}

/// Who asks.
#[derive(Clone, Debug)]
struct Ask {
    priority: i32,
    who: Who,
    /// Power over nameplate while it has an accelerator.
    power: f64,
}

#[derive(Clone, Copy, Debug)]
enum Who {
    /// A run of the fleet, by its index there.
    Run(usize),
    /// A workload by its index, with the accelerator time of a job in seconds where its jobs are counted.
    Workload(usize, f64),
}

/// A stretch in which something runs: days from and to, and its accelerators.
type Stretch = (f64, f64, f64);

impl Pools {
    /// Those of a plan; `runs` are the powers of its training runs over their accelerators' nameplate.
    pub fn new(
        plan: &Plan,
        fleet: &FleetPlan,
        prices: &Arc<Prices>,
        runs: &[Option<f64>],
        with: &PowerCoefficients,
    ) -> Self {
        let values = Draw::reference(plan);
        let draw = Draw::new(&values);
        let systems = systems_of(plan, draw, with);
        let mut pools: Vec<Pool> = Vec::new();
        for (index, lot) in plan.lots.iter().enumerate() {
            if let Some(pool) =
                pools.iter_mut().find(|pool| (pool.system, pool.site) == (lot.system, lot.site))
            {
                pool.lots.push(index);
                continue;
            }
            let states = StatePower::new(&systems[lot.system], with);
            pools.push(Pool {
                system: lot.system,
                site: lot.site,
                lots: vec![index],
                idle: states.idle / states.nameplate,
                small: states.small / states.nameplate,
                serving: states.serving / states.nameplate,
                asks: Vec::new(),
            });
        }
        for pool in &mut pools {
            let here = |system: usize, site: usize| (system, site) == (pool.system, pool.site);
            for (index, run) in fleet.training.iter().enumerate() {
                let of = &plan.training[run.run];
                if !here(of.system, run.site) {
                    continue;
                }
                let power = runs[run.run].unwrap_or(pool.small);
                pool.asks.push(Ask { priority: run.priority, who: Who::Run(index), power });
            }
            for (index, workload) in fleet.workloads.iter().enumerate() {
                if !here(workload.system, workload.site) {
                    continue;
                }
                let (power, job) = match &workload.kind {
                    WorkloadKind::Service(_) => (pool.serving, 0.0),
                    WorkloadKind::Reinforcement(_) => (pool.small, 0.0),
                    WorkloadKind::Batch(batch) => (pool.small, job_time(batch, draw)),
                };
                pool.asks.push(Ask { priority: workload.priority, who: Who::Workload(index, job), power });
            }
            pool.asks.sort_by_key(|ask| std::cmp::Reverse(ask.priority));
        }
        Self { prices: Arc::clone(prices), pools }
    }

    /// Part of a site's nameplate that is drawn in every interval.
    pub fn utilisation(
        &self,
        plan: &Plan,
        draw: Draw<'_>,
        buildout: &Buildout,
        site: usize,
        usual: f64,
        out: &mut [f64],
    ) {
        let Some(fleet) = &plan.fleet else { return };
        let moments = plan.axis.len();
        let overhead = (draw.get(plan.sites[site].network_overhead).base() - 1.0).max(0.0);
        let here = || self.pools.iter().filter(|pool| pool.site == site);
        let working = here().any(|pool| !pool.asks.is_empty());
        let part = fleet.undescribed.map_or(1.0, |part| draw.get(part).base());
        if !working && part >= 1.0 {
            // Nothing is described: the site's utilisation.
            return;
        }
        let stretches = self.stretches(plan, fleet, draw);
        let replicas = replicas(fleet, draw);
        let lost = lost(&fleet.operations, draw);
        let inside = |moment: usize| {
            plan.axis[moment - 1] >= fleet.period.start && plan.axis[moment] <= fleet.period.end
        };
        let mut found: Vec<usize> = Vec::new();
        for moment in (1..moments).filter(|moment| inside(*moment)) {
            let days = (plan.axis[moment - 1].days(), plan.axis[moment].days());
            let (mut drawn, mut nameplate) = (0.0, 0.0);
            for pool in here() {
                let online: f64 = pool
                    .lots
                    .iter()
                    .map(|lot| {
                        let of = &buildout.online[lot * moments..];
                        0.5 * (of[moment - 1] + of[moment])
                    })
                    .sum();
                if online <= 0.0 {
                    continue;
                }
                let system = &plan.systems[pool.system];
                let each = draw.get(system.power).base() / system.accelerators;
                let (broken, out) = lost.of(fleet, pool, draw);
                let kept =
                    draw.get(fleet.operations.spare_share).base() * online + pool.reserved(fleet, draw);
                let mut free = (online * (1.0 - broken - out) - kept).max(0.0);
                let mut power = 0.0;
                for ask in &pool.asks {
                    let wants = match ask.who {
                        Who::Run(run) => overlap(&stretches[run], days),
                        Who::Workload(index, job) => {
                            wanted(fleet, (index, &replicas[index]), job, online, days, draw)
                        }
                    };
                    let given = wants.min(free);
                    free -= given;
                    power += given * ask.power;
                }
                let other = undescribed_part(overhead, usual).max(pool.idle);
                power += part * free * other;
                power += ((1.0 - part) * free + kept.min(online) + broken * online) * pool.idle;
                drawn += each * power;
                nameplate += each * online;
            }
            if nameplate > 0.0 {
                out[moment] = (drawn / nameplate + overhead) / (1.0 + overhead);
                found.push(moment);
            }
        }
        let (Some(first), Some(last)) = (found.first().copied(), found.last().copied()) else { return };
        let (before, after) = (out[first], out[last]);
        out[..first].fill(before);
        out[last + 1..].fill(after);
    }

    /// When the runs of a fleet work, phase by phase.
    fn stretches(&self, plan: &Plan, fleet: &FleetPlan, draw: Draw<'_>) -> Vec<Vec<Stretch>> {
        let mut ends = vec![f64::NAN; plan.training.len()];
        let mut all: Vec<Vec<Stretch>> = vec![Vec::new(); plan.training.len()];
        for (index, run) in plan.training.iter().enumerate() {
            let Some(price) = self.prices.runs.get(index).and_then(Option::as_ref) else { continue };
            let mut at = run.delay.map_or(0.0, |delay| draw.get(delay).days())
                + match run.start {
                    RunStart::At(moment) => moment.days(),
                    RunStart::After(other) => ends[other],
                };
            let place = price.sized(draw);
            let error = draw.get(run.model_error).base();
            let extra = run.extra_work.map_or(0.0, |extra| draw.get(extra).base());
            let effective = draw.get(run.effective_time).base();
            for (phase, of) in price.phases.iter().enumerate() {
                let of: &PhasePrice = of;
                let steps = phase_tokens(run, phase, draw) / of.step_tokens;
                let days =
                    steps * price.seconds(phase, place) * error * (1.0 + extra) / effective / Duration::DAY;
                if !(at + days).is_finite() {
                    break;
                }
                all[index].push((at, at + days, of.accelerators));
                at += days;
            }
            ends[index] = at;
        }
        fleet.training.iter().map(|run: &FleetRun| std::mem::take(&mut all[run.run])).collect()
    }
}

impl Pool {
    /// Accelerators that runs keep beyond those that they work on.
    fn reserved(&self, fleet: &FleetPlan, draw: Draw<'_>) -> f64 {
        let runs = self.asks.iter().filter_map(|ask| match ask.who {
            Who::Run(run) => fleet.training[run].spares,
            Who::Workload(..) => None,
        });
        runs.map(|spares| draw.get(spares).base()).sum()
    }
}

/// Accelerators that stretches take on average over days.
fn overlap(stretches: &[Stretch], (from, to): (f64, f64)) -> f64 {
    let one = |(start, end, accelerators): &Stretch| {
        accelerators * (end.min(to) - start.max(from)).max(0.0) / (to - from)
    };
    stretches.iter().map(one).sum()
}

/// Accelerators that a workload wants on average over days.
fn wanted(
    fleet: &FleetPlan,
    (index, replicas): (usize, &Polyline),
    job: f64,
    online: f64,
    days: (f64, f64),
    draw: Draw<'_>,
) -> f64 {
    match &fleet.workloads[index].kind {
        WorkloadKind::Batch(batch) => match batch.demand {
            Demand::Load(load) => draw.get(load).base() * online,
            Demand::Jobs(jobs) => {
                let span = f64::from(fleet.period.end.0 - fleet.period.start.0) * Duration::DAY;
                draw.get(jobs).base() * job / span
            }
        },
        WorkloadKind::Service(service) => f64::from(service.replica) * replicas.at(0.5 * (days.0 + days.1)),
        WorkloadKind::Reinforcement(learning) => {
            let start = learning.start.days();
            let all = f64::from(learning.accelerators + learning.rollout);
            overlap(&[(start, start + draw.get(learning.work).days(), all)], days)
        }
    }
}

/// Replicas of every workload over time; nothing of those that are no services.
fn replicas(fleet: &FleetPlan, draw: Draw<'_>) -> Vec<Polyline> {
    let one = |kind: &WorkloadKind| {
        let mut curve = Polyline::default();
        if let WorkloadKind::Service(service) = kind {
            curve.set(&service.replicas, draw);
        }
        curve
    };
    fleet.workloads.iter().map(|workload| one(&workload.kind)).collect()
}

/// Accelerator time of a job in seconds where jobs are counted; nothing where a load says all.
fn job_time(batch: &BatchPlan, draw: Draw<'_>) -> f64 {
    match batch.demand {
        Demand::Load(_) => 0.0,
        Demand::Jobs(_) => {
            JobMix::fit(&statistics(&batch.jobs, draw)).map_or(0.0, |mix| mix.mean_accelerator_seconds())
        }
    }
}

/// How long what fails or is kept is away, in seconds.
struct Lost {
    /// Of a server, from a failure until it is back.
    away: f64,
    /// Part of the time in which it is maintained or something above it has failed: without power.
    out: f64,
}

/// Rates and times at their means; waits for technicians are left out.
fn lost(of: &OperationsPlan, draw: Draw<'_>) -> Lost {
    let seconds = |input: Input<Duration>| draw.get(input).base();
    let share = |input| draw.get::<Ratio>(input).base();
    let away = mean_repair([
        seconds(of.detection),
        seconds(of.diagnosis),
        share(of.remote_share),
        seconds(of.reset),
        seconds(of.repair),
        seconds(of.repair_burn_in),
        share(of.replacement_share),
        seconds(of.replacement),
    ]);
    let maintained = seconds(of.maintenance) / seconds(of.maintenance_interval).max(1.0);
    let domains = [of.leaf_switch, of.cooling_unit, of.busway, of.hall, of.site];
    let failed: f64 =
        domains.iter().map(|domain| seconds(domain.outage) / seconds(domain.interval).max(1.0)).sum();
    Lost { away, out: (maintained + failed).min(1.0) }
}

impl Lost {
    /// Parts of a pool that are broken, and that have no power.
    fn of(&self, fleet: &FleetPlan, pool: &Pool, draw: Draw<'_>) -> (f64, f64) {
        let accelerators = f64::from(fleet.servers[pool.system].accelerators.max(1));
        let interval = draw.get(fleet.operations.server_interval).base().max(1.0);
        let failures = self.away * accelerators / RATED_SERVER / interval;
        ((failures / (1.0 + failures)).min(1.0 - self.out), self.out)
    }
}
