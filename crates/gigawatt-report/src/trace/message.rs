//! The messages of a Perfetto trace that are written here.
//!
//! Numbers of fields and values are those of Perfetto's own definitions (`protos/perfetto/trace/trace.proto`,
//! `trace_packet.proto` and `track_event/`), of which these are a part; `cargo xtask test` reads a trace with the whole
//! of them.

use prost::Message;

/// A trace: packets one behind the other.
#[derive(Clone, PartialEq, Message)]
pub struct Trace {
    /// Its packets.
    #[prost(message, repeated, tag = "1")]
    pub packet: Vec<TracePacket>,
}

/// The description of a track, or something on one.
#[derive(Clone, PartialEq, Message)]
pub struct TracePacket {
    /// In nanoseconds.
    #[prost(uint64, optional, tag = "8")]
    pub timestamp: Option<u64>,
    /// Which writer of several it is from; packets with events need one.
    #[prost(uint32, optional, tag = "10")]
    pub trusted_packet_sequence_id: Option<u32>,
    /// Something on a track.
    #[prost(message, optional, tag = "11")]
    pub track_event: Option<TrackEvent>,
    /// A track.
    #[prost(message, optional, tag = "60")]
    pub track_descriptor: Option<TrackDescriptor>,
}

/// A track.
#[derive(Clone, PartialEq, Message)]
pub struct TrackDescriptor {
    /// What events name it by.
    #[prost(uint64, optional, tag = "1")]
    pub uuid: Option<u64>,
    /// Name for people.
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    /// What makes it the track of a process.
    #[prost(message, optional, tag = "3")]
    pub process: Option<ProcessDescriptor>,
    /// The track that it lies under.
    #[prost(uint64, optional, tag = "5")]
    pub parent_uuid: Option<u64>,
    /// What makes it a track of numbers.
    #[prost(message, optional, tag = "8")]
    pub counter: Option<CounterDescriptor>,
    /// The order of the tracks under it.
    #[prost(enumeration = "ChildOrdering", optional, tag = "11")]
    pub child_ordering: Option<i32>,
    /// Its place among its siblings.
    #[prost(int32, optional, tag = "12")]
    pub sibling_order_rank: Option<i32>,
}

/// A process: a stage, so that viewers put its tracks together.
#[derive(Clone, PartialEq, Message)]
pub struct ProcessDescriptor {
    /// Its number.
    #[prost(int32, optional, tag = "1")]
    pub pid: Option<i32>,
    /// Its name.
    #[prost(string, optional, tag = "6")]
    pub process_name: Option<String>,
}

/// What the numbers of a track are.
#[derive(Clone, PartialEq, Message)]
pub struct CounterDescriptor {
    /// Their unit.
    #[prost(enumeration = "CounterUnit", optional, tag = "3")]
    pub unit: Option<i32>,
}

/// Something on a track.
#[derive(Clone, PartialEq, Message)]
pub struct TrackEvent {
    /// Numbers and words beside it.
    #[prost(message, repeated, tag = "4")]
    pub debug_annotations: Vec<DebugAnnotation>,
    /// What it is.
    #[prost(enumeration = "EventType", optional, tag = "9")]
    pub r#type: Option<i32>,
    /// The track.
    #[prost(uint64, optional, tag = "11")]
    pub track_uuid: Option<u64>,
    /// By which viewers filter.
    #[prost(string, repeated, tag = "22")]
    pub categories: Vec<String>,
    /// Name of a slice.
    #[prost(string, optional, tag = "23")]
    pub name: Option<String>,
    /// The number of a counter.
    #[prost(int64, optional, tag = "30")]
    pub counter_value: Option<i64>,
    /// Arrows that join slices of the same number.
    #[prost(fixed64, repeated, packed = "false", tag = "47")]
    pub flow_ids: Vec<u64>,
}

/// A number beside a slice.
#[derive(Clone, PartialEq, Message)]
pub struct DebugAnnotation {
    /// The number.
    #[prost(uint64, optional, tag = "3")]
    pub uint_value: Option<u64>,
    /// Its name.
    #[prost(string, optional, tag = "10")]
    pub name: Option<String>,
}

/// What an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum EventType {
    /// Nothing is said.
    Unspecified = 0,
    /// The start of a slice.
    SliceBegin = 1,
    /// The end of the slice that began last on the track and has not ended.
    SliceEnd = 2,
    /// Something that has no length.
    Instant = 3,
    /// A new number of a counter.
    Counter = 4,
}

/// The unit of a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum CounterUnit {
    /// Nothing is said.
    Unspecified = 0,
    /// A number of things.
    Count = 2,
    /// Bytes.
    SizeBytes = 3,
}

/// The order of tracks under another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum ChildOrdering {
    /// Nothing is said.
    Unknown = 0,
    /// By their rank.
    Explicit = 3,
}
