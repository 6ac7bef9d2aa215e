//! What a file does not know of an hour.

use super::Reading;
use crate::text::{Diagnostic, Diagnostics};
use crate::weather::{Air, moist_air};

/// Hours in a row that are filled in straight between those around them; a longer gap is told and not filled: what the
/// weather did in it is not known.
const LONGEST: usize = 6;

/// The air of every hour, and of how many hours something was filled in.
pub(super) fn complete(
    rows: &[Reading],
    elevation: f64,
    diagnostics: &mut Diagnostics,
) -> Option<(Vec<Air>, usize)> {
    let mut filled = vec![false; rows.len()];
    let mut dry_bulbs: Vec<Option<f64>> = rows.iter().map(|row| row.dry_bulb).collect();
    let dry_known = bridge(rows, "the dry bulb", &mut dry_bulbs, &mut filled, diagnostics);
    let humidities = rows.iter().zip(&dry_bulbs);
    let mut dew_points: Vec<Option<f64>> = humidities.map(|(row, dry)| row.dew_point((*dry)?)).collect();
    if dry_known {
        bridge(rows, "dew point and relative humidity", &mut dew_points, &mut filled, diagnostics);
    }
    let standard = moist_air::standard_pressure(elevation);
    let hours: Option<Vec<Air>> = rows
        .iter()
        .zip(dry_bulbs.iter().zip(&dew_points))
        .map(|(row, (dry_bulb, dew_point))| {
            Some(Air::new((*dry_bulb)?, (*dew_point)?, row.pressure.unwrap_or(standard)))
        })
        .collect();
    let hours = hours?;
    for (row, filled) in rows.iter().zip(&mut filled) {
        *filled |= row.pressure.is_none();
    }
    let count = filled.iter().filter(|hour| **hour).count();
    if let (Some(first), false) = (filled.iter().position(|hour| *hour), diagnostics.has_errors()) {
        let (hours, were) = if count == 1 { ("hour", "was") } else { ("hours", "were") };
        diagnostics.push(
            Diagnostic::error(
                rows[first].span,
                format!("values of {count} {hours} are missing and {were} filled in"),
            )
            .warning()
            .help("temperatures straight between the hours around them, the pressure from the elevation"),
        );
    }
    Some((hours, count))
}

/// Fills gaps of a few hours straight between their ends, at the ends of the year with the nearest value; false where
/// one is longer.
fn bridge(
    rows: &[Reading],
    what: &str,
    values: &mut [Option<f64>],
    filled: &mut [bool],
    diagnostics: &mut Diagnostics,
) -> bool {
    let mut sound = true;
    let mut at = 0;
    while at < values.len() {
        if values[at].is_some() {
            at += 1;
            continue;
        }
        let length = values[at..].iter().take_while(|value| value.is_none()).count();
        let before = at.checked_sub(1).and_then(|before| values[before]);
        let after = values.get(at + length).copied().flatten();
        let ends = before.or(after).zip(after.or(before)).filter(|_| length <= LONGEST);
        match ends {
            Some((from, to)) => {
                for offset in 0..length {
                    #[expect(clippy::cast_precision_loss, reason = "a few hours")]
                    let part = (offset + 1) as f64 / (length + 1) as f64;
                    values[at + offset] = Some(from + part * (to - from));
                    filled[at + offset] = true;
                }
            }
            None => {
                sound = false;
                let message = format!("{what} is missing in this row and the {} behind it", length - 1);
                diagnostics.push(Diagnostic::error(rows[at].span, message).help(format!(
                    "gaps of up to {LONGEST} hours are filled in; give the values, or take another year"
                )));
            }
        }
        at += length;
    }
    sound
}
