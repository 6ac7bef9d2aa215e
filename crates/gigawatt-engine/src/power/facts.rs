//! What the catalogue says of supplies, storage and limits, as the laws take it.

use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::plan::Redundancy;

/// A kind of stage of which a scenario says nothing, in base units.
#[derive(Clone, Debug, PartialEq)]
pub struct StageFacts {
    /// Its entry: `transformer`.
    pub kind: &'static str,
    /// What one unit gives \[W\].
    pub rating: f64,
    /// What of its units stands by.
    pub redundancy: Redundancy,
    /// Output over input beside the fixed loss.
    pub efficiency: f64,
    /// Fixed loss over the rating.
    pub fixed_loss: f64,
}

/// Everything that supplies and mitigations take from the catalogue, in base units.
#[derive(Clone, Debug, PartialEq)]
pub struct ElectricalFacts {
    /// The chain of a site that describes none, from the grid to the racks.
    pub chain: Vec<StageFacts>,
    /// For how long the batteries of an undescribed chain carry its load \[s\].
    pub ride_through: f64,
    /// Until generators give anything, and from nothing to all \[s\].
    pub generator: (f64, f64),
    /// Floor over the greatest power, lag \[s\] and interference of software that fills dips.
    pub filler: (f64, f64, f64),
    /// Floor over the greatest power, rise and fall \[s\] of accelerators that smooth by themselves.
    pub smoothing: (f64, f64, f64),
    /// Storage in racks.
    pub rack: RackStorage,
    /// A battery of a site.
    pub battery: SiteBattery,
    /// Ramp within a minute, range within seconds and root mean square in the band, over the power of the connection.
    pub limits: (f64, f64, f64),
}

/// Storage in racks, for each accelerator.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RackStorage {
    /// Energy \[J\].
    pub energy: f64,
    /// Power \[W\].
    pub power: f64,
    /// Energy that comes back of what goes in.
    pub round_trip: f64,
    /// Until it answers \[s\].
    pub lag: f64,
    /// Its price \[$/W\].
    pub cost: f64,
}

/// A battery of a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteBattery {
    /// For how long it gives its rating \[s\].
    pub duration: f64,
    /// Energy that comes back of what goes in.
    pub round_trip: f64,
    /// Until it answers \[s\].
    pub lag: f64,
    /// Its price by power \[$/W\].
    pub cost: f64,
    /// Its price by energy \[$/J\].
    pub energy_cost: f64,
}

impl SiteBattery {
    /// What one of such a power in W and energy in J costs, in $.
    pub fn price(&self, power: f64, energy: f64) -> f64 {
        self.cost * power + self.energy_cost * energy
    }
}

/// A fact that the catalogue lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the catalogue lacks `{0}`")]
pub struct MissingElectrical(pub String);

/// The stages of a chain that a scenario does not describe.
const CHAIN: [&str; 4] = ["feed", "transformer", "ups", "busway"];

impl ElectricalFacts {
    /// Reads a catalogue; of each fact the newest.
    ///
    /// # Errors
    /// The first fact that it lacks.
    pub fn of(catalogue: &Catalogue) -> Result<Self, MissingElectrical> {
        let missing = |id: &str, field: &str| MissingElectrical(format!("electrical.{id}.{field}"));
        let fact = |id: &str, field: &str| {
            let found = catalogue.get(Kind::Electrical, id).and_then(|entry| entry.vintages(field).last());
            found.map(|fact| fact.written.distribution.reference()).ok_or_else(|| missing(id, field))
        };
        let stage = |kind: &'static str| -> Result<StageFacts, MissingElectrical> {
            let redundancy =
                catalogue.get(Kind::Electrical, kind).map_or("", |entry| entry.text("redundancy"));
            Ok(StageFacts {
                kind,
                rating: fact(kind, "rating")?,
                redundancy: Redundancy::parse(redundancy).ok_or_else(|| missing(kind, "redundancy"))?,
                efficiency: fact(kind, "efficiency")?,
                fixed_loss: fact(kind, "fixed_loss")?,
            })
        };
        let (filler, smoothing) = ("software-filler", "power-smoothing");
        let (rack, battery, limits) = ("rack-storage", "site-battery", "utility-limits");
        Ok(Self {
            chain: CHAIN.into_iter().map(stage).collect::<Result<_, _>>()?,
            ride_through: fact("ups", "ride_through")?,
            generator: (fact("generator", "start")?, fact("generator", "rise")?),
            filler: (fact(filler, "floor")?, fact(filler, "lag")?, fact(filler, "interference")?),
            smoothing: (fact(smoothing, "floor")?, fact(smoothing, "rise")?, fact(smoothing, "fall")?),
            rack: RackStorage {
                energy: fact(rack, "energy_per_accelerator")?,
                power: fact(rack, "power_per_accelerator")?,
                round_trip: fact(rack, "round_trip")?,
                lag: fact(rack, "lag")?,
                cost: fact(rack, "cost")?,
            },
            battery: SiteBattery {
                duration: fact(battery, "duration")?,
                round_trip: fact(battery, "round_trip")?,
                lag: fact(battery, "lag")?,
                cost: fact(battery, "cost")?,
                energy_cost: fact(battery, "energy_cost")?,
            },
            limits: (fact(limits, "ramp")?, fact(limits, "range")?, fact(limits, "band")?),
        })
    }
}
