//! From a service of a plan to what serves it.

use gigawatt_plan::plan::{LayoutChoice, Plan, ServingPlan};
use gigawatt_plan::serving::ServingLayout;

use super::deployment::{Deployment, Speculation};
use super::laws::ServingLaws;
use super::number::count;
use crate::device::Device;
use crate::machine::device_and_network;
use crate::network::Network;

/// What a service runs on in the reference case.
#[derive(Clone, Debug, PartialEq)]
pub struct ServingMachine {
    /// The accelerator, with its memory.
    pub device: Device,
    /// What joins them.
    pub network: Network,
    /// Accelerators that share scale-up links.
    pub domain: u64,
    /// Accelerators of a server.
    pub server: u64,
    speculation: Option<Speculation>,
}

impl ServingMachine {
    /// The machine of a service with replicas of so many accelerators; none where facts make no network.
    pub fn new(plan: &Plan, service: &ServingPlan, accelerators: u64, laws: &ServingLaws) -> Option<Self> {
        let reference = |input| plan.input(input).distribution.reference();
        let fact = |name: &str| service.machine.fact(name).map(reference);
        let coefficients = (&laws.device, &laws.network);
        let (device, network) = device_and_network(&service.machine, accelerators, coefficients, &fact)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count within bounds")]
        let domain = fact("scale_up_domain").map_or(1, |domain| domain.clamp(1.0, 1e9) as u64);
        let speculation = service.speculation.map(|guesses| Speculation {
            guessed: count(guesses.guessed),
            acceptance: reference(guesses.acceptance.id()),
        });
        Some(Self { device, network, domain, server: service.server, speculation })
    }

    /// The machine of a service in the layout that the plan has; none where it has none.
    pub fn of_plan(plan: &Plan, service: &ServingPlan, laws: &ServingLaws) -> Option<(Self, ServingLayout)> {
        match service.layout {
            LayoutChoice::Search => None,
            LayoutChoice::Fixed(layout) => {
                Some((Self::new(plan, service, layout.accelerators(), laws)?, layout))
            }
        }
    }

    /// A replica of the service in a layout.
    pub fn deployment<'a>(&'a self, service: &'a ServingPlan, layout: ServingLayout) -> Deployment<'a> {
        Deployment {
            shape: &service.shape,
            device: &self.device,
            network: &self.network,
            layout,
            formats: service.formats,
            engine: service.engine,
            speculation: self.speculation,
        }
    }
}
