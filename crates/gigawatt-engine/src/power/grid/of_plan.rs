//! Loads of the sites of a plan: from a history of its fleet, else from what is online and how much of it is used.
//!
//! Accelerators that no run and no workload is given are taken to do work that is not described: with their part of the
//! network they draw the site's utilisation of their nameplate. Spares that a pool keeps free, and what a scenario says
//! to have no work (`fleet.undescribed`), idle.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Input, JobStatistics, Plan, WorkloadKind};
use gigawatt_plan::quantity::{Count, Quantity};

use super::load::{SiteJob, SiteLoad};
use crate::Draw;
use crate::buildout::Buildout;
use crate::fleet::{Drawn, State};
use crate::power::PowerCoefficients;
use crate::power::load::{AcceleratorPower, StatePower, SystemPower};
use crate::series::Series;
use crate::training::Prices;

/// Part of a system's nameplate that its accelerators' limits are where none is published: that of a server of eight H100.
const LIMITS: f64 = 0.55;
/// Part of undescribed work's power that does not follow the clock: waiting over what an accelerator at work draws.
const UNDESCRIBED_FIXED: f64 = 0.6;
/// The kind of stage that is a rack's power supply.
const SHELF: &str = "shelf";
const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;

/// The loads of a plan's sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Loads {
    /// The first day.
    pub start: Moment,
    /// By site of the plan.
    pub sites: Vec<SiteLoad>,
    /// Nameplate IT power of every site at its greatest, in W; behind its shelves where its chain has them.
    pub nameplate: Vec<f64>,
    /// By site, the system that has most accelerators there, with the most that it ever has; none where nothing stands.
    pub dominant: Vec<Option<(SystemPower, f64)>>,
    /// By site and system, the most accelerators that stand there at the end of a day.
    pub systems: Vec<Vec<f64>>,
    /// Whether they are those of a history; else what is online draws its utilisation.
    pub simulated: bool,
}

/// What the laws of power take of a plan.
pub(super) struct Known<'a> {
    pub plan: &'a Plan,
    pub draw: Draw<'a>,
    pub prices: &'a Prices,
    pub with: &'a PowerCoefficients,
    pub systems: Vec<SystemPower>,
    pub states: Vec<StatePower>,
}

/// The law of every system of a plan.
pub(crate) fn systems_of(plan: &Plan, draw: Draw<'_>, with: &PowerCoefficients) -> Vec<SystemPower> {
    let of = |system: &gigawatt_plan::plan::SystemPlan| {
        let nameplate = draw.get(system.power).base();
        let known = system.accelerator_power.map(|limit| draw.get(limit).base());
        let limit = known.filter(|limit| *limit > 0.0).unwrap_or(LIMITS * nameplate / system.accelerators);
        SystemPower::new(AcceleratorPower::of_limit(limit, with), system.accelerators, nameplate, with)
    };
    plan.systems.iter().map(of).collect()
}

/// The loads of a plan's sites from one day to another. With a history, which has to be one of the same days, states of
/// accelerators and the course of large jobs are its; without, what is online draws its utilisation on average.
pub fn site_loads(
    plan: &Plan,
    draw: Draw<'_>,
    prices: &Prices,
    history: Option<&Drawn>,
    (start, end): (Moment, Moment),
    with: &PowerCoefficients,
) -> Loads {
    let mut online = Online::new(plan, draw, (start, end));
    let known = |shelves: bool| {
        let mut systems = systems_of(plan, draw, with);
        if shelves {
            systems = systems.into_iter().map(SystemPower::behind_shelves).collect();
        }
        let states = systems.iter().map(|system| StatePower::new(system, with)).collect();
        Known { plan, draw, prices, with, systems, states }
    };
    // Supplies of their own, and where a chain has shelves, none.
    let both = [known(false), known(true)];
    let mut sites = Vec::with_capacity(plan.sites.len());
    let mut dominant = Vec::with_capacity(plan.sites.len());
    let mut standing = Vec::with_capacity(plan.sites.len());
    for site in 0..plan.sites.len() {
        let shelves = has_shelves(plan, site);
        if shelves {
            let given = with.supply_efficiency - with.supply_fixed;
            online.power[site].iter_mut().for_each(|power| *power *= given);
        }
        let known = &both[usize::from(shelves)];
        let mut load = SiteLoad {
            daily: (with.daily_swing, busiest_in_utc(plan, site, with)),
            accelerators: online.accelerators(plan, site),
            network: online.power[site].iter().map(|power| known.network_part(site) * power).collect(),
            ..SiteLoad::default()
        };
        match history {
            Some(drawn) => known.of_history(drawn, site, &mut load),
            None => known.of_utilisation(&online, site, (start, end), &mut load),
        }
        sites.push(load);
        let here: Vec<f64> = (0..plan.systems.len()).map(|system| online.most(plan, site, system)).collect();
        let frequent = (0..here.len()).max_by(|one, other| here[*one].total_cmp(&here[*other]));
        let frequent = frequent.filter(|system| here[*system] >= 1.0);
        dominant.push(frequent.map(|system| (known.systems[system], here[system])));
        standing.push(here);
    }
    let nameplate =
        (0..plan.sites.len()).map(|site| online.power[site].iter().copied().fold(0.0, f64::max)).collect();
    Loads { start, sites, nameplate, dominant, systems: standing, simulated: history.is_some() }
}

