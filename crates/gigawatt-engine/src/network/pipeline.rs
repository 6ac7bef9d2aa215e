//! Stages of a collective that work at the same time on different chunks.
//!
//! With `k` chunks through stages of latency `A` and transfer time `W`, the first chunk passes all stages and the others
//! follow at the pace of the slowest, each a step `α` behind: `T(k) = Σ (A + W/k) + (k-1) max(α + W/k)`. Chunks follow
//! each other through the steps of a ring or tree, so that only the first pays all of them. The number of chunks is the
//! best of the powers of two up to 64. Stages outside the scale-up domain share the port of a rank, a pace of its own.

use super::cost::Cost;

const MOST_CHUNKS: u32 = 64;

/// Sets seconds and chunks of a cost from its stages.
///
/// `port` is the time of a rank's network port, s; `launch` and `fill` as in the coefficients.
pub(super) fn finish(mut cost: Cost, port: f64, launch: f64, fill: f64) -> Cost {
    let mut best = (f64::INFINITY, 1);
    let mut chunks = 1;
    while chunks <= MOST_CHUNKS {
        let count = f64::from(chunks);
        let (mut first, mut pace) = (0.0, port / count);
        for stage in cost.stages() {
            first += stage.latency + stage.transfer / count;
            pace = pace.max(stage.step + stage.transfer / count);
        }
        let time = first + (count - 1.0) * pace;
        if time < best.0 {
            best = (time, chunks);
        }
        chunks *= 2;
    }
    let slowest = cost.stages().iter().map(|stage| stage.transfer).fold(port, f64::max);
    cost.seconds = launch + best.0 + fill * libm::sqrt(launch * slowest);
    cost.chunks = best.1;
    cost
}

/// Sets the seconds of a cost whose stages run side by side: latencies of all, the transfer of the slowest.
pub(super) fn finish_at_once(mut cost: Cost, port: f64, launch: f64, fill: f64) -> Cost {
    let latency: f64 = cost.stages().iter().map(|stage| stage.latency).sum();
    let slowest = cost.stages().iter().map(|stage| stage.transfer).fold(port, f64::max);
    cost.seconds = launch + latency + slowest + fill * libm::sqrt(launch * slowest);
    cost
}
