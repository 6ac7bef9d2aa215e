//! The course of a step: what every stage does when, and what it is made of.

use std::collections::HashMap;

use super::assembly::Assembly;
use super::coefficients::TrainingCoefficients;
use super::job::Job;
use super::parts::{Parts, Passes};
use super::schedule::{LeftOut, Pass, Placement, Visit, shortened, timeline as whole_timeline};
use super::step::{Step, price};

/// The course of one step of a pipeline: the passes of every stage, then what the step ends with.
///
/// All data-parallel ranks do the same, so that one of each stage stands for them.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The step; its course ends at its seconds.
    pub step: Step,
    /// The passes of every stage in the order in which it runs them.
    pub stages: Vec<Vec<Slice>>,
    /// What a stage does after its passes, one behind the other, as the busiest does it.
    pub tail: Vec<TailSlice>,
    /// What repeats and is left out of the stages.
    pub left_out: Option<LeftOut>,
    /// The stage that works longest, of which the step's breakdown tells.
    pub busiest: usize,
    /// Micro-batches of the step.
    pub micro_batches: usize,
    /// Pieces of the model that each stage holds.
    pub virtual_stages: usize,
    /// The passes of each piece, in the order in which a micro-batch passes them.
    pub pieces: Vec<Passes>,
    /// Seconds of a message between stages that are seen at the end of the pass that sends it.
    pub visible_message: f64,
    /// Seconds of a message that hide behind other passes.
    pub hidden_message: f64,
    /// Where the pieces lie.
    pub placement: Placement,
    /// Of passes of two micro-batches at once, by the piece that is passed forward, the visible share of expert traffic
    /// and messages.
    visible: Vec<f64>,
}

/// A pass of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// Which.
    pub pass: Pass,
    /// Its start, in seconds from that of the step.
    pub start: f64,
    /// Its end.
    pub end: f64,
}

/// Something that a step ends with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TailSlice {
    /// What.
    pub kind: TailKind,
    /// Its start, in seconds from that of the step.
    pub start: f64,
    /// Its end.
    pub end: f64,
}

/// What a step ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TailKind {
    /// Waiting for the slowest rank, which the first data-parallel communication does.
    Straggler,
    /// Visible data-parallel communication. Where parameters are gathered for every layer this is spread over the passes
    /// in truth.
    Data,
    /// The optimiser.
    Optimizer,
    /// Host time outside the passes.
    Host,
}

/// A message between stages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// The pass whose result it is, as stage and index in the course of that stage.
    pub from: (usize, usize),
    /// The pass that waits for it; none where that is left out.
    pub to: Option<(usize, usize)>,
    /// When it is sent, in seconds.
    pub sent: f64,
    /// When it is there.
    pub arrived: f64,
}

/// What a stretch of a pass goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Matrix products of linear layers.
    Matrix,
    /// The core of attention, and states of recurrent mixers.
    Attention,
    /// Memory traffic: norms, activation functions, sums, the loss.
    Elementwise,
    /// Scaling of operands to narrow formats.
    Scaling,
    /// Visible tensor-parallel communication.
    Tensor,
    /// Visible context-parallel communication.
    Context,
    /// Visible expert-parallel communication.
    Expert,
    /// Waiting for the host.
    Host,
    /// Visible transfers of activations to the host's memory and back.
    Offload,
}

impl Work {
    /// Whether it is communication.
    pub fn is_communication(self) -> bool {
        matches!(self, Self::Tensor | Self::Context | Self::Expert | Self::Offload)
    }
}

impl Parts {
    /// The parts with what they go to, in the order of the fields.
    pub fn by_work(&self) -> [(Work, f64); 9] {
        [
            (Work::Matrix, self.matrix),
            (Work::Attention, self.attention),
            (Work::Elementwise, self.elementwise),
            (Work::Scaling, self.scaling),
            (Work::Tensor, self.tensor),
            (Work::Context, self.context),
            (Work::Expert, self.expert),
            (Work::Host, self.host),
            (Work::Offload, self.offload),
        ]
    }
}

/// What a pass is made of, in seconds; one behind the other they are the pass.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SliceParts {
    /// What is computed again before it runs backward.
    pub again: Parts,
    /// The pass itself.
    pub own: Parts,
    /// What is seen of the message that it sends.
    pub message: f64,
}

impl SliceParts {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.again.total() + self.own.total() + self.message
    }
}

