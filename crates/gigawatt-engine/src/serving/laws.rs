//! The coefficients of every law behind a service, read once.

use super::coefficients::ServingCoefficients;
use super::interval::ServingSpread;
use crate::device::DeviceCoefficients;
use crate::network::NetworkCoefficients;

/// The coefficients of all laws behind a prediction.
#[derive(Clone, Copy, Debug)]
pub struct ServingLaws {
    /// Of kernels.
    pub device: DeviceCoefficients,
    /// Of collectives.
    pub network: NetworkCoefficients,
    /// Of serving.
    pub serving: ServingCoefficients,
    /// Of how far predictions may be off.
    pub spread: ServingSpread,
}

impl ServingLaws {
    /// Those that are part of the program.
    ///
    /// # Errors
    /// What is wrong with their files, which a test rules out.
    pub fn embedded() -> Result<Self, String> {
        Ok(Self {
            device: DeviceCoefficients::embedded()?,
            network: NetworkCoefficients::embedded()?,
            serving: ServingCoefficients::embedded()?,
            spread: ServingSpread::embedded()?,
        })
    }
}
