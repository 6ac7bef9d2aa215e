//! Ways to checkpoint a job, and the best of each.

use super::costs::Moves;
use super::goodput::{Course, Shares};
use super::rates::Interruptions;
use super::two_level::{Intervals, Level, Replicas, TwoLevel};

/// Where checkpoints go and what the job does meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// The job stops until storage has everything.
    Blocking,
    /// The job stops until its servers' memory has everything, and goes on while storage gets it.
    Background,
    /// Copies lie in the memory of several servers; storage gets some of them in the background.
    Memory,
}

impl Strategy {
    /// All, the simplest first.
    pub const ALL: [Self; 3] = [Self::Blocking, Self::Background, Self::Memory];

    /// Its name in a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Blocking => "storage, blocking",
            Self::Background => "storage, in the background",
            Self::Memory => "memory, some in storage",
        }
    }

    /// Its name in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Background => "background",
            Self::Memory => "memory",
        }
    }
}

/// A job that is checkpointed, all times in seconds.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct CheckpointedJob {
    /// What interrupts it.
    pub interruptions: Interruptions,
    /// Failures of one server per second.
    pub server_rate: f64,
    /// From an interruption to work, without the load of the state.
    pub restart: f64,
    /// What moving its state takes.
    pub moves: Moves,
    /// How copies in memory lie.
    pub replicas: Replicas,
}

/// An interval, and what it leaves of the time.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Choice {
    /// How it is checkpointed.
    pub strategy: Strategy,
    /// Seconds of work between checkpoints, and how many of them lie between those in storage.
    pub intervals: Intervals,
    /// Where the time goes.
    pub shares: Shares,
    /// Seconds of a restart on the average.
    pub restart: f64,
}

/// The law of a strategy.
enum Law {
    One(Course),
    Two(TwoLevel),
}

impl CheckpointedJob {
    fn law(&self, strategy: Strategy) -> Law {
        let Moves { write, stage, copy, load, fetch } = self.moves;
        let rate = self.interruptions.rate();
        let from_storage = self.restart + load;
        match strategy {
            Strategy::Blocking => {
                Law::One(Course { rate, restart: from_storage, blocking: write + stage, lag: 0.0 })
            }
            Strategy::Background => {
                Law::One(Course { rate, restart: from_storage, blocking: stage, lag: write })
            }
            Strategy::Memory => {
                let from_memory = self.restart + fetch;
                let copies = f64::from(self.replicas.copies.max(1)) - 1.0;
                // What the software breaks leaves memory as it is.
                let of_servers = if rate > 0.0 { self.interruptions.hardware / rate } else { 0.0 };
                Law::Two(TwoLevel {
                    rate,
                    fallback: of_servers * self.replicas.lost(self.server_rate, from_memory),
                    memory: Level { blocking: stage, lag: copies * copy, restart: from_memory },
                    storage: Level { blocking: 0.0, lag: write, restart: from_storage },
                })
            }
        }
    }

    /// The form of one level behind a strategy; none of that in memory.
    pub fn course(&self, strategy: Strategy) -> Option<Course> {
        match self.law(strategy) {
            Law::One(course) => Some(course),
            Law::Two(_) => None,
        }
    }

    /// The probability that an interruption sends a job with copies in memory back to storage.
    pub fn fallback(&self) -> f64 {
        match self.law(Strategy::Memory) {
            Law::Two(levels) => levels.fallback,
            Law::One(_) => 1.0,
        }
    }

    /// A strategy at its best intervals.
    pub fn best(&self, strategy: Strategy) -> Choice {
        match self.law(strategy) {
            Law::One(course) => of_one(strategy, &course, course.best_interval()),
            Law::Two(levels) => of_two(strategy, &levels, levels.best_intervals()),
        }
    }

    /// A strategy at an interval; of that in memory, with the best share in storage. An interval that is too short for the writes before it is
    /// as long as they take.
    pub fn at(&self, strategy: Strategy, interval: f64) -> Choice {
        match self.law(strategy) {
            Law::One(course) => of_one(strategy, &course, interval.max(course.shortest())),
            Law::Two(levels) => {
                let intervals = levels.best_every(interval);
                of_two(strategy, &levels, intervals)
            }
        }
    }

    /// The strategy and intervals of the most goodput; the simpler one where two are within `worth`, a share of the time.
    pub fn best_of_all(&self, worth: f64) -> Choice {
        let [first, rest @ ..] = Strategy::ALL.map(|strategy| self.best(strategy));
        rest.into_iter()
            .fold(first, |best, next| if next.shares.work > best.shares.work + worth { next } else { best })
    }
}

fn of_one(strategy: Strategy, course: &Course, interval: f64) -> Choice {
    Choice {
        strategy,
        intervals: Intervals { memory: interval, every: 1 },
        shares: course.shares(interval),
        restart: course.restart,
    }
}

fn of_two(strategy: Strategy, levels: &TwoLevel, intervals: Intervals) -> Choice {
    let restart = (1.0 - levels.fallback) * levels.memory.restart + levels.fallback * levels.storage.restart;
    Choice { strategy, intervals, shares: levels.shares(intervals), restart }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reliability::Spread;

    fn job(write: f64) -> CheckpointedJob {
        CheckpointedJob {
            interruptions: Interruptions { hardware: 1e-4, software: 2e-5 },
            server_rate: 5e-8,
            restart: 480.0,
            moves: Moves { write, stage: 0.2, copy: 0.01, load: write + 0.2, fetch: 0.21 },
            replicas: Replicas {
                copies: 2,
                spread: Spread::OtherDomains,
                domain: 2.0,
                domain_failures: 0.02,
            },
        }
    }

    #[test]
    fn no_interval_beats_the_best_and_none_is_shorter_than_its_writes() {
        for strategy in Strategy::ALL {
            let best = job(30.0).best(strategy);
            for times in [0.1, 0.5, 0.9, 1.1, 2.0, 10.0] {
                let other = job(30.0).at(strategy, times * best.intervals.memory);
                assert!(other.shares.work <= best.shares.work + 2e-4, "{strategy:?} {times}");
            }
        }
        assert!(job(30.0).at(Strategy::Background, 1.0).intervals.memory >= 29.8);
    }

    #[test]
    fn the_simplest_way_is_taken_where_others_are_worth_nothing() {
        assert_eq!(job(1e-3).best_of_all(1e-3).strategy, Strategy::Blocking);
        assert_eq!(job(1.0).best_of_all(1e-3).strategy, Strategy::Background);
        // With writes of twenty minutes, what is lost since the last one counts.
        assert_eq!(job(1200.0).best_of_all(1e-3).strategy, Strategy::Memory);
    }

    #[test]
    fn only_hardware_destroys_copies() {
        let usual = job(5.0);
        let soft =
            CheckpointedJob { interruptions: Interruptions { hardware: 0.0, software: 1.2e-4 }, ..usual };
        assert!(soft.fallback() < usual.fallback() && soft.fallback() == 0.0);
        let one_copy = CheckpointedJob { replicas: Replicas { copies: 1, ..usual.replicas }, ..usual };
        assert!((one_copy.fallback() - 1e-4 / 1.2e-4).abs() < 1e-12);
    }
}
