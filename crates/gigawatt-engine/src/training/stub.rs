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

#[derive(Clone, Copy, Debug)]
pub struct Network {
    pub domain: u64,
    pub scale_up: f64,
    pub nic: f64,
    pub node: u64,
}

#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub ranks: f64,
    pub inside: f64,
}
impl Network {
    pub fn group(&self, ranks: u64, stride: u64) -> Group {
        let inside = (self.domain / stride.max(1)).clamp(1, ranks.max(1));
        Group { ranks: ranks as f64, inside: inside as f64 }
    }
    /// bytes of whole vector
    pub fn all_gather(&self, g: &Group, bytes: f64, shares: (f64, f64)) -> f64 {
        if g.ranks <= 1.0 {
            return 0.0;
        }
        let inside = (g.inside - 1.0) / g.inside * bytes / (self.scale_up * 0.8 * shares.0);
        let nodes = g.ranks / g.inside;
        let outside = if nodes > 1.0 {
            (nodes - 1.0) / nodes * bytes / g.inside / (self.nic * 0.85 * shares.1)
        } else {
            0.0
        };
        let lat =
            2e-6 * (g.inside - 1.0).min(10.0) + if nodes > 1.0 { 8e-6 * libm::log2(nodes) } else { 0.0 };
        inside.max(outside) + 8e-6 + lat
    }
    pub fn all_reduce(&self, g: &Group, bytes: f64, shares: (f64, f64)) -> f64 {
        2.0 * self.all_gather(g, bytes, shares)
    }
    pub fn point_to_point(&self, inside: bool, bytes: f64, shares: (f64, f64)) -> f64 {
        8e-6 + bytes / if inside { self.scale_up * 0.8 * shares.0 } else { self.nic * 0.85 * shares.1 }
    }
}
