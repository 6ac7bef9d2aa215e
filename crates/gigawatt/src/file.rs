//! Single files: written whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::world::plain;

/// Writes a file that is not there yet.
///
/// # Errors
/// Where something is there, which is left alone, and where the file cannot be written.
pub fn create(path: &Path, text: &str) -> Result<(), Failure> {
    match draft(path, text.as_bytes())?.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Err(Failure::File {
            action: "write",
            path: path.to_owned(),
            reason: "it is there already and was left alone".to_owned(),
            help: Some("name another file, or remove this one".to_owned()),
        }),
        Err(error) => Err(Failure::file("write", path, plain(&error.error))),
    }
}

/// Writes a file, in the place of an older one.
pub fn replace(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    match draft(path, content.as_ref())?.persist(path) {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::file("write", path, plain(&error.error))),
    }
}

/// The content in a file beside, which disappears unless it is moved to its name.
fn draft(path: &Path, content: &[u8]) -> Result<NamedTempFile, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fail = |error: std::io::Error| Failure::file("write", path, plain(&error));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gw-");
    readable(&mut builder);
    let mut draft = builder.tempfile_in(folder).map_err(|error| match folder.is_dir() {
        true => fail(error),
        false => Failure::file("write", path, format!("there is no folder `{}`", folder.display())),
    })?;
    draft.write_all(content).and_then(|()| draft.as_file().sync_all()).map_err(fail)?;
    Ok(draft)
}

/// As readable as the user's other files; the system takes away what its mask forbids.
#[cfg(unix)]
fn readable(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable(_builder: &mut tempfile::Builder<'_, '_>) {}
