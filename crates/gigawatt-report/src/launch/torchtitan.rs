//! A configuration of torchtitan.

use gigawatt_plan::catalog::{Attention, Catalogue, Kind, Shape};
use gigawatt_plan::scenario::{FLAVORS, Flavor};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::training::{
    Checkpoint, ContextExchange, Dispatcher, Elementwise, Overlap, Precision, RankOrder, Recompute,
    SequenceParallel, Sharding,
};

use super::{Job, Setting, Settings, Tool, Value, software};

pub(super) fn settings(job: &Job<'_>) -> Settings {
    let mut settings = Settings::default();
    model(job.shape, &mut settings);
    precision(job, &mut settings);
    training(job, &mut settings);
    parallelism(job, &mut settings);
    recompute(job, &mut settings);
    settings.set("compile.enable", job.framework.elementwise == Elementwise::Fused);
    if job.framework.gradient_bytes < 4 {
        settings.lacks("gradients that are summed in 16 bits: it sums them in 32");
    }
    software(job, &mut settings, true);
    settings
}

/// The flavor whose model in the catalogue has a shape.
fn flavor(shape: &Shape) -> Option<&'static Flavor> {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    FLAVORS.iter().find(|flavor| {
        let entry = catalogue.get(Kind::Model, flavor.model);
        entry.and_then(|entry| entry.architecture.as_ref()).is_some_and(|known| known.shape == *shape)
    })
}

fn model(shape: &Shape, settings: &mut Settings) {
    if let Some(flavor) = flavor(shape) {
        settings.set("model.name", flavor.name);
        settings.set("model.flavor", flavor.flavor);
        return;
    }
    let heads = match shape.attention {
        Attention::Grouped { heads, kv_heads, .. } => format!("n_heads={heads}, n_kv_heads={kv_heads}"),
        Attention::Latent { heads, kv_rank, .. } => format!("n_heads={heads}, kv_lora_rank={kv_rank}"),
        Attention::Absent => "no attention".to_owned(),
    };
    settings.lacks(format!(
        "the model: no flavor has dim={}, n_layers={}, {heads}, vocab_size={}; register one and name it in [model]",
        shape.hidden, shape.layers, shape.vocabulary
    ));
}

fn precision(job: &Job<'_>, settings: &mut Settings) {
    match job.precision {
        Precision::Bf16 => {}
        Precision::Fp8 => {
            settings.set("model.converters", vec!["quantize.linear.float8"]);
            settings.set("quantize.linear.float8.recipe_name", "tensorwise");
        }
        Precision::Mxfp8 => {
            settings.set("model.converters", vec!["quantize.linear.mx"]);
            settings.set("quantize.linear.mx.recipe_name", "mxfp8_cublas");
        }
        other => settings.lacks(format!("training in {}: it is configured for bf16", other.name())),
    }
}

fn training(job: &Job<'_>, settings: &mut Settings) {
    let layout = job.layout;
    settings.set("training.seq_len", layout.sequence_length);
    // A pipeline takes all of a rank's sequences at once and cuts them itself.
    let local =
        if layout.pipeline > 1 { layout.micro_batch * layout.micro_batches() } else { layout.micro_batch };
    settings.set("training.local_batch_size", local);
    settings.set("training.global_batch_size", layout.global_batch);
    settings.set("training.mixed_precision_param", "bfloat16");
}

fn parallelism(job: &Job<'_>, settings: &mut Settings) {
    let (layout, framework) = (job.layout, job.framework);
    let mut set = |key: &str, value: Value| settings.set(format!("parallelism.{key}"), value);
    let data = layout.data();
    let group = layout.sharding.group(data);
    set("data_parallel_replicate_degree", (data / group).into());
    set("data_parallel_shard_degree", group.into());
    let reshard = if matches!(layout.sharding, Sharding::Parameters(_)) { "always" } else { "never" };
    if layout.sharding != Sharding::None {
        set("fsdp_reshard_after_forward", reshard.into());
    }
    set("tensor_parallel_degree", layout.tensor.into());
    if layout.tensor > 1 {
        let overlaps = framework.tensor_overlap == Overlap::On && framework.elementwise == Elementwise::Fused;
        set("enable_async_tensor_parallel", overlaps.into());
    }
    set("context_parallel_degree", layout.context.into());
    if layout.context > 1 {
        let ring = layout.context_exchange == ContextExchange::Ring;
        set("context_parallel_rotate_method", if ring { "alltoall" } else { "allgather" }.into());
    }
    if job.shape.experts.is_some() {
        set("expert_parallel_degree", layout.expert.into());
        set("expert_tensor_parallel_degree", layout.expert_tensor.into());
        let by_node = framework.dispatcher == Dispatcher::NodeLimited;
        set("expert_parallel_comm_backend", if by_node { "deepep" } else { "standard" }.into());
    }
    pipeline(job, settings);
    if matches!(layout.sharding, Sharding::Optimizer(_)) {
        settings.lacks("optimiser states that are shared out while gradients are not: gradients are too");
    }
    if layout.sharding == Sharding::None && layout.context > 1 {
        settings.lacks("parameters that context-parallel ranks each hold: they are shared out over these");
    }
    if layout.context > 1 && layout.context_exchange == ContextExchange::Ulysses {
        settings.lacks("context parallelism that exchanges heads for sequence");
    }
    if layout.tensor > 1 && layout.sequence == SequenceParallel::Off {
        settings.lacks("tensor parallelism without sequence parallelism");
    }
    if layout.offload.optimizer() {
        settings.lacks("optimiser states on the host while parameters stay: it moves both, or neither");
    }
    if layout.offload.activations() {
        settings.lacks("activations that lie on the host");
    }
    if layout.expert > 1 && ![1, layout.tensor].contains(&layout.expert_tensor) {
        settings.lacks(format!(
            "experts cut over {}: they are cut over 1 or as everything else, over {}",
            layout.expert_tensor, layout.tensor
        ));
    }
    if layout.rank_order == RankOrder::PipelineBeforeData {
        settings.lacks(
            "stages that are nearer to one another than data-parallel ranks: the pipeline is outermost",
        );
    }
}

