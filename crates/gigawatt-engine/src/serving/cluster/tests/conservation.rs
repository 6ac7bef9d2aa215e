//! What holds whatever the model.

use proptest::prelude::*;

use super::stand_in::{Listed, Places, run};
use crate::fleet::{Time, Watch};
use crate::serving::cluster::{
    Admission, Class, ClosedLoop, Cluster, ClusterError, Ended, Incident, IncidentKind, Length, PrefixRule,
    Requests, Room, Router, Scaling, Targets, Transfer, simulate,
};
use crate::serving::replica::{Arrival, End, Refusal, Role};

const TICK: Time = 1_000_000;

fn routers() -> impl Strategy<Value = Router> {
    prop_oneof![
        Just(Router::RoundRobin),
        Just(Router::Random),
        Just(Router::LeastLoaded),
        Just(Router::PowerOfTwo),
        Just(Router::Session { balance: 1.25 }),
        Just(Router::Prefix(PrefixRule::DYNAMO)),
        Just(Router::Prefix(PrefixRule::LLM_D)),
        Just(Router::Prefix(PrefixRule::Threshold { share: 0.5, absolute: 2, relative: 1.5 })),
    ]
}

fn incidents(classes: usize, replicas: u32) -> impl Strategy<Value = Vec<Incident>> {
    let one = (0..400 * TICK, 0..classes, 0..replicas, any::<bool>(), prop::option::of(0..100 * TICK));
    let one = one.prop_map(|(at, class, replica, fails, duration)| {
        let kind = if fails { IncidentKind::Failure } else { IncidentKind::Drain };
        Incident { at, class, replica, kind, duration }
    });
    prop::collection::vec(one, 0..8).prop_map(|mut all| {
        all.sort_by_key(|incident| incident.at);
        all
    })
}

#[derive(Clone, Debug)]
struct Request {
    at: Time,
    prompt: u32,
    output: u32,
    session: u64,
    blocks: Vec<u64>,
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    let one = (0..5 * TICK, 1_u32..50, 1_u32..20, 0_u64..6, 0_u64..5);
    prop::collection::vec(one, 0..120).prop_map(|all| {
        let mut now = 0;
        all.into_iter()
            .map(|(after, prompt, output, session, depth)| {
                now += after;
                let blocks = (0..depth).map(|block| session * 100 + block).collect();
                Request { at: now, prompt, output, session, blocks }
            })
            .collect()
    })
}

fn arrivals(all: &[Request]) -> Vec<Arrival<'_>> {
    let arrival = |(id, request): (u32, &'_ Request)| {
        let &Request { at, prompt, output, session, .. } = request;
        (id, at, prompt, output, session)
    };
    (0..)
        .zip(all)
        .map(|(id, request)| {
            let (id, at, prompt, output, session) = arrival((id, request));
            let priority = (id % 3) as u8;
            Arrival { id, at, prompt, output, priority, session, blocks: &request.blocks }
        })
        .collect()
}

fn places(role: Role) -> Places {
    Places { places: 3, prompt: TICK / 10, output: TICK / 2, role, room: Room { sequences: 4, tokens: 120 } }
}

prop_compose! {
    fn models()(
        apart in any::<bool>(),
        router in routers(),
        decode_router in routers(),
        engines in 1_u32..3,
        scaled in any::<bool>(),
        retries in 0_u8..3,
        start_up in 0..20 * TICK,
        each in prop_oneof![2 => Just(u32::MAX), 1 => 1_u32..5],
        held in prop_oneof![2 => Just(u32::MAX), 1 => 0_u32..5],
        incidents in incidents(2, 3),
        end in prop::option::of(0..600 * TICK),
        seed in any::<u64>(),
    ) -> Cluster<Places> {
        let roles = if apart { [Role::Prefill, Role::Decode] } else { [Role::Whole, Role::Whole] };
        let scaling = Scaling { interval: 10 * TICK, down_window: 30 * TICK, ..Scaling::outstanding(3.0, 1, 4) };
        let class = |role| Class {
            engines,
            start_up,
            scaling: scaled.then_some(scaling),
            ..Class::new(places(role), 3)
        };
        Cluster {
            decode_router,
            transfer: Transfer { token: 10_000.0, fixed: TICK / 5 },
            admission: Admission { each, held },
            retries,
            incidents,
            targets: Targets { time_to_first_token: Some(5 * TICK), ..Targets::default() },
            end,
            seed,
            ..Cluster::new(roles.map(class).into(), router)
        }
    }
}

