//! Every hour of a served demand: replicas, what they take, and what users see.

use crate::demand::{Burst, FluidService, HourlyDemand, Provision, Reach, WEEK, factor_at};
use crate::serving::cluster::Interval;

use super::table::SampledResponse;

/// Seconds of an hour.
const HOUR: f64 = 3600.0;
/// Hours of a day.
const DAY: usize = 24;
/// Parts of equal probability into which what nobody foresees of a rate is cut.
const PARTS: u32 = 16;

/// Steps by which room is made for what is asked beyond the shape of a week, and how large they are.
const STEPS: u32 = 40;
const GROWTH: f64 = 1.02;
/// Part of an hour's requests that counts as nobody.
const NOTHING: f64 = 1e-9;

/// Who may serve whom, and how far that is.
#[derive(Clone, Debug)]
pub struct ServingSite {
    /// Who is within reach.
    pub reach: Reach,
    /// Capacity of each place over requests of an average hour of the week.
    pub capacity: Vec<f64>,
    /// For each region (row) and place, which of the sampled round trips it is.
    pub ways: Vec<Vec<usize>>,
}

/// What accelerators take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Costs {
    /// Accelerators of a replica.
    pub accelerators: f64,
    /// Facility power of one, W.
    pub power: f64,
    /// A second of one, USD.
    pub price: f64,
}

/// An hour of a region: of its users, and of the replicas that stand there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HourOfPlace {
    /// Requests of its users.
    pub asked: f64,
    /// Requests, of whomever, that its replicas get.
    pub dealt: f64,
    /// Replicas that run.
    pub replicas: f64,
    /// Requests per second of one, over what it answers at most.
    pub load: f64,
    /// Requests that are expected beyond what the replicas answer, when the hour is busier than foreseen.
    pub beyond: f64,
    /// Share of the requests of its users that meet all targets; none where nobody asks.
    pub attainment: Option<Interval>,
}

/// A week of all regions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServedWeek {
    /// Its first hour, from the start.
    pub first: usize,
    /// Hours.
    pub hours: usize,
    /// Requests.
    pub requests: f64,
    /// Replicas that run, on average, and in its busiest hour.
    pub mean_replicas: f64,
    /// In the busiest hour.
    pub peak_replicas: f64,
    /// That have to stand for it in all places, those that are lost with them.
    pub standing: f64,
    /// Share of the requests that meet all targets, and that of the worst hour of a region.
    pub attainment: Option<Interval>,
    /// Of the worst hour of a region.
    pub worst: Option<f64>,
}

/// Every hour of a served demand.
#[derive(Clone, Debug)]
pub struct ServedHours {
    /// The first day, from 1970-01-01.
    pub start: i32,
    /// By region and hour.
    pub regions: Vec<Vec<HourOfPlace>>,
    /// Requests that nobody within reach could take.
    pub unserved: f64,
    /// Replicas that have to stand, by place, over all hours.
    pub standing: Vec<f64>,
    /// Regions and hours near saturation.
    pub near: usize,
    lost: f64,
}

