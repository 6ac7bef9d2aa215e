//! From an argument list of Megatron-LM to a run.
//!
//! Names and defaults are those of `megatron/training/arguments.py` and of the classes from which it makes arguments,
//! in megatron-core 0.16.1 of 20 March 2026.

use super::options::Options;
use super::{Beside, Launch, megatron_layout, megatron_shape, shell};
use crate::text::{Diagnostics, SourceId, SourceMap, Span, Spanned};
use crate::training::{
    Dispatcher, Elementwise, Framework, FrameworkName, Launch as Launching, Loss, Overlap, Precision,
};

/// Options that change speed or memory and that nothing here reads.
const MATTER: &[&str] = &[
    "--account-for-embedding-in-pipeline-split",
    "--checkpoint-activations",
    "--decoder-first-pipeline-num-layers",
    "--decoder-last-pipeline-num-layers",
    "--defer-embedding-wgrad-compute",
    "--delay-wgrad-compute",
    "--distribute-saved-activations",
    "--empty-unused-memory-level",
    "--exp-avg-dtype",
    "--exp-avg-sq-dtype",
    "--experimental-attention-variant",
    "--first-last-layers-bf16",
    "--fp4-param-gather",
    "--fp8-param-gather",
    "--heterogeneous-layers-config-path",
    "--hierarchical-context-parallel-sizes",
    "--hybrid-attention-ratio",
    "--hybrid-context-parallel",
    "--hybrid-layer-pattern",
    "--hybrid-mlp-ratio",
    "--hybrid-override-pattern",
    "--linear-attention-freq",
    "--main-grads-dtype",
    "--main-params-dtype",
    "--microbatch-group-size-per-virtual-pipeline-stage",
    "--moe-expert-capacity-factor",
    "--moe-pad-expert-input-to-capacity",
    "--moe-shared-expert-overlap",
    "--no-gradient-accumulation-fusion",
    "--no-masked-softmax-fusion",
    "--no-overlap-p2p-communication",
    "--no-persist-layer-norm",
    "--overlap-p2p-communication-warmup-flush",
    "--rampup-batch-size",
    "--reuse-grad-buf-for-mxfp8-param-ag",
    "--sft",
    "--use-custom-fsdp",
    "--use-legacy-models",
    "--yaml-cfg",
];

/// The most sequences of a run.
const MOST_SAMPLES: u64 = 1_000_000_000_000_000;

/// Reads a script or a plain list; `None` where diagnostics say why not.
pub(super) fn read(
    sources: &SourceMap,
    source: SourceId,
    beside: Beside,
    diagnostics: &mut Diagnostics,
) -> Option<Launch> {
    let text = &sources.get(source).text;
    let tokens = shell::tokens(text, source, diagnostics);
    let mut of = Options::new(tokens, Span { source, start: 0, end: 0 }, diagnostics);
    let architecture = if beside.model {
        megatron_shape::pass_over(&mut of);
        None
    } else {
        megatron_shape::read(&mut of)
    };
    let read_shape = beside.model || architecture.is_some();
    let layers = match beside.layers {
        Some(layers) => Some(layers),
        None => of.whole("--num-layers").map(|number| number.value),
    };
    let fields = megatron_layout::read(&mut of, layers, beside.accelerators);
    let precision = precision(&mut of);
    let software = software(&mut of, fields.layout.numbers.get("tensor").map_or(1, |tensor| tensor.value));
    let tokens = tokens_in_all(&mut of, &fields);
    of.finish(MATTER);
    let architecture =
        architecture.map(|shape| Spanned { value: shape, span: Span { source, start: 0, end: 0 } });
    read_shape.then_some(Launch { model: None, architecture, precision, software, fields, tokens })
}

/// Iterations times sequences, or sequences, times their length.
fn tokens_in_all(of: &mut Options<'_>, fields: &crate::scenario::PhaseFields) -> Option<Spanned<f64>> {
    let (iterations, samples) =
        (of.up_to("--train-iters", MOST_SAMPLES), of.up_to("--train-samples", MOST_SAMPLES));
    #[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
    let number = |number: u64| number as f64;
    let sequence = number(fields.sequence.as_ref()?.value);
    match (samples, iterations) {
        (Some(samples), _) => Some(samples.map(|samples| number(samples) * sequence)),
        (None, Some(iterations)) => {
            let batch = number(fields.batch_sequences.as_ref()?.value);
            Some(iterations.map(|iterations| number(iterations) * batch * sequence))
        }
        (None, None) => None,
    }
}

