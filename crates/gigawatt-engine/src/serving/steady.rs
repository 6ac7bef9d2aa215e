//! Steady states in closed form: a constant number of requests in flight, all that memory holds, a static batch, and
//! prompts and answers on workers of their own.
//!
//! With `b` sequences in flight, each decodes for `n` iterations of `t(b)`, and in the same time the prompts of the
//! others are worked in. With `k` prompts together (at most a budget of tokens in an iteration) one of them adds `e`:
//!
//! ```text
//! cycle = n t(b) + b e
//! TTFT  = request + waiting + iterations until one's own prompt is done
//! TPOT  = (n t(b) + (b - k) e + what of one's own group comes later) / output
//! ```
//!
//! What a request does not wait for at its start it meets later, so the cycle does not depend on `k`. Where more requests
//! are in flight than memory holds, the others wait for `(C - b) / b` cycles on average.

use gigawatt_plan::serving::{PrefillOrder, Scheduling};

use super::batch::{Batch, Prompts};
use super::capacity::{Capacity, Limit};
use super::coefficients::ServingCoefficients;
use super::deployment::Deployment;
use super::iteration::IterationLaw;
use super::number::count;

/// Tokens of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Of its prompt.
    pub prompt: f64,
    /// Of its answer.
    pub output: f64,
}

/// What users see in a steady state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteadyState {
    /// Mean time to the first token, s.
    pub first_token: f64,
    /// Mean time of each further token, s.
    pub each_token: f64,
    /// Output tokens per second of the replica.
    pub throughput: f64,
    /// Sequences that decode at once, over the whole replica.
    pub decoding: f64,
    /// Requests that wait for room.
    pub waiting: f64,
    /// Share of the time that prompts take.
    pub prompt_share: f64,
    /// The iteration in the middle of answers, on one group of ranks with common attention.
    pub batch: Batch,
    /// What keeps further sequences out, where some wait.
    pub limit: Option<Limit>,
}

/// What the prompts of a group cost.
#[derive(Clone, Copy)]
struct Group {
    /// Seconds that one prompt adds.
    each: f64,
    /// Seconds of an iteration with prompts.
    iteration: f64,
    /// Iterations of the whole group, and of one prompt.
    iterations: (f64, f64),
}

impl<'a> IterationLaw<'a> {
    /// What `together` prompts that arrive at once cost beside a batch that decodes.
    fn group(&self, request: &Request, together: f64, beside: &Batch, alone: f64) -> Group {
        let budget = count(self.deployment.engine.token_budget.max(1));
        let tokens = request.prompt * together;
        let whole = (tokens / budget).max(1.0);
        let one = (request.prompt / budget).max(1.0);
        let each = (tokens / whole).min(budget);
        let prompts = Prompts {
            count: together * one / whole,
            tokens: each / (together * one / whole),
            // Parts of a long prompt come after half of it on average.
            past: request.prompt * (1.0 - 1.0 / one) / 2.0,
        };
        let (iteration, added) = match self.deployment.engine.prefill {
            PrefillOrder::Mixed => {
                let mixed = self.seconds(&Batch { prompts, ..*beside });
                (mixed, mixed - alone)
            }
            PrefillOrder::First => {
                let first = self.seconds(&Batch { prompts, ..Batch::default() });
                (first, first)
            }
        };
        Group { each: added * whole / together, iteration, iterations: (whole, one) }
    }

    /// Requests in flight, a new one for each that ends.
    pub fn at_concurrency(&self, request: &Request, in_flight: f64) -> SteadyState {
        let groups = count(self.deployment.layout.attention_data.max(1));
        let capacity = Capacity::of(&self.deployment, self.with);
        let (room, limit) = capacity.sequences(&self.deployment, request);
        let wanted = in_flight / groups;
        let sequences = wanted.min(room).max(1.0_f64.min(wanted));
        let context = request.prompt + request.output / 2.0;
        let batch = Batch::decoding(sequences, context);
        let iterations = (request.output / self.deployment.tokens_per_iteration()).max(1.0);
        let alone = self.seconds(&batch);
        let others = (sequences - 1.0).max(0.0);
        let beside = Batch { sequences: others, ..batch };
        let decoding = if others > 0.0 { self.seconds(&beside) } else { 0.0 };
        let prompts = match self.deployment.engine.prefill {
            PrefillOrder::Mixed => 0.0,
            PrefillOrder::First => {
                let single = sequences * self.group(request, 1.0, &beside, decoding).each;
                single / (iterations * alone + single)
            }
        };
        let together = 1.0 + (self.with.burst + self.with.together * prompts).clamp(0.0, 1.0) * others;
        let group = self.group(request, together, &beside, decoding);
        let (whole, one) = group.iterations;
        let cycle = iterations * alone + sequences * group.each;
        let share = (others * group.each / cycle).clamp(0.0, 1.0);
        // A request meets the iteration under way in its middle.
        let met = 0.5 * ((1.0 - share) * decoding + share * group.iteration);
        let request_time = self.with.request(&self.deployment.engine) + self.with.arrival * (together - 1.0);
        let waiting = (wanted - sequences).max(0.0);
        let queued = waiting / sequences * cycle;
        let own = (group.iteration * (whole + one) / 2.0).max(self.prompt_launches());
        let first_token = request_time + met + own + queued;
        let later = (sequences - together).max(0.0) * group.each + group.iteration * (whole - one) / 2.0;
        let decode = iterations * alone + later;
        let each_token = decode / request.output.max(1.0);
        let served = sequences * groups / (first_token - queued + each_token * (request.output - 1.0));
        SteadyState {
            first_token,
            each_token,
            throughput: served * request.output,
            decoding: sequences * groups,
            waiting: waiting * groups,
            prompt_share: share,
            batch,
            limit: (waiting > 0.0).then_some(limit),
        }
    }

