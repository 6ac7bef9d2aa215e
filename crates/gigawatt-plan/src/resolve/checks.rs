//! Whether values that money is multiplied with, spread over or divided by make sense.

use crate::fact::Written;
use crate::text::{Diagnostic, Spanned};

use super::Resolver;

impl Resolver<'_> {
    /// A part of a whole lies between nothing and all.
    pub(super) fn check_share(&mut self, written: Option<&Spanned<Written>>, field: &str) {
        let Some(written) = written else { return };
        let (low, high) = written.value.distribution.range();
        if low < 0.0 || high > 1.0 {
            // A p90 is computed: more digits than these would only seem exact.
            let wrong = (1e4 * if low < 0.0 { low } else { high }).round() / 1e4;
            self.diagnostics.push(
                Diagnostic::error(written.span, format!("`{field}` is {wrong}, it is a part of a whole"))
                    .help("write it as 0.4 or \"40 %\", between 0 and 1"),
            );
        }
    }

    /// A return that is asked for, or interest, is not below nothing.
    pub(super) fn check_rate(&mut self, written: Option<&Spanned<Written>>, field: &str) {
        let Some(written) = written else { return };
        if written.value.distribution.range().0 < 0.0 {
            self.diagnostics.push(
                Diagnostic::error(written.span, format!("`{field}` may be below nothing"))
                    .help("write it by the year and at least 0, such as \"8 %\""),
            );
        }
    }

    /// What something is divided by: a part that is never nothing.
    pub(super) fn check_divisor(
        &mut self,
        written: Option<&Spanned<Written>>,
        field: &str,
        is_nothing: fn((f64, f64)) -> bool,
    ) {
        let Some(written) = written else { return };
        if is_nothing(written.value.distribution.range()) {
            self.diagnostics.push(
                Diagnostic::error(
                    written.span,
                    format!("`{field}` may leave nothing, and costs are divided by it"),
                )
                .help("write a part between 0 and 1 that leaves something"),
            );
        }
    }

    /// What money is spread over lasts longer than nothing.
    pub(super) fn check_length(&mut self, written: Option<&Spanned<Written>>, field: &str) {
        let Some(written) = written else { return };
        if written.value.distribution.range().0 <= 0.0 {
            self.diagnostics.push(
                Diagnostic::error(
                    written.span,
                    format!("`{field}` may be nothing, and money is spread over it"),
                )
                .help("write a length above 0, such as \"5 years\""),
            );
        }
    }
}
