//! The report: one HTML file that works offline, in light and dark, and on paper.

use gigawatt_engine::Results;
use gigawatt_plan::plan::Plan;

use crate::Summary;

/// The whole report as one HTML document.
pub fn report(_plan: &Plan, _results: &Results, _summary: &Summary) -> String {
    String::new()
}
