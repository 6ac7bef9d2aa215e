//! The same replica one iteration, one token and one block at a time.
//!
//! It is written to be compared with: every iteration is scheduled, priced and ended by itself, memory is a line of single
//! units, and nothing is kept that could be counted again. It has the table, the options and the arithmetic of a rate in
//! common with [`Replica`](super::Replica), and no other code.

mod memory;
mod scheduling;

use std::collections::{BTreeMap, VecDeque};

use gigawatt_plan::serving::PrefillOrder;

use memory::Line;

use super::options::{Order, ReplicaOptions, Role};
use super::request::{Arrival, End, Outcome, Refusal};
use super::table::{IterationTable, TICKS};

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Waiting,
    /// Its prompt is computed.
    Prompt,
    /// It has decoded in so many iterations.
    Decoding(u64),
}

#[derive(Clone, Debug)]
struct Request {
    arrival: u32,
    state: State,
    /// Tokens of its answer when it was admitted last, or began to decode.
    made: u32,
    /// Tokens to compute, and computed.
    context: u32,
    computed: u32,
    /// Blocks of each kind that are its own.
    full: u64,
    windowed: u64,
    states: u64,
    /// Blocks that others share, and the names it holds.
    shared: u64,
    names: Vec<u64>,
    scheduled: Option<u64>,
    first: Option<u64>,
    beyond: u64,
    cached: u32,
    preemptions: u16,
}

struct Simulation<'a> {
    table: &'a IterationTable,
    options: &'a ReplicaOptions,
    arrivals: &'a [Arrival<'a>],
    now: u128,
    next: usize,
    requests: BTreeMap<u32, Request>,
    waiting: VecDeque<u32>,
    /// In the order of admission.
    running: Vec<u32>,
    line: Line,
    outcomes: Vec<Outcome>,
}

