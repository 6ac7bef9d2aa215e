//! Loads of the sites of a plan: from a history of its fleet, else from what is online and how much of it is used.

use std::collections::BTreeMap;

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Input, JobStatistics, Plan, RunPlace, RunStart, WorkloadKind};
use gigawatt_plan::quantity::{Count, Quantity};

use super::load::{Level, SiteJob, SiteLoad, Stretch};
use crate::Draw;
use crate::buildout::Buildout;
use crate::fleet::{Activity, Drawn, State, Time, seconds};
use crate::power::PowerCoefficients;
use crate::power::load::{AcceleratorPower, Links, Mixture, Population, StepPower, SystemPower};
use crate::power::swing::{JobPower, Waveform, step_waveform};
use crate::series::Series;
use crate::training::{PhasePrice, Prices, phase_tokens};

/// Part of a system's nameplate that its accelerators' limits are where none is published: that of a server of eight H100.
const LIMITS: f64 = 0.55;
/// The most passes of a step's course.
const PASSES: usize = 400_000;
const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;

/// The loads of a plan's sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Loads {
    /// The first day.
    pub start: Moment,
    /// By site of the plan.
    pub sites: Vec<SiteLoad>,
    /// Nameplate IT power of every site at its greatest, in W.
    pub nameplate: Vec<f64>,
    /// By site, the system that has most accelerators there, with the most that it ever has; none where nothing stands.
    pub dominant: Vec<Option<(SystemPower, f64)>>,
}

/// What the laws of power take of a plan.
struct Known<'a> {
    plan: &'a Plan,
    draw: Draw<'a>,
    prices: &'a Prices,
    with: &'a PowerCoefficients,
    systems: Vec<SystemPower>,
}

