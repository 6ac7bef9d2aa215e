//! The laws that a fit of serving begins with, and the file that it ends with.

use gigawatt_engine::coefficients::Meaning;
use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_engine::serving::{ServingCoefficients, ServingLaws, ServingSpread};

/// Those of kernels and collectives, with the middle of what makes sense for the others: where a fit begins.
///
/// # Errors
/// What is wrong with their files.
pub fn laws_of_machines() -> Result<ServingLaws, String> {
    let middle = |meanings: &[Meaning]| -> Vec<f64> {
        meanings.iter().map(|one| f64::midpoint(one.least, one.most)).collect()
    };
    let count = || "as many values as coefficients".to_owned();
    Ok(ServingLaws {
        device: DeviceCoefficients::embedded()?,
        network: NetworkCoefficients::embedded()?,
        serving: ServingCoefficients::with_values(&middle(ServingCoefficients::MEANINGS))
            .ok_or_else(count)?,
        spread: ServingSpread::with_values(&middle(ServingSpread::MEANINGS)).ok_or_else(count)?,
    })
}

/// The file of the coefficients of serving.
pub fn serving_document(laws: &ServingLaws) -> String {
    let serving = ServingCoefficients::MEANINGS.iter().zip(laws.serving.values());
    let spread = ServingSpread::MEANINGS.iter().zip(laws.spread.values());
    crate::coefficients::document("serving", serving.chain(spread))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_coefficients_are_complete_and_make_sense() {
        let laws = ServingLaws::embedded().unwrap();
        let serving = ServingCoefficients::MEANINGS.iter().zip(laws.serving.values());
        let spread = ServingSpread::MEANINGS.iter().zip(laws.spread.values());
        for (one, value) in serving.chain(spread) {
            assert!((one.least..=one.most).contains(&value), "{}: {value}", one.name);
        }
    }
}
