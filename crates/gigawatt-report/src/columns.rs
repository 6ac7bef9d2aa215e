//! Tables as Parquet: the same columns give the same bytes, without a time of creation.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{Type, TypePtr};

/// What the file names as its writer; the same for every version, so that bytes change with contents only.
const CREATED_BY: &str = "gigawatt";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `DOUBLE`, absent where a number is not finite.
    Number,
    /// `INT64`, never absent.
    Integer,
    /// UTF-8, may be absent.
    Text,
}

/// The values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Numbers; one that is not finite does not exist.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<i64>),
    /// Texts.
    Texts(Vec<Option<String>>),
}

impl Column {
    /// An empty column.
    pub fn new(kind: Kind) -> Self {
        match kind {
            Kind::Number => Self::Numbers(Vec::new()),
            Kind::Integer => Self::Integers(Vec::new()),
            Kind::Text => Self::Texts(Vec::new()),
        }
    }

    /// What it holds.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Numbers(_) => Kind::Number,
            Self::Integers(_) => Kind::Integer,
            Self::Texts(_) => Kind::Text,
        }
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Integers(values) => values.len(),
            Self::Texts(values) => values.len(),
        }
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the values of another column of the same kind; one of another kind adds nothing.
    pub fn append(&mut self, other: Self) {
        match (self, other) {
            (Self::Numbers(to), Self::Numbers(from)) => to.extend(from),
            (Self::Integers(to), Self::Integers(from)) => to.extend(from),
            (Self::Texts(to), Self::Texts(from)) => to.extend(from),
            _ => {}
        }
    }
}

/// Why a table could not be written or read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TableError(String);

impl From<ParquetError> for TableError {
    fn from(error: ParquetError) -> Self {
        Self(error.to_string())
    }
}

/// Writes a table group of rows by group of rows, so that no more than one is in memory.
pub struct TableWriter<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    kinds: Vec<Kind>,
}

impl<W: Write + Send> TableWriter<W> {
    /// A table of named columns.
    ///
    /// # Errors
    /// Where `out` cannot be written.
    pub fn new(out: W, columns: &[(String, Kind)]) -> Result<Self, TableError> {
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = SerializedFileWriter::new(out, schema(columns)?, Arc::new(properties))?;
        Ok(Self { writer, kinds: columns.iter().map(|(_, kind)| *kind).collect() })
    }

    /// Writes a group of rows, one column for each of the table's.
    ///
    /// # Errors
    /// Where the columns are not those of the table, differ in length, or cannot be written.
    pub fn group(&mut self, columns: &[Column]) -> Result<(), TableError> {
        let rows = columns.first().map_or(0, Column::len);
        let fits = columns.iter().map(Column::kind).eq(self.kinds.iter().copied());
        if !fits || columns.iter().any(|column| column.len() != rows) {
            return Err(TableError("columns do not fit the table".to_owned()));
        }
        let mut group = self.writer.next_row_group()?;
        for column in columns {
            let Some(mut writer) = group.next_column()? else { break };
            match column {
                Column::Numbers(values) => {
                    let present: Vec<i16> = values.iter().map(|value| i16::from(value.is_finite())).collect();
                    let values: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
                    writer.typed::<DoubleType>().write_batch(&values, Some(&present), None)?;
                }
                Column::Integers(values) => {
                    writer.typed::<Int64Type>().write_batch(values, None, None)?;
                }
                Column::Texts(values) => {
                    let present: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
                    let values: Vec<ByteArray> =
                        values.iter().flatten().map(|text| ByteArray::from(text.as_str())).collect();
                    writer.typed::<ByteArrayType>().write_batch(&values, Some(&present), None)?;
                }
            }
            writer.close()?;
        }
        group.close()?;
        Ok(())
    }

    /// Writes the end of the file and returns what it was written to.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(self) -> Result<W, TableError> {
        Ok(self.writer.into_inner()?)
    }
}

/// A table as the bytes of a Parquet file.
///
/// # Errors
/// Where the columns differ in length.
pub fn table(columns: &[(String, Column)]) -> Result<Vec<u8>, TableError> {
    let kinds: Vec<(String, Kind)> =
        columns.iter().map(|(name, column)| (name.clone(), column.kind())).collect();
    let values: Vec<Column> = columns.iter().map(|(_, column)| column.clone()).collect();
    let mut writer = TableWriter::new(Vec::new(), &kinds)?;
    writer.group(&values)?;
    writer.finish()
}

fn schema(columns: &[(String, Kind)]) -> Result<TypePtr, ParquetError> {
    let fields = columns.iter().map(|(name, kind)| {
        let builder = match kind {
            Kind::Number => Type::primitive_type_builder(name, Physical::DOUBLE),
            Kind::Integer => Type::primitive_type_builder(name, Physical::INT64),
            Kind::Text => Type::primitive_type_builder(name, Physical::BYTE_ARRAY)
                .with_logical_type(Some(LogicalType::String))
                .with_converted_type(ConvertedType::UTF8),
        };
        let present = if *kind == Kind::Integer { Repetition::REQUIRED } else { Repetition::OPTIONAL };
        builder.with_repetition(present).build().map(Arc::new)
    });
    let fields = fields.collect::<Result<Vec<TypePtr>, _>>()?;
    Ok(Arc::new(Type::group_type_builder("table").with_fields(fields).build()?))
}

