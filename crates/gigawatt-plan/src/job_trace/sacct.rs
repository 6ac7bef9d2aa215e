//! Rows of `sacct --parsable2`: names of fields in the first line, fields parted by `|`.

use super::reader::{Parsed, TraceNames};
use super::record::{JobId, JobRecord, JobState};
use super::time::{clock_duration, count, is_nothing, suffixed, timestamp};
use crate::text::nearest;
use crate::trace::faults::{Cause, Mistake};

/// Bytes of a name beyond which it is none.
const LONGEST_NAME: usize = 256;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Id,
    Submit,
    Start,
    End,
    Elapsed,
    ElapsedRaw,
    Timelimit,
    TimelimitRaw,
    Servers,
    ServersAsked,
    Processors,
    ProcessorsAsked,
    Resources,
    ResourcesAsked,
    State,
    Partition,
    User,
    Account,
    Priority,
}

/// Names of columns as `sacct` prints them, the better of two that say the same first.
const COLUMNS: [(&str, Column); 23] = [
    ("JobID", Column::Id),
    ("JobIDRaw", Column::Id),
    ("Submit", Column::Submit),
    ("Start", Column::Start),
    ("End", Column::End),
    ("Elapsed", Column::Elapsed),
    ("ElapsedRaw", Column::ElapsedRaw),
    ("Timelimit", Column::Timelimit),
    ("TimelimitRaw", Column::TimelimitRaw),
    ("AllocNodes", Column::Servers),
    ("NNodes", Column::Servers),
    ("ReqNodes", Column::ServersAsked),
    ("AllocCPUS", Column::Processors),
    ("NCPUS", Column::Processors),
    ("ReqCPUS", Column::ProcessorsAsked),
    ("AllocTRES", Column::Resources),
    ("AllocGRES", Column::Resources),
    ("ReqTRES", Column::ResourcesAsked),
    ("ReqGRES", Column::ResourcesAsked),
    ("State", Column::State),
    ("Partition", Column::Partition),
    ("User", Column::User),
    ("Account", Column::Account),
];

/// How to make such a file.
pub(super) const HOW: &str = "make it with `SLURM_TIME_FORMAT=%s sacct -a -X -P -S DAY -E DAY -o JobID,Submit,Start,End,Elapsed,Timelimit,NNodes,NCPUS,AllocTRES,ReqTRES,State,Partition,User`";

/// Where the columns stand.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    delimiter: char,
    width: usize,
    places: Vec<(Column, usize)>,
}

/// What parts the fields of a header line, if it is one.
pub(super) fn delimiter(line: &str) -> Option<char> {
    ['|', ';', '\t', ','].into_iter().find(|delimiter| {
        line.contains(*delimiter)
            && line.split(*delimiter).any(|name| {
                let name = name.trim();
                name.eq_ignore_ascii_case("JobID") || name.eq_ignore_ascii_case("JobIDRaw")
            })
    })
}

impl Columns {
    /// The columns that a header names.
    ///
    /// # Errors
    /// What is wrong with it: the part of the line, words, help.
    pub fn of(line: &str) -> Result<Self, (&str, String, String)> {
        let Some(delimiter) = delimiter(line) else {
            let message = "the first line names no column `JobID`".to_owned();
            return Err((line, message, HOW.to_owned()));
        };
        let names: Vec<&str> = line.split(delimiter).map(str::trim).collect();
        let mut places: Vec<(Column, usize)> = Vec::new();
        let priority = [("Priority", Column::Priority)];
        for (name, column) in COLUMNS.into_iter().chain(priority) {
            let known = places.iter().any(|(other, _)| *other == column);
            let place = names.iter().position(|other| name.eq_ignore_ascii_case(other));
            if let Some(place) = place.filter(|_| !known) {
                places.push((column, place));
            }
        }
        let columns = Self { delimiter, width: names.len(), places };
        if columns.place(Column::Submit).is_none() {
            let message = "the file has no column `Submit`".to_owned();
            let help = match nearest("Submit", names.iter().copied()) {
                Some(near) => format!("is `{near}` meant? call it `Submit`"),
                None => HOW.to_owned(),
            };
            return Err((line, message, help));
        }
        Ok(columns)
    }

