//! What a piece of the model and a stage hold.

use std::rc::Rc;

use gigawatt_plan::training::{FrameworkName, Recompute, SequenceParallel, Sharding};

use super::coefficients::MemoryCoefficients;
use super::kept::LayerLaw;
use super::parts::Memory;
use super::stage::{self, Filling, PieceMemory};
use super::states::{self, StageParameters};
use super::{Logits, MemoryJob};
use crate::training::assembly::again_of_piece;
use crate::training::deal::{Dealt, LayerKind, Piece, deal};
use crate::training::held::{self, Held};
use crate::training::number::count;
use crate::training::schedule::Placement;

/// What is the same for every stage.
pub(super) struct Law<'a> {
    job: &'a MemoryJob<'a>,
    with: &'a MemoryCoefficients,
    tokens: f64,
    /// The model cut into pieces.
    pub(super) dealt: Rc<Dealt>,
    /// Parameters of a layer of each kind on one accelerator.
    held: Rc<[Held]>,
    /// Parameters of embedding or output on one accelerator.
    table: f64,
}

impl<'a> Law<'a> {
    pub(super) fn new(job: &'a MemoryJob<'a>, with: &'a MemoryCoefficients) -> Self {
        let (shape, layout) = (job.shape, job.layout);
        let table = held::table(shape, layout).total();
        // Layers weigh by the parameters that a token meets: where they are not even, the time of a stage follows these.
        let met = shape.experts.map_or(0.0, |experts| {
            count(experts.active) * count(layout.expert)
                / (count(experts.routed) * count(layout.tensor)).max(1.0)
        });
        let dealt = deal(shape, layout, |kinds| {
            let weight = |kind: &LayerKind| {
                let held = held::layer(shape, layout, *kind);
                held.common + met * held.routed
            };
            let weights: Vec<f64> = kinds.iter().map(weight).collect();
            let last = weights.last().copied().unwrap_or(0.0);
            (weights, table + count(shape.further_tokens) * (last + table))
        });
        let held = dealt.kinds.iter().map(|kind| held::layer(shape, layout, *kind)).collect();
        Self { job, with, tokens: layout.local_tokens(), dealt: Rc::new(dealt), held, table }
    }

    /// The law of a job that differs in what is shared out over data-parallel ranks alone.
    pub(super) fn shared_as<'b>(&self, job: &'b MemoryJob<'b>) -> Law<'b>
    where
        'a: 'b,
    {
        Law {
            job,
            with: self.with,
            tokens: self.tokens,
            dealt: Rc::clone(&self.dealt),
            held: Rc::clone(&self.held),
            table: self.table,
        }
    }

