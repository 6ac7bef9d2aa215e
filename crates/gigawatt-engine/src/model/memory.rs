//! Memory of what a token or a context leaves behind.

use gigawatt_plan::catalog::{Attention, Recurrence, Shape};

use super::weights::convolved;
use super::{layers, number};

/// Bytes that one token's keys and values take over all layers, with `bytes` for each number.
///
/// `2 k d` numbers a layer with attention, or `c + r` where they are latent. Layers with a window are counted as if
/// they had none: [`kv_bytes`] tells what a whole context takes.
pub fn kv_bytes_per_token(shape: &Shape, bytes: f64) -> f64 {
    number(shape.attention_layers()) * kv_numbers(shape) * bytes
}

/// Bytes that keys and values of a context of `tokens` take, with `bytes` for each number; layers with a window keep
/// no more than it.
pub fn kv_bytes(shape: &Shape, tokens: u64, bytes: f64) -> f64 {
    let kept: f64 = layers(shape)
        .iter()
        .filter(|run| run.mixer.is_attention())
        .map(|run| number(run.count) * number(run.mixer.window().map_or(tokens, |window| tokens.min(window))))
        .sum();
    kv_numbers(shape) * kept * bytes
}

/// Numbers that a layer with attention keeps of a token.
pub fn kv_numbers(shape: &Shape) -> f64 {
    match shape.attention {
        Attention::Grouped { kv_heads, head_size, .. } => 2.0 * number(kv_heads) * number(head_size),
        Attention::Latent { kv_rank, rotary_size, .. } => number(kv_rank) + number(rotary_size),
        Attention::Absent => 0.0,
    }
}

/// Bytes that the states of all recurrent layers take for one sequence, however long, with `bytes` for each number:
/// the state of each head, and the tokens that the next convolution needs.
pub fn state_bytes(shape: &Shape, bytes: f64) -> f64 {
    shape.recurrent.map_or(0.0, |recurrent| {
        let waiting = convolved(&recurrent.recurrence) * (span(&recurrent.recurrence) - 1.0);
        number(recurrent.layers) * (state_numbers(&recurrent.recurrence) + waiting) * bytes
    })
}

/// Numbers of the state of one layer.
pub(super) fn state_numbers(recurrence: &Recurrence) -> f64 {
    match *recurrence {
        Recurrence::StateSpace { heads, head_size, state_size, .. } => {
            number(heads) * number(head_size) * number(state_size)
        }
        Recurrence::DeltaNet { value_heads, key_size, value_size, .. } => {
            number(value_heads) * number(key_size) * number(value_size)
        }
    }
}

/// Tokens that the convolution spans.
pub(super) fn span(recurrence: &Recurrence) -> f64 {
    match *recurrence {
        Recurrence::StateSpace { convolution, .. } | Recurrence::DeltaNet { convolution, .. } => {
            number(convolution)
        }
    }
}
