//! Requests of one engine: sessions of a population, each kept whole.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::population::Habits;
use crate::fleet::Stream;
use crate::serving::arrivals::{ArrivalsError, Lengths, ThinkFrom, ThinkTime};

/// Mean lives of sessions before the start, from which on those begin that are under way then.
const LIVES_BEFORE: f64 = 6.0;
/// Bits of a block's number within its session.
const BLOCK_BITS: u32 = 24;
/// Turns of a session at most.
const MOST_TURNS: f64 = 100_000.0;

/// What sessions are like, for whoever draws them one by one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conversation {
    /// Turns and tokens on average.
    pub habits: Habits,
    /// From a turn to the next, s, on average; exponentially spread as lognormal with a variation of 1.
    pub turn_gap: f64,
    /// Coefficient of variation of the tokens of prompts and answers; 0 where all are as long.
    pub length_variation: f64,
}

/// How an engine sees prompts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// Tokens that a name of a block stands for; 0 where nothing is kept.
    pub block_tokens: u32,
    /// Tokens of prompt and answer at most: a context that would be longer begins again with the instructions.
    pub most: u32,
}

/// A turn that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    /// ns, from long before the start: those before it are not given.
    at: i64,
    /// Its session; a new one wherever a context begins again.
    session: u64,
    /// Turns that follow.
    left: u32,
    /// Tokens that stand before it.
    context: u32,
    /// Whether it is a call beside a session.
    side: bool,
}

/// A request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// ns.
    pub at: u64,
    pub prompt: u32,
    pub output: u32,
}

/// The requests of one engine in the order of time, without end.
///
/// Sessions begin at random (Poisson). Those that began before the start are under way in it, so that requests come at the same mean
/// rate from the first second on.
pub(super) struct SessionRequests {
    conversation: Conversation,
    context: Context,
    prompts: Lengths,
    outputs: Lengths,
    side_prompts: Lengths,
    side_outputs: Lengths,
    system: u32,
    stream: Stream,
    /// ns between beginnings of sessions, on average.
    between: f64,
    /// When the next session begins, ns.
    next: f64,
    sessions: u64,
    turns: BinaryHeap<Reverse<Turn>>,
    blocks: Vec<u64>,
}

impl SessionRequests {
    /// Those of an engine that gets so many requests a second.
    ///
    /// # Errors
    /// Where lengths cannot be.
    pub fn new(
        conversation: &Conversation,
        context: Context,
        rate: f64,
        mut stream: Stream,
    ) -> Result<Self, ArrivalsError> {
        let (habits, variation) = (&conversation.habits, conversation.length_variation);
        // A prompt and an answer fit together.
        let longest = (context.most / 2).max(1);
        let lengths = |mean: f64| Lengths::lognormal_of_moments(mean.max(1.0), variation, longest);
        let between = 1e9 * habits.requests_per_session() / rate;
        let before = LIVES_BEFORE * habits.session.turns * conversation.turn_gap * 1e9;
        let next = between * stream.exponential() - before;
        Ok(Self {
            conversation: *conversation,
            context,
            prompts: lengths(habits.session.prompt)?,
            outputs: lengths(habits.session.output)?,
            side_prompts: lengths(habits.side.prompt)?,
            side_outputs: lengths(habits.side.output)?,
            system: tokens(habits.session.system),
            stream,
            between,
            next,
            sessions: 0,
            turns: BinaryHeap::new(),
            blocks: Vec::new(),
        })
    }

    /// The next request from the start on, with the names of its blocks.
    pub fn next(&mut self) -> (Drawn, &[u64]) {
        loop {
            let due = self.turns.peek().map(|turn| turn.0.at);
            if due.is_none_or(|due| self.next <= due as f64) {
                self.begin();
                continue;
            }
            let Some(Reverse(turn)) = self.turns.pop() else { continue };
            let drawn = self.turn(turn);
            if let Ok(at) = u64::try_from(turn.at) {
                return (Drawn { at, ..drawn }, &self.blocks);
            }
        }
    }

