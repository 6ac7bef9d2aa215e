//! How a replica of a model lies on accelerators, and whether it can.

use serde::{Deserialize, Serialize};

use crate::catalog::{Attention, Recurrence, Shape};

/// How a replica of a model lies on accelerators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServingLayout {
    /// Ranks that cut the heads of attention and dense layers.
    pub tensor: u64,
    /// Groups of such ranks that share experts and have sequences of their own.
    pub attention_data: u64,
    /// Ranks over which whole experts are spread.
    pub expert: u64,
    /// Stages of layers.
    pub pipeline: u64,
}

impl ServingLayout {
    /// A single accelerator.
    pub const SINGLE: Self = Self { tensor: 1, attention_data: 1, expert: 1, pipeline: 1 };

    /// Tensor parallelism alone.
    pub fn tensor(ranks: u64) -> Self {
        Self { tensor: ranks, ..Self::SINGLE }
    }

    /// Ranks of one stage.
    pub fn stage_ranks(&self) -> u64 {
        self.tensor.saturating_mul(self.attention_data).max(1)
    }

    /// Accelerators of a replica.
    pub fn accelerators(&self) -> u64 {
        self.stage_ranks().saturating_mul(self.pipeline.max(1))
    }

    /// Ranks that cut one expert.
    pub fn expert_tensor(&self) -> u64 {
        (self.stage_ranks() / self.expert.max(1)).max(1)
    }

    /// What keeps a model from lying so on accelerators of which `domain` share their scale-up links: the first of what
    /// is wrong.
    pub fn fault(&self, shape: &Shape, domain: u64) -> Option<LayoutFault> {
        LayoutFault::ALL.into_iter().find(|fault| fault.is_in(self, shape, domain))
    }
}

/// What keeps a model from lying on accelerators as a layout says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LayoutFault {
    /// The heads of attention are not shared out evenly over `tensor` ranks.
    Heads,
    /// The inner width of dense layers is not shared out evenly over `tensor` ranks.
    Width,
    /// Groups with attention of their own share nothing where there are no experts.
    DataWithoutExperts,
    /// There are no experts to spread.
    NoExperts,
    /// The experts are not spread evenly over `expert` ranks.
    Experts,
    /// The ranks of a stage are no multiple of `expert`.
    ExpertRanks,
    /// The width of an expert is not shared out evenly over the ranks that cut it.
    ExpertWidth,
    /// There are more stages than layers.
    Stages,
    /// The replica fills neither a part of one scale-up domain nor whole ones.
    Domain,
}

impl LayoutFault {
    /// All of them, in the order in which they are looked for.
    pub const ALL: [Self; 9] = [
        Self::Heads,
        Self::Width,
        Self::DataWithoutExperts,
        Self::NoExperts,
        Self::Experts,
        Self::ExpertRanks,
        Self::ExpertWidth,
        Self::Stages,
        Self::Domain,
    ];

    /// Whether a layout has it.
    pub fn is_in(self, layout: &ServingLayout, shape: &Shape, domain: u64) -> bool {
        let tensor = layout.tensor.max(1);
        match self {
            Self::Heads => !heads(shape, tensor),
            Self::Width => !shape.feed_forward.is_multiple_of(tensor),
            Self::DataWithoutExperts => layout.attention_data > 1 && shape.experts.is_none(),
            Self::NoExperts => layout.expert > 1 && shape.experts.is_none(),
            Self::Experts => {
                shape.experts.is_some_and(|experts| !experts.routed.is_multiple_of(layout.expert.max(1)))
            }
            Self::ExpertRanks => !layout.stage_ranks().is_multiple_of(layout.expert.max(1)),
            Self::ExpertWidth => shape
                .experts
                .is_some_and(|experts| !experts.feed_forward.is_multiple_of(layout.expert_tensor())),
            Self::Stages => layout.pipeline > shape.layers,
            Self::Domain => {
                let (ranks, domain) = (layout.accelerators(), domain.max(1));
                ranks > domain && !ranks.is_multiple_of(domain)
            }
        }
    }
}

/// Whether heads can be shared out over so many ranks: query heads evenly, and heads of keys either evenly or each on
/// as many ranks as another.
fn heads(shape: &Shape, ranks: u64) -> bool {
    let attention = match shape.attention {
        Attention::Grouped { heads, kv_heads, .. } => {
            heads.is_multiple_of(ranks)
                && (kv_heads.is_multiple_of(ranks) || ranks.is_multiple_of(kv_heads.max(1)))
        }
        Attention::Latent { heads, .. } => heads.is_multiple_of(ranks),
        Attention::Absent => true,
    };
    let recurrent = shape.recurrent.is_none_or(|recurrent| match recurrent.recurrence {
        Recurrence::StateSpace { heads, .. } => heads.is_multiple_of(ranks),
        Recurrence::DeltaNet { value_heads, .. } => value_heads.is_multiple_of(ranks),
    });
    attention && recurrent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Experts;

    fn dense() -> Shape {
        let attention = Attention::Grouped { heads: 40, kv_heads: 8, head_size: 128, biased: false };
        Shape::dense(48, 5120, 100_000, 8192, attention, 16_384)
    }

    #[test]
    fn experts_are_cut_by_what_does_not_spread_them() {
        let layout = ServingLayout { tensor: 4, attention_data: 2, expert: 2, pipeline: 2 };
        assert_eq!((layout.stage_ranks(), layout.expert_tensor(), layout.accelerators()), (8, 4, 16));
    }

    #[test]
    fn what_does_not_divide_is_a_fault() {
        let fault = |layout: ServingLayout, shape: &Shape| layout.fault(shape, 8);
        let dense = dense();
        let mixture = Shape { experts: Some(Experts::in_every_layer(48, 128, 1, 8192)), ..dense };
        assert_eq!(fault(ServingLayout::tensor(8), &dense), None);
        assert_eq!(fault(ServingLayout::tensor(16), &dense), Some(LayoutFault::Heads));
        // Five heads a rank, but eight heads of keys lie neither five to a rank nor on five ranks each.
        assert_eq!(fault(ServingLayout::tensor(5), &dense), Some(LayoutFault::Heads));
        let spread =
            |attention_data, expert| ServingLayout { tensor: 2, attention_data, expert, pipeline: 1 };
        assert_eq!(fault(spread(2, 1), &dense), Some(LayoutFault::DataWithoutExperts));
        assert_eq!(fault(spread(1, 2), &dense), Some(LayoutFault::NoExperts));
        assert_eq!(fault(spread(3, 6), &mixture), Some(LayoutFault::Experts));
        assert_eq!(fault(spread(1, 4), &mixture), Some(LayoutFault::ExpertRanks));
        assert_eq!(fault(spread(4, 8), &mixture), None);
        let stages = |pipeline| ServingLayout { pipeline, ..ServingLayout::tensor(8) };
        assert_eq!(fault(stages(3), &dense), None);
        assert_eq!(fault(stages(49), &dense), Some(LayoutFault::Stages));
        assert_eq!(
            fault(ServingLayout { pipeline: 3, ..ServingLayout::tensor(4) }, &dense),
            Some(LayoutFault::Domain)
        );
    }
}
