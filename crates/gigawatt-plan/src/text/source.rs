//! Texts that were read, and places in them.

use serde::{Deserialize, Serialize};

/// Which text of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// A place in a text: bytes `start..end` of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// The text.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it was written.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// The same place with a value made from this one.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Spanned<U> {
        Spanned { value: make(self.value), span: self.span }
    }
}

/// A text and the name that people know it by: a path relative to the scenario, a catalogue file, `--set`.
#[derive(Clone, Debug)]
pub struct Source {
    /// Name shown in messages.
    pub name: String,
    /// The whole text, or the line of it that is shown.
    pub text: String,
    /// Lines of the file before the text: 0 but for an excerpt.
    pub lines_before: u64,
    /// Where its lines end.
    line_ends: Vec<u32>,
}

/// All texts that one resolution read, in the order in which they were read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Adds a text and returns its identity.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.add_excerpt(name, text, 0)
    }

    /// Adds a part of a text that is too long to be kept, which starts after so many lines of the file.
    pub fn add_excerpt(
        &mut self,
        name: impl Into<String>,
        text: impl Into<String>,
        lines_before: u64,
    ) -> SourceId {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let text = text.into();
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let line_ends = ends.filter_map(|(at, _)| u32::try_from(at).ok()).collect();
        self.sources.push(Source { name: name.into(), text, lines_before, line_ends });
        id
    }

    /// The text behind an identity that this map gave out.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id.0 as usize]
    }

    /// `name:line` of a place, lines from 1.
    pub fn locate(&self, span: Span) -> String {
        let source = self.get(span.source);
        let line = 1 + source.lines_before + source.line_ends.partition_point(|end| *end < span.start) as u64;
        format!("{}:{line}", source.name)
    }

    /// The characters at a place.
    pub fn snippet(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }
}
