//! The numbers of this law that measurements decide.

use crate::coefficients::coefficients;

coefficients! {
    /// Coefficients of collectives.
    pub struct NetworkCoefficients of "network" {
        /// Start and end of a collective's kernel on every rank.
        launch: "s", [0.0, 1e-4], "NCCL within a node";
        /// One step between two accelerators of a scale-up domain, synchronisation included.
        scale_up_step: "s", [0.0, 1e-5], "NCCL within a node";
        /// Filling and draining of chunks, as a multiple of the geometric mean of launch and transfer.
        fill: "1", [0.0, 4.0], "NCCL within a node";
        /// Share of a scale-up link that kernels of rings reach.
        ring_share: "1", [0.1, 1.0], "NCCL within a node";
        /// Copy of a rank's own part, relative to sending it.
        own_copy: "1", [0.0, 1.0], "NCCL within a node";
        /// Share of a scale-up link that reductions in its switch reach.
        in_switch_share: "1", [0.1, 1.0], "NCCL all-reduce of 8 within a node";
        /// Latency of a sum in the switch of a scale-up domain.
        in_switch_latency: "s", [0.0, 1e-4], "prior: 20 to 60 µs fit alike";
        /// Share of a scale-up link that direct sends between pairs reach.
        exchange_share: "1", [0.1, 1.0], "NCCL all-to-all within a node";
        /// Start and barriers of an all-reduce of an inference engine, inside a recorded graph.
        direct_launch: "s", [0.0, 1e-4], "all-reduce kernels of inference engines";
        /// Share of a scale-up link that such kernels reach.
        direct_share: "1", [0.1, 1.0], "all-reduce kernels of inference engines";
        /// Time of the processor to issue one such call outside a recorded graph.
        eager_call: "s", [0.0, 1e-3], "all-reduce kernels of inference engines";
        /// Start, counting and barriers of a low-latency exchange of experts.
        expert_launch: "s", [0.0, 1e-4], "DeepEP, low latency";
        /// Share of a PCIe link that a pair reaches.
        pcie_pair_share: "1", [0.1, 1.0], "NCCL on two accelerators with PCIe";
        /// Share of a PCIe link that more than a pair reach, through the host.
        pcie_host_share: "1", [0.05, 1.0], "NCCL on four and eight accelerators with PCIe";
        /// Share of a network port that collectives reach where its fabric states none.
        port_share: "1", [0.3, 1.0], "prior: 46 to 48 of 50 GB/s (nccl-tests issue 290), NCCL on 16 accelerators, DeepEP";
        /// One step between ports of a network, without its switches.
        port_step: "s", [0.0, 1e-4], "prior: all-reduce of two servers in 46 µs (NCCL issue 1244)";
        /// Messages to different ranks that a rank has under way at once.
        concurrent_peers: "1", [1.0, 256.0], "DeepEP, low latency, 8 to 256 ranks";
        /// Four of five measured times within a factor of its exponential, on scale-up links and networks.
        spread: "1", [0.0, 2.0], "residuals of all rows but PCIe";
        /// The same on PCIe.
        pcie_spread: "1", [0.0, 3.0], "residuals of rows with PCIe";
    }
}
