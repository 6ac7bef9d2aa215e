//! Files of measurements: named columns in any order, cells that may be anything.

use std::collections::BTreeMap;

/// Why a file cannot be used at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// Nothing is in it.
    Empty,
    /// Columns are missing without which no row says anything.
    MissingColumns(Vec<&'static str>),
    /// It is not CSV.
    Malformed(String),
}

impl std::fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Empty => formatter.write_str("the file is empty"),
            Self::MissingColumns(names) => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                write!(formatter, "the file has no column {}", names.join(", "))
            }
            Self::Malformed(reason) => write!(formatter, "the file is not CSV: {reason}"),
        }
    }
}

/// Rows with named columns.
#[derive(Clone, Debug)]
pub struct Table {
    columns: BTreeMap<String, usize>,
    rows: Vec<csv::ByteRecord>,
}

impl Table {
    /// Reads a file. Rows may be shorter or longer than the header; bytes that are no text are told of where a cell
    /// is asked for.
    ///
    /// # Errors
    /// What makes it unusable.
    pub fn parse(bytes: &[u8], needed: &[&'static str]) -> Result<Self, Unusable> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if bytes.trim_ascii().is_empty() {
            return Err(Unusable::Empty);
        }
        let malformed = |error: csv::Error| Unusable::Malformed(error.to_string());
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(bytes);
        let mut columns = BTreeMap::new();
        for (index, name) in reader.byte_headers().map_err(malformed)?.iter().enumerate() {
            columns.entry(String::from_utf8_lossy(name).into_owned()).or_insert(index);
        }
        let missing: Vec<&'static str> =
            needed.iter().copied().filter(|name| !columns.contains_key(*name)).collect();
        if !missing.is_empty() {
            return Err(Unusable::MissingColumns(missing));
        }
        let rows = reader.byte_records().collect::<Result<_, _>>().map_err(malformed)?;
        Ok(Self { columns, rows })
    }

    /// Its rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().enumerate().map(|(index, record)| Row { table: self, record, number: index + 2 })
    }
}

/// The largest whole number that a cell may hold: beyond it nothing is meant.
const LARGEST: f64 = 1e15;

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    table: &'t Table,
    record: &'t csv::ByteRecord,
    /// Its number in the file, the header being 1.
    pub number: usize,
}

impl<'t> Row<'t> {
    /// The text of a cell; empty where there is no such cell.
    ///
    /// # Errors
    /// Where its bytes are no text.
    pub fn text(&self, column: &str) -> Result<&'t str, String> {
        let cell =
            self.table.columns.get(column).and_then(|index| self.record.get(*index)).unwrap_or_default();
        std::str::from_utf8(cell).map_err(|_| format!("`{column}` is not text in UTF-8"))
    }

    /// The number in a cell; none where it is empty.
    ///
    /// # Errors
    /// Where it is anything else, also `nan` and `inf`.
    pub fn number(&self, column: &str) -> Result<Option<f64>, String> {
        let text = self.text(column)?;
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| format!("`{column}` is `{}`, not a number", shortened(text)))
    }

    /// The positive number in a cell.
    ///
    /// # Errors
    /// Where it is anything else, or nothing.
    pub fn positive(&self, column: &str) -> Result<f64, String> {
        match self.number(column)? {
            Some(number) if number > 0.0 => Ok(number),
            Some(number) => Err(format!("`{column}` is {number}, not positive")),
            None => Err(format!("`{column}` is empty")),
        }
    }

    /// The whole number from 1 on in a cell, also where it is written as `8.0`; none where it is empty.
    ///
    /// # Errors
    /// Where it is anything else.
    pub fn whole(&self, column: &str) -> Result<Option<u64>, String> {
        let Some(number) = self.number(column)? else { return Ok(None) };
        if !(1.0..LARGEST).contains(&number) || number.fract() != 0.0 {
            return Err(format!("`{column}` is {number}, not a whole number"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number in bounds"
        )]
        Ok(Some(number as u64))
    }

    /// What the row is called: its `id`, or its number where it has none.
    pub fn id(&self) -> String {
        match self.text("id") {
            Ok(id) if !id.is_empty() => shortened(id),
            _ => format!("row {}", self.number),
        }
    }

    /// Whether it counts in the statistics: every row of a file without the column `scored` does.
    pub fn is_scored(&self) -> bool {
        !self.table.columns.contains_key("scored")
            || self.text("scored").is_ok_and(|text| text == "1" || text == "1.0")
    }
}

/// What is shown of a text that may be of any length.
fn shortened(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(std::iter::once('…')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_cells_told_apart() {
        let table = Table::parse(b"b,a,id\n1.5, x ,p\n,,\nnan,\xff\n", &["a", "b"]).expect("a table");
        let rows: Vec<Row<'_>> = table.rows().collect();
        assert_eq!(
            (rows[0].number("b"), rows[0].text("a"), rows[0].id()),
            (Ok(Some(1.5)), Ok("x"), "p".to_owned())
        );
        assert_eq!((rows[1].number("b"), rows[1].id()), (Ok(None), "row 3".to_owned()));
        assert!(rows[1].positive("b").is_err() && rows[2].number("b").is_err() && rows[2].text("a").is_err());
        assert!(rows[0].is_scored() && rows[0].text("nowhere") == Ok(""));
    }

    #[test]
    fn only_a_one_is_scored_where_the_column_is_there() {
        let table = Table::parse(b"scored\n1\n0\n\n\"\"\nyes\n", &[]).expect("a table");
        let scored: Vec<bool> = table.rows().map(|row| row.is_scored()).collect();
        assert_eq!(scored, [true, false, false, false]);
    }

    #[test]
    fn unusable_files_say_why() {
        assert_eq!(Table::parse(b" \n", &[]).err(), Some(Unusable::Empty));
        let missing = Table::parse(b"a\n1\n", &["b", "a", "c"]).expect_err("b and c are missing");
        assert_eq!(missing.to_string(), "the file has no column `b`, `c`");
    }
}
