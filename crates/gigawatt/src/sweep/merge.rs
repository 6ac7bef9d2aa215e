//! From the parts of a sweep to its table.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use gigawatt_report::columns::{Column, Kind, TableError, TableReader, TableWriter, in_memory};

use super::folder::Folder;
use super::manifest::Manifest;
use crate::failure::Failure;
use crate::world::plain;

/// Rows that stand together in the table: enough to be read fast, few enough to be held in memory.
const GROUP_ROWS: usize = 65_536;

/// Puts the parts together in their order. They are the same however they came about, and so is the table.
pub fn merge(folder: &Folder, manifest: &Manifest, columns: &[(String, Kind)]) -> Result<(), Failure> {
    if folder.is_complete() {
        folder.tidy();
        return Ok(());
    }
    let table = folder.table();
    let wrong = |error: TableError| Failure::file("write", &table, error);
    let (file, draft) = folder.draft(&table)?;
    let empty = || columns.iter().map(|(_, kind)| Column::new(*kind)).collect::<Vec<_>>();
    let mut writer = TableWriter::new(BufWriter::new(file), columns).map_err(wrong)?;
    let mut group = empty();
    for part in 0..manifest.parts() {
        for (to, from) in group.iter_mut().zip(read_part(&folder.part(part), columns)?) {
            to.append(from);
        }
        if group[0].len() >= GROUP_ROWS {
            writer.group(&std::mem::replace(&mut group, empty())).map_err(wrong)?;
        }
    }
    if !group[0].is_empty() {
        writer.group(&group).map_err(wrong)?;
    }
    let file = writer.finish().map_err(wrong)?;
    let file = file.into_inner().map_err(|error| Failure::file("write", &table, plain(error.error())))?;
    folder.publish(&file, &draft, &table)?;
    folder.tidy();
    Ok(())
}

fn read_part(path: &Path, columns: &[(String, Kind)]) -> Result<Vec<Column>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, plain(&error)))?;
    let broken = |error| Failure::File {
        action: "read",
        path: path.to_owned(),
        reason: format!("{error}"),
        help: Some("remove this part and repeat the command: it is computed again".to_owned()),
    };
    let reader = TableReader::new(in_memory(bytes)).map_err(broken)?;
    let read = |(at, (_, kind)): (usize, &(String, Kind))| reader.column(0, at, *kind).map_err(broken);
    columns.iter().enumerate().map(read).collect()
}

/// A column of numbers of a sweep's table.
pub fn column(folder: &Folder, column: usize) -> Result<Vec<f64>, Failure> {
    let path = folder.table();
    let file = File::open(&path).map_err(|error| Failure::file("read", &path, plain(&error)))?;
    let broken = |error: TableError| Failure::file("read", &path, error);
    let reader = TableReader::new(file).map_err(broken)?;
    let mut values = Vec::new();
    for group in 0..reader.groups() {
        match reader.column(group, column, Kind::Number).map_err(broken)? {
            Column::Numbers(numbers) => values.extend(numbers),
            _ => return Err(Failure::internal("a column of numbers is none")),
        }
    }
    Ok(values)
}
