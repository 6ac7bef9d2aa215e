//! The power of one accelerator from what it does.

use crate::device::{Device, Precision};
use crate::power::PowerCoefficients;

const PICO: f64 = 1e-12;

/// What joins an accelerator with others, in B/s of one direction; 0 where there is no such link.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Links {
    /// Within the scale-up domain.
    pub scale_up: f64,
    /// Its ports to other servers.
    pub network: f64,
    /// To its host.
    pub host: f64,
}

/// What an accelerator that holds a job does over a stretch of time, on average.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Activity {
    /// Achieved matrix rate over the one that large products sustain, 0 to 1.
    pub matrix: f64,
    /// Memory traffic beside that of these products \[B/s\].
    pub memory: f64,
    /// Traffic over links \[B/s\].
    pub link: f64,
}

impl Activity {
    /// It holds a job and waits.
    pub const WAITING: Self = Self { matrix: 0.0, memory: 0.0, link: 0.0 };

    /// Achieved FLOP/s of a precision, with memory and link traffic in B/s.
    pub fn achieved(device: &Device, precision: Precision, flops: f64, memory: f64, link: f64) -> Self {
        Self { matrix: flops / device.sustained_rate(precision), memory, link }
    }
}

/// The law of power of one accelerator, in W.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AcceleratorPower {
    /// Its limit.
    pub limit: f64,
    /// Without a job.
    pub idle: f64,
    /// With a job that waits.
    pub waiting: f64,
    /// At the sustained rate of large matrix products.
    pub full: f64,
    /// Rate at which kernels stream memory \[B/s\].
    pub streaming_rate: f64,
    memory_energy: f64,
    link_energy: f64,
    voltage_floor: f64,
}

impl AcceleratorPower {
    /// The law for a device that multiplies in a precision. None where its limit was not published.
    pub fn new(device: &Device, precision: Precision, with: &PowerCoefficients) -> Option<Self> {
        let limit = device.facts().power?;
        let full = device.matrix_power(precision).unwrap_or(limit).min(limit);
        Some(Self { full, streaming_rate: device.streaming_rate(), ..Self::of_limit(limit, with) })
    }

    /// The law for an accelerator of which only the limit is known: products draw it whole, and nothing streams.
    pub fn of_limit(limit: f64, with: &PowerCoefficients) -> Self {
        Self {
            limit,
            idle: with.idle * limit,
            waiting: with.waiting * limit,
            full: limit,
            streaming_rate: 0.0,
            memory_energy: with.memory_energy * PICO,
            link_energy: with.link_energy * PICO,
            voltage_floor: with.voltage_floor,
        }
    }

    /// Power of an accelerator that holds a job.
    pub fn working(&self, activity: &Activity) -> f64 {
        let matrix = (self.full - self.waiting).max(0.0) * activity.matrix.clamp(0.0, 1.0);
        let traffic = self.memory_energy * activity.memory + self.link_energy * activity.link;
        (self.waiting + matrix + traffic).min(self.limit)
    }

    /// Power while memory is streamed and nothing else is done.
    pub fn streaming(&self) -> f64 {
        self.working(&Activity { memory: self.streaming_rate, ..Activity::WAITING })
    }

    /// Power while bytes move over a link at a rate in B/s: each is read or written at this end's memory twice, as
    /// collectives do that add or forward.
    pub fn moving(&self, rate: f64) -> f64 {
        self.working(&Activity { matrix: 0.0, memory: 2.0 * rate, link: rate })
    }

    /// How its clock and power answer a cap while it does something.
    pub fn governor(&self, activity: &Activity) -> super::Governor {
        let working = self.working(activity);
        let traffic = self.memory_energy * activity.memory + self.link_energy * activity.link;
        let fixed = (self.waiting + traffic).min(working);
        super::Governor { fixed, dynamic: working - fixed, voltage_floor: self.voltage_floor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{DeviceCoefficients, DeviceFacts};

    fn h100() -> Device {
        let facts = DeviceFacts::read("hopper", |name| {
            Some(match name {
                "bf16" => 989e12,
                "memory" => 80e9,
                "memory_bandwidth" => 3.35e12,
                "power" => 700.0,
                "processors" => 132.0,
                _ => return None,
            })
        });
        Device::new(facts.unwrap(), &DeviceCoefficients::embedded().unwrap())
    }

    #[test]
    fn the_sustained_rate_draws_the_limit_and_nothing_draws_more() {
        let (device, with) = (h100(), PowerCoefficients::embedded().unwrap());
        let power = AcceleratorPower::new(&device, Precision::Bf16, &with).unwrap();
        let rate = device.sustained_rate(Precision::Bf16);
        let at = |flops: f64, memory: f64| {
            power.working(&Activity::achieved(&device, Precision::Bf16, flops, memory, 0.0))
        };
        assert!((at(rate, 0.0) - 700.0).abs() < 1e-6, "{}", at(rate, 0.0));
        assert_eq!(at(rate, 3e12), 700.0);
        assert!(at(0.5 * rate, 0.0) < at(0.5 * rate, 1e12));
        assert_eq!(at(0.0, 0.0), power.waiting);
        assert!(power.idle < power.waiting && power.waiting < power.moving(40e9));
        // Streaming kernels draw half to three quarters of the limit.
        assert!((0.45..0.75).contains(&(power.streaming() / 700.0)), "{}", power.streaming());
    }

    #[test]
    fn a_device_without_a_published_limit_has_no_power() {
        let facts = DeviceFacts::read("other", |name| {
            matches!(name, "bf16" | "memory" | "memory_bandwidth").then_some(1e12)
        });
        let device = Device::new(facts.unwrap(), &DeviceCoefficients::embedded().unwrap());
        assert_eq!(
            AcceleratorPower::new(&device, Precision::Bf16, &PowerCoefficients::embedded().unwrap()),
            None
        );
    }
}
