//! Commands beside a scenario's own: starters, schemas, completions, manual pages.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::Shell;

#[derive(Args, Clone, Debug)]
pub struct NewOptions {
    /// File to write, `-` for standard output; a file that is there is left alone
    #[arg(value_name = "FILE", default_value = "scenario.toml")]
    pub file: PathBuf,

    /// Which starter; `gw new --list` tells what there is
    #[arg(long, value_name = "NAME", default_value = "starter")]
    pub from: String,

    /// List the starters and write nothing
    #[arg(long, conflicts_with = "from")]
    pub list: bool,

    #[command(flatten)]
    pub manner: Manner,
}

/// Which schema.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaOf {
    /// What a scenario may say
    Scenario,
    /// What `gw run` writes as summary.json
    Summary,
}

#[derive(Args, Clone, Debug)]
pub struct SchemaOptions {
    /// Of what
    #[arg(value_name = "WHAT", value_enum, default_value_t = SchemaOf::Scenario)]
    pub of: SchemaOf,

    #[command(flatten)]
    pub manner: Manner,
}

#[derive(Args, Clone, Debug)]
pub struct CompletionsOptions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,

    #[command(flatten)]
    pub manner: Manner,
}

#[derive(Args, Clone, Debug)]
pub struct ManOptions {
    /// Folder for one page for each command; without it, the page of gw goes to standard output
    #[arg(short, long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,

    #[command(flatten)]
    pub manner: Manner,
}

/// How a command that reads no scenario speaks.
#[derive(Args, Clone, Copy, Debug)]
pub struct Manner {
    /// Write one JSON document to standard output
    #[arg(long)]
    pub json: bool,

    /// No notes on standard error; errors are still told
    #[arg(short, long)]
    pub quiet: bool,
}
