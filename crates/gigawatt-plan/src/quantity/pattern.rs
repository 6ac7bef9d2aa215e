//! What a quantity looks like in text, as a regular expression for editors.

use super::Dimension;
use super::dimension::Unit;
use super::parse::{CURRENCIES, PREFIXES};

const NUMBER: &str = r"[+-]?[0-9._]+(?:[eE][+-]?[0-9]+)?";

impl Dimension {
    /// A regular expression (the common ground of ECMA 262 and of Rust) that matches every text which
    /// [`parse_quantity`](super::parse_quantity) reads, and hardly any other. Sizes and signs are not in it.
    pub fn pattern(self) -> String {
        let (numerators, denominators) = self.units();
        let below =
            denominators.map_or(String::new(), |units| format!(r"\s*/\s*(?:{})", alternatives(units)));
        let plain = format!(r"{NUMBER}\s*(?:{}){below}", alternatives(numerators));
        let money = numerators.iter().any(|unit| unit.symbol == "$");
        if !money {
            return format!(r"^\s*{plain}\s*$");
        }
        let currencies: Vec<String> = CURRENCIES.iter().map(|symbol| escaped(symbol)).collect();
        let leading = format!(r"(?:{})\s*{NUMBER}\s*(?:{})?{below}", currencies.join("|"), prefixes());
        format!(r"^\s*(?:{leading}|{plain})\s*$")
    }
}

fn alternatives(units: &[Unit]) -> String {
    let one = |unit: &Unit| match (unit.prefixes, unit.symbol) {
        (true, "") => format!("(?:{})?", prefixes()),
        (true, symbol) => format!(r"(?:(?:{})\s*)?{}", prefixes(), escaped(symbol)),
        (false, symbol) => escaped(symbol),
    };
    units.iter().map(one).collect::<Vec<_>>().join("|")
}

fn prefixes() -> String {
    PREFIXES.iter().map(|(symbol, _)| *symbol).collect::<Vec<_>>().join("|")
}

fn escaped(symbol: &str) -> String {
    symbol.replace('$', r"\$")
}
