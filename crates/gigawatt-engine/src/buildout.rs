//! Build-out: what is owned, what waits, and what is online, over time.
//!
//! A lot arrives at an even rate, `delivered(t) = n clamp((t - from) / (to - from), 0, 1)`. It reaches the hall a
//! transit time later. At every site what has reached the hall queues for power and rack positions in order of
//! arrival; with `P(s, t)` the nameplate power of what had arrived by `s` and has not retired by `t`, and `C(t)` the
//! power energised at the site,
//! what is energised at `t` is what had arrived by
//!
//! ```text
//! s*(t) = sup { s ≤ t : P(s, t) ≤ C(t)  and  racks(s, t) ≤ positions(t) }
//! ```
//!
//! and what is *online* (accepted) is what was energised a burn-in time ago, less what has retired. Power is
//! nameplate: `Σ accelerators × system power / accelerators per system × network overhead`. Everything is a
//! closed form in `t`, so any axis of moments costs only its moments. The opening stock has arrived before
//! anything else; where a site cannot energise all of it, its lots share what there is.
//!
//! The definitions of owned and online are the product's own; see `docs/src/laws/buildout.md`.

use gigawatt_plan::plan::{AcceleratorClass, Arrival, LotSize, Plan};
use gigawatt_plan::quantity::{Count, Quantity};

use crate::Draw;
use crate::curve::{Polyline, Ramp};
use crate::series::Series;

/// A time before anything happens, in days: the opening stock arrived then.
const LONG_AGO: f64 = -1e6;

/// A lot in one draw.
#[derive(Clone, Copy, Debug)]
pub struct LotState {
    /// Accelerators owned, before retirement.
    pub delivered: Ramp,
    /// Accelerators that have left.
    pub retired: Ramp,
    /// Nameplate IT power of one accelerator with its share of network and storage, in watt.
    pub power: f64,
    /// Rack positions of one accelerator.
    racks: f64,
    /// H100 equivalents of one accelerator.
    pub h100: f64,
    gpu: bool,
    site: usize,
    system: usize,
}

/// Accelerators at a moment, by what they are doing.
#[derive(Clone, Copy, Debug, Default)]
struct Levels {
    owned: f64,
    in_transit: f64,
    awaiting_power: f64,
    burn_in: f64,
    online: f64,
    retired: f64,
}

impl Levels {
    fn add(&mut self, other: Self) {
        self.owned += other.owned;
        self.in_transit += other.in_transit;
        self.awaiting_power += other.awaiting_power;
        self.burn_in += other.burn_in;
        self.online += other.online;
        self.retired += other.retired;
    }
}

impl LotState {
    /// Where the lot's accelerators are at `time`, `now` of them energised and `then` a burn-in ago.
    fn levels(&self, time: f64, transit: f64, now: f64, then: f64) -> Levels {
        let delivered = self.delivered.at(time);
        let received = self.delivered.at(time - transit);
        let retired = self.retired.at(time).min(received);
        // Where power is withdrawn, what was accepted goes dark with it.
        let online = (then.min(now) - retired).max(0.0);
        let burn_in = (now - retired).max(0.0) - online;
        Levels {
            owned: delivered - retired,
            in_transit: delivered - received,
            // Everything energised ran through the queue, so below zero there is nothing but rounding.
            awaiting_power: (received - retired - burn_in - online).max(0.0),
            burn_in,
            online,
            retired,
        }
    }
}

/// Scratch space of the build-out, kept from draw to draw.
#[derive(Debug, Default)]
pub struct Buildout {
    /// Every lot of the plan.
    pub lots: Vec<LotState>,
    /// Accelerators of lot `l` online at moment `m`: `online[l * moments + m]`.
    pub online: Vec<f64>,
    queue: Queue,
    power: Polyline,
    racks: Polyline,
    here: Vec<usize>,
    now: Vec<f64>,
    then: Vec<f64>,
}

/// What has arrived at a site, as a piecewise-linear function of the place in the queue. A place is a
/// breakpoint's number plus the fraction of the way to the next; where lots arrive at once, time stands still
/// between two breakpoints and only the place moves.
#[derive(Debug, Default)]
struct Queue {
    times: Vec<f64>,
    power: Vec<f64>,
    racks: Vec<f64>,
    /// Power and rack positions of what has not retired by the time last asked for.
    live_power: Vec<f64>,
    live_racks: Vec<f64>,
    /// Accelerators of lot `l` at breakpoint `b`: `arrived[b * lots + l]`.
    arrived: Vec<f64>,
}

