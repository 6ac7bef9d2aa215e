//! What a sweep varies: `path=a,b,c`, `path=low..high`, `path=low..high/steps`, or a path alone.

use crate::text::{Diagnostic, SourceId, SourceMap, Span, Spanned};

/// A path and the values it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Vary {
    /// The path, as `--set` takes it.
    pub path: Spanned<String>,
    /// What it takes.
    pub values: Values,
}

/// The values of a path, as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Those of its own distribution.
    Distribution,
    /// Each of a list.
    List(Vec<Spanned<String>>),
    /// Everything between two.
    Range {
        /// The lower end.
        low: Spanned<String>,
        /// The upper end.
        high: Spanned<String>,
        /// Number of even steps, ends included.
        steps: Option<u64>,
    },
}

/// Values that one path may take.
pub const MAXIMUM_VALUES: u64 = 1_000_000;

/// Reads what `--vary` was given.
///
/// # Errors
/// A diagnostic at the characters that are wrong.
pub fn parse_vary(sources: &SourceMap, source: SourceId) -> Result<Vary, Diagnostic> {
    let text = sources.get(source).text.as_str();
    let place = |start: usize, end: usize| {
        let clip = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source, start: clip(start), end: clip(end) }
    };
    // A part of the text without the blanks around it.
    let part = |start: usize, end: usize| {
        let written = &text[start..end];
        let start = start + (written.len() - written.trim_start().len());
        let trimmed = written.trim();
        Spanned { value: trimmed.to_owned(), span: place(start, start + trimmed.len()) }
    };
    let equals = text.find('=').unwrap_or(text.len());
    let path = part(0, equals);
    if path.value.is_empty() {
        return Err(Diagnostic::error(place(0, text.len()), "a variation names no path")
            .help("write it as path=a,b,c or path=low..high, such as purchase.gb200-2025.share=0.2..0.6/9"));
    }
    if equals == text.len() {
        return Ok(Vary { path, values: Values::Distribution });
    }
    let start = equals + 1;
    let outside = outside_brackets(text, start);
    let commas: Vec<usize> = outside.iter().copied().filter(|at| text.as_bytes()[*at] == b',').collect();
    let dots = outside.iter().copied().find(|at| text[*at..].starts_with("..")).filter(|_| commas.is_empty());
    if let Some(dots) = dots {
        let (end, steps) = steps(text, dots + 2, &place)?;
        let (low, high) = (part(start, dots), part(dots + 2, end));
        for (side, name) in [(&low, "lower"), (&high, "upper")] {
            if side.value.is_empty() {
                return Err(Diagnostic::error(
                    place(start, text.len()),
                    format!("the range has no {name} end"),
                )
                .help("write it as low..high or low..high/steps"));
            }
        }
        return Ok(Vary { path, values: Values::Range { low, high, steps } });
    }
    if text[start..].trim().is_empty() {
        return Err(Diagnostic::error(place(0, text.len()), format!("`{}` is given no value", path.value))
            .help("list its values, path=a,b,c, or give their range, path=low..high"));
    }
    let ends = commas.iter().copied().chain([text.len()]);
    let starts = [start].into_iter().chain(commas.iter().map(|at| at + 1));
    let values: Vec<Spanned<String>> = starts.zip(ends).map(|(start, end)| part(start, end)).collect();
    if let Some(empty) = values.iter().find(|value| value.value.is_empty()) {
        let span = Span { start: empty.span.start.saturating_sub(1), ..empty.span };
        return Err(Diagnostic::error(span, "a value is missing between commas"));
    }
    Ok(Vary { path, values: Values::List(values) })
}

