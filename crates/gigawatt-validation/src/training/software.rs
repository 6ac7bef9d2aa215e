//! The software of a row: the preset of its framework, at the month of its document.

use gigawatt_engine::device::{Device, Generation};
use gigawatt_plan::training::{
    Dispatcher, Elementwise, ExpertKernels, Framework, FrameworkName, Month, Overlap,
};

use super::row::TrainingRow;

/// The software of a row.
pub fn framework(row: &TrainingRow, device: &Device) -> Framework {
    let mut framework = Framework::preset(name(row));
    if let Some(month) = released(&row.document) {
        framework = framework.at(month);
    }
    if framework.name == FrameworkName::Megatron {
        let blackwell = device.facts().generation == Generation::Blackwell;
        if !blackwell {
            framework.expert_kernels = ExpertKernels::Separate;
        }
        framework.expert_overlap = match framework.expert_kernels {
            ExpertKernels::Fused => Overlap::On,
            ExpertKernels::Separate => Overlap::Off,
        };
    }
    let flags = [&row.flags, &row.notes].map(|text| text.to_lowercase());
    let says = |words: &str| flags.iter().any(|text| text.contains(words));
    if says("a2a dispatcher") {
        framework.dispatcher = Dispatcher::AllToAll;
    }
    if says("a2a overlap") {
        framework.expert_overlap = Overlap::On;
    }
    if says("eager") {
        framework.elementwise = Elementwise::Eager;
    }
    if says("asynctp") {
        framework.tensor_overlap = Overlap::On;
    }
    // FSDP's pure mode keeps and sums gradients in 16 bit.
    if says("mixed_precision pure") {
        framework.gradient_bytes = 2;
    }
    framework
}

fn name(row: &TrainingRow) -> FrameworkName {
    if row.sharding.contains("Paxml") || row.sharding.contains("MaxText") {
        return FrameworkName::Jax;
    }
    FrameworkName::parse(&row.framework).unwrap_or(match row.framework.as_str() {
        "fsdp" => FrameworkName::Torchtitan,
        _ => FrameworkName::Megatron,
    })
}

/// The month of a document, from the version in its name or, where it has none, from when it was published.
fn released(document: &str) -> Option<Month> {
    Some(match document {
        "korthikanti22" => Month::new(2022, 5),
        "nemo-launcher" => Month::new(2024, 5),
        "megatron-lm-llama" => Month::new(2024, 6),
        "mlperf" => Month::new(2025, 9),
        "moe-modelzoo" => Month::new(2025, 10),
        _ => {
            let (_, version) = document.rsplit_once('-')?;
            let mut parts = version.split('.');
            let year: u16 = parts.next()?.parse().ok().filter(|year| (20..60).contains(year))?;
            let month: u8 = parts.next()?.parse().ok().filter(|month| (1..=12).contains(month))?;
            Month::new(2000 + year, month)
        }
    })
}