impl ServedHours {
    /// Serves a demand.
    pub fn new(
        demand: &HourlyDemand,
        site: &ServingSite,
        (fluid, burst): (&FluidService, &Burst),
        table: &SampledResponse,
    ) -> Self {
        let (regions, hours) = (demand.regions.len(), demand.hours());
        let Dealt { dealt, flows, unserved } = Dealt::new(demand, site);
        let provision = fluid.provision(&dealt, burst);
        let factors = unforeseen(fluid.unforeseen(burst), PARTS);
        let each = |place: usize, hour: usize| {
            let running = provision.running[place][hour];
            if running > 0.0 { dealt[place][hour] / (HOUR * running * fluid.speed) } else { 0.0 }
        };
        let seen = |region: usize, hour: usize| -> Option<Interval> {
            let (mut sum, mut value, mut half) = (0.0, 0.0, 0.0);
            for (place, flow) in flows[hour][region].iter().enumerate().filter(|(_, flow)| **flow > 0.0) {
                let (load, way) = (each(place, hour), site.ways[region][place]);
                for factor in &factors {
                    let attained = table.attainment(load * factor, way);
                    value += flow * factor * attained.value;
                    half += flow * factor * attained.half;
                    sum += flow * factor;
                }
            }
            // Who is not served does not see a token.
            let asked = demand.regions[region][hour];
            let part = (sum / f64::from(PARTS) / asked).min(1.0);
            (sum > 0.0).then(|| Interval { value: part * value / sum, half: part * half / sum })
        };
        let cell = |region: usize, hour: usize| {
            let (running, load) = (provision.running[region][hour], each(region, hour));
            let over = factors.iter().map(|factor| (load * factor - table.saturated()).max(0.0)).sum::<f64>();
            HourOfPlace {
                asked: demand.regions[region][hour],
                dealt: dealt[region][hour],
                replicas: running,
                load: load / table.saturated(),
                beyond: over / f64::from(PARTS) * running * fluid.speed * HOUR,
                attainment: seen(region, hour),
            }
        };
        let Provision { standing, near, .. } = &provision;
        Self {
            start: demand.start,
            regions: (0..regions).map(|region| (0..hours).map(|hour| cell(region, hour)).collect()).collect(),
            unserved,
            standing: standing.clone(),
            near: near.len(),
            lost: fluid.lost,
        }
    }

    /// Hours.
    pub fn hours(&self) -> usize {
        self.regions.first().map_or(0, Vec::len)
    }

    /// Requests of all regions and hours.
    pub fn requests(&self) -> f64 {
        self.regions.iter().flatten().map(|cell| cell.asked).sum()
    }

    /// Share of the requests of some hours that meet all targets. Hours have the same table, so what it is off does not cancel out.
    pub fn attainment(&self, hours: core::ops::Range<usize>) -> Option<Interval> {
        let cells = self.regions.iter().flat_map(|region| &region[hours.clone()]);
        let (mut sum, mut value, mut half) = (0.0, 0.0, 0.0);
        for (asked, attained) in cells.filter_map(|cell| Some((cell.asked, cell.attainment?))) {
            sum += asked;
            value += asked * attained.value;
            half += asked * attained.half;
        }
        (sum > 0.0).then(|| Interval { value: value / sum, half: half / sum })
    }

    /// The most that attainment of an hour of a region may be off, by sampling and by straight lines.
    pub fn widest(&self) -> f64 {
        let cells = self.regions.iter().flatten().filter_map(|cell| cell.attainment);
        cells.map(|attained| attained.half).fold(0.0, f64::max)
    }

    /// Region and hour that come nearest to what its replicas answer at most.
    pub fn nearest_to_saturation(&self) -> Option<(usize, usize)> {
        let cells = self.regions.iter().enumerate().flat_map(|(region, cells)| {
            cells.iter().enumerate().map(move |(hour, cell)| (region, hour, cell.load))
        });
        let most = cells.filter(|(_, _, load)| *load > 0.0).max_by(|one, other| one.2.total_cmp(&other.2));
        most.map(|(region, hour, _)| (region, hour))
    }

    /// The day with the most requests: its first hour.
    pub fn busiest_day(&self) -> Option<usize> {
        let of_day = |first: usize| -> f64 {
            self.regions.iter().flat_map(|region| &region[first..first + DAY]).map(|cell| cell.asked).sum()
        };
        let days = (0..self.hours() / DAY).map(|day| day * DAY);
        days.max_by(|one, other| of_day(*one).total_cmp(&of_day(*other)))
    }

    /// Replicas that have to stand at a place for some hours.
    fn standing_for(&self, region: usize, hours: core::ops::Range<usize>) -> f64 {
        let most = self.regions[region][hours].iter().map(|cell| cell.replicas).fold(0.0, f64::max);
        libm::ceil(most / (1.0 - self.lost))
    }

