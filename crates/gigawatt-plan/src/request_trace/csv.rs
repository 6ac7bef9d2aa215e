//! Rows of tables whose first line names the columns.

use super::format::RequestFormat;
use super::number::{Field, SECOND, nanoseconds, tokens};
use super::reader::Row;
use crate::text::nearest;
use crate::trace::faults::{Cause, Mistake};
use crate::trace::stamp;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Time,
    Prompt,
    Output,
    Session,
    Priority,
}

/// Columns that are read. The first three are needed.
const MEANINGS: [Meaning; 5] =
    [Meaning::Time, Meaning::Prompt, Meaning::Output, Meaning::Session, Meaning::Priority];
/// How many of them are needed.
const NEEDED: usize = 3;

/// What a format calls its columns, in the order of [`MEANINGS`].
fn names(format: RequestFormat) -> [Option<&'static str>; MEANINGS.len()] {
    match format {
        RequestFormat::Azure => {
            [Some("TIMESTAMP"), Some("ContextTokens"), Some("GeneratedTokens"), None, None]
        }
        RequestFormat::Burstgpt => {
            [Some("Timestamp"), Some("Request tokens"), Some("Response tokens"), Some("Session ID"), None]
        }
        RequestFormat::Plain | RequestFormat::Mooncake => [
            Some("arrival_s"),
            Some("prompt_tokens"),
            Some("output_tokens"),
            Some("session"),
            Some("priority"),
        ],
    }
}

/// Where the columns of a table stand.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    format: RequestFormat,
    delimiter: u8,
    /// What each column of the table holds, if it is read.
    meanings: Vec<Option<Meaning>>,
}

/// A column that a table lacks.
#[derive(Debug)]
pub(super) struct Missing<'l> {
    /// What it is called.
    pub name: &'static str,
    /// What the table has that is spelt alike.
    pub near: Option<&'l str>,
    /// How many of the needed columns the table has.
    pub found: usize,
}

impl Columns {
    /// The columns that a first line names.
    pub fn of(format: RequestFormat, first: &str) -> Result<Self, Missing<'_>> {
        let delimiter =
            [b',', b';', b'\t'].into_iter().find(|one| first.as_bytes().contains(one)).unwrap_or(b',');
        let header: Vec<&str> =
            first.split(char::from(delimiter)).map(|name| name.trim().trim_matches('"').trim()).collect();
        let mut meanings = vec![None; header.len()];
        let (mut found, mut missing) = (0, None);
        for (at, name) in names(format).into_iter().enumerate() {
            let Some(name) = name else { continue };
            match header.iter().position(|column| column.eq_ignore_ascii_case(name)) {
                Some(place) => {
                    meanings[place] = Some(MEANINGS[at]);
                    found += usize::from(at < NEEDED);
                }
                None if at < NEEDED => missing = missing.or(Some(name)),
                None => {}
            }
        }
        match missing {
            None => Ok(Self { format, delimiter, meanings }),
            Some(name) => Err(Missing { name, near: nearest(name, header), found }),
        }
    }

    /// Reads a row.
    pub fn row<'l>(&self, line: &'l str) -> Result<Row, Mistake<'l>> {
        let mut fields = [""; MEANINGS.len()];
        let mut count = 0;
        let mut rest = Some(line);
        while let Some(text) = rest {
            let (field, after) = self.field(text);
            rest = after;
            match self.meanings.get(count) {
                Some(Some(meaning)) => fields[*meaning as usize] = field,
                // A delimiter at the end of a row parts nothing from it.
                None if field.is_empty() && after.is_none() => break,
                _ => {}
            }
            count += 1;
        }
        if count != self.meanings.len() {
            return Err(Mistake {
                cause: Cause::Fields,
                part: line,
                message: format!("the row has {count} fields, expected {}", self.meanings.len()),
                help: "a row has as many fields as the first line has names; numbers are written without separators of thousands",
            });
        }
        let [time, prompt, output, session, priority] = fields;
        let count = |text, name| tokens(text).map_err(|wrong| Field { text, name }.mistake(wrong, line));
        Ok(Row {
            time: self.time(time, line)?,
            prompt: count(prompt, "number of prompt tokens")?,
            output: count(output, "number of output tokens")?,
            session: session_id(session),
            priority: match priority {
                "" => 0,
                text => text.parse().map_err(|_| Mistake {
                    cause: Cause::Value,
                    part: text,
                    message: format!("`{}` is no priority", &text[..text.floor_char_boundary(60)]),
                    help: "write a whole number from 0 to 255; lower numbers are served first",
                })?,
            },
        })
    }

    fn time<'l>(&self, text: &'l str, line: &'l str) -> Result<i64, Mistake<'l>> {
        if text.is_empty() {
            return Err(Mistake {
                cause: Cause::Time,
                part: line,
                message: "the row does not say when the request arrived".to_owned(),
                help: "every row needs a time and two counts of tokens",
            });
        }
        if self.format != RequestFormat::Azure {
            let field = Field { text, name: "time" };
            return nanoseconds(text, SECOND).map_err(|wrong| field.mistake(wrong, line));
        }
        let nanoseconds = |(seconds, nanoseconds): (i64, u32)| {
            seconds.checked_mul(1_000_000_000)?.checked_add(i64::from(nanoseconds))
        };
        stamp(text).and_then(nanoseconds).ok_or_else(|| {
            let shown = &text[..text.floor_char_boundary(60)];
            let message = format!("`{shown}` is no time");
            Mistake {
                cause: Cause::Value,
                part: text,
                message,
                help: "write 2023-11-16 18:15:46.6805900, with an offset from UTC or without",
            }
        })
    }

    /// The first field of a text, without the blanks and quotes around it, and what stands after it. Quotes guard the
    /// delimiter.
    fn field<'l>(&self, text: &'l str) -> (&'l str, Option<&'l str>) {
        let bytes = text.as_bytes();
        let start = bytes.iter().take_while(|byte| **byte == b' ').count();
        let guarded = match bytes.get(start) {
            Some(b'"') => bytes[start + 1..].iter().position(|byte| *byte == b'"').map(|at| start + 1 + at),
            _ => None,
        };
        let from = guarded.unwrap_or(start);
        let end = bytes[from..].iter().position(|byte| *byte == self.delimiter).map(|at| from + at);
        let field = match guarded {
            Some(quote) => text[start + 1..quote].trim_ascii(),
            None => text[..end.unwrap_or(text.len())].trim_ascii(),
        };
        (field, end.map(|end| &text[end + 1..]))
    }
}

