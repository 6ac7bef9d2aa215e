//! Rows of Mooncake's traces: an object of JSON a line.
//!
//! Read by hand, because blocks go straight into a buffer that is used again and nothing else of the line is kept.

use super::number::{Field, Wrong, nanoseconds, tokens};
use super::reader::Row;
use crate::trace::faults::{Cause, Mistake};

/// Nanoseconds of a millisecond.
const MILLISECOND: u64 = 1_000_000;
/// How a row looks.
pub(super) const A_ROW: &str = r#"a row is {"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47, 2353]}, the time in milliseconds"#;

/// A place in a line.
#[derive(Clone, Copy, Debug)]
struct Cursor<'l> {
    line: &'l str,
    at: usize,
}

/// Reads a row; its blocks are put into a buffer.
pub(super) fn row<'l>(line: &'l str, blocks: &mut Vec<u64>) -> Result<Row, Mistake<'l>> {
    blocks.clear();
    let mut cursor = Cursor { line, at: 0 };
    let (mut time, mut prompt, mut output, mut listed) = (None, None, None, false);
    cursor.expect(b'{')?;
    let mut first = true;
    while !cursor.take(b'}') {
        if !first {
            cursor.expect(b',')?;
        }
        first = false;
        let key = cursor.string()?;
        cursor.expect(b':')?;
        let twice = match key {
            "timestamp" => time.replace(cursor.value()?).is_some(),
            "input_length" => prompt.replace(cursor.value()?).is_some(),
            "output_length" => output.replace(cursor.value()?).is_some(),
            "hash_ids" => {
                let twice = listed;
                listed = true;
                cursor.blocks(blocks)?;
                twice
            }
            _ => {
                cursor.value()?;
                false
            }
        };
        if twice {
            return Err(syntax(key, format!("`{key}` stands twice in the row")));
        }
    }
    if cursor.peek().is_some() {
        return Err(syntax(&line[cursor.at..], "something follows the object".to_owned()));
    }
    let Some(time) = time else {
        return Err(Mistake {
            cause: Cause::Time,
            part: line,
            message: "the row does not say when the request arrived".to_owned(),
            help: A_ROW,
        });
    };
    let time_field = Field { text: time, name: "time" };
    let count = |text: Option<&'l str>, name| {
        let text = text.unwrap_or_default();
        tokens(text).map_err(|wrong| Field { text, name }.mistake(wrong, line))
    };
    Ok(Row {
        time: nanoseconds(time, MILLISECOND).map_err(|wrong| time_field.mistake(wrong, line))?,
        prompt: count(prompt, "input_length")?,
        output: count(output, "output_length")?,
        session: 0,
        priority: 0,
    })
}

