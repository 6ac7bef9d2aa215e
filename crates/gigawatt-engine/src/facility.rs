//! Facility: power at the meter, energy, what it costs and emits, water, and land.
//!
//! Nameplate facility power is `Σ over sites: IT power online × PUE`; what is drawn on average is that times the
//! utilisation of power in the interval, which what runs on the fleet makes ([`crate::power::operation`]); a plan without
//! a fleet has the site's. Energy is its integral between the ends of months and
//! the days on which deliveries and power start and end. PUE is that of
//! The Green Grid, facility energy over IT energy; by the month where a site has a plant and weather, as is the water taken in
//! for the racks' energy. Cost is `∫ power × price dt` and carbon `∫ power × intensity dt`
//! (location-based, GHG Protocol Scope 2 Guidance, 2015). PUE, price and intensity are constants of a draw or follow
//! a series of hours, days or months; then the integral is exact for what the series says (see [`crate::weights`]).
//! The plant by the weather is a law of its own ([`crate::cooling`]).

use std::sync::Arc;

use gigawatt_plan::plan::{Course, Plan, SitePlan};
use gigawatt_plan::quantity::{Duration, Quantity};

use crate::Draw;
use crate::buildout::Buildout;
use crate::curve::Polyline;
use crate::power::operation::Operation;
use crate::series::Series;
use crate::weights::{Weights, integrate};

/// The weights of a site's series, made once for a plan.
#[derive(Clone, Debug, Default)]
pub struct SiteWeights {
    /// PUE.
    energy: Option<Weights>,
    /// PUE × price.
    cost: Option<Weights>,
    /// PUE × carbon intensity.
    carbon: Option<Weights>,
}

impl SiteWeights {
    fn new(plan: &Plan, site: &SitePlan) -> Self {
        let weights = |days: &Option<_>| days.as_ref().map(|days| Weights::new(plan, days));
        let profile = &site.profile;
        Self {
            energy: weights(&profile.energy),
            cost: weights(&profile.cost),
            carbon: weights(&profile.carbon),
        }
    }
}

/// Scratch space of the facility, kept from draw to draw.
#[derive(Debug)]
pub struct Facility {
    operation: Arc<Operation>,
    provisioned: Polyline,
    /// Of one site, utilisation and PUE in the interval that ends at every moment.
    used: Vec<f64>,
    pue: Vec<f64>,
    /// Of every site.
    weights: Vec<SiteWeights>,
    /// Energy in joule of site `s` in the interval that ends at moment `m`: `energy[s * moments + m]`.
    energy: Vec<f64>,
    /// Likewise what it costs in US dollar.
    pub cost: Vec<f64>,
    /// Emissions of one site in the interval that ends at a moment.
    carbon: Vec<f64>,
    /// Energy of its racks there, and the water that its plant takes in for it.
    water: Vec<f64>,
    /// Of every site: mean PUE, weighted by IT power, and mean price in US dollar per joule, weighted by energy.
    means: Vec<(f64, f64)>,
}

impl Facility {
    /// Room for a plan, with its series added up between its moments.
    pub fn new(plan: &Plan, operation: Arc<Operation>) -> Self {
        Self {
            operation,
            provisioned: Polyline::default(),
            used: Vec::new(),
            pue: Vec::new(),
            weights: plan.sites.iter().map(|site| SiteWeights::new(plan, site)).collect(),
            energy: Vec::new(),
            cost: Vec::new(),
            carbon: Vec::new(),
            water: Vec::new(),
            means: Vec::new(),
        }
    }

    /// Mean power of a training run's accelerators over their share of the nameplate, where its steps have a power.
    pub(crate) fn run_part(&self, run: usize) -> Option<f64> {
        self.operation.run(run)
    }

