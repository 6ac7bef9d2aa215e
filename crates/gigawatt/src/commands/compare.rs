//! `gw compare`.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use gigawatt_engine::{Influence, WHOLE, influences, what_if};
use gigawatt_plan::period::{Moment, Period, Quarter};
use gigawatt_plan::plan::{Plan, Query};
use gigawatt_plan::resolve::{period_query, whole_query};
use gigawatt_report::compare::{Comparison, Explanation, Mover, OwnInput, ResultDifference, Run, letter};
use gigawatt_report::{Summary, Words, html};
use serde_json::json;

use crate::arguments::{CompareOptions, ScenarioOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::world::plain;
use crate::{compare_terminal, folder, scenario, terminal};

/// Inputs of a run's own that are named for a result.
const OWN: usize = 2;
/// Results whose differences are explained by computing.
const EXPLAINED: usize = 60;
/// A summary is never larger; what is, is something else.
const LARGEST: u64 = 1 << 28;

/// Compares scenarios and finished runs, shows what differs, and writes a page if asked to.
pub fn compare(options: &CompareOptions) -> Result<ExitCode, Failure> {
    let watcher = Watcher::new(options.manner.quiet);
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
    if options.manner.json {
        let mut document = serde_json::to_value(&comparison).map_err(Failure::internal)?;
        document["html"] = json!(options.html);
        terminal::print_json(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = compare_terminal::comparison(&comparison);
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
    let scenario =
        ScenarioOptions { path: path.to_owned(), settings: Vec::new(), manner: options.manner.clone() };
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
            explanation.own.extend(found.iter().take(OWN).map(|influence| OwnInput {
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
