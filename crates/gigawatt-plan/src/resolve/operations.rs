//! The fleet in operation: defaults filled, values that make no sense told, servers and causes looked up.

use crate::catalog::Kind;
use crate::period::Period;
use crate::plan::{
    Backfill, Cause, CauseKind, Checkpoint, CheckpointInterval, FaultDomain, FleetPlan, FleetRun, Input, Lot,
    OperationsPlan, RunPlace, ServerPlan, SystemPlan, TrainingPlan,
};
use crate::quantity::{Duration, Quantity};
use crate::scenario::FleetSection;
use crate::text::{Diagnostic, Span, Spanned};

use super::fleet::outside;
use super::workloads::Pool;
use super::{DEFAULT_SEED, Options, Resolver};

/// The operations whose facts are defaults.
const OPERATIONS: &str = "hyperscale-ai";
/// The experience with failures whose causes are the default.
const RELIABILITY: &str = "llama3-54-days";
/// Histories unless the scenario says otherwise.
const DEFAULT_HISTORIES: u32 = 20;
/// Priority of a training run unless it says otherwise.
const TRAINING_PRIORITY: i32 = 50;

/// Causes of failures by the facts that count them, `cause_*`.
const CAUSES: [(&str, &str, CauseKind); 18] = [
    ("gpu", "accelerator", CauseKind::Hardware),
    ("memory", "accelerator memory", CauseKind::Hardware),
    ("software", "software", CauseKind::Software),
    ("network", "switch or cable", CauseKind::Hardware),
    ("host_maintenance", "host maintenance", CauseKind::Host),
    ("sram", "accelerator SRAM", CauseKind::Hardware),
    ("system_processor", "accelerator's system processor", CauseKind::Hardware),
    ("nic", "network card", CauseKind::Hardware),
    ("collective_timeout", "timeout of collectives", CauseKind::Software),
    ("silent_corruption", "silent corruption", CauseKind::Hardware),
    ("thermal", "thermal interface and sensor", CauseKind::Hardware),
    ("ssd", "SSD", CauseKind::Host),
    ("power_supply", "power supply", CauseKind::Host),
    ("chassis", "chassis", CauseKind::Host),
    ("io_board", "IO board", CauseKind::Host),
    ("dependency", "dependency", CauseKind::Software),
    ("cpu", "CPU", CauseKind::Host),
    ("host_memory", "host memory", CauseKind::Host),
];

/// A fleet as a scenario has it: `Ok(None)` where it says nothing of one, `Err` where diagnostics say what is wrong.
pub(super) type ResolvedFleet = Result<Option<FleetPlan>, ()>;

