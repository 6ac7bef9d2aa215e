//! Which server fails next: drawn from a population and then attributed, so that a healthy server has no timer.
//!
//! A server of age `a` has failed `H(a)` times on average, with a constant rate, early failures and wear (two Weibull
//! laws; Weibull 1951):
//!
//! ```text
//! H(a) = λ a + f λ Y (a/Y)^β + (a/η)^γ        β < 1 < γ,  Y one year
//! ```
//!
//! Servers differ: each has a factor on its rate, drawn from a gamma distribution with mean 1 and variance `1/k`
//! (Greenwood and Yule 1920). The factors need not be kept. Given what happened so far, a server that has failed `j`
//! times fails at the rate `h(a) (k + j) / (k + H(a))`, so a cohort of `N` servers with `J` failures between them has
//!
//! ```text
//! rate = h(a) (k N + J) / (k + H(a))        H(next) = H(a) + (k + H(a)) (e^(E/(k N + J)) - 1)
//! ```
//!
//! with `E` exponential: Pólya's urn. The failure belongs to a server chosen evenly with weight `k N` and to the server
//! of an earlier failure chosen evenly with weight `J`. This is the mixture exactly, and only servers that have failed
//! leave a trace. `H` in the urn counts from where the history begins: what befell a server before is not known, and the
//! worst may have been taken out.

use super::queue::{Time, nanoseconds, seconds};
use super::random::Stream;

/// Seconds of a year of 365 days.
const YEAR: f64 = 365.0 * 86_400.0;

/// How often servers fail as they age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hazard {
    /// Constant rate `λ`, failures per second and server.
    pub rate: f64,
    /// Early failures of the first year over those of the constant rate, `f`.
    pub infant: f64,
    /// Shape `β` of the early failures, in `(0, 1]`.
    pub infant_shape: f64,
    /// Seconds `η` after which wear has made one server fail once on average; infinite for none.
    pub wear_life: f64,
    /// Shape `γ` of wear, at least 1.
    pub wear_shape: f64,
    /// Squared coefficient of variation `1/k` of the rate over servers.
    pub frailty: f64,
}

impl Hazard {
    /// A constant rate, the same for all servers.
    pub fn constant(rate: f64) -> Self {
        Self { rate, infant: 0.0, infant_shape: 1.0, wear_life: f64::INFINITY, wear_shape: 1.0, frailty: 0.0 }
    }

    /// Failures of a server up to an age in seconds, on average over servers.
    pub fn cumulative(&self, age: f64) -> f64 {
        let mut sum = self.rate * age;
        if self.infant > 0.0 {
            sum += self.infant * self.rate * YEAR * libm::pow(age / YEAR, self.infant_shape);
        }
        if self.wear_life.is_finite() {
            sum += libm::pow(age / self.wear_life, self.wear_shape);
        }
        sum
    }

    /// Failures of a server of an age up to that age and per second then, on average over servers.
    fn at(&self, age: f64) -> (f64, f64) {
        let (mut sum, mut rate) = (self.rate * age, self.rate);
        if self.infant > 0.0 {
            let early = self.infant * self.rate * YEAR * libm::pow(age / YEAR, self.infant_shape);
            sum += early;
            rate += early * self.infant_shape / age;
        }
        if self.wear_life.is_finite() {
            let worn = libm::pow(age / self.wear_life, self.wear_shape);
            sum += worn;
            rate += worn * self.wear_shape / age;
        }
        (sum, rate)
    }

    /// The age at which the cumulative number of failures reaches a value that it has not reached at `from`, to a
    /// thousandth of a second; infinite where it never does.
    fn age_at(&self, cumulative: f64, from: f64) -> f64 {
        if self.infant <= 0.0 && !self.wear_life.is_finite() {
            return cumulative / self.rate;
        }
        let mut low = from;
        let mut high = if self.rate > 0.0 { (cumulative / self.rate).max(from) } else { f64::INFINITY };
        if self.wear_life.is_finite() {
            high = high.min(self.wear_life * libm::pow(cumulative, 1.0 / self.wear_shape)).max(from);
        }
        if !high.is_finite() {
            return f64::INFINITY;
        }
        // The cumulative law is increasing. Newton's method from inside a bracket that shrinks, and its middle where that
        // would leave it.
        let mut age = 0.5 * (low + high);
        for _ in 0..100 {
            let (sum, rate) = self.at(age);
            let beyond = sum - cumulative;
            if beyond < 0.0 {
                low = age
            } else {
                high = age
            }
            let step = beyond / rate;
            if step.abs() <= 5e-4 || high - low <= 1e-3 {
                return age;
            }
            let newton = age - step;
            age = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        }
        high
    }
}

