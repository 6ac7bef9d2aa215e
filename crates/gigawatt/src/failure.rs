//! What can go wrong at the edge, and the exit code for it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gigawatt_engine::Cancelled;
use gigawatt_plan::text::{Diagnostic, SourceMap};

use crate::{diagnostics, terminal};

/// Why a command did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The scenario is wrong; every diagnostic with its texts.
    #[error("the scenario is wrong")]
    BadInput { diagnostics: Vec<Diagnostic>, sources: SourceMap },
    /// The command line is wrong in a way that only the scenario shows.
    #[error("{message}")]
    BadArgument { message: String, help: Option<String> },
    /// A file could not be read or written.
    #[error("cannot {action} `{}`: {reason}", path.display())]
    File { action: &'static str, path: PathBuf, reason: String, help: Option<String> },
    /// Standard output could not be written.
    #[error("cannot write to standard output: {0}")]
    Output(std::io::Error),
    /// The user stopped it.
    #[error("interrupted, nothing was written")]
    Interrupted,
    /// The user stopped a sweep, whose parts are kept.
    #[error("interrupted: {kept} of {of} parts are kept, the same command goes on from there")]
    Stopped { kept: u64, of: u64 },
    /// A bug.
    #[error("internal error: {0}")]
    Internal(String),
}

impl Failure {
    /// A bug.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::Internal(error.to_string())
    }

    /// A file that could not be read or written.
    pub fn file(action: &'static str, path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::File { action, path: path.to_owned(), reason: reason.to_string(), help: None }
    }

    fn code(&self) -> u8 {
        match self {
            Self::BadInput { .. } | Self::BadArgument { .. } => 2,
            Self::Internal(_) => 3,
            Self::File { .. } | Self::Output(_) => 4,
            Self::Interrupted | Self::Stopped { .. } => 130,
        }
    }

    /// Tells the user, as text on standard error or as one JSON document on standard output.
    pub fn report(&self, json: bool) -> ExitCode {
        // Whoever reads standard output has gone: there is nobody to tell.
        if matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe) {
            return ExitCode::from(self.code());
        }
        if json {
            let document = self.to_json();
            if terminal::print_json(&document).is_ok() {
                return ExitCode::from(self.code());
            }
        }
        match self {
            Self::BadInput { diagnostics, sources } => diagnostics::print(diagnostics, sources),
            Self::BadArgument { help, .. } | Self::File { help, .. } => {
                terminal::note(&format!("error: {self}"));
                if let Some(help) = help {
                    terminal::note(&format!("help: {help}"));
                }
            }
            _ => terminal::note(&format!("error: {self}")),
        }
        ExitCode::from(self.code())
    }

    fn to_json(&self) -> serde_json::Value {
        let errors = match self {
            Self::BadInput { diagnostics, sources } => {
                diagnostics.iter().map(|diagnostic| diagnostics::to_json(diagnostic, sources)).collect()
            }
            Self::BadArgument { help, .. } | Self::File { help, .. } => {
                vec![serde_json::json!({ "message": self.to_string(), "help": help })]
            }
            _ => vec![serde_json::json!({ "message": self.to_string() })],
        };
        serde_json::json!({ "exit_code": self.code(), "errors": errors })
    }
}

impl From<&clap::Error> for Failure {
    /// The command line is wrong: the first line says how, the tips after it what would be right.
    fn from(error: &clap::Error) -> Self {
        let rendered = error.render().to_string();
        let mut paragraphs = rendered.trim().split("\n\n");
        let message = paragraphs.next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        let help: Vec<&str> = paragraphs
            .filter(|paragraph| !paragraph.starts_with("For more information"))
            .map(str::trim)
            .collect();
        Self::BadArgument { message, help: (!help.is_empty()).then(|| help.join("\n")) }
    }
}

impl From<Cancelled> for Failure {
    fn from(_: Cancelled) -> Self {
        Self::Interrupted
    }
}
