//! The kinds of quantity that a scenario or a fact can hold.

use serde::{Deserialize, Serialize};

/// What a number measures; decides which units are read and how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// A pure number: shares, factors, growth. Base unit 1; `%` is read.
    Ratio,
    /// A difference of two shares, such as a change of margin. Base unit 1; `%` and `points` are read and
    /// shown as percentage points.
    Points,
    /// A number of things: accelerators, people, rack positions. Base unit 1; `k`, `M`, `G` are read.
    Count,
    /// Watt.
    Power,
    /// Joule; watt-hours are read and shown.
    Energy,
    /// US dollar.
    Money,
    /// US dollar per watt; `M$/MW` is read.
    MoneyPerPower,
    /// US dollar per joule; `$/MWh` is read.
    MoneyPerEnergy,
    /// US dollar per second; `$/year` is read.
    MoneyPerTime,
    /// US dollar per second that something is used; `$/h` is read and shown.
    HourlyPrice,
    /// US dollar per installed FLOP per second; shown per EFLOP/s.
    MoneyPerComputeRate,
    /// US dollar per floating-point operation; shown per EFLOP.
    MoneyPerCompute,
    /// Square metre; acres and square kilometres are read.
    Area,
    /// Cubic metre; litres are read and shown, US gallons read.
    Volume,
    /// Metre.
    Length,
    /// Second; hours to years are read. A year is 365.25 days.
    Duration,
    /// Floating-point operations per second.
    ComputeRate,
    /// Floating-point operations.
    Compute,
    /// Tokens per second.
    TokenRate,
    /// Requests per second.
    RequestRate,
    /// Byte.
    Bytes,
    /// Byte per second.
    Bandwidth,
    /// Kilogram of carbon dioxide, or of other gases that warm as much; tonnes are read and shown.
    Carbon,
    /// Kilogram of carbon dioxide per joule; `g/kWh` and `lb/MWh` are read.
    CarbonPerEnergy,
    /// Kilogram of carbon dioxide per watt that is built; `kg/kW` is read and shown.
    CarbonPerPower,
    /// Degree Celsius.
    Temperature,
    /// Kelvin between two temperatures.
    TemperatureDifference,
}

/// A unit symbol: its factor to the base unit and whether SI prefixes may stand before it.
pub(super) struct Unit {
    pub symbol: &'static str,
    pub factor: f64,
    pub prefixes: bool,
}

const fn prefixed(symbol: &'static str, factor: f64) -> Unit {
    Unit { symbol, factor, prefixes: true }
}

const fn plain(symbol: &'static str, factor: f64) -> Unit {
    Unit { symbol, factor, prefixes: false }
}

/// Seconds in a year of 365.25 days.
pub(super) const YEAR: f64 = 365.25 * DAY;
/// Seconds in a day.
pub(super) const DAY: f64 = 86_400.0;

const NUMBER: &[Unit] = &[prefixed("", 1.0)];
const RATIO: &[Unit] = &[plain("", 1.0), plain("%", 0.01)];
const POINTS: &[Unit] = &[plain("", 1.0), plain("%", 0.01), plain("points", 0.01)];
const POWER: &[Unit] = &[prefixed("W", 1.0)];
const ENERGY: &[Unit] = &[prefixed("Wh", 3600.0), prefixed("J", 1.0)];
const MONEY: &[Unit] = &[prefixed("$", 1.0), prefixed("USD", 1.0)];
const AREA: &[Unit] = &[
    plain("km2", 1e6),
    plain("km²", 1e6),
    plain("m2", 1.0),
    plain("m²", 1.0),
    plain("ha", 1e4),
    plain("acre", 4_046.856_422_4),
    plain("acres", 4_046.856_422_4),
    plain("sqft", 0.092_903_04),
    plain("mi2", 2_589_988.110_336),
];
// No prefix before a cubic metre: `km3` is a cube of a kilometre.
const VOLUME: &[Unit] =
    &[prefixed("L", 1e-3), plain("m3", 1.0), plain("m³", 1.0), prefixed("gal", 3.785_411_784e-3)];
