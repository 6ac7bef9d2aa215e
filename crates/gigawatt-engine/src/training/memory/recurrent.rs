//! What recurrent mixers keep and work with, in bytes for each token of all heads.
//!
//! Their kernels work in chunks and compute the states between chunks again in the backward pass, so that states are
//! no part of what is kept: as the fused kernels of Mamba-2 (Dao and Gu 2024, arXiv 2405.21060, section 6) and of the
//! gated delta net (Yang et al. 2024, arXiv 2412.06464, section 3.3) do. The counting is ours.

use gigawatt_plan::catalog::Recurrence;

use crate::training::number::count;

/// Bytes of a number between matrices.
const WIDE: f64 = 2.0;

/// Bytes of a decay, a time step, a norm's statistic and a number of a state-space model's state.
const FULL: f64 = 4.0;

/// Tokens from one state of a state-space model to the next that is written.
const STATE_SPACE_CHUNK: f64 = 256.0;

/// Tokens from one state of a delta net to the next, and width of the triangle that undoes keys within them.
const DELTA_CHUNK: f64 = 64.0;

/// Numbers of a token in a mixer.
struct Widths {
    /// Heads with a decay of their own.
    heads: f64,
    /// What passes through the convolution.
    convolved: f64,
    /// What the states give, and the gate it is multiplied with.
    inner: f64,
    /// Numbers of all states.
    states: f64,
}

impl Widths {
    fn of(recurrence: &Recurrence) -> Self {
        match *recurrence {
            Recurrence::StateSpace { heads, head_size, groups, state_size, .. } => {
                let (heads, inner) = (count(heads), count(heads) * count(head_size));
                let state = count(state_size);
                Self { heads, convolved: inner + 2.0 * count(groups) * state, inner, states: inner * state }
            }
            Recurrence::DeltaNet { key_heads, value_heads, key_size, value_size, .. } => {
                let (heads, inner) = (count(value_heads), count(value_heads) * count(value_size));
                let keys = count(key_heads) * count(key_size);
                Self { heads, convolved: 2.0 * keys + inner, inner, states: inner * count(key_size) }
            }
        }
    }
}

/// Bytes kept of a token, with operands of `operand` bytes.
///
/// State space: the projections (gate, what is convolved, a time step of each head) and what the states give; its one
/// kernel computes the convolution again. Delta net: the projections, what the convolution gives, the triangle of each
/// chunk and what the states give. Both: the gated norm's output, where it is not computed again.
pub(super) fn kept(recurrence: &Recurrence, operand: f64, with_elementwise: bool) -> f64 {
    let Widths { heads, convolved, inner, .. } = Widths::of(recurrence);
    let norm = FULL * heads + if with_elementwise { operand * inner } else { 0.0 };
    norm + match recurrence {
        Recurrence::StateSpace { .. } => WIDE * (inner + convolved + heads) + WIDE * inner,
        Recurrence::DeltaNet { .. } => {
            let projections = WIDE * (inner + convolved) + 2.0 * FULL * heads;
            projections + WIDE * convolved + WIDE * DELTA_CHUNK * heads + WIDE * inner
        }
    }
}

/// Bytes that a token takes while the mixer runs: projections or their gradients, what the states give, and the states
/// between chunks with their gradients.
pub(super) fn working(recurrence: &Recurrence) -> f64 {
    let Widths { heads, convolved, inner, states } = Widths::of(recurrence);
    let between = match recurrence {
        Recurrence::StateSpace { .. } => FULL * states / STATE_SPACE_CHUNK,
        Recurrence::DeltaNet { .. } => WIDE * states / DELTA_CHUNK,
    };
    WIDE * (2.0 * inner + convolved + heads) + 2.0 * between
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_space_mixer_is_counted_on_paper() {
        let recurrence =
            Recurrence::StateSpace { heads: 2, head_size: 4, groups: 1, state_size: 3, convolution: 4 };
        // Inner width 8, convolved 8 + 2 x 3 = 14: projections 8 + 14 + 2, output 8, statistics 2, operand 8.
        assert_eq!(kept(&recurrence, 2.0, true), 2.0 * 24.0 + 2.0 * 8.0 + 4.0 * 2.0 + 2.0 * 8.0);
        assert_eq!(kept(&recurrence, 2.0, false), 2.0 * 24.0 + 2.0 * 8.0 + 4.0 * 2.0);
        // A state of 8 x 3 every 256 tokens, with its gradient.
        assert_eq!(working(&recurrence), 2.0 * (24.0 + 8.0) + 2.0 * 4.0 * 24.0 / 256.0);
    }

    #[test]
    fn a_delta_net_is_counted_on_paper() {
        let recurrence =
            Recurrence::DeltaNet { key_heads: 1, value_heads: 2, key_size: 3, value_size: 3, convolution: 4 };
        // Convolved 2 x 3 + 6 = 12: projections 12 + 6, decay and strength of 2 heads, convolved again, triangles of 64,
        // output 6, statistics 2.
        let by_hand = 2.0 * 18.0 + 2.0 * 4.0 * 2.0 + 2.0 * 12.0 + 2.0 * 64.0 * 2.0 + 2.0 * 6.0 + 4.0 * 2.0;
        assert_eq!(kept(&recurrence, 2.0, false), by_hand);
        assert_eq!(working(&recurrence), 2.0 * (12.0 + 12.0 + 2.0) + 2.0 * 2.0 * 18.0 / 64.0);
    }
}