/// What becomes of requests, in the order in which they are told; `arrivals` are in the order of their times.
pub fn token_by_token(
    table: &IterationTable,
    options: &ReplicaOptions,
    arrivals: &[Arrival<'_>],
) -> Vec<Outcome> {
    let mut simulation = Simulation {
        table,
        options,
        arrivals,
        now: 0,
        next: 0,
        requests: BTreeMap::new(),
        waiting: VecDeque::new(),
        running: Vec::new(),
        line: Line::new(options.blocks.units, u64::from(options.blocks.full)),
        outcomes: Vec::new(),
    };
    simulation.run();
    simulation.outcomes
}

impl Simulation<'_> {
    fn run(&mut self) {
        loop {
            self.receive();
            if self.running.is_empty() && self.waiting.is_empty() {
                let Some(arrival) = self.arrivals.get(self.next) else { return };
                self.now = self.now.max(u128::from(arrival.at) * u128::from(TICKS));
                continue;
            }
            self.iterate();
        }
    }

    fn receive(&mut self) {
        while let Some(arrival) = self.arrivals.get(self.next) {
            if u128::from(arrival.at) * u128::from(TICKS) > self.now {
                return;
            }
            let at = u32::try_from(self.next).expect("requests are numbered in 32 bits");
            self.next += 1;
            if let Some(refusal) = self.refusal(arrival) {
                self.outcomes.push(Outcome::refused(arrival, refusal));
                continue;
            }
            let request = Request {
                arrival: at,
                state: State::Waiting,
                made: 0,
                context: arrival.prompt,
                computed: 0,
                full: 0,
                windowed: 0,
                states: 0,
                shared: 0,
                names: Vec::new(),
                scheduled: None,
                first: None,
                beyond: 0,
                cached: 0,
                preemptions: 0,
            };
            self.requests.insert(at, request);
            self.waiting.push_back(at);
            self.sort();
        }
    }

    fn sort(&mut self) {
        if self.options.order == Order::Priority {
            let key = |at: &u32| (self.arrivals[*at as usize].priority, *at);
            self.waiting.make_contiguous().sort_by_key(key);
        }
    }

    fn refusal(&self, arrival: &Arrival<'_>) -> Option<Refusal> {
        let longest = u64::from(arrival.prompt) + u64::from(arrival.output);
        if arrival.prompt == 0 {
            return Some(Refusal::NoPrompt);
        }
        if arrival.output == 0 {
            return Some(Refusal::NoOutput);
        }
        if longest > u64::from(self.options.context) {
            return Some(Refusal::Context);
        }
        if self.units_at_end(arrival, 0) > self.options.blocks.units {
            return Some(Refusal::Memory);
        }
        (self.waiting.len() >= self.options.most_waiting as usize).then_some(Refusal::Queue)
    }

    fn window(&self) -> u64 {
        self.table.window.map_or(u64::from(u32::MAX), |window| u64::from(window.tokens))
    }

    fn block(&self) -> u64 {
        u64::from(self.options.blocks.tokens)
    }

    fn queries(&self) -> u64 {
        u64::from(self.table.queries)
    }

    /// Blocks for so many tokens of a prompt: of layers that keep all, and of those with windows.
    fn prompt_blocks(&self, tokens: u32) -> (u64, u64) {
        let tokens = u64::from(tokens);
        (tokens.div_ceil(self.block()), tokens.min(self.window()).div_ceil(self.block()))
    }

    /// Blocks in an iteration before which so many tokens are cached.
    fn decoding_blocks(&self, cached: u64) -> (u64, u64) {
        let of = |cached: u64| (cached + self.queries()).div_ceil(self.block());
        (of(cached), of(cached.min(self.window() - 1)))
    }

    fn units(&self, (full, windowed): (u64, u64), shared: u64) -> u64 {
        let blocks = &self.options.blocks;
        u64::from(blocks.full) * (full - shared)
            + u64::from(blocks.windowed) * windowed
            + u64::from(blocks.sequence)
    }

    fn units_at_end(&self, arrival: &Arrival<'_>, shared: u64) -> u64 {
        let yields = match self.options.role {
            Role::Prefill => 1,
            Role::Whole => u64::from(arrival.output),
            Role::Decode => u64::from(arrival.output) + 1,
        };
        let cached = (u64::from(arrival.prompt) + yields).saturating_sub(2);
        self.units(self.decoding_blocks(cached), shared)
            .max(self.units(self.prompt_blocks(arrival.prompt), shared))
    }

    /// One iteration.
    fn iterate(&mut self) {
        let mixed = self.options.prefill == PrefillOrder::Mixed;
        let mut decoders = Vec::new();
        let mut prompts = Vec::new();
        if mixed {
            let thrown = self.make_room();
            decoders = self.decoders();
            let mut budget = self.budget() - decoders.len() as u64 * self.queries();
            self.choose(&mut budget, &mut prompts, !thrown);
            decoders =
                self.decoders().into_iter().filter(|at| !prompts.iter().any(|(of, _)| of == at)).collect();
        } else {
            let mut budget = self.budget();
            self.choose(&mut budget, &mut prompts, true);
            if prompts.is_empty() {
                self.make_room();
                decoders = self.decoders();
            }
        }
        let mut cached = (0, 0);
        for at in &decoders {
            let (all, seen) = self.cached(&self.requests[at]);
            cached = (cached.0 + all, cached.1 + seen);
        }
        let sequences = u32::try_from(decoders.len()).expect("few sequences");
        let parts: Vec<(u32, u32)> =
            prompts.iter().map(|(at, tokens)| (*tokens, self.requests[at].computed)).collect();
        let mut ticks = self.table.iteration(sequences, cached, parts.into_iter());
        if self.options.role == Role::Prefill {
            ticks += self.table.alone;
        }
        self.now += u128::from(ticks);
        self.progress(&decoders, &prompts);
    }

    fn budget(&self) -> u64 {
        u64::from(self.options.token_budget.min(self.table.most_tokens()))
    }

    fn most(&self) -> u64 {
        let most = u64::from(self.options.most_sequences.min(self.table.most_sequences()));
        most.min(self.budget() / self.queries()).max(1)
    }

    fn decoders(&self) -> Vec<u32> {
        let decodes = |at: &u32| matches!(self.requests[at].state, State::Decoding(_));
        self.running.iter().copied().filter(decodes).collect()
    }

    /// Parts of tokens that a sequence has cached: all, and within windows.
    fn cached(&self, request: &Request) -> (u64, u64) {
        let State::Decoding(done) = request.state else { return (0, 0) };
        let rate = self.table.rate;
        let all = u64::from(request.context) * rate.whole + done * rate.parts;
        let seen = self.table.window.map_or(0, |window| {
            if self.tokens(request) < u64::from(window.tokens) {
                all
            } else {
                u64::from(window.beyond) * rate.whole
            }
        });
        (all, seen)
    }

    fn tokens(&self, request: &Request) -> u64 {
        match request.state {
            State::Decoding(done) => u64::from(request.context) + self.table.rate.tokens(done),
            _ => u64::from(request.context),
        }
    }

    fn made(&self, request: &Request) -> u32 {
        let State::Decoding(done) = request.state else { return request.made };
        let made = u64::from(request.made) + self.table.rate.tokens(done);
        u32::try_from(made).expect("few tokens").min(self.arrivals[request.arrival as usize].output)
    }

    fn nanoseconds(&self) -> u64 {
        u64::try_from(self.now.div_ceil(u128::from(TICKS))).expect("a time in ns")
    }

    /// Ends an iteration.
    fn progress(&mut self, decoders: &[u32], prompts: &[(u32, u32)]) {
        let now = self.nanoseconds();
        for at in decoders {
            let output = self.arrivals[*at as usize].output;
            let request = self.requests.get_mut(at).expect("it runs");
            let State::Decoding(done) = request.state else { continue };
            request.state = State::Decoding(done + 1);
            if request.first.is_none() {
                request.first = Some(now);
                request.beyond = self.table.request;
            }
            if self.made(&self.requests[at]) >= output {
                self.finish(*at);
            }
        }
        let last = |(at, tokens): &&(u32, u32)| {
            let request = &self.requests[at];
            request.computed + tokens == request.context
        };
        let first = |(at, _): &&(u32, u32)| self.requests[at].first.is_none();
        let together = prompts.iter().filter(last).filter(first).count() as u64;
        for (at, tokens) in prompts {
            let request = self.requests.get_mut(at).expect("it runs");
            request.computed += tokens;
            if request.computed < request.context {
                continue;
            }
            request.made += 1;
            request.state = State::Decoding(0);
            if request.first.is_none() {
                request.first = Some(now);
                let own = now - request.scheduled.expect("it began");
                let launches = if self.options.role == Role::Prefill { 0 } else { self.table.launches };
                request.beyond =
                    self.table.request + self.table.together * (together - 1) + launches.saturating_sub(own);
            }
            let made = request.made;
            if self.options.role == Role::Prefill || made >= self.arrivals[*at as usize].output {
                self.finish(*at);
            }
        }
    }

    fn finish(&mut self, at: u32) {
        self.free(at);
        self.running.retain(|of| *of != at);
        let request = self.requests.remove(&at).expect("it ran");
        let arrival = self.arrivals[at as usize];
        let now = self.nanoseconds();
        let prefill = self.options.role == Role::Prefill;
        self.outcomes.push(Outcome {
            id: arrival.id,
            arrived: arrival.at,
            scheduled: request.scheduled.expect("it began"),
            first_token: request.first.expect("it yielded a token") + request.beyond,
            finished: now + if prefill { 0 } else { request.beyond },
            prompt: arrival.prompt,
            output: if prefill { 1 } else { arrival.output },
            cached: request.cached,
            preemptions: request.preemptions,
            end: End::Done,
        });
    }
}
