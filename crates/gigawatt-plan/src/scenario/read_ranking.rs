//! Reading ranking and recommendation.

use super::fields_ranking as fields;
use super::read_items::values;
use super::sections_ranking::{RankingPartSection, RankingSection};
use crate::text::{Diagnostic, Diagnostics, Field, Fields, Span, Table};

pub(super) fn read_ranking(table: &Table, span: Span, diagnostics: &mut Diagnostics) -> RankingSection {
    let mut fields = Fields::new("ranking", table, span, fields::RANKING, diagnostics);
    let title = fields.text("title").map(|text| text.value);
    let (site, company, audience) = (fields.text("site"), fields.text("company"), fields.text("audience"));
    let rollout = fields.period("rollout");
    let uplifts = fields.texts("uplifts");
    let immersive_system = fields.text("immersive_system");
    let (mut stages, mut trainings) = (Vec::new(), Vec::new());
    for (table, span) in fields.tables("stages") {
        stages.extend(read_part("a stage of ranking", table, span, fields::STAGE, fields.diagnostics()));
    }
    for (table, span) in fields.tables("training") {
        trainings.extend(read_part("training of ranking", table, span, fields::JOBS, fields.diagnostics()));
    }
    if fields.is_written("immersive") != fields.is_written("immersive_system") {
        let (written, lacks) = match fields.is_written("immersive") {
            true => ("immersive", "immersive_system"),
            false => ("immersive_system", "immersive"),
        };
        let span = fields.node(written).map_or(span, |node| node.span);
        fields.diagnostics().push(
            Diagnostic::error(span, format!("`{lacks}` is missing beside `{written}`"))
                .help("write immersive = \"2 k\" with immersive_system = \"hgx-h100\", or leave both out"),
        );
    }
    let values = values(&mut fields, fields::RANKING);
    RankingSection {
        span,
        title,
        site,
        company,
        audience,
        rollout,
        uplifts,
        stages,
        trainings,
        immersive_system,
        values,
    }
}

fn read_part(
    what: &str,
    table: &Table,
    span: Span,
    known: &'static [Field],
    diagnostics: &mut Diagnostics,
) -> Option<RankingPartSection> {
    let mut fields = Fields::new(what, table, span, known, diagnostics);
    let name = fields.name("name");
    let title = fields.text("title").map(|text| text.value);
    let (model, system) = (fields.text("model"), fields.text("system"));
    let values = values(&mut fields, known);
    Some(RankingPartSection { name: name?, span, title, model, system, values })
}
