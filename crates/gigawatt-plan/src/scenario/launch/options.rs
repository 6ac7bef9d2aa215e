//! Asking a list of arguments for its options.

use std::collections::BTreeSet;

use super::shell::Token;
use crate::text::{Diagnostic, Diagnostics, Span, Spanned, nearest};

/// The largest number that an option takes, and the most that one dimension of a layout cuts into.
pub(super) const MOST: u64 = 100_000_000;
pub(super) const MOST_RANKS: u64 = 100_000;
/// Options beyond these are not looked at.
const MOST_OPTIONS: usize = 2_000;

/// An option with the words after it.
struct Given {
    name: Spanned<String>,
    values: Vec<Spanned<String>>,
}

/// Options being read: getters tell what is wrong and give `None`, so that reading goes on and finds the next mistake.
pub(super) struct Options<'a> {
    given: Vec<Given>,
    /// The file, for what is missing in it.
    pub(super) file: Span,
    asked: BTreeSet<&'static str>,
    /// Options of which it was told that another was meant.
    told: BTreeSet<String>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Options<'a> {
    /// The options among words: one begins with two hyphens and has the words up to the next.
    pub(super) fn new(tokens: Vec<Token>, file: Span, diagnostics: &'a mut Diagnostics) -> Self {
        let mut given: Vec<Given> = Vec::new();
        // Whether more values of the last option may follow.
        let mut open = false;
        for token in tokens {
            match token {
                Token::Word(word) if word.value.starts_with("--") && word.value.len() > 2 => {
                    let (name, value) = match word.value.split_once('=') {
                        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                        None => (word.value.clone(), None),
                    };
                    let value = value.map(|value| Spanned { value, span: word.span });
                    given.push(Given { name: word.map(|_| name), values: value.into_iter().collect() });
                    open = true;
                }
                Token::Word(word) if open => {
                    if let Some(last) = given.last_mut() {
                        last.values.push(word);
                    }
                }
                Token::Word(_) => {}
                Token::Break => open &= given.last().is_some_and(|last| last.values.is_empty()),
            }
        }
        if let Some(first) = given.get(MOST_OPTIONS) {
            let message = format!("there are more than {MOST_OPTIONS} options");
            diagnostics.push(Diagnostic::error(first.name.span, message).help("name what launches one run"));
            given.truncate(MOST_OPTIONS);
        }
        Self { given, file, asked: BTreeSet::new(), told: BTreeSet::new(), diagnostics }
    }

    /// The last place where an option is given: that is the one that counts.
    fn last(&mut self, name: &'static str) -> Option<&Given> {
        let first_asked = self.asked.insert(name);
        let mut all = self.given.iter().filter(|given| given.name.value == name);
        let last = all.next_back()?;
        if first_asked
            && let Some(before) = all.next_back()
            && before.values.first().map(|value| &value.value)
                != last.values.first().map(|value| &value.value)
        {
            self.diagnostics.push(
                Diagnostic::error(last.name.span, format!("`{name}` is given twice, and this one counts"))
                    .also(before.name.span, "before")
                    .help("leave out the one that is not meant")
                    .warning(),
            );
        }
        Some(last)
    }

    pub(super) fn tell(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help));
    }

    pub(super) fn warn(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help).warning());
    }

    /// Where an option is given.
    pub(super) fn place(&mut self, name: &'static str) -> Option<Span> {
        self.last(name).map(|given| given.name.span)
    }

    /// Whether an option is given.
    pub(super) fn flag(&mut self, name: &'static str) -> bool {
        self.place(name).is_some()
    }

    /// The words after an option.
    pub(super) fn words(&mut self, name: &'static str) -> Option<Vec<Spanned<String>>> {
        let given = self.last(name)?;
        let (span, values) = (given.name.span, given.values.clone());
        if values.is_empty() {
            self.tell(span, format!("`{name}` has no value"), "write one after it");
            return None;
        }
        Some(values)
    }

    /// The word after an option.
    pub(super) fn word(&mut self, name: &'static str) -> Option<Spanned<String>> {
        self.words(name)?.into_iter().next()
    }

    /// One of several words.
    pub(super) fn choice(
        &mut self,
        name: &'static str,
        known: &[&'static str],
    ) -> Option<Spanned<&'static str>> {
        let word = self.word(name)?;
        let found = known.iter().find(|known| **known == word.value);
        if let Some(found) = found {
            return Some(Spanned { value: found, span: word.span });
        }
        let message = format!("`{name}` is `{}`, which is not understood", word.value);
        self.diagnostics
            .push(Diagnostic::error(word.span, message).suggest(&word.value, known.iter().copied()));
        None
    }

    /// A whole number of at least one.
    pub(super) fn whole(&mut self, name: &'static str) -> Option<Spanned<u64>> {
        self.up_to(name, MOST)
    }

    /// A whole number from one to another.
    pub(super) fn up_to(&mut self, name: &'static str, most: u64) -> Option<Spanned<u64>> {
        let word = self.word(name)?;
        match word.value.replace('_', "").parse() {
            Ok(number) if (1..=most).contains(&number) => Some(Spanned { value: number, span: word.span }),
            _ => {
                let help = if word.value.contains('$') {
                    "the file does not set this variable: write the number, or NAME=number on a line before"
                        .to_owned()
                } else {
                    format!("expected a whole number from 1 to {most}")
                };
                self.tell(word.span, format!("`{name}` is `{}`", word.value), help);
                None
            }
        }
    }

    /// A whole number that has to be there.
    pub(super) fn needed(&mut self, name: &'static str, most: u64) -> Option<u64> {
        if self.flag(name) {
            return self.up_to(name, most).map(|number| number.value);
        }
        self.missing(name, &format!("write {name} and a whole number"));
        None
    }

    /// Tells of an option that is not there, at one that is spelt like it if there is one.
    pub(super) fn missing(&mut self, name: &'static str, help: &str) {
        let others = self.given.iter().map(|given| given.name.value.as_str());
        let near = nearest(name, others).and_then(|near| {
            self.given.iter().find(|given| given.name.value == near && !self.asked.contains(near))
        });
        let message = format!("`{name}` is missing");
        self.told.extend(near.map(|near| near.name.value.clone()));
        let diagnostic = match near {
            Some(near) => Diagnostic::error(near.name.span, message)
                .label(format!("is this `{name}`?"))
                .help(format!("did you mean `{name}` where `{}` is written?", near.name.value)),
            None => Diagnostic::error(self.file, message).help(help),
        };
        self.diagnostics.push(diagnostic);
    }

    /// Tells of what is given, was not asked for and changes speed or memory, and of names that look misspelt.
    pub(super) fn finish(self, matter: &[&str]) {
        for given in &self.given {
            let name = given.name.value.as_str();
            if self.asked.contains(name) || self.told.contains(name) {
                continue;
            }
            let told = if matter.contains(&name) {
                Diagnostic::error(
                    given.name.span,
                    format!("`{name}` changes speed or memory and is not understood"),
                )
                .help("the run is priced without it")
            } else if let Some(near) = misspelt(name, &self.asked) {
                Diagnostic::error(given.name.span, format!("`{name}` is not an option that is known"))
                    .help(format!("did you mean `{near}`?"))
            } else {
                continue;
            };
            self.diagnostics.push(told.warning());
        }
    }
}

/// The option that another is a misspelling of: names that share all but a letter or two.
fn misspelt<'a>(name: &str, known: &BTreeSet<&'a str>) -> Option<&'a str> {
    let alike = known.iter().copied().filter(|known| known.len().abs_diff(name.len()) <= 2);
    alike.into_iter().find(|known| strsim::damerau_levenshtein(name, known) <= 2)
}
