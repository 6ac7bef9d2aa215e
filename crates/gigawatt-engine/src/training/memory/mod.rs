//! Memory of every stage's accelerators through a training step.
//!
//! An accelerator of stage `s` holds
//!
//! ```text
//! model states(s) + max over its passes of (activations kept + what lives for the moment)
//!                 + buffers + what allocator, driver and libraries take
//! ```
//!
//! Model states follow Rajbhandari et al. 2020 (arXiv 1910.02054), activations Korthikanti et al. 2022 (arXiv
//! 2205.05198); passes in flight are those of the simulated schedule, not of a closed form. What lives for a moment, the
//! experts' copies, narrow operands and the allocator's part are ours. Activations of several micro-batches are taken as
//! alike, experts as evenly loaded.

mod coefficients;
mod kept;
mod recompute;
mod stage;
mod states;

#[cfg(test)]
mod tests;

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::{
    Framework, FrameworkName, Layout, Loss, Recompute, SequenceParallel, Sharding,
};

use super::job::Job;
use super::layer::LayerKind;
use super::number::count;
use super::schedule::{Pass, Pieces, timeline};
use super::stub::Precision;
use super::weights::{Piece, deal, held_layer, held_table};
use stage::PieceMemory;
use states::StageParameters;

pub use coefficients::MemoryCoefficients;
pub use kept::{LayerKept, LayerLaw as LayerMemoryLaw};
pub use recompute::{Inferred, infer_recompute};
pub use stage::{Filling, Moment};
pub use states::{StateBytes, States};

/// What the memory of a step is computed from.
#[derive(Clone, Copy, Debug)]
pub struct MemoryJob<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The layout.
    pub layout: &'a Layout,
    /// Format of the linear layers' operands.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
    /// Layers that predict further tokens.
    pub further: u64,
    /// What the software holds for each parameter.
    pub states: StateBytes,
    /// How much of the logits is there at once.
    pub logits: Logits,
}

/// How much of the logits is there at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logits {
    /// All of them, for one fused loss.
    Fused,
    /// All of them, with the intermediate results of a loss of single operations.
    Unfused,
    /// Some tokens' at a time, output layer and loss being one: as many numbers as the residual stream has.
    Chunks,
}

impl Logits {
    /// What a stack does by default.
    pub fn of(framework: &Framework) -> Self {
        match (framework.name, framework.loss) {
            // Its loss comes from the flash-attention library and writes gradients over the logits.
            (FrameworkName::LlmFoundry, _) | (_, Loss::Fused) => Self::Fused,
            (_, Loss::Unfused) => Self::Unfused,
        }
    }
}

impl<'a> MemoryJob<'a> {
    /// That of a job whose software holds what it does by default.
    pub fn of(job: &Job<'a>, further: u64) -> Self {
        Self {
            shape: job.shape,
            layout: job.layout,
            precision: job.precision,
            framework: job.framework,
            further,
            states: StateBytes::of(&job.framework, job.precision),
            logits: Logits::of(&job.framework),
        }
    }

    /// The same with another layout.
    pub fn with_layout<'b>(&self, layout: &'b Layout) -> MemoryJob<'b>
    where
        'a: 'b,
    {
        MemoryJob { layout, ..*self }
    }
}

/// Memory of an accelerator at a moment, in bytes, by what fills it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Parameters, as sharding leaves them.
    pub parameters: f64,
    /// Gradients, as sharding leaves them.
    pub gradients: f64,
    /// Optimiser states and master copies.
    pub optimizer: f64,
    /// Parameters gathered from shards and gradients not yet cut into them.
    pub gathered: f64,
    /// Activations kept for the backward pass.
    pub activations: f64,
    /// Logits, their loss and its gradient.
    pub loss: f64,
    /// What a layer works with while it runs, and what it computes again.
    pub working: f64,
    /// Buffers between stages and context-parallel ranks, and those that the software fixes.
    pub buffers: f64,
    /// Work space of libraries.
    pub workspace: f64,
    /// Blocks that the allocator keeps from passes before and cannot use at the fullest moment. It gives them back to the
    /// device when memory runs out.
    pub cached: f64,
    /// What the allocator loses between blocks.
    pub fragmentation: f64,
    /// Driver, kernels and collective library, outside the allocator.
    pub outside: f64,
}

impl Memory {
    /// Names of the parts, in the order of [`parts`](Self::parts).
    pub const PARTS: [&'static str; 12] = [
        "parameters",
        "gradients",
        "optimiser states",
        "gathered parameters and gradients",
        "activations",
        "logits and loss",
        "working memory of a layer",
        "buffers",
        "work space of libraries",
        "cached blocks",
        "fragmentation",
        "driver and collectives",
    ];

