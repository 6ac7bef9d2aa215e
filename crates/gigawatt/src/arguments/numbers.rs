//! Whole numbers of the command line, with what would be right where one is wrong.

use std::num::NonZeroUsize;
use std::str::FromStr;

/// Draws of the Monte Carlo simulation.
pub fn samples(text: &str) -> Result<u32, String> {
    whole(text).filter(|draws| (1..=100_000).contains(draws)).ok_or_else(|| expected("from 1 to 100000"))
}

/// The seed of the random streams.
pub fn seed(text: &str) -> Result<u64, String> {
    whole(text).ok_or_else(|| expected("from 0 to 18446744073709551615"))
}

/// Threads to use.
pub fn threads(text: &str) -> Result<NonZeroUsize, String> {
    whole(text).ok_or_else(|| expected("from 1"))
}

/// Points or groups of a sweep.
pub fn runs(text: &str) -> Result<u64, String> {
    whole(text).ok_or_else(|| expected("such as 1024"))
}

/// Accelerators of a training run.
pub fn accelerators(text: &str) -> Result<u64, String> {
    whole(text).filter(|one| (1..=1 << 31).contains(one)).ok_or_else(|| expected("from 1, such as 8192"))
}

/// Histories of a fleet.
pub fn histories(text: &str) -> Result<u32, String> {
    whole(text).filter(|one| *one <= 100_000).ok_or_else(|| expected("from 0 to 100000"))
}

/// Jobs of a workload to simulate.
pub fn jobs(text: &str) -> Result<u64, String> {
    whole(text)
        .filter(|one| (1..=1_000_000_000).contains(one))
        .ok_or_else(|| expected("from 1 to 1000000000"))
}

/// Layouts to show.
pub fn layouts(text: &str) -> Result<usize, String> {
    whole(text).filter(|one| (1..=1000).contains(one)).ok_or_else(|| expected("from 1 to 1000"))
}

/// Failures in 1,000 server-days.
pub fn server_rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse().ok().filter(|rate: &f64| *rate > 0.0 && *rate <= 1e6);
    rate.ok_or_else(|| {
        "expected failures in 1,000 server-days from above 0 to 1000000, such as 6.5".to_owned()
    })
}

/// Replicas of a service.
pub fn replicas(text: &str) -> Result<u32, String> {
    whole(text).filter(|one| (1..=1_000_000).contains(one)).ok_or_else(|| expected("from 1 to 1000000"))
}

/// Requests to simulate.
pub fn requests(text: &str) -> Result<u64, String> {
    whole(text)
        .filter(|one| (1..=4_000_000_000).contains(one))
        .ok_or_else(|| expected("from 1 to 4000000000"))
}

/// Requests that are in flight at all times.
pub fn requests_in_flight(text: &str) -> Result<u32, String> {
    whole(text).filter(|one| (1..=10_000_000).contains(one)).ok_or_else(|| expected("from 1 to 10000000"))
}

/// A coefficient of variation, or a ratio of rates.
pub fn variation(text: &str) -> Result<f64, String> {
    number(text, 0.0, 100.0)
}

/// Requests in flight that a replica should have.
pub fn load(text: &str) -> Result<f64, String> {
    number(text, 1e-3, 1e6)
}

/// How many times as fast.
pub fn speed(text: &str) -> Result<f64, String> {
    number(text, 1e-4, 1e6)
}

fn number(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|number: &f64| (least..=most).contains(number));
    number.ok_or_else(|| format!("expected a number from {least} to {most}"))
}

fn whole<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok()
}

fn expected(which: &str) -> String {
    format!("expected a whole number {which}")
}
