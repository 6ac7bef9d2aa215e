//! Words of a shell script or a plain list of arguments, each with its place.
//!
//! Libraries that split shell words forget where they stood, and diagnostics have to point at them: words are found
//! here, and what quotes and backslashes in a word mean is the library's.

use std::collections::BTreeMap;

use crate::text::{Diagnostic, Diagnostics, SourceId, Span, Spanned};

/// Variables are not put into what is longer: each may hold the last one twice.
const LONGEST: usize = 4096;

/// What a script is made of, as far as options are concerned.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A word with quotes taken off and variables put in.
    Word(Spanned<String>),
    /// Something after which no more values of an option follow.
    Break,
}

/// The words of a text in order. Variables that the text sets before are put in; assignments are no words, but the
/// words of an array and of a quoted list of options are.
pub(super) fn tokens(text: &str, source: SourceId, diagnostics: &mut Diagnostics) -> Vec<Token> {
    let mut scanner =
        Scanner { text, source, variables: BTreeMap::new(), tokens: Vec::new(), depth: 0, diagnostics };
    scanner.scan(0, text.len());
    scanner.tokens
}

struct Scanner<'a> {
    text: &'a str,
    source: SourceId,
    variables: BTreeMap<String, String>,
    tokens: Vec<Token>,
    /// Open parentheses: in those of an array the end of a line ends nothing.
    depth: usize,
    diagnostics: &'a mut Diagnostics,
}

impl Scanner<'_> {
    fn scan(&mut self, from: usize, to: usize) {
        let bytes = &self.text.as_bytes()[..to];
        let mut at = from;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'\\' if bytes[at + 1..].starts_with(b"\n") => at += 2,
                b'\\' if bytes[at + 1..].starts_with(b"\r\n") => at += 3,
                b'\n' if self.depth == 0 => {
                    self.tokens.push(Token::Break);
                    at += 1;
                }
                b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                b'#' => at = bytes[at..].iter().position(|&byte| byte == b'\n').map_or(to, |end| at + end),
                b'(' | b')' | b';' | b'|' | b'&' | b'<' | b'>' => {
                    match byte {
                        b'(' => self.depth += 1,
                        b')' => self.depth = self.depth.saturating_sub(1),
                        _ => {}
                    }
                    self.tokens.push(Token::Break);
                    at += 1;
                }
                _ => {
                    let end = word_end(bytes, at);
                    self.word(at, end);
                    at = end;
                }
            }
        }
    }

    fn word(&mut self, start: usize, end: usize) {
        let raw = &self.text[start..end];
        if let Some((name, value_at)) = assignment(raw) {
            self.tokens.push(Token::Break);
            let value = &raw[value_at..];
            if quotes_options(value) {
                self.scan(start + value_at + 1, end - 1);
                self.tokens.push(Token::Break);
            } else if let Some(value) =
                self.meaning(value, start + value_at, end).filter(|value| value.len() < LONGEST)
            {
                self.variables.insert(name.to_owned(), value);
            }
            return;
        }
        if quotes_options(raw) && raw.contains(char::is_whitespace) {
            self.scan(start + 1, end - 1);
            return;
        }
        if let Some(value) = self.meaning(raw, start, end) {
            let word = Spanned { value, span: self.span(start, end) };
            self.tokens.push(Token::Word(word));
        }
    }

    /// A word without its quotes and with its variables.
    fn meaning(&mut self, raw: &str, start: usize, end: usize) -> Option<String> {
        let Some(words) = shlex::split(raw) else {
            let message = "a quote is opened and not closed, or the text ends after a backslash";
            let span = self.span(start, self.text[start..end].find('\n').map_or(end, |line| start + line));
            self.diagnostics.push(Diagnostic::error(span, message).help("close it with the same quote"));
            return None;
        };
        let plain = words.concat();
        Some(if raw.starts_with('\'') { plain } else { self.expanded(&plain) })
    }

    /// `$NAME`, `${NAME}` and `${NAME:-otherwise}` where the name was set; others stay as they are.
    fn expanded(&self, text: &str) -> String {
        let mut whole = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$').filter(|_| whole.len() < LONGEST) {
            whole.push_str(&rest[..at]);
            rest = &rest[at..];
            let after = &rest[1..];
            let (name, otherwise, length) = match after.strip_prefix('{') {
                Some(inner) => {
                    let Some(close) = inner.find('}') else { break };
                    let (name, otherwise) = inner[..close]
                        .split_once(":-")
                        .map_or((&inner[..close], None), |(name, value)| (name, Some(value)));
                    (name, otherwise, close + 2)
                }
                None => {
                    let length = name_length(after);
                    (&after[..length], None, length)
                }
            };
            match self.variables.get(name).map(String::as_str).or(otherwise) {
                Some(value) => whole.push_str(value),
                None => whole.push_str(&rest[..=length]),
            }
            rest = &after[length..];
        }
        whole.push_str(rest);
        whole
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        Span { source: self.source, start, end }
    }
}

