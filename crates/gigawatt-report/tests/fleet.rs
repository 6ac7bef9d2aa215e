//! The fleet in operation, as the report shows it: what is told adds up and is what was simulated.
#![allow(missing_docs)]

mod common;

use gigawatt_engine::fleet::{Activity, DAY, Detail, Given, Histories, histories};
use gigawatt_engine::training::Prices;
use gigawatt_engine::{Results, run};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Silent;
use gigawatt_plan::{Options, load};
use gigawatt_report::chart::{Body, Chart, Datum, Shape};
use gigawatt_report::html::Report;
use gigawatt_report::operation::{OperationSummary, fleet_tables};
use gigawatt_report::trace::fleet_trace;
use gigawatt_report::trace::message::{EventType, Trace, TracePacket, TrackEvent};
use gigawatt_report::{Summary, Value};
use prost::Message;

use common::Text;

fn scenario() -> String {
    let place = concat!(env!("CARGO_MANIFEST_DIR"), "/../gigawatt/tests/scenarios/fleet.toml");
    std::fs::read_to_string(place).expect("the scenario is part of the repository")
}

struct Ran {
    plan: Plan,
    results: Results,
    summary: Summary,
    histories: Histories,
}

fn ran(scenario: String) -> Ran {
    let options = Options { samples: Some(100), ..Options::default() };
    let resolved = load("fleet.toml", &options, &Text(scenario));
    let plan = resolved.plan.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    let results = run(&plan, &Silent).expect("nobody cancels");
    let found = histories(&plan, &Prices::new(&plan), 3, Detail { jobs: 2_000 }, &Given::default(), &Silent);
    let histories = found.expect("a fleet");
    let mut summary = Summary::new(&plan, &results);
    summary.fleet = OperationSummary::new(&plan, &histories);
    Ran { plan, results, summary, histories }
}

impl Ran {
    fn report(&self) -> Report<'_> {
        Report { fleet: Some(&self.histories), ..Report::new(&self.plan, &self.results, &self.summary) }
    }

    fn chart(&self, name: &str) -> Chart {
        let charts = self.report().charts();
        charts.into_iter().find(|chart| chart.name == name).unwrap_or_else(|| panic!("{name}"))
    }
}

fn reference(values: &[&Value]) -> f64 {
    values.iter().map(|value| value.reference.expect("it exists in the reference history")).sum()
}

#[test]
fn every_chart_of_the_fleet_is_in_the_page() {
    let ran = ran(scenario());
    let page = ran.report().page();
    assert!(page.contains("<section id=\"operation\">"));
    for name in ["states", "use", "goodput", "completion", "jobs", "losses", "life"] {
        assert!(page.contains(&format!("id=\"chart-fleet-{name}\"")), "{name}");
    }
    // What was not simulated is not told.
    let without = Report::new(&ran.plan, &ran.results, &ran.summary);
    assert!(!without.page().contains("<section id=\"operation\">"));
    assert!(without.charts().iter().all(|chart| !chart.name.starts_with("fleet-")));
}

#[test]
fn shares_add_up_to_one() {
    let ran = ran(scenario());
    let fleet = ran.summary.fleet.as_ref().expect("a fleet");
    let gpus: Vec<&Value> = fleet.gpus.values().collect();
    assert!((reference(&gpus) - 1.0).abs() < 1e-9);
    assert_eq!(fleet.pool.len(), 2);
    for pool in fleet.pool.values() {
        let groups = reference(&[&pool.idle, &pool.allocated, &pool.broken, &pool.maintenance]);
        assert!((groups - 1.0).abs() < 1e-9, "{groups}");
        assert!((reference(&pool.state.values().collect::<Vec<_>>()) - 1.0).abs() < 1e-9);
    }
    let jobs: Vec<_> = fleet.training.values().chain(fleet.reinforcement.values()).collect();
    assert_eq!(jobs.len(), 2);
    for job in jobs {
        let losses = [&job.checkpoints, &job.rework, &job.stalled, &job.waiting, &job.restarting];
        let held = reference(&losses) + reference(&[&job.goodput]);
        assert!((held - 1.0).abs() < 1e-9, "{held}");
        let by_cause: f64 = job.cause.values().map(|cause| reference(&[&cause.lost])).sum();
        assert!((by_cause - reference(&losses[1..])).abs() < 1e-9);
        let interrupted: f64 = job.cause.values().map(|cause| reference(&[&cause.interruptions])).sum();
        assert_eq!(interrupted, reference(&[&job.interruptions]));
        assert!(interrupted > 0.0);
    }
}

#[test]
fn areas_add_up_to_the_gpus_online_on_every_day() {
    let ran = ran(scenario());
    let Body::Plane(plane) = ran.chart("fleet-states").body else { panic!("areas over time") };
    let layers = &plane.panels[0].layers;
    assert!(layers.iter().all(|layer| layer.shape == Shape::StackedArea));
    let days = &ran.histories.reference.history.measures.days;
    for (at, pools) in days.iter().enumerate() {
        // Both pools are of GPUs.
        let online: u64 = pools.iter().flat_map(|pool| pool.counts).sum();
        let shown: f64 = layers.iter().map(|layer| layer.data[at].value).sum();
        #[expect(clippy::cast_precision_loss, reason = "thousands of accelerators")]
        let online = online as f64;
        assert_eq!(shown, online, "day {at}");
    }
}

