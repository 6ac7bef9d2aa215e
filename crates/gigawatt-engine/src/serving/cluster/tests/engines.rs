//! The deployment with engines that batch.

use proptest::prelude::*;

use crate::fleet::{Stream, Unwatched};
use crate::serving::cluster::{
    Admission, Batching, Class, Cluster, ClusterResult, Ended, Incident, IncidentKind, Metric, PrefixRule,
    Requests, Router, Transfer, simulate,
};
use crate::serving::replica::{Arrival, End, IterationTable, LinearTimes, Prefix, ReplicaOptions, Role};

const MILLISECOND: u64 = 1_000_000;

/// Iterations of 10 ms and 20 µs for each token of a prompt.
fn table() -> IterationTable {
    let times = LinearTimes { iteration: 10 * MILLISECOND, prompt_token: 20_000, ..LinearTimes::default() };
    IterationTable::linear(&times, 16, 512)
}

/// Sessions that come back with what was said before, as a Poisson process.
struct Chats {
    stream: Stream,
    left: u32,
    made: u32,
    at: f64,
    /// Blocks that each session has.
    depths: Vec<u64>,
    blocks: Vec<u64>,
    between: f64,
}

const BLOCK: u32 = 64;

impl Chats {
    fn new(seed: u64, count: u32, sessions: usize, between: f64) -> Self {
        let stream = Stream::new(seed, "test", "chats");
        let depths = vec![1; sessions];
        Self { stream, left: count, made: 0, at: 0.0, depths, blocks: Vec::new(), between }
    }
}

impl Requests for Chats {
    fn next(&mut self) -> Option<Arrival<'_>> {
        self.left = self.left.checked_sub(1)?;
        self.at += self.between * self.stream.exponential();
        let session = self.stream.below(self.depths.len() as u64);
        let depth = &mut self.depths[session as usize];
        *depth = if *depth == 6 { 1 } else { *depth + 1 };
        // One block begins all prompts.
        self.blocks.clear();
        self.blocks.extend((0..*depth).map(|block| if block == 0 { 1 } else { (session + 2) << 8 | block }));
        let prompt = *depth as u32 * BLOCK;
        let output = 1 + (40.0 * self.stream.exponential()) as u32;
        let id = self.made;
        self.made += 1;
        Some(Arrival {
            id,
            at: self.at as u64,
            prompt,
            output,
            priority: (id % 2) as u8,
            session: session + 1,
            blocks: &self.blocks,
        })
    }
}

fn options(role: Role, blocks: u64) -> ReplicaOptions {
    ReplicaOptions { role, prefix: Prefix::Tokens(BLOCK), ..ReplicaOptions::plain(8, 256, blocks) }
}

fn run(model: &Cluster<Batching<'_>>, requests: &mut dyn Requests) -> (ClusterResult, Vec<Ended>) {
    let mut all = Vec::new();
    let result = simulate(model, requests, &mut |ended| all.push(*ended), &mut Unwatched).unwrap();
    all.sort_by_key(|ended| ended.outcome.id);
    (result, all)
}

