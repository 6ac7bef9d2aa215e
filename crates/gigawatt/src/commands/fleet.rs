//! `gw fleet`.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use gigawatt_engine::Draw;
use gigawatt_engine::fleet::{
    BatchJob, Detail, Fleet, Given, Histories, Injected, Level, Source, Structure, Trace, histories,
    nanoseconds,
};
use gigawatt_engine::training::Prices;
use gigawatt_plan::job_trace::{
    Capacity, FailureReader, FailureTarget, FailureTime, JobReader, JobRecord, OpenError, Quality, Reordered,
    ServerName, SizeUnit, TraceQuality,
};
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::{Diagnostic, nearest};
use gigawatt_report::fleet::{FleetAsked, FleetSummary};
use serde_json::json;

use crate::arguments::FleetOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::world::plain;
use crate::{diagnostics, fleet_terminal, jobs_terminal, scenario, terminal, world};

/// Bytes that are read of a trace at once.
const BUFFER: usize = 1 << 18;

/// Simulates the fleet of a scenario.
pub fn fleet(options: &FleetOptions) -> Result<ExitCode, Failure> {
    let manner = &options.scenario.manner;
    let plan = scenario::read(&options.scenario, &options.scenario.settings)?;
    let Some(planned) = plan.fleet.as_ref() else {
        return Err(Failure::BadArgument {
            message: "the scenario says nothing of a fleet in operation".to_owned(),
            help: Some("write a section `[fleet]`, even an empty one, or a `[[workload]]`".to_owned()),
        });
    };
    let prices = Prices::new(&plan);
    let reference = Draw::reference(&plan);
    let detail = Detail { jobs: options.jobs };
    let fleet = Fleet::new(&plan, Draw::new(&reference), &prices, detail).map_err(refused)?;
    let pool = pool(options, &fleet)?;
    let (quality, trace) = match &options.replay {
        Some(path) => {
            let (quality, unit, first) = look(path, &fleet, pool, manner.quiet || manner.json)?;
            (Some(quality), Some((path.clone(), unit, first)))
        }
        None => (None, None),
    };
    let failures = match &options.failures {
        Some(path) => injected(path, &fleet, pool, manner.quiet)?,
        None => Vec::new(),
    };
    let most = fleet_accelerators(&fleet, pool);
    let open =
        || trace.as_ref().map_or_else(empty, |(path, unit, first)| replayed(path, *unit, *first, most));
    let trace = options.replay.as_ref().map(|path| Trace {
        name: path.file_stem().map_or_else(|| "trace".to_owned(), |name| name.to_string_lossy().into_owned()),
        pool,
        open: &open,
    });
    let given = Given { trace, failures };
    let watcher = Watcher::new(manner.quiet);
    let count = options.histories.unwrap_or(planned.histories);
    let histories = histories(&plan, &prices, count, detail, &given, &watcher).map_err(refused)?;
    drop(watcher);
    let summary = FleetSummary::new(planned, &histories, FleetAsked { analytic: options.analytic });
    show(options, &plan, &histories, &summary, quality.as_ref())?;
    // What is known is told; that it is not all is what the code says.
    Ok(if histories.partial { ExitCode::from(130) } else { ExitCode::SUCCESS })
}

fn show(
    options: &FleetOptions,
    plan: &Plan,
    histories: &Histories,
    summary: &FleetSummary,
    quality: Option<&TraceQuality>,
) -> Result<(), Failure> {
    let manner = &options.scenario.manner;
    if histories.partial && !manner.quiet {
        terminal::note("stopped before the end: what follows is partial");
    }
    if manner.json {
        let mut document = serde_json::to_value(summary).map_err(Failure::internal)?;
        if let (Some(fields), Some(quality)) = (document.as_object_mut(), quality) {
            fields.insert("trace".to_owned(), serde_json::to_value(quality).map_err(Failure::internal)?);
        }
        if let Some(fields) = document.as_object_mut() {
            fields.insert("name".to_owned(), json!(plan.name));
        }
        return terminal::print_json(&document);
    }
    terminal::print(&fleet_terminal::shown(&plan.name, summary))
}

fn refused(error: gigawatt_engine::fleet::FleetError) -> Failure {
    Failure::BadArgument {
        message: error.to_string(),
        help: Some("`gw explain SCENARIO` lists its inputs and where they are from".to_owned()),
    }
}

