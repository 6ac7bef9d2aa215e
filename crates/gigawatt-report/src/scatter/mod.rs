//! Predictions against measurements as a drawing that stands alone: its style is inside, for light, dark and paper.
//!
//! Both axes are logarithmic and show the same values, so that equal errors are equally far from the diagonal.

mod decades;

use maud::{Markup, PreEscaped, html};

use crate::chart::{Plot, Scale, area, diamond, line, shortened, text_width};
use decades::Decades;

/// Colours and letters.
const STYLE: &str = include_str!("style.css");

/// Width of the drawing.
const WIDTH: f64 = 800.0;
/// Height of the drawing.
const HEIGHT: f64 = 850.0;
/// Where marks are drawn: a square.
const PLOT: Plot = Plot { left: 84.0, top: 134.0, right: 756.0, bottom: 806.0 };
/// Size of letters in the legend.
const LETTERS: f64 = 13.0;
/// Errors whose bands are shown, the wider first, and the classes of their fills.
const BANDS: [(f64, &str); 2] = [(0.25, "far"), (0.10, "near")];

/// Predictions against measurements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scatter {
    /// What is shown.
    pub title: String,
    /// How far it is off.
    pub subtitle: String,
    /// What is measured and predicted, with its unit.
    pub quantity: String,
    /// What one mark is, of many: `runs`.
    pub noun: String,
    /// Kinds of marks, drawn one over the other in this order.
    pub series: Vec<Series>,
}

/// Marks of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// How its marks look.
    pub sign: Sign,
    /// The marks.
    pub pairs: Vec<Pair>,
}

/// How a mark looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// A disc in the first colour of the palette.
    Disc,
    /// A diamond in the second.
    Diamond,
}

/// One measurement with its prediction. Only positive numbers have a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// What was measured.
    pub measured: f64,
    /// What was predicted.
    pub predicted: f64,
    /// What is told where the pointer rests on the mark.
    pub says: String,
}

impl Pair {
    fn has_a_place(&self) -> bool {
        [self.measured, self.predicted].iter().all(|value| value.is_normal() && *value > 0.0)
    }

    fn is_within(&self, error: f64) -> bool {
        (self.predicted / self.measured - 1.0).abs() <= error
    }
}

impl Scatter {
    /// The drawing.
    pub fn svg(&self) -> String {
        let pairs: Vec<&Pair> =
            self.series.iter().flat_map(|series| &series.pairs).filter(|pair| pair.has_a_place()).collect();
        let decades = Decades::covering(pairs.iter().flat_map(|pair| [pair.measured, pair.predicted]));
        let description = format!("{}. {}", self.title, self.subtitle);
        let markup = html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {WIDTH:.0} {HEIGHT:.0}")) width=(format!("{WIDTH:.0}"))
                height=(format!("{HEIGHT:.0}")) role="img" aria-label=(legible(&description)) {
                title { (legible(&self.title)) }
                desc { (legible(&self.subtitle)) }
                style { (PreEscaped(STYLE)) }
                rect class="page" x="0" y="0" width="100%" height="100%" {}
                (heading(&self.title, &self.subtitle))
                (self.legend(&pairs))
                (axes(&decades, &self.quantity))
                @for (error, class) in BANDS { (band(&decades, error, class)) }
                (diagonal())
                @for series in &self.series {
                    @for pair in series.pairs.iter().filter(|pair| pair.has_a_place()) {
                        (mark(series.sign, (decades.across(PLOT).at(libm::log10(pair.measured)), decades.up(PLOT).at(libm::log10(pair.predicted))), &legible(&pair.says)))
                    }
                }
            }
        };
        format!("{}\n", markup.into_string())
    }

    /// Two rows: kinds of marks, and what the lines are.
    fn legend(&self, pairs: &[&Pair]) -> Markup {
        let all = pairs.len();
        let mut marks = Row::new(78.0);
        let kinds: Vec<Markup> = self
            .series
            .iter()
            .map(|series| {
                let (x, y) = marks.place(&series.name);
                html! { (mark(series.sign, (x + 8.0, y - 4.5), "")) (name(x, y, &series.name)) }
            })
            .collect();
        let mut lines = Row::new(100.0);
        let (x, y) = lines.place("as measured");
        let diagonal = html! {
            (line(&[(x, y - 4.5), (x + 16.0, y - 4.5)], "diagonal", ""))
            (name(x, y, "as measured"))
        };
        let bands: Vec<Markup> = BANDS
            .iter()
            .rev()
            .map(|(error, _)| {
                let inside = pairs.iter().filter(|pair| pair.is_within(*error)).count();
                let text = format!("within {:.0} %: {inside} of {all} {}", 100.0 * error, self.noun);
                let (x, y) = lines.place(&text);
                html! {
                    @for (other, below) in BANDS {
                        @if other >= *error { rect class=(below) x=(format!("{x:.1}")) y=(format!("{:.1}", y - 11.0)) width="16" height="13" {} }
                    }
                    (line(&[(x, y - 11.0), (x + 16.0, y - 11.0)], "edge", ""))
                    (line(&[(x, y + 2.0), (x + 16.0, y + 2.0)], "edge", ""))
                    (name(x, y, &text))
                }
            })
            .collect();
        html! { @for kind in kinds { (kind) } (diagonal) @for band in bands { (band) } }
    }
}