#[test]
fn the_life_of_the_largest_job_holds_all_of_its_lost_time() {
    let ran = ran(scenario());
    let Body::Plane(plane) = ran.chart("fleet-life").body else { panic!("bars over time") };
    let shown = |panel: usize| -> f64 {
        let data = plane.panels[panel].layers.iter().flat_map(|layer| &layer.data);
        data.map(|datum: &Datum| datum.value).sum()
    };
    let gang = &ran.histories.reference.history.gangs[0];
    let end = gang.ended.expect("it is done");
    let course = &gang.course;
    let next = course.iter().zip(course.iter().skip(1));
    let worked: u64 = next
        .filter(|((_, activity, _), _)| *activity == Activity::Running)
        .map(|((from, ..), (to, ..))| to - from)
        .sum();
    let asked = ran.histories.reference.model.gangs().next().expect("a gang").1.submit;
    #[expect(clippy::cast_precision_loss, reason = "seconds of a year")]
    let lost = (end - asked - worked) as f64 / 1e9;
    assert!((shown(1) - lost).abs() < 1.0, "{} and {lost}", shown(1));
    assert!(shown(2) > 5.0 && shown(2) <= f64::from(gang.interruptions()));
    let done = &plane.panels[0].layers[0].data;
    assert!(
        done.windows(2).all(|pair| pair[0].value <= pair[1].value + 0.01),
        "nothing is found corrupt here"
    );
    assert_eq!(done.last().map(|datum| datum.value), Some(1.0));
}

#[test]
fn a_trace_holds_the_course_of_every_job_and_the_accelerators_of_every_day() {
    let ran = ran(scenario());
    let reference = &ran.histories.reference;
    let trace = Trace::decode(fleet_trace(reference).as_slice()).expect("what was encoded");
    let track = |name: &str| {
        let of = |packet: &TracePacket| {
            packet.track_descriptor.clone().filter(|track| track.name.as_deref() == Some(name))
        };
        trace.packet.iter().find_map(of).unwrap_or_else(|| panic!("{name}")).uuid()
    };
    let events = |track: u64| {
        let of = move |packet: &TracePacket| {
            let event: TrackEvent = packet.track_event.clone()?;
            (event.track_uuid == Some(track)).then(|| (packet.timestamp(), event))
        };
        trace.packet.iter().filter_map(of).collect::<Vec<_>>()
    };
    let large = events(track("A model of 70 B parameters"));
    let mut worked = 0;
    for pair in large.chunks_exact(2) {
        let [(from, begun), (to, ended)] = pair else { panic!("{pair:?}") };
        assert_eq!((begun.r#type(), ended.r#type()), (EventType::SliceBegin, EventType::SliceEnd));
        assert!(to > from);
        worked += if begun.name() == "running" { to - from } else { 0 };
    }
    assert!(large.windows(2).all(|pair| pair[0].0 <= pair[1].0), "slices lie one behind the other");
    let gang = &reference.history.gangs[0];
    let each = 2_048 / 8;
    let loss = gang.loss();
    assert_eq!(
        u128::from(worked) * each,
        gang.account.productive + gang.account.checkpoints + loss.rework,
        "what works lasts, is written, or is lost"
    );
    assert!(large.iter().any(|(_, event)| event.name().starts_with("stalled: ")));
    // The first counter of each state is that of the first pool.
    let idle = events(track("idle"));
    let days = &reference.history.measures.days;
    for (at, event) in &idle {
        let day = usize::try_from(at / DAY).expect("a day") - 1;
        assert_eq!(event.counter_value, i64::try_from(days[day][0].counts[0]).ok());
    }
    assert!(idle.len() > 10);
}

#[test]
fn tables_have_a_row_for_every_job_in_every_history() {
    let ran = ran(scenario());
    let tables = fleet_tables(&ran.plan, &ran.histories).expect("tables");
    let rows = |name: &str| {
        let bytes = tables.iter().find(|(file, _)| file.ends_with(name)).expect("table").1.clone();
        let reader = gigawatt_report::columns::TableReader::new(gigawatt_report::columns::in_memory(bytes));
        usize::try_from(reader.expect("a table").rows()).expect("rows")
    };
    assert_eq!(rows("fleet_jobs.parquet"), 2 * 4);
    assert!(rows("fleet_losses.parquet") > 2 * 4);
    let there = ran.histories.reference.history.measures.days.iter().flatten();
    let there = there.flat_map(|pool| pool.counts).filter(|count| *count > 0).count();
    assert_eq!(rows("fleet_states.parquet"), there);
}

#[test]
fn a_job_that_is_not_done_has_no_end() {
    let longer = scenario().replace(
        r#"low = "10 T", mode = "12 T", high = "15 T""#,
        r#"low = "50 T", mode = "60 T", high = "70 T""#,
    );
    assert_ne!(longer, scenario());
    let ran = ran(longer);
    let job = &ran.summary.fleet.as_ref().expect("a fleet").training["large"];
    assert_eq!((job.completed, job.end.p10, job.end.p50, job.end.mean), (Some(0.0), None, None, None));
    assert!(reference(&[&job.progress]) < 1.0);
    assert!(ran.report().page().contains("later"));
}
