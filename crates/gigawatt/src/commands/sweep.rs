//! `gw sweep`.

use std::process::ExitCode;

use gigawatt_engine::design::{Indices, indices};
use gigawatt_plan::quantity::format_quantity;
use gigawatt_plan::world::Observer;
use gigawatt_report::columns::TableWriter;
use serde_json::{Value, json};

use crate::arguments::SweepOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::sweep::{Choice, Design, Folder, Manifest, Resolver, Work, axes, column, csv, merge, readings};
use crate::{folder, scenario, terminal};

/// Inputs that are shown for a result.
const SHOWN: usize = 10;

/// Evaluates a scenario at many points.
pub fn sweep(options: &SweepOptions) -> Result<ExitCode, Failure> {
    let mut plan = scenario::read(&options.scenario, &options.scenario.settings)?;
    let mut resolver = Resolver::new(&options.scenario)?;
    let axes = axes(&options.vary, &mut plan, &mut resolver)?;
    let readings = readings(&options.results, &plan)?;
    let design = Design::new(options.design, options.runs, &axes, plan.seed)?;
    let work = Work {
        plan: &plan,
        resolver: &resolver,
        axes: &axes,
        design: &design,
        readings: &readings,
        draws: options.scenario.manner.samples,
    };
    let manifest = Manifest::new(options, &work)?;
    let path = options.out.clone().unwrap_or_else(|| folder::sweep_folder(&plan.name, &manifest.identity));
    let folder = Folder::open(&path, &manifest)?;
    let watcher = Watcher::new(options.scenario.manner.quiet);
    let computed = run_parts(&work, &manifest, &folder, options.shard.unwrap_or(Shard::WHOLE), &watcher)?;
    let there = there(&folder, &manifest);
    let complete = folder.is_complete() || there == manifest.parts();
    if complete {
        merge(&folder, &manifest, &work.columns())?;
        if options.csv {
            csv(&folder, &work.columns())?;
        }
    }
    drop(watcher);
    let outcome = Outcome { work: &work, manifest: &manifest, folder: &folder, computed, there, complete };
    if options.scenario.manner.json {
        outcome.print_json()?
    } else {
        outcome.print()?
    }
    Ok(ExitCode::SUCCESS)
}

/// Number of parts that are there.
fn there(folder: &Folder, manifest: &Manifest) -> u64 {
    (0..manifest.parts()).filter(|part| folder.has(*part)).count() as u64
}

/// Computes the parts of a shard that are not there yet; the number of points computed.
fn run_parts(
    work: &Work<'_>,
    manifest: &Manifest,
    folder: &Folder,
    shard: Shard,
    watcher: &Watcher,
) -> Result<u64, Failure> {
    if folder.is_complete() {
        return Ok(0);
    }
    let (first, end) = shard.parts(manifest.parts());
    let missing: Vec<u64> = (first..end).filter(|part| !folder.has(*part)).collect();
    let total: u64 = missing.iter().map(|part| manifest.bounds(*part)).map(|(from, to)| to - from).sum();
    let columns = work.columns();
    let mut done = 0;
    for part in &missing {
        let (from, to) = manifest.bounds(*part);
        watcher.progress("runs", done, total);
        let values = work
            .part(from, to, watcher)
            .map_err(|_| Failure::Stopped { kept: there(folder, manifest), of: manifest.parts() })?;
        let mut writer = TableWriter::new(Vec::new(), &columns).map_err(Failure::internal)?;
        writer.group(&values).map_err(Failure::internal)?;
        folder.write_part(*part, &writer.finish().map_err(Failure::internal)?)?;
        done += to - from;
    }
    Ok(done)
}

/// One of several processes that share a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    of: u64,
}

impl Shard {
    const WHOLE: Self = Self { number: 1, of: 1 };

