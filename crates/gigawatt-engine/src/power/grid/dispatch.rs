//! Every minute of a period through the supply: who gives way, and what comes from where.
//!
//! What is drawn is given by generators that always run, within their ramp; then storage holds the grid at its level; then the
//! grid gives, as far as the connection and dated events let it, and for a lost feed the generators that stand by. Where all
//! of them together give too little, or heat is not carried, racks give way in the order of their priority.

use std::collections::BTreeMap;

use gigawatt_plan::plan::Running;

use super::load::{Minutes, SiteLoad};
use super::overhead::Overhead;
use super::profile::{Held, Kind, MINUTE, Profile};
use super::supply::{EventKind, Supply};
use crate::power::chain::{Chain, Given, Group};
use crate::power::load::Governor;
use crate::power::storage::SiteStorage;

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
    of_minutes(load, &load.minutes(seed, name), supply, overhead)
}

/// The minutes of a site whose racks' wants are there already.
pub(super) fn of_minutes(load: &SiteLoad, wants: &Minutes, supply: &Supply, overhead: &Overhead) -> Profile {
    let mut asked = Vec::new();
    let searched = supply.storage.is_some_and(|storage| storage.hold.is_none());
    let without = dispatched(load, wants, supply, overhead, None, searched.then_some(&mut asked));
    let Some(storage) = &supply.storage else { return without };
    let level = storage.hold.unwrap_or_else(|| storage.least_level(&asked, MINUTE));
    let mut with = dispatched(load, wants, supply, overhead, Some((storage, level)), None);
    if let Some(held) = &mut with.held {
        (held.peak_without, held.capped_without) = (without.peak().0, without.capped);
    }
    with
}

/// Generators that always run, together.
struct Prime {
    /// What they give \[W\].
    power: f64,
    /// How far they rise or fall within a minute \[W\].
    rise: f64,
    /// What they gave in the minute before \[W\]; nothing is known before the first.
    before: Option<f64>,
}

impl Prime {
    fn new(supply: &Supply) -> Self {
        let prime = || supply.generators.iter().filter(|one| one.running == Running::Prime);
        // Without a time to rise, a division by nothing: any change is followed.
        let rises = prime().map(|one| one.power * MINUTE / one.rise);
        Self { power: prime().map(|one| one.power).sum(), rise: rises.sum(), before: None }
    }

    /// What they give where so much is drawn.
    fn of(&self, drawn: f64) -> f64 {
        let most = drawn.min(self.power);
        self.before.map_or(most, |before| most.clamp(before - self.rise, before + self.rise).min(drawn))
    }
}

