//! What megatron-core moves to the host: optimiser states with its hybrid optimiser, activations by layer or by part of a
//! layer.

use gigawatt_plan::training::{Recompute, Sharding};

use super::{Job, Settings};

/// Parts of a layer whose input may be moved, but for those of experts.
const PARTS: [&str; 5] = ["attn_norm", "qkv_linear", "core_attn", "attn_proj", "mlp_norm"];
const EXPERT_PARTS: [&str; 2] = ["expert_fc1", "moe_act"];

pub(super) fn settings(job: &Job<'_>, settings: &mut Settings) {
    if job.layout.offload.optimizer() {
        optimizer(job, settings);
    }
    if job.layout.offload.activations() {
        activations(job, settings);
    }
}

fn optimizer(job: &Job<'_>, settings: &mut Settings) {
    // It takes the way of the precision-aware optimiser, which is one of the distributed optimiser.
    if !matches!(job.layout.sharding, Sharding::Optimizer(_)) {
        settings.lacks(
            "optimiser states on the host where they alone are not what data-parallel ranks share out: those of the distributed optimiser can be moved",
        );
        return;
    }
    settings.set("optimizer_cpu_offload", true);
    settings.set("optimizer_offload_fraction", "1.0");
    settings.set("overlap_cpu_optimizer_d2h_h2d", true);
    settings.set("use_precision_aware_optimizer", true);
}

fn activations(job: &Job<'_>, settings: &mut Settings) {
    let layout = job.layout;
    let experts = job.shape.experts.is_some();
    match layout.recompute {
        Recompute::Layers(_) | Recompute::Full => {
            settings.lacks("inputs of layers on the host while the inside of layers is computed again whole");
            return;
        }
        // By layer, all but the last of which the tool takes.
        Recompute::None if layout.pipeline == 1 && !experts && job.shape.layers > 1 => {
            settings.set("cpu_offloading_num_layers", job.shape.layers - 1);
            return;
        }
        _ => {}
    }
    // Attention's core is computed again from what it reads, which stays.
    let again = |part: &str| layout.recompute == Recompute::Selective && part == "core_attn";
    let mut parts: Vec<&str> = PARTS.into_iter().filter(|part| !again(part)).collect();
    if layout.recompute == Recompute::Selective {
        // The tool moves the output of attention only with what its core reads.
        parts.retain(|part| *part != "attn_proj");
        settings.lacks("that queries, keys, values and what attention gives lie on the host while its core is computed again");
    }
    if experts {
        parts.extend(EXPERT_PARTS);
    }
    settings.set("fine_grained_activation_offloading", true);
    settings.set("offload_modules", parts);
    if experts && layout.recompute == Recompute::None {
        settings.lacks("that what the experts' activation functions give lies on the host");
    }
    if job.shape.dense_layers() > 0 {
        settings.lacks("that the inside of dense feed-forward parts lies on the host");
    }
}
