//! The axis of moments, and queries on the grids of a plan.

use crate::period::{Moment, Period, Quarter};
use crate::plan::{Accounts, Aggregate, Behaviour, Bin, Grid, Plan, Query, ResultId, Vocabulary};
use crate::scenario::Scenario;

use super::Resolver;

/// The moments of a plan: start and end of the period, the ends of its months, the days on which deliveries,
/// retirement, power and larger models of ranking start and end, and the dates that claims name. Only the former carry integrals, so that
/// a claim does not change what it judges; the second list says which they are.
pub(super) fn axis(scenario: &Scenario, period: Period) -> (Vec<Moment>, Vec<bool>) {
    let mut own = vec![period.start, period.end];
    let (first, last) = (period.start.day(), period.end.day_before());
    for year in first.year()..=last.year() {
        for month in 1..=12 {
            if let Ok(start) = jiff::civil::Date::new(year, month, 1) {
                own.push(Moment::start_of(start));
            }
        }
    }
    let stretches = scenario
        .purchases
        .iter()
        .flat_map(|purchase| [&purchase.deliver, &purchase.retire])
        .chain(scenario.openings.iter().map(|opening| &opening.retire));
    own.extend(stretches.flatten().flat_map(|stretch| [stretch.value.start, stretch.value.end]));
    let points = scenario.sites.iter().flat_map(|site| &site.online);
    own.extend(points.map(|point| Moment::end_of(point.on.value)));
    let rollout = scenario.ranking.iter().filter_map(|ranking| ranking.rollout.as_ref());
    own.extend(rollout.flat_map(|stretch| [stretch.value.start, stretch.value.end]));
    let mut named = Vec::new();
    for claim in &scenario.claims {
        named.extend(claim.at.as_ref().map(|at| Moment::end_of(at.value)));
        if let Some(over) = &claim.over {
            named.extend([over.period.value.start, over.period.value.end]);
        }
    }
    let mut moments: Vec<Moment> = own.iter().chain(&named).copied().collect();
    moments.retain(|moment| *moment >= period.start && *moment <= period.end);
    moments.sort_unstable();
    moments.dedup();
    own.sort_unstable();
    let integrated = moments.iter().map(|moment| own.binary_search(moment).is_ok()).collect();
    (moments, integrated)
}

impl Resolver<'_> {
    /// The year that headlines are about: the one named, else that of `as_of` or the nearest that is planned.
    pub(super) fn headline_year(&mut self) -> i16 {
        let period = self.scenario.period.value;
        let (first, last) = (period.start.day().year(), period.end.day_before().year());
        let Some(year) = &self.scenario.year else {
            return self.scenario.as_of.value.year().clamp(first, last);
        };
        match i16::try_from(year.value) {
            Ok(named) if (first..=last).contains(&named) => named,
            _ => {
                self.diagnostics.push(super::fleet::outside(
                    year.span,
                    &format!("{}, the year of the headlines,", year.value),
                    period,
                ));
                first
            }
        }
    }
}

/// The grids on which results live.
#[derive(Clone, Copy)]
pub(super) struct Grids<'a> {
    pub axis: &'a [Moment],
    pub accounts: Option<Accounts>,
}

impl Grids<'_> {
    /// The bin of a stretch, if the grid has its ends.
    pub fn bin(self, grid: Grid, period: Period) -> Option<Bin> {
        match grid {
            Grid::Moments => Some(Bin { lo: self.moment(period.start)?, hi: self.moment(period.end)? }),
            Grid::Plan => None,
            Grid::Quarters => {
                let accounts = self.accounts?;
                let (first, last) = period.whole_quarters()?;
                let index = |quarter: Quarter| usize::try_from(quarter.0 - accounts.first.0).ok();
                let (lo, hi) = (index(first)?, index(last)? + 1);
                (hi <= accounts.quarters)
                    .then(|| Some(Bin { lo: u32::try_from(lo).ok()?, hi: u32::try_from(hi).ok()? }))?
            }
        }
    }

    pub fn moment(self, moment: Moment) -> Option<u32> {
        self.axis.binary_search(&moment).ok().and_then(|index| u32::try_from(index).ok())
    }
}

