//! How the layers of a model are dealt to the pieces of a pipeline.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::training::Layout;

use super::schedule::Placement;
use crate::model::{LayerFeedForward, Mixer, layers};

/// What a layer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerKind {
    /// What mixes tokens.
    pub mixer: Mixer,
    /// What works on each token by itself.
    pub feed_forward: LayerFeedForward,
}

/// What one piece of the pipeline holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Piece {
    /// Layers of each kind, in the order of [`Dealt::kinds`].
    pub layers: Vec<u64>,
    /// Whether the embedding is on it.
    pub embedding: bool,
    /// Whether output layer and loss are on it, and layers that predict further tokens.
    pub head: bool,
}

/// A model cut into pieces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dealt {
    /// The kinds of layer that the model has.
    pub kinds: Vec<LayerKind>,
    /// Pieces in the order in which a micro-batch passes them.
    pub pieces: Vec<Piece>,
    /// Kind of the layers that predict further tokens: that of the last layer.
    pub further: usize,
}

impl Dealt {
    /// The pieces that a stage holds.
    pub fn of_stage(&self, layout: &Layout, stage: usize) -> impl Iterator<Item = &Piece> {
        Placement::of_layout(layout).held(stage).filter_map(|piece| self.pieces.get(piece))
    }
}

/// The kinds of a model's layers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kinds {
    /// Each once, in the order in which they occur first.
    pub kinds: Vec<LayerKind>,
    /// The kind of each layer in order.
    pub order: Vec<usize>,
}

impl Kinds {
    /// Those of a model.
    pub fn of(shape: &Shape) -> Self {
        let mut kinds: Vec<LayerKind> = Vec::new();
        let mut order = Vec::new();
        for run in layers(shape) {
            let kind = LayerKind { mixer: run.mixer, feed_forward: run.feed_forward };
            let at = kinds.iter().position(|known| *known == kind).unwrap_or_else(|| {
                kinds.push(kind);
                kinds.len() - 1
            });
            order.extend((0..run.count).map(|_| at));
        }
        Self { kinds, order }
    }
}

/// Deals layers to `stages x virtual stages` pieces in order.
///
/// Evenly where their number allows; else evenly with the embedding and the loss, or the loss alone, counted as a layer
/// (Megatron's `account-for-embedding-in-pipeline-split`); else so that pieces weigh about the same. `weights` are the
/// times of each kind of layer, `head` that of output layer, loss and layers for further tokens.
pub fn deal(shape: &Shape, layout: &Layout, weights: impl Fn(&[LayerKind]) -> (Vec<f64>, f64)) -> Dealt {
    deal_kinds(shape, &Kinds::of(shape), layout, weights)
}

/// The same where the kinds of layers are known.
pub(super) fn deal_kinds(
    shape: &Shape,
    Kinds { kinds, order }: &Kinds,
    layout: &Layout,
    weights: impl Fn(&[LayerKind]) -> (Vec<f64>, f64),
) -> Dealt {
    let pieces = usize::try_from((layout.pipeline * layout.virtual_stages).max(1)).unwrap_or(1);
    let all = order.len();
    let counts = if shape.further_tokens == 0 && all.is_multiple_of(pieces) {
        vec![all / pieces; pieces]
    } else if shape.further_tokens == 0 && (all + 2).is_multiple_of(pieces) && all + 2 >= 2 * pieces {
        with_ends(pieces, (all + 2) / pieces, 1)
    } else if shape.further_tokens == 0 && (all + 1).is_multiple_of(pieces) && all + 1 >= 2 * pieces {
        with_ends(pieces, (all + 1) / pieces, 0)
    } else {
        let (weights, head) = weights(kinds);
        balanced(pieces, order, &weights, head)
    };
    let mut layer = order.iter();
    let pieces = counts
        .iter()
        .enumerate()
        .map(|(index, &count)| {
            let mut piece = Piece {
                layers: vec![0; kinds.len()],
                embedding: index == 0,
                head: index + 1 == counts.len(),
            };
            for &kind in layer.by_ref().take(count) {
                piece.layers[kind] += 1;
            }
            piece
        })
        .collect();
    Dealt { further: order.last().copied().unwrap_or(0), kinds: kinds.clone(), pieces }
}

/// As many layers for each piece, one less on the last and `first` less on the first.
fn with_ends(pieces: usize, each: usize, first: usize) -> Vec<usize> {
    let mut counts = vec![each; pieces];
    counts[0] -= first;
    counts[pieces - 1] -= 1;
    counts
}

/// Layers to pieces so that each takes its part of what is left, the last carrying the head.
fn balanced(pieces: usize, order: &[usize], weights: &[f64], head: f64) -> Vec<usize> {
    let weight = |kind: &usize| weights.get(*kind).copied().unwrap_or(0.0);
    let mut left: f64 = order.iter().map(weight).sum::<f64>() + head;
    let mut next = 0;
    (0..pieces)
        .map(|piece| {
            if piece + 1 == pieces {
                return order.len() - next;
            }
            #[expect(clippy::cast_precision_loss, reason = "pieces are few")]
            let share = left / (pieces - piece) as f64;
            let (start, mut taken) = (next, 0.0);
            while let Some(layer) = order.get(next).map(weight) {
                // A layer is taken while that brings the piece nearer to its share.
                if taken + layer / 2.0 > share {
                    break;
                }
                taken += layer;
                next += 1;
            }
            left -= taken;
            next - start
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::catalog::Attention;

    use super::*;

    fn counts(layers: u64, pipeline: u64, virtual_stages: u64) -> Vec<u64> {
        let attention = Attention::Grouped { heads: 8, kv_heads: 8, head_size: 64, biased: false };
        let shape = Shape::dense(layers, 512, 1000, 2048, attention, 2048);
        let layout = Layout { pipeline, virtual_stages, ..Layout::SINGLE };
        let dealt = deal(&shape, &layout, |kinds| (vec![1.0; kinds.len()], 1.5));
        dealt.pieces.iter().map(|piece| piece.layers.iter().sum()).collect()
    }

    #[test]
    fn layers_are_dealt_evenly_or_with_the_ends_counted() {
        assert_eq!(counts(8, 4, 1), [2, 2, 2, 2]);
        assert_eq!(counts(8, 2, 2), [2, 2, 2, 2]);
        // Llama 3.1 405B: 126 layers, embedding and loss in the place of one each.
        let llama = counts(126, 8, 8);
        assert_eq!((llama[0], llama[1], llama[63]), (1, 2, 1));
        assert_eq!(counts(7, 4, 1), [2, 2, 2, 1]);
    }

    #[test]
    fn what_does_not_divide_is_dealt_by_weight() {
        let dealt = counts(61, 4, 1);
        assert_eq!(dealt.iter().sum::<u64>(), 61);
        assert!(dealt[3] < dealt[0]);
        assert_eq!(counts(3, 8, 1).iter().sum::<u64>(), 3);
    }
}
