//! Rows of the Standard Workload Format, version 2.2.
//!
//! Eighteen numbers a row, -1 where one is missing, comments after `;` (S. Chapin et al., "Benchmarks and Standards for
//! the Evaluation of Parallel Job Schedulers", JSSPP 1999, and the Parallel Workloads Archive's definition of 2.2).

use super::names::{NameId, Names};
use super::reader::{Parsed, TraceHeader, TraceNames};
use super::record::{JobId, JobRecord, JobState};
use super::time::{count, integer};
use crate::trace::faults::{Cause, Mistake};

/// Numbers of a row.
const FIELDS: usize = 18;

/// Their names, for messages.
const NAMES: [&str; FIELDS] = [
    "job number",
    "submit time",
    "wait time",
    "run time",
    "allocated processors",
    "average CPU time",
    "used memory",
    "requested processors",
    "requested time",
    "requested memory",
    "status",
    "user",
    "group",
    "executable",
    "queue",
    "partition",
    "preceding job",
    "think time",
];

/// How to write a row.
const A_ROW: &str = "a row has 18 numbers parted by blanks, -1 where one is missing: job, submit, wait, run, processors, CPU time, memory, requested processors, time and memory, status, user, group, executable, queue, partition, preceding job, think time";

/// Reads `; Name: value` into the header.
pub(super) fn comment(text: &str, header: &mut TraceHeader) {
    let Some((name, value)) = text.trim_start_matches(';').split_once(':') else { return };
    let (name, value) = (name.trim(), value.trim());
    let first = value.split_ascii_whitespace().next().unwrap_or_default();
    let known = |number: Option<u64>| number.filter(|number| *number > 0);
    match name.to_ascii_lowercase().as_str() {
        "unixstarttime" => header.origin = integer(first),
        "maxprocs" => header.processors = known(count(first)),
        "maxnodes" => header.servers = known(count(first)),
        "maxruntime" => header.longest_run = known(count(first)),
        "timezonestring" if !first.is_empty() => header.time_zone = Some(first.to_owned()),
        "computer" if !value.is_empty() => header.computer = Some(value.to_owned()),
        _ => {}
    }
}

/// Reads a row.
pub(super) fn row<'l>(text: &'l str, names: &mut TraceNames) -> Result<Parsed, Mistake<'l>> {
    let mut fields = [""; FIELDS];
    let mut found = 0;
    for field in text.split_ascii_whitespace() {
        if let Some(place) = fields.get_mut(found) {
            *place = field;
        }
        found += 1;
    }
    if found != FIELDS {
        return Err(Mistake {
            cause: Cause::Fields,
            part: text,
            message: format!("the row has {found} fields, expected {FIELDS}"),
            help: A_ROW,
        });
    }
    // Fields count from 1, as the definition of the format does.
    let number = |field: usize| {
        let text = fields[field - 1];
        integer(text).ok_or_else(|| Mistake {
            cause: Cause::Value,
            part: text,
            message: format!("`{text}` is no number, expected the {}", NAMES[field - 1]),
            help: "write a whole number, -1 where it is missing",
        })
    };
    let from_nought = |field: usize| {
        let value = number(field)?;
        match u64::try_from(value) {
            Ok(value) => Ok(Some(value)),
            Err(_) if value == -1 => Ok(None),
            Err(_) => Err(Mistake {
                cause: Cause::Value,
                part: fields[field - 1],
                message: format!("the {} is {value}", NAMES[field - 1]),
                help: "it cannot be negative; write -1 where it is missing",
            }),
        }
    };
    let status = number(11)?;
    if matches!(status, 2..=4) {
        // Executions between checkpoints, which the job's first row sums up.
        return Ok(Parsed::Part);
    }
    let Some(id) = from_nought(1)? else {
        return Err(Mistake {
            cause: Cause::Id,
            part: fields[0],
            message: "the row does not say which job it is of".to_owned(),
            help: "number jobs from 1",
        });
    };
    let submit = number(2)?;
    if submit == -1 {
        return Err(Mistake {
            cause: Cause::Time,
            part: fields[1],
            message: "the row does not say when the job was submitted".to_owned(),
            help: "write seconds from the start of the trace",
        });
    }
    // Logs whose clocks disagree have waits below -1: kept, for the report on quality to count.
    let wait = Some(number(3)?).filter(|wait| *wait != -1);
    let run = from_nought(4)?;
    let positive = |value: Option<u64>| value.filter(|value| *value > 0);
    let requested_processors = from_nought(8)?;
    let allocated = from_nought(5)?;
    let requested = positive(from_nought(9)?);
    let start = wait.map(|wait| submit.saturating_add(wait));
    let span = run.and_then(|run| i64::try_from(run).ok());
    let name = |field: usize, names: &mut Names| -> Result<Option<NameId>, Mistake<'l>> {
        Ok(from_nought(field)?.map(|_| names.intern(fields[field - 1])))
    };
    let user = name(12, &mut names.users)?;
    let queue = from_nought(15)?.map(|_| fields[14]);
    let pool = from_nought(16)?.map(|_| fields[15]).or(queue);
    Ok(Parsed::Job(JobRecord {
        id: JobId { number: id, task: None, component: None },
        submit,
        start,
        end: start.zip(span).map(|(start, run)| start.saturating_add(run)),
        run,
        requested,
        processors: positive(allocated).or(requested_processors).or(allocated),
        accelerators: None,
        servers: None,
        user,
        pool: pool.map(|pool| names.pools.intern(pool)),
        priority: None,
        state: match status {
            0 => JobState::Failed,
            1 => JobState::Completed,
            5 => JobState::Cancelled,
            _ => JobState::Unknown,
        },
    }))
}
