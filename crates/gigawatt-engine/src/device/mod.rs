//! Time of one kernel on one accelerator, from its shape and precision.
//!
//! **Sustained rate.** A chip under its power limit lowers clock and voltage together. Energy of a FLOP falls with the
//! square of the clock share x, so power is `e R x² · x / x`, in short `P = e R x²` at full use, and the rate that is
//! sustained is
//!
//! ```text
//! r = min(c R, √(P R / e))
//! ```
//!
//! with R the datasheet's dense rate, P the power limit, e the energy of a FLOP at the greatest clock (one number for
//! a generation, with a factor for narrower formats) and c a ceiling.
//!
//! **Matrix product** of m × k by k × n: a product is cut into tiles, tiles are spread over the processors in waves,
//! and the best tile is taken. Compute and memory overlap, so the slower of them counts, with a smooth transition:
//!
//! ```text
//! t = launch + (T⁴ + M⁴)^¼
//! T = min over tiles of waves × (2 · tile · k / (r / processors) + wave)
//! waves = w ⌈u⌉ + (1 - w) max(u, 1),   u = tiles / processors
//! M = bytes of operands and result / (share × memory bandwidth)
//! ```
//!
//! **Attention** over whole sequences does, for each score, 2 (d_qk + d_v) matrix FLOP and then a softmax in the
//! vector units, which is not hidden behind the products:
//!
//! ```text
//! t = launch + scores (2 (d_qk + d_v) / r + s / processors) + bytes / memory rate
//! ```
//!
//! The form of the roofline is that of S. Williams, A. Waterman and D. Patterson, "Roofline: An Insightful Visual
//! Performance Model for Multicore Architectures", Communications of the ACM 52 (4), 2009.
//!
//! Everything is in base units: s, B, B/s, FLOP, FLOP/s. No work takes no time.

mod attention;
mod coefficients;
mod decode;
mod experts;
mod facts;
mod gemm;
mod running;

pub use attention::{Attention, AttentionParts, Mask};
pub use coefficients::DeviceCoefficients;
pub use decode::{Cached, Decoding, Residence};
pub use experts::Experts;
pub use facts::{DeviceFacts, Generation, Host, MissingFact, Native};
pub use gigawatt_plan::training::Precision;
pub use running::Running;

const MICRO: f64 = 1e-6;
const NANO: f64 = 1e-9;
const PICO: f64 = 1e-12;

/// An accelerator whose kernels can be timed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Device {
    facts: DeviceFacts,
    /// Sustained matrix rates by precision \[FLOP/s\].
    rates: [f64; Precision::ALL.len()],
    /// Power at these, where the energy of a FLOP and the limit are known \[W\].
    powers: [Option<f64>; Precision::ALL.len()],
    /// What products reach of the memory bandwidth \[B/s\].
    memory_rate: f64,
    /// What kernels reach of it that only stream \[B/s\].
    streaming_rate: f64,
    launch: f64,
    processors: f64,
    wave: f64,
    wave_rounding: f64,
    cast: f64,
    attention_launch: f64,
    attention_share: f64,
    attention_narrow: f64,
    /// Time of the whole device for the softmax of one score \[s\].
    softmax: f64,
    preparation: f64,
    decode_launch: f64,
    latent_share: f64,
    latent_launch: f64,
    /// Time for one cached token where a context is walked through by one processor \[s\].
    latent_token: f64,
    experts: f64,
    experts_memory: f64,
    experts_launch: f64,
}

/// What a generation adds to its facts.
struct Family {
    energy: Option<f64>,
    block_scaling: f64,
    fp4_energy: f64,
    memory: f64,
    launch: f64,
    attention: f64,
    softmax: f64,
    latent: f64,
    latent_launch: f64,
    latent_token: f64,
}

impl Family {
    fn of(generation: Generation, c: &DeviceCoefficients) -> Self {
        let (energy, memory, launch, softmax) = match generation {
            Generation::Ampere => (c.ampere_energy, c.ampere_memory, c.ampere_launch, c.ampere_softmax),
            Generation::AmpereWorkstation => (
                c.ampere_workstation_energy,
                c.ampere_workstation_memory,
                c.ampere_workstation_launch,
                c.ampere_softmax,
            ),
            Generation::Ada => (c.ada_energy, c.ada_memory, c.ada_launch, 0.0),
            Generation::Hopper => (c.hopper_energy, c.hopper_memory, c.hopper_launch, c.hopper_softmax),
            Generation::Blackwell => {
                (c.blackwell_energy, c.blackwell_memory, c.blackwell_launch, c.blackwell_softmax)
            }
            Generation::BlackwellWorkstation => (
                c.blackwell_workstation_energy,
                c.blackwell_workstation_memory,
                c.blackwell_workstation_launch,
                0.0,
            ),
            Generation::Other => (0.0, c.other_memory, c.other_launch, c.other_softmax),
        };
        Self {
            energy: (generation != Generation::Other).then_some(energy),
            block_scaling: match generation {
                Generation::Ada => c.ada_block_scaling,
                Generation::Hopper => c.hopper_block_scaling,
                Generation::BlackwellWorkstation => c.blackwell_workstation_block_scaling,
                _ => 1.0,
            },
            fp4_energy: match generation {
                Generation::BlackwellWorkstation => c.blackwell_workstation_fp4_energy,
                _ => c.blackwell_fp4_energy,
            },
            memory,
            launch,
            attention: match generation {
                Generation::Ada => c.ada_attention,
                Generation::BlackwellWorkstation => c.blackwell_workstation_attention,
                _ => 1.0,
            },
            softmax,
            latent: match generation {
                Generation::Hopper | Generation::Blackwell => c.latent,
                _ => c.latent_generic,
            },
            latent_launch: if generation == Generation::Hopper { c.hopper_latent_launch } else { 0.0 },
            latent_token: match generation {
                Generation::Ampere | Generation::AmpereWorkstation => c.ampere_latent_token,
                Generation::Ada => c.ada_latent_token,
                Generation::BlackwellWorkstation => c.blackwell_workstation_latent_token,
                Generation::Hopper | Generation::Blackwell | Generation::Other => 0.0,
            },
        }
    }
}

