//! A plant: two loops and what they have in common.

use gigawatt_plan::weather::{Air, moist_air};

/// Where a loop gives its heat to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rejection {
    /// Outside air, past a coil or straight through the hall.
    Air {
        /// Part of the way from dry bulb to wet bulb that a spray or a wet medium cools the air, where that is needed;
        /// 0 without one.
        evaporation: f64,
    },
    /// A wet cooling tower, which follows the wet bulb.
    Tower,
}

impl Rejection {
    /// The coldest that the air on the heat exchanger can be without water, in degree Celsius; for a tower the wet bulb.
    pub(super) fn sink(self, air: &Air) -> f64 {
        match self {
            Self::Air { .. } => air.dry_bulb,
            Self::Tower => air.wet_bulb,
        }
    }

    /// The same with all the water that there is.
    pub(super) fn coldest_sink(self, air: &Air) -> f64 {
        match self {
            Self::Air { evaporation } => air.dry_bulb - evaporation * (air.dry_bulb - air.wet_bulb),
            Self::Tower => air.wet_bulb,
        }
    }
}

/// A chiller that takes what the cooler leaves above the set point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Chiller {
    /// Heat that it takes at most, in watt.
    pub capacity: f64,
    /// Coefficient of performance over that of Carnot's cycle between the same temperatures.
    pub efficiency: f64,
    /// Kelvin that the refrigerant lies below the loop and above the condenser's water or air, taken together.
    pub approach: f64,
}

/// Least lift of a compressor, in kelvin: below it valves and oil return stop working.
const LEAST_LIFT: f64 = 10.0;

impl Chiller {
    /// Heat taken over power drawn, `efficiency × T / lift`, of a loop at `cold` whose condenser is at `warm`, both in
    /// degree Celsius.
    pub fn performance(&self, cold: f64, warm: f64) -> f64 {
        let lift = (warm - cold + self.approach).max(LEAST_LIFT);
        self.efficiency * (cold - 0.5 * self.approach + moist_air::FREEZING) / lift
    }
}

/// A loop that carries heat out of the hall.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loop {
    /// Heat for which it is built, in watt, with that of its own pumps; 0 where there is no such loop.
    pub rated: f64,
    /// Temperature at which it supplies, in degree Celsius: what the controls hold.
    pub supply: f64,
    /// Temperature that its supply may not pass.
    pub limit: f64,
    /// Kelvin of the supply above the air or wet bulb at rated heat and full fans.
    pub approach: f64,
    /// Where its heat goes.
    pub rejection: Rejection,
    /// Power of the cooler's or tower's fans at full speed, over rated heat.
    pub fans: f64,
    /// Power of its pumps, for air of the fans that move it through the hall, at rated flow, over rated heat.
    pub pumps: f64,
    /// The chiller, where there is one.
    pub chiller: Option<Chiller>,
    /// Seconds in which rated heat warms it from supply to limit while nothing is rejected: what is stored.
    pub ride_through: f64,
    /// Part of the rated flow that pumps never go below.
    pub least_flow: f64,
}

impl Loop {
    /// Watt that a kelvin between supply and sink carries at full fans.
    pub fn conductance(&self) -> f64 {
        self.rated / self.approach
    }

    /// Joule that warm it by a kelvin.
    pub fn heat_capacity(&self) -> f64 {
        self.rated * self.ride_through / (self.limit - self.supply)
    }

    /// Power of pumps where they carry a part of the rated heat: flow follows heat, power its cube (affinity laws).
    /// Without heat they stand.
    pub fn pump_power(&self, part: f64) -> f64 {
        if part <= 0.0 {
            return 0.0;
        }
        let flow = part.clamp(self.least_flow, 1.0);
        self.pumps * self.rated * flow * flow * flow
    }
}

/// What a plant does with water.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Water {
    /// Kelvin by which water cools in a tower.
    pub range: f64,
    /// Kelvin by which air warms in a cooler or a hall.
    pub air_rise: f64,
    /// Salt in what is bled over that in what is taken in: cycles of concentration, above 1.
    pub cycles: f64,
    /// Part of a tower's circulating water that is carried out as droplets.
    pub drift: f64,
}

/// A plant for a hall or a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plant {
    /// IT power for which it is built, in watt.
    pub rated: f64,
    /// Part of the heat of IT that leaves through the liquid.
    pub liquid_share: f64,
    /// Losses of transformers, uninterruptible supplies and light over IT power. They heat the air of the building.
    pub electrical_overhead: f64,
    /// The loop of liquid.
    pub liquid: Loop,
    /// The loop of air.
    pub air: Loop,
    /// Water.
    pub water: Water,
}

impl Plant {
    /// Both loops, the liquid first.
    pub fn loops(&self) -> [&Loop; 2] {
        [&self.liquid, &self.air]
    }

    /// Heat that the electricity of IT leaves in each loop, in watt, of a whole watt of IT power.
    pub(super) fn shares(&self) -> [f64; 2] {
        [self.liquid_share, 1.0 - self.liquid_share + self.electrical_overhead]
    }

    /// The same plant with loops that are built for the heat of its rated power, pumps included.
    #[must_use]
    pub fn sized(mut self) -> Self {
        let [liquid, air] = self.shares().map(|share| share * self.rated);
        for (one, heat) in [(&mut self.liquid, liquid), (&mut self.air, air)] {
            let before = one.rated;
            one.rated = heat / (1.0 - one.pumps);
            if let Some(chiller) = &mut one.chiller {
                chiller.capacity *= if before > 0.0 { one.rated / before } else { one.rated };
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn performance_falls_with_lift_and_is_a_part_of_carnots() {
        let chiller = Chiller { capacity: 1.0, efficiency: 0.6, approach: 6.0 };
        // 20 °C of water, condenser at 34 °C: 0.6 × 290.15 / 20.
        assert!((chiller.performance(20.0, 34.0) - 0.6 * 290.15 / 20.0).abs() < 1e-12);
        assert!(chiller.performance(20.0, 44.0) < chiller.performance(20.0, 34.0));
        assert_eq!(chiller.performance(20.0, 10.0), chiller.performance(20.0, -20.0), "least lift");
    }
}
