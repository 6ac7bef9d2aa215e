//! Single files: written whole or not at all.

use std::io::{BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

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

/// A file under construction beside its name, to which it is moved when it is whole. It disappears with this.
pub struct Draft {
    writer: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Draft {
    /// A file that will be at a path.
    pub fn new(path: &Path) -> Result<Self, Failure> {
        Ok(Self { writer: BufWriter::new(beside(path)?), path: path.to_owned() })
    }

    /// Moves it to its name, in the place of an older one.
    pub fn persist(self) -> Result<(), Failure> {
        let Self { writer, path } = self;
        let fail = |error: &std::io::Error| Failure::file("write", &path, plain(error));
        let draft = writer.into_inner().map_err(|error| fail(error.error()))?;
        draft.as_file().sync_all().map_err(|error| fail(&error))?;
        draft.persist(&path).map(|_| ()).map_err(|error| fail(&error.error))
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.writer.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

/// The content in a file beside, which disappears unless it is moved to its name.
fn draft(path: &Path, content: &[u8]) -> Result<NamedTempFile, Failure> {
    let mut draft = beside(path)?;
    let written = draft.write_all(content).and_then(|()| draft.as_file().sync_all());
    written.map_err(|error| Failure::file("write", path, plain(&error)))?;
    Ok(draft)
}

/// An empty file beside a path.
fn beside(path: &Path) -> Result<NamedTempFile, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let fail = |error: std::io::Error| Failure::file("write", path, plain(&error));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".gw-");
    readable(&mut builder);
    builder.tempfile_in(folder).map_err(|error| match folder.is_dir() {
        true => fail(error),
        false => Failure::file("write", path, format!("there is no folder `{}`", folder.display())),
    })
}

/// As readable as the user's other files; the system takes away what its mask forbids.
#[cfg(unix)]
fn readable(builder: &mut tempfile::Builder<'_, '_>) {
    use std::os::unix::fs::PermissionsExt;
    builder.permissions(std::fs::Permissions::from_mode(0o666));
}

#[cfg(not(unix))]
fn readable(_builder: &mut tempfile::Builder<'_, '_>) {}
