//! The command line.

mod catalog;
mod checkpoint;
mod fleet;
mod jobs;
mod numbers;
mod power;
mod serve;
mod service;
mod size;
mod tools;
mod train;
mod tune;
mod validate;
mod weather;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::commands::Shard;
use crate::sweep::Choice;
pub use catalog::{CatalogCommand, CatalogOptions, CatalogueOption};
pub use checkpoint::CheckpointOptions;
pub use fleet::FleetOptions;
pub use jobs::{JobsOptions, Of};
pub use power::PowerOptions;
pub use serve::{Emitted, ProcessName, ReplicaOptions, ServeOptions, TrafficOptions};
pub use service::{Rate, ServiceAlone};
pub use size::SizeOptions;
pub use tools::{CompletionsOptions, ManOptions, NewOptions, SchemaOf, SchemaOptions};
pub use train::{RunAlone, TrainOptions};
pub use tune::{Objective, TuneOptions};
pub use validate::{PointsOptions, ServingOptions, TrainingOptions, ValidateCommand, ValidateOptions};
pub use weather::WeatherOptions;

const EXIT_CODES: &str = "\
Exit codes:
  0    done; for `check`, no claim that counts fails or is undecided
  1    `check` found a claim that fails or is undecided
  2    the scenario or the command line is wrong
  3    internal error, a bug
  4    input or output failed
  130  interrupted";

/// Examples as they would be typed, and the exit codes.
fn after(examples: &str) -> String {
    format!("Examples:\n  {examples}\n\n{EXIT_CODES}")
}

const OF_GW: &str = "\
  gw new plan.toml          write a scenario to start from
  gw run plan.toml          run it; see the report
  gw check plan.toml        judge its claims
  gw explain plan.toml      list its results and inputs";

const OF_RUN: &str = "\
  gw run plan.toml
  gw run plan.toml --set purchase.gb200-2025.share=0.4   beside the plan without it
  gw run plan.toml --set \"company.revenue.2025=180 B$\" --out results/high
  gw run plan.toml --json | jq '.results[\"finance.capex.cash\"].values[\"2025\"]'";

const OF_CHECK: &str = "\
  gw check plan.toml
  gw check plan.toml --quiet && deploy
  gw check plan.toml --json | jq -r '.open[]'";

const OF_FINANCE: &str = "\
  gw finance plan.toml
  gw finance plan.toml --set company.server_life=\"4 year\"
  gw finance plan.toml --beside plan-hindsight.toml";

const OF_TRAIN: &str = "\
  gw train plan.toml
  gw train plan.toml llama-3-1-405b --for-date 2024-06-30
  gw train --model llama-3-1-405b --system hgx-h100 --gpus 16384 --tensor 8 --pipeline 16 --tokens 15.6T
  gw train plan.toml llama-3-1-405b --emit megatron > arguments.sh
  gw train --from-megatron pretrain.sh --system hgx-h100 --gpus 1024 --tokens 2T
  gw train --scaling \"3.8e25 FLOP\"";

const OF_TUNE: &str = "\
  gw tune plan.toml llama-3-1-405b
  gw tune plan.toml llama-3-1-405b --accelerators 4096,8192,16384 --by cost
  gw tune plan.toml llama-3-1-405b --space tensor=8 --space recompute=none,full --top 5
  gw tune plan.toml llama-3-1-405b --why tensor=4,pipeline=32
  gw tune --model llama-3-1-405b --system hgx-h100 --gpus 16384 --tokens 15.6T";

const OF_SIZE: &str = "\
  gw size --model llama-3-1-70b --system hgx-h200 --weights fp8 --prompt 4000 --output 500 --tpot 50ms
  gw size --model deepseek-v3 --system hgx-h200,hgx-b200 --weights fp8 --prompt 4000 --output 500 --ttft 2s --tpot 50ms --rate 80
  gw size --model llama-4-maverick --system hgx-h200 --weights fp8 --prompt 1000 --output 1000 --tpot 20ms --pareto --svg front.svg
  gw size plan.toml chat --by energy
  gw size plan.toml chat --json | jq '.services[0].best[0].workers'";

