//! A bound of a step's memory from below, read from tables, for searches that look at many layouts.
//!
//! The law takes the fullest moment of every stage. This looks at one moment: the end of the warm-up, when the first
//! backward pass begins. A maximum over moments is at least the value at one of them, so that what does not fit by this
//! bound does not fit by the law; with even stages both agree.

use gigawatt_plan::training::{Layout, Offload, Recompute, Schedule, Sharding};

use super::law::{KeptLayers, Law, layer};

pub(in crate::training) use super::law::buffers;
use super::stage::{Filling, Moment, Peak, PieceMemory};
use super::states;
use super::{MemoryCoefficients, MemoryJob};
use crate::training::assembly::again_of_piece;
use crate::training::deal::{Dealt, Piece};
use crate::training::number::count;
use crate::training::schedule::{Pass, Placement};

/// Classes of what is computed again in which a layer keeps different things.
pub(in crate::training) const CLASSES: [Recompute; 4] =
    [Recompute::None, Recompute::Elementwise, Recompute::Selective, Recompute::Full];

/// The class of a layer of which nothing more is computed again than of every other.
pub(in crate::training) fn class(recompute: Recompute) -> usize {
    match recompute {
        Recompute::None | Recompute::Layers(_) => 0,
        Recompute::Elementwise => 1,
        Recompute::Selective => 2,
        Recompute::Full => FULL,
    }
}

/// The class in which only a layer's input is kept.
pub(in crate::training) const FULL: usize = 3;

/// No class: the least of all of them of everything.
const LEAST: usize = CLASSES.len();

/// Bytes of each token of a micro-batch by kind of layer and class.
#[derive(Clone, Copy, Debug, Default)]
struct KindMemory {
    kept: [f64; CLASSES.len() + 1],
    work: [f64; CLASSES.len() + 1],
    forward: f64,
}

/// Numbers with the least of them behind.
fn with_least(numbers: [f64; CLASSES.len()]) -> [f64; CLASSES.len() + 1] {
    let [a, b, c, d] = numbers;
    [a, b, c, d, numbers.into_iter().fold(f64::INFINITY, f64::min)]
}

/// What layers, output and loss of a cut of the model hold of each token.
#[derive(Clone, Debug)]
pub(in crate::training) struct MemoryTable {
    kinds: Vec<KindMemory>,
    head: PieceMemory,
}

impl MemoryTable {
    /// The table of a job; what its layout says of pipeline, micro-batch, batch, sharding and recomputation does not
    /// matter.
    pub(in crate::training) fn new(job: &MemoryJob<'_>, with: &MemoryCoefficients) -> Self {
        let law = Law::new(job, with);
        let of = layer(job);
        let kinds = law.dealt.kinds.iter().map(|kind| KindMemory {
            kept: with_least(CLASSES.map(|recompute| of.kept(*kind, recompute).total())),
            work: with_least(CLASSES.map(|recompute| of.work(*kind, recompute))),
            forward: of.forward_work(*kind),
        });
        Self { kinds: kinds.collect(), head: law.head() }
    }

    /// What a piece holds: `layers` of each kind, those that predict further tokens with them, `left` being those whose
    /// inside is still to be computed again.
    fn piece(
        &self,
        layers: &[u64],
        head: bool,
        layout: &Layout,
        class: usize,
        left: &mut u64,
    ) -> PieceMemory {
        let tokens = layout.local_tokens();
        let (mut memory, mut largest) = (PieceMemory::default(), 0.0_f64);
        for (kind, number) in self.kinds.iter().zip(layers) {
            if *number == 0 {
                continue;
            }
            let again = (*left).min(*number);
            *left -= again;
            memory.kept += count(number - again) * kind.kept[class] + count(again) * kind.kept[FULL];
            largest = largest.max(kind.kept[if *number > again { class } else { FULL }]);
            let worked = if again > 0 { FULL } else { class };
            memory.backward = memory.backward.max(kind.work[worked]);
            memory.forward = memory.forward.max(kind.forward);
        }
        let of_layers = memory.kept;
        if head {
            memory.kept += self.head.kept;
            memory.loss = self.head.loss;
        }
        if layout.offload.activations() {
            memory = memory.offloaded(of_layers, largest);
        }
        PieceMemory {
            kept: tokens * memory.kept,
            loss: tokens * memory.loss,
            forward: tokens * memory.forward,
            backward: tokens * memory.backward,
            sent: tokens * memory.sent,
        }
    }

