//! Everything that is known of a site over the days that are studied: minutes, heat, water, carbon and money.

use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::period::{Moment, Period};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::{Power, Quantity};

use super::bought::{Shifting, bought, shifting};
use super::cooled::SiteCooling;
use super::dispatch::of_minutes;
use super::load::DAY;
use super::of_plan::{Loads, site_loads};
use super::overhead::Overhead;
use super::profile::Profile;
use super::study::{SiteStudy, study, supplied};
use super::supply::Supply;
use crate::Draw;
use crate::carbon::{Bill, Embodied, Emissions, Footprint, hourly};
use crate::fleet::Drawn;
use crate::power::chain::ChainError;
use crate::power::{ElectricalFacts, MissingElectrical, PowerCoefficients};
use crate::training::Prices;

/// The practice whose rent of an accelerator is what lost work is worth.
const RENT: (&str, &str) = ("hyperscale-ai", "rental_price");
/// The kind of hall whose carbon is taken.
const CONSTRUCTION: &str = "us-data-centre";
const MINUTE: f64 = 60.0;
/// Minutes of an hour.
const HOUR: usize = 60;

/// What is known beside a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Beside {
    /// Of supplies, storage and limits.
    pub facts: ElectricalFacts,
    /// The coefficients of loads.
    pub with: PowerCoefficients,
    /// What an accelerator's time is worth \[$/s\].
    pub accelerator_price: f64,
    /// Carbon of making an accelerator of each system of the plan, and a watt of hall.
    pub embodied: Vec<Embodied>,
}

impl Beside {
    /// What a catalogue knows beside a plan, on its day.
    ///
    /// # Errors
    /// The first fact that it lacks.
    pub fn of(
        catalogue: &Catalogue,
        plan: &Plan,
        with: PowerCoefficients,
    ) -> Result<Self, MissingElectrical> {
        let rent = catalogue.get(Kind::Practice, RENT.0).and_then(|entry| entry.vintages(RENT.1).last());
        let day = Moment::end_of(plan.as_of);
        let embodied =
            plan.systems.iter().map(|system| Embodied::known(catalogue, &system.id, CONSTRUCTION, day));
        Ok(Self {
            embodied: embodied.collect(),
            facts: ElectricalFacts::of(catalogue)?,
            with,
            accelerator_price: rent.map_or(0.0, |fact| fact.written.distribution.reference()),
        })
    }
}

/// A site by the hour. Each list has as many hours as the days that are studied.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyHours {
    /// Energy of the racks \[J\].
    pub racks: Vec<f64>,
    /// Energy from the grid \[J\].
    pub grid: Vec<f64>,
    /// Price \[$/J\].
    pub price: Vec<f64>,
    /// Carbon intensity of the grid \[kg/J\].
    pub carbon: Vec<f64>,
    /// Water that the plant takes in \[L\]; empty without a plant or weather.
    pub water: Vec<f64>,
}

/// Everything about a site over the days that are studied.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteYear {
    /// Its minutes, swings and losses of feeds.
    pub study: SiteStudy,
    /// Its plant, where it has one and weather; else a part of the racks' power stands for cooling.
    pub cooling: Option<SiteCooling>,
    /// Energy, prices, carbon and water by the hour.
    pub hours: EnergyHours,
    /// What its electricity costs.
    pub bill: Bill,
    /// What its electricity emits, by location and by market.
    pub emissions: Emissions,
    /// What moving work that can wait would save, where the scenario says that some can.
    pub shifting: Option<Shifting>,
    /// Carbon of making its accelerators and halls; none where the catalogue does not know it of one of them.
    pub embodied: Option<Footprint>,
}

impl SiteYear {
    /// Energy from grid and own generation over that of the racks; none where these draw nothing.
    pub fn pue(&self) -> Option<f64> {
        let totals = &self.study.totals;
        (totals.racks > 0.0).then(|| (totals.grid + totals.generation) / totals.racks)
    }

    /// Litres taken in for a kilowatt-hour of the racks; none without a plant or load.
    pub fn wue(&self) -> Option<f64> {
        let racks = self.study.totals.racks;
        (racks > 0.0 && !self.hours.water.is_empty())
            .then(|| self.hours.water.iter().sum::<f64>() / (racks / 3.6e6))
    }
}

/// The sites of a plan over the days that are studied.
#[derive(Clone, Debug, PartialEq)]
pub struct Years {
    /// The days.
    pub period: Period,
    /// Loads of all sites of the plan.
    pub loads: Loads,
    /// The sites that were asked for, in their order.
    pub sites: Vec<SiteYear>,
}

