//! Rows as questions to the law of the device.

use gigawatt_engine::device::{Attention, Cached, Decoding, Mask, Precision};

use super::loads::loads;
use crate::table::Row;

/// Classes of kernels, each with its own spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Matrix products.
    Gemm,
    /// Attention over whole sequences.
    Attention,
    /// Attention over a cache.
    Decode,
    /// Layers of experts and their products.
    Experts,
}

/// What was timed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Work {
    /// A matrix product; engines cast the activations in front of it.
    Gemm { m: f64, n: f64, k: f64, cast: bool },
    /// Products of groups with m rows each.
    Grouped { groups: f64, m: f64, n: f64, k: f64 },
    /// Attention over whole sequences; `latent` where keys and values were made from latent vectors.
    Attention { shape: Attention, cache: Precision, latent: bool },
    /// Attention over a cache.
    Decode { shape: Decoding, cache: Precision },
    /// A layer of experts on one of several devices.
    Experts { loads: Vec<(f64, f64)>, inner: f64, width: f64, uneven: bool },
}

/// One row, understood.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    /// The accelerator's name in the catalogue.
    pub accelerator: &'static str,
    /// The kind of kernel, as the file names it.
    pub op: String,
    /// What was timed.
    pub work: Work,
    /// Format of the operands.
    pub precision: Precision,
}

impl Point {
    /// Reads a row, but for what was measured.
    ///
    /// # Errors
    /// Why it cannot be predicted.
    pub fn read(row: &Row<'_>) -> Result<Self, String> {
        let op = row.text("op")?;
        if ["nccl_", "custom_allreduce", "deepep_"].iter().any(|start| op.starts_with(start)) {
            return Err("a collective is not timed by the law of the device".to_owned());
        }
        let gpu = row.text("gpu")?;
        let accelerator = accelerator(gpu).ok_or_else(|| format!("no accelerator is known as `{gpu}`"))?;
        let precision = precision(row.text("dtype")?)?;
        let work = match op {
            "gemm" => Work::Gemm {
                m: row.positive("m")?,
                n: row.positive("n")?,
                k: row.positive("k")?,
                // That library times the product alone, engines a linear layer.
                cast: !row.text("engine")?.contains("DeepGEMM"),
            },
            "grouped_gemm" | "grouped_gemm_contig" | "grouped_gemm_masked" => Work::Grouped {
                groups: row.positive("groups_or_experts")?,
                m: row.positive("m")?,
                n: row.positive("n")?,
                k: row.positive("k")?,
            },
            "attention_prefill" | "mla_prefill" => attention(row, op == "mla_prefill")?,
            "attention_decode" | "mla_decode" => decode(row, op == "mla_decode")?,
            "moe_ffn" => experts(row)?,
            "" => return Err("`op` is empty".to_owned()),
            _ => return Err(format!("no law for the operation `{op}`")),
        };
        Ok(Self { accelerator, op: op.to_owned(), work, precision })
    }

    /// Which spread it has.
    pub fn class(&self) -> Class {
        match self.work {
            Work::Gemm { .. } => Class::Gemm,
            Work::Grouped { .. } | Work::Experts { .. } => Class::Experts,
            Work::Attention { .. } => Class::Attention,
            Work::Decode { .. } => Class::Decode,
        }
    }
}

/// Widths of multi-head latent attention in DeepSeek's models, of which the rows come: keys without and with
/// positions, values, and the latent vector.
const LATENT: (f64, f64, f64, f64) = (128.0, 64.0, 128.0, 512.0);

fn attention(row: &Row<'_>, latent: bool) -> Result<Work, String> {
    let (tokens, heads) = (row.positive("seq_or_kv_len")?, row.positive("heads")?);
    let (kv_heads, key_size, value_size) = if latent {
        (heads, LATENT.0 + LATENT.1, LATENT.2)
    } else {
        let size = row.positive("head_dim")?;
        (row.positive("kv_heads")?, size, size)
    };
    let shape = Attention {
        batch: row.positive("batch")?,
        queries: tokens,
        context: tokens,
        heads,
        kv_heads,
        key_size,
        value_size,
        mask: Mask::Causal,
    };
    Ok(Work::Attention { shape, cache: precision(row.text("kv_dtype")?)?, latent })
}

