//! What was fitted, each with its meaning.

use gigawatt_plan::serving::{Backend, Engine, EngineName, Release};

use crate::coefficients::coefficients;
use crate::device::{Device, Generation, Running};

coefficients! {
    /// Coefficients of the law of serving.
    pub struct ServingCoefficients of "serving" {
        /// Ampere and older: matrix rate of a run over that of single kernels.
        matrix_ampere: "1", [0.3, 1.3], "throughput on A100";
        /// Hopper: the same.
        matrix_hopper: "1", [0.3, 1.3], "rows on H100, H200, GH200";
        /// Blackwell: the same.
        matrix_blackwell: "1", [0.3, 1.3], "rows on B200, B300, GB200, GB300";
        /// Other makers: the same.
        matrix_other: "1", [0.2, 1.3], "throughput on MI300X, MI325X";
        /// Rate of reading weights in a run over that of single products.
        weights: "1", [0.4, 1.5], "all rows";
        /// Other makers: the same.
        weights_other: "1", [0.3, 1.5], "throughput on MI300X, MI325X";
        /// Rate of reading the cache in a run over that of single kernels.
        cache: "1", [0.3, 1.3], "all rows";
        /// Layers of a compiled engine: time of each besides its products, attention and collectives.
        layer_compiled: "s", [1e-6, 2e-4], "TensorRT-LLM before 0.20";
        /// Layers in recorded graphs on Hopper and older: the same.
        layer_hopper: "s", [1e-6, 2e-4], "engines on PyTorch, H100, H200";
        /// Layers in recorded graphs on Blackwell and newer: the same.
        layer_blackwell: "s", [1e-6, 2e-4], "engines on PyTorch, B200, B300, GB200, GB300";
        /// Bringing the activations of one product into a format with a scale for each block.
        cast_start: "s", [1e-7, 3e-5], "formats with block scales";
        /// Activations of a layer: how often they are read and written beside what products count.
        activation_passes: "1", [0.5, 40.0], "TTFT, throughput";
        /// Attention over a cache: least time over that of a kernel alone.
        decode_start: "1", [0.05, 2.0], "TPOT";
        /// Time around experts' products over that of the kernels alone.
        experts_start: "1", [0.05, 4.0], "mixtures of experts";
        /// Engines on PyTorch, Hopper: matrix rate of experts over that of the kernels alone.
        experts_matrix_hopper: "1", [0.1, 1.5], "mixtures of experts on H100, H200";
        /// Engines on PyTorch, Blackwell: the same.
        experts_matrix_blackwell: "1", [0.1, 1.5], "mixtures of experts on B200, B300, GB200, GB300";
        /// Width at which experts reach half the rate of dense products.
        expert_width: "1", [1.0, 4000.0], "mixtures of experts";
        /// How far tokens of a batch agree on their experts.
        agreement: "1", [0.0, 0.95], "mixtures of experts";
        /// Work of the busiest expert-parallel rank over the mean, less 1, at few tokens for an expert.
        imbalance: "1", [0.0, 2.0], "expert parallelism";
        /// Time of collectives over that of the kernels alone.
        collectives: "1", [0.3, 4.0], "tensor parallelism";
        /// vLLM: time of the host for an iteration.
        host_vllm: "s", [1e-5, 3e-2], "vLLM";
        /// SGLang: the same.
        host_sglang: "s", [1e-5, 3e-2], "SGLang";
        /// TensorRT-LLM on PyTorch: the same.
        host_tensorrt_llm: "s", [1e-5, 3e-2], "TensorRT-LLM from 0.20";
        /// Engines on PyTorch, and static batches of compiled ones: time of the host for each sequence of an iteration.
        sequence: "s", [1e-8, 1e-3], "vLLM, SGLang, TensorRT-LLM from 0.20";
        /// vLLM: time of a request around its iterations: network, tokens, queue, first answer.
        request_vllm: "s", [1e-5, 1.0], "TTFT of vLLM";
        /// SGLang: the same.
        request_sglang: "s", [1e-5, 1.0], "TTFT of SGLang";
        /// TensorRT-LLM on PyTorch before 1.1: the same.
        request_tensorrt_llm_first: "s", [1e-5, 1.0], "TTFT of TensorRT-LLM 1.0";
        /// TensorRT-LLM on PyTorch from 1.1: the same.
        request_tensorrt_llm: "s", [1e-5, 1.0], "TTFT of TensorRT-LLM from 1.1";
        /// Compiled engines: the same.
        request_compiled: "s", [1e-5, 1.0], "TTFT of TensorRT-LLM before 0.20";
        /// Launching a layer outside a recorded graph, as for prompts.
        eager_layer: "s", [1e-5, 5e-3], "TTFT of engines on PyTorch";
        /// Launching latent attention outside a recorded graph, on top.
        eager_latent: "s", [1e-5, 1e-2], "TTFT of models with latent attention";
        /// Launching a layer's experts outside a recorded graph.
        eager_experts: "s", [1e-5, 1e-2], "TTFT of engines on PyTorch";
        /// Launching a layer's experts that are spread over ranks, on top: their exchange waits for counts.
        eager_exchange: "s", [1e-5, 1e-2], "TTFT with expert parallelism";
        /// Time of the front end for each further request that comes together with one's own.
        arrival: "s", [1e-6, 1e-1], "TTFT of engines on PyTorch";
        /// Share of the other requests in flight whose prompts come together with one's own, whatever prompts take.
        burst: "1", [0.0, 0.5], "TTFT";
        /// Engines that work prompts first: the further share for each share of the time that prompts take.
        together: "1", [0.0, 1.5], "TTFT of SGLang";
        /// Share of the memory that driver, libraries and graphs take.
        reserve: "1", [0.0, 0.15], "throughput where memory binds";
        /// Activations of the largest iteration that are alive at once, over all that a layer writes.
        activations: "1", [0.05, 3.0], "throughput where memory binds";
        /// Compiled engines before 0.15: time of the host for each sequence of an iteration, where sequences come and go.
        sequence_early: "s", [1e-7, 2e-4], "TensorRT-LLM 0.14, MLPerf 4.1";
        /// Compiled engines before 0.10: how often a cache is read for each further query head where no kernel shares it (heads not 128 wide, windows).
        unshared: "1", [0.0, 1.0], "TensorRT-LLM 0.9";
        /// MLPerf: throughput of a tuned submission over that of an engine as it is served.
        tuned: "1", [0.7, 2.0], "MLPerf";
        /// The chance that a guessed token holds whose predecessors held, where it is not published.
        acceptance: "1", [0.3, 0.95], "TensorRT-LLM with guessed tokens";
    }
}