/// Where the part that follows a range's dots ends, and the number of steps behind its last slash, if that is one:
/// the slash of a unit is followed by letters.
fn steps(
    text: &str,
    start: usize,
    place: &dyn Fn(usize, usize) -> Span,
) -> Result<(usize, Option<u64>), Diagnostic> {
    let Some(slash) = text[start..].rfind('/').map(|at| start + at) else { return Ok((text.len(), None)) };
    let written = text[slash + 1..].trim();
    if written.is_empty() || !written.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((text.len(), None));
    }
    let span = place(slash + 1, text.len());
    match written.parse() {
        Ok(steps) if (2..=MAXIMUM_VALUES).contains(&steps) => Ok((slash, Some(steps))),
        Ok(0 | 1) => Err(Diagnostic::error(span, format!("{written} steps do not make a range"))
            .help("a range has at least 2, its two ends")),
        _ => Err(Diagnostic::error(span, format!("{written} steps are too many"))
            .help(format!("a path takes at most {MAXIMUM_VALUES} values"))),
    }
}

/// The bytes from `start` on that stand in no brackets and no quotes.
fn outside_brackets(text: &str, start: usize) -> Vec<usize> {
    let (mut depth, mut quote) = (0_u32, None);
    let mut outside = Vec::new();
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'[' | b'{') => depth += 1,
            (None, b']' | b'}') => depth = depth.saturating_sub(1),
            (None, _) if depth == 0 && text.is_char_boundary(at) => outside.push(at),
            (None, _) => {}
        }
    }
    outside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vary, String> {
        let mut sources = SourceMap::default();
        let source = sources.add("--vary", text);
        parse_vary(&sources, source).map_err(|wrong| {
            let place = wrong.labels.first().map_or("", |label| sources.snippet(label.span));
            format!("{} at `{place}`", wrong.message)
        })
    }

    fn texts(text: &str) -> Vec<String> {
        match read(text).expect("readable").values {
            Values::Distribution => vec!["its own".to_owned()],
            Values::List(values) => values.into_iter().map(|value| value.value).collect(),
            Values::Range { low, high, steps } => {
                vec![low.value, high.value, steps.map_or(String::new(), |steps| steps.to_string())]
            }
        }
    }

    #[test]
    fn lists_ranges_and_paths_alone() {
        assert_eq!(texts("a.b"), ["its own"]);
        assert_eq!(texts("a.b=1, 2 ,3 GW"), ["1", "2", "3 GW"]);
        assert_eq!(texts("a.b=0.2..0.6/9"), ["0.2", "0.6", "9"]);
        assert_eq!(texts("a = 30 k$ .. 45 k$"), ["30 k$", "45 k$", ""]);
        assert_eq!(texts("a=0.05 $/kWh..0.10 $/kWh/6"), ["0.05 $/kWh", "0.10 $/kWh", "6"]);
        assert_eq!(texts("a=0.05 $/kWh..0.10 $/kWh"), ["0.05 $/kWh", "0.10 $/kWh", ""]);
        assert_eq!(texts("a={low=1, mode=2, high=3},4"), ["{low=1, mode=2, high=3}", "4"]);
        assert_eq!(texts("a=\"2026..2027\""), ["\"2026..2027\""]);
        assert_eq!(texts("a=2026..2027,2028"), ["2026..2027", "2028"]);
    }

    #[test]
    fn mistakes_are_told_at_their_characters() {
        for (text, told) in [
            ("=1", "a variation names no path at `=1`"),
            ("a.b=", "`a.b` is given no value at `a.b=`"),
            ("a=1,,2", "a value is missing between commas at `,`"),
            ("a=..2", "the range has no lower end at `..2`"),
            ("a=2..", "the range has no upper end at `2..`"),
            ("a=1..2/1", "1 steps do not make a range at `1`"),
            ("a=1..2/1000000000000000000", "1000000000000000000 steps are too many at `1000000000000000000`"),
            (
                "a=1..2/99999999999999999999999",
                "99999999999999999999999 steps are too many at `99999999999999999999999`",
            ),
        ] {
            assert_eq!(read(text), Err(told.to_owned()));
        }
    }
}
