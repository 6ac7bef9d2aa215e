//! A battery of a site that holds what the grid gives at a level.
//!
//! It gives what is drawn above the level, and takes below it, as far as its rating and its energy reach; all that a round
//! trip loses is lost on the way in. In a step of Δt in which `drawn` is the power that the grid would give without it
//!
//! ```text
//! gives   = min(power, stored / Δt, drawn - level)                        where drawn > level
//! takes   = min(power, (energy - stored) / (η Δt), level - drawn)         else
//! stored' = stored + (η takes - gives) Δt
//! ```
//!
//! It knows nothing of what comes. The least level that it can hold over a course, what it gives in curtailments with it, is
//! found by halving: a lower level asks for more in every step and leaves less to take, so that what can be held is held at
//! every higher level too.

/// Storage of a site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SiteStorage {
    /// Energy that it can give \[J\].
    pub energy: f64,
    /// The most that it gives or takes \[W\].
    pub power: f64,
    /// Energy that comes back of what goes in, η.
    pub round_trip: f64,
    /// What the grid is to give at most \[W\]; none where it is to be as little as can be held.
    pub hold: Option<f64>,
}

/// Halvings of the interval in which a level lies.
const HALVINGS: u32 = 40;
/// Part of a power that rounding may lack.
const ROUNDING: f64 = 1e-9;

impl SiteStorage {
    /// The most that it can give for so many seconds, in W, while it holds so much, in J.
    pub fn most(&self, stored: f64, seconds: f64) -> f64 {
        self.power.min(stored / seconds)
    }

    /// What it gives in so many seconds, in W, and less than nothing where it takes; `stored`, in J, follows.
    pub fn exchange(&self, stored: &mut f64, drawn: f64, level: f64, seconds: f64) -> f64 {
        let above = drawn - level;
        if above > 0.0 {
            let gives = self.most(*stored, seconds).min(above);
            *stored = (*stored - gives * seconds).max(0.0);
            return gives;
        }
        let room = (self.energy - *stored) / (self.round_trip * seconds);
        let takes = self.power.min(room).min(-above).max(0.0);
        *stored = (*stored + self.round_trip * takes * seconds).min(self.energy);
        -takes
    }

    /// The least level, in W, at which it holds a course of powers that the grid would give and of what it may give, in W, of
    /// which each lasts so many seconds. It starts full. Where the grid may give less than the level, it is asked for what
    /// lacks and others give way to the rest.
    pub fn least_level(&self, asked: &[(f64, f64)], seconds: f64) -> f64 {
        let (mut low, mut high) = (0.0, asked.iter().map(|(power, _)| *power).fold(0.0, f64::max));
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if self.holds(asked, middle, seconds) { high = middle } else { low = middle }
        }
        high
    }

    fn holds(&self, asked: &[(f64, f64)], level: f64, seconds: f64) -> bool {
        let mut stored = self.energy;
        asked.iter().all(|(power, most)| {
            let gives = self.exchange(&mut stored, *power, level.min(*most), seconds);
            *most < level || power - gives <= level * (1.0 + ROUNDING)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// 2 MW and 3 MWh of which nine tenths come back.
    fn storage() -> SiteStorage {
        SiteStorage { energy: 3.0 * 3.6e9, power: 2e6, round_trip: 0.9, hold: None }
    }

    #[test]
    fn the_least_level_gives_all_that_is_stored_to_the_peak() {
        // Hours of 6, 10, 10, 6, 6, 9.5 MW. Two hours above L take 2 (10 - L) of 3 MWh: 8.5 MW, within the rating of 2. Two
        // hours at 6 charge 2 × 0.9 × 2 = 3.6 MWh, more than the 1 that the last hour asks for.
        let hours = [6e6, 10e6, 10e6, 6e6, 6e6, 9.5e6];
        let free = hours.map(|power| (power, f64::INFINITY));
        let level = storage().least_level(&free, 3600.0);
        assert!((level - 8.5e6).abs() < 1.0, "{level}");
        // With a rating of 1 MW, that decides.
        let small = SiteStorage { power: 1e6, ..storage() };
        assert!((small.least_level(&free, 3600.0) - 9e6).abs() < 1.0);
        // Curtailed to 5 MW in the fourth hour, before which it was emptied, others give way and 8.5 MW stay. Curtailed in the
        // first, it gives 1 MWh there that the peak misses: 2 (10 - L) = 2 MWh.
        let curtailed = |hour: usize| {
            let mut asked = free;
            asked[hour].1 = 5e6;
            storage().least_level(&asked, 3600.0)
        };
        assert!((curtailed(3) - 8.5e6).abs() < 1.0 && (curtailed(0) - 9e6).abs() < 1.0);
        let mut stored = 3.0 * 3.6e9;
        let mut step = |power| storage().exchange(&mut stored, power, 8.5e6, 3600.0) / 1e6;
        let given = hours.map(&mut step);
        // Full at first; afterwards 2 MW, and what lacks to 3 MWh: 1.2 / 0.9.
        for (found, wanted) in given.iter().zip([0.0, 1.5, 1.5, -2.0, -1.2 / 0.9, 1.0]) {
            assert!((found - wanted).abs() < 1e-9, "{given:?}");
        }
        assert!((stored - 2.0 * 3.6e9).abs() < 1.0);
    }

    #[test]
    fn an_empty_one_gives_nothing_and_a_full_one_takes_nothing() {
        let mut stored = 0.0;
        assert_eq!(storage().exchange(&mut stored, 5e6, 4e6, 60.0), 0.0);
        stored = storage().energy;
        assert_eq!(storage().exchange(&mut stored, 3e6, 4e6, 60.0), 0.0);
        // A quarter of a minute of its rating is left.
        stored = 15.0 * 2e6;
        assert!((storage().exchange(&mut stored, 9e6, 4e6, 60.0) - 0.5e6).abs() < 1e-9);
        assert_eq!(stored, 0.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_level_that_is_held_is_held_above_and_no_lower(
            course in prop::collection::vec(0.0..20e6_f64, 1..60),
            energy in 0.1e9..40e9_f64, power in 0.1e6..9e6_f64, round_trip in 0.5..1.0_f64,
        ) {
            let of = SiteStorage { energy, power, round_trip, hold: None };
            let peak = course.iter().copied().fold(0.0, f64::max);
            let course: Vec<(f64, f64)> = course.into_iter().map(|power| (power, f64::INFINITY)).collect();
            let level = of.least_level(&course, 900.0);
            prop_assert!(level <= peak && of.holds(&course, level, 900.0) && of.holds(&course, 0.5 * (level + peak), 900.0));
            let lower = level - 1e-6 * peak;
            prop_assert!(lower <= 0.0 || !of.holds(&course, lower, 900.0));
        }
    }
}
