//! Options of `trtllm-serve`, and the file of those that it has no option for.

use gigawatt_engine::serving::MemoryShare;
use gigawatt_plan::training::Precision;

use super::launch::{Guesses, Order, PrefixCaching, ServedLaunch, WeightFormat, format_words};
use super::limits;
use super::yaml::Node;
use crate::launch::Settings;

/// The release whose options these are.
pub(super) const RELEASE: &str = "TensorRT-LLM 1.2 (April 2026)";

/// Options, and what stands in the file of `--config`.
pub(super) fn settings(launch: &ServedLaunch) -> (Settings, Node) {
    let mut settings = Settings::default();
    let layout = launch.layout;
    let groups = layout.attention_data.max(1);
    settings.set("--tp_size", layout.stage_ranks());
    if layout.pipeline > 1 {
        settings.set("--pp_size", layout.pipeline);
    }
    if launch.experts && layout.expert > 1 {
        settings.set("--ep_size", layout.expert);
    }
    let said = launch.limits;
    let whole = [
        ("--max_batch_size", said.most_sequences),
        ("--max_num_tokens", said.token_budget),
        ("--max_seq_len", said.context),
    ];
    limits::limits(&mut settings, whole);
    match said.memory {
        Some(MemoryShare::OfFree(share)) => {
            settings.set("--kv_cache_free_gpu_memory_fraction", share.to_string());
        }
        Some(MemoryShare::OfAll(_)) => {
            settings.lacks("a share of the whole memory: the engine takes a share of what weights leave")
        }
        None => {}
    }
    settings.set("--enable_chunked_prefill", true);
    if launch.order == Order::Priority {
        settings.lacks("requests in the order of priorities");
    }
    let config = config(launch, groups, &mut settings);
    (settings, config)
}

fn config(launch: &ServedLaunch, groups: u64, settings: &mut Settings) -> Node {
    let mut fields = Vec::new();
    if groups > 1 {
        fields.push(("enable_attention_dp", Node::Flag(true)));
        if launch.layout.tensor > 1 {
            settings
                .lacks("heads cut within groups of data-parallel attention: each rank is a group of its own");
        }
    }
    let format = match launch.cache {
        Precision::Bf16 | Precision::Fp16 => "auto",
        Precision::Fp8 => "fp8",
        Precision::Nvfp4 => "nvfp4",
        other => {
            settings.lacks(format!("keys and values in {}", format_words(other)));
            "auto"
        }
    };
    let reuse = Node::Flag(launch.prefix_caching == PrefixCaching::On);
    fields
        .push(("kv_cache_config", Node::map([("dtype", Node::text(format)), ("enable_block_reuse", reuse)])));
    match launch.weights {
        WeightFormat::OfCheckpoint | WeightFormat::MadeOnLoad(Precision::Bf16 | Precision::Fp16) => {}
        WeightFormat::MadeOnLoad(other) => settings
            .lacks(format!("weights made {} on load: name a checkpoint that has them", format_words(other))),
    }
    match &launch.guesses {
        Some(Guesses::MultiToken { tokens }) => fields.push((
            "speculative_config",
            Node::map([
                ("decoding_type", Node::text("MTP")),
                ("num_nextn_predict_layers", Node::Whole(*tokens)),
            ]),
        )),
        Some(_) => settings.lacks("guesses by another model or from the prompt: write them into the file"),
        None => {}
    }
    Node::map(fields)
}