    /// The parts that it computes: consecutive ones.
    fn parts(self, parts: u64) -> (u64, u64) {
        let at = |shard: u64| {
            // Parts are fewer than 2^32 and shards than 2^16, so the product fits.
            parts * shard / self.of
        };
        (at(self.number - 1), at(self.number))
    }
}

impl std::str::FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let help = "write it as NUMBER/OF, such as 2/4";
        let (number, of) = text.split_once('/').ok_or(help)?;
        let read = |part: &str| part.trim().parse::<u64>().map_err(|_| help.to_owned());
        let (number, of) = (read(number)?, read(of)?);
        match (number, of) {
            (_, 0) | (_, 65_537..) => Err("a sweep is shared by 1 to 65,536 processes".to_owned()),
            (number, of) if !(1..=of).contains(&number) => {
                Err(format!("shard {number} of {of} does not exist: they are numbered from 1 to {of}"))
            }
            (number, of) => Ok(Self { number, of }),
        }
    }
}

/// What came of a sweep.
struct Outcome<'a> {
    work: &'a Work<'a>,
    manifest: &'a Manifest,
    folder: &'a Folder,
    computed: u64,
    there: u64,
    complete: bool,
}

impl Outcome<'_> {
    fn indices(&self, reading: usize) -> Result<Option<Vec<Indices>>, Failure> {
        if self.work.design.choice != Choice::Saltelli {
            return Ok(None);
        }
        let values = column(self.folder, self.work.column_of(reading))?;
        Ok(indices(&values, self.work.axes.len(), self.work.plan.seed))
    }

    fn print(&self) -> Result<(), Failure> {
        let points = self.manifest.points;
        let mut text = format!(
            "{} of {} points, {} design",
            self.work.plan.name,
            points,
            self.work.design.choice.name()
        );
        if let Some(draws) = self.work.draws {
            text.push_str(&format!(", {draws} draws each"));
        }
        text.push_str("\n\n");
        if !self.complete {
            text.push_str(&format!(
                "{} of {} parts are there; the table follows when all are\nparts    {}\n",
                self.there,
                self.manifest.parts(),
                self.folder.path().display()
            ));
            return terminal::print(&text);
        }
        let mut rows = Vec::new();
        let mut header = vec!["", "least", "at point", "greatest", "at point", "missing"];
        for (index, named) in self.work.readings.iter().enumerate() {
            let range = Extremes::of(&column(self.folder, self.work.column_of(index))?);
            let shown = |value: Option<f64>| {
                value.map_or("–".to_owned(), |value| format_quantity(named.dimension, value))
            };
            let at = |point: Option<u64>| point.map_or(String::new(), |point| point.to_string());
            rows.push(vec![
                named.name.clone(),
                shown(range.least.map(|(value, _)| value)),
                at(range.least.map(|(_, point)| point)),
                shown(range.greatest.map(|(value, _)| value)),
                at(range.greatest.map(|(_, point)| point)),
                if range.missing == 0 { String::new() } else { range.missing.to_string() },
            ]);
        }
        if rows.iter().all(|row| row.last().is_some_and(String::is_empty)) {
            header.pop();
            rows.iter_mut().for_each(|row| drop(row.pop()));
        }
        text.push_str(&terminal::columns(&header, rows));
        for (index, named) in self.work.readings.iter().enumerate() {
            if let Some(found) = self.indices(index)? {
                text.push_str(&format!("\n{}: part of the variance that an input explains\n", named.name));
                text.push_str(&indices_table(self.work, &found));
            }
        }
        let note = if self.computed == 0 { " (complete already, reused)" } else { "" };
        text.push_str(&format!("\ntable    {}{note}\n", self.folder.table().display()));
        terminal::print(&text)
    }

    fn print_json(&self) -> Result<(), Failure> {
        let mut document = self.manifest.document.clone();
        document["folder"] = json!(self.folder.path());
        document["complete"] = json!(self.complete);
        document["computed"] = json!(self.computed);
        if self.complete {
            document["table"] = json!(self.folder.table());
            let mut results = serde_json::Map::new();
            for (index, named) in self.work.readings.iter().enumerate() {
                let range = Extremes::of(&column(self.folder, self.work.column_of(index))?);
                let mut result = json!({
                    "dimension": named.dimension,
                    "unit": named.dimension.base_unit(),
                    "least": extreme(range.least),
                    "greatest": extreme(range.greatest),
                    "missing": range.missing,
                });
                if let Some(found) = self.indices(index)? {
                    result["indices"] = indices_json(self.work, &found);
                }
                results.insert(named.name.clone(), result);
            }
            document["results"] = Value::Object(results);
        } else {
            document["parts_there"] = json!(self.there);
        }
        terminal::print_json(&document)
    }
}

