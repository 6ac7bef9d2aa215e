//! Reading a distribution: which numbers make which shape, and what is wrong with those that make none.

use super::value::read_number;
use super::{Diagnostic, Diagnostics, Span, Table};
use crate::distribution::{Distribution, DistributionError, MAX_FACTOR};
use crate::quantity::{Dimension, format_quantity};

/// The keys that numbers of a distribution have.
pub(super) const KEYS: [&str; 11] =
    ["low", "mode", "value", "high", "p10", "p50", "p90", "mean", "sd", "median", "factor"];

const SHAPES: &str = "write { value }, { low, mode, high }, { low, high } (as likely anywhere between), \
     { p10, p50, p90 }, { mean, sd } or { median, factor }, the last two with `low` and `high` where they are cut off";

/// Why a table is no distribution.
pub(super) enum Mistake {
    /// Its keys make no shape.
    Incomplete(Box<Diagnostic>),
    /// Its numbers do not fit its shape.
    Wrong(Box<Diagnostic>),
}

/// The numbers of a table in which a value is written, in base units.
pub(super) struct Numbers<'a> {
    table: &'a Table,
    read: Vec<(&'static str, f64)>,
}

impl<'a> Numbers<'a> {
    /// Reads every number; `None` where one cannot be read, which is told.
    pub(super) fn read(
        table: &'a Table,
        dimension: Dimension,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let mut read = Vec::new();
        let mut unreadable = false;
        for key in KEYS {
            let Some(node) = table.get(key) else { continue };
            let dimension = if key == "factor" { Dimension::Ratio } else { dimension };
            match read_number(node, key, dimension, diagnostics) {
                Some(number) => read.push((key, number)),
                None => unreadable = true,
            }
        }
        (!unreadable).then_some(Self { table, read })
    }

    fn get(&self, key: &str) -> Option<f64> {
        self.read.iter().find(|(name, _)| *name == key).map(|(_, number)| *number)
    }

    /// Where the number of a key stands.
    fn span(&self, key: &str, whole: Span) -> Span {
        self.table.get(key).map_or(whole, |node| node.span)
    }

    /// The distribution that the numbers make in the value `name`, written at `whole`.
    pub(super) fn distribution(
        &self,
        whole: Span,
        name: &str,
        dimension: Dimension,
    ) -> Result<Distribution, Mistake> {
        let keys: Vec<&str> = self.read.iter().map(|(key, _)| *key).collect();
        let (low, high) = (self.get("low"), self.get("high"));
        let number = |key: &str| self.get(key).unwrap_or_default();
        let (made, rising): (_, &[&str]) = match keys.as_slice() {
            ["value"] => return Ok(Distribution::Constant { value: number("value") }),
            ["low", middle @ ("mode" | "value"), "high"] => {
                let made = Distribution::triangle(number("low"), number(middle), number("high"));
                (made, &["low", middle, "high"])
            }
            ["low", "high"] => (Distribution::uniform(number("low"), number("high")), &["low", "high"]),
            ["p10", "p50", "p90"] => {
                (Distribution::quantiles(number("p10"), number("p50"), number("p90")), &["p10", "p50", "p90"])
            }
            [.., "mean", "sd"] if self.has_ends_only_beside(2) => {
                let made = Distribution::normal(number("mean"), number("sd"), low, high);
                let bounded = if dimension.may_be_negative() {
                    made
                } else {
                    made.and_then(Distribution::not_negative)
                };
                (bounded, &["low", "high"])
            }
            [.., "median", "factor"] if self.has_ends_only_beside(2) => {
                (Distribution::lognormal(number("median"), number("factor"), low, high), &["low", "high"])
            }
            _ => {
                let incomplete = Diagnostic::error(whole, self.incomplete(name)).help(SHAPES);
                return Err(Mistake::Incomplete(Box::new(incomplete)));
            }
        };
        made.map_err(|error| {
            Mistake::Wrong(Box::new(match error {
                DistributionError::NotRising => self.not_rising(whole, rising),
                DistributionError::DeviationNotPositive => {
                    self.not_above(whole, "sd", dimension, "zero").help(
                        "a standard deviation is in the units of the value; without spread write the value alone",
                    )
                }
                DistributionError::MedianNotPositive => {
                    self.not_above(whole, "median", dimension, "zero").help(
                        "a lognormal is above zero everywhere; what may be negative is { mean, sd } or { p10, p50, p90 }",
                    )
                }
                DistributionError::FactorOutOfRange => self.factor(whole),
                DistributionError::NothingLeft => self.nothing_left(whole, dimension),
            }))
        })
    }

