//! Asking a configuration of torchtitan for its keys.

use std::collections::BTreeSet;

use super::options::{MOST, MOST_RANKS};
use crate::text::{Diagnostic, Diagnostics, Node, Span, Spanned, Table, Value, nearest};

/// A configuration being read: getters tell what is wrong and give `None`.
pub(super) struct Configuration<'a> {
    root: &'a Table,
    /// The file, for what is missing in it.
    pub(super) file: Span,
    asked: BTreeSet<(&'static str, &'static str)>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Configuration<'a> {
    pub(super) fn new(root: &'a Table, file: Span, diagnostics: &'a mut Diagnostics) -> Self {
        Self { root, file, asked: BTreeSet::new(), diagnostics }
    }

    /// The table of a section, which may be several words: `quantize.linear.float8`.
    fn section(&self, name: &str) -> Option<&'a Table> {
        let mut table = self.root;
        for part in name.split('.') {
            let Value::Table(inner) = &table.get(part)?.value else { return None };
            table = inner;
        }
        Some(table)
    }

    pub(super) fn node(&mut self, section: &'static str, key: &'static str) -> Option<&'a Node> {
        self.asked.insert((section, key));
        self.section(section)?.get(key)
    }

    pub(super) fn tell(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help));
    }

    pub(super) fn warn(&mut self, span: Span, message: String, help: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(span, message).help(help).warning());
    }

    /// Tells that a word is not one of those that are known.
    pub(super) fn unknown<'k>(
        &mut self,
        word: &Spanned<String>,
        message: String,
        known: impl IntoIterator<Item = &'k str>,
    ) {
        self.diagnostics.push(Diagnostic::error(word.span, message).suggest(&word.value, known));
    }

    /// A whole number of at least one; -1, which stands for what is left, is passed over.
    pub(super) fn whole(&mut self, section: &'static str, key: &'static str) -> Option<Spanned<u64>> {
        let most = if section == "parallelism" { MOST_RANKS } else { MOST };
        let node = self.node(section, key)?;
        let message = match &node.value {
            Value::Integer(-1) | Value::Unreadable => return None,
            Value::Integer(number) => match u64::try_from(*number) {
                Ok(number) if (1..=most).contains(&number) => {
                    return Some(Spanned { value: number, span: node.span });
                }
                _ => format!("`{section}.{key}` is {number}, out of its range"),
            },
            other => format!("`{section}.{key}` is {}, expected a whole number", other.noun()),
        };
        self.tell(node.span, message, format!("expected 1 to {most}"));
        None
    }

    /// A truth, or another where none is written.
    pub(super) fn flag(&mut self, section: &'static str, key: &'static str, otherwise: bool) -> bool {
        let Some(node) = self.node(section, key) else { return otherwise };
        match &node.value {
            Value::Boolean(flag) => return *flag,
            Value::Unreadable => {}
            other => {
                let message = format!("`{section}.{key}` is {}, expected true or false", other.noun());
                self.tell(node.span, message, format!("without it, it is {otherwise}"));
            }
        }
        otherwise
    }

    /// A text.
    pub(super) fn text(&mut self, section: &'static str, key: &'static str) -> Option<Spanned<String>> {
        let node = self.node(section, key)?;
        match &node.value {
            Value::Text(text) => return Some(Spanned { value: text.clone(), span: node.span }),
            Value::Unreadable => {}
            other => {
                let message = format!("`{section}.{key}` is {}, expected a string", other.noun());
                self.tell(node.span, message, "write it in quotes");
            }
        }
        None
    }

    /// One of several words.
    pub(super) fn choice(
        &mut self,
        section: &'static str,
        key: &'static str,
        known: &[&'static str],
    ) -> Option<Spanned<&'static str>> {
        let word = self.text(section, key)?;
        if let Some(found) = known.iter().find(|known| **known == word.value) {
            return Some(Spanned { value: found, span: word.span });
        }
        let message = format!("`{section}.{key}` is `{}`, which is not understood", word.value);
        self.unknown(&word, message, known.iter().copied());
        None
    }

    /// Tells of keys of sections that change speed or memory which nothing asked for; `harmless` ones do not.
    pub(super) fn finish(self, sections: &[&str], harmless: &[&str]) {
        for section in sections {
            let Some(table) = self.section(section) else { continue };
            let known = || self.asked.iter().filter(|(of, _)| of == section).map(|(_, key)| *key);
            for (key, node) in table.iter() {
                let name = key.value.as_str();
                let nothing = matches!(&node.value, Value::Boolean(false) | Value::Table(_));
                if nothing || known().any(|known| known == name) || harmless.contains(&name) {
                    continue;
                }
                let message = format!("`{section}.{name}` changes speed or memory and is not understood");
                let near = nearest(name, known()).filter(|near| strsim::damerau_levenshtein(name, near) <= 2);
                let help = near.map_or_else(
                    || "the run is priced without it".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                self.diagnostics.push(Diagnostic::error(key.span, message).help(help).warning());
            }
        }
    }
}