/// Reads a table that [`TableWriter`] wrote, group by group.
pub struct TableReader<R: ChunkReader + 'static> {
    reader: SerializedFileReader<R>,
}

impl<R: ChunkReader + 'static> TableReader<R> {
    /// Opens a table.
    ///
    /// # Errors
    /// Where it is no Parquet file.
    pub fn new(from: R) -> Result<Self, TableError> {
        Ok(Self { reader: SerializedFileReader::new(from)? })
    }

    /// Number of groups of rows.
    pub fn groups(&self) -> usize {
        self.reader.num_row_groups()
    }

    /// Number of rows.
    pub fn rows(&self) -> i64 {
        self.reader.metadata().file_metadata().num_rows()
    }

    /// The values of a column in a group of rows.
    ///
    /// # Errors
    /// Where there is no such column, or it is not of the kind.
    pub fn column(&self, group: usize, column: usize, kind: Kind) -> Result<Column, TableError> {
        let group = self.reader.get_row_group(group)?;
        let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
        let kind_read = group.metadata().column(column).column_type();
        let expected = match kind {
            Kind::Number => Physical::DOUBLE,
            Kind::Integer => Physical::INT64,
            Kind::Text => Physical::BYTE_ARRAY,
        };
        if kind_read != expected {
            return Err(TableError(format!("column {column} is {kind_read}, expected {expected}")));
        }
        let mut present = Vec::new();
        let reader = group.get_column_reader(column)?;
        Ok(match kind {
            Kind::Number => {
                let mut values = Vec::new();
                let mut reader = parquet::column::reader::get_typed_column_reader::<DoubleType>(reader);
                reader.read_records(rows, Some(&mut present), None, &mut values)?;
                let mut values = values.into_iter();
                let all = present.iter().map(|present| match present {
                    0 => f64::NAN,
                    _ => values.next().unwrap_or(f64::NAN),
                });
                Column::Numbers(all.collect())
            }
            Kind::Integer => {
                let mut values = Vec::new();
                let mut reader = parquet::column::reader::get_typed_column_reader::<Int64Type>(reader);
                reader.read_records(rows, None, None, &mut values)?;
                Column::Integers(values)
            }
            Kind::Text => {
                let mut values = Vec::new();
                let mut reader = parquet::column::reader::get_typed_column_reader::<ByteArrayType>(reader);
                reader.read_records(rows, Some(&mut present), None, &mut values)?;
                let mut values = values.into_iter();
                let all = present.iter().map(|present| {
                    if *present == 0 {
                        return None;
                    }
                    values.next().and_then(|bytes| bytes.as_utf8().ok().map(str::to_owned))
                });
                Column::Texts(all.collect())
            }
        })
    }
}

/// Bytes in memory that a [`TableReader`] takes.
pub fn in_memory(bytes: Vec<u8>) -> bytes::Bytes {
    bytes::Bytes::from(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<(String, Column)> {
        vec![
            ("point".to_owned(), Column::Integers(vec![0, 1, 2])),
            ("finance.capex.cash@2025".to_owned(), Column::Numbers(vec![1.5, f64::NAN, -2.0e11])),
            (
                "site.system".to_owned(),
                Column::Texts(vec![Some("größer".to_owned()), None, Some(String::new())]),
            ),
        ]
    }

    #[test]
    fn what_is_written_is_read_and_what_does_not_exist_is_absent() {
        let bytes = table(&columns()).expect("a table");
        let reader = TableReader::new(in_memory(bytes)).expect("a table");
        assert_eq!((reader.groups(), reader.rows()), (1, 3));
        assert_eq!(reader.column(0, 0, Kind::Integer).expect("column"), Column::Integers(vec![0, 1, 2]));
        let Column::Numbers(numbers) = reader.column(0, 1, Kind::Number).expect("column") else {
            panic!("kind")
        };
        assert!(numbers[0] == 1.5 && numbers[1].is_nan() && numbers[2] == -2.0e11);
        assert_eq!(reader.column(0, 2, Kind::Text).expect("column"), columns()[2].1);
        assert!(reader.column(0, 2, Kind::Number).is_err());
    }

    #[test]
    fn the_same_columns_give_the_same_bytes() {
        let bytes = table(&columns()).expect("a table");
        assert_eq!(bytes, table(&columns()).expect("a table"));
        assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (b"PAR1".as_slice(), b"PAR1".as_slice()));
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let mut writer =
            TableWriter::new(Vec::new(), &[("a".to_owned(), Kind::Number), ("b".to_owned(), Kind::Number)])
                .expect("a table");
        assert!(writer.group(&[Column::Numbers(vec![1.0]), Column::Numbers(vec![])]).is_err());
        assert!(writer.group(&[Column::Numbers(vec![1.0])]).is_err());
        assert!(writer.group(&[Column::Numbers(vec![1.0]), Column::Integers(vec![1])]).is_err());
    }
}