/// Servers that began together, and their failures.
#[derive(Clone, Debug)]
pub struct Cohort {
    /// Their pool.
    pub pool: u16,
    /// When they began, in seconds from the start of the history; below zero for what was there before.
    birth: f64,
    /// Failures of a server up to where it is first watched, on average.
    before: f64,
    first: u32,
    length: u32,
    /// Members outside `first..first + length`.
    others: Vec<u32>,
    /// The server of each failure; servers that have left are still in it until they are met.
    marks: Vec<u32>,
    /// How many of the marks count.
    live_marks: u32,
    /// Raised whenever what was announced for it holds no longer.
    pub generation: u32,
}

impl Cohort {
    /// Servers `first..first + length` of a pool, watched from now on.
    pub fn new(pool: u16, hazard: &Hazard, now: Time, age: f64, first: u32, length: u32) -> Self {
        Self {
            pool,
            birth: seconds(now) - age,
            before: hazard.cumulative(age),
            first,
            length,
            others: Vec::new(),
            marks: Vec::new(),
            live_marks: 0,
            generation: 0,
        }
    }

    /// A server joins.
    pub fn join(&mut self, server: u32) {
        self.others.push(server);
    }

    /// A server with so many failures leaves.
    pub fn leave(&mut self, failures: u32) {
        self.live_marks = self.live_marks.saturating_sub(failures);
    }

    /// A server has failed.
    pub fn mark(&mut self, server: u32) {
        self.marks.push(server);
        self.live_marks += 1;
    }

    /// When the next of them fails.
    pub fn next(&self, hazard: &Hazard, now: Time, stream: &mut Stream) -> Option<Time> {
        // Members that have left are drawn and passed over, so the rate is that of all that were ever in it.
        let slots = f64::from(self.length) + self.others.len() as f64;
        if slots == 0.0 {
            return None;
        }
        let age = (seconds(now) - self.birth).max(0.0);
        let reached = hazard.cumulative(age);
        let drawn = stream.exponential();
        let step = if hazard.frailty > 0.0 {
            let shape = 1.0 / hazard.frailty;
            (shape + (reached - self.before).max(0.0))
                * libm::expm1(drawn / (shape * slots + f64::from(self.live_marks)))
        } else {
            drawn / slots
        };
        let next = hazard.age_at(reached + step, age);
        next.is_finite().then(|| now.saturating_add(nanoseconds(next - age)).saturating_add(1))
    }

