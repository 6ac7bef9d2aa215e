//! Rows of tables: gathered, exchanged, updated.
//!
//! For each lookup an accelerator reads an index of 8 bytes and a row, and writes one pooled vector for each table and sample.
//! Going back it reads the gradient of the pooled vector for each lookup, sorts the lookups by row so that each row is written
//! once, and reads and writes that row and its optimiser's state. Small tables have fewer rows than a batch has lookups: the rows
//! written are those that [`Recommender::distinct`] counts.
//!
//! Where tables are cut over accelerators, each sample's indices travel to the tables, pooled vectors come back, and their
//! gradients go again: three all-to-alls (Mudigere et al. 2022, section 4). Gradients of dense layers are summed over all.

use super::model::{Optimizer, Recommender};
use crate::device::{Device, Precision};
use crate::network::{Group, Network};

/// Bytes of an index.
pub const INDEX_BYTES: f64 = 8.0;
/// Passes over the indices that a sort by row makes, each reading and writing an index and its place.
const SORT_BYTES: f64 = 4.0 * 2.0 * 2.0 * INDEX_BYTES;

/// Bytes gathered for a sample.
pub fn gathered(model: &Recommender, value_bytes: f64, precision: Precision) -> f64 {
    let rows = model.lookups() * (model.width * value_bytes + INDEX_BYTES);
    rows + model.table_count() * model.width * precision.activation_bytes()
}

/// Bytes that an accelerator's share of the update of `samples` samples of a step of `all` moves.
pub fn updated(
    model: &Recommender,
    (samples, all): (f64, f64),
    value_bytes: f64,
    optimizer: Optimizer,
    precision: Precision,
) -> f64 {
    let lookups = samples * model.lookups();
    let rows = model.distinct(all) * samples / all;
    let row = 2.0 * (model.width * value_bytes + optimizer.state(model.width));
    lookups * (model.width * precision.activation_bytes() + SORT_BYTES) + rows * row
}

/// Seconds for bytes at random addresses.
pub fn scattered(device: &Device, bytes: f64, gather: f64) -> f64 {
    if bytes > 0.0 { device.launch() + bytes / (gather * device.facts().memory_bandwidth) } else { 0.0 }
}

/// Seconds of the exchange of pooled vectors of `samples` samples of each accelerator, one way.
pub fn exchange(
    model: &Recommender,
    network: &Network,
    group: &Group,
    samples: f64,
    precision: Precision,
) -> f64 {
    let bytes = samples * model.table_count() * model.width * precision.activation_bytes();
    network.all_to_all(group, bytes)
}

/// Seconds of the exchange of the indices of `samples` samples of each accelerator.
pub fn indices(model: &Recommender, network: &Network, group: &Group, samples: f64) -> f64 {
    network.all_to_all(group, samples * model.lookups() * INDEX_BYTES)
}