    /// Bytes of a micro-batch that the layers of a piece keep, those that predict further tokens with them: as
    /// [`sent`](super::sent) counts them.
    pub(in crate::training) fn sent(&self, layers: impl Iterator<Item = u64>, layout: &Layout) -> f64 {
        let class = class(layout.recompute);
        let layers = self.kinds.iter().zip(layers);
        let layers =
            layers.map(|(kind, number)| KeptLayers { number, own: kind.kept[class], input: kind.kept[FULL] });
        layout.local_tokens() * KeptLayers::total(layers, again_of_piece(layout))
    }
}

/// What stages hold whatever passes through them, for a way to share out model states.
#[derive(Clone, Debug)]
pub(in crate::training) struct Standing {
    /// Bytes of each stage that tensors take.
    stages: Vec<f64>,
    /// Bytes of gradients that are whole for a moment of the backward pass, which only a single stage has.
    whole_gradients: f64,
    /// Bytes outside the allocator.
    outside: f64,
}

/// The pieces of a model as memory counts them.
#[derive(Clone, Debug)]
pub(in crate::training) struct DealtMemory {
    /// Layers of each kind of each piece, those that predict further tokens with them.
    layers: Vec<u64>,
    kinds: usize,
    placement: Placement,
}

impl DealtMemory {
    /// How a job's layers lie, and what stages hold of its model states for each way to share these out: here, and with
    /// optimiser states on the host, where one of some ways to offload has them there.
    pub(in crate::training) fn new(
        job: &MemoryJob<'_>,
        (shardings, offloads): (&[Sharding], &[Offload]),
        with: &MemoryCoefficients,
    ) -> (Self, [Vec<Standing>; 2]) {
        let law = Law::new(job, with);
        let placement = Placement::of_layout(job.layout);
        let dealt: &Dealt = &law.dealt;
        let layers = dealt.pieces.iter().flat_map(|piece| states::layers(job.shape, dealt, piece)).collect();
        let standing = [Offload::None, Offload::Optimizer].map(|offload| {
            let asked = offloads.iter().any(|one| one.optimizer() == offload.optimizer());
            let of = shardings.iter().filter(|_| asked).map(|sharding| {
                let layout = Layout { sharding: *sharding, offload, ..*job.layout };
                Standing::of(&law.shared_as(&job.with_layout(&layout)), &layout, placement)
            });
            of.collect()
        });
        (Self { layers, kinds: dealt.kinds.len(), placement }, standing)
    }

    /// Activations that each stage holds when its warm-up has ended, with those of the pass that runs; of layouts that
    /// compute something again, or the least of them whatever is.
    pub(in crate::training) fn activations(
        &self,
        table: &MemoryTable,
        layout: &Layout,
        recompute: Option<Recompute>,
        room: &mut ActivationRoom,
    ) {
        let of = match recompute {
            Some(Recompute::Layers(some)) => (class(Recompute::Layers(some)), some),
            Some(other) => (class(other), 0),
            None => (LEAST, 0),
        };
        self.fill(table, layout, of, room);
    }

    fn fill(
        &self,
        table: &MemoryTable,
        layout: &Layout,
        (class, again): (usize, u64),
        room: &mut ActivationRoom,
    ) {
        let (placement, twice) = (self.placement, self.placement.copies() > 1);
        room.left.clear();
        room.left.resize(placement.stages(), again);
        room.pieces.clear();
        for (index, layers) in self.layers.chunks_exact(self.kinds).enumerate() {
            let head = index + 1 == placement.pieces();
            // Each piece is on two stages, with another on each.
            let mut half = again.div_ceil(2);
            let left = if twice { &mut half } else { &mut room.left[placement.stage_of(index, 0)] };
            room.pieces.push(table.piece(layers, head, layout, class, left));
        }
        let micro_batches = layout.micro_batches();
        room.held.clear();
        for stage in 0..placement.stages() {
            room.held.push(at_end_of_warm_up(layout.schedule, &room.pieces, placement, stage, micro_batches));
        }
    }
}

/// Memory of the activations of a layout, filled anew for each.
#[derive(Clone, Debug, Default)]
pub(in crate::training) struct ActivationRoom {
    left: Vec<u64>,
    pieces: Vec<PieceMemory>,
    held: Vec<Held>,
}

/// Bytes of activations of a stage when its warm-up has ended, kept ones with those of the last forward pass and with
/// those of the first backward pass.
#[derive(Clone, Copy, Debug)]
struct Held {
    forward: f64,
    backward: f64,
}

