//! Model states: parameters, gradients, optimiser states and master copies, by software and sharding.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::{Arithmetic, Framework, FrameworkName, Layout, Precision, Sharding};

use crate::training::deal::{Dealt, Piece};
use crate::training::held::Held;
use crate::training::number::count;
use crate::training::offload::GRADIENT_BYTES;

/// Bytes that a stack of software holds for each parameter, before sharding.
///
/// The 16 bytes of mixed precision with Adam (Rajbhandari et al. 2020, arXiv 1910.02054, 3.1) are split differently by
/// every stack; which copies exist is a fact about the software.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateBytes {
    /// The parameter itself, as the sharding law cuts it.
    pub parameter: f64,
    /// Its gradient.
    pub gradient: f64,
    /// Moments of the optimiser, and the master copy where the parameter is not one.
    pub optimizer: f64,
    /// A parameter that was gathered from shards, while a layer needs it.
    pub gathered: f64,
    /// A gradient before it is summed and cut over ranks.
    pub whole_gradient: f64,
    /// Fixed buffers of the software through which shards travel, in bytes.
    pub buckets: f64,
}

impl StateBytes {
    /// What a stack holds with operands of a format.
    ///
    /// Megatron: 16-bit parameters, gradients as they are summed, 12 bytes of master copy and moments; with narrow
    /// operands the quantised weight is kept in both orientations between micro-batches, in place of the 16-bit copy for
    /// 8-bit formats (`fp8-param-gather`), beside it for 4-bit ones. PyTorch's FSDP under torchtitan and llm-foundry, and JAX:
    /// the 32-bit parameter is the master copy, gathered in 16 bit. `InternEvo`: gradients in 16 bit. `AutoModel`:
    /// 16-bit parameters whose remainder to 32 bit and 16-bit moments the optimiser holds; this is our reading of its
    /// recipes for large models.
    pub fn of(framework: &Framework, precision: Precision) -> Self {
        let gradient = count(framework.gradient_bytes);
        match framework.name {
            FrameworkName::Megatron => Self {
                parameter: match precision.arithmetic() {
                    Arithmetic::Vector | Arithmetic::Tf32 => 4.0,
                    Arithmetic::Sixteen => 2.0,
                    Arithmetic::Eight | Arithmetic::Integer => 2.0 * precision.weight_bytes(),
                    Arithmetic::Four => 2.0 + 2.0 * precision.weight_bytes(),
                },
                gradient,
                // A parameter of 32 bits is its own master copy.
                optimizer: match precision.arithmetic() {
                    Arithmetic::Vector | Arithmetic::Tf32 => 8.0,
                    _ => 12.0,
                },
                gathered: 2.0,
                whole_gradient: gradient,
                buckets: 0.0,
            },
            FrameworkName::HaiLlm => Self {
                parameter: match precision.arithmetic() {
                    Arithmetic::Vector | Arithmetic::Tf32 => 4.0,
                    Arithmetic::Sixteen => 2.0,
                    // One scale for each 128 x 128 weights: the same numbers serve both orientations.
                    Arithmetic::Eight | Arithmetic::Integer | Arithmetic::Four => precision.weight_bytes(),
                },
                gradient,
                // A master copy of 32 bits, moments of 16 (DeepSeek-V3, arXiv 2412.19437, 3.3.2).
                optimizer: 8.0,
                gathered: 2.0,
                whole_gradient: gradient,
                buckets: 0.0,
            },
            FrameworkName::Torchtitan | FrameworkName::LlmFoundry | FrameworkName::Jax => Self {
                parameter: 4.0,
                gradient: 4.0,
                optimizer: 8.0,
                gathered: 2.0,
                whole_gradient: gradient,
                buckets: 0.0,
            },
            FrameworkName::Internevo => Self {
                parameter: 2.0,
                gradient,
                optimizer: 12.0,
                gathered: 2.0,
                whole_gradient: gradient,
                buckets: 0.0,
            },
            FrameworkName::Automodel => Self {
                parameter: 2.0,
                gradient,
                optimizer: 6.0,
                gathered: 2.0,
                whole_gradient: gradient,
                buckets: 0.0,
            },
        }
    }
}

