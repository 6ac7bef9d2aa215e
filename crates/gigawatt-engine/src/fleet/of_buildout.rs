//! The pools of a plan's fleet, as the build-out fills and empties them.

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Arrival, FleetPlan, Plan};
use gigawatt_plan::quantity::Quantity;

use super::hazard::Hazard;
use super::model::{Delivery, Pool};
use super::of_plan::{ratio, seconds};
use super::places::Structure;
use super::queue::{DAY, Time};
use crate::Draw;
use crate::buildout::Buildout;
use crate::series::Series;

/// How often a pool grows: what comes online within it comes at its end.
const GROWTH: i32 = 7;

/// Age of what was there before the plan, when the plan starts, in days.
const OPENING_AGE: f64 = 365.0;

/// Accelerators of the server that published rates are of.
pub(crate) const RATED_SERVER: f64 = 8.0;

/// The time of a moment in histories that begin at another; zero for what was before.
pub(super) fn time_of(start: Moment, moment: Moment) -> Time {
    Time::try_from(i64::from(moment.0 - start.0)).unwrap_or(0).saturating_mul(DAY)
}

/// The moments at which pools grow.
pub(super) fn growth(fleet: &FleetPlan) -> Vec<Moment> {
    let (start, end) = (fleet.period.start.0, fleet.period.end.0);
    (start..end).step_by(GROWTH as usize).map(Moment).collect()
}

/// The pools with their systems and sites, as the build-out fills them.
pub(super) fn pools(plan: &Plan, fleet: &FleetPlan, draw: Draw<'_>) -> (Vec<(usize, usize)>, Vec<Pool>) {
    let moments = growth(fleet);
    let weekly = Plan { axis: moments.clone(), integrated: vec![false; moments.len()], ..plan.clone() };
    let (mut buildout, mut series) = (Buildout::default(), Series::new(&weekly));
    buildout.run(&weekly, draw, &mut series);
    let mut keys: Vec<(usize, usize)> = Vec::new();
    let mut models: Vec<Pool> = Vec::new();
    for (index, lot) in plan.lots.iter().enumerate() {
        let key = (lot.system, lot.site);
        let online = &buildout.online[index * moments.len()..(index + 1) * moments.len()];
        let at = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            models.push(empty_pool(plan, fleet, draw, key));
            keys.len() - 1
        });
        let each = f64::from(models[at].structure.accelerators);
        let retired = buildout.lots[index].retired;
        let mut there = 0_u32;
        for (moment, online) in moments.iter().zip(online) {
            let time = time_of(fleet.period.start, *moment);
            // What has come so far, with what has left since.
            let servers = ((online + retired.at(moment.days())) / each).max(0.0) as u32;
            if servers > there {
                let age = if time > 0 { 0.0 } else { age_at_start(plan, fleet, lot.arrival) };
                models[at].deliveries.push(Delivery { time, servers: servers - there, age: age * 86_400.0 });
                there = servers;
            }
        }
        let mut gone = 0_u32;
        for moment in &moments {
            let left = (retired.at(moment.days()) / each) as u32;
            if left > gone {
                let time = time_of(fleet.period.start, *moment);
                models[at].retirements.push((time, left - gone));
                gone = left;
            }
        }
    }
    for pool in &mut models {
        pool.deliveries.sort_by_key(|delivery| delivery.time);
        pool.retirements.sort_by_key(|retirement| retirement.0);
    }
    (keys, models)
}

/// How old a lot's servers are at the start, in days: half of the time in which they came.
fn age_at_start(plan: &Plan, fleet: &FleetPlan, arrival: Arrival) -> f64 {
    let start = fleet.period.start.days();
    match arrival {
        Arrival::Opening => start - plan.period.start.days() + OPENING_AGE,
        Arrival::Delivered(delivery) => {
            let (from, to) = (delivery.period.start.days(), delivery.period.end.days().min(start));
            (start - 0.5 * (from + to)).max(0.0)
        }
    }
}

fn empty_pool(plan: &Plan, fleet: &FleetPlan, draw: Draw<'_>, (system, site): (usize, usize)) -> Pool {
    let operations = &fleet.operations;
    let (of, server) = (&plan.systems[system], &fleet.servers[system]);
    let accelerators = server.accelerators.clamp(1, 255);
    let each = f64::from(accelerators);
    let domain = server.scale_up_domain.map_or(0.0, |domain| draw.get(domain).base());
    // Servers of a rack; a scale-up domain is a rack here even where it stands in two.
    let rack = (of.accelerators / draw.get(of.racks).base()).max(domain) / each;
    let whole = |value: f64| value.round().clamp(1.0, 1e4) as u32;
    let failures = each / RATED_SERVER;
    Pool {
        name: format!("{}/{}", plan.sites[site].name, of.id),
        site,
        structure: Structure {
            accelerators,
            rack: whole(rack).min(255),
            row: whole(draw.get(operations.racks_per_row).base()),
            hall: whole(draw.get(operations.rows_per_hall).base()),
            building: whole(draw.get(operations.halls_per_building).base()),
        },
        hazard: Hazard {
            rate: failures / seconds(draw, operations.server_interval),
            infant: ratio(draw, operations.infant_failures),
            infant_shape: ratio(draw, operations.infant_shape).clamp(0.05, 1.0),
            wear_life: seconds(draw, operations.wear_life),
            wear_shape: ratio(draw, operations.wear_shape).max(1.0),
            frailty: ratio(draw, operations.frailty),
        },
        deliveries: Vec::new(),
        retirements: Vec::new(),
        technicians: draw.get(operations.technicians).base(),
        spares: ratio(draw, operations.spare_share),
        reserved: 0,
    }
}
