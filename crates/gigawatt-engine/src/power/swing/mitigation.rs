//! What keeps a job's swing from the grid, and what it costs.

use super::Waveform;
use crate::power::storage::{Buffer, buffered};

/// A way to smooth a swing. Powers are those of the whole job.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mitigation {
    /// Nothing.
    None,
    /// Work of no use where there is too little of use.
    Filler(Filler),
    /// Floor and ramp limits in the accelerators.
    Smoothing(Smoothing),
    /// Storage that takes what is above a moving mean and gives what is below.
    Storage(Buffer),
    /// Floor and ramp limits in the accelerators, and storage behind them.
    Both(Smoothing, Buffer),
}

/// Software that starts products of no use when the job draws less than a floor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Filler {
    /// The power that it holds \[W\].
    pub floor: f64,
    /// Until it notices, in seconds.
    pub reaction: f64,
    /// Part by which the job is slower while it fills: it takes units and memory from communication.
    pub interference: f64,
}

/// Limits that the accelerators keep by themselves: they burn power to fall no faster, and start work slower.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Smoothing {
    /// The least power while a job runs \[W\].
    pub floor: f64,
    /// The fastest rise \[W/s\].
    pub up: f64,
    /// The fastest fall \[W/s\].
    pub down: f64,
}

/// A signal after its mitigation, with the cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Mitigated {
    /// What is left to see.
    pub signal: Waveform,
    /// Mean power burned for nothing \[W\].
    pub burned: f64,
    /// Mean loss of storage \[W\].
    pub lost: f64,
    /// Part of its work that the job loses.
    pub slowdown: f64,
    /// Energy that storage swings by \[J\].
    pub stored: f64,
    /// The most power that storage gives or takes \[W\].
    pub storage_power: f64,
}

impl Mitigation {
    /// What it makes of a job's signal, `waiting` being its power without work.
    pub fn applied(&self, signal: &Waveform, waiting: f64) -> Mitigated {
        match self {
            Self::None => untouched(signal.clone()),
            Self::Filler(filler) => filled(signal, filler),
            Self::Smoothing(smoothing) => smoothed(signal, smoothing, waiting),
            Self::Storage(buffer) => behind(untouched(signal.clone()), buffer),
            Self::Both(smoothing, buffer) => behind(smoothed(signal, smoothing, waiting), buffer),
        }
    }
}

fn untouched(signal: Waveform) -> Mitigated {
    Mitigated { signal, burned: 0.0, lost: 0.0, slowdown: 0.0, stored: 0.0, storage_power: 0.0 }
}

/// Storage behind what is left of a signal.
fn behind(before: Mitigated, buffer: &Buffer) -> Mitigated {
    let after = buffered(&before.signal, buffer);
    Mitigated {
        signal: after.signal,
        lost: after.lost,
        stored: after.swing,
        storage_power: after.power,
        ..before
    }
}

/// Every dip below the floor is filled once it was noticed.
fn filled(signal: &Waveform, filler: &Filler) -> Mitigated {
    let (mut pieces, mut below, mut fills) = (Vec::new(), dip_at_start(signal, filler.floor), 0.0);
    for (start, end, power) in signal.pieces() {
        let seconds = end - start;
        if power >= filler.floor {
            below = 0.0;
            pieces.push((seconds, power));
            continue;
        }
        let unseen = (filler.reaction - below).clamp(0.0, seconds);
        below += seconds;
        fills += seconds - unseen;
        pieces.push((unseen, power));
        pieces.push((seconds - unseen, filler.floor));
    }
    let after = Waveform::new(pieces, signal.edge());
    Mitigated {
        burned: after.mean() - signal.mean(),
        slowdown: filler.interference * fills / signal.period(),
        ..untouched(after)
    }
}

/// For how long the dip has lasted in which a period begins.
fn dip_at_start(signal: &Waveform, floor: f64) -> f64 {
    let pieces: Vec<(f64, f64, f64)> = signal.pieces().collect();
    let dip = pieces.iter().rev().take_while(|(_, _, power)| *power < floor);
    dip.map(|(start, end, _)| end - start).sum()
}

