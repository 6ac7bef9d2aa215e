//! The coefficients of every law that prices a step, read once.

use super::super::coefficients::TrainingCoefficients;
use super::super::interval::TrainingSpread;
use super::super::memory::MemoryCoefficients;
use crate::device::DeviceCoefficients;
use crate::network::NetworkCoefficients;

/// Coefficients of steps, their interval and memory, kernels and links.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepLaws {
    /// Of steps.
    pub training: TrainingCoefficients,
    /// Of how far they may be off.
    pub spread: TrainingSpread,
    /// Of memory.
    pub memory: MemoryCoefficients,
    /// Of kernels.
    pub device: DeviceCoefficients,
    /// Of links.
    pub network: NetworkCoefficients,
}

impl StepLaws {
    /// Those that are part of the program.
    ///
    /// # Errors
    /// What is wrong with their files, which a test rules out.
    pub fn embedded() -> Result<Self, String> {
        Ok(Self {
            training: TrainingCoefficients::embedded()?,
            spread: TrainingSpread::embedded()?,
            memory: MemoryCoefficients::embedded()?,
            device: DeviceCoefficients::embedded()?,
            network: NetworkCoefficients::embedded()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_have_every_coefficient_within_its_bounds() {
        let laws = StepLaws::embedded().expect("complete");
        let steps = TrainingCoefficients::MEANINGS.iter().zip(laws.training.values());
        let spread = TrainingSpread::MEANINGS.iter().zip(laws.spread.values());
        for (meaning, value) in steps.chain(spread) {
            assert!((meaning.least..=meaning.most).contains(&value), "{}: {value}", meaning.name);
        }
    }
}
