//! What the numbers of a shape owe each other.

use super::{Attention, LayerPart, Shape};

/// A number that contradicts another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// The field of an architecture that holds it.
    pub field: &'static str,
    /// What is wrong, as a message.
    pub message: String,
}

impl Shape {
    /// Layers with attention.
    pub fn attention_layers(&self) -> u64 {
        match self.pattern {
            Some(pattern) => pattern.count(LayerPart::Attention),
            None => self.layers.saturating_sub(self.recurrent.map_or(0, |of| of.layers)),
        }
    }

    /// Layers with a dense feed-forward part.
    pub fn dense_layers(&self) -> u64 {
        match self.pattern {
            Some(pattern) => pattern.count(LayerPart::FeedForward),
            None => self.layers.saturating_sub(self.experts.map_or(0, |of| of.layers)),
        }
    }

    /// The contradictions between its numbers.
    pub(crate) fn contradictions(&self) -> Vec<Contradiction> {
        let mut found = Vec::new();
        let mut tell = |field, message: String| found.push(Contradiction { field, message });
        let layers = self.layers;
        let expert_layers = self.experts.map_or(0, |of| of.layers);
        let recurrent = self.recurrent.map_or(0, |of| of.layers);
        if expert_layers > layers {
            tell(
                "expert_layers",
                format!("`expert_layers` is {expert_layers}, more than the {layers} layers"),
            );
        } else if recurrent > layers {
            tell(
                "recurrent_layers",
                format!("`recurrent_layers` is {recurrent}, more than the {layers} layers"),
            );
        } else if let Some(pattern) = self.pattern {
            let written = [
                ("pattern", pattern.layers(), "layers", layers),
                ("recurrent_layers", pattern.count(LayerPart::Recurrent), "recurrent layers", recurrent),
                ("expert_layers", pattern.count(LayerPart::Experts), "layers with experts", expert_layers),
            ];
            for (field, counted, noun, said) in written {
                if counted != said {
                    tell(field, format!("the pattern has {counted} {noun}, the architecture {said}"));
                }
            }
        } else if let Some(experts) = self.experts {
            let placed = layers.saturating_sub(experts.dense_first).checked_div(experts.every);
            if placed != Some(experts.layers) {
                tell(
                    "expert_layers",
                    format!(
                        "`expert_layers` is {}, where every {} of the {layers} layers after {} dense ones has experts",
                        experts.layers, experts.every, experts.dense_first
                    ),
                );
            }
        }
        if self.experts.is_some_and(|experts| experts.layers == 0) {
            tell("expert_layers", "no layer has the experts that are described".to_owned());
        }
        let attending = self.attention_layers();
        if let Some(window) = self.window
            && window.layers > attending
        {
            let of = if recurrent == 0 { "layers" } else { "layers with attention" };
            tell(
                "window_layers",
                format!("`window_layers` is {}, more than the {attending} {of}", window.layers),
            );
        }
        if let Some(experts) = self.experts
            && experts.active > experts.routed
        {
            tell(
                "active_experts",
                format!("`active_experts` is {}, more than the {} experts", experts.active, experts.routed),
            );
        }
        if let Some((experts, of)) = self.experts.and_then(|experts| Some((experts, experts.groups?))) {
            if !experts.routed.is_multiple_of(of.groups) {
                let message = format!(
                    "`expert_groups` is {}, which does not divide the {} experts",
                    of.groups, experts.routed
                );
                tell("expert_groups", message);
            }
            if of.active > of.groups || experts.active > experts.routed / of.groups * of.active {
                let message = format!(
                    "`active_expert_groups` is {}, which is more than the {} groups or holds fewer than the {} experts of a token",
                    of.active, of.groups, experts.active
                );
                tell("active_expert_groups", message);
            }
        }
        if (attending == 0) != (self.attention == Attention::Absent) && recurrent <= layers {
            tell("heads", "attention and the number of layers that have it contradict each other".to_owned());
        }
        if self.dense_layers() > 0 && self.feed_forward == 0 && expert_layers <= layers {
            tell("feed_forward", "`feed_forward` is missing in an architecture".to_owned());
        }
        found
    }
}
