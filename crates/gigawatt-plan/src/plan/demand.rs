//! Demand: who asks how much of a service, when and where.

use serde::{Deserialize, Serialize};

use super::{Curve, Input};
use crate::quantity::{Count, Duration, MoneyPerTime, Ratio};

/// A population and what it asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandPlan {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The service that answers it, by the name that the scenario gives.
    pub service: Option<String>,
    /// The population in the catalogue.
    pub population: String,
    /// Users of a month over time; of agents the engineers who could use them.
    pub users: Curve<Count>,
    /// What a user asks over what the rest says: as on the first day before that, straight between days; empty where it is
    /// always 1.
    pub intensity: Curve<Ratio>,
    /// Users of a day over those of a month.
    pub daily_share: Input<Ratio>,
    /// Sessions, or tasks, of such a user on such a day.
    pub sessions: Input<Count>,
    /// What a session is like.
    pub session: SessionPlan,
    /// When requests come.
    pub traffic: TrafficPlan,
    /// The longest round trip over the network to a replica.
    pub reach: Input<Duration>,
    /// From the decision to start a replica to its first token.
    pub start_up: Input<Duration>,
    /// Part of the replicas that failures and drains take at any time.
    pub lost_share: Input<Ratio>,
    /// Where users live; at least one.
    pub regions: Vec<DemandRegion>,
    /// Who asks.
    pub kind: DemandKind,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DemandKind {
    /// People who talk to an assistant.
    Assistant,
    /// Agents that work on tasks of engineers.
    Agents(AgentsPlan),
}

/// Turns of a session and their tokens.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionPlan {
    /// Turns.
    pub turns: Input<Count>,
    /// Squared coefficient of variation of their number.
    pub turns_variation: Input<Ratio>,
    /// Tokens of instructions before the first.
    pub system_tokens: Input<Count>,
    /// Tokens that a turn adds to the input.
    pub prompt_tokens: Input<Count>,
    /// Tokens of an answer.
    pub output_tokens: Input<Count>,
    /// Part of the tokens of earlier turns that a cache still holds.
    pub reuse: Input<Ratio>,
    /// From a turn to the next.
    pub turn_gap: Input<Duration>,
    /// Coefficient of variation of the tokens of prompts and answers.
    pub length_variation: Input<Ratio>,
}

/// When requests come, in local time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrafficPlan {
    /// The shape in the catalogue.
    pub id: String,
    /// Amplitude of the day's wave on the logarithm of the rate.
    pub day_swing: Input<Ratio>,
    /// Time of day of its peak.
    pub day_peak: Input<Duration>,
    /// Amplitude of the wave of half a day.
    pub half_day_swing: Input<Ratio>,
    /// Time of day of its first peak.
    pub half_day_peak: Input<Duration>,
    /// A day of the weekend over a working day.
    pub weekend: Input<Ratio>,
    /// Squared coefficient of variation of one client's rate in ten minutes.
    pub client_variation: Input<Ratio>,
    /// Independent clients.
    pub clients: Input<Count>,
    /// Part of the variance that is gone by the next ten minutes.
    pub fast_share: Input<Ratio>,
    /// Part of it that stays for days.
    pub lasting_share: Input<Ratio>,
    /// In which the rest falls to `1/e`.
    pub persistence: Input<Duration>,
}

/// A part of the world with its users.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DemandRegion {
    /// Name in paths and in the catalogue.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Part of the users, normalised over the regions.
    pub share: Input<Ratio>,
    /// Standard time ahead of UTC, s.
    pub utc_offset: i32,
    /// Degrees north.
    pub latitude: Input<Ratio>,
    /// Degrees east.
    pub longitude: Input<Ratio>,
    /// Round trip between a user and the network of the region.
    pub access: Input<Duration>,
    /// The way of cables over the great circle.
    pub detour: Input<Ratio>,
    /// Whether replicas may stand there.
    pub serves: bool,
}

/// What agents have beside people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct AgentsPlan {
    /// Calls of one turn beside a task.
    pub side_calls: Input<Count>,
    /// Tokens of their input.
    pub side_prompt_tokens: Input<Count>,
    /// Tokens of their answer.
    pub side_output_tokens: Input<Count>,
    /// Part of the tasks whose change is merged.
    pub success: Input<Ratio>,
    /// Code of such a change over that of an engineer's.
    pub change_size: Input<Ratio>,
    /// Changes that an engineer makes on a working day.
    pub engineer_changes: Input<Count>,
    /// Loaded cost of an engineer.
    pub engineer_cost: Input<MoneyPerTime>,
    /// An engineer's time for each merged change of an agent.
    pub review: Input<Duration>,
    /// Working days of a year.
    pub working_days: Input<Count>,
}
