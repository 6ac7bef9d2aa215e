//! From values to places on the page, and round values to mark on axes.

/// A map from values to places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    domain: (f64, f64),
    range: (f64, f64),
    course: Course,
}

/// What of values is even between places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    /// Their differences.
    Straight,
    /// Their ratios.
    Logarithm,
}

impl Scale {
    /// Maps `domain` onto `range`; a domain of one value is widened so that the map exists.
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        let (low, high) = domain;
        let domain = if high > low {
            domain
        } else {
            let margin = if low == 0.0 { 1.0 } else { low.abs() * 0.05 };
            (low - margin, low + margin)
        };
        Self { domain, range, course: Course::Straight }
    }

    /// Maps values above nothing so that equal ratios lie equally far apart.
    pub fn logarithmic((low, high): (f64, f64), range: (f64, f64)) -> Self {
        let low = low.max(f64::MIN_POSITIVE);
        let domain = if high > low { (low, high) } else { (low, 10.0 * low) };
        Self { domain, range, course: Course::Logarithm }
    }

    /// The place of a value; values outside the domain lie outside the range.
    pub fn at(self, value: f64) -> f64 {
        let (low, high) = self.domain;
        let part = match self.course {
            Course::Straight => (value - low) / (high - low),
            Course::Logarithm => libm::log(value.max(f64::MIN_POSITIVE) / low) / libm::log(high / low),
        };
        self.range.0 + part * (self.range.1 - self.range.0)
    }

    /// The values at its ends.
    pub fn domain(self) -> (f64, f64) {
        self.domain
    }
}

/// Round values and the decimals that tell them apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticks {
    /// The values, rising and evenly spaced.
    pub values: Vec<f64>,
    /// Distance between two of them.
    pub step: f64,
    /// Decimals that show every value exactly.
    pub decimals: usize,
}

impl Ticks {
    /// A value as its label.
    pub fn label(&self, value: f64) -> String {
        // A tick that misses zero by a rounding must not become "-0".
        let value = if value.abs() < self.step * 1e-9 { 0.0 } else { value };
        format!("{value:.*}", self.decimals)
    }
}

/// Leading figures of steps that people count in.
const LEADS: [f64; 5] = [1.0, 2.0, 2.5, 5.0, 10.0];

/// About `count` round values that cover `low..=high`: the first is at or below `low`, the last at or above
/// `high`.
pub fn ticks(low: f64, high: f64, count: u32) -> Ticks {
    let (low, high) = Scale::new((low, high), (0.0, 1.0)).domain();
    let raw = (high - low) / f64::from(count.max(1));
    // The exponent is read from the number's text: that is exact where a logarithm may not be.
    let exponent: i32 =
        format!("{raw:e}").split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    let power: f64 = format!("1e{exponent}").parse().unwrap_or(1.0);
    let lead = LEADS.into_iter().find(|lead| *lead * power >= raw * (1.0 - 1e-9)).unwrap_or(10.0);
    let step = lead * power;
    let first = (low / step + 1e-9).floor();
    let last = (high / step - 1e-9).ceil();
    // A range that is not finite, or so narrow that steps vanish beside its ends, has no marks.
    let steps = if (0.0..1e3).contains(&(last - first)) { last - first } else { -1.0 };
    let values =
        (0..1000).map(f64::from).take_while(|at| *at <= steps).map(|at| (first + at) * step).collect();
    let decimals = match lead {
        2.5 => 1 - exponent,
        10.0 => -exponent - 1,
        _ => -exponent,
    };
    Ticks { values, step, decimals: usize::try_from(decimals).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_maps_ends_to_ends_and_may_run_backwards() {
        let scale = Scale::new((10.0, 20.0), (100.0, 0.0));
        assert_eq!((scale.at(10.0), scale.at(15.0), scale.at(20.0)), (100.0, 50.0, 0.0));
    }

    #[test]
    fn a_logarithmic_scale_maps_equal_ratios_to_equal_lengths() {
        let scale = Scale::logarithmic((0.1, 10.0), (0.0, 200.0));
        for (value, place) in [(0.1, 0.0), (1.0, 100.0), (10.0, 200.0)] {
            assert!((scale.at(value) - place).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn a_domain_of_one_value_lies_in_the_middle() {
        for value in [0.0, 3.0, -7.0] {
            assert!((Scale::new((value, value), (0.0, 10.0)).at(value) - 5.0).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn ticks_are_round_and_cover_the_values() {
        let cases: [(f64, f64, u32, &[&str]); 6] = [
            (0.0, 72.2, 5, &["0", "20", "40", "60", "80"]),
            (0.0, 1.3, 5, &["0.0", "0.5", "1.0", "1.5"]),
            (-12.0, 34.0, 5, &["-20", "-10", "0", "10", "20", "30", "40"]),
            (0.0, 1.0, 4, &["0.00", "0.25", "0.50", "0.75", "1.00"]),
            (9.7, 10.3, 3, &["9.6", "9.8", "10.0", "10.2", "10.4"]),
            (0.0, 95_000.0, 2, &["0", "50000", "100000"]),
        ];
        for (low, high, count, expected) in cases {
            let ticks = ticks(low, high, count);
            let labels: Vec<String> = ticks.values.iter().map(|value| ticks.label(*value)).collect();
            assert_eq!(labels, expected, "{low} to {high}");
        }
    }

    #[test]
    fn labels_show_every_tick_exactly() {
        for exponent in -6..9 {
            for lead in 1..60 {
                let high = f64::from(lead) * 10.0_f64.powi(exponent) * 0.37;
                let ticks = ticks(0.0, high, 5);
                for value in &ticks.values {
                    let read: f64 = ticks.label(*value).parse().expect("a number");
                    assert!((read - value).abs() <= ticks.step * 1e-6, "{value} is shown as {read}");
                }
                assert!(ticks.values.last().is_some_and(|last| *last >= high * (1.0 - 1e-6)));
            }
        }
    }
}
