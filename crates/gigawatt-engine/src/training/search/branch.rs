//! A branch of the space: a way to cut layers, and a number of pipeline stages. Its layouts are bounded one by one.

use gigawatt_plan::training::{Layout, Offload, Recompute, Schedule, Sharding};

use super::cut::{Cut, MicroBatchSeconds, Seconds};
use super::pieces::{DealtLayers, StageRoom};
use super::shares::ShareTables;
use super::shortlist::Shortlist;
use super::space::Space;
use super::{Problem, ROUNDING};
use crate::training::assembly::hop_seconds;
use crate::training::legality::structure;
use crate::training::memory::MemoryJob;
use crate::training::memory::bound::{ActivationRoom, buffers};
use crate::training::number::count;
use crate::training::offload;
use crate::training::pipeline::{together, visible_hop};
use crate::training::schedule::Placement;

/// How many layouts went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
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
pub(super) struct Room {
    activations: ActivationRoom,
    /// The same with those of layers on the host.
    offloaded: ActivationRoom,
    pieces: Vec<Seconds>,
    pub stages: StageRoom,
    /// The same with what passes wait for the host.
    waiting_pieces: Vec<Seconds>,
    waiting_stages: StageRoom,
}

/// Ways to move something to the host.
const OFFLOADS: usize = Offload::WORDS.len();

/// A bit for each way of sharing out, by what lies on the host.
type Fits = [(Offload, u64); OFFLOADS];

impl Branch<'_> {
    /// Combinations that it has.
    pub fn declared(&self) -> u64 {
        self.space.declared(self.problem.shape.layers, &self.layout)
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
        self.costs().map(|costs| self.bound_of(costs)).fold(f64::INFINITY, f64::min)
    }

    /// The same of the layouts with a micro-batch.
    fn bound_of(&self, costs: &MicroBatchSeconds) -> f64 {
        let layout = Layout { micro_batch: costs.micro_batch, ..self.layout };
        let exchange = costs.model.forward_exchange + costs.model.backward_exchange;
        let model = match layout.schedule {
            // What runs together takes at least as long as if all of it did.
            Schedule::DualPipe => together(costs.model.total() - exchange, exchange),
            _ => costs.model.total(),
        };
        let span = count(layout.micro_batches()) * model / count(layout.pipeline);
        self.step_of(span)
    }

    /// Seconds of a step without data-parallel traffic and optimiser.
    fn step_of(&self, span: f64) -> f64 {
        span * self.problem.straggling() + self.problem.laws.training.step_host
    }

    /// Bounds its layouts, and puts those on the list that may be faster than `limit`.
    pub fn bound_all(&self, limit: f64, list: &mut Shortlist) -> Counts {
        let counts = Counts { declared: self.declared(), ..Counts::default() };
        // Sums in another order may round differently.
        let limit = limit * (1.0 + ROUNDING);
        let mut walk = Walk { branch: self, limit, list, counts, room: Room::default() };
        for virtual_stages in &self.space.virtual_stages {
            if *virtual_stages == 1 || self.layout.pipeline > 1 {
                walk.pieces(&Layout { virtual_stages: *virtual_stages, ..self.layout });
            }
        }
        // What a bound cut off before it was counted.
        let mut counts = walk.counts;
        let told = counts.illegal + counts.memory + counts.bound + counts.evaluated;
        counts.bound += counts.declared.saturating_sub(told);
        counts
    }

    fn memory_job<'b>(&'b self, layout: &'b Layout) -> MemoryJob<'b> {
        MemoryJob::of(&self.problem.job(self.cut.framework, layout))
    }
}

/// A walk through the layouts of a branch.
struct Walk<'a> {
    branch: &'a Branch<'a>,
    /// Seconds beyond which a layout is of no interest.
    limit: f64,
    list: &'a mut Shortlist,
    counts: Counts,
    room: Room,
}

/// The layouts of a micro-batch, schedule and number of pieces, and what they share.
struct Family<'a> {
    layout: Layout,
    costs: &'a MicroBatchSeconds,
    /// A bit for each way of sharing out that is legal.
    legal: u64,
    /// What may lie on the host, each after all that have less there.
    offloads: Vec<Offload>,
    buffers: f64,
    /// Seconds of a message between pieces that stand in the way of passes, and the others, by order of ranks.
    hops: Vec<(f64, f64)>,
}

impl<'a> Walk<'a> {
    /// Layouts with some pieces of each stage.
    fn pieces(&mut self, layout: &Layout) {
        let branch = self.branch;
        // By schedule.
        let schedules: Vec<Schedule> = branch.space.schedules(branch.cut.layout.schedule).collect();
        let mut tables: Vec<Option<PieceTables>> = schedules.iter().map(|_| None).collect();
        for costs in branch.costs() {
            if branch.bound_of(costs) > self.limit {
                continue;
            }
            for (schedule, tables) in schedules.iter().zip(&mut tables) {
                let layout = Layout { micro_batch: costs.micro_batch, schedule: *schedule, ..*layout };
                let legal = self.legal(&layout);
                if legal > 0 {
                    let tables = tables.get_or_insert_with(|| PieceTables {
                        layers: DealtLayers::new(branch.problem.shape, &branch.cut.kinds, &layout, costs),
                        shares: None,
                    });
                    self.family(&Family::new(branch, layout, costs, legal), tables);
                }
            }
        }
    }

