//! The command line of `gw catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args, Clone, Debug)]
pub struct CatalogOptions {
    #[command(subcommand)]
    pub command: CatalogCommand,

    #[command(flatten)]
    pub catalogue: CatalogueOption,

    /// Write one JSON document to standard output
    #[arg(long, global = true)]
    pub json: bool,

    /// No notes on standard error; errors are still told
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// The catalogue that a command uses.
#[derive(Args, Clone, Debug, Default)]
pub struct CatalogueOption {
    /// Lay the catalogue files of a folder over the built-in ones: an entry replaces that of the same kind and name
    #[arg(long = "catalog", value_name = "DIR", global = true)]
    pub folder: Option<PathBuf>,
}

#[derive(Clone, Debug, Subcommand)]
pub enum CatalogCommand {
    /// List entries: all, of one kind, or those that hold a text
    List {
        /// Kind of entry, such as accelerator, system, model, network, rental, grid, reliability, operations
        #[arg(value_name = "KIND")]
        kind: Option<String>,
        /// Only entries whose name, title, vendor, other text or source holds this; case does not matter
        #[arg(long = "where", value_name = "TEXT")]
        text: Option<String>,
    },
    /// Show an entry: every field with its range, its vintages and its sources
    Show {
        /// Name of the entry, such as gb200-nvl72, system.gb200-nvl72 or system.gb200-nvl72.power
        #[arg(value_name = "NAME")]
        name: String,
    },
    /// List the documents behind the facts
    Sources {
        /// Only sources whose id, title, publisher or note holds this; case does not matter
        #[arg(long = "where", value_name = "TEXT")]
        text: Option<String>,
    },
    /// Compare two catalogues: what was added, removed, changed
    ///
    /// A catalogue is a folder of catalogue files, a file written by `gw catalog export`, or `built-in`. Without a
    /// second one the catalogue in use stands for it: `gw catalog diff built-in --catalog DIR` shows what DIR changes.
    Diff {
        /// The older catalogue
        #[arg(value_name = "OLD")]
        old: PathBuf,
        /// The newer catalogue; the one in use unless said
        #[arg(value_name = "NEW")]
        new: Option<PathBuf>,
    },
    /// Write the whole catalogue as JSON, numbers in base units
    Export,
}