const OF_CHECKPOINT: &str = "\
  gw checkpoint --accelerators 16384 --model llama-3-1-405b
  gw checkpoint --accelerators 100000 --state \"28 TB\" --reference rsc-1 --interval 30min
  gw checkpoint --accelerators 16384 --model llama-3-1-405b --storage \"500 GB/s\" --spares 1% --svg intervals.svg
  gw checkpoint plan.toml --run llama-3-1-405b --json | jq .mean_time";

const OF_EXPLAIN: &str = "\
  gw explain plan.toml                                what there is to explain
  gw explain plan.toml finance.capex.cash             what moves a result
  gw explain plan.toml system.gb200-nvl72.power       where an input is from, what it moves";

const OF_COMPARE: &str = "\
  gw compare plan.toml plan-hindsight.toml
  gw compare runs/plan-1f053efe1d7b-1 plan.toml --html comparison.html
  gw compare a.toml b.toml c.toml --json | jq -r '.results[0].path'";

const OF_CATALOG: &str = "\
  gw catalog list accelerator
  gw catalog show gb200-nvl72
  gw catalog diff built-in --catalog my-facts";

const OF_SWEEP: &str = "\
  gw sweep plan.toml --vary \"company.outside_ai.2025=17 B$..28 B$/12\"
  gw sweep plan.toml --vary '*' --design sobol --runs 4096 --out sweep";

const OF_VALIDATE: &str = "\
  gw validate training --points training_points.csv
  gw validate training --points training_points.csv --csv predictions.csv --cross-validate
  gw validate training --points training_points.csv --svg training.svg
  gw validate kernels --points op_points.csv --json | jq '.by.op_gpu'
  gw validate reliability --points reliability.csv";

const OF_FLEET: &str = "\
  gw fleet plan.toml
  gw fleet plan.toml --seeds 100 --analytic
  gw fleet plan.toml --set fleet.server_interval=\"153.8 day\" --json | jq '.jobs[] | {name, goodput}'
  gw fleet plan.toml --replay trace.swf --pool campus/hgx-h100 --failures failures.csv";

const OF_SERVE: &str = "\
  gw serve --model llama-3-1-70b --system hgx-h100 --tensor 4 --rate 4 --prompt 1000 --output 200
  gw serve --model llama-3-1-8b --system hgx-h100 --tensor 1 --trace azure.csv --ttft 500ms --tpot 50ms
  gw serve --model llama-3-1-70b --system hgx-h200 --tensor 8 --trace mooncake.jsonl --replicas 8 --router prefix-aware
  gw serve plan.toml assistant --emit kubernetes --hub-model meta-llama/Llama-3.1-70B-Instruct > assistant.yaml
  gw serve plan.toml assistant --table requests.parquet --charts charts
  gw serve plan.toml assistant --json | jq '.latency.time_to_first_token.p99'";

const OF_POWER: &str = "\
  gw power plan.toml
  gw power plan.toml --site campus --svg charts --csv minutes.csv
  gw power plan.toml --json | jq '.sites[].swings.measures[] | {name, left, keeps}'";

const OF_JOBS: &str = "\
  gw jobs trace.swf
  gw jobs jobs.txt --capacity train=16384 --capacity short=512
  sacct -a -X -P -S 2025-01-01 -o JobID,Submit,Start,End,Elapsed,Timelimit,NCPUS,AllocTRES,ReqTRES,State,Partition,User | gw jobs -
  gzip -dc trace.swf.gz | gw jobs - --json | jq .findings";

const OF_NEW: &str = "\
  gw new                          write scenario.toml
  gw new plan.toml --from meta-2025
  gw new - | gw check /dev/stdin";

const OF_SCHEMA: &str = "\
  gw schema > gigawatt.schema.json
  gw schema summary > summary.schema.json
  and as first line of a scenario: #:schema ./gigawatt.schema.json";

