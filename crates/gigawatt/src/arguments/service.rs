//! A service that the command line describes.

use clap::Args;
use clap::builder::PossibleValuesParser;
use gigawatt_plan::quantity::{Dimension, parse_quantity};
use gigawatt_plan::scenario::fields_serving::{CACHES, TARGETS_AT};

/// A model that is served, described on the command line alone; system, weights and engine stand with the command.
#[derive(Args, Clone, Debug)]
pub struct ServiceAlone {
    /// The model in the catalogue, or its config.json
    #[arg(long, value_name = "MODEL", group = "served", requires = "system")]
    pub model: Option<String>,

    /// Mean tokens of a prompt
    #[arg(long, value_name = "TOKENS", requires = "served")]
    pub prompt: Option<String>,

    /// Mean tokens of an answer
    #[arg(long, value_name = "TOKENS", requires = "served")]
    pub output: Option<String>,

    /// What comes: requests per second such as 50, or tokens of answers such as "20 k token/s"
    #[arg(long, value_name = "RATE", requires = "served", value_parser = rate)]
    pub rate: Option<Rate>,

    /// Target of the time to the first token, such as 500ms
    #[arg(long, value_name = "TIME", requires = "served")]
    pub ttft: Option<String>,

    /// Target of the time of each further token, as the mean over an answer, such as 50ms
    #[arg(long, value_name = "TIME", requires = "served")]
    pub tpot: Option<String>,

    /// Of which requests the targets hold; p99 unless said
    #[arg(long, value_name = "WHICH", requires = "served", value_parser = PossibleValuesParser::new(TARGETS_AT))]
    pub target_at: Option<String>,

    /// Release of the engine, such as 0.14; the newest unless said
    #[arg(long, value_name = "VERSION", requires = "served")]
    pub engine_version: Option<String>,

    /// Number format of keys and values; as usual beside the weights unless said
    #[arg(long, value_name = "FORMAT", requires = "served", value_parser = PossibleValuesParser::new(CACHES))]
    pub cache_format: Option<String>,

    /// Tensor parallelism
    #[arg(long, value_name = "N", requires = "served")]
    pub tensor: Option<u64>,

    /// Groups with attention of their own that share experts (data-parallel attention)
    #[arg(long, value_name = "N", requires = "served")]
    pub data: Option<u64>,

    /// Expert parallelism
    #[arg(long, value_name = "N", requires = "served")]
    pub expert: Option<u64>,

    /// Stages of the pipeline
    #[arg(long, value_name = "N", requires = "served")]
    pub pipeline: Option<u64>,

    /// Tokens of an iteration at most; the engine's unless said
    #[arg(long, value_name = "TOKENS", requires = "served")]
    pub token_budget: Option<u64>,

    /// Sequences of an iteration at most; the engine's unless said
    #[arg(long, value_name = "N", requires = "served")]
    pub most_sequences: Option<u64>,

    /// Tokens guessed ahead in an iteration; none unless said
    #[arg(long, value_name = "N", requires = "served")]
    pub guessed: Option<u64>,

    /// The chance that a guess holds whose predecessors held; as fitted unless said
    #[arg(long, value_name = "SHARE", requires = "guessed")]
    pub acceptance: Option<String>,

    /// Price of an hour of one accelerator, such as "2.5 $/h"; the market's rent unless said
    #[arg(long, value_name = "PRICE", requires = "served")]
    pub hour_price: Option<String>,
}

/// What comes in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rate {
    /// So many requests.
    Requests(f64),
    /// Requests for so many tokens of answers.
    Tokens(f64),
}

fn rate(text: &str) -> Result<Rate, String> {
    let positive = |value: f64| if value > 0.0 { Some(value) } else { None };
    let bare = text.trim().parse().ok().filter(|value: &f64| value.is_finite()).map(Rate::Requests);
    let requests = || parse_quantity(Dimension::RequestRate, text).ok().map(Rate::Requests);
    let tokens = || parse_quantity(Dimension::TokenRate, text).ok().map(Rate::Tokens);
    let found = bare.or_else(requests).or_else(tokens);
    found
        .filter(|rate| match rate {
            Rate::Requests(value) | Rate::Tokens(value) => positive(*value).is_some(),
        })
        .ok_or_else(|| {
            "expected requests per second above 0 such as 50, or tokens of answers such as \"20 k token/s\""
                .to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_of_requests_or_of_tokens() {
        assert_eq!(rate("50"), Ok(Rate::Requests(50.0)));
        assert_eq!(rate("1.5 k request/s"), Ok(Rate::Requests(1500.0)));
        assert_eq!(rate("20 k token/s"), Ok(Rate::Tokens(20_000.0)));
        for wrong in ["0", "-1", "fast", "3 GB", "inf", "NaN", ""] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
    }
}
