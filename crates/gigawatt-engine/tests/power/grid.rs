//! A site minute by minute, by hand.

use gigawatt_engine::power::ElectricalFacts;
use gigawatt_engine::power::chain::{Chain, Redundancy, Stage};
use gigawatt_engine::power::grid::{
    Event, EventKind, Generator, Level, Limits, MeasureKind, Overhead, Prices, SiteJob, SiteLoad, Stretch,
    Supply, profile, swing_study,
};
use gigawatt_engine::power::storage::{Battery, SiteStorage};
use gigawatt_engine::power::swing::{JobPower, Waveform};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::plan::Running;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use proptest::prelude::*;

use super::machines::{coefficients, server};

const MEGA: f64 = 1e6;

/// A load of some days: 10 MW that never give way, 4 of small jobs, 2 of services without and 4 with load.
fn load(days: usize) -> SiteLoad {
    SiteLoad {
        network: vec![3.0 * MEGA; days + 1],
        idle: vec![7.0 * MEGA; days + 1],
        undescribed: vec![0.0; days + 1],
        undescribed_fixed: 0.6,
        batch: vec![4.0 * MEGA; days + 1],
        batch_deviation: vec![0.0; days + 1],
        batch_memory: 1.0,
        batch_fixed: 0.5,
        service: vec![(2.0 * MEGA, 2.0 * MEGA); days + 1],
        daily: (0.0, 0.0),
        jobs: Vec::new(),
        accelerators: vec![1000.0; days + 1],
    }
}

/// A feed, and a supply behind it with 5 % and 0.1 MW of losses.
fn supply(feed: f64, units: u32) -> Supply {
    let stage = |name: &str, above, rating: f64, units, efficiency, fixed: f64| Stage {
        name: name.to_owned(),
        above,
        rating: rating * MEGA,
        units,
        redundancy: Redundancy::None,
        efficiency,
        fixed_loss: fixed * MEGA,
    };
    let chain = Chain::new(vec![
        stage("feed", None, feed, units, 1.0, 0.0),
        stage("ups", Some(0), 100.0, 1, 0.95, 0.1),
    ]);
    Supply {
        chain: chain.unwrap(),
        shares: vec![0.0, 1.0],
        generators: Vec::new(),
        battery: Battery { energy: 0.0, power: 0.0 },
        storage: None,
        events: Vec::new(),
        limits: Limits { ramp: 2.0 * MEGA, range: 1.0 * MEGA, band: 0.3 * MEGA },
        described: true,
    }
}

fn event(kind: EventKind, from: f64, to: f64, power: f64) -> Event {
    Event { name: "event".to_owned(), kind, from, to, power: power * MEGA }
}

fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0), "{found} is not {wanted}");
}

#[test]
fn the_hottest_hour_is_the_peak() {
    // 18 MW of racks; cooling takes a tenth, and a fifth in hour 39.
    let parts = (0..72).map(|hour| if hour == 39 { 0.2 } else { 0.1 }).collect();
    let cooling = Overhead::hourly(parts, Vec::new());
    let supply = supply(50.0, 1);
    let profile = profile(&load(3), &supply, &cooling, 1, "site");
    // (18 + 0.1) / 0.95 + 1.8, and 3.6 in that hour.
    let usual = 18.1 / 0.95 + 1.8;
    near(profile.grid[0], usual * MEGA);
    let (peak, at) = profile.peak();
    near(peak, (usual + 1.8) * MEGA);
    assert_eq!((at, profile.grid.len(), profile.capped), (39 * 60, 3 * 1440, 0));
    near(profile.mean(), (usual + 1.8 / 72.0) * MEGA);
    near(profile.load_factor(), (usual + 1.8 / 72.0) / (usual + 1.8));
    near(profile.ramp().0, 1.8 * MEGA);
    let duration = profile.duration(72);
    near(duration[0], peak);
    near(duration[72], usual * MEGA);
    let totals = profile.totals(&supply);
    assert!(totals.imbalance().abs() < 1e-12, "{totals:?}");
    near(totals.losses, (18.1 / 0.95 - 18.0) * MEGA * 3.0 * 86_400.0);
}

