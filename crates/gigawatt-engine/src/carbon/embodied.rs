//! Carbon of making hardware and halls, from facts of the catalogue.
//!
//! `embodied = accelerators × carbon of one with its share of the server + power × carbon of a watt of hall`, from cradle
//! to gate. Spread evenly over the lives it can stand beside what electricity emits in a year.

use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::period::Moment;
use gigawatt_plan::quantity::{Carbon, CarbonPerPower, Duration, Power, Quantity};

/// A fact with its range: low, reference, high.
type Range<Q> = [Q; 3];

/// What the catalogue knows of the carbon of making things.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Embodied {
    /// Of an accelerator with its share of the server.
    pub accelerator: Option<Range<Carbon>>,
    /// Of a watt of hall: shell and plant.
    pub hall: Option<Range<CarbonPerPower>>,
}

/// Carbon of making a fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Footprint {
    /// Of accelerators with their servers.
    pub hardware: Range<Carbon>,
    /// Of halls.
    pub halls: Range<Carbon>,
}

impl Embodied {
    /// What was known on a day of a system and a kind of construction; nothing of what the catalogue does not have.
    pub fn known(catalogue: &Catalogue, system: &str, construction: &str, day: Moment) -> Self {
        Self {
            accelerator: range(catalogue, (Kind::System, system, "embodied_carbon_per_accelerator"), day),
            hall: range(catalogue, (Kind::Construction, construction, "embodied_carbon"), day),
        }
    }

    /// Of accelerators in halls of an IT power; none where one of them is not known.
    pub fn footprint(&self, accelerators: f64, halls: Power) -> Option<Footprint> {
        Some(Footprint {
            hardware: self.accelerator?.map(|carbon| carbon * accelerators),
            halls: self.hall?.map(|carbon| carbon * halls),
        })
    }
}

impl Footprint {
    /// Kilogram of CO2e a second over the lives of hardware and halls: low, reference, high.
    pub fn rate(&self, hardware_life: Duration, hall_life: Duration) -> [f64; 3] {
        std::array::from_fn(|end| {
            self.hardware[end].base() / hardware_life.base() + self.halls[end].base() / hall_life.base()
        })
    }
}

fn range<Q: Quantity>(
    catalogue: &Catalogue,
    (kind, id, field): (Kind, &str, &str),
    day: Moment,
) -> Option<Range<Q>> {
    let distribution = catalogue.get(kind, id)?.known_on(field, day.day())?.written.distribution;
    let (low, high) = distribution.range();
    Some([low, distribution.reference(), high].map(Q::from_base))
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::text::{Diagnostics, SourceMap};

    use super::*;

    fn day(written: &str) -> Moment {
        Moment::start_of(written.parse().expect("a day"))
    }

    #[test]
    fn a_hundred_megawatts_of_h100_are_made_of_a_quarter_of_a_megatonne() {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
        let known = Embodied::known(&catalogue, "hgx-h100", "us-data-centre", day("2026-01-01"));
        // 70,000 at 0.45 t are 31.5 kt; 100 MW at 1.9 t/kW are 190 kt.
        let footprint = known.footprint(70_000.0, Power::from_base(1e8)).expect("both are known");
        assert!((footprint.hardware[1].base() - 31.5e6).abs() < 1.0);
        assert!((footprint.halls[1].base() - 190e6).abs() < 1.0);
        assert!(footprint.hardware[0] < footprint.hardware[1] && footprint.halls[1] < footprint.halls[2]);
        let years = |years: f64| Duration::from_days(365.25 * years);
        let yearly = footprint.rate(years(5.0), years(25.0)).map(|rate| rate * years(1.0).base());
        assert!((yearly[1] - (6.3e6 + 7.6e6)).abs() < 1.0, "{yearly:?}");
        let early = Embodied::known(&catalogue, "hgx-h100", "us-data-centre", day("2024-01-01"));
        assert_eq!((early.accelerator, early.hall), (None, None), "nothing published by then");
    }
}
