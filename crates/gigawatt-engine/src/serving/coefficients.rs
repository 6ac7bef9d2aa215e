//! What was fitted, each with its meaning.

use gigawatt_plan::serving::{Backend, Engine, EngineName};

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
        /// Ampere and older: rate of reading weights in a run over that of single products.
        weights_ampere: "1", [0.4, 1.5], "throughput on A100";
        /// Hopper: the same.
        weights_hopper: "1", [0.4, 1.5], "rows on H100, H200, GH200";
        /// Blackwell: the same.
        weights_blackwell: "1", [0.4, 1.5], "rows on B200, B300, GB200, GB300";
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
        /// Activations of a layer: how often they are read and written beside what products count.
        activation_passes: "1", [0.5, 40.0], "TTFT, throughput";
        /// Attention over a cache: least time over that of a kernel alone.
        decode_start: "1", [0.05, 2.0], "TPOT";
        /// Experts: time around their products over that of the kernels alone.
        experts_start: "1", [0.05, 4.0], "mixtures of experts";
        /// Width at which experts reach half the rate of dense products.
        expert_width: "1", [1.0, 4000.0], "mixtures of experts";
        /// How far tokens of a batch agree on their experts.
        agreement: "1", [0.0, 0.95], "mixtures of experts";
        /// Work of the busiest expert-parallel rank over the mean, less 1, at few tokens for an expert.
        imbalance: "1", [0.0, 2.0], "expert parallelism";
        /// Time of collectives over that of the kernels alone.
        collectives: "1", [0.3, 4.0], "tensor parallelism";
        /// Waiting of ranks for one another at a collective.
        rendezvous: "s", [1e-8, 1e-4], "tensor parallelism";
        /// vLLM: time of the host for an iteration.
        host_vllm: "s", [1e-5, 3e-2], "vLLM";
        /// SGLang: the same.
        host_sglang: "s", [1e-5, 3e-2], "SGLang";
        /// TensorRT-LLM on PyTorch: the same.
        host_tensorrt_llm: "s", [1e-5, 3e-2], "TensorRT-LLM from 0.20";
        /// TensorRT-LLM's compiled engines: the same.
        host_compiled: "s", [1e-5, 3e-2], "TensorRT-LLM before 0.20";
        /// Engines in Python: time of the host for each sequence of an iteration.
        sequence_python: "s", [1e-8, 1e-3], "vLLM, SGLang, TensorRT-LLM from 0.20";
        /// Compiled engines: the same.
        sequence_compiled: "s", [1e-8, 1e-3], "TensorRT-LLM before 0.20";
        /// vLLM: time of a request around its iterations: network, tokens, queue, first answer.
        request_vllm: "s", [1e-5, 1.0], "TTFT of vLLM";
        /// SGLang: the same.
        request_sglang: "s", [1e-5, 1.0], "TTFT of SGLang";
        /// TensorRT-LLM on PyTorch: the same.
        request_tensorrt_llm: "s", [1e-5, 1.0], "TTFT of TensorRT-LLM from 0.20";
        /// Compiled engines: the same.
        request_compiled: "s", [1e-5, 1.0], "TTFT of TensorRT-LLM before 0.20";
        /// vLLM: share of the other requests in flight whose prompts arrive together with one's own.
        together_vllm: "1", [0.0, 1.0], "TTFT of vLLM";
        /// SGLang: the same.
        together_sglang: "1", [0.0, 1.0], "TTFT of SGLang";
        /// TensorRT-LLM: the same.
        together_tensorrt_llm: "1", [0.0, 1.0], "TTFT of TensorRT-LLM";
        /// Share of the memory that driver, libraries and graphs take.
        reserve: "1", [0.0, 0.15], "throughput where memory binds";
        /// Share of its answer that a sequence holds on average where memory is given as it grows.
        grown: "1", [0.4, 1.0], "throughput and TTFT of vLLM and SGLang";
        /// MLPerf: throughput of a tuned submission over that of an engine as it is served.
        tuned: "1", [0.7, 2.0], "MLPerf";
        /// The chance that a guessed token holds whose predecessors held, where it is not published.
        acceptance: "1", [0.3, 0.95], "TensorRT-LLM with guessed tokens";
    }
}

impl ServingCoefficients {
    /// What a device reaches in a run; `inner` is the width of an expert's part on one rank.
    pub(super) fn running(&self, device: &Device, inner: Option<f64>) -> Running {
        let (matrix, weights) = match device.facts().generation {
            Generation::Ampere | Generation::AmpereWorkstation => (self.matrix_ampere, self.weights_ampere),
            Generation::Hopper | Generation::Ada => (self.matrix_hopper, self.weights_hopper),
            Generation::Blackwell | Generation::BlackwellWorkstation => {
                (self.matrix_blackwell, self.weights_blackwell)
            }
            Generation::Other => (self.matrix_other, self.weights_other),
        };
        let experts = inner.map_or(1.0, |inner| inner / (inner + self.expert_width));
        Running {
            matrix,
            weights,
            cache: self.cache,
            experts,
            experts_start: self.experts_start,
            decode_start: self.decode_start,
        }
    }

    /// Time of a layer besides its products, attention and collectives, s.
    pub(super) fn layer(&self, device: &Device, engine: &Engine) -> f64 {
        match (engine.backend, device.facts().generation) {
            (Backend::Compiled, _) => self.layer_compiled,
            (Backend::Graphs, Generation::Blackwell | Generation::BlackwellWorkstation) => {
                self.layer_blackwell
            }
            (Backend::Graphs, _) => self.layer_hopper,
        }
    }

    /// Time of the host for an iteration, and for each sequence in it, s.
    pub(super) fn host(&self, engine: &Engine) -> (f64, f64) {
        match (engine.backend, engine.name) {
            (Backend::Compiled, _) => (self.host_compiled, self.sequence_compiled),
            (Backend::Graphs, EngineName::Vllm) => (self.host_vllm, self.sequence_python),
            (Backend::Graphs, EngineName::Sglang) => (self.host_sglang, self.sequence_python),
            (Backend::Graphs, EngineName::TensorrtLlm) => (self.host_tensorrt_llm, self.sequence_python),
        }
    }

    /// Time of a request around its iterations, s.
    pub(super) fn request(&self, engine: &Engine) -> f64 {
        match (engine.backend, engine.name) {
            (Backend::Compiled, _) => self.request_compiled,
            (Backend::Graphs, EngineName::Vllm) => self.request_vllm,
            (Backend::Graphs, EngineName::Sglang) => self.request_sglang,
            (Backend::Graphs, EngineName::TensorrtLlm) => self.request_tensorrt_llm,
        }
    }

    /// Share of the other requests whose prompts arrive together with one's own.
    pub(super) fn together(&self, engine: &Engine) -> f64 {
        match engine.name {
            EngineName::Vllm => self.together_vllm,
            EngineName::Sglang => self.together_sglang,
            EngineName::TensorrtLlm => self.together_tensorrt_llm,
        }
    }
}