#[test]
fn heat_that_is_not_carried_slows_small_jobs() {
    // In hour 5 cooling carries 17 of 18 MW: small jobs get 3 of 4, of which 2 are fixed; half of their dynamic power.
    let carries = (0..24).map(|hour| if hour == 5 { 17.0 * MEGA } else { f64::INFINITY }).collect();
    let of = profile(&load(1), &supply(50.0, 1), &Overhead::hourly(vec![0.1; 24], carries), 1, "site");
    near(of.racks[300], 17.0 * MEGA);
    near(of.overhead[300], 1.7 * MEGA);
    assert_eq!((of.capped, of.hot, of.lost[2]), (60, 60, 0.0));
    // Above the voltage's floor power follows the square of the clock.
    near(of.lost[0], 60.0 * (1.0 - 0.5_f64.sqrt()));
}

#[test]
fn what_the_racks_draw_is_told_by_kind() {
    let mut of = load(2);
    of.undescribed = vec![0.0, 2.0 * MEGA, 4.0 * MEGA];
    let one = profile(&of, &supply(50.0, 1), &Overhead::even(0.0), 1, "site");
    let kinds = [0.0, 4.0, 4.0, 3.0, 7.0, 3.0];
    for (found, wanted) in one.kinds[1].iter().zip(kinds) {
        near(*found, wanted * MEGA);
    }
    let day: f64 = one.wanted[1440..].iter().sum::<f64>() / 1440.0;
    near(one.kinds[1].iter().sum(), day);
}

#[test]
fn a_lost_feed_leaves_half_and_small_jobs_give_way_first() {
    // Two feeds of 10 MW without one standing by; 18.1 / 0.95 = 19.05 MW. From 10:00 to 12:00 one is lost: 10 MW leave
    // 10 × 0.95 - 0.1 = 9.4 MW, less than the 10 that never give way.
    let mut supply = supply(10.0, 2);
    supply.events = vec![event(EventKind::FeedLoss, 600.0, 720.0, 0.0)];
    let of = profile(&load(1), &supply, &Overhead::even(0.0), 1, "site");
    assert_eq!(of.capped, 120);
    near(of.racks[600], 10.0 * MEGA);
    near(of.unmet, 0.6 * MEGA);
    // Everything that could stopped for two hours.
    for lost in [of.lost[0], of.lost[2]] {
        near(lost, 120.0);
    }
    assert!(of.totals(&supply).imbalance().abs() < 1e-12);
    // With generators that start, nothing gives way.
    supply.generators = vec![Generator {
        name: "standby".to_owned(),
        power: 12.0 * MEGA,
        start: 10.0,
        rise: 60.0,
        running: Running::Standby,
    }];
    let of = profile(&load(1), &supply, &Overhead::even(0.0), 1, "site");
    assert_eq!(of.capped, 0);
    // The grid gives what the feed that is left can, the generators the rest.
    near(of.grid[600], 10.0 * MEGA);
    near(of.generation[600], (18.1 / 0.95 - 10.0) * MEGA);
    near(of.generation[720], 0.0);
}