impl Buildout {
    /// Computes every build-out result of a draw.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, series: &mut Series) {
        self.size_lots(plan, draw);
        self.online.clear();
        self.online.resize(plan.lots.len() * plan.axis.len(), 0.0);
        for site in 0..plan.sites.len() {
            self.run_site(plan, draw, site, series);
        }
    }

    /// How large each lot is and when it arrives. A target's lots share what the other lots leave to reach it.
    fn size_lots(&mut self, plan: &Plan, draw: Draw<'_>) {
        self.lots.clear();
        for lot in &plan.lots {
            let system = &plan.systems[lot.system];
            let accelerators = match lot.size {
                LotSize::Fixed(count) => draw.get(count).max(Count::ZERO),
                LotSize::Share { .. } => Count::ZERO,
            };
            let (start, end) = match lot.arrival {
                Arrival::Opening => (LONG_AGO, LONG_AGO),
                Arrival::Delivered(delivery) => (delivery.period.start.days(), delivery.period.end.days()),
            };
            let level = accelerators.base();
            let (leave, gone) = lot
                .retire
                .map_or((f64::INFINITY, f64::INFINITY), |period| (period.start.days(), period.end.days()));
            let each = 1.0 / system.accelerators;
            let overhead = draw.get(plan.sites[lot.site].network_overhead).base();
            self.lots.push(LotState {
                delivered: Ramp { start, end, level },
                retired: Ramp { start: leave, end: gone, level },
                power: draw.get(system.power).base() * each * overhead,
                racks: draw.get(system.racks).base() * each,
                h100: draw.get(system.bf16) / draw.get(plan.h100),
                gpu: system.class == AcceleratorClass::Gpu,
                site: lot.site,
                system: lot.system,
            });
        }
        for (index, target) in plan.targets.iter().enumerate() {
            let on = target.on.days();
            let owned: f64 = self
                .lots
                .iter()
                .filter(|lot| lot.gpu)
                .map(|lot| lot.delivered.at(on) - lot.retired.at(on))
                .sum();
            let lacking = (draw.get(target.gpus).base() - owned).max(0.0);
            let share = |size: &LotSize| match size {
                LotSize::Share { target, share } if *target == index => draw.get(*share).base().max(0.0),
                _ => 0.0,
            };
            let shares: f64 = plan.lots.iter().map(|lot| share(&lot.size)).sum();
            if shares <= 0.0 {
                continue;
            }
            for (lot, state) in plan.lots.iter().zip(&mut self.lots) {
                let part = share(&lot.size);
                if part > 0.0 {
                    state.delivered.level = lacking * part / shares;
                    state.retired.level = state.delivered.level;
                }
            }
        }
    }

    fn run_site(&mut self, plan: &Plan, draw: Draw<'_>, site: usize, series: &mut Series) {
        self.here.clear();
        self.here.extend((0..self.lots.len()).filter(|&lot| self.lots[lot].site == site));
        if self.here.is_empty() {
            return;
        }
        let here = &plan.sites[site];
        let transit = draw.get(here.transit).days();
        let burn_in = draw.get(here.burn_in).days();
        self.power.set(&here.online, draw);
        self.racks.set(&here.racks, draw);
        self.queue.fill(&self.lots, &self.here, transit);

        let ids = &plan.vocabulary.buildout;
        let start = plan.period.start.days();
        for (moment, at) in plan.axis.iter().enumerate() {
            let time = at.days();
            let place = self.place_at(time);
            self.queue.energised(place, &mut self.now);
            // The opening stock was accepted before the plan starts, whenever its burn-in was.
            let earlier = (time - burn_in).max(start);
            let place = self.place_at(earlier);
            self.queue.energised(place, &mut self.then);
            let mut gpus = Levels::default();
            let mut all = Levels::default();
            let (mut h100_owned, mut h100_online, mut power_online) = (0.0, 0.0, 0.0);
            for (slot, &lot) in self.here.iter().enumerate() {
                let state = &self.lots[lot];
                let (now, then) = (self.now[slot], self.then[slot]);
                let levels = state.levels(time, transit, now, then);
                if state.gpu {
                    gpus.add(levels);
                }
                all.add(levels);
                self.online[lot * plan.axis.len() + moment] = levels.online;
                h100_owned += levels.owned * state.h100;
                h100_online += levels.online * state.h100;
                power_online += levels.online * state.power;
                let (owned, online) = ids.systems[state.system];
                series.get_mut(owned)[moment] += levels.owned;
                series.get_mut(online)[moment] += levels.online;
            }
            for (id, value) in [
                (ids.owned, gpus.owned),
                (ids.online, gpus.online),
                (ids.in_transit, gpus.in_transit),
                (ids.awaiting_power, gpus.awaiting_power),
                (ids.burn_in, gpus.burn_in),
                (ids.retired, gpus.retired),
                (ids.accelerators_owned, all.owned),
                (ids.accelerators_online, all.online),
                (ids.h100_owned, h100_owned),
                (ids.h100_online, h100_online),
                (ids.power_online, power_online),
                (ids.sites[site].0, all.online),
                (ids.sites[site].1, power_online),
            ] {
                series.get_mut(id)[moment] += value;
            }
        }
    }

    /// How far the queue is energised at a time. What has retired by then needs no power and no place.
    fn place_at(&mut self, time: f64) -> f64 {
        let gone = self.here.iter().any(|&lot| self.lots[lot].retired.at(time) > 0.0);
        let (power, racks) = if gone {
            self.queue.without_retired(&self.lots, &self.here, time);
            (&self.queue.live_power, &self.queue.live_racks)
        } else {
            (&self.queue.power, &self.queue.racks)
        };
        let by_time = place_of(&self.queue.times, time);
        let by_power = place_of(power, self.power.at(time));
        if self.racks.is_empty() {
            return by_time.min(by_power);
        }
        by_time.min(by_power).min(place_of(racks, self.racks.at(time)))
    }
}

