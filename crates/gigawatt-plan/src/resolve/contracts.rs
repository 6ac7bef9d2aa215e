//! How a site buys electricity, and what of its work can wait.

use crate::plan::{ContractKind, ContractPlan, DeferrablePlan, GenerationShape, ShiftBy};
use crate::quantity::Dimension;
use crate::scenario::{ContractSection, DeferrableSection};
use crate::text::Diagnostic;

use super::Resolver;

/// Fields of each kind of contract, and whether it has to have them.
const FIELDS: [(&str, &str, bool); 7] = [
    ("fixed", "power", true),
    ("fixed", "price", true),
    ("indexed", "markup", true),
    ("purchase", "power", true),
    ("purchase", "price", true),
    ("purchase", "generation", false),
    ("purchase", "carbon_intensity", false),
];

impl Resolver<'_> {
    pub(super) fn electricity_contract(
        &mut self,
        section: &ContractSection,
        path: &str,
    ) -> Option<ContractPlan> {
        let kind = section.kind.as_ref()?;
        self.check_fields(section, &kind.value)?;
        let path = format!("{path}.contract.{}", section.name.value);
        let value = |field: &str| section.values.get(field);
        if let Some(power) = value("power") {
            self.above_nothing("power", power, Dimension::Power)?;
        }
        let of = |field: &str| format!("{path}.{field}");
        let kind = match kind.value.as_str() {
            "fixed" => ContractKind::Fixed {
                power: self.written(of("power"), value("power")?),
                price: self.written(of("price"), value("price")?),
            },
            "indexed" => ContractKind::Indexed { markup: self.written(of("markup"), value("markup")?) },
            _ => {
                let words = section.generation.as_ref().map(|shape| shape.value.as_str());
                let shape = GenerationShape::ALL.iter().find(|(_, word)| Some(*word) == words);
                ContractKind::Purchase {
                    power: self.written(of("power"), value("power")?),
                    price: self.written(of("price"), value("price")?),
                    generation: shape.map_or(GenerationShape::Flat, |(shape, _)| *shape),
                    intensity: value("carbon_intensity")
                        .map(|intensity| self.written(of("carbon_intensity"), intensity)),
                }
            }
        };
        Some(ContractPlan { name: section.name.value.clone(), kind })
    }

    /// Tells of what a contract of a kind lacks or cannot have.
    fn check_fields(&mut self, section: &ContractSection, kind: &str) -> Option<()> {
        let written = |field: &str| match field {
            "generation" => section.generation.as_ref().map(|shape| shape.span),
            _ => section.values.get(field).map(|value| value.span),
        };
        let mut right = true;
        for field in ["power", "price", "markup", "generation", "carbon_intensity"] {
            let known = FIELDS.iter().find(|(of, name, _)| (*of, *name) == (kind, field));
            match (known, written(field)) {
                (None, Some(span)) => {
                    let message = format!("a contract of the kind `{kind}` has no `{field}`");
                    self.diagnostics.push(Diagnostic::error(span, message).help("leave it out"));
                    right = false;
                }
                (Some((_, _, true)), None) => {
                    let message = format!("`{field}` is missing in a contract of the kind `{kind}`");
                    self.diagnostics.push(Diagnostic::error(section.span, message).help("write it"));
                    right = false;
                }
                _ => {}
            }
        }
        right.then_some(())
    }

    /// What can wait; none where nothing is said, nothing where diagnostics say what is wrong.
    #[expect(clippy::option_option, reason = "nothing said, and something wrong, are two things")]
    pub(super) fn deferrable(
        &mut self,
        section: Option<&DeferrableSection>,
        path: &str,
    ) -> Option<Option<DeferrablePlan>> {
        let Some(section) = section else { return Some(None) };
        let (share, wait) = (section.values.get("share")?, section.values.get("wait")?);
        self.check_share(Some(share), "share");
        self.above_nothing("wait", wait, Dimension::Duration)?;
        let words = section.by.as_ref().map(|by| by.value.as_str());
        let by = ShiftBy::ALL.iter().find(|(_, word)| Some(*word) == words);
        Some(Some(DeferrablePlan {
            share: self.written(format!("{path}.deferrable.share"), share),
            wait: self.written(format!("{path}.deferrable.wait"), wait),
            by: by.map_or(ShiftBy::Price, |(by, _)| *by),
        }))
    }
}
