//! Ranking and recommendation: models and machines looked up, defaults filled, what makes no sense told.

use crate::catalog::Kind;
use crate::coefficients::Coefficients;
use crate::distribution::Distribution;
use crate::fact::{FactKind, Written};
use crate::period::Moment;
use crate::plan::{
    CompanyPlan, Input, Machine, RankingPlace, RankingPlan, RankingReturns, RankingStage, RankingTraining,
    RecommenderPlan, SystemPlan, UpliftMetric, UpliftPlan,
};
use crate::quantity::{Count, Quantity};
use crate::scenario::{RankingPartSection, RankingSection};
use crate::text::{Diagnostic, Span, Spanned};

use super::Resolver;
use super::fleet::{outside, system_index};

/// The audience whose facts are defaults unless the scenario names another.
const AUDIENCE: &str = "meta-family";
/// Stages or trainings that a scenario may have: each is priced.
const MOST_PARTS: usize = 20;
/// What the law reads of an accelerator.
const ACCELERATOR_FACTS: [&str; 3] = ["bf16", "memory", "memory_bandwidth"];
/// What it reads of it where that is known.
const OTHER_FACTS: [&str; 9] = [
    "memory_visible",
    "power",
    "cache",
    "processors",
    "special_functions",
    "fp32",
    "int8",
    "scale_up",
    "scale_up_domain",
];
/// What it reads of a system where that is known.
const SYSTEM_FACTS: [&str; 4] = [
    "network_per_accelerator",
    "host_link_per_accelerator",
    "host_memory_per_accelerator",
    "host_bandwidth_per_accelerator",
];
/// Fields that are parts of a whole.
const SHARES: [&str; 5] =
    ["load", "ads_share", "conversions_to_revenue", "time_to_revenue", "incremental_margin"];
/// Fields that something is multiplied with or divided by.
const POSITIVE: [&str; 14] = [
    "people",
    "requests",
    "impressions",
    "peak",
    "load",
    "budget",
    "ads_share",
    "scale",
    "round_scale",
    "model_error",
    "candidates",
    "jobs",
    "samples",
    "turnaround",
];