    /// Every week from the start; the last may be shorter.
    pub fn weeks(&self) -> Vec<ServedWeek> {
        let all = self.hours();
        let week = |first: usize| {
            let hours = first..(first + WEEK).min(all);
            let cells = || self.regions.iter().flat_map(|region| &region[hours.clone()]);
            let in_hour = |hour: usize| self.regions.iter().map(|region| region[hour].replicas).sum::<f64>();
            #[expect(clippy::cast_precision_loss, reason = "hours of a week")]
            let count = hours.len() as f64;
            ServedWeek {
                first,
                hours: hours.len(),
                requests: cells().map(|cell| cell.asked).sum(),
                mean_replicas: cells().map(|cell| cell.replicas).sum::<f64>() / count,
                peak_replicas: hours.clone().map(in_hour).fold(0.0, f64::max),
                standing: (0..self.regions.len())
                    .map(|region| self.standing_for(region, hours.clone()))
                    .sum(),
                attainment: self.attainment(hours.clone()),
                worst: cells().filter_map(|cell| Some(cell.attainment?.value)).min_by(f64::total_cmp),
            }
        };
        (0..all).step_by(WEEK).map(week).collect()
    }

    /// Money for the accelerators that stand week by week, USD.
    pub fn standing_cost(&self, costs: &Costs) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "hours of a week")]
        let hours = |week: &ServedWeek| week.hours as f64;
        self.weeks().iter().map(|week| week.standing * hours(week)).sum::<f64>()
            * (HOUR * costs.accelerators * costs.price)
    }

    /// Money for the hours of those that run alone, USD, as where others use the rest.
    pub fn running_cost(&self, costs: &Costs) -> f64 {
        let hours: f64 = self.regions.iter().flatten().map(|cell| cell.replicas).sum();
        hours * HOUR * costs.accelerators * costs.price
    }
}

/// Requests of every hour, dealt to places within reach.
pub(super) struct Dealt {
    /// By place and hour.
    pub dealt: Vec<Vec<f64>>,
    /// By hour, region and place.
    flows: Vec<Vec<Vec<f64>>>,
    /// Requests that nobody within reach could take.
    unserved: f64,
}

impl Dealt {
    pub fn new(demand: &HourlyDemand, site: &ServingSite) -> Self {
        let (regions, hours) = (demand.regions.len(), demand.hours());
        let total: f64 = site.capacity.iter().sum();
        let mut dealt = vec![vec![0.0; hours]; regions];
        let mut flows = Vec::with_capacity(hours);
        let mut unserved = 0.0;
        for hour in 0..hours {
            let requests: Vec<f64> = demand.regions.iter().map(|region| region[hour]).collect();
            let sum: f64 = requests.iter().sum();
            // Places have the week's capacity in every hour, at the level that the demand has grown to: what an hour asks is
            // at most all of it.
            let mut level = level(demand, hour).max(sum / total) * (1.0 + 1e-9);
            let mut one = site.reach.deal(&requests, &room(&site.capacity, level));
            // A demand that grows within a week asks a little more at its end than the week's shape says.
            for _ in 0..STEPS {
                if one.left.iter().sum::<f64>() <= NOTHING * sum {
                    break;
                }
                level *= GROWTH;
                one = site.reach.deal(&requests, &room(&site.capacity, level));
            }
            for (place, served) in one.served().into_iter().enumerate() {
                dealt[place][hour] = served;
            }
            unserved += one.left.iter().sum::<f64>();
            flows.push(one.flow);
        }
        Self { dealt, flows, unserved }
    }
}

/// What nobody foresees of an hour's rate, with a variance of its logarithm, in so many parts of equal probability; their mean is 1.
pub(super) fn unforeseen(variance: f64, parts: u32) -> Vec<f64> {
    let factor = |part: u32| factor_at((f64::from(part) + 0.5) / f64::from(parts), variance);
    let factors: Vec<f64> = (0..parts).map(factor).collect();
    let mean = factors.iter().sum::<f64>() / f64::from(parts);
    factors.into_iter().map(|factor| factor / mean).collect()
}

fn room(capacity: &[f64], level: f64) -> Vec<f64> {
    capacity.iter().map(|capacity| capacity * level).collect()
}

/// Requests of an hour on average over the days around it.
fn level(demand: &HourlyDemand, hour: usize) -> f64 {
    let first = (hour / WEEK * WEEK).min(demand.hours().saturating_sub(WEEK));
    let last = (first + WEEK).min(demand.hours());
    #[expect(clippy::cast_precision_loss, reason = "hours of a week")]
    let hours = (last - first) as f64;
    let sum: f64 = demand.regions.iter().flat_map(|region| &region[first..last]).sum();
    sum / hours
}