impl Resolver<'_> {
    /// The fleet in operation.
    pub(super) fn fleet(
        &mut self,
        options: &Options<'_>,
        systems: &Option<Vec<SystemPlan>>,
        lots: &Option<Vec<Lot>>,
        training: &Option<Vec<TrainingPlan>>,
    ) -> ResolvedFleet {
        let scenario = self.scenario;
        let Some(span) = scenario
            .fleet
            .as_ref()
            .map(|fleet| fleet.span)
            .or_else(|| scenario.workloads.first().map(|workload| workload.span))
        else {
            self.warn_of_jobs_without_a_fleet();
            return Ok(None);
        };
        let section = scenario.fleet.as_ref();
        self.check_operations(section);
        let period = self.fleet_period(section);
        let operations = self.operations_of(section, span);
        let causes = self.causes(section, span);
        let plan = match (systems, lots, training) {
            (Some(systems), Some(lots), Some(training)) => {
                let pool = Pool { systems, lots };
                let runs = self.fleet_runs(training, pool);
                (self.workloads(pool), runs, self.servers(systems))
            }
            // What they lack was told.
            _ => (None, None, None),
        };
        if lots.as_ref().is_some_and(Vec::is_empty) && !self.diagnostics.has_errors() {
            self.diagnostics.push(
                Diagnostic::error(span, "there is no fleet: nothing is owned and nothing is bought")
                    .help("add an [[opening]] or a [[purchase]]"),
            );
        }
        let words = |field: fn(&FleetSection) -> &Option<Spanned<String>>| {
            section.and_then(|section| field(section).as_ref()).map(|word| word.value.as_str())
        };
        let backfill = chosen(&Backfill::ALL, words(|section| &section.backfill)).unwrap_or(Backfill::Easy);
        let checkpoint = chosen(&Checkpoint::ALL, words(|section| &section.checkpoint));
        let rule = chosen(&CheckpointInterval::RULES, words(|section| &section.interval_rule));
        let undescribed = section.and_then(|section| section.values.get("undescribed"));
        self.check_share(undescribed, "undescribed");
        let undescribed = undescribed.map(|written| self.written("fleet.undescribed".to_owned(), written));
        let every = section.and_then(|section| section.values.get("checkpoint_interval"));
        let interval = match every {
            Some(every) => {
                CheckpointInterval::Every(self.written("fleet.checkpoint_interval".to_owned(), every))
            }
            None => rule.unwrap_or(CheckpointInterval::Optimal),
        };
        let (Some(period), Some(operations), Some(causes)) = (period, operations, causes) else {
            return Err(());
        };
        let (Some(workloads), Some(training), Some(servers)) = plan else { return Err(()) };
        let seed = options.seed.or(section.and_then(|section| section.seed)).or(scenario.seed);
        Ok(Some(FleetPlan {
            period,
            histories: section.and_then(|section| section.histories).unwrap_or(DEFAULT_HISTORIES),
            seed: seed.unwrap_or(DEFAULT_SEED),
            operations,
            causes,
            servers,
            backfill,
            preemption: section.and_then(|section| section.preemption).unwrap_or(true),
            checkpoint: checkpoint.unwrap_or(Checkpoint::Asynchronous),
            interval,
            training,
            workloads,
            undescribed,
        }))
    }

    /// What is simulated: as said, or what of the headlines' year is planned.
    fn fleet_period(&mut self, section: Option<&FleetSection>) -> Option<Period> {
        let planned = self.scenario.period.value;
        let Some(written) = section.and_then(|section| section.period.as_ref()) else {
            let year = Period::year(self.headline_year());
            return Some(Period { start: year.start.max(planned.start), end: year.end.min(planned.end) });
        };
        if !planned.contains(written.value) {
            let what = format!("{}, the fleet's period,", written.value);
            self.diagnostics.push(outside(written.span, &what, planned));
            return None;
        }
        Some(written.value)
    }

    /// Tells of values of `[fleet]` that make no sense.
    fn check_operations(&mut self, section: Option<&FleetSection>) {
        for (field, written) in section.iter().flat_map(|section| &section.values) {
            self.check_bounds(field, written);
        }
    }

    fn operations_of(&mut self, section: Option<&FleetSection>, span: Span) -> Option<OperationsPlan> {
        let named = section.and_then(|section| section.operations.as_ref());
        let id = self.choice(Kind::Operations, named, OPERATIONS)?;
        let title = self.catalogue.get(Kind::Operations, &id)?.title().to_owned();
        let mut from = Operations { resolver: self, section, id: &id, span };
        Some(OperationsPlan {
            server_interval: from.fact("server_interval")?,
            frailty: from.fact("frailty")?,
            infant_failures: from.fact("infant_failures")?,
            infant_shape: from.fact("infant_shape")?,
            wear_shape: from.fact("wear_shape")?,
            wear_life: from.fact("wear_life")?,
            silent_share: from.fact("silent_share")?,
            silent_detection: from.fact("silent_detection")?,
            software_interval_training: from.fact("software_interval_training")?,
            software_interval_small: from.fact("software_interval_small")?,
            detection: from.fact("detection")?,
            diagnosis: from.fact("diagnosis")?,
            remote_share: from.fact("remote_share")?,
            reset: from.fact("reset")?,
            repair: from.fact("repair")?,
            repair_burn_in: from.fact("repair_burn_in")?,
            technicians: from.fact("technicians")?,
            replacement_share: from.fact("replacement_share")?,
            replacement: from.fact("replacement")?,
            lemon_failures: from.fact("lemon_failures")?,
            lemon_window: from.fact("lemon_window")?,
            leaf_switch: from.domain("leaf_switch_interval", "leaf_switch_outage")?,
            cooling_unit: from.domain("cooling_unit_interval", "cooling_unit_outage")?,
            busway: from.domain("busway_interval", "busway_outage")?,
            hall: from.domain("hall_interval", "hall_outage")?,
            site: from.domain("site_interval", "site_outage")?,
            racks_per_row: from.fact("racks_per_row")?,
            rows_per_hall: from.fact("rows_per_hall")?,
            halls_per_building: from.fact("halls_per_building")?,
            maintenance_interval: from.fact("maintenance_interval")?,
            maintenance: from.fact("maintenance")?,
            spare_share: from.fact("spare_share")?,
            restart_scheduling: from.fact("restart_scheduling")?,
            restart_start_up: from.fact("restart_start_up")?,
            restart_warm_up: from.fact("restart_warm_up")?,
            checkpoint_bytes_per_parameter: from.fact("checkpoint_bytes_per_parameter")?,
            storage_bandwidth: from.fact("storage_bandwidth")?,
            host_staging: from.fact("host_staging")?,
            id: id.clone(),
            title,
        })
    }

    /// What failures were caused by in the experience that is named.
    fn causes(&mut self, section: Option<&FleetSection>, span: Span) -> Option<Vec<Cause>> {
        let named = section.and_then(|section| section.reliability.as_ref());
        let id = self.choice(Kind::Reliability, named, RELIABILITY)?;
        let span = named.map_or(span, |name| name.span);
        let entry = self.catalogue.get(Kind::Reliability, &id)?;
        let day = self.knowledge;
        let counted = CAUSES.map(|(name, title, kind)| (format!("cause_{name}"), name, title, kind));
        let counted: Vec<_> =
            counted.into_iter().filter(|(field, ..)| entry.known_on(field, day).is_some()).collect();
        if counted.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(
                    span,
                    format!("`{id}` does not count what failures were caused by, or not by {day}"),
                )
                .help(format!(
                    "name an entry that does, such as `{RELIABILITY}`, or admit later facts with --hindsight"
                )),
            );
            return None;
        }
        let cause = |(field, name, title, kind): (String, &str, &str, CauseKind)| {
            let weight = self.fact(Kind::Reliability, &id, &field, span)?;
            Some(Cause { name: name.to_owned(), title: title.to_owned(), weight, kind })
        };
        counted.into_iter().map(cause).collect()
    }

    /// The servers of every system.
    fn servers(&mut self, systems: &[SystemPlan]) -> Option<Vec<ServerPlan>> {
        let span = self.scenario.as_of.span;
        let day = self.knowledge;
        let mut servers = Vec::new();
        for system in systems {
            let entry = self.catalogue.get(Kind::System, &system.id)?;
            let whole = entry.integer("accelerators").unwrap_or(1);
            let one = entry.integer("accelerators_per_server").unwrap_or(whole);
            let accelerator = entry.text("accelerator").to_owned();
            let known = self.catalogue.get(Kind::Accelerator, &accelerator);
            let known = known.is_some_and(|entry| entry.known_on("scale_up_domain", day).is_some());
            let domain =
                known.then(|| self.fact(Kind::Accelerator, &accelerator, "scale_up_domain", span)).flatten();
            servers
                .push(ServerPlan { accelerators: u32::try_from(one).unwrap_or(1), scale_up_domain: domain });
        }
        Some(servers)
    }

    /// The training runs that stand at a site, as jobs of the fleet.
    fn fleet_runs(&mut self, training: &[TrainingPlan], pool: Pool<'_>) -> Option<Vec<FleetRun>> {
        let scenario = self.scenario;
        let mut runs = Vec::new();
        let mut complete = true;
        for (index, (section, run)) in scenario.training.iter().zip(training).enumerate() {
            let RunPlace::Site(site) = run.place else {
                self.warn_of_no_job(index, "a run without a site is no job of a fleet", "give it a site");
                continue;
            };
            let place = section.site.as_ref().map_or(section.span, |name| name.span);
            let Some(most) = self.most_accelerators(pool, run.system, site, place) else {
                complete = false;
                continue;
            };
            let widest = run.phases.iter().map(|phase| phase.layout.accelerators).max().unwrap_or(0);
            let span = section.shared.accelerators.as_ref().map_or(section.span, |number| number.span);
            #[expect(clippy::cast_precision_loss, reason = "accelerators of a run, far below 2^53")]
            let widest = widest as f64;
            complete &= self.fits(widest, "the run", most, span).is_some();
            let spares = section.values.get("spares");
            let elastic = section.values.get("elastic");
            let path = format!("training.{}.spares", section.name.value);
            let priority = section.priority.as_ref().and_then(|priority| i32::try_from(priority.value).ok());
            runs.push(FleetRun {
                run: index,
                site,
                priority: priority.unwrap_or(TRAINING_PRIORITY),
                spares: spares.map(|written| self.written(path, written)),
                elastic: elastic.map(|written| {
                    self.check_bounds("elastic", written);
                    self.written(format!("training.{}.elastic", section.name.value), written)
                }),
            });
        }
        complete.then_some(runs)
    }

    /// Tells of what runs say of themselves as jobs of a fleet that nobody describes.
    fn warn_of_jobs_without_a_fleet(&mut self) {
        for index in 0..self.scenario.training.len() {
            self.warn_of_no_job(
                index,
                "no fleet is simulated that the run could be a job of",
                "add a [fleet]",
            );
        }
    }

    fn warn_of_no_job(&mut self, index: usize, why: &str, help: &str) {
        let section = &self.scenario.training[index];
        let priority = section.priority.as_ref().map(|priority| ("priority", priority.span));
        let values = ["spares", "elastic"];
        let values = values.into_iter().filter_map(|field| Some((field, section.values.get(field)?.span)));
        for (field, span) in priority.into_iter().chain(values) {
            let message = format!("`{field}` has no effect: {why}");
            self.diagnostics
                .push(Diagnostic::error(span, message).warning().help(format!("{help}, or leave it out")));
        }
    }
}

