//! A service described on the command line alone.

use clap::Args;
use clap::builder::PossibleValuesParser;
use gigawatt_plan::scenario::fields_serving::{CACHES, ENGINES, ROUTERS, WEIGHTS};

/// A model that is served, without a scenario.
#[derive(Args, Clone, Debug)]
pub struct ServiceAlone {
    /// The model in the catalogue, or its config.json
    #[arg(long, value_name = "MODEL", requires = "system")]
    pub model: Option<String>,

    /// The system in the catalogue
    #[arg(long, value_name = "SYSTEM", requires = "model")]
    pub system: Option<String>,

    /// The inference engine; vllm unless said
    #[arg(long, value_name = "ENGINE", requires = "model", value_parser = PossibleValuesParser::new(ENGINES))]
    pub engine: Option<String>,

    /// Its release, such as 0.14; the newest unless said
    #[arg(long, value_name = "RELEASE", requires = "engine")]
    pub engine_version: Option<String>,

    /// Number format of the weights; bf16 unless said
    #[arg(long, value_name = "FORMAT", requires = "model", value_parser = PossibleValuesParser::new(WEIGHTS))]
    pub weights: Option<String>,

    /// Number format of keys and values
    #[arg(long, value_name = "FORMAT", requires = "model", value_parser = PossibleValuesParser::new(CACHES))]
    pub cache: Option<String>,

    /// Ranks that cut heads and dense layers; where no size of the layout is said, the cheapest layout is sought
    #[arg(long, value_name = "N", requires = "model")]
    pub tensor: Option<u64>,

    /// Groups of such ranks that share experts and have sequences of their own (data-parallel attention)
    #[arg(long, value_name = "N", requires = "model")]
    pub data: Option<u64>,

    /// Ranks over which whole experts are spread
    #[arg(long, value_name = "N", requires = "model")]
    pub expert: Option<u64>,

    /// Stages of layers
    #[arg(long, value_name = "N", requires = "model")]
    pub pipeline: Option<u64>,

    /// Tokens of an iteration at most; the engine's unless said
    #[arg(long, value_name = "TOKENS", requires = "model")]
    pub token_budget: Option<u64>,

    /// Sequences of an iteration at most, for each group with attention of its own; the engine's unless said
    #[arg(long, value_name = "N", requires = "model")]
    pub most_sequences: Option<u64>,

    /// Tokens guessed ahead in an iteration
    #[arg(long, value_name = "N", requires = "model")]
    pub guessed: Option<u64>,

    /// The chance that a guess holds whose predecessors held; as fitted unless said
    #[arg(long, value_name = "SHARE", requires = "guessed")]
    pub acceptance: Option<String>,

    /// Price of an hour of one accelerator, such as "2.5 $/h"; the market's rent unless said
    #[arg(long, value_name = "PRICE", requires = "model")]
    pub hour_price: Option<String>,

    /// How requests find a replica; least-loaded unless said
    #[arg(long, value_name = "ROUTER", value_parser = PossibleValuesParser::new(ROUTERS))]
    pub router: Option<String>,
}
