//! Fields of the kinds that describe demand.

use crate::quantity::Dimension::{self, Count, Duration, MoneyPerTime, Ratio};

/// Facts about people, or developers, and what they ask of a service. A day is one of the whole week, weekends included.
pub(super) const POPULATION: &[(&str, Dimension)] = &[
    // Users in a month; of agents the engineers who could use them. Each vintage is a point of the curve over time.
    ("users", Count),
    // What other services published, to hold a population against.
    ("weekly_users", Count),
    ("messages_per_day", Count),
    ("daily_share", Ratio),
    ("sessions", Count),
    ("turns", Count),
    ("turns_variation", Ratio),
    ("system_tokens", Count),
    ("prompt_tokens", Count),
    ("output_tokens", Count),
    ("reuse", Ratio),
    // From a turn to the next, and the coefficient of variation of the tokens of prompts and answers.
    ("turn_gap", Duration),
    ("length_variation", Ratio),
    // How replicas follow: from the decision to start one to its first token, and the part of them that is lost at any time.
    ("start_up", Duration),
    ("lost_share", Ratio),
    // Calls of one turn beside a session, such as those that summarise or check.
    ("side_calls", Count),
    ("side_prompt_tokens", Count),
    ("side_output_tokens", Count),
    // The longest round trip over the network that a request may take.
    ("reach", Duration),
    // Agents: what of their work is merged, and what engineers do without them.
    ("success", Ratio),
    ("change_size", Ratio),
    ("engineer_changes", Count),
    ("engineer_cost", MoneyPerTime),
    ("review", Duration),
    ("working_days", Count),
    // What was published of agents in use, to hold the laws against.
    ("tokens_per_day", Count),
    ("people", Count),
    ("input_share", Ratio),
    ("first_context", Count),
    ("last_context", Count),
    ("last_reuse", Ratio),
    ("single_turn_share", Ratio),
    ("several_turn_prefill", Ratio),
    ("code_share", Ratio),
    ("cost_per_active_day", MoneyPerTime),
    // Users by region; shares are normalised over the regions that a plan names.
    ("share_north_america", Ratio),
    ("share_latin_america", Ratio),
    ("share_europe", Ratio),
    ("share_africa_middle_east", Ratio),
    ("share_south_asia", Ratio),
    ("share_asia_pacific", Ratio),
];

/// Facts about how requests come over the day and the week, in local time.
pub(super) const TRAFFIC: &[(&str, Dimension)] = &[
    // Amplitudes of the logarithm of the rate, and the hours of their peaks.
    ("day_swing", Ratio),
    ("day_peak", Duration),
    ("half_day_swing", Ratio),
    ("half_day_peak", Duration),
    ("weekend", Ratio),
    // Squared coefficient of variation of the rate of one client in ten minutes, as if clients were alike.
    ("client_variation", Ratio),
    ("clients", Count),
    ("fast_share", Ratio),
    ("lasting_share", Ratio),
    ("persistence", Duration),
];

/// Facts about a part of the world. Degrees north and east.
pub(super) const REGION: &[(&str, Dimension)] = &[
    ("latitude", Ratio),
    ("longitude", Ratio),
    // Round trip between a user and the network of the region, and the way of cables over the great circle.
    ("access", Duration),
    ("detour", Ratio),
];
