//! `summary.json`: everything a run knows, under stable names.

use std::collections::BTreeMap;

use gigawatt_engine::training::UnfitPhase;
use gigawatt_engine::{Judgement, LAWS_REVISION, Quantiles, Results, Verdict};
use gigawatt_plan::catalog::Reference;
use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::fact::FactKind;
use gigawatt_plan::plan::{Claim, ClaimTest, InputId, InputRecord, Origin, Plan};
use gigawatt_plan::quantity::Dimension;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::economics::UseEconomics;
use crate::operation::OperationSummary;
use crate::power::PowerSummary;
use crate::served::ServedSummary;
use crate::spread::{self, ConvergenceSummary, ExceedanceSummary, SensitivitySummary};
use crate::training::told;

/// Everything a run knows. Values are in base units, named beside them: W, J, USD, m2, s, 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Identity of the run: a hash of plan, draws, seed and laws.
    pub run: String,
    /// Name of the scenario.
    pub name: String,
    /// What it is about.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
    /// The day whose knowledge was used.
    pub as_of: Date,
    /// First and last day of the plan.
    pub period: PeriodSummary,
    /// The year that headlines are about.
    pub year: i16,
    /// Draws.
    pub samples: u32,
    /// Seed.
    pub seed: u64,
    /// Results by path.
    pub results: BTreeMap<String, ResultSummary>,
    /// Claims in the order of the scenario.
    pub claims: Vec<ClaimSummary>,
    /// What became known after `as_of`, beside the forecast.
    pub outcomes: Vec<OutcomeSummary>,
    /// For the value of each claim and each headline, the inputs that drive it.
    #[serde(default)]
    pub sensitivity: Vec<SensitivitySummary>,
    /// For the same, how probable it is to exceed a value.
    #[serde(default)]
    pub exceedance: Vec<ExceedanceSummary>,
    /// For the same, whether there are enough draws.
    #[serde(default)]
    pub convergence: Vec<ConvergenceSummary>,
    /// The fleet in operation, where the scenario has one; of `gw run` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fleet: Option<OperationSummary>,
    /// Sites as their grids see them, in the reference case; of `gw run` only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub power: Option<PowerSummary>,
    /// Demands on the services that they name, hour by hour; of `gw run` only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub served: BTreeMap<String, ServedSummary>,
    /// Demands whose service cannot keep its targets even under a light load, with the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub unserved: BTreeMap<String, String>,
    /// What those demands and ranking take, what a unit costs and what breaks first; of `gw run` only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub economics: BTreeMap<String, UseEconomics>,
    /// Inputs by path.
    pub inputs: BTreeMap<String, InputSummary>,
    /// Sources cited, by id.
    pub sources: BTreeMap<String, Reference>,
}

/// First and last day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PeriodSummary {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

/// A number over the draws, and in the reference case.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Value {
    /// Below it lies a tenth of the draws; absent where the number does not exist, as a ratio to nothing.
    pub p10: Option<f64>,
    /// The median.
    pub p50: Option<f64>,
    /// Above it lies a tenth of the draws.
    pub p90: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// With every input at its mode or median.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reference: Option<f64>,
}

impl Value {
    pub(crate) fn new(quantiles: Quantiles, reference: Option<f64>) -> Self {
        let finite = |value: f64| value.is_finite().then_some(value);
        Self {
            p10: finite(quantiles.p10),
            p50: finite(quantiles.p50),
            p90: finite(quantiles.p90),
            mean: finite(quantiles.mean),
            reference: reference.and_then(finite),
        }
    }
}

/// A result at all its periods.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResultSummary {
    /// Name for people.
    pub title: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Base unit.
    pub unit: String,
    /// How it is computed.
    pub law: String,
    /// By period (`2025`, `2025Q3`) for amounts and ratios of amounts, by day for levels.
    pub values: BTreeMap<String, Value>,
}