/// The pool that is meant, by its index.
fn pool(options: &FleetOptions, fleet: &Fleet) -> Result<u16, Failure> {
    let pools = &fleet.model.pools;
    let Some(name) = &options.pool else {
        let size = |pool: &u16| fleet_accelerators(fleet, *pool);
        return (0..pools.len() as u16).max_by_key(size).ok_or_else(|| Failure::BadArgument {
            message: "nothing is online in the period of the fleet".to_owned(),
            help: Some("set `fleet.period` to a time in which it is".to_owned()),
        });
    };
    let at = pools.iter().position(|pool| pool.name == *name);
    at.map(|at| at as u16).ok_or_else(|| {
        let names = pools.iter().map(|pool| pool.name.as_str());
        Failure::BadArgument {
            message: format!("the fleet has no pool `{name}`"),
            help: Some(match nearest(name, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", names.collect::<Vec<_>>().join(", ")),
            }),
        }
    })
}

/// Accelerators that a pool ever has.
fn fleet_accelerators(fleet: &Fleet, pool: u16) -> u64 {
    let pool = &fleet.model.pools[usize::from(pool)];
    let servers: u64 = pool.deliveries.iter().map(|delivery| u64::from(delivery.servers)).sum();
    servers * u64::from(pool.structure.accelerators)
}

/// A file as a stream.
pub(super) fn opened(path: &Path) -> Result<BufReader<File>, Failure> {
    let file = world::open(path).map_err(|reason| Failure::file("read", path, reason))?;
    Ok(BufReader::with_capacity(BUFFER, file))
}

/// What a trace of jobs or failures that cannot be opened is told as.
pub(super) fn unusable(path: &Path) -> impl Fn(OpenError) -> Failure + '_ {
    |error| match error {
        OpenError::Stream(error) => Failure::file("read", path, plain(&error)),
        OpenError::Unusable { diagnostics, sources } => Failure::BadInput { diagnostics, sources },
    }
}

/// What a trace is worth, in what its sizes are counted, and when its first job asks.
fn look(
    path: &Path,
    fleet: &Fleet,
    pool: u16,
    quiet: bool,
) -> Result<(TraceQuality, SizeUnit, i64), Failure> {
    let name = path.display().to_string();
    let failed = |error: std::io::Error| Failure::file("read", path, plain(&error));
    let mut reader = JobReader::open(&name, opened(path)?, None).map_err(unusable(path))?;
    let unit = reader.header().unit;
    let capacity = Capacity { machine: Some(fleet_accelerators(fleet, pool)), ..Capacity::default() };
    let quality = Quality::of(&mut reader, unit, capacity).map_err(failed)?;
    let (told, sources) = reader.into_diagnostics();
    if quality.jobs == 0 {
        return Err(match told.is_empty() {
            true => Failure::BadArgument { message: format!("`{name}` has no jobs"), help: None },
            false => Failure::BadInput { diagnostics: told, sources },
        });
    }
    if !quiet {
        let told: Vec<Diagnostic> = told.into_iter().map(Diagnostic::warning).collect();
        diagnostics::print(&told, &sources);
        terminal::note(&jobs_terminal::quality(&name, &quality));
    }
    let reader = JobReader::open(&name, opened(path)?, None).map_err(unusable(path))?;
    let mut ordered = Reordered::new(reader, Reordered::<JobReader<BufReader<File>>>::ROWS);
    let mut first = None;
    for record in ordered.by_ref() {
        let record = record.map_err(|error| Failure::BadArgument {
            message: format!("`{name}` cannot be replayed: {error}"),
            help: Some("sort it by the time of submission".to_owned()),
        })?;
        first.get_or_insert(record.submit);
    }
    Ok((quality, unit, first.unwrap_or(0)))
}

fn empty() -> Source<'static> {
    Box::new(std::iter::empty())
}

