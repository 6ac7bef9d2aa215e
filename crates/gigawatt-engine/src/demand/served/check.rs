//! The hour that comes nearest to saturation, simulated again at its own loads: what the table is off where it matters most.

use rayon::prelude::*;

use super::hours::{ServedHours, unforeseen};
use super::replication::SampledEngine;
use super::sampling::{Effort, SamplingAsked, sample_load};
use super::table::{SampledPoint, SampledResponse};
use crate::serving::arrivals::ArrivalsError;
use crate::serving::cluster::Interval;

/// Parts of equal probability into which what nobody foresees of the hour is cut.
const PARTS: u32 = 8;
/// Replications of each part at most.
const REPLICATIONS: u32 = 8;

/// An hour of a region whose windows were simulated at their own loads, with other random numbers than the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckedHour {
    /// Index of the region.
    pub region: usize,
    /// The hour, from the start.
    pub hour: usize,
    /// Expected requests over what its replicas answer at most.
    pub load: f64,
    /// Attainment behind the shortest way over the network, by the table.
    pub table: Interval,
    /// The same by simulation.
    pub simulated: Interval,
    /// Requests that were simulated for it and counted.
    pub requests: u64,
}

/// Simulates again the hour that comes nearest to saturation, whose rate is stirred with a variance of its logarithm.
///
/// # Errors
/// Where requests cannot be drawn.
pub(super) fn again(
    engine: &SampledEngine<'_>,
    asked: &SamplingAsked<'_>,
    hours: &ServedHours,
    variance: f64,
    table: &SampledResponse,
) -> Result<Option<CheckedHour>, ArrivalsError> {
    let Some((region, hour)) = hours.nearest_to_saturation() else { return Ok(None) };
    let load = hours.regions[region][hour].load;
    let rate = load * table.saturated();
    let factors = unforeseen(variance, PARTS);
    let effort = Effort { replications: REPLICATIONS, ..asked.effort };
    let asked = SamplingAsked { effort, seed: asked.seed.wrapping_add(1), ..asked.clone() };
    let points: Result<Vec<SampledPoint>, _> =
        factors.par_iter().map(|factor| sample_load(engine, &asked, rate * factor)).collect();
    let points = points?;
    // Parts share their random numbers: what they are off does not cancel out.
    let mean = |of: &dyn Fn(usize) -> Interval| {
        let weighed = factors.iter().enumerate().map(|(part, factor)| (of(part), factor));
        let (mut value, mut half, mut all) = (0.0, 0.0, 0.0);
        for (interval, factor) in weighed {
            value += factor * interval.value;
            half += factor * interval.half;
            all += factor;
        }
        Interval { value: value / all, half: half / all }
    };
    Ok(Some(CheckedHour {
        region,
        hour,
        load,
        table: mean(&|part| table.attainment(rate * factors[part], 0)),
        simulated: mean(&|part| points[part].attainment[0]),
        requests: points.iter().map(|point| point.requests).sum(),
    }))
}