    /// Whether the file lists resources, so that a job without accelerators says so.
    pub fn lists_resources(&self) -> bool {
        self.place(Column::Resources).or(self.place(Column::ResourcesAsked)).is_some()
    }

    fn place(&self, column: Column) -> Option<usize> {
        self.places.iter().find(|(other, _)| *other == column).map(|(_, place)| *place)
    }
}

/// The most columns that are kept of a row.
const MOST_COLUMNS: usize = 256;

/// Fields of a row, empty where there is no such column.
struct Fields<'l> {
    all: [&'l str; MOST_COLUMNS],
    columns: &'l Columns,
}

impl<'l> Fields<'l> {
    /// The field of a column; `None` where it says nothing.
    fn get(&self, column: Column) -> Option<&'l str> {
        let text = self.all.get(self.columns.place(column)?)?.trim();
        (!is_nothing(text)).then_some(text)
    }

    /// A field as something; a mistake where it says what is none.
    fn read<T>(
        &self,
        column: Column,
        what: &str,
        help: &'static str,
        read: impl FnOnce(&'l str) -> Option<T>,
    ) -> Result<Option<T>, Mistake<'l>> {
        let Some(text) = self.get(column) else { return Ok(None) };
        match read(text) {
            Some(value) => Ok(Some(value)),
            None => Err(Mistake {
                cause: Cause::Value,
                part: text,
                message: format!("`{text}` is no {what}"),
                help,
            }),
        }
    }
}

/// Reads a row.
pub(super) fn row<'l>(
    text: &'l str,
    columns: &'l Columns,
    names: &mut TraceNames,
) -> Result<Parsed, Mistake<'l>> {
    let mut all = [""; MOST_COLUMNS];
    let mut width = 0;
    for field in text.split(columns.delimiter) {
        if let Some(place) = all.get_mut(width) {
            *place = field;
        }
        width += 1;
    }
    if width != columns.width {
        return Err(Mistake {
            cause: Cause::Fields,
            part: text,
            message: format!("the row has {width} fields, the first line names {}", columns.width),
            help: "leave out fields that may hold the delimiter, such as JobName and Comment",
        });
    }
    let fields = Fields { all, columns };
    let Some(id) = fields.get(Column::Id) else {
        return Err(Mistake {
            cause: Cause::Id,
            part: text,
            message: "the row does not say which job it is of".to_owned(),
            help: "the column JobID holds 123, 123_4 or 123+1",
        });
    };
    if id.contains('.') {
        // A step, which its job's own row sums up.
        return Ok(Parsed::Part);
    }
    let Some(id) = job_id(id) else {
        return Err(Mistake {
            cause: Cause::Id,
            part: id,
            message: format!("`{id}` is no job id"),
            help: "ids are 123, 123_4 for a task of an array, 123+1 for a component of a heterogeneous job",
        });
    };
    let time = |column| {
        fields.read(
            column,
            "time",
            "write 2024-03-01T12:34:56, or seconds from 1970 (SLURM_TIME_FORMAT=%s)",
            timestamp,
        )
    };
    let Some(submit) = time(Column::Submit)? else {
        return Err(Mistake {
            cause: Cause::Time,
            part: text,
            message: "the row does not say when the job was submitted".to_owned(),
            help: "the column Submit holds 2024-03-01T12:34:56, or seconds from 1970",
        });
    };
    let word = fields.get(Column::State).unwrap_or_default();
    let (state, ended) = job_state(word);
    let start = time(Column::Start)?;
    let end = time(Column::End)?.filter(|_| ended);
    let started = start.is_some() || columns.place(Column::Start).is_none();
    let elapsed = fields.read(Column::Elapsed, "duration", "write 1-02:03:04 or 02:03:04", clock_duration)?;
    let elapsed = match elapsed {
        None => fields.read(Column::ElapsedRaw, "number of seconds", "write whole seconds", count)?,
        known => known,
    };
    let between = start.zip(end).and_then(|(start, end)| u64::try_from(end.checked_sub(start)?).ok());
    let run = elapsed.or(between).filter(|_| started && ended);
    let name = |column| -> Result<Option<&'l str>, Mistake<'l>> {
        fields.read(column, "name: it is longer than 256 bytes", "give names that are shorter", |name| {
            (name.len() <= LONGEST_NAME).then_some(name)
        })
    };
    let pool = name(Column::Partition)?;
    let user = match name(Column::User)? {
        None => name(Column::Account)?,
        known => known,
    };
    let counted = |had, asked| -> Result<Option<u64>, Mistake<'l>> {
        let read = |column| fields.read(column, "count", "write a whole number", suffixed);
        let had = read(had)?;
        // A job that never started had none: what it asked for is its size.
        Ok(had.filter(|count| *count > 0).or(read(asked)?).or(had))
    };
    Ok(Parsed::Job(JobRecord {
        id,
        submit,
        start,
        end,
        run,
        requested: limit(&fields)?,
        processors: counted(Column::Processors, Column::ProcessorsAsked)?,
        accelerators: accelerators_of(&fields)?,
        servers: counted(Column::Servers, Column::ServersAsked)?,
        user: user.map(|user| names.users.intern(user)),
        pool: pool.map(|pool| names.pools.intern(pool)),
        priority: fields.read(Column::Priority, "priority", "write a whole number", count)?,
        state,
    }))
}

