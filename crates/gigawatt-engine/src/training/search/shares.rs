//! What sharing model states out over ranks holds and takes, from tables.

use gigawatt_plan::training::{Layout, Sharding};

use super::ROUNDING;
use super::branch::{Branch, Room};
use super::cut::MicroBatchSeconds;
use super::pieces::DealtLayers;
use crate::training::data::{Beside, DataLaw, Exchange};
use crate::training::held::{self, Held};
use crate::training::memory::MemoryJob;
use crate::training::memory::bound::{DealtMemory, Standing};
use crate::training::number::count;
use crate::training::offload;
use crate::training::schedule::Placement;

/// What stages hold of model states, and what sharing these out takes.
pub(super) struct ShareTables {
    pub memory: DealtMemory,
    /// By way of sharing out: with optimiser states here, and on the host.
    pub standing: [Vec<Standing>; 2],
    /// By way of sharing out, and order of ranks.
    pub shared: Vec<Shared>,
}

impl ShareTables {
    pub fn new(branch: &Branch<'_>, layers: &DealtLayers, layout: &Layout) -> Self {
        let (problem, space, framework) = (branch.problem, branch.space, branch.cut.framework);
        let job = MemoryJob::of(&problem.job(framework, layout));
        let (memory, standing) =
            DealtMemory::new(&job, (&space.sharding, &space.offload), &problem.laws.memory);
        let kinds = layers.dealt.kinds.iter();
        let kinds: Vec<Held> = kinds.map(|kind| held::layer(problem.shape, layout, *kind)).collect();
        let shared = space
            .sharding
            .iter()
            .flat_map(|sharding| space.rank_order.iter().map(move |order| (*sharding, *order)))
            .map(|(sharding, rank_order)| {
                let layout = Layout { sharding, rank_order, ..*layout };
                Shared::new(branch, layout, &kinds)
            })
            .collect();
        Self { memory, standing, shared }
    }
}

/// A way to share out model states over ranks in an order, with the seconds that this takes of some stages.
pub(super) struct Shared {
    pub layout: Layout,
    known: Vec<(Held, Exchange)>,
    /// By kind of layer, and of a table; where parameters are sharded.
    kinds: Vec<Exchange>,
    table: Exchange,
    /// Ranks over which common parameters and those of experts are cut.
    ranks: (f64, f64),
}

impl Shared {
    fn new(branch: &Branch<'_>, layout: Layout, kinds: &[Held]) -> Self {
        let problem = branch.problem;
        let law = DataLaw::new(problem.job(branch.cut.framework, &layout), &problem.laws.training);
        let sharded = matches!(layout.sharding, Sharding::Parameters(_));
        let group = layout.sharding.group(layout.parameter_copies());
        Self {
            known: Vec::new(),
            kinds: kinds.iter().filter(|_| sharded).map(|held| law.exchange(held)).collect(),
            table: if sharded {
                law.exchange(&held::table(problem.shape, &layout))
            } else {
                Exchange::default()
            },
            ranks: (count(group), count(group.min(layout.expert_data()))),
            layout,
        }
    }

    fn exchange(&mut self, branch: &Branch<'_>, held: &Held) -> Exchange {
        if let Some((_, exchange)) = self.known.iter().find(|(known, _)| known == held) {
            return *exchange;
        }
        let (problem, framework) = (branch.problem, branch.cut.framework);
        let law = DataLaw::new(problem.job(framework, &self.layout), &problem.laws.training);
        let exchange = law.exchange(held);
        self.known.push((*held, exchange));
        exchange
    }

    /// Seconds of data-parallel traffic that is seen, and of the optimiser, on the busiest stage; the least of several
    /// that are equally busy but for rounding.
    pub fn least(
        &mut self,
        branch: &Branch<'_>,
        dealt: &DealtLayers,
        costs: &MicroBatchSeconds,
        layout: &Layout,
        room: &Room,
        busiest: f64,
    ) -> f64 {
        let with = &branch.problem.laws.training;
        let beside = Beside::new(layout, branch.cut.framework, with);
        let enough = busiest * (1.0 - ROUNDING);
        let (mut least, mut looked_at) = (f64::INFINITY, 0_u64);
        for (stage, (seconds, work)) in room.stages.stages.iter().zip(&room.stages.work).enumerate() {
            let class = dealt.class_of[stage];
            let bit = 1_u64.checked_shl(u32::try_from(class).unwrap_or(u32::MAX)).unwrap_or(0);
            if *work < enough || looked_at & bit != 0 {
                continue;
            }
            looked_at |= bit;
            let held = dealt.classes[class].held;
            let data = match self.layout.sharding {
                Sharding::Parameters(_) => self.sharded(branch, dealt, costs, layout, stage, beside),
                _ => beside.replicated(self.exchange(branch, &held), seconds.forward, seconds.backward),
            };
            let owned = held.common / self.ranks.0 + held.routed / self.ranks.1;
            let optimizer = offload::optimizer(owned, branch.problem.device, layout.offload, with);
            least = least.min(data + optimizer);
        }
        least
    }

    fn sharded(
        &self,
        branch: &Branch<'_>,
        dealt: &DealtLayers,
        costs: &MicroBatchSeconds,
        layout: &Layout,
        stage: usize,
        beside: Beside<'_>,
    ) -> f64 {
        let mut seen = 0.0;
        for index in Placement::of_layout(layout).held(stage) {
            let piece = &dealt.dealt.pieces[index];
            for ((exchange, kind), layers) in self
                .kinds
                .iter()
                .zip(&costs.kinds)
                .zip(dealt.layers(index))
                .filter(|(_, layers)| **layers > 0)
            {
                let seconds = kind.seconds(layout.recompute);
                seen += count(*layers) * beside.sharded_layer(*exchange, seconds.forward, seconds.backward);
            }
            let tied = branch.problem.shape.tied_embedding;
            let tables = u64::from(piece.embedding) + u64::from(piece.head && !tied);
            seen += count(tables) * beside.sharded_layer(self.table, 0.0, 0.0);
        }
        seen
    }
}
