//! The command line of `gw tune`.

use std::path::PathBuf;

use clap::Args;

use gigawatt_report::launch::Tool;

use super::train::tools;
use super::{RunAlone, RunManner, numbers};
use crate::commands::Narrowing;

#[derive(Args, Clone, Debug)]
pub struct TuneOptions {
    /// The scenario whose training runs are laid out, a TOML file; or --model, --from-megatron or --from-torchtitan with a
    /// run of its own
    #[arg(value_name = "SCENARIO", required_unless_present = "described", conflicts_with = "described")]
    pub scenario: Option<PathBuf>,

    /// Only this run of the scenario
    #[arg(value_name = "NAME")]
    pub name: Option<String>,

    /// Only this phase of its runs
    #[arg(long, value_name = "PHASE")]
    pub phase: Option<String>,

    #[command(flatten)]
    pub alone: RunAlone,

    /// What a dimension of the layout may be, such as tensor=4,8 or pipeline=1..16 or recompute=none,full,3; everything
    /// legal unless said. May be given several times
    #[arg(long, value_name = "DIMENSION=VALUES", value_parser = Narrowing::parse)]
    pub space: Vec<Narrowing>,

    /// Further numbers of accelerators, separated by commas: the fastest layout on each, with the same batch
    #[arg(long, value_name = "N,...", value_delimiter = ',', value_parser = numbers::accelerators)]
    pub accelerators: Vec<u64>,

    /// What the further numbers are ranked by
    #[arg(long, value_name = "OBJECTIVE", value_enum, default_value_t)]
    pub by: Objective,

    /// How many layouts to show
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = numbers::layouts)]
    pub top: usize,

    /// Why not this layout: its best variant beside the best of all, such as --why tensor=4,pipeline=32
    #[arg(long, value_name = "DIMENSION=VALUE,...", value_parser = Narrowing::parse_layout)]
    pub why: Option<Narrowing>,

    /// Print what launches the best layouts with a tool instead of showing them; as `gw train --emit` does
    #[arg(long, value_name = "TOOL", value_parser = tools(), conflicts_with_all = ["why", "accelerators"])]
    pub emit: Option<Tool>,

    /// Lay a value over the scenario, such as training.llama.accelerators=8192; the run of --model is called `run`.
    /// May be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,

    #[command(flatten)]
    pub manner: RunManner,
}

/// What is best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Objective {
    /// The least days.
    #[default]
    Time,
    /// The fewest dollars.
    Cost,
    /// The least energy.
    Energy,
}
