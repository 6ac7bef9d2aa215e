//! Claims: paths looked up, times placed on the grids, bounds given their units.

use crate::period::{Moment, Period, Quarter};
use crate::plan::{
    Accounts, Aggregate, Behaviour, Bounds, Claim, ClaimTest, Grid, Known, Query, ResultId, Vocabulary,
};
use crate::quantity::Dimension;
use crate::scenario::ClaimSection;
use crate::text::{Diagnostic, Spanned, nearest, read_number};

use super::Resolver;
use super::outcomes::KnownOutcomes;
use super::time::{Grids, before, needs_before, parts, whole};

/// Probability that a claim asks for unless it says otherwise.
const CONFIDENCE: f64 = 0.8;

impl Resolver<'_> {
    pub(super) fn claims(
        &mut self,
        vocabulary: &Vocabulary,
        axis: &[Moment],
        accounts: Option<Accounts>,
    ) -> Vec<Claim> {
        let scenario = self.scenario;
        let grids = Grids { axis, accounts };
        let known = self.known_outcomes(vocabulary);
        scenario
            .claims
            .iter()
            .filter_map(|section| {
                let source = section.source.as_ref().and_then(|source| self.cited_source(source));
                let test = match (&section.value, &section.judged_by) {
                    (Some(path), None) => {
                        ClaimTest::Bounds(self.bounds(section, path, vocabulary, grids, &known)?)
                    }
                    (None, Some(needs)) => ClaimTest::NotJudged { needs: needs.value.clone() },
                    (Some(_), Some(needs)) => {
                        self.diagnostics.push(Diagnostic::error(
                            needs.span,
                            format!(
                                "the claim `{}` has both a `value` that decides it and a `judged_by` that would",
                                section.name.value
                            ),
                        ).help("`judged_by` is for what nothing here computes; leave one of them out"));
                        return None;
                    }
                    (None, None) => {
                        self.diagnostics.push(
                            Diagnostic::error(
                                section.span,
                                format!("the claim `{}` has no `value` that decides it", section.name.value),
                            )
                            .help("name a result, such as value = \"finance.capex.cash\", or say judged_by = \"...\" what would decide it"),
                        );
                        return None;
                    }
                };
                Some(Claim {
                    name: section.name.value.clone(),
                    says: section.says.as_ref()?.value.clone(),
                    test,
                    source,
                    informative: section.informative,
                })
            })
            .collect()
    }

    fn bounds(
        &mut self,
        section: &ClaimSection,
        path: &Spanned<String>,
        vocabulary: &Vocabulary,
        grids: Grids<'_>,
        known: &KnownOutcomes,
    ) -> Option<Bounds> {
        let Some(result) = vocabulary.find(&path.value) else {
            self.diagnostics.push(unknown_path(path, vocabulary));
            return None;
        };
        let (query, when, outcome) = self.when(section, path, result, vocabulary, grids, known)?;
        let dimension = match (vocabulary.get(result).dimension, query.aggregate) {
            (Dimension::Ratio, Aggregate::Change) => Dimension::Points,
            (dimension, _) => dimension,
        };
        let mut bound = |node: &Option<crate::text::Node>, name: &str| match node {
            Some(node) => read_number(node, name, dimension, self.diagnostics).map(Some).ok_or(()),
            None => Ok(None),
        };
        let (at_least, at_most) = (bound(&section.at_least, "at_least"), bound(&section.at_most, "at_most"));
        let (Ok(at_least), Ok(at_most)) = (at_least, at_most) else { return None };
        if at_least.is_none() && at_most.is_none() {
            self.diagnostics.push(
                Diagnostic::error(section.span, format!("the claim `{}` has no bound", section.name.value))
                    .help("give at_least, at_most or both"),
            );
            return None;
        }
        if let (Some(least), Some(most), Some(most_node), Some(least_node)) =
            (at_least, at_most, &section.at_most, &section.at_least)
            && least > most
        {
            self.diagnostics.push(
                Diagnostic::error(most_node.span, "`at_most` is below `at_least`, nothing lies between")
                    .label("at most")
                    .also(least_node.span, "at least")
                    .help("exchange the two, or leave one out"),
            );
            return None;
        }
        Some(Bounds {
            path: path.value.clone(),
            when,
            query,
            dimension,
            at_least,
            at_most,
            confidence: section.confidence.as_ref().map_or(CONFIDENCE, |confidence| confidence.value),
            outcome,
        })
    }

    fn when(
        &mut self,
        section: &ClaimSection,
        path: &Spanned<String>,
        result: ResultId,
        vocabulary: &Vocabulary,
        grids: Grids<'_>,
        known: &KnownOutcomes,
    ) -> Option<(Query, String, Option<Known>)> {
        let entry = vocabulary.get(result);
        let level = match entry.behaviour {
            Behaviour::Stock => true,
            Behaviour::Ratio { over, .. } => vocabulary.get(over).behaviour == Behaviour::Stock,
            _ => false,
        };
        if entry.behaviour == Behaviour::Whole {
            let span = section.at.as_ref().map(|at| at.span);
            if let Some(span) = span.or(section.over.as_ref().map(|over| over.period.span)) {
                self.diagnostics.push(
                    Diagnostic::error(span, format!("`{}` is one number for the whole plan", path.value))
                        .help("leave out `at` and `over`"),
                );
                return None;
            }
            return Some((whole(result), "for the whole plan".to_owned(), None));
        }
        match (&section.at, &section.over) {
            (Some(at), None) if level => {
                let moment = Moment::end_of(at.value);
                let bin = match entry.grid {
                    Grid::Moments => grids.moment(moment).map(|index| (index, index)),
                    Grid::Plan => None,
                    Grid::Quarters => grids
                        .bin(Grid::Quarters, Period::quarter(Quarter::of(at.value)))
                        .filter(|_| Quarter::of(at.value).end() == moment)
                        .map(|bin| (bin.lo, bin.hi)),
                };
                let Some((lo, hi)) = bin else {
                    self.diagnostics.push(match entry.grid {
                        Grid::Moments | Grid::Plan => {
                            let what = format!("{}, the day of the claim,", at.value);
                            super::fleet::outside(at.span, &what, self.scenario.period.value)
                        }
                        Grid::Quarters => self.not_computed(at.span, path, &at.value, entry.grid, grids),
                    });
                    return None;
                };
                let query = Query {
                    result,
                    aggregate: Aggregate::At,
                    bins: vec![crate::plan::Bin { lo, hi }],
                    before: Vec::new(),
                };
                Some((query, format!("at {}", at.value), None))
            }
            (None, Some(over)) => {
                let period = over.period.value;
                if entry.behaviour == Behaviour::Stock && over.aggregate == Aggregate::Sum {
                    self.diagnostics.push(
                        Diagnostic::error(
                            over.period.span,
                            format!("`{}` is a level, it has no sum", path.value),
                        )
                        .help("read it at = a day, or over = { mean | max | min | change = ... }"),
                    );
                    return None;
                }
                let compared = matches!(entry.behaviour, Behaviour::Growth { .. } | Behaviour::Peak { .. });
                if compared && over.aggregate == Aggregate::Change {
                    self.diagnostics.push(
                        Diagnostic::error(
                            over.period.span,
                            format!("`{}` compares already, it has no change", path.value),
                        )
                        .help("read it over = { mean | max | min = ... }"),
                    );
                    return None;
                }
                let whole = matches!(over.aggregate, Aggregate::Sum | Aggregate::Change)
                    || entry.behaviour == Behaviour::Stock
                    || (over.aggregate == Aggregate::Mean && entry.behaviour != Behaviour::Flow);
                let pieces = if whole { vec![period] } else { parts(period) };
                // A mean over one stretch of a ratio is the ratio over the stretch.
                let aggregate = match (over.aggregate, entry.behaviour) {
                    (
                        Aggregate::Mean,
                        Behaviour::Ratio { .. } | Behaviour::Growth { .. } | Behaviour::Peak { .. },
                    ) => Aggregate::Sum,
                    (aggregate, _) => aggregate,
                };
                let earlier: Vec<Period> = if needs_before(vocabulary, result, aggregate) {
                    pieces.iter().map(|piece| before(*piece)).collect()
                } else {
                    Vec::new()
                };
                let place = |stretches: &[Period]| -> Option<Vec<_>> {
                    stretches.iter().map(|stretch| grids.bin(entry.grid, *stretch)).collect()
                };
                let (Some(bins), Some(earlier_bins)) = (place(&pieces), place(&earlier)) else {
                    let diagnostic = self.not_computed(over.period.span, path, &period, entry.grid, grids);
                    self.diagnostics.push(match earlier.first() {
                        Some(earlier) => {
                            diagnostic.label(format!("it is compared with {earlier}, which is needed too"))
                        }
                        None => diagnostic,
                    });
                    return None;
                };
                let outcome = known.over(result, over.aggregate, &pieces, self.knowledge);
                let query = Query { result, aggregate, bins, before: earlier_bins };
                let words = match over.aggregate {
                    Aggregate::Sum => format!("over {period}"),
                    _ if whole => format!("{} over {period}", over.keyword),
                    _ => format!("{} of {} in {period}", over.keyword, parts_name(period)),
                };
                Some((query, words, outcome))
            }
            (Some(at), Some(over)) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        at.span,
                        format!(
                            "the claim `{}` says when twice, with `at` and with `over`",
                            section.name.value
                        ),
                    )
                    .also(over.period.span, "over")
                    .help("leave one of them out"),
                );
                None
            }
            (Some(at), None) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        at.span,
                        format!("`{}` is an amount over time, it has no value at a day", path.value),
                    )
                    .help("read it over = { sum = 2025 }"),
                );
                None
            }
            (None, None) => {
                let remedy = if level { "at = 2025-12-31" } else { "over = { sum = 2025 }" };
                self.diagnostics.push(
                    Diagnostic::error(
                        section.span,
                        format!("the claim `{}` does not say when", section.name.value),
                    )
                    .help(format!("add {remedy}")),
                );
                None
            }
        }
    }

    fn not_computed(
        &self,
        span: crate::text::Span,
        path: &Spanned<String>,
        when: &dyn std::fmt::Display,
        grid: Grid,
        grids: Grids<'_>,
    ) -> Diagnostic {
        let (from, to) = match (grid, grids.accounts) {
            (Grid::Quarters, Some(accounts)) => {
                (accounts.first.start().day(), accounts.quarter(accounts.quarters - 1).end().day_before())
            }
            _ => (self.scenario.period.value.start.day(), self.scenario.period.value.end.day_before()),
        };
        let steps = if grid == Grid::Quarters { " in whole quarters" } else { "" };
        Diagnostic::error(span, format!("`{}` is not computed for {when}", path.value))
            .help(format!("it is computed from {from} to {to}{steps}"))
    }
}

