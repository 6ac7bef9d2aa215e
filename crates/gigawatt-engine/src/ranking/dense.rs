//! Kernels of the dense layers.

use super::model::{Interaction, Recommender};
use crate::device::{Device, Precision};

/// Bytes of a dense parameter's update: gradient, weight and state read, weight and state written, 32 bits each.
const UPDATE_BYTES: f64 = 20.0;

/// Seconds of the forward pass of `samples` samples.
pub fn forward(model: &Recommender, device: &Device, samples: f64, precision: Precision) -> f64 {
    let rows = samples * model.positions;
    let products: f64 = model
        .products()
        .iter()
        .map(|(inputs, outputs)| device.gemm(rows, *outputs, *inputs, precision))
        .sum();
    products + interact(model, device, samples, precision)
}

/// Seconds of the backward pass and of the update of dense parameters. Each product has two: for its input's gradient, which the
/// first layer of a network does not need, and for its weights'.
pub fn backward(model: &Recommender, device: &Device, samples: f64, precision: Precision) -> f64 {
    let first = model.bottom.first().copied();
    let rows = samples * model.positions;
    let mut seconds = 0.0;
    for (index, (inputs, outputs)) in model.products().iter().enumerate() {
        if !(index == 0 && first == Some(*inputs)) {
            seconds += device.gemm(rows, *inputs, *outputs, precision);
        }
        seconds += device.gemm(*inputs, *outputs, rows, precision);
        // The activation's derivative: gradient and output read, gradient written.
        seconds += device.streaming(3.0 * rows * outputs * precision.activation_bytes());
    }
    seconds
        + 2.0 * interact(model, device, samples, precision)
        + device.streaming(UPDATE_BYTES * model.dense_parameters())
}

/// What the interaction reads and writes beside its products: vectors and their dots, or for each cross layer the first vector,
/// the layer's input and its product, and the result.
fn interact(model: &Recommender, device: &Device, samples: f64, precision: Precision) -> f64 {
    let vectors = model.interacting() / model.width;
    let (kernels, numbers) = match model.interaction {
        Interaction::Concatenation => return 0.0,
        Interaction::Dot => (1.0, model.interacting() + vectors * vectors / 2.0),
        Interaction::Cross { layers, .. } => (f64::from(layers), 4.0 * model.interacting()),
    };
    kernels * device.streaming(samples * numbers * precision.activation_bytes())
}
