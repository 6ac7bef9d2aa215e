//! `gw man`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;
use serde_json::json;

use crate::arguments::{Arguments, ManOptions};
use crate::failure::Failure;
use crate::world::plain;
use crate::{file, terminal};

/// Prints the manual page of `gw`, or writes the pages of all commands into a folder.
pub fn man(options: &ManOptions) -> Result<ExitCode, Failure> {
    let pages = pages()?;
    if let Some(folder) = &options.out {
        write(folder, &pages)?;
    }
    match &options.out {
        _ if options.manner.json => {
            let folder = options.out.as_ref().map(|folder| folder.display().to_string());
            terminal::print_json(&json!({ "folder": folder, "pages": pages }))?;
        }
        None => terminal::print(pages.get("gw.1").map_or("", String::as_str))?,
        Some(folder) if !options.manner.quiet => {
            terminal::note(&format!("wrote {} pages to `{}`", pages.len(), folder.display()));
        }
        Some(_) => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The text of every page by the name of its file.
fn pages() -> Result<BTreeMap<String, String>, Failure> {
    // There is no page of its own for `gw help`.
    let mut gw = Arguments::command().disable_help_subcommand(true);
    gw.build();
    let mut commands = vec![("gw".to_owned(), gw.clone())];
    commands
        .extend(gw.get_subcommands().map(|command| (format!("gw-{}", command.get_name()), command.clone())));
    let mut pages = BTreeMap::new();
    for (name, command) in commands {
        let mut page = Vec::new();
        // The name at the top of a page is the file's, which `man gw-run` looks for.
        clap_mangen::Man::new(command)
            .title(name.to_uppercase())
            .source(concat!("gw ", env!("CARGO_PKG_VERSION")))
            .render(&mut page)
            .map_err(Failure::internal)?;
        pages.insert(format!("{name}.1"), String::from_utf8(page).map_err(Failure::internal)?);
    }
    Ok(pages)
}

fn write(folder: &Path, pages: &BTreeMap<String, String>) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| Failure::file("write", folder, plain(&error)))?;
    for (name, text) in pages {
        file::replace(&folder.join(name), text)?;
    }
    Ok(())
}
