//! Values of a site that may follow a series of hours, days or months.

use serde::{Deserialize, Serialize};

use super::{Input, InputId};
use crate::quantity::Ratio;

/// A value that is the same all the time, or a series times a factor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", bound = "")]
pub enum Course<Q: Copy> {
    /// The same all the time.
    Flat(Input<Q>),
    /// The factor on the values of a series, 1 unless said; the values stand in the site's [`Profile`].
    Series(Input<Ratio>),
}

impl<Q: Copy> Course<Q> {
    /// The input that a draw makes definite: the value itself, or the factor on the series.
    pub fn id(self) -> InputId {
        match self {
            Self::Flat(value) => value.id(),
            Self::Series(factor) => factor.id(),
        }
    }

    /// Whether it follows a series.
    pub fn is_series(self) -> bool {
        matches!(self, Self::Series(_))
    }
}

/// What a function of time does within each day of the plan's period, from its first day on: enough to integrate
/// it exactly against anything that runs straight within a day, however fine the function is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DayMoments {
    /// `∫ f(τ) dτ` over the day, `τ` from 0 to 1: its mean.
    pub mean: Vec<f64>,
    /// `∫ τ f(τ) dτ` over the day; half the mean where it is constant.
    pub first: Vec<f64>,
}

/// The products of a site's series that its laws integrate against power, in base units. What is flat is a factor
/// outside of them; `None` where nothing in the product follows a series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// PUE: weighs power to energy at the meter.
    pub energy: Option<DayMoments>,
    /// PUE × price, where the price follows a series.
    pub cost: Option<DayMoments>,
    /// PUE × carbon intensity, where the intensity follows a series.
    pub carbon: Option<DayMoments>,
}

/// Values of a site's series by the hour of a typical year without 29 February, on the site's clock, in base units and
/// without the factor on them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HourlyCourses {
    /// Of its price of electricity, where that follows a series.
    pub price: Option<Vec<f64>>,
    /// Of its carbon intensity, where that does.
    pub carbon: Option<Vec<f64>>,
}