    /// The parts.
    pub fn parts(&self) -> [f64; 12] {
        [
            self.parameters,
            self.gradients,
            self.optimizer,
            self.gathered,
            self.activations,
            self.loss,
            self.working,
            self.buffers,
            self.workspace,
            self.cached,
            self.fragmentation,
            self.outside,
        ]
    }

    /// Parameters, gradients and optimiser states.
    pub fn model_states(&self) -> f64 {
        self.parameters + self.gradients + self.optimizer
    }

    /// What tensors take: the allocator's peak of allocated memory.
    pub fn allocated(&self) -> f64 {
        self.parts().iter().take(9).sum()
    }

    /// What the allocator holds where memory is plenty: its peak of reserved memory.
    pub fn reserved(&self) -> f64 {
        self.allocated() + self.cached + self.fragmentation
    }

    /// What the device has to have: everything but cached blocks.
    pub fn needed(&self) -> f64 {
        self.allocated() + self.fragmentation + self.outside
    }

    /// What is in use on the device where memory is plenty: the sum of the parts.
    pub fn total(&self) -> f64 {
        self.parts().iter().sum()
    }

    /// Name and bytes of the largest part.
    pub fn largest(&self) -> (&'static str, f64) {
        let parts = self.parts();
        let largest = (0..parts.len()).max_by(|a, b| parts[*a].total_cmp(&parts[*b])).unwrap_or(0);
        (Self::PARTS[largest], parts[largest])
    }
}

/// A stage's memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageMemory {
    /// At its fullest moment.
    pub peak: Memory,
    /// When that is.
    pub moment: Moment,
}

/// Memory of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Footprint {
    /// By stage.
    pub stages: Vec<StageMemory>,
    pieces: Vec<PieceMemory>,
}

/// A point of a stage's course through a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Instant {
    /// Seconds from the start of the first pass.
    pub seconds: f64,
    /// Bytes.
    pub bytes: f64,
}

impl Footprint {
    /// The fullest stage and its index.
    pub fn fullest(&self) -> (usize, &StageMemory) {
        let by_total = |(_, a): &(usize, &StageMemory), (_, b): &(usize, &StageMemory)| {
            a.peak.total().total_cmp(&b.peak.total())
        };
        // There is always a stage: a layout without one counts as one of one.
        self.stages.iter().enumerate().max_by(by_total).unwrap_or((0, &NO_STAGE))
    }

    /// The fullest stage's memory.
    pub fn peak(&self) -> Memory {
        self.fullest().1.peak
    }

    /// The stage that needs most and its memory, cached blocks apart.
    pub fn neediest(&self) -> (usize, Memory) {
        let stages = self.stages.iter().map(|stage| stage.peak).enumerate();
        let most = stages.max_by(|(_, a), (_, b)| a.needed().total_cmp(&b.needed()));
        most.unwrap_or_default()
    }

    /// The memory of the stage that needs most.
    pub fn needed(&self) -> Memory {
        self.neediest().1
    }

    /// The course of every stage's memory through the passes of a step whose pieces take `times`: at the start and the
    /// fullest moment of every pass. Empty where `times` are not of this footprint's pieces.
    pub fn course(
        &self,
        schedule: gigawatt_plan::training::Schedule,
        times: &Pieces,
        micro_batches: usize,
    ) -> Vec<Vec<Instant>> {
        let stages = self.stages.len();
        if times.stages != stages || times.forward.len() != self.pieces.len() {
            return Vec::new();
        }
        let still: Vec<f64> = self.stages.iter().map(|one| one.peak).map(standing).collect();
        let mut kept = vec![0.0; stages];
        let mut course = vec![Vec::new(); stages];
        for (stage, pass, start, end) in timeline(schedule, times, micro_batches) {
            let at = |seconds, bytes| Instant { seconds, bytes };
            let base = still[stage];
            let line: &mut Vec<Instant> = &mut course[stage];
            line.push(at(start, base + kept[stage]));
            match pass {
                Pass::Forward { piece, .. } => {
                    let piece = self.pieces[piece];
                    kept[stage] += piece.kept;
                    line.push(at(end, base + kept[stage] + piece.forward.max(piece.loss)));
                }
                Pass::Backward { piece, .. } => {
                    let piece = self.pieces[piece];
                    line.push(at(start, base + kept[stage] + piece.backward));
                    kept[stage] = f64::max(kept[stage] - piece.kept, 0.0);
                    line.push(at(end, base + kept[stage]));
                }
            }
        }
        course
    }
}