    /// Whether nothing but `low` and `high` stands beside the last `kept` numbers.
    fn has_ends_only_beside(&self, kept: usize) -> bool {
        self.read[..self.read.len() - kept].iter().all(|(key, _)| matches!(*key, "low" | "high"))
    }

    /// Points at the first of the values that is not above the one before it.
    fn not_rising(&self, whole: Span, keys: &[&str]) -> Diagnostic {
        // Ends may coincide with a mode, quantiles may not, nor may what is cut off on both sides.
        let strict = keys[0] == "p10" || self.get("sd").or(self.get("factor")).is_some();
        let falls = |pair: &&[&str]| match (self.get(pair[0]), self.get(pair[1])) {
            (Some(below), Some(above)) => below > above || (strict && below == above),
            _ => false,
        };
        let pair = keys.windows(2).find(falls).unwrap_or(keys);
        let (below, above) = (pair[0], pair[1]);
        let relation = if strict { "is not above" } else { "is below" };
        Diagnostic::error(self.span(above, whole), format!("`{above}` {relation} `{below}`"))
            .label(format!("`{above}`"))
            .also(self.span(below, whole), format!("`{below}`"))
            .help(format!("{} stand in rising order", listed(keys)))
    }

    fn not_above(&self, whole: Span, key: &str, dimension: Dimension, bound: &str) -> Diagnostic {
        let written = format_quantity(dimension, self.get(key).unwrap_or_default());
        Diagnostic::error(self.span(key, whole), format!("`{key}` is {written}, not above {bound}"))
    }

    fn factor(&self, whole: Span) -> Diagnostic {
        let factor = self.get("factor").unwrap_or_default();
        let what = if factor > MAX_FACTOR { format!("above {MAX_FACTOR}") } else { "not above 1".to_owned() };
        Diagnostic::error(self.span("factor", whole), format!("`factor` is {factor}, {what}"))
            .help("p90 is the median times the factor, p10 the median over it: 1.5 for four times in five within half as much again")
    }

    /// Says where the distribution lies and where it is cut off.
    fn nothing_left(&self, whole: Span, dimension: Dimension) -> Diagnostic {
        let shown = |key: &str| self.get(key).map(|number| format_quantity(dimension, number));
        let (centre, at) = match (shown("mean"), shown("median")) {
            (Some(mean), _) => ("mean", mean),
            (None, median) => ("median", median.unwrap_or_default()),
        };
        let (ends, fault) = match (shown("low"), shown("high")) {
            (Some(low), Some(high)) => (format!("between {low} and {high}"), "low"),
            (Some(low), None) => (format!("above {low}"), "low"),
            (None, Some(high)) => (format!("below {high}"), "high"),
            (None, None) => ("above zero".to_owned(), centre),
        };
        Diagnostic::error(
            self.span(fault, whole),
            format!("less than a millionth of the distribution around {at} is {ends}"),
        )
        .label(format!("cuts it off at `{fault}`"))
        .also(self.span(centre, whole), format!("`{centre}`"))
        .help("`low` and `high` cut off the tails; move them, or write { low, high } alone for what is as likely anywhere between")
    }

    /// Says what the table lacks to be a distribution, or what in it does not go together.
    fn incomplete(&self, name: &str) -> String {
        let keys: Vec<&str> = self.read.iter().map(|(key, _)| *key).collect();
        let all_of = |known: &[&str]| keys.iter().all(|key| known.contains(key));
        let lacks = |needed: &[&'static str]| {
            let missing: Vec<&str> = needed.iter().copied().filter(|key| !keys.contains(key)).collect();
            format!("`{name}` lacks {}", listed(&missing))
        };
        let middle = if keys.contains(&"value") { "value" } else { "mode" };
        match keys.as_slice() {
            [] => format!("`{name}` has no value"),
            ["low"] | ["high"] => lacks(&["low", "high"]),
            _ if all_of(&["low", "mode", "high"]) || all_of(&["low", "value", "high"]) => {
                lacks(&["low", middle, "high"])
            }
            _ if all_of(&["p10", "p50", "p90"]) => lacks(&["p10", "p50", "p90"]),
            _ if all_of(&["low", "high", "mean", "sd"]) => lacks(&["mean", "sd"]),
            _ if all_of(&["low", "high", "median", "factor"]) => lacks(&["median", "factor"]),
            some => format!("{} do not go together in `{name}`", listed(some)),
        }
    }
}

/// Keys in a sentence: `low`, `p50` and `p90`.
fn listed(keys: &[&str]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}