/// Where values of a fleet's operations come from.
struct Operations<'a, 'b> {
    resolver: &'a mut Resolver<'b>,
    section: Option<&'a FleetSection>,
    id: &'a str,
    span: Span,
}

impl Operations<'_, '_> {
    /// A value of the scenario, else a fact of the catalogue.
    fn fact<Q: Quantity>(&mut self, field: &str) -> Option<Input<Q>> {
        let written = self.section.and_then(|section| section.values.get(field));
        let fact = (Kind::Operations, self.id, field);
        self.resolver.written_or_fact(format!("fleet.{field}"), written, fact, self.span)
    }

    fn domain(&mut self, interval: &str, outage: &str) -> Option<FaultDomain> {
        let (interval, outage) = (self.fact::<Duration>(interval), self.fact::<Duration>(outage));
        Some(FaultDomain { interval: interval?, outage: outage? })
    }
}

/// What a word stands for.
fn chosen<T: Copy>(all: &[(T, &str)], word: Option<&str>) -> Option<T> {
    all.iter().find(|(_, known)| Some(*known) == word).map(|(value, _)| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_a_fact_of_an_experience() {
        for (name, ..) in CAUSES {
            assert!(Kind::Reliability.has_field(&format!("cause_{name}")), "{name}");
        }
        let counted = Kind::Reliability.quantities().iter().filter(|(field, _)| field.starts_with("cause_"));
        assert_eq!(counted.count(), CAUSES.len());
    }
}
