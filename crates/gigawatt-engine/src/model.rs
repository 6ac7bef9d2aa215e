//! What follows from a transformer's architecture: parameters, memory of keys and values, arithmetic per token.
//!
//! Notation: layers `L`, of which `E` with experts; width `h`; vocabulary `V`; heads `a` of size `d`, of which `k` for
//! keys and values; feed-forward width `f`, of an expert `m`; `x` routed experts of which a token visits `t`, and `s`
//! shared ones.
//!
//! | part | parameters |
//! |---|---|
//! | embedding and output | `V h`, twice unless tied |
//! | attention, grouped | `2 h a d + 2 h k d` |
//! | attention, latent | `h q + q a (n + r) + h (c + r) + c a (n + v) + a v h`, and norms `q + c` |
//! | feed-forward, gated | `3 h f` |
//! | experts | `(x + s) 3 h m + x h` with the router |
//! | norms | `2 h` a layer, `h` at the end |
//!
//! Grouped-query attention: Ainslie et al. 2023, arXiv 2305.13245. Latent attention with ranks `q`, `c` and parts `n`,
//! `r`, `v` of a head: DeepSeek-V2, arXiv 2405.04434, equations 9 to 19. Gated feed-forward layers: Shazeer 2020, arXiv
//! 2002.05202. Arithmetic: two operations for each weight of a matrix, and `4 a d` for each token that attention looks
//! back on (Chowdhery et al. 2022, arXiv 2204.02311, appendix B, of which this is the forward third).
//!
//! Left out, as less than two millionths: learnt norms of queries and keys, attention sinks, biases and corrections
//! of routers. Vision towers and layers for further tokens are no part of a [`Shape`].

use gigawatt_plan::catalog::{Attention, Experts, Shape};

/// Parameters of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// All of them.
    pub total: u64,
    /// Those that a token passes through, the whole embedding and output included.
    pub active: u64,
}

/// Counts the parameters.
pub fn parameters(shape: &Shape) -> Parameters {
    let tables = shape.vocabulary * shape.hidden * if shape.tied_embedding { 1 } else { 2 };
    let norms = shape.hidden * (2 * shape.layers + 1);
    let attention = shape.layers * attention_parameters(shape);
    let dense_layers = shape.layers - shape.experts.map_or(0, |experts| experts.layers);
    let dense = dense_layers * gated(shape.hidden, shape.feed_forward, false);
    let everywhere = tables + norms + attention + dense;
    let with = |visited: fn(&Experts) -> u64| {
        shape.experts.map_or(0, |experts| {
            let expert = gated(shape.hidden, experts.feed_forward, experts.biased);
            let router = shape.hidden * experts.routed;
            experts.layers * (visited(&experts) * expert + router)
        })
    };
    Parameters {
        total: everywhere + with(|experts| experts.routed + experts.shared),
        active: everywhere + with(|experts| experts.active + experts.shared),
    }
}

/// Bytes that one token's keys and values take over all layers, with `bytes` for each number.
///
/// `2 k d L` numbers, or `(c + r) L` where they are latent. Layers with a window are counted as if they had none:
/// [`kv_bytes`] tells what a whole context takes.
pub fn kv_bytes_per_token(shape: &Shape, bytes: f64) -> f64 {
    count(shape.layers * kv_numbers(shape)) * bytes
}

/// Bytes that keys and values of a context of `tokens` take, with `bytes` for each number; layers with a window keep
/// no more than it.
pub fn kv_bytes(shape: &Shape, tokens: u64, bytes: f64) -> f64 {
    let kept = |window: u64| tokens.min(window);
    let windowed = shape.window.map_or(0, |window| window.layers * kept(window.tokens));
    let whole = shape.layers - shape.window.map_or(0, |window| window.layers);
    count(kv_numbers(shape)) * (count(whole) * count(tokens) + count(windowed)) * bytes
}

/// Floating-point operations of the forward pass for one token that looks back on `past` tokens.
///
/// Looking a token up in the embedding is none. Training takes three times as many (backward is twice forward), and
/// a sequence of `n` tokens looks back on `n / 2` on average.
pub fn forward_flop(shape: &Shape, past: u64) -> f64 {
    // Each token weighs every key and adds every value: 2 x 2 operations for each number of a head.
    let looked_back = |tokens: u64| 2.0 * count(head_numbers(shape)) * count(tokens);
    let (windowed, window) = shape.window.map_or((0, 0), |window| (window.layers, window.tokens));
    let attention =
        count(shape.layers - windowed) * looked_back(past) + count(windowed) * looked_back(past.min(window));
    2.0 * count(matrix_weights(shape)) + attention
}

