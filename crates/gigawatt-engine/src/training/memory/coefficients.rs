//! The fitted numbers of memory.

use crate::coefficients::coefficients;

coefficients! {
    /// What counting tensors does not say: what the allocator, the libraries and the loss take.
    pub struct MemoryCoefficients of "memory" {
        /// Bytes alive for each logit while a fused loss runs: 16-bit logits and their 16-bit gradient.
        fused_logit: "B", [2.0, 14.0], "training rows with a peak";
        /// Bytes alive for each logit while a loss of single operations runs: 16-bit logits, a 32-bit copy, its log-softmax and their gradient.
        unfused_logit: "B", [8.0, 24.0], "training rows with a peak";
        /// Share of what a forward pass worked with whose blocks the allocator cannot use for the logits.
        unshared: "1", [0.0, 1.0], "training rows with a peak";
        /// Memory that the allocator holds beyond what was ever allocated at once, relative to it.
        fragmentation: "1", [0.0, 0.3], "training rows with a peak";
        /// Work space of matrix and attention libraries.
        workspace: "B", [0.0, 3e9], "prior";
        /// What driver and loaded kernels take outside the allocator.
        context: "B", [2e8, 2e9], "prior";
        /// Buffers of the collective library for each group of ranks that an accelerator belongs to, outside the allocator.
        communicator: "B", [0.0, 1e9], "prior";
    }
}
