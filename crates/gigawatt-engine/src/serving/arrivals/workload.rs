//! Requests made up, one after another.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::process::{Arrivals, Process};
use super::rate::Rate;
use super::sessions::{Sessions, ThinkFrom, session_id};
use super::{ArrivalsError, Lengths};
use crate::fleet::Stream;

/// Random words of 32 bits that a turn takes.
const WORDS: u128 = 8;
/// Turns of a session at most, for which there are random words.
const TURNS: u32 = 1 << 20;

/// What a workload is.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkloadOptions {
    /// Its name, by which its random numbers differ from those of others.
    pub name: String,
    /// Which of several workloads, so that their sessions differ.
    pub number: u8,
    /// How arrivals follow one another: of requests, or of the first requests of sessions.
    pub process: Process,
    /// How many come per second.
    pub rate: Rate,
    /// Tokens of prompts; with sessions those that a turn adds.
    pub prompts: Lengths,
    /// Tokens of answers.
    pub outputs: Lengths,
    /// Several turns with one context, or none.
    pub sessions: Option<Sessions>,
    /// Lower numbers go first.
    pub priority: u8,
    /// Requests at most.
    pub requests: Option<u64>,
    /// Requests come before this time, in nanoseconds.
    pub until: Option<u64>,
}

/// A request that was made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DrawnRequest<'b> {
    /// Its number, from 0 in the order in which requests are given.
    pub id: u32,
    /// When it arrives, in nanoseconds from the start.
    pub arrival: u64,
    /// Tokens of the prompt.
    pub prompt: u32,
    /// Tokens of the answer.
    pub output: u32,
    /// Which session it belongs to; 0 without sessions.
    pub session: u64,
    /// Lower numbers go first.
    pub priority: u8,
    /// Names of the full blocks of its prompt; empty without sessions.
    pub blocks: &'b [u64],
}

/// A turn that is still to come, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    at: u64,
    session: u64,
    turn: u32,
    /// Tokens of the context before it.
    context: u32,
}

/// What a turn has, drawn by session and turn alone.
#[derive(Clone, Copy, Debug)]
struct Content {
    asked: u32,
    output: u32,
    /// Nanoseconds until the next turn.
    think: u64,
    /// Whether there is one.
    goes_on: bool,
}

/// Requests of a workload in the order of arrival. Memory grows with the number of sessions that are open, and with
/// nothing else.
#[derive(Clone, Debug)]
pub struct Workload {
    options: WorkloadOptions,
    arrivals: Arrivals,
    content: Stream,
    /// Where the stream of contents stands, in words.
    place: u128,
    /// When the next session begins.
    next: Option<u64>,
    begun: u64,
    given: u64,
    /// Turns whose time is known.
    turns: BinaryHeap<Reverse<Turn>>,
    /// Turns that follow an answer, with how long their users think in place of the time, by the number of that answer's
    /// request. Asked and never iterated.
    awaited: HashMap<u32, Turn>,
    blocks: Vec<u64>,
}

impl Workload {
    /// A workload with its random numbers.
    ///
    /// # Errors
    /// Where the process or the sessions cannot be.
    pub fn new(options: WorkloadOptions, seed: u64) -> Result<Self, ArrivalsError> {
        if let Some(sessions) = &options.sessions {
            sessions.check()?;
        }
        let mut arrivals = Arrivals::new(options.process, options.rate.clone(), seed, &options.name)?;
        let content = Stream::new(seed, "content of requests", &options.name);
        let next = arrivals.next();
        Ok(Self {
            options,
            arrivals,
            content,
            place: 0,
            next,
            begun: 0,
            given: 0,
            turns: BinaryHeap::new(),
            awaited: HashMap::new(),
            blocks: Vec::new(),
        })
    }

    /// What it is.
    pub fn options(&self) -> &WorkloadOptions {
        &self.options
    }

    /// Whether turns follow from answers, so that [`Workload::after_answer`] has to be asked.
    pub fn follows_answers(&self) -> bool {
        self.options.sessions.is_some_and(|sessions| sessions.think.from == ThinkFrom::Answer)
    }

