//! A site studied: its minutes, its swings, and what the loss of its feeds does.

use gigawatt_plan::plan::Plan;

use super::of_plan::{Loads, site_averages};
use super::profile::{Profile, Totals};
use super::supply::Supply;
use super::swings::{Prices, SwingStudy, swing_study};
use crate::Draw;
use crate::power::chain::{Capacity, ChainError, Flow};
use crate::power::storage::{RideThrough, Source, ride_through};
use crate::power::swing::JobPower;
use crate::power::{ElectricalFacts, PowerCoefficients};

/// The loss of feeds at the hour of the peak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FeedLoss {
    /// What is left of the connection \[W\].
    pub left: f64,
    /// What the racks draw \[W\].
    pub racks: f64,
    /// How the batteries fare until generators have started.
    pub course: RideThrough,
    /// What has to give way once they have \[W of the racks\].
    pub shed: f64,
}

/// A site studied.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteStudy {
    /// Index of the site.
    pub site: usize,
    /// Its supply.
    pub supply: Supply,
    /// Its minutes.
    pub profile: Profile,
    /// Their energy.
    pub totals: Totals,
    /// What flows at the peak.
    pub peak: Flow,
    /// What the chain carries of the racks.
    pub capacity: Capacity,
    /// Nameplate of the racks at its greatest \[W\].
    pub nameplate: f64,
    /// Most accelerators.
    pub accelerators: f64,
    /// Swings of its large jobs; of an assumed one where none is known.
    pub swings: Option<SwingStudy>,
    /// Names for people of the jobs that swing.
    pub swinging: Vec<String>,
    /// Whether that job is assumed.
    pub assumed: bool,
    /// The loss of one feed, and of all.
    pub losses: [FeedLoss; 2],
    /// Mean price of electricity \[$/J\].
    pub price: f64,
}

/// The least overhead over the racks' power: lights and pumps.
const LEAST_OVERHEAD: f64 = 0.01;

/// The supply of a site, and the part of the racks' power that cooling and all else take so that, with the losses of the
/// chain, they make the site's PUE.
///
/// # Errors
/// A chain that makes no sense, which resolution rules out.
pub(super) fn supplied(
    plan: &Plan,
    draw: Draw<'_>,
    loads: &Loads,
    site: usize,
    facts: &ElectricalFacts,
) -> Result<(Supply, f64), ChainError> {
    let (pue, _) = site_averages(plan, draw, site);
    let nameplate = loads.nameplate[site];
    let written = plan.power.iter().find(|supply| supply.site == site);
    let supply = Supply::new(written, draw, facts, (nameplate, (pue - 1.0) * nameplate), loads.start)?;
    let part = plain_overhead(&supply, pue, nameplate);
    Ok((supply, part))
}

/// Studies a site whose minutes are there. `accelerator_price` is that of an accelerator's time in $/s.
#[expect(clippy::too_many_arguments, reason = "a plan in a draw, what is known beside it, and the site")]
pub(super) fn study(
    plan: &Plan,
    draw: Draw<'_>,
    loads: &Loads,
    site: usize,
    facts: &ElectricalFacts,
    with: &PowerCoefficients,
    accelerator_price: f64,
    (supply, profile): (Supply, Profile),
) -> SiteStudy {
    let load = &loads.sites[site];
    let (_, price) = site_averages(plan, draw, site);
    let nameplate = loads.nameplate[site];
    let totals = profile.totals(&supply);
    let (_, at) = profile.peak();
    let (racks, other) =
        (profile.racks.get(at).copied().unwrap_or(0.0), profile.overhead.get(at).copied().unwrap_or(0.0));
    let peak = supply.flow(racks, other);
    let capacity = supply.chain.capacity(&supply.loads(1.0, 0.0));
    let assumed = load.jobs.iter().all(|job| job.power.step.is_constant());
    let invented = loads.dominant[site].map(|(system, most)| JobPower::assumed(&system, most, with));
    let known = load.jobs.iter().filter(|job| !job.power.step.is_constant());
    let jobs: Vec<&JobPower> =
        if assumed { invented.iter().collect() } else { known.clone().map(|job| &job.power).collect() };
    let swinging = if assumed { Vec::new() } else { known.map(|job| job.title.clone()).collect() };
    let slope = slope(&supply);
    let prices = Prices { electricity: price, accelerator: accelerator_price };
    let swings = swing_study(&jobs, slope, &supply.limits, facts, &prices);
    let losses = [supply.after_loss(), 0.0].map(|left| lost(&supply, &peak, racks, left));
    SiteStudy {
        site,
        totals,
        peak,
        capacity,
        nameplate,
        accelerators: load.accelerators.iter().copied().fold(0.0, f64::max),
        swings,
        swinging,
        assumed,
        losses,
        price,
        supply,
        profile,
    }
}

/// The part of the racks' power that, with the losses of the chain at its load, makes a PUE.
fn plain_overhead(supply: &Supply, pue: f64, racks: f64) -> f64 {
    if racks <= 0.0 {
        return LEAST_OVERHEAD;
    }
    let drawn = |overhead: f64| supply.flow(racks, overhead).drawn(&supply.chain);
    let (none, some) = (drawn(0.0), drawn(racks));
    ((pue * racks - none) / (some - none)).max(LEAST_OVERHEAD)
}

/// What the grid sees of a watt more at the racks.
fn slope(supply: &Supply) -> f64 {
    let drawn = |racks: f64| supply.flow(racks, 0.0).drawn(&supply.chain);
    (drawn(2e6) - drawn(1e6)) / 1e6
}

/// The loss of feeds of which so much is left. Batteries carry the racks alone: what is left and generators give is theirs in
/// their part of the load.
fn lost(supply: &Supply, peak: &Flow, racks: f64, left: f64) -> FeedLoss {
    let drawn: f64 = supply.chain.roots().map(|root| peak.output[root]).sum();
    let part = if drawn > 0.0 { racks / drawn } else { 1.0 };
    let sources: Vec<Source> = supply
        .generators
        .iter()
        .map(|one| Source {
            delay: one.start,
            ramp: part * one.power / one.rise.max(1e-3),
            power: part * one.power,
        })
        .collect();
    let course = ride_through(racks, (part * left).min(racks), &supply.battery, &sources);
    let given: f64 = supply.generators.iter().map(|one| one.power).sum();
    FeedLoss { left, racks, course, shed: part * (drawn - left - given).max(0.0) }
}
