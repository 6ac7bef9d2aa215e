//! One type per dimension, with the arithmetic that physics allows.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use super::{Dimension, format_quantity};

/// A typed number: what its dimension is and how it converts to and from base units.
pub trait Quantity: Copy {
    /// The dimension of every value of the type.
    const DIMENSION: Dimension;
    /// Wraps a number given in base units.
    fn from_base(value: f64) -> Self;
    /// The number in base units.
    fn base(self) -> f64;
}

macro_rules! quantities {
    ($($(#[$doc:meta])* $name:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
        pub struct $name(f64);

        impl Quantity for $name {
            const DIMENSION: Dimension = Dimension::$name;
            fn from_base(value: f64) -> Self { Self(value) }
            fn base(self) -> f64 { self.0 }
        }

        impl $name {
            /// Nothing of it.
            pub const ZERO: Self = Self(0.0);
            /// The larger of two.
            pub fn max(self, other: Self) -> Self { Self(self.0.max(other.0)) }
            /// The smaller of two.
            pub fn min(self, other: Self) -> Self { Self(self.0.min(other.0)) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&format_quantity(Self::DIMENSION, self.0))
            }
        }

        impl Add for $name { type Output = Self; fn add(self, other: Self) -> Self { Self(self.0 + other.0) } }
        impl Sub for $name { type Output = Self; fn sub(self, other: Self) -> Self { Self(self.0 - other.0) } }
        impl Neg for $name { type Output = Self; fn neg(self) -> Self { Self(-self.0) } }
        impl AddAssign for $name { fn add_assign(&mut self, other: Self) { self.0 += other.0; } }
        impl SubAssign for $name { fn sub_assign(&mut self, other: Self) { self.0 -= other.0; } }
        impl Mul<f64> for $name { type Output = Self; fn mul(self, factor: f64) -> Self { Self(self.0 * factor) } }
        impl Div<f64> for $name { type Output = Self; fn div(self, factor: f64) -> Self { Self(self.0 / factor) } }
        impl Div for $name { type Output = f64; fn div(self, other: Self) -> f64 { self.0 / other.0 } }
        impl Sum for $name { fn sum<I: Iterator<Item = Self>>(items: I) -> Self { Self(items.map(|item| item.0).sum()) } }
    )+ };
}

quantities! {
    /// A pure number.
    Ratio;
    /// A number of things.
    Count;
    /// Power in watt.
    Power;
    /// Energy in joule.
    Energy;
    /// Money in US dollar.
    Money;
    /// Cost per installed power, US dollar per watt.
    MoneyPerPower;
    /// Price of energy, US dollar per joule.
    MoneyPerEnergy;
    /// Running cost, US dollar per second.
    MoneyPerTime;
    /// Price of the time of a thing, US dollar per second.
    HourlyPrice;
    /// Cost per compute rate, US dollar per floating-point operation per second.
    MoneyPerComputeRate;
    /// Cost of computing, US dollar per floating-point operation.
    MoneyPerCompute;
    /// Area in square metre.
    Area;
    /// Volume in cubic metre.
    Volume;
    /// Length in metre.
    Length;
    /// A span of time in seconds.
    Duration;
    /// Floating-point operations per second.
    ComputeRate;
    /// Floating-point operations.
    Compute;
    /// Tokens per second.
    TokenRate;
    /// Requests per second.
    RequestRate;
    /// Memory in byte.
    Bytes;
    /// Bytes per second.
    Bandwidth;
    /// Carbon dioxide in kilogram.
    Carbon;
    /// Carbon intensity, kilogram of carbon dioxide per joule.
    CarbonPerEnergy;
    /// Carbon dioxide of building, kilogram per watt.
    CarbonPerPower;
    /// Temperature in degree Celsius.
    Temperature;
    /// Difference of temperatures in kelvin.
    TemperatureDifference;
}

macro_rules! products {
    ($($left:ident * $right:ident = $product:ident;)+) => { $(
        impl Mul<$right> for $left { type Output = $product; fn mul(self, other: $right) -> $product { $product(self.0 * other.0) } }
        impl Mul<$left> for $right { type Output = $product; fn mul(self, other: $left) -> $product { $product(self.0 * other.0) } }
        impl Div<$left> for $product { type Output = $right; fn div(self, other: $left) -> $right { $right(self.0 / other.0) } }
        impl Div<$right> for $product { type Output = $left; fn div(self, other: $right) -> $left { $left(self.0 / other.0) } }
    )+ };
}

products! {
    Power * Duration = Energy;
    MoneyPerPower * Power = Money;
    MoneyPerEnergy * Energy = Money;
    CarbonPerEnergy * Energy = Carbon;
    CarbonPerPower * Power = Carbon;
    MoneyPerTime * Duration = Money;
    MoneyPerComputeRate * ComputeRate = Money;
    Bandwidth * Duration = Bytes;
    ComputeRate * Duration = Compute;
    TokenRate * Duration = Count;
    MoneyPerCompute * Compute = Money;
}

impl Mul<Duration> for HourlyPrice {
    type Output = Money;
    fn mul(self, time: Duration) -> Money {
        Money(self.0 * time.0)
    }
}

impl Duration {
    /// Seconds in a day.
    pub const DAY: f64 = 86_400.0;

    /// A span of `days` days of 86,400 s.
    pub fn from_days(days: f64) -> Self {
        Self(days * Self::DAY)
    }

    /// The span in days of 86,400 s.
    pub fn days(self) -> f64 {
        self.0 / Self::DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn physics_decides_the_type_of_a_product() {
        let energy: Energy = Power::from_base(1e9) * Duration::from_base(3600.0);
        assert_eq!(energy.to_string(), "1.00 GWh");
        let bill: Money = energy * MoneyPerEnergy::from_base(80.0 / 3.6e9);
        assert!((bill.base() - 80_000.0).abs() < 1e-6);
        let back: Power = energy / Duration::from_base(3600.0);
        assert_eq!(back, Power::from_base(1e9));
    }
}
