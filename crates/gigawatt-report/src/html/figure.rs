//! A chart with its heading, legend and caption.

use maud::{Markup, html};

use crate::Words;
use crate::chart::{Chart, Layout, Style};

/// Entries of a legend, under a name for the group if it is not empty.
pub fn legend(group: &str, entries: &[(Style, String)]) -> Markup {
    html! {
        ul.legend {
            @if !group.is_empty() { li.group { (group) ":" } }
            @for (style, name) in entries {
                li { span class=(style.swatch()) {} (name) }
            }
        }
    }
}

/// A figure of a chart, with where its data stand.
pub fn figure(words: &Words, chart: &Chart, caption: &str) -> Markup {
    captioned(
        words,
        chart,
        &html! { @if !caption.is_empty() { (caption) " " } span.data { (words.as_data(&chart.file())) } },
    )
}

/// A figure of a chart whose data stand nowhere else.
pub fn drawn(words: &Words, chart: &Chart, caption: &str) -> Markup {
    captioned(words, chart, &html! { (caption) })
}

/// A chart drawn for wide and narrow pages.
fn captioned(words: &Words, chart: &Chart, caption: &Markup) -> Markup {
    let legends = chart.legend();
    html! {
        figure id=(format!("chart-{}", chart.name)) {
            h3 { (chart.title) }
            @for (group, entries) in &legends {
                // One series that has the name of its axis needs no key.
                @if !entries.is_empty() { (legend(group, entries)) }
            }
            @for layout in Layout::ALL { div class=(layout.class()) { (chart.svg(words, layout)) } }
            figcaption { (caption) }
        }
    }
}

/// A figure of a drawing that is no chart of numbers.
pub fn picture(heading: &str, caption: &str, draw: impl Fn(Layout) -> Markup) -> Markup {
    html! {
        figure {
            h3 { (heading) }
            @for layout in Layout::ALL { div class=(layout.class()) { (draw(layout)) } }
            @if !caption.is_empty() { figcaption { (caption) } }
        }
    }
}
