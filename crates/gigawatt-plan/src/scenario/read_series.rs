//! Series of a scenario: the tables that name CSV files, and the files.

use std::collections::BTreeMap;
use std::io::Read;

use super::fields;
use super::sections::{Scenario, SeriesSection};
use crate::distribution::Distribution;
use crate::fact::{FactKind, Written};
use crate::quantity::{Dimension, parse_quantity};
use crate::text::{
    Diagnostic, Diagnostics, Field, FieldKind, Fields, Node, SourceId, SourceMap, Span, Spanned, Table,
    Value, nearest,
};
use crate::time_series::{Columns, parse_offset, read_time_series};
use crate::weather::{WeatherFile, read_weather};
use crate::world::World;

/// Bytes that all files of a scenario's series have together at most.
const MAXIMUM_BYTES: u64 = 64 << 20;

/// Whether a value is written as a series.
pub(super) fn is_series(node: &Node) -> bool {
    matches!(&node.value, Value::Table(table) if table.get("csv").is_some())
}

/// The series among the fields of a section.
pub(super) fn read_series(
    fields: &mut Fields<'_>,
    known: &'static [Field],
) -> BTreeMap<&'static str, SeriesSection> {
    let mut all = BTreeMap::new();
    for field in known {
        let FieldKind::UncertainOrSeries(dimension) = field.kind else { continue };
        let Some(node) = fields.node(field.name).filter(|node| is_series(node)) else { continue };
        if let Value::Table(table) = &node.value
            && let Some(section) = read_section(field.name, table, node.span, dimension, fields.diagnostics())
        {
            all.insert(field.name, section);
        }
    }
    all
}

fn read_section(
    name: &str,
    table: &Table,
    span: Span,
    dimension: Dimension,
    diagnostics: &mut Diagnostics,
) -> Option<SeriesSection> {
    let mut fields =
        Fields::new(&format!("the series of `{name}`"), table, span, fields::SERIES, diagnostics);
    let csv = fields.text("csv");
    let (time, column, unit) = (fields.text("time"), fields.text("column"), fields.text("unit"));
    let scale = fields.uncertain("scale", Dimension::Ratio);
    let (source, note) = (fields.text("source"), fields.text("note"));
    let known_from = fields.date("known_from").map(|day| day.value);
    let kind = fields.text("kind").and_then(|kind| {
        let known = FactKind::parse(&kind.value);
        if known.is_none() {
            fields.diagnostics().push(
                Diagnostic::error(kind.span, format!("`{}` is not a kind of fact", kind.value))
                    .suggest(&kind.value, FactKind::NAMES.iter().copied()),
            );
        }
        known
    });
    let unit_wrong = unit.is_none() && fields.is_written("unit");
    let factor = unit_factor(name, csv.as_ref()?.span, unit, unit_wrong, dimension, fields.diagnostics());
    let negative = |scale: &&Spanned<Written>| scale.value.distribution.range().0 < 0.0;
    if let Some(scale) = scale.as_ref().filter(negative) {
        fields.diagnostics().push(
            Diagnostic::error(scale.span, "`scale` cannot be negative")
                .help("it is a factor on the series, such as { low = 0.8, mode = 1, high = 1.3 }"),
        );
        return None;
    }
    let distribution = scale.map_or(Distribution::Constant { value: 1.0 }, |scale| scale.value.distribution);
    let scale = Written { distribution, source, kind, known_from, note: note.map(|note| note.value) };
    Some(SeriesSection { span, csv: csv?, time, column, dimension, factor: factor?, scale, read: None })
}

