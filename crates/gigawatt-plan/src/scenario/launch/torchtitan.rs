//! From a TOML file of torchtitan to a run.
//!
//! Names and defaults are those of `torchtitan/config/job_config.py` in torchtitan 0.2.2 of 20 February 2026, the last
//! release that is configured with TOML; its successors keep the names of sections and keys in Python.

use super::flavors::{FLAVORS, layers_of};
use super::options::MOST_RANKS;
use super::torchtitan_table::Configuration;
use super::{Beside, Launch};
use crate::scenario::{LayoutSection, PhaseFields};
use crate::text::{Diagnostics, SourceId, SourceMap, Span, Spanned, Value, parse_document};
use crate::training::{
    Checkpoint, Dispatcher, Elementwise, Framework, FrameworkName, Overlap, Precision, Schedule,
};

/// Sections whose every key changes speed or memory.
const SECTIONS: &[&str] = &[
    "parallelism",
    "training",
    "activation_checkpoint",
    "quantize.linear.float8",
    "quantize.linear.mx",
    "quantize.grouped_mm.float8",
    "quantize.grouped_mm.mx",
];

/// Keys in them that do not.
const HARMLESS: &[&str] = &[
    "context_parallel_load_balancer",
    "dataset",
    "dataset_path",
    "debug",
    "determinism_check",
    "filter_fqns",
    "fqns",
    "gc_debug",
    "gc_freq",
    "max_norm",
    "mixed_precision_reduce",
    "per_op_sac_force_recompute_mm_shapes_by_fqns",
    "preserve_rng_state",
    "visualize_memory_budget_pareto",
];

/// Sequences of a rank and tokens of a sequence where nothing is said.
const LOCAL_BATCH: u64 = 8;
const SEQUENCE: u64 = 2048;

/// Reads a file; `None` where diagnostics say why not.
pub(super) fn read(
    sources: &SourceMap,
    source: SourceId,
    beside: Beside,
    diagnostics: &mut Diagnostics,
) -> Option<Launch> {
    let root = parse_document(sources, source, diagnostics)?;
    let mut of = Configuration::new(&root, Span { source, start: 0, end: 0 }, diagnostics);
    let model = model(&mut of, beside.model);
    let place = ["tensor_parallel_degree", "pipeline_parallel_degree"]
        .into_iter()
        .find_map(|key| of.node("parallelism", key).map(|node| node.span));
    let mut layout = LayoutSection { span: place.or(Some(of.file)), ..LayoutSection::default() };
    degrees(&mut of, &mut layout);
    let number = |layout: &LayoutSection, field| layout.numbers.get(field).map_or(1, |number| number.value);
    let copy = ["tensor", "context", "pipeline"].map(|field| number(&layout, field));
    let copy = copy.into_iter().fold(1, u64::saturating_mul);
    let data = beside.accelerators.map(|all| all / copy).filter(|data| *data > 0);
    let layers = match (beside.layers, &model) {
        (None, Some(model)) => layers_of(&model.value),
        (layers, _) => layers,
    };
    pipeline(&mut of, layers, &mut layout);
    sharding(&mut of, data, &mut layout);
    recompute(&mut of, layers, &mut layout);
    let fields = batch(&mut of, data, layout);
    let precision = precision(&mut of);
    let software = software(&mut of, &fields);
    let steps = of.whole("training", "steps");
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    let float = |number: u64| number as f64;
    let tokens = match (steps, &fields.sequence, &fields.batch_sequences) {
        (Some(steps), Some(sequence), Some(batch)) => {
            Some(steps.map(|steps| float(steps) * float(batch.value) * float(sequence.value)))
        }
        _ => None,
    };
    of.finish(SECTIONS, HARMLESS);
    (beside.model || model.is_some()).then_some(Launch {
        model: model.filter(|_| !beside.model),
        architecture: None,
        precision,
        software,
        fields,
        tokens,
    })
}