fn pipeline(job: &Job<'_>, settings: &mut Settings) {
    let layout = job.layout;
    settings.set("parallelism.pipeline_parallel_degree", layout.pipeline);
    if layout.pipeline == 1 {
        return;
    }
    match Tool::Torchtitan.schedule(layout.schedule, layout.virtual_stages) {
        Ok(word) => settings.set("parallelism.pipeline_parallel_schedule", word.unwrap_or("1F1B")),
        Err(why) => settings.lacks(why),
    }
    settings.set("parallelism.pipeline_parallel_microbatch_size", layout.micro_batch);
    if layout.virtual_stages == 1 {
        return;
    }
    let pieces = layout.pipeline * layout.virtual_stages;
    // The tool counts pieces of so many layers, rounded up; embedding and output layer stand for one each or for none.
    let each = [1, 0].into_iter().find_map(|end| {
        let all = job.shape.layers + 2 * end;
        let each = all.div_ceil(pieces);
        (all.div_ceil(each) == pieces).then_some((each, end))
    });
    match each {
        Some((each, end)) => {
            settings.set("parallelism.pipeline_parallel_layers_per_stage", each);
            settings.set("parallelism.pipeline_parallel_first_stage_less_layers", end);
            settings.set("parallelism.pipeline_parallel_last_stage_less_layers", end);
        }
        None => settings.lacks(format!(
            "{} pieces a stage: no number of layers gives {pieces} pieces, name their modules in module_fqns_per_model_part",
            layout.virtual_stages
        )),
    }
}

fn recompute(job: &Job<'_>, settings: &mut Settings) {
    let layout = job.layout;
    let (mode, option) = match layout.recompute {
        Recompute::None => ("none", None),
        Recompute::Full => ("full", None),
        Recompute::Elementwise | Recompute::Selective => {
            settings.lacks(
                "which parts of a layer are computed again: `op` keeps attention and every second matrix product",
            );
            ("selective", Some("op".to_owned()))
        }
        Recompute::Layers(layers) => {
            let of_stage = job.shape.layers.div_ceil(layout.pipeline);
            let every = of_stage.div_ceil(layers).max(1);
            if of_stage.div_ceil(every) != layers {
                settings.lacks(format!(
                    "{layers} of a stage's {of_stage} layers that are computed again: every {every} is"
                ));
            }
            ("selective", Some(every.to_string()))
        }
    };
    settings.set("activation_checkpoint.mode", mode);
    if let Some(option) = option {
        settings.set("activation_checkpoint.selective_ac_option", option);
    }
    if layout.recompute != Recompute::None {
        settings.set("activation_checkpoint.early_stop", job.framework.checkpoint == Checkpoint::UntilNeeded);
    }
}

/// TOML: settings of a section stand together, in the order in which sections first come.
pub(super) fn text(heading: &str, settings: &[Setting]) -> String {
    let parts = |name: &str| {
        name.rsplit_once('.')
            .map_or((String::new(), name.to_owned()), |(section, key)| (section.to_owned(), key.to_owned()))
    };
    let mut sections: Vec<(String, String)> = Vec::new();
    for Setting { name, value } in settings {
        let (section, key) = parts(name);
        let shown = match value {
            Value::Flag(flag) => flag.to_string(),
            Value::Whole(number) => number.to_string(),
            Value::Word(word) => format!("\"{word}\""),
            Value::Words(words) => {
                let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("[{}]", quoted.join(", "))
            }
            Value::Numbers(numbers) => format!("{numbers:?}"),
        };
        let line = format!("{key} = {shown}\n");
        match sections.iter_mut().find(|(known, _)| *known == section) {
            Some((_, lines)) => lines.push_str(&line),
            None => sections.push((section, line)),
        }
    }
    let written = sections.iter().map(|(section, lines)| format!("\n[{section}]\n{lines}"));
    format!("{heading}{}", written.collect::<String>())
}
