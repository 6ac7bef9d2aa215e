//! How Megatron-LM's options cut a run.

use super::megatron_offload;
use super::options::{MOST_RANKS, Options};
use crate::scenario::{LayoutSection, PhaseFields};
use crate::text::Spanned;

/// Sequence, batch and layout. `layers` are the model's, `accelerators` those of the run, both where they are known.
pub(super) fn read(of: &mut Options<'_>, layers: Option<u64>, accelerators: Option<u64>) -> PhaseFields {
    let sizes = ["--tensor-model-parallel-size", "--pipeline-model-parallel-size", "--micro-batch-size"];
    let place = sizes.into_iter().find_map(|name| of.place(name));
    let mut layout = LayoutSection { span: place.or(Some(of.file)), ..LayoutSection::default() };
    let numbers = [
        ("tensor", "--tensor-model-parallel-size"),
        ("pipeline", "--pipeline-model-parallel-size"),
        ("context", "--context-parallel-size"),
        ("expert", "--expert-model-parallel-size"),
        ("expert_tensor", "--expert-tensor-parallel-size"),
    ];
    for (field, option) in numbers {
        layout.numbers.extend(of.up_to(option, MOST_RANKS).map(|number| (field, number)));
    }
    let number = |layout: &LayoutSection, field| layout.numbers.get(field).map_or(1, |number| number.value);
    let (tensor, pipeline) = (number(&layout, "tensor"), number(&layout, "pipeline"));
    if of.flag("--num-experts") && !layout.numbers.contains_key("expert_tensor") {
        // What is not said of experts is that of everything else.
        layout.numbers.extend(layout.numbers.get("tensor").cloned().map(|tensor| ("expert_tensor", tensor)));
    }
    let sequence_parallel = of.flag("--sequence-parallel");
    layout.sequence_parallel = (tensor > 1).then_some(sequence_parallel);
    layout.numbers.extend(virtual_stages(of, layers, pipeline).map(|number| ("virtual_stages", number)));
    let copy = tensor.saturating_mul(pipeline).saturating_mul(number(&layout, "context"));
    sharding(of, accelerators.and_then(|all| all.checked_div(copy)), &mut layout);
    recompute(of, number(&layout, "virtual_stages"), &mut layout);
    exchange(of, &mut layout);
    megatron_offload::read(of, layers, &mut layout);
    if let Some(span) = of.place("--use-tp-pp-dp-mapping") {
        layout.words.insert("rank_order", Spanned { value: "pipeline-before-data".to_owned(), span });
    }
    match of.up_to("--micro-batch-size", MOST_RANKS) {
        Some(number) => {
            layout.numbers.insert("micro_batch", number);
        }
        None if of.flag("--micro-batch-size") => {}
        None => {
            of.missing("--micro-batch-size", "write --micro-batch-size and the sequences that pass at once")
        }
    }
    let (sequence, batch) = (of.whole("--seq-length"), of.whole("--global-batch-size"));
    for (name, found) in [("--seq-length", sequence.is_some()), ("--global-batch-size", batch.is_some())] {
        if !found && !of.flag(name) {
            of.missing(name, &format!("write {name} and a whole number"));
        }
    }
    PhaseFields { sequence, batch_sequences: batch, layout, ..PhaseFields::default() }
}

