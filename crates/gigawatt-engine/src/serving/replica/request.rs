//! What comes to a replica and what becomes of it.

/// A request as it comes to a replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrival<'a> {
    /// Its number, which its outcome bears.
    pub id: u32,
    /// When it comes, ns.
    pub at: u64,
    /// Tokens of its prompt.
    pub prompt: u32,
    /// Tokens of its answer.
    pub output: u32,
    /// Lower numbers go first where priorities count, as in vLLM.
    pub priority: u8,
    /// What it belongs to, for routers that keep sessions together; 0: nothing.
    pub session: u64,
    /// Names of the prompt's blocks of [`Prefix`](super::Prefix) tokens, each for itself and all before it; empty where
    /// nothing is shared.
    pub blocks: &'a [u64],
}

/// Why a request is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// Its prompt is empty.
    NoPrompt,
    /// It asks for no token.
    NoOutput,
    /// Prompt and answer are longer than the context that the engine admits.
    Context,
    /// Prompt and answer alone are larger than the whole cache.
    Memory,
    /// As many wait as may wait.
    Queue,
}

impl Refusal {
    /// Why, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoPrompt => "its prompt is empty",
            Self::NoOutput => "it asks for no token",
            Self::Context => "prompt and answer are longer than the context",
            Self::Memory => "prompt and answer are larger than the cache",
            Self::Queue => "the queue is full",
        }
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// Served.
    Done,
    /// Never begun.
    Refused(Refusal),
    /// The replica was lost while it had the request.
    Lost,
}

/// What became of a request. Times in ns.
///
/// `first_token` and `finished` are when the user sees them: after the engine's time of a request around its iterations
/// and what launching its prompt takes beyond its iterations. Both lie outside of the batch, so an outcome is told when the
/// batch lets go of it, which is earlier. For [`Role::Prefill`](super::Role) `finished` is that moment itself: from then
/// on the cache can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Number of the request.
    pub id: u32,
    /// When it came.
    pub arrived: u64,
    /// When its first iteration began.
    pub scheduled: u64,
    /// When its first token was seen.
    pub first_token: u64,
    /// When its last token was seen.
    pub finished: u64,
    /// Tokens of its prompt.
    pub prompt: u32,
    /// Tokens of its answer.
    pub output: u32,
    /// Tokens of its prompt that were found in the cache when it was admitted first.
    pub cached: u32,
    /// How often it was thrown out and computed again.
    pub preemptions: u16,
    /// How it ended.
    pub end: End,
}

impl Outcome {
    /// A request that is not served, told when it comes.
    pub(super) fn refused(arrival: &Arrival<'_>, refusal: Refusal) -> Self {
        Self {
            id: arrival.id,
            arrived: arrival.at,
            scheduled: arrival.at,
            first_token: arrival.at,
            finished: arrival.at,
            prompt: arrival.prompt,
            output: arrival.output,
            cached: 0,
            preemptions: 0,
            end: End::Refused(refusal),
        }
    }
}

/// What a replica has to do.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Load {
    /// Sequences in the batch.
    pub running: u32,
    /// Requests that wait.
    pub waiting: u32,
    /// Tokens of prompts that are not computed yet, as far as the cache is not asked.
    pub prompt_tokens: u64,
    /// Share of the cache that running sequences hold.
    pub cache: f64,
}

/// What a replica did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Iterations.
    pub iterations: u64,
    /// Of these, with prompts.
    pub prompt_iterations: u64,
    /// Time in iterations that only decode, ns.
    pub decoding: u64,
    /// Time in iterations with prompts, ns.
    pub prompting: u64,
    /// Tokens of prompts that were computed, those that were computed again included.
    pub prompt_tokens: u64,
    /// Tokens of prompts that were found in the cache.
    pub cached_tokens: u64,
    /// Tokens of answers.
    pub output_tokens: u64,
    /// Sequences that were thrown out and computed again.
    pub preemptions: u64,
    /// Requests that were served to their end.
    pub served: u64,
}

impl Work {
    /// Time in iterations, ns.
    pub fn busy(&self) -> u64 {
        self.decoding + self.prompting
    }
}