const OF_COMPLETIONS: &str = "\
  gw completions bash > ~/.local/share/bash-completion/completions/gw
  gw completions zsh > \"${fpath[1]}/_gw\"
  gw completions fish > ~/.config/fish/completions/gw.fish";

const OF_MAN: &str = "\
  gw man | man -l -
  gw man --out ~/.local/share/man/man1";

/// Plan and simulate AI fleets from the money to the megawatts to the tokens.
#[derive(Debug, Parser)]
#[command(name = "gw", version, about, after_help = after(OF_GW), max_term_width = 100)]
pub struct Arguments {
    /// Threads to use; every core unless said. Results do not depend on it
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true, value_parser = numbers::threads)]
    pub threads: Option<NonZeroUsize>,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario and judge its claims
    ///
    /// Reads the scenario, samples it, judges its claims and writes summary.json and report.html into a folder,
    /// whole or not at all. A complete identical result is reused.
    #[command(after_help = after(OF_RUN))]
    Run(RunOptions),
    /// Judge a scenario's claims, for use as a test
    ///
    /// Writes no files. Exits with 1 if a claim fails or is undecided, unless the claim is informative.
    #[command(after_help = after(OF_CHECK))]
    Check(CheckOptions),
    /// Show the money: statements by year, costs of an hour, present values, useful lives, the back-test
    ///
    /// Runs the scenario and writes no files. Money is in billions of dollars, medians with the range from p10 to
    /// p90 below them. Lines that are nothing in every year are left out.
    #[command(after_help = after(OF_FINANCE))]
    Finance(FinanceOptions),
    /// Show training runs: what a step is made of, days, accelerator-hours, energy, dollars
    ///
    /// Of a scenario, or of a run that the command line describes. Writes no files. A step is that of the reference
    /// case; what the run takes has a range, in which the error of the law of steps counts too.
    #[command(after_help = after(OF_TRAIN))]
    Train(Box<TrainOptions>),
    /// Find the fastest layout of training runs: parallelism, micro-batch, recomputation, sharding
    ///
    /// Searches every legal layout of a space, memory first, and states how many there were and in which sense the best
    /// is the best. Beside it the layout that the scenario has. Writes no files.
    #[command(after_help = after(OF_TUNE))]
    Tune(Box<TuneOptions>),
    /// Find the deployment that serves a demand within its latency targets for the least
    ///
    /// Searches systems, layouts, batches, budgets of tokens, and prompts together with answers or apart from them, states the
    /// space and in which sense the best is the best, and simulates it on requests that come at random. Without --rate, what an
    /// accelerator serves is to be best. Writes no files but the drawing.
    #[command(after_help = after(OF_SIZE))]
    Size(Box<SizeOptions>),
    /// Find when to checkpoint a job, where to, and how many spares it needs
    ///
    /// In closed form: how often a job of so many accelerators is interrupted, the best interval for blocking writes, writes in
    /// the background and copies in memory, where the time goes, spare servers, other sizes. Published rates of failures
    /// disagree; their range is carried through. Writes no files but the drawing.
    #[command(after_help = after(OF_CHECKPOINT))]
    Checkpoint(Box<CheckpointOptions>),
    /// Simulate the fleet: jobs, failures, repairs, spares, maintenance, and who gets what
    ///
    /// Event by event over the period of `[fleet]`, as the build-out lets it grow: one history in the reference case and several
    /// with drawn inputs. Stopped with Ctrl-C it shows what is known, marked as partial, and ends with 130. Writes no files.
    #[command(after_help = after(OF_FLEET))]
    Fleet(Box<FleetOptions>),
    /// Simulate a served model: what users wait, what it serves, what it costs
    ///
    /// Requests come from a trace or are made up; every one of them passes through continuous batching on its replica,
    /// event by event. Shown are times to the first and of each further token, what meets its targets, throughput,
    /// utilisation, power and the price of a million tokens.
    #[command(after_help = after(OF_SERVE))]
    Serve(Box<ServeOptions>),
    /// Study sites as their grids see them: peak, ramps, swings, the chain, lost feeds, what smooths a load
    ///
    /// Minutes of a year of every site in the reference case, from one simulated history of the fleet where the scenario has one,
    /// through the chain of `[[power]]` or the catalogue's. Swings within a training step are closed forms beside them. Writes no
    /// files but the table and the drawings.
    #[command(after_help = after(OF_POWER))]
    Power(Box<PowerOptions>),
    /// Explain a number: from a result or an input back to facts, lines and sources
    ///
    /// Without a path, lists the scenario's results and inputs.
    #[command(after_help = after(OF_EXPLAIN))]
    Explain(ExplainOptions),
    /// Compare scenarios or finished runs: what differs, the most important first, and why
    ///
    /// Scenarios are run without writing anything. Results, claims and inputs are matched by path; what only some
    /// have is listed apart. The others are compared with the first.
    #[command(after_help = after(OF_COMPARE))]
    Compare(CompareOptions),
    /// Evaluate a scenario at many points: a grid, a list, a random or quasi-random design
    ///
    /// Writes sweep.json and sweep.parquet into a folder, one row for each point. Stopped at any moment, the same
    /// command goes on where it stopped. Paths are those that `gw explain SCENARIO` lists and `--set` takes.
    #[command(after_help = after(OF_SWEEP), mut_arg("samples", |samples| samples.help("Draws at every point, shown as p10, p50, p90 and mean; the reference case alone unless said")))]
    Sweep(SweepOptions),
    /// Predict published measurements and show the errors
    ///
    /// Every row of a file is predicted from what it says of model, machines, layout and software, never from what was
    /// measured. The errors are shown as they are, with the worst rows and their probable causes.
    #[command(after_help = after(OF_VALIDATE))]
    Validate(ValidateOptions),
    /// Look at a trace of jobs before it is replayed: what is missing, what cannot be, what it asks for
    ///
    /// Reads the Standard Workload Format or what `sacct -P` prints, in one pass and constant memory. Lines that cannot be
    /// read are left out, counted and the first of each kind shown; this is no failure. Writes no files.
    #[command(after_help = after(OF_JOBS))]
    Jobs(JobsOptions),
    /// Write a scenario to start from
    ///
    /// The file is commented and runs as it is. Nothing is overwritten.
    #[command(after_help = after(OF_NEW))]
    New(NewOptions),
    /// Print the JSON Schema of scenarios or of summary.json
    ///
    /// With it, editors complete keys, units and names of the catalogue, and mark mistakes as you type.
    #[command(after_help = after(OF_SCHEMA))]
    Schema(SchemaOptions),
    /// Print completions for a shell
    #[command(after_help = after(OF_COMPLETIONS))]
    Completions(CompletionsOptions),
    /// Print or write manual pages
    #[command(after_help = after(OF_MAN))]
    Man(ManOptions),
    /// Look into the facts: list, show, compare and export the catalogue
    #[command(after_help = after(OF_CATALOG))]
    Catalog(CatalogOptions),
}

