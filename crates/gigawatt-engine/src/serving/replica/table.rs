//! Times of iterations as whole numbers.

use crate::model::Mixer;
use crate::serving::deployment::Deployment;
use crate::serving::iteration::IterationLaw;
use crate::serving::number::{count, whole};
use crate::serving::separate::{PromptAttention, Separated};
use gigawatt_plan::serving::{PromptLaunch, Scheduling};

/// Ticks of a nanosecond. Sums of whole ticks are exact, however many iterations they are of, and so is the time at which
/// an iteration ends; outcomes are told in whole ns.
pub(super) const TICKS: u64 = 1 << 16;

/// Parts into which a token is cut where an iteration yields a broken number of them.
const PARTS: u32 = 128;

/// Values up to here are computed one by one.
const EXACT: usize = 128;

/// Rows of the smallest tile of a matrix product: times step after its multiples.
const TILE: usize = 64;

/// How far a value between two that are computed may be off, as a share.
const TOLERANCE: f64 = 5e-4;

/// Tokens that a sequence gains in an iteration: `parts` of which `whole` are one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub parts: u64,
    pub whole: u64,
}

impl Rate {
    fn of(tokens: f64) -> Self {
        if tokens <= 1.0 {
            return Self { parts: 1, whole: 1 };
        }
        Self { parts: whole(libm::round(tokens * f64::from(PARTS))), whole: u64::from(PARTS) }
    }

    /// Whole tokens after so many iterations.
    pub fn tokens(self, iterations: u64) -> u64 {
        if self.parts == self.whole { iterations } else { iterations * self.parts / self.whole }
    }

    /// Iterations until so many tokens.
    pub fn iterations(self, tokens: u64) -> u64 {
        if self.parts == self.whole { tokens } else { (tokens * self.whole).div_ceil(self.parts) }
    }
}

/// What a layer with a window sees of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Window {
    /// Its tokens.
    pub tokens: u32,
    /// What is seen of a context that is longer.
    pub beyond: u32,
}

/// Ticks of an iteration that only decodes, over what is cached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pace {
    /// With nothing cached.
    pub fixed: u64,
    /// For each part of a cached token.
    pub each: u64,
    /// For each part of a token within windows.
    pub windowed: u64,
    /// What it does not fall below.
    pub floor: u64,
}

/// A deployment's times of iterations in whole ticks of 1/65,536 ns: built once, shared by all replicas of a class.
///
/// The time on the device is a sum of functions of one number each, which the table holds: of all tokens, of sequences, of
/// tokens of prompts, of rows of the output; affine in cached tokens; attention of a prompt by its tokens and those before
/// them. The host's time is a floor where it works ahead, else it is added.
#[derive(Clone, Debug, PartialEq)]
pub struct IterationTable {
    /// By number of sequences: all that decoding them takes but for their caches.
    decoding: Vec<Pace>,
    /// By number of tokens.
    all: Vec<u64>,
    /// By number of sequences and prompt tokens; empty without guesses.
    drafted: Vec<u64>,
    /// By tokens of prompts; empty where nothing depends on them alone.
    prompts: Vec<u64>,
    /// By rows of the output.
    output: Vec<u64>,
    attention: PromptAttention,
    attention_start: u64,
    /// States of recurrent layers, for each prompt.
    state: u64,
    host: (u64, u64),
    serial: bool,
    /// Added to each iteration of a worker that only computes prompts.
    pub(super) alone: u64,
    pub(super) window: Option<Window>,
    pub(super) rate: Rate,
    pub(super) queries: u32,
    /// Time of a request around its iterations, ns.
    pub(super) request: u64,
    /// Time of the front end for each further request that comes together with one's own, ns.
    pub(super) together: u64,
    /// Time from the start of a prompt's first iteration below which its first token is not seen, ns.
    pub(super) launches: u64,
}

/// Times that are linear in what an iteration works on, in ns: a table without a model, for what is to be compared with
/// theory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinearTimes {
    /// Of any iteration.
    pub iteration: u64,
    /// For each sequence that decodes.
    pub sequence: u64,
    /// For each of its cached tokens.
    pub cached_token: u64,
    /// For each token of a prompt.
    pub prompt_token: u64,
    /// What an iteration does not fall below.
    pub floor: u64,
}

