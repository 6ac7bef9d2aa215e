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

mod levels;
mod queue;

use gigawatt_plan::plan::{AcceleratorClass, Arrival, LotSize, Plan};
use gigawatt_plan::quantity::{Count, Quantity};

use crate::Draw;
use crate::curve::{Polyline, Ramp};
use crate::series::Series;

use levels::Levels;
use queue::{Cursor, Place, Queue};

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
    times: Vec<f64>,
    /// How far the queue is energised at every moment, and how far it was a burn-in earlier.
    now: Vec<Place>,
    then: Vec<Place>,
    levels: Levels,
}

impl Buildout {
    /// Computes every build-out result of a draw.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, series: &mut Series) {
        self.size_lots(plan, draw);
        self.online.clear();
        self.online.resize(plan.lots.len() * plan.axis.len(), 0.0);
        self.times.clear();
        self.times.extend(plan.axis.iter().map(|moment| moment.days()));
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

        self.find_places(plan.period.start.days(), burn_in);

        let ids = &plan.vocabulary.buildout;
        let moments = self.times.len();
        for slot in 0..self.here.len() {
            let lot = self.here[slot];
            let state = &self.lots[lot];
            let places = (self.now.as_slice(), self.then.as_slice());
            self.levels.set(state, self.queue.arrivals(slot), &self.times, transit, places);
            let levels = &self.levels;
            self.online[lot * moments..(lot + 1) * moments].copy_from_slice(&levels.online);
            if state.gpu {
                add(series.get_mut(ids.owned), &levels.owned);
                add(series.get_mut(ids.online), &levels.online);
                add(series.get_mut(ids.in_transit), &levels.in_transit);
                add(series.get_mut(ids.awaiting_power), &levels.awaiting_power);
                add(series.get_mut(ids.burn_in), &levels.burn_in);
                add(series.get_mut(ids.retired), &levels.retired);
            }
            add(series.get_mut(ids.accelerators_owned), &levels.owned);
            add_times(series.get_mut(ids.h100_owned), &levels.owned, state.h100);
            add_times(series.get_mut(ids.h100_online), &levels.online, state.h100);
            let (owned, online) = ids.systems[state.system];
            add(series.get_mut(owned), &levels.owned);
            add(series.get_mut(online), &levels.online);
            add(series.get_mut(ids.sites[site].0), &levels.online);
            add_times(series.get_mut(ids.sites[site].1), &levels.online, state.power);
        }
        series.accumulate(ids.sites[site].0, ids.accelerators_online);
        series.accumulate(ids.sites[site].1, ids.power_online);
    }

    /// How far the site's queue is energised at every moment, and how far it was a burn-in earlier.
    fn find_places(&mut self, start: f64, burn_in: f64) {
        let Self { lots, queue, power, racks, here, times, now, then, .. } = self;
        let leaves = here.iter().map(|&lot| lots[lot].retired.start).fold(f64::INFINITY, f64::min);
        let mut limits = Limits { power, racks, leaves, cursors: [Cursor::default(); 3] };
        now.clear();
        now.extend(times.iter().map(|&time| limits.place_at(queue, lots, here, time)));
        limits.cursors = [Cursor::default(); 3];
        then.clear();
        // The opening stock was accepted before the plan starts, whenever its burn-in was.
        let earlier = times.iter().map(|&time| (time - burn_in).max(start));
        then.extend(earlier.map(|time| limits.place_at(queue, lots, here, time)));
    }
}

/// What limits how far a site's queue is energised.
struct Limits<'a> {
    power: &'a Polyline,
    racks: &'a Polyline,
    /// When the first of the site's accelerators retires.
    leaves: f64,
    cursors: [Cursor; 3],
}

impl Limits<'_> {
    /// How far the queue is energised at a time. What has retired by then needs no power and no place.
    fn place_at(&mut self, queue: &mut Queue, lots: &[LotState], here: &[usize], time: f64) -> Place {
        let (power, racks) = if time > self.leaves {
            queue.without_retired(lots, here, time);
            (&queue.live_power, &queue.live_racks)
        } else {
            (&queue.power, &queue.racks)
        };
        let [by_time, by_power, by_racks] = &mut self.cursors;
        let mut place = by_time.place(&queue.times, time).min(by_power.place(power, self.power.at(time)));
        if !self.racks.is_empty() {
            place = place.min(by_racks.place(racks, self.racks.at(time)));
        }
        Place::new(place)
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

fn add_times(sums: &mut [f64], values: &[f64], factor: f64) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value * factor;
    }
}
