//! `gw jobs`.

use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use gigawatt_plan::job_trace::{Capacity, JobReader, Names, OpenError, Quality, TraceQuality};
use gigawatt_plan::text::{Diagnostic, SourceMap, nearest};
use serde_json::json;

use crate::arguments::{JobsOptions, Of};
use crate::failure::Failure;
use crate::world::plain;
use crate::{diagnostics, jobs_terminal, terminal, world};

/// Bytes that are read at once.
const BUFFER: usize = 1 << 18;

/// Looks at a trace of jobs and tells what it is worth.
pub fn jobs(options: &JobsOptions) -> Result<ExitCode, Failure> {
    if options.path == Path::new("-") {
        tell(options, "standard input", std::io::stdin().lock())?;
    } else {
        let file =
            world::open(&options.path).map_err(|reason| Failure::file("read", &options.path, reason))?;
        let name = options.path.display().to_string();
        tell(options, &name, BufReader::with_capacity(BUFFER, file))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn tell(options: &JobsOptions, name: &str, input: impl std::io::BufRead) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file("read", &options.path, plain(&error));
    let mut reader = JobReader::open(name, input, options.format).map_err(|error| match error {
        OpenError::Stream(error) => failed(error),
        OpenError::Unusable { diagnostics, sources } => Failure::BadInput { diagnostics, sources },
    })?;
    let unit = options.unit.map_or(reader.header().unit, |unit| unit.unit());
    let capacity = capacity(&options.capacity)?;
    let report = Quality::of(&mut reader, unit, capacity.clone()).map_err(failed)?;
    known(&capacity, reader.pools())?;
    let (told, sources) = reader.into_diagnostics();
    if report.jobs == 0 {
        return Err(match told.is_empty() {
            true => Failure::BadArgument {
                message: format!("`{name}` has no jobs"),
                help: Some("it has a header only; was the right period exported?".to_owned()),
            },
            false => Failure::BadInput { diagnostics: told, sources },
        });
    }
    // The trace is worth reading without these lines.
    let told: Vec<Diagnostic> = told.into_iter().map(Diagnostic::warning).collect();
    if options.json {
        return terminal::print_json(&document(name, &report, &told, &sources)?);
    }
    if !options.quiet {
        diagnostics::print(&told, &sources);
    }
    terminal::print(&jobs_terminal::quality(name, &report))
}

/// The report with the lines that were left out and shown.
fn document(
    name: &str,
    report: &TraceQuality,
    told: &[Diagnostic],
    sources: &SourceMap,
) -> Result<serde_json::Value, Failure> {
    let mut document = serde_json::to_value(report).map_err(Failure::internal)?;
    let told: Vec<_> = told.iter().map(|diagnostic| diagnostics::to_json(diagnostic, sources)).collect();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("file".to_owned(), json!(name));
        fields.insert("warnings".to_owned(), json!(told));
    }
    Ok(document)
}

/// What the options say that there is.
fn capacity(options: &[Of]) -> Result<Capacity, Failure> {
    let mut capacity = Capacity::default();
    for Of { pool, units } in options {
        let before = match pool {
            None => capacity.machine.replace(*units),
            Some(pool) => capacity.pools.insert(pool.clone(), *units),
        };
        if let Some(before) = before {
            let of = pool.as_ref().map_or(String::new(), |pool| format!(" of `{pool}`"));
            return Err(Failure::BadArgument {
                message: format!("--capacity{of} is given twice: {before} and {units}"),
                help: Some("give it once for the machine, and once for each pool".to_owned()),
            });
        }
    }
    Ok(capacity)
}

/// Refuses capacities of pools that no job is in.
fn known(capacity: &Capacity, pools: &Names) -> Result<(), Failure> {
    let Some(unknown) = capacity.pools.keys().find(|pool| pools.find(pool).is_none()) else { return Ok(()) };
    let help = match nearest(unknown, pools.iter()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let first: Vec<String> = pools.iter().take(20).map(|pool| format!("`{pool}`")).collect();
            match first.is_empty() {
                true => "the trace has no pools; give the capacity of the machine: --capacity N".to_owned(),
                false => format!("it has {}", first.join(", ")),
            }
        }
    };
    Err(Failure::BadArgument { message: format!("the trace has no pool `{unknown}`"), help: Some(help) })
}
