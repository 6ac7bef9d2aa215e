//! `gw new`.

use std::path::Path;
use std::process::ExitCode;

use gigawatt_plan::text::nearest;
use serde_json::json;

use crate::arguments::NewOptions;
use crate::failure::Failure;
use crate::{file, terminal};

/// A scenario to start from.
struct Starter {
    name: &'static str,
    about: &'static str,
    text: &'static str,
}

const STARTERS: &[Starter] = &[
    Starter {
        name: "starter",
        about: "a hall, what stands in it, what is bought, two claims: every section with a comment",
        text: include_str!("../starters/starter.toml"),
    },
    Starter {
        name: "meta-2025",
        about: "Meta's announcement of January 2025 with a company's accounts: the reference scenario",
        text: include_str!("../../../../scenarios/meta-2025.toml"),
    },
];

/// Writes a starter, or lists them.
pub fn new(options: &NewOptions) -> Result<ExitCode, Failure> {
    if options.list {
        return list(options.manner.json);
    }
    let Some(starter) = STARTERS.iter().find(|starter| starter.name == options.from) else {
        return Err(unknown(&options.from));
    };
    if options.file == Path::new("-") {
        match options.manner.json {
            true => terminal::print_json(&json!({ "from": starter.name, "text": starter.text }))?,
            false => terminal::print(starter.text)?,
        }
        return Ok(ExitCode::SUCCESS);
    }
    file::create(&options.file, starter.text)?;
    let shown = options.file.display();
    if options.manner.json {
        terminal::print_json(&json!({ "from": starter.name, "file": shown.to_string() }))?;
    } else if !options.manner.quiet {
        terminal::note(&format!("wrote `{shown}`; run it with `gw run {shown}`"));
    }
    Ok(ExitCode::SUCCESS)
}

fn list(as_json: bool) -> Result<ExitCode, Failure> {
    if as_json {
        let starters: Vec<_> =
            STARTERS.iter().map(|starter| json!({ "name": starter.name, "about": starter.about })).collect();
        terminal::print_json(&json!({ "starters": starters }))?;
    } else {
        let rows = STARTERS.iter().map(|starter| vec![starter.name.to_owned(), starter.about.to_owned()]);
        terminal::print(&terminal::columns(&[], rows.collect()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn unknown(name: &str) -> Failure {
    let names: Vec<&str> = STARTERS.iter().map(|starter| starter.name).collect();
    Failure::BadArgument {
        message: format!("there is no starter `{name}`"),
        help: Some(match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("expected one of `{}`", names.join("`, `")),
        }),
    }
}