const NO_STAGE: StageMemory = StageMemory {
    peak: Memory {
        parameters: 0.0,
        gradients: 0.0,
        optimizer: 0.0,
        gathered: 0.0,
        activations: 0.0,
        loss: 0.0,
        working: 0.0,
        buffers: 0.0,
        workspace: 0.0,
        cached: 0.0,
        fragmentation: 0.0,
        outside: 0.0,
    },
    moment: Moment {
        pass: Pass::Forward { micro_batch: 0, piece: 0 },
        filling: Filling::Forward,
        in_flight: 0,
    },
};

/// What stays through the whole step.
fn standing(peak: Memory) -> f64 {
    peak.total() - peak.activations - peak.loss - peak.working
}

/// Memory of every stage of a step.
///
/// A layout that no framework would take (see [`faults`](super::legality::faults)) has the memory of the nearest that it
/// can be read as: nothing is divided by zero, and stages beyond the layers are left out.
pub fn footprint(job: &MemoryJob<'_>, with: &MemoryCoefficients) -> Footprint {
    let layout = &readable(job);
    let job = &job.with_layout(layout);
    let law = Law::new(job, with);
    let dealt = deal(job.shape, layout, job.further, law.head_layers());
    let stages = usize::try_from(layout.pipeline).unwrap_or(1).max(1);
    let pieces: Vec<PieceMemory> = law.pieces(&dealt, stages);
    let micro_batches = usize::try_from(layout.micro_batches()).unwrap_or(usize::MAX);
    let stages_memory = (0..stages)
        .map(|stage| {
            let own: Vec<Piece> = dealt.iter().skip(stage).step_by(stages).copied().collect();
            let peak = stage::peak(layout.schedule, &pieces, stages, stage, micro_batches);
            StageMemory { peak: law.stage(&own, &peak), moment: peak.moment }
        })
        .collect();
    Footprint { stages: stages_memory, pieces }
}

/// A layout without zeros and without more pieces than layers.
fn readable(job: &MemoryJob<'_>) -> Layout {
    let mut layout = *job.layout;
    // Products of three dimensions, or of two counts, stay whole numbers of 64 bits.
    for dimension in [
        &mut layout.tensor,
        &mut layout.pipeline,
        &mut layout.virtual_stages,
        &mut layout.context,
        &mut layout.expert,
        &mut layout.expert_tensor,
    ] {
        *dimension = (*dimension).clamp(1, 1 << 20);
    }
    for number in [
        &mut layout.accelerators,
        &mut layout.micro_batch,
        &mut layout.global_batch,
        &mut layout.sequence_length,
    ] {
        *number = (*number).clamp(1, 1 << 31);
    }
    // The ends may count as layers.
    let most = job.shape.layers.saturating_add(2);
    layout.pipeline = layout.pipeline.min(most);
    layout.virtual_stages = layout.virtual_stages.min((most / layout.pipeline).max(1));
    layout
}

/// What is the same for every stage.
struct Law<'a> {
    job: &'a MemoryJob<'a>,
    with: &'a MemoryCoefficients,
    tokens: f64,
}

impl<'a> Law<'a> {
    fn new(job: &'a MemoryJob<'a>, with: &'a MemoryCoefficients) -> Self {
        Self { job, with, tokens: job.layout.local_tokens() }
    }

