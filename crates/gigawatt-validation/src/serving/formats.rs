//! The number formats of a row.

use gigawatt_engine::device::{DeviceFacts, Native};
use gigawatt_plan::catalog::Shape;
use gigawatt_plan::serving::{Engine, EngineName, ServingFormats};
use gigawatt_plan::training::Precision;

use super::row::ServingRow;

/// The formats that a row states, with the usual ones where it does not.
///
/// # Errors
/// That a format is not known.
pub fn formats(
    row: &ServingRow,
    shape: &Shape,
    engine: &Engine,
    facts: &DeviceFacts,
    assumed: &mut Vec<String>,
) -> Result<ServingFormats, String> {
    let printed = row.weights.to_lowercase();
    let four = |native: Precision| match facts.matrix_rate(native).1 {
        Native::Yes => native,
        Native::No => Precision::Mxfp4Weights,
    };
    let word = printed.split([' ', '/', '(']).next().unwrap_or_default();
    let weights = match word {
        _ if printed.contains("fp8_block") => Precision::Fp8Block,
        "" | "fp16" | "bf16" | "float16" | "bfloat16" => Precision::Bf16,
        "fp8" => Precision::Fp8,
        "mxfp8" => Precision::Mxfp8,
        "fp4" | "nvfp4" => four(Precision::Nvfp4),
        "mxfp4" => four(Precision::Mxfp4),
        "int4_wo" | "int4" | "w4a16" | "awq" | "gptq" => Precision::Mxfp4Weights,
        "int8" | "w8a8" => Precision::Int8,
        _ => return Err(format!("the format `{}` is not known", row.weights)),
    };
    // DeepSeek published its weights with a scale for each block.
    let latent = matches!(shape.attention, gigawatt_plan::catalog::Attention::Latent { .. });
    let weights = if weights == Precision::Fp8 && latent && shape.experts.is_some() {
        Precision::Fp8Block
    } else {
        weights
    };
    let narrow = weights.activation_bytes() < 1.5;
    let cache = match row.cache.to_lowercase().as_str() {
        "fp8" => Precision::Fp8,
        "fp16" | "bf16" => Precision::Bf16,
        "" if engine.name != EngineName::Sglang && narrow => {
            assumed
                .push("a cache in 8 bits, as with weights that are multiplied in 8 bits or fewer".to_owned());
            Precision::Fp8
        }
        "" => Precision::Bf16,
        _ => return Err(format!("the format `{}` of the cache is not known", row.cache)),
    };
    let only_experts = shape.experts.is_some() && weights.weight_bytes() < 0.9;
    if only_experts {
        assumed.push("attention in 16 bits, as in checkpoints with experts of 4 bits".to_owned());
        return Ok(ServingFormats::experts_only(weights, cache));
    }
    Ok(ServingFormats::uniform(weights, cache))
}
