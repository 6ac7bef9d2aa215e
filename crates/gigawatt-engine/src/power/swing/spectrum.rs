//! Fourier series in closed form.
//!
//! A signal of steps `Δ_j` at times `t_j` with edges of a width `w` and a period `T` has, at `f = k / T`,
//!
//! ```text
//! c_k = 1/(2 π i k) Σ_j Δ_j e^(-2 π i k t_j / T) sinc(f w),   sinc(x) = sin(π x) / (π x)
//! ```
//!
//! and a cosine of amplitude `2 |c_k|`. The energy of a band is `Σ 2 |c_k|²`, a mean square in W².

use std::f64::consts::PI;

use super::Waveform;

/// The band in Hz in which grids have what swings can wake: arXiv 2508.14318.
pub const BAND: (f64, f64) = (0.1, 20.0);

/// A line of a spectrum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Its frequency in Hz.
    pub frequency: f64,
    /// Amplitude of its cosine in W.
    pub amplitude: f64,
    /// Its phase at time 0.
    pub phase: f64,
}

/// The lines of a signal up to a frequency.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// By rising frequency.
    pub lines: Vec<Line>,
}

/// The most pieces that are transformed; a signal of more is averaged over so many stretches.
const PIECES: usize = 8192;

impl Waveform {
    /// Its lines up to a frequency in Hz.
    pub fn spectrum(&self, up_to: f64) -> Spectrum {
        if self.count() > PIECES {
            return self.binned(PIECES).spectrum(up_to);
        }
        let period = self.period();
        let count = (up_to * period + 1e-9).max(0.0) as usize;
        let mut sums = vec![(0.0, 0.0); count];
        for (time, step) in self.steps().filter(|(_, step)| *step != 0.0) {
            let angle = -2.0 * PI * time / period;
            let (sine, cosine) = libm::sincos(angle);
            // The k-th power of e^(-iω t) by one product each.
            let (mut re, mut im) = (step * cosine, step * sine);
            for sum in &mut sums {
                sum.0 += re;
                sum.1 += im;
                (re, im) = (re * cosine - im * sine, re * sine + im * cosine);
            }
        }
        let line = |(index, (re, im)): (usize, &(f64, f64))| {
            let number = index as f64 + 1.0;
            let frequency = number / period;
            let x = PI * frequency * self.edge();
            let edge = if x > 0.0 { libm::sin(x) / x } else { 1.0 };
            // Division by 2 π i k turns (re, im) into (im, -re).
            let scale = edge / (2.0 * PI * number);
            let (re, im) = (im * scale, -re * scale);
            Line { frequency, amplitude: 2.0 * libm::hypot(re, im), phase: libm::atan2(im, re) }
        };
        Spectrum { lines: sums.iter().enumerate().map(line).collect() }
    }
}

impl Spectrum {
    /// Root mean square of what lies in a band in Hz, in W.
    pub fn root_mean_square(&self, (low, high): (f64, f64)) -> f64 {
        let within = self.lines.iter().filter(|line| (low..=high).contains(&line.frequency));
        libm::sqrt(within.map(|line| 0.5 * line.amplitude * line.amplitude).sum())
    }

    /// The line of a band that swings most.
    pub fn strongest(&self, (low, high): (f64, f64)) -> Option<Line> {
        let within = self.lines.iter().filter(|line| (low..=high).contains(&line.frequency));
        within.copied().max_by(|one, other| one.amplitude.total_cmp(&other.amplitude))
    }

    /// The sum of the lines at a time.
    pub fn at(&self, time: f64) -> f64 {
        let value = |line: &Line| line.amplitude * libm::cos(2.0 * PI * line.frequency * time + line.phase);
        self.lines.iter().map(value).sum()
    }
}
