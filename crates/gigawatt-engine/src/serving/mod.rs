//! Serving: the time of an iteration of an inference engine, what its memory holds, and what follows in a steady state.
//!
//! An iteration works on a [`Batch`]: sequences that write a token each, and tokens of new prompts among them. All layers
//! read their weights once, attention reads the cache of each sequence:
//!
//! ```text
//! t = max(device, host)                                   where the host works ahead, else device + host
//! device = Σ layers (products + attention + experts + collectives + start) + output
//! host   = base + each · sequences
//! ```
//!
//! Between changes of the batch the time is affine in the tokens that are cached ([`IterationLaw::decode_line`]), so many
//! iterations have one closed form. A token of a mixture visits `k` of `E` experts; a batch of `T` tokens touches
//!
//! ```text
//! touched(T) = E (1 - (1 - k/E)^(1 + (1 - s)(T - 1)))
//! ```
//!
//! of them, `s` being how far the choices of tokens agree. In the steady state of [`SteadyState`] each of `b` sequences
//! decodes for `osl` iterations while the others' prompts are worked in, so a cycle is `osl · t(b) + b · e` with `e` what
//! one prompt adds, whoever waits for it.
//!
//! Everything is in base units: s, B, tokens.

pub mod arrivals;
mod batch;
mod capacity;
pub mod cluster;
mod coefficients;
mod deployment;
mod experts;
mod interval;
mod iteration;
mod laws;
mod layer;
mod machine;
mod number;
pub mod replica;
mod separate;
pub mod sizing;
mod steady;
#[cfg(test)]
mod tests;

pub use batch::{Batch, Prompts};
pub use capacity::{Capacity, Limit};
pub use coefficients::ServingCoefficients;
pub use deployment::{Deployment, Speculation};
pub use experts::touched;
pub use gigawatt_plan::serving::*;
pub use interval::{Quantity, ServingSpread};
pub use iteration::{Binding, IterationLaw, IterationParts, Line};
pub use laws::ServingLaws;
pub use machine::ServingMachine;
pub use steady::{Request, SteadyState};