/// A number for the name of a session, 0 for none. A number above 0 stands for itself, anything else for a hash of it
/// (FNV-1a; G. Fowler, L. C. Noll, K.-P. Vo): a table of names would grow with the trace.
fn session_id(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    match text.parse::<u64>() {
        Ok(number) if number > 0 => number,
        _ => {
            let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
            });
            hash.max(1)
        }
    }
}

/// The format that a first line comes nearest to, with the column that it lacks, if it has any column of one.
pub(super) fn nearest_format(first: &str) -> Option<Missing<'_>> {
    let formats = [RequestFormat::Plain, RequestFormat::Azure, RequestFormat::Burstgpt];
    let missing = formats.into_iter().filter_map(|format| Columns::of(format, first).err());
    let best = missing.reduce(|best, other| if other.found > best.found { other } else { best })?;
    (best.found > 0 || best.near.is_some()).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BURSTGPT: &str =
        "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type";

    #[test]
    fn columns_are_found_by_name_in_any_order_and_others_are_passed_over() {
        let columns = Columns::of(RequestFormat::Burstgpt, BURSTGPT).expect("columns");
        let row = columns.row("45.5,\"a, b\",1.2,GPT-4,472,18,490,Conversation log").expect("a row");
        assert_eq!((row.time, row.prompt, row.output), (45_500_000_000, 472, 18));
        assert!(row.session > 0);
        let other = columns.row("45,,,ChatGPT,1,0,1,API log").expect("a row");
        assert_eq!((other.session, other.output), (0, 0));
        let plain = Columns::of(RequestFormat::Plain, "priority;prompt_tokens;arrival_s;note;output_tokens");
        let row = plain.expect("columns").row("3; 10 ;0.5;x;\"20\";").expect("a row");
        assert_eq!((row.priority, row.prompt, row.time, row.output), (3, 10, 500_000_000, 20));
    }

    #[test]
    fn a_separator_of_thousands_is_a_field_too_many() {
        let columns =
            Columns::of(RequestFormat::Plain, "arrival_s,prompt_tokens,output_tokens").expect("columns");
        let mistake = columns.row("1.0,1,024,10").expect_err("four fields");
        assert_eq!((mistake.cause, mistake.part), (Cause::Fields, "1.0,1,024,10"));
    }

    #[test]
    fn names_of_sessions_are_numbers_and_the_empty_name_is_none() {
        assert_eq!((session_id(""), session_id("17")), (0, 17));
        assert_ne!(session_id("0"), 0);
        assert_ne!(session_id("a"), session_id("b"));
    }

    #[test]
    fn what_is_lacking_is_the_column_of_the_nearest_format() {
        let missing = nearest_format("TIMESTAMP,ContextTokens,GeneratedToken").expect("near");
        assert_eq!((missing.name, missing.near), ("GeneratedTokens", Some("GeneratedToken")));
        assert!(nearest_format("time,price").is_none());
    }
}
