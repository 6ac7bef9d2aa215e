//! The ground of the sites over Manhattan, to scale.

use gigawatt_plan::plan::{Input, SitePlan};
use gigawatt_plan::quantity::{Area, Dimension, Quantity, format_quantity};
use maud::{Markup, html};

use super::figure::picture;
use super::site_power;
use super::view::View;
use crate::Words;
use crate::chart::{Layout, Outline, Point, area, drawing, island, rectangle, text_width};

/// A site whose ground is known, in square metres.
struct Ground<'a> {
    site: &'a SitePlan,
    land: f64,
    floor: Option<f64>,
}

/// Where a square is drawn: its number, its upper left corner and its side, in metres of the island's drawing.
struct Square {
    number: usize,
    corner: Point,
    side: f64,
    floor: Option<f64>,
    share: String,
    says: String,
}

/// The section; nothing where no site has power or names its ground.
pub fn sites(view: &View<'_>) -> Option<Markup> {
    let (power, ground) = (site_power::power(view), ground(view));
    (power.is_some() || ground.is_some()).then(|| {
        html! {
            @if let Some(power) = power { (power) }
            @if let Some(ground) = ground { (ground) }
        }
    })
}

/// The ground over Manhattan; nothing where no site names it.
fn ground(view: &View<'_>) -> Option<Markup> {
    let words = view.words;
    let reference = |input: Input<Area>| view.plan.input(input.id()).distribution.reference();
    let grounds: Vec<Ground<'_>> = view
        .plan
        .sites
        .iter()
        .filter_map(|site| {
            Some(Ground { site, land: reference(site.land?), floor: site.floor_area.map(reference) })
        })
        .filter(|ground| ground.land > 0.0)
        .collect();
    if grounds.is_empty() {
        return None;
    }
    let place = view.plan.manhattan;
    let manhattan = reference(place.land);
    let (length, width) = (reference_of(view, place.length), reference_of(view, place.width));
    let outline = island(length, width, manhattan);
    let caption = words.sites_caption;
    Some(html! {
        (picture(words.sites_chart, caption, |layout| scene(words, &grounds, &outline, (length, width, manhattan), layout)))
        div.scroll { table {
            thead { tr {
                th { (words.site) } th.number { (words.ground) } th.number { (words.part_of_manhattan) } th.number { (words.floor_area) }
            } }
            tbody {
                @for (index, ground) in grounds.iter().enumerate() {
                    tr {
                        th scope="row" { (index + 1) ". " (ground.site.title) }
                        td.number { (format_quantity(Dimension::Area, ground.land)) }
                        td.number { (format_quantity(Dimension::Ratio, ground.land / manhattan)) }
                        td.number { @match ground.floor { Some(floor) => (format_quantity(Dimension::Area, floor)), None => "–" } }
                    }
                }
                tr {
                    th scope="row" { (words.manhattan) }
                    td.number { (format_quantity(Dimension::Area, manhattan)) } td.number { "100 %" } td.number { "" }
                }
            }
        } }
    })
}

fn reference_of<Q: Quantity>(view: &View<'_>, input: Input<Q>) -> f64 {
    view.plan.input(input.id()).distribution.reference()
}

