//! How a training run is laid out, and with which software: what scenarios say and the engine prices.

mod framework;
mod layout;
mod precision;
pub mod written;

pub use framework::{
    AttentionKernel, Checkpoint, DispatchFormat, Dispatcher, Elementwise, ExpertKernels, Framework,
    FrameworkName, GradientSync, Launch, Loss, Month, Overlap, Routing,
};
pub use layout::{
    ContextExchange, Layout, Offload, RankOrder, Recompute, Schedule, SequenceParallel, Sharding, Strides,
};
pub use precision::{Arithmetic, Precision};
