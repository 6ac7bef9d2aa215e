//! What a training run or a service runs on: facts of its machines; and how far the law of steps may be off.

use crate::catalog::Kind;
use crate::coefficients::Coefficients;
use crate::distribution::Distribution;
use crate::plan::{Machine, MachineFact, PhasePlan, TrainedModel};
use crate::text::{Span, Spanned};
use crate::training::{Framework, Precision};

use super::Resolver;

/// What the laws of kernels and links read of an accelerator, where it is known.
const ACCELERATOR_FACTS: [&str; 5] = ["bf16", "memory", "memory_bandwidth", "scale_up", "scale_up_domain"];
/// What they read of it where that is known.
const OTHER_FACTS: [&str; 10] = [
    "memory_visible",
    "power",
    "cache",
    "processors",
    "special_functions",
    "fp32",
    "tf32",
    "fp8",
    "fp4",
    "int8",
];
/// Years after first deliveries from which a generation counts as settled.
const SETTLED: f64 = 2.0;
/// What they read of its system.
const SYSTEM_FACTS: [&str; 1] = ["network_per_accelerator"];
/// What offloading to the host's memory is priced with, where that is known.
const HOST_FACTS: [&str; 3] =
    ["host_link_per_accelerator", "host_memory_per_accelerator", "host_bandwidth_per_accelerator"];

impl Resolver<'_> {
    /// What of an accelerator and its system decides the time of a step. `offload` is where something is moved to the
    /// host, so that facts of the host have to be known.
    pub(super) fn machine(
        &mut self,
        system: &Spanned<String>,
        precision: Precision,
        offload: Option<Span>,
    ) -> Option<Machine> {
        let accelerator = self.catalogue.get(Kind::System, &system.value)?.text("accelerator").to_owned();
        let mut names = ACCELERATOR_FACTS.to_vec();
        let entry = self.catalogue.get(Kind::Accelerator, &accelerator)?;
        let day = self.knowledge;
        names.extend(OTHER_FACTS.into_iter().filter(|name| entry.known_on(name, day).is_some()));
        if !names.contains(&precision.peak_fact()) {
            names.push(precision.peak_fact());
        }
        let of_accelerator = names.into_iter().map(|name| (Kind::Accelerator, name, system.span));
        let of_system = SYSTEM_FACTS.into_iter().map(|name| (Kind::System, name, system.span));
        let mut wanted: Vec<(Kind, &str, Span)> = of_accelerator.chain(of_system).collect();
        for name in HOST_FACTS {
            if offload.is_some() || self.knows(Kind::System, &system.value, name) {
                wanted.push((Kind::System, name, offload.unwrap_or(system.span)));
            }
        }
        self.machine_with(&system.value, &wanted)
    }

    /// A system's accelerator with facts of it and of the system, each needed where it is used.
    pub(super) fn machine_with(&mut self, system: &str, wanted: &[(Kind, &str, Span)]) -> Option<Machine> {
        let accelerator = self.catalogue.get(Kind::System, system)?.text("accelerator").to_owned();
        let mut facts = Vec::new();
        let mut complete = true;
        for (kind, name, used_at) in wanted {
            let id = if *kind == Kind::System { system } else { &accelerator };
            match self.any_fact(*kind, id, name, *used_at) {
                Some(input) => facts.push(MachineFact { name: (*name).to_owned(), input }),
                None => complete = false,
            }
        }
        let entry = self.catalogue.get(Kind::Accelerator, &accelerator)?;
        let text = |field: &str| entry.text(field).to_owned();
        let (vendor, generation, wiring) = (text("vendor"), text("generation"), text("scale_up_wiring"));
        let shipped = self.catalogue.shipped(entry);
        complete.then_some(Machine { accelerator, vendor, generation, shipped, wiring, facts })
    }

    /// Whether a fact is known: to the catalogue by the day of the plan, or from the scenario.
    pub(super) fn knows(&self, kind: Kind, id: &str, fact: &str) -> bool {
        let path = format!("{}.{id}.{fact}", kind.name());
        let known = self.catalogue.get(kind, id).and_then(|it| it.known_on(fact, self.knowledge));
        known.is_some() || self.scenario.overrides.iter().any(|(name, _)| name.value == path)
    }
}

/// The factor within which the law's time of a step lies of four in five measured ones: a lognormal around 1, for the
/// phase that is known worst; a constant where no coefficient says.
///
/// Its half-width is what `TrainingSpread` of the engine gives for the same job, which a test holds it to.
pub(super) fn fitted_error(
    machine: &Machine,
    precision: Precision,
    framework: &Framework,
    model: &TrainedModel,
    phases: &[PhasePlan],
) -> Distribution {
    let coefficients = Coefficients::embedded("training").unwrap_or_default();
    let age = framework.released.years() - machine.shipped.years();
    let cut = |phase: &PhasePlan| phase.layout.tensor > 1 || phase.layout.pipeline > 1;
    let parts = [
        ("base", true),
        ("model_parallel", phases.iter().any(cut)),
        ("narrow", precision.weight_bytes() < 1.5),
        ("young", age < SETTLED && machine.generation == "blackwell"),
        ("experts", model.shape.experts.is_some()),
    ];
    let widths = parts.iter().filter(|(_, has)| *has).filter_map(|(name, _)| coefficients.value(name));
    let half_width = libm::sqrt(widths.map(|width| width * width).sum());
    let spread = Distribution::lognormal(1.0, libm::exp(half_width), None, None);
    spread.unwrap_or(Distribution::Constant { value: 1.0 })
}
