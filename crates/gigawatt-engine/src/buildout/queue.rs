//! The queue of a site: what has arrived waits for power and rack positions in order of arrival.

use super::{LONG_AGO, LotState};

/// What has arrived at a site, as a piecewise-linear function of the place in the queue. A place is a
/// breakpoint's number plus the fraction of the way to the next; where lots arrive at once, time stands still
/// between two breakpoints and only the place moves.
#[derive(Debug, Default)]
pub struct Queue {
    pub times: Vec<f64>,
    pub power: Vec<f64>,
    pub racks: Vec<f64>,
    /// Power and rack positions of what has not retired by the time last asked for.
    pub live_power: Vec<f64>,
    pub live_racks: Vec<f64>,
    /// Accelerators of the site's lot `l` at breakpoint `b`: `arrived[l * breakpoints + b]`.
    arrived: Vec<f64>,
}

impl Queue {
    /// Lays out the arrivals of a site's lots.
    pub fn fill(&mut self, lots: &[LotState], here: &[usize], transit: f64) {
        self.times.clear();
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
        let breakpoints = self.times.len();
        for sums in [&mut self.power, &mut self.racks] {
            sums.clear();
            sums.resize(breakpoints, 0.0);
        }
        self.arrived.clear();
        self.arrived.resize(breakpoints * here.len(), 0.0);
        for (&lot, arrived) in here.iter().zip(self.arrived.chunks_exact_mut(breakpoints)) {
            let state = &lots[lot];
            if state.delivered.start <= LONG_AGO {
                arrived[1..].fill(state.delivered.level);
            } else {
                state.delivered.at_each(&self.times, transit, arrived);
            }
            let sums = self.power.iter_mut().zip(&mut self.racks);
            for (arrived, (power, racks)) in arrived.iter().zip(sums) {
                *power += arrived * state.power;
                *racks += arrived * state.racks;
            }
        }
    }

    /// What of one of the site's lots had arrived at every breakpoint.
    pub fn arrivals(&self, slot: usize) -> &[f64] {
        let breakpoints = self.times.len();
        &self.arrived[slot * breakpoints..(slot + 1) * breakpoints]
    }

    /// Lays out power and places of what has not retired by `time`. Between breakpoints the sum is taken as
    /// straight, which is at most too much where a lot has partly retired: never more than the site has.
    pub fn without_retired(&mut self, lots: &[LotState], here: &[usize], time: f64) {
        let breakpoints = self.times.len();
        for sums in [&mut self.live_power, &mut self.live_racks] {
            sums.clear();
            sums.resize(breakpoints, 0.0);
        }
        for (&lot, arrived) in here.iter().zip(self.arrived.chunks_exact(breakpoints)) {
            let state = &lots[lot];
            let gone = state.retired.at(time);
            let sums = self.live_power.iter_mut().zip(&mut self.live_racks);
            for (arrived, (power, racks)) in arrived.iter().zip(sums) {
                let live = (arrived - gone).max(0.0);
                *power += live * state.power;
                *racks += live * state.racks;
            }
        }
    }
}

/// A place in the queue.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    below: usize,
    fraction: f64,
}

impl Place {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "places are small and positive"
    )]
    pub fn new(place: f64) -> Self {
        let below = place as usize;
        Self { below, fraction: place - below as f64 }
    }

    /// What of a lot had arrived up to here.
    pub fn of(self, arrived: &[f64]) -> f64 {
        let from = arrived[self.below];
        match arrived.get(self.below + 1) {
            Some(to) => from + (to - from) * self.fraction,
            None => from,
        }
    }
}

/// Looks for a place near the one found last: limits change little from moment to moment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    /// Breakpoints up to which the limit was kept.
    within: usize,
}

impl Cursor {
    /// The last place at which a quantity that grows along the queue is still within a limit.
    pub fn place(&mut self, grows: &[f64], limit: f64) -> f64 {
        let mut within = self.within.min(grows.len());
        while within < grows.len() && grows[within] <= limit {
            within += 1;
        }
        while within > 0 && grows[within - 1] > limit {
            within -= 1;
        }
        self.within = within;
        #[expect(clippy::cast_precision_loss, reason = "few breakpoints")]
        match within.checked_sub(1) {
            None => 0.0,
            Some(last) if within == grows.len() => last as f64,
            Some(last) => last as f64 + (limit - grows[last]) / (grows[within] - grows[last]),
        }
    }
}
