//! The world as files: scenarios name one another relative to where they stand.

use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use gigawatt_plan::world::{World, WorldError};

/// Files below or beside the folder of the scenario.
pub struct Files {
    folder: PathBuf,
    /// The scenario's own path: its name in messages need not be the one that the system knows.
    scenario: PathBuf,
    /// That name.
    name: String,
}

impl Files {
    /// The world of a scenario, and the scenario's name in it.
    pub fn around(scenario: &Path) -> (Self, String) {
        let folder = scenario.parent().map(Path::to_owned).unwrap_or_default();
        let name = scenario.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        (Self { folder, scenario: scenario.to_owned(), name: name.clone() }, name)
    }
}

impl World for Files {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let beside = relative_to.and_then(|source| Path::new(source).parent()).unwrap_or(Path::new(""));
        let known_as = folded(&beside.join(name));
        let path = match relative_to {
            None if name == self.name => self.scenario.clone(),
            _ => self.folder.join(&known_as),
        };
        let fail = |reason: String| WorldError { name: name.to_owned(), reason, nearby: nearby(&path) };
        match open(&path) {
            Ok(file) => Ok((known_as.to_string_lossy().into_owned(), Box::new(file))),
            Err(reason) => Err(fail(reason)),
        }
    }
}

/// A path without its detours: `scenarios/../other/x.toml` is `other/x.toml`.
fn folded(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for component in path.components() {
        let below_a_folder = matches!(folded.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if below_a_folder => {
                folded.pop();
            }
            other => folded.push(other),
        }
    }
    folded
}

/// Names in the folder of a path of the same kind of file: scenarios, unless a CSV file is looked for.
pub fn nearby(path: &Path) -> Vec<String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let wanted = if path.extension().is_some_and(|extension| extension == "csv") { "csv" } else { "toml" };
    let mut names: Vec<String> = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == wanted))
        .collect();
    names.sort();
    names.truncate(1000);
    names
}

/// Opens what can be read to an end.
///
/// # Errors
/// The reason, in words.
pub fn open(path: &Path) -> Result<File, String> {
    if is_named_pipe(path) {
        // To open it would wait for somebody to write, perhaps for ever.
        return Err("it is a named pipe; write the scenario to a file, or pipe it to /dev/stdin".to_owned());
    }
    let file = File::open(path).map_err(|error| plain(&error))?;
    match file.metadata() {
        Ok(metadata) if metadata.is_dir() => Err("it is a folder".to_owned()),
        Ok(_) => Ok(file),
        Err(error) => Err(plain(&error)),
    }
}

/// Whether a path names a pipe that no shell holds open: those of `<(...)` and of standard input live in `/dev`
/// and `/proc`.
#[cfg(unix)]
fn is_named_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let held = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
    !held && std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_named_pipe(_path: &Path) -> bool {
    false
}

/// The system's reason without its error number.
pub fn plain(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detours_are_folded_and_ways_out_are_kept() {
        let cases = [
            ("base.toml", "base.toml"),
            ("./base.toml", "base.toml"),
            ("scenarios/../other/base.toml", "other/base.toml"),
            ("../a/../b/base.toml", "../b/base.toml"),
            ("../../base.toml", "../../base.toml"),
        ];
        for (written, expected) in cases {
            assert_eq!(folded(Path::new(written)), Path::new(expected));
        }
    }
}
