//! Mistakes of a file: of each cause the first few are told, the rest is counted.

use std::collections::BTreeMap;

use crate::text::{Diagnostic, Diagnostics};

/// How many mistakes of one cause are shown.
const SHOWN: usize = 3;

/// Why a row of a series cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    Ragged,
    Stamp,
    MixedClocks,
    Value,
    Range,
    Gap,
    Repeated,
    Disorder,
    DaylightSaving,
    MixedSteps,
}

/// Mistakes by their cause.
#[derive(Debug)]
pub(crate) struct Faults<C> {
    by_cause: BTreeMap<C, (usize, Vec<Diagnostic>)>,
}

impl<C> Default for Faults<C> {
    fn default() -> Self {
        Self { by_cause: BTreeMap::new() }
    }
}

impl<C: Ord> Faults<C> {
    /// Adds a mistake, made only where it will be shown.
    pub fn push(&mut self, cause: C, make: impl FnOnce() -> Diagnostic) {
        let (count, shown) = self.by_cause.entry(cause).or_default();
        *count += 1;
        if shown.len() < SHOWN {
            shown.push(make());
        }
    }

    /// Whether there was none.
    pub fn is_empty(&self) -> bool {
        self.by_cause.is_empty()
    }

    /// Forgets those of a cause where there is one of another, which explains them.
    pub fn forget(&mut self, explained: &C, by: &C) {
        if self.by_cause.contains_key(by) {
            self.by_cause.remove(explained);
        }
    }

    /// Tells them; the last one shown of a cause says how many more there are.
    pub fn tell(self, diagnostics: &mut Diagnostics) {
        for (count, mut shown) in self.by_cause.into_values() {
            let more = count - shown.len();
            if let Some(last) = shown.last_mut().filter(|_| more > 0) {
                last.message.push_str(&format!(", and {more} more like it"));
            }
            shown.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
        }
    }
}
