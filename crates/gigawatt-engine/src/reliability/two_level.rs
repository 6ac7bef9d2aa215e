//! Checkpoints in memory, and now and then one in storage.
//!
//! An interruption destroys every copy in memory with probability `q` and the job then goes back to storage. Interruptions of the two
//! kinds are independent streams of rates `λ₁ = (1 - q) λ` and `λ₂ = q λ`. Every `n`th interval ends with a checkpoint in storage.
//!
//! Against the first kind alone an interval of `s = D + b` takes a random time `Y` with the transform `φ(z) = E[e^(-zY)]`. With `a = λ₁ + z`
//! and `u = R + L + s`, what has to pass undisturbed after an interruption, renewal gives
//!
//! ```text
//! 1 - φ = (1 - e^(-as)) (z/a + (λ₁/a)(1 - ψ)),   1 - ψ = z (1 - e^(-au)) / (z + λ₁ e^(-au))
//! ```
//!
//! `Φ = φ(λ₂)` of `n` intervals is the probability that none of the second kind comes. If one comes, a restart from storage, `A = (e^(λR₂) - 1)/λ`
//! on the average, the work of the storage's lag and the `n` intervals are due again, with `Ψ = e^(-λ₂ L₂ E[Y]/n s)`:
//!
//! ```text
//! E[T] = (1 - Φ)/λ₂ + (1 - Φ) B,   B = (A + (1 - ΨΦ)/λ₂) / (ΨΦ)
//! ```
//!
//! With `q = 1` or `q = 0` this is the form of one level. The hierarchy follows Moody et al. 2010 (SC10, multi-level checkpointing), the transform is ours;
//! one thing is approximate: the lag of the storage counts as work that goes on at its mean pace.

use super::goodput::{Course, Shares};

/// What a checkpoint of a level costs, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Level {
    /// For how long it stops the work.
    pub blocking: f64,
    /// From then until it can be restarted from.
    pub lag: f64,
    /// From an interruption to the first second of work, loading from this level.
    pub restart: f64,
}

/// A job with checkpoints of two levels.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct TwoLevel {
    /// Interruptions per second.
    pub rate: f64,
    /// The probability that one destroys every copy in memory.
    pub fallback: f64,
    /// The level in memory.
    pub memory: Level,
    /// The level in storage; its blocking comes on top of that of memory.
    pub storage: Level,
}

/// Intervals of work.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Intervals {
    /// Seconds of work between checkpoints in memory.
    pub memory: f64,
    /// How many of them lie between checkpoints in storage.
    pub every: u32,
}

/// Steps of a search by golden section; each keeps 62 %.
const STEPS: u32 = 60;
/// The golden ratio less one.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// A share of the time that does not tell two choices apart.
const WORTH: f64 = 1e-4;
/// Most checkpoints in memory for one in storage.
const MOST: u32 = 1 << 14;

impl TwoLevel {
    /// Expected seconds for each second of work.
    pub fn stretch(&self, Intervals { memory: interval, every }: Intervals) -> f64 {
        if interval <= 0.0 || every == 0 {
            return f64::INFINITY;
        }
        let n = f64::from(every);
        let (first, second) = ((1.0 - self.fallback) * self.rate, self.fallback * self.rate);
        let usual = interval + self.memory.blocking;
        let last = usual + self.storage.blocking;
        let again = self.memory.restart + self.memory.lag;
        let mean = (n - 1.0) * mean_time(first, usual, usual + again) + mean_time(first, last, last + again);
        let work = n * interval;
        if second <= 0.0 {
            return mean / work;
        }
        let logarithm = (n - 1.0) * log_transform(first, second, usual, usual + again)
            + log_transform(first, second, last, last + again);
        let pace = mean / ((n - 1.0) * usual + last);
        let redone = logarithm - second * self.storage.lag * pace;
        let restart = libm::expm1(self.rate * self.storage.restart) / self.rate;
        let hit = -libm::expm1(logarithm);
        // B with its denominator multiplied out, so that a hopeless job is infinite and not undefined.
        let after = (restart - libm::expm1(redone) / second) * libm::exp(-redone);
        let all = hit / second + hit * after;
        if all.is_nan() { f64::INFINITY } else { all / work }
    }

    /// Effective time.
    pub fn goodput(&self, intervals: Intervals) -> f64 {
        let stretch = self.stretch(intervals);
        if stretch.is_finite() { 1.0 / stretch } else { 0.0 }
    }

