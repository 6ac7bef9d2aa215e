//! Rows and fields of a CSV file, and where they stand in it.

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::text::{SourceId, Span};

/// A CSV file whose fields know their place.
pub(crate) struct Rows<'a> {
    source: SourceId,
    text: &'a str,
    /// Bytes before the first row: a byte order mark.
    skipped: usize,
    delimiter: u8,
    reader: Reader<&'a [u8]>,
    record: ByteRecord,
}

impl<'a> Rows<'a> {
    /// Opens a text. Fields are parted by what stands most often in the first line: commas, semicolons or tabs.
    pub fn new(source: SourceId, text: &'a str) -> Self {
        let skipped = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let body = &text[skipped..];
        let first = body.lines().find(|line| !line.is_empty()).unwrap_or_default();
        let count = |byte: u8| first.bytes().filter(|other| *other == byte).count();
        let delimiter = [b',', b';', b'\t'].into_iter().rev().max_by_key(|byte| count(*byte)).unwrap_or(b',');
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(body.as_bytes());
        Self { source, text, skipped, delimiter, reader, record: ByteRecord::new() }
    }

    /// Goes on to the next row; false at the end.
    pub fn advance(&mut self) -> bool {
        // Reading from memory without asking for UTF-8 or equal lengths cannot fail.
        self.reader.read_byte_record(&mut self.record).unwrap_or(false)
    }

    /// Number of fields.
    pub fn width(&self) -> usize {
        self.record.len()
    }

    /// A field without the blanks around it.
    pub fn field(&self, index: usize) -> &str {
        let bytes = self.record.get(index).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default().trim()
    }

    /// First byte of the row.
    pub fn start(&self) -> u32 {
        let at = self.record.position().map_or(0, |position| position.byte());
        let mut at = self.skipped + usize::try_from(at).unwrap_or(0);
        while matches!(self.text.as_bytes().get(at), Some(b'\r' | b'\n')) {
            at += 1;
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// The characters of the whole row.
    pub fn row_span(&self) -> Span {
        let start = self.start();
        let rest = &self.text[start as usize..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        Span { source: self.source, start, end: start + u32::try_from(length).unwrap_or(0) }
    }

    /// The characters of a field of the row that starts at a byte.
    pub fn field_span(&self, row: u32, index: usize) -> Span {
        let bytes = &self.text.as_bytes()[row as usize..];
        let (mut field, mut from, mut quoted, mut closed) = (0, 0, false, None);
        let mut end = bytes.len();
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'"' if quoted => (quoted, closed) = (false, Some(at)),
                // A quote opens a field; two in a row within one are a character.
                b'"' if at == from || closed == at.checked_sub(1) => quoted = true,
                _ if quoted => {}
                byte if *byte == self.delimiter || matches!(byte, b'\r' | b'\n') => {
                    if field == index || *byte != self.delimiter {
                        end = at;
                        break;
                    }
                    field += 1;
                    from = at + 1;
                }
                _ => {}
            }
        }
        while from < end && bytes[from] == b' ' {
            from += 1;
        }
        while from < end && bytes[end - 1] == b' ' {
            end -= 1;
        }
        let place = |offset: usize| row + u32::try_from(offset).unwrap_or(0);
        // An empty field is shown by the delimiter that ends it, or by the end of its line.
        let (from, end) = if from == end { (from.saturating_sub(1), end) } else { (from, end) };
        Span { source: self.source, start: place(from), end: place(end) }
    }

    /// Whether fields are parted by commas.
    pub fn by_commas(&self) -> bool {
        self.delimiter == b','
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_know_their_place_behind_marks_blank_lines_and_quotes() {
        let text = "\u{feff}time;price\r\n\r\n\"2025-01\"; 12.5 \r\n2025-02;\n";
        let mut rows = Rows::new(SourceId(0), text);
        let snippet = |span: Span| &text[span.start as usize..span.end as usize];
        assert!(rows.advance());
        assert_eq!((rows.field(0), snippet(rows.field_span(rows.start(), 1))), ("time", "price"));
        assert!(rows.advance());
        assert_eq!((rows.field(0), rows.field(1)), ("2025-01", "12.5"));
        assert_eq!(snippet(rows.field_span(rows.start(), 0)), "\"2025-01\"");
        assert_eq!(snippet(rows.field_span(rows.start(), 1)), "12.5");
        assert_eq!(snippet(rows.row_span()), "\"2025-01\"; 12.5 ");
        assert!(rows.advance());
        assert_eq!(snippet(rows.field_span(rows.start(), 1)), ";");
        assert!(!rows.advance());
    }
}
