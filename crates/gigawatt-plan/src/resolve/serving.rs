//! Models that are served: names looked up, layouts held against what divides, defaults filled.

use crate::catalog::{Kind, Shape};
use crate::coefficients::Coefficients;
use crate::plan::{
    CompanyPlan, Input, Lot, ServingPlan, SpeculationPlan, SystemPlan, Targets, TraceFile, Traffic,
};
use crate::quantity::{Count, Quantity};
use crate::scenario::ServiceSection;
use crate::serving::{Engine, EngineName, Release, RouterName, ServingFormats, TargetAt};
use crate::text::{Diagnostic, Spanned};
use crate::training::Precision;

use super::Resolver;
use super::fleet::system_index;
use super::tenant::Tenant;

/// Services that a scenario may have.
const MOST_SERVICES: usize = 100;

impl Resolver<'_> {
    /// Every service in the order written; `None` where one of them is incomplete.
    pub(super) fn serving(
        &mut self,
        systems: &Option<Vec<SystemPlan>>,
        lots: &Option<Vec<Lot>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Option<Vec<ServingPlan>> {
        let scenario = self.scenario;
        if let Some(service) = scenario.services.get(MOST_SERVICES) {
            let message = format!("there are more than {MOST_SERVICES} services");
            self.diagnostics.push(
                Diagnostic::error(service.name.span, message).help("put those that are alike together"),
            );
            return None;
        }
        let services: Vec<Option<ServingPlan>> =
            scenario.services.iter().map(|section| self.service(section, systems, lots, companies)).collect();
        services.into_iter().collect()
    }

    fn service(
        &mut self,
        section: &ServiceSection,
        systems: &Option<Vec<SystemPlan>>,
        lots: &Option<Vec<Lot>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Option<ServingPlan> {
        self.check_service(section);
        let system = system_index(systems, section.system.as_ref());
        let (model, architecture) = (section.model.as_ref(), section.architecture.as_ref());
        let model = self.architecture_of(model, architecture, &section.name.value);
        let engine = self.engine(section);
        let weights = format_of(section, "weights").unwrap_or(Precision::Bf16);
        let machine = section.system.as_ref().and_then(|system| self.machine(system, weights, None));
        let tenant = Tenant::service(section);
        let place = self.place(&tenant);
        let price = system.and_then(|system| self.hour_price(&tenant, system, lots, companies));
        let layout = match (&model, &machine) {
            (Some((shape, _)), Some(machine)) => self.serving_layout(section, shape, machine),
            _ => None,
        };
        let traffic = self.traffic(section, model.as_ref().map(|(shape, _)| shape));
        let speculation = self.speculation(section, model.as_ref().map(|(shape, _)| shape));
        if section.unreadable {
            return None;
        }
        let ((shape, title), engine, system) = (model?, engine?, system?);
        let entry = self.catalogue.get(Kind::System, &section.system.as_ref()?.value)?;
        let server = entry.integer("accelerators_per_server").or(entry.integer("accelerators")).unwrap_or(1);
        let number = |name: &str| section.numbers.get(name).map(|number| number.value);
        let targets = Targets {
            first_token: self.value(section, "target_first_token"),
            each_token: self.value(section, "target_each_token"),
            at: word(section, "target_at").and_then(TargetAt::parse).unwrap_or_default(),
        };
        Some(ServingPlan {
            name: section.name.value.clone(),
            title: section.title.clone().unwrap_or(title),
            formats: ServingFormats::of_checkpoint(weights, format_of(section, "cache"), &shape, engine.name),
            shape,
            system,
            machine: machine?,
            server: u64::try_from(server).unwrap_or(1).max(1),
            engine,
            speculation: speculation?,
            layout: layout?,
            replicas: number("replicas").unwrap_or(1),
            prefix_cache: section.prefix_cache.unwrap_or(true),
            router: word(section, "router").and_then(RouterName::parse).unwrap_or_default(),
            traffic: traffic?,
            targets,
            place: place?,
            price: price?,
        })
    }

    /// Values that make no sense outside a range.
    fn check_service(&mut self, section: &ServiceSection) {
        let value = |field: &str| section.values.get(field);
        self.check_positive(value("rate"), "rate", "\"50 request/s\"");
        self.check_positive(value("target_first_token"), "target_first_token", "\"500 ms\"");
        self.check_positive(value("target_each_token"), "target_each_token", "\"50 ms\"");
        self.check_share(value("acceptance"), "acceptance");
        for field in ["prompt", "output"] {
            if let Some(written) = value(field).filter(|written| written.value.distribution.range().0 < 1.0) {
                self.diagnostics.push(
                    Diagnostic::error(written.span, format!("`{field}` may be less than a token"))
                        .help("write it at least 1, such as 500"),
                );
            }
        }
    }

    fn value<Q: Quantity>(&mut self, section: &ServiceSection, field: &str) -> Option<Input<Q>> {
        let written = section.values.get(field)?;
        Some(self.written(format!("service.{}.{field}", section.name.value), written))
    }

    /// The preset of the engine with its limits laid over it.
    fn engine(&mut self, section: &ServiceSection) -> Option<Engine> {
        let name = word(section, "engine").and_then(EngineName::parse).unwrap_or(EngineName::Vllm);
        let release = match &section.engine_version {
            None => None,
            Some(text) => match Release::parse(&text.value) {
                Some(release) => Some(release),
                None => {
                    let message = format!("`{}` is not a release", text.value);
                    self.diagnostics.push(
                        Diagnostic::error(text.span, message)
                            .help("write its first two numbers, such as \"0.14\""),
                    );
                    return None;
                }
            },
        };
        let preset = Engine::of(name, release);
        let number = |field: &str| section.numbers.get(field).map(|number| number.value);
        Some(Engine {
            token_budget: number("token_budget").unwrap_or(preset.token_budget),
            most_sequences: number("most_sequences").unwrap_or(preset.most_sequences),
            ..preset
        })
    }

    /// What is asked; lengths have to lie within the model's context.
    fn traffic(&mut self, section: &ServiceSection, shape: Option<&Shape>) -> Option<Traffic> {
        if let Some(trace) = &section.trace {
            let named_in = self.sources.get(trace.span.source).name.to_string();
            return Some(Traffic::Trace(TraceFile { name: trace.value.clone(), named_in }));
        }
        // What is missing was told where it was read.
        let (prompt, output) = (section.values.get("prompt")?, section.values.get("output")?);
        let longest =
            [prompt, output].map(|written| written.value.distribution.reference()).iter().sum::<f64>();
        #[expect(clippy::cast_precision_loss, reason = "contexts are below 2^53")]
        if let Some(context) = shape.map(|shape| shape.context).filter(|context| longest > *context as f64) {
            let longer = if prompt.value.distribution.reference() >= output.value.distribution.reference() {
                prompt
            } else {
                output
            };
            self.diagnostics.push(
                Diagnostic::error(
                    longer.span,
                    format!("a request of {longest} tokens is longer than the model's context"),
                )
                .help(format!("`prompt` and `output` together are at most {context}")),
            );
            return None;
        }
        let rate = self.value(section, "rate");
        Some(Traffic::Lengths {
            prompt: self.value::<Count>(section, "prompt")?,
            output: self.value::<Count>(section, "output")?,
            rate,
        })
    }

    /// Guesses, where there are; `None` for some that nothing makes, which is told.
    fn speculation(
        &mut self,
        section: &ServiceSection,
        shape: Option<&Shape>,
    ) -> Option<Option<SpeculationPlan>> {
        let Some(guessed) = section.numbers.get("guessed") else {
            let Some(acceptance) = section.values.get("acceptance") else { return Some(None) };
            self.diagnostics.push(
                Diagnostic::error(
                    acceptance.span,
                    "`acceptance` says how many guesses hold, and none are made",
                )
                .help("write guessed = 1, or leave `acceptance` out"),
            );
            return None;
        };
        if shape?.further_tokens == 0 {
            self.diagnostics.push(
                Diagnostic::error(guessed.span, "the model has no layer that guesses further tokens")
                    .help("leave `guessed` out: a smaller model that guesses for it is not modelled"),
            );
            return None;
        }
        let path = format!("service.{}.acceptance", section.name.value);
        let acceptance = match section.values.get("acceptance") {
            Some(written) => self.written(path, written),
            None => {
                let fitted = Coefficients::embedded("serving").unwrap_or_default().value("acceptance")?;
                self.default_of(path, fitted, "as fitted on published latencies with guesses", section.span)
            }
        };
        Some(Some(SpeculationPlan { guessed: guessed.value, acceptance }))
    }
}

/// The word of a field.
fn word<'a>(section: &'a ServiceSection, field: &str) -> Option<&'a str> {
    section.words.get(field).map(|word: &Spanned<String>| word.value.as_str())
}

/// The number format of a field.
fn format_of(section: &ServiceSection, field: &str) -> Option<Precision> {
    word(section, field).and_then(Precision::named)
}
