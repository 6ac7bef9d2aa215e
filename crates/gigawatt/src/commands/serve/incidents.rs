//! What befalls replicas, from a file of the form that fleets take too.

use std::path::Path;

use gigawatt_engine::serving::cluster::{Incident, IncidentKind};
use gigawatt_plan::job_trace::{FailureReader, FailureTarget, FailureTime, ServerName};
use gigawatt_plan::text::Diagnostic;

use super::super::fleet::{opened, unusable};
use super::nanoseconds;
use crate::diagnostics;
use crate::failure::Failure;
use crate::world::plain;

/// Causes that let a replica finish what it has; all others are failures.
const DRAINS: [&str; 2] = ["drain", "maintenance"];

/// Failures and drains of replicas, which are numbered through classes of so many, in the order of time.
pub fn incidents(path: &Path, counts: &[u32], quiet: bool) -> Result<Vec<Incident>, Failure> {
    let name = path.display().to_string();
    let mut reader = FailureReader::open(&name, opened(path)?).map_err(unusable(path))?;
    let mut incidents = Vec::new();
    while let Some(record) = reader.next() {
        let record = record.map_err(|error| Failure::file("read", path, plain(&error)))?;
        let wrong = |message: String, help: &str| Failure::BadArgument {
            message: format!("`{name}`, line {}: {message}", record.line),
            help: Some(help.to_owned()),
        };
        let FailureTime::SinceStart(seconds) = record.time else {
            let help = "write seconds from the start of the simulation, such as 90";
            return Err(wrong("a run of requests has no calendar".to_owned(), help));
        };
        let FailureTarget::Server(ServerName::Number(replica)) = record.target else {
            let help = "write the number of a replica in the column `server`, from 0";
            return Err(wrong("only replicas can be named here".to_owned(), help));
        };
        let Some((class, replica)) = place(counts, replica) else {
            let all: u32 = counts.iter().sum();
            let help = format!("replicas are numbered from 0 to {}", all.saturating_sub(1));
            return Err(wrong(format!("there is no replica {replica}"), &help));
        };
        let cause = record.cause.map(|cause| reader.causes().get(cause));
        let drains = cause.is_some_and(|cause| DRAINS.iter().any(|drain| cause.eq_ignore_ascii_case(drain)));
        if let Ok(seconds) = u32::try_from(seconds) {
            incidents.push(Incident {
                at: nanoseconds(f64::from(seconds)),
                class,
                replica,
                kind: if drains { IncidentKind::Drain } else { IncidentKind::Failure },
                #[expect(clippy::cast_precision_loss, reason = "seconds of a repair")]
                duration: record.downtime.map(|downtime| nanoseconds(downtime as f64)),
            });
        }
    }
    incidents.sort_by_key(|incident| incident.at);
    let (told, sources) = reader.into_diagnostics();
    if !quiet && !told.is_empty() {
        let told: Vec<Diagnostic> = told.into_iter().map(Diagnostic::warning).collect();
        diagnostics::print(&told, &sources);
    }
    Ok(incidents)
}

/// The class of a replica by its number through all classes, and its number there.
fn place(counts: &[u32], mut replica: u32) -> Option<(usize, u32)> {
    for (class, count) in counts.iter().enumerate() {
        if replica < *count {
            return Some((class, replica));
        }
        replica -= count;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn replicas_are_numbered_through_classes() {
        let counts = [2, 0, 3];
        let places: Vec<_> = (0..6).map(|replica| place(&counts, replica)).collect();
        let expected = [Some((0, 0)), Some((0, 1)), Some((2, 0)), Some((2, 1)), Some((2, 2)), None];
        assert_eq!(places, expected);
    }
}
