//! Calendar time: moments between days, quarters, stretches.

use jiff::civil::{Date, date};
use serde::{Deserialize, Serialize};

use crate::text::{Diagnostic, Node, Spanned, Value, parse_day};

/// Midnight at the start of a day, counted in days from 1970-01-01. The end of a day is the start of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Moment(pub i32);

impl Moment {
    /// The start of a day.
    pub fn start_of(day: Date) -> Self {
        // The days of the Gregorian calendar, with March as the first month so that the leap day comes last
        // (H. Hinnant, "chrono-compatible low-level date algorithms").
        let (year, month) = (i32::from(day.year()), i32::from(day.month()));
        let year = if month > 2 { year } else { year - 1 };
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i32::from(day.day()) - 1;
        let day_of_era = year * 365 + year / 4 - year / 100 + day_of_year;
        Self(era * 146_097 + day_of_era - 719_468)
    }

    /// The end of a day, which is the start of the next.
    pub fn end_of(day: Date) -> Self {
        Self(Self::start_of(day).0 + 1)
    }

    /// The day that starts here.
    pub fn day(self) -> Date {
        date(1970, 1, 1).saturating_add(jiff::Span::new().days(self.0))
    }

    /// The day that ends here.
    pub fn day_before(self) -> Date {
        Self(self.0 - 1).day()
    }

    /// Days from 1970-01-01.
    pub fn days(self) -> f64 {
        f64::from(self.0)
    }
}

/// A calendar quarter, counted as `4 × year + quarter - 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Quarter(pub i32);

impl Quarter {
    /// Quarter 1 to 4 of a year.
    pub fn new(year: i16, quarter: i32) -> Self {
        Self(i32::from(year) * 4 + quarter - 1)
    }

    /// The quarter that holds a day.
    pub fn of(day: Date) -> Self {
        Self::new(day.year(), (i32::from(day.month()) + 2) / 3)
    }

    /// Its year.
    pub fn year(self) -> i16 {
        i16::try_from(self.0.div_euclid(4)).unwrap_or(i16::MAX)
    }

    /// 1 to 4.
    pub fn number(self) -> i32 {
        self.0.rem_euclid(4) + 1
    }

    /// Its first moment.
    pub fn start(self) -> Moment {
        let (year, quarter) = (self.0.div_euclid(4), self.0.rem_euclid(4));
        let (before, leap) = (year - 1, year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
        let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
        let in_year = match quarter {
            0 => 0,
            1 => 90 + i32::from(leap),
            2 => 181 + i32::from(leap),
            _ => 273 + i32::from(leap),
        };
        Moment(365 * year + leap_days + in_year - 719_527)
    }

    /// Its last moment, the first of the next quarter.
    pub fn end(self) -> Moment {
        Self(self.0 + 1).start()
    }
}

impl std::fmt::Display for Quarter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}Q{}", self.year(), self.number())
    }
}

/// A stretch of whole days, never empty: from the start of one to the end of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Period {
    /// First moment.
    pub start: Moment,
    /// Last moment.
    pub end: Moment,
}

impl Period {
    /// From the start of `from` to the end of `to`; `None` if that is empty.
    pub fn of_days(from: Date, to: Date) -> Option<Self> {
        let (start, end) = (Moment::start_of(from), Moment::end_of(to));
        (start < end).then_some(Self { start, end })
    }

    /// A calendar year.
    pub fn year(year: i16) -> Self {
        Self { start: Quarter::new(year, 1).start(), end: Quarter::new(year, 4).end() }
    }

    /// A quarter.
    pub fn quarter(quarter: Quarter) -> Self {
        Self { start: quarter.start(), end: quarter.end() }
    }

    /// First and last quarter, if it is made of whole quarters.
    pub fn whole_quarters(self) -> Option<(Quarter, Quarter)> {
        let (first, last) = (Quarter::of(self.start.day()), Quarter::of(self.end.day_before()));
        (first.start() == self.start && last.end() == self.end).then_some((first, last))
    }

    /// First and last year, if it is made of whole years.
    pub fn whole_years(self) -> Option<(i16, i16)> {
        let (first, last) = self.whole_quarters()?;
        (first.number() == 1 && last.number() == 4).then_some((first.year(), last.year()))
    }

    /// Whether the other lies inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl std::fmt::Display for Period {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some((first, last)) = self.whole_years() {
            if first == last { write!(formatter, "{first}") } else { write!(formatter, "{first}..{last}") }
        } else if let Some((first, last)) = self.whole_quarters() {
            if first == last { write!(formatter, "{first}") } else { write!(formatter, "{first}..{last}") }
        } else {
            write!(formatter, "{}..{}", self.start.day(), self.end.day_before())
        }
    }
}

/// Years that a scenario may touch: wide enough for any plan, narrow enough that daily series stay small.
pub const YEARS: std::ops::RangeInclusive<i16> = 1990..=2100;

