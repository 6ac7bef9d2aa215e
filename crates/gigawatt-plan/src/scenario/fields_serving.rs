//! What a scenario may say about models that are served.

use crate::catalog::SHAPE_FIELDS;
use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// Words for engines; those of `gigawatt_plan::serving::EngineName`.
pub const ENGINES: &[&str] = &["vllm", "sglang", "tensorrt-llm"];
/// Words for formats of weights; names of `gigawatt_plan::training::Precision`.
pub const WEIGHTS: &[&str] =
    &["bf16", "fp16", "fp8", "fp8-block", "mxfp8", "nvfp4", "mxfp4", "mxfp4-weights", "int8"];
/// Words for formats of the cache, likewise.
pub const CACHES: &[&str] = &["bf16", "fp16", "fp8"];
/// Words for routers; those of `gigawatt_plan::serving::RouterName`.
pub const ROUTERS: &[&str] =
    &["round-robin", "least-loaded", "power-of-two", "prefix-aware", "session-aware"];
/// Words for what a target holds of; those of `gigawatt_plan::serving::TargetAt`.
pub const TARGETS_AT: &[&str] = &["mean", "p50", "p90", "p95", "p99"];

/// `[[service]]`.
pub const SERVICE: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people; the model's unless said"),
    Field::optional(
        "model",
        K::Text,
        "the model in the catalogue, or its config.json, relative to the scenario; or `architecture`",
    ),
    Field::optional(
        "architecture",
        K::Tables(SHAPE_FIELDS),
        "the model's numbers, where the catalogue does not have it",
    ),
    Field::required("system", K::Text, "the system in the catalogue that it runs on"),
    Field::optional("site", K::Text, "the site where it stands: its power, PUE and electricity"),
    Field::optional("lot", K::Text, "the purchase it is of: what an hour of an accelerator costs"),
    Field::optional("engine", K::Choice(ENGINES), "the inference engine; vllm unless said"),
    Field::optional(
        "engine_version",
        K::Text,
        "its release, of which the first two numbers count, such as \"0.14\"; the newest unless said",
    ),
    Field::optional("weights", K::Choice(WEIGHTS), "number format of the weights; bf16 unless said"),
    Field::optional(
        "cache",
        K::Choice(CACHES),
        "number format of keys and values; unless said 8 bits where weights are multiplied in 8 bits or fewer (not with sglang), else 16",
    ),
    Field::optional(
        "tensor",
        K::Integer,
        "ranks that cut heads and dense layers; of this and the next three, what is not said is 1, and where none is said the cheapest layout is sought",
    ),
    Field::optional(
        "data",
        K::Integer,
        "groups of such ranks that share experts and have sequences of their own (data-parallel attention)",
    ),
    Field::optional("expert", K::Integer, "ranks over which whole experts are spread"),
    Field::optional("pipeline", K::Integer, "stages of layers"),
    Field::optional("replicas", K::Integer, "copies of all that; 1 unless said"),
    Field::optional("token_budget", K::Integer, "tokens of an iteration at most; the engine's unless said"),
    Field::optional(
        "most_sequences",
        K::Integer,
        "sequences of an iteration at most, for each group with attention of its own; the engine's unless said",
    ),
    Field::optional(
        "prefix_cache",
        K::Boolean,
        "whether a replica keeps beginnings of prompts to share; true unless said",
    ),
    Field::optional("guessed", K::Integer, "tokens guessed ahead in an iteration; none unless said"),
    Field::optional(
        "acceptance",
        amount(D::Ratio),
        "the chance that a guess holds whose predecessors held; as fitted unless said",
    ),
    Field::optional("prompt", amount(D::Count), "mean tokens of a prompt"),
    Field::optional("output", amount(D::Count), "mean tokens of an answer"),
    Field::optional("rate", amount(D::RequestRate), "requests that come: \"50 request/s\""),
    Field::optional(
        "trace",
        K::Text,
        "a file of requests, relative to the scenario, instead of `prompt`, `output` and `rate`",
    ),
    Field::optional("target_first_token", amount(D::Duration), "time to the first token: \"500 ms\""),
    Field::optional(
        "target_each_token",
        amount(D::Duration),
        "time of each further token, as the mean over an answer: \"50 ms\"",
    ),
    Field::optional(
        "target_at",
        K::Choice(TARGETS_AT),
        "of which requests the targets hold; p99 unless said",
    ),
    Field::optional("router", K::Choice(ROUTERS), "how requests find a replica; least-loaded unless said"),
    Field::optional(
        "hour_price",
        amount(D::HourlyPrice),
        "price of an hour of one accelerator; the lot's cost or the market's rent unless said",
    ),
    Field::optional(
        "practice",
        K::Text,
        "the practice in the catalogue that gives defaults; hyperscale-ai unless said",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serving::{EngineName, RouterName, TargetAt};
    use crate::training::Precision;

    #[test]
    fn what_a_scenario_may_say_has_a_meaning() {
        assert!(ENGINES.iter().all(|word| EngineName::parse(word).is_some()));
        assert!(WEIGHTS.iter().chain(CACHES).all(|word| Precision::named(word).is_some()));
        assert!(ROUTERS.iter().all(|word| RouterName::parse(word).is_some()));
        assert!(TARGETS_AT.iter().all(|word| TargetAt::parse(word).is_some()));
    }
}
