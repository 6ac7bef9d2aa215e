//! Answers of the law of the device to the rows.

use std::collections::BTreeMap;

use gigawatt_engine::device::{
    Attention, Device, DeviceCoefficients, DeviceFacts, Experts, Generation, Precision, Residence,
};
use gigawatt_plan::catalog::{Catalogue, Kind};

use super::point::{Class, Point, Work};

/// The devices of a catalogue, ready to be asked.
#[derive(Clone, Debug)]
pub struct Devices {
    all: BTreeMap<String, Device>,
    coefficients: DeviceCoefficients,
}

impl Devices {
    /// Every accelerator of which the facts suffice.
    pub fn of(catalogue: &Catalogue, coefficients: DeviceCoefficients) -> Self {
        let device = |id: &str| {
            let facts = DeviceFacts::of(catalogue.get(Kind::Accelerator, id)?).ok()?;
            Some((id.to_owned(), Device::new(facts, &coefficients)))
        };
        Self { all: catalogue.ids(Kind::Accelerator).filter_map(device).collect(), coefficients }
    }

    /// The same devices with other coefficients.
    pub fn with(&self, coefficients: DeviceCoefficients) -> Self {
        let all = self.all.iter();
        let all = all.map(|(id, device)| (id.clone(), Device::new(*device.facts(), &coefficients)));
        Self { all: all.collect(), coefficients }
    }

    /// The coefficients behind the answers.
    pub fn coefficients(&self) -> &DeviceCoefficients {
        &self.coefficients
    }

    /// One of them.
    pub fn get(&self, id: &str) -> Option<&Device> {
        self.all.get(id)
    }

    /// Time of a point \[s\]; none for a device that is not there.
    pub(super) fn time(&self, point: &Point) -> Option<f64> {
        let device = self.get(point.accelerator)?;
        Some(match &point.work {
            Work::Gemm { m, n, k, cast } => {
                let cast = if *cast { device.cast(*m, *k, point.precision) } else { 0.0 };
                cast + device.gemm(*m, *n, *k, point.precision)
            }
            Work::Grouped { groups, m, n, k } => device.grouped_gemm(*groups, *m, *n, *k, point.precision),
            Work::Attention { shape, cache, latent } => {
                prefill(device, shape, point.precision, *cache, *latent)
            }
            Work::Decode { shape, cache } => device.attention_decode(shape, *cache, Residence::Repeated),
            Work::Experts { loads, inner, width, .. } => {
                device.experts(&Experts { loads, width: *width, inner: *inner }, point.precision)
            }
        })
    }

    /// Half width of the 80 % interval in logarithms.
    pub(super) fn spread(&self, class: Class) -> f64 {
        match class {
            Class::Gemm => self.coefficients.gemm_spread,
            Class::Attention => self.coefficients.attention_spread,
            Class::Decode => self.coefficients.decode_spread,
            Class::Experts => self.coefficients.experts_spread,
        }
    }
}

/// Attention as engines do it: with a narrow cache, Hopper and Blackwell compute in it too, and whatever is not there
/// yet in the format of the cache is prepared first.
fn prefill(device: &Device, shape: &Attention, queries: Precision, cache: Precision, latent: bool) -> f64 {
    let narrow = cache == Precision::Fp8
        && match device.facts().generation {
            Generation::Hopper | Generation::Blackwell => true,
            Generation::BlackwellWorkstation => latent,
            _ => false,
        };
    let arithmetic = if narrow { cache } else { queries };
    let preparation = match latent {
        false => device.attention_preparation(shape),
        // What is there in 16 bits is read for its greatest value, read again and written in 8.
        true if narrow => device.streaming(5.0 * shape.operands()),
        true => 0.0,
    };
    preparation + device.attention_prefill(shape, arithmetic)
}
