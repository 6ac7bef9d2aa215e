//! Water that evaporates, is bled and drifts away, in kilogram, which is litre.
//!
//! Air leaves a tower saturated at the mean temperature of its water (as the method of Baker and Shryock, 1961, takes
//! it at full wetting), so each joule of enthalpy that it gains carries `(w - w₀) / (h - h₀)` of vapour, between the
//! state `w, h` at which it leaves and the state `w₀, h₀` of the weather. In winter part of the heat only warms the
//! air; in a hot dry summer more than all of it evaporates water, as the air cools. Air that a spray cools by `ΔT`
//! takes up `c ΔT / L` for each kilogram of it; a kilogram carries `c × rise` of heat.
//!
//! What is bled so that salts stay at `k` times those of the water taken in is `evaporated / (k - 1)`, drift counted
//! as bled.

use gigawatt_plan::weather::{Air, moist_air};

use super::plant::Water;

/// Kilogram of water of a time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Used {
    /// Gone as vapour.
    pub evaporated: f64,
    /// Taken in: with what is bled and drifts away.
    pub withdrawn: f64,
}

/// Of heat in joule that a tower rejects whose water leaves it at a temperature.
pub(super) fn of_tower(water: &Water, air: &Air, supply: f64, heat: f64) -> Used {
    let leaving = supply + 0.5 * water.range;
    let humidity = moist_air::humidity_ratio(moist_air::saturation_pressure(leaving), air.pressure);
    let (before, after) = (air.humidity_ratio(), humidity);
    let gained = moist_air::enthalpy(leaving, after) - moist_air::enthalpy(air.dry_bulb, before);
    // Saturated air warmer than the wet bulb has more enthalpy than the weather's.
    let vapour = if gained > 0.0 { (after - before).max(0.0) / gained } else { 0.0 };
    let evaporated = heat * vapour;
    let drift = water.drift * heat / (moist_air::HEAT_OF_WATER * water.range);
    let bled = (evaporated / (water.cycles - 1.0)).max(drift);
    Used { evaporated, withdrawn: evaporated + bled }
}

/// Of heat in joule that goes into air which a spray has cooled by some kelvin.
pub(super) fn of_spray(water: &Water, cooled: f64, heat: f64) -> Used {
    let evaporated = heat * (cooled / water.air_rise) / moist_air::LATENT_HEAT;
    Used { evaporated, withdrawn: evaporated * water.cycles / (water.cycles - 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATER: Water = Water { range: 6.0, air_rise: 12.0, cycles: 4.0, drift: 2e-5 };
    const KILOWATT_HOUR: f64 = 3.6e6;

    #[test]
    fn a_tower_evaporates_about_a_litre_and_a_half_for_a_kilowatt_hour() {
        // All of it as vapour would be 3.6 MJ / 2.44 MJ/kg = 1.47 kg.
        let summer = of_tower(&WATER, &Air::new(30.0, 20.0, 101_325.0), 27.0, KILOWATT_HOUR);
        assert!((1.2..1.5).contains(&summer.evaporated), "{summer:?}");
        assert!((summer.withdrawn - summer.evaporated * 4.0 / 3.0).abs() < 1e-9);
        let winter = of_tower(&WATER, &Air::new(-5.0, -8.0, 101_325.0), 20.0, KILOWATT_HOUR);
        assert!(winter.evaporated < 0.8 * summer.evaporated, "{winter:?}");
        let desert = of_tower(&WATER, &Air::new(45.0, 0.0, 101_325.0), 24.0, KILOWATT_HOUR);
        assert!(desert.evaporated > 1.47, "air that cools gives heat to the water: {desert:?}");
    }

    #[test]
    fn a_spray_takes_what_the_air_loses() {
        // Air that cools by 6 K of the 12 K that it then warms by: half of the latent equivalent.
        let used = of_spray(&WATER, 6.0, KILOWATT_HOUR);
        assert!((used.evaporated - 0.5 * KILOWATT_HOUR / moist_air::LATENT_HEAT).abs() < 1e-12);
        assert!((used.withdrawn / used.evaporated - 4.0 / 3.0).abs() < 1e-12);
    }
}
