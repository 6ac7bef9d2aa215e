//! The course of steps, the history of a fleet and the requests of a served model as native traces of Perfetto, which its viewer and its trace processor read.
//!
//! Every stage is a process with three tracks: its passes with what they are made of nested in them, the bytes that one of
//! its accelerators needs, and the rounds that are left out, where there are any. Arrows are the messages between stages.
//! The slices inside a pass are sums over its layers; in truth computing and communication alternate layer by layer.

mod fleet;
pub mod message;
mod requests;
mod slices;
mod writer;

pub use fleet::fleet_trace;
pub use requests::{MOST_REQUESTS, request_trace};

use gigawatt_engine::training::memory::Instant;
use gigawatt_engine::training::{LeftOut, PhaseCourse};
use message::{
    ChildOrdering, CounterDescriptor, CounterUnit, EventType, ProcessDescriptor, Trace, TracePacket,
    TrackDescriptor, TrackEvent,
};
use prost::Message;
use slices::passes;

/// The writer of all packets: there is one.
const SEQUENCE: u32 = 1;
/// Tracks of a stage: the process, its passes, its memory, what is left out.
const TRACKS: u64 = 4;
/// Nanoseconds of a second.
const NANOSECONDS: f64 = 1e9;

/// Courses of steps, each with a name, as the bytes of a trace. All begin at 0.
pub fn trace(courses: &[(String, PhaseCourse)]) -> Vec<u8> {
    let mut packets = Vec::new();
    let (mut stages_before, mut messages_before) = (0, 0);
    for (name, course) in courses {
        let sent = course.timeline.messages();
        for stage in 0..course.timeline.stages.len() {
            let track = (stages_before + stage as u64) * TRACKS + 1;
            describe(&mut packets, track, &format!("{name}: stage {stage}"), course.timeline.left_out);
            passes(&mut packets, &course.timeline, stage, track + 1, (&sent, messages_before));
            if let Some(line) = course.memory.get(stage) {
                memory(&mut packets, track + 2, line);
            }
            if let Some(left_out) = course.timeline.left_out {
                let words =
                    format!("{} micro-batches left out, each round like the last", left_out.micro_batches);
                let end = left_out.from + left_out.seconds;
                packets.push(begin(track + 3, nanoseconds(left_out.from), &words, "left out"));
                packets.push(event(track + 3, nanoseconds(end), EventType::SliceEnd));
            }
        }
        stages_before += course.timeline.stages.len() as u64;
        messages_before += sent.len() as u64;
    }
    Trace { packet: packets }.encode_to_vec()
}

/// The tracks of a stage.
fn describe(packets: &mut Vec<TracePacket>, track: u64, name: &str, left_out: Option<LeftOut>) {
    let descriptor = |descriptor: TrackDescriptor| TracePacket {
        trusted_packet_sequence_id: Some(SEQUENCE),
        track_descriptor: Some(descriptor),
        ..TracePacket::default()
    };
    let process = ProcessDescriptor {
        pid: Some(i32::try_from(track).unwrap_or(i32::MAX)),
        process_name: Some(name.to_owned()),
    };
    packets.push(descriptor(TrackDescriptor {
        uuid: Some(track),
        process: Some(process),
        child_ordering: Some(ChildOrdering::Explicit.into()),
        ..TrackDescriptor::default()
    }));
    let child = |rank: i32, name: &str| TrackDescriptor {
        uuid: Some(track + rank.unsigned_abs() as u64),
        parent_uuid: Some(track),
        name: Some(name.to_owned()),
        sibling_order_rank: Some(rank),
        ..TrackDescriptor::default()
    };
    packets.push(descriptor(child(1, "passes")));
    let counter = Some(CounterDescriptor { unit: Some(CounterUnit::SizeBytes.into()) });
    packets.push(descriptor(TrackDescriptor { counter, ..child(2, "memory needed by an accelerator") }));
    if left_out.is_some() {
        packets.push(descriptor(child(3, "left out")));
    }
}

/// The memory of a stage: a pass holds its fullest moment until it ends.
fn memory(packets: &mut Vec<TracePacket>, track: u64, line: &[Instant]) {
    for pass in line.chunks_exact(3) {
        for (at, fills) in [(pass[0], pass[1]), (pass[2], pass[2])] {
            let mut packet = event(track, nanoseconds(at.seconds), EventType::Counter);
            if let Some(event) = &mut packet.track_event {
                #[expect(clippy::cast_possible_truncation, reason = "bytes stay below 2^63")]
                let bytes = fills.bytes.round() as i64;
                event.counter_value = Some(bytes);
            }
            packets.push(packet);
        }
    }
}

fn event(track: u64, at: u64, kind: EventType) -> TracePacket {
    TracePacket {
        timestamp: Some(at),
        trusted_packet_sequence_id: Some(SEQUENCE),
        track_event: Some(TrackEvent {
            r#type: Some(kind.into()),
            track_uuid: Some(track),
            ..TrackEvent::default()
        }),
        track_descriptor: None,
    }
}

fn begin(track: u64, at: u64, name: &str, category: &str) -> TracePacket {
    let mut packet = event(track, at, EventType::SliceBegin);
    if let Some(event) = &mut packet.track_event {
        event.name = Some(name.to_owned());
        event.categories = vec![category.to_owned()];
    }
    packet
}

fn nanoseconds(seconds: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a step lasts from 0 to some hours"
    )]
    let whole = (seconds * NANOSECONDS).round().max(0.0) as u64;
    whole
}