impl Standing {
    fn of(law: &Law<'_>, layout: &Layout, placement: Placement) -> Self {
        let nothing = Peak {
            moment: Moment {
                pass: Pass::Forward { micro_batch: 0, piece: 0 },
                filling: Filling::Forward,
                in_flight: 0,
            },
            kept: 0.0,
            passing: 0.0,
            other: 0.0,
            sent: 0.0,
        };
        let mut outside = 0.0_f64;
        let stages = (0..placement.stages()).map(|stage| {
            let own: Vec<&Piece> = law.dealt.of_stage(layout, stage).collect();
            let memory = law.stage(&own, &nothing);
            outside = outside.max(memory.outside);
            memory.allocated() - memory.buffers
        });
        let stages = stages.collect();
        let whole_gradients = law.dealt.pieces.first().map_or(0.0, |piece| law.whole_gradients(piece));
        Self { stages, whole_gradients, outside }
    }

    /// The most that a stage needs, bytes.
    pub(in crate::training) fn needed(
        &self,
        activations: &ActivationRoom,
        buffers: f64,
        with: &MemoryCoefficients,
    ) -> f64 {
        let fullest =
            self.stages.iter().zip(&activations.held).map(|(standing, held)| {
                standing + f64::max(held.forward, held.backward + self.whole_gradients)
            });
        let allocated = fullest.fold(0.0, f64::max) + buffers;
        allocated * (1.0 + with.fragmentation) + self.outside
    }
}

/// What a stage holds when its first backward pass begins, or soon after.
fn at_end_of_warm_up(
    schedule: Schedule,
    pieces: &[PieceMemory],
    placement: Placement,
    stage: usize,
    micro_batches: u64,
) -> Held {
    let stages = placement.stages();
    let virtual_stages = placement.pieces() / stages;
    let all = usize::try_from(micro_batches).unwrap_or(usize::MAX);
    let held = |numbers: [(usize, usize); 2], forward: usize, backward: usize| {
        let kept: f64 = numbers
            .iter()
            .map(|(piece, number)| count((*number).min(all) as u64) * pieces[*piece].kept)
            .sum();
        let last = pieces[forward];
        Held { forward: kept + last.forward.max(last.loss), backward: kept + pieces[backward].backward }
    };
    match schedule {
        // Gradients of weights wait until as many micro-batches are held as on the first stage.
        Schedule::ZeroBubbleH1 => held([(stage, stages), (stage, 0)], stage, stage),
        Schedule::ZeroBubbleV if placement.pieces() == 2 * stages && stages > 1 => {
            let (there, back) = (stage, 2 * stages - 1 - stage);
            held([(there, 2 * (stages - stage) - 1 + stage), (back, stage + 1)], back, back)
        }
        Schedule::DualPipe if placement.copies() > 1 => {
            let near = stage.min(stages - 1 - stage);
            let (before, after) = (stages / 2 - near - 1, near + 1);
            let far = stages - 1 - near;
            held([(near, 2 * before + after), (far, after)], far, far)
        }
        _ => rounds(schedule, pieces, (stages, virtual_stages, stage), all),
    }
}

/// The same for micro-batches that go in rounds.
fn rounds(
    schedule: Schedule,
    pieces: &[PieceMemory],
    (stages, virtual_stages, stage): (usize, usize, usize),
    micro_batches: usize,
) -> Held {
    let passes = micro_batches.saturating_mul(virtual_stages);
    let ahead = match schedule {
        Schedule::GPipe => passes,
        _ if virtual_stages > 1 => (stages - stage - 1) * 2 + (virtual_stages - 1) * stages,
        _ => stages - stage - 1,
    };
    let begun = (ahead + 1).min(passes);
    // Forward passes go in rounds of as many micro-batches as there are stages, piece by piece.
    let group = if virtual_stages > 1 { stages } else { passes.max(1) };
    let (rounds, within) = (begun / (group * virtual_stages), begun % (group * virtual_stages));
    let mut kept = 0.0;
    for chunk in 0..virtual_stages {
        let these = rounds * group + within.saturating_sub(chunk * group).min(group);
        kept += count(these as u64) * pieces[chunk * stages + stage].kept;
    }
    let last = pieces[(begun - 1) % (group * virtual_stages) / group * stages + stage];
    let first_back = pieces[(virtual_stages - 1) * stages + stage];
    Held { forward: kept + last.forward.max(last.loss), backward: kept + first_back.backward }
}