/// Bytes of a stage's model states.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct States {
    /// Parameters, as sharding leaves them.
    pub parameters: f64,
    /// Gradients.
    pub gradients: f64,
    /// Optimiser states and master copies.
    pub optimizer: f64,
    /// The same where they lie in the host's memory, with the gradients that they are updated by.
    pub host: f64,
}

/// The parameters of a stage, before sharding over data-parallel ranks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StageParameters {
    /// Of layers and tables, copied over data-parallel ranks.
    pub common: f64,
    /// Of routed experts.
    pub routed: f64,
    /// The largest layer: the piece that is gathered at once.
    pub largest: f64,
    /// Of embedding and output.
    pub tables: f64,
}

impl StageParameters {
    /// Of some pieces of a model that was dealt: `held` of each kind of layer, `table` of embedding or output.
    pub fn of(shape: &Shape, dealt: &Dealt, pieces: &[&Piece], held: &[Held], table: f64) -> Self {
        let mut all = Self::default();
        for piece in pieces {
            for (held, number) in held.iter().zip(layers(shape, dealt, piece)) {
                if number > 0 {
                    all.common += count(number) * held.common;
                    all.routed += count(number) * held.routed;
                    all.largest = all.largest.max(held.total());
                }
            }
        }
        let embedding = pieces.iter().any(|piece| piece.embedding);
        let head = pieces.iter().any(|piece| piece.head);
        let both = embedding && head && shape.tied_embedding;
        all.tables = table * count(u64::from(embedding) + u64::from(head) - u64::from(both));
        all.common += all.tables;
        all
    }

    /// All of them.
    pub fn total(&self) -> f64 {
        self.common + self.routed
    }
}

/// Layers of each kind on a piece, those that predict further tokens with them.
pub(super) fn layers<'a>(
    shape: &'a Shape,
    dealt: &'a Dealt,
    piece: &'a Piece,
) -> impl Iterator<Item = u64> + use<'a> {
    piece.layers.iter().enumerate().map(|(kind, number)| {
        let further = if piece.head && kind == dealt.further { shape.further_tokens } else { 0 };
        number.saturating_add(further)
    })
}

/// Model states of a stage (Rajbhandari et al. 2020, arXiv 1910.02054): of `N` parameters over `d` ranks
///
/// ```text
/// none      N (p + g + o)
/// ZeRO-1    N (p + g + o / d)
/// ZeRO-2    N (p + (g + o) / d)
/// ZeRO-3    N (p + g + o) / d
/// ```
///
/// in bytes, with `p`, `g`, `o` of [`StateBytes`]. Experts are cut over the ranks that hold the same ones; groups
/// smaller than all ranks (hybrid sharding) have their own `d`. Where optimiser states lie on the host `o` is 0 here and
/// there `o + 4`: gradients wait in 32 bits beside them.
pub fn states(parameters: &StageParameters, layout: &Layout, bytes: &StateBytes) -> States {
    let group = layout.sharding.group(layout.parameter_copies());
    let over = |bytes: f64, cut: bool| {
        let (common, routed) = if cut { (group, group.min(layout.expert_data())) } else { (1, 1) };
        bytes * (parameters.common / count(common.max(1)) + parameters.routed / count(routed.max(1)))
    };
    let (p, g, o) = match layout.sharding {
        Sharding::None => (false, false, false),
        Sharding::Optimizer(_) => (false, false, true),
        Sharding::Gradients(_) => (false, true, true),
        Sharding::Parameters(_) => (true, true, true),
    };
    let offloaded = layout.offload.optimizer();
    States {
        parameters: over(bytes.parameter, p),
        gradients: over(bytes.gradient, g),
        optimizer: if offloaded { 0.0 } else { over(bytes.optimizer, o) },
        host: if offloaded { over(bytes.optimizer + GRADIENT_BYTES, o) } else { 0.0 },
    }
}
