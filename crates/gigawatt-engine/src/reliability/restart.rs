//! From an interruption to the next second of work, step by step.

use super::rates::Ranged;

/// What happens between an interruption and work, in seconds; the load of the checkpoint comes on top.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Timeline {
    /// Until it is noticed: a dead process at once, a hanging collective after a time-out.
    pub detection: Ranged,
    /// Until it is known which server to leave out.
    pub diagnosis: Ranged,
    /// Until the job has its servers again, a spare for the one that failed.
    pub scheduling: Ranged,
    /// Images, processes, communicators.
    pub start_up: Ranged,
    /// Until steps take their usual time.
    pub warm_up: Ranged,
}

impl Timeline {
    /// The steps by name, in their order.
    pub fn steps(&self) -> [(&'static str, Ranged); 5] {
        [
            ("detection", self.detection),
            ("diagnosis", self.diagnosis),
            ("scheduling", self.scheduling),
            ("start_up", self.start_up),
            ("warm_up", self.warm_up),
        ]
    }

    /// All of it with a load of so many seconds. Steps are independent: what each may lack or exceed adds up as squares.
    pub fn restart(&self, load: f64) -> Ranged {
        let (mut value, mut below, mut above) = (load, 0.0, 0.0);
        for (_, step) in self.steps() {
            value += step.value;
            below += (step.value - step.low) * (step.value - step.low);
            above += (step.high - step.value) * (step.high - step.value);
        }
        Ranged { value, low: (value - below.sqrt()).max(0.0), high: value + above.sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_add_up_and_their_doubts_as_squares() {
        let step = |value, low, high| Ranged { value, low, high };
        let timeline = Timeline {
            detection: step(60.0, 57.0, 64.0),
            diagnosis: step(60.0, 56.0, 63.0),
            scheduling: Ranged::certain(60.0),
            start_up: Ranged::certain(240.0),
            warm_up: Ranged::certain(0.0),
        };
        assert_eq!(timeline.restart(30.0), step(450.0, 445.0, 455.0));
    }
}
