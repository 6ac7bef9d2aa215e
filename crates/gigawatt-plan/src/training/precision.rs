//! Number formats of the operands of matrix products.

/// What the operands of a matrix product are stored as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// 32 bits in the vector units.
    Fp32,
    /// 32 bits stored, 19 multiplied.
    Tf32,
    /// Brain floating point, 16 bits.
    Bf16,
    /// IEEE half precision, 16 bits.
    Fp16,
    /// 8 bits with one scale for a tensor (current or delayed scaling).
    Fp8,
    /// 8 bits with a scale for each 1 × 128 of activations and 128 × 128 of weights.
    Fp8Block,
    /// 8 bits with a scale for each 32 values, applied by the matrix unit.
    Mxfp8,
    /// 4 bits with a scale for each 16 values.
    Nvfp4,
    /// 4-bit weights with a scale for each 32 values, multiplied with 8-bit activations.
    Mxfp4,
    /// 4-bit weights with a scale for each 32 values, unpacked and multiplied in 16 bits.
    Mxfp4Weights,
    /// 8-bit integers.
    Int8,
}

/// The arithmetic behind a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// Units without matrices.
    Vector,
    /// Products of 19-bit numbers, kept in 32.
    Tf32,
    /// 16-bit operands.
    Sixteen,
    /// 8-bit floating-point operands.
    Eight,
    /// 4-bit operands.
    Four,
    /// 8-bit whole numbers.
    Integer,
}

impl Precision {
    /// Every one, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::Fp32,
        Self::Tf32,
        Self::Bf16,
        Self::Fp16,
        Self::Fp8,
        Self::Fp8Block,
        Self::Mxfp8,
        Self::Nvfp4,
        Self::Mxfp4,
        Self::Mxfp4Weights,
        Self::Int8,
    ];

    /// A short name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fp32 => "fp32",
            Self::Tf32 => "tf32",
            Self::Bf16 => "bf16",
            Self::Fp16 => "fp16",
            Self::Fp8 => "fp8",
            Self::Fp8Block => "fp8-block",
            Self::Mxfp8 => "mxfp8",
            Self::Nvfp4 => "nvfp4",
            Self::Mxfp4 => "mxfp4",
            Self::Mxfp4Weights => "mxfp4-weights",
            Self::Int8 => "int8",
        }
    }

    /// Bytes of one stored activation, its share of the scales included.
    pub fn activation_bytes(self) -> f64 {
        match self {
            Self::Mxfp4 => Self::Mxfp8.activation_bytes(),
            Self::Mxfp4Weights => Self::Bf16.activation_bytes(),
            _ => self.weight_bytes(),
        }
    }

    /// Bytes of one stored weight, its share of the scales included.
    pub fn weight_bytes(self) -> f64 {
        match self {
            Self::Fp32 | Self::Tf32 => 4.0,
            Self::Bf16 | Self::Fp16 => 2.0,
            Self::Fp8 | Self::Int8 => 1.0,
            Self::Fp8Block | Self::Mxfp8 => 1.0 + 1.0 / 32.0,
            Self::Nvfp4 => 0.5 + 1.0 / 16.0,
            Self::Mxfp4 | Self::Mxfp4Weights => 0.5 + 1.0 / 32.0,
        }
    }

    /// Bytes of one result.
    pub fn result_bytes(self) -> f64 {
        match self {
            Self::Fp32 | Self::Tf32 => 4.0,
            _ => 2.0,
        }
    }

    /// The formats in which models are trained, with the words in which they are written.
    pub const TRAINED: [(Self, &'static str); 5] = [
        (Self::Bf16, "bf16"),
        (Self::Fp16, "fp16"),
        (Self::Fp8, "fp8"),
        (Self::Mxfp8, "mxfp8"),
        (Self::Nvfp4, "nvfp4"),
    ];

    /// The format of training that a word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::TRAINED.into_iter().find(|(_, name)| *name == word).map(|(precision, _)| precision)
    }

    /// The word of a format of training; nothing for others.
    pub fn word(self) -> &'static str {
        Self::TRAINED.into_iter().find(|(precision, _)| *precision == self).map_or("", |(_, word)| word)
    }

    /// The format of a short name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|precision| precision.name() == name)
    }

    /// The fact of an accelerator that holds its dense peak rate.
    pub fn peak_fact(self) -> &'static str {
        match self.arithmetic() {
            Arithmetic::Vector => "fp32",
            Arithmetic::Tf32 => "tf32",
            Arithmetic::Sixteen => "bf16",
            Arithmetic::Eight => "fp8",
            Arithmetic::Four => "fp4",
            Arithmetic::Integer => "int8",
        }
    }

    /// Kernels that bring activations of 16 bits into the format: the greatest value, the scale, the cast.
    pub fn casts(self) -> f64 {
        match self {
            Self::Fp8 | Self::Int8 => 3.0,
            Self::Nvfp4 => 2.0,
            Self::Fp8Block | Self::Mxfp8 | Self::Mxfp4 => 1.0,
            _ => 0.0,
        }
    }

    /// How often these kernels read the activations.
    pub fn readings(self) -> f64 {
        if self.casts() > 1.0 { 2.0 } else { 1.0 }
    }

    /// The matrix units that it runs on.
    pub fn arithmetic(self) -> Arithmetic {
        match self {
            Self::Fp32 => Arithmetic::Vector,
            Self::Tf32 => Arithmetic::Tf32,
            Self::Bf16 | Self::Fp16 | Self::Mxfp4Weights => Arithmetic::Sixteen,
            Self::Fp8 | Self::Fp8Block | Self::Mxfp8 | Self::Mxfp4 => Arithmetic::Eight,
            Self::Nvfp4 => Arithmetic::Four,
            Self::Int8 => Arithmetic::Integer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrower_formats_are_never_larger() {
        let bytes =
            [Precision::Fp32, Precision::Bf16, Precision::Fp8, Precision::Nvfp4].map(Precision::weight_bytes);
        assert!(bytes.is_sorted_by(|wide, narrow| wide > narrow));
        for (index, precision) in Precision::ALL.into_iter().enumerate() {
            assert_eq!(precision as usize, index);
            assert!(precision.activation_bytes() >= precision.weight_bytes());
        }
    }
}