impl IterationTable {
    /// The table of a law for iterations of at most so many sequences and tokens.
    pub fn new(law: &IterationLaw<'_>, most_sequences: u32, token_budget: u32) -> Self {
        let deployment = law.deployment();
        let terms = law.separated();
        let queries = queries(deployment);
        let sequences = size(most_sequences);
        let tokens = size(token_budget.max(most_sequences.saturating_mul(queries)));
        let rate = Rate::of(deployment.tokens_per_iteration());
        let with = law.with;
        let (base, each) = with.host(&deployment.engine);
        let host = (ticks(base), ticks(each));
        let serial = deployment.engine.scheduling == Scheduling::Serial;
        let attention = terms.prompt_attention();
        let launches = law.prompt_launches();
        let eager = deployment.engine.prompt_launch == PromptLaunch::Eager;
        Self {
            decoding: decoding(&terms, deployment.queries(), sequences, rate, host, serial),
            all: fill(tokens, |tokens| terms.all(tokens)),
            drafted: if deployment.speculation.is_some() {
                fill(tokens, |tokens| terms.drafted(tokens))
            } else {
                Vec::new()
            },
            prompts: if terms.prompts(1.0) > 0.0 {
                fill(tokens, |tokens| terms.prompts(tokens))
            } else {
                Vec::new()
            },
            output: fill(size(most_sequences.saturating_mul(queries + 1)), |rows| terms.output(rows)),
            attention_start: ticks(attention.start),
            attention,
            state: ticks(terms.states(1.0)),
            host,
            serial,
            alone: if serial && eager { ticks(launches) } else { 0 },
            window: terms.window().and_then(window),
            rate,
            queries,
            request: nanoseconds(with.request(&deployment.engine)),
            together: nanoseconds(with.arrival),
            launches: nanoseconds(launches),
        }
    }

    /// A table of times that are linear, for iterations of at most so many sequences and tokens.
    pub fn linear(times: &LinearTimes, most_sequences: u32, token_budget: u32) -> Self {
        let decoding = |sequences: usize| match sequences {
            0 => Pace::default(),
            _ => Pace {
                fixed: TICKS * (times.iteration + times.sequence * sequences as u64),
                each: TICKS * times.cached_token,
                windowed: 0,
                floor: TICKS * times.floor,
            },
        };
        let all = |tokens: usize| match tokens {
            0 => 0,
            _ => TICKS * (times.iteration + times.prompt_token * tokens as u64),
        };
        Self {
            decoding: (0..=size(most_sequences)).map(decoding).collect(),
            all: (0..=size(token_budget.max(most_sequences))).map(all).collect(),
            drafted: Vec::new(),
            prompts: Vec::new(),
            output: Vec::new(),
            attention: PromptAttention::none(),
            attention_start: 0,
            state: 0,
            host: (TICKS * times.floor, 0),
            serial: false,
            alone: 0,
            window: None,
            rate: Rate { parts: 1, whole: 1 },
            queries: 1,
            request: 0,
            together: 0,
            launches: 0,
        }
    }

    /// The same with the time of a request around its iterations, ns.
    #[must_use]
    pub fn with_request(self, request: u64) -> Self {
        Self { request, ..self }
    }

    /// The same where layers see no more than so many tokens of a context, at so many ns for each of them.
    #[must_use]
    pub fn with_window(mut self, tokens: u32, beyond: u32, each: u64) -> Self {
        self.window = Some(Window { tokens, beyond });
        for pace in &mut self.decoding {
            pace.windowed = TICKS * each / self.rate.whole;
        }
        self
    }

    /// The same where an iteration checks so many `queries` of a sequence and yields `tokens` on average.
    #[must_use]
    pub fn with_speculation(mut self, queries: u32, tokens: f64) -> Self {
        let before = self.rate.whole;
        self.rate = Rate::of(tokens);
        self.queries = queries.max(1);
        for pace in &mut self.decoding {
            pace.each = pace.each * before / self.rate.whole;
            pace.windowed = pace.windowed * before / self.rate.whole;
        }
        let most = self.decoding.len() * size(queries);
        while self.all.len() <= most {
            let [before, last] = [2, 1].map(|back| self.all.get(self.all.len() - back).copied().unwrap_or(0));
            self.all.push(last + last.saturating_sub(before));
        }
        self
    }

    /// Seconds of an iteration: `sequences` that decode with `context` cached tokens each, and prompts of `(tokens, past)`.
    pub fn seconds(&self, sequences: u32, context: u32, prompts: &[(u32, u32)]) -> f64 {
        let parts = self.rate.whole * u64::from(sequences);
        let seen = self.window.map_or(0, |window| window.seen(context));
        let cached = (parts * u64::from(context), parts * u64::from(seen));
        let ticks = self.iteration(sequences, cached, prompts.iter().copied());
        crate::serving::number::count(ticks) / count(TICKS) / 1e9
    }