/// The loads of a plan's sites from one day to another. With a history, which has to be one of the same days, states of
/// accelerators and the course of large jobs are its; without, what is online draws its utilisation on average.
pub fn site_loads(
    plan: &Plan,
    draw: Draw<'_>,
    prices: &Prices,
    history: Option<&Drawn>,
    (start, end): (Moment, Moment),
    limits: &BTreeMap<String, f64>,
    with: &PowerCoefficients,
) -> Loads {
    let systems = plan
        .systems
        .iter()
        .map(|system| {
            let nameplate = draw.get(system.power).base();
            let limit = limits.get(&system.id).copied().unwrap_or(LIMITS * nameplate / system.accelerators);
            SystemPower::new(AcceleratorPower::of_limit(limit, with), system.accelerators, nameplate, with)
        })
        .collect();
    let known = Known { plan, draw, prices, with, systems };
    let online = Online::new(plan, draw, (start, end));
    let daily = (with.daily_swing, with.busiest_hour);
    let mut sites: Vec<SiteLoad> = (0..plan.sites.len())
        .map(|site| SiteLoad { daily, accelerators: online.accelerators(plan, site), ..SiteLoad::default() })
        .collect();
    match history {
        Some(drawn) => known.of_history(drawn, &online, &mut sites),
        None => known.of_utilisation(&online, (start, end), &mut sites),
    }
    let nameplate =
        (0..plan.sites.len()).map(|site| online.power[site].iter().copied().fold(0.0, f64::max)).collect();
    let dominant = (0..plan.sites.len()).map(|site| known.dominant(&online, site)).collect();
    Loads { start, sites, nameplate, dominant }
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
struct Online {
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

    fn accelerators(&self, plan: &Plan, site: usize) -> Vec<f64> {
        let mut sum = vec![0.0; self.power.first().map_or(0, Vec::len)];
        for (_, online) in plan.lots.iter().zip(&self.lots).filter(|(lot, _)| lot.site == site) {
            sum.iter_mut().zip(online).for_each(|(sum, online)| *sum += online);
        }
        sum
    }
}

impl Known<'_> {
    fn dominant(&self, online: &Online, site: usize) -> Option<(SystemPower, f64)> {
        let most = |system: usize| -> f64 {
            let lots = self.plan.lots.iter().zip(&online.lots);
            let here = lots.filter(|(lot, _)| lot.site == site && lot.system == system);
            let mut sum = vec![0.0; online.power[site].len()];
            for (_, lot) in here {
                sum.iter_mut().zip(lot).for_each(|(sum, online)| *sum += online);
            }
            sum.into_iter().fold(0.0, f64::max)
        };
        let systems = (0..self.systems.len()).map(|system| (self.systems[system], most(system)));
        systems.max_by(|one, other| one.1.total_cmp(&other.1)).filter(|(_, most)| *most >= 1.0)
    }

    /// Power of networks and storage of a site for each watt of its servers' nameplate.
    fn network(&self, site: usize) -> f64 {
        (self.draw.get(self.plan.sites[site].network_overhead).base() - 1.0).max(0.0)
    }

    /// Power of one accelerator's share of its system while it draws so much.
    fn each(&self, system: usize, accelerator: f64) -> f64 {
        let of = &self.systems[system];
        of.steady(accelerator) / of.accelerators
    }

    /// Mean power of an accelerator that holds a small job, its deviation, and what of the mean does not follow the clock.
    fn small(&self, system: usize) -> (f64, f64, f64) {
        let accelerator = &self.systems[system].accelerator;
        let (waiting, at_limit) = (self.with.small_waiting, self.with.small_at_limit);
        let mixture = Mixture { idle: 0.0, waiting, at_limit };
        let mean = Population::new(accelerator, mixture, self.with).mean();
        let top = self.with.at_limit * accelerator.limit;
        let between = mixture.between();
        let (low, span) = (accelerator.waiting, top - accelerator.waiting);
        // Of a value that is `waiting`, the top, or even between.
        let square = waiting * low * low
            + at_limit * top * top
            + between * (low * low + low * span + span * span / 3.0);
        (mean, (square - mean * mean).max(0.0).sqrt(), low)
    }

    /// Power of states of accelerators, days of a history.
    fn of_history(&self, drawn: &Drawn, online: &Online, sites: &mut [SiteLoad]) {
        let days = &drawn.history.measures.days;
        for (site, load) in sites.iter_mut().enumerate() {
            let length = days.len() + 1;
            let mut batch_variance = vec![0.0; length];
            let (mut base, mut batch, mut service) =
                (vec![0.0; length], vec![0.0; length], vec![(0.0, 0.0); length]);
            let mut fixed = (0.0, 0.0);
            let spread = self.batch_spread(site);
            for (pool, (system, _)) in drawn.pools.iter().enumerate().filter(|(_, key)| key.1 == site) {
                let accelerator = &self.systems[*system].accelerator;
                let idle = self.each(*system, accelerator.idle);
                let waiting = self.each(*system, accelerator.waiting);
                let serving =
                    accelerator.waiting + self.with.serving * (accelerator.limit - accelerator.waiting);
                let serving = self.each(*system, serving);
                let (mean, deviation, low) = self.small(*system);
                let slope = 1.0 / self.systems[*system].efficiency;
                let (small, small_fixed) = (self.each(*system, mean), self.each(*system, low));
                for day in 0..length {
                    let Some(counts) = days.get(day.saturating_sub(1)).map(|pools| &pools[pool].counts)
                    else {
                        continue;
                    };
                    for ((state, _), count) in State::ALL.iter().zip(counts) {
                        let count = *count as f64;
                        match state {
                            State::Training | State::Reinforcement | State::Outage | State::Maintenance => {}
                            State::Service => {
                                service[day].0 += count * waiting;
                                service[day].1 += count * (serving - waiting);
                            }
                            State::Batch => {
                                batch[day] += count * small;
                                batch_variance[day] +=
                                    count * spread.0 * (slope * deviation) * (slope * deviation);
                                fixed = (fixed.0 + count * small_fixed, fixed.1 + count * small);
                            }
                            _ => base[day] += count * idle,
                        }
                    }
                }
            }
            let network = self.network(site) / (1.0 + self.network(site));
            for (day, base) in base.iter_mut().enumerate() {
                *base += network * online.power[site].get(day).copied().unwrap_or(0.0);
            }
            load.base = base;
            load.batch = batch;
            load.batch_deviation = batch_variance.into_iter().map(f64::sqrt).collect();
            load.batch_memory = spread.1;
            load.batch_fixed = if fixed.1 > 0.0 { fixed.0 / fixed.1 } else { 1.0 };
            load.service = service;
            load.jobs = self.jobs_of_history(drawn, site);
        }
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

    /// The large jobs of a history at a site.
    fn jobs_of_history(&self, drawn: &Drawn, site: usize) -> Vec<SiteJob> {
        let mut jobs = Vec::new();
        for (history, (index, gang)) in drawn.history.gangs.iter().zip(drawn.model.gangs()) {
            let workload = &drawn.model.workloads[index];
            let (system, at) = drawn.pools[usize::from(workload.pool)];
            if at != site {
                continue;
            }
            let each = f64::from(drawn.model.pools[usize::from(workload.pool)].structure.accelerators);
            let servers = gang.stages.iter().map(|stage| stage.servers).max().unwrap_or(0);
            let accelerators = f64::from(servers) * each;
            let power = match drawn.runs[index].and_then(|run| self.run_power(run, accelerators)) {
                Some(power) => power,
                None => self.even(system, accelerators),
            };
            let checkpoints = gang.checkpoints;
            let cycle = checkpoints.interval.saturating_add(checkpoints.blocking).max(1) as f64;
            jobs.push(SiteJob {
                name: workload.name.clone(),
                title: workload.title.clone(),
                power,
                stopped: checkpoints.blocking as f64 / cycle,
                stretches: stretches(&history.course, drawn.history.end),
            });
        }
        jobs
    }

    /// The power of a training run: of its phase with the most accelerators, the longest of these.
    fn run_power(&self, run: usize, accelerators: f64) -> Option<JobPower> {
        let plan = &self.plan.training[run];
        let price = self.prices.runs.get(run)?.as_ref()?;
        let laws = self.prices.laws.as_ref()?;
        let (phase, _) = plan.phases.iter().enumerate().max_by_key(|(_, phase)| phase.layout.accelerators)?;
        let course = price.course(plan, &plan.phases[phase], laws, PASSES).timeline;
        let reference =
            |name: &str| plan.machine.fact(name).map(|input| self.draw.base(input)).unwrap_or(0.0);
        let links = Links {
            scale_up: reference("scale_up"),
            network: reference("network_per_accelerator"),
            host: reference("host_link_per_accelerator"),
        };
        let device = price.device();
        let accelerator = AcceleratorPower::new(device, plan.precision, self.with)?;
        let system = self.systems[plan.system].with_accelerator(accelerator);
        let law = StepPower::new(accelerator, links, self.with);
        Some(step_waveform(&course, accelerators, &law, &system, self.with))
    }

    /// The power of a large job of which no step is known: that of small jobs' accelerators at work, without a swing.
    fn even(&self, system: usize, accelerators: f64) -> JobPower {
        let of = &self.systems[system];
        let count = accelerators / of.accelerators;
        JobPower {
            step: Waveform::constant(count * of.steady(self.small(system).0)),
            waiting: count * of.steady(of.accelerator.waiting),
            idle: count * of.idle(),
            accelerators,
        }
    }

    /// Power of what is online and used, with the training runs that stand at a site inside of it.
    fn of_utilisation(&self, online: &Online, (start, end): (Moment, Moment), sites: &mut [SiteLoad]) {
        for (site, load) in sites.iter_mut().enumerate() {
            let used = self.draw.get(self.plan.sites[site].utilisation).base();
            load.jobs = self.jobs_of_plan(site, (start, end));
            let days = online.power[site].len();
            let taken = |day: usize| -> f64 {
                let at = day as f64 * DAY / MINUTE;
                let running = |job: &&SiteJob| job.stretches.iter().any(|one| one.from <= at && at < one.to);
                load.jobs.iter().filter(running).map(SiteJob::working).sum()
            };
            // What is left when the large jobs have theirs, networks and storage among it.
            let rest: Vec<f64> =
                (0..days).map(|day| (online.power[site][day] * used - taken(day)).max(0.0)).collect();
            load.batch = rest;
            load.base = vec![0.0; days];
            load.batch_deviation = vec![0.0; days];
            load.batch_memory = 1.0;
            load.batch_fixed = 0.6;
            load.service = vec![(0.0, 0.0); days];
        }
    }

    /// The training runs at a site as they are planned.
    fn jobs_of_plan(&self, site: usize, (start, end): (Moment, Moment)) -> Vec<SiteJob> {
        let mut ends = vec![f64::NAN; self.plan.training.len()];
        let mut jobs = Vec::new();
        for (index, run) in self.plan.training.iter().enumerate() {
            let Some(price) = self.prices.runs.get(index).and_then(Option::as_ref) else { continue };
            let from = match run.start {
                RunStart::At(moment) => moment.days(),
                RunStart::After(other) => ends[other],
            } + run.delay.map_or(0.0, |delay| self.draw.get(delay).days());
            let at = price.sized(self.draw);
            let error = self.draw.get(run.model_error).base();
            let extra = run.extra_work.map_or(0.0, |extra| self.draw.get(extra).base());
            let effective = self.draw.get(run.effective_time).base();
            let seconds = |(phase, of): (usize, &PhasePrice)| {
                phase_tokens(run, phase, self.draw) / of.step_tokens * price.seconds(phase, at) * error
            };
            let busy: f64 = price.phases.iter().enumerate().map(seconds).sum();
            ends[index] = from + busy * (1.0 + extra) / effective / DAY;
            let here = matches!(run.place, RunPlace::Site(at) if at == site);
            let inside = from < end.days() && ends[index] > start.days();
            if !here || !inside || !ends[index].is_finite() {
                continue;
            }
            let accelerators =
                run.phases.iter().map(|phase| phase.layout.accelerators).max().unwrap_or(0) as f64;
            let Some(power) = self.run_power(index, accelerators) else { continue };
            let minute = |day: f64| (day - start.days()) * DAY / MINUTE;
            jobs.push(SiteJob {
                name: run.name.clone(),
                title: run.title.clone(),
                power,
                stopped: 1.0 - effective,
                stretches: vec![Stretch {
                    from: minute(from),
                    to: minute(ends[index]),
                    level: Level::Working,
                }],
            });
        }
        jobs
    }
}

/// What a gang did when, in minutes.
fn stretches(course: &[(Time, Activity, usize)], end: Time) -> Vec<Stretch> {
    let minutes = |time: Time| seconds(time) / MINUTE;
    let ends = course.iter().skip(1).map(|change| change.0).chain(std::iter::once(end));
    let stretch = |((from, activity, _), to): (&(Time, Activity, usize), Time)| {
        let level = match activity {
            Activity::Running => Level::Working,
            Activity::Waiting | Activity::Starting | Activity::Stalled => Level::Waiting,
            Activity::Queued | Activity::Done => return None,
        };
        (to > *from).then(|| Stretch { from: minutes(*from), to: minutes(to), level })
    };
    course.iter().zip(ends).filter_map(stretch).collect()
}
