//! Jobs of a batch workload as its statistics and its load have them.

use gigawatt_plan::plan::{BatchPlan, Demand, JobStatistics, Workload};
use gigawatt_plan::quantity::Quantity;

use super::model::{BatchJob, Model};
use super::queue::{Time, nanoseconds, seconds};
use super::random::Stream;
use super::simulation::Source;
use crate::Draw;
use crate::job_mix::{Arrivals, Endings, FitError, JobMix, Statistics, WeeklyShape};

/// A batch workload, ready to be drawn.
#[derive(Clone, Debug)]
pub struct BatchSource {
    name: String,
    mix: JobMix,
    /// Jobs that are simulated, per second.
    rate: f64,
    /// Jobs that each of them stands for.
    stands_for: f64,
    /// The most accelerators that one gets: its pool has no more.
    most: u32,
}

impl BatchSource {
    /// The jobs of a workload in a pool, at most so many in the whole span.
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
        let accelerators = f64::from(pool.structure.accelerators);
        let delivered: f64 = pool
            .deliveries
            .iter()
            .map(|delivery| f64::from(delivery.servers) * (span - seconds(delivery.time)).max(0.0))
            .sum();
        let rate = match batch.demand {
            Demand::Jobs(jobs) => draw.get(jobs).base() / span,
            // As many as ask for this part of what the pool has on average over the span.
            Demand::Load(load) => {
                draw.get(load).base() * delivered * accelerators / span / mix.mean_accelerator_seconds()
            }
        };
        let stands_for = (rate * span / (most_jobs.max(1) as f64)).max(1.0);
        let servers = pool.deliveries.iter().map(|delivery| f64::from(delivery.servers)).sum::<f64>();
        let quota = of.quota.map_or(f64::INFINITY, |quota| draw.get(quota).base());
        let most = (servers * accelerators).min(quota).clamp(1.0, f64::from(u32::MAX)) as u32;
        Ok(Self { name: of.name.clone(), mix, rate: rate / stands_for, stands_for, most })
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
        Box::new(std::iter::from_fn(move || {
            let submit = nanoseconds(arrivals.next(times.generator()));
            if submit > span {
                return None;
            }
            let job = self.mix.sample(jobs.generator());
            let part = nanoseconds(job.run_seconds.max(1e-3));
            let run = nanoseconds(job.run_seconds.max(1e-3) * self.stands_for);
            Some(BatchJob {
                submit,
                accelerators: job.accelerators.clamp(1, self.most),
                run,
                limit: nanoseconds(job.limit_seconds * self.stands_for).max(run),
                part,
            })
        }))
    }
}

fn statistics(of: &JobStatistics, draw: Draw<'_>) -> Statistics {
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
