//! What checkpoints, failures and restarts leave of a job's time.
//!
//! A job works for an interval `D`, stops for `b` while its state is taken, and goes on; the checkpoint is durable a lag `L` after
//! that. Interruptions arrive at a constant rate `λ = 1/M`. Each costs a restart of `R`, which may be interrupted too, and the work since the last
//! durable checkpoint. Effective time (goodput, ETTR) is the part of the time that ends up as work.
//!
//! The expected time of an interval is exact:
//!
//! ```text
//! E[T] = M e^((R + L)/M) (e^((D + b)/M) - 1)
//! ```
//!
//! Without lag, `b = w` being the time of a blocking write, this is Daly's form (Daly 2006, Future Generation Computer Systems 22, 303-312).
//! With it: from one durable checkpoint to the next `D + b` pass, or an interruption comes first; after it `R`, `L` and `D + b` have to
//! pass without another, which takes `M (e^((R + L + D + b)/M) - 1)`, an expectation of renewal. The sum is the equation. It holds where a
//! write is durable before the next begins, `L ≤ D + b`.

/// What an interruption and a checkpoint cost, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Course {
    /// Interruptions per second, `λ`.
    pub rate: f64,
    /// From an interruption to the first second of work, `R`.
    pub restart: f64,
    /// For how long a checkpoint stops the work, `b`.
    pub blocking: f64,
    /// From then until it can be restarted from, `L`.
    pub lag: f64,
}

/// Where time goes, as shares that add up to one.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Shares {
    /// Work that is kept.
    pub work: f64,
    /// Stopped for checkpoints that served.
    pub writing: f64,
    /// Work and writing that interruptions undid.
    pub lost: f64,
    /// Restarting.
    pub restart: f64,
}

/// The linear formula was asked beyond its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OutOfRange {
    /// The share of time that it finds lost.
    pub lost: f64,
}

impl std::fmt::Display for OutOfRange {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "the linear formula finds {:.0} % of the time lost and holds up to {:.0} %",
            100.0 * self.lost,
            100.0 * LINEAR_LIMIT
        )
    }
}

/// The share of lost time up to which the linear formula is used. There it is within 0.035 of the exact one (a test holds it to that);
/// beyond, its error grows with the square of the share.
pub const LINEAR_LIMIT: f64 = 0.25;

/// Below this the logarithm's series replaces a difference of nearly equal numbers.
const SMALL: f64 = 1e-3;
/// Steps of Newton's method at most; four are usual.
const STEPS: u32 = 50;

/// Young's interval of work between checkpoints, `√(2 b M)` (Young 1974, Communications of the ACM 17, 530-531).
pub fn young_interval(blocking: f64, mean_time: f64) -> f64 {
    (2.0 * blocking * mean_time).sqrt()
}

/// Daly's interval of higher order, `√(2 b M) (1 + √(b/2M)/3 + (b/2M)/9) - b` for `b < 2M`, else `M` (Daly 2006, equation 37).
pub fn daly_interval(blocking: f64, mean_time: f64) -> f64 {
    if blocking >= 2.0 * mean_time {
        return mean_time;
    }
    let ratio = blocking / (2.0 * mean_time);
    if ratio == 0.0 {
        return young_interval(blocking, mean_time);
    }
    young_interval(blocking, mean_time) * (1.0 + ratio.sqrt() / 3.0 + ratio / 9.0) - blocking
}

/// The interval at which the exact form is least: `x = D/M` solves `(1 - x) e^x = e^(-b/M)`, or `x = 1 + W(-e^(-1 - b/M))` with Lambert's
/// function. Solved for `x + ln(1 - x) + b/M = 0` by Newton's method, which loses no digits where `b/M` is small.
pub fn exact_interval(blocking: f64, mean_time: f64) -> f64 {
    let a = blocking / mean_time;
    if a == 0.0 || !a.is_finite() {
        // Nothing to pay for a checkpoint, or nothing that interrupts.
        return if blocking > 0.0 { mean_time } else { 0.0 };
    }
    let p = (-2.0 * libm::expm1(-a)).sqrt();
    let mut x = (p * (1.0 - p / 3.0 + 11.0 * p * p / 72.0)).min(1.0 - 1e-12);
    for _ in 0..STEPS {
        let value = x_plus_log(x) + a;
        // The derivative is -x / (1 - x).
        let next = (x + value * (1.0 - x) / x).clamp(x / 2.0, f64::midpoint(x, 1.0));
        let settled = (next - x).abs() <= 1e-15 * x;
        x = next;
        if settled {
            break;
        }
    }
    x * mean_time
}

