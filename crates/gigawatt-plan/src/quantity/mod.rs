//! Physical and monetary quantities: thin types over `f64` in base units.
//!
//! Base units are watt, joule, US dollar, square metre, metre, second, byte and FLOP. A type has only the
//! products and quotients that physics (or accounting) allows, so `Power * Duration` is an `Energy` and
//! `Power + Money` does not compile.

mod dimension;
mod format;
mod parse;
mod pattern;
mod types;

pub use dimension::Dimension;
pub use format::{format_quantity, format_range, format_significant};
pub use parse::{QuantityError, parse_quantity};
pub use types::{
    Area, Bandwidth, Bytes, Carbon, CarbonPerEnergy, CarbonPerPower, Compute, ComputeRate, Count, Duration,
    Energy, HourlyPrice, Length, Money, MoneyPerCompute, MoneyPerComputeRate, MoneyPerEnergy, MoneyPerPower,
    MoneyPerTime, Power, Quantity, Ratio, RequestRate, Temperature, TemperatureDifference, TokenRate, Volume,
};
