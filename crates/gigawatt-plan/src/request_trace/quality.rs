//! What a trace of requests holds: rates, gaps, lengths, order, and what prompts have in common.

use std::io::{self, BufRead};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::distinct::Distinct;
use super::order::{Buffer, Ordered};
use super::reader::{RequestHeader, RequestReader};
use super::record::{Finding, RequestRow};
use super::tokens::{TokenCounts, TokenPercentiles};
use crate::trace::LeftOut;

/// What a trace holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestQuality {
    /// What it says of itself.
    pub header: RequestHeader,
    /// Requests read.
    pub requests: u64,
    /// Lines left out, by cause.
    pub left_out: Vec<LeftOut>,
    /// What is odd about requests, which are kept all the same; what never occurs is not listed.
    pub findings: Vec<Finding>,
    /// The time covered; none without requests.
    pub span: Option<Span>,
    /// Requests per second: gaps over the time covered; none of fewer than two requests or no time.
    pub rate: Option<f64>,
    /// Times between one arrival and the next.
    pub gaps: Option<Gaps>,
    /// How far arrivals are from their order.
    pub order: Order,
    /// Tokens of prompts.
    pub prompts: TokenPercentiles,
    /// Tokens of answers.
    pub outputs: TokenPercentiles,
    /// Different sessions, beyond a million within 0.5 %; none where no request has one.
    pub sessions: Option<u64>,
    /// What prompts have in common; none where no request has blocks.
    pub blocks: Option<BlockReuse>,
}

/// The time that a trace covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// The first arrival, in nanoseconds on the clock of the trace: from 1970-01-01T00:00 where it has dates.
    pub first: i64,
    /// The last arrival.
    pub last: i64,
}

impl Span {
    /// Seconds from the first arrival to the last.
    pub fn seconds(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "seconds to 15 digits")]
        let nanoseconds = self.last.abs_diff(self.first) as f64;
        nanoseconds / 1e9
    }
}

/// Times between one arrival and the next, in order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gaps {
    /// Their mean, in seconds.
    pub mean: f64,
    /// Their standard deviation over their mean: 1 of a Poisson process, more of bursts; none where the mean is 0.
    pub variation: Option<f64>,
    /// The longest, in seconds.
    pub longest: f64,
}

/// How far arrivals are from their order.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    /// Requests that arrived before one that stands above them.
    pub rows: u64,
    /// By how much at most, in seconds.
    pub furthest: f64,
    /// Rows of the buffer by which a replay puts requests into order.
    pub buffer: u64,
    /// Requests that this buffer cannot put into order, which gaps leave out: the trace has to be sorted where there is
    /// one.
    pub beyond: u64,
}

/// What prompts have in common.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BlockReuse {
    /// Blocks of all prompts.
    pub total: u64,
    /// Different ones among them, beyond a million within 0.5 %.
    pub distinct: u64,
    /// Whether `distinct` is exact.
    pub exact: bool,
    /// The share of blocks that were there before: what a cache of prefixes without bound would find.
    pub share: f64,
}

/// Collects what a trace holds, in a bounded amount of memory.
#[derive(Debug)]
pub struct Quality {
    prompts: TokenCounts,
    outputs: TokenCounts,
    span: Option<Span>,
    order: Order,
    waiting: Buffer<()>,
    given: Option<i64>,
    gaps: GapSums,
    with_session: u64,
    sessions: Distinct,
    blocks: u64,
    distinct: Distinct,
}

/// Sums of gaps in one pass (B. P. Welford, Technometrics 4(3), 1962).
#[derive(Clone, Copy, Debug, Default)]
struct GapSums {
    count: f64,
    mean: f64,
    squares: f64,
    longest: f64,
}

impl GapSums {
    fn add(&mut self, gap: f64) {
        self.count += 1.0;
        let off = gap - self.mean;
        self.mean += off / self.count;
        self.squares += off * (gap - self.mean);
        self.longest = self.longest.max(gap);
    }

