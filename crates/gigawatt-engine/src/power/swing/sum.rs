//! Swings of several jobs together.

use super::{BAND, Waveform};

/// What a utility asks of a swing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Swing {
    /// Mean power in W.
    pub mean: f64,
    /// Greatest power less the least, in W.
    pub peak_to_peak: f64,
    /// The steepest ramp in W/s.
    pub ramp: f64,
    /// Root mean square within 0.1 to 20 Hz, in W.
    pub band: f64,
    /// Root mean square of all that swings, in W.
    pub deviation: f64,
}

impl Swing {
    /// That of a signal.
    pub fn of(signal: &Waveform) -> Self {
        Self {
            mean: signal.mean(),
            peak_to_peak: signal.peak_to_peak(),
            ramp: signal.steepest(),
            band: signal.spectrum(BAND.1).root_mean_square(BAND),
            deviation: signal.deviation(),
        }
    }
}

/// The swing of jobs whose steps know nothing of one another.
///
/// Mean squares add. The widest and the steepest job counts whole, as all its ranks are in phase; what the others add to
/// its extremes is the root of the sum of their squares.
pub fn together(jobs: &[Swing]) -> Swing {
    let extreme = |of: fn(&Swing) -> f64| {
        let most = jobs.iter().map(of).fold(0.0, f64::max);
        let squares: f64 = jobs.iter().map(|job| of(job) * of(job)).sum();
        most + libm::sqrt((squares - most * most).max(0.0))
    };
    let root = |of: fn(&Swing) -> f64| libm::sqrt(jobs.iter().map(|job| of(job) * of(job)).sum());
    Swing {
        mean: jobs.iter().map(|job| job.mean).sum(),
        peak_to_peak: extreme(|job| job.peak_to_peak),
        ramp: extreme(|job| job.ramp),
        band: root(|job| job.band),
        deviation: root(|job| job.deviation),
    }
}