impl Queue {
    /// Lays out the arrivals of a site's lots.
    fn fill(&mut self, lots: &[LotState], here: &[usize], transit: f64) {
        self.times.clear();
        self.power.clear();
        self.racks.clear();
        self.arrived.clear();
        // Everything that is there from the start comes in one step: a breakpoint before and one after it.
        self.times.push(LONG_AGO);
        self.times.push(LONG_AGO);
        for &lot in here {
            let ramp = lots[lot].delivered;
            if ramp.start > LONG_AGO {
                self.times.push(ramp.start + transit);
                self.times.push(ramp.end + transit);
            }
        }
        self.times.sort_unstable_by(f64::total_cmp);
        for (breakpoint, &time) in self.times.iter().enumerate() {
            let (mut power, mut racks) = (0.0, 0.0);
            for &lot in here {
                let state = &lots[lot];
                let opening = state.delivered.start <= LONG_AGO;
                let arrived = match (opening, breakpoint) {
                    (true, 0) => 0.0,
                    (true, _) => state.delivered.level,
                    (false, _) => state.delivered.at(time - transit),
                };
                power += arrived * state.power;
                racks += arrived * state.racks;
                self.arrived.push(arrived);
            }
            self.power.push(power);
            self.racks.push(racks);
        }
    }

    /// Lays out power and places of what has not retired by `time`. Between breakpoints the sum is taken as
    /// straight, which is at most too much where a lot has partly retired: never more than the site has.
    fn without_retired(&mut self, lots: &[LotState], here: &[usize], time: f64) {
        self.live_power.clear();
        self.live_racks.clear();
        for arrived in self.arrived.chunks_exact(here.len()) {
            let (mut power, mut racks) = (0.0, 0.0);
            for (&lot, arrived) in here.iter().zip(arrived) {
                let state = &lots[lot];
                let live = (arrived - state.retired.at(time)).max(0.0);
                power += live * state.power;
                racks += live * state.racks;
            }
            self.live_power.push(power);
            self.live_racks.push(racks);
        }
    }

    /// Accelerators of each lot up to a place.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "places are small and positive"
    )]
    fn energised(&self, place: f64, out: &mut Vec<f64>) {
        out.clear();
        let lots = self.arrived.len() / self.times.len();
        let below = place as usize;
        let fraction = place - below as f64;
        let row = |breakpoint: usize| &self.arrived[breakpoint * lots..(breakpoint + 1) * lots];
        if fraction == 0.0 {
            out.extend_from_slice(row(below));
        } else {
            out.extend(row(below).iter().zip(row(below + 1)).map(|(from, to)| from + (to - from) * fraction));
        }
    }
}

/// The last place at which a quantity that grows along the queue is still within a limit.
fn place_of(grows: &[f64], limit: f64) -> f64 {
    let above = grows.partition_point(|value| *value <= limit);
    #[expect(clippy::cast_precision_loss, reason = "few breakpoints")]
    match above.checked_sub(1) {
        None => 0.0,
        Some(last) if above == grows.len() => last as f64,
        Some(last) => last as f64 + (limit - grows[last]) / (grows[above] - grows[last]),
    }
}
