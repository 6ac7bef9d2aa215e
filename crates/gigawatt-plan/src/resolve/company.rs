//! The accounts of the company: a rule for every quarter of every line.

use crate::catalog::{CompanyHistory, Figure, Kind};
use crate::period::{Period, Quarter};
use crate::plan::{CompanyPlan, Input, Line, Part, Rule, Segment, Staff};
use crate::quantity::{Quantity, Ratio};
use crate::scenario::{CompanySection, DatedValue};
use crate::text::{Diagnostic, Span, Spanned};

use super::Resolver;
use super::fleet::PRACTICE;

/// The segment whose loss companies' histories carry.
const REALITY_LABS: &str = "reality-labs";

/// The quarters of the accounts.
#[derive(Clone, Copy)]
struct Calendar {
    first: Quarter,
    quarters: usize,
    plan_from: usize,
}

impl Calendar {
    fn quarter(self, index: usize) -> Quarter {
        Quarter(self.first.0 + i32::try_from(index).unwrap_or(i32::MAX))
    }

    /// The quarters of a period, as indices clipped to the calendar.
    fn indices(self, period: Period) -> Option<(usize, usize)> {
        let (first, last) = period.whole_quarters()?;
        let clip =
            |quarter: i32| usize::try_from((quarter - self.first.0).max(0)).unwrap_or(0).min(self.quarters);
        Some((clip(first.0), clip(last.0 + 1)))
    }
}

/// What a line may be made of, tried in this order after what was reported.
struct LineSources<'a> {
    /// Name of the line, for paths and messages.
    name: &'a str,
    /// Reported figure, if companies report it.
    figure: Option<Figure>,
    /// Totals of quarters or years.
    given: Option<&'a [DatedValue]>,
    /// Growth over a year.
    growth: Option<(&'a str, &'a [DatedValue])>,
    /// Share of revenue.
    share: Option<(&'a str, &'a [DatedValue])>,
    /// What stands where nothing else does; an error if `None`.
    otherwise: Option<Rule>,
    /// Where to point when a quarter has no rule.
    span: Span,
}

impl LineSources<'_> {
    /// Path of a field of the section that the line belongs to.
    fn prefix(&self, name: &str) -> String {
        if name.contains('.') { name.to_owned() } else { format!("company.{name}") }
    }
}

