//! What a scenario replaces of the catalogue beside facts: texts, integers and architectures.

use super::load::read_field;
use super::{Catalogue, Kind};
use crate::text::{Diagnostics, Node, Spanned};

impl Catalogue {
    /// The catalogue with the fields at `overrides` (path and value) replaced that hold no fact. Facts are replaced
    /// where a plan asks for them, so that they are known as the scenario's own.
    #[must_use]
    pub fn overridden(
        mut self,
        overrides: &[(Spanned<String>, Node)],
        diagnostics: &mut Diagnostics,
    ) -> Self {
        for (path, node) in overrides {
            let Some((kind, id, field)) = parts(&path.value) else { continue };
            if kind.quantities().iter().any(|(name, _)| *name == field) {
                continue;
            }
            if let Some(entry) = self.entries.iter_mut().find(|entry| entry.kind == kind && entry.id == id) {
                let key = Spanned { value: field.to_owned(), span: path.span };
                read_field(entry, &key, node, diagnostics);
            }
        }
        self
    }

    /// Whether the entry and the field that a path names are in the catalogue.
    pub fn has(&self, path: &str) -> bool {
        let Some((kind, id, field)) = parts(path) else { return false };
        self.get(kind, id).is_some_and(|entry| {
            !entry.vintages(field).is_empty()
                || entry.texts.contains_key(field)
                || entry.integer(field).is_some()
                || (field == "architecture" && entry.architecture.is_some())
        })
    }
}

/// Kind, entry and field of `system.gb200-nvl72.power`.
fn parts(path: &str) -> Option<(Kind, &str, &str)> {
    let (kind, rest) = path.split_once('.')?;
    let (id, field) = rest.rsplit_once('.')?;
    Some((Kind::parse(kind)?, id, field))
}
