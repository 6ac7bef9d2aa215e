//! The shape of a day and what stirs it, from counted rates.

use core::f64::consts::TAU;

use super::burst::{Burst, WINDOW};
use super::day::{DAY, DayShape};

/// Windows below this part of the median are gaps of a record.
const GAP: f64 = 0.25;
/// Numbers of the shape: the level, and two for each wave.
const TERMS: usize = 5;
/// Windows between which the memory of the rate is read off: an hour, six hours and a day.
const LAGS: [usize; 3] = [6, 36, 144];

/// What a record of rates says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrafficFit {
    /// The shape; the record does not know weekends.
    pub shape: DayShape,
    /// What stirs it.
    pub burst: Burst,
    /// Windows that were taken for gaps.
    pub gaps: usize,
    /// Part of the variance of the logarithm that the shape explains.
    pub explained: f64,
}

/// Fits the shape by least squares on the logarithms of rates in windows of ten minutes from midnight on, gaps left out, and
/// reads what stirs it off what is left: its variance, and its autocorrelation after an hour, six hours and a day.
///
/// `clients` is the mean number of active clients. `None` where there are less than two days of rates, or nothing that
/// varies and forgets.
pub fn fit_traffic(rates: &[f64], clients: f64) -> Option<TrafficFit> {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    let least = GAP * sorted.get(sorted.len() / 2)?;
    let windows: Vec<Option<f64>> =
        rates.iter().map(|rate| (*rate > least).then(|| libm::log(*rate))).collect();
    let kept = windows.iter().flatten().count();
    if kept < 288 {
        return None;
    }
    let mut normal = [[0.0; TERMS]; TERMS];
    let mut right = [0.0; TERMS];
    for (window, rate) in windows.iter().enumerate() {
        let Some(rate) = rate else { continue };
        let terms = terms(window);
        for (row, of) in terms.iter().enumerate() {
            right[row] += of * rate;
            for (column, with) in terms.iter().enumerate() {
                normal[row][column] += of * with;
            }
        }
    }
    let found = solve(normal, right);
    let left: Vec<Option<f64>> = windows
        .iter()
        .enumerate()
        .map(|(window, rate)| {
            rate.map(|rate| {
                rate - terms(window).iter().zip(&found).map(|(term, number)| term * number).sum::<f64>()
            })
        })
        .collect();
    let (variance, of_all) = (variance(&left), variance(&windows));
    let [near, far, lasting] = LAGS.map(|lag| autocovariance(&left, lag) / variance);
    let lasting = lasting.max(0.0);
    if !(variance > 0.0 && near > far && far > lasting) {
        return None;
    }
    let wave = |number: usize, times: f64| {
        let (cosine, sine) = (found[number], found[number + 1]);
        let peak = (libm::atan2(sine, cosine) * DAY / TAU / times).rem_euclid(DAY / times);
        (libm::hypot(cosine, sine), peak)
    };
    let ((day_swing, day_peak), (half_day_swing, half_day_peak)) = (wave(1, 1.0), wave(3, 2.0));
    #[expect(clippy::cast_precision_loss, reason = "windows are few")]
    let [near_hours, far_hours, _] = LAGS.map(|lag| lag as f64 * WINDOW);
    let persistence = (far_hours - near_hours) / libm::log((near - lasting) / (far - lasting));
    let fast = (1.0 - lasting - (near - lasting) * libm::exp(near_hours / persistence)).max(0.0);
    Some(TrafficFit {
        shape: DayShape { day_swing, day_peak, half_day_swing, half_day_peak, weekend: 1.0 },
        burst: Burst {
            client_variation: clients * libm::expm1(variance),
            clients,
            fast,
            lasting,
            persistence,
        },
        gaps: rates.len() - kept,
        explained: 1.0 - variance / of_all,
    })
}

/// The terms of a window: 1, and cosine and sine of both waves at its middle.
fn terms(window: usize) -> [f64; TERMS] {
    #[expect(clippy::cast_precision_loss, reason = "windows are few")]
    let angle = TAU * (window as f64 + 0.5) * WINDOW / DAY;
    [1.0, libm::cos(angle), libm::sin(angle), libm::cos(2.0 * angle), libm::sin(2.0 * angle)]
}

