//! When jobs come: a Poisson process whose rate follows the hours of the week.

use rand_chacha::rand_core::Rng;

/// Hours of a week.
const HOURS: usize = 168;
/// Seconds of an hour.
const HOUR: f64 = 3600.0;
/// Cells of the table of exponential numbers.
const CELLS: usize = 1024;

/// How the rate of arrivals goes through a week, by the hour from Monday 00:00; its mean is 1.
#[derive(Clone, Debug, PartialEq)]
pub struct WeeklyShape {
    hours: [f64; HOURS],
}

impl WeeklyShape {
    /// The same rate at all hours.
    pub fn flat() -> Self {
        Self { hours: [1.0; HOURS] }
    }

    /// A day that swings by `swing` (0 to 1) around its mean as a cosine with its peak at an hour, and weekends with
    /// `weekend` times the rate of a weekday, in steps of an hour:
    ///
    /// `f(h) ∝ (1 + swing cos(2π (h + ½ − peak) / 24)) · (weekend on Saturday and Sunday, else 1)`.
    ///
    /// `None` where `swing` is not within 0 to 1 or `weekend` is negative.
    pub fn daily(swing: f64, peak_hour: f64, weekend: f64) -> Option<Self> {
        if !(0.0..=1.0).contains(&swing) || !(0.0..=1e6).contains(&weekend) || !peak_hour.is_finite() {
            return None;
        }
        let mut hours = [0.0; HOURS];
        for (number, hour) in (0_u8..).zip(&mut hours) {
            let phase = (f64::from(number % 24) + 0.5 - peak_hour) / 24.0;
            let day = if number / 24 >= 5 { weekend } else { 1.0 };
            *hour = day * (1.0 + swing * libm::cos(2.0 * std::f64::consts::PI * phase));
        }
        Self::of(hours)
    }

    /// Any shape by the hour, scaled to a mean of 1; `None` where an hour is negative or all are 0.
    pub fn of(mut hours: [f64; HOURS]) -> Option<Self> {
        let sum: f64 = hours.iter().sum();
        if !(sum.is_finite() && sum > 0.0 && hours.iter().all(|hour| *hour >= 0.0)) {
            return None;
        }
        hours.iter_mut().for_each(|hour| *hour *= 168.0 / sum);
        Some(Self { hours })
    }

    /// The factor in each hour of the week.
    pub fn hours(&self) -> &[f64; HOURS] {
        &self.hours
    }
}

/// Arrivals one after another.
///
/// The expected number of arrivals is a polyline over time; between arrivals it grows by an exponential number, and where
/// it has grown so far is exact, by going from hour to hour. The exponential number is `ln 2` times the leading zeros of a
/// random word, and a rest below `ln 2` from a table: no logarithm is taken.
#[derive(Clone, Debug)]
pub struct Arrivals {
    shape: WeeklyShape,
    per_second: f64,
    /// Hours since the Monday from which time counts.
    hour: u64,
    /// Seconds into that hour.
    within: f64,
    exponential: Exponential,
}

impl Arrivals {
    /// Arrivals from a moment on, so many per second on average over a week; `start` is in seconds from a Monday 00:00.
    ///
    /// `None` where the rate is not a number above 0 or the start is negative.
    pub fn new(per_second: f64, shape: WeeklyShape, start: f64) -> Option<Self> {
        if !(per_second.is_finite() && per_second > 0.0 && (0.0..1e15).contains(&start)) {
            return None;
        }
        let hours = (start / HOUR).floor();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1e15")]
        let hour = hours as u64;
        let within = (start - hours * HOUR).clamp(0.0, HOUR);
        Some(Self { shape, per_second, hour, within, exponential: Exponential::new() })
    }

