//! A part of a trace, faster or slower and several times over.

use std::io::BufRead;
use std::num::NonZeroU32;

use super::distinct::mixed;
use super::order::{Ordered, OutOfOrder};
use super::reader::RequestReader;
use super::record::RequestRecord;
use crate::trace::OpenError;

/// Bits after the point of a factor on time.
const BITS: u32 = 48;

/// A factor on the rate at which requests arrive: with 2 they come twice as fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeScale {
    /// What a span of time becomes, as a whole number of 2^-48.
    stretch: u64,
}

impl TimeScale {
    /// As in the trace.
    pub const ONE: Self = Self { stretch: 1 << BITS };
    /// The least and the largest factor.
    pub const RANGE: (f64, f64) = (1e-4, 1e6);

    /// A factor on the rate; `None` outside of [`TimeScale::RANGE`].
    pub fn of_rate(factor: f64) -> Option<Self> {
        let (least, largest) = Self::RANGE;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 2^28 and 2^62"
        )]
        (least..=largest)
            .contains(&factor)
            .then(|| Self { stretch: ((1_u64 << BITS) as f64 / factor).round() as u64 })
    }

    /// A time so scaled, cut off where it does not fit.
    fn apply(self, time: u64) -> u64 {
        u64::try_from((u128::from(time) * u128::from(self.stretch)) >> BITS).unwrap_or(u64::MAX)
    }
}

/// What is taken of a trace and how. The order of its fields is the order in which they act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayOptions {
    /// Requests before this time since the first, in nanoseconds, are left away; the others count from it.
    pub from: u64,
    /// Requests at or after this time since the first are left away.
    pub until: Option<u64>,
    /// Of those left, so many of the first.
    pub first: Option<u64>,
    /// How many times these come one after another.
    pub repeat: NonZeroU32,
    /// How fast.
    pub scale: TimeScale,
}

impl Default for ReplayOptions {
    fn default() -> Self {
        Self { from: 0, until: None, first: None, repeat: NonZeroU32::MIN, scale: TimeScale::ONE }
    }
}

/// Why a replay ends before its time.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The trace cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It cannot be put into order, or the stream fails.
    #[error(transparent)]
    OutOfOrder(#[from] OutOfOrder),
}

/// The requests of a trace with [`ReplayOptions`], in the order of arrival, from 0 on.
///
/// A trace that is repeated is opened again, so that memory stays constant. One pass follows another at the end of the
/// window where it has one, else after a mean gap; the second has sessions and blocks of its own, as of other people
/// with the same habits, so that nothing of it is found in a cache of prefixes only because it was there before.
#[derive(Debug)]
pub struct Replay<F, R> {
    open: F,
    options: ReplayOptions,
    source: Ordered<R>,
    /// The pass, from 0.
    pass: u32,
    /// Requests of this pass so far.
    taken: u64,
    /// Start of this pass, unscaled.
    start: u64,
    /// Time since the start of the pass of the request that came last, unscaled.
    last: u64,
    blocks: Vec<u64>,
    ended: bool,
}

impl<F, R> Replay<F, R>
where
    F: FnMut() -> Result<RequestReader<R>, OpenError>,
    R: BufRead,
{
    /// Opens the trace.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn new(mut open: F, options: ReplayOptions) -> Result<Self, ReplayError> {
        let source = Ordered::new(open()?, Ordered::<R>::ROWS);
        let blocks = Vec::new();
        Ok(Self { open, options, source, pass: 0, taken: 0, start: 0, last: 0, blocks, ended: false })
    }

    /// What the current pass reads from.
    pub fn reader(&self) -> &RequestReader<R> {
        self.source.reader()
    }

    /// Gives back what the current pass reads from.
    pub fn into_reader(self) -> RequestReader<R> {
        self.source.into_reader()
    }

    /// The next request; `None` at the end.
    ///
    /// # Errors
    /// Where the trace fails, is in too great a disorder or cannot be opened again; after that there is none.
    pub fn next_request(&mut self) -> Result<Option<RequestRecord<'_>>, ReplayError> {
        let next = self.advance();
        self.ended = !matches!(next, Ok(Some(_)));
        Ok(next?.map(|record| RequestRecord { blocks: &self.blocks, ..record }))
    }

    /// The next request, whose blocks are put into the buffer.
    fn advance(&mut self) -> Result<Option<RequestRecord<'static>>, ReplayError> {
        let Self { options, .. } = self;
        let (from, until) = (options.from, options.until.unwrap_or(u64::MAX));
        while !self.ended {
            let full = self.options.first.is_some_and(|first| self.taken >= first);
            let next = if full { None } else { self.source.next_request()? };
            let Some(next) = next.filter(|next| next.arrival < until) else {
                if !self.begin_again()? {
                    break;
                }
                continue;
            };
            if next.arrival < from {
                continue;
            }
            self.taken += 1;
            self.last = next.arrival - from;
            let arrival = self.options.scale.apply(self.start.saturating_add(self.last));
            self.blocks.clear();
            let pass = self.pass;
            self.blocks.extend(next.blocks.iter().map(|id| of_pass(*id, pass)));
            let session = if next.session == 0 { 0 } else { of_pass(next.session, pass).max(1) };
            let RequestRecord { prompt, output, priority, .. } = next;
            return Ok(Some(RequestRecord { arrival, prompt, output, session, priority, blocks: &[] }));
        }
        Ok(None)
    }

    /// Starts the next pass; `false` where there is none.
    fn begin_again(&mut self) -> Result<bool, ReplayError> {
        // A pass without a request is followed by others without.
        if self.pass + 1 >= self.options.repeat.get() || self.taken == 0 {
            return Ok(false);
        }
        let whole = match self.options.until {
            Some(until) if self.options.first.is_none() => until.saturating_sub(self.options.from),
            _ => self.last.saturating_add(self.last / (self.taken - 1).max(1)),
        };
        self.start = self.start.saturating_add(whole);
        self.pass += 1;
        (self.taken, self.last) = (0, 0);
        self.source = Ordered::new((self.open)()?, Ordered::<R>::ROWS);
        Ok(true)
    }
}

/// An id as it is in a pass: in the first as in the trace.
fn of_pass(id: u64, pass: u32) -> u64 {
    if pass == 0 { id } else { mixed(id ^ mixed(u64::from(pass))) }
}
