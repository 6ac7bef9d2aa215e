//! Overrides of a recipe of Megatron-Bridge, which NeMo trains with.

use gigawatt_plan::catalog::FeedForward;
use gigawatt_plan::training::Precision;

use super::{Job, Setting, Settings, Tool, Value, core, variable};

/// Where fields stand that are not the model's.
const PLACES: [(&str, &[&str]); 13] = [
    ("micro_batch_size", &["train.micro_batch_size"]),
    ("global_batch_size", &["train.global_batch_size"]),
    ("seq_length", &["model.seq_length", "dataset.sequence_length"]),
    ("use_tp_pp_dp_mapping", &["dist.use_tp_pp_dp_mapping"]),
    ("use_distributed_optimizer", &["ddp.use_distributed_optimizer", "optimizer.use_distributed_optimizer"]),
    ("data_parallel_sharding_strategy", &["ddp.data_parallel_sharding_strategy"]),
    ("num_distributed_optimizer_instances", &["ddp.num_distributed_optimizer_instances"]),
    ("overlap_grad_reduce", &["ddp.overlap_grad_reduce"]),
    ("overlap_param_gather", &["ddp.overlap_param_gather"]),
    ("optimizer_cpu_offload", &["optimizer.optimizer_cpu_offload"]),
    ("optimizer_offload_fraction", &["optimizer.optimizer_offload_fraction"]),
    ("overlap_cpu_optimizer_d2h_h2d", &["optimizer.overlap_cpu_optimizer_d2h_h2d"]),
    ("use_precision_aware_optimizer", &["optimizer.use_precision_aware_optimizer"]),
];

pub(super) fn settings(job: &Job<'_>) -> Settings {
    let Settings { all, not_expressed } = core::settings(job, Tool::Nemo);
    let mut settings = Settings { all: Vec::new(), not_expressed };
    for Setting { name, value } in all {
        match name.as_str() {
            // Number of groups and length of sequence say it.
            "group_query_attention" | "max_position_embeddings" => {}
            // These are one recipe of number formats.
            "bf16" | "fp16" | "fp8" | "fp8_recipe" | "fp4" | "fp4_recipe" => {}
            "untie_embeddings_and_output_weights" => {
                settings.set("model.share_embeddings_and_output_weights", false);
            }
            "swiglu" => settings.set("model.gated_linear_unit", true),
            "disable_bias_linear" => settings.set("model.add_bias_linear", false),
            "eager" => {
                for field in ["bias_activation_fusion", "bias_dropout_fusion", "apply_rope_fusion"] {
                    settings.set(format!("model.{field}"), false);
                }
            }
            "use_megatron_fsdp" => {
                settings.set("dist.use_megatron_fsdp", true);
                settings.set("ddp.use_megatron_fsdp", true);
                settings.set("checkpoint.ckpt_format", "fsdp_dtensor");
            }
            "cpu_offloading_num_layers" => {
                settings.set("model.cpu_offloading", true);
                settings.set("model.cpu_offloading_weights", false);
                settings.set("model.cpu_offloading_num_layers", value);
            }
            "grad_reduce_in_bf16" => settings.lacks(
                "gradients that are summed in 16 bits: set grad_reduce_in_fp32 to False in the recipe's number formats",
            ),
            "position_embedding_type" if value == Value::from("none") => {
                settings.lacks("a model without positions");
            }
            name => match PLACES.iter().find(|(field, _)| *field == name) {
                Some((_, places)) => places.iter().for_each(|place| settings.set(*place, value.clone())),
                None => settings.set(format!("model.{name}"), value),
            },
        }
    }
    if let Some(recipe) = recipe(job.precision) {
        settings.set("mixed_precision", recipe);
    }
    if job.shape.feed_forward_kind == FeedForward::Gated {
        settings
            .lacks("the function of the gate, which is no word: start from a recipe of a model that has it");
    }
    settings
}

/// The recipe of number formats (`MIXED_PRECISION_RECIPES`).
fn recipe(precision: Precision) -> Option<&'static str> {
    Some(match precision {
        Precision::Bf16 => "bf16_mixed",
        Precision::Fp16 => "fp16_mixed",
        Precision::Fp8 => "bf16_with_fp8_current_scaling_mixed",
        Precision::Fp8Block => "bf16_with_fp8_subchannel_scaling_mixed",
        Precision::Mxfp8 => "bf16_with_mxfp8_mixed",
        Precision::Nvfp4 => "bf16_with_nvfp4_mixed",
        _ => return None,
    })
}

/// An array of bash with an override an item.
pub(super) fn text(heading: &str, run: &str, phase: &str, settings: &[Setting]) -> String {
    let lines = settings.iter().map(|Setting { name, value }| {
        let shown = match value {
            Value::Flag(flag) => flag.to_string(),
            Value::Whole(number) => number.to_string(),
            Value::Word(word) if word.contains(['|', '*']) => format!("\"{word}\""),
            Value::Word(word) => word.clone(),
            Value::Words(words) => format!("[{}]", words.join(",")),
            Value::Numbers(numbers) => {
                format!("[{}]", numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(","))
            }
        };
        if shown.contains(['[', '"']) {
            format!("    '{name}={shown}'\n")
        } else {
            format!("    {name}={shown}\n")
        }
    });
    format!("{heading}{}=(\n{})\n", variable(run, phase), lines.collect::<String>())
}
