//! Options of `python3 -m sglang.launch_server`.

use gigawatt_plan::training::Precision;

use super::launch::{Guesses, Order, PrefixCaching, ServedLaunch, WeightFormat, format_words};
use super::limits;
use crate::launch::Settings;

/// The release whose options these are.
pub(super) const RELEASE: &str = "SGLang 0.5.23 (October 2026)";

/// Its tensor parallelism counts all ranks of a stage, and its limits those of all groups together.
pub(super) fn settings(launch: &ServedLaunch) -> Settings {
    let mut settings = Settings::default();
    let layout = launch.layout;
    let groups = layout.attention_data.max(1);
    settings.set("--tp-size", layout.stage_ranks());
    if layout.pipeline > 1 {
        settings.set("--pp-size", layout.pipeline);
    }
    if groups > 1 {
        settings.set("--attn-dp-size", groups);
    }
    if launch.experts && layout.expert > 1 {
        settings.set("--ep-size", layout.expert);
    }
    let said = launch.limits;
    let whole = [
        ("--max-running-requests", said.most_sequences.map(|most| most.saturating_mul(groups))),
        ("--chunked-prefill-size", said.token_budget.map(|budget| budget.saturating_mul(groups))),
        ("--context-length", said.context),
    ];
    limits::limits(&mut settings, whole);
    limits::share_of_all(&mut settings, "--mem-fraction-static", said.memory);
    formats(launch, &mut settings);
    settings.switch("--disable-radix-cache", launch.prefix_caching == PrefixCaching::Off);
    if launch.order == Order::Priority {
        settings.set("--enable-priority-scheduling", true);
        settings.set("--schedule-low-priority-values-first", true);
    }
    if let Some(guesses) = &launch.guesses {
        let (algorithm, head) = match guesses {
            Guesses::MultiToken { .. } => ("NEXTN", None),
            Guesses::Eagle3 { head, .. } => ("EAGLE3", Some(head)),
            Guesses::Prompt { .. } => ("NGRAM", None),
        };
        settings.set("--speculative-algorithm", algorithm);
        if let Some(head) = head {
            settings.set("--speculative-draft-model-path", head.clone());
        }
        // A chain of guesses, with the token before them to check.
        if algorithm != "NGRAM" {
            settings.set("--speculative-num-steps", guesses.tokens());
            settings.set("--speculative-eagle-topk", 1);
        }
        settings.set("--speculative-num-draft-tokens", guesses.tokens() + 1);
    }
    settings
}

fn formats(launch: &ServedLaunch, settings: &mut Settings) {
    if let WeightFormat::MadeOnLoad(format) = launch.weights {
        match format {
            Precision::Fp8 => settings.set("--quantization", "fp8"),
            Precision::Mxfp8 => settings.set("--quantization", "mxfp8"),
            Precision::Bf16 | Precision::Fp16 => {}
            other => settings.lacks(format!(
                "weights made {} on load: name a checkpoint that has them",
                format_words(other)
            )),
        }
    }
    match launch.cache {
        Precision::Bf16 => settings.set("--kv-cache-dtype", "bfloat16"),
        Precision::Fp8 => settings.set("--kv-cache-dtype", "fp8_e4m3"),
        Precision::Mxfp8 => settings.set("--kv-cache-dtype", "mxfp8"),
        Precision::Nvfp4 => settings.set("--kv-cache-dtype", "nvfp4"),
        other => settings.lacks(format!("keys and values in {}", format_words(other))),
    }
}