/// Reads `123`, `123_4`, `123_[5-9%2]`, `123+1`.
fn job_id(text: &str) -> Option<JobId> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let number = number.parse().ok()?;
    let plain = JobId { number, task: None, component: None };
    match rest.as_bytes().first() {
        None => Some(plain),
        // Tasks that have not started stand in one row: the array itself.
        Some(b'_') if rest[1..].starts_with('[') && rest.ends_with([']', '.']) => Some(plain),
        Some(b'_') => Some(JobId { task: Some(rest[1..].parse().ok()?), ..plain }),
        Some(b'+') => Some(JobId { component: Some(rest[1..].parse().ok()?), ..plain }),
        Some(_) => None,
    }
}

/// How a job ended, and whether it has.
fn job_state(text: &str) -> (JobState, bool) {
    // `CANCELLED by 1000`, and what is cut off with a plus.
    let word = text.split([' ', '+']).next().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(word));
    if is(&["COMPLETED", "CD"]) {
        (JobState::Completed, true)
    } else if is(&["FAILED", "F", "OUT_OF_MEMORY", "OOM"]) {
        (JobState::Failed, true)
    } else if is(&["CANCELLED", "CA", "REVOKED", "RV"]) {
        (JobState::Cancelled, true)
    } else if is(&["TIMEOUT", "TO", "DEADLINE", "DL"]) {
        (JobState::TimedOut, true)
    } else if is(&["NODE_FAIL", "NF", "BOOT_FAIL", "BF"]) {
        (JobState::NodeFail, true)
    } else if is(&["PREEMPTED", "PR"]) {
        (JobState::Preempted, true)
    } else {
        let goes_on = ["PENDING", "PD", "RUNNING", "R", "SUSPENDED", "S", "RESIZING", "RS"];
        (JobState::Unknown, !is(&goes_on) && !is(&["REQUEUED", "RQ", "COMPLETING", "CONFIGURING"]))
    }
}

/// The limit of time that was asked for: none where it is unlimited or the partition's.
fn limit<'l>(fields: &Fields<'l>) -> Result<Option<u64>, Mistake<'l>> {
    let none = |text: &str| {
        ["UNLIMITED", "Partition_Limit", "INVALID"].iter().any(|word| word.eq_ignore_ascii_case(text))
    };
    let help = "write 1-02:03:04 or 02:03:04, UNLIMITED or Partition_Limit";
    let limit = fields.read(Column::Timelimit, "limit of time", help, |text| match none(text) {
        true => Some(None),
        false => clock_duration(text).map(Some),
    })?;
    if let Some(limit) = limit {
        return Ok(limit);
    }
    let help = "write whole minutes, UNLIMITED or Partition_Limit";
    let limit = fields.read(Column::TimelimitRaw, "number of minutes", help, |text| match none(text) {
        true => Some(None),
        false => count(text).map(|minutes| Some(minutes * 60)),
    })?;
    Ok(limit.flatten())
}