    /// Sequences of an iteration at most.
    pub(super) fn most_sequences(&self) -> u32 {
        u32::try_from(self.decoding.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Tokens of an iteration at most.
    pub(super) fn most_tokens(&self) -> u32 {
        u32::try_from(self.all.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Ticks of iterations in which so many sequences decode.
    pub(super) fn pace(&self, sequences: u32) -> Pace {
        self.decoding[sequences as usize]
    }

    /// Ticks of an iteration of sequences with so many parts of tokens cached (in all, within windows) and prompts of
    /// `(tokens, past)`.
    pub(super) fn iteration(
        &self,
        sequences: u32,
        cached: (u64, u64),
        prompts: impl Iterator<Item = (u32, u32)>,
    ) -> u64 {
        let pace = self.pace(sequences);
        let (mut tokens, mut number, mut attention) = (0, 0, 0);
        for (new, past) in prompts {
            tokens += new;
            number += 1;
            attention += ticks(self.attention.seconds(f64::from(new), f64::from(past)));
        }
        let mut device = pace.fixed + pace.each * cached.0 + pace.windowed * cached.1;
        if number == 0 {
            return device.max(pace.floor);
        }
        let rows = sequences * self.queries;
        let more = |table: &[u64], from: u32, by: u32| at(table, from + by).saturating_sub(at(table, from));
        device += more(&self.all, rows, tokens)
            + more(&self.drafted, sequences, tokens)
            + more(&self.prompts, 0, tokens)
            + more(&self.output, rows, number)
            + self.state * u64::from(number)
            + self.attention_start
            + attention;
        let (base, each) = self.host;
        if self.serial {
            // What decodes has its share of the host already.
            let base = if sequences == 0 { base } else { 0 };
            return device + base + each * u64::from(number);
        }
        device.max(base + each * u64::from(sequences + number))
    }
}

impl Window {
    /// Tokens that are seen of a context.
    pub fn seen(self, context: u32) -> u32 {
        if context < self.tokens { context } else { self.beyond }
    }
}

fn at(table: &[u64], index: u32) -> u64 {
    match table.get(index as usize) {
        Some(value) => *value,
        None => table.last().copied().unwrap_or(0),
    }
}

fn size(number: u32) -> usize {
    number as usize
}

fn queries(deployment: &Deployment<'_>) -> u32 {
    u32::try_from(whole(libm::ceil(deployment.queries()))).unwrap_or(u32::MAX)
}

fn window(mixer: Mixer) -> Option<Window> {
    let small = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
    match mixer {
        Mixer::Sliding { tokens } => Some(Window { tokens: small(tokens), beyond: small(tokens) }),
        // The place of a token in its chunk is not known: its middle.
        Mixer::Chunked { tokens } => Some(Window { tokens: small(tokens), beyond: small(tokens / 2) }),
        Mixer::Attention | Mixer::Recurrent | Mixer::None => None,
    }
}

fn decoding(
    terms: &Separated<'_>,
    queries: f64,
    most: usize,
    rate: Rate,
    host: (u64, u64),
    serial: bool,
) -> Vec<Pace> {
    let fixed = fill(most, |sequences| {
        if sequences <= 0.0 {
            return 0.0;
        }
        let rows = sequences * queries;
        terms.all(rows) + terms.drafted(sequences) + terms.output(rows) + terms.sequences(sequences)
    });
    let part = count(rate.whole);
    let slopes =
        |which: fn((f64, f64)) -> f64| fill(most, |sequences| which(terms.cached(sequences.max(1.0))) / part);
    let (full, windowed) = (slopes(|both| both.0), slopes(|both| both.1));
    let host = |sequences: u64| if sequences > 0 { host.0 + host.1 * sequences } else { 0 };
    (0..=most)
        .map(|index| {
            let (added, floor) = if serial { (host(index as u64), 0) } else { (0, host(index as u64)) };
            Pace { fixed: fixed[index] + added, each: full[index], windowed: windowed[index], floor }
        })
        .collect()
}

/// A function at 0 to `most`: computed at small numbers, on both sides of the steps of tiles, and wherever the line
/// between two values is off by more than the tolerance.
fn fill(most: usize, of: impl Fn(f64) -> f64) -> Vec<u64> {
    let mut values = vec![0.0; most + 1];
    let exact = EXACT.min(most);
    for (index, value) in values.iter_mut().enumerate().take(exact + 1) {
        *value = of(index as f64);
    }
    let mut from = exact;
    while from < most {
        let first = from + 1;
        let last = (from + TILE).min(most);
        values[first] = of(first as f64);
        values[last] = of(last as f64);
        refine(&mut values, first, last, &of);
        from = last;
    }
    values.into_iter().map(ticks).collect()
}

fn refine(values: &mut [f64], first: usize, last: usize, of: &impl Fn(f64) -> f64) {
    if last <= first + 1 {
        return;
    }
    let middle = first.midpoint(last);
    let between = |values: &[f64], from: usize, to: usize, at: usize| {
        let share = (at - from) as f64 / (to - from) as f64;
        values[from] + (values[to] - values[from]) * share
    };
    let (guess, value) = (between(values, first, last, middle), of(middle as f64));
    values[middle] = value;
    if (guess - value).abs() > TOLERANCE * value.abs() {
        refine(values, first, middle, of);
        refine(values, middle, last, of);
        return;
    }
    for (from, to) in [(first, middle), (middle, last)] {
        for index in from + 1..to {
            values[index] = between(values, from, to, index);
        }
    }
}

fn ticks(seconds: f64) -> u64 {
    whole(seconds * 1e9 * count(TICKS) + 0.5)
}

fn nanoseconds(seconds: f64) -> u64 {
    whole(seconds * 1e9 + 0.5)
}
