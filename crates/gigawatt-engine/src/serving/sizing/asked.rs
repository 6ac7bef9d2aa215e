//! What is asked of a search of deployments.

use gigawatt_plan::plan::{Plan, ServingPlan};
use gigawatt_plan::serving::{ServingLayout, TargetAt};

use super::space::SizingSpace;
use super::worker::Pace;
use crate::AcceleratorHour;
use crate::serving::capacity::Capacity;
use crate::serving::laws::ServingLaws;
use crate::serving::machine::ServingMachine;
use crate::serving::steady::Request;

/// By how much the time to the first token may exceed that of a request alone, over the mean time of a request, where
/// nobody is promised one.
const SMALL_WAIT: f64 = 0.1;
/// Part of the memory of a scale-up domain that weights may fill for it to hold a model.
const SPARED: f64 = 0.8;

/// A service on one system, in one set of formats, with one engine.
#[derive(Clone, Debug)]
pub struct Choice<'a> {
    /// The service.
    pub service: &'a ServingPlan,
    /// What an accelerator takes.
    pub hour: AcceleratorHour,
    /// What may be chosen of it.
    pub space: SizingSpace,
    /// By the most accelerators of a replica that each is for, ascending; at least one.
    pub(super) machines: Vec<(u64, ServingMachine)>,
}

impl<'a> Choice<'a> {
    /// A service of a plan with everything that it leaves open, on `largest` accelerators at most where that is said; none
    /// where facts make no network.
    pub fn new(
        plan: &Plan,
        service: &'a ServingPlan,
        hour: AcceleratorHour,
        laws: &ServingLaws,
        largest: Option<u64>,
    ) -> Option<Self> {
        let mut machines = vec![(1, ServingMachine::new(plan, service, 1, laws)?)];
        let domain = machines[0].1.domain;
        let space = SizingSpace::of(service, domain, fits(&machines[0].1, service, laws), largest);
        // What joins accelerators is the same for all that two domains hold.
        machines[0].0 = domain.saturating_mul(2);
        while let Some(last) = machines.last().map(|(most, _)| *most).filter(|most| *most < space.largest) {
            let more = last.saturating_mul(2);
            machines.push((more, ServingMachine::new(plan, service, more, laws)?));
        }
        Some(Self { service, hour, space, machines })
    }

    /// Accelerators that share scale-up links.
    pub fn domain(&self) -> u64 {
        self.machines[0].1.domain
    }

    /// The machine for a layout.
    pub(super) fn machine(&self, layout: &ServingLayout) -> &ServingMachine {
        let wanted = layout.accelerators();
        let found = self.machines.iter().position(|(most, _)| *most >= wanted);
        &self.machines[found.unwrap_or(self.machines.len() - 1)].1
    }
}

/// Whether weights fit into a scale-up domain with something to spare for caches.
fn fits(machine: &ServingMachine, service: &ServingPlan, laws: &ServingLaws) -> bool {
    let whole = machine.deployment(service, ServingLayout::SINGLE);
    let Capacity { weights, .. } = Capacity::of(&whole, &laws.serving);
    #[expect(clippy::cast_precision_loss, reason = "accelerators of a domain are few")]
    let memory = machine.domain as f64 * machine.device.facts().memory;
    weights < SPARED * memory
}

/// What users are promised, s.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Promise {
    /// Time to the first token.
    pub first_token: Option<f64>,
    /// Time of each further token, as the mean over an answer.
    pub each_token: Option<f64>,
    /// Of which requests it holds.
    pub at: TargetAt,
}

impl Promise {
    /// The times of a pace over what is promised, the larger of both.
    pub(super) fn part_of(&self, pace: &Pace) -> f64 {
        let over = |time: f64, target: Option<f64>| target.map_or(0.0, |target| time / target);
        over(pace.first_token, self.first_token).max(over(pace.each_token, self.each_token))
    }

    /// Whether times that were seen keep it. Where no time to the first token is promised, waits have to be small: it exceeds
    /// that of a request alone by a tenth of the mean time of a request at most.
    pub(super) fn holds(&self, first_token: f64, each_token: f64, waiting: f64) -> bool {
        let pace = Pace { first_token, each_token, rate: 0.0 };
        self.part_of(&pace) <= 1.0 && (self.first_token.is_some() || waiting <= SMALL_WAIT)
    }
}

/// What is best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The fewest dollars.
    #[default]
    Cost,
    /// The fewest accelerators.
    Accelerators,
    /// The least energy.
    Energy,
}

impl Objective {
    /// What an accelerator counts for.
    pub(super) fn weight(self, hour: &AcceleratorHour) -> f64 {
        match self {
            Self::Cost => hour.price,
            Self::Accelerators => 1.0,
            Self::Energy => hour.power,
        }
    }
}

/// What is asked of a search.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizingAsked {
    /// Tokens of a request.
    pub request: Request,
    /// Requests per second, where a demand is named; else what an accelerator serves is to be best.
    pub rate: Option<f64>,
    /// What users are promised.
    pub promise: Promise,
    /// What is best.
    pub by: Objective,
    /// How many designs are wanted.
    pub number: usize,
}

impl SizingAsked {
    /// Replicas or workers that a demand takes of which each serves so many requests per second; without a demand, of them
    /// for each request per second.
    pub(super) fn units(&self, each: f64) -> f64 {
        match self.rate {
            Some(rate) => libm::ceil(rate / each * (1.0 - 1e-12)).max(1.0),
            None => 1.0 / each,
        }
    }
}