    /// Where the time goes; restarts are those from memory and from storage by their shares.
    pub fn shares(&self, intervals: Intervals) -> Shares {
        let work = self.goodput(intervals);
        let n = f64::from(intervals.every);
        let stopped = self.memory.blocking + self.storage.blocking / n;
        let writing = if work > 0.0 { work * stopped / intervals.memory } else { 0.0 };
        let share = |restart: f64| -libm::expm1(-self.rate * restart);
        let restart = if work > 0.0 {
            (1.0 - self.fallback) * share(self.memory.restart) + self.fallback * share(self.storage.restart)
        } else {
            1.0
        };
        Shares { work, writing, restart, lost: (1.0 - work - writing - restart).max(0.0) }
    }

    /// The intervals of the most goodput, each write being durable before the next of its level begins. For each of a geometric row of
    /// numbers `every` the interval is found by golden section; of numbers that are as good within a hundredth of a point, the largest is taken, since
    /// others use the storage too.
    pub fn best_intervals(&self) -> Intervals {
        if self.rate <= 0.0 {
            return Intervals { memory: f64::INFINITY, every: 1 };
        }
        self.rarest(|every| Intervals { memory: self.best_for(every), every })
    }

    /// The best number of checkpoints in memory for one in storage at an interval, chosen likewise; the interval is made as long as the
    /// copies take.
    pub fn best_every(&self, interval: f64) -> Intervals {
        let memory = interval.max(self.memory.lag - self.memory.blocking);
        self.rarest(|every| Intervals { memory, every })
    }

    /// Of some intervals by their number the best; of those that are as good, that with the fewest checkpoints in storage.
    fn rarest(&self, of: impl Fn(u32) -> Intervals) -> Intervals {
        let mut tried: Vec<(f64, Intervals)> = Vec::new();
        let mut every = 1;
        while every <= MOST {
            let intervals = of(every);
            let period = f64::from(every) * (intervals.memory + self.memory.blocking) + self.storage.blocking;
            // What is not durable in time is no choice, unless there is no other.
            if self.storage.lag <= period * (1.0 + 1e-9) || every * 2 > MOST && tried.is_empty() {
                tried.push((self.goodput(intervals), intervals));
            }
            every = (every + 1).max(every + every / 4);
        }
        let best = tried.iter().map(|one| one.0).fold(0.0, f64::max);
        let chosen = tried.iter().rev().find(|one| one.0 >= best - WORTH);
        chosen.map_or(of(1), |one| one.1)
    }

    /// The best interval for so many between checkpoints in storage.
    fn best_for(&self, every: u32) -> f64 {
        let n = f64::from(every);
        let period = (self.memory.lag).max((self.storage.lag - self.storage.blocking) / n);
        let shortest = (period - self.memory.blocking).max(1e-3);
        let cost = self.memory.blocking + self.storage.blocking / n;
        let near =
            Course { rate: self.rate, restart: 0.0, blocking: cost.max(1e-6), lag: 0.0 }.best_interval();
        let (mut low, mut high) =
            (libm::log(shortest.min(near / 50.0)), libm::log(near.max(shortest) * 50.0));
        low = low.max(libm::log(shortest));
        let at = |logarithm: f64| self.stretch(Intervals { memory: libm::exp(logarithm), every });
        let mut inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)];
        let mut values = inner.map(at);
        for _ in 0..STEPS {
            if values[0] <= values[1] {
                high = inner[1];
                inner = [high - GOLDEN * (high - low), inner[0]];
                values = [at(inner[0]), values[0]];
            } else {
                low = inner[0];
                inner = [inner[1], low + GOLDEN * (high - low)];
                values = [values[1], at(inner[1])];
            }
        }
        libm::exp(f64::midpoint(low, high))
    }
}

/// Expected time of a stretch against interruptions of a rate, `again` having to pass after each: `(1 - e^(-λs)) e^(λu) / λ`.
fn mean_time(rate: f64, stretch: f64, again: f64) -> f64 {
    if rate <= 0.0 { stretch } else { -libm::expm1(-rate * stretch) * libm::exp(rate * again) / rate }
}

/// `ln φ(z)` of the module's equation; `z` is positive.
fn log_transform(rate: f64, z: f64, stretch: f64, again: f64) -> f64 {
    let a = rate + z;
    let undisturbed = libm::exp(-a * again);
    let late = z * -libm::expm1(-a * again) / (z + rate * undisturbed);
    let missing = -libm::expm1(-a * stretch) * (z / a + rate / a * late);
    libm::log1p(-missing.min(1.0))
}

