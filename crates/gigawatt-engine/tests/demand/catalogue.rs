//! Facts of the embedded catalogue, for laws that take numbers.

use std::sync::OnceLock;

use gigawatt_engine::demand::{AgentWork, Burst, DayShape, Habits, Session};
use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::period::Moment;
use gigawatt_plan::text::{Diagnostics, SourceMap};

pub fn embedded() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default()))
}

/// The day of the announcement, 24 January 2025.
pub const JANUARY: Moment = Moment(20_112);
/// A day on which everything is known, 1 November 2026.
pub const LATER: Moment = Moment(20_758);

/// A fact as it was known on a day: its reference, and its range.
pub fn fact(kind: Kind, id: &str, field: &str, on: Moment) -> (f64, (f64, f64)) {
    let entry = embedded().get(kind, id).unwrap_or_else(|| panic!("{id} is in the catalogue"));
    let fact =
        entry.known_on(field, on.day()).unwrap_or_else(|| panic!("{id}.{field} is known on {}", on.day()));
    let distribution = fact.written.distribution;
    (distribution.reference(), distribution.range())
}

pub fn value(kind: Kind, id: &str, field: &str, on: Moment) -> f64 {
    fact(kind, id, field, on).0
}

pub fn published(id: &str, field: &str) -> f64 {
    value(Kind::Population, id, field, LATER)
}

pub fn shape(id: &str) -> DayShape {
    let value = |field: &str| value(Kind::Traffic, id, field, LATER);
    DayShape {
        day_swing: value("day_swing"),
        day_peak: value("day_peak") / 3600.0,
        half_day_swing: value("half_day_swing"),
        half_day_peak: value("half_day_peak") / 3600.0,
        weekend: value("weekend"),
    }
}

pub fn burst(id: &str) -> Burst {
    let value = |field: &str| value(Kind::Traffic, id, field, LATER);
    Burst {
        client_variation: value("client_variation"),
        clients: value("clients"),
        fast: value("fast_share"),
        lasting: value("lasting_share"),
        persistence: value("persistence") / 3600.0,
    }
}

pub fn habits(id: &str, on: Moment) -> Habits {
    let value = |field: &str| value(Kind::Population, id, field, on);
    let session = Session {
        turns: value("turns"),
        variation: value("turns_variation"),
        system: value("system_tokens"),
        prompt: value("prompt_tokens"),
        output: value("output_tokens"),
        reuse: value("reuse"),
    };
    let agents = id == "coding-agents";
    let of_agents = |field: &str| if agents { value(field) } else { 0.0 };
    Habits {
        daily_share: value("daily_share"),
        sessions: value("sessions"),
        session,
        side_calls: of_agents("side_calls"),
        side: Session::single(of_agents("side_prompt_tokens"), of_agents("side_output_tokens")),
    }
}

pub fn work(on: Moment) -> AgentWork {
    let value = |field: &str| value(Kind::Population, "coding-agents", field, on);
    AgentWork {
        success: value("success"),
        change_size: value("change_size"),
        engineer_changes: value("engineer_changes"),
        engineer_cost: value("engineer_cost") * 365.25 * 86_400.0,
        review: value("review"),
        working_days: value("working_days"),
    }
}
