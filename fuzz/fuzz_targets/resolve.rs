//! Any scenario with settings becomes a plan with the embedded catalogue, or is told why not.
//!
//! Lines of the input that start with `#!` are settings, the rest is the scenario.

#![no_main]

use gigawatt_fuzz::resolve;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    resolve(text);
});
