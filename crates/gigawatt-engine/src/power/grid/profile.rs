//! Every minute of a period through the supply.

use std::collections::BTreeMap;

use gigawatt_plan::plan::Running;

use super::load::{DAY, Minutes, SiteLoad};
use super::overhead::Overhead;
use super::supply::{Event, EventKind, Supply};
use crate::power::chain::{Chain, Given, Group};
use crate::power::load::Governor;

/// Who of the racks gives way, the first first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Small jobs, and work that is not described.
    Batch,
    /// Large jobs.
    Training,
    /// Services.
    Service,
}

impl Kind {
    /// All, in the order in which they give way.
    pub const ALL: [Self; 3] = [Self::Batch, Self::Training, Self::Service];
}

/// Every minute of a site, in W.
#[derive(Clone, Debug, PartialEq)]
pub struct Profile {
    /// What the racks want.
    pub wanted: Vec<f64>,
    /// What they get.
    pub racks: Vec<f64>,
    /// What everything else takes: cooling, lights.
    pub overhead: Vec<f64>,
    /// What the grid gives.
    pub grid: Vec<f64>,
    /// What own generation gives.
    pub generation: Vec<f64>,
    /// Work that each kind lost, over what it would have done, in minutes.
    pub lost: [f64; 3],
    /// Minutes in which somebody gave way.
    pub capped: usize,
    /// Minutes in which that was because cooling could not carry the heat.
    pub hot: usize,
    /// What the racks want by kind on average over every day, in the order of [`LoadKind::ALL`](super::LoadKind::ALL).
    pub kinds: Vec<[f64; 6]>,
    /// The most that nothing could be done about.
    pub unmet: f64,
    /// Part of the large jobs' wanted power of the racks', by which their loss is weighed.
    pub training_energy: f64,
}

/// Energy of a profile, in J, with what is left of the balance.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Racks.
    pub racks: f64,
    /// Overhead.
    pub overhead: f64,
    /// Losses of the chain.
    pub losses: f64,
    /// From the grid.
    pub grid: f64,
    /// From own generation.
    pub generation: f64,
}

impl Totals {
    /// Loads and losses less what came in, over that.
    pub fn imbalance(&self) -> f64 {
        let came = self.grid + self.generation;
        let went = self.racks + self.overhead + self.losses;
        if came > 0.0 { (went - came) / came } else { went }
    }
}

/// Seconds of a minute.
const MINUTE: f64 = 60.0;

/// The straight line from racks and overhead to what the roots take: losses are straight in what flows.
struct Line {
    fixed: f64,
    racks: f64,
    overhead: f64,
}

impl Line {
    fn new(supply: &Supply) -> Self {
        let drawn = |racks: f64, overhead: f64| supply.flow(racks, overhead).drawn(&supply.chain);
        let fixed = drawn(0.0, 0.0);
        // Of a megawatt: differences of small numbers lose digits beside the fixed part.
        let scale = fixed.max(1e6);
        Self {
            fixed,
            racks: (drawn(scale, 0.0) - fixed) / scale,
            overhead: (drawn(0.0, scale) - fixed) / scale,
        }
    }

    fn drawn(&self, racks: f64, overhead: f64) -> f64 {
        self.fixed + self.racks * racks + self.overhead * overhead
    }
}

/// The minutes of a site.
pub fn profile(load: &SiteLoad, supply: &Supply, overhead: &Overhead, seed: u64, name: &str) -> Profile {
    of_minutes(load, load.minutes(seed, name), supply, overhead)
}

