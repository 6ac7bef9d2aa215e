//! The command line of `gw jobs`.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use gigawatt_plan::job_trace::{SizeUnit, TraceFormat};

#[derive(Args, Clone, Debug)]
pub struct JobsOptions {
    /// The trace: a file in the Standard Workload Format or printed by `sacct -P`; - for standard input
    #[arg(value_name = "FILE")]
    pub path: PathBuf,

    /// Accelerators or processors that there are for all jobs, or of a pool with POOL=N; load is measured against them.
    /// May be given several times; the header of a trace in SWF says it too
    #[arg(long, value_name = "[POOL=]N", value_parser = Of::parse)]
    pub capacity: Vec<Of>,

    /// How the trace is written; told from its start unless said
    #[arg(long, value_name = "FORMAT", value_parser = format())]
    pub format: Option<TraceFormat>,

    /// In what sizes are counted; accelerators where the start of the trace has any
    #[arg(long, value_name = "UNIT", value_enum)]
    pub unit: Option<TraceUnit>,

    /// Write one JSON document to standard output
    #[arg(long)]
    pub json: bool,

    /// No notes on standard error; errors are still told
    #[arg(short, long)]
    pub quiet: bool,
}

fn format() -> impl TypedValueParser<Value = TraceFormat> {
    PossibleValuesParser::new(TraceFormat::NAMES).try_map(|name| TraceFormat::parse(&name).ok_or("no format"))
}

/// What the size of a job is counted in.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum TraceUnit {
    /// Processors
    Processors,
    /// Accelerators
    Accelerators,
}

impl TraceUnit {
    /// The same in a trace.
    pub fn unit(self) -> SizeUnit {
        match self {
            Self::Processors => SizeUnit::Processors,
            Self::Accelerators => SizeUnit::Accelerators,
        }
    }
}

/// Units of the machine, or of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Of {
    /// Which pool; the machine unless said.
    pub pool: Option<String>,
    /// How many there are.
    pub units: u64,
}

impl Of {
    /// Reads `16384` or `train=16384`.
    fn parse(text: &str) -> Result<Self, String> {
        let (pool, number) = match text.rsplit_once('=') {
            Some((pool, number)) => (Some(pool.trim().to_owned()), number.trim()),
            None => (None, text.trim()),
        };
        let most = 1_000_000_000_000_u64;
        match number.parse() {
            Ok(units) if (1..=most).contains(&units) && pool.as_deref() != Some("") => {
                Ok(Self { pool, units })
            }
            _ => Err("expected a whole number from 1, such as 16384, or one of a pool, such as train=16384"
                .to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_of_the_machine_and_of_pools() {
        assert_eq!(Of::parse("512"), Ok(Of { pool: None, units: 512 }));
        assert_eq!(Of::parse("a=b=8"), Ok(Of { pool: Some("a=b".to_owned()), units: 8 }));
        for text in ["", "=8", "0", "train=", "-1", "8.5", "1e9"] {
            assert!(Of::parse(text).is_err(), "{text}");
        }
    }
}
