//! Facility: power at the meter, energy and land.
//!
//! Nameplate facility power is `Σ over sites: IT power online × PUE`; what is drawn on average is that times the
//! utilisation of power; energy is its integral by trapezia between the moments of the axis. PUE is that of
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
            let mut before: Option<(f64, Power)> = None;
            for (moment, at) in plan.axis.iter().enumerate() {
                let time = at.days();
                let it = Power::from_base(series.get(plan.vocabulary.buildout.sites[site].1)[moment]);
                let drawn = it * (pue * utilisation);
                let provisioned = self.provisioned.at(time);
                series.get_mut(ids.online)[moment] += (it * pue).base();
                series.get_mut(ids.drawn)[moment] += drawn.base();
                series.get_mut(ids.provisioned)[moment] += provisioned;
                series.get_mut(ids.sites[site].0)[moment] = provisioned;
                if let Some((earlier, drawn_then)) = before {
                    let mean = (drawn_then + drawn) * 0.5;
                    let energy = (mean * Duration::from_days(time - earlier)).base();
                    self.energy[site * moments + moment] = energy;
                    series.get_mut(ids.energy)[moment] += energy;
                }
                before = Some((time, drawn));
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
