//! The passes of a stage with what they are made of, and the end of the step.

use std::collections::HashMap;

use gigawatt_engine::training::{Message, Parts, Pass, Slice, TailKind, Timeline, Work};

use super::message::{DebugAnnotation, EventType, TracePacket};
use super::{begin, event, nanoseconds};

/// What computes.
const COMPUTE: &str = "compute";
/// What communicates.
const COMMUNICATION: &str = "communication";
/// What waits.
const WAITING: &str = "waiting";

/// A track on which slices are laid in order.
struct Track<'a> {
    packets: &'a mut Vec<TracePacket>,
    uuid: u64,
}

impl Track<'_> {
    fn begin(&mut self, at: u64, name: &str, category: &str) {
        self.packets.push(begin(self.uuid, at, name, category));
    }

    fn end(&mut self, at: u64) {
        self.packets.push(event(self.uuid, at, EventType::SliceEnd));
    }

    /// Slices one behind the other from `start` in seconds, none reaching beyond `end` in nanoseconds; what is shorter
    /// than a nanosecond is left out.
    fn lay(
        &mut self,
        start: &mut f64,
        end: u64,
        slices: impl IntoIterator<Item = (f64, &'static str, &'static str)>,
    ) {
        for (seconds, name, category) in slices {
            let from = nanoseconds(*start).min(end);
            *start += seconds;
            let to = nanoseconds(*start).min(end);
            if to > from {
                self.begin(from, name, category);
                self.end(to);
            }
        }
    }
}

/// Puts the passes of a stage and the end of the step on a track. `sent` are the messages of the whole timeline, of which
/// the first has the number behind `before`.
pub(super) fn passes(
    packets: &mut Vec<TracePacket>,
    timeline: &Timeline,
    stage: usize,
    uuid: u64,
    (sent, before): (&[Message], u64),
) {
    let mut arrows: HashMap<usize, Vec<u64>> = HashMap::new();
    for (message, number) in sent.iter().zip(before + 1..) {
        let Some(to) = message.to else { continue };
        for (_, index) in [message.from, to].into_iter().filter(|(of, _)| *of == stage) {
            arrows.entry(index).or_default().push(number);
        }
    }
    let mut track = Track { packets, uuid };
    for (index, slice) in timeline.stages[stage].iter().enumerate() {
        pass(&mut track, timeline, slice, arrows.remove(&index).unwrap_or_default());
    }
    for slice in &timeline.tail {
        let (name, category) = match slice.kind {
            TailKind::Straggler => ("waiting for the slowest rank", WAITING),
            TailKind::Data => ("data-parallel communication", COMMUNICATION),
            TailKind::Optimizer => ("optimiser", COMPUTE),
            TailKind::Host => ("host", WAITING),
        };
        track.lay(
            &mut slice.start.clone(),
            nanoseconds(slice.end),
            [(slice.end - slice.start, name, category)],
        );
    }
}

fn pass(track: &mut Track<'_>, timeline: &Timeline, slice: &Slice, arrows: Vec<u64>) {
    let (start, end) = (nanoseconds(slice.start), nanoseconds(slice.end));
    let name = match slice.pass {
        Pass::Forward { .. } => "forward",
        Pass::Backward { .. } => "backward",
        Pass::Inputs { .. } => "backward without weights",
        Pass::Weights { .. } => "gradients of weights",
        Pass::Together { .. } => "forward and backward",
    };
    let mut packet = begin(track.uuid, start, name, "pass");
    if let Some(event) = &mut packet.track_event {
        let number = |name: &str, value: usize| DebugAnnotation {
            uint_value: Some(value as u64),
            name: Some(name.to_owned()),
        };
        event.debug_annotations =
            vec![number("micro_batch", slice.pass.micro_batch()), number("piece", slice.pass.piece())];
        if let Pass::Together { backward, .. } = slice.pass {
            event.debug_annotations.push(number("backward_micro_batch", backward.micro_batch));
            event.debug_annotations.push(number("backward_piece", backward.piece));
        }
        event.flow_ids = arrows;
    }
    track.packets.push(packet);
    let parts = timeline.parts(slice.pass);
    let mut at = slice.start;
    let again = parts.again.total();
    if again * super::NANOSECONDS >= 1.0 {
        let until = nanoseconds(at + again).min(end);
        track.begin(nanoseconds(at), "computed again", COMPUTE);
        track.lay(&mut at, until, named(&parts.again));
        track.end(until);
    }
    track.lay(&mut at, end, named(&parts.own));
    track.lay(&mut at, end, [(parts.message, "message between stages", COMMUNICATION)]);
    track.end(end);
}

fn named(parts: &Parts) -> impl Iterator<Item = (f64, &'static str, &'static str)> {
    parts.by_work().into_iter().map(|(work, seconds)| {
        let name = match work {
            Work::Matrix => "matrices",
            Work::Attention => "attention",
            Work::Elementwise => "memory-bound work",
            Work::Scaling => "scaling to narrow formats",
            Work::Tensor => "tensor-parallel communication",
            Work::Context => "context-parallel communication",
            Work::Expert => "expert-parallel communication",
            Work::Host => "host",
            Work::Offload => "activations to the host's memory and back",
        };
        let category = match work {
            _ if work.is_communication() => COMMUNICATION,
            Work::Host => WAITING,
            _ => COMPUTE,
        };
        (seconds, name, category)
    })
}
