//! `gw explain`.

use std::collections::BTreeMap;
use std::process::ExitCode;

use gigawatt_engine::{Influence, WHOLE, influences};
use gigawatt_plan::Resolved;
use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{InputId, Origin, Plan, Query, ResultId};
use gigawatt_plan::quantity::format_quantity;
use gigawatt_plan::resolve::{period_query, whole_query};
use gigawatt_plan::text::nearest;
use gigawatt_report::{InputSummary, Summary};
use serde_json::json;

use crate::arguments::{ExplainOptions, ScenarioOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{diagnostics, scenario, terminal};

/// Inputs listed under a result, and results under an input.
const MOST: usize = 15;

/// Explains a result or an input, or lists what there is.
pub fn explain(options: &ExplainOptions) -> Result<ExitCode, Failure> {
    let Some(path) = &options.what else {
        let (plan, wrong) = scenario::read_despite_claims(&options.scenario, &options.scenario.settings)?;
        return list(&plan, wrong.as_ref(), &options.scenario);
    };
    let plan = scenario::read(&options.scenario, &options.scenario.settings)?;
    if let Some(result) = plan.vocabulary.find(path) {
        let watcher = Watcher::new(options.scenario.manner.quiet);
        let summary = Summary::new(&plan, &gigawatt_engine::run(&plan, &watcher)?);
        drop(watcher);
        return explain_result(&plan, &summary, result, options.scenario.manner.json);
    }
    if let Some(input) = plan.find_input(path) {
        return explain_input(&plan, input, options.scenario.manner.json);
    }
    let paths = plan.vocabulary.paths.iter().map(|entry| entry.path.as_str());
    let near = nearest(path, paths.chain(plan.inputs.iter().map(|input| input.path.as_str())));
    Err(Failure::BadArgument {
        message: format!("`{path}` is neither a result nor an input of this scenario"),
        help: Some(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("`gw explain {}` lists all", options.scenario.path.display()),
        }),
    })
}