impl Resolver<'_> {
    /// Ranking; none where the scenario says nothing of it, an error where it is incomplete.
    pub(super) fn ranking(
        &mut self,
        systems: &Option<Vec<SystemPlan>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Result<Option<RankingPlan>, Incomplete> {
        let scenario = self.scenario;
        let Some(section) = &scenario.ranking else { return Ok(None) };
        self.ranked(section, systems, companies).map(Some).ok_or(Incomplete)
    }

    fn ranked(
        &mut self,
        section: &RankingSection,
        systems: &Option<Vec<SystemPlan>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Option<RankingPlan> {
        self.check_ranking(section);
        let site = self.site_index(section.site.as_ref());
        let audience = self.choice(Kind::Audience, section.audience.as_ref(), AUDIENCE);
        let rollout = self.rollout(section);
        let stages = self.parts(&section.stages, systems, "stage", |resolver, part, model, place, title| {
            Some(RankingStage {
                name: part.name.value.clone(),
                title,
                model,
                place,
                candidates: resolver.of_part(part, "stage", "candidates")?,
            })
        });
        let trainings =
            self.parts(&section.trainings, systems, "training", |resolver, part, model, place, title| {
                Some(RankingTraining {
                    name: part.name.value.clone(),
                    title,
                    model,
                    place,
                    jobs: resolver.of_part(part, "training", "jobs")?,
                    samples: resolver.of_part(part, "training", "samples")?,
                    turnaround: resolver.of_part(part, "training", "turnaround")?,
                })
            });
        let returns = match companies.as_deref() {
            Some([]) | None => {
                // Without a company they bring nothing, and are right or wrong all the same.
                section.uplifts.iter().for_each(|name| {
                    self.published_uplift(name);
                });
                None
            }
            Some(_) => audience.as_deref().map(|audience| self.returns(section, audience)),
        };
        let immersive = match (section.values.get("immersive"), &section.immersive_system) {
            (Some(written), Some(name)) => Some((
                self.written::<Count>("ranking.immersive".to_owned(), written),
                system_index(systems, Some(name)),
            )),
            _ => None,
        };
        let value = |field: &str| section.values.get(field);
        let model_error = match value("model_error") {
            Some(written) => self.written("ranking.model_error".to_owned(), written),
            None => {
                let note = "factor on accelerators: four of five measured throughputs lie within it";
                let spread = (fitted_error(), FactKind::Derived);
                self.default_spread("ranking.model_error".to_owned(), spread, note, section.span)
            }
        };
        let scale = value("scale").map(|written| self.written("ranking.scale".to_owned(), written));
        let audience = audience?;
        let (people, people_growth) = (
            self.of_audience(section, &audience, "people"),
            self.of_audience(section, &audience, "people_growth"),
        );
        let (requests, peak) =
            (self.of_audience(section, &audience, "requests"), self.of_audience(section, &audience, "peak"));
        let (load, budget) =
            (self.of_audience(section, &audience, "load"), self.of_audience(section, &audience, "budget"));
        Some(RankingPlan {
            title: section.title.clone().unwrap_or_else(|| "Ranking and recommendation".to_owned()),
            site: site?,
            people: people?,
            people_growth: people_growth?,
            counted: Moment::start_of(self.scenario.as_of.value),
            requests: requests?,
            peak: peak?,
            load: load?,
            budget: budget?,
            model_error,
            scale: scale?,
            rollout: rollout?,
            stages: stages?,
            trainings: trainings?,
            returns: match returns {
                Some(returns) => Some(returns?),
                None => None,
            },
            immersive: match immersive {
                Some((count, system)) => Some((count, system?)),
                None => None,
            },
        })
    }

    /// A value of the section if it is given, else the audience's.
    fn of_audience<Q: Quantity>(
        &mut self,
        section: &RankingSection,
        audience: &str,
        field: &str,
    ) -> Option<Input<Q>> {
        let path = format!("ranking.{field}");
        self.written_or_fact(path, section.values.get(field), (Kind::Audience, audience, field), section.span)
    }

    /// A value of a stage or of trainings, which is required and was told where it is missing.
    fn of_part<Q: Quantity>(
        &mut self,
        part: &RankingPartSection,
        kind: &str,
        field: &str,
    ) -> Option<Input<Q>> {
        let path = format!("ranking.{kind}.{}.{field}", part.name.value);
        part.values.get(field).map(|written| self.written(path, written))
    }

    fn parts<T>(
        &mut self,
        parts: &[RankingPartSection],
        systems: &Option<Vec<SystemPlan>>,
        kind: &str,
        make: impl Fn(&mut Self, &RankingPartSection, RecommenderPlan, RankingPlace, String) -> Option<T>,
    ) -> Option<Vec<T>> {
        if let Some(part) = parts.get(MOST_PARTS) {
            let message = format!("there are more than {MOST_PARTS} of `{kind}`");
            self.diagnostics
                .push(Diagnostic::error(part.name.span, message).help("put those that are alike together"));
            return None;
        }
        let mut all = Vec::new();
        let mut complete = true;
        for part in parts {
            let model = part.model.as_ref().and_then(|name| self.recommender(name));
            let place = self.ranking_place(part, systems);
            let made = match (model, place) {
                (Some((model, title)), Some(place)) => {
                    self.check_fit(part, &model, &place);
                    let title = part.title.clone().unwrap_or(title);
                    make(self, part, model, place, title)
                }
                _ => None,
            };
            complete &= made.is_some();
            all.extend(made);
        }
        complete.then_some(all)
    }

    /// A model of the catalogue, and its title.
    fn recommender(&mut self, name: &Spanned<String>) -> Option<(RecommenderPlan, String)> {
        let entry = self.entry(Kind::Recommender, name)?;
        let (id, title) = (entry.id.clone(), entry.title().to_owned());
        let span = name.span;
        macro_rules! fact {
            ($field:literal) => {
                self.fact(Kind::Recommender, &id, $field, span)
            };
        }
        let (parameters, tables, width) = (fact!("parameters"), fact!("tables"), fact!("width"));
        let (lookups, flop, layers) = (fact!("lookups"), fact!("flop"), fact!("layers"));
        let (positions, shared, serving_value) =
            (fact!("positions"), fact!("shared"), fact!("serving_value"));
        let (training_value, local_batch) = (fact!("training_value"), fact!("local_batch"));
        let model = RecommenderPlan {
            parameters: parameters?,
            tables: tables?,
            width: width?,
            lookups: lookups?,
            flop: flop?,
            layers: layers?,
            positions: positions?,
            shared: shared?,
            serving_value: serving_value?,
            training_value: training_value?,
            local_batch: local_batch?,
            id,
        };
        Some((model, title))
    }

    fn ranking_place(
        &mut self,
        part: &RankingPartSection,
        systems: &Option<Vec<SystemPlan>>,
    ) -> Option<RankingPlace> {
        let name = part.system.as_ref()?;
        let system = system_index(systems, Some(name))?;
        let price = self.fact(Kind::System, &name.value, "price_per_accelerator", name.span);
        let machine = self.ranking_machine(name);
        Some(RankingPlace { system, machine: machine?, price: price? })
    }

    /// What of an accelerator and its system decides how fast a model runs.
    fn ranking_machine(&mut self, system: &Spanned<String>) -> Option<Machine> {
        let id = self.catalogue.get(Kind::System, &system.value)?.text("accelerator").to_owned();
        let known = |kind, id: &str, name: &&&str| self.knows(kind, id, name);
        let needed = ACCELERATOR_FACTS.iter().map(|name| (Kind::Accelerator, *name, system.span));
        let of_accelerator = OTHER_FACTS.iter().filter(|name| known(Kind::Accelerator, &id, name));
        let of_system = SYSTEM_FACTS.iter().filter(|name| known(Kind::System, &system.value, name));
        let wanted: Vec<(Kind, &str, Span)> = needed
            .chain(of_accelerator.map(|name| (Kind::Accelerator, *name, system.span)))
            .chain(of_system.map(|name| (Kind::System, *name, system.span)))
            .collect();
        self.machine_with(&system.value, &wanted)
    }

    /// Tables that one accelerator cannot hold are cut over several, which something has to join.
    fn check_fit(&mut self, part: &RankingPartSection, model: &RecommenderPlan, place: &RankingPlace) {
        let reference = |id: crate::plan::InputId| self.inputs[id.0 as usize].distribution.reference();
        let bytes = reference(model.parameters.id()) * reference(model.serving_value.id());
        let memory = place.machine.fact("memory_visible").or(place.machine.fact("memory")).map(reference);
        let joined = place.machine.fact("network_per_accelerator").is_some();
        let (Some(memory), Some(system), false) = (memory, &part.system, joined) else { return };
        if bytes > memory * 0.85 {
            self.diagnostics.push(
                Diagnostic::error(
                    system.span,
                    format!("`{}` does not hold the tables of `{}`", system.value, model.id),
                )
                .label(format!(
                    "{:.0} GB of tables, {:.0} GB of memory, and nothing joins its accelerators",
                    bytes / 1e9,
                    memory / 1e9
                ))
                .help(format!(
                    "name another system, or say what joins them: override.system.{}.network_per_accelerator",
                    system.value
                )),
            );
        }
    }

    fn rollout(&mut self, section: &RankingSection) -> Option<(Moment, Moment)> {
        let rollout = section.rollout.as_ref()?;
        let (stretch, period) = (rollout.value, self.scenario.period.value);
        if stretch.start < period.start || stretch.end > period.end {
            let what = format!("{stretch}, in which larger models come,");
            self.diagnostics.push(outside(rollout.span, &what, period));
        }
        Some((stretch.start, stretch.end))
    }

    /// What ads earn, and the published uplifts.
    fn returns(&mut self, section: &RankingSection, audience: &str) -> Option<RankingReturns> {
        let company = self.company_index(section.company.as_ref());
        let uplifts: Vec<Option<UpliftPlan>> =
            section.uplifts.iter().map(|name| self.published_uplift(name)).collect();
        if section.uplifts.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(section.span, "`uplifts` is missing in ranking, and there is a [company]")
                    .help("name what better models were said to bring: uplifts = [\"meta-sequence-2024\"]"),
            );
        }
        macro_rules! value {
            ($field:literal) => {
                self.of_audience(section, audience, $field)
            };
        }
        let (impressions, ads_share) = (value!("impressions"), value!("ads_share"));
        let (conversions, time) = (value!("conversions_to_revenue"), value!("time_to_revenue"));
        let (margin, round_scale) = (value!("incremental_margin"), value!("round_scale"));
        Some(RankingReturns {
            company: company?,
            impressions: impressions?,
            ads_share: ads_share?,
            conversions_to_revenue: conversions?,
            time_to_revenue: time?,
            incremental_margin: margin?,
            round_scale: round_scale?,
            uplifts: uplifts.into_iter().collect::<Option<_>>()?,
        })
    }

    fn published_uplift(&mut self, name: &Spanned<String>) -> Option<UpliftPlan> {
        let entry = self.entry(Kind::Uplift, name)?;
        let (id, title, word) = (entry.id.clone(), entry.title().to_owned(), entry.text("metric").to_owned());
        let metric = UpliftMetric::ALL.iter().find(|(_, known)| *known == word);
        if metric.is_none() {
            let known = UpliftMetric::ALL.iter().map(|(_, word)| *word);
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("`{word}` is not what an uplift can be of"))
                    .suggest(&word, known),
            );
        }
        // What became known with the effect is told of once.
        let effect = self.fact(Kind::Uplift, &id, "effect", name.span)?;
        let coverage = self.fact(Kind::Uplift, &id, "coverage", name.span)?;
        Some(UpliftPlan { id, title, metric: metric?.0, effect, coverage })
    }

    /// Values that make no sense outside a range.
    fn check_ranking(&mut self, section: &RankingSection) {
        let parts = section.stages.iter().chain(&section.trainings).map(|part| &part.values);
        for values in parts.chain([&section.values]) {
            for (field, written) in values {
                if SHARES.contains(field) {
                    self.check_share(Some(written), field);
                }
                if POSITIVE.contains(field) {
                    self.check_above_nothing(written, field);
                }
            }
        }
        for (field, means) in [
            ("peak", "the busiest hour cannot be below the mean"),
            ("scale", "larger models have no less arithmetic than today's"),
        ] {
            let low = section.values.get(field).filter(|written| written.value.distribution.range().0 < 1.0);
            if let Some(written) = low {
                self.diagnostics.push(
                    Diagnostic::error(written.span, format!("`{field}` may be below 1: {means}"))
                        .help("write it as a factor of at least 1"),
                );
            }
        }
        let round = section.values.get("round_scale");
        if let Some(written) = round.filter(|written| written.value.distribution.range().0 <= 1.0) {
            self.diagnostics.push(
                Diagnostic::error(
                    written.span,
                    "`round_scale` may be no more than 1, and uplifts are spread over it",
                )
                .help("write it as a factor above 1: 5, or { low = 2, mode = 5, high = 20 }"),
            );
        }
    }

    fn check_above_nothing(&mut self, written: &Spanned<Written>, field: &str) {
        if written.value.distribution.range().0 <= 0.0 {
            self.diagnostics.push(
                Diagnostic::error(written.span, format!("`{field}` may be nothing")).help("write it above 0"),
            );
        }
    }
}

/// Something of ranking is missing, which was told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Incomplete;

/// A lognormal around 1 as wide as four of five measured throughputs are from the law; a constant where no coefficient says.
fn fitted_error() -> Distribution {
    let width = Coefficients::embedded("ranking").unwrap_or_default().value("spread").unwrap_or(0.0);
    let spread = Distribution::lognormal(1.0, libm::exp(width), None, None);
    spread.unwrap_or(Distribution::Constant { value: 1.0 })
}
