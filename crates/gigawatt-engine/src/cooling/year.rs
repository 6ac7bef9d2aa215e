//! A year of a plant: energy, water, PUE and WUE by the hour, and what heat IT may give off.

use gigawatt_plan::weather::{Air, Weather};

use super::load::Load;
use super::plant::{Loop, Plant};
use super::thermal::{HOUR, Running};

/// Halvings by which the greatest power of IT is found in an hour that is too hot for all of it.
const HALVINGS: usize = 50;

/// What a plant drew and gave off in a time. Energies are in joule.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Energy {
    /// Of IT.
    pub it: f64,
    /// What IT would have drawn had it not been limited.
    pub wanted: f64,
    /// Of everything.
    pub drawn: f64,
    /// Losses of transformers, uninterruptible supplies and light.
    pub electrical: f64,
    /// Of pumps, and of the fans that move air through halls.
    pub pumps: f64,
    /// Of fans of coolers, towers and condensers.
    pub fans: f64,
    /// Of compressors.
    pub compressors: f64,
    /// Given to the weather.
    pub rejected: f64,
    /// Change of what loops store.
    pub stored: f64,
    /// Water that evaporated, in litre.
    pub evaporated: f64,
    /// Water that was taken in, in litre: with what was bled.
    pub withdrawn: f64,
}

impl Energy {
    pub(crate) fn add(&mut self, other: &Self) {
        self.it += other.it;
        self.wanted += other.wanted;
        self.drawn += other.drawn;
        self.electrical += other.electrical;
        self.pumps += other.pumps;
        self.fans += other.fans;
        self.compressors += other.compressors;
        self.rejected += other.rejected;
        self.stored += other.stored;
        self.evaporated += other.evaporated;
        self.withdrawn += other.withdrawn;
    }

    /// Power usage effectiveness (The Green Grid): energy of everything over that of IT; none where IT is off.
    pub fn pue(&self) -> Option<f64> {
        (self.it > 0.0).then(|| self.drawn / self.it)
    }

    /// Water usage effectiveness (The Green Grid): litres taken in for a kilowatt-hour of IT; none where IT is off.
    pub fn wue(&self) -> Option<f64> {
        (self.it > 0.0).then(|| self.withdrawn / (self.it / 3.6e6))
    }
}

/// An hour of a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Hour {
    /// What was drawn and given off.
    pub energy: Energy,
    /// Supply of the liquid at the end, in degree Celsius.
    pub liquid: f64,
    /// Supply of the loop of air at the end.
    pub air: f64,
}

impl Hour {
    /// Part of the power that IT wanted and could have.
    pub fn allowed(&self) -> f64 {
        if self.energy.wanted > 0.0 { self.energy.it / self.energy.wanted } else { 1.0 }
    }
}

/// A year of a plant in a weather.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Year {
    /// Every hour.
    pub hours: Vec<Hour>,
    /// All of them together.
    pub total: Energy,
}

impl Year {
    /// Hours in which IT was limited.
    pub fn limited_hours(&self) -> usize {
        self.hours.iter().filter(|hour| hour.energy.it < hour.energy.wanted).count()
    }

    /// The hour in which everything draws most, over what IT draws in it, or else the first.
    pub fn hottest(&self) -> usize {
        let pue = |hour: &Hour| hour.energy.pue().unwrap_or(0.0);
        let hottest =
            (0..self.hours.len()).rev().max_by(|a, b| pue(&self.hours[*a]).total_cmp(&pue(&self.hours[*b])));
        hottest.unwrap_or(0)
    }
}

/// Operates a plant through a year of weather. Loops start at their set points. A load above what the plant is built
/// for is limited to that.
pub fn operate(plant: &Plant, weather: &Weather, load: &Load) -> Year {
    operate_hours(plant, &weather.hours, &load.by_hour(weather.hours.len()))
}

/// The same through any hours, with the mean power of IT in each in watt.
pub fn operate_hours(plant: &Plant, hours: &[Air], wanted: &[f64]) -> Year {
    let mut supplies = plant.loops().map(|one| one.supply);
    let mut year = Year { hours: Vec::with_capacity(wanted.len()), total: Energy::default() };
    for (air, wanted) in hours.iter().zip(wanted.iter().copied()) {
        let asked = wanted.min(plant.rated);
        let mut outcome = at_power(plant, air, asked, supplies);
        if !within(plant, &outcome.1) {
            outcome = at_power(plant, air, greatest(plant, air, asked, supplies), supplies);
        }
        let (mut energy, ends) = outcome;
        energy.wanted = wanted * HOUR;
        supplies = ends;
        year.total.add(&energy);
        year.hours.push(Hour { energy, liquid: ends[0], air: ends[1] });
    }
    year
}

/// The greatest power of IT, up to one, that leaves every loop within its limit at the end of an hour. Within an hour a
/// loop only warms towards where it settles, so its end is the warmest of a loop that is pressed.
fn greatest(plant: &Plant, air: &Air, asked: f64, supplies: [f64; 2]) -> f64 {
    let (mut low, mut high) = (0.0, asked);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if within(plant, &at_power(plant, air, middle, supplies).1) { low = middle } else { high = middle }
    }
    low
}

/// Whether no loop is beyond its limit.
fn within(plant: &Plant, supplies: &[f64; 2]) -> bool {
    plant.loops().iter().zip(supplies).all(|(one, at)| one.rated == 0.0 || *at <= one.limit)
}

/// An hour with a power of IT, and the supplies at its end.
fn at_power(plant: &Plant, air: &Air, power: f64, supplies: [f64; 2]) -> (Energy, [f64; 2]) {
    let electrical = plant.electrical_overhead * power * HOUR;
    let mut energy = Energy { it: power * HOUR, electrical, ..Energy::default() };
    energy.drawn = energy.it + electrical;
    let mut ends = supplies;
    for ((one, share), at) in plant.loops().into_iter().zip(plant.shares()).zip(&mut ends) {
        if one.rated > 0.0 {
            run_loop(plant, one, air, share * power, at, &mut energy);
        }
    }
    (energy, ends)
}

fn run_loop(plant: &Plant, one: &Loop, air: &Air, heat: f64, at: &mut f64, energy: &mut Energy) {
    let pumps = one.pump_power(heat / ((1.0 - one.pumps) * one.rated));
    let running = Running { of: one, water: &plant.water, air };
    let (did, end) = running.hour(heat + pumps, *at);
    energy.pumps += pumps * HOUR;
    energy.fans += did.fans;
    energy.compressors += did.compressor;
    energy.drawn += pumps * HOUR + did.fans + did.compressor;
    energy.rejected += did.rejected + did.chilled + did.compressor + did.fans;
    energy.stored += one.heat_capacity() * (end - *at);
    energy.evaporated += did.water.evaporated;
    energy.withdrawn += did.water.withdrawn;
    *at = end;
}