impl Command {
    /// Whether the command was asked for one JSON document.
    pub fn json(&self) -> bool {
        match self {
            Self::Run(options) => options.scenario.manner.json,
            Self::Check(options) => options.scenario.manner.json,
            Self::Finance(options) => options.scenario.manner.json,
            Self::Train(options) => options.manner.json,
            Self::Tune(options) => options.manner.json,
            Self::Size(options) => options.manner.json,
            Self::Checkpoint(options) => options.manner.json,
            Self::Fleet(options) => options.scenario.manner.json,
            Self::Serve(options) => options.manner.json,
            Self::Power(options) => options.scenario.manner.json,
            Self::Explain(options) => options.scenario.manner.json,
            Self::Compare(options) => options.manner.json,
            Self::Sweep(options) => options.scenario.manner.json,
            Self::New(options) => options.manner.json,
            Self::Schema(options) => options.manner.json,
            Self::Completions(options) => options.manner.json,
            Self::Man(options) => options.manner.json,
            Self::Catalog(options) => options.json,
            Self::Validate(options) => options.points().json,
            Self::Jobs(options) => options.json,
        }
    }
}

/// How scenarios are run: with which facts and draws, and what is told of it.
#[derive(Args, Clone, Debug)]
pub struct RunManner {
    #[command(flatten)]
    pub catalogue: CatalogueOption,