/// A row of the legend, filled from the left.
struct Row {
    x: f64,
    y: f64,
}

impl Row {
    fn new(y: f64) -> Self {
        Self { x: PLOT.left, y }
    }

    /// The place of the next entry.
    fn place(&mut self, text: &str) -> (f64, f64) {
        let x = self.x;
        self.x += 22.0 + text_width(text, LETTERS) + 14.0;
        (x, self.y)
    }
}

fn name(x: f64, y: f64, text: &str) -> Markup {
    let text = legible(&shortened(text, LETTERS, WIDTH - x - 30.0));
    html! { text x=(format!("{:.1}", x + 22.0)) y=(format!("{y:.1}")) { (text) } }
}

fn heading(title: &str, subtitle: &str) -> Markup {
    let room = WIDTH - PLOT.left - 16.0;
    html! {
        text class="title" x=(format!("{:.1}", PLOT.left)) y="30" { (legible(&shortened(title, 18.0, room))) }
        text class="soft" x=(format!("{:.1}", PLOT.left)) y="52" { (legible(&shortened(subtitle, LETTERS, room))) }
    }
}

fn axes(decades: &Decades, quantity: &str) -> Markup {
    let (across, up) = (decades.across(PLOT), decades.up(PLOT));
    let quantity = legible(&shortened(quantity, LETTERS, PLOT.width() - 90.0));
    html! {
        @for (exponent, label) in decades.marks() {
            @let (x, y) = (across.at(exponent), up.at(exponent));
            line class="grid" x1=(format!("{x:.1}")) x2=(format!("{x:.1}")) y1=(format!("{:.1}", PLOT.top)) y2=(format!("{:.1}", PLOT.bottom)) {}
            line class="grid" x1=(format!("{:.1}", PLOT.left)) x2=(format!("{:.1}", PLOT.right)) y1=(format!("{y:.1}")) y2=(format!("{y:.1}")) {}
            text class="tick middle" x=(format!("{x:.1}")) y=(format!("{:.1}", PLOT.bottom + 17.0)) { (label) }
            text class="tick end" x=(format!("{:.1}", PLOT.left - 7.0)) y=(format!("{:.1}", y + 4.0)) { (label) }
        }
        rect class="frame" x=(format!("{:.1}", PLOT.left)) y=(format!("{:.1}", PLOT.top)) width=(format!("{:.1}", PLOT.width())) height=(format!("{:.1}", PLOT.height())) {}
        text class="name end" x=(format!("{:.1}", PLOT.right)) y=(format!("{:.1}", PLOT.bottom + 36.0)) { "measured, " (quantity) }
        text class="name" x=(format!("{:.1}", PLOT.left)) y=(format!("{:.1}", PLOT.top - 8.0)) { "predicted, " (quantity) }
    }
}

