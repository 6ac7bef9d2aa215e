//! From what the user wrote to what it means.

mod accounts;
mod checks;
mod cholesky;
mod claims;
mod company;
mod contracts;
mod cooling;
mod correlation;
mod courses;
mod demand;
mod fleet;
mod funding;
mod headlines;
mod inputs;
mod operation_bounds;
mod operations;
mod outcomes;
mod power;
mod ranking;
mod serving;
mod serving_layout;
mod tenant;
mod time;
mod training;
mod training_layout;
mod training_machine;
mod vocabulary;
mod vocabulary_demand;
mod vocabulary_facility;
mod vocabulary_finance;
mod vocabulary_ranking;
mod vocabulary_training;
mod workloads;

pub use correlation::matches_pattern;
pub use headlines::{HEADLINES, headlines};
pub use time::{period_query, whole_query, yearly_and_quarterly};

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::catalog::{Catalogue, Kind, Reference};
use crate::plan::{InputId, InputRecord, PlacePlan, Plan};
use crate::scenario::{Scenario, Texts, read_scenario};
use crate::text::{Diagnostic, Diagnostics, SourceMap};
use crate::world::World;

/// Draws unless the scenario or the command line says otherwise.
const DEFAULT_SAMPLES: u32 = 10_000;
/// Seed unless the scenario or the command line says otherwise.
const DEFAULT_SEED: u64 = 1;

/// What the command line adds to a scenario.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// `path=value`, later ones win.
    pub settings: &'a [String],
    /// Whether facts that became known after `as_of` may be used.
    pub hindsight: bool,
    /// Number of draws.
    pub samples: Option<u32>,
    /// Seed.
    pub seed: Option<u64>,
    /// Whether claims are passed over, so that a wrong one does not hide the rest.
    pub without_claims: bool,
    /// Catalogue files laid over the embedded ones, as (name, text).
    pub catalogue: &'a [(String, String)],
}

/// A plan with the texts it came from and what is to be said about them.
#[derive(Debug)]
pub struct Resolved {
    /// The plan; `None` where a diagnostic is an error.
    pub plan: Option<Plan>,
    /// Every text that was read.
    pub sources: SourceMap,
    /// Errors and warnings, in the order of the texts.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a scenario with everything it extends and resolves it against the embedded catalogue.
pub fn load(scenario: &str, options: &Options<'_>, world: &dyn World) -> Resolved {
    let mut sources = SourceMap::default();
    let mut diagnostics = Diagnostics::default();
    let texts = Texts { scenario, settings: options.settings, without_claims: options.without_claims };
    let read = read_scenario(&texts, world, &mut sources, &mut diagnostics);
    let catalogue = Catalogue::with_files(options.catalogue, &mut sources, &mut diagnostics);
    let overrides = read.as_ref().map_or(&[][..], |scenario| &scenario.overrides);
    let catalogue = catalogue.overridden(overrides, &mut diagnostics);
    let plan = read.map(|scenario| resolve(&scenario, &catalogue, &sources, options, &mut diagnostics));
    let plan = plan.flatten().filter(|_| !diagnostics.has_errors());
    Resolved { plan, sources, diagnostics: diagnostics.into_sorted() }
}

/// Results times days that a plan may have: what the reference case by day takes 200 MB to hold.
const MAXIMUM_VALUES: usize = 25_000_000;

/// Resolution in progress.
pub(crate) struct Resolver<'a> {
    scenario: &'a Scenario,
    catalogue: &'a Catalogue,
    sources: &'a SourceMap,
    diagnostics: &'a mut Diagnostics,
    /// Facts known later than this day are not used.
    knowledge: Date,
    inputs: Vec<InputRecord>,
    by_path: BTreeMap<String, InputId>,
    /// Facts that were looked for in vain, so that each is told of once.
    missing: BTreeSet<String>,
    cited: BTreeMap<String, Reference>,
}

