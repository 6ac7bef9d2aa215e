//! What a search of deployments may choose.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::{LayoutChoice, ServingPlan};
use gigawatt_plan::serving::{Engine, ServingLayout};

/// Accelerators of a replica at most, unless one scale-up domain has more.
const LARGEST: u64 = 64;
/// Ranks that cut a matrix, at most.
const MOST_TENSOR: u64 = 128;
/// Stages, at most.
const MOST_STAGES: u64 = 8;
/// Tokens of an iteration that are tried beside the engine's own.
const TOKEN_BUDGETS: [u64; 4] = [2048, 4096, 8192, 16_384];

/// Where prompts and answers are worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangements {
    /// Both ways.
    #[default]
    Any,
    /// On the same replicas.
    Together,
    /// On workers of their own.
    Apart,
}

impl Arrangements {
    /// Whether both may be worked on by the same replicas.
    pub fn together(self) -> bool {
        self != Self::Apart
    }

    /// Whether each may have workers of its own.
    pub fn apart(self) -> bool {
        self != Self::Together
    }
}

/// What may be chosen for a service: every combination that divides, within `largest` and `least_of_stages`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizingSpace {
    /// Tensor parallelism.
    pub tensor: Vec<u64>,
    /// Groups with attention of their own.
    pub attention_data: Vec<u64>,
    /// Expert parallelism.
    pub expert: Vec<u64>,
    /// Stages.
    pub pipeline: Vec<u64>,
    /// Tokens of an iteration at most.
    pub token_budget: Vec<u64>,
    /// Accelerators of a replica or worker at most.
    pub largest: u64,
    /// Accelerators of a stage at least, where there are several.
    pub least_of_stages: u64,
    /// Where prompts and answers are worked on.
    pub arrangements: Arrangements,
}

impl SizingSpace {
    /// Everything of a service that its plan leaves open: tensor parallelism within a scale-up domain, powers of two else.
    /// There are several stages, each a domain or more, only where the model does not fit into one: what stages wait for one
    /// another where iterations differ is in no law. `fits` says whether it does.
    pub fn of(service: &ServingPlan, domain: u64, fits: bool, largest: Option<u64>) -> Self {
        let largest = largest.unwrap_or(LARGEST.max(domain));
        let up_to = |most: u64| -> Vec<u64> {
            std::iter::successors(Some(1_u64), |number| number.checked_mul(2))
                .take_while(|number| *number <= most)
                .collect()
        };
        let mixture = service.shape.experts.is_some();
        let groups = || if mixture { up_to(largest) } else { vec![1] };
        let preset = Engine::of(service.engine.name, service.engine.release);
        let token_budget = if service.engine.token_budget == preset.token_budget {
            TOKEN_BUDGETS.to_vec()
        } else {
            vec![service.engine.token_budget]
        };
        let open = Self {
            tensor: (1..=domain.clamp(1, MOST_TENSOR))
                .filter(|ranks| divides(&service.shape, *ranks))
                .collect(),
            attention_data: groups(),
            expert: groups(),
            pipeline: up_to(if fits { 1 } else { MOST_STAGES }),
            token_budget,
            largest,
            least_of_stages: domain,
            arrangements: Arrangements::Any,
        };
        match service.layout {
            LayoutChoice::Search => open,
            LayoutChoice::Fixed(layout) => Self {
                tensor: vec![layout.tensor],
                attention_data: vec![layout.attention_data],
                expert: vec![layout.expert],
                pipeline: vec![layout.pipeline],
                largest: open.largest.max(layout.accelerators()),
                least_of_stages: 1,
                ..open
            },
        }
    }

    /// The layouts that are no larger than allowed, in a fixed order, those that cannot be too.
    pub(super) fn layouts(&self) -> Vec<ServingLayout> {
        let mut all = Vec::new();
        for tensor in &self.tensor {
            for attention_data in &self.attention_data {
                for expert in &self.expert {
                    for pipeline in &self.pipeline {
                        all.push(ServingLayout {
                            tensor: *tensor,
                            attention_data: *attention_data,
                            expert: *expert,
                            pipeline: *pipeline,
                        });
                    }
                }
            }
        }
        all.retain(|layout| {
            layout.accelerators() <= self.largest
                && layout.expert <= layout.stage_ranks()
                && (layout.pipeline == 1 || layout.stage_ranks() >= self.least_of_stages)
        });
        all
    }
}

/// Whether a model can be cut over so many ranks of a scale-up domain.
fn divides(shape: &Shape, ranks: u64) -> bool {
    use gigawatt_plan::serving::LayoutFault;
    let layout = ServingLayout::tensor(ranks);
    ![LayoutFault::Heads, LayoutFault::Width].into_iter().any(|fault| fault.is_in(&layout, shape, ranks))
}
