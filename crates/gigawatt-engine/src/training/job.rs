//! A training step to be priced: what runs on what.

use gigawatt_plan::catalog::Shape;

use super::stub::{Device, Precision};
use crate::network::Network;
use gigawatt_plan::training::Framework;
use gigawatt_plan::training::Layout;

/// What a step is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The accelerator.
    pub device: &'a Device,
    /// What joins them.
    pub network: &'a Network,
    /// The layout.
    pub layout: &'a Layout,
    /// Number format of the linear layers' operands.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
}
