//! Functions of time that are straight between a few points.

use gigawatt_plan::plan::Curve;
use gigawatt_plan::quantity::Quantity;

use crate::Draw;

/// An amount that arrives at an even rate between two times (in days): 0 before, `level` after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ramp {
    /// When it starts.
    pub start: f64,
    /// When it is complete.
    pub end: f64,
    /// What it reaches.
    pub level: f64,
}

impl Ramp {
    /// What has arrived by `time`.
    pub fn at(self, time: f64) -> f64 {
        if time >= self.end {
            self.level
        } else if time <= self.start {
            0.0
        } else {
            self.level * ((time - self.start) / (self.end - self.start))
        }
    }

    /// What has arrived by each of `times` less `shift`.
    pub fn at_each(self, times: &[f64], shift: f64, out: &mut [f64]) {
        // Where everything comes at once, the quotient is infinite and its sign decides.
        let length = self.end - self.start;
        for (time, out) in times.iter().zip(out) {
            *out = self.level * ((time - shift - self.start) / length).clamp(0.0, 1.0);
        }
    }

    /// `∫ at(u) du` up to `time`.
    pub fn integral(self, time: f64) -> f64 {
        if time <= self.start {
            0.0
        } else if time < self.end {
            0.5 * self.level * (time - self.start).powi(2) / (self.end - self.start)
        } else {
            self.level * (0.5 * (self.end - self.start) + (time - self.end))
        }
    }
}

/// The values of a plan's curve in one draw: nothing before its first point, straight between points,
/// constant after the last.
#[derive(Clone, Debug, Default)]
pub struct Polyline {
    points: Vec<(f64, f64)>,
}

impl Polyline {
    /// The curve through points in the order of time.
    #[cfg(test)]
    pub fn from_points(points: Vec<(f64, f64)>) -> Self {
        Self { points }
    }

    /// Takes the values of a draw; the allocation is kept from draw to draw.
    pub fn set<Q: Quantity>(&mut self, curve: &Curve<Q>, draw: Draw<'_>) {
        self.points.clear();
        self.points.extend(curve.iter().map(|(moment, input)| (moment.days(), draw.get(*input).base())));
    }

    /// Makes the curve one that never falls: what is built stays built.
    pub fn never_falling(&mut self) {
        let mut greatest = 0.0_f64;
        for (_, value) in &mut self.points {
            greatest = greatest.max(*value);
            *value = greatest;
        }
    }

    /// The days of its points.
    pub fn days(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|(day, _)| *day)
    }

    /// Whether it has no points.
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// The value at `time`.
    pub fn at(&self, time: f64) -> f64 {
        let after = self.points.partition_point(|(when, _)| *when <= time);
        match (after.checked_sub(1).map(|before| self.points[before]), self.points.get(after)) {
            (None, _) => 0.0,
            (Some((_, value)), None) => value,
            (Some((start, from)), Some(&(end, to))) => from + (to - from) * (time - start) / (end - start),
        }
    }

    /// The first three integrals from the first point to `time`: `∫ f`, `∫∫ f` and `∫∫∫ f`.
    pub fn integrals(&self, time: f64) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for (index, &(start, from)) in self.points.iter().enumerate() {
            if time <= start {
                break;
            }
            let next = self.points.get(index + 1);
            let slope = next.map_or(0.0, |&(end, to)| (to - from) / (end - start));
            let u = next.map_or(time, |&(end, _)| time.min(end)) - start;
            let [first, second, third] = sums;
            sums = [
                first + u * (from + u * slope / 2.0),
                second + u * (first + u * (from / 2.0 + u * slope / 6.0)),
                third + u * (second + u * (first / 2.0 + u * (from / 6.0 + u * slope / 24.0))),
            ];
        }
        sums
    }

    /// `∫ at(u) du` from the first point to `time`.
    pub fn integral(&self, time: f64) -> f64 {
        let mut sum = 0.0;
        for (index, &(start, from)) in self.points.iter().enumerate() {
            if time <= start {
                break;
            }
            sum += match self.points.get(index + 1) {
                Some(&(end, to)) if time >= end => 0.5 * (from + to) * (end - start),
                Some(&(end, to)) => {
                    let here = from + (to - from) * (time - start) / (end - start);
                    0.5 * (from + here) * (time - start)
                }
                None => from * (time - start),
            };
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Midpoint sum of a function, to hold closed forms against.
    fn numeric(f: impl Fn(f64) -> f64, from: f64, to: f64) -> f64 {
        let steps = 20_000;
        let width = (to - from) / f64::from(steps);
        (0..steps).map(|step| f(from + (f64::from(step) + 0.5) * width) * width).sum()
    }

    proptest! {
        #[test]
        fn the_integral_of_a_ramp_is_its_area(start in -50.0..50.0_f64, length in 0.1..80.0_f64, level in 0.0..9.0_f64, to in -60.0..200.0_f64) {
            let ramp = Ramp { start, end: start + length, level };
            let expected = numeric(|t| ramp.at(t), -60.0, to);
            prop_assert!((ramp.integral(to) - expected).abs() < 1e-3 * (1.0 + expected.abs()));
        }

        #[test]
        fn the_integral_of_a_polyline_is_its_area(values in proptest::collection::vec(0.0..9.0_f64, 1..5), to in -10.0..60.0_f64) {
            let points = values.iter().enumerate().map(|(index, value)| (10.0 * index as f64, *value)).collect();
            let line = Polyline::from_points(points);
            let expected = numeric(|t| line.at(t), -10.0, to);
            prop_assert!((line.integral(to) - expected).abs() < 1e-2 * (1.0 + expected.abs()));
            let [first, second, third] = line.integrals(to);
            prop_assert!((first - line.integral(to)).abs() <= 1e-9 * (1.0 + first.abs()));
            let twice = numeric(|t| line.integral(t), -10.0, to);
            prop_assert!((second - twice).abs() < 1e-2 * (1.0 + twice.abs()));
            let thrice = numeric(|t| line.integrals(t)[1], -10.0, to);
            prop_assert!((third - thrice).abs() < 1e-2 * (1.0 + thrice.abs()));
        }
    }
}