    /// When the next job comes, in seconds from the same Monday. Takes two words from the stream, always.
    pub fn next<R: Rng + ?Sized>(&mut self, rng: &mut R) -> f64 {
        let mut left = self.exponential.draw(rng.next_u64(), rng.next_u64()) / self.per_second;
        loop {
            #[expect(clippy::cast_possible_truncation, reason = "below 168")]
            let factor = self.shape.hours[(self.hour % HOURS as u64) as usize];
            let whole = factor * (HOUR - self.within);
            if left < whole {
                self.within += left / factor;
                #[expect(clippy::cast_precision_loss, reason = "hours of a simulation")]
                return self.hour as f64 * HOUR + self.within;
            }
            left -= whole;
            self.hour += 1;
            self.within = 0.0;
        }
    }
}

/// Exponential numbers with mean 1.
///
/// Such a number passes `k ln 2` with probability `2^-k`, so the number of halvings is geometric; what is left is
/// exponential and cut off at `ln 2`, `x = -ln(1 - u / 2)`, straight between 1024 points (mean right to 1e-7).
#[derive(Clone, Debug)]
struct Exponential {
    points: Vec<f64>,
}

impl Exponential {
    fn new() -> Self {
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let point = |cell: usize| -libm::log1p(-0.5 * cell as f64 / CELLS as f64);
        Self { points: (0..=CELLS).map(point).collect() }
    }

    fn draw(&self, halvings: u64, rest: u64) -> f64 {
        let cell = (rest >> 54) as usize;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let within = (rest << 10 >> 11) as f64 / (1_u64 << 53) as f64;
        let (from, to) = (self.points[cell], self.points[cell + 1]);
        f64::from(halvings.leading_zeros()) * std::f64::consts::LN_2 + from + (to - from) * within
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    #[expect(clippy::cast_precision_loss, reason = "counts")]
    fn exponential_numbers_have_their_moments_and_their_tail() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let exponential = Exponential::new();
        let draws = 2_000_000;
        let (mut sum, mut squares, mut beyond) = (0.0, 0.0, 0);
        for _ in 0..draws {
            let value = exponential.draw(rng.next_u64(), rng.next_u64());
            sum += value;
            squares += value * value;
            beyond += usize::from(value > 3.0);
        }
        let count = draws as f64;
        assert!((sum / count - 1.0).abs() < 4.0 / count.sqrt());
        assert!((squares / count - 2.0).abs() < 4.0 * (20.0 / count).sqrt());
        let tail = (-3.0_f64).exp();
        assert!((beyond as f64 / count - tail).abs() < 4.0 * (tail / count).sqrt());
    }

    #[test]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "counts"
    )]
    fn arrivals_follow_the_shape_of_the_week() {
        let shape = WeeklyShape::daily(0.6, 15.0, 0.5).expect("a shape");
        let weeks = 400.0;
        let mut arrivals = Arrivals::new(0.01, shape.clone(), 0.0).expect("a rate");
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let mut counts = [0_u64; HOURS];
        let mut last = 0.0;
        loop {
            let time = arrivals.next(&mut rng);
            assert!(time >= last);
            last = time;
            if time >= weeks * 168.0 * HOUR {
                break;
            }
            counts[(time / HOUR) as usize % HOURS] += 1;
        }
        // A sum of squared standard scores over 168 hours has mean 168 and standard deviation √336.
        let squares: f64 = counts
            .iter()
            .zip(shape.hours())
            .map(|(count, factor)| {
                let expected = 36.0 * weeks * factor;
                (*count as f64 - expected).powi(2) / expected
            })
            .sum();
        assert!((squares - 168.0).abs() < 4.0 * 336.0_f64.sqrt(), "{squares}");
        assert!((shape.hours().iter().sum::<f64>() / 168.0 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_shape_is_none() {
        assert_eq!(WeeklyShape::daily(1.5, 12.0, 1.0), None);
        assert_eq!(WeeklyShape::of([0.0; HOURS]), None);
        assert!(Arrivals::new(0.0, WeeklyShape::flat(), 0.0).is_none());
    }
}