/// Weights of the matrices that a token is multiplied with: the active parameters without norms, biases and, where
/// the output has a table of its own, the embedding.
fn matrix_weights(shape: &Shape) -> u64 {
    let lookup = if shape.tied_embedding { 0 } else { shape.vocabulary * shape.hidden };
    let norms = shape.hidden * (2 * shape.layers + 1) + shape.layers * attention_extras(shape);
    let biases = shape.experts.filter(|experts| experts.biased).map_or(0, |experts| {
        experts.layers * (experts.active + experts.shared) * (2 * experts.feed_forward + shape.hidden)
    });
    parameters(shape).active - lookup - norms - biases
}

fn attention_parameters(shape: &Shape) -> u64 {
    let h = shape.hidden;
    let matrices = match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. } => 2 * h * (heads + kv_heads) * head_size,
        Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
            h * query_rank
                + query_rank * heads * (plain_size + rotary_size)
                + h * (kv_rank + rotary_size)
                + kv_rank * heads * (plain_size + value_size)
                + heads * value_size * h
        }
    };
    matrices + attention_extras(shape)
}

/// Norms of the latent vectors, biases of the four projections.
fn attention_extras(shape: &Shape) -> u64 {
    match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, biased: true } => {
            (heads + 2 * kv_heads) * head_size + shape.hidden
        }
        Attention::Grouped { .. } => 0,
        Attention::Latent { query_rank, kv_rank, .. } => query_rank + kv_rank,
    }
}

/// Three matrices, and where they have biases two of the inner width and one of the outer.
fn gated(hidden: u64, width: u64, biased: bool) -> u64 {
    3 * hidden * width + if biased { 2 * width + hidden } else { 0 }
}

/// Numbers that a layer keeps of a token.
fn kv_numbers(shape: &Shape) -> u64 {
    match shape.attention {
        Attention::Grouped { kv_heads, head_size, .. } => 2 * kv_heads * head_size,
        Attention::Latent { kv_rank, rotary_size, .. } => kv_rank + rotary_size,
    }
}

/// Numbers of a layer's heads that meet those of an earlier token: in keys and in values.
fn head_numbers(shape: &Shape) -> u64 {
    match shape.attention {
        Attention::Grouped { heads, head_size, .. } => 2 * heads * head_size,
        Attention::Latent { heads, plain_size, rotary_size, value_size, .. } => {
            heads * (plain_size + rotary_size + value_size)
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
fn count(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::catalog::Window;

    use super::*;

    /// Two layers of width 4 with one head: every weight can be counted on paper.
    fn small() -> Shape {
        Shape {
            layers: 2,
            hidden: 4,
            vocabulary: 10,
            tied_embedding: false,
            context: 16,
            attention: Attention::Grouped { heads: 2, kv_heads: 1, head_size: 2, biased: false },
            feed_forward: 8,
            experts: None,
            window: None,
        }
    }

    #[test]
    fn a_small_model_is_counted_on_paper() {
        // Tables 80, norms 20, attention 2 x (16 + 8 + 8 + 16 = 48), feed-forward 2 x 96.
        assert_eq!(parameters(&small()), Parameters { total: 388, active: 388 });
        let tied = Shape { tied_embedding: true, ..small() };
        assert_eq!(parameters(&tied).total, 348);
        // Keys and values of 2 numbers each in 2 layers, at 2 bytes.
        assert_eq!(kv_bytes_per_token(&small(), 2.0), 16.0);
        // Matrices 388 - 40 - 20 = 328 twice; one earlier token meets 4 numbers of keys and 4 of values in 2 layers.
        assert_eq!(forward_flop(&small(), 0), 656.0);
        assert_eq!(forward_flop(&small(), 1), 656.0 + 32.0);
        assert_eq!(forward_flop(&tied, 0), forward_flop(&small(), 0));
    }

    #[test]
    fn experts_count_whole_and_are_visited_in_part() {
        let experts = Experts { layers: 1, routed: 4, active: 1, shared: 1, feed_forward: 2, biased: false };
        let shape = Shape { experts: Some(experts), ..small() };
        // One dense layer of 96 gives way to a router of 16 and experts of 24.
        assert_eq!(parameters(&shape), Parameters { total: 388 - 96 + 16 + 120, active: 388 - 96 + 16 + 48 });
        let all = Shape { experts: Some(Experts { active: 4, ..experts }), ..small() };
        assert_eq!(parameters(&all).active, parameters(&all).total);
    }

    #[test]
    fn a_window_bounds_what_its_layers_keep_and_look_back_on() {
        let shape = Shape { window: Some(Window { layers: 1, tokens: 3 }), ..small() };
        assert_eq!(kv_bytes(&shape, 2, 2.0), kv_bytes(&small(), 2, 2.0));
        assert_eq!(kv_bytes(&shape, 10, 2.0), 4.0 * (10.0 + 3.0) * 2.0);
        assert_eq!(forward_flop(&shape, 10) - forward_flop(&shape, 0), 16.0 * 13.0);
    }
}