/// Where predictions are off by no more than a share, within the plot.
fn band(decades: &Decades, error: f64, class: &str) -> Markup {
    let (across, up) = (decades.across(PLOT), decades.up(PLOT));
    let (low, high) = across.domain();
    let (above, below) = (libm::log10(1.0 + error), libm::log10(1.0 - error));
    let at = |x: f64, y: f64| (across.at(x), up.at(y));
    let upper = [at(low, low + above), at(high - above, high)];
    let lower = [at(low - below, low), at(high, high + below)];
    let (first, last) = (at(low, low), at(high, high));
    html! {
        (area(&[first, upper[0], upper[1], last], &[first, lower[0], lower[1], last], class, ""))
        (line(&upper, "edge", ""))
        (line(&lower, "edge", ""))
    }
}

fn diagonal() -> Markup {
    line(&[(PLOT.left, PLOT.bottom), (PLOT.right, PLOT.top)], "diagonal", "")
}

fn mark(sign: Sign, at: (f64, f64), says: &str) -> Markup {
    match sign {
        Sign::Disc => html! {
            circle class="mark f1" cx=(format!("{:.1}", at.0)) cy=(format!("{:.1}", at.1)) r="3.3" {
                @if !says.is_empty() { title { (says) } }
            }
        },
        Sign::Diamond => diamond(at, 4.4, "mark f2", says),
    }
}

/// A text without what no XML document may hold.
fn legible(text: &str) -> String {
    let forbidden = |letter: char| letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}');
    text.chars().map(|letter| if forbidden(letter) { '\u{fffd}' } else { letter }).collect()
}

impl Decades {
    fn across(&self, plot: Plot) -> Scale {
        Scale::new(self.exponents(), (plot.left, plot.right))
    }

    fn up(&self, plot: Plot) -> Scale {
        Scale::new(self.exponents(), (plot.bottom, plot.top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::Style;

    fn scatter(pairs: &[(f64, f64)]) -> Scatter {
        let pairs = pairs
            .iter()
            .map(|(measured, predicted)| Pair {
                measured: *measured,
                predicted: *predicted,
                says: "a <b> & \u{1}".to_owned(),
            })
            .collect();
        let series = vec![Series { name: "dense".to_owned(), sign: Sign::Disc, pairs }];
        Scatter {
            title: "title".to_owned(),
            subtitle: "subtitle".to_owned(),
            quantity: "tokens".to_owned(),
            noun: "runs".to_owned(),
            series,
        }
    }

    #[test]
    fn a_perfect_prediction_lies_on_the_diagonal() {
        let svg = scatter(&[(10.0, 10.0), (100.0, 100.0), (1000.0, 1000.0)]).svg();
        let middle = format!(
            "cx=\"{:.1}\" cy=\"{:.1}\"",
            f64::midpoint(PLOT.left, PLOT.right),
            f64::midpoint(PLOT.top, PLOT.bottom)
        );
        assert!(svg.contains(&middle), "{svg}");
        assert!(svg.contains("within 10 %: 3 of 3 runs"));
        assert!(svg.contains("a &lt;b&gt; &amp; \u{fffd}"));
    }

    #[test]
    fn the_bands_count_what_they_hold() {
        let svg = scatter(&[(100.0, 109.0), (100.0, 91.0), (100.0, 124.0), (100.0, 130.0)]).svg();
        assert!(svg.contains("within 10 %: 2 of 4 runs") && svg.contains("within 25 %: 3 of 4 runs"));
    }

    #[test]
    fn any_numbers_have_a_drawing() {
        for pairs in [
            vec![],
            vec![(0.0, 1.0), (-1.0, 1.0), (f64::NAN, 1.0), (f64::INFINITY, 1.0)],
            vec![(1e-300, 1e300)],
            vec![(5.0, 5.0)],
        ] {
            let svg = scatter(&pairs).svg();
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.len() < 20_000);
        }
    }

    #[test]
    fn colours_are_those_of_the_page() {
        let page = include_str!("../html/style.css");
        let (light, dark) = STYLE.split_once("@media").unwrap();
        for class in ["f1", "f2"] {
            assert!(light.contains(&format!(".{class} {{ fill: {}; }}", Style::Fill(class).colour())));
        }
        let colours = STYLE.split('#').skip(1).map(|rest| &rest[..6]);
        for colour in colours {
            assert!(page.contains(colour), "#{colour} is no colour of the page");
        }
        assert!(dark.starts_with(" screen"), "paper is light");
    }
}