impl Resolver<'_> {
    pub(super) fn company(&mut self) -> Option<CompanyPlan> {
        let scenario = self.scenario;
        let section = scenario.company.as_ref()?;
        let practice = self.choice(Kind::Practice, section.practice.as_ref(), PRACTICE);
        let entry = self.entry(Kind::Company, section.history.as_ref()?)?;
        let (id, title, history) = (entry.id.clone(), entry.title().to_owned(), entry.history.clone());
        let (practice, until) = (practice?, section.until.as_ref()?);
        let calendar = self.calendar(until, &history)?;
        let dated = |name: &str| section.dated.get(name).map_or(&[][..], Vec::as_slice);

        let revenue = self.line(
            calendar,
            &id,
            &history,
            &LineSources {
                name: "revenue",
                figure: Some(Figure::Revenue),
                given: Some(dated("revenue")),
                growth: Some(("revenue_growth", dated("revenue_growth"))),
                share: None,
                otherwise: None,
                span: section.span,
            },
        );
        let operating_cash_flow = self.line(
            calendar,
            &id,
            &history,
            &LineSources {
                name: "operating_cash_flow",
                figure: Some(Figure::OperatingCashFlow),
                given: None,
                growth: None,
                share: Some(("operating_cash_flow_share", dated("operating_cash_flow_share"))),
                otherwise: None,
                span: section.span,
            },
        );
        let capital_expenditure = self.line(
            calendar,
            &id,
            &history,
            &LineSources {
                name: "capital_expenditure",
                figure: Some(Figure::CapitalExpenditure),
                given: Some(dated("capital_expenditure")),
                growth: Some(("capital_expenditure_growth", dated("capital_expenditure_growth"))),
                share: None,
                otherwise: Some(Rule::Modelled),
                span: section.span,
            },
        );
        let depreciation = self.line(
            calendar,
            &id,
            &history,
            &LineSources {
                name: "depreciation",
                figure: Some(Figure::Depreciation),
                given: None,
                growth: None,
                share: None,
                otherwise: Some(Rule::Modelled),
                span: section.span,
            },
        );
        let total_costs = self.line(
            calendar,
            &id,
            &history,
            &LineSources {
                name: "total_costs",
                figure: Some(Figure::TotalCosts),
                given: Some(dated("total_costs")),
                growth: None,
                share: None,
                otherwise: Some(Rule::Modelled),
                span: section.span,
            },
        );
        let outside_ai = self.parts_by_quarter(calendar, "company.outside_ai", dated("outside_ai"));
        let other_cost_growth =
            self.by_quarter(calendar, "company.other_cost_growth", dated("other_cost_growth"));
        self.require(section, calendar, &capital_expenditure, &outside_ai, "outside_ai");
        self.require(section, calendar, &total_costs, &other_cost_growth, "other_cost_growth");

        let value = |field: &str| section.values.get(field);
        let span = section.span;
        let segments = self.segments(calendar, &id, &history);
        let staff = self.staff(calendar);
        Some(CompanyPlan {
            title,
            first: calendar.first,
            plan_from: calendar.plan_from,
            revenue: revenue?,
            operating_cash_flow: operating_cash_flow?,
            capital_expenditure: capital_expenditure?,
            outside_ai,
            depreciation: depreciation?,
            total_costs: total_costs?,
            other_cost_growth,
            server_life: self.written_or_fact(
                "company.server_life".to_owned(),
                value("server_life"),
                (Kind::Company, &id, "server_life"),
                span,
            )?,
            building_life: self.written_or_fact(
                "company.building_life".to_owned(),
                value("building_life"),
                (Kind::Practice, &practice, "building_life"),
                span,
            )?,
            short_lived_share: self.written_or_fact(
                "company.short_lived_share".to_owned(),
                value("short_lived_share"),
                (Kind::Practice, &practice, "short_lived_share"),
                span,
            )?,
            existing_asset_runoff: self.written_or_fact(
                "company.existing_asset_runoff".to_owned(),
                value("existing_asset_runoff"),
                (Kind::Practice, &practice, "existing_asset_runoff"),
                span,
            )?,
            segments: segments?,
            staff: staff?,
        })
    }

    /// The accounts run from the year before the plan, for growth over a year, to the end of `until`.
    fn calendar(&mut self, until: &Spanned<i64>, history: &CompanyHistory) -> Option<Calendar> {
        let period = self.scenario.period.value;
        let start = period.start.day();
        let last_year = i16::try_from(until.value).unwrap_or(i16::MAX);
        if start.month() != 1 || start.day() != 1 {
            self.diagnostics.push(
                Diagnostic::error(
                    self.scenario.period.span,
                    "a plan with a company starts on the first of January",
                )
                .help("start the period with a year, so that its quarters are whole"),
            );
            return None;
        }
        if last_year < start.year() || Period::year(last_year).end > period.end {
            let what = format!("{}, the last year of the accounts,", until.value);
            self.diagnostics.push(super::fleet::outside(until.span, &what, period));
            return None;
        }
        let oldest = history.quarters.first().map(|figures| figures.period)?;
        let first = oldest.max(Quarter::new(start.year() - 1, 1));
        let plan_start = Quarter::of(start);
        if first > plan_start {
            self.diagnostics.push(
                Diagnostic::error(
                    self.scenario.period.span,
                    format!("the company's reported quarters start with {oldest}, after the plan"),
                )
                .help(format!("start the period with {} or later", oldest.year())),
            );
            return None;
        }
        let count = |from: Quarter, to: Quarter| usize::try_from(to.0 - from.0).unwrap_or(0);
        Some(Calendar {
            first,
            quarters: count(first, Quarter::new(last_year, 4)) + 1,
            plan_from: count(first, plan_start),
        })
    }

    fn line(
        &mut self,
        calendar: Calendar,
        company: &str,
        history: &CompanyHistory,
        sources: &LineSources<'_>,
    ) -> Option<Line> {
        let mut line: Vec<Option<Rule>> = vec![None; calendar.quarters];
        if let Some(figure) = sources.figure {
            let knowledge = self.knowledge;
            for figures in history.quarters.iter().filter(|figures| figures.published <= knowledge) {
                let Ok(index) = usize::try_from(figures.period.0 - calendar.first.0) else { continue };
                // Before the plan, purchases stand in for capital expenditure: nothing is judged there.
                let stand_in = figures
                    .purchases
                    .as_ref()
                    .filter(|_| figure == Figure::CapitalExpenditure && index < calendar.plan_from);
                let value = figures.get(figure).map(|value| (value, figure.key()));
                let value = value.or(stand_in.map(|value| (value, "purchases")));
                if let (Some(slot), Some((value, key))) = (line.get_mut(index), value) {
                    let path = format!("company.{company}.{}.{key}", figures.period);
                    *slot =
                        Some(Rule::Reported(self.reported(path, value, &figures.source, figures.published)));
                }
            }
        }
        for given in sources.given.unwrap_or_default() {
            let Some((first, end)) = self.quarters_of(calendar, given) else { continue };
            if !(first..end).any(|index| line[index].is_none()) {
                continue;
            }
            let total = self
                .written(format!("{}.{}", sources.prefix(sources.name), given.period.value), &given.value);
            for slot in &mut line[first..end] {
                slot.get_or_insert(Rule::Remainder { total, first, end });
            }
        }
        if let Some((name, growth)) = sources.growth {
            let open: Vec<bool> = line.iter().map(Option::is_none).collect();
            for (index, input) in self.spread::<Ratio>(calendar, &sources.prefix(name), growth, &open) {
                if index >= 4 {
                    line[index].get_or_insert(Rule::Growth(input));
                }
            }
        }
        if let Some((name, share)) = sources.share {
            let open: Vec<bool> = line.iter().map(Option::is_none).collect();
            for (index, input) in self.spread::<Ratio>(calendar, &sources.prefix(name), share, &open) {
                line[index].get_or_insert(Rule::ShareOfRevenue(input));
            }
        }
        if let Some(rule) = sources.otherwise {
            for slot in &mut line {
                slot.get_or_insert(rule);
            }
        }
        if let Some(missing) = line.iter().position(Option::is_none) {
            let quarter = calendar.quarter(missing);
            let (remedy, written) = sources.share.or(sources.growth).unzip();
            // The list that ends too early, where there is one.
            let last = written.unwrap_or_default().last().map(|last| last.period.span);
            self.diagnostics.push(
                Diagnostic::error(
                    last.unwrap_or(sources.span),
                    format!("`{}` of {quarter} is neither reported nor given", sources.name),
                )
                .help(format!(
                    "add {} = [{{ in = {}, value = ... }}]",
                    remedy.unwrap_or(sources.name),
                    quarter.year()
                )),
            );
            return None;
        }
        Some(line.into_iter().flatten().collect())
    }

    /// The quarters of a dated value; a diagnostic where it is not made of whole ones.
    fn quarters_of(&mut self, calendar: Calendar, dated: &DatedValue) -> Option<(usize, usize)> {
        let indices = calendar.indices(dated.period.value);
        if indices.is_none() {
            self.diagnostics.push(
                Diagnostic::error(
                    dated.period.span,
                    "the accounts are by quarter, and this is not a whole one",
                )
                .help("write a quarter or a year, such as \"2025Q1\" or 2025"),
            );
        }
        indices
    }

    /// One input per dated value, and the quarters still `open` that it serves.
    fn spread<Q: Quantity>(
        &mut self,
        calendar: Calendar,
        path: &str,
        dated: &[DatedValue],
        open: &[bool],
    ) -> Vec<(usize, Input<Q>)> {
        let mut all = Vec::new();
        for value in dated {
            let Some((first, end)) = self.quarters_of(calendar, value) else { continue };
            if !open[first..end].contains(&true) {
                continue;
            }
            let input = self.written(format!("{path}.{}", value.period.value), &value.value);
            all.extend((first..end).filter(|index| open[*index]).map(|index| (index, input)));
        }
        all
    }

    fn by_quarter<Q: Quantity>(
        &mut self,
        calendar: Calendar,
        path: &str,
        dated: &[DatedValue],
    ) -> Vec<Option<Input<Q>>> {
        let mut inputs = vec![None; calendar.quarters];
        for value in dated {
            let Some((first, end)) = self.quarters_of(calendar, value) else { continue };
            let input = self.written(format!("{path}.{}", value.period.value), &value.value);
            inputs[first..end].fill(Some(input));
        }
        inputs
    }

    /// The same for amounts: each quarter is an equal part of its stretch.
    fn parts_by_quarter(
        &mut self,
        calendar: Calendar,
        path: &str,
        dated: &[DatedValue],
    ) -> Vec<Option<Part>> {
        let mut parts = vec![None; calendar.quarters];
        for value in dated {
            let Some((first, end)) = self.quarters_of(calendar, value) else { continue };
            let total = self.written(format!("{path}.{}", value.period.value), &value.value);
            let (from, to) = value.period.value.whole_quarters().unwrap_or((calendar.first, calendar.first));
            let quarters = u32::try_from(to.0 - from.0 + 1).unwrap_or(1);
            parts[first..end].fill(Some(Part { total, quarters }));
        }
        parts
    }

    /// Quarters that are modelled need the named field.
    fn require<T>(
        &mut self,
        section: &CompanySection,
        calendar: Calendar,
        line: &Option<Line>,
        inputs: &[Option<T>],
        name: &str,
    ) {
        let modelled = |(index, rule): &(usize, &Rule)| **rule == Rule::Modelled && inputs[*index].is_none();
        let missing = line.iter().flatten().enumerate().find(modelled);
        if let Some((index, _)) = missing {
            let quarter = calendar.quarter(index);
            let last = section.dated.get(name).and_then(|dated| dated.last()).map(|last| last.period.span);
            self.diagnostics.push(
                Diagnostic::error(last.unwrap_or(section.span), format!("`{name}` is missing for {quarter}"))
                    .help(format!("add {name} = [{{ in = {}, value = ... }}]", quarter.year())),
            );
        }
    }

    fn segments(
        &mut self,
        calendar: Calendar,
        company: &str,
        history: &CompanyHistory,
    ) -> Option<Vec<Segment>> {
        let scenario = self.scenario;
        let mut segments = Vec::new();
        for section in &scenario.segments {
            let name = &section.name.value;
            let growth = format!("segment.{name}.loss_growth");
            let figure = (name == REALITY_LABS).then_some(Figure::RealityLabsLoss);
            let mut loss = self.line(
                calendar,
                company,
                history,
                &LineSources {
                    name: &format!("segment.{name}.loss"),
                    figure,
                    given: Some(&section.loss),
                    growth: Some((&growth, &section.loss_growth)),
                    share: None,
                    otherwise: (figure.is_none()).then_some(Rule::Nothing),
                    span: section.name.span,
                },
            )?;
            if figure.is_none() {
                let gap = (calendar.plan_from..calendar.quarters).find(|index| loss[*index] == Rule::Nothing);
                if let Some(index) = gap {
                    let quarter = calendar.quarter(index);
                    self.diagnostics.push(
                        Diagnostic::error(section.name.span, format!("the loss of {quarter} is not given"))
                            .help(format!("add loss = [{{ in = {}, value = ... }}]", quarter.year())),
                    );
                }
                loss[..calendar.plan_from].fill(Rule::Nothing);
            }
            segments.push(Segment {
                name: name.clone(),
                title: section.title.clone().unwrap_or_else(|| name.clone()),
                loss,
            });
        }
        Some(segments)
    }

    fn staff(&mut self, calendar: Calendar) -> Option<Vec<Staff>> {
        let scenario = self.scenario;
        let mut all = Vec::new();
        for section in &scenario.staff {
            let name = &section.name.value;
            let (Some(people), Some(cost)) = (&section.people, &section.cost) else { return None };
            all.push(Staff {
                name: name.clone(),
                title: section.title.clone().unwrap_or_else(|| name.clone()),
                people: self.written(format!("staff.{name}.people"), people),
                growth: self.by_quarter(calendar, &format!("staff.{name}.growth"), &section.growth),
                cost: self.written(format!("staff.{name}.cost"), cost),
            });
        }
        Some(all)
    }
}
