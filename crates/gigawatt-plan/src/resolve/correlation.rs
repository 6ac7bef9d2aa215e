//! Inputs that move together.

use std::collections::BTreeMap;

use crate::plan::{Correlation, Dependence, InputId};
use crate::scenario::{CorrelationSection, WrittenMatrix};
use crate::text::{Diagnostic, Span, Spanned, nearest};

use super::Resolver;
use super::cholesky::{cholesky, contradiction, largest_scale};

/// The correlation in which an input stands already.
type Taken<'a> = BTreeMap<InputId, &'a str>;

impl Resolver<'_> {
    pub(super) fn correlations(&mut self) -> Vec<Correlation> {
        let scenario = self.scenario;
        let mut taken = Taken::new();
        let mut all = Vec::new();
        for section in &scenario.correlations {
            let (inputs, dependence) = match &section.matrix {
                Some(matrix) => self.joint(section, matrix, &mut taken),
                None => self.common_cause(section, &mut taken),
            };
            if let Some(dependence) = dependence {
                all.push(Correlation { name: section.name.value.clone(), inputs, dependence });
            }
        }
        all
    }

    /// Inputs of which every two have the same correlation. Constants are passed over.
    fn common_cause<'s>(
        &mut self,
        section: &'s CorrelationSection,
        taken: &mut Taken<'s>,
    ) -> (Vec<InputId>, Option<Dependence>) {
        let mut inputs = Vec::new();
        for pattern in &section.inputs {
            let matching = self.matching(pattern);
            for id in matching {
                if self.is_uncertain(id) && !inputs.contains(&id) && self.take(id, pattern, section, taken) {
                    inputs.push(id);
                }
            }
        }
        let coefficient = section.coefficient.as_ref().map(|coefficient| coefficient.value);
        (inputs, coefficient.map(|coefficient| Dependence::CommonCause { coefficient }))
    }

    /// Inputs of which each two have a correlation of their own. Constants leave with their row and column.
    fn joint<'s>(
        &mut self,
        section: &'s CorrelationSection,
        matrix: &WrittenMatrix,
        taken: &mut Taken<'s>,
    ) -> (Vec<InputId>, Option<Dependence>) {
        let mut named = Vec::new();
        let mut kept: Vec<(usize, InputId)> = Vec::new();
        for (row, path) in section.inputs.iter().enumerate() {
            if path.value.split('.').any(|segment| segment == "*") {
                self.diagnostics.push(
                    Diagnostic::error(path.span, format!("`{}` may be several inputs", path.value))
                        .help("beside a `matrix` every input is named in full, in the order of its rows"),
                );
                continue;
            }
            let Some(&id) = self.matching(path).first() else { continue };
            if named.contains(&id) {
                let message = format!("`{}` stands twice in `inputs`", path.value);
                let help = "leave one of them out, with its row and its column";
                self.diagnostics.push(Diagnostic::error(path.span, message).help(help));
                continue;
            }
            named.push(id);
            if self.is_uncertain(id) && self.take(id, path, section, taken) {
                kept.push((row, id));
            }
        }
        let numbers: Vec<Vec<f64>> =
            matrix.rows.iter().map(|row| row.iter().map(|cell| cell.value).collect()).collect();
        if let Err(row) = cholesky(&numbers) {
            self.diagnostics.push(not_definite(section, matrix, &numbers, row));
            return (Vec::new(), None);
        }
        // What is left of a valid matrix without a row and its column is valid.
        let left: Vec<Vec<f64>> = kept
            .iter()
            .map(|(row, _)| kept.iter().map(|(column, _)| numbers[*row][*column]).collect())
            .collect();
        let dependence = cholesky(&left).ok().map(|factor| Dependence::Matrix { factor });
        (kept.into_iter().map(|(_, id)| id).collect(), dependence)
    }

    /// The inputs whose path matches a pattern; none is an error.
    fn matching(&mut self, pattern: &Spanned<String>) -> Vec<InputId> {
        let matching: Vec<InputId> = (self.inputs.iter().enumerate())
            .filter(|(_, record)| matches_pattern(&pattern.value, &record.path))
            .map(|(index, _)| InputId(u32::try_from(index).unwrap_or(u32::MAX)))
            .collect();
        if matching.is_empty() {
            let help = self.nearest_pattern(&pattern.value);
            self.diagnostics.push(
                Diagnostic::error(pattern.span, format!("no input is called `{}`", pattern.value)).help(help),
            );
        }
        matching
    }

    fn is_uncertain(&self, id: InputId) -> bool {
        self.inputs[id.0 as usize].distribution.is_uncertain()
    }

    /// Whether an input is free to stand in a correlation; tells in which it stands where it is not.
    fn take<'s>(
        &mut self,
        id: InputId,
        pattern: &Spanned<String>,
        section: &'s CorrelationSection,
        taken: &mut Taken<'s>,
    ) -> bool {
        let Some(other) = taken.insert(id, &section.name.value) else { return true };
        let path = &self.inputs[id.0 as usize].path;
        self.diagnostics.push(
            Diagnostic::error(pattern.span, format!("`{path}` already moves with `{other}`"))
                .help("an input stands in at most one correlation"),
        );
        false
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

/// Says which correlations contradict each other, what would be allowed, and what would make all of them valid.
fn not_definite(
    section: &CorrelationSection,
    matrix: &WrittenMatrix,
    numbers: &[Vec<f64>],
    row: usize,
) -> Diagnostic {
    let name = |index: usize| format!("`{}`", section.inputs[index].value);
    let scale = largest_scale(numbers);
    let shrink = format!("multiply every number off the diagonal by at most {scale}");
    let Some(found) = contradiction(numbers) else {
        let span = matrix.rows[row].first().map_or(matrix.span, |first| {
            let last = matrix.rows[row].last().unwrap_or(first);
            Span { end: last.span.end, ..first.span }
        });
        return Diagnostic::error(
            span,
            format!("the correlations of {} contradict those of the rows above", name(row)),
        )
        .help(format!("the matrix is not positive definite: {shrink}"));
    };
    let ((one, other), third) = (found.pair, found.third);
    let written = numbers[one][other];
    Diagnostic::error(
        matrix.rows[one][other].span,
        format!("{} and {} cannot have the correlation {written}", name(one), name(other)),
    )
    .label(format!("{written}"))
    .also(matrix.rows[one][third].span, format!("{} with {}", name(one), name(third)))
    .also(matrix.rows[other][third].span, format!("{} with {}", name(other), name(third)))
    .help(format!(
        "theirs with {} leave {:.2} to {:.2} (the matrix is not positive definite); or {shrink}",
        name(third),
        found.allowed.0,
        found.allowed.1,
    ))
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