    /// A bit for each way of sharing out with which a layout is legal.
    fn legal(&mut self, layout: &Layout) -> u64 {
        let branch = self.branch;
        let (shape, space) = (branch.problem.shape, branch.space);
        let is =
            |sharding: Sharding| structure(&branch.memory_job(&Layout { sharding, ..*layout })).is_empty();
        let unshared = is(Sharding::None);
        let ranks = layout.parameter_copies();
        let mut legal = 0_u64;
        for (index, sharding) in space.sharding.iter().enumerate() {
            // Groups of all ranks break no rule of their own.
            let whole = *sharding == Sharding::None || sharding.group(ranks) == ranks;
            if unshared && (whole || is(*sharding)) {
                legal |= 1 << index;
            }
        }
        let each = space.recomputes(shape.layers, layout.pipeline).count() * space.rank_order.len();
        let (offloads, all) = (space.offloads(layout.schedule).count(), space.offload.len());
        let whole = space.sharding.len() * all - legal.count_ones() as usize * offloads;
        self.counts.illegal += (whole * each) as u64;
        legal
    }

    fn family(&mut self, family: &Family<'_>, tables: &mut PieceTables) {
        let branch = self.branch;
        let layers = branch.problem.shape.layers;
        let late = matches!(family.layout.schedule, Schedule::ZeroBubbleH1 | Schedule::ZeroBubbleV);
        if !tables.layers.by_cost && !late {
            // Nothing is faster than computing nothing again. A forward pass alone may be, where the host is waited for less.
            self.time(family, &tables.layers, Recompute::None);
            let mut orders = 0..family.hops.len();
            if orders.all(|order| self.span(family, order).0 > self.limit) {
                return;
            }
        }
        let PieceTables { layers: dealt, shares } = tables;
        let shares = shares.get_or_insert_with(|| ShareTables::new(branch, dealt, &family.layout));
        let (fits, short) = self.fits(family, shares, None);
        if fits.iter().all(|(_, bits)| *bits == 0) {
            let orders = branch.space.rank_order.len();
            let each = branch.space.recomputes(layers, family.layout.pipeline).count() * orders;
            self.counts.memory += short * each as u64;
            return;
        }
        // Layers from so many on take too long to compute again.
        let mut too_many = u64::MAX;
        for recompute in branch.space.recomputes(layers, family.layout.pipeline) {
            let of_layers = match recompute {
                Recompute::Layers(some) => some,
                _ => 0,
            };
            if of_layers < too_many
                && self.recompute(family, dealt, shares, recompute) == Fate::TooSlow
                && of_layers > 0
            {
                too_many = of_layers;
            }
        }
    }

    /// Fills the room with the passes of a family's pieces.
    fn time(&mut self, family: &Family<'_>, dealt: &DealtLayers, recompute: Recompute) {
        let layout = Layout { recompute, ..family.layout };
        dealt.seconds(self.branch.problem.shape, &layout, family.costs, &mut self.room.pieces);
    }

    /// Seconds of a step in the room at least, without data-parallel traffic, and the work of its busiest stage.
    fn span(&mut self, family: &Family<'_>, order: usize) -> (f64, f64) {
        let Family { layout, hops, .. } = family;
        let room = &mut self.room;
        room.stages.sum(&room.pieces, Placement::of_layout(layout), hops[order]);
        let (span, busiest) =
            room.stages.span(&room.pieces, layout.schedule, layout.micro_batches(), hops[order]);
        (self.branch.step_of(span), busiest)
    }

    /// The legal ways of sharing out that fit, of layouts that compute something again or by the least of all; only with the
    /// least on the host, for more is never faster. And how many do not fit.
    fn fits(
        &mut self,
        family: &Family<'_>,
        shares: &ShareTables,
        recompute: Option<Recompute>,
    ) -> (Fits, u64) {
        let problem = self.branch.problem;
        let available = problem.device.facts().memory * (1.0 + ROUNDING);
        let table = &self.branch.cut.memory;
        let mut fits: Fits = [(Offload::None, 0); OFFLOADS];
        let mut short = 0;
        let (mut here, mut there) = (false, false);
        for (at, offload) in family.offloads.iter().enumerate() {
            let less = fits[..at].iter().filter(|(less, _)| offload.includes(*less));
            let left = family.legal & !less.fold(0, |all, (_, bits)| all | bits);
            if left == 0 {
                continue;
            }
            let (room, filled) = match offload.activations() {
                true => (&mut self.room.offloaded, &mut there),
                false => (&mut self.room.activations, &mut here),
            };
            if !std::mem::replace(filled, true) {
                let layout = Layout { offload: *offload, ..family.layout };
                shares.memory.activations(table, &layout, recompute, room);
            }
            let mut bits = 0_u64;
            for (index, standing) in shares.standing[usize::from(offload.optimizer())].iter().enumerate() {
                let asked = left & 1 << index != 0;
                if asked && standing.needed(room, family.buffers, &problem.laws.memory) <= available {
                    bits |= 1 << index;
                }
            }
            short += u64::from((left & !bits).count_ones());
            fits[at] = (*offload, bits);
        }
        (fits, short)
    }

