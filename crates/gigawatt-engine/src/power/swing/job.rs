//! The step of a training job as a signal at the input of its systems.

use super::{Accumulator, Waveform};
use crate::power::PowerCoefficients;
use crate::power::load::{StepPower, SystemPower};
use crate::training::{LeftOut, Slice, Timeline};

/// Stretches of a step over which power is averaged, at most; of at least [`FINEST`] seconds each.
const BINS: usize = 8192;
/// The finest stretch in seconds: a thousandth, fifty to the fastest period of the band.
const FINEST: f64 = 1e-3;

/// The power of a job at the input of its systems, in W, by what it does.
#[derive(Clone, Debug, PartialEq)]
pub struct JobPower {
    /// Its step, over and over.
    pub step: Waveform,
    /// While a checkpoint stops it, or it waits for others.
    pub waiting: f64,
    /// While it is not there: its accelerators idle.
    pub idle: f64,
    /// Accelerators.
    pub accelerators: f64,
}

/// Part of an assumed step in which its accelerators compute, and its seconds.
const ASSUMED: (f64, f64) = (0.8, 2.0);

impl JobPower {
    /// A job of which nothing is known on so many accelerators: two seconds a step, four fifths of them computing at the limit, the
    /// rest waiting, all ranks in phase. What a site swings by at most if one job takes it.
    pub fn assumed(system: &SystemPower, accelerators: f64, with: &PowerCoefficients) -> Self {
        let of = &system.accelerator;
        let (computing, seconds) = ASSUMED;
        let busy = of.waiting + with.matrix_use * (of.limit - of.waiting);
        let rest = system.rest(computing * busy + (1.0 - computing) * of.waiting);
        let systems = accelerators / system.accelerators;
        let at = |each: f64| systems * system.input(each, rest);
        let pieces = [(computing * seconds, at(busy)), ((1.0 - computing) * seconds, at(of.waiting))];
        Self {
            step: Waveform::new(pieces, with.edge),
            waiting: at(of.waiting),
            idle: systems * system.idle(),
            accelerators,
        }
    }
}

/// The step of a job on so many accelerators, its pipelines in step with one another.
///
/// Layers alternate between computing and communication within milliseconds and not in phase over stages, so that a pass has
/// its mean power. Rounds that a course leaves out are filled with their mean.
pub fn step_waveform(
    course: &Timeline,
    accelerators: f64,
    power: &StepPower,
    system: &SystemPower,
    with: &PowerCoefficients,
) -> JobPower {
    let seconds = course.step.seconds;
    let waiting = power.accelerator.waiting;
    let bins = ((seconds / FINEST) as usize).clamp(1, BINS);
    let mut sum = Accumulator::new(seconds, bins);
    sum.add(0.0, seconds, waiting);
    let share = 1.0 / course.stages.len().max(1) as f64;
    for stage in &course.stages {
        for Slice { pass, start, end } in stage {
            sum.add(*start, *end, share * (power.pass(&course.parts(*pass)) - waiting));
        }
    }
    if let Some(left) = course.left_out {
        sum.add(left.from, left.from + left.seconds, repeated(course, power, &left));
    }
    for slice in &course.tail {
        sum.add(slice.start, slice.end, power.tail(slice.kind) - waiting);
    }
    let each = sum.finish(with.edge);
    let systems = accelerators / system.accelerators;
    let rest = system.rest(each.mean());
    let at = |each: f64, rest: f64| systems * system.input(each, rest);
    JobPower {
        step: each.scaled(accelerators / system.efficiency, at(0.0, rest)),
        waiting: at(waiting, rest),
        idle: systems * system.idle(),
        accelerators,
    }
}

/// Mean power above waiting over rounds that are left out: those of all passes of so many micro-batches.
fn repeated(course: &Timeline, power: &StepPower, left: &LeftOut) -> f64 {
    let shown = course.micro_batches.saturating_sub(left.micro_batches).max(1) as f64;
    let energy: f64 = course
        .stages
        .iter()
        .flatten()
        .map(|slice| {
            (slice.end - slice.start) * (power.pass(&course.parts(slice.pass)) - power.accelerator.waiting)
        })
        .sum();
    let rounds = left.micro_batches as f64 / shown;
    if left.seconds > 0.0 { energy * rounds / left.seconds / course.stages.len().max(1) as f64 } else { 0.0 }
}