/// Lists results and inputs. What is wrong with claims is told beside: the paths are what mends them.
fn list(plan: &Plan, wrong: Option<&Resolved>, options: &ScenarioOptions) -> Result<ExitCode, Failure> {
    if options.manner.json {
        let results: BTreeMap<_, _> = plan
            .vocabulary
            .paths
            .iter()
            .map(|entry| {
                let unit = entry.dimension.base_unit();
                (entry.path.as_str(), json!({ "title": entry.title, "unit": unit, "law": entry.law }))
            })
            .collect();
        let inputs: BTreeMap<_, _> =
            plan.inputs.iter().map(|input| (input.path.as_str(), InputSummary::from(input))).collect();
        let mut document = json!({ "results": results, "inputs": inputs });
        if let Some(wrong) = wrong {
            let told = wrong.diagnostics.iter();
            document["errors"] = told.map(|one| diagnostics::to_json(one, &wrong.sources)).collect();
        }
        terminal::print_json(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let results = plan.vocabulary.paths.iter().map(|entry| vec![entry.path.clone(), entry.title.clone()]);
    let inputs = plan.inputs.iter().map(|input| {
        let value = terminal::distribution(input.dimension, input.distribution);
        vec![input.path.clone(), value, input.place.clone()]
    });
    let text = format!(
        "Results\n{}\nInputs\n{}",
        terminal::columns(&[], results.collect()),
        terminal::columns(&[], inputs.collect())
    );
    terminal::print(&text)?;
    if let Some(wrong) = wrong.filter(|_| !options.manner.quiet) {
        diagnostics::print(&wrong.diagnostics, &wrong.sources);
        terminal::note("the claims were passed over; everything else is listed");
    }
    Ok(ExitCode::SUCCESS)
}

/// When a result is explained: in the scenario's year, else the first for which it is computed, else over the plan.
fn explained_at(plan: &Plan, result: ResultId) -> Option<(String, Query)> {
    let (from, to) = (plan.period.start.day().year(), plan.period.end.day_before().year());
    let yearly = std::iter::once(plan.year).chain(from..=to).map(Period::year);
    yearly
        .filter_map(|year| Some((year.to_string(), period_query(plan, result, year)?)))
        .next()
        .or_else(|| Some((WHOLE.to_owned(), whole_query(plan, result)?)))
}

fn explain_result(
    plan: &Plan,
    summary: &Summary,
    result: ResultId,
    as_json: bool,
) -> Result<ExitCode, Failure> {
    let entry = plan.vocabulary.get(result);
    let values = summary.results.get(&entry.path).map(|result| result.values.clone()).unwrap_or_default();
    let explained = explained_at(plan, result);
    let mut ranked: Vec<Influence> = explained
        .iter()
        .flat_map(|(_, query)| influences(plan, &[query]).into_iter().flatten())
        .filter(|influence| influence.depends)
        .collect();
    ranked.sort_by(|a, b| b.swing().total_cmp(&a.swing()));
    let claims: Vec<&str> = summary
        .claims
        .iter()
        .filter(|claim| claim.path.as_deref() == Some(entry.path.as_str()))
        .map(|claim| claim.name.as_str())
        .collect();
    if as_json {
        let inputs: Vec<_> = ranked
            .iter()
            .map(|influence| {
                let path = &plan.input(influence.input).path;
                json!({
                    "path": path,
                    "low": influence.range.0, "high": influence.range.1,
                    "result_at_low": influence.result.0, "result_at_high": influence.result.1,
                    "input": summary.inputs.get(path),
                })
            })
            .collect();
        terminal::print_json(&json!({
            "path": entry.path, "title": entry.title, "unit": entry.dimension.base_unit(), "law": entry.law,
            "values": values, "explained_at": explained.map(|(when, _)| when),
            "inputs": inputs, "claims": claims, "sources": summary.sources,
        }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{}\n{}\n\n  {}\n\n", entry.path, entry.title, entry.law);
    // Years, or the levels at their ends; --json has the quarters too.
    let yearly = |when: &str| !when.contains('Q') && (when.len() < 10 || when.ends_with("-12-31"));
    let rows = values.iter().filter(|(when, _)| yearly(when)).map(|(when, value)| {
        let shown =
            |number: Option<f64>| number.map_or("–".to_owned(), |n| format_quantity(entry.dimension, n));
        vec![when.clone(), shown(value.p50), shown(value.p10), shown(value.p90), shown(value.reference)]
    });
    text.push_str(&terminal::columns(&["", "p50", "p10", "p90", "reference"], rows.collect()));
    if let Some((when, _)) = &explained {
        let (uncertain, constant): (Vec<_>, Vec<_>) =
            ranked.iter().partition(|influence| plan.input(influence.input).distribution.is_uncertain());
        let heading = format!(
            "\nWhat moves it in {when}: each input from its p10 to its p90, the rest as in the reference case\n"
        );
        text.push_str(&influence_table(plan, result, &heading, &uncertain));
        let heading = "\nConstants it rests on: each a tenth less and a tenth more\n";
        text.push_str(&influence_table(plan, result, heading, &constant));
    }
    if !claims.is_empty() {
        text.push_str(&format!("\nclaims that read it: {}\n", claims.join(", ")));
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Inputs that move a result, the most influential first; nothing where there are none.
fn influence_table(plan: &Plan, result: ResultId, heading: &str, ranked: &[&Influence]) -> String {
    if ranked.is_empty() {
        return String::new();
    }
    let dimension = plan.vocabulary.get(result).dimension;
    let rows = ranked.iter().take(MOST).map(|influence| {
        let input = plan.input(influence.input);
        let shown = |number| format_quantity(dimension, number);
        vec![
            input.path.clone(),
            terminal::distribution(input.dimension, input.distribution),
            format!("{} … {}", shown(influence.result.0), shown(influence.result.1)),
            input.source.clone().unwrap_or_else(|| input.kind.name().to_owned()),
            input.place.clone(),
        ]
    });
    let mut text = heading.to_owned();
    text.push_str(&terminal::columns(&["input", "value", "result", "source", "written in"], rows.collect()));
    if ranked.len() > MOST {
        text.push_str(&format!("  and {} more; --json lists all\n", ranked.len() - MOST));
    }
    text
}

fn explain_input(plan: &Plan, id: InputId, as_json: bool) -> Result<ExitCode, Failure> {
    let input = plan.input(id);
    let queries: Vec<(ResultId, String, Query)> = (0..plan.vocabulary.paths.len())
        .filter_map(|index| {
            let result = ResultId(u32::try_from(index).ok()?);
            explained_at(plan, result).map(|(when, query)| (result, when, query))
        })
        .collect();
    let references: Vec<&Query> = queries.iter().map(|(_, _, query)| query).collect();
    let mut moved: Vec<(ResultId, &str, Influence)> = influences(plan, &references)
        .into_iter()
        .zip(&queries)
        .filter_map(|(all, (result, when, _))| {
            all.into_iter()
                .find(|influence| influence.input == id && influence.depends)
                .map(|influence| (*result, when.as_str(), influence))
        })
        .collect();
    let relative = |influence: &Influence| {
        let scale = influence.result.0.abs().max(influence.result.1.abs());
        if scale > 0.0 { influence.swing() / scale } else { 0.0 }
    };
    moved.sort_by(|a, b| relative(&b.2).total_cmp(&relative(&a.2)));
    let source = input.source.as_ref().and_then(|source| plan.bibliography.get(source));
    let partners: Vec<(&str, &str, f64)> = plan
        .correlations
        .iter()
        .flat_map(|group| {
            group.partners(id).into_iter().map(|(other, rho)| (group.name.as_str(), other, rho))
        })
        .map(|(name, other, rho)| (name, plan.input(other).path.as_str(), rho))
        .collect();
    if as_json {
        let partners: Vec<_> = partners
            .iter()
            .map(|(name, path, rho)| json!({ "path": path, "correlation": rho, "named": name }))
            .collect();
        let results: Vec<_> = moved
            .iter()
            .map(|(result, when, influence)| {
                json!({
                    "path": plan.vocabulary.get(*result).path, "when": when,
                    "result_at_low": influence.result.0, "result_at_high": influence.result.1,
                })
            })
            .collect();
        terminal::print_json(
            &json!({ "path": input.path, "input": InputSummary::from(input), "source": source, "moves_with": partners, "moves": results }),
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{}\n", input.path);
    let mut fact = |name: &str, value: &str| text.push_str(&format!("  {name:<12} {value}\n"));
    fact("value", &terminal::distribution(input.dimension, input.distribution));
    fact("kind", input.kind.name());
    fact("written in", &input.place);
    if let Some(source) = source {
        fact(
            "source",
            &format!(
                "{}. {}, {} ({})",
                source.title,
                source.publisher,
                source.published,
                input.source.as_deref().unwrap_or_default()
            ),
        );
    }
    for (name, path, rho) in &partners {
        fact("moves with", &format!("{path}, correlation {rho:.2} ({name})"));
    }
    if let Some(known_from) = input.known_from {
        fact("known from", &known_from.to_string());
    }
    if let Some(note) = &input.note {
        fact("note", note);
    }
    match input.origin {
        Origin::Reported => fact("change it", "not possible: it was reported"),
        _ => fact("change it", &format!("--set '{}=...'", input.path)),
    }
    text.push_str("\nWhat it moves, from its p10 to its p90 (a constant: a tenth either way), most first\n");
    let seen = |(result, _, influence): &&(ResultId, &str, Influence)| {
        let dimension = plan.vocabulary.get(*result).dimension;
        format_quantity(dimension, influence.result.0) != format_quantity(dimension, influence.result.1)
    };
    let rows = moved.iter().filter(seen).take(MOST).map(|(result, when, influence)| {
        let entry = plan.vocabulary.get(*result);
        let shown = |number| format_quantity(entry.dimension, number);
        vec![
            entry.path.clone(),
            (*when).to_owned(),
            format!("{} … {}", shown(influence.result.0), shown(influence.result.1)),
        ]
    });
    text.push_str(&terminal::columns(&["result", "in", "from … to"], rows.collect()));
    if moved.is_empty() {
        text.push_str("  nothing in this scenario\n");
    }
    terminal::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
