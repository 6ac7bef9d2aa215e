//! The number formats of a row.

use gigawatt_engine::device::{DeviceFacts, Native};
use gigawatt_plan::catalog::Shape;
use gigawatt_plan::serving::{Engine, ServingFormats};
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
    let cache = match row.cache.to_lowercase().as_str() {
        "fp8" => Some(Precision::Fp8),
        "fp16" | "bf16" => Some(Precision::Bf16),
        "" => None,
        _ => return Err(format!("the format `{}` of the cache is not known", row.cache)),
    };
    let formats = ServingFormats::of_checkpoint(weights, cache, shape, engine.name);
    if cache.is_none() && formats.cache == Precision::Fp8 {
        assumed.push("a cache in 8 bits, as with weights that are multiplied in 8 bits or fewer".to_owned());
    }
    if formats.attention != formats.feed_forward {
        assumed.push("attention in 16 bits, as in checkpoints with experts of 4 bits".to_owned());
    }
    Ok(formats)
}
