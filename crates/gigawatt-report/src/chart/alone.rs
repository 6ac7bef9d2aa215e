//! A chart as an image of its own: heading, legend and style inside, for light, dark and paper.

use maud::{Markup, PreEscaped, html};

use super::{Chart, Layout, Style, diamond, line, rectangle, shortened, text_width};
use crate::Words;

/// Colours and letters, those of the page.
const STYLE: &str = include_str!("alone.css");
/// White space around everything.
const MARGIN: f64 = 20.0;
/// Size of letters in the legend.
const LETTERS: f64 = 12.0;
/// Height of a row of the legend.
const ROW: f64 = 20.0;

impl Chart {
    /// The chart as a file that stands alone. Of the kinds of chart, planes are drawn as they are on a wide page.
    pub fn alone(&self, words: &Words) -> String {
        let drawing = self.svg(words, Layout::Wide).into_string();
        let size = height_of(&drawing).unwrap_or(400.0);
        let room = Layout::Wide.width();
        let width = room + 2.0 * MARGIN;
        let mut y = MARGIN + 16.0;
        let heading = html! {
            text class="title" x=(format!("{MARGIN:.1}")) y=(format!("{y:.1}")) { (shortened(&self.title, 18.0, room)) }
        };
        let says: Vec<Markup> = wrapped(&self.description, room)
            .into_iter()
            .map(|text| {
                y += ROW - 2.0;
                html! { text class="soft" x=(format!("{MARGIN:.1}")) y=(format!("{y:.1}")) { (text) } }
            })
            .collect();
        y += ROW + 4.0;
        let mut x = MARGIN;
        let mut keys = Vec::new();
        for (style, name) in self.legend().into_iter().flat_map(|group| group.1) {
            let wide = 28.0 + text_width(&name, LETTERS) + 16.0;
            if x > MARGIN && x + wide > width - MARGIN {
                (x, y) = (MARGIN, y + ROW);
            }
            keys.push(html! {
                (sign(style, (x, y - 4.0)))
                text x=(format!("{:.1}", x + 28.0)) y=(format!("{y:.1}")) { (name) }
            });
            x += wide;
        }
        y += 12.0;
        let height = y + size + MARGIN;
        let markup = html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox=(format!("0 0 {width:.0} {height:.0}")) width=(format!("{width:.0}"))
                height=(format!("{height:.0}")) role="img" aria-label=(self.title) {
                style { (PreEscaped(STYLE)) }
                rect class="page" x="0" y="0" width="100%" height="100%" {}
                (heading)
                @for text in says { (text) }
                @for key in keys { (key) }
                g transform=(format!("translate({MARGIN:.1} {y:.1})")) { (PreEscaped(drawing)) }
            }
        };
        format!("{}\n", markup.into_string())
    }
}

/// The height that a drawing says it has.
fn height_of(drawing: &str) -> Option<f64> {
    drawing.split_once("height=\"")?.1.split_once('"')?.0.parse().ok()
}

/// A sentence in lines that fit.
fn wrapped(text: &str, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if text_width(line, LETTERS) + text_width(word, LETTERS) + LETTERS < room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A style's sign in the legend.
fn sign(style: Style, (x, y): (f64, f64)) -> Markup {
    match style {
        Style::Line(class) => line(&[(x, y), (x + 20.0, y)], &format!("trace {class}"), ""),
        Style::Dashed(class) => line(&[(x, y), (x + 20.0, y)], &format!("trace dashed {class}"), ""),
        Style::Diamond => diamond((x + 10.0, y), 6.0, "outcome", ""),
        Style::HollowDiamond => diamond((x + 10.0, y), 6.0, "outcome hollow", ""),
        other => rectangle((x + 3.0, y - 6.0), 14.0, 12.0, other.fill(), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_those_of_the_page() {
        let page = include_str!("../html/style.css");
        for colour in STYLE.split('#').skip(1).map(|rest| &rest[..7]) {
            let colour = colour.trim_end_matches(';');
            assert!(page.contains(colour), "#{colour} is no colour of the page");
        }
        assert_eq!(wrapped("a b", 1.0), ["a", "b"]);
        assert_eq!(height_of("<svg width=\"3\" height=\"41\">"), Some(41.0));
    }
}