struct Talkative(Vec<(Time, u64)>);

impl Watch for Talkative {
    fn reached(&mut self, now: Time, ended: u64) -> bool {
        self.0.push((now, ended));
        true
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_request_ends_once_and_tokens_add_up(model in models(), requests in requests()) {
        let all = arrivals(&requests);
        let (result, ended) = run(&model, &mut Listed::new(&all));
        let counts = &result.counts;
        prop_assert_eq!(counts.offered, counts.done + counts.all_refused() + counts.lost + counts.in_flight);
        if model.end.is_none() {
            prop_assert_eq!(counts.offered as usize, all.len());
        }
        prop_assert_eq!(ended.len() as u64, counts.offered - counts.in_flight);
        prop_assert!(ended.windows(2).all(|pair| pair[0].outcome.id < pair[1].outcome.id), "one ended twice");
        let (mut done, mut output, mut good) = (0, 0, 0);
        for one in &ended {
            let (outcome, arrival) = (&one.outcome, &all[one.outcome.id as usize]);
            prop_assert_eq!((outcome.arrived, outcome.prompt, outcome.output), (arrival.at, arrival.prompt, arrival.output));
            prop_assert!(one.attempts <= model.retries + 1);
            if outcome.end == End::Done {
                prop_assert!(outcome.arrived <= outcome.scheduled && outcome.scheduled <= outcome.first_token);
                prop_assert!(outcome.first_token <= outcome.finished);
                prop_assert!(one.replica.is_some());
                (done, output, good) = (done + 1, output + u64::from(outcome.output), good + u64::from(one.good));
            }
        }
        let group = result.all();
        prop_assert_eq!((group.requests, group.output_tokens, group.good), (done, output, good));
        prop_assert_eq!((result.rates.requests, result.rates.output_tokens), (done, output));
        let points = result.course.bins();
        prop_assert_eq!(points.iter().map(|point| point.arrived).sum::<u64>(), counts.offered);
        prop_assert_eq!(points.iter().map(|point| point.output_tokens).sum::<u64>(), output);
        prop_assert_eq!(result.classes.iter().map(|class| class.answered.requests).sum::<u64>(), done);
        let replicas = model.classes.iter().map(|class| u128::from(class.most()));
        let times = result.classes.iter().map(|class| class.times.iter().sum::<u128>());
        prop_assert!(times.zip(replicas).all(|(time, replicas)| time <= replicas * u128::from(result.end)));
    }

    #[test]
    fn nothing_is_served_where_and_when_a_replica_is_out(model in models(), requests in requests()) {
        let all = arrivals(&requests);
        let (_, ended) = run(&model, &mut Listed::new(&all));
        let failures = model.incidents.iter().filter(|incident| incident.kind == IncidentKind::Failure);
        for incident in failures {
            let replica = incident.class as u32 * 3.max(model.classes[0].most()) + incident.replica;
            let until = incident.duration.map_or(Time::MAX, |duration| incident.at + duration);
            for one in &ended {
                let Some(by) = one.replica else { continue };
                let outcome = &one.outcome;
                // The last of the work is there, the first where nobody else prefilled.
                let works = |at: Time| by == replica && at > incident.at && at <= until;
                let begins = one.prefilled_by.is_none() && works(outcome.scheduled);
                // A replica that was scaled away before the incident is not hit and may start again.
                let absent = model.classes[0].scaling.is_some();
                prop_assert!(absent || outcome.end != End::Done || !(begins || works(outcome.finished)), "{:?} {:?}", one, incident);
            }
        }
    }

    #[test]
    fn whoever_watches_sees_the_same(model in models(), requests in requests()) {
        let all = arrivals(&requests);
        let (result, ended) = run(&model, &mut Listed::new(&all));
        let mut talkative = Talkative(Vec::new());
        let other = simulate(&model, &mut Listed::new(&all), &mut |_| {}, &mut talkative).unwrap();
        prop_assert_eq!(&other, &result);
        prop_assert_eq!(run(&model, &mut Listed::new(&all)).1, ended);
    }

    #[test]
    fn engines_that_are_looked_at_seldom_do_the_same(
        model in models(),
        requests in requests(),
        router in prop_oneof![Just(Router::RoundRobin), Just(Router::Random), Just(Router::PowerOfTwo)],
    ) {
        let all = arrivals(&requests);
        let mut lazy = Cluster { router, admission: Admission::default(), ..model };
        lazy.classes.iter_mut().for_each(|class| {
            class.scaling = None;
            class.blueprint.role = Role::Whole;
        });
        // A limit that is never reached makes every change followed.
        let followed = Cluster { admission: Admission { each: u32::MAX - 1, ..lazy.admission }, ..lazy.clone() };
        let (one, other) = (run(&lazy, &mut Listed::new(&all)), run(&followed, &mut Listed::new(&all)));
        prop_assert_eq!(&one.1, &other.1);
        prop_assert_eq!(&one.0, &other.0);
    }

    #[test]
    fn users_of_a_closed_loop_have_one_request_each(
        model in models(),
        users in 1_u32..12,
        total in 0_u32..80,
        think in 0..5 * TICK,
    ) {
        let model = Cluster { end: None, ..model };
        let lengths = |id: u32| Length { prompt: 1 + id % 40, output: 1 + id % 7 };
        let (result, ended) = run(&model, &mut ClosedLoop::new(users, total, think, lengths));
        let counts = &result.counts;
        if counts.in_flight == 0 {
            prop_assert_eq!(ended.len(), total as usize);
        }
        prop_assert!(counts.in_flight <= u64::from(users));
        // At any arrival no more than the users' requests are in flight.
        for one in &ended {
            let at = one.outcome.arrived;
            let beside = ended.iter().filter(|other| other.outcome.arrived <= at && at < other.outcome.finished);
            prop_assert!(beside.count() <= users as usize);
        }
    }
}

struct Impatient;

impl Watch for Impatient {
    fn reached(&mut self, _now: Time, _ended: u64) -> bool {
        false
    }
}

#[test]
fn who_has_seen_enough_gets_what_there_is() {
    let requests: Vec<Request> = (0..20_000)
        .map(|at| Request { at: at * TICK, prompt: 10, output: 2, session: 0, blocks: Vec::new() })
        .collect();
    let all = arrivals(&requests);
    for router in [Router::RoundRobin, Router::LeastLoaded] {
        let model = Cluster::new(vec![Class::new(places(Role::Whole), 4)], router);
        let result = simulate(&model, &mut Listed::new(&all), &mut |_| {}, &mut Impatient).unwrap();
        let counts = &result.counts;
        assert!(result.partial && counts.offered > 100 && counts.offered < 10_000, "{counts:?}");
        assert_eq!(counts.offered, counts.done + counts.in_flight);
        let (whole, _) = run(&model, &mut Listed::new(&all));
        assert!(!whole.partial && whole.counts.done == 20_000);
    }
}

#[test]
fn what_cannot_be_is_said() {
    let error = |model: &Cluster<Places>| run_error(model);
    let class = |role| Class::new(places(role), 2);
    let model =
        |roles: &[Role]| Cluster::new(roles.iter().map(|&role| class(role)).collect(), Router::Random);
    assert_eq!(error(&model(&[])), Some(ClusterError::Empty));
    assert_eq!(error(&model(&[Role::Prefill])), Some(ClusterError::NoDecode { prefill: 0 }));
    assert_eq!(error(&model(&[Role::Whole, Role::Decode])), Some(ClusterError::NoPrefill { decode: 1 }));
    assert_eq!(error(&model(&[Role::Prefill, Role::Decode])), None);
    let mut wrong = model(&[Role::Whole]);
    wrong.classes[0].scaling = Some(Scaling { interval: 0, ..Scaling::outstanding(1.0, 1, 2) });
    assert_eq!(error(&wrong), Some(ClusterError::Scaling { class: 0, least: 1, most: 2 }));
    wrong = model(&[Role::Whole]);
    let incident = Incident { at: 0, class: 0, replica: 2, kind: IncidentKind::Drain, duration: None };
    wrong.incidents = vec![incident];
    assert_eq!(error(&wrong), Some(ClusterError::Incident { index: 0, class: 0, replica: 2 }));
    wrong = model(&[Role::Whole]);
    wrong.classes[0].replicas = u32::MAX;
    assert_eq!(error(&wrong), Some(ClusterError::TooMany { engines: u64::from(u32::MAX) }));
    wrong.classes[0] = Class { engines: 0, ..class(Role::Whole) };
    assert_eq!(error(&wrong), Some(ClusterError::NoEngines { class: 0 }));
}

fn run_error(model: &Cluster<Places>) -> Option<ClusterError> {
    simulate(model, &mut Listed::new(&[]), &mut |_| {}, &mut Impatient).err()
}

#[test]
fn without_replicas_requests_are_held_or_refused_and_the_run_ends() {
    let requests: Vec<Request> =
        (0..10).map(|at| Request { at, prompt: 1, output: 1, session: 0, blocks: Vec::new() }).collect();
    let all = arrivals(&requests);
    let mut model = Cluster::new(vec![Class::new(places(Role::Whole), 0)], Router::LeastLoaded);
    model.admission.held = 6;
    let (result, _) = run(&model, &mut Listed::new(&all));
    assert_eq!((result.counts.held, result.counts.in_flight), (6, 6));
    assert_eq!(result.counts.refused, [(Refusal::Queue, 4)]);
    // An autoscaler that may add none does not look for ever.
    model.classes[0].scaling = Some(Scaling::outstanding(1.0, 0, 1));
    model.incidents = Vec::new();
    let (result, _) = run(&model, &mut Listed::new(&all));
    assert_eq!(result.counts.done, 6, "from none to one");
}

/// Requests, each a moment after the one before, that ask how many have ended when they come.
struct Endless<'c> {
    left: u32,
    ended: &'c std::cell::Cell<u32>,
    most: &'c std::cell::Cell<u32>,
}

impl Requests for Endless<'_> {
    fn next(&mut self) -> Option<Arrival<'_>> {
        self.left = self.left.checked_sub(1)?;
        let id = 200_000 - self.left;
        self.most.set(self.most.get().max(id - self.ended.get()));
        Some(Arrival { id, at: u64::from(id) * TICK, prompt: 1, output: 1, ..Arrival::default() })
    }
}

#[test]
fn engines_that_nobody_looks_at_do_not_gather_what_has_ended() {
    for router in [Router::RoundRobin, Router::Random, Router::LeastLoaded] {
        let (ended, most) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let mut requests = Endless { left: 200_000, ended: &ended, most: &most };
        let model = Cluster::new(vec![Class::new(Places { places: 8, ..Places::SINGLE }, 3)], router);
        let mut told = |_: &Ended| ended.set(ended.get() + 1);
        let result = simulate(&model, &mut requests, &mut told, &mut crate::fleet::Unwatched).unwrap();
        assert_eq!((result.counts.done, ended.get()), (200_000, 200_000));
        assert!(most.get() <= 20_000, "{router:?}: {}", most.get());
    }
}