/// The stretch of equal kind before: the years, quarters or days that end where this one starts.
pub(super) fn before(period: Period) -> Period {
    if let Some((first, last)) = period.whole_years() {
        let length = last - first + 1;
        return Period { start: Period::year(first - length).start, end: Period::year(first - 1).end };
    }
    if let Some((first, last)) = period.whole_quarters() {
        // A quarter grows over the same quarter a year earlier: revenue is seasonal.
        return Period { start: Quarter(first.0 - 4).start(), end: Quarter(last.0 - 4).end() };
    }
    Period { start: Moment(period.start.0 - (period.end.0 - period.start.0)), end: period.start }
}

/// Whether reading a result needs the stretch before.
pub(super) fn needs_before(vocabulary: &Vocabulary, result: ResultId, aggregate: Aggregate) -> bool {
    match vocabulary.get(result).behaviour {
        Behaviour::Stock | Behaviour::Peak { .. } | Behaviour::Whole => false,
        Behaviour::Growth { of } => {
            vocabulary.get(of).behaviour == Behaviour::Flow || aggregate == Aggregate::Change
        }
        Behaviour::Flow | Behaviour::Ratio { .. } => aggregate == Aggregate::Change,
    }
}

/// The parts into which the greatest and the least of an amount look: years, else quarters, else the whole.
pub(super) fn parts(period: Period) -> Vec<Period> {
    if let Some((first, last)) = period.whole_years()
        && last > first
    {
        return (first..=last).map(Period::year).collect();
    }
    if let Some((first, last)) = period.whole_quarters() {
        return (first.0..=last.0).map(|quarter| Period::quarter(Quarter(quarter))).collect();
    }
    vec![period]
}

/// The query that reads a result for a year or a quarter in tables: the amount of a flow, the level of a
/// stock at the end. `None` where the result is not computed there.
pub fn period_query(plan: &Plan, result: ResultId, period: Period) -> Option<Query> {
    let grids = Grids { axis: &plan.axis, accounts: plan.accounts };
    table_query(&plan.vocabulary, grids, result, period)
}

pub(super) fn table_query(
    vocabulary: &Vocabulary,
    grids: Grids<'_>,
    result: ResultId,
    period: Period,
) -> Option<Query> {
    let path = vocabulary.get(result);
    let bin = grids.bin(path.grid, period)?;
    let aggregate = if path.behaviour == Behaviour::Stock { Aggregate::At } else { Aggregate::Sum };
    let before = if needs_before(vocabulary, result, aggregate) {
        vec![grids.bin(path.grid, before(period))?]
    } else {
        Vec::new()
    };
    Some(Query { result, aggregate, bins: vec![bin], before })
}

/// The query that reads a result which is one number for the whole plan.
pub fn whole_query(plan: &Plan, result: ResultId) -> Option<Query> {
    (plan.vocabulary.get(result).grid == Grid::Plan).then(|| whole(result))
}

pub(super) fn whole(result: ResultId) -> Query {
    Query { result, aggregate: Aggregate::At, bins: vec![Bin { lo: 0, hi: 0 }], before: Vec::new() }
}

/// Years of the plan's period, each followed by its quarters.
pub fn yearly_and_quarterly(plan: &Plan) -> Vec<(Period, bool)> {
    let mut periods = Vec::new();
    for year in plan.period.start.day().year()..=plan.period.end.day_before().year() {
        periods.push((Period::year(year), false));
        periods.extend((1..=4).map(|quarter| (Period::quarter(Quarter::new(year, quarter)), true)));
    }
    periods.retain(|(period, _)| plan.period.contains(*period));
    periods
}