/// A claim and its judgement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClaimSummary {
    /// Name in paths.
    pub name: String,
    /// The statement.
    pub says: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether `gw check` passes over it.
    pub informative: bool,
    /// Who said it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// Path of the value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub path: Option<String>,
    /// When it is read, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub when: Option<String>,
    /// What it measures.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dimension: Option<Dimension>,
    /// Base unit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub unit: Option<String>,
    /// Least value allowed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_least: Option<f64>,
    /// Greatest value allowed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub at_most: Option<f64>,
    /// Probability asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub confidence: Option<f64>,
    /// Part of the draws that keep the bounds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub probability: Option<f64>,
    /// The value over the draws.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<Value>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub outcome: Option<KnownSummary>,
    /// By how much the value would have to shift as a whole for the claim to hold.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shift: Option<f64>,
    /// Single inputs that would make it hold, or come nearest.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub remedies: Vec<RemedySummary>,
    /// What would judge it, where nothing here does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub judged_by: Option<String>,
    /// Inputs the value depends on, the most influential first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub depends_on: Vec<String>,
    /// Where the value is that of a training run, why that cannot run as it is planned: it is priced all the same.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cannot_run: Vec<String>,
}

/// An input at a value that decides a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RemedySummary {
    /// Path of the input.
    pub input: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Its value, in base units.
    pub value: f64,
    /// How probable the claim then is.
    pub probability: f64,
    /// Whether that is enough; if not, the value is the best of the input's range.
    pub enough: bool,
}

/// A value that became known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KnownSummary {
    /// In base units.
    pub value: f64,
    /// Id of its source.
    pub source: String,
    /// The day from which it was public.
    pub published: Date,
}

/// A value that became known, beside its forecast.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeSummary {
    /// Path of the result.
    pub path: String,
    /// Name for people.
    pub title: String,
    /// When.
    pub when: String,
    /// What it measures.
    pub dimension: Dimension,
    /// What happened.
    pub known: KnownSummary,
    /// The forecast.
    pub forecast: Value,
    /// Whether it lies between the forecast's p10 and p90.
    pub inside: bool,
}

/// An input with its provenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputSummary {
    /// What it measures.
    pub dimension: Dimension,
    /// Base unit.
    pub unit: String,
    /// Value or spread.
    pub distribution: Distribution,
    /// Who said it.
    pub origin: Origin,
    /// How it came to be known.
    pub kind: FactKind,
    /// Id of its source.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub source: Option<String>,
    /// The day from which it was public.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub known_from: Option<Date>,
    /// Basis or caveat.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
    /// File and line.
    pub place: String,
}

impl From<&InputRecord> for InputSummary {
    fn from(input: &InputRecord) -> Self {
        Self {
            dimension: input.dimension,
            unit: input.dimension.base_unit().to_owned(),
            distribution: input.distribution,
            origin: input.origin,
            kind: input.kind,
            source: input.source.clone(),
            known_from: input.known_from,
            note: input.note.clone(),
            place: input.place.clone(),
        }
    }
}