#[test]
fn storage_holds_the_peak_at_the_least_level_that_its_energy_allows() {
    // As in the hottest hour: 18.1 / 0.95 + 1.8 = 20.85 MW, and 1.8 more for one hour, of which 0.9 MWh are stored.
    let parts = (0..72).map(|hour| if hour == 39 { 0.2 } else { 0.1 }).collect();
    let cooling = Overhead::hourly(parts, Vec::new());
    let mut supply = supply(50.0, 1);
    let storage = SiteStorage { energy: 0.9 * 3.6e9, power: 1.5 * MEGA, round_trip: 0.9, hold: None };
    supply.storage = Some(storage);
    let of = profile(&load(3), &supply, &cooling, 1, "site");
    let usual = 18.1 / 0.95 + 1.8;
    let held = of.held.as_ref().unwrap();
    assert!((held.level / MEGA - (usual + 0.9)).abs() < 1e-6, "{}", held.level);
    assert!((of.peak().0 - held.level).abs() < 10.0);
    near(held.peak_without, (usual + 1.8) * MEGA);
    assert_eq!((held.above, of.capped), (0, 0));
    // Empty at the end of that hour, and filled again with 0.9 MW up to the level: 1 MWh in 66.7 minutes.
    assert!(held.stored[40 * 60 - 1] < 1e3 && held.stored[41 * 60 + 5] < storage.energy - 1e6);
    near(held.stored[41 * 60 + 6] / storage.energy, 1.0);
    assert!((held.loss / 3.6e9 - 0.1).abs() < 1e-6, "{}", held.loss);
    let totals = of.totals(&supply);
    assert!(totals.imbalance().abs() < 1e-12 && totals.stored.abs() < 1e3, "{totals:?}");
    // A level that it cannot hold is exceeded once it is empty: 0.9 MWh are 0.6 hours of its 1.5 MW.
    supply.storage = Some(SiteStorage { hold: Some((usual + 0.3) * MEGA), ..storage });
    let of = profile(&load(3), &supply, &cooling, 1, "site");
    let held = of.held.as_ref().unwrap();
    assert_eq!(held.above, 24);
    near(of.grid[39 * 60 + 35], (usual + 0.3) * MEGA);
    near(of.grid[39 * 60 + 36], (usual + 1.8) * MEGA);
}

#[test]
fn storage_spares_work_while_the_grid_is_curtailed() {
    // 19.05 MW are wanted and 17 given for an hour: 2.05 MWh, of which 2 MW come from storage; 0.05 MW at the racks give way.
    let mut supply = supply(50.0, 1);
    supply.events = vec![event(EventKind::Curtailment, 600.0, 660.0, 17.0)];
    supply.storage = Some(SiteStorage {
        energy: 10.0 * 3.6e9,
        power: 2.0 * MEGA,
        round_trip: 0.9,
        hold: Some(30.0 * MEGA),
    });
    let of = profile(&load(1), &supply, &Overhead::even(0.0), 1, "site");
    near(of.grid[630], 17.0 * MEGA);
    near(of.racks[630], (19.0 * 0.95 - 0.1) * MEGA);
    let held = of.held.as_ref().unwrap();
    near(held.gives[630], 2.0 * MEGA);
    near(held.gives[660], -2.0 * MEGA);
    assert_eq!((of.capped, held.capped_without), (60, 60));
    assert!(of.lost[0] < 0.1 * 60.0 && of.totals(&supply).imbalance().abs() < 1e-12);
}

#[test]
fn curtailment_slows_small_jobs_and_spares_services() {
    // 17 MW from the grid leave 17 × 0.95 - 0.1 = 16.05 MW: small jobs get 2.05 of 4, of which 2 are fixed.
    let mut supply = supply(50.0, 1);
    supply.events = vec![event(EventKind::Curtailment, 0.0, 60.0, 17.0)];
    let of = profile(&load(1), &supply, &Overhead::even(0.0), 1, "site");
    near(of.grid[0], 17.0 * MEGA);
    // 0.05 of 2 MW: below the voltage's floor of 0.6, so that the clock is 0.05 / 2 / 0.6, or the least, a tenth.
    let speed = 0.1_f64;
    let power = 2.0 + 2.0 * speed * 0.6;
    // The least clock draws more than is left: a part is switched off.
    let on = 2.05 / power;
    near(of.lost[0], 60.0 * (1.0 - on * speed));
    assert_eq!(of.lost[2], 0.0);
    near(of.racks[0], 16.05 * MEGA);
    // Demand response takes off what is asked, at the connection.
    supply.events = vec![event(EventKind::DemandResponse, 0.0, 60.0, 1.0)];
    let of = profile(&load(1), &supply, &Overhead::even(0.0), 1, "site");
    near(of.grid[60] - of.grid[0], 1.0 * MEGA);
}

