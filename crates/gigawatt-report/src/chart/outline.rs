//! A schematic island with exactly the right length, greatest width and area.

use super::Point;

/// Widths of Manhattan from its southern to its northern tip over its greatest: part of the length, part of
/// the greatest width. Drawn by eye; what is exact is made so by [`island`].
const PROFILE: [(f64, f64); 25] = [
    (0.0, 0.10),
    (0.015, 0.30),
    (0.04, 0.44),
    (0.07, 0.58),
    (0.10, 0.78),
    (0.13, 0.93),
    (0.16, 1.0),
    (0.20, 0.98),
    (0.24, 0.90),
    (0.29, 0.84),
    (0.35, 0.82),
    (0.42, 0.84),
    (0.48, 0.87),
    (0.54, 0.92),
    (0.58, 0.93),
    (0.62, 0.86),
    (0.66, 0.72),
    (0.70, 0.60),
    (0.75, 0.50),
    (0.80, 0.43),
    (0.86, 0.42),
    (0.91, 0.46),
    (0.95, 0.46),
    (0.98, 0.38),
    (1.0, 0.16),
];

/// How far the western shore stands in from a straight line, over the greatest width. It moves the island
/// sideways and changes neither its widths nor its area.
const SHORE: [(f64, f64); 7] =
    [(0.0, 0.34), (0.07, 0.14), (0.16, 0.04), (0.35, 0.0), (0.6, 0.02), (0.85, 0.06), (1.0, 0.24)];

/// A closed shape; the last place joins the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// Places in metres: along the length, and across it from the western shore.
    pub points: Vec<Point>,
    /// Whether the area is exactly that asked for; false where no shape of this length and width has it.
    pub exact: bool,
}

impl Outline {
    /// Its area by the surveyor's formula.
    pub fn area(&self) -> f64 {
        let next = self.points.iter().cycle().skip(1);
        let doubled: f64 = self.points.iter().zip(next).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
        doubled.abs() / 2.0
    }

    /// Its extent across the length.
    pub fn depth(&self) -> f64 {
        self.points.iter().map(|point| point.1).fold(0.0, f64::max)
    }
}

/// Manhattan lying on its side, south to the left and west above, with the given length, greatest width and
/// area.
///
/// The widths of the profile are blended with the full width, where the profile is too slender, or with their
/// own squares, where it is too full. Both leave the greatest width alone, and the area is linear in the
/// blend, so it comes out exactly.
pub fn island(length: f64, width: f64, area: f64) -> Outline {
    let wanted = area / (length * width);
    let exact = wanted > 0.0 && wanted <= 1.0;
    let alongs: Vec<f64> = (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS)).collect();
    let mut widths: Vec<f64> = alongs.iter().map(|along| curve(&PROFILE, *along)).collect();
    let greatest = widths.iter().copied().fold(0.0, f64::max);
    widths.iter_mut().for_each(|width| *width /= greatest);
    let mean = mean_width(&widths);
    if wanted >= mean {
        let blend = ((wanted - mean) / (1.0 - mean)).clamp(0.0, 1.0);
        widths.iter_mut().for_each(|width| *width += blend * (1.0 - *width));
    } else {
        let mut slender: Vec<f64> = widths.iter().map(|width| width * width).collect();
        // Squares of squares soon lie below any area that is not tiny; then the blend is found between two.
        for _ in 0..8 {
            if mean_width(&slender) <= wanted {
                break;
            }
            widths.clone_from(&slender);
            slender.iter_mut().for_each(|width| *width *= *width);
        }
        let (full, thin) = (mean_width(&widths), mean_width(&slender));
        let blend = ((full - wanted) / (full - thin)).clamp(0.0, 1.0);
        widths.iter_mut().zip(slender).for_each(|(width, slender)| *width += blend * (slender - *width));
    }
    let shore = |along: f64| curve(&SHORE, along);
    let west = alongs.iter().map(|along| (along * length, shore(*along) * width));
    let east =
        alongs.iter().zip(&widths).map(|(along, part)| (along * length, (shore(*along) + part) * width));
    let mut points: Vec<Point> = west.collect();
    let mut back: Vec<Point> = east.collect();
    back.reverse();
    points.extend(back);
    Outline { points, exact }
}

/// Even steps along the length: fine enough to look like a curve.
const STEPS: u32 = 120;

/// Mean over the length, by trapezia over even steps.
fn mean_width(widths: &[f64]) -> f64 {
    let stretches = widths.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0);
    stretches.sum::<f64>() / f64::from(STEPS)
}

/// A smooth curve through knots (Hermite, with the slopes of their neighbours), never below nothing.
fn curve(knots: &[(f64, f64)], at: f64) -> f64 {
    let slope = |index: usize| {
        let (before, after) = (knots[index.saturating_sub(1)], knots[(index + 1).min(knots.len() - 1)]);
        (after.1 - before.1) / (after.0 - before.0)
    };
    let Some(index) = knots.windows(2).position(|pair| at <= pair[1].0) else { return 0.0 };
    let (start, end) = (knots[index], knots[index + 1]);
    let width = end.0 - start.0;
    let t = (at - start.0) / width;
    let (t2, t3) = (t * t, t * t * t);
    let value = (2.0 * t3 - 3.0 * t2 + 1.0) * start.1
        + (t3 - 2.0 * t2 + t) * width * slope(index)
        + (3.0 * t2 - 2.0 * t3) * end.1
        + (t3 - t2) * width * slope(index + 1);
    value.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greatest_width(outline: &Outline) -> f64 {
        let half = outline.points.len() / 2;
        let east = outline.points[half..].iter().rev();
        outline.points[..half].iter().zip(east).map(|(west, east)| east.1 - west.1).fold(0.0, f64::max)
    }

    #[test]
    fn length_width_and_area_come_out_exactly() {
        // Manhattan, then a fuller and a more slender island than the profile.
        for (length, width, area) in
            [(21.6e3, 3.7e3, 59.1e6), (10e3, 2e3, 19e6), (10e3, 2e3, 6e6), (10e3, 2e3, 3e6)]
        {
            let outline = island(length, width, area);
            let ends: Vec<f64> = outline.points.iter().map(|point| point.0).collect();
            let extent =
                ends.iter().fold(0.0_f64, |a, b| a.max(*b)) - ends.iter().fold(f64::MAX, |a, b| a.min(*b));
            assert!((extent - length).abs() < 1e-6);
            assert!((greatest_width(&outline) - width).abs() < 1e-6);
            assert!((outline.area() / area - 1.0).abs() < 1e-12, "{} for {area}", outline.area());
            assert!(outline.exact);
        }
    }

    #[test]
    fn an_area_larger_than_length_times_width_is_owned_up_to() {
        let outline = island(10.0, 2.0, 30.0);
        assert!(!outline.exact);
        assert!((outline.area() - 20.0).abs() < 1e-9);
    }
}
