//! What a scenario may say about training runs.

use crate::catalog::SHAPE_FIELDS;
use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// Words for number formats; those of `gigawatt_plan::training::Precision`.
pub const PRECISIONS: &[&str] = &["bf16", "fp16", "fp8", "mxfp8", "nvfp4"];
/// Words for stacks of software; those of `gigawatt_plan::training::FrameworkName`.
pub const FRAMEWORKS: &[&str] =
    &["megatron", "torchtitan", "llm-foundry", "internevo", "automodel", "jax", "hai-llm"];
/// Words for what data-parallel ranks share out.
pub const SHARDINGS: &[&str] = &["none", "optimizer", "gradients", "parameters"];
/// Words for what is computed again.
pub const RECOMPUTES: &[&str] = &["none", "elementwise", "selective", "full"];
/// Words for the order of a pipeline's work; those of `gigawatt_plan::training::Schedule`.
pub const SCHEDULES: &[&str] = &["one-forward-one-backward", "gpipe", "zb-h1", "zb-v", "dualpipe"];
/// Words for how context-parallel ranks exchange keys and values.
pub const CONTEXT_EXCHANGES: &[&str] = &["ring", "all-gather", "ulysses"];
/// Words for which ranks are neighbours.
pub const RANK_ORDERS: &[&str] = &["data-before-pipeline", "pipeline-before-data"];
/// Words for what lies in the host's memory.
pub const OFFLOADS: &[&str] = &["none", "optimizer", "activations", "both"];

/// `layout` of a run or of one of its phases.
pub const LAYOUT: &[Field] = &[
    Field::optional("tensor", K::Integer, "each matrix is cut over so many accelerators, 1 unless said"),
    Field::optional("sequence_parallel", K::Boolean, "whether norms are cut over them too, true unless said"),
    Field::optional("pipeline", K::Integer, "stages of the pipeline, 1 unless said"),
    Field::optional(
        "virtual_stages",
        K::Integer,
        "pieces of the model that a stage holds, 1 unless said, or 2 with zb-v",
    ),
    Field::optional("context", K::Integer, "each sequence is cut over so many, 1 unless said"),
    Field::optional(
        "context_exchange",
        K::Choice(CONTEXT_EXCHANGES),
        "how these see each other's keys and values; ring unless said",
    ),
    Field::optional("expert", K::Integer, "the experts of a layer are spread over so many, 1 unless said"),
    Field::optional("expert_tensor", K::Integer, "each expert is cut over so many, 1 unless said"),
    Field::optional(
        "sharding",
        K::Choice(SHARDINGS),
        "what data-parallel ranks share out instead of each holding it; optimizer unless said",
    ),
    Field::optional("sharding_group", K::Integer, "over groups of so many ranks; all of them unless said"),
    Field::optional("micro_batch", K::Integer, "sequences that pass at once, 1 unless said"),
    Field::optional(
        "recompute",
        K::Choice(RECOMPUTES),
        "what the backward pass computes again; none unless said",
    ),
    Field::optional("recompute_layers", K::Integer, "layers of each stage that are computed again whole"),
    Field::optional(
        "schedule",
        K::Choice(SCHEDULES),
        "order of a stage's micro-batches; one-forward-one-backward unless said",
    ),
    Field::optional(
        "rank_order",
        K::Choice(RANK_ORDERS),
        "which ranks are neighbours after tensor and context; data-before-pipeline unless said",
    ),
    Field::optional(
        "offload",
        K::Choice(OFFLOADS),
        "what lies in the memory of the host instead of the accelerator's; none unless said",
    ),
];

/// `phases` of a run.
pub const PHASE: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional("tokens", amount(D::Count), "tokens of the phase; in one phase, what the others leave"),
    Field::optional("sequence", K::Integer, "tokens of a sequence; the run's unless said"),
    Field::optional("batch_sequences", K::Integer, "sequences of a step; the run's unless said"),
    Field::optional("batch_tokens", K::Integer, "tokens of a step, instead of sequences"),
    Field::optional("accelerators", K::Integer, "accelerators that run it; the run's unless said"),
    Field::optional("layout", K::Tables(LAYOUT), "what differs from the run's layout"),
];