fn parts_name(period: Period) -> &'static str {
    match period.whole_years() {
        Some((first, last)) if last > first => "the years",
        _ => "the quarters",
    }
}

fn unknown_path(path: &Spanned<String>, vocabulary: &Vocabulary) -> Diagnostic {
    let paths = || vocabulary.paths.iter().map(|entry| entry.path.as_str());
    let diagnostic = Diagnostic::error(path.span, format!("there is no result `{}`", path.value));
    if let Some(near) = nearest(&path.value, paths()) {
        return diagnostic.help(format!("did you mean `{near}`?"));
    }
    let engine = path.value.split('.').next().unwrap_or_default();
    if engine == "finance" && vocabulary.finance.is_none() {
        return diagnostic.help("finance is computed for a scenario with a [company]");
    }
    let mut same: Vec<&str> = paths().filter(|known| known.split('.').next() == Some(engine)).collect();
    if same.is_empty() {
        return diagnostic
            .help("results start with `buildout`, `facility`, `finance`, `training` or `ranking`, such as `buildout.gpus.owned`");
    }
    same.sort_by_key(|known| strsim::damerau_levenshtein(known, &path.value));
    same.truncate(8);
    let listed: Vec<String> = same.iter().map(|known| format!("`{known}`")).collect();
    diagnostic
        .help(format!("the nearest are {}; without this claim `gw explain` lists all", listed.join(", ")))
}
