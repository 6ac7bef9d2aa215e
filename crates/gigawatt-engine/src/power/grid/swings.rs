//! The swings of a site's large jobs at its connection, and what smooths them, with the cost.

use super::supply::Limits;
use crate::power::ElectricalFacts;
use crate::power::storage::Buffer;
use crate::power::swing::{Filler, JobPower, Mitigation, Smoothing, Swing, Waveform, together};

/// A way to smooth a swing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureKind {
    /// Nothing.
    Nothing,
    /// Software that fills dips.
    Filler,
    /// Floor and limits of ramps in the accelerators.
    Smoothing,
    /// Storage in the racks.
    RackStorage,
    /// A battery of the site.
    SiteBattery,
    /// Smoothing, and storage in the racks behind it.
    SmoothingAndStorage,
}

impl MeasureKind {
    /// All, with what they are called.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Nothing, "nothing"),
        (Self::Filler, "software filler"),
        (Self::Smoothing, "power smoothing"),
        (Self::RackStorage, "rack storage"),
        (Self::SiteBattery, "site battery"),
        (Self::SmoothingAndStorage, "smoothing and rack storage"),
    ];
}

/// What money is worth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// Of electricity \[$/J\].
    pub electricity: f64,
    /// Of an accelerator's time \[$/s\].
    pub accelerator: f64,
}

/// What a measure leaves and costs. A year is one in which the jobs run all the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Which.
    pub kind: MeasureKind,
    /// The swing of all jobs that it leaves.
    pub left: Swing,
    /// Change within a minute when the largest job stops or starts \[W\].
    pub stop: f64,
    /// Energy that it takes more \[W\].
    pub power: f64,
    /// What that costs in a year \[$\].
    pub energy_cost: f64,
    /// What has to be bought \[$\].
    pub capital: f64,
    /// Part of the largest job's work that is lost.
    pub slowdown: f64,
    /// What that is worth in a year \[$\].
    pub work_cost: f64,
    /// Whether it keeps the limits of ramp, range and band.
    pub keeps: [bool; 3],
    /// The largest job's step as the grid sees it.
    pub step: Waveform,
}

/// The swings of a site.
#[derive(Clone, Debug, PartialEq)]
pub struct SwingStudy {
    /// Each job's swing at the connection.
    pub jobs: Vec<Swing>,
    /// Index of the widest.
    pub largest: usize,
    /// All of them together.
    pub together: Swing,
    /// Its measures.
    pub measures: Vec<Measure>,
}

const YEAR: f64 = 365.25 * 86_400.0;

/// The swings of jobs that run at once, `slope` being what the grid sees of a watt at the racks. None without a job.
pub fn swing_study(
    jobs: &[&JobPower],
    slope: f64,
    limits: &Limits,
    facts: &ElectricalFacts,
    prices: &Prices,
) -> Option<SwingStudy> {
    let swings: Vec<Swing> = jobs.iter().map(|job| Swing::of(&job.step.scaled(slope, 0.0))).collect();
    let largest = (0..swings.len())
        .max_by(|one, other| swings[*one].peak_to_peak.total_cmp(&swings[*other].peak_to_peak))?;
    let job = jobs[largest];
    let others: Vec<Swing> =
        swings.iter().enumerate().filter(|(index, _)| *index != largest).map(|(_, swing)| *swing).collect();
    let range = swings[largest].peak_to_peak;
    let measure =
        |(kind, _): (MeasureKind, &str)| measured(kind, job, &others, range, slope, limits, facts, prices);
    let measures = MeasureKind::ALL.into_iter().map(measure).collect();
    Some(SwingStudy { together: together(&swings), jobs: swings, largest, measures })
}

#[expect(clippy::too_many_arguments, reason = "what a measure is judged by, each of another kind")]
fn measured(
    kind: MeasureKind,
    job: &JobPower,
    others: &[Swing],
    range: f64,
    slope: f64,
    limits: &Limits,
    facts: &ElectricalFacts,
    prices: &Prices,
) -> Measure {
    let top = job.step.extremes().1;
    let smoothing = Smoothing {
        floor: facts.smoothing.0 * top,
        up: top / facts.smoothing.1,
        down: top / facts.smoothing.2,
    };
    let rack = Buffer {
        energy: facts.rack.energy * job.accelerators,
        power: facts.rack.power * job.accelerators,
        round_trip: facts.rack.round_trip,
        lag: facts.rack.lag,
    };
    // As wide as the swing, at the racks' side of the losses.
    let rating = range / slope;
    let battery = Buffer {
        energy: rating * facts.battery.duration,
        power: rating,
        round_trip: facts.battery.round_trip,
        lag: facts.battery.lag,
    };
    let rack_cost = facts.rack.cost * rack.power;
    let battery_cost = facts.battery.price(battery.power, battery.energy);
    let (mitigation, capital) = match kind {
        MeasureKind::Nothing => (Mitigation::None, 0.0),
        MeasureKind::Filler => {
            let (floor, reaction, interference) = facts.filler;
            (Mitigation::Filler(Filler { floor: floor * top, reaction, interference }), 0.0)
        }
        MeasureKind::Smoothing => (Mitigation::Smoothing(smoothing), 0.0),
        MeasureKind::RackStorage => (Mitigation::Storage(rack), rack_cost),
        MeasureKind::SiteBattery => (Mitigation::Storage(battery), battery_cost),
        MeasureKind::SmoothingAndStorage => (Mitigation::Both(smoothing, rack), rack_cost),
    };
    let after = mitigation.applied(&job.step, job.waiting);
    let step = after.signal.scaled(slope, 0.0);
    let swings: Vec<Swing> = std::iter::once(Swing::of(&step)).chain(others.iter().copied()).collect();
    let left = together(&swings);
    let power = slope * (after.burned + after.lost);
    let stop = {
        let whole = slope * (job.step.mean() - job.idle).max(0.0);
        if kind == MeasureKind::SiteBattery {
            spread_out(whole, slope * battery.power, slope * battery.energy)
        } else {
            whole
        }
    };
    let keeps = [stop <= limits.ramp, left.peak_to_peak <= limits.range, left.band <= limits.band];
    Measure {
        kind,
        left,
        stop,
        power,
        energy_cost: power * YEAR * prices.electricity,
        capital,
        slowdown: after.slowdown,
        work_cost: after.slowdown * job.accelerators * YEAR * prices.accelerator,
        keeps,
        step,
    }
}

/// The change within a minute of a step of power that storage turns into a ramp: half full, it lasts for `2 E / step` where its
/// rating is as high as the step, of which `E` is a half.
fn spread_out(step: f64, power: f64, energy: f64) -> f64 {
    let covered = step.min(power);
    if covered <= 0.0 {
        return step;
    }
    let seconds = 2.0 * (0.5 * energy) / covered;
    step - covered + covered * (60.0 / seconds).min(1.0)
}