    fn layer(&self) -> LayerMemoryLaw<'_> {
        let MemoryJob { shape, layout, precision, .. } = *self.job;
        LayerMemoryLaw { shape, layout, precision, framework: &self.job.framework }
    }

    /// The output layer's weight in layers, by parameters that a token meets.
    fn head_layers(&self) -> f64 {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let kind = if shape.experts.is_some() { LayerKind::Experts } else { LayerKind::Dense };
        let held = held_layer(shape, layout, kind);
        let share = shape.experts.map_or(0.0, |experts| {
            count(experts.active) * count(layout.expert)
                / (count(experts.routed) * count(layout.tensor)).max(1.0)
        });
        held_table(shape, layout) / (held.common + share * held.routed).max(1.0)
    }

    fn pieces(&self, dealt: &[Piece], stages: usize) -> Vec<PieceMemory> {
        // Layers whose inside is computed again, of each stage.
        let mut left = vec![
            match self.job.layout.recompute {
                Recompute::Layers(some) => some,
                _ => 0,
            };
            stages
        ];
        dealt.iter().enumerate().map(|(index, piece)| self.piece(piece, &mut left[index % stages])).collect()
    }

    fn piece(&self, piece: &Piece, left: &mut u64) -> PieceMemory {
        let (layout, shape) = (self.job.layout, self.job.shape);
        let law = self.layer();
        let mut memory = PieceMemory::default();
        for (kind, number) in
            [(LayerKind::Dense, piece.dense), (LayerKind::Experts, piece.experts + piece.further)]
        {
            if number == 0 {
                continue;
            }
            let again = (*left).min(number);
            *left -= again;
            let recompute = if again > 0 { Recompute::Full } else { layout.recompute };
            memory.kept += self.tokens
                * (count(number - again) * law.kept(kind, layout.recompute).total()
                    + count(again) * law.kept(kind, Recompute::Full).total());
            memory.backward = memory.backward.max(self.tokens * law.work(kind, recompute));
            memory.forward = memory.forward.max(self.tokens * law.forward_work(kind));
        }
        if piece.head {
            let vocabulary = count(shape.vocabulary) / count(layout.tensor);
            let (bytes, logits) = match self.job.logits {
                Logits::Fused => (self.with.fused_logit, vocabulary),
                Logits::Unfused => (self.with.unfused_logit, vocabulary),
                Logits::Chunks => (self.with.fused_logit, vocabulary.min(count(shape.hidden))),
            };
            let logits = self.tokens * logits;
            // The last norm's input and output; and the output layer's input gathered over its ranks.
            let h = 2.0 * count(shape.hidden);
            let cut = match layout.sequence {
                SequenceParallel::On => count(layout.tensor),
                SequenceParallel::Off => 1.0,
            };
            let gathered = if cut > 1.0 { law.gathered_copies() * h } else { 0.0 };
            memory.kept += self.tokens * 2.0 * h / cut;
            memory.loss = bytes * logits * count(1 + piece.further) + self.tokens * gathered;
        }
        memory.backward += self.whole_gradients(piece);
        memory
    }

    /// Gradients of layers that are not yet cut into shards: of two layers, and of the tables, which stay whole through
    /// the pass.
    fn whole_gradients(&self, piece: &Piece) -> f64 {
        if !self.shards_parameters() || self.job.layout.pipeline > 1 {
            return 0.0;
        }
        let parameters = self.cut_parameters(std::slice::from_ref(piece));
        2.0 * self.job.states.whole_gradient * parameters.largest
            + self.job.states.gathered * parameters.tables
    }

    fn shards_parameters(&self) -> bool {
        let layout = self.job.layout;
        let ranks = layout.data().saturating_mul(layout.context);
        matches!(layout.sharding, Sharding::Parameters(_)) && layout.sharding.group(ranks) > 1
    }

    fn parameters(&self, own: &[Piece]) -> StageParameters {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let held = |kind| held_layer(shape, layout, kind);
        let table = held_table(shape, layout);
        StageParameters::of(
            own,
            &held(LayerKind::Dense),
            &held(LayerKind::Experts),
            table,
            shape.tied_embedding,
        )
    }

    /// The parameters that are cut over ranks: not those of experts of which there is one copy only.
    fn cut_parameters(&self, own: &[Piece]) -> StageParameters {
        let (shape, layout) = (self.job.shape, self.job.layout);
        let held = |kind| {
            let mut held = held_layer(shape, layout, kind);
            if layout.expert_data() <= 1 {
                held.routed = 0.0;
            }
            held
        };
        let table = held_table(shape, layout);
        let (dense, experts) = (held(LayerKind::Dense), held(LayerKind::Experts));
        StageParameters::of(own, &dense, &experts, table, shape.tied_embedding)
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

    /// Receive and send buffers between stages, and foreign keys and values.
    fn buffers(&self) -> f64 {
        let layout = self.job.layout;
        let cut = match layout.sequence {
            SequenceParallel::On => count(layout.tensor),
            SequenceParallel::Off => 1.0,
        };
        let message = self.tokens * 2.0 * count(self.job.shape.hidden) / cut;
        let between = match (layout.pipeline, self.job.framework.name) {
            (1, _) => 0.0,
            // PyTorch's stages have a buffer of their own for each micro-batch, both ways, and keep what they sent.
            (_, FrameworkName::Torchtitan) => {
                3.0 * count(layout.micro_batches()) * count(layout.virtual_stages)
            }
            _ => 4.0,
        };
        between * message + self.tokens * self.layer().foreign_keys() + self.job.states.buckets
    }

    fn stage(&self, own: &[Piece], peak: &stage::Peak) -> Memory {
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
            buffers: self.buffers(),
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