/// Pieces of a stage, in whichever of three ways they are given.
fn virtual_stages(of: &mut Options<'_>, layers: Option<u64>, pipeline: u64) -> Option<Spanned<u64>> {
    let given = of.up_to("--num-virtual-stages-per-pipeline-rank", MOST_RANKS);
    let each = of.whole("--num-layers-per-virtual-pipeline-stage");
    let written = of.word("--pipeline-model-parallel-layout");
    let ends = ["--account-for-embedding-in-pipeline-split", "--account-for-loss-in-pipeline-split"]
        .map(|name| u64::from(of.flag(name)));
    if given.is_some() {
        return given;
    }
    if let (Some(each), Some(layers)) = (each, layers) {
        let all = layers + ends.iter().sum::<u64>();
        let pieces = pipeline.saturating_mul(each.value);
        if all.is_multiple_of(pieces) {
            return Some(each.map(|_| all / pieces));
        }
        of.tell(
            each.span,
            format!("{all} layers cannot be cut into pieces of {} over {pipeline} stages", each.value),
            "take a divisor of the layers of a stage",
        );
        return None;
    }
    let written = written?;
    let fits = |stages: &u64| stages.is_multiple_of(pipeline) && *stages <= MOST_RANKS;
    let Some(stages) = stages_of(&written.value).filter(fits) else {
        of.tell(
            written.span,
            format!("`{}` does not give {pipeline} stages the same number of pieces", written.value),
            "write E for the embedding, t for a layer, m for one that predicts a further token, L for the loss and | between pieces, such as Et|t*3|(tt|)*2L",
        );
        return None;
    };
    of.warn(
        written.span,
        "layers are dealt to pieces by their weight, not in this order".to_owned(),
        "the number of pieces is kept",
    );
    Some(written.map(|_| stages / pipeline))
}

/// Pieces that a layout such as `Et|(tt|)*29L` has: one more than there are bars.
fn stages_of(layout: &str) -> Option<u64> {
    let mut open: Vec<u64> = Vec::new();
    // Bars of what a factor may follow, and of all before it.
    let (mut last, mut bars) = (0_u64, 0_u64);
    let mut characters = layout.chars().filter(|letter| !letter.is_whitespace()).peekable();
    while let Some(letter) = characters.next() {
        match letter {
            '(' => {
                open.push(bars.checked_add(last)?);
                (bars, last) = (0, 0);
            }
            ')' => {
                last = bars.checked_add(last)?;
                bars = open.pop()?;
            }
            '*' => {
                let mut digits = String::new();
                while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                    digits.push(digit);
                }
                last = last.checked_mul(digits.parse::<u64>().ok().filter(|factor| *factor < 10_000)?)?;
            }
            '|' | 'E' | 'L' | 't' | 'm' | ',' => {
                bars = bars.checked_add(last)?;
                last = u64::from(letter == '|');
            }
            _ => return None,
        }
    }
    open.is_empty().then(|| bars.checked_add(last)?.checked_add(1))?
}

fn sharding(of: &mut Options<'_>, data: Option<u64>, layout: &mut LayoutSection) {
    let optimizer = of.place("--use-distributed-optimizer");
    let instances = of.whole("--num-distributed-optimizer-instances");
    let fsdp = of.place("--use-megatron-fsdp");
    let torch = of.place("--use-torch-fsdp2");
    let kept = of.flag("--torch-fsdp2-no-reshard-after-forward");
    let strategy = of.choice(
        "--data-parallel-sharding-strategy",
        &["no_shard", "optim", "optim_grads", "optim_grads_params"],
    );
    let (word, span) = match (fsdp, torch, optimizer) {
        (Some(fsdp), ..) => match strategy {
            Some(strategy) => match strategy.value {
                "optim" => ("optimizer", strategy.span),
                "optim_grads" => ("gradients", strategy.span),
                "optim_grads_params" => ("parameters", strategy.span),
                _ => ("none", strategy.span),
            },
            None => ("none", fsdp),
        },
        (None, Some(torch), _) => (if kept { "gradients" } else { "parameters" }, torch),
        (None, None, Some(optimizer)) => ("optimizer", optimizer),
        (None, None, None) => ("none", of.file),
    };
    layout.words.insert("sharding", Spanned { value: word.to_owned(), span });
    if let (Some(instances), Some(data)) = (instances, data)
        && instances.value > 1
    {
        if data.is_multiple_of(instances.value) {
            layout.numbers.insert("sharding_group", instances.map(|instances| data / instances));
        } else {
            of.tell(
                instances.span,
                format!("{data} data-parallel ranks cannot be cut into {} groups", instances.value),
                "take a divisor of the number of ranks",
            );
        }
    }
}

