//! The size of a drawing, the room for its marks, and the width of text.

use maud::{Markup, html};

/// For which screen a chart is drawn. Each chart is drawn for both and the page's style shows one, so that
/// letters keep their size where the page is narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A desk, a laptop, paper.
    Wide,
    /// A telephone.
    Narrow,
}

impl Layout {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Wide, Self::Narrow];

    /// Width of a drawing over the whole column.
    pub fn width(self) -> f64 {
        match self {
            Self::Wide => 920.0,
            Self::Narrow => 360.0,
        }
    }

    /// The class of the element that holds a drawing.
    pub fn class(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Narrow => "narrow",
        }
    }

    /// One of two values.
    pub fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// The rectangle in which marks are drawn; down is positive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plot {
    /// Left edge.
    pub left: f64,
    /// Upper edge.
    pub top: f64,
    /// Right edge.
    pub right: f64,
    /// Lower edge.
    pub bottom: f64,
}

impl Plot {
    /// Width.
    pub fn width(self) -> f64 {
        self.right - self.left
    }

    /// Height.
    pub fn height(self) -> f64 {
        self.bottom - self.top
    }
}

/// A drawing over the column with its name and description for those who hear the page.
pub fn drawing(size: (f64, f64), title: &str, description: &str, marks: &Markup) -> Markup {
    named(size, None, title, description, marks)
}

/// A drawing within a line of text or a cell of a table.
pub fn inline_drawing(size: (f64, f64), title: &str, description: &str, marks: &Markup) -> Markup {
    named(size, Some("strip"), title, description, marks)
}

fn named(
    (width, height): (f64, f64),
    class: Option<&str>,
    title: &str,
    description: &str,
    marks: &Markup,
) -> Markup {
    html! {
        svg class=[class] viewBox=(format!("0 0 {width:.0} {height:.0}")) width=(format!("{width:.0}")) height=(format!("{height:.0}")) role="img" aria-label=(title) {
            title { (title) }
            desc { (description) }
            (marks)
        }
    }
}

/// About how wide a text is at a font size, in one of the wider fonts that a system may have.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.chars()
        .map(|letter| match letter {
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '(' | ')' | ' ' | 'f' | 't'
            | 'r' | '-' => 0.38,
            'm' | 'w' | 'M' | 'W' | '%' | '≥' | '≤' => 0.95,
            // The word joiner takes no room.
            '\u{2060}' => 0.0,
            'A'..='Z' => 0.70,
            _ => 0.62,
        })
        .sum::<f64>()
        * size
}

/// The text, cut with an ellipsis where it is wider than the room.
pub fn shortened(text: &str, size: f64, room: f64) -> String {
    if text_width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for letter in text.chars() {
        kept.push(letter);
        if text_width(&kept, size) + size > room {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_only_where_it_is_too_wide() {
        assert_eq!(shortened("short", 12.0, 100.0), "short");
        let cut = shortened("a name that is much too long for its place", 12.0, 100.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0) <= 112.0, "{cut}");
    }
}
