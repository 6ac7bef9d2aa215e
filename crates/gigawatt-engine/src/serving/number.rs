//! Whole numbers in arithmetic.

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(super) fn count(number: u64) -> f64 {
    number as f64
}
