//! A site studied: its minutes, its swings, and what the loss of its feeds does.

use gigawatt_plan::plan::Plan;

use super::of_plan::{Loads, site_averages};
use super::profile::{Profile, Totals};
use super::supply::Supply;
use super::swings::{Prices, SwingStudy, swing_study};
use crate::Draw;
use crate::power::chain::{Capacity, ChainError, Flow};
use crate::power::storage::{Battery, RideThrough, SiteStorage, Source, ride_through};
use crate::power::swing::JobPower;
use crate::power::{ElectricalFacts, PowerCoefficients};

/// The loss of feeds at the hour of the peak.
#[derive(Clone, Debug, PartialEq)]
pub struct FeedLoss {
    /// What is left of the connection \[W\].
    pub left: f64,
    /// What the racks draw \[W\].
    pub racks: f64,
    /// How the batteries fare until generators have started.
    pub course: RideThrough,
    /// What has to give way once they have \[W of the racks\].
    pub shed: f64,
    /// What the grid still gives the racks \[W\].
    pub kept: f64,
    /// The generators in the racks' part of the load.
    pub sources: Vec<Source>,
    /// The batteries.
    pub battery: Battery,
}

/// What carries the racks at a time after a loss, in W; the four add up to what they draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carried {
    /// The grid.
    pub grid: f64,
    /// Generators.
    pub generators: f64,
    /// Batteries.
    pub battery: f64,
    /// Nothing.
    pub nothing: f64,
}

impl FeedLoss {
    /// What carries the racks so many seconds after the loss.
    pub fn at(&self, time: f64) -> Carried {
        let gap = self.racks - self.kept;
        let generators = self.sources.iter().map(|source| source.at(time)).sum::<f64>().min(gap);
        let gap = gap - generators;
        let empty = self.course.empty.is_some_and(|empty| time >= empty);
        let battery = if empty { 0.0 } else { gap.min(self.battery.power) };
        Carried { grid: self.kept, generators, battery, nothing: gap - battery }
    }

    /// Seconds after which nothing changes any more: generators give all that they can, or the batteries are empty.
    pub fn settled(&self) -> f64 {
        let risen = |source: &Source| source.delay + source.power / source.ramp;
        let last = self.sources.iter().filter(|source| source.power > 0.0).map(risen).fold(0.0, f64::max);
        self.course.carried.unwrap_or(last).max(self.course.empty.unwrap_or(0.0))
    }
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
    /// What storage of the size of its own costs at the catalogue's prices of power and energy \[$\]; nothing without any.
    pub storage_capital: f64,
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
    let costs = |storage: &SiteStorage| facts.battery.price(storage.power, storage.energy);
    let storage_capital = supply.storage.as_ref().map_or(0.0, costs);
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
        storage_capital,
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
    let kept = (part * left).min(racks);
    let course = ride_through(racks, kept, &supply.battery, &sources);
    let given: f64 = supply.generators.iter().map(|one| one.power).sum();
    let shed = part * (drawn - left - given).max(0.0);
    FeedLoss { left, racks, course, shed, kept, sources, battery: supply.battery }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_carries_the_racks_after_a_loss_adds_up_to_what_they_draw() {
        // 10 MW, of which the grid keeps 2; generators start after 10 s and rise by 0.4 MW/s to 6 MW; a battery of 5 MW.
        let sources = vec![Source { delay: 10.0, ramp: 0.4e6, power: 6e6 }];
        let battery = Battery { energy: 1e8, power: 5e6 };
        let course = ride_through(10e6, 2e6, &battery, &sources);
        let loss = FeedLoss { left: 2e6, racks: 10e6, course, shed: 2e6, kept: 2e6, sources, battery };
        let at = |time: f64| {
            let of = loss.at(time);
            assert!((of.grid + of.generators + of.battery + of.nothing - 10e6).abs() < 1e-6, "{of:?}");
            [of.generators, of.battery, of.nothing].map(|power| (power / 1e5).round() / 10.0)
        };
        // The gap of 8 MW is wider than the battery's rating until generators give 3 MW, at 17.5 s.
        assert_eq!(at(0.0), [0.0, 5.0, 3.0]);
        assert_eq!(at(15.0), [2.0, 5.0, 1.0]);
        assert_eq!(at(17.5), [3.0, 5.0, 0.0]);
        // At 20 s generators give 4 MW. 100 MJ are 5 MW until 17.5 s (87.5 MJ), the rest falls by 0.4 MW/s from there.
        assert_eq!(at(20.0), [4.0, 4.0, 0.0]);
        let empty = course.empty.expect("2 MW stay that nothing carries");
        assert!((empty - (17.5 + (5.0 - (25.0_f64 - 10.0).sqrt()) / 0.4)).abs() < 1e-6, "{empty}");
        assert_eq!(at(empty + 10.0), [6.0, 0.0, 2.0]);
        // 6 MW are reached at 25 s.
        assert!((loss.settled() - 25.0).abs() < 1e-9);
    }
}
