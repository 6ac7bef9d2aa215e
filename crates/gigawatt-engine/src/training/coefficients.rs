//! The fitted numbers of the training step.

use crate::coefficients::coefficients;

coefficients! {
    /// What the law of the training step was fitted with. Rates of kernels and links are those of the device and the
    /// network; these say how a training run differs from kernels that run alone.
    pub struct TrainingCoefficients of "training" {
        /// Ampere: rate of matrices in a long run over that of the same kernel alone (sustained power and clock).
        sustained_ampere: "1", [0.6, 1.1], "training rows";
        /// Hopper: rate of matrices in a long run over that of the same kernel alone.
        sustained_hopper: "1", [0.6, 1.1], "training rows";
        /// Blackwell: rate of matrices in a long run over that of the same kernel alone.
        sustained_blackwell: "1", [0.6, 1.2], "training rows";
        /// Rate of matrices with 8-bit operands in a run over that with 16-bit ones, beyond what kernels alone show.
        sustained_8_bit: "1", [0.6, 1.15], "training rows";
        /// Rate of matrices with 4-bit operands in a run, beyond what kernels alone show.
        sustained_4_bit: "1", [0.4, 1.15], "training rows";
        /// Time of a backward matrix product over the forward product of the same size.
        backward_matrix: "1", [0.9, 1.4], "training rows";
        /// Share of attention's exponentials that its products do not hide, relative to inference kernels.
        softmax_visible: "1", [0.2, 1.5], "training rows";
        /// Rate of the backward attention kernel over that of the forward one.
        backward_attention: "1", [0.4, 1.0], "training rows";
        /// Rate of the attention kernels of 2022 over those made for the generation.
        first_attention: "1", [0.3, 1.0], "training rows";
        /// Rate of FlashAttention 2 on Hopper and later over kernels made for them.
        second_attention: "1", [0.3, 1.0], "training rows";
        /// Memory traffic of fused norms, activations and residual sums over the least possible.
        fused_traffic: "1", [0.85, 3.0], "training rows";
        /// Memory traffic of the same operations run one by one, over that of fused ones.
        eager_traffic: "1", [1.0, 4.0], "training rows";
        /// Bytes moved for each logit by a fused loss, forward and backward.
        fused_loss: "B", [6.0, 30.0], "training rows";
        /// Bytes moved for each logit by a loss of single operations, forward and backward.
        unfused_loss: "B", [12.0, 60.0], "training rows";
        /// Memory traffic of scaling operands to 8 bit with one factor each, over the least possible.
        tensor_scaling: "1", [0.8, 4.0], "training rows";
        /// Memory traffic of scaling operands with a factor for each block, over the least possible for one factor.
        block_scaling: "1", [1.0, 6.0], "training rows";
        /// Time for the host to launch one kernel.
        launch: "s", [1e-6, 2e-5], "prior";
        /// Share of tensor-parallel communication that remains visible where the stack overlaps it.
        tensor_visible: "1", [0.0, 1.0], "training rows";
        /// Share of data-parallel communication that remains visible though there is work to hide it behind.
        data_visible: "1", [0.0, 0.6], "training rows";
        /// Bandwidth of collectives between nodes in a run, over that of the network alone.
        fabric_share: "1", [0.3, 1.0], "training rows";
        /// Growth of the time of collectives with each doubling of the scale-up domains that they span.
        congestion: "1", [0.0, 0.2], "training rows";
        /// Share of expert traffic that remains visible where the stack runs another micro-batch beside it.
        expert_visible: "1", [0.0, 1.0], "training rows";
        /// Memory traffic of sorting tokens to experts and back in kernels of their own, over the least possible.
        permutation_traffic: "1", [1.0, 12.0], "training rows";
        /// Memory traffic of sorting tokens to experts and back inside fused kernels, over the least possible.
        fused_permutation: "1", [0.5, 8.0], "training rows";
        /// Host time of a layer of experts and micro-batch, both passes, where kernels wait for counts of tokens.
        expert_host: "s", [0.0, 2e-2], "training rows";
        /// Host time for each expert that a rank holds, both passes, where each has kernels of its own.
        expert_launch: "s", [0.0, 2e-3], "training rows";
        /// Rate that libraries lose when a generation is first delivered; they catch up evenly.
        immaturity: "1", [0.0, 0.6], "training rows";
        /// Time after first deliveries in which libraries catch up.
        maturing: "year", [0.5, 2.0], "training rows";
        /// Rate of grouped matrices of experts in a run over that of grouped kernels alone.
        expert_matrix: "1", [0.4, 1.1], "training rows";
        /// Memory traffic of the optimiser over the least possible.
        optimizer_traffic: "1", [0.8, 4.0], "training rows";
        /// Host time of a step outside the passes: data, norm of gradients, optimiser launches, logging.
        step_host: "s", [0.003, 0.2], "training rows";
        /// Growth of a step with the slowest of many ranks: share for each unit of sqrt(2 ln N).
        straggler: "1", [0.001, 0.05], "training rows";
        /// Share of a message between pipeline stages that remains visible where the schedule is interleaved.
        hop_visible: "1", [0.0, 1.0], "training rows";
    }
}
