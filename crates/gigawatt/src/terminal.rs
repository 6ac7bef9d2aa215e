//! What the user sees: headlines, claims, comparisons; quiet, and legible without colour.

use std::io::{IsTerminal, Write};

use anstyle::Style;
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use gigawatt_engine::Verdict;
use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_range};
use gigawatt_plan::resolve::HEADLINES;
use gigawatt_plan::text::steers;
use gigawatt_report::{ClaimSummary, Summary, Value};
use serde_json::json;

use crate::failure::Failure;

/// Width of the claims when standard output is not a terminal.
const WIDTH: u16 = 120;

/// Prints text to standard output; styles are dropped where nobody sees them.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut out = anstream::AutoStream::auto(std::io::stdout());
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(Failure::Output)
}

/// Prints one JSON document to standard output.
pub fn print_json(document: &serde_json::Value) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document).map_err(|error| Failure::Output(error.into()))?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(Failure::Output)
}

/// Tells something beside the result, on standard error.
pub fn note(text: &str) {
    anstream::eprintln!("{}", printable(text));
}

/// The text with whatever could steer a terminal replaced: control characters, and those that turn the
/// direction of writing around. The length in bytes stays the same, so that places do.
pub fn printable(text: &str) -> String {
    let stand_in = |character: char| match character {
        // On its own it would lead back to the start of the line.
        '\r' => ' ',
        other if !steers(other) => other,
        other => match other.len_utf8() {
            1 => '?',
            2 => '·',
            _ => '\u{fffd}',
        },
    };
    text.chars().map(stand_in).collect()
}

/// A run: title, headlines, claims.
pub fn summary(summary: &Summary) -> String {
    let mut text = title(summary);
    let rows = headlines(summary)
        .into_iter()
        .map(|(path, when, dimension, value)| {
            let (middle, range) = middle_and_range(dimension, value);
            vec![summary.results[path].title.clone(), when, middle, range]
        })
        .collect::<Vec<_>>();
    if !rows.is_empty() {
        text.push_str(&columns(&["", "", "p50", "p10 – p90"], rows));
        text.push('\n');
    }
    text.push_str(&claims(summary));
    text
}

/// The first line: what was judged, when, from how many draws.
pub fn title(summary: &Summary) -> String {
    let bold = Style::new().bold();
    format!(
        "{bold}{}{bold:#}, judged with what was known on {} ({} draws, seed {})\n\n",
        summary.name, summary.as_of, summary.samples, summary.seed
    )
}

/// The headlines of the scenario's year.
fn headlines(summary: &Summary) -> Vec<(&str, String, Dimension, &Value)> {
    let year = summary.year;
    let (amount, level) = (year.to_string(), format!("{year}-12-31"));
    HEADLINES
        .iter()
        .filter_map(|path| {
            let (key, result) = summary.results.get_key_value(*path)?;
            let (when, value) =
                result.values.get_key_value(&amount).or(result.values.get_key_value(&level))?;
            Some((key.as_str(), when.clone(), result.dimension, value))
        })
        .collect()
}

fn middle_and_range(dimension: Dimension, value: &Value) -> (String, String) {
    let shown =
        |number: Option<f64>| number.map_or("–".to_owned(), |number| format_quantity(dimension, number));
    (shown(value.p50), range(dimension, value.p10, value.p90))
}

fn range(dimension: Dimension, low: Option<f64>, high: Option<f64>) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format_range(dimension, low, high),
        _ => String::new(),
    }
}

/// The claims with their verdicts and what it would take.
pub fn claims(summary: &Summary) -> String {
    if summary.claims.is_empty() {
        return "the scenario claims nothing\n".to_owned();
    }
    let mut table = table();
    table.set_header(["claim", "verdict", "P", "p50 (p10 – p90)", "what was said"]);
    for claim in &summary.claims {
        let mut verdict = claim.verdict.words().to_owned();
        if claim.informative && claim.verdict != Verdict::NotJudged {
            verdict.push_str("\n(informative)");
        }
        table.add_row([
            Cell::new(&claim.name),
            Cell::new(verdict).fg(colour(claim.verdict)),
            Cell::new(probability(claim)).set_alignment(CellAlignment::Right),
            Cell::new(value_of(claim)),
            Cell::new(&claim.says),
        ]);
    }
    table.set_constraints([ColumnConstraint::ContentWidth, ColumnConstraint::ContentWidth]);
    let mut text = table.trim_fmt();
    text.push('\n');
    for claim in &summary.claims {
        text.push_str(&remedies(claim));
    }
    text.push_str(&cannot_run(summary));
    text
}

/// Faults of training runs with the claims that rest on them.
fn cannot_run(summary: &Summary) -> String {
    let mut faults: Vec<(&str, Vec<&str>)> = Vec::new();
    for claim in &summary.claims {
        for fault in &claim.cannot_run {
            match faults.iter_mut().find(|(known, _)| known == fault) {
                Some((_, claims)) => claims.push(&claim.name),
                None => faults.push((fault, vec![&claim.name])),
            }
        }
    }
    let told = |(fault, claims): (&str, Vec<&str>)| {
        format!(
            "\nresting on a run that cannot go as planned: {}\n  {}\n",
            claims.join(", "),
            printable(fault)
        )
    };
    faults.into_iter().map(told).collect()
}

