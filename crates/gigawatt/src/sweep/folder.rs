//! The folder of a sweep: a manifest, parts, and at last the table. Everything in it is written whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use crate::failure::Failure;
use crate::world::plain;

/// What the sweep is.
const MANIFEST: &str = "sweep.json";
/// Its results.
const TABLE: &str = "sweep.parquet";
/// Results of its parts, until all are there.
const PARTS: &str = "parts";
/// What an unfinished file's name starts with.
const DRAFT: &str = ".gw-";

/// A folder that holds a sweep.
pub struct Folder {
    path: PathBuf,
}

fn fail<'a>(action: &'static str, path: &'a Path) -> impl Fn(std::io::Error) -> Failure + 'a {
    move |error| Failure::file(action, path, plain(&error))
}

impl Folder {
    /// Opens the folder of a sweep, or makes it.
    ///
    /// # Errors
    /// Where it holds another sweep or anything else, which is then left alone.
    pub fn open(path: &Path, manifest: &Manifest) -> Result<Self, Failure> {
        let folder = Self { path: path.to_owned() };
        match std::fs::read_to_string(path.join(MANIFEST)) {
            Ok(text) => manifest.compare(path, &text)?,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                std::fs::create_dir_all(path).map_err(fail("make", path))?;
                let entries = std::fs::read_dir(path).map_err(fail("read", path))?;
                let strange =
                    entries.flatten().any(|entry| !entry.file_name().to_string_lossy().starts_with(DRAFT));
                if strange {
                    return Err(Failure::File {
                        action: "write",
                        path: path.to_owned(),
                        reason: "it holds something else, which was left alone".to_owned(),
                        help: Some("name another folder with --out".to_owned()),
                    });
                }
                folder.write(&path.join(MANIFEST), manifest.text().as_bytes())?;
            }
            Err(error) => return Err(fail("read", &path.join(MANIFEST))(error)),
        }
        if !folder.is_complete() {
            let parts = path.join(PARTS);
            std::fs::create_dir_all(&parts).map_err(fail("make", &parts))?;
        }
        Ok(folder)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the table is, or will be.
    pub fn table(&self) -> PathBuf {
        self.path.join(TABLE)
    }

    /// Whether the table is there.
    pub fn is_complete(&self) -> bool {
        self.table().is_file()
    }

    /// Where a part is, or will be.
    pub fn part(&self, part: u64) -> PathBuf {
        self.path.join(PARTS).join(format!("{part:06}.parquet"))
    }

    /// Whether a part is there.
    pub fn has(&self, part: u64) -> bool {
        self.part(part).is_file()
    }

    /// Writes a part.
    pub fn write_part(&self, part: u64, bytes: &[u8]) -> Result<(), Failure> {
        self.write(&self.part(part), bytes)
    }

    /// A file that has no name yet, beside its place.
    pub fn draft(&self, path: &Path) -> Result<(std::fs::File, PathBuf), Failure> {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let draft = path.with_file_name(format!("{DRAFT}{}-{name}", std::process::id()));
        let file = std::fs::File::create(&draft).map_err(fail("write", path))?;
        Ok((file, draft))
    }

    /// Gives a draft its name once it is safely on the disk.
    pub fn publish(&self, file: &std::fs::File, draft: &Path, path: &Path) -> Result<(), Failure> {
        file.sync_all().map_err(fail("write", path))?;
        match std::fs::rename(draft, path) {
            // Another process of the same sweep finished and tidied up first.
            Err(error) if error.kind() == ErrorKind::NotFound && self.is_complete() => Ok(()),
            result => result.map_err(fail("write", path)),
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let (mut file, draft) = self.draft(path)?;
        file.write_all(bytes).map_err(fail("write", path))?;
        self.publish(&file, &draft, path)
    }

    /// Removes parts and drafts once the table is there.
    pub fn tidy(&self) {
        // What cannot be removed harms nobody: the table is complete.
        let _ = std::fs::remove_dir_all(self.path.join(PARTS));
        for entry in std::fs::read_dir(&self.path).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(DRAFT) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}
