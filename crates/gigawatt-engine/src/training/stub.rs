#![allow(missing_docs)]
//! temporary
use libm::pow;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    Bf16,
    Fp16,
    Fp8,
    Mxfp8,
    Nvfp4,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    Ampere,
    Hopper,
    Blackwell,
}

#[derive(Clone, Copy, Debug)]
pub struct Device {
    pub generation: Generation,
    pub bf16: f64,
    pub fp8: f64,
    pub fp4: f64,
    pub bandwidth: f64,
    pub memory: f64,
    pub sms: f64,
    /// power over peak, relative to the reference of the generation
    pub power_ratio: f64,
    pub introduced: f64,
}

impl Device {
    pub fn rate(&self, p: Precision) -> f64 {
        match p {
            Precision::Bf16 | Precision::Fp16 => self.bf16,
            Precision::Fp8 | Precision::Mxfp8 => self.fp8,
            Precision::Nvfp4 => self.fp4,
        }
    }
    fn share(&self, p: Precision) -> f64 {
        match (self.generation, p) {
            (Generation::Ampere, _) => 0.85,
            (Generation::Hopper, Precision::Bf16 | Precision::Fp16) => 0.78,
            (Generation::Hopper, _) => 0.70,
            (_, Precision::Bf16 | Precision::Fp16) => 0.78,
            (_, Precision::Nvfp4) => 0.6,
            _ => 0.72,
        }
    }
    pub fn gemm(&self, m: f64, n: f64, k: f64, p: Precision) -> f64 {
        self.grouped_gemm(1.0, m, n, k, p)
    }
    pub fn grouped_gemm(&self, g: f64, m: f64, n: f64, k: f64, p: Precision) -> f64 {
        let tiles = g * libm::ceil(m / 128.0) * libm::ceil(n / 256.0);
        let waves = tiles / self.sms;
        let waves_c = if waves < 1.0 { 1.0 } else { 0.5 * (waves + libm::ceil(waves)) };
        let flop = waves_c * self.sms * 128.0 * 256.0 * k * 2.0;
        let b = match p {
            Precision::Bf16 | Precision::Fp16 => 2.0,
            Precision::Nvfp4 => 0.56,
            _ => 1.0,
        };
        let bytes = g * (m * k * b + n * k * b + m * n * 2.0);
        let (c, w) = (flop / (self.rate(p) * self.share(p)), bytes / (0.85 * self.bandwidth));
        pow(pow(c, 4.0) + pow(w, 4.0), 0.25) + 4e-6
    }
    /// forward attention: rate in FLOP/s
    pub fn attention(&self, flop: f64) -> f64 {
        let share = match self.generation {
            Generation::Ampere => 0.65,
            Generation::Hopper => 0.6,
            Generation::Blackwell => 0.55,
        };
        flop / (self.bf16 * share) + 4e-6
    }
    pub fn streaming(&self, bytes: f64) -> f64 {
        bytes / (0.85 * self.bandwidth)
    }
}
