//! One engine for some minutes: a replication of what its users see.

use gigawatt_plan::job_trace::LogHistogram;

use super::requests::{Context, Conversation, Drawn, SessionRequests};
use crate::fleet::Stream;
use crate::serving::arrivals::ArrivalsError;
use crate::serving::replica::{Arrival, End, IterationTable, Outcome, Prefix, Replica, ReplicaOptions};

/// An engine of a replica: a group of ranks with attention of its own. Groups are priced in step, so that one stands for all.
#[derive(Clone, Copy, Debug)]
pub struct SampledEngine<'a> {
    /// Times of iterations.
    pub table: &'a IterationTable,
    /// How it schedules.
    pub options: &'a ReplicaOptions,
    /// Engines of a replica.
    pub engines: f64,
}

impl SampledEngine<'_> {
    /// How it sees prompts: blocks as its cache names them, contexts that its memory holds.
    pub(super) fn context(&self) -> Context {
        let blocks = self.options.blocks;
        let block_tokens = match self.options.prefix {
            Prefix::Off => 0,
            Prefix::Tokens(tokens) => tokens,
        };
        let room = blocks.units.checked_div(u64::from(blocks.full)).unwrap_or(u64::from(u32::MAX));
        let room = room.saturating_mul(u64::from(blocks.tokens)) / 2;
        let most = u64::from(self.options.context).min(room).clamp(2, u64::from(u32::MAX));
        Context { block_tokens, most: u32::try_from(most).unwrap_or(u32::MAX) }
    }
}

/// Longest times of a request, ns; none where nothing is promised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RequestTargets {
    /// To the first token, as the user sees it: with the way over the network.
    pub first_token: Option<u64>,
    /// Of each further token.
    pub each_token: Option<u64>,
}

/// What is watched of an engine.
#[derive(Clone, Copy, Debug)]
pub(super) struct Watched<'a> {
    pub conversation: &'a Conversation,
    pub targets: RequestTargets,
    /// Round trips over the network, ns, in rising order; one at least.
    pub network: &'a [u64],
    /// ns before anything is counted, and while it is.
    pub warm_up: u64,
    pub window: u64,
    /// Windows for which those are waited for that came in one, beyond which they count as missed.
    pub drain: u64,
    pub seed: u64,
}

/// What a window had.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Times to the first token, ns, and of each further one.
    pub first: LogHistogram,
    pub each: LogHistogram,
    /// Requests that met all targets, by round trip.
    pub good: Vec<u64>,
    /// That came.
    pub requests: u64,
    /// That ended within the window, whenever they came.
    pub served: u64,
    /// Their tokens.
    pub input: u64,
    pub cached: u64,
    pub output: u64,
    /// ns in iterations, of those of the window.
    pub busy: u64,
    pub window: u64,
}

impl Tally {
    /// Takes in all of another.
    pub fn merge(&mut self, other: &Self) {
        self.first.merge(&other.first);
        self.each.merge(&other.each);
        self.good.resize(self.good.len().max(other.good.len()), 0);
        self.good.iter_mut().zip(&other.good).for_each(|(all, more)| *all += more);
        self.requests += other.requests;
        self.served += other.served;
        self.input += other.input;
        self.cached += other.cached;
        self.output += other.output;
        self.busy += other.busy;
        self.window += other.window;
    }

    fn add(&mut self, outcome: &Outcome, watched: &Watched<'_>) {
        self.input += u64::from(outcome.prompt);
        self.cached += u64::from(outcome.cached);
        self.output += u64::from(outcome.output);
        if outcome.end != End::Done {
            return;
        }
        let first = outcome.first_token.saturating_sub(outcome.arrived);
        let gaps = u64::from(outcome.output.saturating_sub(1));
        let decoding = outcome.finished.saturating_sub(outcome.first_token);
        let each = (decoding + gaps / 2).checked_div(gaps);
        self.first.add(first);
        if let Some(each) = each {
            self.each.add(each);
        }
        let RequestTargets { first_token, each_token } = watched.targets;
        if each_token.zip(each).is_some_and(|(target, each)| each > target) {
            return;
        }
        for (good, network) in self.good.iter_mut().zip(watched.network) {
            *good += u64::from(first_token.is_none_or(|target| first.saturating_add(*network) <= target));
        }
    }
}

/// What an engine's users see of so many requests a second.
///
/// The random numbers of a replication are the same at every load, so that loads are compared under the same sessions.
pub(super) fn replication(
    engine: &SampledEngine<'_>,
    watched: &Watched<'_>,
    rate: f64,
    number: u32,
) -> Result<Tally, ArrivalsError> {
    let stream = Stream::new(watched.seed, "sampled replica", &number.to_string());
    let mut requests = SessionRequests::new(watched.conversation, engine.context(), rate, stream)?;
    let mut replica = Replica::new(engine.table, engine.options);
    let (from, until) = (watched.warm_up, watched.warm_up + watched.window);
    let limit = until + watched.drain * watched.window;
    let mut tally =
        Tally { good: vec![0; watched.network.len()], window: watched.window, ..Tally::default() };
    let (mut id, mut ended) = (0_u32, 0_u64);
    let (mut before, mut after) = (None, None);
    loop {
        let mut told = |outcome: &Outcome| {
            if (from..until).contains(&outcome.arrived) {
                ended += 1;
                tally.add(outcome, watched);
            }
        };
        let (drawn, blocks) = requests.next();
        for (edge, work) in [(from, &mut before), (until, &mut after)] {
            if work.is_none() && drawn.at >= edge {
                replica.advance(edge, &mut told);
                *work = Some(replica.work());
            }
        }
        replica.advance(drawn.at.min(limit), &mut told);
        let counted = (from..until).contains(&drawn.at);
        if drawn.at >= limit || (drawn.at >= until && ended == tally.requests) {
            break;
        }
        tally.requests += u64::from(counted);
        let Drawn { at, prompt, output } = drawn;
        replica.offer(&Arrival { id, at, prompt, output, priority: 0, session: 0, blocks });
        id = id.wrapping_add(1);
    }
    // What has not ended is missed, and took at least until now.
    tally.first.add_many(limit - until, tally.requests - ended);
    if let (Some(before), Some(after)) = (before, after) {
        tally.served = after.served - before.served;
        tally.busy = after.busy() - before.busy();
    }
    Ok(tally)
}
