//! What was fitted, each with its meaning.

use crate::coefficients::coefficients;

coefficients! {
    /// Coefficients of the law of the device.
    pub struct DeviceCoefficients of "device" {
        /// Ampere (A100): energy of a 16-bit matrix FLOP at the greatest clock; with the power limit it gives the sustained rate.
        ampere_energy: "pJ", [0.5, 12.0], "gemm: A100";
        /// Ampere: share of the memory bandwidth that a kernel reaches.
        ampere_memory: "1", [0.4, 1.1], "gemm: A100";
        /// Ampere: least time of a kernel.
        ampere_launch: "µs", [0.1, 20.0], "gemm: A100";
        /// Ampere: time of one processor for the softmax of one score of attention.
        ampere_softmax: "ns", [0.001, 1.0], "attention_prefill, mla_prefill: A100";

        /// Ampere workstation (A40): energy of a 16-bit matrix FLOP.
        ampere_workstation_energy: "pJ", [0.5, 12.0], "gemm: A40";
        /// Ampere workstation: share of the memory bandwidth.
        ampere_workstation_memory: "1", [0.4, 1.1], "gemm: A40";
        /// Ampere workstation: least time of a kernel.
        ampere_workstation_launch: "µs", [0.1, 20.0], "gemm: A40";

        /// Ada (L40S): energy of a 16-bit matrix FLOP.
        ada_energy: "pJ", [0.5, 12.0], "gemm: L40S";
        /// Ada: energy of block-scaled FP8 against FP8 with one scale; the scales are applied outside the matrix units.
        ada_block_scaling: "1", [0.3, 8.0], "gemm: L40S";
        /// Ada: share of the memory bandwidth.
        ada_memory: "1", [0.4, 1.1], "gemm: L40S";
        /// Ada: least time of a kernel.
        ada_launch: "µs", [0.1, 20.0], "gemm: L40S";
        /// Ada: share of the sustained matrix rate inside attention, softmax included, whose kernels are of the generation before.
        ada_attention: "1", [0.2, 1.0], "attention_prefill, mla_prefill: L40S";

        /// Hopper (H100, H200): energy of a 16-bit matrix FLOP.
        hopper_energy: "pJ", [0.5, 12.0], "gemm: H100, H200";
        /// Hopper: energy of block-scaled FP8 against FP8 with one scale; the scales are applied outside the matrix units.
        hopper_block_scaling: "1", [0.3, 8.0], "gemm: H100, H200, H800";
        /// Hopper: share of the memory bandwidth.
        hopper_memory: "1", [0.4, 1.1], "gemm: H100, H200";
        /// Hopper: least time of a kernel.
        hopper_launch: "µs", [0.1, 20.0], "gemm: H100, H200";
        /// Hopper: time of one processor for the softmax of one score.
        hopper_softmax: "ns", [0.001, 1.0], "attention_prefill, mla_prefill: H100, H200";

        /// Blackwell (B200, B300, GB200, GB300): energy of a 16-bit matrix FLOP.
        blackwell_energy: "pJ", [0.5, 12.0], "gemm: B200, B300, GB200, GB300";
        /// Blackwell: energy of a 4-bit FLOP against a 16-bit one.
        blackwell_fp4_energy: "1", [0.1, 1.0], "gemm: B200, B300, GB200, GB300";
        /// Blackwell: share of the memory bandwidth.
        blackwell_memory: "1", [0.4, 1.1], "gemm: B200, B300, GB200, GB300";
        /// Blackwell: least time of a kernel.
        blackwell_launch: "µs", [0.1, 20.0], "gemm: B200, B300, GB200, GB300";
        /// Blackwell: time of one processor for the softmax of one score, at 16 special functions a cycle.
        blackwell_softmax: "ns", [0.001, 1.0], "attention_prefill, mla_prefill: B200, B300, GB200, GB300";

        /// Blackwell workstation (RTX PRO 6000): energy of a 16-bit matrix FLOP.
        blackwell_workstation_energy: "pJ", [0.5, 12.0], "gemm: RTX PRO 6000";
        /// Blackwell workstation: energy of block-scaled FP8 against FP8 with one scale.
        blackwell_workstation_block_scaling: "1", [0.3, 8.0], "gemm: RTX PRO 6000";
        /// Blackwell workstation: energy of a 4-bit FLOP against a 16-bit one.
        blackwell_workstation_fp4_energy: "1", [0.1, 1.0], "gemm: RTX PRO 6000";
        /// Blackwell workstation: share of the memory bandwidth.
        blackwell_workstation_memory: "1", [0.4, 1.1], "gemm: RTX PRO 6000";
        /// Blackwell workstation: least time of a kernel.
        blackwell_workstation_launch: "µs", [0.1, 20.0], "gemm: RTX PRO 6000";
        /// Blackwell workstation: share of the sustained matrix rate inside attention, softmax included, whose kernels are of the generation before.
        blackwell_workstation_attention: "1", [0.2, 1.0], "attention_prefill, mla_prefill: RTX PRO 6000";

        /// Energy of an 8-bit FLOP against a 16-bit one.
        fp8_energy: "1", [0.2, 1.0], "gemm: all with FP8";
        /// Time that a wave of tiles needs besides its products: filling the pipeline, writing the tile.
        wave: "µs", [0.01, 5.0], "gemm: all";
        /// How far a last, partly filled wave counts as a whole one; the rest is spread by splitting along k.
        wave_rounding: "1", [0.001, 1.0], "gemm: all";
        /// Time of one kernel of those that bring activations into a narrow format.
        cast: "µs", [0.1, 20.0], "gemm: fp8, fp8_block, nvfp4";
        /// Least time of attention over whole sequences, besides that of one kernel.
        attention_launch: "µs", [0.1, 60.0], "attention_prefill, mla_prefill: all";
        /// Share of the sustained 8-bit rate that attention in 8 bits reaches, where scores are cast between the products.
        attention_fp8: "1", [0.3, 1.0], "attention_prefill, mla_prefill: fp8";
        /// How often the preparation of attention (positions, cache) passes over queries, keys and values.
        preparation: "1", [1.0, 8.0], "attention_prefill, mla_prefill: all";

        /// Share of the memory bandwidth that a kernel reaches that only streams: caches, normalisation, optimiser.
        streaming: "1", [0.5, 1.0], "attention_decode, mla_decode: all";
        /// Least time of attention over a cache, besides that of one kernel.
        decode_launch: "µs", [0.1, 60.0], "attention_decode: all";
        /// Share of the sustained matrix rate in attention over a latent cache.
        latent: "1", [0.2, 1.2], "mla_decode: H100, H200, B200, B300, GB200, GB300";
        /// The same with the generic kernel of generations that have none of their own for a latent cache.
        latent_generic: "1", [0.1, 1.0], "mla_decode: A100, L40S, RTX PRO 6000";
        /// Hopper: the second kernel of attention over a latent cache, which puts parts together.
        hopper_latent_launch: "µs", [0.1, 40.0], "mla_decode: H100, H200";
        /// Ampere: time for one cached token in the generic kernel, which walks through a context alone.
        ampere_latent_token: "ns", [1.0, 1000.0], "mla_decode: A100";
        /// Ada: time for one cached token in the generic kernel.
        ada_latent_token: "ns", [1.0, 1000.0], "mla_decode: L40S";
        /// Blackwell workstation: time for one cached token in the generic kernel.
        blackwell_workstation_latent_token: "ns", [1.0, 1000.0], "mla_decode: RTX PRO 6000";

        /// Experts' products: share of the sustained matrix rate of plain products.
        experts: "1", [0.2, 1.2], "moe_ffn, grouped_gemm: all";
        /// Experts' products: share of the memory bandwidth against plain products.
        experts_memory: "1", [0.3, 1.5], "moe_ffn: all";
        /// A layer of experts: least time of what surrounds the two products: sorting tokens, activation, sum.
        experts_launch: "µs", [0.1, 200.0], "moe_ffn: all";

        /// Half width of the 80 % interval of a product's time, in logarithms.
        gemm_spread: "1", [0.001, 3.0], "gemm: all";
        /// Half width of the 80 % interval of attention over whole sequences.
        attention_spread: "1", [0.001, 3.0], "attention_prefill, mla_prefill: all";
        /// Half width of the 80 % interval of attention over a cache.
        decode_spread: "1", [0.001, 3.0], "attention_decode, mla_decode: all";
        /// Half width of the 80 % interval of a layer of experts.
        experts_spread: "1", [0.001, 3.0], "moe_ffn, grouped_gemm: all";

        /// The share of a datasheet's matrix rate that no kernel exceeds.
        ceiling: "1", [0.5, 1.0], "prior";
        /// Other accelerators: share of the matrix rate that large products sustain.
        other_matrix: "1", [0.2, 1.0], "prior";
        /// Other accelerators: share of the memory bandwidth.
        other_memory: "1", [0.4, 1.1], "prior";
        /// Other accelerators: least time of a kernel.
        other_launch: "µs", [0.1, 20.0], "prior";
        /// Other accelerators: time of one processor for the softmax of one score.
        other_softmax: "ns", [0.001, 1.0], "prior";
        /// Other accelerators: processors, where their number is not known.
        other_processors: "1", [1.0, 1000.0], "prior";
    }
}