/// Solves the normal equations, which are positive definite for a day of windows or more, by elimination.
fn solve(mut matrix: [[f64; TERMS]; TERMS], mut right: [f64; TERMS]) -> [f64; TERMS] {
    for pivot in 0..TERMS {
        let (above, known) = (matrix[pivot], right[pivot]);
        for (row, right) in matrix.iter_mut().zip(&mut right).skip(pivot + 1) {
            let factor = row[pivot] / above[pivot];
            row.iter_mut().zip(&above).for_each(|(value, of)| *value -= factor * of);
            *right -= factor * known;
        }
    }
    let mut found = [0.0; TERMS];
    for row in (0..TERMS).rev() {
        let known: f64 = (row + 1..TERMS).map(|column| matrix[row][column] * found[column]).sum();
        found[row] = (right[row] - known) / matrix[row][row];
    }
    found
}

#[expect(clippy::cast_precision_loss, reason = "windows are few")]
fn mean(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().sum::<f64>() / values.iter().flatten().count() as f64
}

fn variance(values: &[Option<f64>]) -> f64 {
    autocovariance(values, 0)
}

/// Mean product of deviations of values so many places apart, over the pairs without a gap.
#[expect(clippy::cast_precision_loss, reason = "windows are few")]
fn autocovariance(values: &[Option<f64>], lag: usize) -> f64 {
    let mean = mean(values);
    let pairs = values.iter().zip(&values[lag.min(values.len())..]);
    let products = pairs.filter_map(|(one, other)| Some(((*one)? - mean) * ((*other)? - mean)));
    let (sum, count) = products.fold((0.0, 0_usize), |(sum, count), product| (sum + product, count + 1));
    sum / count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::Stream;

    /// A hundred and sixty weeks of windows of a known shape, stirred as the law says.
    fn record(shape: &DayShape, burst: &Burst, seed: u64) -> Vec<f64> {
        let mut stream = Stream::new(seed, "test", "traffic");
        let deviation = burst.log_variance().sqrt();
        let kept = libm::exp(-WINDOW / burst.persistence);
        let mut slow = stream.normal();
        let fading = 1.0 - burst.fast - burst.lasting;
        (0..160 * 1008_u32)
            .map(|window| {
                slow = kept * slow + (1.0 - kept * kept).sqrt() * stream.normal();
                // A level that turns every four weeks: mean 0 and variance 1 without a sample's error.
                let days = if window / 4032 % 2 == 0 { 1.0 } else { -1.0 };
                let stir =
                    fading.sqrt() * slow + burst.lasting.sqrt() * days + burst.fast.sqrt() * stream.normal();
                800.0 * shape.rate((f64::from(window) + 0.5) * WINDOW) * libm::exp(deviation * stir)
            })
            .collect()
    }

    #[test]
    fn a_fit_finds_what_made_the_record() {
        let shape = DayShape {
            day_swing: 0.3,
            day_peak: 17.0,
            half_day_swing: 0.15,
            half_day_peak: 9.5,
            weekend: 1.0,
        };
        let burst =
            Burst { client_variation: 1.0, clients: 40.0, fast: 0.25, lasting: 0.3, persistence: 2.0 };
        let mut rates = record(&shape, &burst, 3);
        rates[500..520].fill(0.0);
        let fit = fit_traffic(&rates, 40.0).unwrap();
        assert_eq!(fit.gaps, 20);
        // So many weeks know a swing to about the deviation over the root of the independent stretches: 0.16 / √4,000.
        assert!((fit.shape.day_swing - 0.3).abs() < 0.02, "{fit:?}");
        assert!((fit.shape.day_peak - 17.0).abs() < 0.7, "{fit:?}");
        assert!((fit.shape.half_day_swing - 0.15).abs() < 0.02, "{fit:?}");
        assert!((fit.shape.half_day_peak - 9.5).abs() < 0.7, "{fit:?}");
        assert!((fit.burst.client_variation - 1.0).abs() < 0.15, "{fit:?}");
        assert!((fit.burst.fast - 0.25).abs() < 0.06, "{fit:?}");
        assert!((fit.burst.lasting - 0.3).abs() < 0.05, "{fit:?}");
        assert!((1.4..3.0).contains(&fit.burst.persistence), "{fit:?}");
    }

    #[test]
    fn too_little_or_nothing_that_varies_gives_no_fit() {
        assert_eq!(fit_traffic(&[], 1.0), None);
        assert_eq!(fit_traffic(&[5.0; 100], 1.0), None);
        assert_eq!(fit_traffic(&[5.0; 2000], 1.0), None);
        assert_eq!(fit_traffic(&[0.0; 2000], 1.0), None);
    }
}
