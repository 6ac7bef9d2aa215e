//! Speed of a simulated deployment, on one core: `cargo bench -p gigawatt-engine --bench serving_cluster`.
//!
//! 200,000 requests over 4,096 replicas that have half a request each on average, by every router; the same with autoscaling, and with
//! prompts and answers on engines of their own. Items are requests. Peak memory is that of a whole process, such as
//! `/usr/bin/time -v target/release/deps/serving_cluster-* --bench lightly_loaded`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use divan::counter::ItemsCount;
use gigawatt_engine::fleet::{SECOND, Stream, Unwatched};
use gigawatt_engine::serving::cluster::{
    Batching, Class, Cluster, ClusterResult, PrefixRule, Requests, Router, Scaling, Transfer, simulate,
};
use gigawatt_engine::serving::replica::{Arrival, IterationTable, LinearTimes, Prefix, ReplicaOptions, Role};

const REQUESTS: u32 = 200_000;
const REPLICAS: u32 = 4_096;

fn main() {
    divan::main();
}

/// Poisson arrivals of sessions that come back with a longer prompt.
struct Chats {
    stream: Stream,
    made: u32,
    at: f64,
    blocks: Vec<u64>,
}

/// Mean ns between two requests: an answer takes about 2.1 s, so that a replica has half a request.
const BETWEEN: f64 = 2.1e9 / (0.5 * REPLICAS as f64);

impl Chats {
    fn new() -> Self {
        Self { stream: Stream::new(1, "bench", "chats"), made: 0, at: 0.0, blocks: Vec::new() }
    }
}

impl Requests for Chats {
    fn next(&mut self) -> Option<Arrival<'_>> {
        if self.made == REQUESTS {
            return None;
        }
        self.at += BETWEEN * self.stream.exponential();
        let session = 1 + self.stream.below(20_000);
        let depth = 2 + self.stream.below(6);
        self.blocks.clear();
        // A common beginning, then what the session has said.
        self.blocks.extend((0..depth).map(|block| if block < 2 { block } else { session << 8 | block }));
        let prompt = depth as u32 * 512;
        let output = 1 + (200.0 * self.stream.exponential()) as u32;
        let id = self.made;
        self.made += 1;
        Some(Arrival { id, at: self.at as u64, prompt, output, priority: 0, session, blocks: &self.blocks })
    }
}

fn table() -> IterationTable {
    let times = LinearTimes { iteration: 10_000_000, prompt_token: 20_000, ..LinearTimes::default() };
    IterationTable::linear(&times, 256, 8_192)
}

fn options(prefix: Prefix) -> ReplicaOptions {
    ReplicaOptions { prefix, ..ReplicaOptions::plain(256, 8_192, 30_000) }
}

fn run(model: &Cluster<Batching<'_>>) -> ClusterResult {
    simulate(model, &mut Chats::new(), &mut |_| {}, &mut Unwatched).unwrap()
}

fn time(bencher: divan::Bencher<'_, '_>, model: &Cluster<Batching<'_>>) {
    let result = run(model);
    assert_eq!(result.counts.done, u64::from(REQUESTS));
    bencher.counter(ItemsCount::new(REQUESTS)).bench_local(|| run(model));
}

const ROUTERS: [(&str, Router); 8] = [
    ("round_robin", Router::RoundRobin),
    ("random", Router::Random),
    ("least_loaded", Router::LeastLoaded),
    ("power_of_two", Router::PowerOfTwo),
    ("session", Router::Session { balance: 1.25 }),
    ("prefix_dynamo", Router::Prefix(PrefixRule::DYNAMO)),
    ("prefix_llm_d", Router::Prefix(PrefixRule::LLM_D)),
    ("prefix_sglang", Router::Prefix(PrefixRule::SGLANG)),
];

/// Every router.
#[divan::bench(args = ROUTERS.map(|(name, _)| name), sample_count = 5)]
fn lightly_loaded(bencher: divan::Bencher<'_, '_>, name: &str) {
    // Caches are kept where somebody looks for them.
    let keeps = name.starts_with("prefix") || name.starts_with("session");
    let (table, options) = (table(), options(if keeps { Prefix::Tokens(512) } else { Prefix::Off }));
    let router = ROUTERS.iter().find(|(router, _)| *router == name).unwrap().1;
    time(
        bencher,
        &Cluster::new(vec![Class::new(Batching { table: &table, options: &options }, REPLICAS)], router),
    );
}

/// A number of replicas that follows the load.
#[divan::bench(sample_count = 5)]
fn scaled(bencher: divan::Bencher<'_, '_>) {
    let (table, options) = (table(), options(Prefix::Off));
    let mut class = Class::new(Batching { table: &table, options: &options }, 64);
    class.start_up = 60 * SECOND;
    class.scaling = Some(Scaling::outstanding(16.0, 16, REPLICAS));
    time(bencher, &Cluster::new(vec![class], Router::LeastLoaded));
}

/// One in four replicas prefills, the others decode.
#[divan::bench(sample_count = 5)]
fn apart(bencher: divan::Bencher<'_, '_>) {
    let table = table();
    let prefill = ReplicaOptions { role: Role::Prefill, ..options(Prefix::Off) };
    let decode = ReplicaOptions { role: Role::Decode, ..options(Prefix::Off) };
    let class = |options, replicas| Class::new(Batching { table: &table, options }, replicas);
    let mut model = Cluster::new(
        vec![class(&prefill, REPLICAS / 4), class(&decode, REPLICAS - REPLICAS / 4)],
        Router::LeastLoaded,
    );
    model.transfer = Transfer { token: 3_000.0, fixed: 500_000 };
    time(bencher, &model);
}
