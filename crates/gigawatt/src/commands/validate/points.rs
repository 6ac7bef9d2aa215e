//! Files of measurements in, tables of predictions out.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use gigawatt_validation::Line;
use gigawatt_validation::table::Table;

use crate::failure::Failure;
use crate::file;
use crate::world::plain;

/// The largest file that is read, in bytes: a hundred times the published ones.
const LARGEST: u64 = 256 << 20;

/// Reads a table that has some columns.
///
/// # Errors
/// Where the file cannot be read, is no such table, or lacks columns.
pub fn read(path: &Path, columns: &[&str]) -> Result<Table, Failure> {
    let bad = |message: String, help: Option<String>| Failure::BadArgument {
        message: format!("`{}`: {message}", path.display()),
        help,
    };
    let unreadable = |error: std::io::Error| Failure::file("read", path, plain(&error));
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(bad("the file is larger than 256 MiB".to_owned(), None));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        bad(format!("byte {at} is not UTF-8"), Some("save the file as UTF-8".to_owned()))
    })?;
    let table = Table::read(text.trim_start_matches('\u{feff}')).map_err(|reason| bad(reason, None))?;
    let missing: Vec<&str> = columns.iter().copied().filter(|column| !table.has(column)).collect();
    if !missing.is_empty() {
        let noun = if missing.len() == 1 { "column" } else { "columns" };
        return Err(bad(
            format!("the header lacks the {noun} {}", missing.join(", ")),
            Some(
                "the first line names the columns; the book's chapter on measurements lists them".to_owned(),
            ),
        ));
    }
    Ok(table)
}

/// Refuses to write over the measurements.
pub fn spare(points: &Path, written: &[Option<PathBuf>]) -> Result<(), Failure> {
    let place = |path: &Path| path.canonicalize().ok();
    for path in written.iter().flatten() {
        if place(path).is_some_and(|path| Some(path) == place(points)) {
            return Err(Failure::BadArgument {
                message: format!("`{}` holds the measurements and was left alone", path.display()),
                help: Some("name another file".to_owned()),
            });
        }
    }
    Ok(())
}

/// Writes the lines as CSV.
pub fn write(path: &Path, lines: &[Line]) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        writer.serialize(line).map_err(Failure::internal)?;
    }
    let bytes = writer.into_inner().map_err(Failure::internal)?;
    let mut text = String::from_utf8(bytes).map_err(Failure::internal)?;
    if lines.is_empty() {
        text.push_str("id,metric,measured,predicted,low,high,error,scored,note\n");
    }
    file::replace(path, &text)
}
