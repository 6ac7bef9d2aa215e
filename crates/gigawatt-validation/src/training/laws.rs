//! The laws that a fit of training steps begins with, and the file that it ends with.

use gigawatt_engine::coefficients::Meaning;
use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_engine::training::memory::MemoryCoefficients;
use gigawatt_engine::training::{StepLaws, TrainingCoefficients, TrainingSpread};

/// Those of kernels, collectives and memory, with the middle of what makes sense for the others: where a fit begins.
///
/// # Errors
/// What is wrong with their files.
pub fn laws_of_machines() -> Result<StepLaws, String> {
    let middle = |meanings: &[Meaning]| -> Vec<f64> {
        meanings.iter().map(|one| f64::midpoint(one.least, one.most)).collect()
    };
    let count = || "as many values as coefficients".to_owned();
    Ok(StepLaws {
        device: DeviceCoefficients::embedded()?,
        network: NetworkCoefficients::embedded()?,
        memory: MemoryCoefficients::embedded()?,
        training: TrainingCoefficients::with_values(&middle(TrainingCoefficients::MEANINGS))
            .ok_or_else(count)?,
        spread: TrainingSpread::with_values(&middle(TrainingSpread::MEANINGS)).ok_or_else(count)?,
    })
}

/// The file of the coefficients of steps.
pub fn training_document(laws: &StepLaws) -> String {
    let steps = TrainingCoefficients::MEANINGS.iter().zip(laws.training.values());
    let spread = TrainingSpread::MEANINGS.iter().zip(laws.spread.values());
    crate::coefficients::document("training steps", steps.chain(spread))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_coefficients_are_complete_and_make_sense() {
        let laws = StepLaws::embedded().unwrap();
        let steps = TrainingCoefficients::MEANINGS.iter().zip(laws.training.values());
        let spread = TrainingSpread::MEANINGS.iter().zip(laws.spread.values());
        for (one, value) in steps.chain(spread) {
            assert!((one.least..=one.most).contains(&value), "{}: {value}", one.name);
        }
    }
}