    /// Layouts of a family that compute the same again.
    fn recompute(
        &mut self,
        family: &Family<'_>,
        dealt: &DealtLayers,
        shares: &mut ShareTables,
        recompute: Recompute,
    ) -> Fate {
        let branch = self.branch;
        let space = branch.space;
        let layout = Layout { recompute, ..family.layout };
        // Memory first.
        let (fits, short) = self.fits(family, shares, Some(recompute));
        let orders = space.rank_order.len();
        self.counts.memory += short * orders as u64;
        let all = fits.iter().fold(0, |all, (_, bits)| all + u64::from(bits.count_ones()));
        if all == 0 {
            return Fate::DoesNotFit;
        }
        let own;
        let dealt = if dealt.by_cost {
            own = DealtLayers::new(branch.problem.shape, &branch.cut.kinds, &layout, family.costs);
            &own
        } else {
            dealt
        };
        self.time(family, dealt, recompute);
        let waits = fits.iter().any(|(offload, bits)| offload.activations() && *bits > 0);
        if waits {
            self.wait(dealt, &layout);
        }
        let mut fate = Fate::TooSlow;
        for order in 0..orders {
            let (least, busiest) = self.span(family, order);
            if least > self.limit {
                self.counts.bound += all;
                continue;
            }
            fate = Fate::Evaluated;
            let waiting = if waits { self.waiting_span(family, order) } else { least };
            for (offload, bits) in fits.iter().filter(|(_, bits)| *bits > 0) {
                let least = if offload.activations() { waiting } else { least };
                for index in (0..space.sharding.len()).filter(|index| bits & 1 << index != 0) {
                    let shared = &mut shares.shared[index * orders + order];
                    let layout = Layout {
                        sharding: shared.layout.sharding,
                        rank_order: shared.layout.rank_order,
                        offload: *offload,
                        ..layout
                    };
                    let seconds =
                        least + shared.least(branch, dealt, family.costs, &layout, &self.room, busiest);
                    self.counts.evaluated += 1;
                    if seconds <= self.limit {
                        self.list.add(seconds, branch.cut.framework, layout);
                    }
                }
            }
        }
        fate
    }

    /// Adds to the passes in the room what they wait for activations that move to the host and back.
    fn wait(&mut self, dealt: &DealtLayers, layout: &Layout) {
        let (problem, table) = (self.branch.problem, &self.branch.cut.memory);
        let room = &mut self.room;
        room.waiting_pieces.clone_from(&room.pieces);
        let Some(host) = problem.device.facts().host else { return };
        for (index, seconds) in room.waiting_pieces.iter_mut().enumerate() {
            let bytes = table.sent(dealt.with_further(problem.shape, index), layout);
            seconds.forward += offload::stall(bytes, seconds.forward, &host);
            seconds.backward += offload::stall(bytes, seconds.backward, &host);
        }
    }

    /// Seconds of a step in the room with what passes wait for, at least, without data-parallel traffic.
    fn waiting_span(&mut self, family: &Family<'_>, order: usize) -> f64 {
        let Family { layout, hops, .. } = family;
        let Room { waiting_pieces: pieces, waiting_stages: stages, .. } = &mut self.room;
        stages.sum(pieces, Placement::of_layout(layout), hops[order]);
        let (span, _) = stages.span(pieces, layout.schedule, layout.micro_batches(), hops[order]);
        self.branch.step_of(span)
    }
}

/// What became of layouts that differ in sharding and order of ranks alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    DoesNotFit,
    TooSlow,
    Evaluated,
}

impl<'a> Family<'a> {
    fn new(branch: &Branch<'_>, layout: Layout, costs: &'a MicroBatchSeconds, legal: u64) -> Self {
        let (problem, with) = (branch.problem, &branch.problem.laws.training);
        let hops = branch.space.rank_order.iter().map(|order| {
            let layout = Layout { rank_order: *order, ..layout };
            let hop = hop_seconds(&problem.job(branch.cut.framework, &layout), with);
            let seen = visible_hop(&layout, hop, with);
            (seen, hop - seen)
        });
        let hops = hops.collect();
        let offloads = branch.space.offloads(layout.schedule).collect();
        Self { layout, costs, legal, offloads, buffers: buffers(&branch.memory_job(&layout)), hops }
    }
}

/// What does not change from layout to layout of the same pieces.
struct PieceTables {
    layers: DealtLayers,
    /// Made for the first that is not too slow.
    shares: Option<ShareTables>,
}
