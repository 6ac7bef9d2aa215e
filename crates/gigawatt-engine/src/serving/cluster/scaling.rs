//! How many replicas are wanted, and how long that has to be so.

use std::collections::VecDeque;

use super::model::Scaling;
use crate::fleet::Time;

/// What was wanted lately, of which only what may still be the extreme is kept.
#[derive(Clone, Debug)]
struct Lately {
    span: Time,
    /// Of values that are newer and as extreme, none is earlier in it.
    kept: VecDeque<(Time, u32)>,
}

impl Lately {
    fn new(span: Time, first: u32) -> Self {
        Self { span, kept: VecDeque::from([(0, first)]) }
    }

    /// Adds a value and gives the extreme of those that are not older than the span. `yields` says that an older one can go.
    fn with(&mut self, now: Time, value: u32, yields: impl Fn(u32, u32) -> bool) -> u32 {
        while self.kept.back().is_some_and(|&(_, older)| yields(older, value)) {
            self.kept.pop_back();
        }
        self.kept.push_back((now, value));
        while self.kept.len() > 1 && self.kept[0].0.saturating_add(self.span) < now {
            self.kept.pop_front();
        }
        self.kept[0].1
    }
}

/// The memory of an autoscaler.
#[derive(Clone, Debug)]
pub(super) struct Recommendations {
    scaling: Scaling,
    /// The least wanted lately is what it grows to.
    up: Lately,
    /// The most wanted lately is what it shrinks to.
    down: Lately,
}

impl Recommendations {
    /// One that has so far wanted what there is.
    pub fn new(scaling: Scaling, replicas: u32) -> Self {
        let (up, down) =
            (Lately::new(scaling.up_window, replicas), Lately::new(scaling.down_window, replicas));
        Self { scaling, up, down }
    }

    /// How many replicas there should be.
    pub fn decide(&mut self, now: Time, load: u64, replicas: u32) -> u32 {
        let Scaling { target, least, most, tolerance, .. } = self.scaling;
        let wanted = load as f64 / target;
        let ratio = wanted / f64::from(replicas);
        let wanted =
            if replicas > 0 && (ratio - 1.0).abs() <= tolerance { replicas } else { wanted.ceil() as u32 };
        let wanted = wanted.clamp(least, most);
        let up = self.up.with(now, wanted, |older, newer| older >= newer);
        let down = self.down.with(now, wanted, |older, newer| older <= newer);
        let stable = if replicas < up { up } else { replicas.min(down) };
        // Limits hold at once.
        stable.clamp(least, most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::SECOND;

    fn scaling() -> Scaling {
        Scaling { down_window: 60 * SECOND, up_window: 20 * SECOND, ..Scaling::outstanding(10.0, 1, 8) }
    }

    #[test]
    fn growth_waits_for_its_window_and_shrinkage_for_its_own() {
        let mut memory = Recommendations::new(scaling(), 2);
        let mut replicas = 2;
        let mut course = Vec::new();
        for tick in 1..=12_u64 {
            let load = if tick <= 4 { 55 } else { 12 };
            replicas = memory.decide(tick * 10 * SECOND, load, replicas);
            course.push(replicas);
        }
        // Six are wanted from 10 s to 40 s: the two of time 0 are forgotten after 20 s. Two from 50 s on, when six were wanted
        // up to 40 s, which counts until 100 s.
        assert_eq!(course, [2, 2, 6, 6, 6, 6, 6, 6, 6, 6, 2, 2]);
    }

    #[test]
    fn what_is_within_tolerance_is_let_be_and_limits_hold() {
        let still = Scaling { down_window: 0, up_window: 0, ..scaling() };
        let mut memory = Recommendations::new(still, 4);
        assert_eq!(memory.decide(SECOND, 43, 4), 4);
        assert_eq!(memory.decide(2 * SECOND, 45, 4), 5);
        assert_eq!(memory.decide(3 * SECOND, 35, 4), 4, "rounded up");
        assert_eq!(memory.decide(4 * SECOND, 1_000, 4), 8);
        assert_eq!(memory.decide(5 * SECOND, 0, 4), 1);
        assert_eq!(memory.decide(6 * SECOND, 25, 0), 3, "from nothing");
    }
}