/// `x + ln(1 - x)`.
fn x_plus_log(x: f64) -> f64 {
    if x < SMALL { -x * x * (0.5 + x * (1.0 / 3.0 + x * (0.25 + x * 0.2))) } else { x + libm::log1p(-x) }
}

impl Course {
    /// Mean seconds between interruptions, `M`.
    pub fn mean_time(&self) -> f64 {
        1.0 / self.rate
    }

    /// The shortest interval at which a write is durable before the next begins.
    pub fn shortest(&self) -> f64 {
        (self.lag - self.blocking).max(0.0)
    }

    /// Expected seconds for each second of work, by the exact form; infinite where no work is done.
    pub fn stretch(&self, interval: f64) -> f64 {
        if interval <= 0.0 {
            return f64::INFINITY;
        }
        if self.rate <= 0.0 {
            return if interval.is_finite() { (interval + self.blocking) / interval } else { 1.0 };
        }
        let x = self.rate * interval;
        libm::exp(self.rate * (self.restart + self.lag)) * libm::expm1(x + self.rate * self.blocking) / x
    }

    /// Effective time: the share of time that ends up as work.
    pub fn goodput(&self, interval: f64) -> f64 {
        let stretch = self.stretch(interval);
        if stretch.is_finite() { 1.0 / stretch } else { 0.0 }
    }

    /// Where the time goes. Of all time `1 - e^(-R/M)` are restarts: each second sees `λ` interruptions, and a restart lasts
    /// `M (1 - e^(-R/M))` until it ends or is interrupted.
    pub fn shares(&self, interval: f64) -> Shares {
        let work = self.goodput(interval);
        let writing = if work > 0.0 { work * self.blocking / interval } else { 0.0 };
        let restart = if work > 0.0 { -libm::expm1(-self.rate * self.restart) } else { 1.0 };
        Shares { work, writing, restart, lost: (1.0 - work - writing - restart).max(0.0) }
    }

    /// The linear formula, `1 - b/(D + b) - (R + L + (D + b)/2)/M`.
    ///
    /// # Errors
    /// Where more than [`LINEAR_LIMIT`] would be lost: the losses then multiply instead of adding up.
    pub fn linear(&self, interval: f64) -> Result<f64, OutOfRange> {
        let period = interval + self.blocking;
        let lost = self.blocking / period + self.rate * (self.restart + self.lag + period / 2.0);
        // Not a number is out of range too.
        if lost <= LINEAR_LIMIT { Ok(1.0 - lost) } else { Err(OutOfRange { lost }) }
    }