    /// The next request whose time does not depend on an answer; `None` where there is none.
    pub fn next_request(&mut self) -> Option<DrawnRequest<'_>> {
        let start = self.options.sessions.map_or(0, |sessions| sessions.shared_start);
        let first = self.next.map(|at| Turn { at, session: self.begun, turn: 0, context: start });
        let turn_first = match (self.turns.peek(), first) {
            (Some(Reverse(turn)), Some(first)) => *turn < first,
            (turn, None) => turn.is_some(),
            (None, Some(_)) => false,
        };
        let due = match first {
            Some(first) if !turn_first => {
                self.next = self.arrivals.next();
                self.begun += 1;
                first
            }
            _ => self.turns.pop()?.0,
        };
        self.request(due)
    }

    /// The turn that follows the request of a number, whose answer ended at a time, whatever became of it; `None` where
    /// its session is over. Only with [`ThinkFrom::Answer`].
    pub fn after_answer(&mut self, id: u32, at: u64) -> Option<DrawnRequest<'_>> {
        let turn = self.awaited.remove(&id)?;
        self.request(Turn { at: at.saturating_add(turn.at), ..turn })
    }

    /// Makes the request of a turn and notes what follows from it; `None` where there are enough.
    fn request(&mut self, due: Turn) -> Option<DrawnRequest<'_>> {
        let Turn { at: arrival, session, turn, context } = due;
        let enough = self.options.requests.is_some_and(|most| self.given >= most);
        if enough || self.options.until.is_some_and(|until| arrival >= until) {
            return None;
        }
        let id = u32::try_from(self.given).ok()?;
        self.given += 1;
        let Content { asked, output, think, goes_on } = self.content(session, turn);
        let prompt = context.saturating_add(asked);
        let priority = self.options.priority;
        let mut request = DrawnRequest { id, arrival, prompt, output, session: 0, priority, blocks: &[] };
        let Some(sessions) = self.options.sessions else { return Some(request) };
        if goes_on && let Some((turn, context)) = self.following(turn, prompt, output, session, &sessions) {
            let next = |at| Turn { at, session, turn, context };
            match sessions.think.from {
                ThinkFrom::Answer => {
                    self.awaited.insert(id, next(think));
                }
                ThinkFrom::Request => self.turns.push(Reverse(next(arrival.saturating_add(think)))),
            }
        }
        request.session = session_id(self.options.number, session);
        sessions.name_blocks(request.session, prompt, &mut self.blocks);
        request.blocks = &self.blocks;
        Some(request)
    }

    /// The next turn of a session and the context that it begins with, where it fits.
    fn following(
        &mut self,
        turn: u32,
        prompt: u32,
        output: u32,
        session: u64,
        sessions: &Sessions,
    ) -> Option<(u32, u32)> {
        let (turn, context) = (turn + 1, prompt.checked_add(output)?);
        if turn >= TURNS {
            return None;
        }
        let Content { asked, output, .. } = self.content(session, turn);
        let all = context.checked_add(asked)?.checked_add(output)?;
        (all <= sessions.most_context).then_some((turn, context))
    }

    /// What a turn has, at the place of its session and number in the stream.
    fn content(&mut self, session: u64, turn: u32) -> Content {
        let turns = if self.options.sessions.is_some() { TURNS } else { 1 };
        let place = (u128::from(session) * u128::from(turns) + u128::from(turn)) * WORDS;
        // Words are made 64 at a time: what follows on the last turn is there already.
        if place != self.place {
            self.content.generator().set_word_pos(place);
        }
        self.place = place + WORDS;
        let [asked, output, think, end] = [(); 4].map(|()| self.content.uniform());
        let sessions = self.options.sessions;
        Content {
            asked: self.options.prompts.at(asked),
            output: self.options.outputs.at(output),
            think: sessions.map_or(0, |sessions| sessions.think.at(think)),
            goes_on: sessions.is_some_and(|sessions| end > 1.0 / sessions.mean_turns),
        }
    }
}
