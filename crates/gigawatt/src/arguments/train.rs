//! The command line of `gw train`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use gigawatt_plan::quantity::{Dimension, parse_quantity};
use gigawatt_plan::scenario::fields_training::{FRAMEWORKS, OFFLOADS, PRECISIONS, RECOMPUTES, SHARDINGS};
use gigawatt_report::launch::Tool;
use jiff::civil::Date;

use super::RunManner;

#[derive(Args, Clone, Debug)]
pub struct TrainOptions {
    /// The scenario whose training runs are shown, a TOML file; or --model, --from-megatron or --from-torchtitan with a
    /// run of its own
    #[arg(value_name = "SCENARIO", required_unless_present_any = ["described", "scaling"], conflicts_with = "described")]
    pub scenario: Option<PathBuf>,

    /// Only this run of the scenario
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub alone: RunAlone,

    /// Print what launches the runs with a tool instead of what they take
    ///
    /// megatron is an array of bash with arguments of Megatron-LM, torchtitan a TOML file, nemo an array of bash with
    /// overrides of a recipe of Megatron-Bridge; one for each phase. What the tool has no setting for stands in a
    /// comment, and on standard error.
    #[arg(long, value_name = "TOOL", value_parser = tools(), conflicts_with_all = ["for_date", "budget", "scaling"])]
    pub emit: Option<Tool>,

    /// Only this phase, with --emit
    #[arg(long, value_name = "NAME", requires = "emit")]
    pub phase: Option<String>,

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
    /// The model in the catalogue, or its config.json; with --from-megatron or --from-torchtitan instead of the file's
    #[arg(long, value_name = "MODEL", group = "described", requires_all = ["system", "gpus"])]
    pub model: Option<String>,

    /// A script or list of arguments of Megatron-LM: model, layout, batch, number format, software and, where it has
    /// them, tokens. Other options are laid over it
    #[arg(long, value_name = "FILE", group = "described", requires_all = ["system", "gpus"], conflicts_with = "from_torchtitan")]
    pub from_megatron: Option<String>,

    /// The same from a TOML file of torchtitan
    #[arg(long, value_name = "FILE", group = "described", requires_all = ["system", "gpus"])]
    pub from_torchtitan: Option<String>,

    /// The system in the catalogue
    #[arg(long, value_name = "SYSTEM", requires = "described")]
    pub system: Option<String>,

    /// Accelerators
    #[arg(long, value_name = "N", requires = "described")]
    pub gpus: Option<u64>,

    /// Tokens in all, such as 15.6T; needed unless a file says them
    #[arg(long, value_name = "TOKENS", requires = "described")]
    pub tokens: Option<String>,

    /// Tokens of a sequence; 8192 unless a file or this says it
    #[arg(long, value_name = "TOKENS", requires = "described")]
    pub sequence: Option<u64>,

    /// Sequences of a step over the whole run; about 16 M tokens unless a file or this says it
    #[arg(long, value_name = "SEQUENCES", requires = "described")]
    pub batch: Option<u64>,

    /// Tensor parallelism
    #[arg(long, value_name = "N", requires = "described")]
    pub tensor: Option<u64>,

    /// Context parallelism
    #[arg(long, value_name = "N", requires = "described")]
    pub context: Option<u64>,

    /// Stages of the pipeline
    #[arg(long, value_name = "N", requires = "described")]
    pub pipeline: Option<u64>,

    /// Pieces of the model that a stage holds
    #[arg(long, value_name = "N", requires = "described")]
    pub virtual_stages: Option<u64>,

    /// Expert parallelism
    #[arg(long, value_name = "N", requires = "described")]
    pub expert: Option<u64>,

    /// Tensor parallelism inside an expert
    #[arg(long, value_name = "N", requires = "described")]
    pub expert_tensor: Option<u64>,

    /// Sequences that pass at once
    #[arg(long, value_name = "N", requires = "described")]
    pub micro_batch: Option<u64>,

    /// What data-parallel ranks share out
    #[arg(long, value_name = "WHAT", requires = "described", value_parser = PossibleValuesParser::new(SHARDINGS))]
    pub sharding: Option<String>,

    /// What the backward pass computes again
    #[arg(long, value_name = "WHAT", requires = "described", value_parser = PossibleValuesParser::new(RECOMPUTES))]
    pub recompute: Option<String>,

    /// What lies in the memory of the host
    #[arg(long, value_name = "WHAT", requires = "described", value_parser = PossibleValuesParser::new(OFFLOADS))]
    pub offload: Option<String>,

    /// Number format of the matrices
    #[arg(long, value_name = "FORMAT", requires = "described", value_parser = PossibleValuesParser::new(PRECISIONS))]
    pub precision: Option<String>,

    /// The stack of software
    #[arg(long, value_name = "NAME", requires = "described", value_parser = PossibleValuesParser::new(FRAMEWORKS))]
    pub framework: Option<String>,

    /// Price of an hour of one accelerator, such as "2.5 $/h"; the market's rent unless said
    #[arg(long, value_name = "PRICE", requires = "described")]
    pub hour_price: Option<String>,

    /// Its first day; today unless said
    #[arg(long, value_name = "DAY", requires = "described")]
    pub start: Option<Date>,
}

impl RunAlone {
    /// Whether the command line describes a run.
    pub fn is_described(&self) -> bool {
        self.model.is_some() || self.is_launched()
    }

    /// Whether a file of a tool describes it.
    pub fn is_launched(&self) -> bool {
        self.from_megatron.is_some() || self.from_torchtitan.is_some()
    }

    /// Whether it describes a run and says nothing of how that is cut over its accelerators.
    pub fn has_no_layout(&self) -> bool {
        let cut = [self.tensor, self.context, self.pipeline, self.expert];
        self.model.is_some() && !self.is_launched() && cut.iter().all(Option::is_none)
    }
}

/// The tools by their words.
pub(super) fn tools() -> impl TypedValueParser<Value = Tool> {
    PossibleValuesParser::new(Tool::ALL.map(|(_, word)| word)).map(|word| {
        Tool::ALL.into_iter().find(|(_, known)| *known == word).map_or(Tool::Megatron, |(tool, _)| tool)
    })
}

/// An amount above nothing.
pub(super) fn quantity(dimension: Dimension, text: &str) -> Result<f64, String> {
    let value = parse_quantity(dimension, text).map_err(|error| match error.help {
        Some(help) => format!("{}: {help}", error.message),
        None => error.message,
    })?;
    if value > 0.0 { Ok(value) } else { Err("expected an amount above 0".to_owned()) }
}