/// `[[training]]`.
pub const TRAINING: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional(
        "model",
        K::Text,
        "the model in the catalogue, or its config.json, relative to the scenario; or `architecture`",
    ),
    Field::optional(
        "architecture",
        K::Tables(SHAPE_FIELDS),
        "the model's numbers, where the catalogue does not have it",
    ),
    Field::optional(
        "from_megatron",
        K::Text,
        "a script or list of arguments of Megatron-LM that gives model, layout, batch, number format and software, relative to the scenario; what is written here is laid over it",
    ),
    Field::optional("from_torchtitan", K::Text, "the same from a TOML file of torchtitan"),
    Field::optional(
        "active_parameters",
        amount(D::Count),
        "parameters that a token passes through; where it differs from what the architecture gives, its widths are scaled",
    ),
    Field::optional(
        "parameters",
        amount(D::Count),
        "parameters in all, where they were announced and the architecture was not",
    ),
    Field::required("system", K::Text, "the system in the catalogue that it runs on"),
    Field::required("accelerators", K::Integer, "accelerators that run it"),
    Field::optional("site", K::Text, "the site where they stand: its power, PUE and electricity"),
    Field::optional("lot", K::Text, "the purchase they are of: what an hour of them costs"),
    Field::optional("start", K::Date, "its first day"),
    Field::optional("after", K::Text, "the run that it follows, instead of `start`"),
    Field::optional("delay", amount(D::Duration), "how much later it starts than said; none unless said"),
    Field::optional("tokens", amount(D::Count), "tokens in all: \"15.6 T\""),
    Field::optional("phases", K::Tables(PHASE), "parts that differ in sequence, batch or layout"),
    Field::optional("sequence", K::Integer, "tokens of a sequence"),
    Field::optional("batch_sequences", K::Integer, "sequences of a step over the whole run"),
    Field::optional(
        "batch_tokens",
        K::Integer,
        "tokens of a step, instead of sequences; rounded to whole micro-batches",
    ),
    Field::optional("layout", K::Tables(LAYOUT), "how the run is cut over its accelerators"),
    Field::optional("precision", K::Choice(PRECISIONS), "number format of its matrices; bf16 unless said"),
    Field::optional("framework", K::Choice(FRAMEWORKS), "the stack of software; megatron unless said"),
    Field::optional(
        "extra_work",
        amount(D::Ratio),
        "work beyond its tokens over that of its tokens: a teacher, images, repeats; none unless said",
    ),
    Field::optional(
        "effective_time",
        amount(D::Ratio),
        "part of its time in which it gets on; that of `reliability` unless said",
    ),
    Field::optional(
        "reliability",
        K::Text,
        "the catalogue's experience that gives the effective time; llama3-54-days unless said",
    ),
    Field::optional(
        "model_error",
        amount(D::Ratio),
        "factor on the time of a step: what the law of steps may be wrong by; as fitted unless said",
    ),
    Field::optional(
        "hour_price",
        amount(D::HourlyPrice),
        "price of an hour of one accelerator; the lot's cost or the market's rent unless said",
    ),
    Field::optional(
        "reported_hours",
        amount(D::Count),
        "accelerator-hours that were published for all of it, to compare; the catalogue's unless said",
    ),
    Field::optional(
        "reported_rate",
        amount(D::ComputeRate),
        "model FLOP per second and accelerator that were published, to compare; the catalogue's unless said",
    ),
    Field::optional("priority", K::Integer, "as a job of the fleet: higher goes first; 50 unless said"),
    Field::optional(
        "spares",
        amount(D::Count),
        "as a job of the fleet: accelerators that it holds beyond its own for those that fail; none unless said",
    ),
    Field::optional(
        "elastic",
        amount(D::Ratio),
        "as a job of the fleet: the part of its accelerators with which it goes on while others are missing, as much slower; all of them unless said",
    ),
    Field::optional(
        "practice",
        K::Text,
        "the practice in the catalogue that gives defaults; hyperscale-ai unless said",
    ),
];
