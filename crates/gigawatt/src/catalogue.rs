//! Catalogues from folders and files.

use std::path::Path;

use gigawatt_plan::catalog::{Catalogue, Document, EMBEDDED};
use gigawatt_plan::text::{Diagnostics, SourceMap};

use crate::arguments::CatalogueOption;
use crate::diagnostics;
use crate::failure::Failure;
use crate::world::plain;

/// A catalogue file larger than this is a mistake.
const MAXIMUM_BYTES: u64 = 16 << 20;
/// What stands on the command line for the catalogue that is part of the program.
const BUILT_IN: &str = "built-in";

/// Names and texts of the catalogue files of the folder that is laid over, the bibliography first; none where no
/// folder was named.
pub fn files(option: &CatalogueOption) -> Result<Vec<(String, String)>, Failure> {
    option.folder.as_deref().map_or_else(|| Ok(Vec::new()), files_of)
}

fn files_of(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let mut files = texts_in(folder)?;
    let companies = folder.join("companies");
    if companies.is_dir() {
        files.extend(texts_in(&companies)?);
    }
    if files.is_empty() {
        let reason = "there is no .toml file in it";
        return Err(Failure::file("read the catalogue", folder, reason));
    }
    Ok(files)
}

/// The TOML files of one folder by name.
fn texts_in(folder: &Path) -> Result<Vec<(String, String)>, Failure> {
    let fail = |path: &Path, error: &std::io::Error| Failure::file("read the catalogue", path, plain(error));
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fail(folder, &error))? {
        let path = entry.map_err(|error| fail(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "toml") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    paths.into_iter().map(|path| Ok((path.to_string_lossy().replace('\\', "/"), text_of(&path)?))).collect()
}

fn text_of(path: &Path) -> Result<String, Failure> {
    let fail = |reason: String| Failure::file("read the catalogue", path, reason);
    let size = std::fs::metadata(path).map_err(|error| fail(plain(&error)))?.len();
    if size > MAXIMUM_BYTES {
        return Err(fail(format!("it is larger than {} MiB", MAXIMUM_BYTES >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(plain(&error)))?;
    String::from_utf8(bytes).map_err(|_| fail("it is not UTF-8 text".to_owned()))
}

/// The catalogue in use. What facts of the folder lack beside what every fact must have is told on standard error.
pub fn in_use(option: &CatalogueOption, quiet: bool) -> Result<Catalogue, Failure> {
    let files = files(option)?;
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::with_files(&files, &mut sources, &mut diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure::BadInput { diagnostics: diagnostics.into_sorted(), sources });
    }
    if !files.is_empty() && !quiet {
        let faults = catalogue.audit().into_iter().filter(|fault| {
            fault.labels.first().is_some_and(|label| label.span.source.0 as usize >= EMBEDDED.len())
        });
        let faults: Vec<_> = faults.map(gigawatt_plan::text::Diagnostic::warning).collect();
        if !faults.is_empty() {
            diagnostics::print(&faults, &sources);
        }
    }
    Ok(catalogue)
}

/// The catalogue that a word of the command line names: `built-in`, a folder, an exported file.
pub fn named(name: &Path) -> Result<Document, Failure> {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = if name.is_dir() {
        let files = files_of(name)?;
        let files: Vec<(&str, &str)> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        Catalogue::load(&files, &mut sources, &mut diagnostics)
    } else if name.as_os_str() == BUILT_IN {
        Catalogue::embedded(&mut sources, &mut diagnostics)
    } else {
        let text = text_of(name)?;
        return serde_json::from_str(&text).map_err(|error| Failure::BadArgument {
            message: format!("`{}` is not an exported catalogue: {error}", name.display()),
            help: Some("name a folder, `built-in`, or a file written by `gw catalog export`".to_owned()),
        });
    };
    if diagnostics.has_errors() {
        return Err(Failure::BadInput { diagnostics: diagnostics.into_sorted(), sources });
    }
    Ok(catalogue.document())
}
