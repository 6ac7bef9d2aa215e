//! A training step to be priced: what runs on what.

use gigawatt_plan::catalog::Shape;

use crate::device::Device;
use crate::network::Network;
use gigawatt_plan::training::{Framework, Layout, Month, Precision};

/// What a step is computed from.
#[derive(Clone, Copy, Debug)]
pub struct Job<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The accelerator.
    pub device: &'a Device,
    /// The month in which its generation was first delivered: how mature libraries are follows from it.
    pub shipped: Month,
    /// What joins them.
    pub network: &'a Network,
    /// The layout.
    pub layout: &'a Layout,
    /// Number format of the linear layers' operands.
    pub precision: Precision,
    /// The software.
    pub framework: Framework,
}