fn colour(verdict: Verdict) -> comfy_table::Color {
    match verdict {
        Verdict::Holds => comfy_table::Color::Green,
        Verdict::Fails => comfy_table::Color::Red,
        Verdict::Undecided => comfy_table::Color::Yellow,
        Verdict::RestatesInput | Verdict::NotJudged => comfy_table::Color::DarkGrey,
    }
}

fn probability(claim: &ClaimSummary) -> String {
    match claim.probability {
        Some(_) if claim.verdict == Verdict::RestatesInput => String::new(),
        // Rounding must not turn nearly certain into certain.
        Some(probability) if (0.995..1.0).contains(&probability) => "> 99 %".to_owned(),
        Some(probability) if probability > 0.0 && probability <= 0.005 => "< 1 %".to_owned(),
        Some(probability) => format!("{:.0} %", probability * 100.0),
        None => String::new(),
    }
}

fn value_of(claim: &ClaimSummary) -> String {
    let (Some(dimension), Some(value)) = (claim.dimension, &claim.value) else { return String::new() };
    let (middle, range) = middle_and_range(dimension, value);
    let mut text = if range.is_empty() { middle } else { format!("{middle} ({range})") };
    if let Some(outcome) = &claim.outcome {
        text.push_str(&format!("\noutcome: {}", format_quantity(dimension, outcome.value)));
    }
    text
}

/// What it would take for a claim that does not hold to hold.
fn remedies(claim: &ClaimSummary) -> String {
    let (Some(dimension), Verdict::Fails | Verdict::Undecided) = (claim.dimension, claim.verdict) else {
        return String::new();
    };
    let confidence = claim.confidence.unwrap_or_default() * 100.0;
    let mut text = format!("\n{} would hold at {confidence:.0} %\n", claim.name);
    match claim.shift {
        Some(shift) => {
            let direction = if shift < 0.0 { "less" } else { "more" };
            text.push_str(&format!(
                "  with {} {direction} of it altogether\n",
                format_quantity(dimension, shift.abs())
            ));
        }
        None => text.push_str("  only with less spread: its range is wider than what the claim allows\n"),
    }
    for remedy in &claim.remedies {
        let value = format_quantity(remedy.dimension, remedy.value);
        let probability = remedy.probability * 100.0;
        text.push_str(&if remedy.enough {
            format!("  or with {} fixed at {value}\n", remedy.input)
        } else {
            format!(
                "  not even with {} fixed at {value}, the best of its range: {probability:.0} %\n",
                remedy.input
            )
        });
    }
    text
}

/// Two runs of one scenario side by side: headlines and claims that differ, and how.
pub fn comparison(before: &Summary, after: &Summary) -> String {
    let mut text = title(after);
    let shown = |dimension, value: &Value| {
        let (middle, range) = middle_and_range(dimension, value);
        if range.is_empty() { middle } else { format!("{middle} ({range})") }
    };
    let rows = headlines(after)
        .into_iter()
        .map(|(path, when, dimension, value)| {
            let old = before.value(path, &when);
            let medians = old.and_then(|old| Some((old.p50?, value.p50?)));
            vec![
                after.results[path].title.clone(),
                when,
                old.map(|old| shown(dimension, old)).unwrap_or_default(),
                shown(dimension, value),
                medians.map_or(String::new(), |(old, new)| change(dimension, old, new)),
            ]
        })
        .collect();
    text.push_str(&columns(&["", "", "before", "after", "p50"], rows));
    text.push('\n');
    let rows: Vec<Vec<String>> = after
        .claims
        .iter()
        .map(|claim| {
            let old = before.claims.iter().find(|old| old.name == claim.name);
            let verdict = |claim: &ClaimSummary| {
                let probability = probability(claim);
                if probability.is_empty() {
                    claim.verdict.words().to_owned()
                } else {
                    format!("{} {probability}", claim.verdict.words())
                }
            };
            vec![claim.name.clone(), old.map(verdict).unwrap_or_default(), verdict(claim), value_of(claim)]
        })
        .collect();
    if !rows.is_empty() {
        text.push_str(&columns(&["claim", "before", "after", "after: p50 (p10 – p90)"], rows));
    }
    for claim in &after.claims {
        text.push_str(&remedies(claim));
    }
    text
}

/// How far a median moved: shares in points, the rest in parts of what it was. Empty where that is nothing.
fn change(dimension: Dimension, old: f64, new: f64) -> String {
    let (moved, unit) = match dimension {
        Dimension::Ratio | Dimension::Points => (new - old, "points"),
        _ => (new / old - 1.0, "%"),
    };
    let shown = format!("{:+.1} {unit}", moved * 100.0);
    let nothing = shown.starts_with("+0.0 ") || shown.starts_with("-0.0 ");
    if !moved.is_finite() || nothing { String::new() } else { shown }
}

