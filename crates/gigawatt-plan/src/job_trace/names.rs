//! Names that stand in many rows, kept once.

use std::collections::HashMap;

/// A name of a [`Names`]; names are numbered in the order in which they first stood in the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(pub u32);

/// How many names are told apart. A trace with more puts the others together, so that it does not eat memory.
const MOST: usize = 1 << 16;
/// What the names beyond are called.
const OTHERS: &str = "(others)";

/// Names by their number.
#[derive(Debug, Default)]
pub struct Names {
    names: Vec<String>,
    /// Looked up and never iterated.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// The number of a name, given now where it is new.
    pub(super) fn intern(&mut self, name: &str) -> NameId {
        if let Some(number) = self.numbers.get(name) {
            return NameId(*number);
        }
        let name = if self.names.len() < MOST { name } else { OTHERS };
        if let Some(number) = self.numbers.get(name) {
            return NameId(*number);
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        NameId(number)
    }

    /// A name by a number that this list gave out.
    pub fn get(&self, id: NameId) -> &str {
        &self.names[id.0 as usize]
    }

    /// The number of a name that stood in the trace.
    pub fn find(&self, name: &str) -> Option<NameId> {
        self.numbers.get(name).copied().map(NameId)
    }

    /// All names, in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_the_most_are_put_together() {
        let mut names = Names::default();
        for number in 0..MOST + 1000 {
            let id = names.intern(&number.to_string());
            assert_eq!(names.get(id) == OTHERS, number >= MOST, "{number}");
        }
        assert_eq!(names.iter().count(), MOST + 1);
        assert_eq!(names.find("17"), Some(NameId(17)));
    }
}