/// The jobs of a trace that ran, from its start. It was read to its end before: what cannot be read now is left out.
fn replayed(path: &Path, unit: SizeUnit, first: i64, most: u64) -> Source<'static> {
    let name = path.display().to_string();
    let Ok(reader) = opened(path).and_then(|file| JobReader::open(&name, file, None).map_err(unusable(path)))
    else {
        return empty();
    };
    let records = Reordered::new(reader, Reordered::<JobReader<BufReader<File>>>::ROWS).map_while(Result::ok);
    let job = move |record: JobRecord| -> Option<BatchJob> {
        let size = record.size(unit).filter(|&size| size > 0 && size <= most)?;
        let run = record.run.filter(|&run| run > 0)?;
        let limit = record.requested.unwrap_or(run).max(run);
        let time = |seconds: u64| seconds.saturating_mul(1_000_000_000);
        Some(BatchJob {
            submit: time(u64::try_from(record.submit.saturating_sub(first)).ok()?),
            accelerators: u32::try_from(size).ok()?,
            run: time(run),
            limit: time(limit),
            part: time(run),
            beside: 1,
        })
    };
    Box::new(records.filter_map(job))
}

/// The failures of a file, in the order of their time.
fn injected(path: &Path, fleet: &Fleet, pool: u16, quiet: bool) -> Result<Vec<Injected>, Failure> {
    let name = path.display().to_string();
    let mut reader = FailureReader::open(&name, opened(path)?).map_err(unusable(path))?;
    let mut failures = Vec::new();
    let start = Moment(fleet.start.0).days() * 86_400.0;
    while let Some(record) = reader.next() {
        let record = record.map_err(|error| Failure::file("read", path, plain(&error)))?;
        let seconds = match record.time {
            FailureTime::SinceStart(seconds) => seconds as f64,
            FailureTime::Calendar(seconds) => seconds as f64 - start,
        };
        let (server, servers) = match record.target {
            FailureTarget::Server(ServerName::Number(server)) => (server, 1),
            FailureTarget::Server(ServerName::Name(id)) | FailureTarget::Domain(id) => {
                let text = reader.names().get(id).to_owned();
                domain(&fleet.model.pools[usize::from(pool)].structure, &text).ok_or_else(|| {
                    Failure::BadArgument {
                        message: format!(
                            "`{name}`, line {}: `{text}` names nothing in this fleet",
                            record.line
                        ),
                        help: Some(
                            "servers are numbered from 0; domains are rack:N, row:N, hall:N and building:N"
                                .to_owned(),
                        ),
                    }
                })?
            }
        };
        let cause = match record.cause {
            None => 0,
            Some(id) => cause(fleet, &name, record.line, reader.causes().get(id))?,
        };
        if seconds >= 0.0 {
            let downtime = record.downtime.map(|downtime| nanoseconds(downtime as f64));
            failures.push(Injected { time: nanoseconds(seconds), pool, server, servers, cause, downtime });
        }
    }
    failures.sort_by_key(|failure| failure.time);
    let (told, sources) = reader.into_diagnostics();
    if !quiet && !told.is_empty() {
        let told: Vec<Diagnostic> = told.into_iter().map(Diagnostic::warning).collect();
        diagnostics::print(&told, &sources);
    }
    Ok(failures)
}

/// The servers of a domain that is called `rack:3`.
fn domain(structure: &Structure, text: &str) -> Option<(u32, u32)> {
    let (level, number) = text.split_once([':', '-', ' '])?;
    let number: u32 = number.trim().parse().ok()?;
    let level = match level.trim() {
        "rack" => Level::Rack,
        "row" => Level::Row,
        "hall" => Level::Hall,
        "building" => Level::Building,
        _ => return None,
    };
    let range = structure.range(level, number, u32::MAX);
    Some((range.start, range.end - range.start))
}

fn cause(fleet: &Fleet, file: &str, line: u64, text: &str) -> Result<u16, Failure> {
    let wanted = text.replace('-', "_");
    let causes = &fleet.model.causes;
    let at = causes.iter().position(|cause| cause.name == wanted || cause.title.eq_ignore_ascii_case(text));
    at.map(|at| at as u16).ok_or_else(|| {
        let names = causes.iter().map(|cause| cause.name.as_str());
        Failure::BadArgument {
            message: format!("`{file}`, line {line}: there is no cause `{text}`"),
            help: Some(match nearest(&wanted, names.clone()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("causes are {}", names.collect::<Vec<_>>().join(", ")),
            }),
        }
    })
}