const LENGTH: &[Unit] = &[plain("km", 1e3), plain("m", 1.0), plain("mi", 1609.344), plain("ft", 0.3048)];
const DURATION: &[Unit] = &[
    plain("s", 1.0),
    plain("ms", 1e-3),
    plain("min", 60.0),
    plain("h", 3600.0),
    plain("hour", 3600.0),
    plain("hours", 3600.0),
    plain("day", DAY),
    plain("days", DAY),
    plain("d", DAY),
    plain("week", 7.0 * DAY),
    plain("weeks", 7.0 * DAY),
    plain("month", YEAR / 12.0),
    plain("months", YEAR / 12.0),
    plain("year", YEAR),
    plain("years", YEAR),
];
const COMPUTE_RATE: &[Unit] = &[prefixed("FLOP/s", 1.0), prefixed("OP/s", 1.0)];
const TOKEN_RATE: &[Unit] = &[prefixed("token/s", 1.0), prefixed("tokens/s", 1.0)];
const REQUEST_RATE: &[Unit] = &[prefixed("request/s", 1.0), prefixed("requests/s", 1.0)];
const COMPUTE: &[Unit] = &[prefixed("FLOP", 1.0)];
const BYTES: &[Unit] = &[
    prefixed("B", 1.0),
    plain("KiB", 1024.0),
    plain("MiB", 1_048_576.0),
    plain("GiB", 1_073_741_824.0),
    plain("TiB", 1_099_511_627_776.0),
];
const BANDWIDTH: &[Unit] = &[prefixed("B/s", 1.0), prefixed("bit/s", 0.125)];
const TEMPERATURE: &[Unit] = &[plain("°C", 1.0), plain("degC", 1.0)];
const TEMPERATURE_DIFFERENCE: &[Unit] = &[plain("K", 1.0)];
const CARBON: &[Unit] = &[
    prefixed("gCO2e", 1e-3),
    prefixed("gCO2", 1e-3),
    prefixed("tCO2e", 1e3),
    prefixed("tCO2", 1e3),
    prefixed("g", 1e-3),
    prefixed("t", 1e3),
    plain("lb", 0.453_592_37),
];

impl Dimension {
    /// All of them.
    pub const ALL: [Self; 27] = [
        Self::Ratio,
        Self::Points,
        Self::Count,
        Self::Power,
        Self::Energy,
        Self::Money,
        Self::MoneyPerPower,
        Self::MoneyPerEnergy,
        Self::MoneyPerTime,
        Self::HourlyPrice,
        Self::MoneyPerComputeRate,
        Self::MoneyPerCompute,
        Self::Area,
        Self::Volume,
        Self::Length,
        Self::Duration,
        Self::ComputeRate,
        Self::Compute,
        Self::TokenRate,
        Self::RequestRate,
        Self::Bytes,
        Self::Bandwidth,
        Self::Carbon,
        Self::CarbonPerEnergy,
        Self::CarbonPerPower,
        Self::Temperature,
        Self::TemperatureDifference,
    ];

    /// Units of the numerator and, for a rate, of the denominator.
    pub(super) fn units(self) -> (&'static [Unit], Option<&'static [Unit]>) {
        match self {
            Self::Ratio => (RATIO, None),
            Self::Points => (POINTS, None),
            Self::Count => (NUMBER, None),
            Self::Power => (POWER, None),
            Self::Energy => (ENERGY, None),
            Self::Money => (MONEY, None),
            Self::MoneyPerPower => (MONEY, Some(POWER)),
            Self::MoneyPerEnergy => (MONEY, Some(ENERGY)),
            Self::MoneyPerTime => (MONEY, Some(DURATION)),
            Self::HourlyPrice => (MONEY, Some(DURATION)),
            Self::MoneyPerComputeRate => (MONEY, Some(COMPUTE_RATE)),
            Self::MoneyPerCompute => (MONEY, Some(COMPUTE)),
            Self::Area => (AREA, None),
            Self::Volume => (VOLUME, None),
            Self::Length => (LENGTH, None),
            Self::Duration => (DURATION, None),
            Self::ComputeRate => (COMPUTE_RATE, None),
            Self::Compute => (COMPUTE, None),
            Self::TokenRate => (TOKEN_RATE, None),
            Self::RequestRate => (REQUEST_RATE, None),
            Self::Bytes => (BYTES, None),
            Self::Bandwidth => (BANDWIDTH, None),
            Self::Carbon => (CARBON, None),
            Self::CarbonPerEnergy => (CARBON, Some(ENERGY)),
            Self::CarbonPerPower => (CARBON, Some(POWER)),
            Self::Temperature => (TEMPERATURE, None),
            Self::TemperatureDifference => (TEMPERATURE_DIFFERENCE, None),
        }
    }

    /// Whether a bare number, without a unit, is read.
    pub fn takes_bare_number(self) -> bool {
        matches!(self, Self::Ratio | Self::Points | Self::Count)
    }

    /// Whether values below zero make sense: a loss, a shrinking year.
    pub fn may_be_negative(self) -> bool {
        matches!(self, Self::Ratio | Self::Points | Self::Money | Self::MoneyPerTime | Self::Temperature)
    }

    /// The largest amount that is read, in base units: far beyond any fleet, and small enough that no product
    /// of a few overflows.
    pub fn limit(self) -> f64 {
        match self {
            Self::Ratio | Self::Points | Self::MoneyPerPower => 1e6,
            Self::MoneyPerEnergy | Self::HourlyPrice => 1e3,
            Self::MoneyPerComputeRate | Self::MoneyPerCompute => 1.0,
            Self::MoneyPerTime => 1e12,
            Self::Carbon => 1e18,
            Self::CarbonPerEnergy => 1e-3,
            Self::CarbonPerPower | Self::Temperature | Self::TemperatureDifference => 1e3,
            Self::Power => 1e15,
            // Tokens of a training run are counted too.
            Self::Count => 1e16,
            Self::Money => 1e18,
            Self::Area => 1e16,
            Self::Volume => 1e15,
            Self::Length => 1e9,
            Self::Duration => 1e11,
            Self::Energy | Self::Bytes | Self::Bandwidth => 1e24,
            Self::ComputeRate | Self::TokenRate => 1e30,
            Self::RequestRate => 1e9,
            Self::Compute => 1e35,
        }
    }

