//! What moving activations and optimiser states to the host's memory takes.
//!
//! **Activations** that a piece of the pipeline keeps of a micro-batch, `K` bytes, go to the host while it passes forward and
//! come back while it passes backward, beside the passes' work, over a link of `r` bytes a second in one direction (no
//! faster than the host's memory). A pass of `t` seconds then waits for
//!
//! ```text
//! max(0, K / r - t)
//! ```
//!
//! which is the least that any software can have: `SSDTrain` (Wu et al. 2024, arXiv 2408.10013) and Megatron-Core's fine-grained
//! offloading hide transfers in this way. Two layers' worth stays on the accelerator, one in use and one on its way.
//!
//! **Optimiser states**: gradients go down in 32 bits, processors of the host run Adam, and parameters come up in 16 bits,
//! tensor behind tensor so that the three run beside each other (`ZeRO-Offload`, Ren et al. 2021, arXiv 2101.06840, 4.1;
//! Megatron-Core's `HybridDeviceOptimizer` with overlap). Of `N` parameters of a rank that takes
//!
//! ```text
//! max(N 4 B / r, N 30 B / host bandwidth, the accelerator's own time)
//! ```
//!
//! where 30 bytes are those that Adam touches at least: the gradient read, master copy and both moments read and
//! written, the 16-bit parameter written. It is the least of what the host can do; processors that do not reach the bandwidth
//! of their memory take longer. No host known is faster than the accelerator's memory, so that the last term never decides;
//! with it a step is provably never faster for offloading, which the search uses.
//!
//! Nothing else is taken to run behind what waits for the host: traffic between servers passes the same link of the
//! accelerator.

use super::coefficients::TrainingCoefficients;
use super::deal::Dealt;
use super::job::Job;
use super::memory::MemoryJob;
use super::memory::sent;
use super::parts::Passes;
use super::step::OPTIMIZER_BYTES;
use crate::device::{Device, Host};
use gigawatt_plan::training::Offload;

/// Bytes of a gradient on its way to the host.
pub(super) const GRADIENT_BYTES: f64 = 4.0;

/// Bytes that Adam touches for each parameter at least where it runs on the host.
const HOST_ADAM_BYTES: f64 = 30.0;

/// Seconds that a pass of `seconds` waits for so many bytes to move beside it.
pub(super) fn stall(bytes: f64, seconds: f64, host: &Host) -> f64 {
    (bytes / host.transfer() - seconds).max(0.0)
}

/// Adds to the passes of each piece what they wait for activations.
///
/// Where nothing is known of the host nothing is added: legality tells of it.
pub(super) fn add_stalls(job: &Job<'_>, dealt: &Dealt, pieces: &mut [Passes]) {
    let Some(host) = job.device.facts().host else { return };
    let held = MemoryJob::of(job);
    for (piece, passes) in dealt.pieces.iter().zip(pieces) {
        let bytes = sent(&held, dealt, piece);
        passes.forward.offload = stall(bytes, passes.forward.total(), &host);
        passes.backward.offload = stall(bytes, passes.back(), &host);
    }
}

/// Seconds in which the optimiser states of so many parameters are updated.
pub(super) fn optimizer(owned: f64, device: &Device, offload: Offload, with: &TrainingCoefficients) -> f64 {
    let here = with.optimizer_traffic * OPTIMIZER_BYTES * owned / device.memory_rate();
    match device.facts().host {
        Some(host) if offload.optimizer() => {
            let moved = GRADIENT_BYTES * owned / host.transfer();
            here.max(moved).max(HOST_ADAM_BYTES * owned / host.bandwidth)
        }
        _ => here,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_waits_for_what_its_work_does_not_hide() {
        let host = Host { link: 63e9, memory: 250e9, bandwidth: 76.8e9 };
        assert_eq!(stall(63e9, 0.75, &host), 0.25);
        assert_eq!(stall(63e9, 1.25, &host), 0.0);
        // Memory of the host that is slower than the link.
        assert_eq!(stall(63e9, 0.75, &Host { bandwidth: 31.5e9, ..host }), 1.25);
    }
}