/// The model that name and flavor mean, unless the scenario names one.
fn model(of: &mut Configuration<'_>, named: bool) -> Option<Spanned<String>> {
    let (name, flavor) = (of.text("model", "name"), of.text("model", "flavor"));
    let help = "name the model beside the file";
    let (Some(name), Some(flavor)) = (name, flavor) else {
        if !named {
            let file = of.file;
            of.tell(file, "`model.name` or `model.flavor` is missing".to_owned(), help);
        }
        return None;
    };
    let known = FLAVORS.iter().find(|known| known.name == name.value && known.flavor == flavor.value);
    if let Some(known) = known {
        return Some(Spanned { value: known.model.to_owned(), span: flavor.span });
    }
    if !named {
        let message = format!("the flavor `{}` of `{}` is not in the catalogue", flavor.value, name.value);
        let others: Vec<&str> =
            FLAVORS.iter().filter(|known| known.name == name.value).map(|known| known.flavor).collect();
        if others.is_empty() {
            of.tell(flavor.span, message, help);
        } else {
            of.unknown(&flavor, message, others);
        }
    }
    None
}

fn degrees(of: &mut Configuration<'_>, layout: &mut LayoutSection) {
    let keys = [
        ("tensor", "tensor_parallel_degree"),
        ("pipeline", "pipeline_parallel_degree"),
        ("context", "context_parallel_degree"),
        ("expert", "expert_parallel_degree"),
        ("expert_tensor", "expert_tensor_parallel_degree"),
    ];
    for (field, key) in keys {
        layout.numbers.extend(of.whole("parallelism", key).map(|number| (field, number)));
    }
    layout.sequence_parallel = Some(of.flag("parallelism", "enable_sequence_parallel", true));
    let rotate = of.choice("parallelism", "context_parallel_rotate_method", &["allgather", "alltoall"]);
    let (word, span) = match rotate {
        Some(rotate) if rotate.value == "alltoall" => ("ring", rotate.span),
        Some(rotate) => ("all-gather", rotate.span),
        None => ("all-gather", of.file),
    };
    if layout.numbers.get("context").is_some_and(|ranks| ranks.value > 1) {
        layout.words.insert("context_exchange", Spanned { value: word.to_owned(), span });
    }
}

/// The schedule and the pieces of a stage.
fn pipeline(of: &mut Configuration<'_>, layers: Option<u64>, layout: &mut LayoutSection) {
    let each = of.whole("parallelism", "pipeline_parallel_layers_per_stage");
    let mut ends = 0;
    for key in ["pipeline_parallel_first_stage_less_layers", "pipeline_parallel_last_stage_less_layers"] {
        // A first stage may be as large as others, so that nothing is a number too.
        ends += match of.node("parallelism", key).map(|node| &node.value) {
            Some(Value::Integer(number)) => u64::try_from(*number).unwrap_or(0),
            _ => 1,
        };
    }
    let Some(stages) = layout.numbers.get("pipeline").filter(|stages| stages.value > 1).cloned() else {
        return;
    };
    let known = ["1F1B", "GPipe", "Interleaved1F1B", "ZBVZeroBubble"];
    let schedule = of.choice("parallelism", "pipeline_parallel_schedule", &known);
    let looped = schedule.as_ref().is_some_and(|schedule| schedule.value == "Interleaved1F1B");
    if let Some(schedule) = &schedule {
        let own = match schedule.value {
            "GPipe" => Some(Schedule::GPipe),
            "ZBVZeroBubble" => Some(Schedule::ZeroBubbleV),
            _ => None,
        };
        if let Some(own) = own {
            layout.words.insert("schedule", Spanned { value: own.word().to_owned(), span: schedule.span });
        }
    }
    if let Some(schedule) = schedule.filter(|_| looped) {
        let pieces = match (&each, layers) {
            (Some(each), Some(layers)) => Some((layers + ends).div_ceil(each.value)),
            // That the model is not known is told elsewhere.
            (Some(_), None) => None,
            (None, _) => Some(2 * stages.value),
        };
        let Some(pieces) = pieces else { return };
        let span = each.map_or(schedule.span, |each| each.span);
        if pieces.is_multiple_of(stages.value) && pieces <= MOST_RANKS {
            layout.numbers.insert("virtual_stages", Spanned { value: pieces / stages.value, span });
        } else {
            of.tell(
                span,
                format!("{pieces} pieces cannot be shared out over {} stages", stages.value),
                "take another `pipeline_parallel_layers_per_stage`",
            );
        }
    }
}