/// The course of a step with at most so many passes: where there are more, rounds that repeat one another are left out.
/// Schedules without such rounds (GPipe, ZB-V, DualPipe) are given whole.
///
/// A part of a pass is the sum over its layers: in truth computing and communication alternate layer by layer.
pub fn timeline(job: Job<'_>, with: &TrainingCoefficients, most: usize) -> Timeline {
    let assembly = Assembly::new(job, with);
    let step = price(job, with, &assembly);
    let (schedule, number) = (job.layout.schedule, assembly.micro_batches);
    let passes = assembly.pieces.len().saturating_mul(number).saturating_mul(2);
    let (passes, left_out) = if passes > most {
        shortened(schedule, &assembly.pipeline.pieces, number)
    } else {
        (whole_timeline(schedule, &assembly.pipeline.pieces, number), None)
    };
    let mut stages = vec![Vec::new(); assembly.placement.stages()];
    for (stage, pass, start, end) in passes {
        stages[stage].push(Slice { pass, start, end });
    }
    Timeline {
        tail: tail(&step),
        step,
        stages,
        left_out,
        busiest: assembly.busiest,
        micro_batches: number,
        virtual_stages: assembly.pipeline.pieces.virtual_stages(),
        visible_message: assembly.pipeline.seen,
        hidden_message: assembly.pipeline.pieces.hop,
        placement: assembly.placement,
        visible: assembly.pipeline.visible,
        pieces: assembly.pieces,
    }
}

/// The end of a step, ending with it.
fn tail(step: &Step) -> Vec<TailSlice> {
    let of = &step.breakdown;
    let parts = [
        (TailKind::Straggler, of.straggler),
        (TailKind::Data, of.data),
        (TailKind::Optimizer, of.optimizer),
        (TailKind::Host, of.host),
    ];
    let mut end = step.seconds;
    let mut slices: Vec<TailSlice> = parts
        .into_iter()
        .rev()
        .map(|(kind, seconds)| {
            let slice = TailSlice { kind, start: end - seconds, end };
            end = slice.start;
            slice
        })
        .filter(|slice| slice.end > slice.start)
        .collect();
    slices.reverse();
    slices
}

impl Timeline {
    /// What a pass is made of.
    pub fn parts(&self, pass: Pass) -> SliceParts {
        let (passes, message) = (&self.pieces[pass.piece()], self.visible_message);
        let without_weights = Parts { matrix: passes.backward.matrix - passes.weights, ..passes.backward };
        match pass {
            Pass::Forward { .. } => SliceParts { again: Parts::default(), own: passes.forward, message },
            Pass::Backward { .. } => SliceParts { again: passes.again, own: passes.backward, message },
            Pass::Inputs { .. } => SliceParts { again: passes.again, own: without_weights, message },
            Pass::Weights { .. } => SliceParts {
                own: Parts { matrix: passes.weights, ..Parts::default() },
                ..SliceParts::default()
            },
            Pass::Together { forward, backward } => {
                let visible = self.visible.get(forward.piece).copied().unwrap_or(1.0);
                let back = &self.pieces[backward.piece];
                let mut own = passes.forward;
                own.add(&back.backward, 1.0);
                own.expert *= visible;
                let again = Parts { expert: back.again.expert * visible, ..back.again };
                SliceParts { again, own, message: 2.0 * message * visible }
            }
        }
    }

    /// When the last pass of all stages ends, in seconds.
    pub fn span(&self) -> f64 {
        self.tail.first().map_or(self.step.seconds, |slice| slice.start)
    }

    /// The messages between stages, in the order of the stages and passes that send them.
    pub fn messages(&self) -> Vec<Message> {
        if self.stages.len() < 2 {
            return Vec::new();
        }
        let (mut forward, mut backward) = (HashMap::new(), HashMap::new());
        for (stage, slices) in self.stages.iter().enumerate() {
            for (index, slice) in slices.iter().enumerate() {
                let (ahead, back) = slice.pass.visits();
                forward.extend(ahead.map(|visit| (visit, (stage, index))));
                backward.extend(back.map(|visit| (visit, (stage, index))));
            }
        }
        let mut messages = Vec::new();
        for (stage, slices) in self.stages.iter().enumerate() {
            for (index, slice) in slices.iter().enumerate() {
                let mut send = |to: Option<&(usize, usize)>| {
                    messages.push(Message {
                        from: (stage, index),
                        to: to.copied(),
                        sent: slice.end - self.visible_message,
                        arrived: slice.end + self.hidden_message,
                    });
                };
                let (ahead, back) = slice.pass.visits();
                if let Some(Visit { micro_batch, piece }) = ahead
                    && piece + 1 < self.pieces.len()
                    && !self.placement.stays(piece)
                {
                    send(forward.get(&Visit { micro_batch, piece: piece + 1 }));
                }
                if let Some(Visit { micro_batch, piece }) = back
                    && let Some(before) = piece.checked_sub(1)
                    && !self.placement.stays(before)
                {
                    send(backward.get(&Visit { micro_batch, piece: before }));
                }
            }
        }
        messages
    }
}