/// The minutes of a site whose racks' wants are there already.
pub(super) fn of_minutes(load: &SiteLoad, wants: Minutes, supply: &Supply, overhead: &Overhead) -> Profile {
    let Minutes { base, service, small: batch, jobs, kinds } = wants;
    let minutes = base.len();
    let line = Line::new(supply);
    let capacity = supply.chain.capacity(&supply.loads(1.0, 0.0)).provisioned;
    let mut profile = Profile {
        wanted: Vec::with_capacity(minutes),
        racks: Vec::with_capacity(minutes),
        overhead: Vec::with_capacity(minutes),
        grid: Vec::with_capacity(minutes),
        generation: Vec::with_capacity(minutes),
        lost: [0.0; 3],
        capped: 0,
        hot: 0,
        kinds,
        unmet: 0.0,
        training_energy: jobs.iter().sum::<f64>() * MINUTE,
    };
    let fixed = fixed_parts(load);
    let mut known: BTreeMap<[i64; 4], (f64, [Given; 3], f64)> = BTreeMap::new();
    let mut running = 0.0;
    let prime: f64 =
        supply.generators.iter().filter(|one| one.running == Running::Prime).map(|one| one.power).sum();
    let rise = supply
        .generators
        .iter()
        .filter(|one| one.running == Running::Prime && one.rise > 0.0)
        .map(|one| one.power / one.rise)
        .sum::<f64>()
        * MINUTE;
    for minute in 0..minutes {
        let wants = [batch[minute], jobs[minute], service[minute]];
        let wanted = base[minute] + wants.iter().sum::<f64>();
        let hour = minute / 60;
        let mut racks = wanted;
        let mut other = overhead.power(racks, hour);
        let carries = overhead.carries(hour);
        let most = allowed(supply, &line, minute as f64, (wanted, other), prime);
        if wanted > capacity.min(carries) || line.drawn(wanted, other) > most {
            // What the racks may draw: the overhead follows them, nearly in proportion.
            let ratio = if wanted > 0.0 { other / wanted } else { 0.0 };
            let by_grid = (most - line.fixed) / (line.racks + line.overhead * ratio);
            let limit = capacity.min(carries).min(by_grid).max(0.0);
            let key = [limit, wants[0], wants[1], wants[2]].map(|power| (power / KEY) as i64);
            let (got, given, unmet) =
                *known.entry(key).or_insert_with(|| give_way(base[minute], wants, fixed, limit));
            racks = got.min(wanted);
            other = overhead.power(racks, hour);
            profile.capped += 1;
            profile.hot += usize::from(carries <= limit);
            profile.unmet = profile.unmet.max(unmet);
            for (lost, given) in profile.lost.iter_mut().zip(given) {
                *lost += 1.0 - given.speed;
            }
        }
        let drawn = line.drawn(racks, other);
        running = if minute == 0 {
            drawn.min(prime)
        } else {
            drawn.min(prime).clamp(running - rise, running + rise).min(drawn)
        };
        profile.wanted.push(wanted);
        profile.racks.push(racks);
        profile.overhead.push(other);
        profile.generation.push(running);
        profile.grid.push(drawn - running);
    }
    profile
}

/// Watts that are alike for who gives way.
const KEY: f64 = 1e3;

/// What the grid and own generation give at most at a minute, at the roots' inputs.
fn allowed(supply: &Supply, line: &Line, minute: f64, (racks, other): (f64, f64), prime: f64) -> f64 {
    let roots = supply.chain.roots().map(|root| {
        let stage = &supply.chain.stages()[root];
        stage.input(stage.provisioned())
    });
    let mut most = roots.sum::<f64>() + prime;
    for event in supply.at(minute) {
        most = most.min(left(supply, line, event, (racks, other), prime));
    }
    most
}

/// What an event leaves.
fn left(supply: &Supply, line: &Line, event: &Event, (racks, other): (f64, f64), prime: f64) -> f64 {
    match event.kind {
        EventKind::Curtailment => event.power + prime,
        EventKind::DemandResponse => line.drawn(racks, other) - event.power,
        EventKind::FeedLoss => {
            let rest: f64 = supply
                .chain
                .roots()
                .map(|root| {
                    let stage = &supply.chain.stages()[root];
                    stage.input(stage.firm())
                })
                .sum();
            rest + prime + supply.standby()
        }
    }
}

/// Of each kind that gives way the part of its power that does not follow the clock.
fn fixed_parts(load: &SiteLoad) -> [f64; 3] {
    let working: f64 = load.jobs.iter().map(|job| job.power.step.mean()).sum();
    let waiting: f64 = load.jobs.iter().map(|job| job.power.waiting).sum();
    let (quiet, busy) = load.service.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let part = |fixed: f64, all: f64| if all > 0.0 { (fixed / all).clamp(0.0, 1.0) } else { 1.0 };
    [load.small_fixed(), part(waiting, working), part(quiet, quiet + busy)]
}