    /// Computes every facility result of a draw from the build-out's.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, buildout: &Buildout, series: &mut Series) {
        let moments = plan.axis.len();
        let ids = &plan.vocabulary.facility;
        for scratch in [&mut self.energy, &mut self.cost] {
            scratch.clear();
            scratch.resize(plan.sites.len() * moments, 0.0);
        }
        self.carbon.clear();
        self.carbon.resize(moments, 0.0);
        self.means.clear();
        for (site, place) in plan.sites.iter().enumerate() {
            self.operation.utilisation(plan, draw, buildout, site, &mut self.used);
            self.find_pue(plan, draw, site);
            self.provisioned.set(&place.online, draw);
            let here = &ids.sites[site];
            for (moment, at) in plan.axis.iter().enumerate() {
                let it = series.get(plan.vocabulary.buildout.sites[site].1)[moment];
                let pue =
                    self.pue[moment] * self.weights[site].energy.as_ref().map_or(1.0, |pue| pue.mean(moment));
                let provisioned = self.provisioned.at(at.days());
                let used = it * self.used[moment];
                for (total, own, value) in [
                    (ids.energised, here.energised, provisioned * pue),
                    (ids.online, here.online, it * pue),
                    (ids.drawn, here.drawn, used * pue),
                    (ids.it_drawn, here.it_drawn, used),
                    (ids.provisioned, here.provisioned, provisioned),
                ] {
                    series.get_mut(own)[moment] = value;
                    series.get_mut(total)[moment] += value;
                }
            }
            self.flows(plan, draw, site, series);
            self.find_water(plan, draw, site, series);
            if let (Some(land), Some(id)) = (place.land, ids.sites[site].land) {
                let land = draw.get(land).base();
                series.get_mut(id).fill(land);
                series.get_mut(ids.land).iter_mut().for_each(|total| *total += land);
            }
        }
        series.get_mut(ids.manhattan).fill(draw.get(plan.manhattan.land).base());
    }

    /// Energy of a site, its cost and its emissions.
    fn flows(&mut self, plan: &Plan, draw: Draw<'_>, site: usize, series: &mut Series) {
        let (ids, place, weights) = (&plan.vocabulary.facility, &plan.sites[site], &self.weights[site]);
        let moments = plan.axis.len();
        let range = site * moments..(site + 1) * moments;
        let (energy, cost) = (&mut self.energy[range.clone()], &mut self.cost[range]);
        let it = series.get(plan.vocabulary.buildout.sites[site].1);
        let price = factor(draw, place.electricity_price);
        let intensity = factor(draw, place.carbon_intensity);
        integrate(plan, it, 1.0, weights.energy.as_ref(), energy);
        for (weights, factor, out) in
            [(&weights.cost, price, &mut *cost), (&weights.carbon, intensity, &mut self.carbon)]
        {
            match weights {
                Some(weights) => integrate(plan, it, factor, Some(weights), out),
                None => out.iter_mut().zip(energy.iter()).for_each(|(out, energy)| *out = factor * energy),
            }
        }
        // Integrals are those of nameplate IT power: of each interval its part is drawn.
        for (moment, (used, pue)) in self.used.iter().zip(&self.pue).enumerate() {
            for out in [&mut *energy, &mut *cost, &mut self.carbon] {
                out[moment] *= used * pue;
            }
        }
        self.means.push(means(plan, draw, place, weights, (it, energy, cost), (&self.used, &self.pue)));
        let (site_energy, site_carbon) = ids.site_flows[site];
        for (id, values) in [(site_energy, &*energy), (site_carbon, &self.carbon)] {
            series.get_mut(id).copy_from_slice(values);
        }
        for (id, values) in [(ids.energy, &*energy), (ids.electricity_cost, cost), (ids.carbon, &self.carbon)]
        {
            for (total, value) in series.get_mut(id).iter_mut().zip(values) {
                *total += *value;
            }
        }
    }

    /// Water that the plant of a site takes in, where it has one and weather.
    fn find_water(&mut self, plan: &Plan, draw: Draw<'_>, site: usize, series: &mut Series) {
        let ids = &plan.vocabulary.facility;
        let (Some(seasons), Some((plant, _))) = (self.operation.seasons(site), plan.sites[site].plant())
        else {
            return;
        };
        let (Some(all), Some(own)) = (ids.water, ids.sites[site].water) else { return };
        self.water.clear();
        self.water.resize(plan.axis.len(), 0.0);
        integrate(plan, series.get(plan.vocabulary.buildout.sites[site].1), 1.0, None, &mut self.water);
        let cycles = draw.get(plant.cycles).base();
        for (moment, water) in self.water.iter_mut().enumerate() {
            *water *= self.used[moment] * seasons.water(plan.axis[moment], cycles).base();
            series.get_mut(all)[moment] += *water;
        }
        series.get_mut(own).copy_from_slice(&self.water);
    }

    /// PUE of a site in every interval, or the factor on its series.
    fn find_pue(&mut self, plan: &Plan, draw: Draw<'_>, site: usize) {
        let pue = factor(draw, plan.sites[site].pue);
        self.pue.clear();
        match self.operation.seasons(site) {
            Some(seasons) if !plan.sites[site].pue.is_series() => {
                self.pue.extend(plan.axis.iter().map(|moment| seasons.pue(*moment, pue)));
            }
            _ => self.pue.resize(plan.axis.len(), pue),
        }
    }

    /// PUE of a site over the plan, weighted by its IT power, and the price in US dollar per joule that it pays,
    /// weighted by its energy, for laws that need one of each.
    pub fn means(&self, site: usize) -> (f64, f64) {
        self.means[site]
    }

    /// The weights of PUE × price, or of PUE alone where the price is flat; `None` where both are.
    pub fn cost_weights(&self, site: usize) -> Option<&Weights> {
        let weights = &self.weights[site];
        weights.cost.as_ref().or(weights.energy.as_ref())
    }
}

