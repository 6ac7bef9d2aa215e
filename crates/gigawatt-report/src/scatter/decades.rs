//! A logarithmic axis.

use crate::grouped;

/// Exponents of ten that an axis covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decades {
    low: f64,
    high: f64,
}

/// Room at the ends, as a part of the whole.
const MARGIN: f64 = 0.04;
/// Fewest decades that are shown, so that a band has its width.
const FEWEST: f64 = 0.5;
/// Most decades in which 2 and 5 are marked too.
const FINE: f64 = 3.6;
/// Marks on an axis at most, about.
const MARKS: f64 = 12.0;

impl Decades {
    /// Covers positive values; without any, from 1 to 10.
    pub fn covering(values: impl IntoIterator<Item = f64>) -> Self {
        let exponents = values.into_iter().map(libm::log10);
        let (low, high) =
            exponents.fold((f64::MAX, f64::MIN), |(low, high), one| (low.min(one), high.max(one)));
        if low > high {
            return Self { low: 0.0, high: 1.0 };
        }
        let short = (FEWEST - (high - low)).max(0.0) / 2.0;
        let (low, high) = (low - short, high + short);
        let margin = MARGIN * (high - low);
        Self { low: low - margin, high: high + margin }
    }

    /// Those at its ends.
    pub fn exponents(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// Exponents of round values, with their labels.
    pub fn marks(&self) -> Vec<(f64, String)> {
        let width = self.high - self.low;
        let leads: &[u32] = if width <= FINE { &[1, 2, 5] } else { &[1] };
        let every = (width / MARKS).ceil().max(1.0);
        let mut marks = Vec::new();
        let mut decade = (self.low / every).floor() * every;
        while decade <= self.high {
            for lead in leads {
                let exponent = decade + libm::log10(f64::from(*lead));
                if (self.low..=self.high).contains(&exponent) {
                    marks.push((exponent, label(*lead, decade)));
                }
            }
            decade += every;
        }
        marks
    }
}

fn label(lead: u32, decade: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 400")]
    let zeros = decade.abs() as usize;
    match zeros {
        0..=6 if decade >= 0.0 => grouped(u64::from(lead) * (0..zeros).fold(1, |power, _| power * 10)),
        1..=4 => format!("0.{lead:0>zeros$}"),
        _ => format!("{lead}e{decade:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64) -> Vec<String> {
        Decades::covering([low, high]).marks().into_iter().map(|mark| mark.1).collect()
    }

    #[test]
    fn round_values_are_marked() {
        assert_eq!(labels(95.0, 1050.0), ["100", "200", "500", "1,000"]);
        assert_eq!(labels(0.02, 0.5), ["0.02", "0.05", "0.1", "0.2", "0.5"]);
        assert_eq!(labels(1.0, 1e5), ["1", "10", "100", "1,000", "10,000", "100,000"]);
        assert!(labels(1e-300, 1e300).len() <= 14);
    }

    #[test]
    fn one_value_lies_in_the_middle() {
        let (low, high) = Decades::covering([100.0]).exponents();
        assert!((f64::midpoint(low, high) - 2.0).abs() < 1e-12 && high - low > 0.4);
    }
}
