//! Marks: bars, lines, areas, whiskers and signs, each with a text that shows when the pointer rests on it.

use std::fmt::Write as _;

use maud::{Markup, html};

/// A place on the page.
pub type Point = (f64, f64);

/// A bar or a block; a negative height reaches upwards.
pub fn rectangle(corner: Point, width: f64, height: f64, class: &str, says: &str) -> Markup {
    let (x, y) = (corner.0, if height < 0.0 { corner.1 + height } else { corner.1 });
    html! {
        rect class=(class) x=(format!("{x:.1}")) y=(format!("{y:.1}")) width=(format!("{:.1}", width.max(0.0))) height=(format!("{:.1}", height.abs())) {
            @if !says.is_empty() { title { (says) } }
        }
    }
}

/// A line through places.
pub fn line(points: &[Point], class: &str, says: &str) -> Markup {
    html! {
        path class=(class) d=(through(points, 'M')) { @if !says.is_empty() { title { (says) } } }
    }
}

/// The area between two lines.
pub fn area(upper: &[Point], lower: &[Point], class: &str, says: &str) -> Markup {
    let back: Vec<Point> = lower.iter().rev().copied().collect();
    let outline = format!("{}{}Z", through(upper, 'M'), through(&back, 'L'));
    html! {
        path class=(class) d=(outline) { @if !says.is_empty() { title { (says) } } }
    }
}

fn through(points: &[Point], first: char) -> String {
    let mut path = String::new();
    for (index, (x, y)) in points.iter().enumerate() {
        let command = if index == 0 { first } else { 'L' };
        // Writing into a string does not fail.
        let _ = write!(path, "{command}{x:.1} {y:.1}");
    }
    path
}

/// An upright interval with caps.
pub fn vertical_whisker(x: f64, ends: (f64, f64), cap: f64, says: &str) -> Markup {
    let (low, high) = ends;
    html! {
        path class="whisker" d=(format!("M{x:.1} {low:.1}V{high:.1}M{:.1} {low:.1}h{:.1}M{:.1} {high:.1}h{:.1}", x - cap, 2.0 * cap, x - cap, 2.0 * cap)) {
            @if !says.is_empty() { title { (says) } }
        }
    }
}

/// A level interval with caps.
pub fn horizontal_whisker(y: f64, ends: (f64, f64), cap: f64, says: &str) -> Markup {
    let (low, high) = ends;
    html! {
        path class="whisker" d=(format!("M{low:.1} {y:.1}H{high:.1}M{low:.1} {:.1}v{:.1}M{high:.1} {:.1}v{:.1}", y - cap, 2.0 * cap, y - cap, 2.0 * cap)) {
            @if !says.is_empty() { title { (says) } }
        }
    }
}

/// The sign for what happened.
pub fn diamond(centre: Point, radius: f64, class: &str, says: &str) -> Markup {
    let (x, y) = centre;
    html! {
        path class=(class) d=(format!("M{x:.1} {:.1}l{radius:.1} {radius:.1}l-{radius:.1} {radius:.1}l-{radius:.1} -{radius:.1}Z", y - radius)) {
            @if !says.is_empty() { title { (says) } }
        }
    }
}

/// The line without the points that lie within `tolerance` of what remains (Douglas and Peucker).
pub fn simplified(points: &[Point], tolerance: f64) -> Vec<Point> {
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    let mut stretches = vec![(0, points.len() - 1)];
    while let Some((first, last)) = stretches.pop() {
        (keep[first], keep[last]) = (true, true);
        let farthest = (first + 1..last)
            .map(|index| (index, distance(points[index], points[first], points[last])))
            .max_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((index, away)) = farthest
            && away > tolerance
        {
            stretches.extend([(first, index), (index, last)]);
        }
    }
    points.iter().zip(keep).filter_map(|(point, keep)| keep.then_some(*point)).collect()
}

/// Distance of a point from the stretch between two others, along the upright.
fn distance(point: Point, first: Point, last: Point) -> f64 {
    let width = last.0 - first.0;
    let part = if width == 0.0 { 0.0 } else { (point.0 - first.0) / width };
    (point.1 - (first.1 + part * (last.1 - first.1))).abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_keeps_its_ends_and_a_bend_its_corner() {
        let straight: Vec<Point> = (0..100).map(|x| (f64::from(x), 2.0 * f64::from(x))).collect();
        assert_eq!(simplified(&straight, 0.1), [straight[0], straight[99]]);
        let bent: Vec<Point> = (0..100).map(|x| (f64::from(x), f64::from(x.max(40)))).collect();
        assert_eq!(simplified(&bent, 0.1), [bent[0], bent[40], bent[99]]);
    }
}
