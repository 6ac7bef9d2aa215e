//! A branch of the space: a way to cut layers, and a number of pipeline stages. Its layouts are bounded one by one.

use gigawatt_plan::training::{Layout, Sharding};

use super::Problem;
use super::cut::{Cut, MicroBatchSeconds, Seconds};
use super::pieces::{DealtLayers, StageRoom};
use super::shortlist::Shortlist;
use super::space::Space;
use crate::training::data::{Beside, DataLaw, Exchange};
use crate::training::held::{self, Held};
use crate::training::legality::structure;
use crate::training::memory::MemoryJob;
use crate::training::memory::bound::{ActivationRoom, DealtMemory, Standing, buffer_bytes};
use crate::training::number::count;
use crate::training::step::{OPTIMIZER_BYTES, hop_seconds};

/// How many layouts went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Combinations that the space has.
    pub declared: u64,
    /// That break a rule of divisibility, among those looked at.
    pub illegal: u64,
    /// That do not fit into memory.
    pub memory: u64,
    /// That cannot beat what was found, alone or with all of their branch.
    pub bound: u64,
    /// Whose time and memory were computed in full from tables.
    pub evaluated: u64,
    /// Whose schedule was simulated.
    pub simulated: u64,
}

impl Counts {
    /// Adds others.
    pub fn add(&mut self, other: &Self) {
        self.declared += other.declared;
        self.illegal += other.illegal;
        self.memory += other.memory;
        self.bound += other.bound;
        self.evaluated += other.evaluated;
        self.simulated += other.simulated;
    }
}

/// A branch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Branch<'a> {
    pub problem: &'a Problem<'a>,
    pub space: &'a Space,
    pub cut: &'a Cut,
    /// With accelerators, batch, sequence, cut and stages.
    pub layout: Layout,
}

/// Room for the numbers of one layout, filled anew for each.
#[derive(Debug, Default)]
struct Room {
    activations: ActivationRoom,
    pieces: Vec<Seconds>,
    stages: StageRoom,
}

impl Branch<'_> {
    /// Combinations that it has.
    pub fn declared(&self) -> u64 {
        self.space.declared(
            self.problem.shape.layers,
            self.layout.pipeline,
            self.layout.data(),
            self.layout.global_batch,
        )
    }

    fn costs(&self) -> impl Iterator<Item = &MicroBatchSeconds> {
        let (data, batch) = (self.layout.data(), self.layout.global_batch);
        self.cut
            .micro_batches
            .iter()
            .filter(move |costs| batch.is_multiple_of(data.saturating_mul(costs.micro_batch)))
    }

    /// Seconds that no layout of it goes below: the model's passes shared out evenly over the stages.
    pub fn bound(&self) -> f64 {
        let least = |costs: &MicroBatchSeconds| {
            let layout = Layout { micro_batch: costs.micro_batch, ..self.layout };
            count(layout.micro_batches()) * costs.model / count(layout.pipeline)
        };
        let span = self.costs().map(least).fold(f64::INFINITY, f64::min);
        span * self.problem.straggling() + self.problem.laws.training.step_host
    }

    /// Bounds its layouts, and puts those on the list that may be faster than `limit`.
    pub fn bound_all(&self, limit: f64, list: &mut Shortlist) -> Counts {
        let mut counts = Counts { declared: self.declared(), ..Counts::default() };
        let mut room = Room::default();
        for virtual_stages in &self.space.virtual_stages {
            if *virtual_stages > 1 && self.layout.pipeline == 1 {
                continue;
            }
            let layout = Layout { virtual_stages: *virtual_stages, ..self.layout };
            self.pieces(&layout, limit, list, &mut counts, &mut room);
        }
        // What a bound cut off before it was counted.
        let told = counts.illegal + counts.memory + counts.bound + counts.evaluated;
        counts.bound += counts.declared.saturating_sub(told);
        counts
    }

    fn pieces(
        &self,
        layout: &Layout,
        limit: f64,
        list: &mut Shortlist,
        counts: &mut Counts,
        room: &mut Room,
    ) {
        let each = self.recomputes() * self.space.rank_order.len() as u64;
        let mut tables: Option<PieceTables> = None;
        for costs in self.costs() {
            let layout = Layout { micro_batch: costs.micro_batch, ..*layout };
            for schedule in &self.space.schedule {
                let layout = Layout { schedule: *schedule, ..layout };
                // A bit for each way of sharing out that is legal.
                let mut legal = 0_u64;
                for (index, sharding) in self.space.sharding.iter().enumerate() {
                    let layout = Layout { sharding: *sharding, ..layout };
                    if structure(&MemoryJob::of(&self.problem.job(self.cut.framework, &layout))).is_empty() {
                        legal |= 1 << index;
                    } else {
                        counts.illegal += each;
                    }
                }
                if legal == 0 {
                    continue;
                }
                let tables = tables.get_or_insert_with(|| PieceTables::new(self, &layout, costs));
                self.micro_batch(&layout, costs, tables, legal, limit, list, counts, room);
            }
        }
    }

    fn recomputes(&self) -> u64 {
        self.space.recomputes(self.problem.shape.layers, self.layout.pipeline).count() as u64
    }

    #[expect(clippy::too_many_arguments, reason = "the state of nested loops")]
    fn micro_batch(
        &self,
        layout: &Layout,
        costs: &MicroBatchSeconds,
        tables: &mut PieceTables,
        legal: u64,
        limit: f64,
        list: &mut Shortlist,
        counts: &mut Counts,
        room: &mut Room,
    ) {
        let problem = self.problem;
        let stages = usize::try_from(layout.pipeline).unwrap_or(1);
        let available = problem.device.facts().memory;
        let legal_count = u64::from(legal.count_ones());
        let orders = self.space.rank_order.len() as u64;
        let buffers = buffer_bytes(&MemoryJob::of(&problem.job(self.cut.framework, layout)));
        let with = &problem.laws.training;
        let hops: Vec<(f64, f64)> = self
            .space
            .rank_order
            .iter()
            .map(|order| {
                let layout = Layout { rank_order: *order, ..*layout };
                let hop = hop_seconds(&problem.job(self.cut.framework, &layout), with);
                let seen = if layout.virtual_stages > 1 { with.hop_visible * hop } else { hop };
                (seen, hop - seen)
            })
            .collect();
        for recompute in self.space.recomputes(problem.shape.layers, layout.pipeline) {
            let layout = Layout { recompute, ..*layout };
            // Memory first.
            tables.memory.activations(&self.cut.memory, &layout, &mut room.activations);
            let mut fits = 0_u64;
            for (index, standing) in tables.standing.iter().enumerate() {
                if legal & 1 << index != 0
                    && standing.needed(&room.activations, buffers, &problem.laws.memory) <= available
                {
                    fits |= 1 << index;
                }
            }
            let fitting = u64::from(fits.count_ones());
            counts.memory += (legal_count - fitting) * orders;
            if fitting == 0 {
                continue;
            }
            let own;
            let dealt = if tables.layers.by_cost {
                own = DealtLayers::new(problem.shape, &layout, costs);
                &own
            } else {
                &tables.layers
            };
            dealt.seconds(problem.shape, &layout, costs, &mut room.pieces);
            room.stages.sum(&room.pieces, stages);
            for (order, hop) in hops.iter().enumerate() {
                let (span, busiest) =
                    room.stages.span(&room.pieces, layout.schedule, layout.micro_batches(), *hop);
                let least = span * problem.straggling() + with.step_host;
                if least > limit {
                    counts.bound += fitting;
                    continue;
                }
                for index in (0..self.space.sharding.len()).filter(|index| fits & 1 << index != 0) {
                    let shared = &mut tables.shared[index * self.space.rank_order.len() + order];
                    let layout = Layout {
                        sharding: shared.layout.sharding,
                        rank_order: shared.layout.rank_order,
                        ..layout
                    };
                    let seconds = least + shared.least(self, dealt, costs, &layout, room, (busiest, hop.0));
                    counts.evaluated += 1;
                    if seconds <= limit {
                        list.add(seconds, self.cut.framework, layout);
                    }
                }
            }
        }
    }
}

