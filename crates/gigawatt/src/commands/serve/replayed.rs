//! Requests of a trace.

use std::fs::File;
use std::io::BufReader;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use gigawatt_engine::serving::cluster::Requests;
use gigawatt_engine::serving::replica::Arrival;
use gigawatt_plan::plan::{ServingPlan, TraceFile, Traffic};
use gigawatt_plan::request_trace::{OpenError, Replay, ReplayError, ReplayOptions, RequestReader, TimeScale};
use gigawatt_plan::text::Diagnostic;
use gigawatt_report::grouped;

use super::super::fleet::{opened, unusable};
use crate::arguments::ServeOptions;
use crate::failure::Failure;
use crate::{diagnostics, terminal};

/// Bytes that are read of a trace at once.
const BUFFER: usize = 1 << 18;

type Source = BufReader<File>;
type Open = Box<dyn FnMut() -> Result<RequestReader<Source>, OpenError>>;

/// The requests of a trace, numbered in their order.
pub struct Replayed {
    path: PathBuf,
    replay: Replay<Open, Source>,
    next: Option<u32>,
    /// Why it ended before its time.
    failed: Option<ReplayError>,
}

impl Replayed {
    /// Opens a trace as the command line says.
    pub fn new(options: &ServeOptions, file: &TraceFile) -> Result<Self, Failure> {
        let path = path(options, file);
        let traffic = &options.traffic;
        let replay = ReplayOptions {
            first: traffic.requests,
            repeat: NonZeroU32::new(traffic.repeat).unwrap_or(NonZeroU32::MIN),
            scale: TimeScale::of_rate(traffic.speed).unwrap_or(TimeScale::ONE),
            ..ReplayOptions::default()
        };
        // It was there when it was looked at; what cannot be opened again ends the replay with its reason.
        let again = path.clone();
        let open: Open = Box::new(move || {
            let file = File::open(&again)?;
            RequestReader::open(&again.display().to_string(), BufReader::with_capacity(BUFFER, file), None)
        });
        let replay = Replay::new(open, replay).map_err(|error| failed(&path, error))?;
        Ok(Self { path, replay, next: Some(0), failed: None })
    }

    /// Tells what was left out; what was replayed, in words.
    pub fn end(self, quiet: bool) -> Result<String, Failure> {
        if let Some(error) = self.failed {
            return Err(failed(&self.path, error));
        }
        if self.next.is_none() && !quiet {
            terminal::note("requests beyond the 4,294,967,295th were left away");
        }
        let reader = self.replay.into_reader();
        let name = self.path.display().to_string();
        let words = format!("{} rows of {name}", grouped(reader.rows()));
        let findings = reader.findings();
        let left_out: u64 = reader.left_out().iter().map(|cause| cause.lines).sum();
        let (told, sources) = reader.into_diagnostics();
        if !quiet {
            if !told.is_empty() {
                let told: Vec<Diagnostic> = told.into_iter().map(Diagnostic::warning).collect();
                diagnostics::print(&told, &sources);
                terminal::note(&format!("{} lines of {name} were left out", grouped(left_out)));
            }
            for finding in findings {
                let (number, line) = (grouped(finding.requests), finding.first_line);
                terminal::note(&format!("{name}: {number} × {}, first in line {line}", finding.kind.words()));
            }
        }
        Ok(words)
    }
}

impl Requests for Replayed {
    fn next(&mut self) -> Option<Arrival<'_>> {
        let id = self.next?;
        match self.replay.next_request() {
            Ok(Some(record)) => {
                self.next = id.checked_add(1);
                Some(Arrival {
                    id,
                    at: record.arrival,
                    prompt: record.prompt,
                    output: record.output,
                    priority: record.priority,
                    session: record.session,
                    blocks: record.blocks,
                })
            }
            Ok(None) => None,
            Err(error) => {
                self.failed = Some(error);
                None
            }
        }
    }
}

/// Tokens of a block of a trace's prefixes, where requests come from one that has them.
pub fn block_tokens(options: &ServeOptions, service: &ServingPlan) -> Result<Option<u32>, Failure> {
    let Traffic::Trace(file) = &service.traffic else { return Ok(None) };
    let path = path(options, file);
    let reader =
        RequestReader::open(&path.display().to_string(), opened(&path)?, None).map_err(unusable(&path))?;
    Ok(reader.header().block_tokens)
}

/// Where a trace lies: one of the command line where that was typed, one of a scenario beside it.
fn path(options: &ServeOptions, file: &TraceFile) -> PathBuf {
    match (&options.traffic.trace, &options.scenario) {
        (Some(path), _) => PathBuf::from(path),
        (None, Some(scenario)) => {
            let folder = scenario.parent().unwrap_or(Path::new(""));
            let beside = Path::new(&file.named_in).parent().unwrap_or(Path::new(""));
            folder.join(beside).join(&file.name)
        }
        (None, None) => PathBuf::from(&file.name),
    }
}

fn failed(path: &Path, error: ReplayError) -> Failure {
    match error {
        ReplayError::Open(error) => unusable(path)(error),
        ReplayError::OutOfOrder(error) => Failure::BadArgument {
            message: format!("`{}`: {error}", path.display()),
            help: Some("sort it by the time of arrival".to_owned()),
        },
    }
}
