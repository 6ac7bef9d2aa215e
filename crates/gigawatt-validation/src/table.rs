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
}