/// Base units in the unit of a file.
fn unit_factor(
    name: &str,
    named_at: Span,
    unit: Option<Spanned<String>>,
    unit_wrong: bool,
    dimension: Dimension,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    let Some(unit) = unit else {
        if dimension.takes_bare_number() {
            return Some(1.0);
        }
        if !unit_wrong {
            diagnostics.push(
                Diagnostic::error(
                    named_at,
                    format!("the series of `{name}` has no unit, expected {}", dimension.noun()),
                )
                .help(format!("say that of the column, as in {}: unit = \"...\"", dimension.example())),
            );
        }
        return None;
    };
    match parse_quantity(dimension, &format!("1 {}", unit.value)) {
        Ok(factor) => Some(factor),
        Err(error) => {
            let diagnostic = Diagnostic::error(unit.span, format!("`unit`: {}", error.message));
            diagnostics.push(match error.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
            None
        }
    }
}

/// By how many seconds the clock of a site is ahead of UTC.
pub(super) fn read_offset(fields: &mut Fields<'_>) -> Option<Spanned<i32>> {
    let written = fields.text("utc_offset")?;
    let seconds = parse_offset(&written.value);
    if seconds.is_none() {
        fields.diagnostics().push(
            Diagnostic::error(written.span, format!("`{}` is not an offset from UTC", written.value))
                .help("write \"-06:00\", \"+05:30\" or \"Z\""),
        );
    }
    // Where it cannot be read that was told, and nothing more is to be said of the clock.
    Some(Spanned { value: seconds.unwrap_or(0), span: written.span })
}

/// Values of a dimension that make sense in a series, in base units. Prices by the hour are negative at times.
fn allowed(field: &str, dimension: Dimension) -> (f64, f64) {
    match (field, dimension) {
        ("pue", _) => (1.0, 10.0),
        (_, Dimension::MoneyPerEnergy) => (-dimension.limit(), dimension.limit()),
        _ => (0.0, dimension.limit()),
    }
}

/// Reads the files of every series; a file that several name is read once.
pub(super) fn load_series(
    scenario: &mut Scenario,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) {
    let mut files = Files { world, read: BTreeMap::new(), left: MAXIMUM_BYTES };
    for site in &mut scenario.sites {
        let clock_known = site.utc_offset.is_some();
        for (field, series) in &mut site.series {
            let Some(source) = files.open(&series.csv, Encoding::Utf8, sources, diagnostics) else {
                continue;
            };
            let (low, high) = allowed(field, series.dimension);
            let columns = Columns {
                time: series.time.as_ref(),
                value: series.column.as_ref(),
                named_at: series.csv.span,
                factor: series.factor,
                allowed: (low / series.factor, high / series.factor),
                clock_known,
            };
            series.read = read_time_series(source, &sources.get(source).text, &columns, diagnostics);
        }
        let elevation =
            site.values.get("elevation").map_or(0.0, |height| height.value.distribution.reference());
        if let Some(weather) = &mut site.weather
            && let Some(source) = files.open(&weather.file, Encoding::Utf8OrLatin1, sources, diagnostics)
        {
            let asked =
                WeatherFile { source, name: &weather.file, elevation, utc_offset: site.utc_offset.as_ref() };
            weather.read = read_weather(&asked, &sources.get(source).text, diagnostics);
        }
    }
}

/// How the text of a file may be encoded.
#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    /// As weather files are, whose comments name places.
    Utf8OrLatin1,
}

/// Files that were read.
struct Files<'a> {
    world: &'a dyn World,
    /// By the name under which the world knows them; `None` where one could not be read, which was told.
    read: BTreeMap<String, Option<SourceId>>,
    /// Bytes that may still be read.
    left: u64,
}

impl Files<'_> {
    fn open(
        &mut self,
        name: &Spanned<String>,
        encoding: Encoding,
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Option<SourceId> {
        // A setting has no folder: what it names stands beside the scenario.
        let asking = sources.get(name.span.source).name.clone();
        let relative_to = (asking != "--set").then_some(asking.as_str());
        let (known_as, stream) = match self.world.open(&name.value, relative_to) {
            Ok(opened) => opened,
            Err(error) => {
                let file = name.value.rsplit('/').next().unwrap_or_default();
                let diagnostic = Diagnostic::error(name.span, error.to_string());
                let others = error.nearby.iter().map(String::as_str).filter(|other| *other != file);
                diagnostics.push(match nearest(file, others) {
                    Some(near) => {
                        let folder = &name.value[..name.value.len() - file.len()];
                        diagnostic.help(format!("did you mean `{folder}{near}`?"))
                    }
                    None => diagnostic.help("files are named relative to the scenario that names them"),
                });
                return None;
            }
        };
        if let Some(known) = self.read.get(&known_as) {
            return *known;
        }
        let text = self.text(&known_as, encoding, stream).map_err(|fault| {
            let diagnostic = Diagnostic::error(name.span, fault.0);
            diagnostics.push(if fault.1.is_empty() { diagnostic } else { diagnostic.help(fault.1) });
        });
        let source = text.ok().map(|text| sources.add(known_as.as_str(), text));
        self.read.insert(known_as, source);
        source
    }

    /// The text of a file, or what is wrong with it and what would be right.
    fn text(
        &mut self,
        name: &str,
        encoding: Encoding,
        stream: Box<dyn Read>,
    ) -> Result<String, (String, String)> {
        let mut bytes = Vec::new();
        if let Err(error) = stream.take(self.left + 1).read_to_end(&mut bytes) {
            return Err((format!("cannot read `{name}`: {error}"), String::new()));
        }
        let size = bytes.len() as u64;
        if size > self.left {
            self.left = 0;
            return Err((
                format!("with `{name}` the files of the series are larger than {} MiB", MAXIMUM_BYTES >> 20),
                "give means over hours or days, and only the columns that are used".to_owned(),
            ));
        }
        self.left -= size;
        let utf8 = "save it in the encoding UTF-8".to_owned();
        if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
            return Err((format!("`{name}` is UTF-16"), utf8));
        }
        String::from_utf8(bytes).or_else(|error| {
            if matches!(encoding, Encoding::Utf8OrLatin1) {
                // Every byte of Latin-1 is the character of its number.
                return Ok(error.as_bytes().iter().map(|byte| char::from(*byte)).collect());
            }
            let at = error.utf8_error().valid_up_to();
            let line = 1 + error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count();
            Err((format!("`{name}` is not UTF-8: byte {at} on line {line}"), utf8))
        })
    }
}
