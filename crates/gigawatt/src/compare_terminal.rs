//! A comparison as the user sees it: results, claims, inputs, and what not all have.

use gigawatt_plan::quantity::{Dimension, format_quantity, format_range};
use gigawatt_report::compare::{ClaimSide, Comparison, InputDifference, Ranges, ResultDifference};
use gigawatt_report::{Value, change, signed};

use crate::terminal;

/// Results and inputs that are listed.
const MOST: usize = 15;
/// Inputs that are named beside a result, and results beside an input.
const MOVERS: usize = 2;

/// The whole comparison.
pub fn comparison(comparison: &Comparison) -> String {
    let mut text = String::new();
    for run in &comparison.runs {
        text.push_str(&format!(
            "{}  {} ({}, as of {}, {} draws, seed {})\n",
            run.letter, run.name, run.label, run.as_of, run.samples, run.seed
        ));
    }
    text.push('\n');
    if comparison.nothing_differs() {
        text.push_str("nothing differs\n");
        return text;
    }
    text.push_str(&results(comparison));
    text.push_str(&claims(comparison));
    text.push_str(&inputs(comparison));
    for only in &comparison.only {
        let named: Vec<&str> = only.paths.iter().take(6).map(String::as_str).collect();
        let more = only.paths.len() - named.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!("only in {}: {}: {}{more}\n", only.runs, only.what, named.join(", ")));
    }
    text
}

/// A heading with a count, and how many lines are not shown.
fn counted(what: &str, differing: usize, common: usize) -> String {
    format!("{what}: {differing} of {common} that all have differ\n")
}

fn more(all: usize) -> String {
    if all > MOST { format!("  and {} more; --json lists all\n", all - MOST) } else { String::new() }
}

fn header(comparison: &Comparison, first: &[&'static str], last: &[&'static str]) -> Vec<String> {
    let letters = comparison.runs.iter().map(|run| run.letter.to_string());
    first
        .iter()
        .map(|name| (*name).to_owned())
        .chain(letters)
        .chain(last.iter().map(|name| (*name).to_owned()))
        .collect()
}

fn columns(header: &[String], rows: Vec<Vec<String>>) -> String {
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    terminal::columns(&header, rows)
}

fn median_and_range(dimension: Dimension, value: &Value) -> String {
    let median = value.p50.map_or("–".to_owned(), |median| format_quantity(dimension, median));
    match value.p10.zip(value.p90).map(|(low, high)| format_range(dimension, low, high)) {
        Some(range) if !range.is_empty() => format!("{median} ({range})"),
        _ => median,
    }
}

/// How far two values of a dimension are apart: shares in points.
fn apart(dimension: Dimension, difference: f64) -> String {
    signed(if dimension == Dimension::Ratio { Dimension::Points } else { dimension }, difference)
}

fn results(comparison: &Comparison) -> String {
    let mut text = counted("Results", comparison.results.len(), comparison.common_results);
    let listed = || comparison.results.iter().take(MOST);
    let rows: Vec<Vec<String>> = listed()
        .map(|result| {
            let difference = result.main.differences.get(result.most).copied().flatten();
            let mut row = vec![result.path.clone(), result.main.when.clone()];
            row.extend(result.main.values.iter().map(|value| median_and_range(result.dimension, value)));
            row.push(
                difference
                    .map(|difference| change(result.dimension, difference.ratio, difference.difference))
                    .unwrap_or_default(),
            );
            row.push(match difference.map(|difference| difference.ranges) {
                Some(Ranges::Apart) => "apart".to_owned(),
                Some(Ranges::Overlap) => "overlap".to_owned(),
                None => String::new(),
            });
            row
        })
        .collect();
    if rows.is_empty() {
        text.push('\n');
        return text;
    }
    text.push_str(&columns(&header(comparison, &["result", ""], &["difference", "ranges"]), rows));
    text.push_str(&more(comparison.results.len()));
    let why: Vec<Vec<String>> = listed().flat_map(why).collect();
    if !why.is_empty() {
        text.push_str("\nWhy: what one input alone does to the first run's reference case\n");
        text.push_str(&columns(&["result".to_owned(), "input".to_owned(), "effect".to_owned()], why));
    }
    text.push('\n');
    text
}

/// What moves a result, a line each; the result is named in the first.
fn why(result: &ResultDifference) -> Vec<Vec<String>> {
    let moved = result.moved_by.iter().take(MOVERS).map(|mover| {
        let about = if mover.computed { "" } else { "about " };
        (mover.input.clone(), format!("{about}{}", apart(result.dimension, mover.effect)))
    });
    let others = result.rests_on.iter().filter(|_| result.rests_on_others());
    let others = others.map(|own| (own.input.clone(), format!("only in {}", own.run)));
    moved
        .chain(others)
        .enumerate()
        .map(|(index, (input, effect))| {
            vec![if index == 0 { result.path.clone() } else { String::new() }, input, effect]
        })
        .collect()
}

fn claims(comparison: &Comparison) -> String {
    if comparison.common_claims == 0 {
        return String::new();
    }
    let mut text = counted("Claims", comparison.claims.len(), comparison.common_claims);
    let side = |side: &ClaimSide| match side.probability {
        Some(probability) => {
            format!("{} ({})", side.verdict.words(), format_quantity(Dimension::Ratio, probability))
        }
        None => side.verdict.words().to_owned(),
    };
    let rows: Vec<Vec<String>> = comparison
        .claims
        .iter()
        .map(|claim| {
            let asks = if claim.asks_differ { "asks for something else" } else { "" };
            let sides = claim.sides.iter().map(side);
            std::iter::once(claim.name.clone()).chain(sides).chain([asks.to_owned()]).collect()
        })
        .collect();
    if !rows.is_empty() {
        text.push_str(&columns(&header(comparison, &["claim"], &[""]), rows));
    }
    text.push('\n');
    text
}

fn inputs(comparison: &Comparison) -> String {
    let mut text = counted("Inputs", comparison.inputs.len(), comparison.common_inputs);
    let rows: Vec<Vec<String>> = comparison
        .inputs
        .iter()
        .take(MOST)
        .map(|input| {
            let sides =
                input.sides.iter().map(|side| terminal::distribution(input.dimension, side.distribution));
            std::iter::once(input.path.clone()).chain(sides).chain([moves(comparison, input)]).collect()
        })
        .collect();
    if !rows.is_empty() {
        text.push_str(&columns(&header(comparison, &["input"], &["moves"]), rows));
    }
    text.push_str(&more(comparison.inputs.len()));
    text
}

fn moves(comparison: &Comparison, input: &InputDifference) -> String {
    if !input.value_differs {
        return "source only".to_owned();
    }
    let dimension = |path: &str| {
        comparison
            .results
            .iter()
            .find(|result| result.path == path)
            .map_or(Dimension::Ratio, |result| result.dimension)
    };
    let moved: Vec<String> = input
        .moves
        .iter()
        .take(MOVERS)
        .map(|effect| format!("{} {}", effect.path, apart(dimension(&effect.path), effect.effect)))
        .collect();
    moved.join(", ")
}
