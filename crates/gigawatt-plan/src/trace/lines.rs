//! Lines of a stream, each of bounded length.

use std::io::{self, BufRead, Cursor, Read};

use crate::text::Span;

/// Bytes of a line beyond which it is no row of a trace of jobs.
pub(crate) const LONGEST: usize = 1 << 16;
/// Bytes at the start of a stream by which its format is told.
const HEAD: u64 = 1 << 18;

/// What came next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A line, in [`Lines::text`].
    Line,
    /// A line that is too long, of which the start is in [`Lines::text`].
    TooLong,
    /// A line that is not UTF-8, of which [`Lines::text`] has what is.
    NotText,
    /// Nothing.
    End,
}

/// A stream by lines; holds one of them, and the start of the stream.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: io::Chain<Cursor<Vec<u8>>, R>,
    bytes: Vec<u8>,
    text: String,
    number: u64,
    longest: usize,
}

impl<R: BufRead> Lines<R> {
    /// Opens a stream whose lines have at most so many bytes, and reads its start.
    pub fn open(mut input: R, longest: usize) -> io::Result<Self> {
        let mut head = Vec::new();
        input.by_ref().take(HEAD).read_to_end(&mut head)?;
        if head.starts_with("\u{feff}".as_bytes()) {
            head.drain(..3);
        }
        let input = Cursor::new(head).chain(input);
        Ok(Self { input, bytes: Vec::new(), text: String::new(), number: 0, longest })
    }

    /// The start of the stream, whatever was read of it.
    pub fn head(&self) -> &[u8] {
        self.input.get_ref().0.get_ref()
    }

    /// Goes on to the next line.
    pub fn advance(&mut self) -> io::Result<Next> {
        // The bytes go back and forth between both buffers, so that a line costs no allocation.
        self.bytes = std::mem::take(&mut self.text).into_bytes();
        self.bytes.clear();
        let limit = self.longest as u64 + 2;
        self.input.by_ref().take(limit).read_until(b'\n', &mut self.bytes)?;
        if self.bytes.is_empty() {
            return Ok(Next::End);
        }
        self.number += 1;
        let whole = self.bytes.last() == Some(&b'\n') || (self.bytes.len() as u64) < limit;
        if !whole {
            self.skip_line()?;
        }
        while matches!(self.bytes.last(), Some(b'\n' | b'\r')) {
            self.bytes.pop();
        }
        let too_long = self.bytes.len() > self.longest;
        let lossy = match String::from_utf8(std::mem::take(&mut self.bytes)) {
            Ok(text) => {
                self.text = text;
                false
            }
            Err(error) => {
                self.text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                true
            }
        };
        Ok(match (too_long, lossy) {
            (true, _) => Next::TooLong,
            (_, true) => Next::NotText,
            _ => Next::Line,
        })
    }

    /// Passes over what is left of a line.
    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => {
                    self.input.consume(at + 1);
                    return Ok(());
                }
                None => {
                    let length = buffer.len();
                    self.input.consume(length);
                }
            }
        }
    }

    /// The line, without its end.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its number, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }
}

/// A line with its number, for the place of a part of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'l> {
    /// Its characters.
    pub text: &'l str,
    /// Its number, from 1.
    pub number: u64,
}

impl<'l> Line<'l> {
    /// The line with at most so many bytes on either side of a part.
    pub fn around(self, part: &str, bytes: usize) -> Line<'l> {
        let (from, to) = self.range(part);
        let from = self.text.floor_char_boundary(from.saturating_sub(bytes));
        let to = self.text.ceil_char_boundary(to.saturating_add(bytes).min(self.text.len()));
        Line { text: &self.text[from..to], number: self.number }
    }

    /// Bytes of a part of the line, which has to be a slice of it.
    pub fn range(&self, part: &str) -> (usize, usize) {
        let from = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len());
        (from, (from + part.len()).min(self.text.len()))
    }

    /// The place of a part in a source that holds the line; of an empty part the character before it.
    pub fn span(&self, source: crate::text::SourceId, part: &str) -> Span {
        let (from, to) = self.range(part);
        let from = if from == to { self.text.floor_char_boundary(from.saturating_sub(1)) } else { from };
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span { source, start: place(from), end: place(to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_they_do_and_long_ones_are_passed_over() {
        let long = "x".repeat(3 * LONGEST);
        let text = format!("\u{feff}first\r\n\n{long}\nlast\u{e9}");
        let mut lines = Lines::open(text.as_bytes(), LONGEST).expect("memory");
        assert_eq!((lines.advance().expect("line"), lines.text()), (Next::Line, "first"));
        assert_eq!((lines.advance().expect("line"), lines.text()), (Next::Line, ""));
        assert_eq!(lines.advance().expect("line"), Next::TooLong);
        assert!(lines.text().len() <= LONGEST + 2);
        assert_eq!((lines.advance().expect("line"), lines.text(), lines.number()), (Next::Line, "lasté", 4));
        assert_eq!(lines.advance().expect("end"), Next::End);
    }

    #[test]
    fn bytes_that_are_no_text_are_told_apart() {
        let mut lines = Lines::open(&b"a\xffb\nc"[..], LONGEST).expect("memory");
        assert_eq!(lines.advance().expect("line"), Next::NotText);
        assert_eq!((lines.advance().expect("line"), lines.text()), (Next::Line, "c"));
    }
}
