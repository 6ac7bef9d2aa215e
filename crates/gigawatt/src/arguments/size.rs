//! The command line of `gw size`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use gigawatt_engine::serving::sizing::{Arrangements, Objective};
use gigawatt_plan::scenario::fields_serving::{ENGINES, WEIGHTS};

use super::{RunManner, ServiceAlone, numbers};

#[derive(Args, Clone, Debug)]
pub struct SizeOptions {
    /// The scenario whose services are sized, a TOML file; or --model with a service of its own
    #[arg(value_name = "SCENARIO", required_unless_present = "served", conflicts_with = "served")]
    pub scenario: Option<PathBuf>,

    /// Only this service of the scenario
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    #[command(flatten)]
    pub alone: ServiceAlone,

    /// Systems in the catalogue to choose from, separated by commas
    #[arg(long, value_name = "SYSTEM,...", value_delimiter = ',', requires = "served")]
    pub system: Vec<String>,

    /// Number formats of the weights to choose from; bf16 unless said
    #[arg(long, value_name = "FORMAT,...", value_delimiter = ',', requires = "served", value_parser = PossibleValuesParser::new(WEIGHTS))]
    pub weights: Vec<String>,

    /// Inference engines to choose from; vllm unless said
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', requires = "served", value_parser = PossibleValuesParser::new(ENGINES))]
    pub engine: Vec<String>,

    /// Where prompts and answers may be worked on
    #[arg(long, value_name = "WHERE", value_enum, default_value_t)]
    pub arrangement: Arrangement,

    /// Accelerators of a replica or worker at most; 64, or a scale-up domain where that has more, unless said
    #[arg(long, value_name = "N", value_parser = numbers::accelerators)]
    pub largest: Option<u64>,

    /// What is best
    #[arg(long, value_name = "OBJECTIVE", value_enum, default_value_t)]
    pub by: By,

    /// How many deployments to show
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = numbers::layouts)]
    pub top: usize,

    /// Show throughput of an accelerator against speed for a user: what no deployment beats in both
    #[arg(long)]
    pub pareto: bool,

    /// Draw that as an SVG image
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,

    /// Lay a value over the scenario, such as service.chat.rate="80 request/s"; the service of --model is called `run`.
    /// May be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,

    #[command(flatten)]
    pub manner: RunManner,
}

/// Where prompts and answers may be worked on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Arrangement {
    /// Both ways.
    #[default]
    Any,
    /// On the same replicas.
    Together,
    /// On workers of their own (disaggregated).
    Apart,
}

impl From<Arrangement> for Arrangements {
    fn from(arrangement: Arrangement) -> Self {
        match arrangement {
            Arrangement::Any => Self::Any,
            Arrangement::Together => Self::Together,
            Arrangement::Apart => Self::Apart,
        }
    }
}

/// What is best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// The fewest dollars.
    #[default]
    Cost,
    /// The fewest accelerators.
    Accelerators,
    /// The least energy.
    Energy,
}

impl From<By> for Objective {
    fn from(by: By) -> Self {
        match by {
            By::Cost => Self::Cost,
            By::Accelerators => Self::Accelerators,
            By::Energy => Self::Energy,
        }
    }
}
