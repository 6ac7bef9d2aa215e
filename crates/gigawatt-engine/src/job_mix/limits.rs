//! Limits of time that users ask for.

/// Limits that people write, in seconds: from five minutes to thirty days. Twenty round values make up nearly all requests
/// (D. Tsafrir, Y. Etsion, D. G. Feitelson, "Modeling User Runtime Estimates", JSSPP 2005).
const USUAL: [f64; 19] = [
    300.0,
    600.0,
    900.0,
    1800.0,
    3600.0,
    7200.0,
    10_800.0,
    14_400.0,
    21_600.0,
    28_800.0,
    43_200.0,
    86_400.0,
    172_800.0,
    259_200.0,
    432_000.0,
    604_800.0,
    1_209_600.0,
    1_814_400.0,
    2_592_000.0,
];

/// Seconds of a day, to whole multiples of which limits beyond a month are rounded.
const DAY: f64 = 86_400.0;

/// How much of the limit that they ask for jobs use.
///
/// The share is uniform from `least` to 1, then the limit is raised to the next one that people write. Logs of
/// supercomputers have shares spread about evenly, with more near 0 and 1 (A. W. Mu'alem, D. G. Feitelson, IEEE
/// Transactions on Parallel and Distributed Systems 12(6), 2001). None is published for the clusters that the tests are
/// about: the default is an assumption.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitUse {
    least: f64,
}

impl LimitUse {
    /// From a tenth of the limit: an assumption, 0.02 to 0.5 being plausible.
    pub const ASSUMED: Self = Self { least: 0.1 };

    /// Shares from `least`, which is above 0 and at most 1; `None` else.
    pub fn from_least(least: f64) -> Option<Self> {
        (least > 0.0 && least <= 1.0).then_some(Self { least })
    }

    /// The limit of a job, in seconds, at a uniform number from 0 to 1.
    pub(super) fn limit(self, run: f64, uniform: f64) -> f64 {
        let asked = run / (self.least + (1.0 - self.least) * uniform);
        match USUAL.get(USUAL.partition_point(|usual| *usual < asked)) {
            Some(usual) => *usual,
            None => (asked / DAY).ceil() * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_usual_ones_that_hold_the_run() {
        let limits = LimitUse::ASSUMED;
        assert_eq!(limits.limit(20.0, 0.999), 300.0);
        assert_eq!(limits.limit(3599.0, 0.999), 7200.0);
        assert_eq!(limits.limit(3000.0, 0.0), 43_200.0);
        assert_eq!(limits.limit(30.5 * DAY, 1.0), 31.0 * DAY);
        assert_eq!((LimitUse::from_least(0.0), LimitUse::from_least(f64::NAN)), (None, None));
    }
}
