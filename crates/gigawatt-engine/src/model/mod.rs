//! What follows from a model's architecture: its layers, parameters, memory of keys, values and states, widths of
//! activations, and arithmetic per token.
//!
//! Notation: layers `L`, of which `E` with experts; width `h`; vocabulary `V`; heads `a` of size `d`, of which `k` for
//! keys and values; feed-forward width `f`, of an expert `m`; `x` routed experts of which a token visits `t`, and `s`
//! shared ones.
//!
//! | part | parameters |
//! |---|---|
//! | embedding and output | `V h`, twice unless tied |
//! | learned positions | context times `h` |
//! | attention, grouped | `2 h a d + 2 h k d`, and `h a d` with a gate |
//! | attention, latent | `h q + q a (n + r) + h (c + r) + c a (n + v) + a v h`, and norms `q + c` |
//! | feed-forward | gated `3 h f`, plain `2 h f` |
//! | experts | `x` and `s` of them, and `x h` for the router; with a latent width `l`, `l` for `h` and `2 h l` |
//! | state space | `h (2 i + 2 g N + a) + (w + 1) (i + 2 g N) + 3 a + i + i h`, where `i = a d` |
//! | delta net | `h (2 i + 2 j + 2 v) + w (2 i + j) + 2 v + d + j h`, where `i` and `j` are the widths of keys and values |
//! | norms | `h` each, two a layer and one at the end; twice with a shift |
//!
//! Grouped-query attention: Ainslie et al. 2023, arXiv 2305.13245. Latent attention with ranks `q`, `c` and parts `n`,
//! `r`, `v` of a head: DeepSeek-V2, arXiv 2405.04434, equations 9 to 19. Gated feed-forward layers: Shazeer 2020, arXiv
//! 2002.05202. State space with `g` groups, state `N` and convolution `w`: Mamba-2, Dao and Gu 2024, arXiv 2405.21060.
//! Gated delta net: Yang et al. 2024, arXiv 2412.06464. Arithmetic: two operations for each weight of a matrix, and
//! `4 a d` for each token that attention looks back on (Chowdhery et al. 2022, arXiv 2204.02311, appendix B, of which
//! this is the forward third).
//!
//! Left out, as less than four millionths: learnt norms of queries and keys, attention sinks, biases and corrections
//! of routers, gates of shared experts. Vision towers are no part of a [`Shape`], and layers for further tokens are
//! counted apart.
//!
//! Numbers are `f64` that hold whole numbers, exact below 2^53, so that absurd shapes overflow nothing.
//!
//! [`Shape`]: gigawatt_plan::catalog::Shape

mod activations;
mod arithmetic;
mod layers;
mod memory;
mod parameters;
mod weights;

pub use activations::{Widths, widths};
pub use arithmetic::{
    ForwardFlop, LookedBack, forward_flop, forward_flop_by_part, further_token_flop, layer_flop, looked_back,
};
pub use layers::{LayerFeedForward, LayerRun, Mixer, further_layers, layers};
pub use memory::{kv_bytes, kv_bytes_per_token, kv_numbers, state_bytes};
pub use parameters::{
    LayerParameters, Parameters, embedding_parameters, final_norm_parameters, further_token_parameters,
    layer_parameters, output_parameters, parameters,
};
pub use weights::{
    AttentionWeights, ExpertWeights, FeedForwardWeights, RecurrentWeights, attention_weights, dense_weights,
    expert_weights, norm_parameters, recurrent_weights,
};

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts of real models stay below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests;