/// What the racks and each kind get under a limit, and what could not be kept.
fn give_way(base: f64, wants: [f64; 3], fixed: [f64; 3], limit: f64) -> (f64, [Given; 3], f64) {
    // The racks are alike on every leaf, so that one limit on one stage decides.
    let groups: Vec<Group> = Kind::ALL
        .iter()
        .zip(wants.iter().zip(fixed))
        .enumerate()
        .map(|(priority, (kind, (power, fixed)))| Group {
            name: format!("{kind:?}"),
            stage: 0,
            governor: Governor { fixed: power * fixed, dynamic: power * (1.0 - fixed), voltage_floor: FLOOR },
            clock_bound: 1.0,
            priority: priority as i32,
        })
        .collect();
    let bus = Chain::bus();
    let shed = bus.shed(&groups, &[base], &[limit]);
    let mut given = [WHOLE; 3];
    for (at, (of, want)) in shed.given.iter().zip(wants).enumerate() {
        // Who wants nothing loses nothing.
        given[at] = if want > 0.0 { *of } else { WHOLE };
    }
    (base + shed.given.iter().map(|given| given.power).sum::<f64>(), given, shed.unmet)
}

/// Nothing lost.
const WHOLE: Given = Given { power: 0.0, on: 1.0, speed: 1.0 };
/// Clock below which the voltage of a mixed load falls no further; that of the coefficients.
const FLOOR: f64 = 0.6;

impl Profile {
    /// Its energy. Losses are those of the chain at every minute, added up by themselves.
    pub fn totals(&self, supply: &Supply) -> Totals {
        let mut totals = Totals::default();
        // Losses are straight in what flows: those of the sums are the sums of those.
        let count = self.racks.len() as f64;
        let sum = |of: &[f64]| of.iter().sum::<f64>();
        let (racks, overhead) = (sum(&self.racks), sum(&self.overhead));
        if count > 0.0 {
            totals.losses = supply.flow(racks / count, overhead / count).loss() * count * MINUTE;
        }
        totals.racks = racks * MINUTE;
        totals.overhead = overhead * MINUTE;
        totals.grid = sum(&self.grid) * MINUTE;
        totals.generation = sum(&self.generation) * MINUTE;
        totals
    }

    /// The greatest power from the grid with its minute.
    pub fn peak(&self) -> (f64, usize) {
        let mut peak = (0.0, 0);
        for (minute, power) in self.grid.iter().enumerate() {
            if *power > peak.0 {
                peak = (*power, minute);
            }
        }
        peak
    }

    /// Mean power from the grid.
    pub fn mean(&self) -> f64 {
        if self.grid.is_empty() { 0.0 } else { self.grid.iter().sum::<f64>() / self.grid.len() as f64 }
    }

    /// Mean over peak.
    pub fn load_factor(&self) -> f64 {
        let (peak, _) = self.peak();
        if peak > 0.0 { self.mean() / peak } else { 0.0 }
    }

    /// The greatest change within a minute, with the minute from which it goes.
    pub fn ramp(&self) -> (f64, usize) {
        let mut most = (0.0, 0);
        for (minute, pair) in self.grid.windows(2).enumerate() {
            let change = (pair[1] - pair[0]).abs();
            if change > most.0 {
                most = (change, minute);
            }
        }
        most
    }

    /// Power from the grid that is exceeded for a part of the time, from the greatest to the least in so many steps.
    pub fn duration(&self, steps: usize) -> Vec<f64> {
        let mut sorted = self.grid.clone();
        sorted.sort_by(|one, other| other.total_cmp(one));
        let last = sorted.len().saturating_sub(1);
        let at = |step: usize| sorted.get(last * step / steps.max(1)).copied().unwrap_or(0.0);
        (0..=steps).map(at).collect()
    }

    /// Mean, least and greatest power from the grid by day.
    pub fn by_day(&self) -> Vec<(f64, f64, f64)> {
        let day = |minutes: &[f64]| {
            let mean = minutes.iter().sum::<f64>() / minutes.len() as f64;
            let least = minutes.iter().copied().fold(f64::INFINITY, f64::min);
            (mean, least, minutes.iter().copied().fold(0.0, f64::max))
        };
        self.grid.chunks(DAY).map(day).collect()
    }
}
