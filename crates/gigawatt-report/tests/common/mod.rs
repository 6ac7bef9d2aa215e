//! What tests of the report share.

use std::io::{Cursor, Read};

use gigawatt_plan::world::{World, WorldError};

/// A world of one text.
pub struct Text(pub String);

impl World for Text {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone()))))
    }
}