fn recompute(of: &mut Options<'_>, virtual_stages: u64, layout: &mut LayoutSection) {
    let granularity = of.choice("--recompute-granularity", &["full", "selective"]);
    let shorthand = of.place("--recompute-activations");
    let method = of.choice("--recompute-method", &["uniform", "block"]);
    let layers = of.whole("--recompute-num-layers");
    let modules = of.words("--recompute-modules").unwrap_or_default();
    let span = match (granularity, shorthand) {
        (Some(granularity), _) if granularity.value == "full" => {
            match (method.map_or("uniform", |method| method.value), layers) {
                // It counts the layers of a piece.
                ("block", Some(layers)) => {
                    let of_stage = layers.map(|layers| layers.saturating_mul(virtual_stages).min(MOST_RANKS));
                    layout.numbers.insert("recompute_layers", of_stage);
                }
                (_, layers) => {
                    if let Some(layers) = layers.filter(|layers| layers.value > 1) {
                        of.warn(
                            layers.span,
                            format!(
                                "the input of every {} layers is kept, and priced as that of every layer",
                                layers.value
                            ),
                            "`--recompute-num-layers 1` says what is priced",
                        );
                    }
                    let word = Spanned { value: "full".to_owned(), span: granularity.span };
                    layout.words.insert("recompute", word);
                }
            }
            return;
        }
        (Some(granularity), _) => granularity.span,
        (None, Some(span)) => span,
        (None, None) => return,
    };
    let known = ["core_attn", "layernorm", "moe_act", "mla_up_proj", "mlp", "moe", "shared_experts"];
    for module in &modules {
        if !known.contains(&module.value.as_str()) {
            of.tell(
                module.span,
                format!("`{}` is no part of a layer", module.value),
                format!("expected one of `{}`", known.join("`, `")),
            );
        } else if !["core_attn", "layernorm", "moe_act"].contains(&module.value.as_str()) {
            of.warn(
                module.span,
                format!("`{}` is not computed again in what is priced", module.value),
                "attention's core, norms and activation functions are",
            );
        }
    }
    let attention = modules.is_empty() || modules.iter().any(|module| module.value == "core_attn");
    let word = if attention { "selective" } else { "elementwise" };
    layout.words.insert("recompute", Spanned { value: word.to_owned(), span });
}

/// How context-parallel ranks see each other's keys and values.
fn exchange(of: &mut Options<'_>, layout: &mut LayoutSection) {
    if !of.flag("--cp-comm-type") {
        return;
    }
    let Some(first) = of.choice("--cp-comm-type", &["p2p", "all_gather", "allgather", "a2a", "a2a+p2p"])
    else {
        return;
    };
    let words = of.words("--cp-comm-type").unwrap_or_default();
    if let Some(other) = words.iter().find(|word| word.value != first.value) {
        of.warn(
            other.span,
            format!("layers exchange in different ways, and are priced as all `{}`", first.value),
            "write one word",
        );
    }
    let word = match first.value {
        "all_gather" | "allgather" => "all-gather",
        "a2a" => "ulysses",
        "a2a+p2p" => {
            of.warn(
                first.span,
                "an exchange of heads inside a node and a ring beyond it is priced as a ring".to_owned(),
                "`a2a` or `p2p` says what is priced",
            );
            "ring"
        }
        _ => "ring",
    };
    layout.words.insert("context_exchange", Spanned { value: word.to_owned(), span: first.span });
}

#[cfg(test)]
mod tests {
    use super::stages_of;

    #[test]
    fn pieces_of_a_layout_are_counted_through_factors() {
        for (layout, pieces) in [
            ("EtL", Some(1)),
            ("Et|t|t|tL", Some(4)),
            ("Et*3|(tt|)*29,m|L", Some(32)),
            ("E|(t|)*3,m|m||L", Some(8)),
            ("E(t|(t|)*2)*3L", Some(10)),
            ("E|x", None),
            ("E(t|", None),
        ] {
            assert_eq!(stages_of(layout), pieces, "{layout}");
        }
    }
}
