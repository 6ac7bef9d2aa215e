//! Options of `vllm serve`.

use gigawatt_plan::training::Precision;
use serde_json::json;

use super::launch::{Guesses, Order, PrefixCaching, ServedLaunch, WeightFormat, format_words};
use super::limits;
use crate::launch::Settings;

/// The release whose options these are.
pub(super) const RELEASE: &str = "vLLM 0.32.0 (October 2026)";

pub(super) fn settings(launch: &ServedLaunch) -> Settings {
    let mut settings = Settings::default();
    let layout = launch.layout;
    settings.set("--tensor-parallel-size", layout.tensor.max(1));
    if layout.pipeline > 1 {
        settings.set("--pipeline-parallel-size", layout.pipeline);
    }
    if layout.attention_data > 1 {
        settings.set("--data-parallel-size", layout.attention_data);
    }
    let ranks = launch.expert_ranks();
    if launch.experts && layout.expert > 1 {
        settings.set("--enable-expert-parallel", true);
        if layout.expert != ranks {
            settings.lacks(format!(
                "experts spread over {} of {ranks} ranks: the engine spreads them over all or none",
                layout.expert
            ));
        }
    }
    set_limits(launch, &mut settings);
    formats(launch, &mut settings);
    match launch.prefix_caching {
        PrefixCaching::On => settings.set("--enable-prefix-caching", true),
        PrefixCaching::Off => settings.set("--no-enable-prefix-caching", true),
    }
    if launch.order == Order::Priority {
        settings.set("--scheduling-policy", "priority");
    }
    if let Some(guesses) = &launch.guesses {
        let tokens = guesses.tokens();
        let config = match guesses {
            Guesses::MultiToken { .. } => json!({ "method": "mtp", "num_speculative_tokens": tokens }),
            Guesses::Eagle3 { head, .. } => {
                json!({ "method": "eagle3", "model": head, "num_speculative_tokens": tokens })
            }
            Guesses::Prompt { .. } => json!({ "method": "ngram", "num_speculative_tokens": tokens }),
        };
        settings.set("--speculative-config", config.to_string());
    }
    settings
}

fn set_limits(launch: &ServedLaunch, settings: &mut Settings) {
    let said = launch.limits;
    let whole = [
        ("--max-num-seqs", said.most_sequences),
        ("--max-num-batched-tokens", said.token_budget),
        ("--max-model-len", said.context),
    ];
    limits::limits(settings, whole);
    limits::share_of_all(settings, "--gpu-memory-utilization", said.memory);
}

fn formats(launch: &ServedLaunch, settings: &mut Settings) {
    if let WeightFormat::MadeOnLoad(format) = launch.weights {
        match format {
            Precision::Fp8 => settings.set("--quantization", "fp8"),
            Precision::Fp8Block => settings.set("--quantization", "fp8_per_block"),
            Precision::Mxfp8 => settings.set("--quantization", "mxfp8"),
            Precision::Int8 => settings.set("--quantization", "int8_per_channel_weight_only"),
            Precision::Bf16 | Precision::Fp16 => {}
            other => settings.lacks(format!(
                "weights made {} on load: name a checkpoint that has them",
                format_words(other)
            )),
        }
    }
    match launch.cache {
        Precision::Bf16 => settings.set("--kv-cache-dtype", "bfloat16"),
        Precision::Fp16 => settings.set("--kv-cache-dtype", "float16"),
        Precision::Fp8 => settings.set("--kv-cache-dtype", "fp8"),
        Precision::Nvfp4 => settings.set("--kv-cache-dtype", "nvfp4"),
        other => settings.lacks(format!("keys and values in {}", format_words(other))),
    }
}
