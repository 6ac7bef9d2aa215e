//! Facility: power at the meter, energy and land.
//!
//! Nameplate facility power is `Σ over sites: IT power online × PUE`; what is drawn on average is that times the
//! utilisation of power; energy is its integral by trapezia between the ends of months and
//! the days on which deliveries and power start and end. PUE is that of
//! The Green Grid, facility energy over IT energy. Losses, cooling and weather by the hour come with the power
//! engine; until then both factors are constants with a range.

use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::{Duration, Power, Quantity};

use crate::Draw;
use crate::curve::Polyline;
use crate::series::Series;

/// Scratch space of the facility, kept from draw to draw.
#[derive(Debug, Default)]
pub struct Facility {
    provisioned: Polyline,
    /// Energy in joule of site `s` in the interval that ends at moment `m`: `energy[s * moments + m]`.
    pub energy: Vec<f64>,
}

impl Facility {
    /// Computes every facility result of a draw from the build-out's.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, series: &mut Series) {
        let moments = plan.axis.len();
        let ids = &plan.vocabulary.facility;
        self.energy.clear();
        self.energy.resize(plan.sites.len() * moments, 0.0);
        for (site, place) in plan.sites.iter().enumerate() {
            let pue = draw.get(place.pue).base();
            let utilisation = draw.get(place.utilisation).base();
            self.provisioned.set(&place.online, draw);
            for (moment, at) in plan.axis.iter().enumerate() {
                let it = Power::from_base(series.get(plan.vocabulary.buildout.sites[site].1)[moment]);
                let provisioned = self.provisioned.at(at.days());
                series.get_mut(ids.online)[moment] += (it * pue).base();
                series.get_mut(ids.drawn)[moment] += (it * (pue * utilisation)).base();
                series.get_mut(ids.provisioned)[moment] += provisioned;
                series.get_mut(ids.sites[site].0)[moment] = provisioned;
            }
            let it = series.get(plan.vocabulary.buildout.sites[site].1);
            let energy = &mut self.energy[site * moments..(site + 1) * moments];
            integrate(plan, it, pue * utilisation, energy);
            for (total, energy) in series.get_mut(ids.energy).iter_mut().zip(energy) {
                *total += *energy;
            }
            if let (Some(land), Some(id)) = (place.land, ids.sites[site].1) {
                let land = draw.get(land).base();
                series.get_mut(id).fill(land);
                series.get_mut(ids.land).iter_mut().for_each(|total| *total += land);
            }
        }
        series.get_mut(ids.manhattan).fill(draw.get(plan.manhattan.land).base());
    }
}

/// `factor ∫ value dt` in base units times seconds over every interval, by trapezia between the moments that carry
/// integrals. The moments between them lie on the straight line and only cut it. Moment 0 has no interval.
pub(crate) fn integrate(plan: &Plan, values: &[f64], factor: f64, out: &mut [f64]) {
    let mut start = 0;
    for end in 1..plan.axis.len() {
        if !plan.integrated[end] {
            continue;
        }
        let from = plan.axis[start].days();
        let slope = (values[end] - values[start]) / (plan.axis[end].days() - from);
        let value_at = |moment: usize| values[start] + slope * (plan.axis[moment].days() - from);
        for (moment, out) in out.iter_mut().enumerate().take(end + 1).skip(start + 1) {
            let mean = 0.5 * factor * (value_at(moment - 1) + value_at(moment));
            let length = plan.axis[moment].days() - plan.axis[moment - 1].days();
            *out = mean * Duration::from_days(length).base();
        }
        start = end;
    }
}
