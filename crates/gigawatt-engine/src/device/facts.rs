//! What a device is: facts of the catalogue that the law needs.

use gigawatt_plan::catalog::Entry;

use gigawatt_plan::training::{Arithmetic, Precision};

/// Families of chips that share kernels and process, each with coefficients of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Generation {
    /// A100.
    Ampere,
    /// A40 and its kin on the other process.
    AmpereWorkstation,
    /// L40S, L40.
    Ada,
    /// H100, H200, H800, H20, GH200.
    Hopper,
    /// B200, B300, GB200, GB300.
    Blackwell,
    /// RTX PRO 6000.
    BlackwellWorkstation,
    /// Anything of which no kernels were measured: priors.
    Other,
}

impl Generation {
    /// Reads the name that the catalogue uses; what has none is [`Other`](Self::Other).
    pub fn parse(name: &str) -> Self {
        match name {
            "ampere" => Self::Ampere,
            "ampere-workstation" => Self::AmpereWorkstation,
            "ada" => Self::Ada,
            "hopper" => Self::Hopper,
            "blackwell" => Self::Blackwell,
            "blackwell-workstation" => Self::BlackwellWorkstation,
            _ => Self::Other,
        }
    }

    /// The name that the catalogue uses, `other` where it has none.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ampere => "ampere",
            Self::AmpereWorkstation => "ampere-workstation",
            Self::Ada => "ada",
            Self::Hopper => "hopper",
            Self::Blackwell => "blackwell",
            Self::BlackwellWorkstation => "blackwell-workstation",
            Self::Other => "other",
        }
    }
}

/// What a device is, in base units. Rates are dense.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceFacts {
    /// Family.
    pub generation: Generation,
    /// 16-bit matrix products \[FLOP/s\].
    pub bf16: f64,
    /// TF32 matrix products \[FLOP/s\], where there are any.
    pub tf32: Option<f64>,
    /// 8-bit floating-point matrix products \[FLOP/s\], where there are any.
    pub fp8: Option<f64>,
    /// 4-bit floating-point matrix products \[FLOP/s\], where there are any.
    pub fp4: Option<f64>,
    /// 8-bit integer matrix products \[OP/s\], where there are any.
    pub int8: Option<f64>,
    /// 32-bit arithmetic of the vector units \[FLOP/s\], where it is known.
    pub fp32: Option<f64>,
    /// Memory that software sees \[B\]: what the driver reports, else what the maker sells.
    pub memory: f64,
    /// Its bandwidth \[B/s\].
    pub memory_bandwidth: f64,
    /// Limit of power \[W\], where the maker publishes one.
    pub power: Option<f64>,
    /// Last-level cache \[B\]; 0 where it is not known.
    pub cache: f64,
    /// Streaming multiprocessors or compute units, where they are known.
    pub processors: Option<f64>,
    /// Special functions, such as exponentials, that one processor starts in a cycle; 16 unless said.
    pub special_functions: f64,
    /// Its share of its host, where that is known.
    pub host: Option<Host>,
}

/// An accelerator's share of its host, in base units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Host {
    /// Bandwidth of its link to the host's memory in one direction \[B/s\].
    pub link: f64,
    /// Memory \[B\].
    pub memory: f64,
    /// Bandwidth of that memory \[B/s\].
    pub bandwidth: f64,
}

impl Host {
    /// Reads the facts of a system by their names in the catalogue; none where one is missing.
    fn read(known: impl Fn(&str) -> Option<f64>) -> Option<Self> {
        Some(Self {
            link: known("host_link_per_accelerator")?,
            memory: known("host_memory_per_accelerator")?,
            bandwidth: known("host_bandwidth_per_accelerator")?,
        })
    }

    /// Bytes a second between accelerator and host in one direction: over the link, and no more than the memory takes.
    pub fn transfer(&self) -> f64 {
        self.link.min(self.bandwidth)
    }
}

/// A fact without which the law has nothing to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingFact(pub &'static str);

impl DeviceFacts {
    /// Reads facts by the names of the catalogue, in base units.
    ///
    /// # Errors
    /// The first fact that is needed and missing, or is not a positive number.
    pub fn read(generation: &str, fact: impl Fn(&str) -> Option<f64>) -> Result<Self, MissingFact> {
        let known = |name: &str| fact(name).filter(|value| value.is_finite() && *value > 0.0);
        let needed = |name: &'static str| known(name).ok_or(MissingFact(name));
        Ok(Self {
            generation: Generation::parse(generation),
            bf16: needed("bf16")?,
            tf32: known("tf32"),
            fp8: known("fp8"),
            fp4: known("fp4"),
            int8: known("int8"),
            fp32: known("fp32"),
            memory: known("memory_visible").map_or_else(|| needed("memory"), Ok)?,
            memory_bandwidth: needed("memory_bandwidth")?,
            power: known("power"),
            cache: known("cache").unwrap_or(0.0),
            processors: known("processors"),
            special_functions: known("special_functions").unwrap_or(16.0),
            host: Host::read(known),
        })
    }

    /// The newest facts of an accelerator of the catalogue.
    ///
    /// # Errors
    /// The first fact that is needed and missing.
    pub fn of(accelerator: &Entry) -> Result<Self, MissingFact> {
        Self::read(accelerator.text("generation"), |field| {
            accelerator.vintages(field).last().map(|fact| fact.written.distribution.reference())
        })
    }

    /// The datasheet's rate of a precision \[FLOP/s\], and whether the device has it. What it lacks is computed in
    /// BF16, as kernels do that unpack their operands.
    pub fn matrix_rate(&self, precision: Precision) -> (f64, Native) {
        let own = match precision.arithmetic() {
            // A sixteenth of the matrix units' rate is what A100 and H100 have.
            Arithmetic::Vector => Some(self.fp32.unwrap_or(self.bf16 / 16.0)),
            Arithmetic::Tf32 => self.tf32,
            Arithmetic::Sixteen => Some(self.bf16),
            Arithmetic::Eight => self.fp8,
            Arithmetic::Four => self.fp4,
            Arithmetic::Integer => self.int8,
        };
        own.map_or((self.bf16, Native::No), |rate| (rate, Native::Yes))
    }
}

/// Whether a device multiplies a format itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Native {
    /// It does.
    Yes,
    /// It unpacks the operands to 16 bits.
    No,
}
