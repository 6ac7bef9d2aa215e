//! A fleet in operation from its sections to its plan.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::io::{Cursor, Read};

use gigawatt_plan::catalog::Kind;
use gigawatt_plan::plan::{
    Backfill, CauseKind, Checkpoint, CheckpointInterval, Demand, FleetPlan, Origin, Plan, WorkloadKind,
};
use gigawatt_plan::scenario::fields_fleet::{BACKFILLS, CHECKPOINTS, FLEET, INTERVAL_RULES};
use gigawatt_plan::text::FieldKind;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, Resolved, load};

struct Text(String);

impl World for Text {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone().into_bytes()))))
    }
}

const CAMPUS: &str = r#"
name   = "a fleet"
as_of  = 2025-06-01
period = { from = 2024-07-01, to = 2026-12-31 }

[uncertainty]
seed = 11

[[site]]
name   = "campus"
online = [{ on = 2023-12-31, power = "100 MW" }]

[[opening]]
name   = "hopper"
system = "hgx-h100"
site   = "campus"
gpus   = 16_384

[[purchase]]
name    = "blackwell"
system  = "gb200-nvl72"
site    = "campus"
gpus    = 7_200
deliver = 2025
"#;

const RUN: &str = r#"
[[training]]
name            = "run"
model           = "llama-3-1-8b"
system          = "hgx-h100"
site            = "campus"
accelerators    = 4_096
start           = 2025-02-01
tokens          = "1 T"
sequence        = 8192
batch_sequences = 4_096
"#;

const WORKLOADS: &str = r#"
[[workload]]
name   = "research"
kind   = "batch"
like   = "seren"
load   = { low = 0.1, mode = 0.2, high = 0.3 }
system = "hgx-h100"
site   = "campus"
team   = "research"
quota  = "4 k"

[[workload]]
name     = "shared"
kind     = "batch"
like     = "pai"
jobs     = "1 M"
system   = "hgx-h100"
site     = "campus"
priority = -5

[[workload]]
name     = "assistant"
kind     = "service"
system   = "gb200-nvl72"
site     = "campus"
replica  = 8
replicas = [{ on = 2024-12-31, count = 100 }, { on = 2025-12-31, count = { low = 400, high = 800 } }]

[[workload]]
name         = "tuning"
kind         = "reinforcement"
system       = "hgx-h100"
site         = "campus"
accelerators = 1_024
rollout      = 2_048
start        = 2025-03-01
work         = "20 day"
"#;

fn resolve(sections: &[&str], seed: Option<u64>) -> Resolved {
    let text = [CAMPUS].iter().chain(sections).copied().collect::<String>();
    load("fleet.toml", &Options { seed, ..Options::default() }, &Text(text))
}

fn plan(sections: &[&str]) -> Plan {
    let resolved = resolve(sections, None);
    assert!(resolved.diagnostics.is_empty(), "{:#?}", resolved.diagnostics);
    resolved.plan.unwrap()
}

fn fleet(sections: &[&str]) -> FleetPlan {
    plan(sections).fleet.unwrap()
}

#[test]
fn without_its_sections_there_is_no_fleet_and_the_rest_of_a_plan_does_not_depend_on_it() {
    let without = plan(&[RUN]);
    assert!(without.fleet.is_none());
    assert!(!serde_json::to_string(&without).unwrap().contains("\"fleet\""));
    let mut with = plan(&[RUN, "[fleet]\n", WORKLOADS]);
    assert!(with.inputs.len() > without.inputs.len());
    with.fleet = None;
    with.inputs.truncate(without.inputs.len());
    // What a fleet cites stands in the bibliography.
    with.bibliography = without.bibliography.clone();
    assert!(with == without);
}

#[test]
fn an_empty_section_takes_everything_from_the_catalogue() {
    let plan = plan(&["[fleet]\n"]);
    let fleet = plan.fleet.as_ref().unwrap();
    let (start, end) = (fleet.period.start.day(), fleet.period.end.day_before());
    assert_eq!((start.to_string(), end.to_string()), ("2025-01-01".to_owned(), "2025-12-31".to_owned()));
    assert_eq!((fleet.histories, fleet.seed), (20, 11));
    assert_eq!((fleet.backfill, fleet.preemption), (Backfill::Easy, true));
    assert_eq!((fleet.checkpoint, fleet.interval), (Checkpoint::Asynchronous, CheckpointInterval::Optimal));
    assert!(fleet.training.is_empty() && fleet.workloads.is_empty());
    let interval = plan.input(fleet.operations.server_interval.id());
    assert_eq!(interval.path, "operations.hyperscale-ai.server_interval");
    assert_eq!(interval.origin, Origin::Catalogue);
    let days = interval.distribution.reference() / 86_400.0;
    // 356 failures of 2,048 servers in 54 days.
    assert!((days - 2048.0 * 54.0 / 356.0).abs() < 0.1, "{days}");
    let (systems, servers) = (&plan.systems, &fleet.servers);
    let of = |id: &str| servers[systems.iter().position(|system| system.id == id).unwrap()];
    assert_eq!((of("hgx-h100").accelerators, of("gb200-nvl72").accelerators), (8, 4));
    let domain = plan.input(of("gb200-nvl72").scale_up_domain.unwrap().id());
    assert!((domain.distribution.reference() - 72.0).abs() < 1e-9);
}

