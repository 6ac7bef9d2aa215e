//! The command line of `gw fleet`.

use std::path::PathBuf;

use clap::Args;

use super::{ScenarioOptions, numbers};

#[derive(Args, Clone, Debug)]
pub struct FleetOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    /// Histories with drawn inputs, beside the one in the reference case; the scenario's unless said, none with 0
    #[arg(long, visible_alias = "seeds", value_name = "N", value_parser = numbers::histories)]
    pub histories: Option<u32>,

    /// The most jobs of each batch workload that are simulated in a history; where there are more, each stands for several of
    /// the same size, one after the other
    #[arg(long, value_name = "N", default_value_t = 200_000, value_parser = numbers::jobs)]
    pub jobs: u64,

    /// Show closed forms of every job on many servers beside what was simulated
    #[arg(long)]
    pub analytic: bool,

    /// Run the jobs of a trace (Standard Workload Format, `sacct -P`) in the place of the workloads of a pool
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,

    /// Failures to inject beside those that are drawn, a CSV file: time, server or domain, cause, downtime
    #[arg(long, value_name = "FILE")]
    pub failures: Option<PathBuf>,

    /// The pool of --replay and --failures, as SITE/SYSTEM; the one with the most accelerators unless said
    #[arg(long, value_name = "POOL")]
    pub pool: Option<String>,
}
