//! What befalls replicas.

use super::stand_in::{Listed, MEAN, Places, Poisson, cluster, run};
use crate::fleet::SECOND;
use crate::serving::cluster::{Incident, IncidentKind, ReplicaState, Router};
use crate::serving::replica::{Arrival, End};

fn incident(at: u64, replica: u32, kind: IncidentKind, duration: Option<u64>) -> Incident {
    Incident { at, class: 0, replica, kind, duration }
}

fn arrival(id: u32, at: u64, output: u32) -> Arrival<'static> {
    Arrival { id, at, prompt: 1, output, ..Arrival::default() }
}

#[test]
fn a_lost_request_begins_again_elsewhere_or_is_lost() {
    let mut model = cluster(Places::SINGLE, 2, Router::RoundRobin);
    model.incidents = vec![incident(60, 0, IncidentKind::Failure, None)];
    let all = [arrival(0, 0, 50), arrival(1, 0, 100), arrival(2, 10, 100), arrival(3, 10, 20)];
    // Replica 0 has 0 (until 50) and 2 (50 to 150); replica 1 has 1 (until 100) and 3 (100 to 120).
    let (result, ended) = run(&model, &mut Listed::new(&all));
    let told: Vec<_> = ended.iter().map(|one| (one.replica, one.outcome.finished, one.attempts)).collect();
    assert_eq!(told, [(Some(0), 50, 1), (Some(1), 100, 1), (Some(1), 220, 2), (Some(1), 120, 1)]);
    assert_eq!((result.counts.retried, result.counts.lost, result.counts.done), (1, 0, 4));
    assert_eq!(ended[2].outcome.arrived, 10, "its time counts from its first arrival");

    model.retries = 0;
    let (result, ended) = run(&model, &mut Listed::new(&all));
    assert_eq!((result.counts.retried, result.counts.lost, result.counts.done), (0, 1, 3));
    assert_eq!((ended[2].outcome.end, ended[2].outcome.finished, ended[2].replica), (End::Lost, 60, None));
}

#[test]
fn what_is_out_comes_back_after_its_time_and_its_start() {
    let mut model = cluster(Places::SINGLE, 1, Router::LeastLoaded);
    model.classes[0].start_up = 300;
    model.incidents = vec![incident(1_000, 0, IncidentKind::Failure, Some(500))];
    let (result, ended) = run(&model, &mut Listed::new(&[arrival(0, 990, 50), arrival(1, 1_100, 50)]));
    assert_eq!((ended[0].outcome.scheduled, ended[1].outcome.scheduled), (1_800, 1_850));
    let class = &result.classes[0];
    let times =
        [ReplicaState::Ready, ReplicaState::Out, ReplicaState::Starting].map(|state| class.time(state));
    assert_eq!((times, result.end), ([1_000 + 100, 500, 300], 1_900));
    assert_eq!(class.present_time(), 1_400);
}

#[test]
fn a_drained_replica_finishes_what_it_has() {
    let mut model = cluster(Places::SINGLE, 2, Router::RoundRobin);
    model.classes[0].start_up = 10;
    model.incidents = vec![incident(60, 0, IncidentKind::Drain, Some(20))];
    let all = [0, 1, 2, 3, 4, 5].map(|id| arrival(id, u64::from(id) * 30, 100));
    let (result, ended) = run(&model, &mut Listed::new(&all));
    // Replica 0 got 0 (0 to 100) before it drained at 60, is out at 100 when its time is over, and ready at 110.
    let by: Vec<_> = ended.iter().map(|one| (one.replica, one.outcome.scheduled)).collect();
    assert_eq!(by[..4], [(Some(0), 0), (Some(1), 30), (Some(1), 130), (Some(1), 230)]);
    assert_eq!(by[4..], [(Some(0), 120), (Some(1), 330)]);
    assert_eq!((result.counts.done, result.counts.retried), (6, 0));
    assert_eq!(result.classes[0].time(ReplicaState::Draining), 40);
}

#[test]
fn two_incidents_at_once_last_as_long_as_the_longer() {
    let mut model = cluster(Places::SINGLE, 1, Router::LeastLoaded);
    model.incidents = vec![
        incident(0, 0, IncidentKind::Failure, Some(500)),
        incident(100, 0, IncidentKind::Failure, Some(1_000)),
    ];
    let (_, ended) = run(&model, &mut Listed::new(&[arrival(0, 10, 5)]));
    assert_eq!(ended[0].outcome.scheduled, 1_100);
    // For ever.
    model.incidents[1].duration = None;
    let (result, _) = run(&model, &mut Listed::new(&[arrival(0, 10, 5)]));
    assert_eq!((result.counts.in_flight, result.counts.held), (1, 1));
}

#[test]
fn a_failure_is_a_dip_that_ends() {
    // Eight single servers at 70 %; three are out for 20 s, which leaves 5 for a load of 5.6.
    let mut model = cluster(Places { output: 100, ..Places::SINGLE }, 8, Router::LeastLoaded);
    let (from, to) = (100 * SECOND, 120 * SECOND);
    model.incidents =
        (0..3).map(|replica| incident(from, replica, IncidentKind::Failure, Some(to - from))).collect();
    let between = 100.0 * MEAN / (0.7 * 8.0);
    let (result, _) = run(&model, &mut Poisson::new(1, between, 14_000));
    let length = result.course.length();
    let mean = |from: u64, to: u64| {
        let points = &result.course.bins()[(from / length) as usize..(to / length) as usize];
        let (done, time) = points
            .iter()
            .fold((0, 0), |(done, time), point| (done + point.done, time + point.time_to_first_token));
        time as f64 * 1e-9 / done as f64
    };
    let (before, during, after) =
        (mean(0, from), mean(from + 5 * SECOND, to), mean(to + 30 * SECOND, to + 90 * SECOND));
    assert!(during > 10.0 * before && after < 2.0 * before, "{before} {during} {after}");
    assert_eq!(result.counts.done, 14_000);
    assert!(result.counts.retried >= 1);
}
