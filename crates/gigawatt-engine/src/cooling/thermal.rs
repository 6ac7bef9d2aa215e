//! An hour of a loop in closed form.
//!
//! ```text
//! C dT/dt = Q - G (T - S) - Qc
//! ```
//!
//! `T` is the supply temperature, `C` the heat capacity, `Q` the heat, `G` the conductance of the cooler at full fans,
//! `S` the sink (dry bulb, sprayed air or wet bulb) and `Qc` what a chiller takes. At the set point the controls make
//! the right side zero: with slower fans (heat follows flow, power its cube), then with a spray, then with a chiller.
//! What these cannot take warms the loop towards `S + (Q - Qc) / G` with the time constant `C / G`; a cooler that the
//! sink would warm is bypassed, and the loop warms evenly. Each stretch ends at a crossing whose time is known, so
//! there are a few in an hour and no steps.

use gigawatt_plan::weather::Air;

use super::plant::{Loop, Rejection, Water};
use super::water::{self, Used};

/// Seconds of an hour.
pub(super) const HOUR: f64 = 3600.0;
/// Stretches of an hour at most: below the sink, above it, and at the set point, each once.
const STRETCHES: usize = 4;
/// Kelvin within which a loop is at its set point.
const AT_SET_POINT: f64 = 1e-9;

/// What a loop did in an hour, in joule.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Stretch {
    /// Given to the sink past the cooler.
    pub rejected: f64,
    /// Taken by the chiller.
    pub chilled: f64,
    /// Drawn by its compressor.
    pub compressor: f64,
    /// Drawn by fans of cooler and condenser.
    pub fans: f64,
    /// Of the cooler and the condenser.
    pub water: Used,
}

impl Stretch {
    fn add(&mut self, other: Self) {
        self.rejected += other.rejected;
        self.chilled += other.chilled;
        self.compressor += other.compressor;
        self.fans += other.fans;
        self.water.evaporated += other.water.evaporated;
        self.water.withdrawn += other.water.withdrawn;
    }
}

/// A loop in the weather of an hour.
pub(super) struct Running<'a> {
    pub of: &'a Loop,
    pub water: &'a Water,
    pub air: &'a Air,
}

impl Running<'_> {
    /// What happens in an hour with a heat in watt, from a temperature on; with the temperature at its end.
    pub fn hour(&self, heat: f64, from: f64) -> (Stretch, f64) {
        let Loop { supply, .. } = *self.of;
        let (capacity, conductance) = (self.of.heat_capacity(), self.of.conductance());
        let chilled = self.of.chiller.map_or(0.0, |chiller| chiller.capacity);
        let sink = self.of.rejection.coldest_sink(self.air);
        let (mut total, mut at, mut left) = (Stretch::default(), from, HOUR);
        for _ in 0..STRETCHES {
            if left <= 0.0 {
                break;
            }
            if at <= supply + AT_SET_POINT
                && let Some(held) = self.held(heat, left)
            {
                total.add(held);
                break;
            }
            let excess = heat - chilled;
            if at < sink {
                // Bypassed: warms, or cools to its set point, evenly.
                let slope = excess / capacity;
                let end = if slope > 0.0 { sink } else { supply };
                let time = if slope == 0.0 { left } else { ((end - at) / slope).min(left) };
                total.add(self.stretch(time, 0.0, chilled * time, 0.0, at));
                at = if time < left { end } else { at + slope * time };
                left -= time;
                continue;
            }
            let (settles, constant) = (sink + excess / conductance, capacity / conductance);
            let time = if settles < supply && at > supply {
                (constant * libm::log((at - settles) / (supply - settles))).min(left)
            } else {
                left
            };
            let decay = -libm::expm1(-time / constant);
            let rejected = conductance * ((settles - sink) * time + (at - settles) * constant * decay);
            let end = if time < left { supply } else { at - (at - settles) * decay };
            total.add(self.stretch(time, rejected, chilled * time, 1.0, 0.5 * (at + end)));
            (at, left) = (end, left - time);
        }
        (total, at)
    }

    /// A time at the set point, where cooler, spray and chiller can hold it.
    fn held(&self, heat: f64, time: f64) -> Option<Stretch> {
        let Loop { supply, rejection, .. } = *self.of;
        let conductance = self.of.conductance();
        let dry = conductance * (supply - rejection.sink(self.air));
        if heat <= dry {
            let speed = if dry > 0.0 { heat / dry } else { 0.0 };
            let mut stretch = self.at_speed(time, heat * time, speed);
            if rejection == Rejection::Tower {
                stretch.water = water::of_tower(self.water, self.air, supply, heat * time);
            }
            return Some(stretch);
        }
        let most = (conductance * (supply - rejection.coldest_sink(self.air))).max(0.0);
        if heat <= most {
            let mut stretch = self.at_speed(time, heat * time, 1.0);
            let cooled = rejection.sink(self.air) - (supply - heat / conductance);
            stretch.water = water::of_spray(self.water, cooled, heat * time);
            return Some(stretch);
        }
        let rest = heat - most;
        let capacity = self.of.chiller?.capacity;
        (rest <= capacity).then(|| {
            let speed = if most > 0.0 { 1.0 } else { 0.0 };
            self.stretch(time, most * time, rest * time, speed, supply)
        })
    }

    /// Heat past the cooler with fans at a part of their speed.
    fn at_speed(&self, time: f64, rejected: f64, speed: f64) -> Stretch {
        let power = self.of.fans * self.of.rated * speed * speed * speed;
        Stretch { rejected, fans: power * time, ..Stretch::default() }
    }

    /// A time with all the water that there is, in which some heat goes past the cooler and some through the chiller,
    /// with the loop at a temperature.
    fn stretch(&self, time: f64, rejected: f64, chilled: f64, speed: f64, at: f64) -> Stretch {
        let mut stretch = self.at_speed(time, rejected, speed);
        stretch.water = self.wet(rejected, at);
        if let Some(chiller) = self.of.chiller.filter(|_| chilled > 0.0) {
            // The condenser has a cooler of the same kind, as large for its heat.
            let condenser =
                self.of.rejection.coldest_sink(self.air) + self.of.approach * chilled / time / self.of.rated;
            let work = chilled / chiller.performance(self.of.supply, condenser);
            let heat = chilled + work;
            stretch.chilled = chilled;
            stretch.compressor = work;
            stretch.fans += self.of.fans * heat;
            let used = self.wet(heat, condenser);
            stretch.water.evaporated += used.evaporated;
            stretch.water.withdrawn += used.withdrawn;
        }
        stretch
    }

    /// Water of heat that goes into air as wet as it can be made.
    fn wet(&self, heat: f64, at: f64) -> Used {
        let rejection = self.of.rejection;
        match rejection {
            Rejection::Tower => water::of_tower(self.water, self.air, at, heat),
            Rejection::Air { .. } => {
                let cooled = rejection.sink(self.air) - rejection.coldest_sink(self.air);
                water::of_spray(self.water, cooled, heat)
            }
        }
    }
}