/// Floor and limits of ramps, as power follows them through a period that repeats.
fn smoothed(signal: &Waveform, smoothing: &Smoothing, waiting: f64) -> Mitigated {
    let through = |mut level: f64, pieces: &mut Vec<(f64, f64, f64)>| {
        for (start, end, power) in signal.pieces() {
            let (goal, seconds) = (power.max(smoothing.floor), end - start);
            let (rate, gap) =
                if goal > level { (smoothing.up, goal - level) } else { (smoothing.down, level - goal) };
            let (ramp, reached) = if gap <= rate * seconds {
                (if gap > 0.0 { gap / rate } else { 0.0 }, goal)
            } else {
                (seconds, level + if goal > level { rate * seconds } else { -rate * seconds })
            };
            pieces.push((start, start + ramp, level));
            pieces.push((start + ramp, end, reached));
            level = reached;
        }
        level
    };
    // From the mean the first period leads to the one that repeats, unless limits are so tight that it never gets there.
    let mut level = signal.mean().max(smoothing.floor);
    let mut corners = Vec::new();
    for _ in 0..SETTLING {
        corners.clear();
        level = through(level, &mut corners);
    }
    let bins = signal.count().clamp(RAMP_PIECES, 8 * RAMP_PIECES);
    let sampled = ramps(signal.period(), &corners, level, bins, signal.edge());
    let (mut missing, mut work) = (0.0, 0.0);
    let step = signal.period() / bins as f64;
    let original = signal.binned(bins);
    for (power, after) in spread(&original, bins).zip(spread(&sampled, bins)) {
        missing += (power - after).max(0.0) * step;
        work += (power - waiting).max(0.0) * step;
    }
    let slowdown = if work > 0.0 { (missing / work).min(1.0) } else { 0.0 };
    let burned = sampled.mean() - signal.mean() + missing / signal.period();
    Mitigated { burned, slowdown, ..untouched(sampled) }
}

/// Periods after which a signal with limits of ramps repeats, or is as good as still.
const SETTLING: usize = 16;
/// Stretches into which ramps are cut.
const RAMP_PIECES: usize = 1024;

/// A signal that runs straight between corners (start, end, level at the start), in equal stretches.
fn ramps(period: f64, corners: &[(f64, f64, f64)], last: f64, bins: usize, edge: f64) -> Waveform {
    let width = period / bins as f64;
    let levels = corners.iter().skip(1).map(|corner| corner.2).chain(std::iter::once(last));
    let mut energies = vec![0.0; bins];
    for ((start, end, level), next) in corners.iter().zip(levels) {
        let seconds = end - start;
        if seconds <= 0.0 {
            continue;
        }
        let slope = (next - level) / seconds;
        let mut from = *start;
        let mut bin = ((from / width) as usize).min(bins - 1);
        while from < *end {
            let bound = if bin + 1 < bins { width * (bin as f64 + 1.0) } else { *end };
            let to = bound.min(*end).max(from);
            let middle = 0.5 * (from + to) - start;
            energies[bin] += (level + slope * middle) * (to - from);
            from = if bin + 1 < bins { to } else { *end };
            bin = (bin + 1).min(bins - 1);
        }
    }
    Waveform::new(energies.into_iter().map(|energy| (width, energy / width)), edge)
}

/// The value of a signal of equal stretches, or of fewer where neighbours were alike, in each of so many.
fn spread(signal: &Waveform, bins: usize) -> impl Iterator<Item = f64> + '_ {
    let width = signal.period() / bins as f64;
    let mut pieces = signal.pieces().peekable();
    (0..bins).map(move |bin| {
        let middle = width * (bin as f64 + 0.5);
        while pieces.peek().is_some_and(|(_, end, _)| *end <= middle) {
            pieces.next();
        }
        pieces.peek().map_or(0.0, |piece| piece.2)
    })
}
