//! How wide the tensors between the parts of a layer are.

use gigawatt_plan::catalog::{Attention, FeedForward, Recurrence, Shape};

use super::number;
use super::weights::convolved;

/// Numbers that one token has in the tensors of a layer; multiplied with tokens and bytes they are the activations.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Widths {
    /// The residual stream, and what each part gives to it.
    pub residual: f64,
    /// Queries of all heads.
    pub queries: f64,
    /// Keys of all heads of keys, as attention reads them.
    pub keys: f64,
    /// Values of all heads of values, as attention reads them.
    pub values: f64,
    /// The compressed query, keys and values.
    pub latent: f64,
    /// What attention gives, before it is projected back.
    pub attended: f64,
    /// Inside a dense feed-forward part: what its matrices give before the activation function.
    pub dense: f64,
    /// Inside a dense feed-forward part: what its last matrix reads.
    pub dense_activated: f64,
    /// Inside the routed experts that a token visits, before the activation function.
    pub routed: f64,
    /// Inside them, what their last matrices read.
    pub routed_activated: f64,
    /// What goes to and comes from all routed experts that a token visits.
    pub dispatched: f64,
    /// Inside the shared experts, before the activation function.
    pub shared: f64,
    /// Inside them, what their last matrices read.
    pub shared_activated: f64,
    /// What a recurrent mixer makes from the residual stream.
    pub recurrent_input: f64,
    /// What it projects back.
    pub recurrent_output: f64,
    /// The logits.
    pub logits: f64,
}

/// Widths of the tensors of a model's layers; 0 for parts that it does not have.
pub fn widths(shape: &Shape) -> Widths {
    let ups = match shape.feed_forward_kind {
        FeedForward::Gated => 2.0,
        FeedForward::Plain => 1.0,
    };
    let dense = if shape.dense_layers() > 0 { number(shape.feed_forward) } else { 0.0 };
    let mut widths = Widths {
        residual: number(shape.hidden),
        dense: ups * dense,
        dense_activated: dense,
        logits: number(shape.vocabulary),
        ..Widths::default()
    };
    match shape.attention {
        Attention::Grouped { heads, kv_heads, head_size, .. } => {
            widths.queries = number(heads) * number(head_size);
            widths.keys = number(kv_heads) * number(head_size);
            (widths.values, widths.attended) = (widths.keys, widths.queries);
        }
        Attention::Latent { heads, query_rank, kv_rank, plain_size, rotary_size, value_size } => {
            widths.queries = number(heads) * (number(plain_size) + number(rotary_size));
            widths.keys = widths.queries;
            widths.values = number(heads) * number(value_size);
            widths.attended = widths.values;
            widths.latent = number(query_rank) + number(kv_rank) + number(rotary_size);
        }
        Attention::Absent => {}
    }
    if let Some(experts) = shape.experts {
        let active = number(experts.active);
        widths.routed_activated = active * number(experts.feed_forward);
        widths.shared_activated = number(experts.shared) * number(experts.shared_feed_forward);
        widths.routed = ups * widths.routed_activated;
        widths.shared = ups * widths.shared_activated;
        widths.dispatched = active * number(experts.latent.unwrap_or(shape.hidden));
    }
    if let Some(recurrent) = shape.recurrent {
        let convolved = convolved(&recurrent.recurrence);
        (widths.recurrent_input, widths.recurrent_output) = match recurrent.recurrence {
            Recurrence::StateSpace { heads, head_size, .. } => {
                let inner = number(heads) * number(head_size);
                (inner + convolved + number(heads), inner)
            }
            Recurrence::DeltaNet { value_heads, value_size, .. } => {
                let values = number(value_heads) * number(value_size);
                (convolved + values + 2.0 * number(value_heads), values)
            }
        };
    }
    widths
}