#[test]
fn own_generation_follows_within_its_ramp() {
    let mut supply = supply(50.0, 1);
    // 12 MW that rise within an hour: 0.2 MW a minute.
    supply.generators = vec![Generator {
        name: "turbines".to_owned(),
        power: 12.0 * MEGA,
        start: 0.0,
        rise: 3600.0,
        running: Running::Prime,
    }];
    let mut load = load(1);
    load.network = vec![0.0; 2];
    load.idle = vec![0.0; 2];
    load.service = vec![(0.0, 0.0); 2];
    load.batch = vec![1.0 * MEGA; 2];
    let power = JobPower {
        step: Waveform::constant(5.0 * MEGA),
        waiting: 2.0 * MEGA,
        idle: 1.0 * MEGA,
        accelerators: 1000.0,
    };
    let stretches = vec![
        Stretch { from: 100.0, to: 200.5, level: Level::Working },
        Stretch { from: 200.5, to: 202.0, level: Level::Waiting },
    ];
    load.jobs =
        vec![SiteJob { name: "job".to_owned(), title: "Job".to_owned(), power, stopped: 0.1, stretches }];
    let of = profile(&load, &supply, &Overhead::even(0.0), 1, "site");
    let drawn = |racks: f64| (racks + 0.1) / 0.95 * MEGA;
    near(of.generation[99], drawn(1.0));
    near(of.grid[99], 0.0);
    // Checkpoints stop it for a tenth of its time: 5 - 0.1 × 3.
    near(of.wanted[150], 5.7 * MEGA);
    near(of.generation[100], drawn(1.0) + 0.2 * MEGA);
    near(of.grid[100], drawn(5.7) - drawn(1.0) - 0.2 * MEGA);
    // Half a minute of work and half of waiting.
    near(of.wanted[200], (1.0 + 0.5 * 4.7 + 0.5 * 2.0) * MEGA);
    near(of.wanted[201], 3.0 * MEGA);
    assert!(of.generation.windows(2).all(|pair| pair[1] - pair[0] <= 0.2 * MEGA + 1e-3));
    assert!(of.totals(&supply).imbalance().abs() < 1e-12);
    // Without a time to rise they follow at once.
    supply.generators[0].rise = 0.0;
    let of = profile(&load, &supply, &Overhead::even(0.0), 1, "site");
    near(of.generation[100], drawn(5.7));
}

#[test]
fn small_jobs_vary_as_told_and_are_remembered() {
    let mut of = load(100);
    of.batch_deviation = vec![0.3 * MEGA; 101];
    of.batch_memory = 30.0;
    let supply = supply(50.0, 1);
    let one = profile(&of, &supply, &Overhead::even(0.0), 7, "site");
    assert_eq!(one, profile(&of, &supply, &Overhead::even(0.0), 7, "site"));
    let mean = one.wanted.iter().sum::<f64>() / one.wanted.len() as f64;
    let moment = |lag: usize| {
        let pairs = one.wanted.iter().zip(&one.wanted[lag..]);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>() / (one.wanted.len() - lag) as f64
    };
    assert!((moment(0).sqrt() / (0.3 * MEGA) - 1.0).abs() < 0.05, "{}", moment(0).sqrt());
    assert!((moment(30) / moment(0) - (-1.0_f64).exp()).abs() < 0.06, "{}", moment(30) / moment(0));
}

#[test]
fn services_peak_when_they_are_asked_most() {
    let mut of = load(1);
    of.daily = (0.5, 15.0);
    let one = profile(&of, &supply(50.0, 1), &Overhead::even(0.0), 7, "site");
    let (_, at) = one.peak();
    assert!((at as f64 / 60.0 - 15.0).abs() < 0.1);
    // 2 MW without load, 2 on average with it, and half of that more.
    assert!((one.wanted[at] - (14.0 + 2.0 + 3.0) * MEGA).abs() < 1e3);
}

