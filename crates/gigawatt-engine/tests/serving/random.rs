//! Random workloads on random replicas: both simulations agree, however the time is cut.

use gigawatt_engine::serving::PrefillOrder;
use gigawatt_engine::serving::replica::{
    Admission, Arrival, Blocks, IterationTable, LinearTimes, Order, Prefix, Replica, ReplicaOptions, Role,
    Victim, token_by_token,
};
use proptest::prelude::*;

use crate::agreement::{by_id, simulated};

#[derive(Clone, Debug)]
struct Asked {
    gap: u64,
    prompt: u32,
    output: u32,
    priority: u8,
    family: u64,
    common: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    let gap = prop_oneof![Just(0), 1..200_u64, 1..5_000_u64];
    let prompt = prop_oneof![1 => Just(0), 20 => 1..40_u32, 20 => 1..200_u32];
    let output = prop_oneof![1 => Just(0), 10 => Just(1), 40 => 1..80_u32];
    (gap, prompt, output, 0..3_u8, 0..3_u64, 0..12_usize).prop_map(
        |(gap, prompt, output, priority, family, common)| Asked {
            gap,
            prompt,
            output,
            priority,
            family,
            common,
        },
    )
}

fn table() -> impl Strategy<Value = IterationTable> {
    let times = (1..50_u64, 0..5_u64, 0..2_u64, 0..3_u64, prop_oneof![Just(0), 0..120_u64]);
    let window = prop_oneof![Just(None), (1..60_u32, 0..60_u32).prop_map(Some)];
    let guesses = prop_oneof![2 => Just((1, 1.0)), 1 => (2..5_u32, 1.0..3.0_f64)];
    (times, window, guesses).prop_map(
        |((iteration, sequence, cached, prompt, floor), window, (queries, yields))| {
            let times =
                LinearTimes { iteration, sequence, cached_token: cached, prompt_token: prompt, floor };
            let mut table = IterationTable::linear(&times, 12, 96).with_request(5);
            if let Some((tokens, beyond)) = window {
                table = table.with_window(tokens, beyond.min(tokens), 3);
            }
            if queries > 1 {
                table = table.with_speculation(queries, yields);
            }
            table
        },
    )
}

fn options() -> impl Strategy<Value = ReplicaOptions> {
    let sizes = (1..=12_u32, 8..=96_u32, prop_oneof![Just(1_u32), Just(4), Just(16), Just(5)], 8..80_u64);
    let kinds = (1..=2_u32, 0..=2_u32, 0..=3_u32);
    let rules = (
        prop_oneof![Just(Order::Arrival), Just(Order::Priority)],
        prop_oneof![Just(Role::Whole), Just(Role::Whole), Just(Role::Prefill), Just(Role::Decode)],
        prop_oneof![Just(PrefillOrder::Mixed), Just(PrefillOrder::First)],
        prop_oneof![Just(Admission::Prompt), Just(Admission::Answer), Just(Admission::Expected)],
        prop_oneof![Just(Victim::Last), Just(Victim::Youngest)],
    );
    let named = prop_oneof![Just(0_u32), 1..4_u32];
    (sizes, kinds, rules, named).prop_map(|(sizes, kinds, rules, named)| {
        let (most_sequences, token_budget, tokens, blocks) = sizes;
        let (full, windowed, sequence) = kinds;
        let (order, role, prefill, admission, victim) = rules;
        let each = u64::from(full + windowed);
        let blocks =
            Blocks { tokens, units: each * blocks * 16 / u64::from(tokens), full, windowed, sequence };
        let prefix = if named == 0 { Prefix::Off } else { Prefix::Tokens(named * tokens) };
        ReplicaOptions {
            context: 250,
            most_waiting: 20,
            blocks,
            prefix,
            order,
            role,
            prefill,
            admission,
            victim,
            ..ReplicaOptions::plain(most_sequences, token_budget, 0)
        }
    })
}

/// Names of prompts of a few families that have their beginnings in common.
fn names(asked: &[Asked], prefix: Prefix) -> Vec<Vec<u64>> {
    let Prefix::Tokens(each) = prefix else { return vec![Vec::new(); asked.len()] };
    (1..)
        .zip(asked)
        .map(|(own, asked)| {
            let name = |at: usize| {
                let of = if at < asked.common { asked.family } else { 1000 * own };
                of * 1_000_000 + at as u64
            };
            (0..asked.prompt.div_ceil(each) as usize).map(name).collect()
        })
        .collect()
}

fn arrivals<'a>(asked: &[Asked], names: &'a [Vec<u64>]) -> Vec<Arrival<'a>> {
    let mut at = 0;
    (0..)
        .zip(asked.iter().zip(names))
        .map(|(id, (asked, names))| {
            at += asked.gap;
            Arrival {
                id,
                at,
                prompt: asked.prompt,
                output: asked.output,
                priority: asked.priority,
                session: 0,
                blocks: names,
            }
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_replicas_agree(
        table in table(),
        options in options(),
        asked in prop::collection::vec(asked(), 1..40),
    ) {
        let names = names(&asked, options.prefix);
        let arrivals = arrivals(&asked, &names);
        let (found, left) = simulated(&table, &options, &arrivals);
        prop_assert_eq!(found.len(), arrivals.len());
        prop_assert_eq!(left, 0.0);
        let expected = by_id(token_by_token(&table, &options, &arrivals));
        prop_assert_eq!(by_id(found), expected);
    }

    #[test]
    fn however_time_is_cut_outcomes_are_the_same(
        table in table(),
        options in options(),
        asked in prop::collection::vec(asked(), 1..40),
        cuts in prop::collection::vec(1..300_u64, 0..60),
    ) {
        let options = ReplicaOptions { most_waiting: u32::MAX, ..options };
        let names = names(&asked, options.prefix);
        let arrivals = arrivals(&asked, &names);
        let (expected, _) = simulated(&table, &options, &arrivals);
        // All at once.
        let mut replica = Replica::new(&table, &options);
        let mut found = Vec::new();
        arrivals.iter().for_each(|arrival| replica.offer(arrival));
        replica.advance(u64::MAX, &mut |outcome| found.push(*outcome));
        prop_assert_eq!(&found, &expected);
        // From change to change, with cuts in between.
        let mut replica = Replica::new(&table, &options);
        let mut found = Vec::new();
        let (mut cuts, mut now, mut next) = (cuts.into_iter(), 0, 0);
        for round in 0.. {
            prop_assert!(round < 100_000, "the replica does not go on");
            let change = replica.next_change();
            let arrival = arrivals.get(next).map(|arrival| arrival.at);
            let Some(until) = [change, arrival].into_iter().flatten().min() else { break };
            let until = until.max(now).min(cuts.next().map_or(u64::MAX, |cut| now + cut));
            let before = found.len();
            replica.advance(until, &mut |outcome| found.push(*outcome));
            // Nothing is told before the moment that was named.
            prop_assert!(found.len() == before || change.is_some_and(|change| change <= until));
            now = until;
            while arrivals.get(next).is_some_and(|arrival| arrival.at <= now) {
                replica.offer(&arrivals[next]);
                next += 1;
            }
        }
        prop_assert_eq!(&found, &expected);
    }
}