    /// All requests queued: as many at once as memory and engine allow, `most` at most.
    ///
    /// Of a run of so many `requests`, the last come in a wave that does not fill the batch; without a number it has no
    /// end.
    pub fn saturated(&self, request: &Request, most: f64, requests: Option<f64>) -> SteadyState {
        let groups = count(self.deployment.layout.attention_data.max(1));
        let capacity = Capacity::of(&self.deployment, self.with);
        let (room, limit) = capacity.sequences(&self.deployment, request);
        let requests = requests.map(|requests| requests / groups);
        let sequences = room.min(most / groups).min(requests.unwrap_or(f64::INFINITY)).max(1.0);
        let batch = Batch::decoding(sequences, request.prompt + request.output / 2.0);
        let iterations = (request.output / self.deployment.tokens_per_iteration()).max(1.0);
        let alone = self.seconds(&batch);
        // As many prompts enter an iteration as sequences leave it.
        let entering = sequences / iterations;
        let group = self.group(request, entering.max(1.0), &batch, alone);
        let cycle = iterations * alone + sequences * group.each;
        let each_token = cycle / request.output.max(1.0);
        let ended = requests.map_or(1.0, |requests| {
            let waves = libm::floor(requests / sequences);
            let rest = requests - waves * sequences;
            let last = if rest > 0.0 {
                let batch = Batch { sequences: rest, ..batch };
                iterations * self.seconds(&batch) + rest * group.each
            } else {
                0.0
            };
            requests / sequences * cycle / (waves * cycle + last)
        });
        SteadyState {
            first_token: group.iteration,
            each_token,
            throughput: sequences * groups * request.output / cycle * ended,
            decoding: sequences * groups,
            waiting: f64::INFINITY,
            prompt_share: sequences * group.each / cycle,
            batch,
            limit: Some(limit),
        }
    }

    /// A batch that starts together and ends together.
    pub fn static_batch(&self, request: &Request, sequences: f64) -> SteadyState {
        let groups = count(self.deployment.layout.attention_data.max(1));
        let each = sequences / groups;
        let budget = count(self.deployment.engine.token_budget.max(1));
        let parts = (each * request.prompt / budget).max(1.0);
        let prompts = Batch::prompts(each / parts, request.prompt);
        let first = parts * self.unscheduled(&prompts);
        let iterations = ((request.output - 1.0) / self.deployment.tokens_per_iteration()).max(0.0);
        let batch = Batch::decoding(each, request.prompt + request.output / 2.0);
        let decode = iterations * self.unscheduled(&batch);
        SteadyState {
            first_token: first + self.with.request(&self.deployment.engine),
            each_token: decode / (request.output - 1.0).max(1.0),
            throughput: sequences * request.output / (first + decode),
            decoding: sequences,
            waiting: 0.0,
            prompt_share: first / (first + decode),
            batch,
            limit: None,
        }
    }

    /// Prompts and answers on workers of their own, each a deployment such as this one.
    pub fn disaggregated(&self, request: &Request, in_flight: f64, workers: (f64, f64)) -> SteadyState {
        let (prefill, decode) = workers;
        let iterations = (request.output / self.deployment.tokens_per_iteration()).max(1.0);
        let launches = match self.deployment.engine.scheduling {
            Scheduling::Overlapped => 0.0,
            Scheduling::Serial => self.prompt_launches(),
        };
        let prompt = self.seconds(&Batch::prompts(1.0, request.prompt)) + launches;
        let overhead = self.with.request(&self.deployment.engine);
        let context = request.prompt + request.output / 2.0;
        let step = |sequences: f64| self.seconds(&Batch::decoding((sequences / decode).max(1.0), context));
        // The rate at which requests pass is what keeps all in flight: Little's law, with prompts in a queue.
        let (mut low, mut high) = (0.0, prefill / prompt);
        for _ in 0..40 {
            let rate = f64::midpoint(low, high);
            let busy = (rate * prompt / prefill).min(0.999_999);
            let waiting = prompt * (1.0 + busy / (2.0 * (1.0 - busy)));
            let mut decoding = in_flight;
            for _ in 0..8 {
                decoding = (rate * iterations * step(decoding)).min(in_flight);
            }
            if rate * (waiting + overhead) + decoding < in_flight { low = rate } else { high = rate }
        }
        let rate = f64::midpoint(low, high);
        let decoding = {
            let mut decoding = in_flight;
            for _ in 0..20 {
                decoding = (rate * iterations * step(decoding)).min(in_flight);
            }
            decoding
        };
        let batch = Batch::decoding((decoding / decode).max(1.0), context);
        let each_token = iterations * self.seconds(&batch) / request.output.max(1.0);
        SteadyState {
            first_token: in_flight / rate - each_token * request.output,
            each_token,
            throughput: rate * request.output,
            decoding,
            waiting: 0.0,
            prompt_share: rate * prompt / prefill,
            batch,
            limit: None,
        }
    }
}

impl Deployment<'_> {
    /// Whether weights and one request fit.
    pub fn fits(&self, with: &ServingCoefficients, request: &Request) -> bool {
        Capacity::of(self, with).sequences(self, request).0 >= 1.0
    }
}