fn decode(row: &Row<'_>, latent: bool) -> Result<Work, String> {
    let cached = if latent {
        Cached::Latent { key_size: LATENT.3 + LATENT.1, value_size: LATENT.3 }
    } else {
        let size = row.positive("head_dim")?;
        Cached::Heads { count: row.positive("kv_heads")?, key_size: size, value_size: size }
    };
    let shape = Decoding {
        batch: row.positive("batch")?,
        queries: 1.0,
        context: row.positive("seq_or_kv_len")?,
        heads: row.positive("heads")?,
        cached,
    };
    Ok(Work::Decode { shape, cache: precision(row.text("kv_dtype")?)? })
}

fn experts(row: &Row<'_>) -> Result<Work, String> {
    let notes = row.text("notes")?;
    let said = |key: &str| {
        let start = notes.find(key)? + key.len();
        notes[start..].split_whitespace().next()
    };
    let count = |key: &str| {
        let number = said(key).map_or(Some(1.0), |text| text.parse::<f64>().ok());
        number
            .filter(|number| *number >= 1.0 && number.is_finite())
            .ok_or(format!("`{key}` in the notes is no number"))
    };
    let experts = row.positive("groups_or_experts")?;
    // One load for each expert is written down.
    if experts > 1e5 {
        return Err(format!("`groups_or_experts` is {experts}, more than any model has"));
    }
    let (tokens, top) = (row.positive("m")?, row.positive("topk")?);
    let devices = count("moe_ep=")?.min(experts);
    let uneven = said("dist=").is_some_and(|name| name.starts_with("power_law"));
    Ok(Work::Experts {
        loads: loads(tokens, top, experts, devices, uneven),
        inner: row.positive("n")? / count("moe_tp=")?,
        width: row.positive("k")?,
        uneven,
    })
}

/// The catalogue's name of an accelerator, from how files call it.
fn accelerator(name: &str) -> Option<&'static str> {
    // Longer names first: a GB300 is not a B300.
    const NAMES: [(&str, &str); 22] = [
        ("GB300", "gb300"),
        ("GB200", "gb200"),
        ("GH200", "gh200"),
        ("B300", "b300-sxm"),
        ("B200", "b200-sxm"),
        ("H100-PCIE", "h100-pcie"),
        ("H100", "h100-sxm"),
        ("H200", "h200-sxm"),
        ("H800", "h800-sxm"),
        ("H20", "h20-sxm"),
        ("A100-SXM4-40GB", "a100-sxm-40gb"),
        ("A100", "a100-sxm-80gb"),
        ("A40", "a40"),
        ("L40S", "l40s"),
        ("RTX-PRO-6000", "rtx-pro-6000-server"),
        ("MI250X", "mi250x"),
        ("MI300X", "mi300x"),
        ("MI325X", "mi325x"),
        ("MI355X", "mi355x"),
        ("TRAINIUM2", "trainium-2"),
        ("GAUDI3", "gaudi-3"),
        ("TPU-V5P", "tpu-v5p"),
    ];
    let name = name.to_ascii_uppercase().replace([' ', '_'], "-");
    NAMES.iter().find(|(part, _)| name.contains(part)).map(|(_, id)| *id)
}

fn precision(name: &str) -> Result<Precision, String> {
    Ok(match name {
        "bfloat16" | "bf16" => Precision::Bf16,
        "float16" | "fp16" | "half" => Precision::Fp16,
        "float32" | "fp32" | "float" => Precision::Fp32,
        "tf32" => Precision::Tf32,
        "fp8" => Precision::Fp8,
        "fp8_block" => Precision::Fp8Block,
        "mxfp8" => Precision::Mxfp8,
        "nvfp4" => Precision::Nvfp4,
        "w4a16_mxfp4" => Precision::Mxfp4Weights,
        "w4a8_mxfp4_mxfp8" => Precision::Mxfp4,
        "int8" => Precision::Int8,
        "" => return Err("a format of numbers is not given".to_owned()),
        _ => return Err(format!("`{name}` is not a known format of numbers")),
    })
}

#[cfg(test)]
mod tests {
    use super::accelerator;

    #[test]
    fn accelerators_are_known_by_the_names_of_drivers_and_files() {
        let cases = [
            ("NVIDIA GB300", Some("gb300")),
            ("NVIDIA B300 SXM6 AC", Some("b300-sxm")),
            ("NVIDIA H100 80GB HBM3", Some("h100-sxm")),
            ("h100_pcie", Some("h100-pcie")),
            ("NVIDIA A100-SXM4-80GB", Some("a100-sxm-80gb")),
            ("NVIDIA RTX PRO 6000 Blackwell Server Edition", Some("rtx-pro-6000-server")),
            ("H800 SXM", Some("h800-sxm")),
            ("abacus", None),
        ];
        for (name, id) in cases {
            assert_eq!(accelerator(name), id, "{name}");
        }
    }
}
