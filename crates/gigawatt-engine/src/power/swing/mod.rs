//! Swings: the power of a training job within its step, its spectrum, and what smooths it.
//!
//! A step is a periodic [`Waveform`]: constant pieces, whose edges are as wide as ranks are apart. Mean, extremes, ramps and
//! Fourier coefficients have closed forms, so that nothing is ticked through. Utilities limit three things: how fast power
//! ramps, how far it ranges, and its energy between 0.1 and 20 Hz (arXiv 2508.14318).

mod job;
mod mitigation;
mod spectrum;
mod sum;
mod waveform;

pub use job::{JobPower, step_waveform};
pub use mitigation::{Filler, Mitigated, Mitigation, Smoothing};
pub use spectrum::{BAND, Line, Spectrum};
pub use sum::{Swing, together};
pub use waveform::{Accumulator, Waveform};
