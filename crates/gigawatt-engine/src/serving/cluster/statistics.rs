//! What users see, in a fixed amount of memory.

use gigawatt_plan::job_trace::LogHistogram;

use super::model::Targets;
use crate::serving::replica::Outcome;

/// A time that users see. All in ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// From the arrival to the first token (TTFT).
    TimeToFirstToken,
    /// `(last token - first token) / (output tokens - 1)` of a request with two tokens or more (TPOT): each request counts once.
    TimePerOutputToken,
    /// The same with each request counted once for every token after its first: the mean is that of all gaps between tokens.
    /// Gaps within a request are not told apart.
    InterToken,
    /// From the arrival to the last token.
    EndToEnd,
    /// From the arrival to the first iteration.
    Waiting,
}

impl Metric {
    /// All of them, with their names in paths.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::TimeToFirstToken, "time_to_first_token"),
        (Self::TimePerOutputToken, "time_per_output_token"),
        (Self::InterToken, "inter_token"),
        (Self::EndToEnd, "end_to_end"),
        (Self::Waiting, "waiting"),
    ];
}

/// What one request has of each metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    time_to_first_token: u64,
    /// Nothing where there is one token only.
    per_output_token: Option<u64>,
    end_to_end: u64,
    waiting: u64,
    gaps: u64,
    output: u64,
    prompt: u64,
    cached: u64,
    preemptions: u64,
    /// Whether it met all targets.
    pub good: bool,
}

impl Seen {
    pub fn of(outcome: &Outcome, targets: &Targets) -> Self {
        let gaps = u64::from(outcome.output.saturating_sub(1));
        let decoding = outcome.finished.saturating_sub(outcome.first_token);
        let time_to_first_token = outcome.first_token.saturating_sub(outcome.arrived);
        let end_to_end = outcome.finished.saturating_sub(outcome.arrived);
        // Rounded to the nearest ns.
        let per_output_token = (gaps > 0).then(|| (decoding + gaps / 2) / gaps);
        let within = |time: u64, target: Option<u64>| target.is_none_or(|target| time <= target);
        let good = within(time_to_first_token, targets.time_to_first_token)
            && within(per_output_token.unwrap_or(0), targets.time_per_output_token)
            && within(end_to_end, targets.end_to_end);
        Self {
            time_to_first_token,
            per_output_token,
            end_to_end,
            waiting: outcome.scheduled.saturating_sub(outcome.arrived),
            gaps,
            output: u64::from(outcome.output),
            prompt: u64::from(outcome.prompt),
            cached: u64::from(outcome.cached),
            preemptions: u64::from(outcome.preemptions),
            good,
        }
    }
}

/// Requests that were answered, of one kind. Counts, sums, least and largest are exact, quantiles right to 1.6 %.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Requests.
    pub requests: u64,
    /// Of these, such as met all targets.
    pub good: u64,
    /// Tokens of their prompts.
    pub prompt_tokens: u64,
    /// Of these, such as were found in a cache.
    pub cached_tokens: u64,
    /// Tokens of their answers.
    pub output_tokens: u64,
    /// How often they were thrown out and computed again.
    pub preemptions: u64,
    times: [LogHistogram; Metric::ALL.len()],
}

impl Group {
    pub(super) fn add(&mut self, seen: &Seen) {
        self.requests += 1;
        self.good += u64::from(seen.good);
        self.prompt_tokens += seen.prompt;
        self.cached_tokens += seen.cached;
        self.output_tokens += seen.output;
        self.preemptions += seen.preemptions;
        let [first, per_token, gaps, end_to_end, waiting] = &mut self.times;
        first.add(seen.time_to_first_token);
        if let Some(time) = seen.per_output_token {
            per_token.add(time);
            gaps.add_many(time, seen.gaps);
        }
        end_to_end.add(seen.end_to_end);
        waiting.add(seen.waiting);
    }

    /// Takes in all of another.
    pub fn merge(&mut self, other: &Self) {
        self.requests += other.requests;
        self.good += other.good;
        self.prompt_tokens += other.prompt_tokens;
        self.cached_tokens += other.cached_tokens;
        self.output_tokens += other.output_tokens;
        self.preemptions += other.preemptions;
        self.times.iter_mut().zip(&other.times).for_each(|(all, more)| all.merge(more));
    }

    /// The distribution of a metric in ns.
    pub fn times(&self, metric: Metric) -> &LogHistogram {
        &self.times[metric as usize]
    }

    /// Share of the tokens of prompts that were found in a cache; `None` of none.
    pub fn cached_share(&self) -> Option<f64> {
        (self.prompt_tokens > 0).then(|| self.cached_tokens as f64 / self.prompt_tokens as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::replica::End;

    #[test]
    fn a_request_is_good_where_it_meets_every_target() {
        let outcome = Outcome {
            id: 0,
            arrived: 1_000,
            scheduled: 1_400,
            first_token: 3_000,
            finished: 12_003,
            prompt: 100,
            output: 10,
            cached: 40,
            preemptions: 1,
            end: End::Done,
        };
        let targets = Targets {
            time_to_first_token: Some(2_000),
            time_per_output_token: Some(1_000),
            end_to_end: Some(11_003),
        };
        let good = |targets| Seen::of(&outcome, &targets).good;
        assert!(good(targets));
        assert!(!good(Targets { time_to_first_token: Some(1_999), ..targets }));
        assert!(!good(Targets { time_per_output_token: Some(999), ..targets }));
        assert!(!good(Targets { end_to_end: Some(11_002), ..targets }));
        let single = Outcome { output: 1, finished: 3_000, ..outcome };
        assert_eq!(Seen::of(&single, &targets).per_output_token, None);

        let mut group = Group::default();
        group.add(&Seen::of(&outcome, &targets));
        group.add(&Seen::of(&single, &targets));
        let mean = |metric| group.times(metric).mean();
        assert_eq!(mean(Metric::TimeToFirstToken), Some(2_000.0));
        assert_eq!(mean(Metric::TimePerOutputToken), Some(1_000.0));
        assert_eq!((mean(Metric::InterToken), group.times(Metric::InterToken).count()), (Some(1_000.0), 9));
        assert_eq!((mean(Metric::EndToEnd), mean(Metric::Waiting)), (Some(6_501.5), Some(400.0)));
        assert_eq!(group.cached_share(), Some(0.4));
        assert_eq!((group.requests, group.good, group.output_tokens, group.preemptions), (2, 2, 11, 2));
    }
}
