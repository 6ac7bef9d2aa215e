//! Training runs: models looked up, layouts fitted, defaults filled.

use crate::catalog::{Kind, Shape};
use crate::fact::{FactKind, Written};
use crate::period::Moment;
use crate::plan::{CompanyPlan, Input, Lot, PhasePlan, RunStart, SystemPlan, TrainedModel, TrainingPlan};
use crate::quantity::Quantity;
use crate::scenario::{TrainingSection, is_configuration};
use crate::text::{Diagnostic, Span, Spanned};
use crate::training::{Framework, FrameworkName, Month, Offload, Precision};

use super::Resolver;
use super::fleet::{outside, system_index};
use super::tenant::Tenant;
use super::training_machine::fitted_error;

/// The experience with failures whose effective time is the default.
const RELIABILITY: &str = "llama3-54-days";
/// Runs that a scenario may have, and phases of one: each is priced.
const MOST_RUNS: usize = 60;
const MOST_PHASES: usize = 12;

impl Resolver<'_> {
    /// Every run, in the order written; `None` where one of them is incomplete.
    pub(super) fn training(
        &mut self,
        systems: &Option<Vec<SystemPlan>>,
        lots: &Option<Vec<Lot>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Option<Vec<TrainingPlan>> {
        let scenario = self.scenario;
        if let Some(run) = scenario.training.get(MOST_RUNS) {
            let message = format!("there are more than {MOST_RUNS} training runs");
            self.diagnostics
                .push(Diagnostic::error(run.name.span, message).help("put those that are alike together"));
            return None;
        }
        let mut runs = Vec::new();
        let mut complete = true;
        for index in 0..scenario.training.len() {
            match self.run(index, systems, lots, companies) {
                Some(run) => runs.push(run),
                None => complete = false,
            }
        }
        complete.then_some(runs)
    }

    fn run(
        &mut self,
        index: usize,
        systems: &Option<Vec<SystemPlan>>,
        lots: &Option<Vec<Lot>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Option<TrainingPlan> {
        let scenario = self.scenario;
        let section = &scenario.training[index];
        let name = section.name.value.as_str();
        let path = |field: &str| format!("training.{name}.{field}");
        self.check_run(section);
        let start = self.run_start(index);
        let system = system_index(systems, section.system.as_ref());
        let model = self.trained_model(section);
        let phases = model.as_ref().and_then(|(model, _)| self.phases(section, &model.shape));
        let precision = section.precision.as_ref().and_then(|word| Precision::parse(&word.value));
        let precision = precision.unwrap_or(Precision::Bf16);
        let offload = phases.as_ref().and_then(|phases| offload(section, phases));
        let machine = section.system.as_ref().and_then(|system| self.machine(system, precision, offload));
        let tenant = Tenant::run(section);
        let place = self.place(&tenant);
        let price = system.and_then(|system| self.hour_price(&tenant, system, lots, companies));
        let framework = section.framework.as_ref().and_then(|word| FrameworkName::parse(&word.value));
        let reliability = self.choice(Kind::Reliability, section.reliability.as_ref(), RELIABILITY);
        let value = |field: &str| section.values.get(field);
        let effective_time = self.written_or_fact(
            path("effective_time"),
            value("effective_time"),
            (Kind::Reliability, &reliability?, "effective_time"),
            section.span,
        );
        let (model, title) = model?;
        let (machine, phases) = (machine?, phases?);
        let software = section
            .software
            .unwrap_or_else(|| Framework::preset(framework.unwrap_or(FrameworkName::Megatron)));
        let framework = Framework { released: self.released(start?), ..software };
        let model_error = match value("model_error") {
            Some(written) => self.written(path("model_error"), written),
            None => {
                let error = fitted_error(&machine, precision, &framework, &model, &phases);
                let note = "factor on the time of a step: four of five measured steps lie within it";
                self.default_spread(path("model_error"), (error, FactKind::Derived), note, section.span)
            }
        };
        let reported_hours = self.published(section, "reported_hours", "training_hours");
        let reported_rate = self.published(section, "reported_rate", "training_rate");
        Some(TrainingPlan {
            name: name.to_owned(),
            title: section.title.clone().unwrap_or(title),
            model,
            system: system?,
            machine,
            precision,
            framework,
            place: place?,
            start: start?,
            delay: value("delay").map(|written| self.written(path("delay"), written)),
            tokens: value("tokens").map(|written| self.written(path("tokens"), written)),
            phases,
            extra_work: value("extra_work").map(|written| self.written(path("extra_work"), written)),
            effective_time: effective_time?,
            model_error,
            price: price?,
            reported_hours,
            reported_rate,
        })
    }

    /// What was published of a run: as said, or what the catalogue knew of its model by then.
    fn published<Q: Quantity>(
        &mut self,
        section: &TrainingSection,
        field: &str,
        fact: &str,
    ) -> Option<Input<Q>> {
        if let Some(written) = section.values.get(field) {
            return Some(self.written(format!("training.{}.{field}", section.name.value), written));
        }
        let model = section.model.as_ref()?;
        self.catalogue.get(Kind::Model, &model.value)?.known_on(fact, self.knowledge)?;
        self.fact(Kind::Model, &model.value, fact, model.span)
    }

    /// Values that make no sense outside a range.
    fn check_run(&mut self, section: &TrainingSection) {
        let value = |field: &str| section.values.get(field);
        self.check_share(value("effective_time"), "effective_time");
        self.check_positive(value("effective_time"), "effective_time", "0.9 or \"90 %\"");
        self.check_positive(value("model_error"), "model_error", "{ median = 1, factor = 1.2 }");
        self.check_positive(value("tokens"), "tokens", "\"15.6 T\"");
        self.check_positive(value("reported_hours"), "reported_hours", "\"30.84 M\"");
        self.check_positive(value("reported_rate"), "reported_rate", "\"400 TFLOP/s\"");
        self.check_positive(value("active_parameters"), "active_parameters", "\"17 G\"");
        self.check_positive(value("parameters"), "parameters", "\"400 G\"");
        if let Some(extra) = value("extra_work").filter(|extra| extra.value.distribution.range().0 < 0.0) {
            self.diagnostics.push(
                Diagnostic::error(extra.span, "`extra_work` cannot be below nothing")
                    .help("write it as work over that of the tokens: 0.2 or \"20 %\""),
            );
        }
        if let (Some(active), Some(all)) = (value("active_parameters"), value("parameters"))
            && active.value.distribution.range().1 > all.value.distribution.range().0
        {
            self.diagnostics.push(
                Diagnostic::error(active.span, "more parameters may be active than there are")
                    .also(all.span, "all of them")
                    .help("give ranges that do not overlap"),
            );
        }
    }

    /// What is multiplied with or divided by is above nothing.
    pub(super) fn check_positive(&mut self, written: Option<&Spanned<Written>>, field: &str, example: &str) {
        let Some(written) = written.filter(|written| written.value.distribution.range().0 <= 0.0) else {
            return;
        };
        self.diagnostics.push(
            Diagnostic::error(written.span, format!("`{field}` may be nothing"))
                .help(format!("write it above 0, such as {example}")),
        );
    }

    /// When a run starts: on its day, or after one that stands before it.
    fn run_start(&mut self, index: usize) -> Option<RunStart> {
        let scenario = self.scenario;
        let section = &scenario.training[index];
        if let Some(start) = &section.start {
            let (moment, period) = (Moment::start_of(start.value), scenario.period.value);
            if moment < period.start || moment >= period.end {
                let what = format!("{}, the run's first day,", start.value);
                self.diagnostics.push(outside(start.span, &what, period));
            }
            return Some(RunStart::At(moment));
        }
        let after = section.after.as_ref()?;
        let names = || scenario.training.iter().map(|run| run.name.value.as_str());
        match names().position(|name| name == after.value) {
            Some(earlier) if earlier < index => Some(RunStart::After(earlier)),
            Some(_) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        after.span,
                        format!("the run `{}` does not stand before it", after.value),
                    )
                    .help("write runs in the order in which they follow one another"),
                );
                None
            }
            None => {
                self.diagnostics.push(
                    Diagnostic::error(after.span, format!("there is no training run `{}`", after.value))
                        .suggest(&after.value, names()),
                );
                None
            }
        }
    }

    /// The month of the software's release: when the run starts; on the day of the plan for one that follows another.
    fn released(&self, start: RunStart) -> Month {
        let day = match start {
            RunStart::At(moment) => moment.day(),
            RunStart::After(_) => self.scenario.as_of.value,
        };
        let year = u16::try_from(day.year()).unwrap_or(0);
        let month = u8::try_from(day.month()).unwrap_or(1);
        Month::new(year, month)
    }

    /// What is trained, and its name for people.
    fn trained_model(&mut self, section: &TrainingSection) -> Option<(TrainedModel, String)> {
        let (model, architecture) = (section.model.as_ref(), section.architecture.as_ref());
        let (shape, title) = self.architecture_of(model, architecture, &section.name.value)?;
        let path = |field: &str| format!("training.{}.{field}", section.name.value);
        let mut value =
            |field: &str| section.values.get(field).map(|written| self.written(path(field), written));
        let (active_parameters, parameters) = (value("active_parameters"), value("parameters"));
        Some((TrainedModel { shape, active_parameters, parameters }, title))
    }

    /// The architecture that a run or a service names or describes, and the model's title or else the `owner`'s name.
    pub(super) fn architecture_of(
        &mut self,
        model: Option<&Spanned<String>>,
        architecture: Option<&Spanned<Shape>>,
        owner: &str,
    ) -> Option<(Shape, String)> {
        let Some(name) = model.filter(|model| !is_configuration(&model.value)) else {
            return architecture.map(|shape| (shape.value, owner.to_owned()));
        };
        let knowledge = self.knowledge;
        let entry = self.entry(Kind::Model, name)?;
        let title = entry.title().to_owned();
        let message = match &entry.architecture {
            Some(architecture) if architecture.known_from <= knowledge => {
                let (shape, source) = (architecture.shape, architecture.source.value.clone());
                self.cite(&source);
                return Some((shape, title));
            }
            Some(later) => format!(
                "the architecture of `{}` was not known on {knowledge}: its known_from is {}",
                name.value, later.known_from
            ),
            None => format!("the architecture of `{}` was not published", name.value),
        };
        self.diagnostics.push(Diagnostic::error(name.span, message).help(
            "describe it instead, architecture = { layers = ..., hidden = ... } with ranges of parameters and active_parameters",
        ));
        None
    }

    fn phases(&mut self, section: &TrainingSection, shape: &Shape) -> Option<Vec<PhasePlan>> {
        let total = section.values.get("tokens");
        if section.shared.unreadable || section.phases.iter().any(|phase| phase.fields.unreadable) {
            return None;
        }
        if section.phases.is_empty() {
            if total.is_none() {
                self.diagnostics.push(
                    Diagnostic::error(section.span, "`tokens` is missing in training")
                        .help("say how many it trains on, tokens = \"15.6 T\", or give its phases"),
                );
                return None;
            }
            let layout = self.layout(&section.shared, shape, section.span)?;
            let name = "whole".to_owned();
            return Some(vec![PhasePlan { title: name.clone(), name, tokens: None, layout }]);
        }
        if let Some(phase) = section.phases.get(MOST_PHASES) {
            let message = format!("there are more than {MOST_PHASES} phases");
            self.diagnostics
                .push(Diagnostic::error(phase.span, message).help("put those that are alike together"));
            return None;
        }
        self.check_tokens(section)?;
        let mut phases: Vec<PhasePlan> = Vec::new();
        let mut complete = true;
        for phase in &section.phases {
            if let Some(first) = section.phases.iter().find(|first| first.name.value == phase.name.value)
                && first.name.span != phase.name.span
            {
                self.diagnostics.push(
                    Diagnostic::error(
                        phase.name.span,
                        format!("the name `{}` is used twice", phase.name.value),
                    )
                    .label("second")
                    .also(first.name.span, "first")
                    .help("give one of them another name"),
                );
            }
            let fields = phase.fields.over(&section.shared);
            let path = format!("training.{}.phase.{}.tokens", section.name.value, phase.name.value);
            let tokens = phase.tokens.as_ref().map(|written| self.written(path, written));
            match self.layout(&fields, shape, phase.span) {
                Some(layout) => phases.push(PhasePlan {
                    name: phase.name.value.clone(),
                    title: phase.title.clone().unwrap_or_else(|| phase.name.value.clone()),
                    tokens,
                    layout,
                }),
                None => complete = false,
            }
        }
        complete.then_some(phases)
    }

    /// Whether the tokens of the phases and of the run say the same thing once.
    fn check_tokens(&mut self, section: &TrainingSection) -> Option<()> {
        let total = section.values.get("tokens");
        let mut without = section.phases.iter().filter(|phase| phase.tokens.is_none());
        let complaint = match (without.next(), without.next(), total) {
            (None, _, Some(total)) => {
                Diagnostic::error(total.span, "tokens are given for the run and for every phase")
                    .help("leave them out here, or in the phase that takes what the others leave")
            }
            (Some(_), Some(second), _) => Diagnostic::error(second.span, "two phases say no tokens")
                .help("one phase takes what the others leave; give the others theirs"),
            (Some(rest), None, None) => Diagnostic::error(rest.span, "`tokens` is missing in a phase")
                .help("give them here, or those of the whole run of which it takes what the others leave"),
            (Some(rest), None, Some(total)) => {
                let others: f64 = section
                    .phases
                    .iter()
                    .filter_map(|phase| phase.tokens.as_ref())
                    .map(|tokens| tokens.value.distribution.range().1)
                    .sum();
                if total.value.distribution.range().0 > others {
                    return Some(());
                }
                Diagnostic::error(rest.span, "the other phases may leave no tokens for this one")
                    .also(total.span, "tokens of the run")
                    .help("give the run more, or the other phases fewer")
            }
            (None, _, None) => return Some(()),
        };
        self.diagnostics.push(complaint);
        None
    }
}

/// Where a run says that something is moved to the host.
fn offload(section: &TrainingSection, phases: &[PhasePlan]) -> Option<Span> {
    phases.iter().find(|phase| phase.layout.offload != Offload::None)?;
    let fields = section.phases.iter().map(|phase| &phase.fields).chain([&section.shared]);
    let mut words = fields.filter_map(|fields| fields.layout.words.get("offload"));
    words.find(|word| word.value != "none").map(|word| word.span)
}
