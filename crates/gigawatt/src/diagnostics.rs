//! Showing diagnostics: the text with the characters underlined.

use gigawatt_plan::text::{Diagnostic, Severity, SourceMap};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode};

/// A diagnostic with the text of its main place, for the renderer.
#[derive(Debug)]
struct Rendered<'a> {
    diagnostic: &'a Diagnostic,
    text: Option<NamedSource<String>>,
}

impl std::fmt::Display for Rendered<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.diagnostic.message)
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
        self.diagnostic.help.as_ref().map(|help| Box::new(help) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.text.as_ref().map(|text| text as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let first = self.diagnostic.labels.first()?;
        // The renderer shows one text at a time: places in others are told in the help.
        let here = self.diagnostic.labels.iter().filter(move |label| label.span.source == first.span.source);
        Some(Box::new(here.map(|label| {
            let (start, end) = (label.span.start as usize, label.span.end as usize);
            let words = (!label.text.is_empty()).then(|| label.text.clone());
            LabeledSpan::new(words, start, end.saturating_sub(start).max(1))
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
    let mut text = String::new();
    for diagnostic in diagnostics {
        let source = diagnostic.labels.first().map(|label| {
            let source = sources.get(label.span.source);
            NamedSource::new(&source.name, source.text.clone())
        });
        // Writing to a string cannot fail.
        let _ = handler.render_report(&mut text, &Rendered { diagnostic, text: source });
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
                "text": sources.snippet(label.span),
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