impl ServingCoefficients {
    /// What a device reaches in a run; `inner` is the width of an expert's part on one rank.
    pub(super) fn running(&self, device: &Device, engine: &Engine, inner: Option<f64>) -> Running {
        let generation = device.facts().generation;
        let (matrix, weights) = match generation {
            Generation::Ampere | Generation::AmpereWorkstation => (self.matrix_ampere, self.weights),
            Generation::Hopper | Generation::Ada => (self.matrix_hopper, self.weights),
            Generation::Blackwell | Generation::BlackwellWorkstation => (self.matrix_blackwell, self.weights),
            Generation::Other => (self.matrix_other, self.weights_other),
        };
        let narrow = inner.map_or(1.0, |inner| inner / (inner + self.expert_width));
        let own = if is_new(device) { self.experts_matrix_blackwell } else { self.experts_matrix_hopper };
        Running {
            matrix,
            weights,
            cache: self.cache,
            experts_matrix: narrow * if engine.backend == Backend::Graphs { own } else { 1.0 },
            experts_weights: narrow,
            experts_start: self.experts_start,
            decode_start: self.decode_start,
        }
    }

    /// Time of a layer besides its products, attention and collectives, s.
    pub(super) fn layer(&self, device: &Device, engine: &Engine) -> f64 {
        match (engine.backend, is_new(device)) {
            (Backend::Compiled, _) => self.layer_compiled,
            (Backend::Graphs, true) => self.layer_blackwell,
            (Backend::Graphs, false) => self.layer_hopper,
        }
    }

    /// Time of the host for an iteration, and for each sequence in it, s.
    pub(super) fn host(&self, engine: &Engine) -> (f64, f64) {
        match (engine.backend, engine.name) {
            (Backend::Compiled, _) if engine.is_before(Release(0, 15)) => (0.0, self.sequence_early),
            // Driven from C++ beside the device: no measurement shows what it takes.
            (Backend::Compiled, _) => (0.0, 0.0),
            (Backend::Graphs, EngineName::Vllm) => (self.host_vllm, self.sequence),
            (Backend::Graphs, EngineName::Sglang) => (self.host_sglang, self.sequence),
            (Backend::Graphs, EngineName::TensorrtLlm) => (self.host_tensorrt_llm, self.sequence),
        }
    }

    /// Time of a request around its iterations, s.
    pub(super) fn request(&self, engine: &Engine) -> f64 {
        match (engine.backend, engine.name) {
            (Backend::Compiled, _) => self.request_compiled,
            (Backend::Graphs, EngineName::Vllm) => self.request_vllm,
            (Backend::Graphs, EngineName::Sglang) => self.request_sglang,
            (Backend::Graphs, EngineName::TensorrtLlm) if engine.is_before(Release(1, 1)) => {
                self.request_tensorrt_llm_first
            }
            (Backend::Graphs, EngineName::TensorrtLlm) => self.request_tensorrt_llm,
        }
    }
}

/// Whether an accelerator is of the newest generation.
fn is_new(device: &Device) -> bool {
    matches!(device.facts().generation, Generation::Blackwell | Generation::BlackwellWorkstation)
}
