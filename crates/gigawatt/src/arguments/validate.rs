//! The command line of `gw validate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args, Clone, Debug)]
pub struct ValidateOptions {
    #[command(subcommand)]
    pub law: ValidateCommand,
}

#[derive(Clone, Debug, Subcommand)]
pub enum ValidateCommand {
    /// Time of training steps
    ///
    /// Rows are one measurement each: model, accelerators, layout, software, and tokens per second or step time. The
    /// statistics are over rows with `scored` = 1, or all where the file has no such column.
    Training(TrainingOptions),
}

impl ValidateCommand {
    /// Which measurements, and what is told of them.
    pub fn points(&self) -> &PointsOptions {
        match self {
            Self::Training(options) => &options.points,
        }
    }
}

#[derive(Args, Clone, Debug)]
pub struct TrainingOptions {
    #[command(flatten)]
    pub points: PointsOptions,

    /// Fit again with each document, each model on each family of accelerators and each publisher left out, and
    /// predict what was left out; about a minute
    #[arg(long)]
    pub cross_validate: bool,

    /// Draw predictions against measurements, rows that count only, as an SVG image
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

/// Which measurements, and what is told of them.
#[derive(Args, Clone, Debug)]
pub struct PointsOptions {
    /// The measurements, a CSV file
    #[arg(long, value_name = "FILE")]
    pub points: PathBuf,

    /// Write a line for every row: measurement, prediction, interval, error, what was assumed
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Write one JSON document to standard output
    #[arg(long)]
    pub json: bool,

    /// No progress and no notes on standard error; errors are still told
    #[arg(short, long)]
    pub quiet: bool,
}