    /// A session begins, with the calls beside it.
    fn begin(&mut self) {
        let start = self.next;
        self.next += self.between * self.stream.exponential();
        let habits = &self.conversation.habits;
        let (session, side_calls) = (habits.session, habits.side_calls);
        // One turn and a Gamma distributed number of further ones, rounded up or down by chance so that the mean stays.
        let (further, variance) = (session.turns - 1.0, session.variation * session.turns * session.turns);
        let spread = if further > 0.0 && variance > 0.0 {
            self.stream.gamma(further, variance / (further * further))
        } else {
            further.max(0.0)
        };
        let left = self.rounded(spread);
        let id = self.sessions;
        self.sessions += 1;
        let context = self.system;
        self.turns.push(Reverse(Turn { at: start as i64, session: id, left, context, side: false }));
        let life = (f64::from(left) + 1.0) * self.conversation.turn_gap * 1e9;
        for _ in 0..self.rounded(side_calls) {
            let at = (start + life * self.stream.uniform()) as i64;
            self.turns.push(Reverse(Turn { at, session: u64::MAX, left: 0, context: 0, side: true }));
        }
    }

    /// A whole number whose mean is a number.
    fn rounded(&mut self, number: f64) -> u32 {
        let number = number.min(MOST_TURNS);
        let up = u32::from(self.stream.uniform() < number.fract());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "limited above")]
        let whole = number as u32;
        whole + up
    }

    fn turn(&mut self, turn: Turn) -> Drawn {
        let Turn { side, mut session, mut context, .. } = turn;
        let shares = [self.stream.uniform(), self.stream.uniform()];
        self.blocks.clear();
        if side {
            let (prompt, output) = (self.side_prompts.at(shares[0]), self.side_outputs.at(shares[1]));
            return Drawn {
                at: 0,
                prompt: prompt.min(self.context.most.saturating_sub(output)).max(1),
                output,
            };
        }
        let (asked, output) = (self.prompts.at(shares[0]), self.outputs.at(shares[1]));
        let beyond = |context: u32| context.saturating_add(asked).saturating_add(output) > self.context.most;
        if beyond(context) {
            (context, session) = (self.system, self.sessions);
            self.sessions += 1;
        }
        if beyond(context) {
            context = 0;
        }
        let prompt = context.saturating_add(asked).min(self.context.most.saturating_sub(output)).max(1);
        self.name(session, prompt);
        if turn.left > 0 {
            let think =
                ThinkTime { mean: self.conversation.turn_gap, variation: 1.0, from: ThinkFrom::Request };
            let gap = i64::try_from(think.at(self.stream.uniform())).unwrap_or(i64::MAX);
            let (at, left, context) =
                (turn.at.saturating_add(gap), turn.left - 1, prompt.saturating_add(output));
            self.turns.push(Reverse(Turn { at, session, left, context, side: false }));
        }
        Drawn { at: 0, prompt, output }
    }

    /// Names the full blocks of a prompt: the instructions are the same in all sessions.
    fn name(&mut self, session: u64, prompt: u32) {
        let Some(full) = prompt.checked_div(self.context.block_tokens) else { return };
        let shared = u64::from((self.system.min(prompt)) / self.context.block_tokens);
        let own = (session + 1) << BLOCK_BITS;
        self.blocks.extend((0..shared).chain((shared..u64::from(full)).map(|block| own | block)));
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn tokens(number: f64) -> u32 {
    libm::round(number) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::Session;

    #[test]
    fn requests_come_at_their_rate_with_the_tokens_of_the_population() {
        let session =
            Session { turns: 4.0, variation: 0.5, system: 400.0, prompt: 150.0, output: 210.0, reuse: 1.0 };
        let habits = Habits {
            daily_share: 1.0,
            sessions: 1.0,
            session,
            side_calls: 1.5,
            side: Session::single(900.0, 50.0),
        };
        let conversation = Conversation { habits, turn_gap: 30.0, length_variation: 0.8 };
        let context = Context { block_tokens: 64, most: 1 << 20 };
        let mut requests =
            SessionRequests::new(&conversation, context, 20.0, Stream::new(3, "test", "sessions")).unwrap();
        let (mut count, mut input, mut output, mut early) = (0.0, 0.0, 0.0, 0.0);
        let end = 8_000_000_000_000;
        loop {
            let (drawn, blocks) = requests.next();
            if drawn.at >= end {
                break;
            }
            assert!(blocks.len() <= (drawn.prompt / 64) as usize);
            count += 1.0;
            early += f64::from(u8::from(drawn.at < end / 10));
            input += f64::from(drawn.prompt);
            output += f64::from(drawn.output);
        }
        let request = habits.request();
        assert!((count / 160_000.0 - 1.0_f64).abs() < 0.03, "{count}");
        assert!((early / 16_000.0 - 1.0_f64).abs() < 0.08, "stationary from the start: {early}");
        assert!((input / count / request.input() - 1.0).abs() < 0.06, "{}", input / count);
        assert!((output / count / request.output - 1.0).abs() < 0.03, "{}", output / count);
    }
}