/// The identity of a run: twelve hexadecimal digits of a hash over the resolved plan with its facts, the number
/// of draws, the seed and the revision of the laws.
pub fn run_id(plan: &Plan) -> String {
    let mut hash = Sha256::new();
    // Files of another version may be laid out differently: its runs are others.
    hash.update(env!("CARGO_PKG_VERSION"));
    hash.update(LAWS_REVISION.to_le_bytes());
    // A plan is data without maps of floats as keys: it always serialises.
    hash.update(serde_json::to_vec(plan).unwrap_or_default());
    hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

impl Summary {
    /// Collects a run's results.
    pub fn new(plan: &Plan, results: &Results) -> Self {
        let mut by_path: BTreeMap<String, ResultSummary> = BTreeMap::new();
        for table in &results.tables {
            let path = plan.vocabulary.get(table.result);
            by_path
                .entry(path.path.clone())
                .or_insert_with(|| ResultSummary {
                    title: path.title.clone(),
                    dimension: path.dimension,
                    unit: path.dimension.base_unit().to_owned(),
                    law: path.law.clone(),
                    values: BTreeMap::new(),
                })
                .values
                .insert(table.when.clone(), Value::new(table.quantiles, Some(table.reference)));
        }
        let claims = plan.claims.iter().zip(&results.judgements);
        let (sensitivity, exceedance, convergence) = spread::summaries(plan, results);
        Self {
            run: run_id(plan),
            name: plan.name.clone(),
            description: plan.description.clone(),
            as_of: plan.as_of,
            period: PeriodSummary { from: plan.period.start.day(), to: plan.period.end.day_before() },
            year: plan.year,
            samples: plan.samples,
            seed: plan.seed,
            results: by_path,
            claims: claims.map(|(claim, judgement)| claim_summary(plan, results, claim, judgement)).collect(),
            outcomes: outcomes(plan, results),
            sensitivity,
            exceedance,
            convergence,
            fleet: None,
            power: None,
            served: BTreeMap::new(),
            unserved: BTreeMap::new(),
            economics: BTreeMap::new(),
            inputs: plan.inputs.iter().map(|input| (input.path.clone(), InputSummary::from(input))).collect(),
            sources: plan.bibliography.clone(),
        }
    }

    /// The summary as a JSON document that ends with a line feed.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// A value of a result, if it is there.
    pub fn value(&self, path: &str, when: &str) -> Option<&Value> {
        self.results.get(path)?.values.get(when)
    }
}

fn claim_summary(plan: &Plan, results: &Results, claim: &Claim, judgement: &Judgement) -> ClaimSummary {
    let path_of = |id: &InputId| plan.input(*id).path.clone();
    let mut summary = ClaimSummary {
        name: claim.name.clone(),
        says: claim.says.clone(),
        verdict: judgement.verdict,
        informative: claim.informative,
        source: claim.source.clone(),
        path: None,
        when: None,
        dimension: None,
        unit: None,
        at_least: None,
        at_most: None,
        confidence: None,
        probability: judgement.probability,
        value: judgement.quantiles.map(|quantiles| Value::new(quantiles, None)),
        outcome: None,
        shift: judgement.shift,
        remedies: judgement
            .remedies
            .iter()
            .map(|remedy| RemedySummary {
                input: path_of(&remedy.input),
                dimension: plan.input(remedy.input).dimension,
                value: remedy.value,
                probability: remedy.probability,
                enough: remedy.enough,
            })
            .collect(),
        judged_by: None,
        depends_on: judgement.depends_on.iter().map(path_of).collect(),
        cannot_run: Vec::new(),
    };
    match &claim.test {
        ClaimTest::NotJudged { needs } => summary.judged_by = Some(needs.clone()),
        ClaimTest::Bounds(bounds) => {
            summary.path = Some(bounds.path.clone());
            summary.cannot_run = cannot_run(plan, results, &bounds.path);
            summary.when = Some(bounds.when.clone());
            summary.dimension = Some(bounds.dimension);
            summary.unit = Some(bounds.dimension.base_unit().to_owned());
            summary.at_least = bounds.at_least;
            summary.at_most = bounds.at_most;
            summary.confidence = Some(bounds.confidence);
            summary.outcome = bounds.outcome.as_ref().map(|known| KnownSummary {
                value: known.value,
                source: known.source.clone(),
                published: known.published,
            });
        }
    }
    summary
}

/// What is wrong with the training run, or with the one phase of it, whose result is at a path.
fn cannot_run(plan: &Plan, results: &Results, path: &str) -> Vec<String> {
    let names: Vec<&str> = path.split('.').collect();
    let is_meant = |unfit: &&UnfitPhase| {
        let run = &plan.training[unfit.run];
        match names.as_slice() {
            ["training", name, "phase", phase, ..] => {
                run.name == *name && run.phases[unfit.phase].name == *phase
            }
            ["training", name, ..] => run.name == *name,
            _ => false,
        }
    };
    let told = |unfit: &UnfitPhase| {
        let title = plan.training[unfit.run].phases[unfit.phase].title.clone();
        unfit.faults.iter().map(move |fault| format!("{title}: {}", told(fault))).collect::<Vec<_>>()
    };
    results.unfit.iter().filter(is_meant).flat_map(told).collect()
}

fn outcomes(plan: &Plan, results: &Results) -> Vec<OutcomeSummary> {
    plan.outcomes
        .iter()
        .filter_map(|outcome| {
            let table = results
                .tables
                .iter()
                .find(|table| table.result == outcome.result && table.when == outcome.period)?;
            let path = plan.vocabulary.get(outcome.result);
            let inside = (table.quantiles.p10..=table.quantiles.p90).contains(&outcome.known.value);
            Some(OutcomeSummary {
                path: path.path.clone(),
                title: path.title.clone(),
                when: outcome.period.clone(),
                dimension: path.dimension,
                known: KnownSummary {
                    value: outcome.known.value,
                    source: outcome.known.source.clone(),
                    published: outcome.known.published,
                },
                forecast: Value::new(table.quantiles, Some(table.reference)),
                inside,
            })
        })
        .collect()
}
