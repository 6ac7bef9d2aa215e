//! The command line of `gw checkpoint`.

use std::path::PathBuf;

use clap::Args;
use gigawatt_plan::quantity::Dimension;
use gigawatt_report::checkpoint::SparesAsked;

use super::train::quantity;
use super::{RunManner, numbers};

#[derive(Args, Clone, Debug)]
pub struct CheckpointOptions {
    /// The scenario with the training run, a TOML file; or --accelerators with --model or --state
    #[arg(value_name = "SCENARIO", required_unless_present = "accelerators", conflicts_with_all = ["model", "system"])]
    pub scenario: Option<PathBuf>,

    /// The training run of the scenario; needed where it has several
    #[arg(long, value_name = "NAME", requires = "scenario")]
    pub run: Option<String>,

    /// Accelerators of the job; those of the run's largest phase unless said
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = numbers::accelerators)]
    pub accelerators: Option<u64>,

    /// The model in the catalogue, for the size of the state: 14 bytes a parameter, which are weights in BF16 and, in
    /// FP32, their master copy and two moments
    #[arg(long, value_name = "MODEL")]
    pub model: Option<String>,

    /// Bytes of the state instead, such as "5.7 TB"
    #[arg(long, value_name = "BYTES", value_parser = |text: &str| quantity(Dimension::Bytes, text), conflicts_with = "model")]
    pub state: Option<f64>,

    /// The system in the catalogue: links to other servers, and racks as failure domains; hgx-h100 unless said
    #[arg(long, value_name = "SYSTEM")]
    pub system: Option<String>,

    /// Work between checkpoints to show beside the best, such as 30min
    #[arg(long, value_name = "TIME", value_parser = |text: &str| quantity(Dimension::Duration, text))]
    pub interval: Option<f64>,

    /// Failures of servers with eight accelerators in 1,000 server-days, such as 6.5; the geometric mean of the published
    /// rates, with their range, unless said
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = numbers::server_rate, conflicts_with = "reference")]
    pub server_rate: Option<f64>,

    /// The published cluster whose rate is taken, such as rsc-1 or llama3-54-days
    #[arg(long, value_name = "CLUSTER")]
    pub reference: Option<String>,

    /// Bandwidth of the shared storage, such as "2 TB/s"; that of Meta's cluster of 24,576 GPUs unless said
    #[arg(long, value_name = "BANDWIDTH", value_parser = |text: &str| quantity(Dimension::Bandwidth, text))]
    pub storage: Option<f64>,

    /// From an interruption to work, without the load of the state, such as 10min; the steps of the catalogue unless
    /// said
    #[arg(long, value_name = "TIME", value_parser = |text: &str| quantity(Dimension::Duration, text))]
    pub restart: Option<f64>,

    /// Spare servers, a number or a share of the job's such as 2%; as many as leave it waiting 0.1 % of the time
    /// at the highest rate of failures unless said
    #[arg(long, value_name = "N|SHARE", allow_negative_numbers = true, value_parser = spares)]
    pub spares: Option<SparesAsked>,

    /// Until a failed server is back, such as 1day; the catalogue's unless said
    #[arg(long, value_name = "TIME", value_parser = |text: &str| quantity(Dimension::Duration, text))]
    pub repair: Option<f64>,

    /// Teams that mend one server each at a time; as many as are needed unless said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub teams: Option<u32>,

    /// Copies of every shard in memory, the own one included
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=8))]
    pub copies: u32,

    /// Draw effective time over the interval, as an SVG image
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,

    /// Lay a value over the scenario. May be given several times
    #[arg(long = "set", value_name = "PATH=VALUE", requires = "scenario")]
    pub settings: Vec<String>,

    #[command(flatten)]
    pub manner: RunManner,
}

fn spares(text: &str) -> Result<SparesAsked, String> {
    let expected = || {
        format!(
            "expected a whole number of servers such as 41, or a share of the job's up to 100 % such as 2%, found `{text}`"
        )
    };
    match text.trim().strip_suffix('%') {
        Some(share) => {
            let share: f64 = share.trim().parse().map_err(|_| expected())?;
            if (0.0..=100.0).contains(&share) {
                Ok(SparesAsked::Share(share / 100.0))
            } else {
                Err(expected())
            }
        }
        None => match text.trim().parse() {
            Ok(number) if number <= 1 << 20 => Ok(SparesAsked::Number(number)),
            _ => Err(expected()),
        },
    }
}
