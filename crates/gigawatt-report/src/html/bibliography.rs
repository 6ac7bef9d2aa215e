//! The sources that plan, claims and outcomes cite.

use maud::{Markup, html};

use super::view::{View, anchor};

/// The section; nothing where nothing is cited.
pub fn bibliography(view: &View<'_>) -> Option<Markup> {
    if view.summary.sources.is_empty() {
        return None;
    }
    Some(html! {
        ol.sources {
            @for (id, source) in &view.summary.sources {
                li id=(anchor(id)) {
                    (source.title) ". " (source.publisher) ", " (source.published) "."
                    @if let Some(note) = &source.note { span.soft { " " (note) "." } }
                    span.path { code { (id) } ", " (view.words.grade_of(source.grade)) }
                }
            }
        }
    })
}
