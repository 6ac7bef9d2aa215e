//! The supply of sites: what is wrong is told at its characters.

use std::io::{Cursor, Read};

use gigawatt_plan::plan::{PowerEventKind, Redundancy, Running};
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, Resolved, load};

struct Text(String);

impl World for Text {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone().into_bytes()))))
    }
}

const SCENARIO: &str = r#"
name   = "supply"
as_of  = 2025-11-01
period = { from = 2025-01-01, to = 2026-12-31 }

[[site]]
name   = "campus"
online = [{ on = 2024-12-31, power = "30 MW" }]

[[opening]]
name   = "there"
system = "hgx-h100"
site   = "campus"
gpus   = 8_000
"#;

const SUPPLY: &str = r#"
[[power]]
site   = "campus"
stages = [
  { name = "blocks", kind = "ups", fed_by = "yard", rating = "2.5 MW", units = 16, redundancy = "4-to-make-3" },
  { name = "line", kind = "feed", rating = "40 MW", units = 2, redundancy = "2N" },
  { name = "yard", kind = "transformer", fed_by = "line", rating = "10 MW", units = 5, redundancy = "N+1", efficiency = 0.99 },
]
generation = [{ name = "turbines", power = "20 MW", running = "prime", rise = "10 min" }]
battery    = { energy = "5 MWh", power = "30 MW" }
events     = [
  { name = "heat", kind = "curtailment", on = 2025-07-01, hour = 16, lasts = "4 h", power = "25 MW" },
  { name = "storm", kind = "feed-loss", on = 2025-08-01, lasts = "30 min" },
]
ramp_limit = "4 MW"
"#;

fn resolved(supply: &str) -> Resolved {
    load("supply.toml", &Options::default(), &Text(format!("{SCENARIO}{supply}")))
}

/// The message of every diagnostic with the text that it points at.
fn told(supply: &str) -> Vec<(String, String)> {
    let resolved = resolved(supply);
    let at = |diagnostic: &gigawatt_plan::text::Diagnostic| {
        let span = diagnostic.labels.first().map(|label| label.span)?;
        let text = &resolved.sources.get(span.source).text;
        Some(text[span.start as usize..span.end as usize].to_owned())
    };
    resolved.diagnostics.iter().map(|one| (one.message.clone(), at(one).unwrap_or_default())).collect()
}

#[test]
fn a_supply_is_put_in_order() {
    let resolved = resolved(SUPPLY);
    let plan = resolved.plan.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    let power = &plan.power[0];
    let names: Vec<&str> = power.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["line", "yard", "blocks"]);
    let above: Vec<Option<usize>> = power.stages.iter().map(|stage| stage.above).collect();
    assert_eq!(above, [None, Some(0), Some(1)]);
    assert_eq!(power.stages[2].redundancy, Redundancy::Shared { of: 4, make: 3 });
    let value = |path: &str| plan.input(plan.find_input(path).unwrap()).distribution.reference();
    assert_eq!(value("power.campus.stage.yard.efficiency"), 0.99);
    // What is not said is the catalogue's.
    assert_eq!(value("electrical.ups.efficiency"), 0.975);
    assert_eq!(value("power.campus.battery.energy"), 18e9);
    assert_eq!(power.generation[0].running, Running::Prime);
    assert_eq!(power.events[1].kind, PowerEventKind::FeedLoss);
    assert_eq!((power.events[0].hour, power.limits.range.is_none()), (16, true));
    assert!(power.storage.is_none());
    // A plan that says nothing of it has none.
    assert!(self::resolved("").plan.unwrap().power.is_empty());
}