/// Squares along the widest part of the island where they fit on it, else in rows below.
fn squares(
    words: &Words,
    grounds: &[Ground<'_>],
    length: f64,
    width: f64,
    outline: &Outline,
    manhattan: f64,
) -> Vec<Square> {
    let gap = 0.02 * length;
    let total: f64 = grounds.iter().map(|ground| ground.land.sqrt() + gap).sum();
    let over = total <= 0.55 * length && grounds.iter().all(|ground| ground.land.sqrt() <= width);
    let mut along = if over { 0.12 * length } else { 0.0 };
    let mut across = outline.depth() + gap;
    let mut row = 0.0_f64;
    let mut squares = Vec::new();
    for (index, ground) in grounds.iter().enumerate() {
        let side = ground.land.sqrt();
        if !over && along > 0.0 && along + side > length {
            (along, across, row) = (0.0, across + row + gap, 0.0);
        }
        let corner = if over { (along, 0.5 * width - 0.5 * side + 0.03 * width) } else { (along, across) };
        let share = format_quantity(Dimension::Ratio, ground.land / manhattan);
        let area = format_quantity(Dimension::Area, ground.land);
        let says = format!("{}: {}", ground.site.title, words.share_of_manhattan(&area, &share));
        squares.push(Square { number: index + 1, corner, side, floor: ground.floor, share, says });
        along += side + gap;
        row = row.max(side);
    }
    squares
}

fn scene(
    words: &Words,
    grounds: &[Ground<'_>],
    outline: &Outline,
    (length, width, manhattan): (f64, f64, f64),
    layout: Layout,
) -> Markup {
    let squares = squares(words, grounds, length, width, outline, manhattan);
    let margin = layout.pick(28.0, 10.0);
    let label = if outline.exact { words.schematic } else { words.schematic_inexact };
    let room = layout.width() - 2.0 * margin;
    let heading: Vec<&str> =
        if text_width(label, 12.5) <= room { vec![label] } else { label.split(": ").collect() };
    let lines = || (0_u32..).map(|line| 20.0 + 16.0 * f64::from(line));
    let top = lines().nth(heading.len()).unwrap_or(36.0) + 16.0;
    let widest = squares.iter().map(|square| square.corner.0 + square.side).fold(length, f64::max);
    let per_metre = (layout.width() - 2.0 * margin) / widest;
    let place = |point: Point| (margin + point.0 * per_metre, top + point.1 * per_metre);
    let shore: Vec<Point> = outline.points.iter().map(|point| place(*point)).collect();
    let lowest = squares.iter().map(|square| square.corner.1 + square.side).fold(outline.depth(), f64::max);
    let bottom = top + lowest * per_metre;
    let height = bottom + 46.0;
    let measures = words.measures(
        &format_quantity(Dimension::Length, length),
        &format_quantity(Dimension::Length, width),
        &format_quantity(Dimension::Area, manhattan),
    );
    let marks = html! {
        (rectangle((0.0, 0.0), layout.width(), height, "water", ""))
        @for (line, y) in heading.iter().zip(lines()) { text class="strong" x=(format!("{margin:.1}")) y=(format!("{y:.1}")) { (line) } }
        text class="name" x=(format!("{margin:.1}")) y=(format!("{:.1}", top - 15.0)) { (measures) }
        (area(&shore, &[], "island", label))
        @for square in &squares {
            @let corner = place(square.corner);
            @let side = square.side * per_metre;
            (rectangle(corner, side, side, "ground", &square.says))
            @if let Some(floor) = square.floor {
                @let floor = (floor.sqrt() * per_metre).min(side);
                (rectangle((corner.0 + side - floor - 4.0_f64.min(side / 8.0), corner.1 + side - floor - 4.0_f64.min(side / 8.0)), floor, floor, "floor", words.floor_area))
            }
            (caption_of(square, corner, side))
        }
        (scale_bar(margin, bottom + 22.0, per_metre, length))
        text class="tick end" x=(format!("{:.1}", layout.width() - margin)) y=(format!("{:.1}", bottom + 26.0)) { (words.south) " ← → " (words.north) }
    };
    drawing((layout.width(), height), words.sites_chart, words.sites_caption, &marks)
}

/// The square's number, and its share of Manhattan where there is room.
fn caption_of(square: &Square, corner: Point, side: f64) -> Markup {
    html! {
        @if side >= 16.0 { text class="on-ground" x=(format!("{:.1}", corner.0 + 6.0)) y=(format!("{:.1}", corner.1 + 15.0)) { (square.number) } }
        @if side >= 52.0 { text class="on-ground" x=(format!("{:.1}", corner.0 + 6.0)) y=(format!("{:.1}", corner.1 + 32.0)) { (square.share) } }
    }
}

/// A round number of kilometres, about a quarter of the length.
fn scale_bar(left: f64, y: f64, per_metre: f64, length: f64) -> Markup {
    let rounds = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];
    let kilometres =
        rounds.into_iter().rev().find(|kilometres| kilometres * 1e3 <= length / 4.0).unwrap_or(0.1);
    let right = left + kilometres * 1e3 * per_metre;
    html! {
        path class="whisker" d=(format!("M{left:.1} {y:.1}H{right:.1}M{left:.1} {:.1}v8M{right:.1} {:.1}v8", y - 4.0, y - 4.0)) {}
        text x=(format!("{:.1}", right + 8.0)) y=(format!("{:.1}", y + 4.0)) { (kilometres) " km" }
    }
}
