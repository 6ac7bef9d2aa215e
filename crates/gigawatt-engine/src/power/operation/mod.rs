//! What sites draw on average, in closed form: how much of their nameplate is used, and what cooling adds.
//!
//! In the period that a plan's fleet is simulated in, what runs on each pool is known on average without its events: runs by
//! their steps, services by their replicas, small jobs by their load, what is broken by rates and times of repair. With `aᵢ`
//! accelerators given to a state of power `pᵢ`, `f` free ones that work on what no scenario describes, and `n` the
//! overhead of networks,
//!
//! ```text
//! u = (Σ aᵢ pᵢ + f max(p_idle, P (υ (1 + n) - n)) + n Σ P) / ((1 + n) Σ P)
//! ```
//!
//! `P` an accelerator's share of its system's nameplate and `υ` the site's utilisation. So a site of which nothing is
//! described draws `υ`, as in a plan without a fleet. Work of higher priority takes accelerators first. Before and after
//! the period the nearest interval's `u` holds. Where a site has a plant and weather, the PUE of each month is that of
//! the plant at the reference case's load ([`Seasons`]).
//!
//! Powers over nameplate are those of the reference case; numbers of accelerators, loads and times are those of the draw.

mod pools;
mod seasons;

pub use seasons::Seasons;

use std::sync::Arc;

use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::Quantity;

use crate::Draw;
use crate::buildout::Buildout;
use crate::power::PowerCoefficients;
use crate::power::grid::{run_mean, systems_of};
use crate::training::Prices;

use pools::Pools;

/// What is computed once for a plan.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Of the fleet; none where a plan has none.
    pools: Option<Pools>,
    /// Of every site.
    seasons: Vec<Option<Seasons>>,
    /// Of every training run the mean power of its accelerators in a step over their share of the nameplate.
    runs: Vec<Option<f64>>,
}

impl Operation {
    /// That of a plan whose runs are priced.
    pub fn new(plan: &Plan, prices: &Arc<Prices>) -> Self {
        // The coefficients are part of the program: a test reads them.
        let Ok(with) = PowerCoefficients::embedded() else {
            return Self {
                pools: None,
                seasons: vec![None; plan.sites.len()],
                runs: vec![None; plan.training.len()],
            };
        };
        let reference = Draw::reference(plan);
        let draw = Draw::new(&reference);
        let systems = systems_of(plan, draw, &with);
        let part = |run: usize| {
            let system = &systems[plan.training[run].system];
            let power = run_mean(plan, draw, prices, run, system, &with)?;
            Some(power * system.accelerators / system.nameplate)
        };
        let runs: Vec<Option<f64>> = (0..plan.training.len()).map(part).collect();
        let pools = plan.fleet.as_ref().map(|fleet| Pools::new(plan, fleet, prices, &runs, &with));
        let seasons = plan.sites.iter().map(|site| Seasons::new(site, draw)).collect();
        Self { pools, seasons, runs }
    }

    /// Mean power of a training run's accelerators in a step over their share of their system's nameplate, in the reference case;
    /// none where its steps have no power.
    pub fn run(&self, run: usize) -> Option<f64> {
        self.runs[run]
    }

    /// Part of a site's nameplate that is drawn on average in the interval that ends at every moment of the plan.
    pub fn utilisation(
        &self,
        plan: &Plan,
        draw: Draw<'_>,
        buildout: &Buildout,
        site: usize,
        out: &mut Vec<f64>,
    ) {
        let usual = draw.get(plan.sites[site].utilisation).base();
        out.clear();
        out.resize(plan.axis.len(), usual);
        if let Some(pools) = &self.pools {
            pools.utilisation(plan, draw, buildout, site, usual, out);
        }
    }

    /// The months of a site's plant, where it has one and weather.
    pub fn seasons(&self, site: usize) -> Option<&Seasons> {
        self.seasons[site].as_ref()
    }
}
