//! Packets of a trace under construction: processes, tracks, slices, instants and counters.

use super::message::{
    ChildOrdering, CounterDescriptor, CounterUnit, EventType, ProcessDescriptor, TracePacket, TrackDescriptor,
};
use super::{SEQUENCE, begin, event};

/// Packets under construction, with the number of the last track.
pub(super) struct Writer {
    pub(super) packets: Vec<TracePacket>,
    tracks: u64,
}

impl Writer {
    pub(super) fn new() -> Self {
        Self { packets: Vec::new(), tracks: 0 }
    }

    fn describe(&mut self, descriptor: TrackDescriptor) -> u64 {
        self.tracks += 1;
        self.packets.push(TracePacket {
            trusted_packet_sequence_id: Some(SEQUENCE),
            track_descriptor: Some(TrackDescriptor { uuid: Some(self.tracks), ..descriptor }),
            ..TracePacket::default()
        });
        self.tracks
    }

    pub(super) fn process(&mut self, name: &str) -> u64 {
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

    pub(super) fn track(&mut self, parent: u64, name: &str, counter: Option<CounterUnit>) -> u64 {
        let rank = i32::try_from(self.tracks + 1 - parent).unwrap_or(i32::MAX);
        self.describe(TrackDescriptor {
            parent_uuid: Some(parent),
            name: Some(name.to_owned()),
            sibling_order_rank: Some(rank),
            counter: counter.map(|unit| CounterDescriptor { unit: Some(unit.into()) }),
            ..TrackDescriptor::default()
        })
    }

    pub(super) fn slice(&mut self, track: u64, (from, to): (u64, u64), name: &str, category: &str) {
        if to > from {
            self.open(track, from, name, category);
            self.close(track, to);
        }
    }

    /// Begins a slice in which others may lie.
    pub(super) fn open(&mut self, track: u64, from: u64, name: &str, category: &str) {
        self.packets.push(begin(track, from, name, category));
    }

    /// Ends the slice of a track that was begun last.
    pub(super) fn close(&mut self, track: u64, to: u64) {
        self.packets.push(event(track, to, EventType::SliceEnd));
    }

    pub(super) fn instant(&mut self, track: u64, at: u64, name: &str, category: &str) {
        let mut packet = begin(track, at, name, category);
        if let Some(event) = &mut packet.track_event {
            event.r#type = Some(EventType::Instant.into());
        }
        self.packets.push(packet);
    }

    pub(super) fn number(&mut self, track: u64, at: u64, value: u64) {
        let mut packet = event(track, at, EventType::Counter);
        if let Some(event) = &mut packet.track_event {
            event.counter_value = Some(i64::try_from(value).unwrap_or(i64::MAX));
        }
        self.packets.push(packet);
    }
}
