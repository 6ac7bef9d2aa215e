//! Jobs of a batch workload as its statistics and its load have them.

use gigawatt_plan::plan::{BatchPlan, Demand, JobStatistics, Workload};
use gigawatt_plan::quantity::Quantity;

use super::model::{BatchJob, Model};
use super::queue::{Time, nanoseconds, seconds};
use super::random::Stream;
use super::simulation::Source;
use crate::Draw;
use crate::job_mix::{Arrivals, Endings, FitError, JobMix, Statistics, WeeklyShape};

/// What is simulated lasts at least this long where it stands for several jobs, so that these are not all side by side.
const BUNDLE: f64 = 43_200.0;

/// Jobs that run longer write what they have done this often, in seconds. What their owners do was not published; losing days
/// of work again and again is what nobody does.
const SAVED: f64 = 3_600.0;

/// The part of its pool that several jobs side by side take at most.
const WIDEST: f64 = 0.01;

/// A batch workload, ready to be drawn.
///
/// A fleet has more small jobs than anyone wants to see. Where there are more than asked for, small ones are drawn less often,
/// and each that is drawn stands for several of its size and run time, one after the other and side by side: all of them
/// have the same accelerator time, that of a job which is large enough to stand for itself. What is done and what
/// is lost add up to the same; waits are those of bundles.
#[derive(Clone, Debug)]
pub struct BatchSource {
    name: String,
    mix: JobMix,
    /// Accelerator time in seconds that one that is simulated has at least.
    work: f64,
    /// Jobs that are simulated, per second, when the pool is whole.
    rate: f64,
    /// Part of the pool that is there from when on; one that does not follow its growth is whole from the start.
    growth: Vec<(Time, f64)>,
    /// Jobs that each of them stands for on average.
    stands_for: f64,
    /// The most accelerators that one gets: its pool has no more.
    most: u32,
}

impl BatchSource {
    /// The jobs of a workload in a pool, about so many of them at most in the whole span.
    pub(super) fn new(
        batch: &BatchPlan,
        draw: Draw<'_>,
        model: &Model,
        pool: u16,
        of: &Workload,
        most_jobs: u64,
    ) -> Result<Self, FitError> {
        let mix = JobMix::fit(&statistics(&batch.jobs, draw))?;
        let pool = &model.pools[usize::from(pool)];
        let span = seconds(model.span);
        let servers: f64 = pool.deliveries.iter().map(|delivery| f64::from(delivery.servers)).sum();
        let accelerators = servers * f64::from(pool.structure.accelerators);
        let (rate, growth) = match batch.demand {
            Demand::Jobs(jobs) => (draw.get(jobs).base() / span, vec![(0, 1.0)]),
            // As many as ask for this part of what the pool has at the time.
            Demand::Load(load) => {
                let mut there = 0.0;
                let growth = pool.deliveries.iter().map(|delivery| {
                    there += f64::from(delivery.servers);
                    (delivery.time, there / servers)
                });
                (draw.get(load).base() * accelerators / mix.mean_accelerator_seconds(), growth.collect())
            }
        };
        let ends = growth.iter().skip(1).map(|step| step.0).chain([model.span]);
        let whole: f64 = growth.iter().zip(ends).map(|(step, end)| step.1 * seconds(end - step.0)).sum();
        let jobs = rate * whole;
        let work = least_work(&mix, most_jobs as f64 / jobs);
        let kept = if work > 0.0 { mix.kept(work) } else { 1.0 };
        let quota = of.quota.map_or(f64::INFINITY, |quota| draw.get(quota).base());
        let most = accelerators.min(quota).clamp(1.0, f64::from(u32::MAX)) as u32;
        let mix = if work > 0.0 { mix.thinned(work) } else { mix };
        Ok(Self { name: of.name.clone(), mix, work, rate: rate * kept, growth, stands_for: 1.0 / kept, most })
    }

    /// Name of its workload.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Jobs that each that is simulated stands for.
    pub(super) fn stands_for(&self) -> f64 {
        self.stands_for
    }

