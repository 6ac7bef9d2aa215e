//! What resolves runs: the reference case gives every result without a panic, and no more than numbers.

#![no_main]

use gigawatt_engine::{Draw, Evaluation};
use gigawatt_fuzz::resolve;
use libfuzzer_sys::fuzz_target;

/// Plans larger than this are left to other tests: each input has to be quick.
const MAXIMUM_INPUTS: usize = 2_000;

fuzz_target!(|text: &str| {
    let Some(plan) = resolve(text).filter(|plan| plan.inputs.len() < MAXIMUM_INPUTS) else { return };
    let draw = Draw::reference(&plan);
    Evaluation::new(&plan).run(&plan, Draw::new(&draw));
});
