//! A chart with its heading, legend and caption.

use maud::{Markup, html};

use crate::chart::Layout;

/// How an entry of a legend looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swatch {
    /// Filled with a colour of the palette, by the class of its fill.
    Fill(&'static str),
    /// A line, by the class of its stroke.
    Line(&'static str),
    /// A broken line.
    Dashed(&'static str),
    /// A sign of its own, by its class.
    Sign(&'static str),
}

/// Fills of the palette in the order in which series take them; the last is for what is left over.
pub const FILLS: [&str; 8] = ["f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8"];

/// Entries of a legend, under a name for the group if it is not empty.
pub fn legend(group: &str, entries: &[(Swatch, String)]) -> Markup {
    html! {
        ul.legend {
            @if !group.is_empty() { li.group { (group) ":" } }
            @for (swatch, name) in entries {
                li { span class=(swatch_class(*swatch)) {} (name) }
            }
        }
    }
}

fn swatch_class(swatch: Swatch) -> String {
    match swatch {
        Swatch::Fill(class) => format!("swatch {class}"),
        Swatch::Line(class) => format!("swatch stroke {class}"),
        Swatch::Dashed(class) => format!("swatch stroke dashed {class}"),
        Swatch::Sign(class) => format!("swatch {class}"),
    }
}

/// A figure whose chart is drawn for wide and narrow pages.
pub fn figure(heading: &str, legends: &Markup, caption: &str, draw: impl Fn(Layout) -> Markup) -> Markup {
    html! {
        figure {
            h3 { (heading) }
            (legends)
            @for layout in Layout::ALL { div class=(layout.class()) { (draw(layout)) } }
            @if !caption.is_empty() { figcaption { (caption) } }
        }
    }
}