/// Whether the chain of a site has the racks' supplies as stages: what systems draw is then direct current behind them.
fn has_shelves(plan: &Plan, site: usize) -> bool {
    plan.power
        .iter()
        .any(|supply| supply.site == site && supply.stages.iter().any(|stage| stage.kind == SHELF))
}

/// The hour of UTC at which a site's services are asked most: by its own clock, or by UTC where it says nothing of one.
fn busiest_in_utc(plan: &Plan, site: usize, with: &PowerCoefficients) -> f64 {
    let ahead = f64::from(plan.sites[site].utc_offset.unwrap_or(0)) / 3600.0;
    (with.busiest_hour - ahead).rem_euclid(24.0)
}

/// PUE of a site on average, and what it pays for electricity in $/J.
pub fn site_averages(plan: &Plan, draw: Draw<'_>, site: usize) -> (f64, f64) {
    let of = &plan.sites[site];
    let mean = |days: &Option<gigawatt_plan::plan::DayMoments>| {
        days.as_ref().map_or(1.0, |days| days.mean.iter().sum::<f64>() / days.mean.len().max(1) as f64)
    };
    // Courses hold products: PUE, and PUE times price, each where it follows a series.
    let energy = mean(&of.profile.energy);
    let pue = crate::facility::factor(draw, of.pue) * energy;
    let price = crate::facility::factor(draw, of.electricity_price)
        * of.profile.cost.as_ref().map_or(1.0, |_| mean(&of.profile.cost) / energy);
    (pue, price)
}

/// What is online at the end of every day, with one before the first.
pub(super) struct Online {
    /// By site: nameplate IT power in W, networks and storage included.
    power: Vec<Vec<f64>>,
    /// By lot: accelerators.
    lots: Vec<Vec<f64>>,
}

impl Online {
    fn new(plan: &Plan, draw: Draw<'_>, (start, end): (Moment, Moment)) -> Self {
        let moments: Vec<Moment> = (start.0..=end.0).map(Moment).collect();
        let days = moments.len();
        let daily = Plan { axis: moments, integrated: vec![false; days], ..plan.clone() };
        let (mut buildout, mut series) = (Buildout::default(), Series::new(&daily));
        buildout.run(&daily, draw, &mut series);
        let ids = &plan.vocabulary.buildout;
        Self {
            power: ids.sites.iter().map(|(_, power)| series.get(*power).to_vec()).collect(),
            lots: buildout.online.chunks(days).map(<[f64]>::to_vec).collect(),
        }
    }

    /// The most accelerators of a system at a site.
    fn most(&self, plan: &Plan, site: usize, system: usize) -> f64 {
        let mut sum = vec![0.0_f64; self.power[site].len()];
        let lots = plan.lots.iter().zip(&self.lots);
        for (_, lot) in lots.filter(|(lot, _)| lot.site == site && lot.system == system) {
            sum.iter_mut().zip(lot).for_each(|(sum, online)| *sum += online);
        }
        sum.into_iter().fold(0.0, f64::max)
    }

    fn accelerators(&self, plan: &Plan, site: usize) -> Vec<f64> {
        let mut sum = vec![0.0; self.power.first().map_or(0, Vec::len)];
        for (_, online) in plan.lots.iter().zip(&self.lots).filter(|(lot, _)| lot.site == site) {
            sum.iter_mut().zip(online).for_each(|(sum, online)| *sum += online);
        }
        sum
    }
}

/// Power of one accelerator that does work which is not described, in W at its system's input: with its part of the network
/// (`overhead` over the servers' power) it draws the site's utilisation of their nameplate.
fn undescribed_power(states: &StatePower, overhead: f64, utilisation: f64) -> f64 {
    (states.nameplate * undescribed_part(overhead, utilisation)).max(states.idle)
}

/// The same over the share of the nameplate, idle power aside.
pub(crate) fn undescribed_part(overhead: f64, utilisation: f64) -> f64 {
    utilisation * (1.0 + overhead) - overhead
}

