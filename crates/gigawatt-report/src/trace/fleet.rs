//! A history of a fleet as a native trace of Perfetto: what jobs on many servers did, outages, and accelerators by state.
//!
//! Three kinds of processes: the jobs, each a track of slices; the domains that failed, each kind a track of instants; and
//! every pool, with a counter for each kind of state, told at the end of every day. Time 0 is the start of the fleet's period.

use gigawatt_engine::fleet::{Activity, DAY, Drawn, Group, State};
use prost::Message;

use super::message::{CounterUnit, Trace};
use super::writer::Writer;
use crate::operation::gangs_of;

/// Whether a counter sums a state.
type Sums = fn(State) -> bool;

/// Counters of a pool: their names, and the states that each sums.
const COUNTERS: [(&str, Sums); 7] = [
    ("training", |state| state == State::Training),
    ("reinforcement", |state| state == State::Reinforcement),
    ("service", |state| state == State::Service),
    ("batch", |state| state == State::Batch),
    ("idle", |state| state.group() == Group::Idle),
    ("maintenance", |state| state.group() == Group::Maintenance),
    ("broken", |state| state.group() == Group::Broken),
];

/// One history as the bytes of a trace.
pub fn fleet_trace(drawn: &Drawn) -> Vec<u8> {
    let mut writer = Writer::new();
    jobs(&mut writer, drawn);
    outages(&mut writer, drawn);
    pools(&mut writer, drawn);
    Trace { packet: writer.packets }.encode_to_vec()
}

/// What every job on many servers did from when on; a cause stands beside what it cost time.
fn jobs(writer: &mut Writer, drawn: &Drawn) {
    let causes = drawn.model.causes_of_loss();
    if drawn.history.gangs.is_empty() {
        return;
    }
    let process = writer.process("jobs");
    for gang in gangs_of(drawn) {
        let track = writer.track(process, &gang.workload.title, None);
        let course = &gang.history.course;
        let first = course.first().map_or(drawn.history.end, |(time, ..)| *time);
        writer.slice(track, (gang.model.submit, first), "queued", "queued");
        let ends = course.iter().skip(1).map(|(time, ..)| *time).chain([drawn.history.end]);
        for ((from, activity, cause), to) in course.iter().zip(ends) {
            let category = match activity {
                Activity::Queued => "queued",
                Activity::Waiting => "waiting",
                Activity::Starting => "starting",
                Activity::Running => "running",
                Activity::Stalled => "stalled",
                Activity::Done => continue,
            };
            let name = match (activity, causes.get(*cause)) {
                (Activity::Waiting | Activity::Starting | Activity::Stalled, Some((_, title))) => {
                    format!("{category}: {title}")
                }
                _ => category.to_owned(),
            };
            writer.slice(track, (*from, to), &name, category);
        }
    }
}

/// Failures of domains, a track for each kind.
fn outages(writer: &mut Writer, drawn: &Drawn) {
    let outages = &drawn.history.measures.outages;
    if outages.is_empty() {
        return;
    }
    let causes = drawn.model.causes_of_loss();
    let process = writer.process("outages");
    for (cause, (_, title)) in causes.iter().enumerate() {
        let of = || outages.iter().filter(|outage| outage.cause == cause);
        if of().next().is_none() {
            continue;
        }
        let track = writer.track(process, title, None);
        for outage in of() {
            let pool = &drawn.model.pools[usize::from(outage.pool)].name;
            writer.instant(track, outage.time, &format!("{pool}, {} servers", outage.servers), "outage");
        }
    }
}

/// Accelerators of every pool by state, where their number changes from the end of one day to the next.
fn pools(writer: &mut Writer, drawn: &Drawn) {
    for (index, pool) in drawn.model.pools.iter().enumerate() {
        let process = writer.process(&pool.name);
        for (name, sums) in COUNTERS {
            let track = writer.track(process, name, Some(CounterUnit::Count));
            let mut told = None;
            for (number, day) in (1..).zip(&drawn.history.measures.days) {
                let states = State::ALL.iter().zip(day[index].counts);
                let count: u64 = states.filter(|((state, _), _)| sums(*state)).map(|(_, count)| count).sum();
                if told != Some(count) {
                    writer.number(track, (number * DAY).min(drawn.history.end), count);
                    told = Some(count);
                }
            }
        }
    }
}