fn precision(of: &mut Options<'_>) -> Option<Spanned<String>> {
    let word = |precision: Precision, span| Some(Spanned { value: precision.word().to_owned(), span });
    let (bf16, fp16) = (of.place("--bf16"), of.place("--fp16"));
    let recipe = of.choice("--fp8-recipe", &["tensorwise", "delayed", "mxfp8", "blockwise"]);
    of.choice("--fp4-recipe", &["nvfp4"]);
    let fp8 = of.choice("--fp8-format", &["hybrid", "e4m3"]);
    if let Some(fp4) = of.choice("--fp4-format", &["e2m1"]) {
        return word(Precision::Nvfp4, fp4.span);
    }
    if let Some(fp8) = fp8 {
        let recipe = recipe.unwrap_or(Spanned { value: "delayed", span: fp8.span });
        if recipe.value == "blockwise" {
            of.warn(
                recipe.span,
                "training with scales for blocks of 128 × 128 is priced as `fp8`, one scale for a tensor"
                    .to_owned(),
                "there is no other number format of 8 bits without MX",
            );
        }
        let precision = if recipe.value == "mxfp8" { Precision::Mxfp8 } else { Precision::Fp8 };
        return word(precision, recipe.span);
    }
    if let Some(span) = fp16 {
        return word(Precision::Fp16, span);
    }
    if let Some(span) = bf16 {
        return word(Precision::Bf16, span);
    }
    let file = of.file;
    of.warn(
        file,
        "neither `--bf16` nor `--fp16` is given: Megatron trains in 32 bits then".to_owned(),
        "the run is priced with bf16",
    );
    word(Precision::Bf16, file)
}

/// What the options say of overlaps and kernels, over the preset of Megatron.
fn software(of: &mut Options<'_>, tensor: u64) -> Framework {
    let preset = Framework::preset(FrameworkName::Megatron);
    let overlap = |on: bool| if on { Overlap::On } else { Overlap::Off };
    let tensor_overlap = of.flag("--tp-comm-overlap");
    let unfused = [
        of.place("--no-bias-swiglu-fusion").or(of.place("--no-bias-gelu-fusion")),
        of.place("--no-bias-dropout-fusion"),
        of.place("--no-rope-fusion"),
    ];
    let eager = unfused.iter().all(Option::is_some);
    if !eager {
        for span in unfused.into_iter().flatten() {
            of.warn(
                span,
                "one kernel that is not fused is priced as if it was".to_owned(),
                "without the fusions of activation, dropout and RoPE together, memory-bound work is priced eager",
            );
        }
    }
    if let Some(word) = of.choice("--attention-backend", &["auto", "flash", "fused", "unfused", "local"])
        && ["unfused", "local"].contains(&word.value)
    {
        of.warn(
            word.span,
            format!("attention of the kind `{}` is priced as fused", word.value),
            "the kernels that are known are fused",
        );
    }
    let graph = of.choice("--cuda-graph-impl", &["none", "local", "transformer_engine"]);
    let graphs = [of.flag("--enable-cuda-graph"), of.flag("--external-cuda-graph")].contains(&true)
        || graph.is_some_and(|word| word.value != "none");
    let params = of.flag("--overlap-param-gather");
    Framework {
        elementwise: if eager { Elementwise::Eager } else { preset.elementwise },
        loss: if of.flag("--cross-entropy-loss-fusion") { Loss::Fused } else { Loss::Unfused },
        // Where no matrix is cut there is nothing to overlap.
        tensor_overlap: if tensor == 1 { preset.tensor_overlap } else { overlap(tensor_overlap) },
        data_overlap: overlap(of.flag("--overlap-grad-reduce") || params),
        expert_overlap: overlap(of.flag("--overlap-moe-expert-parallel-comm")),
        dispatcher: dispatcher(of, preset.dispatcher),
        launch: if graphs { Launching::Graph } else { Launching::Host },
        gradient_bytes: if of.flag("--grad-reduce-in-bf16") { 2 } else { 4 },
        ..preset
    }
}

/// How tokens travel to experts; of a model without any, what the preset has.
fn dispatcher(of: &mut Options<'_>, preset: Dispatcher) -> Dispatcher {
    let kind = of.choice("--moe-token-dispatcher-type", &["allgather", "alltoall", "flex"]);
    let by_node = of.flag("--moe-enable-deepep");
    of.choice("--moe-flex-dispatcher-backend", &["deepep", "hybridep"]);
    let Some(experts) = of.place("--num-experts") else { return preset };
    if by_node || kind.as_ref().is_some_and(|kind| kind.value == "flex") {
        return Dispatcher::NodeLimited;
    }
    if kind.as_ref().is_none_or(|kind| kind.value == "allgather") {
        of.warn(
            kind.map_or(experts, |kind| kind.span),
            "tokens that are gathered by every expert's rank are priced as an all-to-all".to_owned(),
            "`--moe-token-dispatcher-type alltoall` says what is priced",
        );
    }
    Dispatcher::AllToAll
}