    /// Use facts that became known after the scenario's date
    #[arg(long)]
    pub hindsight: bool,

    /// Seed of the random streams; the scenario's unless said
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = numbers::seed)]
    pub seed: Option<u64>,

    /// Draws of the Monte Carlo simulation; the scenario's unless said
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = numbers::samples)]
    pub samples: Option<u32>,

    /// Write one JSON document to standard output
    #[arg(long)]
    pub json: bool,

    /// No progress and no notes on standard error; errors are still told
    #[arg(short, long)]
    pub quiet: bool,
}

/// What every command that reads a scenario takes.
#[derive(Args, Clone, Debug)]
pub struct ScenarioOptions {
    /// The scenario, a TOML file
    #[arg(value_name = "SCENARIO")]
    pub path: PathBuf,

    /// Lay a value over the scenario, such as purchase.gb200-2025.share=0.4 or "claim.x.at_most=70 B$".
    /// Paths are those that `gw explain SCENARIO` lists; may be given several times
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub settings: Vec<String>,

    #[command(flatten)]
    pub manner: RunManner,
}

#[derive(Args, Clone, Debug)]
pub struct RunOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    #[command(flatten)]
    pub weather: WeatherOptions,

    /// Folder for the results; runs/<name>-<hash>-<seed> unless said. A folder that holds anything else is
    /// left alone
    #[arg(short, long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,

    /// A second scenario whose numbers stand beside the outcomes in the report, such as the same plan in
    /// hindsight; settings are not laid over it
    #[arg(long, value_name = "SCENARIO")]
    pub beside: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct CheckOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    #[command(flatten)]
    pub weather: WeatherOptions,
}

#[derive(Args, Clone, Debug)]
pub struct ExplainOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    /// A result such as finance.capex.cash, or an input such as system.gb200-nvl72.power
    #[arg(value_name = "PATH")]
    pub what: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub struct SweepOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    /// What varies: PATH=A,B,C, PATH=LOW..HIGH/STEPS, PATH=LOW..HIGH, or an uncertain input's PATH alone for its own
    /// distribution; stars match one part of a path each, '*' alone every uncertain input. May be given several times
    #[arg(long, value_name = "PATH[=VALUES]", required = true)]
    pub vary: Vec<String>,

    /// How points are chosen; a grid where every value is listed
    #[arg(long, value_enum)]
    pub design: Option<Choice>,

    /// Number of points for lhs and sobol, of groups for saltelli
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = numbers::runs)]
    pub runs: Option<u64>,

    /// What is read: PATH, PATH@2025, PATH@2025Q3 or claim.NAME; the headlines unless said. May be given several
    /// times
    #[arg(long = "result", value_name = "PATH[@WHEN]")]
    pub results: Vec<String>,

    /// Compute only one of several equal shares, such as 2/4; whoever ends last puts the table together
    #[arg(long, value_name = "NUMBER/OF")]
    pub shard: Option<Shard>,

    /// Write the table as sweep.csv too
    #[arg(long)]
    pub csv: bool,

    /// Folder for the results; sweeps/<name>-<hash> unless said
    #[arg(short, long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct FinanceOptions {
    #[command(flatten)]
    pub scenario: ScenarioOptions,

    /// A second scenario whose numbers stand beside the back-test, such as the same plan in hindsight; settings are
    /// not laid over it
    #[arg(long, value_name = "SCENARIO")]
    pub beside: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub struct CompareOptions {
    /// Scenarios (TOML files) or finished runs (folders of `gw run`, or their summary.json), two to eight
    #[arg(value_name = "RUN", num_args = 2..=8, required = true)]
    pub runs: Vec<PathBuf>,

    /// Write a page with chart and tables; a file that is no such page is left alone
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,

    #[command(flatten)]
    pub manner: RunManner,
}