/// How copies in memory lie over servers.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Replicas {
    /// Copies of every shard, that of the server which computes with it included; at least one.
    pub copies: u32,
    /// Whether they lie in different failure domains.
    pub spread: Spread,
    /// Servers of a failure domain.
    pub domain: f64,
    /// The share of hardware failures that take a whole domain.
    pub domain_failures: f64,
}

/// Where the copies of a shard lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// In one failure domain.
    SameDomain,
    /// In different ones.
    OtherDomains,
}

impl Replicas {
    /// The probability that a hardware failure destroys every copy of some shard: the other holders fail within `window` seconds, until
    /// copies are made again, each with `p = 1 - e^(-rate × window)`; a failing domain takes its copies with it.
    ///
    /// `q = (1 - c) p^(r-1) + c` in one domain, `(1 - c) p^(r-1) + c (1 - (1 - p^(r-1))^d)` in different ones, `c` being the share of failures
    /// that take a domain of `d` servers and `r` the copies.
    pub fn lost(&self, server_rate: f64, window: f64) -> f64 {
        let p = -libm::expm1(-server_rate * window);
        let others = libm::pow(p, f64::from(self.copies.max(1)) - 1.0);
        let domain = match self.spread {
            Spread::SameDomain => 1.0,
            Spread::OtherDomains => -libm::expm1(self.domain * libm::log1p(-others.min(1.0))),
        };
        ((1.0 - self.domain_failures) * others + self.domain_failures * domain).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_level(fallback: f64) -> TwoLevel {
        TwoLevel {
            rate: 1.0 / 3000.0,
            fallback,
            memory: Level { blocking: 2.0, lag: 10.0, restart: 300.0 },
            storage: Level { blocking: 20.0, lag: 0.0, restart: 600.0 },
        }
    }

    #[test]
    fn with_one_kind_of_interruption_it_is_the_form_of_one_level() {
        let memory = two_level(0.0);
        let course = Course { rate: memory.rate, restart: 300.0, blocking: 2.0, lag: 10.0 };
        let free = TwoLevel { storage: Level { blocking: 0.0, ..memory.storage }, ..memory };
        let intervals = Intervals { memory: 100.0, every: 7 };
        assert!((free.stretch(intervals) / course.stretch(100.0) - 1.0).abs() < 1e-12);
        // The limit is reached without a step.
        let nearly = TwoLevel { fallback: 1e-13, ..free };
        assert!((nearly.stretch(intervals) / course.stretch(100.0) - 1.0).abs() < 1e-9);

        let storage = TwoLevel { storage: Level { lag: 40.0, ..memory.storage }, ..two_level(1.0) };
        let course = Course { rate: memory.rate, restart: 600.0, blocking: 22.0, lag: 40.0 };
        let once = storage.stretch(Intervals { memory: 500.0, every: 1 });
        assert!((once / course.stretch(500.0) - 1.0).abs() < 1e-12, "{once}");
    }

    #[test]
    fn the_best_intervals_are_those_of_a_search() {
        let levels = two_level(0.05);
        let best = levels.best_intervals();
        for every in [1, 2, 5, 10, 20, 50, 100] {
            for times in 1..60_u32 {
                let other = Intervals { memory: f64::from(times) * 10.0, every };
                assert!(levels.goodput(best) + WORTH >= levels.goodput(other), "{best:?} {other:?}");
            }
        }
        let sum = levels.shares(best);
        assert!((sum.work + sum.writing + sum.lost + sum.restart - 1.0).abs() < 1e-12);
    }

    #[test]
    fn copies_elsewhere_survive_their_domain() {
        let replicas = |copies, spread| Replicas { copies, spread, domain: 16.0, domain_failures: 0.02 };
        let (rate, window) = (3.79e-3 / 86_400.0, 600.0);
        let lost = |copies, spread| replicas(copies, spread).lost(rate, window);
        assert_eq!(lost(1, Spread::OtherDomains), 1.0);
        assert!(lost(2, Spread::SameDomain) > 0.02);
        // p = 2.63e-5: 0.98 p + 0.02 × 16 p = 1.3 p.
        let expected = 1.3 * 2.632e-5;
        assert!((lost(2, Spread::OtherDomains) / expected - 1.0).abs() < 1e-3);
        assert!(lost(3, Spread::OtherDomains) < 1e-8);
    }

    #[test]
    fn what_cannot_get_on_is_infinite() {
        let hopeless = TwoLevel { rate: 10.0, ..two_level(0.5) };
        assert_eq!(hopeless.goodput(Intervals { memory: 1000.0, every: 4 }), 0.0);
        assert_eq!(two_level(0.1).goodput(Intervals { memory: 0.0, every: 4 }), 0.0);
    }
}
