//! The layers of a model in order.

use gigawatt_plan::catalog::{LayerPart, Shape, WindowKind, ends_period};

/// Layers that are alike and follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayerRun {
    /// How many.
    pub count: u64,
    /// What mixes the tokens.
    pub mixer: Mixer,
    /// What works on each token by itself.
    pub feed_forward: LayerFeedForward,
}

/// What mixes the tokens in a layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mixer {
    /// Attention over the whole context.
    Attention,
    /// Attention over the newest tokens.
    Sliding {
        /// How many.
        tokens: u64,
    },
    /// Attention within a chunk.
    Chunked {
        /// Its tokens.
        tokens: u64,
    },
    /// A state.
    Recurrent,
    /// Nothing.
    None,
}

impl Mixer {
    /// Whether it is attention of any reach.
    pub fn is_attention(self) -> bool {
        matches!(self, Self::Attention | Self::Sliding { .. } | Self::Chunked { .. })
    }

    /// The most tokens whose keys and values it keeps, where that is bounded.
    pub fn window(self) -> Option<u64> {
        match self {
            Self::Sliding { tokens } | Self::Chunked { tokens } => Some(tokens),
            Self::Attention | Self::Recurrent | Self::None => None,
        }
    }
}

/// What works on each token of a layer by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LayerFeedForward {
    /// A feed-forward part for all tokens.
    Dense,
    /// Experts.
    Experts,
    /// Nothing.
    None,
}

/// The layers of a model in order, those that are alike and follow one another together.
///
/// The counts add up to the model's layers. Where a [`Shape`] gives no pattern, attention and attention over the whole
/// context stand at the [ends of periods](ends_period).
pub fn layers(shape: &Shape) -> Vec<LayerRun> {
    let mut runs: Vec<LayerRun> = Vec::new();
    let mut add = |mixer, feed_forward| match runs.last_mut() {
        Some(run) if run.mixer == mixer && run.feed_forward == feed_forward => run.count += 1,
        _ => runs.push(LayerRun { count: 1, mixer, feed_forward }),
    };
    let mut attention = attentions(shape);
    if let Some(pattern) = shape.pattern {
        for part in pattern.iter() {
            match part {
                LayerPart::Recurrent => add(Mixer::Recurrent, LayerFeedForward::None),
                LayerPart::Attention => add(attention(), LayerFeedForward::None),
                LayerPart::FeedForward => add(Mixer::None, LayerFeedForward::Dense),
                LayerPart::Experts => add(Mixer::None, LayerFeedForward::Experts),
            }
        }
        return runs;
    }
    let attending = shape.attention_layers();
    for layer in 0..shape.layers {
        let mixer = if ends_period(layer, attending, shape.layers) { attention() } else { Mixer::Recurrent };
        let has_experts = shape.experts.is_some_and(|experts| {
            layer
                .checked_sub(experts.dense_first)
                .is_some_and(|after| (after + 1) % experts.every.max(1) == 0)
        });
        let feed_forward = if has_experts { LayerFeedForward::Experts } else { LayerFeedForward::Dense };
        add(mixer, feed_forward);
    }
    runs
}

/// The layers that predict one further token: one such as the last, or where layers are one part each, attention and
/// experts (DeepSeek-V3, arXiv 2412.19437, section 2.2; Nemotron 3 Super writes them as `*E`).
pub fn further_layers(shape: &Shape) -> Vec<LayerRun> {
    let all = layers(shape);
    if shape.pattern.is_none() {
        return all.last().map(|last| LayerRun { count: 1, ..*last }).into_iter().collect();
    }
    let attention = all.iter().find(|run| run.mixer.is_attention());
    let after = all.iter().rfind(|run| run.feed_forward != LayerFeedForward::None);
    [attention, after].into_iter().flatten().map(|run| LayerRun { count: 1, ..*run }).collect()
}

/// The mixers of the layers with attention, one after the other.
fn attentions(shape: &Shape) -> impl FnMut() -> Mixer {
    let window = shape.window;
    let all = shape.attention_layers();
    let whole = all.saturating_sub(window.map_or(0, |window| window.layers));
    let mut next = 0;
    move || {
        let at = next;
        next += 1;
        match window {
            Some(window) if !ends_period(at, whole, all) => match window.kind {
                WindowKind::Sliding => Mixer::Sliding { tokens: window.tokens },
                WindowKind::Chunked => Mixer::Chunked { tokens: window.tokens },
            },
            _ => Mixer::Attention,
        }
    }
}