/// The days that are studied: those of the fleet, else what of the headlines' year is planned.
pub fn studied(plan: &Plan) -> Period {
    if let Some(fleet) = &plan.fleet {
        return fleet.period;
    }
    let year = Period::year(plan.year);
    Period { start: year.start.max(plan.period.start), end: year.end.min(plan.period.end) }
}

/// Sites of a plan, by index, over the days that are studied. With a history of its fleet, states of accelerators and the
/// course of large jobs are its; without, what is online draws its utilisation on average.
///
/// # Errors
/// A chain that makes no sense, which resolution rules out.
pub fn years(
    plan: &Plan,
    draw: Draw<'_>,
    prices: &Prices,
    history: Option<&Drawn>,
    beside: &Beside,
    sites: &[usize],
) -> Result<Years, ChainError> {
    let period = studied(plan);
    let days: (Moment, Moment) = (period.start, period.end);
    let loads = site_loads(plan, draw, prices, history, days, &beside.with);
    let sites = sites.iter().map(|site| year(plan, draw, &loads, *site, beside));
    let sites = sites.collect::<Result<Vec<_>, _>>()?;
    Ok(Years { period, loads, sites })
}

fn year(
    plan: &Plan,
    draw: Draw<'_>,
    loads: &Loads,
    site: usize,
    beside: &Beside,
) -> Result<SiteYear, ChainError> {
    let (supply, part) = supplied(plan, draw, loads, site, &beside.facts)?;
    let (load, of) = (&loads.sites[site], &plan.sites[site]);
    let minutes = load.minutes(plan.seed, &of.name);
    let wanted = minutes.by_hour();
    let mut cooling = SiteCooling::operated(of, draw, loads.nameplate[site], loads.start, &wanted);
    let overhead = match &cooling {
        Some(cooling) => cooling.overhead(chain_loss(&supply, &wanted)),
        None => Overhead::even(part),
    };
    let profile = of_minutes(load, &minutes, &supply, &overhead);
    if let Some(cooling) = cooling.as_mut().filter(|_| profile.capped > 0) {
        cooling.again(&by_hour(&profile.racks, 1.0 / HOUR as f64));
    }
    let hours = hours(plan, draw, loads.start, site, &profile, cooling.as_ref());
    let (spent, emitted) = bought(plan, draw, loads.start, site, &hours);
    let shifting = shifting(plan, draw, site, supply.connection(), &hours);
    let embodied = embodied(plan, site, loads, beside);
    let price = beside.accelerator_price;
    let study = study(plan, draw, loads, site, &beside.facts, &beside.with, price, (supply, profile));
    Ok(SiteYear { study, cooling, hours, bill: spent, emissions: emitted, shifting, embodied })
}

/// Carbon of making what stands at a site at its most: accelerators of every system, and halls for the nameplate.
fn embodied(plan: &Plan, site: usize, loads: &Loads, beside: &Beside) -> Option<Footprint> {
    let halls = Power::from_base(loads.nameplate[site]);
    let mut sum: Option<Footprint> = None;
    for (system, known) in beside.embodied.iter().enumerate().take(plan.systems.len()) {
        let count = loads.systems[site][system];
        if count <= 0.0 {
            continue;
        }
        let of = known.footprint(count, halls)?;
        let hardware = sum
            .map_or(of.hardware, |before| std::array::from_fn(|end| before.hardware[end] + of.hardware[end]));
        sum = Some(Footprint { hardware, halls: of.halls });
    }
    sum
}

/// Losses of a chain over the racks' power, at the mean of their hours.
fn chain_loss(supply: &Supply, wanted: &[f64]) -> f64 {
    let mean = wanted.iter().sum::<f64>() / wanted.len().max(1) as f64;
    if mean > 0.0 { supply.flow(mean, 0.0).loss() / mean } else { 0.0 }
}

fn hours(
    plan: &Plan,
    draw: Draw<'_>,
    start: Moment,
    site: usize,
    profile: &Profile,
    cooling: Option<&SiteCooling>,
) -> EnergyHours {
    let count = profile.grid.len() / DAY * 24;
    let series = hourly(&plan.sites[site], draw, start, count);
    let water = cooling.map(|cooling| cooling.year.hours.iter().map(|hour| hour.energy.withdrawn).collect());
    EnergyHours {
        racks: by_hour(&profile.racks, MINUTE),
        grid: by_hour(&profile.grid, MINUTE),
        price: series.price,
        carbon: series.carbon,
        water: water.unwrap_or_default(),
    }
}

/// Sums of the minutes of every hour, times a factor.
fn by_hour(minutes: &[f64], factor: f64) -> Vec<f64> {
    minutes.chunks(HOUR).map(|hour| factor * hour.iter().sum::<f64>()).collect()
}