/// What does not change from layout to layout of the same pieces.
struct PieceTables {
    layers: DealtLayers,
    memory: DealtMemory,
    /// By way of sharing out.
    standing: Vec<Standing>,
    /// By way of sharing out, and order of ranks.
    shared: Vec<Shared>,
}

impl PieceTables {
    fn new(branch: &Branch<'_>, layout: &Layout, costs: &MicroBatchSeconds) -> Self {
        let (problem, space, framework) = (branch.problem, branch.space, branch.cut.framework);
        let layers = DealtLayers::new(problem.shape, layout, costs);
        let mut memory = None;
        let standing = space.sharding.iter().map(|sharding| {
            let layout = Layout { sharding: *sharding, ..*layout };
            let job = MemoryJob::of(&problem.job(framework, &layout));
            let (dealt, standing) = DealtMemory::new(&job, &problem.laws.memory);
            memory = Some(dealt);
            standing
        });
        let standing = standing.collect();
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
        Self { layers, memory: memory.unwrap_or_else(DealtMemory::nothing), standing, shared }
    }
}

/// A way to share out model states over ranks in an order, with the seconds that this takes of some stages.
struct Shared {
    layout: Layout,
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
        let group = layout.sharding.group(layout.data() * layout.context);
        Self {
            known: Vec::new(),
            kinds: kinds.iter().filter(|_| sharded).map(|held| law.exchange(held)).collect(),
            table: law.exchange(&held::table(problem.shape, &layout)),
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
    fn least(
        &mut self,
        branch: &Branch<'_>,
        dealt: &DealtLayers,
        costs: &MicroBatchSeconds,
        layout: &Layout,
        room: &Room,
        (busiest, seen): (f64, f64),
    ) -> f64 {
        let with = &branch.problem.laws.training;
        let beside = Beside::new(layout, branch.cut.framework, with);
        let enough = (busiest - 2.0 * seen * count(layout.virtual_stages)) * (1.0 - ROUNDING);
        let (mut least, mut looked_at) = (f64::INFINITY, 0_u64);
        for (stage, seconds) in room.stages.stages.iter().enumerate() {
            let class = dealt.class_of[stage];
            let bit = 1_u64.checked_shl(u32::try_from(class).unwrap_or(u32::MAX)).unwrap_or(0);
            if seconds.total() < enough || looked_at & bit != 0 {
                continue;
            }
            looked_at |= bit;
            let held = dealt.classes[class].held;
            let data = match self.layout.sharding {
                Sharding::Parameters(_) => self.sharded(branch, dealt, costs, layout, stage, beside),
                _ => beside.replicated(self.exchange(branch, &held), seconds.forward, seconds.backward),
            };
            let owned = held.common / self.ranks.0 + held.routed / self.ranks.1;
            let optimizer =
                with.optimizer_traffic * OPTIMIZER_BYTES * owned / branch.problem.device.memory_rate();
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
        let stages = usize::try_from(layout.pipeline).unwrap_or(1).max(1);
        let mut seen = 0.0;
        for (index, piece) in dealt.dealt.pieces.iter().enumerate().skip(stage).step_by(stages) {
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

/// Works of stages nearer than this share are taken as equal: sums in another order may round differently.
const ROUNDING: f64 = 1e-9;