/// What a draw makes of a value that may follow a series: the value, or the factor on the series.
pub fn factor<Q: Quantity>(draw: Draw<'_>, course: Course<Q>) -> f64 {
    draw.base(course.id())
}

/// Mean PUE and price of a site, given its IT power at the moments, its energy and cost between them, and its utilisation and
/// PUE there. Where it draws nothing the means are those over time.
fn means(
    plan: &Plan,
    draw: Draw<'_>,
    place: &SitePlan,
    weights: &SiteWeights,
    (it, energy, cost): (&[f64], &[f64], &[f64]),
    (used, seasons): (&[f64], &[f64]),
) -> (f64, f64) {
    let price = factor(draw, place.electricity_price);
    let total: f64 = energy.iter().sum();
    let days = |moment: usize| plan.axis[moment].days() - plan.axis[moment - 1].days();
    let changes = weights.energy.is_some() || seasons.windows(2).any(|pair| pair[0] != pair[1]);
    let mean_pue = if changes {
        let drawn: f64 = (1..it.len())
            .map(|moment| {
                let seconds = Duration::from_days(days(moment)).base();
                0.5 * (it[moment - 1] + it[moment]) * seconds * used[moment]
            })
            .sum();
        let all: f64 = (1..it.len()).map(days).sum();
        let mean = (1..it.len()).map(|moment| seasons[moment] * days(moment)).sum::<f64>() / all;
        if drawn > 0.0 {
            total / drawn
        } else {
            mean * weights.energy.as_ref().map_or(1.0, |weights| weights.overall(plan))
        }
    } else {
        seasons.first().copied().unwrap_or(1.0)
    };
    let mean_price = match &weights.cost {
        None => price,
        Some(_) if total > 0.0 => cost.iter().sum::<f64>() / total,
        Some(weighed) => {
            let pue = weights.energy.as_ref().map_or(1.0, |pue| pue.overall(plan));
            price * weighed.overall(plan) / pue
        }
    };
    (mean_pue, mean_price)
}