impl Known<'_> {
    /// Power of networks and storage of a site for each watt of its servers' nameplate.
    fn overhead(&self, site: usize) -> f64 {
        (self.draw.get(self.plan.sites[site].network_overhead).base() - 1.0).max(0.0)
    }

    /// The same for each watt of nameplate IT power.
    fn network_part(&self, site: usize) -> f64 {
        let overhead = self.overhead(site);
        overhead / (1.0 + overhead)
    }

    /// Power of states of accelerators, days of a history.
    fn of_history(&self, drawn: &Drawn, site: usize, load: &mut SiteLoad) {
        let days = &drawn.history.measures.days;
        let length = days.len() + 1;
        let mut variance = vec![0.0; length];
        for series in [&mut load.idle, &mut load.undescribed, &mut load.batch] {
            series.resize(length, 0.0);
        }
        load.service = vec![(0.0, 0.0); length];
        let mut fixed = (0.0, 0.0);
        let spread = self.batch_spread(site);
        let utilisation = self.draw.get(self.plan.sites[site].utilisation).base();
        let fleet = self.plan.fleet.as_ref();
        let part = fleet.and_then(|fleet| fleet.undescribed).map_or(1.0, |part| self.draw.get(part).base());
        for (pool, (system, _)) in drawn.pools.iter().enumerate().filter(|(_, key)| key.1 == site) {
            let of = &self.states[*system];
            let other = undescribed_power(of, self.overhead(site), utilisation);
            let model = &drawn.model.pools[pool];
            let reserved = f64::from(model.reserved) * f64::from(model.structure.accelerators);
            for (day, variance) in variance.iter_mut().enumerate() {
                let Some(counts) = days.get(day.saturating_sub(1)).map(|pools| &pools[pool].counts) else {
                    continue;
                };
                let online: f64 = counts.iter().map(|count| *count as f64).sum();
                for ((state, _), count) in State::ALL.iter().zip(counts) {
                    let count = *count as f64;
                    match state {
                        State::Training | State::Reinforcement | State::Outage | State::Maintenance => {}
                        State::Service => {
                            load.service[day].0 += count * of.waiting;
                            load.service[day].1 += count * (of.serving - of.waiting);
                        }
                        State::Batch => {
                            load.batch[day] += count * of.small;
                            *variance += count * spread.0 * of.small_deviation * of.small_deviation;
                            fixed = (fixed.0 + count * of.small_fixed, fixed.1 + count * of.small);
                        }
                        State::Idle => {
                            let free = (count - model.spares * online - reserved).max(0.0);
                            load.undescribed[day] += part * free * other;
                            load.idle[day] += (count - part * free) * of.idle;
                        }
                        _ => load.idle[day] += count * of.idle,
                    }
                }
            }
        }
        load.batch_deviation = variance.into_iter().map(f64::sqrt).collect();
        load.batch_memory = spread.1;
        load.batch_fixed = if fixed.1 > 0.0 { fixed.0 / fixed.1 } else { 1.0 };
        load.undescribed_fixed = UNDESCRIBED_FIXED;
        load.jobs = self.jobs_of_history(drawn, site);
    }

    /// Accelerators by which the power of small jobs goes up and down at once, and minutes for which they run: `E[s²] / E[s]` of
    /// sizes, and their mean run time.
    fn batch_spread(&self, site: usize) -> (f64, f64) {
        let fleet = self.plan.fleet.iter().flat_map(|fleet| &fleet.workloads);
        let here =
            fleet.filter(|workload| workload.site == site).filter_map(|workload| match &workload.kind {
                WorkloadKind::Batch(batch) => Some(self.size_and_time(&batch.jobs)),
                _ => None,
            });
        here.fold((1.0, 1.0), |most, one| (most.0.max(one.0), most.1.max(one.1)))
    }

    fn size_and_time(&self, jobs: &JobStatistics) -> (f64, f64) {
        let value = |input: Input<Count>| self.draw.get(input).base();
        let (mean, median) = (value(jobs.accelerators), value(jobs.accelerators_median));
        let largest = value(jobs.accelerators_largest);
        // Lognormal: the mean over the median is e^(σ²/2), and the size by accelerators e^(σ²) times the mean.
        let ratio = (mean / median.max(1e-9)).max(1.0);
        let time = self.draw.get(jobs.run_time).base() / MINUTE;
        ((mean * ratio * ratio).min(largest), time.max(1.0))
    }

    /// Power of what is online and used, with the training runs that stand at a site inside of it.
    fn of_utilisation(&self, online: &Online, site: usize, days: (Moment, Moment), load: &mut SiteLoad) {
        let used = self.draw.get(self.plan.sites[site].utilisation).base();
        load.jobs = self.jobs_of_plan(site, days);
        let length = online.power[site].len();
        let taken = |day: usize| -> f64 {
            let at = day as f64 * DAY / MINUTE;
            let running = |job: &&SiteJob| job.stretches.iter().any(|one| one.from <= at && at < one.to);
            load.jobs.iter().filter(running).map(SiteJob::working).sum()
        };
        // What is left when networks and the large jobs have theirs.
        load.undescribed = (0..length)
            .map(|day| (online.power[site][day] * used - load.network[day] - taken(day)).max(0.0))
            .collect();
        load.undescribed_fixed = UNDESCRIBED_FIXED;
        for series in [&mut load.idle, &mut load.batch, &mut load.batch_deviation] {
            series.resize(length, 0.0);
        }
        load.batch_memory = 1.0;
        load.batch_fixed = 1.0;
        load.service = vec![(0.0, 0.0); length];
    }
}