#[test]
fn measures_of_a_site_are_judged_and_priced() {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let facts = ElectricalFacts::of(&catalogue).unwrap();
    let job = JobPower::assumed(&server(), 16_384.0, &coefficients());
    let limits = Limits { ramp: 20.0 * MEGA, range: 2.0 * MEGA, band: 0.5 * MEGA };
    let prices = Prices { electricity: 60.0 / 3.6e9, accelerator: 2.0 / 3600.0 };
    let study = swing_study(&[&job, &job], 1.05, &limits, &facts, &prices).unwrap();
    for measure in &study.measures {
        println!(
            "{:?}: {:.2} MW range, {:.2} MW band, {:.3} MW more, {:.2} M$ a year, {:.2} M$ once, slower {:.2} %, keeps {:?}",
            measure.kind,
            measure.left.peak_to_peak / MEGA,
            measure.left.band / MEGA,
            measure.power / MEGA,
            measure.energy_cost / MEGA,
            measure.capital / MEGA,
            100.0 * measure.slowdown,
            measure.keeps,
        );
    }
    let of = |kind: MeasureKind| study.measures.iter().find(|measure| measure.kind == kind).unwrap();
    let nothing = of(MeasureKind::Nothing);
    assert_eq!((nothing.power, nothing.capital, nothing.slowdown), (0.0, 0.0, 0.0));
    // The other job stays: what is left of both is more than of one.
    assert!(of(MeasureKind::SiteBattery).left.peak_to_peak > study.jobs[1].peak_to_peak);
    near(of(MeasureKind::RackStorage).capital, facts.rack.cost * facts.rack.power * 16_384.0);
    let filler = of(MeasureKind::Filler);
    near(filler.energy_cost, filler.power * 365.25 * 86_400.0 * prices.electricity);
    assert!(filler.power > 0.0 && filler.left.band < nothing.left.band);
    // A battery turns a stop of the job into a ramp of tens of minutes.
    assert!(of(MeasureKind::SiteBattery).stop < 0.2 * nothing.stop);
    assert!(swing_study(&[], 1.0, &limits, &facts, &prices).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn energy_closes_whatever_happens(
        feed in 5.0..40.0_f64, deviation in 0.0..2.0_f64, cooling in 0.0..0.6_f64, prime in 0.0..20.0_f64,
        events in prop::collection::vec((0..3_usize, 0.0..2880.0_f64, 1.0..900.0_f64, 0.1..25.0_f64), 0..4),
        storage in prop::option::of((1e9..1e11_f64, 0.1..9.0_f64, 0.6..1.0_f64, prop::option::of(5.0..30.0_f64))),
        standby in 0.0..15.0_f64,
    ) {
        let mut load = load(2);
        load.batch_deviation = vec![deviation * MEGA; 3];
        load.daily = (0.4, 14.0);
        let mut supply = supply(feed, 2);
        supply.generators = vec![Generator {
            name: "turbines".to_owned(), power: prime * MEGA, start: 0.0, rise: 600.0, running: Running::Prime,
        }, Generator {
            name: "standby".to_owned(), power: standby * MEGA, start: 10.0, rise: 30.0, running: Running::Standby,
        }];
        supply.storage = storage.map(|(energy, power, round_trip, hold)| SiteStorage {
            energy, power: power * MEGA, round_trip, hold: hold.map(|hold| hold * MEGA),
        });
        let kinds = [EventKind::Curtailment, EventKind::DemandResponse, EventKind::FeedLoss];
        supply.events = events.iter().map(|(kind, from, lasts, power)| event(kinds[*kind], *from, from + lasts, *power)).collect();
        let hourly = Overhead::hourly((0..48).map(|hour| cooling * f64::from(hour % 7) / 6.0).collect(), Vec::new());
        let of = profile(&load, &supply, &hourly, 3, "site");
        let totals = of.totals(&supply);
        prop_assert!(totals.imbalance().abs() < 1e-9, "{:?}", totals);
        for minute in 0..of.grid.len() {
            let flow = supply.flow(of.racks[minute], of.overhead[minute]);
            let came = of.comes(minute);
            let went = of.racks[minute] + of.overhead[minute] + flow.loss();
            prop_assert!((came - went).abs() <= 1e-9 * went.max(1.0), "{minute}: {came} {went}");
            prop_assert!(of.racks[minute] <= of.wanted[minute] + 1e-6 && of.grid[minute] >= -1e-6);
        }
    }
}
