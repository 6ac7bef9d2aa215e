//! A CSV file whose columns are found by name.

/// The rows of a file under their header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    header: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Table {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, in words for a person.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
        let rows = reader.records().collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Self { header, rows })
    }

    /// Whether there is a column of the name.
    pub fn has(&self, name: &str) -> bool {
        self.header.iter().any(|column| column == name)
    }

    /// The rows.
    pub fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().map(|row| Record { header: &self.header, row })
    }
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    header: &'a [String],
    row: &'a csv::StringRecord,
}

impl<'a> Record<'a> {
    /// What stands in a column; nothing where there is none.
    pub fn text(&self, name: &str) -> &'a str {
        let column = self.header.iter().position(|column| column == name);
        column.and_then(|column| self.row.get(column)).map_or("", str::trim)
    }

    /// A finite number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.text(name).parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A whole number from 1 on, also where it is written as `8.0`.
    pub fn whole(&self, name: &str) -> Option<u64> {
        let number =
            self.number(name).filter(|number| (1.0..1e15).contains(number) && number.fract() == 0.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number in bounds"
        )]
        Some(number as u64)
    }

    /// A finite number; `None` where nothing is printed.
    ///
    /// # Errors
    /// That what is printed is none, in words for a person.
    pub fn printed_number(&self, name: &str) -> Result<Option<f64>, String> {
        let (text, number) = (self.text(name), self.number(name));
        if text.is_empty() || number.is_some() {
            return Ok(number);
        }
        Err(format!("`{name}` is `{}`, which is no number", beginning(text)))
    }

    /// A whole number from 1 on; `None` where nothing or zero is printed.
    ///
    /// # Errors
    /// That what is printed is none, in words for a person.
    pub fn printed_count(&self, name: &str) -> Result<Option<u64>, String> {
        let (text, number) = (self.text(name), self.whole(name));
        if text.is_empty() || number.is_some() || self.number(name) == Some(0.0) {
            return Ok(number);
        }
        Err(format!("`{name}` is `{}`, which is no whole number below 10^15", beginning(text)))
    }
}

/// Letters of a cell that are told.
const TOLD: usize = 40;

/// The beginning of a text that may be long.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(TOLD) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_and_no_number_is_told() {
        let table = Table::read("a,b,c,d,e,f\n8.0,0,-3,NaN,1e300,\n").unwrap();
        let row = table.records().next().unwrap();
        assert_eq!(row.printed_count("a"), Ok(Some(8)));
        assert_eq!(row.printed_count("b"), Ok(None));
        assert_eq!(row.printed_count("f"), Ok(None));
        assert_eq!(row.printed_count("missing"), Ok(None));
        for column in ["c", "d", "e"] {
            assert!(row.printed_count(column).unwrap_err().contains(&format!("`{column}` is ")));
        }
        assert_eq!(row.printed_number("c"), Ok(Some(-3.0)));
        assert!(row.printed_number("d").unwrap_err().contains("`NaN`"));
        let long = format!("a\n{}\n", "é".repeat(1000));
        let table = Table::read(&long).unwrap();
        assert!(table.records().next().unwrap().printed_number("a").unwrap_err().len() < 200);
    }
}