impl Device {
    /// A device of these facts.
    pub fn new(facts: DeviceFacts, c: &DeviceCoefficients) -> Self {
        let family = Family::of(facts.generation, c);
        let rates = Precision::ALL.map(|precision| sustained_rate(&facts, &family, precision, c));
        let powers = Precision::ALL.map(|precision| matrix_power(&facts, &family, precision, c));
        let processors = facts.processors.unwrap_or(c.other_processors);
        Self {
            facts,
            rates,
            powers,
            memory_rate: facts.memory_bandwidth * family.memory,
            streaming_rate: facts.memory_bandwidth * c.streaming.max(family.memory),
            launch: family.launch * MICRO,
            processors,
            wave: c.wave * MICRO,
            wave_rounding: c.wave_rounding,
            cast: c.cast * MICRO,
            attention_launch: c.attention_launch * MICRO,
            attention_share: family.attention,
            attention_narrow: c.attention_fp8,
            softmax: family.softmax * NANO / processors * (16.0 / facts.special_functions),
            preparation: c.preparation,
            decode_launch: c.decode_launch * MICRO,
            latent_share: family.latent,
            latent_launch: family.latent_launch * MICRO,
            latent_token: family.latent_token * NANO,
            experts: c.experts,
            experts_memory: c.experts_memory,
            experts_launch: c.experts_launch * MICRO,
        }
    }

    /// What it is.
    pub fn facts(&self) -> &DeviceFacts {
        &self.facts
    }

    /// Rate that large matrix products sustain \[FLOP/s\].
    pub fn sustained_rate(&self, precision: Precision) -> f64 {
        self.rates[precision as usize]
    }

    /// Power of an accelerator while large matrix products run at the sustained rate \[W\]: its limit, or less where the
    /// ceiling binds before. None where its limit or its energy of a FLOP is not known.
    pub fn matrix_power(&self, precision: Precision) -> Option<f64> {
        self.powers[precision as usize]
    }

    /// Rate at which matrix products read and write memory \[B/s\].
    pub fn memory_rate(&self) -> f64 {
        self.memory_rate
    }

    /// Rate at which kernels that only stream read and write memory \[B/s\].
    pub fn streaming_rate(&self) -> f64 {
        self.streaming_rate
    }

    /// Least time of a kernel \[s\].
    pub fn launch(&self) -> f64 {
        self.launch
    }

    /// Time of a kernel that only moves bytes \[s\]: normalisation, activation, loss, optimiser.
    pub fn streaming(&self, bytes: f64) -> f64 {
        if bytes > 0.0 { self.launch + bytes / self.streaming_rate } else { 0.0 }
    }

    /// Time to bring m × k activations of 16 bits into a precision \[s\]; nothing for those of 16 bits and more.
    pub fn cast(&self, m: f64, k: f64, precision: Precision) -> f64 {
        let values = m * k;
        if values > 0.0 && precision.casts() > 0.0 {
            let bytes = 2.0 * precision.readings() + precision.activation_bytes();
            precision.casts() * self.cast + values * bytes / self.streaming_rate
        } else {
            0.0
        }
    }
}

/// Energy of a FLOP at the greatest clock \[J\], where it is known.
fn flop_energy(
    facts: &DeviceFacts,
    family: &Family,
    precision: Precision,
    c: &DeviceCoefficients,
) -> Option<f64> {
    let (rate, native) = facts.matrix_rate(precision);
    let share = match precision {
        _ if native == Native::No => 1.0,
        // Nothing was measured of them: as far below their rate as 16-bit products.
        Precision::Fp32 | Precision::Tf32 => facts.bf16 / rate,
        Precision::Bf16 | Precision::Fp16 | Precision::Mxfp4Weights => 1.0,
        Precision::Fp8 | Precision::Mxfp8 | Precision::Mxfp4 | Precision::Int8 => c.fp8_energy,
        Precision::Fp8Block => c.fp8_energy * family.block_scaling,
        Precision::Nvfp4 => family.fp4_energy,
    };
    Some(family.energy? * share * PICO)
}

/// The rate that large matrix products sustain under the power limit.
fn sustained_rate(facts: &DeviceFacts, family: &Family, precision: Precision, c: &DeviceCoefficients) -> f64 {
    let (rate, _) = facts.matrix_rate(precision);
    match (flop_energy(facts, family, precision, c), facts.power) {
        (Some(energy), Some(power)) => (c.ceiling * rate).min(libm::sqrt(power * rate / energy)),
        _ => c.other_matrix * rate,
    }
}

/// Power at that rate, `e r² / R`.
fn matrix_power(
    facts: &DeviceFacts,
    family: &Family,
    precision: Precision,
    c: &DeviceCoefficients,
) -> Option<f64> {
    facts.power?;
    let sustained = sustained_rate(facts, family, precision, c);
    Some(flop_energy(facts, family, precision, c)? * sustained * sustained / facts.matrix_rate(precision).0)
}
