//! The number of replicas follows the load.

use super::stand_in::{Listed, MEAN, Places, Poisson, cluster, run};
use crate::fleet::{SECOND, Time};
use crate::serving::cluster::{
    Cluster, ClusterResult, ReplicaState, Requests, Room, Router, Scaling, ScalingLoad,
};
use crate::serving::replica::{Arrival, Role};

/// Requests at one rate and then at another.
struct Steps {
    parts: Vec<Poisson>,
    /// When each part begins.
    starts: Vec<Time>,
    part: usize,
    id: u32,
}

impl Steps {
    /// Rates in requests per second, each for so many seconds.
    fn new(rates: &[f64], seconds: u64) -> Self {
        let part = |(seed, rate): (u64, &f64)| Poisson::new(seed, 1e9 / rate, (rate * seconds as f64) as u32);
        let starts = (0..rates.len() as u64).map(|part| part * seconds * SECOND).collect();
        Self { parts: (1..).zip(rates).map(part).collect(), starts, part: 0, id: 0 }
    }
}

impl Requests for Steps {
    fn next(&mut self) -> Option<Arrival<'_>> {
        while self.part < self.parts.len() {
            if let Some(arrival) = self.parts[self.part].next() {
                let id = self.id;
                self.id += 1;
                let at = arrival.at + self.starts[self.part];
                return Some(Arrival { id, at, prompt: 1, output: arrival.output, ..Arrival::default() });
            }
            self.part += 1;
        }
        None
    }
}

/// As many places as requests come, each served for 10 s on average: by Little's law 10 s × rate are outstanding, whatever the router
/// and however many replicas.
fn unlimited() -> Places {
    Places {
        places: u32::MAX,
        prompt: 0,
        output: (10.0 * SECOND as f64 / MEAN) as u64,
        role: Role::Whole,
        room: Room { sequences: u32::MAX, tokens: u64::MAX },
    }
}

fn scaled(scaling: Scaling, replicas: u32, start_up: Time) -> Cluster<Places> {
    let mut model = cluster(unlimited(), replicas, Router::LeastLoaded);
    model.classes[0].start_up = start_up;
    model.classes[0].scaling = Some(scaling);
    model
}

/// Mean number of ready replicas between two times in seconds.
fn ready(result: &ClusterResult, from: u64, to: u64) -> f64 {
    let course = &result.classes[0].ready;
    let of = |second: u64| (second * SECOND / course.length()) as usize;
    let means = course.means(result.end);
    let within = &means[of(from).min(means.len() - 1)..of(to).min(means.len())];
    within.iter().sum::<f64>() / within.len() as f64
}

#[test]
fn it_reaches_the_number_that_the_load_needs() {
    // 40, 160 and 80 requests per second have 400, 1,600 and 800 outstanding: 8, 32 and 16 replicas of 50 each.
    let model = scaled(Scaling::outstanding(50.0, 1, 64), 8, 60 * SECOND);
    let (result, _) = run(&model, &mut Steps::new(&[40.0, 160.0, 80.0], 1_200));
    for (number, from, to) in [(8.0, 600, 1_150), (32.0, 1_500, 2_350), (16.0, 3_000, 3_590)] {
        let found = ready(&result, from, to);
        // 10 % on either side are let pass, and the number outstanding, which is Poisson, now and then asks for one more, which stays.
        assert!((0.9 * number..=1.1 * number + 1.0).contains(&found), "{number}: {found}");
    }
    // It grows no sooner than it starts up, and shrinks no sooner than five minutes after.
    assert!(ready(&result, 1_200, 1_259) < 10.0);
    assert!(ready(&result, 1_345, 1_400) > 25.0);
    assert!(ready(&result, 2_420, 2_690) > 28.0);
}

#[test]
fn the_windows_and_the_start_are_in_the_course() {
    let model = scaled(Scaling { down_window: 60 * SECOND, ..Scaling::outstanding(50.0, 2, 64) }, 2, 0);
    let (result, all) = run(&model, &mut Steps::new(&[100.0, 1.0], 600));
    let busy = ready(&result, 100, 590);
    assert!((18.0..=23.0).contains(&busy), "{busy}");
    assert!((ready(&result, 750, 1_190) - 2.0).abs() < 0.05, "{}", ready(&result, 750, 1_190));
    assert!(all.iter().all(|ended| ended.replica.is_some()), "replicas that leave finish what they have");
    let class = &result.classes[0];
    assert!(class.time(ReplicaState::Draining) > 0 && class.time(ReplicaState::Starting) == 0);
}

#[test]
fn from_nothing_the_first_request_waits_for_a_start() {
    let mut model = scaled(Scaling::outstanding(50.0, 0, 4), 0, 90 * SECOND);
    model.classes[0].blueprint.output = 1_000;
    let (result, all) = run(&model, &mut Steps::new(&[1.0], 60));
    let first = all[0].outcome;
    // Looked at after 15 s, up 90 s later.
    assert_eq!(first.scheduled, 105 * SECOND);
    assert_eq!(result.counts.done, 60);
    // Between 15 s and 105 s one starts, at most two by what comes.
    assert!(result.classes[0].time(ReplicaState::Starting) >= u128::from(90 * SECOND));
}

#[test]
fn what_waits_counts_where_it_is_the_load() {
    // One is served and 19 wait, at the engine or at the front: ten replicas for two each.
    for each in [u32::MAX, 1] {
        let mut model = cluster(Places { places: 1, ..unlimited() }, 1, Router::LeastLoaded);
        model.admission.each = each;
        model.classes[0].scaling =
            Some(Scaling { load: ScalingLoad::Waiting, ..Scaling::outstanding(2.0, 1, 40) });
        model.end = Some(40 * SECOND);
        let all: Vec<_> =
            (0..20).map(|id| Arrival { id, prompt: 1, output: 10_000_000, ..Arrival::default() }).collect();
        let (result, _) = run(&model, &mut Listed::new(&all));
        assert_eq!((ready(&result, 5, 14), ready(&result, 20, 39)), (1.0, 10.0), "{each}");
        // What waits at an engine stays there; the front gives out what it holds.
        assert_eq!(result.counts.held, if each == 1 { 10 } else { 0 });
    }
}
