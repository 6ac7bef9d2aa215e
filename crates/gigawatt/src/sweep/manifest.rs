//! `sweep.json`: what a folder's sweep is, so that only the same one goes on in it.

use std::path::Path;

use gigawatt_engine::LAWS_REVISION;
use gigawatt_report::columns::Kind;
use gigawatt_report::run_id;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::work::Work;
use crate::arguments::SweepOptions;
use crate::failure::Failure;

/// Runs that one part is made of, at most and where they are no more than reference runs.
const PART_RUNS: u64 = 50_000;
/// Points of a part at most.
const PART_POINTS: u64 = 16_384;
/// Parts that even a small sweep is cut into.
const FEWEST_PARTS: u64 = 16;

/// What a sweep is, and how it is cut into parts.
pub struct Manifest {
    /// Twelve hexadecimal digits of a hash over everything that its results follow from.
    pub identity: String,
    /// The document, as it stands in the folder.
    pub document: Value,
    /// Number of points.
    pub points: u64,
    /// Points of every part but the last.
    pub part_points: u64,
}

impl Manifest {
    /// The manifest of the work that the command line asks for.
    pub fn new(options: &SweepOptions, work: &Work<'_>) -> Result<Self, Failure> {
        let points = work.design.points;
        let part_points =
            (PART_RUNS / work.weight()).clamp(1, PART_POINTS).min(points.div_ceil(FEWEST_PARTS)).max(1);
        let plan = work.plan;
        let columns: Vec<Value> = work
            .columns()
            .into_iter()
            .map(|(name, kind)| json!({ "name": name, "kind": kind_name(kind), "unit": unit(work, &name) }))
            .collect();
        // The plan stands for the scenario's texts, the version for the catalogue. Settings may lead to what the plan
        // without them does not use; there the plans of the tried values stand beside.
        let mut document = json!({
            "sweep": "",
            "program": env!("CARGO_PKG_VERSION"),
            "laws": LAWS_REVISION,
            "name": plan.name,
            "plan": run_id(plan),
            "settings": options.scenario.settings,
            "hindsight": options.scenario.manner.hindsight,
            "vary": work.axes,
            "design": work.design.choice.name(),
            "runs": options.runs,
            "seed": plan.seed,
            "samples": work.draws,
            "points": points,
            "part_points": part_points,
            "parts": points.div_ceil(part_points),
            "columns": columns,
        });
        let hash = Sha256::digest(serde_json::to_vec(&document).map_err(Failure::internal)?);
        let identity: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        document["sweep"] = json!(identity);
        Ok(Self { identity, document, points, part_points })
    }

    /// Number of parts.
    pub fn parts(&self) -> u64 {
        self.points.div_ceil(self.part_points)
    }

    /// First point of a part, and one past its last.
    pub fn bounds(&self, part: u64) -> (u64, u64) {
        (part * self.part_points, ((part + 1) * self.part_points).min(self.points))
    }

    /// The document as text.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.document).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Whether a folder's manifest is this one; the first difference where it is not.
    ///
    /// # Errors
    /// Where it is another.
    pub fn compare(&self, folder: &Path, text: &str) -> Result<(), Failure> {
        let help = Some("repeat its command to go on with it, or name another folder with --out".to_owned());
        let refuse =
            |reason: String| Failure::File { action: "write", path: folder.to_owned(), reason, help };
        let there: Value = match serde_json::from_str(text) {
            Ok(there) => there,
            Err(_) => return Err(refuse("its sweep.json cannot be read".to_owned())),
        };
        if there == self.document {
            return Ok(());
        }
        // The identity differs with anything else: the reason is what differs beside it.
        let keys = [
            "program",
            "laws",
            "name",
            "plan",
            "settings",
            "hindsight",
            "vary",
            "design",
            "runs",
            "seed",
            "samples",
            "columns",
        ];
        let short = |value: &Value| {
            let text = value.to_string();
            if text.chars().count() > 60 { "other ones".to_owned() } else { text }
        };
        let difference = keys.into_iter().find(|key| there[*key] != self.document[*key]);
        Err(refuse(match difference {
            Some(key) => format!(
                "it holds another sweep: its `{key}` is {}, here it is {}",
                short(&there[key]),
                short(&self.document[key])
            ),
            None => "it holds another sweep".to_owned(),
        }))
    }
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Number => "number",
        Kind::Integer => "integer",
        Kind::Text => "text",
    }
}

/// Base unit of a column of numbers.
fn unit(work: &Work<'_>, column: &str) -> Option<&'static str> {
    if let Some(axis) = work.axes.iter().find(|axis| axis.path == column) {
        return axis.input.map(|input| work.plan.input(input).dimension.base_unit());
    }
    if column.ends_with(".probability") {
        return Some("1");
    }
    let of =
        |name: &str| column.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    work.readings.iter().find(|named| of(&named.name)).map(|named| named.dimension.base_unit())
}
