//! What Megatron-LM's options move to the host.

use super::options::Options;
use crate::scenario::LayoutSection;
use crate::text::{Span, Spanned};

/// Parts of a layer whose input may be moved, and those of experts.
const PARTS: [&str; 5] = ["attn_norm", "qkv_linear", "core_attn", "attn_proj", "mlp_norm"];
const EXPERT_PARTS: [&str; 2] = ["expert_fc1", "moe_act"];

/// Reads them into a layout; `layers` are the model's, where they are known.
pub(super) fn read(of: &mut Options<'_>, layers: Option<u64>, layout: &mut LayoutSection) {
    let (word, span) = match (optimizer(of), activations(of, layers)) {
        (Some(_), Some(span)) => ("both", span),
        (Some(span), None) => ("optimizer", span),
        (None, Some(span)) => ("activations", span),
        (None, None) => return,
    };
    layout.words.insert("offload", Spanned { value: word.to_owned(), span });
}

/// Where optimiser states are.
fn optimizer(of: &mut Options<'_>) -> Option<Span> {
    let fraction = of.word("--optimizer-offload-fraction");
    let aware = of.flag("--use-precision-aware-optimizer");
    let overlapped = of.flag("--overlap-cpu-optimizer-d2h-h2d");
    let Some(span) = of.place("--optimizer-cpu-offload") else {
        if let Some(span) = of.place("--use-precision-aware-optimizer") {
            of.warn(
                span,
                "number formats of optimiser states are priced as 32 bits".to_owned(),
                "`--use-precision-aware-optimizer` alone changes memory where other options narrow them",
            );
        }
        return None;
    };
    if let Some(fraction) =
        fraction.filter(|fraction| fraction.value.parse().is_ok_and(|part: f64| part < 1.0))
    {
        of.warn(
            fraction.span,
            format!(
                "a fraction of {} of the optimiser states on the host is priced as all of them",
                fraction.value
            ),
            "`--optimizer-offload-fraction 1.0` says what is priced",
        );
    }
    if !aware {
        of.warn(
            span,
            "Megatron takes `--optimizer-cpu-offload` with `--use-precision-aware-optimizer` only".to_owned(),
            "the run is priced as if both were given",
        );
    }
    if !overlapped {
        of.warn(
            span,
            "gradients and parameters that move one behind the other are priced as if they moved beside Adam"
                .to_owned(),
            "`--overlap-cpu-optimizer-d2h-h2d` says what is priced",
        );
    }
    Some(span)
}

/// Where activations are.
fn activations(of: &mut Options<'_>, layers: Option<u64>) -> Option<Span> {
    let by_layer = of.whole("--cpu-offloading-num-layers");
    let parts = of.words("--offload-modules");
    if let Some(number) = by_layer {
        // The tool takes all but one at most.
        if layers.is_some_and(|layers| number.value + 1 < layers) {
            of.warn(
                number.span,
                format!("{} layers with activations on the host are priced as all of them", number.value),
                "all layers but one is the most that Megatron takes",
            );
        }
        return Some(number.span);
    }
    let span = of.place("--fine-grained-activation-offloading")?;
    let parts = parts.unwrap_or_default();
    for part in &parts {
        if !PARTS.iter().chain(&EXPERT_PARTS).any(|known| *known == part.value) {
            let known: Vec<&str> = PARTS.into_iter().chain(EXPERT_PARTS).collect();
            of.tell(
                part.span,
                format!("`{}` is no part of a layer whose input can be moved", part.value),
                format!("expected one of `{}`", known.join("`, `")),
            );
        }
    }
    let moved = |known: &&str| parts.iter().any(|part| part.value == **known);
    let experts = of.flag("--num-experts");
    let wanted = PARTS.iter().chain(EXPERT_PARTS.iter().filter(|_| experts));
    let kept: Vec<&str> = wanted.filter(|part| !moved(part)).copied().collect();
    if !kept.is_empty() {
        of.warn(
            span,
            "part of the activations on the host is priced as all of them".to_owned(),
            format!("`--offload-modules` leaves out {}", kept.join(", ")),
        );
    }
    Some(span)
}
