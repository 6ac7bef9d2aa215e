//! When servers that are in use become free at the latest: what a reservation is computed from.

use super::queue::{NEVER, SECOND, Time};

/// Width of a bucket of time: a reservation is at most this much later than need be.
const BUCKET: Time = 600 * SECOND;

/// Counts servers in use by the time at which all their jobs have reached their limits.
///
/// A Fenwick tree (Fenwick 1994) over buckets of ten minutes: a change and an answer take as many steps as the number
/// of buckets has binary digits, whatever the number of servers.
#[derive(Clone, Debug)]
pub struct FreeTimes {
    sums: Vec<i32>,
}

impl FreeTimes {
    /// For times up to a horizon; what is free later counts as never free.
    pub fn new(horizon: Time) -> Self {
        let buckets = usize::try_from(horizon / BUCKET + 2).unwrap_or(usize::MAX).next_power_of_two();
        Self { sums: vec![0; buckets + 1] }
    }

    fn bucket(&self, time: Time) -> Option<usize> {
        let bucket = usize::try_from(time / BUCKET).ok()?;
        (bucket < self.sums.len() - 1).then_some(bucket)
    }

    fn add(&mut self, time: Time, change: i32) {
        let Some(bucket) = self.bucket(time) else { return };
        let mut at = bucket + 1;
        while at < self.sums.len() {
            self.sums[at] += change;
            at += at & at.wrapping_neg();
        }
    }

    /// A server is free at the latest at `after` instead of `before`; zero is the time of one that is free.
    pub fn change(&mut self, before: Time, after: Time) {
        if before == after {
            return;
        }
        if before != 0 {
            self.add(before, -1);
        }
        if after != 0 {
            self.add(after, 1);
        }
    }

    /// How many servers in use are free by a time: those whose bucket ends by then.
    pub fn free_by(&self, time: Time) -> u32 {
        let whole = usize::try_from(time / BUCKET).unwrap_or(usize::MAX).min(self.sums.len() - 1);
        let (mut at, mut sum) = (whole, 0);
        while at > 0 {
            sum += self.sums[at];
            at -= at & at.wrapping_neg();
        }
        sum.max(0) as u32
    }

    /// The earliest end of a bucket by which so many servers in use are free; [`NEVER`] where so many never are.
    pub fn when_free(&self, servers: u32) -> Time {
        let mut left = i64::from(servers);
        let (mut at, mut step) = (0_usize, (self.sums.len() - 1).next_power_of_two());
        while step > 0 {
            if at + step < self.sums.len() && i64::from(self.sums[at + step]) < left {
                at += step;
                left -= i64::from(self.sums[at]);
            }
            step /= 2;
        }
        if at + 1 >= self.sums.len() { NEVER } else { (at as Time + 1) * BUCKET }
    }
}

/// When a server that is in use until a time counts as free.
fn end_of_bucket(time: Time) -> Time {
    (time / BUCKET).saturating_add(1).saturating_mul(BUCKET)
}

/// Free servers over time, as a plan of who takes them is made.
#[derive(Clone, Debug)]
pub struct Course {
    /// From when on, and how many.
    steps: Vec<(Time, i64)>,
}

impl FreeTimes {
    /// Free servers from now on, as those in use become free.
    pub fn course(&self, now: Time, free: i64) -> Course {
        let mut steps = vec![(now, free)];
        let mut counted = self.free_by(now);
        loop {
            let time = self.when_free(counted + 1);
            if time == NEVER {
                return Course { steps };
            }
            counted = self.free_by(time);
            let sum = free + i64::from(counted);
            if time > now { steps.push((time, sum)) } else { steps[0].1 = sum }
        }
    }
}

impl Course {
    /// The earliest time from which so many are free for as long as is wanted; [`NEVER`] where there is none.
    pub fn earliest(&self, servers: i64, length: Time) -> Time {
        let mut from = None;
        for (at, &(time, free)) in self.steps.iter().enumerate() {
            if free < servers {
                from = None;
                continue;
            }
            let start = *from.get_or_insert(time);
            let until = self.steps.get(at + 1).map_or(NEVER, |step| step.0);
            if until >= end_of_bucket(start.saturating_add(length)) {
                return start;
            }
        }
        NEVER
    }

    /// Takes servers for a time; to the end of its last bucket, as it will count when they are in use.
    pub fn take(&mut self, from: Time, until: Time, servers: i64) {
        let until = end_of_bucket(until);
        self.cut(from);
        self.cut(until);
        for (_, free) in self.steps.iter_mut().filter(|step| step.0 >= from && step.0 < until) {
            *free -= servers;
        }
    }

    fn cut(&mut self, time: Time) {
        if time == NEVER {
            return;
        }
        let at = self.steps.partition_point(|step| step.0 <= time);
        if at > 0 && self.steps[at - 1].0 < time {
            self.steps.insert(at, (time, self.steps[at - 1].1));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plan_gives_the_earliest_stretch_that_is_long_enough() {
        let mut free = FreeTimes::new(100 * BUCKET);
        free.change(0, 4 * BUCKET + 1);
        free.change(0, 9 * BUCKET + 1);
        let mut plan = free.course(0, 1);
        assert_eq!(plan.earliest(2, BUCKET), 5 * BUCKET);
        plan.take(5 * BUCKET, 7 * BUCKET - 1, 2);
        assert_eq!(plan.earliest(1, 5 * BUCKET - 1), 0, "it ends as the other begins");
        assert_eq!(plan.earliest(1, 6 * BUCKET), 7 * BUCKET);
        assert_eq!(plan.earliest(3, BUCKET), 10 * BUCKET);
        assert_eq!(plan.earliest(4, BUCKET), NEVER);
    }

    proptest! {
        #[test]
        fn a_time_is_the_earliest_by_which_enough_are_free(
            times in prop::collection::vec(1_u64..400, 1..60),
            servers in 1_u32..70,
        ) {
            let mut free = FreeTimes::new(300 * BUCKET);
            for time in &times {
                free.change(0, time * BUCKET);
            }
            let found = free.when_free(servers);
            // Everything up to the rounding of the tree's size is counted.
            let mut ends: Vec<u64> = times.iter().map(|time| (time + 1) * BUCKET).filter(|end| end / BUCKET <= 512).collect();
            ends.sort_unstable();
            let expected = ends.get(servers as usize - 1).copied().unwrap_or(NEVER);
            prop_assert_eq!(found, expected);
            if found != NEVER {
                prop_assert!(free.free_by(found) >= servers);
                prop_assert!(free.free_by(found - 1) < servers);
            }
            for time in &times {
                free.change(time * BUCKET, 0);
            }
            prop_assert_eq!(free.when_free(1), NEVER);
        }
    }
}