const ROUTERS: [Router; 8] = [
    Router::RoundRobin,
    Router::Random,
    Router::PowerOfTwo,
    Router::LeastLoaded,
    Router::Session { balance: 1.25 },
    Router::Prefix(PrefixRule::DYNAMO),
    Router::Prefix(PrefixRule::LLM_D),
    Router::Prefix(PrefixRule::SGLANG),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn engines_that_batch_lose_nothing(
        router in 0..ROUTERS.len(),
        apart in any::<bool>(),
        blocks in 40_u64..400,
        seed in any::<u64>(),
        load in 0.2..2.0_f64,
        failures in prop::collection::vec((0..4_000_u64, 0_u32..3, any::<bool>()), 0..5),
    ) {
        let table = table();
        let [whole, prefill, decode] = [Role::Whole, Role::Prefill, Role::Decode].map(|role| options(role, blocks));
        let class = |options| Class::new(Batching { table: &table, options }, 3);
        let classes = if apart { vec![class(&prefill), class(&decode)] } else { vec![class(&whole)] };
        let mut model = Cluster::new(classes, ROUTERS[router]);
        model.transfer = Transfer { token: 1_000.0, fixed: MILLISECOND };
        model.incidents = failures
            .into_iter()
            .map(|(at, replica, fails)| Incident {
                at: at * MILLISECOND,
                class: 0,
                replica,
                kind: if fails { IncidentKind::Failure } else { IncidentKind::Drain },
                duration: Some(200 * MILLISECOND),
            })
            .collect();
        model.incidents.sort_by_key(|incident| incident.at);
        let requests = || Chats::new(seed, 400, 30, 20e6 / load);
        let (result, ended) = run(&model, &mut requests());
        let counts = &result.counts;
        prop_assert_eq!((counts.offered, counts.in_flight), (400, 0));
        prop_assert_eq!(counts.done + counts.lost, 400);
        prop_assert_eq!(ended.len(), 400);
        for one in ended.iter().filter(|one| one.outcome.end == End::Done) {
            let outcome = &one.outcome;
            prop_assert!(outcome.arrived <= outcome.scheduled && outcome.scheduled < outcome.first_token);
            prop_assert!(outcome.first_token <= outcome.finished && outcome.cached < outcome.prompt);
        }
        // What engines say that they did is what users got, where nothing was done in vain.
        if counts.retried == 0 {
            let output: u64 = result.classes.iter().map(|class| class.work.output_tokens).sum();
            prop_assert_eq!(output, result.all().output_tokens);
        }
        prop_assert_eq!(&run(&model, &mut requests()).1, &ended);
        if !apart {
            // A limit that is never reached makes every change followed.
            let followed = Cluster { admission: Admission { each: u32::MAX - 1, ..model.admission }, ..model.clone() };
            prop_assert_eq!(&run(&followed, &mut requests()).1, &ended);
        }
    }
}

#[test]
fn routers_that_know_prefixes_find_more_of_them() {
    let table = table();
    let options = options(Role::Whole, 600);
    let cached = |router| {
        let model = Cluster::new(vec![Class::new(Batching { table: &table, options: &options }, 8)], router);
        run(&model, &mut Chats::new(1, 4_000, 100, 12e6)).0
    };
    let [turns, session, dynamo, llm_d, sglang] =
        [ROUTERS[0], ROUTERS[4], ROUTERS[5], ROUTERS[6], ROUTERS[7]].map(cached);
    let share = |result: &ClusterResult| result.all().cached_share().unwrap();
    let first = |result: &ClusterResult| result.mean(Metric::TimeToFirstToken).unwrap();
    for (name, result) in [("session", &session), ("dynamo", &dynamo), ("llm-d", &llm_d), ("sglang", &sglang)]
    {
        assert!(share(result) > share(&turns) + 0.1, "{name}: {} {}", share(result), share(&turns));
        // Thresholds of 32 requests let queues of engines for eight grow.
        assert!(
            name == "sglang" || first(result) < first(&turns),
            "{name}: {} {}",
            first(result),
            first(&turns)
        );
    }
}

#[test]
fn groups_of_a_replica_are_engines_that_live_and_die_together() {
    let table = table();
    let options = options(Role::Whole, 600);
    let class = Class { engines: 4, ..Class::new(Batching { table: &table, options: &options }, 2) };
    let mut model = Cluster::new(vec![class], Router::RoundRobin);
    let failure =
        Incident { at: 15 * MILLISECOND, class: 0, replica: 1, kind: IncidentKind::Failure, duration: None };
    model.incidents = vec![failure];
    let arrivals: Vec<_> =
        (0..8).map(|id| Arrival { id, prompt: 10, output: 10, ..Arrival::default() }).collect();
    let (result, ended) = run(&model, &mut super::stand_in::Listed::new(&arrivals));
    // The first four went to replica 0, one to each engine; the others began again there.
    assert_eq!((result.counts.retried, result.counts.done), (4, 8));
    assert!(ended.iter().all(|one| one.replica == Some(0)));
    let alone = 10 * 10 * MILLISECOND + 200_000;
    assert!(ended[..4].iter().all(|one| one.outcome.finished >= alone));
    assert!(ended.iter().all(|one| one.attempts == 1 + u8::from(one.outcome.id >= 4)));
}