#[test]
fn storage_has_what_is_said_and_the_catalogues_round_trip() {
    let resolved = resolved(&format!("{SUPPLY}storage = {{ energy = \"40 MWh\", power = \"10 MW\" }}\n"));
    let plan = resolved.plan.unwrap_or_else(|| panic!("{:?}", resolved.diagnostics));
    let storage = plan.power[0].storage.unwrap();
    let value = |id| plan.input(id).distribution.reference();
    assert_eq!((value(storage.energy.id()), value(storage.power.id())), (144e9, 10e6));
    assert_eq!((value(storage.round_trip.id()), storage.hold.is_none()), (0.85, true));
    for (storage, message, at) in [
        ("energy = \"0 MWh\", power = \"10 MW\"", "`energy` is 0 Wh", "\"0 MWh\""),
        (
            "energy = \"40 MWh\", power = \"10 MWh\"",
            "`power`: `MWh` is a unit for an energy, expected a power",
            "MWh",
        ),
        ("energy = \"40 MWh\", power = \"10 MW\", hold = \"0 MW\"", "`hold` is 0 W", "\"0 MW\""),
        (
            "energy = \"40 MWh\", power = \"10 MW\", round_trip = 1.1",
            "a round trip lies above 0 and at 1 at most",
            "1.1",
        ),
        ("energy = \"40 MWh\"", "`power` is missing in storage", "{ energy = \"40 MWh\" }"),
    ] {
        let found = told(&format!("{SUPPLY}storage = {{ {storage} }}\n"));
        assert_eq!(found, [(message.to_owned(), at.to_owned())]);
    }
}

#[test]
fn circles_and_zeros_are_told_at_their_characters() {
    let circle = SUPPLY.replace("fed_by = \"line\"", "fed_by = \"blocks\"");
    let found = told(&circle);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].0.contains("stages feed one another in a circle: "), "{found:?}");
    assert!(["\"blocks\"", "\"yard\""].contains(&found[0].1.as_str()), "{found:?}");
    let alone = SUPPLY.replace("fed_by = \"line\"", "fed_by = \"yard\"");
    assert!(told(&alone)[0].0.contains("yard ← yard"), "{:?}", told(&alone));
    let zero = told(&SUPPLY.replace("rating = \"10 MW\"", "rating = \"0 MW\""));
    assert_eq!(zero, [("`rating` is 0 W".to_owned(), "\"0 MW\"".to_owned())]);
}

#[test]
fn several_mistakes_are_told_at_once() {
    let wrong = SUPPLY
        .replace("fed_by = \"yard\"", "fed_by = \"yart\"")
        .replace("redundancy = \"2N\"", "redundancy = \"3N\"")
        .replace("efficiency = 0.99", "efficiency = 1.2")
        .replace("kind = \"feed-loss\"", "kind = \"feed-los\"")
        .replace("lasts = \"4 h\"", "lasts = \"0 h\"");
    let found = told(&wrong);
    for (message, at) in [
        ("there is no stage `yart`", "\"yart\""),
        ("`kind` cannot be `feed-los`", "\"feed-los\""),
        ("`lasts` is 0 s", "\"0 h\""),
    ] {
        let one = found.iter().find(|one| one.0 == message);
        assert_eq!(one.map(|one| one.1.as_str()), Some(at), "{found:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (from, to, message) in [
        ("redundancy = \"2N\"", "redundancy = \"3N\"", "`3N` is not a redundancy"),
        ("units = 5, redundancy = \"N+1\"", "redundancy = \"N+1\"", "`N+1` leaves nothing of 1 unit"),
        ("efficiency = 0.99", "efficiency = 1.2", "an efficiency lies above 0 and at 1 at most"),
        ("site   = \"campus\"\nstages", "site   = \"campsu\"\nstages", "there is no site `campsu`"),
        ("fed_by = \"line\", ", "", "nothing feeds `yard`"),
        (
            "kind = \"feed\", ",
            "kind = \"feed\", fed_by = \"yard\", ",
            "`line` is a feed, which the grid feeds",
        ),
        (", power = \"25 MW\" }", " }", "`power` is missing in an event of the kind `curtailment`"),
        (
            "lasts = \"30 min\" }",
            "lasts = \"30 min\", power = \"1 MW\" }",
            "the loss of a feed has no `power`",
        ),
        ("on = 2025-07-01", "on = 2035-07-01", "2035-07-01 is not inside the scenario's period"),
        ("hour = 16", "hour = 24", "`hour` is 24, out of its range"),
        ("name = \"yard\", kind", "name = \"line\", kind", "`line` is there twice"),
        ("ramp_limit = \"4 MW\"", "ramp_limit = \"0 MW\"", "`ramp_limit` is 0 W"),
    ] {
        assert!(SUPPLY.contains(from), "{from}");
        let found = told(&SUPPLY.replace(from, to));
        assert!(found.iter().any(|one| one.0 == message), "{message}: {found:?}");
    }
    let twice = told(&format!("{SUPPLY}\n[[power]]\nsite = \"campus\"\n"));
    assert_eq!(twice[0].0, "`campus` is supplied twice");
}
