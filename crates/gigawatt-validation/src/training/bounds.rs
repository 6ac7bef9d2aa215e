//! What a row may not exceed. Numbers beyond every machine and model are slips of the pen; some of them would cost the law
//! time and memory without end, others would overflow its products.

use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::training::Layout;

use super::row::TrainingRow;

/// Accelerators of a run.
const ACCELERATORS: u64 = 100_000_000;
/// Layers of a model.
const LAYERS: u64 = 10_000;
/// Pieces of a pipeline: simulating it takes passes in proportion to their square.
const PIECES: u64 = 512;
/// Micro-batches of a step.
const MICRO_BATCHES: u64 = 10_000_000;
/// Sequences of a step.
const SEQUENCES: u64 = 1_000_000_000;
/// Tokens of a sequence.
const TOKENS: u64 = 100_000_000;
/// Widths, heads, experts, parallelism: products of two stay exact, of three do not overflow where they are real numbers.
const EACH: u64 = 10_000_000;

/// Tokens per second and accelerator that a measurement may state.
const RATES: (f64, f64) = (1e-6, 1e12);

/// Whether a layout of a model is one that the law can price.
///
/// # Errors
/// What is beyond all bounds or contradicts itself.
pub fn check(row: &TrainingRow, shape: &Shape, layout: &Layout) -> Result<(), String> {
    let pieces = layout.pipeline.saturating_mul(layout.virtual_stages);
    let experts = shape.experts;
    let expert = |part: fn(&gigawatt_plan::catalog::Experts) -> u64| experts.as_ref().map_or(0, part);
    let (heads, kv_heads, head_size) = match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. } => (heads, kv_heads, head_size),
        Attention::Latent { heads, .. } => (heads, 0, 0),
        Attention::Absent => (0, 0, 0),
    };
    for (what, number, most) in [
        ("accelerators", layout.accelerators, ACCELERATORS),
        ("accelerators in a server", row.gpus_per_node.unwrap_or(0), ACCELERATORS),
        ("layers", shape.layers, LAYERS),
        ("pieces of a pipeline", pieces, PIECES),
        ("sequences in a micro-batch", layout.micro_batch, EACH),
        ("sequences in a step", layout.global_batch, SEQUENCES),
        ("tokens in a sequence", layout.sequence_length, TOKENS),
        ("expert-parallel ranks", layout.expert, EACH),
        ("tensor-parallel ranks in an expert", layout.expert_tensor, EACH),
        ("channels", shape.hidden, EACH),
        ("channels in a feed-forward part", shape.feed_forward, EACH),
        ("words in the vocabulary", shape.vocabulary, EACH),
        ("heads", heads, EACH),
        ("heads of keys", kv_heads, EACH),
        ("channels in a head", head_size, EACH),
        ("experts", expert(|experts| experts.routed), EACH),
        ("shared experts", expert(|experts| experts.shared), EACH),
        ("channels in an expert", expert(|experts| experts.feed_forward), EACH),
    ] {
        if number > most {
            return Err(format!("{number} {what} are beyond all bounds, {most} at most"));
        }
    }
    // Embedding and loss may count as layers.
    if pieces > shape.layers.saturating_add(shape.further_tokens).saturating_add(2) {
        return Err(format!("{} layers do not make {pieces} pieces of a pipeline", shape.layers));
    }
    let (routed, active) = (expert(|experts| experts.routed), expert(|experts| experts.active));
    if active > routed {
        return Err(format!("a token visits {active} of {routed} experts"));
    }
    if layout.data().saturating_mul(layout.micro_batch) > layout.global_batch {
        return Err(format!(
            "a step of {} sequences has none for some of {} data-parallel ranks with micro-batches of {}",
            layout.global_batch,
            layout.data(),
            layout.micro_batch
        ));
    }
    if layout.micro_batches() > MICRO_BATCHES {
        return Err(format!(
            "{} micro-batches are beyond all bounds, {MICRO_BATCHES} at most",
            layout.micro_batches()
        ));
    }
    Ok(())
}

/// Whether a measurement is one.
///
/// # Errors
/// That it is beyond all bounds.
pub fn check_rate(tokens_per_second: f64) -> Result<(), String> {
    let (least, most) = RATES;
    if (least..=most).contains(&tokens_per_second) {
        return Ok(());
    }
    Err(format!("{tokens_per_second:e} tokens per second and accelerator are beyond all bounds"))
}
