//! What is wrong with the input, where, and what would be right.

use super::Span;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The input has no meaning as it stands.
    Error,
    /// The input has a meaning, but probably not the one intended.
    Warning,
}

/// A place with a few words on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What about it; may be empty.
    pub text: String,
}

/// One thing to tell the user about the input.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A lower-case sentence without a final period that names the value.
    pub message: String,
    /// Places, the first is the main one; empty where no text is at fault.
    pub labels: Vec<Label>,
    /// What would be right.
    pub help: Option<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: shortened(message.into()),
            labels: vec![Label { span, text: String::new() }],
            help: None,
        }
    }

    /// An error that no place in a text explains.
    pub fn bare(message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: shortened(message.into()), labels: Vec::new(), help: None }
    }

    /// The same as a warning.
    #[must_use]
    pub fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Words at the main place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        if let Some(first) = self.labels.first_mut() {
            first.text = text.into();
        }
        self
    }

    /// A further place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// What would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(shortened(help.into()));
        self
    }

    /// `did you mean ...` if a candidate is near, otherwise what there is to choose from.
    #[must_use]
    pub fn suggest<'a>(self, written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Self {
        let candidates: Vec<&str> = candidates.into_iter().collect();
        match nearest(written, candidates.iter().copied()) {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None if candidates.is_empty() => self,
            None => {
                let shown: Vec<String> = candidates.iter().take(20).map(|name| format!("`{name}`")).collect();
                let more = candidates.len().saturating_sub(shown.len());
                let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
                self.help(format!("expected one of {}{tail}", shown.join(", ")))
            }
        }
    }
}

/// Diagnostics collected on the way, so that many show at once.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
}

impl Diagnostics {
    /// How many are kept; a file with more mistakes than this is better mended in steps.
    const LIMIT: usize = 100;

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if self.all.len() < Self::LIMIT && !self.all.contains(&diagnostic) {
            self.all.push(diagnostic);
        }
    }

    /// Whether any is an error.
    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// All, in the order of the text they point at.
    pub fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.all.sort_by_key(|diagnostic| {
            diagnostic.labels.first().map(|label| (label.span.source, label.span.start, label.span.end))
        });
        self.all
    }
}

/// The longest message or help that is told whole: long enough for twenty names to choose from.
const LONGEST: usize = 1000;
/// What is told of either end of a longer one, which quotes a value that nobody wants to read twice.
const END: usize = 160;

/// Cuts the middle out of a text that is too long to be told.
fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let (head, tail) = (text.floor_char_boundary(END), text.ceil_char_boundary(text.len() - END));
    format!("{} … {}", &text[..head], &text[tail..])
}

/// Names longer than this are not compared: the cost grows with the product of the lengths.
const COMPARABLE: usize = 200;

/// The candidate spelt most like `written`, if any is near enough to be meant; the only one that starts with it
/// is near however long it is: `gb200` is `gb200-nvl72`.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if written.len() > COMPARABLE {
        return None;
    }
    let folded = written.to_lowercase();
    let candidates: Vec<&str> = candidates.into_iter().filter(|name| name.len() <= COMPARABLE).collect();
    let longer: Vec<&str> =
        candidates.iter().copied().filter(|name| name.to_lowercase().starts_with(&folded)).collect();
    if let ([only], true) = (longer.as_slice(), folded.chars().count() >= 3) {
        return Some(only);
    }
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count().min(30) / 4)
        .map(|(_, candidate)| candidate)
}

/// Whether a character could steer a terminal or mislead a reader: control characters but line ends and tabs,
/// and those that turn the direction of writing around.
pub fn steers(character: char) -> bool {
    let turns = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || character.is_control() && !matches!(character, '\n' | '\t')
}

/// Whether a text can be shown as it is: nothing in it steers, and carriage returns stand at ends of lines only.
pub fn is_printable(text: &str) -> bool {
    text.split("\r\n").all(|piece| !piece.contains(steers))
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn what_quotes_a_long_value_keeps_its_ends() {
        let told = super::Diagnostic::bare(format!("`{}` is not a name", "é".repeat(100_000))).message;
        assert!(told.starts_with("`é") && told.ends_with("é` is not a name") && told.len() < 400, "{told}");
    }

    #[test]
    fn a_name_too_long_to_be_one_is_compared_with_nothing() {
        assert_eq!(nearest(&"hgx-h100".repeat(100_000), ["hgx-h100"]), None);
    }

    #[test]
    fn the_only_name_that_starts_so_is_meant_and_else_the_one_spelt_most_alike() {
        let systems = ["hgx-h100", "hgx-b200", "gb200-nvl72"];
        assert_eq!(nearest("gb200", systems), Some("gb200-nvl72"));
        assert_eq!(nearest("HGX-H10O", systems), Some("hgx-h100"));
        assert_eq!(nearest("hgx", systems), None);
        assert_eq!(nearest("abacus", systems), None);
    }
}
