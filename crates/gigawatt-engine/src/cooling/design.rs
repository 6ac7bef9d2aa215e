//! What a plant has to be for the design hours of a place.

use gigawatt_plan::weather::Weather;

use super::plant::{Loop, Plant};

/// A loop against the hour that all but a part of the year's hours are no hotter than.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct LoopDesign {
    /// Air or wet bulb on its cooler in that hour, with all the water that there is, in degree Celsius.
    pub sink: f64,
    /// Part of its rated heat that a chiller has to be able to take for the loop to hold its set point; 0 where the
    /// cooler alone does.
    pub chiller: f64,
    /// Kelvin of approach with which the cooler alone keeps the loop at its limit; none where the sink is hotter.
    pub approach: Option<f64>,
    /// Part of its rated heat that cooler and chiller, as they are, carry at the limit, steadily; at most 1.
    pub carries: f64,
}

/// Both loops of a plant, the liquid first, against the hour that a part of the year's hours are hotter than: 0.004 for
/// ASHRAE's 0.4 % condition, of which 99.6 % of hours are no hotter. None for a loop that the plant does not have.
pub fn design(plant: &Plant, weather: &Weather, part: f64) -> [Option<LoopDesign>; 2] {
    plant.loops().map(|one| (one.rated > 0.0).then(|| of_loop(one, weather, part)))
}

fn of_loop(one: &Loop, weather: &Weather, part: f64) -> LoopDesign {
    let sink = weather.exceeded(part, |air| one.rejection.coldest_sink(air));
    let free = |at: f64| ((at - sink) / one.approach).max(0.0);
    let own = one.chiller.map_or(0.0, |chiller| chiller.capacity / one.rated);
    LoopDesign {
        sink,
        chiller: (1.0 - free(one.supply)).max(0.0),
        approach: Some(one.limit - sink).filter(|approach| *approach > 0.0),
        carries: (free(one.limit) + own).min(1.0),
    }
}