    fn told(self) -> Option<Gaps> {
        let variation = (self.mean > 0.0).then(|| (self.squares / self.count).sqrt() / self.mean);
        (self.count > 0.0).then_some(Gaps { mean: self.mean, variation, longest: self.longest })
    }
}

impl Default for Quality {
    fn default() -> Self {
        Self {
            prompts: TokenCounts::default(),
            outputs: TokenCounts::default(),
            span: None,
            order: Order { rows: 0, furthest: 0.0, buffer: Ordered::<&[u8]>::ROWS as u64, beyond: 0 },
            waiting: Buffer::default(),
            given: None,
            gaps: GapSums::default(),
            with_session: 0,
            sessions: Distinct::default(),
            blocks: 0,
            distinct: Distinct::default(),
        }
    }
}

impl RequestQuality {
    /// Reads a trace to its end and says what it holds.
    ///
    /// # Errors
    /// Where the stream fails.
    pub fn of<R: BufRead>(reader: &mut RequestReader<R>) -> io::Result<Self> {
        let mut quality = Quality::default();
        while let Some(row) = reader.next_row()? {
            quality.observe(&row);
        }
        Ok(quality.tell(reader))
    }
}

impl Quality {
    /// Looks at a row, in the order of the file.
    pub fn observe(&mut self, row: &RequestRow<'_>) {
        self.prompts.add(row.prompt);
        self.outputs.add(row.output);
        if row.session != 0 {
            self.with_session += 1;
            self.sessions.add(row.session);
        }
        self.blocks += row.blocks.len() as u64;
        row.blocks.iter().for_each(|id| self.distinct.add(*id));
        let time = row.time;
        let span = self.span.get_or_insert(Span { first: time, last: time });
        if time < span.last {
            self.order.rows += 1;
            let late = Span { first: time, last: span.last }.seconds();
            self.order.furthest = self.order.furthest.max(late);
        }
        span.first = span.first.min(time);
        span.last = span.last.max(time);
        if self.given.is_some_and(|given| time < given) {
            self.order.beyond += 1;
            return;
        }
        self.waiting.push(time, ());
        if self.waiting.len() > Ordered::<&[u8]>::ROWS {
            self.give();
        }
    }

    /// Takes the earliest time out of the buffer.
    fn give(&mut self) {
        let Some((time, ())) = self.waiting.pop() else { return };
        if let Some(given) = self.given {
            self.gaps.add(Span { first: given, last: time }.seconds());
        }
        self.given = Some(time);
    }

    /// Tokens of prompts so far.
    pub fn prompts(&self) -> &TokenCounts {
        &self.prompts
    }

    /// Tokens of answers so far.
    pub fn outputs(&self) -> &TokenCounts {
        &self.outputs
    }

    /// The report, with what the reader counted.
    pub fn tell<R: BufRead>(mut self, reader: &RequestReader<R>) -> RequestQuality {
        while self.waiting.len() > 0 {
            self.give();
        }
        let gaps = self.gaps.told();
        let requests = self.prompts.count();
        #[expect(clippy::cast_precision_loss, reason = "shares and rates to 15 digits")]
        let real = |number: u64| number as f64;
        let seconds = self.span.map(Span::seconds).filter(|seconds| *seconds > 0.0);
        let distinct = self.distinct.count().min(self.blocks);
        RequestQuality {
            header: reader.header(),
            requests,
            left_out: reader.left_out(),
            findings: reader.findings(),
            span: self.span,
            rate: seconds.map(|seconds| real(requests - 1) / seconds),
            gaps,
            order: self.order,
            prompts: self.prompts.percentiles(),
            outputs: self.outputs.percentiles(),
            sessions: (self.with_session > 0).then(|| self.sessions.count()),
            blocks: (self.blocks > 0).then(|| BlockReuse {
                total: self.blocks,
                distinct,
                exact: self.distinct.is_exact(),
                share: 1.0 - real(distinct) / real(self.blocks),
            }),
        }
    }
}
