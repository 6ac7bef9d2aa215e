//! Where the engine puts the results of demand.

use serde::{Deserialize, Serialize};

use super::ResultId;

/// Ids of a demand's results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandIds {
    /// Users of a month.
    pub users: ResultId,
    /// Users of a day.
    pub daily_users: ResultId,
    /// Requests.
    pub requests: ResultId,
    /// Requests a second, mean of the week.
    pub rate: ResultId,
    /// Requests a second in the busiest hour of the week.
    pub peak_rate: ResultId,
    /// Tokens of prompts that are worked in.
    pub new_tokens: ResultId,
    /// Tokens of prompts found in a cache.
    pub cached_tokens: ResultId,
    /// Tokens of answers.
    pub output_tokens: ResultId,
    /// Tokens of prompts that are worked in, a second, in the busiest hour.
    pub peak_new_rate: ResultId,
    /// Tokens of answers a second in the busiest hour.
    pub peak_output_rate: ResultId,
    /// Requests of a user of the month in a day.
    pub requests_per_user: ResultId,
    /// Tokens of the input of a request.
    pub context: ResultId,
    /// Input over input and output.
    pub input_share: ResultId,
    /// Input found in a cache over input.
    pub cached_share: ResultId,
    /// The busiest hour of the week over its mean.
    pub peak_to_mean: ResultId,
    /// The rate that an hour stays below 99 times of 100, over what is expected of it.
    pub burst: ResultId,
    /// Capacity that follows the sun within reach, over that of regions by themselves.
    pub pooling: ResultId,
    /// By region: requests a second in its own busiest hour.
    pub regions: Vec<ResultId>,
    /// What agents add.
    pub agents: Option<AgentIds>,
}

/// Ids of the results of agents.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentIds {
    /// Tasks.
    pub tasks: ResultId,
    /// Changes that are merged.
    pub merged: ResultId,
    /// Part of the code that agents write.
    pub code_share: ResultId,
    /// Engineers who would write as much.
    pub engineers_equivalent: ResultId,
    /// Tokens of a merged change.
    pub tokens_per_change: ResultId,
    /// What an engineer's change costs.
    pub engineer_change_cost: ResultId,
    /// What an engineer's time for a merged change of an agent costs.
    pub review_cost: ResultId,
}
