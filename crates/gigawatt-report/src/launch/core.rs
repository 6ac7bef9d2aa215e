//! What Megatron-LM and Megatron-Bridge have in common: the fields of megatron-core's configuration classes.
//!
//! Both tools fill `TransformerConfig` and `ModelParallelConfig`; each has names of its own for some of what stands
//! beside them, which it gives to these.

use gigawatt_plan::training::{
    Checkpoint, ContextExchange, Dispatcher, Elementwise, Launch, Loss, Overlap, Precision, RankOrder,
    Recompute, SequenceParallel, Sharding,
};

use super::core_model::model;
use super::{Job, Settings, Tool, offload, software};

/// Settings by the names of megatron-core's fields; layers of a kind stand as numbers 0 and 1.
pub(super) fn settings(job: &Job<'_>, tool: Tool) -> Settings {
    let mut settings = Settings::default();
    model(job.shape, &mut settings);
    layout(job, tool, &mut settings);
    recompute(job, &mut settings);
    offload::settings(job, &mut settings);
    data(job, &mut settings);
    if job.shape.experts.is_some() {
        experts(job, &mut settings);
    }
    precision(job.precision, &mut settings);
    let framework = job.framework;
    settings.switch("cross_entropy_loss_fusion", framework.loss == Loss::Fused);
    if framework.elementwise == Elementwise::Eager {
        settings.set("eager", true);
    }
    if framework.launch == Launch::Graph {
        settings.set("cuda_graph_impl", "local");
    }
    if framework.checkpoint == Checkpoint::UntilNeeded && job.layout.recompute >= Recompute::Layers(0) {
        settings.lacks("that a layer is computed again only as far as the backward pass reads it");
    }
    software(job, &mut settings, false);
    settings
}

fn layout(job: &Job<'_>, tool: Tool, settings: &mut Settings) {
    let layout = job.layout;
    settings.set("tensor_model_parallel_size", layout.tensor);
    let cut = layout.tensor > 1 && layout.sequence == SequenceParallel::On;
    settings.switch("sequence_parallel", cut);
    settings.switch("tp_comm_overlap", cut && job.framework.tensor_overlap == Overlap::On);
    settings.set("pipeline_model_parallel_size", layout.pipeline);
    pieces(job, settings);
    if layout.pipeline > 1 {
        match tool.schedule(layout.schedule, layout.virtual_stages) {
            Ok(_) => {}
            Err(why) => settings.lacks(why),
        }
    }
    settings.set("context_parallel_size", layout.context);
    if layout.context > 1 {
        settings.set(
            "cp_comm_type",
            match layout.context_exchange {
                ContextExchange::Ring => "p2p",
                ContextExchange::AllGather => "all_gather",
                ContextExchange::Ulysses => "a2a",
            },
        );
    }
    settings.switch("use_tp_pp_dp_mapping", layout.rank_order == RankOrder::PipelineBeforeData);
    settings.set("micro_batch_size", layout.micro_batch);
    settings.set("global_batch_size", layout.global_batch);
    settings.set("seq_length", layout.sequence_length);
}

/// How layers are dealt to pieces: evenly, with embedding and loss counted as layers, or written out.
fn pieces(job: &Job<'_>, settings: &mut Settings) {
    let (layout, layers) = (job.layout, job.shape.layers);
    let pieces = layout.pipeline * layout.virtual_stages;
    if pieces == 1 {
        return;
    }
    let further = job.shape.further_tokens;
    let even = |ends: u64| {
        further == 0 && (layers + ends).is_multiple_of(pieces) && (ends == 0 || layers + ends >= 2 * pieces)
    };
    if even(0) || even(2) || even(1) {
        if layout.virtual_stages > 1 {
            settings.set("virtual_pipeline_model_parallel_size", layout.virtual_stages);
        }
        settings.switch("account_for_embedding_in_pipeline_split", !even(0) && even(2));
        settings.switch("account_for_loss_in_pipeline_split", !even(0));
        return;
    }
    settings.set("pipeline_model_parallel_layout", dealt(layers, further, pieces));
    settings.lacks(format!(
        "{layers} layers dealt to {pieces} pieces by their weight: the layout that is given deals them by number"
    ));
}

/// Layers dealt by number, where the embedding, the loss and a layer for a further token count as one each:
/// `Et*3|(t*4|)*14t*2mL`.
fn dealt(layers: u64, further: u64, pieces: u64) -> String {
    let all = layers + further + 2;
    let mut left: Vec<char> = vec!['E'];
    left.extend((0..layers).map(|_| 't'));
    left.extend((0..further).map(|_| 'm'));
    left.push('L');
    let mut parts = Vec::new();
    let mut next = 0;
    for piece in 1..=pieces {
        let until = usize::try_from(all * piece / pieces).unwrap_or(left.len()).min(left.len());
        parts.push(repeated(&left[next..until]));
        next = until;
    }
    let last = parts.pop().unwrap_or_default();
    let alike = parts.chunk_by(|one, other| one == other);
    let written = alike.map(|run| match run {
        [] => String::new(),
        [one] => format!("{one}|"),
        [one, ..] => format!("({one}|)*{}", run.len()),
    });
    written.chain([last]).collect()
}

