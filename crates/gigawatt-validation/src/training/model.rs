//! The model of a row: from the catalogue by name, with what the row says laid over it.

use gigawatt_plan::catalog::{Attention, Catalogue, Experts, Shape, find_model};

use super::row::TrainingRow;

/// The model that a row names, and what was assumed of it.
///
/// # Errors
/// What is not published.
pub fn shape(row: &TrainingRow, catalogue: &Catalogue, assumed: &mut Vec<String>) -> Result<Shape, String> {
    // A proxy is a model with fewer layers: "Llama 3.1 405B proxy (8 layers)".
    let name = row.model.split(" proxy").next().unwrap_or_default();
    let known = find_model(catalogue, name).and_then(|entry| entry.architecture.as_ref());
    let mut shape = match known {
        Some(architecture) => architecture.shape,
        None => unknown(row, assumed)?,
    };
    lay_over(&mut shape, row);
    // NVIDIA's stack trains DeepSeek-V3 with its further token unless the notes say otherwise; others leave it out.
    if row.framework != "megatron" || row.notes.contains("w/o MTP") {
        shape.further_tokens = 0;
    } else if shape.further_tokens > 0 {
        assumed.push("with the layer that predicts a further token".to_owned());
    }
    Ok(shape)
}

/// A model that the catalogue does not know, as the row describes it.
fn unknown(row: &TrainingRow, assumed: &mut Vec<String>) -> Result<Shape, String> {
    let need = |value: Option<u64>, what: &str| {
        value.ok_or_else(|| format!("the catalogue has no {}, and its {what} are not published", row.model))
    };
    let (layers, hidden) = (need(row.layers, "layers")?, need(row.hidden, "width and layers")?);
    let heads = need(row.heads, "heads")?;
    if row.attention.contains("MLA") || row.attention.to_lowercase().contains("mamba") {
        return Err(format!("the catalogue has no {}, and its mixers are not published in full", row.model));
    }
    let attention = Attention::Grouped {
        heads,
        kv_heads: row.kv_heads.unwrap_or(heads),
        head_size: row.head_size.unwrap_or((hidden / heads).max(1)),
        biased: false,
    };
    let feed_forward = row.feed_forward.unwrap_or(4 * hidden);
    let vocabulary = row.vocabulary.unwrap_or_else(|| {
        assumed.push("a vocabulary of 51,200".to_owned());
        51_200
    });
    assumed.push(format!("{} as a Llama-style model of the printed dimensions", row.model));
    Ok(Shape::dense(layers, hidden, vocabulary, 8192, attention, feed_forward))
}

/// Lays the printed dimensions over a shape.
fn lay_over(shape: &mut Shape, row: &TrainingRow) {
    if let Some(layers) = row.layers.filter(|layers| *layers != shape.layers) {
        let kept = |some: u64| some.saturating_mul(layers) / shape.layers.max(1);
        if let Some(window) = &mut shape.window {
            window.layers = kept(window.layers);
        }
        if let Some(experts) = &mut shape.experts {
            experts.dense_first = experts.dense_first.min(layers);
            experts.layers = (layers - experts.dense_first) / experts.every.max(1);
        }
        shape.layers = layers;
    }
    let set = |place: &mut u64, printed: Option<u64>| *place = printed.unwrap_or(*place);
    set(&mut shape.hidden, row.hidden);
    set(&mut shape.vocabulary, row.vocabulary);
    set(&mut shape.feed_forward, row.feed_forward);
    if let Attention::Grouped { heads, kv_heads, head_size, .. } = &mut shape.attention {
        set(heads, row.heads);
        set(kv_heads, row.kv_heads);
        set(head_size, row.head_size);
    } else if let Attention::Latent { heads, .. } = &mut shape.attention {
        set(heads, row.heads);
    }
    match (&mut shape.experts, row.experts, row.active_experts) {
        (Some(experts), ..) => {
            set(&mut experts.routed, row.experts);
            set(&mut experts.active, row.active_experts);
            set(&mut experts.feed_forward, row.expert_feed_forward);
        }
        (None, Some(routed), Some(active)) if routed > 1 => {
            let feed_forward = row.expert_feed_forward.unwrap_or(shape.feed_forward);
            let shared = row.shared_experts.unwrap_or(0);
            let experts = Experts::in_every_layer(shape.layers, routed, active, feed_forward);
            shape.experts = Some(Experts { shared, ..experts });
        }
        (None, ..) => {}
    }
}