impl<'l> Cursor<'l> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.line.as_bytes();
        while matches!(bytes.get(self.at), Some(b' ' | b'\t' | b'\r')) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Goes past a byte if it is the next.
    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Mistake<'l>> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected(char::from(byte))) }
    }

    /// The mistake of another character than the one expected, or of the end.
    fn unexpected(&mut self, expected: char) -> Mistake<'l> {
        self.peek();
        let rest = &self.line[self.at.min(self.line.len())..];
        match rest.chars().next() {
            Some(found) => {
                syntax(&rest[..found.len_utf8()], format!("found `{found}`, expected `{expected}`"))
            }
            None => syntax(rest, format!("the line ends where `{expected}` is expected")),
        }
    }

    /// What stands between two quotes, escapes as they are written.
    fn string(&mut self) -> Result<&'l str, Mistake<'l>> {
        self.expect(b'"')?;
        let (line, from) = (self.line, self.at);
        let bytes = line.as_bytes();
        loop {
            match bytes.get(self.at) {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => return Err(self.unexpected('"')),
            }
        }
        self.at += 1;
        Ok(&line[from..self.at - 1])
    }

    /// The characters of a value of any kind.
    fn value(&mut self) -> Result<&'l str, Mistake<'l>> {
        let first = self.peek();
        let (line, from) = (self.line, self.at);
        let bytes = line.as_bytes();
        match first {
            Some(b'"') => {
                self.string()?;
            }
            Some(open @ (b'{' | b'[')) => {
                // Depth is counted, not recursed into: a line may hold half a million brackets.
                let mut depth = 0_usize;
                loop {
                    match self.peek() {
                        None => return Err(self.unexpected(if open == b'{' { '}' } else { ']' })),
                        Some(b'"') => {
                            self.string()?;
                            continue;
                        }
                        Some(b'{' | b'[') => depth += 1,
                        Some(b'}' | b']') => depth -= 1,
                        Some(_) => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => {
                let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r');
                self.at = bytes[from..].iter().position(ends).map_or(bytes.len(), |length| from + length);
                if self.at == from {
                    let rest = &line[from..];
                    let part = rest.chars().next().map_or(rest, |found| &rest[..found.len_utf8()]);
                    return Err(syntax(part, "a value is missing".to_owned()));
                }
            }
        }
        Ok(&line[from..self.at])
    }

    /// The numbers of a list.
    fn blocks(&mut self, blocks: &mut Vec<u64>) -> Result<(), Mistake<'l>> {
        self.expect(b'[')?;
        let mut first = true;
        while !self.take(b']') {
            if !first {
                self.expect(b',')?;
            }
            first = false;
            self.peek();
            let (line, from) = (self.line, self.at);
            let (mut number, mut fits) = (0_u64, true);
            while let Some(digit @ b'0'..=b'9') = line.as_bytes().get(self.at) {
                let next = number.checked_mul(10).and_then(|ten| ten.checked_add(u64::from(digit - b'0')));
                (number, fits) = (next.unwrap_or(0), fits && next.is_some());
                self.at += 1;
            }
            let whole = matches!(line.as_bytes().get(self.at), Some(b',' | b']' | b' ' | b'\t' | b'\r'));
            if from == self.at || !fits || !whole {
                self.at = from;
                if from < line.len() {
                    self.value()?;
                }
                let text = &line[from..self.at];
                if self.at == line.len() {
                    return Err(syntax(text, "the line ends within the list of blocks".to_owned()));
                }
                return Err(Field { text, name: "id of a block" }.mistake(Wrong::NoNumber, line));
            }
            blocks.push(number);
        }
        Ok(())
    }
}

fn syntax(part: &str, message: String) -> Mistake<'_> {
    Mistake { cause: Cause::Syntax, part, message, help: A_ROW }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<(Row, Vec<u64>), (Cause, &str, String)> {
        let mut blocks = Vec::new();
        let read = row(line, &mut blocks).map_err(|mistake| (mistake.cause, mistake.part, mistake.message));
        read.map(|row| (row, blocks))
    }

    #[test]
    fn keys_stand_in_any_order_and_unknown_ones_are_passed_over() {
        let line = r#" { "hash_ids":[ 7 ,18446744073709551615], "note": {"a": [1, "}]\""], "b": null}, "output_length":2e1,"timestamp" : 27.5, "input_length": 600 } "#;
        let (row, blocks) = read(line).expect("a row");
        assert_eq!((row.time, row.prompt, row.output), (27_500_000, 600, 20));
        assert_eq!(blocks, [7, u64::MAX]);
        let (row, blocks) = read(r#"{"timestamp":0,"input_length":0,"output_length":0}"#).expect("a row");
        assert_eq!((row.prompt, blocks.len()), (0, 0));
    }

    #[test]
    fn a_line_that_is_cut_off_or_broken_is_pointed_at() {
        let cases = [
            (
                r#"{"timestamp": 1, "input_length": 5, "output_length": 2, "hash_ids": [1, 2"#,
                Cause::Syntax,
                "2",
            ),
            (
                r#"{"timestamp": 1, "input_length": 5, "output_length": 2, "hash_ids": [1, "#,
                Cause::Syntax,
                "",
            ),
            (r#"{"timestamp": 1, "input_le"#, Cause::Syntax, ""),
            (r#"{"timestamp": 1"#, Cause::Syntax, ""),
            (r#"{"timestamp": , "input_length": 5}"#, Cause::Syntax, ","),
            (r#"{"timestamp": 1} {"timestamp": 2}"#, Cause::Syntax, r#"{"timestamp": 2}"#),
            (r#"{"timestamp": 1 "input_length": 5}"#, Cause::Syntax, "\""),
            (r#"{"timestamp": 1, "timestamp": 2}"#, Cause::Syntax, "timestamp"),
            (
                r#"{"input_length": 5, "output_length": 2}"#,
                Cause::Time,
                r#"{"input_length": 5, "output_length": 2}"#,
            ),
            (r#"{"timestamp": "1", "input_length": 5, "output_length": 2}"#, Cause::Value, "\"1\""),
            (r#"{"timestamp": 1, "input_length": -5, "output_length": 2}"#, Cause::Value, "-5"),
            (r#"{"timestamp": 1, "input_length": null, "output_length": 2}"#, Cause::Value, "null"),
            (
                r#"{"timestamp": 1, "hash_ids": [1, -2], "input_length": 5, "output_length": 2}"#,
                Cause::Value,
                "-2",
            ),
            (
                r#"{"timestamp": 1, "hash_ids": [99999999999999999999], "output_length": 2}"#,
                Cause::Value,
                "99999999999999999999",
            ),
            (r#"{"timestamp": 1, "hash_ids": ["a"], "output_length": 2}"#, Cause::Value, "\"a\""),
            ("[1, 2]", Cause::Syntax, "["),
            ("{é: 1}", Cause::Syntax, "é"),
        ];
        for (line, cause, part) in cases {
            let (found, at, message) = read(line).expect_err(line);
            assert_eq!((found, at), (cause, part), "{line}: {message}");
        }
    }

    #[test]
    fn brackets_by_the_hundred_thousand_do_not_exhaust_the_stack() {
        let line = format!("{{\"x\": {}", "[".repeat(500_000));
        assert!(read(&line).is_err());
    }
}