/// Whether a word is options in quotes: `"--fp8-format hybrid"`.
fn quotes_options(word: &str) -> bool {
    let inside = |quote: char| word.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    let space = ['\\', '\n', '\r', ' ', '\t'];
    let inside = inside('"').or_else(|| inside('\''));
    inside.is_some_and(|inside| inside.trim_start_matches(space).starts_with("--"))
}

/// Where the word that begins at `at` ends.
fn word_end(bytes: &[u8], mut at: usize) -> usize {
    let mut braces = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 1,
            b'\'' | b'"' | b'`' => {
                at += 1;
                while bytes.get(at).is_some_and(|&inner| inner != byte) {
                    if byte != b'\'' && bytes[at] == b'\\' {
                        at += 1;
                    }
                    at += 1;
                }
            }
            b'$' if matches!(bytes.get(at + 1), Some(b'{' | b'(')) => {
                braces += 1;
                at += 1;
            }
            b'{' | b'(' if braces > 0 => braces += 1,
            b'}' | b')' if braces > 0 => braces -= 1,
            b' ' | b'\t' | b'\r' | b'\n' | b'(' | b')' | b';' | b'|' | b'&' | b'<' | b'>' if braces == 0 => {
                break;
            }
            _ => {}
        }
        at += 1;
    }
    at.min(bytes.len())
}

/// The name of a variable that a word sets, and where in the word its value begins.
fn assignment(raw: &str) -> Option<(&str, usize)> {
    let length = name_length(raw);
    let rest = &raw[length..];
    let sign = ["=", "+="].into_iter().find(|sign| rest.starts_with(sign))?;
    (length > 0).then(|| (&raw[..length], length + sign.len()))
}

fn name_length(text: &str) -> usize {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(part).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, String)> {
        let mut diagnostics = Diagnostics::default();
        let all = tokens(text, SourceId(0), &mut diagnostics);
        assert!(!diagnostics.has_errors());
        let shown = all.into_iter().filter_map(|token| match token {
            Token::Word(word) => {
                let written = &text[word.span.start as usize..word.span.end as usize];
                Some((word.value, written.to_owned()))
            }
            Token::Break => None,
        });
        shown.collect()
    }

    #[test]
    fn words_of_a_script_keep_their_places() {
        let script = "#!/bin/bash\nTP=8 # cut\nexport GBS=${GBS:-2048}\nARGS=(\n  --tensor-model-parallel-size $TP\n  --x \"a b\"\n  \"--z 3\"\n)\nMORE=\" \\\n --global-batch-size ${GBS} \\\n --y 1\"\nrun ${ARGS[@]} $MORE";
        let words = words(script);
        let find = |value: &str| words.iter().find(|(word, _)| word == value).map(|(_, at)| at.as_str());
        assert_eq!(find("8"), Some("$TP"));
        assert_eq!(find("a b"), Some("\"a b\""));
        assert_eq!(find("2048"), Some("${GBS}"));
        assert_eq!(find("3"), Some("3"));
        assert!(find("--y").is_some() && find("--global-batch-size").is_some());
        assert_eq!(find("${ARGS[@]}"), Some("${ARGS[@]}"));
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_where_it_opens() {
        let mut diagnostics = Diagnostics::default();
        tokens("--num-layers \"32\n--b", SourceId(0), &mut diagnostics);
        let told = diagnostics.into_sorted();
        assert_eq!((told.len(), told[0].labels[0].span.start), (1, 13));
    }
}
