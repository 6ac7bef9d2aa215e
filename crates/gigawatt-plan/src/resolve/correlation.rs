//! Inputs with a common cause.

use std::collections::BTreeMap;

use crate::plan::{Correlation, InputId};
use crate::text::{Diagnostic, nearest};

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
                    let help = self.nearest_pattern(&pattern.value);
                    self.diagnostics.push(
                        Diagnostic::error(pattern.span, format!("no input is called `{}`", pattern.value))
                            .help(help),
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

    /// Help for a pattern that no input matches: the nearest with the same stars, else what there is.
    fn nearest_pattern(&self, pattern: &str) -> String {
        let mut starred: Vec<String> =
            self.inputs.iter().map(|input| with_stars_of(pattern, &input.path)).collect();
        starred.sort_unstable();
        starred.dedup();
        if let Some(near) = nearest(pattern, starred.iter().map(String::as_str)) {
            return format!("did you mean `{near}`?");
        }
        let first = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        let quoted = |all: &[String]| all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        let (same, mut starts): (Vec<String>, Vec<String>) = (
            starred.iter().filter(|path| first(path) == first(pattern)).take(12).cloned().collect(),
            self.inputs.iter().map(|input| first(&input.path)).collect(),
        );
        if !same.is_empty() {
            return format!("expected such as {}", quoted(&same));
        }
        starts.sort_unstable();
        starts.dedup();
        format!("paths of inputs start with {}", quoted(&starts))
    }
}

/// The path with a star where the pattern has one.
fn with_stars_of(pattern: &str, path: &str) -> String {
    let stars = pattern.split('.').map(|segment| segment == "*").chain(std::iter::repeat(false));
    let segments = path.split('.').zip(stars).map(|(segment, star)| if star { "*" } else { segment });
    segments.collect::<Vec<_>>().join(".")
}

/// Whether a path matches a pattern in which `*` stands for any one segment.
pub fn matches_pattern(pattern: &str, path: &str) -> bool {
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