    /// The interval of the most goodput. It does not depend on restart and lag, but for the shortest that the lag allows: the form
    /// rises on both sides of its optimum. Infinite where nothing interrupts.
    pub fn best_interval(&self) -> f64 {
        if self.rate <= 0.0 {
            return f64::INFINITY;
        }
        exact_interval(self.blocking, self.mean_time()).max(self.shortest())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn daly_printed_these_intervals() {
        // Captions of figures 3 to 5: M = 24 h, 6 h, 15 min with writes of 5 min give 117, 57 and 9.1 min.
        for (mean_time, expected) in [(1440.0, 117.0), (360.0, 57.0), (15.0, 9.1)] {
            let found = daly_interval(5.0, mean_time);
            assert!((found - expected).abs() < 0.6, "{found} for {mean_time}");
        }
    }

    #[test]
    fn the_optimum_is_that_of_a_search() {
        for (blocking, mean_time) in
            [(1e-6, 1e4), (0.1, 1e6), (20.0, 11_000.0), (60.0, 1000.0), (900.0, 900.0), (5000.0, 900.0)]
        {
            let course = Course { rate: 1.0 / mean_time, restart: 300.0, blocking, lag: 0.0 };
            let best = course.best_interval();
            let least = (1..200_000)
                .map(|step| f64::from(step) * best / 50_000.0)
                .map(|interval| course.stretch(interval))
                .fold(f64::INFINITY, f64::min);
            assert!(course.stretch(best) <= least * (1.0 + 1e-12), "{blocking} {mean_time}: {best}");
        }
        // Tiny writes: Young's.
        let tiny = exact_interval(1e-9, 1e9);
        assert!((tiny / young_interval(1e-9, 1e9) - 1.0).abs() < 1e-8, "{tiny}");
    }

    #[test]
    fn daly_is_near_the_optimum_and_young_less_so() {
        for ratio in [1e-4, 1e-3, 1e-2, 0.1] {
            let exact = exact_interval(ratio, 1.0);
            let daly = (daly_interval(ratio, 1.0) / exact - 1.0).abs();
            let young = (young_interval(ratio, 1.0) / exact - 1.0).abs();
            assert!(daly < 0.01 && daly < young, "{ratio}: {daly} {young}");
        }
    }

    #[test]
    fn by_hand() {
        // M = 100, R = 10, b = 5, D = 50: 100 e^0.1 (e^0.55 - 1) / 50.
        let course = Course { rate: 0.01, restart: 10.0, blocking: 5.0, lag: 0.0 };
        let expected = 2.0 * 1.105_170_918 * 0.733_253_018;
        assert!((course.stretch(50.0) - expected).abs() < 1e-8);
        let shares = course.shares(50.0);
        let sum = shares.work + shares.writing + shares.lost + shares.restart;
        assert!((sum - 1.0).abs() < 1e-12);
        assert!((shares.restart - (1.0 - libm::exp(-0.1))).abs() < 1e-12);
    }

    #[test]
    fn the_linear_formula_says_where_it_ends() {
        // 16,384 GPUs at 3.79: inside. 100,000 at 6.5, 18 minutes between interruptions: outside.
        let llama = Course { rate: 1.0 / 11_136.0, restart: 600.0, blocking: 3.0, lag: 0.0 };
        let best = llama.best_interval();
        let linear = llama.linear(best).unwrap();
        assert!((linear - llama.goodput(best)).abs() < 0.005);
        let large = Course { rate: 1.0 / 1063.0, restart: 600.0, blocking: 3.0, lag: 0.0 };
        let refused = large.linear(large.best_interval()).unwrap_err();
        assert!(refused.lost > 0.5 && refused.to_string().contains("25 %"), "{refused}");
        assert!(Course { rate: f64::NAN, ..llama }.linear(1.0).is_err());
    }

    #[test]
    fn within_its_range_the_linear_formula_is_near() {
        let mut worst: f64 = 0.0;
        for mean_time in [300.0, 1000.0, 3000.0, 1e4, 1e5, 1e6] {
            for restart in [0.0, 30.0, 120.0, 600.0, 3600.0] {
                for blocking in [0.1, 1.0, 10.0, 60.0, 300.0] {
                    for lag in [0.0, 30.0] {
                        let course = Course { rate: 1.0 / mean_time, restart, blocking, lag };
                        for times in [0.3, 1.0, 3.0] {
                            let interval = times * course.best_interval();
                            if let Ok(linear) = course.linear(interval) {
                                worst = worst.max((linear - course.goodput(interval)).abs());
                            }
                        }
                    }
                }
            }
        }
        assert!(worst > 0.01 && worst < 0.035, "{worst}");
    }

    #[test]
    fn nothing_fails_and_nothing_is_free() {
        let never = Course { rate: 0.0, restart: 60.0, blocking: 5.0, lag: 0.0 };
        assert_eq!((never.best_interval(), never.goodput(f64::INFINITY)), (f64::INFINITY, 1.0));
        assert!((never.goodput(95.0) - 0.95).abs() < 1e-12);
        let always = Course { rate: 1e6, restart: 60.0, blocking: 5.0, lag: 0.0 };
        assert_eq!(always.goodput(10.0), 0.0);
        assert_eq!(always.shares(10.0).restart, 1.0);
        let slow = Course { rate: 1e-4, restart: 60.0, blocking: 1.0, lag: 900.0 };
        assert_eq!(slow.best_interval(), 899.0);
    }
}
