//! Scenarios from the repository, with settings laid over them.

use std::io::Read;
use std::path::Path;

use gigawatt_engine::{Draw, Evaluation, Quantiles, Results, run};
use gigawatt_plan::period::Period;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::resolve::period_query;
use gigawatt_plan::world::{Silent, World, WorldError};
use gigawatt_plan::{Options, load};

struct Scenarios;

impl World for Scenarios {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
        let file = std::fs::File::open(path).expect("the repository has the scenario");
        Ok((name.to_owned(), Box::new(file)))
    }
}

/// The plan of a scenario with settings.
pub fn plan(scenario: &str, settings: &[&str]) -> Plan {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    let resolved = load(scenario, &Options { settings: &settings, ..Options::default() }, &Scenarios);
    resolved.plan.unwrap_or_else(|| panic!("{scenario} resolves: {:?}", resolved.diagnostics))
}

struct Inline(String);

impl World for Inline {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(std::io::Cursor::new(self.0.clone().into_bytes()))))
    }
}

/// The plan of a scenario written in the test, with settings.
pub fn inline(text: &str, settings: &[&str]) -> Plan {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    let resolved =
        load("inline.toml", &Options { settings: &settings, ..Options::default() }, &Inline(text.to_owned()));
    resolved.plan.unwrap_or_else(|| panic!("the scenario resolves: {:?}", resolved.diagnostics))
}

/// January's plan of which nobody says what runs on it: what is online draws the utilisation of its site.
pub fn without_fleet(settings: &[&str]) -> Plan {
    let mut text = String::new();
    let mut file = Scenarios.open("meta-2025.toml", None).expect("the repository has the scenario").1;
    file.read_to_string(&mut text).expect("it is text");
    let (before, rest) = text.split_once("# --- What runs, and what breaks").expect("the section");
    let (_, after) = rest.split_once("# --- Who is served").expect("the section after it");
    inline(&format!("{before}# {after}"), settings)
}

struct WithFiles<'a> {
    scenario: &'a str,
    files: &'a [(&'a str, String)],
}

impl World for WithFiles<'_> {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let text = match self.files.iter().find(|(file, _)| *file == name) {
            Some((_, text)) => text.clone(),
            None if self.scenario.contains('=') => self.scenario.to_owned(),
            None => return Scenarios.open(name, relative_to),
        };
        Ok((name.to_owned(), Box::new(std::io::Cursor::new(text.into_bytes()))))
    }
}

/// The plan of a scenario of the repository or written in the test, with settings and files that they name.
pub fn with_files(scenario: &str, settings: &[&str], files: &[(&str, String)]) -> Plan {
    let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
    let options = Options { settings: &settings, ..Options::default() };
    let name = if scenario.contains('=') { "inline.toml" } else { scenario };
    let resolved = load(name, &options, &WithFiles { scenario, files });
    resolved.plan.unwrap_or_else(|| panic!("the scenario resolves: {:?}", resolved.diagnostics))
}

/// A result of the reference case in a year: the amount of a flow, the level of a stock at its end.
pub fn reference(plan: &Plan, path: &str, year: i16) -> f64 {
    let result = plan.vocabulary.find(path).unwrap_or_else(|| panic!("{path} is a result"));
    let query = period_query(plan, result, Period::year(year)).unwrap_or_else(|| panic!("{path} in {year}"));
    let draw = Draw::reference(plan);
    Evaluation::new(plan).run(plan, Draw::new(&draw)).read(plan, &query)
}

/// What a stock gains within a year in the reference case.
pub fn gain(plan: &Plan, path: &str, year: i16) -> f64 {
    reference(plan, path, year) - reference(plan, path, year - 1)
}

/// A sampled run.
pub fn sampled(plan: &Plan) -> Results {
    run(plan, &Silent).expect("nobody cancels")
}

/// The quantiles of a result in a table.
pub fn quantiles(plan: &Plan, results: &Results, path: &str, when: &str) -> Quantiles {
    let result = plan.vocabulary.find(path).unwrap_or_else(|| panic!("{path} is a result"));
    let table = results.tables.iter().find(|table| table.result == result && table.when == when);
    table.unwrap_or_else(|| panic!("{path} at {when}")).quantiles
}
