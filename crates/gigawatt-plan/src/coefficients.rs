//! Coefficients of the laws: numbers that were fitted on published measurements, each with its meaning.
//!
//! They stand in `catalog/coefficients/`, one file for each law that has some; `cargo xtask fit` writes
//! those of device and training. The engine names those that it needs; a name that is missing is an error when they are read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Name and text of the embedded files.
pub const EMBEDDED_COEFFICIENTS: &[(&str, &str)] = &[
    ("device", include_str!("../../../catalog/coefficients/device.toml")),
    ("network", include_str!("../../../catalog/coefficients/network.toml")),
    ("scaling", include_str!("../../../catalog/coefficients/scaling.toml")),
    ("memory", include_str!("../../../catalog/coefficients/memory.toml")),
    ("training", include_str!("../../../catalog/coefficients/training.toml")),
    ("serving", include_str!("../../../catalog/coefficients/serving.toml")),
    ("ranking", include_str!("../../../catalog/coefficients/ranking.toml")),
    ("power", include_str!("../../../catalog/coefficients/power.toml")),
];

/// One fitted number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coefficient {
    /// The number, in its unit.
    pub value: f64,
    /// Its unit; `1` for a pure number.
    pub unit: String,
    /// What it stands for.
    pub meaning: String,
    /// The measurements that decided it, or `prior` where none did.
    pub fitted_on: String,
}

/// Coefficients by name, of one law.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coefficients(BTreeMap<String, Coefficient>);

impl Coefficients {
    /// Reads a file of coefficients.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text).map(Self)
    }

    /// The coefficients of a law that are part of the program; none under a name that has no file.
    ///
    /// # Errors
    /// What is wrong with the file, which a test rules out.
    pub fn embedded(law: &str) -> Result<Self, toml::de::Error> {
        let text = EMBEDDED_COEFFICIENTS.iter().find(|(name, _)| *name == law).map_or("", |(_, text)| text);
        Self::parse(text)
    }

    /// The value under a name.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.0.get(name).map(|coefficient| coefficient.value)
    }

    /// All of them by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Coefficient)> {
        self.0.iter().map(|(name, coefficient)| (name.as_str(), coefficient))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_files_are_well_formed() {
        for (law, _) in EMBEDDED_COEFFICIENTS {
            let read = Coefficients::embedded(law).unwrap();
            assert!(read.iter().all(|(_, one)| one.value.is_finite() && !one.meaning.is_empty()), "{law}");
        }
    }
}
