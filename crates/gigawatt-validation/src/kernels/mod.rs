//! Times of single kernels.

pub mod collectives;