/// With storage, the grid is to give no more than a level. What would be asked of storage is noted in `asked`: what the grid
/// would give but for events, and what it may.
fn dispatched(
    load: &SiteLoad,
    wants: &Minutes,
    supply: &Supply,
    overhead: &Overhead,
    storage: Option<(&SiteStorage, f64)>,
    mut asked: Option<&mut Vec<(f64, f64)>>,
) -> Profile {
    let minutes = wants.base.len();
    let line = Line::new(supply);
    let capacity = supply.chain.capacity(&supply.loads(1.0, 0.0)).provisioned;
    let mut profile = Profile::empty(minutes, wants, storage);
    let fixed = fixed_parts(load);
    let mut known: BTreeMap<[i64; 4], (f64, [Given; 3], f64)> = BTreeMap::new();
    let mut prime = Prime::new(supply);
    let roots = supply.chain.roots().map(|root| &supply.chain.stages()[root]);
    let connection: f64 = roots.map(|stage| stage.input(stage.provisioned())).sum();
    let mut stored = storage.map_or(0.0, |(storage, _)| storage.energy);
    for minute in 0..minutes {
        let kinds = [wants.small[minute], wants.jobs[minute], wants.service[minute]];
        let wanted = wants.wanted(minute);
        let hour = minute / 60;
        let mut racks = wanted;
        let mut other = overhead.power(racks, hour);
        let carries = overhead.carries(hour);
        let mut drawn = line.drawn(racks, other);
        let (grid, standby) = given(supply, minute as f64, connection, drawn - prime.of(drawn));
        let held = storage.map_or(0.0, |(storage, _)| storage.most(stored, MINUTE));
        let most = grid + standby + prime.of(f64::INFINITY) + held;
        if wanted > capacity.min(carries) || drawn > most {
            // What the racks may draw: the overhead follows them, nearly in proportion.
            let ratio = if wanted > 0.0 { other / wanted } else { 0.0 };
            let by_grid = (most - line.fixed) / (line.racks + line.overhead * ratio);
            let limit = capacity.min(carries).min(by_grid).max(0.0);
            let key = [limit, kinds[0], kinds[1], kinds[2]].map(|power| (power / KEY) as i64);
            let (got, given, unmet) =
                *known.entry(key).or_insert_with(|| give_way(wants.base[minute], kinds, fixed, limit));
            racks = got.min(wanted);
            other = overhead.power(racks, hour);
            drawn = line.drawn(racks, other);
            profile.capped += 1;
            profile.hot += usize::from(carries <= limit);
            profile.unmet = profile.unmet.max(unmet);
            for (lost, given) in profile.lost.iter_mut().zip(given) {
                *lost += 1.0 - given.speed;
            }
        }
        let own = prime.of(drawn);
        let mut from_grid = drawn - own;
        if let Some(asked) = asked.as_deref_mut() {
            // But for an event the racks would get what chain and cooling carry.
            let would = wanted.min(capacity).min(carries);
            let would = line.drawn(would, overhead.power(would, hour));
            asked.push((if grid < connection { would - prime.of(would) } else { from_grid }, grid));
        }
        prime.before = Some(own);
        if let Some(((storage, level), held)) = storage.zip(profile.held.as_mut()) {
            let gives = storage.exchange(&mut stored, from_grid, level.min(grid), MINUTE);
            held.note(storage, gives, stored);
            from_grid -= gives;
            held.above += usize::from(from_grid > level * ABOVE);
        }
        let started = (from_grid - grid).clamp(0.0, standby);
        profile.wanted.push(wanted);
        profile.racks.push(racks);
        profile.overhead.push(other);
        profile.generation.push(own + started);
        profile.grid.push(from_grid - started);
    }
    profile
}

/// Over a level by which rounding does not exceed it.
const ABOVE: f64 = 1.0 + 1e-6;

/// Watts that are alike for who gives way.
const KEY: f64 = 1e3;

/// What the grid gives at most at a minute, and what generators give that have started for it, both at the meter. `would` is what
/// the grid would give if nothing happened.
fn given(supply: &Supply, minute: f64, connection: f64, would: f64) -> (f64, f64) {
    let (mut grid, mut standby) = (connection, 0.0);
    for event in supply.at(minute) {
        match event.kind {
            EventKind::Curtailment => grid = grid.min(event.power),
            EventKind::DemandResponse => grid = grid.min((would - event.power).max(0.0)),
            EventKind::FeedLoss => {
                let roots = supply.chain.roots().map(|root| &supply.chain.stages()[root]);
                grid = grid.min(roots.map(|stage| stage.input(stage.firm())).sum());
                standby = supply.standby();
            }
        }
    }
    (grid, standby)
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
    /// Nothing yet of so many minutes.
    fn empty(minutes: usize, wants: &Minutes, storage: Option<(&SiteStorage, f64)>) -> Self {
        let held = storage.map(|(_, level)| Held {
            level,
            gives: Vec::with_capacity(minutes),
            stored: Vec::with_capacity(minutes),
            loss: 0.0,
            change: 0.0,
            above: 0,
            peak_without: 0.0,
            capped_without: 0,
        });
        Self {
            wanted: Vec::with_capacity(minutes),
            racks: Vec::with_capacity(minutes),
            overhead: Vec::with_capacity(minutes),
            grid: Vec::with_capacity(minutes),
            generation: Vec::with_capacity(minutes),
            held,
            lost: [0.0; 3],
            capped: 0,
            hot: 0,
            kinds: wants.kinds.clone(),
            unmet: 0.0,
            training_energy: wants.jobs.iter().sum::<f64>() * MINUTE,
        }
    }
}

impl Held {
    /// What storage gave in a minute after which it holds so much.
    fn note(&mut self, storage: &SiteStorage, gives: f64, stored: f64) {
        self.gives.push(gives);
        self.stored.push(stored);
        let takes = (-gives).max(0.0);
        self.loss += (1.0 - storage.round_trip) * takes * MINUTE;
        self.change -= (gives + (1.0 - storage.round_trip) * takes) * MINUTE;
    }
}
