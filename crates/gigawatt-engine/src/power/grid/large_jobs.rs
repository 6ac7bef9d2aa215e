//! The large jobs of a plan's sites: what they draw, and when.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Plan, RunPlace, RunStart};
use gigawatt_plan::quantity::Quantity;

use super::load::{Level, SiteJob, Stretch};
use super::of_plan::Known;
use crate::Draw;
use crate::fleet::{Activity, Drawn, Time, seconds};
use crate::power::PowerCoefficients;
use crate::power::load::{AcceleratorPower, Links, StepPower, SystemPower, step_power};
use crate::power::swing::{JobPower, Waveform, step_waveform};
use crate::training::{PhasePrice, Prices, phase_tokens};

/// The most passes of a step's course.
const PASSES: usize = 400_000;
const MINUTE: f64 = 60.0;
const DAY: f64 = 86_400.0;

impl Known<'_> {
    /// The large jobs of a history at a site.
    pub(super) fn jobs_of_history(&self, drawn: &Drawn, site: usize) -> Vec<SiteJob> {
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
            let power = match drawn.runs[index].and_then(|run| self.power_of(run, accelerators)) {
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

    fn power_of(&self, run: usize, accelerators: f64) -> Option<JobPower> {
        let system = &self.systems[self.plan.training[run].system];
        run_power(self.plan, self.draw, self.prices, run, (system, accelerators), self.with)
    }

    /// The power of a large job of which no step is known: that of small jobs' accelerators at work, without a swing.
    fn even(&self, system: usize, accelerators: f64) -> JobPower {
        let of = &self.systems[system];
        let count = accelerators / of.accelerators;
        JobPower {
            step: Waveform::constant(accelerators * self.states[system].small),
            waiting: count * of.steady(of.accelerator.waiting),
            idle: count * of.idle(),
            accelerators,
        }
    }

    /// The training runs at a site as they are planned.
    pub(super) fn jobs_of_plan(&self, site: usize, (start, end): (Moment, Moment)) -> Vec<SiteJob> {
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
            let Some(power) = self.power_of(index, accelerators) else { continue };
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

/// The law of a training run's steps, with its priced phase of the most accelerators, the longest of these.
fn step_law(
    plan: &Plan,
    draw: Draw<'_>,
    prices: &Prices,
    run: usize,
    with: &PowerCoefficients,
) -> Option<(StepPower, AcceleratorPower, usize)> {
    let training = &plan.training[run];
    let price = prices.runs.get(run)?.as_ref()?;
    let (phase, _) = training.phases.iter().enumerate().max_by_key(|(_, phase)| phase.layout.accelerators)?;
    let reference = |name: &str| training.machine.fact(name).map(|input| draw.base(input)).unwrap_or(0.0);
    let links = Links {
        scale_up: reference("scale_up"),
        network: reference("network_per_accelerator"),
        host: reference("host_link_per_accelerator"),
    };
    let accelerator = AcceleratorPower::new(price.device(), training.precision, with)?;
    Some((StepPower::new(accelerator, links, with), accelerator, phase))
}

/// The power of a training run through its step.
fn run_power(
    plan: &Plan,
    draw: Draw<'_>,
    prices: &Prices,
    run: usize,
    (system, accelerators): (&SystemPower, f64),
    with: &PowerCoefficients,
) -> Option<JobPower> {
    let (law, accelerator, phase) = step_law(plan, draw, prices, run, with)?;
    let training = &plan.training[run];
    let (price, laws) = (prices.runs.get(run)?.as_ref()?, prices.laws.as_ref()?);
    let course = price.course(training, &training.phases[phase], laws, PASSES).timeline;
    Some(step_waveform(&course, accelerators, &law, &system.with_accelerator(accelerator), with))
}

/// Power of one accelerator of a training run with its share of the system, on average over a step, in W: its parts by their
/// seconds, without the course.
pub(crate) fn run_mean(
    plan: &Plan,
    draw: Draw<'_>,
    prices: &Prices,
    run: usize,
    system: &SystemPower,
    with: &PowerCoefficients,
) -> Option<f64> {
    let (law, accelerator, phase) = step_law(plan, draw, prices, run, with)?;
    let parts = step_power(&prices.runs.get(run)?.as_ref()?.phases.get(phase)?.step, &law);
    let seconds: f64 = parts.iter().map(|part| part.seconds).sum();
    let energy: f64 = parts.iter().map(|part| part.seconds * part.power).sum();
    let mean = (seconds > 0.0).then(|| energy / seconds)?;
    Some(system.with_accelerator(accelerator).steady(mean) / system.accelerators)
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