    /// Its jobs in a history with a seed.
    pub(super) fn source(&self, seed: u64, span: Time) -> Source<'_> {
        let mut times = Stream::new(seed, "arrivals", &self.name);
        let mut jobs = Stream::new(seed, "jobs", &self.name);
        let Some(mut arrivals) = Arrivals::new(self.rate, WeeklyShape::flat(), 0.0) else {
            return Box::new(std::iter::empty());
        };
        let mut step = 0;
        Box::new(std::iter::from_fn(move || {
            loop {
                let submit = nanoseconds(arrivals.next(times.generator()));
                if submit > span {
                    return None;
                }
                while self.growth.get(step + 1).is_some_and(|next| next.0 <= submit) {
                    step += 1;
                }
                let there = self.growth.get(step).filter(|step| step.0 <= submit).map_or(0.0, |step| step.1);
                if there >= 1.0 || times.uniform() < there {
                    return Some(self.job(submit, &mut jobs));
                }
            }
        }))
    }

    fn job(&self, submit: Time, jobs: &mut Stream) -> BatchJob {
        let job = self.mix.sample(jobs.generator());
        let run = job.run_seconds.max(1e-3);
        let accelerators = job.accelerators.clamp(1, self.most);
        let saved = nanoseconds(SAVED);
        let stands_for = self.work / (f64::from(accelerators) * f64::from(job.share) * run);
        if stands_for <= 1.0 {
            let (run, limit) = (nanoseconds(run), nanoseconds(job.limit_seconds));
            return BatchJob {
                submit,
                accelerators,
                run,
                limit: limit.max(run),
                part: run.min(saved),
                beside: 1,
            };
        }
        let widest = (f64::from(self.most) * WIDEST / f64::from(accelerators)).max(1.0);
        let after = (BUNDLE / run).floor().max(1.0);
        let beside = (stands_for / after + jobs.uniform()).floor().clamp(1.0, widest.floor());
        // What rounding and the width leave over comes one after the other.
        let after = stands_for / beside;
        let long = nanoseconds(run * after);
        BatchJob {
            submit,
            accelerators: accelerators.saturating_mul(beside as u32),
            run: long,
            limit: nanoseconds(job.limit_seconds * after).max(long),
            part: nanoseconds(run).min(saved),
            beside: beside as u32,
        }
    }
}

/// The accelerator time in seconds that a job has to have to stand for itself, so that a part of the jobs is left; zero for
/// all of them.
fn least_work(mix: &JobMix, part: f64) -> f64 {
    if part.is_nan() || part >= 1.0 {
        return 0.0;
    }
    // What is left falls as the bound rises; between a bound that leaves all and one that leaves too few.
    let (mut low, mut high) = (0.0, mix.mean_accelerator_seconds());
    while mix.kept(high) > part && high < 1e15 {
        low = high;
        high *= 4.0;
    }
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if middle > 0.0 && mix.kept(middle) > part { low = middle } else { high = middle }
    }
    high
}

pub(crate) fn statistics(of: &JobStatistics, draw: Draw<'_>) -> Statistics {
    let seconds = |input| draw.get::<gigawatt_plan::quantity::Duration>(input).days() * 86_400.0;
    let count = |input| draw.get::<gigawatt_plan::quantity::Count>(input).base();
    let share = |input| draw.get::<gigawatt_plan::quantity::Ratio>(input).base();
    Statistics {
        mean_size: count(of.accelerators),
        median_size: count(of.accelerators_median),
        max_size: count(of.accelerators_largest),
        mean_run: seconds(of.run_time),
        median_run: seconds(of.run_time_median),
        max_run: seconds(of.run_time_longest),
        mean_accelerator_seconds: None,
        endings: of.outcomes.as_ref().map(|outcomes| Endings {
            of_jobs: [outcomes.completed_jobs, outcomes.cancelled_jobs, outcomes.failed_jobs].map(share),
            of_time: [outcomes.completed_time, outcomes.cancelled_time, outcomes.failed_time].map(share),
        }),
    }
}
