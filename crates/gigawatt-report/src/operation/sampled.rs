//! Numbers over histories.

use gigawatt_engine::fleet::{Drawn, Histories};
use gigawatt_engine::quantiles;

use crate::Value;

/// A number over the drawn histories in which it exists, and in the reference history.
pub(super) fn sampled(histories: &Histories, of: impl Fn(&Drawn) -> Option<f64>) -> Value {
    let mut sample: Vec<f64> = histories.drawn.iter().filter_map(&of).collect();
    Value::new(quantiles(&mut sample), of(&histories.reference))
}

/// Stands for what is beyond a history: later than any number of one, and finite so that quantiles can be taken.
const BEYOND: f64 = 1e200;

/// The same of a number that can lie beyond what was simulated (`Some(None)`): quantiles that do do not exist.
pub(super) fn censored(histories: &Histories, of: impl Fn(&Drawn) -> Option<Option<f64>>) -> Value {
    let number = |drawn: &Drawn| Some(of(drawn)?.unwrap_or(BEYOND));
    let value = sampled(histories, number);
    let known = |value: Option<f64>| value.filter(|value| *value < BEYOND * 1e-20);
    Value {
        p10: known(value.p10),
        p50: known(value.p50),
        p90: known(value.p90),
        mean: known(value.mean),
        reference: known(value.reference),
    }
}

/// Names in the order in which histories first have them, the reference before the others.
pub(super) fn names<'a, Names: Iterator<Item = &'a str>>(
    histories: &'a Histories,
    of: impl Fn(&'a Drawn) -> Names,
) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for drawn in std::iter::once(&histories.reference).chain(&histories.drawn) {
        for name in of(drawn) {
            if !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
    }
    all
}
