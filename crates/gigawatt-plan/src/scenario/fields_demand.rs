//! What a scenario may say about demand.

use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// Words for kinds of demand; those of `gigawatt_plan::plan::DemandKind`.
pub const DEMAND_KINDS: &[&str] = &["assistant", "agents"];

/// Users at a moment.
pub const POINT_USERS: &[Field] = &[
    Field::required(
        "on",
        K::Date,
        "the day at whose end it holds; values run straight between days, before the first there are none",
    ),
    Field::required(
        "count",
        amount(D::Count),
        "users of a month; of agents the engineers who could use them",
    ),
];

/// What a user asks at a moment.
pub const POINT_INTENSITY: &[Field] = &[
    Field::required(
        "on",
        K::Date,
        "the day at whose end it holds; values run straight between days, before the first it is as there",
    ),
    Field::required("factor", amount(D::Ratio), "requests of a user, over what the other fields give"),
];

/// A region of a demand.
pub const DEMAND_REGION: &[Field] = &[
    Field::required("name", K::Text, "the catalogue's region, such as europe"),
    Field::optional(
        "share",
        amount(D::Ratio),
        "part of the users; that of `population` unless said. Shares are normalised",
    ),
    Field::optional("serves", K::Boolean, "whether replicas may stand there, true unless said"),
];

/// `[[demand]]`. What is not said from `daily_share` on is a fact of `population`, from `day_swing` on one of `traffic`.
pub const DEMAND: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::required(
        "kind",
        K::Choice(DEMAND_KINDS),
        "people who talk to an assistant, or agents that work on tasks of engineers",
    ),
    Field::optional("service", K::Text, "the service that answers it"),
    Field::optional(
        "population",
        K::Text,
        "the catalogue's entry that gives what is not said here; meta-assistant or coding-agents unless said",
    ),
    Field::optional(
        "traffic",
        K::Text,
        "the catalogue's shape of day and week; the population's unless said",
    ),
    Field::optional(
        "users",
        K::Tables(POINT_USERS),
        "users of a month over time: [{ on = 2025-12-31, count = \"1 G\" }]; what was reported of the population unless said",
    ),
    Field::optional(
        "intensity",
        K::Tables(POINT_INTENSITY),
        "how much more or less a user asks over time: [{ on = 2025-12-31, factor = 2 }]; 1 unless said",
    ),
    Field::optional(
        "regions",
        K::Tables(DEMAND_REGION),
        "where they live: [{ name = \"europe\", share = 0.3 }]; all regions of the catalogue unless said",
    ),
    Field::optional("daily_share", amount(D::Ratio), "users of a day over those of a month"),
    Field::optional("sessions", amount(D::Count), "sessions, or tasks, of such a user on such a day"),
    Field::optional("turns", amount(D::Count), "turns of a session"),
    Field::optional(
        "turns_variation",
        amount(D::Ratio),
        "squared coefficient of variation of their number: 0 where all sessions are as long",
    ),
    Field::optional("system_tokens", amount(D::Count), "tokens of instructions before the first turn"),
    Field::optional(
        "prompt_tokens",
        amount(D::Count),
        "tokens that a turn adds to the input: a prompt, or what a tool gave back",
    ),
    Field::optional("output_tokens", amount(D::Count), "tokens of an answer"),
    Field::optional(
        "reuse",
        amount(D::Ratio),
        "part of the tokens of earlier turns that a cache still holds",
    ),
    Field::optional("turn_gap", amount(D::Duration), "from a turn of a session to the next, on average"),
    Field::optional(
        "length_variation",
        amount(D::Ratio),
        "coefficient of variation of the tokens of prompts and answers: 0 where all are as long",
    ),
    Field::optional(
        "start_up",
        amount(D::Duration),
        "from the decision to start a replica to its first token",
    ),
    Field::optional("lost_share", amount(D::Ratio), "part of the replicas that is lost at any time"),
    Field::optional("reach", amount(D::Duration), "the longest round trip over the network to a replica"),
    Field::optional("side_calls", amount(D::Count), "agents: calls of one turn beside a task"),
    Field::optional("side_prompt_tokens", amount(D::Count), "agents: tokens of their input"),
    Field::optional("side_output_tokens", amount(D::Count), "agents: tokens of their answer"),
    Field::optional("success", amount(D::Ratio), "agents: part of the tasks whose change is merged"),
    Field::optional(
        "change_size",
        amount(D::Ratio),
        "agents: code of such a change over that of an engineer's",
    ),
    Field::optional(
        "engineer_changes",
        amount(D::Count),
        "agents: changes that an engineer makes on a working day",
    ),
    Field::optional(
        "engineer_cost",
        amount(D::MoneyPerTime),
        "agents: loaded cost of an engineer, such as \"0.6 M$/year\"",
    ),
    Field::optional(
        "review",
        amount(D::Duration),
        "agents: an engineer's time for each change of an agent that is merged",
    ),
    Field::optional("working_days", amount(D::Count), "agents: working days of a year"),
    Field::optional(
        "day_swing",
        amount(D::Ratio),
        "amplitude of the day's wave on the logarithm of the rate",
    ),
    Field::optional("day_peak", amount(D::Duration), "hour of its peak in local time, such as \"18 h\""),
    Field::optional("half_day_swing", amount(D::Ratio), "amplitude of the wave of half a day, likewise"),
    Field::optional("half_day_peak", amount(D::Duration), "hour of its first peak"),
    Field::optional(
        "weekend",
        amount(D::Ratio),
        "requests of a day of the weekend over those of a working day",
    ),
    Field::optional(
        "client_variation",
        amount(D::Ratio),
        "squared coefficient of variation of one client's rate in ten minutes",
    ),
    Field::optional("clients", amount(D::Count), "independent clients that carry the requests"),
    Field::optional(
        "fast_share",
        amount(D::Ratio),
        "part of the variance of the rate that is gone by the next ten minutes",
    ),
    Field::optional("lasting_share", amount(D::Ratio), "part of it that stays for days"),
    Field::optional("persistence", amount(D::Duration), "in which the rest falls to 1/e"),
];
