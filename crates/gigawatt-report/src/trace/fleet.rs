//! A history of a fleet as a native trace of Perfetto: what jobs on many servers did, outages, and accelerators by state.
//!
//! Three kinds of processes: the jobs, each a track of slices; the domains that failed, each kind a track of instants; and
//! every pool, with a counter for each kind of state, told at the end of every day. Time 0 is the start of the fleet's period.

use gigawatt_engine::fleet::{Activity, DAY, Drawn, Group, State, Time};
use prost::Message;

use super::message::{
    ChildOrdering, CounterDescriptor, CounterUnit, EventType, ProcessDescriptor, Trace, TracePacket,
    TrackDescriptor,
};
use super::{SEQUENCE, begin, event};
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

/// Packets under construction, with the number of the last track.
struct Writer {
    packets: Vec<TracePacket>,
    tracks: u64,
}

impl Writer {
    fn describe(&mut self, descriptor: TrackDescriptor) -> u64 {
        self.tracks += 1;
        self.packets.push(TracePacket {
            trusted_packet_sequence_id: Some(SEQUENCE),
            track_descriptor: Some(TrackDescriptor { uuid: Some(self.tracks), ..descriptor }),
            ..TracePacket::default()
        });
        self.tracks
    }

    fn process(&mut self, name: &str) -> u64 {
        let process = ProcessDescriptor {
            pid: Some(i32::try_from(self.tracks + 1).unwrap_or(i32::MAX)),
            process_name: Some(name.to_owned()),
        };
        self.describe(TrackDescriptor {
            process: Some(process),
            child_ordering: Some(ChildOrdering::Explicit.into()),
            ..TrackDescriptor::default()
        })
    }

    fn track(&mut self, parent: u64, name: &str, counter: Option<CounterUnit>) -> u64 {
        let rank = i32::try_from(self.tracks + 1 - parent).unwrap_or(i32::MAX);
        self.describe(TrackDescriptor {
            parent_uuid: Some(parent),
            name: Some(name.to_owned()),
            sibling_order_rank: Some(rank),
            counter: counter.map(|unit| CounterDescriptor { unit: Some(unit.into()) }),
            ..TrackDescriptor::default()
        })
    }

    fn slice(&mut self, track: u64, (from, to): (Time, Time), name: &str, category: &str) {
        if to > from {
            self.packets.push(begin(track, from, name, category));
            self.packets.push(event(track, to, EventType::SliceEnd));
        }
    }

    fn instant(&mut self, track: u64, at: Time, name: &str, category: &str) {
        let mut packet = begin(track, at, name, category);
        if let Some(event) = &mut packet.track_event {
            event.r#type = Some(EventType::Instant.into());
        }
        self.packets.push(packet);
    }

    fn number(&mut self, track: u64, at: Time, value: u64) {
        let mut packet = event(track, at, EventType::Counter);
        if let Some(event) = &mut packet.track_event {
            event.counter_value = Some(i64::try_from(value).unwrap_or(i64::MAX));
        }
        self.packets.push(packet);
    }
}

/// One history as the bytes of a trace.
pub fn fleet_trace(drawn: &Drawn) -> Vec<u8> {
    let mut writer = Writer { packets: Vec::new(), tracks: 0 };
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
