//! `gw compare`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use gigawatt_engine::{Influence, WHOLE, influences, what_if};
use gigawatt_plan::period::{Moment, Period, Quarter};
use gigawatt_plan::plan::{Plan, Query};
use gigawatt_plan::quantity::{Dimension, format_quantity, format_range};
use gigawatt_plan::resolve::{period_query, whole_query};
use gigawatt_report::compare::{
    ClaimSide, Comparison, Difference, Explanation, InputDifference, Mover, OwnInput, Ranges,
    ResultDifference, Run, letter,
};
use gigawatt_report::{Summary, Value, Words, html};
use serde_json::json;

use crate::arguments::{CompareOptions, ScenarioOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::world::plain;
use crate::{folder, scenario, terminal};

/// Results and inputs that the terminal lists.
const MOST: usize = 15;
/// Inputs that are named beside a result, and results beside an input.
const MOVERS: usize = 2;
/// Results whose differences are explained by computing.
const EXPLAINED: usize = 60;
/// A summary is never larger; what is, is something else.
const LARGEST: u64 = 1 << 28;

/// Compares scenarios and finished runs, shows what differs, and writes a page if asked to.
pub fn compare(options: &CompareOptions) -> Result<ExitCode, Failure> {
    let watcher = Watcher::new(options.quiet);
    let mut loaded = Vec::new();
    for path in &options.runs {
        loaded.push(load(options, path, &watcher)?);
    }
    drop(watcher);
    let labels: Vec<String> = options.runs.iter().map(|path| path.display().to_string()).collect();
    let runs: Vec<Run<'_>> =
        labels.iter().zip(&loaded).map(|(label, (summary, _))| Run { label, summary }).collect();
    let mut comparison = Comparison::new(&runs);
    if let Some((_, Some(first))) = loaded.first() {
        let plans: Vec<Option<&Plan>> = loaded.iter().map(|(_, plan)| plan.as_ref()).collect();
        let why = explanations(first, &plans, &comparison);
        comparison.explain(why);
    }
    if let Some(file) = &options.html {
        write_page(file, &html::comparison(&comparison, &Words::ENGLISH))?;
    }
    if options.json {
        let mut document = serde_json::to_value(&comparison).map_err(Failure::internal)?;
        document["html"] = json!(options.html);
        terminal::print_json(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = shown(&comparison);
    if let Some(file) = &options.html {
        text.push_str(&format!("\npage  {}\n", file.display()));
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A finished run from its folder or summary; a scenario with its plan, run.
fn load(
    options: &CompareOptions,
    path: &Path,
    watcher: &Watcher,
) -> Result<(Summary, Option<Plan>), Failure> {
    if path.is_dir() {
        return Ok((finished(&path.join(folder::SUMMARY))?, None));
    }
    if path.extension().is_some_and(|extension| extension == "json") {
        return Ok((finished(path)?, None));
    }
    let scenario = ScenarioOptions {
        path: path.to_owned(),
        settings: Vec::new(),
        hindsight: options.hindsight,
        seed: options.seed,
        samples: options.samples,
        json: options.json,
        quiet: options.quiet,
    };
    let plan = scenario::read(&scenario, &[])?;
    let results = gigawatt_engine::run(&plan, watcher)?;
    Ok((Summary::new(&plan, &results), Some(plan)))
}

fn finished(path: &Path) -> Result<Summary, Failure> {
    let help = || Some("name a scenario, a folder that `gw run` wrote, or its summary.json".to_owned());
    let fail = |error: &std::io::Error| Failure::File {
        action: "read",
        path: path.to_owned(),
        reason: plain(error),
        help: help(),
    };
    let file = std::fs::File::open(path).map_err(|error| fail(&error))?;
    let mut text = String::new();
    let wrong = |message: String| Failure::BadArgument { message, help: help() };
    match file.take(LARGEST + 1).read_to_string(&mut text) {
        Ok(read) if read as u64 > LARGEST => {
            return Err(wrong(format!("`{}` is too large for a summary", path.display())));
        }
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            return Err(wrong(format!("`{}` is no text", path.display())));
        }
        Err(error) => return Err(fail(&error)),
    }
    serde_json::from_str(&text)
        .map_err(|error| wrong(format!("`{}` is no summary of a run: {error}", path.display())))
}

/// Writes the page; over an earlier page of this command, and over nothing else.
fn write_page(path: &Path, page: &str) -> Result<(), Failure> {
    let mark = format!("<meta name=\"generator\" content=\"{}\">", html::GENERATOR);
    match std::fs::read(path) {
        Ok(there) if !String::from_utf8_lossy(&there).contains(&mark) => {
            return Err(Failure::File {
                action: "write",
                path: path.to_owned(),
                reason: "it holds something else, which was left alone".to_owned(),
                help: Some("name another file with --html, or remove this one".to_owned()),
            });
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(Failure::file("write", path, plain(&error)));
        }
        _ => {}
    }
    let fail = |error: std::io::Error| Failure::file("write", path, plain(&error));
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut draft = tempfile::Builder::new().prefix(".gw-").tempfile_in(parent).map_err(fail)?;
    std::io::Write::write_all(&mut draft, page.as_bytes()).map_err(fail)?;
    folder::make_file_readable(draft.path()).map_err(fail)?;
    draft.persist(path).map_err(|error| fail(error.error))?;
    Ok(())
}

/// What each differing input alone does to each result that differs: the first plan's reference case with the
/// input at the value of the run that differs most, less the reference case.
fn effects(plan: &Plan, comparison: &Comparison) -> Vec<(usize, Vec<Mover>)> {
    let queries = queries(plan, comparison);
    // The reference case itself, then each input that differs at its value in each other run.
    let mut tried: Vec<(&str, usize)> = vec![("", 0)];
    let mut sets = vec![Vec::new()];
    for input in comparison.inputs.iter().filter(|input| input.value_differs) {
        let Some(id) = plan.find_input(&input.path).filter(|id| plan.input(*id).dimension == input.dimension)
        else {
            continue;
        };
        for (run, side) in input.sides.iter().enumerate().skip(1) {
            tried.push((&input.path, run));
            sets.push(vec![(id, side.reference())]);
        }
    }
    let reads: Vec<Query> = queries.iter().map(|(_, _, query)| query.clone()).collect();
    let rows = what_if(plan, &sets, &reads);
    let Some((before, after)) = rows.split_first() else { return Vec::new() };
    queries
        .iter()
        .enumerate()
        .map(|(column, (index, result, _))| {
            let moved = tried.iter().skip(1).zip(after).filter(|((_, run), _)| *run == result.most);
            let movers = moved
                .map(|((input, _), row)| Mover {
                    input: (*input).to_owned(),
                    effect: row[column] - before[column],
                    computed: true,
                })
                // What moves it by less than a part of itself does not move it.
                .filter(|mover| mover.effect.abs() > 1e-9 * before[column].abs());
            (*index, movers.collect())
        })
        .collect()
}

/// Why results differ: effects of inputs that all have, and the inputs that not all have.
fn explanations(first: &Plan, plans: &[Option<&Plan>], comparison: &Comparison) -> Vec<(usize, Explanation)> {
    let mut why: Vec<(usize, Explanation)> = effects(first, comparison)
        .into_iter()
        .map(|(result, movers)| (result, Explanation { movers, own: Vec::new() }))
        .collect();
    for (run, plan) in plans.iter().enumerate() {
        let Some(plan) = plan else { continue };
        // Inputs of the first run that another lacks, and those of another that the first lacks.
        let own = |path: &str| {
            comparison.only.iter().any(|only| {
                only.what == "inputs"
                    && only.runs.contains(letter(run))
                    && (run == 0 || !only.runs.contains(letter(0)))
                    && only.paths.iter().any(|own| own == path)
            })
        };
        let read = queries(plan, comparison);
        let reads: Vec<&Query> = read.iter().map(|(_, _, query)| query).collect();
        for ((result, difference, _), mut found) in read.iter().zip(influences(plan, &reads)) {
            if run != 0 && difference.most != run {
                continue;
            }
            found.retain(|influence: &Influence| influence.depends && own(&plan.input(influence.input).path));
            found.sort_by(|a, b| b.swing().total_cmp(&a.swing()));
            let Some((_, explanation)) = why.iter_mut().find(|(index, _)| index == result) else { continue };
            explanation.own.extend(found.iter().take(MOVERS).map(|influence| OwnInput {
                run: letter(run),
                input: plan.input(influence.input).path.clone(),
            }));
        }
    }
    why
}

/// How the first results that differ are read in a plan that has them.
fn queries<'a>(plan: &Plan, comparison: &'a Comparison) -> Vec<(usize, &'a ResultDifference, Query)> {
    let results = comparison.results.iter().enumerate().take(EXPLAINED);
    results.filter_map(|(index, result)| Some((index, result, query(plan, result)?))).collect()
}

/// How a result is read where it differs.
fn query(plan: &Plan, result: &ResultDifference) -> Option<Query> {
    let id = plan.vocabulary.find(&result.path)?;
    let when = result.main.when.as_str();
    if when == WHOLE {
        return whole_query(plan, id);
    }
    let period = match (when.split_once('Q'), when.len()) {
        (Some((year, quarter)), _) => {
            Period::quarter(Quarter::new(year.parse().ok()?, quarter.parse().ok()?))
        }
        (None, 4) => Period::year(when.parse().ok()?),
        // A level at the end of the quarter that ends with the day.
        (None, _) => {
            let quarter = Quarter::of(when.parse().ok()?);
            (quarter.end() == Moment::end_of(when.parse().ok()?)).then_some(Period::quarter(quarter))?
        }
    };
    period_query(plan, id, period)
}

fn shown(comparison: &Comparison) -> String {
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

fn signed(dimension: Dimension, value: f64) -> String {
    let sign = if value > 0.0 { "+" } else { "" };
    format!("{sign}{}", format_quantity(dimension, value))
}

fn change(dimension: Dimension, difference: &Difference) -> String {
    match (difference.ratio, dimension) {
        (Some(ratio), dimension) if dimension != Dimension::Ratio => {
            format!("{:+.1} %", (ratio - 1.0) * 100.0)
        }
        (_, dimension) => apart(dimension, difference.difference),
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
            row.push(difference.map(|difference| change(result.dimension, &difference)).unwrap_or_default());
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
