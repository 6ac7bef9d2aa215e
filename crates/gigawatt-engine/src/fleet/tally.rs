//! Accelerators by what they are doing, at a time and over time.

use super::queue::Time;

/// What an accelerator that came online is doing. One that left is not counted any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum State {
    /// Ready, with nothing to do.
    Idle,
    /// Given to a training run.
    Training,
    /// Given to a run of reinforcement learning.
    Reinforcement,
    /// Given to a replica of a service.
    Service,
    /// Given to a job of a batch workload.
    Batch,
    /// Failed, and nobody knows.
    Undetected,
    /// Failed: what to do is found out, or it is reset.
    Diagnosis,
    /// Failed: it waits for a technician.
    AwaitingTechnician,
    /// A technician works on it.
    Repair,
    /// It waits for another server in its place.
    AwaitingReplacement,
    /// Tested after a repair.
    BurnIn,
    /// Without network, cooling or power.
    Outage,
    /// Taken out for maintenance.
    Maintenance,
}

/// A sum of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Nothing to do.
    Idle,
    /// Given to somebody.
    Allocated,
    /// Failed and not yet back.
    Broken,
    /// Taken out for maintenance.
    Maintenance,
}

impl State {
    /// All of them, with their names in paths.
    pub const ALL: [(Self, &'static str); 13] = [
        (Self::Idle, "idle"),
        (Self::Training, "training"),
        (Self::Reinforcement, "reinforcement"),
        (Self::Service, "service"),
        (Self::Batch, "batch"),
        (Self::Undetected, "undetected"),
        (Self::Diagnosis, "diagnosis"),
        (Self::AwaitingTechnician, "awaiting_technician"),
        (Self::Repair, "repair"),
        (Self::AwaitingReplacement, "awaiting_replacement"),
        (Self::BurnIn, "burn_in"),
        (Self::Outage, "outage"),
        (Self::Maintenance, "maintenance"),
    ];

    /// The sum that it belongs to.
    pub fn group(self) -> Group {
        match self {
            Self::Idle => Group::Idle,
            Self::Training | Self::Reinforcement | Self::Service | Self::Batch => Group::Allocated,
            Self::Maintenance => Group::Maintenance,
            _ => Group::Broken,
        }
    }
}

/// How many states there are.
pub const STATES: usize = State::ALL.len();

/// Accelerators by state, and their time in each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: [u64; STATES],
    /// Accelerators × nanoseconds up to `since`.
    times: [u128; STATES],
    since: [Time; STATES],
    /// Accelerators that came online, less those that left.
    online: u64,
    online_time: u128,
    online_since: Time,
}

impl Tally {
    /// Nothing is online.
    pub fn new() -> Self {
        Self::default()
    }

    fn settle(&mut self, state: State, now: Time) {
        let at = state as usize;
        self.times[at] += u128::from(self.counts[at]) * u128::from(now - self.since[at]);
        self.since[at] = now;
    }

    fn settle_online(&mut self, now: Time) {
        self.online_time += u128::from(self.online) * u128::from(now - self.online_since);
        self.online_since = now;
    }

    /// Accelerators change from one state to another.
    pub fn change(&mut self, now: Time, accelerators: u32, from: State, to: State) {
        if from == to || accelerators == 0 {
            return;
        }
        self.settle(from, now);
        self.settle(to, now);
        self.counts[from as usize] -= u64::from(accelerators);
        self.counts[to as usize] += u64::from(accelerators);
        debug_assert!(self.is_whole(), "accelerators appeared or vanished");
    }

    /// Accelerators come online in a state.
    pub fn arrive(&mut self, now: Time, accelerators: u32, state: State) {
        self.settle(state, now);
        self.settle_online(now);
        self.counts[state as usize] += u64::from(accelerators);
        self.online += u64::from(accelerators);
    }

    /// Accelerators leave from a state.
    pub fn leave(&mut self, now: Time, accelerators: u32, state: State) {
        self.settle(state, now);
        self.settle_online(now);
        self.counts[state as usize] -= u64::from(accelerators);
        self.online -= u64::from(accelerators);
    }

    /// Brings every sum up to a time.
    pub fn settle_all(&mut self, now: Time) {
        State::ALL.iter().for_each(|(state, _)| self.settle(*state, now));
        self.settle_online(now);
    }

    /// Whether what is online is what is in some state: the identity that holds at every change.
    pub fn is_whole(&self) -> bool {
        self.counts.iter().sum::<u64>() == self.online
    }

    /// Accelerators in a state.
    pub fn count(&self, state: State) -> u64 {
        self.counts[state as usize]
    }

    /// Accelerators by state, in the order of [`State::ALL`].
    pub fn counts(&self) -> [u64; STATES] {
        self.counts
    }

    /// Accelerator-nanoseconds by state, in the order of [`State::ALL`], up to where it was settled.
    pub fn times(&self) -> [u128; STATES] {
        self.times
    }

    /// Accelerator-nanoseconds online, up to where it was settled.
    pub fn online_time(&self) -> u128 {
        self.online_time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_add_up_to_the_time_online() {
        let mut tally = Tally::new();
        tally.arrive(0, 16, State::Idle);
        tally.change(10, 8, State::Idle, State::Training);
        tally.arrive(20, 4, State::Idle);
        tally.change(25, 8, State::Training, State::Undetected);
        tally.leave(30, 4, State::Idle);
        tally.settle_all(50);
        let times = tally.times();
        assert_eq!(times[State::Training as usize], 8 * 15);
        assert_eq!(times[State::Undetected as usize], 8 * 25);
        assert_eq!(times.iter().sum::<u128>(), tally.online_time());
        assert_eq!(tally.online_time(), 16 * 50 + 4 * 10);
    }
}
