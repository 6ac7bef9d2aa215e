//! Inputs with a common cause.

use std::collections::BTreeMap;

use crate::plan::{Correlation, InputId};
use crate::text::Diagnostic;

use super::Resolver;

impl Resolver<'_> {
    pub(super) fn correlations(&mut self) -> Vec<Correlation> {
        let scenario = self.scenario;
        let mut taken: BTreeMap<InputId, &str> = BTreeMap::new();
        let mut all = Vec::new();
        for section in &scenario.correlations {
            let mut inputs = Vec::new();
            for pattern in &section.inputs {
                let mut matched = false;
                for (index, record) in self.inputs.iter().enumerate() {
                    if !matches_pattern(&pattern.value, &record.path) {
                        continue;
                    }
                    matched = true;
                    let id = InputId(u32::try_from(index).unwrap_or(u32::MAX));
                    if !record.distribution.is_uncertain() || inputs.contains(&id) {
                        continue;
                    }
                    if let Some(other) = taken.insert(id, &section.name.value) {
                        self.diagnostics.push(
                            Diagnostic::error(
                                pattern.span,
                                format!("`{}` already moves with `{other}`", record.path),
                            )
                            .help("an input has at most one common cause"),
                        );
                        continue;
                    }
                    inputs.push(id);
                }
                if !matched {
                    self.diagnostics.push(
                        Diagnostic::error(pattern.span, format!("no input is called `{}`", pattern.value))
                            .suggest(&pattern.value, self.inputs.iter().map(|input| input.path.as_str())),
                    );
                }
            }
            if let Some(coefficient) = &section.coefficient {
                all.push(Correlation {
                    name: section.name.value.clone(),
                    inputs,
                    coefficient: coefficient.value,
                });
            }
        }
        all
    }
}

/// Whether a path matches a pattern in which `*` stands for any one segment.
fn matches_pattern(pattern: &str, path: &str) -> bool {
    let (mut pattern, mut path) = (pattern.split('.'), path.split('.'));
    loop {
        match (pattern.next(), path.next()) {
            (None, None) => return true,
            (Some(want), Some(have)) if want == "*" || want == have => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches_pattern;

    #[test]
    fn a_star_is_one_segment() {
        assert!(matches_pattern("system.*.price_per_accelerator", "system.hgx-h200.price_per_accelerator"));
        assert!(!matches_pattern("system.*", "system.hgx-h200.power"));
        assert!(!matches_pattern("system.*.power", "system.hgx-h200.racks"));
    }
}