    /// Whose failure it is, where `belongs` says which servers are members still; nothing where the one drawn is not.
    pub fn attribute(
        &mut self,
        hazard: &Hazard,
        stream: &mut Stream,
        belongs: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let slots = u64::from(self.length) + self.others.len() as u64;
        let from_marks = hazard.frailty > 0.0 && self.live_marks > 0 && {
            let (even, marks) = (slots as f64 / hazard.frailty, f64::from(self.live_marks));
            stream.uniform() * (even + marks) >= even
        };
        if from_marks {
            while !self.marks.is_empty() {
                let at = stream.below(self.marks.len() as u64) as usize;
                let server = self.marks[at];
                if belongs(server) {
                    return Some(server);
                }
                self.marks.swap_remove(at);
            }
            return None;
        }
        let at = stream.below(slots) as u32;
        let server =
            if at < self.length { self.first + at } else { self.others[(at - self.length) as usize] };
        belongs(server).then_some(server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: f64 = 86_400.0;

    /// Failures of every server of a cohort in a time.
    fn history(hazard: &Hazard, servers: u32, days: f64, seed: u64) -> Vec<u32> {
        let mut cohort = Cohort::new(0, hazard, 0, 0.0, 0, servers);
        let mut stream = Stream::new(seed, "failures", "test");
        let mut failures = vec![0; servers as usize];
        let mut now = 0;
        while let Some(next) = cohort.next(hazard, now, &mut stream) {
            now = next;
            if seconds(now) > days * DAY {
                break;
            }
            if let Some(server) = cohort.attribute(hazard, &mut stream, |_| true) {
                failures[server as usize] += 1;
                cohort.mark(server);
            }
        }
        failures
    }

    #[test]
    fn the_urn_gives_the_moments_of_the_gamma_mixture() {
        let hazard = Hazard { frailty: 4.0, ..Hazard::constant(2.0 / (100.0 * DAY)) };
        // 100 days at 2 per 100 days: mean 2 and variance 2 + 4 · 2² = 18.
        let counts: Vec<u32> = (0..40).flat_map(|seed| history(&hazard, 1_000, 100.0, seed)).collect();
        let n = counts.len() as f64;
        let mean = counts.iter().map(|&count| f64::from(count)).sum::<f64>() / n;
        let variance = counts.iter().map(|&count| (f64::from(count) - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // Standard error of the mean √(18/40,000) = 0.021; of the variance about 0.5, its kurtosis being that of a
        // negative binomial with shape 1/4.
        assert!((mean - 2.0).abs() < 4.0 * 0.0212, "{mean}");
        assert!((variance - 18.0).abs() < 4.0 * 0.5, "{variance}");
        // A negative binomial with shape 1/4 and mean 2 has (1 + 8)^(-1/4) of its servers without a failure.
        let without = counts.iter().filter(|&&count| count == 0).count() as f64 / n;
        assert!((without - libm::pow(9.0, -0.25)).abs() < 4.0 * (0.25 / n).sqrt(), "{without}");
    }

    #[test]
    fn servers_that_come_old_fail_as_others_of_their_age() {
        let hazard =
            Hazard { infant: 1.0, infant_shape: 0.5, frailty: 2.0, ..Hazard::constant(1.0 / (300.0 * DAY)) };
        let (age, days, cohorts, servers) = (400.0 * DAY, 100.0, 40, 500);
        let counts: Vec<f64> = (0..cohorts)
            .map(|seed| {
                let mut cohort = Cohort::new(0, &hazard, 0, age, 0, servers);
                let mut stream = Stream::new(seed, "failures", "old");
                let (mut now, mut count) = (0, 0.0);
                while let Some(next) =
                    cohort.next(&hazard, now, &mut stream).filter(|&at| seconds(at) <= days * DAY)
                {
                    now = next;
                    count += 1.0;
                    if let Some(server) = cohort.attribute(&hazard, &mut stream, |_| true) {
                        cohort.mark(server);
                    }
                }
                count
            })
            .collect();
        let each = hazard.cumulative(age + days * DAY) - hazard.cumulative(age);
        let expected = each * f64::from(servers);
        // A server's failures have the variance `m + 2 m²`.
        let error = ((each + 2.0 * each * each) * f64::from(servers) / cohorts as f64).sqrt();
        let mean = counts.iter().sum::<f64>() / cohorts as f64;
        assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected} {error}");
        assert!(error < 0.02 * expected, "the test could not fail");
    }

    #[test]
    fn ages_follow_the_cumulative_law() {
        let hazard = Hazard {
            infant: 1.0,
            infant_shape: 0.4,
            wear_life: 4.0 * YEAR,
            wear_shape: 4.0,
            ..Hazard::constant(1.0 / (300.0 * DAY))
        };
        for days in [10.0, 365.0, 1500.0] {
            let count =
                (0..20).map(|seed| history(&hazard, 500, days, seed).iter().sum::<u32>()).sum::<u32>();
            let expected = hazard.cumulative(days * DAY) * 10_000.0;
            assert!(
                (f64::from(count) - expected).abs() < 4.0 * expected.sqrt(),
                "{days}: {count} {expected}"
            );
        }
        for cumulative in [0.01, 0.1, 1.0, 30.0] {
            let age = hazard.age_at(cumulative, 0.0);
            assert!((hazard.cumulative(age) / cumulative - 1.0).abs() < 1e-3, "{cumulative}");
        }
    }

    #[test]
    fn who_has_left_does_not_fail() {
        let hazard = Hazard { frailty: 2.0, ..Hazard::constant(1.0 / DAY) };
        let mut cohort = Cohort::new(0, &hazard, 0, 0.0, 10, 4);
        let mut stream = Stream::new(3, "failures", "left");
        (0..6).for_each(|_| cohort.mark(12));
        cohort.leave(6);
        cohort.join(40);
        let drawn: Vec<_> =
            (0..400).filter_map(|_| cohort.attribute(&hazard, &mut stream, |server| server != 12)).collect();
        assert!(drawn.iter().all(|server| [10, 11, 13, 40].contains(server)));
        assert!(drawn.contains(&40) && drawn.len() > 250);
    }
}
