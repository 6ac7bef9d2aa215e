//! Showing diagnostics: the text with the characters underlined.

use std::collections::BTreeMap;

use gigawatt_plan::text::{Diagnostic, Severity, SourceId, SourceMap};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, SourceCode,
    SourceSpan, SpanContents,
};

use crate::terminal::printable;

/// How much of a line is shown on either side of the characters at fault, and how many of these.
const REACH: usize = 120;
/// How many bytes of the characters at fault stand in JSON.
const MOST: usize = 1000;

/// A text under its name, of which whole lines are shown.
#[derive(Debug)]
struct Text<'t> {
    name: String,
    text: &'t str,
    /// Lines of the file before the text.
    lines_before: usize,
}

impl SourceCode for Text<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _context_before: usize,
        _context_after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let length = self.text.len();
        let (from, to) = (span.offset().min(length), (span.offset() + span.len()).min(length));
        let bytes = self.text.as_bytes();
        let line_from = bytes[..from].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let line_to = bytes[to..].iter().position(|&byte| byte == b'\n').map_or(length, |at| to + at);
        // A line without an end, such as minified text, is cut.
        let start = self.text.floor_char_boundary(line_from.max(from.saturating_sub(REACH)));
        let end = self.text.ceil_char_boundary(line_to.min(to + REACH));
        let end = self.text[..end].trim_end().len().max(to);
        let line = self.lines_before + bytes[..from].iter().filter(|&&byte| byte == b'\n').count();
        let column = self.text[line_from..self.text.floor_char_boundary(from)].chars().count();
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            &bytes[start..end],
            (start, end - start).into(),
            line,
            column,
            line + 1,
        )))
    }
}

/// A diagnostic with the text of its main place, for the renderer.
#[derive(Debug)]
struct Rendered<'a> {
    diagnostic: &'a Diagnostic,
    text: Option<Text<'a>>,
    help: Option<String>,
}

impl<'a> Rendered<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &SourceMap, shown: &'a BTreeMap<SourceId, String>) -> Self {
        let main = diagnostic.labels.first().map(|label| label.span);
        let text = main.map(|span| {
            let source = sources.get(span.source);
            // Of a mistake that no characters show, such as a missing key, only the file is named.
            let whole = shown.get(&span.source).filter(|_| span.start < span.end);
            let text = whole.map_or("", String::as_str);
            let lines_before = usize::try_from(source.lines_before).unwrap_or(usize::MAX);
            Text { name: printable(&source.name), text, lines_before }
        });
        // The renderer shows one text at a time: places in others are told in words.
        let elsewhere =
            diagnostic.labels.iter().filter(|label| Some(label.span.source) != main.map(|at| at.source));
        let lines: Vec<String> = diagnostic
            .help
            .iter()
            .map(|help| printable(help))
            .chain(
                elsewhere.map(|label| format!("{}: {}", label.text, printable(&sources.locate(label.span)))),
            )
            .collect();
        Self { diagnostic, text, help: (!lines.is_empty()).then(|| lines.join("\n")) }
    }
}

impl std::fmt::Display for Rendered<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&printable(&self.diagnostic.message))
    }
}

impl std::error::Error for Rendered<'_> {}

impl miette::Diagnostic for Rendered<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help(&self) -> Option<Box<dyn std::fmt::Display + '_>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let first = self.diagnostic.labels.first()?;
        let here = self.diagnostic.labels.iter().filter(move |label| label.span.source == first.span.source);
        Some(Box::new(here.enumerate().map(|(index, label)| {
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            let words = (!label.text.is_empty()).then(|| label.text.clone());
            let span = (start, end.saturating_sub(start).clamp(1, REACH));
            match index {
                0 => LabeledSpan::new_primary_with_span(words, span),
                _ => LabeledSpan::new_with_span(words, span),
            }
        })))
    }
}

/// Renders diagnostics as text, in colour if asked for.
pub fn render(diagnostics: &[Diagnostic], sources: &SourceMap, colour: bool) -> String {
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(110)
        .with_context_lines(0)
        .without_syntax_highlighting()
        .with_links(false);
    let mut shown: BTreeMap<SourceId, String> = BTreeMap::new();
    for label in diagnostics.iter().filter_map(|diagnostic| diagnostic.labels.first()) {
        let id = label.span.source;
        shown.entry(id).or_insert_with(|| printable(&sources.get(id).text));
    }
    let mut text = String::new();
    for diagnostic in diagnostics {
        // Writing to a string cannot fail.
        let _ = handler.render_report(&mut text, &Rendered::new(diagnostic, sources, &shown));
    }
    text
}

/// Prints diagnostics to standard error, with a count where there are several.
pub fn print(diagnostics: &[Diagnostic], sources: &SourceMap) {
    let colour = anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never;
    anstream::eprint!("{}", render(diagnostics, sources, colour));
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    if errors > 1 {
        anstream::eprintln!("{errors} errors");
    }
}

/// What is shown of the characters at fault: whatever is longer is known by how it begins.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST)]
}

/// A diagnostic for `--json`.
pub fn to_json(diagnostic: &Diagnostic, sources: &SourceMap) -> serde_json::Value {
    let places: Vec<_> = diagnostic
        .labels
        .iter()
        .map(|label| {
            serde_json::json!({
                "place": sources.locate(label.span),
                "start": label.span.start,
                "end": label.span.end,
                "text": beginning(sources.snippet(label.span)),
                "label": label.text,
            })
        })
        .collect();
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    serde_json::json!({
        "severity": severity,
        "message": diagnostic.message,
        "help": diagnostic.help,
        "places": places,
    })
}