/// Resolves a scenario against a catalogue. Diagnostics are collected; `None` where the plan would be
/// incomplete.
pub fn resolve(
    scenario: &Scenario,
    catalogue: &Catalogue,
    sources: &SourceMap,
    options: &Options<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Plan> {
    let knowledge = if options.hindsight { Date::MAX } else { scenario.as_of.value };
    let mut resolver = Resolver {
        scenario,
        catalogue,
        sources,
        diagnostics,
        knowledge,
        inputs: Vec::new(),
        by_path: BTreeMap::new(),
        missing: BTreeSet::new(),
        cited: BTreeMap::new(),
    };
    let period = scenario.period.value;
    // What every plan needs is missing only if its date is before it was known.
    let here = scenario.as_of.span;
    let h100 = resolver.fact(Kind::Accelerator, "h100-sxm", "bf16", here);
    let manhattan = (
        resolver.fact(Kind::Place, "manhattan", "land", here),
        resolver.fact(Kind::Place, "manhattan", "length", here),
        resolver.fact(Kind::Place, "manhattan", "width", here),
    );
    let sites = resolver.sites();
    let systems = resolver.systems();
    let targets = resolver.targets();
    let lots = resolver.lots(&systems, &targets);
    let accounts = resolver.accounts();
    let companies = resolver.companies(accounts);
    let training = resolver.training(&systems, &lots, &companies);
    let serving = resolver.serving(&systems, &lots, &companies);
    let demand = resolver.demands();
    let ranking = resolver.ranking(&systems, &companies);
    let (axis, integrated) = time::axis(scenario, period);
    let fleet = resolver.fleet(options, &systems, &lots, &training);
    let power = resolver.power();
    resolver.check_overrides();
    let (sites, systems, lots, targets, mut companies) = (sites?, systems?, lots?, targets?, companies?);
    let (training, serving, fleet) = (training?, serving?, fleet.ok()?);
    let (demand, ranking, power) = (demand?, ranking.ok()?, power?);
    resolver.funding(&mut companies, &sites, &lots);
    let year = resolver.headline_year();
    let vocabulary =
        vocabulary::build(&systems, &sites, &lots, &companies, &training, &demand, ranking.as_ref());
    resolver.check_extent(vocabulary.paths.len());
    let claims = resolver.claims(&vocabulary, &axis, accounts);
    let outcomes = resolver.outcomes(&vocabulary, &axis, accounts);
    let correlations = resolver.correlations();
    if resolver.diagnostics.has_errors() {
        return None;
    }
    Some(Plan {
        name: scenario.name.value.clone(),
        description: scenario.description.clone(),
        as_of: scenario.as_of.value,
        period,
        year,
        samples: options.samples.or(scenario.samples).unwrap_or(DEFAULT_SAMPLES),
        seed: options.seed.or(scenario.seed).unwrap_or(DEFAULT_SEED),
        inputs: resolver.inputs,
        correlations,
        bibliography: resolver.cited,
        systems,
        h100: h100?,
        manhattan: PlacePlan { land: manhattan.0?, length: manhattan.1?, width: manhattan.2? },
        sites,
        lots,
        targets,
        accounts,
        companies,
        training,
        serving,
        demand,
        fleet,
        ranking,
        power,
        axis,
        integrated,
        vocabulary,
        claims,
        outcomes,
    })
}

impl Resolver<'_> {
    /// Refuses a plan whose results by day would not fit into memory.
    fn check_extent(&mut self, results: usize) {
        let period = &self.scenario.period;
        let days = usize::try_from(period.value.end.0 - period.value.start.0).unwrap_or(0);
        if results.saturating_mul(days) > MAXIMUM_VALUES {
            self.diagnostics.push(
                Diagnostic::error(
                    period.span,
                    format!("the plan is too large: {results} results over {days} days"),
                )
                .help("plan fewer years, or put sites together"),
            );
        }
    }
}
