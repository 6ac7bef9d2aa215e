//! Reading the supply of a site.

use super::fields_power as fields;
use super::read_items::values;
use super::sections_power::{
    ContractSection, DeferrableSection, EventSection, GenerationSection, PowerSection, StageSection,
    StorageSection,
};
use crate::quantity::Dimension;
use crate::text::{Diagnostics, Fields, Span, Table};

/// The most units of a stage.
const MOST_UNITS: i64 = 1_000_000;

pub(super) fn read_power(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> PowerSection {
    let mut fields = Fields::new("power", table, span, fields::POWER, diagnostics);
    let site = fields.text("site");
    let mut stages = Vec::new();
    for (table, span) in fields.tables("stages") {
        stages.extend(read_stage(table, span, fields.diagnostics()));
    }
    let generation = fields.is_written("generation").then(|| {
        let tables = fields.tables("generation");
        let read = |(table, span)| read_generation(table, span, fields.diagnostics());
        tables.into_iter().filter_map(read).collect()
    });
    let mut battery = None;
    for (table, span) in fields.tables("battery").into_iter().take(1) {
        let mut inner = Fields::new("battery", table, span, fields::BATTERY, fields.diagnostics());
        battery =
            inner.uncertain("energy", Dimension::Energy).zip(inner.uncertain("power", Dimension::Power));
    }
    let mut storage = None;
    for (table, span) in fields.tables("storage").into_iter().take(1) {
        let mut inner = Fields::new("storage", table, span, fields::STORAGE, fields.diagnostics());
        storage = Some(StorageSection { span, values: values(&mut inner, fields::STORAGE) });
    }
    let mut events = Vec::new();
    for (table, span) in fields.tables("events") {
        events.extend(read_event(table, span, fields.diagnostics()));
    }
    let mut contracts = Vec::new();
    for (table, span) in fields.tables("contracts") {
        contracts.extend(read_contract(table, span, fields.diagnostics()));
    }
    let mut deferrable = None;
    for (table, span) in fields.tables("deferrable").into_iter().take(1) {
        let mut inner = Fields::new("deferrable", table, span, fields::DEFERRABLE, fields.diagnostics());
        let by = inner.choice("by");
        deferrable = Some(DeferrableSection { by, values: values(&mut inner, fields::DEFERRABLE) });
    }
    let values = values(&mut fields, fields::POWER);
    PowerSection { span, site, stages, generation, battery, storage, contracts, deferrable, events, values }
}

fn read_stage(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<StageSection> {
    let mut fields = Fields::new("a stage", table, span, fields::STAGE, diagnostics);
    let name = fields.name("name");
    let (kind, fed_by, redundancy) =
        (fields.choice("kind"), fields.text("fed_by"), fields.text("redundancy"));
    let units = fields.integer("units", 1..=MOST_UNITS);
    let values = values(&mut fields, fields::STAGE);
    let units = units.and_then(|units| u32::try_from(units.value).ok()).unwrap_or(1);
    Some(StageSection { name: name?, span, kind, fed_by, units, redundancy, values })
}

fn read_generation(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<GenerationSection> {
    let mut fields = Fields::new("generation", table, span, fields::GENERATION, diagnostics);
    let name = fields.name("name");
    let running = fields.choice("running");
    let values = values(&mut fields, fields::GENERATION);
    Some(GenerationSection { name: name?, span, running, values })
}

fn read_event(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<EventSection> {
    let mut fields = Fields::new("an event", table, span, fields::EVENT, diagnostics);
    let name = fields.name("name");
    let (kind, on) = (fields.choice("kind"), fields.date("on"));
    let hour = fields.integer("hour", 0..=23).and_then(|hour| u32::try_from(hour.value).ok());
    let values = values(&mut fields, fields::EVENT);
    Some(EventSection { name: name?, span, kind, on, hour: hour.unwrap_or(0), values })
}

fn read_contract(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Option<ContractSection> {
    let mut fields = Fields::new("a contract", table, span, fields::CONTRACT, diagnostics);
    let name = fields.name("name");
    let (kind, generation) = (fields.choice("kind"), fields.choice("generation"));
    let values = values(&mut fields, fields::CONTRACT);
    Some(ContractSection { name: name?, span, kind, generation, values })
}