#[test]
fn causes_add_up_to_the_interruptions_and_those_of_servers_to_what_their_interval_counts() {
    let plan = plan(&["[fleet]\n"]);
    let weight = |kinds: &[CauseKind]| {
        let causes = plan.fleet.as_ref().unwrap().causes.iter().filter(|cause| kinds.contains(&cause.kind));
        causes.map(|cause| plan.input(cause.weight.id()).distribution.reference()).sum::<f64>()
    };
    assert!((weight(&[CauseKind::Hardware, CauseKind::Host]) - 356.0).abs() < 1e-9);
    assert!((weight(&[CauseKind::Software]) - 63.0).abs() < 1e-9);
}

#[test]
fn what_is_said_replaces_the_catalogue_and_is_an_input_of_its_own() {
    let section = r#"
[fleet]
period              = { from = 2025-03-01, to = 2025-05-31 }
histories           = 5
seed                = 7
server_interval     = { low = "200 day", mode = "264 day", high = "300 day" }
backfill            = "conservative"
preemption          = false
checkpoint          = "in-memory"
checkpoint_interval = "30 min"
"#;
    let plan = plan(&[section]);
    let fleet = plan.fleet.as_ref().unwrap();
    assert_eq!((fleet.histories, fleet.seed, fleet.preemption), (5, 7, false));
    assert_eq!((fleet.backfill, fleet.checkpoint), (Backfill::Conservative, Checkpoint::InMemory));
    assert_eq!(plan.input(fleet.operations.server_interval.id()).path, "fleet.server_interval");
    assert!(plan.find_input("operations.hyperscale-ai.server_interval").is_none());
    let CheckpointInterval::Every(every) = fleet.interval else { panic!("{:?}", fleet.interval) };
    assert!((plan.input(every.id()).distribution.reference() - 1800.0).abs() < 1e-9);
    for (word, rule) in [("young", CheckpointInterval::Young), ("daly", CheckpointInterval::Daly)] {
        let section = format!("[fleet]\ncheckpoint_interval = \"{word}\"\n");
        assert_eq!(self::fleet(&[&section]).interval, rule);
    }
    let seeded = resolve(&[section], Some(99)).plan.unwrap();
    assert_eq!(seeded.fleet.unwrap().seed, 99, "the command line wins");
}

#[test]
fn workloads_and_runs_with_a_site_are_its_jobs() {
    let run = format!("{RUN}priority = 60\nspares = 64\n");
    let fleet = fleet(&[&run, WORKLOADS]);
    let [job] = fleet.training.as_slice() else { panic!("{:?}", fleet.training) };
    assert_eq!((job.run, job.site, job.priority, job.spares.is_some()), (0, 0, 60, true));
    let priorities: Vec<i32> = fleet.workloads.iter().map(|workload| workload.priority).collect();
    assert_eq!(priorities, [10, -5, 80, 50]);
    let kinds: Vec<&WorkloadKind> = fleet.workloads.iter().map(|workload| &workload.kind).collect();
    let [
        WorkloadKind::Batch(research),
        WorkloadKind::Batch(shared),
        WorkloadKind::Service(assistant),
        WorkloadKind::Reinforcement(tuning),
    ] = kinds.as_slice()
    else {
        panic!("{kinds:?}")
    };
    assert!(matches!(research.demand, Demand::Load(_)) && research.jobs.outcomes.is_some());
    assert!(matches!(shared.demand, Demand::Jobs(_)) && shared.jobs.outcomes.is_none());
    assert_eq!((assistant.replica, assistant.replicas.len()), (8, 2));
    assert_eq!((tuning.accelerators, tuning.rollout), (1_024, 2_048));
}

#[test]
fn a_plan_with_a_fleet_survives_json() {
    let plan = plan(&[RUN, "[fleet]\ncheckpoint_interval = \"1 h\"\n", WORKLOADS]);
    let again: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
    assert!(plan == again);
}

#[test]
fn what_a_run_says_as_a_job_of_no_fleet_is_warned_of() {
    let run = format!("{RUN}priority = 60\nspares = 64\n");
    let resolved = resolve(&[&run], None);
    let told: Vec<&str> = resolved.diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect();
    let why = "has no effect: no fleet is simulated that the run could be a job of";
    assert_eq!(told, [format!("`priority` {why}"), format!("`spares` {why}")]);
    assert!(resolved.plan.is_some());
}

#[test]
fn fields_and_words_are_those_of_the_catalogue_and_the_plan() {
    let facts: BTreeSet<&str> = Kind::Operations.quantities().iter().map(|(name, _)| *name).collect();
    // What a scenario leaves undescribed is its own matter, and no fact of how fleets are operated.
    let fields = || FLEET.iter().filter(|field| field.name != "undescribed");
    let amounts = fields().filter(|field| matches!(field.kind, FieldKind::Uncertain(_)));
    assert_eq!(amounts.map(|field| field.name).collect::<BTreeSet<_>>(), facts);
    for field in fields() {
        if let FieldKind::Uncertain(dimension) = field.kind {
            assert!(Kind::Operations.quantities().contains(&(field.name, dimension)), "{}", field.name);
        }
    }
    assert_eq!(Backfill::ALL.map(|(_, word)| word).as_slice(), BACKFILLS);
    assert_eq!(Checkpoint::ALL.map(|(_, word)| word).as_slice(), CHECKPOINTS);
    assert_eq!(CheckpointInterval::RULES.map(|(_, word)| word).as_slice(), INTERVAL_RULES);
}