/// Accelerators that a job had, else asked for; 0 where its resources are listed without any.
fn accelerators_of<'l>(fields: &Fields<'l>) -> Result<Option<u64>, Mistake<'l>> {
    if !fields.columns.lists_resources() {
        return Ok(None);
    }
    let help = "write resources as cpu=8,gres/gpu=4 or gres/gpu:h100=4";
    let read = |column| fields.read(column, "list of resources", help, accelerators);
    let had = read(Column::Resources)?;
    let asked = read(Column::ResourcesAsked)?;
    Ok(Some(had.filter(|count| *count > 0).or(asked).or(had).unwrap_or(0)))
}

/// Accelerators of a list such as `billing=8,cpu=8,gres/gpu:a100=4,gres/gpu=4,node=1` or `gpu:a100:4`. The count without
/// a type is that of all types together.
fn accelerators(text: &str) -> Option<u64> {
    let (mut all, mut typed) = (None, 0_u64);
    for item in text.split(',') {
        let item = item.trim();
        let item = item.strip_prefix("gres/").or(item.strip_prefix("gres:")).unwrap_or(item);
        let Some(rest) = item.strip_prefix("gpu") else { continue };
        match rest.as_bytes().first() {
            None => all = Some(1),
            Some(b'=') => all = Some(suffixed(&rest[1..])?),
            Some(b':') => {
                let last = rest[1..].rsplit(['=', ':']).next()?;
                let bare = !rest[1..].contains(['=', ':']);
                match suffixed(last) {
                    Some(count) if bare => all = Some(count),
                    Some(count) => typed = typed.checked_add(count)?,
                    None if bare => typed = typed.checked_add(1)?,
                    None => return None,
                }
            }
            // `gpumem`, `gpuutil` and the like are no accelerators.
            Some(_) => {}
        }
    }
    Some(all.unwrap_or(typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_hold_accelerators_of_all_types_once() {
        let cases = [
            ("billing=8,cpu=8,gres/gpu=4,mem=64G,node=1", 4),
            ("cpu=8,gres/gpu:a100=4,gres/gpu=4,node=1", 4),
            ("cpu=8,gres/gpu:a100=4,gres/gpu:v100=2", 6),
            ("gpu:h100:8", 8),
            ("gpu:2", 2),
            ("gpu:h100", 1),
            ("cpu=8,gres/gpumem=0,node=1", 0),
            ("gres/gpu=2K", 2048),
        ];
        for (text, count) in cases {
            assert_eq!(accelerators(text), Some(count), "{text}");
        }
        assert_eq!(accelerators("gres/gpu=many"), None);
    }

    #[test]
    fn ids_of_arrays_and_heterogeneous_jobs() {
        let id = |number, task, component| Some(JobId { number, task, component });
        assert_eq!(job_id("123"), id(123, None, None));
        assert_eq!(job_id("123_4"), id(123, Some(4), None));
        assert_eq!(job_id("123_[5-9%2]"), id(123, None, None));
        assert_eq!(job_id("123+1"), id(123, None, Some(1)));
        assert_eq!((job_id("x"), job_id("123_"), job_id("123-4"), job_id("1é")), (None, None, None, None));
    }

    #[test]
    fn states_by_their_long_and_short_names() {
        assert_eq!(job_state("CANCELLED by 1000"), (JobState::Cancelled, true));
        assert_eq!(job_state("CANCELLED+"), (JobState::Cancelled, true));
        assert_eq!(job_state("OUT_OF_MEMORY"), (JobState::Failed, true));
        assert_eq!(job_state("RUNNING"), (JobState::Unknown, false));
        assert_eq!(job_state("NF"), (JobState::NodeFail, true));
    }
}
