//! What became of every request, as a table that is written group by group.

use std::io::Write;

use gigawatt_engine::serving::cluster::Ended;
use gigawatt_engine::serving::replica::End;

use super::summary::seconds;
use crate::columns::{Column, Kind, TableError, TableWriter};

/// Rows that are held in memory before they are written.
const GROUP: usize = 1 << 16;
/// Columns, with what they hold. A time is absent where a request did not come so far.
const COLUMNS: [(&str, Kind); 15] = [
    ("request", Kind::Integer),
    ("replica", Kind::Number),
    ("arrival_s", Kind::Number),
    ("scheduled_s", Kind::Number),
    ("first_token_s", Kind::Number),
    ("finished_s", Kind::Number),
    ("time_to_first_token_s", Kind::Number),
    ("time_per_output_token_s", Kind::Number),
    ("prompt_tokens", Kind::Integer),
    ("cached_tokens", Kind::Integer),
    ("output_tokens", Kind::Integer),
    ("preemptions", Kind::Integer),
    ("priority", Kind::Integer),
    ("attempts", Kind::Integer),
    ("within_targets", Kind::Integer),
];

/// The table of requests, under construction.
pub struct RequestTable<W: Write + Send> {
    writer: TableWriter<W>,
    columns: Vec<Column>,
    ends: Vec<Option<String>>,
}

impl<W: Write + Send> RequestTable<W> {
    /// A table that is written to `out`.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn new(out: W) -> Result<Self, TableError> {
        let mut columns: Vec<(String, Kind)> =
            COLUMNS.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect();
        columns.push(("end".to_owned(), Kind::Text));
        let writer = TableWriter::new(out, &columns)?;
        Ok(Self { writer, columns: empty(), ends: Vec::new() })
    }

    /// Adds what became of a request.
    ///
    /// # Errors
    /// Where rows cannot be written.
    pub fn add(&mut self, ended: &Ended) -> Result<(), TableError> {
        let outcome = &ended.outcome;
        let done = outcome.end == End::Done;
        let replica = ended.replica.map_or(f64::NAN, f64::from);
        let at_end = |at: u64| if done { seconds(at) } else { f64::NAN };
        let since = |from: u64, to: u64| if done { seconds(to.saturating_sub(from)) } else { f64::NAN };
        let further = outcome.output.saturating_sub(1);
        let each = match further {
            0 => f64::NAN,
            further => since(outcome.first_token, outcome.finished) / f64::from(further),
        };
        let row = [
            Cell::Integer(outcome.id.into()),
            Cell::Number(replica),
            Cell::Number(seconds(outcome.arrived)),
            Cell::Number(at_end(outcome.scheduled)),
            Cell::Number(at_end(outcome.first_token)),
            Cell::Number(at_end(outcome.finished)),
            Cell::Number(since(outcome.arrived, outcome.first_token)),
            Cell::Number(each),
            Cell::Integer(outcome.prompt.into()),
            Cell::Integer(outcome.cached.into()),
            Cell::Integer(outcome.output.into()),
            Cell::Integer(outcome.preemptions.into()),
            Cell::Integer(ended.priority.into()),
            Cell::Integer(ended.attempts.into()),
            Cell::Integer(ended.good.into()),
        ];
        for (column, cell) in self.columns.iter_mut().zip(row) {
            match (column, cell) {
                (Column::Integers(values), Cell::Integer(value)) => values.push(value),
                (Column::Numbers(values), Cell::Number(value)) => values.push(value),
                _ => {}
            }
        }
        self.ends.push(Some(outcome.end.words().to_owned()));
        if self.ends.len() == GROUP { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), TableError> {
        if self.ends.is_empty() {
            return Ok(());
        }
        let mut columns = std::mem::replace(&mut self.columns, empty());
        columns.push(Column::Texts(std::mem::take(&mut self.ends)));
        self.writer.group(&columns)
    }

    /// Writes what is left, and the end of the file.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(mut self) -> Result<W, TableError> {
        self.flush()?;
        self.writer.finish()
    }
}

/// A value of a row.
enum Cell {
    Integer(i64),
    Number(f64),
}

fn empty() -> Vec<Column> {
    COLUMNS.iter().map(|(_, kind)| Column::new(*kind)).collect()
}