/// What differs between two runs of one scenario, for `--json`.
pub fn changes_json(before: &Summary, after: &Summary) -> serde_json::Value {
    let mut results = serde_json::Map::new();
    for (path, result) in &after.results {
        for (when, value) in &result.values {
            if let Some(old) = before.value(path, when).filter(|old| *old != value) {
                results.insert(format!("{path}@{when}"), json!({ "before": old, "after": value }));
            }
        }
    }
    let claims: serde_json::Map<_, _> = after
        .claims
        .iter()
        .filter_map(|claim| {
            let old = before.claims.iter().find(|old| old.name == claim.name)?;
            let side =
                |claim: &ClaimSummary| json!({ "verdict": claim.verdict, "probability": claim.probability });
            Some((claim.name.clone(), json!({ "before": side(old), "after": side(claim) })))
        })
        .collect();
    json!({ "results": results, "claims": claims })
}

/// A distribution in words: the value of the reference case, then how it is spread.
pub fn distribution(dimension: Dimension, distribution: Distribution) -> String {
    let shown = |value| format_quantity(dimension, value);
    let (p10, p90) = distribution.central();
    let tails = || format!("p10 {} – p90 {}", shown(p10), shown(p90));
    let cut = |low: Option<f64>, high: Option<f64>| {
        let low = low.map(|low| format!(", at least {}", shown(low))).unwrap_or_default();
        let high = high.map(|high| format!(", at most {}", shown(high))).unwrap_or_default();
        format!("{low}{high}")
    };
    let spread = match distribution {
        Distribution::Constant { value } => return shown(value),
        Distribution::Triangle { low, high, .. } => format_range(dimension, low, high),
        Distribution::Uniform { low, high } => format!("uniform {}", format_range(dimension, low, high)),
        Distribution::Quantiles { .. } => tails(),
        Distribution::Normal { low, high, .. } => format!("normal {}{}", tails(), cut(low, high)),
        Distribution::Lognormal { low, high, .. } => format!("lognormal {}{}", tails(), cut(low, high)),
    };
    format!("{} ({spread})", shown(distribution.reference()))
}

/// Rows in columns, two blanks between; the first line is a header unless it is empty.
pub fn columns(header: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut table = table();
    if !std::io::stdout().is_terminal() {
        // What reads this from a pipe has no width to keep.
        table.set_content_arrangement(ContentArrangement::Disabled);
    }
    if !header.is_empty() {
        table.set_header(header);
    }
    for row in rows {
        table.add_row(row);
    }
    keep_words_whole(&mut table);
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// Names, paths and figures are read and copied: they are never broken, even where the terminal is too narrow for
/// the table. The first column is broken between words where nothing else makes room.
fn keep_words_whole(table: &mut Table) {
    let words: Vec<u16> = table
        .column_iter()
        .map(|column| {
            let cells = table.row_iter().filter_map(|row| row.cell_iter().nth(column.index));
            let header = table.header().and_then(|header| header.cell_iter().nth(column.index));
            cells.chain(header).map(longest_word).max().unwrap_or(0)
        })
        .collect();
    let first = table.column_max_content_widths().first().copied().unwrap_or(0);
    // A blank before and after every column.
    let rest: usize = words.iter().skip(1).map(|word| usize::from(*word)).sum();
    let least = usize::from(first) + rest + 2 * words.len();
    let fits = table.width().is_none_or(|width| least <= usize::from(width));
    for (index, word) in words.into_iter().enumerate() {
        let Some(column) = table.column_mut(index) else { continue };
        let padding = column.padding_width();
        column.set_constraint(if index == 0 && fits {
            ColumnConstraint::ContentWidth
        } else {
            ColumnConstraint::LowerBoundary(Width::Fixed(word.saturating_add(padding)))
        });
    }
}

/// Letters of the longest word of a cell.
fn longest_word(cell: &Cell) -> u16 {
    let content = cell.content();
    let letters = content.split_whitespace().map(|word| word.chars().count()).max().unwrap_or(0);
    u16::try_from(letters).unwrap_or(u16::MAX)
}

fn table() -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(WIDTH);
    }
    if anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never {
        table.enforce_styling();
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_paths_stay_whole_in_a_narrow_terminal() {
        let mut table = table();
        table.set_width(24).set_header(["", "2029", "2030"]);
        table.add_row(["depreciation and amortisation", "1289.5 – 1342.0", "315.0 – 401.0"]);
        table.add_row(["finance.capex.cash", "315.4", "355.3"]);
        keep_words_whole(&mut table);
        let text = table.trim_fmt();
        for word in ["depreciation", "finance.capex.cash", "1289.5", "1342.0", "315.4", "355.3", "401.0"] {
            assert!(text.contains(word), "{word}:\n{text}");
        }
    }
}
