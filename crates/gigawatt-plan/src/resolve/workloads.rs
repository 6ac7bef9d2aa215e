//! What runs on the fleet beside training runs: pools looked up, sizes held against them.

use crate::catalog::Kind;
use crate::distribution::Distribution;
use crate::period::Moment;
use crate::plan::{
    BatchPlan, Demand, JobOutcomes, JobStatistics, Lot, LotSize, ReinforcementPlan, ServicePlan, SystemPlan,
    Workload, WorkloadKind,
};
use crate::quantity::Count;
use crate::scenario::WorkloadSection;
use crate::text::{Diagnostic, Span, Spanned};

use super::Resolver;
use super::fleet::outside;

/// Workloads that a scenario may have: each adds jobs to every history.
const MOST_WORKLOADS: usize = 100;
/// What orders jobs where nothing is said.
const SERVICE_PRIORITY: i32 = 80;
const REINFORCEMENT_PRIORITY: i32 = 50;
const BATCH_PRIORITY: i32 = 10;

/// The systems of a plan and what of them stands where.
#[derive(Clone, Copy)]
pub(super) struct Pool<'a> {
    pub systems: &'a [SystemPlan],
    pub lots: &'a [Lot],
}

impl Resolver<'_> {
    /// Every workload in the order written; `None` where one of them is incomplete.
    pub(super) fn workloads(&mut self, pool: Pool<'_>) -> Option<Vec<Workload>> {
        let scenario = self.scenario;
        if let Some(workload) = scenario.workloads.get(MOST_WORKLOADS) {
            let message = format!("there are more than {MOST_WORKLOADS} workloads");
            self.diagnostics.push(
                Diagnostic::error(workload.name.span, message).help("put those that are alike together"),
            );
            return None;
        }
        let workloads: Vec<Option<Workload>> =
            scenario.workloads.iter().map(|section| self.workload(section, pool)).collect();
        workloads.into_iter().collect()
    }

    fn workload(&mut self, section: &WorkloadSection, pool: Pool<'_>) -> Option<Workload> {
        let name = section.name.value.as_str();
        for (field, written) in &section.values {
            self.check_bounds(field, written);
        }
        let site = self.site_index(section.site.as_ref());
        let system = self.pool_system(section, pool);
        let place = section.site.as_ref().map_or(section.span, |site| site.span);
        let most = match (system, site) {
            (Some(system), Some(site)) => self.most_accelerators(pool, system, site, place),
            _ => None,
        };
        let kind = match section.kind.as_ref()?.value.as_str() {
            "batch" => self.batch_jobs(section).map(WorkloadKind::Batch),
            "service" => self.replicas(section, most).map(WorkloadKind::Service),
            _ => self.learning_job(section, most).map(WorkloadKind::Reinforcement),
        };
        let (kind, system, site) = (kind?, system?, site?);
        most?;
        let (job, priority) = match &kind {
            WorkloadKind::Batch(_) => (1.0, BATCH_PRIORITY),
            WorkloadKind::Service(service) => (f64::from(service.replica), SERVICE_PRIORITY),
            WorkloadKind::Reinforcement(job) => {
                (f64::from(job.accelerators) + f64::from(job.rollout), REINFORCEMENT_PRIORITY)
            }
        };
        let quota = section.values.get("quota");
        if let Some(quota) = quota.filter(|quota| quota.value.distribution.range().0 < job) {
            self.diagnostics.push(
                Diagnostic::error(
                    quota.span,
                    format!("the quota of `{name}` is or may be less than one of its jobs"),
                )
                .help(format!("one of its jobs holds {job}: give it more, or leave the quota out")),
            );
        }
        Some(Workload {
            name: name.to_owned(),
            title: section.title.clone().unwrap_or_else(|| name.to_owned()),
            system,
            site,
            priority: section.priority.unwrap_or(priority),
            team: section.team.clone(),
            quota: quota.map(|written| self.written::<Count>(format!("workload.{name}.quota"), written)),
            kind,
        })
    }

    /// The plan's system of a name; one that the catalogue has and the plan does not stands at no site.
    fn pool_system(&mut self, section: &WorkloadSection, pool: Pool<'_>) -> Option<usize> {
        let name = section.system.as_ref()?;
        let index = pool.systems.iter().position(|system| system.id == name.value);
        if index.is_none() && self.entry(Kind::System, name).is_some() {
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("the plan has no `{}`", name.value))
                    .suggest(&name.value, pool.systems.iter().map(|system| system.id.as_str())),
            );
        }
        index
    }

    /// The most accelerators of a system that a site ever has, infinite where that has no end; `None` and a diagnostic
    /// where it never has any.
    pub(super) fn most_accelerators(
        &mut self,
        pool: Pool<'_>,
        system: usize,
        site: usize,
        span: Span,
    ) -> Option<f64> {
        let lots: Vec<&Lot> =
            pool.lots.iter().filter(|lot| lot.system == system && lot.site == site).collect();
        let scenario = self.scenario;
        if lots.is_empty() {
            let id = &pool.systems[system].id;
            let at: Vec<String> = scenario
                .sites
                .iter()
                .enumerate()
                .filter(|(site, _)| pool.lots.iter().any(|lot| lot.system == system && lot.site == *site))
                .map(|(_, site)| format!("`{}`", site.name.value))
                .collect();
            let help = match at.as_slice() {
                [] => format!("give an [[opening]] or a [[purchase]] of `{id}` there"),
                at => format!("the plan has `{id}` at {}", at.join(", ")),
            };
            let message = format!("the plan has no `{id}` at `{}`", scenario.sites[site].name.value);
            self.diagnostics.push(Diagnostic::error(span, message).help(help));
            return None;
        }
        let mut most = 0.0;
        let mut targets: Vec<usize> = Vec::new();
        for lot in lots {
            most += match lot.size {
                LotSize::Fixed(gpus) => upper_end(self.inputs[gpus.id().0 as usize].distribution),
                // Lots of one target bring no more than it asks for, however many they are.
                LotSize::Share { target, .. } if targets.contains(&target) => 0.0,
                LotSize::Share { target, .. } => {
                    targets.push(target);
                    let written = scenario.targets.iter().filter_map(|target| target.gpus.as_ref());
                    written.map(|gpus| upper_end(gpus.value.distribution)).fold(0.0, f64::max)
                }
            };
        }
        Some(most)
    }

    /// Whether a job is no larger than its pool ever is.
    pub(super) fn fits(&mut self, job: f64, what: &str, most: f64, span: Span) -> Option<()> {
        if job <= most {
            return Some(());
        }
        self.diagnostics.push(
            Diagnostic::error(
                span,
                format!("{what} takes {job} accelerators, its pool never has more than {most}"),
            )
            .help("make it smaller, or buy more of its system for its site"),
        );
        None
    }

    fn batch_jobs(&mut self, section: &WorkloadSection) -> Option<BatchPlan> {
        let name = section.name.value.as_str();
        let path = |field: &str| format!("workload.{name}.{field}");
        let value = |field: &str| section.values.get(field);
        let demand = match (value("load"), value("jobs")) {
            (Some(load), None) => Some(Demand::Load(self.written(path("load"), load))),
            (None, Some(jobs)) => Some(Demand::Jobs(self.written(path("jobs"), jobs))),
            // Both or neither was told where it was read.
            _ => None,
        };
        let like = section.like.as_ref()?;
        let jobs = self.job_statistics(like)?;
        Some(BatchPlan { like: like.value.clone(), demand: demand?, jobs })
    }

    /// What the jobs of a cluster were like.
    fn job_statistics(&mut self, like: &Spanned<String>) -> Option<JobStatistics> {
        let day = self.knowledge;
        self.entry(Kind::Reliability, like)?;
        let entry = self.catalogue.get(Kind::Reliability, &like.value)?;
        if entry.vintages("run_time").is_empty() {
            let with = |id: &&str| {
                let entry = self.catalogue.get(Kind::Reliability, id);
                entry.is_some_and(|entry| !entry.vintages("run_time").is_empty())
            };
            let clusters: Vec<String> =
                self.catalogue.ids(Kind::Reliability).filter(with).map(|id| format!("`{id}`")).collect();
            self.diagnostics.push(
                Diagnostic::error(
                    like.span,
                    format!("what the jobs of `{}` were like was not published", like.value),
                )
                .help(format!("expected one of {}", clusters.join(", "))),
            );
            return None;
        }
        let published = entry.known_on("completed_jobs", day).is_some();
        let id = like.value.as_str();
        let outcomes = if published {
            let mut fact = |field| self.fact(Kind::Reliability, id, field, like.span);
            Some(JobOutcomes {
                completed_jobs: fact("completed_jobs")?,
                cancelled_jobs: fact("cancelled_jobs")?,
                failed_jobs: fact("failed_jobs")?,
                completed_time: fact("completed_time")?,
                cancelled_time: fact("cancelled_time")?,
                failed_time: fact("failed_time")?,
            })
        } else {
            None
        };
        Some(JobStatistics {
            run_time: self.fact(Kind::Reliability, id, "run_time", like.span)?,
            run_time_median: self.fact(Kind::Reliability, id, "run_time_median", like.span)?,
            run_time_longest: self.fact(Kind::Reliability, id, "run_time_longest", like.span)?,
            accelerators: self.fact(Kind::Reliability, id, "accelerators_per_job", like.span)?,
            accelerators_median: self.fact(Kind::Reliability, id, "accelerators_median", like.span)?,
            accelerators_largest: self.fact(Kind::Reliability, id, "accelerators_largest", like.span)?,
            outcomes,
        })
    }

    fn replicas(&mut self, section: &WorkloadSection, most: Option<f64>) -> Option<ServicePlan> {
        let replica = section.replica.as_ref()?;
        self.fits(f64::from(replica.value), "one replica", most?, replica.span)?;
        if section.replicas.is_empty() {
            return None;
        }
        let path = format!("workload.{}.replicas", section.name.value);
        Some(ServicePlan { replica: replica.value, replicas: self.curve(&path, &section.replicas) })
    }

    fn learning_job(&mut self, section: &WorkloadSection, most: Option<f64>) -> Option<ReinforcementPlan> {
        if let Some(start) = &section.start {
            let period = self.scenario.period.value;
            let moment = Moment::start_of(start.value);
            if moment < period.start || moment >= period.end {
                let what = format!("{}, the job's first day,", start.value);
                self.diagnostics.push(outside(start.span, &what, period));
            }
        }
        let (accelerators, start) = (section.accelerators.as_ref()?, section.start.as_ref()?);
        let work = section.values.get("work")?;
        let rollout = section.rollout.as_ref().map_or(0, |rollout| rollout.value);
        let job = f64::from(accelerators.value) + f64::from(rollout);
        self.fits(job, "the job", most?, accelerators.span)?;
        Some(ReinforcementPlan {
            accelerators: accelerators.value,
            rollout,
            start: Moment::start_of(start.value),
            work: self.written(format!("workload.{}.work", section.name.value), work),
        })
    }
}

/// The greatest value of a distribution; infinite where it has tails.
fn upper_end(distribution: Distribution) -> f64 {
    match distribution {
        Distribution::Constant { value } => value,
        Distribution::Triangle { high, .. } | Distribution::Uniform { high, .. } => high,
        Distribution::Normal { high, .. } | Distribution::Lognormal { high, .. } => {
            high.unwrap_or(f64::INFINITY)
        }
        Distribution::Quantiles { .. } => f64::INFINITY,
    }
}
