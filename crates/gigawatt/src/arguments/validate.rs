//! The command line of `gw validate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Args, Clone, Debug)]
pub struct ValidateOptions {
    #[command(subcommand)]
    pub command: ValidateCommand,
}

impl ValidateOptions {
    /// What every kind of measurement takes.
    pub fn points(&self) -> &PointsOptions {
        match &self.command {
            ValidateCommand::Training(options) => &options.points,
            ValidateCommand::Serving(options) => &options.points,
            ValidateCommand::Kernels(points) | ValidateCommand::Reliability(points) => points,
        }
    }
}

#[derive(Clone, Debug, Subcommand)]
pub enum ValidateCommand {
    /// Times of training steps
    ///
    /// Rows are one measurement each: model, accelerators, layout, software, and tokens per second or step time. The
    /// statistics are over rows with `scored` = 1, or all where the file has no such column.
    Training(TrainingOptions),
    /// Latency and throughput of served models
    ///
    /// Rows are one measurement each: model, engine, formats, accelerators, layout, tokens of prompts and answers, requests
    /// in flight, and time to the first token, time of each token or throughput. The statistics are over rows with
    /// `scored` = 1, or all where the file has no such column, by metric.
    Serving(ServingOptions),
    /// Times of single kernels: matrix products, attention, layers of experts
    ///
    /// Columns: gpu, op, dtype, time_us and those of the shape; `id` names rows, `scored` says with 1 which count.
    Kernels(PointsOptions),
    /// Failures: rates, mean times, interruptions by cause, effective time
    ///
    /// Columns: cluster, metric, value, and for most metrics unit, gpus and days; `source` says where it was published.
    /// Rows that the laws were calibrated on are predicted too, and told apart.
    Reliability(PointsOptions),
}

/// Where measurements come from and what becomes of the predictions.
#[derive(Args, Clone, Debug)]
pub struct PointsOptions {
    /// The measurements, a CSV file with one in each row
    #[arg(long, value_name = "FILE")]
    pub points: PathBuf,

    /// Write the prediction of every row into a CSV file, in the place of an older one
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,

    /// Write one JSON document to standard output
    #[arg(long)]
    pub json: bool,

    /// No notes on standard error; errors are still told
    #[arg(short, long)]
    pub quiet: bool,
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

#[derive(Args, Clone, Debug)]
pub struct ServingOptions {
    #[command(flatten)]
    pub points: PointsOptions,

    /// Fit again with each model on each accelerator and each generation of accelerators left out, and predict what was
    /// left out; some minutes
    #[arg(long)]
    pub cross_validate: bool,

    /// Draw predictions against measurements, rows that count only, as an SVG image
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}