/// `Et*3` for an embedding and three layers.
fn repeated(part: &[char]) -> String {
    let runs = part.chunk_by(|one, other| one == other);
    let written = runs.map(|run| match run {
        [] => String::new(),
        [one] => one.to_string(),
        [one, ..] => format!("{one}*{}", run.len()),
    });
    written.collect()
}

fn recompute(job: &Job<'_>, settings: &mut Settings) {
    let layout = job.layout;
    let parts = |attention: bool| {
        let grouped = job.shape.experts.is_some();
        let mut parts = if attention { vec!["core_attn"] } else { Vec::new() };
        parts.push("layernorm");
        parts.extend(grouped.then_some("moe_act"));
        parts
    };
    match layout.recompute {
        Recompute::None => {}
        Recompute::Elementwise | Recompute::Selective => {
            settings.set("recompute_granularity", "selective");
            settings.set("recompute_modules", parts(layout.recompute == Recompute::Selective));
            if job.shape.dense_layers() > 0 {
                settings.lacks("that the activation function of a dense feed-forward part is computed again");
            }
        }
        Recompute::Layers(layers) => {
            settings.set("recompute_granularity", "full");
            settings.set("recompute_method", "block");
            // The tool counts the layers of a piece.
            settings.set("recompute_num_layers", layers.div_ceil(layout.virtual_stages));
            if !layers.is_multiple_of(layout.virtual_stages) {
                settings.lacks(format!(
                    "{layers} layers of a stage that are computed again: its {} pieces have the same number",
                    layout.virtual_stages
                ));
            }
        }
        Recompute::Full => {
            settings.set("recompute_granularity", "full");
            settings.set("recompute_method", "uniform");
            settings.set("recompute_num_layers", 1);
        }
    }
}

/// What data-parallel ranks share out, and what runs beside it.
fn data(job: &Job<'_>, settings: &mut Settings) {
    let (layout, framework) = (job.layout, job.framework);
    let all = layout.data();
    let strategy = match layout.sharding {
        Sharding::None => None,
        Sharding::Optimizer(_) => {
            settings.set("use_distributed_optimizer", true);
            None
        }
        Sharding::Gradients(_) => Some("optim_grads"),
        Sharding::Parameters(_) => Some("optim_grads_params"),
    };
    if let Some(strategy) = strategy {
        settings.set("use_megatron_fsdp", true);
        settings.set("data_parallel_sharding_strategy", strategy);
    }
    let group = layout.sharding.group(all);
    if layout.sharding != Sharding::None && group < all {
        settings.set("num_distributed_optimizer_instances", all / group);
        if !all.is_multiple_of(group) {
            settings.lacks(format!("{all} data-parallel ranks that share out over groups of {group}"));
        }
    }
    if framework.data_overlap == Overlap::On {
        settings.set("overlap_grad_reduce", true);
        settings.switch("overlap_param_gather", layout.sharding != Sharding::None);
    }
    if framework.gradient_bytes == 2 {
        settings.set("grad_reduce_in_bf16", true);
    }
}

fn experts(job: &Job<'_>, settings: &mut Settings) {
    let (layout, framework) = (job.layout, job.framework);
    settings.set("expert_model_parallel_size", layout.expert);
    settings.set("expert_tensor_parallel_size", layout.expert_tensor);
    match framework.dispatcher {
        Dispatcher::AllToAll => settings.set("moe_token_dispatcher_type", "alltoall"),
        Dispatcher::NodeLimited => {
            settings.set("moe_token_dispatcher_type", "flex");
            settings.set("moe_flex_dispatcher_backend", "deepep");
        }
    }
    settings.set("moe_permute_fusion", framework.elementwise == Elementwise::Fused);
    settings.switch("overlap_moe_expert_parallel_comm", framework.expert_overlap == Overlap::On);
}

fn precision(precision: Precision, settings: &mut Settings) {
    settings.set(if precision == Precision::Fp16 { "fp16" } else { "bf16" }, true);
    let (format, recipe) = match precision {
        Precision::Bf16 | Precision::Fp16 => return,
        Precision::Fp8 => ("hybrid", "tensorwise"),
        Precision::Fp8Block => ("e4m3", "blockwise"),
        Precision::Mxfp8 => ("e4m3", "mxfp8"),
        Precision::Nvfp4 => {
            settings.set("fp4", "e2m1");
            settings.set("fp4_recipe", "nvfp4");
            return;
        }
        other => {
            settings.lacks(format!("training in {}", other.name()));
            return;
        }
    };
    settings.set("fp8", format);
    settings.set("fp8_recipe", recipe);
}