    pub(super) fn layer(&self) -> LayerLaw<'_> {
        layer(self.job)
    }

    pub(super) fn pieces(&self, placement: Placement) -> Vec<PieceMemory> {
        let pieces = self.dealt.pieces.iter();
        let Recompute::Layers(some) = self.job.layout.recompute else {
            return pieces.map(|piece| self.piece(piece, &mut 0)).collect();
        };
        if placement.copies() > 1 {
            // Each piece is on two stages, with another on each.
            return pieces.map(|piece| self.piece(piece, &mut some.div_ceil(2))).collect();
        }
        // Layers whose inside is computed again, of each stage.
        let mut left = vec![some; placement.stages()];
        let pieces = pieces.enumerate();
        pieces.map(|(index, piece)| self.piece(piece, &mut left[placement.stage_of(index, 0)])).collect()
    }

    fn piece(&self, piece: &Piece, left: &mut u64) -> PieceMemory {
        let (layout, shape) = (self.job.layout, self.job.shape);
        let law = self.layer();
        let mut memory = PieceMemory::default();
        let mut largest = 0.0_f64;
        for (kind, number) in self.dealt.kinds.iter().zip(states::layers(shape, &self.dealt, piece)) {
            if number == 0 {
                continue;
            }
            let again = (*left).min(number);
            *left -= again;
            let recompute = if again > 0 { Recompute::Full } else { layout.recompute };
            let own = law.kept(*kind, layout.recompute).total();
            let input = law.kept(*kind, Recompute::Full).total();
            memory.kept += self.tokens * (count(number - again) * own + count(again) * input);
            largest = largest.max(self.tokens * if number > again { own } else { input });
            memory.backward = memory.backward.max(self.tokens * law.work(*kind, recompute));
            memory.forward = memory.forward.max(self.tokens * law.forward_work(*kind));
        }
        let layers = memory.kept;
        if piece.head {
            let head = self.head();
            memory.kept += self.tokens * head.kept;
            memory.loss = self.tokens * head.loss;
        }
        memory.backward += self.whole_gradients(piece);
        if layout.offload.activations() { memory.offloaded(layers, largest) } else { memory }
    }

    /// What output layer and loss hold of each token.
    pub(super) fn head(&self) -> PieceMemory {
        let (layout, shape, law) = (self.job.layout, self.job.shape, self.layer());
        let vocabulary = count(shape.vocabulary) / count(layout.tensor);
        let (bytes, logits) = match self.job.logits {
            Logits::Fused => (self.with.fused_logit, vocabulary),
            Logits::Unfused => (self.with.unfused_logit, vocabulary),
            Logits::Chunks => (self.with.fused_logit, vocabulary.min(count(shape.hidden))),
        };
        // The last norm's input and output; and the output layer's input gathered over its ranks.
        let h = 2.0 * count(shape.hidden);
        let cut = match layout.sequence {
            SequenceParallel::On => count(layout.tensor),
            SequenceParallel::Off => 1.0,
        };
        let gathered = if cut > 1.0 { law.gathered_copies() * h } else { 0.0 };
        PieceMemory {
            kept: 2.0 * h / cut,
            loss: bytes * logits * (1.0 + count(shape.further_tokens)) + gathered,
            ..PieceMemory::default()
        }
    }

    /// Gradients of layers that are not yet cut into shards: of two layers, and of the tables, which stay whole through
    /// the pass.
    pub(super) fn whole_gradients(&self, piece: &Piece) -> f64 {
        if !self.shards_parameters() || self.job.layout.pipeline > 1 {
            return 0.0;
        }
        let parameters = self.cut_parameters(&[piece]);
        2.0 * self.job.states.whole_gradient * parameters.largest
            + self.job.states.gathered * parameters.tables
    }

    fn shards_parameters(&self) -> bool {
        let layout = self.job.layout;
        let ranks = layout.parameter_copies();
        matches!(layout.sharding, Sharding::Parameters(_)) && layout.sharding.group(ranks) > 1
    }

    fn parameters(&self, own: &[&Piece]) -> StageParameters {
        StageParameters::of(self.job.shape, &self.dealt, own, &self.held, self.table)
    }

    /// The parameters that are cut over ranks: not those of experts of which there is one copy only.
    fn cut_parameters(&self, own: &[&Piece]) -> StageParameters {
        if self.job.layout.expert_data() > 1 {
            return self.parameters(own);
        }
        let held: Vec<Held> = self.held.iter().map(|held| Held { routed: 0.0, ..*held }).collect();
        StageParameters::of(self.job.shape, &self.dealt, own, &held, self.table)
    }

    /// Parameters that are whole for a while. Without a pipeline those of two layers, one of which is on its way, and the
    /// tables; with one, a stage gathers once for all micro-batches and sums whole gradients until the last of them.
    fn gathered(&self, parameters: &StageParameters) -> f64 {
        if !self.shards_parameters() {
            return 0.0;
        }
        let states = &self.job.states;
        if self.job.layout.pipeline > 1 {
            (states.gathered + states.gradient) * parameters.total()
        } else {
            states.gathered * (2.0 * parameters.largest + parameters.tables)
        }
    }

    /// Bytes of a stage's model states in the host's memory.
    pub(super) fn states_on_host(&self, own: &[&Piece]) -> f64 {
        states::states(&self.parameters(own), self.job.layout, &self.job.states).host
    }

    pub(super) fn stage(&self, own: &[&Piece], peak: &stage::Peak) -> Memory {
        let layout = self.job.layout;
        let parameters = self.parameters(own);
        let states = states::states(&parameters, layout, &self.job.states);
        let in_loss = peak.moment.filling == Filling::Loss;
        let mut memory = Memory {
            parameters: states.parameters,
            gradients: states.gradients,
            optimizer: states.optimizer,
            gathered: self.gathered(&self.cut_parameters(own)),
            activations: peak.kept,
            loss: if in_loss { peak.passing } else { 0.0 },
            working: if in_loss { 0.0 } else { peak.passing },
            buffers: buffers(self.job),
            workspace: self.with.workspace,
            ..Memory::default()
        };
        memory.fragmentation = self.with.fragmentation * memory.allocated();
        memory.cached = self.with.unshared * peak.other;
        let data = layout.data().saturating_mul(layout.context);
        let groups =
            [layout.tensor, layout.context, layout.pipeline, layout.expert, layout.expert_tensor, data];
        let used = groups.into_iter().filter(|ranks| *ranks > 1).count();
        memory.outside = self.with.context + self.with.communicator * count(used as u64);
        memory
    }
}

