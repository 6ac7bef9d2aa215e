//! The folder of results: written whole or not at all, never over anything else.

use std::path::{Path, PathBuf};

use gigawatt_report::{Summary, html};

use crate::failure::Failure;
use crate::world::plain;

/// Name of the results as data.
pub const SUMMARY: &str = "summary.json";
/// Name of the results for people.
pub const REPORT: &str = "report.html";

/// Name of the trace of a fleet's reference history.
pub const FLEET_TRACE: &str = "results/fleet.perfetto";

/// The folder of a run unless the user names one.
pub fn default_folder(name: &str, run: &str, seed: u64) -> PathBuf {
    Path::new("runs").join(format!("{}-{run}-{seed}", slug(name)))
}

/// The folder of a sweep unless the user names one.
pub fn sweep_folder(name: &str, identity: &str) -> PathBuf {
    Path::new("sweeps").join(format!("{}-{identity}", slug(name)))
}

/// A scenario's name as a part of a path.
fn slug(name: &str) -> String {
    let mut slug: String = name
        .to_lowercase()
        .chars()
        .map(|character| if character.is_alphanumeric() { character } else { '-' })
        .take(60)
        .collect();
    while slug.contains("--") {
        slug = slug.replace("--", "-");
    }
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "run".to_owned() } else { slug.to_owned() }
}

/// The complete result of the run that a folder holds, if it does.
///
/// # Errors
/// Where the folder holds something else, which is then left alone; so does one whose report has not the run
/// beside it that is asked for.
pub fn existing(folder: &Path, run: &str, beside: Option<&Summary>) -> Result<Option<Summary>, Failure> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::file("read", folder, plain(&error))),
    };
    if entries.flatten().next().is_none() {
        return Ok(None);
    }
    let summary = std::fs::read_to_string(folder.join(SUMMARY)).ok();
    let summary = summary.and_then(|text| serde_json::from_str::<Summary>(&text).ok());
    let report = std::fs::read_to_string(folder.join(REPORT)).ok();
    let whole = report
        .is_some_and(|report| beside.is_none_or(|beside| report.contains(&html::beside_mark(&beside.run))));
    match summary {
        Some(summary) if summary.run == run && whole => Ok(Some(summary)),
        _ => Err(Failure::File {
            action: "write",
            path: folder.to_owned(),
            reason: "it holds something else, which was left alone".to_owned(),
            help: Some("name another folder with --out".to_owned()),
        }),
    }
}

/// Writes the files of a run beside their folder and then moves them there in one step. Names may lead into
/// folders below.
pub fn write(folder: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fail = |path: &Path, error: &std::io::Error| Failure::file("write", path, plain(error));
    std::fs::create_dir_all(parent).map_err(|error| fail(parent, &error))?;
    let draft =
        tempfile::Builder::new().prefix(".gw-").tempdir_in(parent).map_err(|error| fail(parent, &error))?;
    for (name, bytes) in files {
        let path = draft.path().join(name);
        if let Some(below) = path.parent() {
            std::fs::create_dir_all(below).map_err(|error| fail(below, &error))?;
        }
        std::fs::write(&path, bytes).map_err(|error| fail(&folder.join(name), &error))?;
        // A folder under its final name must be whole even after the power fails.
        std::fs::File::open(&path).and_then(|file| file.sync_all()).map_err(|error| fail(&path, &error))?;
    }
    make_readable(draft.path()).map_err(|error| fail(folder, &error))?;
    match std::fs::rename(draft.path(), folder) {
        Ok(()) => {
            // Moved away: there is nothing left to remove.
            let _ = draft.keep();
            Ok(())
        }
        Err(error) => Err(fail(folder, &error)),
    }
}

/// Temporary folders are private; results are as readable as any other file of the user.
#[cfg(unix)]
fn make_readable(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

/// The same of a file.
#[cfg(unix)]
pub fn make_file_readable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
pub fn make_file_readable(_file: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_after_scenario_run_and_seed() {
        assert_eq!(default_folder("Meta 2025 / über", "abc", 7), Path::new("runs/meta-2025-über-abc-7"));
        assert_eq!(default_folder("../..", "abc", 7), Path::new("runs/run-abc-7"));
    }

    #[test]
    fn nothing_that_is_there_is_overwritten() {
        let parent = tempfile::tempdir().expect("folder");
        let folder = parent.path().join("results");
        std::fs::create_dir(&folder).expect("folder");
        std::fs::write(folder.join("thesis.txt"), "years of work").expect("file");
        assert!(existing(&folder, "abc", None).is_err());
        assert!(write(&folder, &[("a".to_owned(), b"b".to_vec())]).is_err());
        assert_eq!(std::fs::read_to_string(folder.join("thesis.txt")).expect("file"), "years of work");
        assert_eq!(std::fs::read_dir(parent.path()).expect("folder").count(), 1, "no draft is left behind");
    }
}
