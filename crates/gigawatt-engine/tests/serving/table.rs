//! The table of iteration times against the law.

use gigawatt_engine::serving::{Batch, Prompts};
use proptest::test_runner::{Config, TestRunner};

use crate::deployments::all;

/// Share by which a time of the table differs from the law.
fn off(law: f64, table: f64) -> f64 {
    (table / law - 1.0).abs()
}

#[test]
fn the_table_is_the_law_within_one_percent() {
    for served in all() {
        let law = served.law();
        let options = served.options();
        let table = served.table(&options);
        let most = options.most_sequences.min(512);
        let budget = options.token_budget;
        let check = |sequences: u32, context: u32, count: u32, tokens: u32, past: u32| {
            let prompts = Prompts { count: count.into(), tokens: tokens.into(), past: past.into() };
            let prompts = if count > 0 { prompts } else { Prompts::default() };
            let batch = Batch { prompts, ..Batch::decoding(sequences.into(), context.into()) };
            let of_law = law.seconds(&batch);
            let parts = vec![(tokens, past); count as usize];
            let of_table = table.seconds(sequences, context, &parts);
            let off = off(of_law, of_table);
            assert!(off <= 0.01, "{}: {off} for {batch:?}: law {of_law:e}, table {of_table:e}", served.name);
        };
        for sequences in [1, 2, 3, 7, 16, 31, 64, 65, 100, 128, 200, 256, 257, 333, 500] {
            for context in [1, 17, 127, 128, 1000, 1024, 5000, 8191, 8192, 40_000, 120_000] {
                check(sequences.min(most), context, 0, 0, 0);
                check(sequences.min(most), context, 1, 700, 0);
                check(sequences.min(most), context, 2, 1001, 9000);
            }
        }
        for tokens in [1, 64, 65, 129, 1000, 2048, 4097, 8192] {
            for past in [0, 8192, 50_000] {
                check(0, 0, 1, tokens, past);
            }
        }
        let mut runner =
            TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
        let batches = (0..=most, 1..130_000_u32, 0..=6_u32, 1..=3000_u32, 0..100_000_u32);
        runner
            .run(&batches, |(sequences, context, count, tokens, past)| {
                let left = budget - served.queries() * sequences;
                let tokens = tokens.min(left / count.max(1)).max(1);
                if sequences + count > 0 {
                    check(sequences, context, count, tokens, past);
                }
                Ok(())
            })
            .expect("every batch");
    }
}
