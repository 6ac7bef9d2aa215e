//! Whole numbers in arithmetic.

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(super) fn count(number: u64) -> f64 {
    number as f64
}

/// The whole part of a number, 0 for what is below 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers below 0 become 0")]
pub(super) fn whole(number: f64) -> u64 {
    number as u64
}