fn sharding(of: &mut Configuration<'_>, data: Option<u64>, layout: &mut LayoutSection) {
    let replicas = of.whole("parallelism", "data_parallel_replicate_degree");
    let shards = of.whole("parallelism", "data_parallel_shard_degree");
    let policy = of.choice("parallelism", "fsdp_reshard_after_forward", &["default", "always", "never"]);
    let copies = replicas.as_ref().map_or(1, |replicas| replicas.value);
    if let (Some(data), Some(shards)) = (data, &shards)
        && copies.saturating_mul(shards.value) != data
    {
        of.tell(
            shards.span,
            format!("{copies} replicas of {} shards are not the {data} data-parallel ranks", shards.value),
            "-1 takes what the other degrees leave",
        );
        return;
    }
    let group = shards.as_ref().map(|shards| shards.value).or(data.map(|data| data / copies));
    let span = shards.as_ref().or(replicas.as_ref()).map_or(of.file, |number| number.span);
    let piped = layout.numbers.get("pipeline").is_some_and(|stages| stages.value > 1);
    let kept = match policy.map_or("default", |policy| policy.value) {
        "always" => false,
        "never" => true,
        // Parameters would be gathered again for every micro-batch of a pipeline.
        _ => piped,
    };
    let word = match group {
        Some(1) => "none",
        _ if kept => "gradients",
        _ => "parameters",
    };
    layout.words.insert("sharding", Spanned { value: word.to_owned(), span });
    if let Some(group) = group.filter(|group| *group > 1 && copies > 1) {
        layout.numbers.insert("sharding_group", Spanned { value: group, span });
    }
}

fn recompute(of: &mut Configuration<'_>, layers: Option<u64>, layout: &mut LayoutSection) {
    let section = "activation_checkpoint";
    let mode = of.choice(section, "mode", &["selective", "full", "memory_budget", "none"]);
    let option = of.text(section, "selective_ac_option");
    of.node(section, "memory_budget");
    if mode.is_none() && of.node(section, "mode").is_some() {
        return;
    }
    let file = of.file;
    // Every second layer where nothing is said.
    let (word, span) = mode.map_or(("selective", file), |mode| (mode.value, mode.span));
    let option = option.unwrap_or(Spanned { value: "2".to_owned(), span });
    let word = match (word, option.value.as_str()) {
        ("selective", "op") => "selective",
        ("selective", every) => {
            let stages = layout.numbers.get("pipeline").map_or(1, |stages| stages.value);
            match (every.parse::<u64>(), layers) {
                (Ok(1), _) => "full",
                (Ok(every), Some(layers)) if every > 0 => {
                    let of_stage = layers.div_ceil(stages).div_ceil(every).max(1);
                    let number = Spanned { value: of_stage, span: option.span };
                    layout.numbers.insert("recompute_layers", number);
                    return;
                }
                // That the model is not known is told elsewhere.
                (Ok(every), None) if every > 0 => return,
                _ => {
                    let message =
                        format!("`{section}.selective_ac_option` is `{every}`, which is not understood");
                    of.tell(option.span, message, "expected \"op\", or a number of layers such as \"2\"");
                    return;
                }
            }
        }
        ("memory_budget", _) => {
            of.warn(
                span,
                "what a memory budget computes again is the compiler's choice, and priced as selective"
                    .to_owned(),
                "`full`, `none` or a selective option says what is priced",
            );
            "selective"
        }
        (other, _) => other,
    };
    layout.words.insert("recompute", Spanned { value: word.to_owned(), span });
}

/// Sequences of a step, and of a micro-batch.
fn batch(of: &mut Configuration<'_>, data: Option<u64>, mut layout: LayoutSection) -> PhaseFields {
    let file = of.file;
    // Its name before 0.2.
    let earlier = of.whole("training", "batch_size");
    let local = of.whole("training", "local_batch_size").or(earlier);
    let local = local.unwrap_or(Spanned { value: LOCAL_BATCH, span: file });
    let sequence = of.whole("training", "seq_len").unwrap_or(Spanned { value: SEQUENCE, span: file });
    let global = of.whole("training", "global_batch_size");
    let micro = of.whole("parallelism", "pipeline_parallel_microbatch_size");
    let piped = layout.numbers.get("pipeline").is_some_and(|stages| stages.value > 1);
    let step = data.map(|data| data.saturating_mul(local.value));
    if let (true, Some(global), Some(step)) = (piped, &global, step)
        && global.value > step
    {
        of.warn(
            local.span,
            format!(
                "a step of {} sequences runs the pipeline {} times, and is priced as once",
                global.value,
                global.value / step
            ),
            "a larger `local_batch_size` says what is priced",
        );
    }
    let micro = if piped { micro.unwrap_or(Spanned { value: 1, span: file }) } else { local.clone() };
    layout.numbers.insert("micro_batch", micro);
    let global = global.or(step.map(|value| Spanned { value, span: local.span }));
    PhaseFields { sequence: Some(sequence), batch_sequences: global, layout, ..PhaseFields::default() }
}