fn extreme(extreme: Option<(f64, u64)>) -> Value {
    extreme.map_or(Value::Null, |(value, point)| json!({ "value": value, "point": point }))
}

/// The least and the greatest value of a column, and the first points that have them.
struct Extremes {
    least: Option<(f64, u64)>,
    greatest: Option<(f64, u64)>,
    missing: u64,
}

impl Extremes {
    fn of(values: &[f64]) -> Self {
        let mut found = Self { least: None, greatest: None, missing: 0 };
        for (value, point) in values.iter().copied().zip(0..) {
            if !value.is_finite() {
                found.missing += 1;
                continue;
            }
            if found.least.is_none_or(|(least, _)| value < least) {
                found.least = Some((value, point));
            }
            if found.greatest.is_none_or(|(greatest, _)| value > greatest) {
                found.greatest = Some((value, point));
            }
        }
        found
    }
}

/// Inputs by how much of the variance they take part in.
fn ranked<'a>(work: &'a Work<'_>, found: &[Indices]) -> Vec<(&'a str, Indices)> {
    let paths = work.axes.iter().map(|axis| axis.path.as_str());
    let mut ranked: Vec<(&str, Indices)> = paths.zip(found.iter().copied()).collect();
    ranked.sort_by(|a, b| b.1.total.value.total_cmp(&a.1.total.value));
    ranked
}

fn indices_table(work: &Work<'_>, found: &[Indices]) -> String {
    let rows: Vec<Vec<String>> = ranked(work, found)
        .into_iter()
        .take(SHOWN)
        .filter(|(_, indices)| [indices.first.value, indices.total.value].map(part) != ["0.00", "0.00"])
        .map(|(path, indices)| {
            let range = |low: f64, high: f64| format!("{} – {}", part(low), part(high));
            vec![
                path.to_owned(),
                part(indices.first.value),
                range(indices.first.low, indices.first.high),
                part(indices.total.value),
                range(indices.total.low, indices.total.high),
            ]
        })
        .collect();
    let less = found.len() - rows.len();
    let mut text = terminal::columns(&["", "alone", "95 %", "with others", "95 %"], rows);
    if less > 0 {
        text.push_str(&format!("and {less} that matter less\n"));
    }
    text
}

/// A part of the variance with two decimals, without the sign of a nothing that is sampling error.
fn part(value: f64) -> String {
    let shown = format!("{value:.2}");
    if shown == "-0.00" { "0.00".to_owned() } else { shown }
}

fn indices_json(work: &Work<'_>, found: &[Indices]) -> Value {
    let index = |index: gigawatt_engine::design::Index| json!({ "value": index.value, "low": index.low, "high": index.high });
    ranked(work, found)
        .into_iter()
        .map(|(path, indices)| {
            json!({ "input": path, "first": index(indices.first), "total": index(indices.total) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_nothing_has_no_sign() {
        let shown: Vec<String> = [-0.004, -0.006, 0.0, 0.416].into_iter().map(part).collect();
        assert_eq!(shown, ["0.00", "-0.01", "0.00", "0.42"]);
    }
}
