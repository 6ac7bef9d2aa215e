//! How many tokens prompts and answers have.

use gigawatt_plan::distribution::normal_score;
use gigawatt_plan::request_trace::TokenCounts;

use super::ArrivalsError;

/// The normal score that one of a hundred exceeds.
const SCORE_99: f64 = 2.326_347_874_040_841;
/// Parts into which the distribution of a trace is cut.
const PARTS: usize = 1000;

/// A distribution of counts of tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct Lengths(Form);

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Fixed(u32),
    Lognormal {
        /// Mean and standard deviation of the logarithm.
        location: f64,
        scale: f64,
        most: u32,
    },
    /// Shares and the tokens that these do not exceed.
    Quantiles(Vec<(f64, f64)>),
}

impl Lengths {
    /// Always the same.
    pub fn fixed(tokens: u32) -> Self {
        Self(Form::Fixed(tokens))
    }

    /// Lognormal by its median and what one of a hundred exceeds, from 1 token to `most`: what is drawn beyond is cut to
    /// these, which lowers the mean where `most` is not far out.
    ///
    /// # Errors
    /// Where the figures are not above 0 and in order.
    pub fn lognormal(median: f64, p99: f64, most: u32) -> Result<Self, ArrivalsError> {
        if !(median > 0.0 && p99 >= median && p99 <= f64::from(u32::MAX) && most > 0) {
            let told = format!(
                "lengths with the median {median} and {p99} exceeded by one of a hundred, up to {most}: expected numbers above 0 that grow"
            );
            return Err(ArrivalsError::Lengths(told));
        }
        let scale = libm::log(p99 / median) / SCORE_99;
        Ok(Self(Form::Lognormal { location: libm::log(median), scale, most }))
    }

    /// Lognormal by its mean and coefficient of variation, cut as above.
    ///
    /// # Errors
    /// Where the mean is not above 0 or the variation negative.
    pub fn lognormal_of_moments(mean: f64, variation: f64, most: u32) -> Result<Self, ArrivalsError> {
        if !(mean > 0.0 && mean <= f64::from(u32::MAX) && (0.0..=100.0).contains(&variation) && most > 0) {
            let told = format!(
                "lengths with the mean {mean} and the coefficient of variation {variation}, up to {most}: expected a mean above 0 and a variation from 0 to 100"
            );
            return Err(ArrivalsError::Lengths(told));
        }
        let square = libm::log1p(variation * variation);
        Ok(Self(Form::Lognormal { location: libm::log(mean) - 0.5 * square, scale: square.sqrt(), most }))
    }

    /// By quantiles: shares from 0 to 1, each with the tokens that it does not exceed; straight lines between them.
    ///
    /// # Errors
    /// Where there are none, shares do not go from 0 to 1 in order, or tokens fall.
    pub fn quantiles(points: &[(f64, u32)]) -> Result<Self, ArrivalsError> {
        let ends = (points.first().map(|point| point.0), points.last().map(|point| point.0));
        let grow = points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
        if ends != (Some(0.0), Some(1.0)) || !grow {
            let told =
                "quantiles of lengths: expected shares from 0 to 1 that grow, with tokens that do not fall";
            return Err(ArrivalsError::Lengths(told.to_owned()));
        }
        let points = points.iter().map(|(share, tokens)| (*share, f64::from(*tokens)));
        Ok(Self(Form::Quantiles(points.collect())))
    }

    /// The distribution of a trace, by a thousand quantiles.
    ///
    /// # Errors
    /// Where the trace is empty.
    pub fn of_trace(counts: &TokenCounts) -> Result<Self, ArrivalsError> {
        #[expect(clippy::cast_precision_loss, reason = "up to a thousand")]
        let share = |part: usize| part as f64 / PARTS as f64;
        let points: Option<Vec<(f64, u32)>> =
            (0..=PARTS).map(|part| Some((share(part), counts.quantile(share(part))?))).collect();
        match points {
            Some(points) => Self::quantiles(&points),
            None => Err(ArrivalsError::Lengths("the trace has no request to take lengths from".to_owned())),
        }
    }

    /// The tokens that a share of all does not exceed. At a uniform random number it is a draw.
    pub fn at(&self, share: f64) -> u32 {
        match &self.0 {
            Form::Fixed(tokens) => *tokens,
            Form::Lognormal { location, scale, most } => {
                let tokens = libm::exp(location + scale * normal_score(share));
                whole(tokens.clamp(1.0, f64::from(*most)))
            }
            Form::Quantiles(points) => {
                let after = points.partition_point(|point| point.0 <= share).clamp(1, points.len() - 1);
                let ((from, low), (to, high)) = (points[after - 1], points[after]);
                whole(low + (high - low) * ((share - from) / (to - from)).clamp(0.0, 1.0))
            }
        }
    }

    /// The mean of 65,536 shares in the middle of equal parts: what draws have on average.
    pub fn mean(&self) -> f64 {
        const SHARES: u32 = 1 << 16;
        let sum: f64 =
            (0..SHARES).map(|part| f64::from(self.at((f64::from(part) + 0.5) / f64::from(SHARES)))).sum();
        sum / f64::from(SHARES)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn whole(tokens: f64) -> u32 {
    libm::round(tokens) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_that_cannot_be_are_refused() {
        assert!(Lengths::lognormal(0.0, 10.0, 100).is_err() && Lengths::lognormal(10.0, 5.0, 100).is_err());
        assert!(Lengths::lognormal(f64::NAN, 5.0, 100).is_err());
        assert!(Lengths::lognormal_of_moments(-1.0, 1.0, 100).is_err());
        for points in
            [&[][..], &[(0.0, 1)], &[(0.0, 2), (1.0, 1)], &[(0.1, 1), (1.0, 2)], &[(0.0, 1), (0.5, 2)]]
        {
            assert!(Lengths::quantiles(points).is_err(), "{points:?}");
        }
        assert!(Lengths::of_trace(&TokenCounts::default()).is_err());
    }

    #[test]
    fn quantiles_are_those_given_and_straight_between() {
        let lengths = Lengths::quantiles(&[(0.0, 10), (0.5, 20), (1.0, 120)]).expect("quantiles");
        assert_eq!([0.0, 0.25, 0.5, 0.75, 1.0].map(|share| lengths.at(share)), [10, 15, 20, 70, 120]);
        assert!((lengths.mean() - 42.5).abs() < 0.01);
        let one = Lengths::quantiles(&[(0.0, 7), (1.0, 7)]).expect("quantiles");
        assert_eq!((one.at(0.3), Lengths::fixed(7).at(0.3)), (7, 7));
    }
}
