//! Storage that filters a periodic signal.
//!
//! It gives what a load `p` draws above its moving mean `y` and takes what is below: with the time constant τ
//!
//! ```text
//! τ y' = p - y        stored energy = - τ y + constant
//! ```
//!
//! so it swings by `τ (max y - min y)`, which its capacity has to hold, and gives at most `max |p - y|`, which its rating
//! has to. The longest τ is taken that keeps both. Where it answers late, by a first-order lag τ_r, it gives `b` with
//! `τ_r b' = p - y - b`, and what is faster than the lag stays to be seen. Between steps of `p` all three are sums of
//! exponentials; the period that repeats is the fixed point of a linear map.

use crate::power::swing::Waveform;

/// Storage between a load and its supply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Buffer {
    /// Energy that it may swing by \[J\].
    pub energy: f64,
    /// The most that it gives or takes \[W\].
    pub power: f64,
    /// Energy that comes back of what goes in.
    pub round_trip: f64,
    /// Lag of its answer in seconds.
    pub lag: f64,
}

/// A signal behind storage.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffered {
    /// What the supply sees, losses included.
    pub signal: Waveform,
    /// Mean loss \[W\].
    pub lost: f64,
    /// Energy that it swings by \[J\].
    pub swing: f64,
    /// The most that it gives or takes \[W\].
    pub power: f64,
    /// Time constant of its moving mean in seconds.
    pub constant: f64,
}

/// Stretches into which a period is cut at least.
const PIECES: usize = 1024;
/// Time constants that are tried, in seconds: from nothing that a grid would see to a day.
const CONSTANTS: (f64, f64) = (1e-4, 86_400.0);
/// Halvings of the interval in which the longest lies, by logarithms.
const HALVINGS: u32 = 48;

/// What a supply sees of a signal behind storage.
pub fn buffered(signal: &Waveform, buffer: &Buffer) -> Buffered {
    let fine = if signal.count() < PIECES { split(signal) } else { signal.pieces().collect() };
    let still = Buffered { signal: signal.clone(), lost: 0.0, swing: 0.0, power: 0.0, constant: 0.0 };
    if signal.is_constant() || buffer.energy <= 0.0 || buffer.power <= 0.0 {
        return still;
    }
    let keeps = |constant: f64| {
        let course = Course::new(&fine, constant, buffer.lag);
        course.swing <= buffer.energy && course.power <= buffer.power
    };
    if !keeps(CONSTANTS.0) {
        return still;
    }
    let (mut low, mut high) = (libm::log(CONSTANTS.0), libm::log(CONSTANTS.1));
    if keeps(CONSTANTS.1) {
        low = high;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if keeps(libm::exp(middle)) { low = middle } else { high = middle }
    }
    let constant = libm::exp(low);
    let course = Course::new(&fine, constant, buffer.lag);
    // What was given has to come back through the losses: the supply bears them evenly.
    let lost = course.given / signal.period() * (1.0 / buffer.round_trip - 1.0);
    // So does what the mean's fixed point lacks, which a long time constant has only to so many digits.
    let seen: f64 = course.seen.iter().map(|(seconds, power)| seconds * power).sum();
    let even = lost + signal.mean() - seen / signal.period();
    let pieces = course.seen.iter().map(|(seconds, power)| (*seconds, power + even));
    let seen = Waveform::new(pieces, signal.edge());
    Buffered { signal: seen, lost, swing: course.swing, power: course.power, constant }
}

/// The pieces of a signal, long ones cut.
fn split(signal: &Waveform) -> Vec<(f64, f64, f64)> {
    let longest = signal.period() / PIECES as f64;
    let mut pieces = Vec::with_capacity(2 * PIECES);
    for (start, end, power) in signal.pieces() {
        let parts = libm::ceil((end - start) / longest).max(1.0);
        let width = (end - start) / parts;
        pieces.extend((0..parts as usize).map(|part| {
            let from = start + width * part as f64;
            (from, from + width, power)
        }));
    }
    pieces
}

/// A period that repeats behind storage.
struct Course {
    /// Seconds and mean power that the supply sees, by piece.
    seen: Vec<(f64, f64)>,
    /// Energy given in a period.
    given: f64,
    swing: f64,
    power: f64,
}

/// Moving mean, and what storage gives.
type State = (f64, f64);

impl Course {
    fn new(pieces: &[(f64, f64, f64)], constant: f64, lag: f64) -> Self {
        // A lag as long as the constant would divide by nothing.
        let lag = if (lag / constant - 1.0).abs() < 1e-6 { lag * 1.001 } else { lag };
        let start = fixed_point(pieces, constant, lag);
        let mut course = Self { seen: Vec::with_capacity(pieces.len()), given: 0.0, swing: 0.0, power: 0.0 };
        let (mut state, mut stored, mut least, mut most) = (start, 0.0_f64, 0.0_f64, 0.0_f64);
        for (from, to, load) in pieces {
            let seconds = to - from;
            let next = step(state, *load, seconds, constant, lag);
            // ∫ (p - y), in which no large time constant meets a small difference; of it the lag keeps a part back.
            let above = (state.0 - load) * constant * libm::expm1(-seconds / constant);
            let given = if lag > 0.0 { above - lag * (next.1 - state.1) } else { above };
            course.seen.push((seconds, load - given / seconds));
            course.given += given.max(0.0);
            stored -= given;
            (least, most) = (least.min(stored), most.max(stored));
            let (first, last) = if lag > 0.0 { (state.1, next.1) } else { (load - state.0, load - next.0) };
            course.power = course.power.max(first.abs()).max(last.abs());
            state = next;
        }
        course.swing = most - least;
        course
    }
}

/// The state after a stretch of a constant load.
fn step((mean, given): State, load: f64, seconds: f64, constant: f64, lag: f64) -> State {
    let decay = libm::exp(-seconds / constant);
    let gap = load - mean;
    let next = load - gap * decay;
    if lag <= 0.0 {
        return (next, load - next);
    }
    let share = gap / (1.0 - lag / constant);
    let late = libm::exp(-seconds / lag);
    (next, share * decay + (given - share) * late)
}

/// The state in which a period ends as it began.
fn fixed_point(pieces: &[(f64, f64, f64)], constant: f64, lag: f64) -> State {
    let through = |state: State| {
        pieces.iter().fold(state, |state, (from, to, load)| step(state, *load, to - from, constant, lag))
    };
    let period = pieces.last().map_or(1.0, |piece| piece.1);
    // The mean's own map is y -> y e^(-T/τ) + c; that of what is given likewise, once the mean repeats.
    let origin = through((0.0, 0.0));
    let mean = origin.0 / -libm::expm1(-period / constant);
    if lag <= 0.0 {
        return (mean, 0.0);
    }
    let given = through((mean, 0.0)).1 / -libm::expm1(-period / lag);
    (mean, given)
}