/// Reads `2025`, `"2025"`, `"2025Q3"`, `"2025..2027"`, `"2025Q1..2025Q3"` or `{ from, to }`.
///
/// # Errors
/// A diagnostic at the node.
pub fn parse_period(node: &Node, name: &str) -> Result<Period, Box<Diagnostic>> {
    let help = "write a year such as 2025, a quarter such as \"2025Q3\", \"2025..2027\" or { from = 2025-01-01, to = 2025-12-31 }";
    let wrong = |message: String| Box::new(Diagnostic::error(node.span, message).help(help));
    let (written, period) = match &node.value {
        Value::Integer(year) => (year.to_string(), parse_point(&year.to_string())),
        Value::Text(text) => match text.split_once("..") {
            None => (text.clone(), parse_point(text)),
            Some((first, last)) => match (parse_point(first), parse_point(last)) {
                (Some(first), Some(last)) if first.start < last.end => {
                    (text.clone(), Some(Period { start: first.start, end: last.end }))
                }
                (Some(_), Some(_)) => {
                    let message = format!("`{name}` ends with {last}, before it starts with {first}");
                    return Err(Box::new(Diagnostic::error(node.span, message).help(help)));
                }
                _ => (text.clone(), None),
            },
        },
        Value::Table(table) => {
            let stranger = table.iter().find(|(key, _)| !matches!(key.value.as_str(), "from" | "to"));
            if let Some((key, _)) = stranger {
                return Err(Box::new(
                    Diagnostic::error(key.span, format!("`{}` is not part of a period", key.value))
                        .help(help),
                ));
            }
            let day = |key: &str| match table.get(key) {
                None => Err(wrong(format!("`{name}` lacks `{key}`"))),
                Some(Spanned { value: Value::Date(day), .. }) => Ok(*day),
                Some(Spanned { value: Value::Text(text), span }) => parse_day(text, *span),
                Some(other) => Err(Box::new(
                    Diagnostic::error(
                        other.span,
                        format!("`{key}` is {}, expected a date", other.value.noun()),
                    )
                    .help(help),
                )),
            };
            let (from, to) = (day("from")?, day("to")?);
            match Period::of_days(from, to) {
                Some(period) => (String::new(), Some(period)),
                None => {
                    let place = table.get("to").map_or(node.span, |node| node.span);
                    return Err(Box::new(
                        Diagnostic::error(
                            place,
                            format!("`{name}` ends on {to}, before it starts on {from}"),
                        )
                        .help("`to` is the last day and not before `from`"),
                    ));
                }
            }
        }
        other => return Err(wrong(format!("`{name}` is {}, expected a period", other.noun()))),
    };
    let Some(period) = period else {
        return Err(wrong(format!("`{written}` is not a period")));
    };
    if !YEARS.contains(&period.start.day().year()) || !YEARS.contains(&period.end.day_before().year()) {
        return Err(wrong(format!("`{name}` is not between {} and {}", YEARS.start(), YEARS.end())));
    }
    Ok(period)
}

fn parse_point(text: &str) -> Option<Period> {
    let text = text.trim();
    if let Some((year, quarter)) = text.split_once(['Q', 'q']) {
        let (year, quarter) = (parse_year(year)?, quarter.parse::<i32>().ok()?);
        return (1..=4).contains(&quarter).then(|| Period::quarter(Quarter::new(year, quarter)));
    }
    if let Ok(day) = text.parse::<Date>() {
        return Period::of_days(day, day);
    }
    parse_year(text).map(Period::year)
}

fn parse_year(text: &str) -> Option<i16> {
    text.parse::<i16>().ok().filter(|year| YEARS.contains(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quarters_tile_the_calendar() {
        let mut quarter = Quarter::new(1999, 1);
        for _ in 0..400 {
            let next = Quarter(quarter.0 + 1);
            assert_eq!(quarter.end(), next.start());
            let month = i8::try_from(quarter.number() * 3 - 2).expect("a month");
            assert_eq!(quarter.start().day(), date(quarter.year(), month, 1));
            assert_eq!(Quarter::of(quarter.start().day()), quarter);
            assert_eq!(Quarter::of(quarter.end().day_before()), quarter);
            quarter = next;
        }
        assert_eq!(Quarter::new(2025, 3).to_string(), "2025Q3");
    }

    #[test]
    fn moments_count_the_days_of_the_calendar() {
        for days in (-800_000..2_000_000).step_by(97) {
            assert_eq!(Moment::start_of(Moment(days).day()), Moment(days));
        }
        assert_eq!(Moment::start_of(date(1970, 1, 1)), Moment(0));
        assert_eq!(Moment::start_of(date(2000, 3, 1)), Moment(11_017));
    }

    #[test]
    fn a_moment_ends_one_day_and_starts_the_next() {
        let end = Moment::end_of(date(2024, 2, 29));
        assert_eq!(end.day(), date(2024, 3, 1));
        assert_eq!(end.day_before(), date(2024, 2, 29));
        assert_eq!(Period::year(2024).end.0 - Period::year(2024).start.0, 366);
    }

    #[test]
    fn periods_show_as_they_are_written() {
        assert_eq!(Period::year(2025).to_string(), "2025");
        assert_eq!(parse_point("2025Q3").expect("quarter").to_string(), "2025Q3");
        let odd = Period::of_days(date(2025, 1, 2), date(2025, 1, 9)).expect("not empty");
        assert_eq!(odd.to_string(), "2025-01-02..2025-01-09");
    }
}