/// What layers of a job hold.
pub(super) fn layer<'a>(job: &'a MemoryJob<'a>) -> LayerLaw<'a> {
    LayerLaw { shape: job.shape, layout: job.layout, precision: job.precision, framework: &job.framework }
}

/// Bytes of a micro-batch that a piece's layers keep, each as often as the step computes it again: what is moved to the host
/// and back where activations are.
pub(in crate::training) fn sent(job: &MemoryJob<'_>, dealt: &Dealt, piece: &Piece) -> f64 {
    let (layout, law) = (job.layout, layer(job));
    let kept = |kind: &LayerKind, recompute| law.kept(*kind, recompute).total();
    let numbers = states::layers(job.shape, dealt, piece);
    let layers = dealt.kinds.iter().zip(numbers).map(|(kind, number)| KeptLayers {
        number,
        own: kept(kind, layout.recompute),
        input: kept(kind, Recompute::Full),
    });
    layout.local_tokens() * KeptLayers::total(layers, again_of_piece(layout))
}

/// Layers of a kind with the bytes that each keeps of a token.
pub(super) struct KeptLayers {
    pub number: u64,
    /// As the layout says.
    pub own: f64,
    /// Of its input alone.
    pub input: f64,
}

impl KeptLayers {
    /// The bytes of all, `again` of the layers keeping their input alone.
    pub fn total(layers: impl Iterator<Item = Self>, again: u64) -> f64 {
        let mut left = again;
        let mut total = 0.0;
        for Self { number, own, input } in layers {
            let these = left.min(number);
            left -= these;
            total += count(number - these) * own + count(these) * input;
        }
        total
    }
}

/// Receive and send buffers between stages, and foreign keys and values.
pub(in crate::training) fn buffers(job: &MemoryJob<'_>) -> f64 {
    let layout = job.layout;
    let cut = match layout.sequence {
        SequenceParallel::On => count(layout.tensor),
        SequenceParallel::Off => 1.0,
    };
    let message = layout.local_tokens() * 2.0 * count(job.shape.hidden) / cut;
    let between = match (layout.pipeline, job.framework.name) {
        (1, _) => 0.0,
        // PyTorch's stages have a buffer of their own for each micro-batch, both ways, and keep what they sent.
        (_, FrameworkName::Torchtitan) => 3.0 * count(layout.micro_batches()) * count(layout.virtual_stages),
        _ => 4.0,
    };
    between * message + layout.local_tokens() * layer(job).foreign_keys() + job.states.buckets
}