fn precision(of: &mut Configuration<'_>) -> Option<Spanned<String>> {
    let word = |precision: Precision, span| Some(Spanned { value: precision.word().to_owned(), span });
    of.choice("quantize.linear.float8", "recipe_name", &["tensorwise", "rowwise", "rowwise_with_gw_hp"]);
    of.text("quantize.linear.mx", "recipe_name");
    for key in ["enable_fsdp_float8_all_gather", "precompute_float8_dynamic_scale_for_fsdp", "emulate"] {
        of.flag("quantize.linear.float8", key, false);
    }
    let stored = of.choice("training", "mixed_precision_param", &["bfloat16", "float32"]);
    of.choice("training", "dtype", &["bfloat16", "float32"]);
    if let Some(stored) = stored.filter(|stored| stored.value == "float32") {
        of.warn(
            stored.span,
            "training in 32 bits is priced with bf16".to_owned(),
            "`mixed_precision_param = \"bfloat16\"` says what is priced",
        );
    }
    let mut found = None;
    for converter in converters(of) {
        match converter.value.as_str() {
            "quantize.linear.float8" | "float8" => found = word(Precision::Fp8, converter.span),
            "quantize.linear.mx" | "mx" => found = word(Precision::Mxfp8, converter.span),
            "quantize.grouped_mm.float8" | "quantize.grouped_mm.mx" => {}
            other => of.warn(
                converter.span,
                format!("the converter `{other}` changes the model and is not understood"),
                "the run is priced without it",
            ),
        }
    }
    found
}

/// The converters of the model: a list, or words between commas as before 0.2.
fn converters(of: &mut Configuration<'_>) -> Vec<Spanned<String>> {
    let Some(node) = of.node("model", "converters") else { return Vec::new() };
    let word = |text: &str, span| Spanned { value: text.trim().to_owned(), span };
    match &node.value {
        Value::Text(text) => text.split(',').map(|text| word(text, node.span)).collect(),
        Value::Array(items) => {
            let texts = items.iter().filter_map(|item| match &item.value {
                Value::Text(text) => Some(word(text, item.span)),
                _ => None,
            });
            texts.collect()
        }
        _ => Vec::new(),
    }
}

/// What the keys say of overlaps and kernels, over the preset of torchtitan.
fn software(of: &mut Configuration<'_>, fields: &PhaseFields) -> Framework {
    let preset = Framework::preset(FrameworkName::Torchtitan);
    // Before 0.2 it stood with training.
    let compiled = of.flag("compile", "enable", false) | of.flag("training", "compile", false);
    let early = of.flag("activation_checkpoint", "early_stop", false);
    let overlap = of.flag("parallelism", "enable_async_tensor_parallel", false) && compiled;
    let experts = of.choice("parallelism", "expert_parallel_comm_backend", &["standard", "deepep"]);
    let spread = fields.layout.numbers.get("expert").is_some_and(|expert| expert.value > 1);
    of.flag("parallelism", "pipeline_parallel_expert_parallel_overlap", true);
    Framework {
        elementwise: if compiled { Elementwise::Fused } else { Elementwise::Eager },
        checkpoint: match fields.layout.words.get("recompute").map(|word| word.value.as_str()) {
            // Where nothing is computed again it does not matter.
            Some("none") => preset.checkpoint,
            _ if early => Checkpoint::UntilNeeded,
            _ => Checkpoint::Whole,
        },
        tensor_overlap: if overlap { Overlap::On } else { Overlap::Off },
        dispatcher: match experts {
            Some(word) if word.value == "deepep" => Dispatcher::NodeLimited,
            _ if spread => Dispatcher::AllToAll,
            _ => preset.dispatcher,
        },
        ..preset
    }
}
