//! Whether values of a fleet's operations and workloads make sense.

use std::ops::Bound;

use crate::fact::Written;
use crate::quantity::{Dimension, format_quantity};
use crate::scenario::fields_fleet::{FLEET, WORKLOAD};
use crate::scenario::fields_training::TRAINING;
use crate::text::{Diagnostic, Field, FieldKind, Spanned};

use super::Resolver;

/// A value with its least and its most, and with what is right.
pub(super) type Bounded = (&'static str, Bound<f64>, Bound<f64>, &'static str);

/// Values that lie between bounds.
const BOUNDED: [Bounded; 32] = [
    ("server_interval", ABOVE_0, FREE, "above 0, such as \"300 day\""),
    ("frailty", FROM_0, FREE, "at least 0: 0 where all servers are alike"),
    ("infant_failures", FROM_0, FREE, "at least 0: 0 where new servers fail no more than old ones"),
    ("infant_shape", ABOVE_0, BELOW_1, "between 0 and 1: the rate of early failures falls"),
    ("wear_shape", ABOVE_1, FREE, "above 1: the rate of wear rises"),
    ("wear_life", ABOVE_0, FREE, "above 0, such as \"12 year\""),
    ("silent_share", FROM_0, TO_1, PART),
    ("software_interval_training", ABOVE_0, FREE, "above 0, such as \"20 h\""),
    ("software_interval_small", ABOVE_0, FREE, "above 0, such as \"11 h\""),
    ("remote_share", FROM_0, TO_1, PART),
    ("technicians", ABOVE_0, FREE, "above 0, for 1,000 servers, such as 0.5"),
    ("replacement_share", FROM_0, TO_1, PART),
    ("lemon_failures", FROM_1, FREE, "at least 1"),
    ("lemon_window", ABOVE_0, FREE, "above 0, such as \"28 day\""),
    ("leaf_switch_interval", ABOVE_0, FREE, "above 0, such as \"25 year\""),
    ("cooling_unit_interval", ABOVE_0, FREE, "above 0, such as \"5 year\""),
    ("busway_interval", ABOVE_0, FREE, "above 0, such as \"20 year\""),
    ("hall_interval", ABOVE_0, FREE, "above 0, such as \"8 year\""),
    ("site_interval", ABOVE_0, FREE, "above 0, such as \"15 year\""),
    ("racks_per_row", FROM_1, FREE, "at least 1"),
    ("rows_per_hall", FROM_1, FREE, "at least 1"),
    ("halls_per_building", FROM_1, FREE, "at least 1"),
    ("maintenance_interval", ABOVE_0, FREE, "above 0, such as \"30 day\""),
    ("spare_share", FROM_0, BELOW_1, "between 0 and 1: something has to be left for work"),
    ("checkpoint_bytes_per_parameter", ABOVE_0, FREE, "above 0, such as \"14 B\""),
    ("storage_bandwidth", ABOVE_0, FREE, "above 0, such as \"120 MB/s\""),
    ("host_staging", ABOVE_0, FREE, "above 0, such as \"5 GB/s\""),
    ("checkpoint_interval", ABOVE_0, FREE, "above 0, such as \"30 min\""),
    ("elastic", ABOVE_0, TO_1, "above 0 and at most 1: 0.9 goes on with nine tenths of its accelerators"),
    ("load", ABOVE_0, FREE, "above 0: 0.6 asks for 60 % of the accelerator-time of its pool"),
    ("jobs", ABOVE_0, FREE, "above 0, such as \"1 M\""),
    ("work", ABOVE_0, FREE, "above 0, such as \"20 day\""),
];
pub(super) const PART: &str = "as a part of a whole, between 0 and 1";
pub(super) const FREE: Bound<f64> = Bound::Unbounded;
pub(super) const FROM_0: Bound<f64> = Bound::Included(0.0);
pub(super) const ABOVE_0: Bound<f64> = Bound::Excluded(0.0);
pub(super) const FROM_1: Bound<f64> = Bound::Included(1.0);
const ABOVE_1: Bound<f64> = Bound::Excluded(1.0);
pub(super) const TO_1: Bound<f64> = Bound::Included(1.0);
const BELOW_1: Bound<f64> = Bound::Excluded(1.0);

impl Resolver<'_> {
    /// Tells of a value whose plausible range leaves its bounds.
    pub(super) fn check_bounds(&mut self, field: &str, written: &Spanned<Written>) {
        for fields in [FLEET, WORKLOAD, TRAINING] {
            if fields.iter().any(|known| known.name == field) {
                return self.check_within(&BOUNDED, fields, field, written);
            }
        }
    }

    /// The same for bounds of others, of a field that `fields` have.
    pub(super) fn check_within(
        &mut self,
        bounds: &[Bounded],
        fields: &[Field],
        field: &str,
        written: &Spanned<Written>,
    ) {
        let Some((_, least, most, right)) = bounds.iter().find(|(name, ..)| *name == field) else { return };
        let allowed = (*least, *most);
        let (low, high) = written.value.distribution.range();
        let holds = |value: &f64| std::ops::RangeBounds::contains(&allowed, value);
        let Some(wrong) = [low, high].into_iter().find(|value| !holds(value)) else { return };
        let known = fields.iter().find(|known| known.name == field).map(|known| known.kind);
        let (FieldKind::Uncertain(dimension) | FieldKind::UncertainOrChoice(dimension, _)) =
            known.unwrap_or(FieldKind::Any)
        else {
            return;
        };
        let verb = if written.value.distribution.is_uncertain() { "may be" } else { "is" };
        let wrong = match dimension {
            // A p90 is computed: more digits than these would only seem exact.
            Dimension::Ratio => ((1e4 * wrong).round() / 1e4).to_string(),
            _ => format_quantity(dimension, wrong),
        };
        let message = format!("`{field}` {verb} {wrong}, out of its range");
        self.diagnostics.push(Diagnostic::error(written.span, message).help(format!("write it {right}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_bounded_is_a_field_with_a_quantity() {
        for (name, ..) in BOUNDED {
            let field = FLEET.iter().chain(WORKLOAD).chain(TRAINING).find(|field| field.name == name);
            let kind = field.map(|field| field.kind);
            assert!(
                matches!(kind, Some(FieldKind::Uncertain(_) | FieldKind::UncertainOrChoice(..))),
                "{name}: {kind:?}"
            );
        }
    }
}