    /// The noun with its article, for messages: `a power`.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Ratio => "a share or factor",
            Self::Points => "a difference of shares",
            Self::Count => "a count",
            Self::Power => "a power",
            Self::Energy => "an energy",
            Self::Money => "an amount of money",
            Self::MoneyPerPower => "a cost per power",
            Self::MoneyPerEnergy => "a price of energy",
            Self::MoneyPerTime => "a cost per time",
            Self::HourlyPrice => "a price of an hour",
            Self::MoneyPerComputeRate => "a cost per compute rate",
            Self::MoneyPerCompute => "a cost per computing",
            Self::Area => "an area",
            Self::Volume => "a volume",
            Self::Length => "a length",
            Self::Duration => "a duration",
            Self::ComputeRate => "a compute rate",
            Self::Compute => "an amount of computing",
            Self::TokenRate => "a rate of tokens",
            Self::RequestRate => "a rate of requests",
            Self::Bytes => "an amount of memory",
            Self::Bandwidth => "a bandwidth",
            Self::Carbon => "a mass of carbon dioxide",
            Self::CarbonPerEnergy => "a carbon intensity",
            Self::CarbonPerPower => "a mass of carbon dioxide per power",
            Self::Temperature => "a temperature",
            Self::TemperatureDifference => "a difference of temperatures",
        }
    }

    /// How a value may be written, for messages.
    pub fn example(self) -> &'static str {
        match self {
            Self::Ratio => "0.75 or \"75 %\"",
            Self::Points => "-0.03 or \"-3 points\"",
            Self::Count => "350_000 or \"350 k\"",
            Self::Power => "\"1.2 GW\"",
            Self::Energy => "\"15 TWh\"",
            Self::Money => "\"65 B$\" or \"USD 65 B\"",
            Self::MoneyPerPower => "\"11 M$/MW\"",
            Self::MoneyPerEnergy => "\"80 $/MWh\"",
            Self::MoneyPerTime => "\"0.6 M$/year\"",
            Self::HourlyPrice => "\"2.5 $/h\"",
            Self::MoneyPerComputeRate => "\"40 M$/EFLOP/s\"",
            Self::MoneyPerCompute => "\"0.9 $/EFLOP\"",
            Self::Area => "\"2250 acre\" or \"9.1 km2\"",
            Self::Volume => "\"1.2 GL\" or \"1_200_000 m3\"",
            Self::Length => "\"21.6 km\"",
            Self::Duration => "\"16 week\" or \"5 year\"",
            Self::ComputeRate => "\"989 TFLOP/s\"",
            Self::Compute => "\"3.8e25 FLOP\"",
            Self::TokenRate => "\"1.2 M token/s\"",
            Self::RequestRate => "\"50 request/s\"",
            Self::Bytes => "\"80 GB\"",
            Self::Bandwidth => "\"3.35 TB/s\"",
            Self::Carbon => "\"1.2 Mt\"",
            Self::CarbonPerEnergy => "\"370 g/kWh\"",
            Self::CarbonPerPower => "\"1.5 t/kW\"",
            Self::Temperature => "\"32 °C\"",
            Self::TemperatureDifference => "\"8 K\"",
        }
    }

    /// Symbol of the base unit, as exported in JSON.
    pub fn base_unit(self) -> &'static str {
        match self {
            Self::Ratio | Self::Points | Self::Count => "1",
            Self::Power => "W",
            Self::Energy => "J",
            Self::Money => "USD",
            Self::MoneyPerPower => "USD/W",
            Self::MoneyPerEnergy => "USD/J",
            Self::MoneyPerTime => "USD/s",
            Self::HourlyPrice => "USD/s",
            Self::MoneyPerComputeRate => "USD/(FLOP/s)",
            Self::MoneyPerCompute => "USD/FLOP",
            Self::Area => "m2",
            Self::Volume => "m3",
            Self::Length => "m",
            Self::Duration => "s",
            Self::ComputeRate => "FLOP/s",
            Self::Compute => "FLOP",
            Self::TokenRate => "token/s",
            Self::RequestRate => "request/s",
            Self::Bytes => "B",
            Self::Bandwidth => "B/s",
            Self::Carbon => "kg",
            Self::CarbonPerEnergy => "kg/J",
            Self::CarbonPerPower => "kg/W",
            Self::Temperature => "°C",
            Self::TemperatureDifference => "K",
        }
    }
}
