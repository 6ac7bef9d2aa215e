//! How a replica schedules.

use gigawatt_plan::serving::{Engine, EngineName, PrefillOrder, Release};

use crate::model::{layers, state_bytes};
use crate::serving::capacity::{ACTIVATION_BYTES, Capacity, token_bytes};
use crate::serving::coefficients::ServingCoefficients;
use crate::serving::deployment::Deployment;
use crate::serving::number::{count, whole};

/// Which requests go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// In the order of their arrival.
    #[default]
    Arrival,
    /// By priority, then in the order of their arrival.
    Priority,
}

/// What a replica does of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// All of it.
    #[default]
    Whole,
    /// The prompt and the first token.
    Prefill,
    /// The answer to a prompt whose cache was computed elsewhere and is here when the request comes. `output` counts the
    /// tokens that this replica yields.
    Decode,
}

/// What has to fit before a request is admitted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Admission {
    /// Its prompt (vLLM; TensorRT-LLM with `MAX_UTILIZATION`).
    #[default]
    Prompt,
    /// Prompt and answer, and those of all that run, so that none is ever thrown out (TensorRT-LLM's
    /// `GUARANTEED_NO_EVICT`).
    Answer,
    /// Prompt and answer, beside 98 of 1,000 tokens that others still have to answer: what SGLang expects of them
    /// (`schedule_conservativeness` of 1, decayed to its least).
    Expected,
}

/// Who leaves when memory is out, and where it waits then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Victim {
    /// The last that was admitted, or that of the lowest priority and latest arrival; it waits in front (vLLM).
    #[default]
    Last,
    /// The one with the fewest tokens of its answer, of the longest prompt among such; it waits behind (SGLang).
    Youngest,
}

/// The cache as blocks. A block is counted in units, so that layers with windows and states can be told apart from those
/// that keep everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// Tokens of a block.
    pub tokens: u32,
    /// Units in all.
    pub units: u64,
    /// Units of a block in the layers that keep the whole context.
    pub full: u32,
    /// Units of a block in the layers that keep a window.
    pub windowed: u32,
    /// Units of a sequence whatever its length: states of recurrent layers.
    pub sequence: u32,
}

impl Blocks {
    /// So many blocks of a model whose layers keep everything.
    pub fn plain(tokens: u32, blocks: u64) -> Self {
        Self { tokens: tokens.max(1), units: blocks, full: 1, windowed: 0, sequence: 0 }
    }
}

/// Prefix caching.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Prefix {
    /// Nothing is kept.
    #[default]
    Off,
    /// What ended stays until its memory is needed; a name of [`Arrival::blocks`](super::Arrival) stands for so many
    /// tokens (a multiple of a block's).
    Tokens(u32),
}

/// How a replica schedules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplicaOptions {
    /// Tokens of an iteration at most (`max_num_batched_tokens`).
    pub token_budget: u32,
    /// Sequences of an iteration at most (`max_num_seqs`).
    pub most_sequences: u32,
    /// Tokens of prompt and answer together at most.
    pub context: u32,
    /// Requests that may wait.
    pub most_waiting: u32,
    /// The cache.
    pub blocks: Blocks,
    /// What is kept of what ended.
    pub prefix: Prefix,
    /// Which requests go first.
    pub order: Order,
    /// What is done of a request.
    pub role: Role,
    /// How prompts meet running sequences.
    pub prefill: PrefillOrder,
    /// What has to fit before a request is admitted.
    pub admission: Admission,
    /// Who leaves when memory is out.
    pub victim: Victim,
}

impl ReplicaOptions {
    /// As vLLM schedules, with so many blocks of 16 tokens and no limit that a test would meet unasked.
    pub fn plain(most_sequences: u32, token_budget: u32, blocks: u64) -> Self {
        Self {
            token_budget,
            most_sequences,
            context: u32::MAX,
            most_waiting: u32::MAX,
            blocks: Blocks::plain(16, blocks),
            prefix: Prefix::Off,
            order: Order::Arrival,
            role: Role::Whole,
            prefill: PrefillOrder::Mixed,
            admission: Admission::Prompt,
            victim: Victim::Last,
        }
    }

    /// As the engine of a deployment does by default, with the memory that it has on one group of ranks with common
    /// attention.
    ///
    /// vLLM keeps blocks of 16 tokens, TensorRT-LLM of 32 (64 before 1.0), SGLang single tokens.
    pub fn of(deployment: &Deployment<'_>, with: &ServingCoefficients) -> Self {
        let engine = &deployment.engine;
        let (tokens, admission, victim) = match engine.name {
            EngineName::Vllm => (16, Admission::Prompt, Victim::Last),
            EngineName::Sglang => (1, Admission::Expected, Victim::Youngest),
            EngineName::TensorrtLlm => {
                (if engine.is_before(Release(1, 0)) { 64 } else { 32 }, Admission::Answer, Victim::Last)
            }
        };
        Self {
            blocks: blocks(deployment, with, tokens),
            admission,
            victim,
            prefill: engine.prefill,
            context: u32::try_from(deployment.shape.context).unwrap_or(u32::MAX),
            ..Self::plain(small(engine.most_sequences), budget(engine), 0)
        }
    }
}

fn small(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn budget(engine: &Engine) -> u32 {
    small(engine.token_budget.max(1))
}

/// The cache of a deployment: layers of each kind have blocks in proportion to their number, as in vLLM's groups.
fn blocks(deployment: &Deployment<'_>, with: &ServingCoefficients, tokens: u32) -> Blocks {
    let shape = deployment.shape;
    let (mut full, mut windowed) = (0, 0);
    for run in layers(shape).iter().filter(|run| run.mixer.is_attention()) {
        let keeps = run.mixer.window().is_some() && deployment.engine.keeps_windows();
        *(if keeps { &mut windowed } else { &mut full }) += run.count;
    }
    let cache = Capacity::of(deployment, with).cache.max(0.0);
    let states = state_bytes(shape, ACTIVATION_BYTES) / deployment.tensor();
    let stages = count(deployment.layout.pipeline.max(1));
    let divisor = common_divisor(full, windowed);
    if divisor == 0 {
        let each = states / stages;
        let units = if each > 0.0 { whole(cache / each) } else { u64::from(u32::MAX) };
        return Blocks { tokens, units, full: 0, windowed: 0, sequence: u32::from(each > 0.0) };
    }
    let unit = count(divisor) * token_bytes(deployment) * f64::from(tokens);
    Blocks {
        tokens,
        units: whole(cache / unit),
        full: small(full / divisor),
        windowed: small(windowed / divisor),
        sequence: small(whole(libm::ceil(states / stages / unit))),
    }
}

fn common_divisor(mut left: u64, mut right: u64) -> u64 {
    while right > 0 {
        (left, right) = (right, left % right);
    }
    left
}
