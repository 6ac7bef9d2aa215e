//! The coefficients of all laws that a prediction of training needs.

use gigawatt_engine::coefficients::{Meaning, MissingCoefficient};
use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_engine::training::memory::MemoryCoefficients;
use gigawatt_engine::training::{TrainingCoefficients, TrainingSpread};
use gigawatt_plan::coefficients::Coefficients;

/// The coefficients of the laws that a prediction needs.
#[derive(Clone, Copy, Debug)]
pub struct Laws {
    /// Of kernels.
    pub device: DeviceCoefficients,
    /// Of collectives.
    pub network: NetworkCoefficients,
    /// Of memory.
    pub memory: MemoryCoefficients,
    /// Of steps.
    pub training: TrainingCoefficients,
    /// Of how far these may be off.
    pub spread: TrainingSpread,
}

impl Laws {
    /// Those that are part of the program.
    ///
    /// # Errors
    /// What is wrong with their files, which a test rules out.
    pub fn embedded() -> Result<Self, String> {
        let read = |law| Coefficients::embedded(law).map_err(|error| error.to_string());
        let missing = |MissingCoefficient(name)| format!("the coefficient `{name}` is missing");
        let training = read("training")?;
        Ok(Self {
            training: TrainingCoefficients::read(&training).map_err(missing)?,
            spread: TrainingSpread::read(&training).map_err(missing)?,
            ..Self::of_machines()?
        })
    }

    /// Those of kernels, collectives and memory, with the middle of what makes sense for the others: where a fit begins.
    ///
    /// # Errors
    /// What is wrong with their files.
    pub fn of_machines() -> Result<Self, String> {
        let read = |law| Coefficients::embedded(law).map_err(|error| error.to_string());
        let missing = |MissingCoefficient(name)| format!("the coefficient `{name}` is missing");
        let middle = |meanings: &[Meaning]| -> Vec<f64> {
            meanings.iter().map(|one| f64::midpoint(one.least, one.most)).collect()
        };
        let count = || "as many values as coefficients".to_owned();
        Ok(Self {
            device: DeviceCoefficients::read(&read("device")?).map_err(missing)?,
            network: NetworkCoefficients::read(&read("network")?).map_err(missing)?,
            memory: MemoryCoefficients::read(&read("memory")?).map_err(missing)?,
            training: TrainingCoefficients::with_values(&middle(TrainingCoefficients::MEANINGS))
                .ok_or_else(count)?,
            spread: TrainingSpread::with_values(&middle(TrainingSpread::MEANINGS)).ok_or_else(count)?,
        })
    }

    /// The file of the coefficients of steps.
    pub fn training_document(&self) -> String {
        let steps = TrainingCoefficients::MEANINGS.iter().zip(self.training.values());
        let spread = TrainingSpread::MEANINGS.iter().zip(self.spread.values());
        crate::coefficients::document("training steps", steps.chain(spread))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_coefficients_are_complete_and_make_sense() {
        let laws = Laws::embedded().unwrap();
        let steps = TrainingCoefficients::MEANINGS.iter().zip(laws.training.values());
        let spread = TrainingSpread::MEANINGS.iter().zip(laws.spread.values());
        for (one, value) in steps.chain(spread) {
            assert!((one.least..=one.most).contains(&value), "{}: {value}", one.name);
        }
    }
}
