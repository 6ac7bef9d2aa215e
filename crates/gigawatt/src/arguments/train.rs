//! The command line of `gw train`.

use std::path::PathBuf;

use clap::Args;
use gigawatt_plan::quantity::{Dimension, parse_quantity};
use gigawatt_plan::scenario::fields_training::{FRAMEWORKS, PRECISIONS, RECOMPUTES, SHARDINGS};
use jiff::civil::Date;

use super::RunManner;

#[derive(Args, Clone, Debug)]
pub struct TrainOptions {
    /// The scenario whose training runs are shown, a TOML file; or --model with a run of its own
    #[arg(value_name = "SCENARIO", required_unless_present_any = ["model", "scaling"], conflicts_with = "model")]
    pub scenario: Option<PathBuf>,

    /// Only this run of the scenario
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub alone: RunAlone,

    /// Accelerators that the run needs to end by a day: YYYY-MM-DD
    #[arg(long, value_name = "DAY")]
    pub for_date: Option<Date>,

    /// Accelerators that the run can have for an amount of money, such as "100 M$"
    #[arg(long, value_name = "MONEY", value_parser = |text: &str| quantity(Dimension::Money, text))]
    pub budget: Option<f64>,

    /// Size of model and tokens that scaling laws have best for so much computing, such as "3.8e25 FLOP"
    #[arg(long, value_name = "COMPUTE", value_parser = |text: &str| quantity(Dimension::Compute, text))]
    pub scaling: Option<f64>,

    /// Write what every stage does when in a step of each phase, and its memory, as a trace for Perfetto
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,

    /// Lay a value over the scenario, such as training.llama.extra_work=0.2; the run of --model is called `run`.
    /// May be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,

    #[command(flatten)]
    pub manner: RunManner,
}

/// A run described on the command line alone.
#[derive(Args, Clone, Debug)]
pub struct RunAlone {
    /// The model in the catalogue, or its config.json
    #[arg(long, value_name = "MODEL", requires_all = ["system", "gpus", "tokens"])]
    pub model: Option<String>,

    /// The system in the catalogue
    #[arg(long, value_name = "SYSTEM", requires = "model")]
    pub system: Option<String>,

    /// Accelerators
    #[arg(long, value_name = "N", requires = "model")]
    pub gpus: Option<u64>,

    /// Tokens in all, such as 15.6T
    #[arg(long, value_name = "TOKENS", requires = "model")]
    pub tokens: Option<String>,

    /// Tokens of a sequence
    #[arg(long, value_name = "TOKENS", requires = "model", default_value_t = 8192)]
    pub sequence: u64,

    /// Sequences of a step over the whole run; about 16 M tokens unless said
    #[arg(long, value_name = "SEQUENCES", requires = "model")]
    pub batch: Option<u64>,

    /// Tensor parallelism
    #[arg(long, value_name = "N", requires = "model")]
    pub tensor: Option<u64>,

    /// Context parallelism
    #[arg(long, value_name = "N", requires = "model")]
    pub context: Option<u64>,

    /// Stages of the pipeline
    #[arg(long, value_name = "N", requires = "model")]
    pub pipeline: Option<u64>,

    /// Pieces of the model that a stage holds
    #[arg(long, value_name = "N", requires = "model")]
    pub virtual_stages: Option<u64>,

    /// Expert parallelism
    #[arg(long, value_name = "N", requires = "model")]
    pub expert: Option<u64>,

    /// Tensor parallelism inside an expert
    #[arg(long, value_name = "N", requires = "model")]
    pub expert_tensor: Option<u64>,

    /// Sequences that pass at once
    #[arg(long, value_name = "N", requires = "model")]
    pub micro_batch: Option<u64>,

    /// What data-parallel ranks share out
    #[arg(long, value_name = "WHAT", requires = "model", value_parser = clap::builder::PossibleValuesParser::new(SHARDINGS))]
    pub sharding: Option<String>,

    /// What the backward pass computes again
    #[arg(long, value_name = "WHAT", requires = "model", value_parser = clap::builder::PossibleValuesParser::new(RECOMPUTES))]
    pub recompute: Option<String>,

    /// Number format of the matrices
    #[arg(long, value_name = "FORMAT", requires = "model", value_parser = clap::builder::PossibleValuesParser::new(PRECISIONS))]
    pub precision: Option<String>,

    /// The stack of software
    #[arg(long, value_name = "NAME", requires = "model", value_parser = clap::builder::PossibleValuesParser::new(FRAMEWORKS))]
    pub framework: Option<String>,

    /// Price of an hour of one accelerator, such as "2.5 $/h"; the market's rent unless said
    #[arg(long, value_name = "PRICE", requires = "model")]
    pub hour_price: Option<String>,

    /// Its first day; today unless said
    #[arg(long, value_name = "DAY", requires = "model")]
    pub start: Option<Date>,
}

fn quantity(dimension: Dimension, text: &str) -> Result<f64, String> {
    let value = parse_quantity(dimension, text).map_err(|error| match error.help {
        Some(help) => format!("{}: {help}", error.message),
        None => error.message,
    })?;
    if value > 0.0 { Ok(value) } else { Err("expected an amount above 0".to_owned()) }
}
