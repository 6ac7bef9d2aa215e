//! Work and checkpoints between two interruptions, in closed form.
//!
//! A job that runs works for an interval `τ`, stops for as long as a checkpoint blocks it, `b`, and works on; what it
//! wrote is safe a delay `d` after that. With `e` the time since it started and `c = τ + b` a cycle,
//!
//! ```text
//! work(e) = ⌊e/c⌋ τ + min(e mod c, τ)        safe(e) = ⌊(e - d)/c⌋ τ        end(w) = w + (⌈w/τ⌉ - 1) b
//! ```
//!
//! so that no checkpoint is an event. Times are whole nanoseconds and all three are exact.

use super::queue::{NEVER, Time};

/// How often a job writes checkpoints and what they cost it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoints {
    /// Work between two checkpoints; [`NEVER`] for none.
    pub interval: Time,
    /// How long one stops the job.
    pub blocking: Time,
    /// From the end of that to where its loss is no longer possible.
    pub delay: Time,
}

impl Checkpoints {
    /// A job that writes none.
    pub const NONE: Self = Self { interval: NEVER, blocking: 0, delay: 0 };

    fn cycle(&self) -> Time {
        self.interval.max(1).saturating_add(self.blocking)
    }

    /// Work done in a time since the start.
    pub fn work(&self, elapsed: Time) -> Time {
        let (cycles, rest) = (elapsed / self.cycle(), elapsed % self.cycle());
        cycles * self.interval.max(1) + rest.min(self.interval.max(1))
    }

    /// Work of these that is safe.
    pub fn safe(&self, elapsed: Time) -> Time {
        elapsed.saturating_sub(self.delay) / self.cycle() * self.interval.max(1)
    }

    /// How much of these passed after the start of the first cycle that is not safe.
    pub fn since_safe(&self, elapsed: Time) -> Time {
        elapsed - elapsed.saturating_sub(self.delay) / self.cycle() * self.cycle()
    }

    /// Time until an amount of work is done; the last of it needs no checkpoint.
    pub fn end(&self, work: Time) -> Time {
        let written = work.saturating_sub(1) / self.interval.max(1);
        work.saturating_add(written.saturating_mul(self.blocking))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same, one checkpoint after the other.
    fn stepped(with: Checkpoints, elapsed: Time) -> (Time, Time) {
        let (mut time, mut work, mut safe) = (0, 0, 0);
        loop {
            let run = with.interval.min(elapsed - time);
            (time, work) = (time + run, work + run);
            if time == elapsed {
                return (work, safe);
            }
            let written = time + with.blocking;
            if written + with.delay <= elapsed {
                safe = work;
            }
            if written > elapsed {
                return (work, safe);
            }
            time = written;
        }
    }

    proptest! {
        #[test]
        fn closed_forms_are_those_of_steps(
            interval in 1_u64..50, blocking in 0_u64..20, delay in 0_u64..30, elapsed in 0_u64..2000, work in 1_u64..2000,
        ) {
            let with = Checkpoints { interval, blocking, delay };
            let (done, safe) = stepped(with, elapsed);
            prop_assert_eq!(with.work(elapsed), done);
            prop_assert_eq!(with.safe(elapsed), safe);
            let end = with.end(work);
            prop_assert_eq!(with.work(end), work);
            prop_assert!(with.work(end - 1) < work);
        }
    }

    #[test]
    fn a_job_without_checkpoints_loses_everything() {
        let with = Checkpoints::NONE;
        assert_eq!((with.work(1000), with.safe(1000), with.end(1000)), (1000, 0, 1000));
    }
}
