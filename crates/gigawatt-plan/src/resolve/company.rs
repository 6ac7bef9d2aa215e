//! The accounts of companies: a rule for every quarter of every line.

use crate::catalog::{CompanyHistory, Figure, Kind};
use crate::plan::{
    Accounts, AssetPolicy, CapitalPolicy, CompanyPlan, Input, Line, Part, Rule, Segment, Staff, UnitEconomics,
};
use crate::quantity::{Quantity, Ratio};
use crate::scenario::{CompanySection, DatedValue};
use crate::text::{Diagnostic, Spanned};

use super::Resolver;
use super::accounts::last_report;
use super::fleet::PRACTICE;

/// The segment whose loss companies' histories carry.
const REALITY_LABS: &str = "reality-labs";

/// A company on its way to its plan: where its inputs stand and what the catalogue knows of it.
struct Known<'a> {
    section: &'a CompanySection,
    accounts: Accounts,
    /// First part of its inputs' paths.
    prefix: String,
    /// Id in the catalogue.
    id: Option<String>,
    history: CompanyHistory,
    practice: String,
}

impl Known<'_> {
    fn dated(&self, field: &str) -> &[DatedValue] {
        self.section.dated.get(field).map_or(&[], Vec::as_slice)
    }

    fn path(&self, field: &str) -> String {
        format!("{}.{field}", self.prefix)
    }
}

/// What a line may be made of, tried in this order after what was reported.
#[derive(Default)]
struct LineSources<'a> {
    /// Reported figure, if companies report it.
    figure: Option<Figure>,
    /// Totals of quarters or years.
    given: &'a [DatedValue],
    /// Growth over a year: its name and values.
    growth: Option<(&'a str, &'a [DatedValue])>,
    /// Share of revenue: its name and values.
    share: Option<(&'a str, &'a [DatedValue])>,
    /// What stands where nothing else does; an error if `None`.
    otherwise: Option<Rule>,
}

impl Resolver<'_> {
    /// Every company, in the order written; `None` where one of them is incomplete.
    pub(super) fn companies(&mut self, accounts: Option<Accounts>) -> Option<Vec<CompanyPlan>> {
        let scenario = self.scenario;
        if scenario.companies.len() > 1 {
            for section in scenario.companies.iter().filter(|section| section.name.is_none()) {
                self.diagnostics.push(
                    Diagnostic::error(section.span, "`name` is missing, and there are several companies")
                        .help("give each [[company]] a name, which its results are found under"),
                );
            }
        }
        if scenario.companies.is_empty() {
            return Some(Vec::new());
        }
        let Some(accounts) = accounts else {
            // Without quarters nothing can be placed; a history that is not there is told all the same.
            for name in scenario.companies.iter().filter_map(|section| section.history.as_ref()) {
                self.entry(Kind::Company, name);
            }
            return None;
        };
        let all: Vec<_> = (0..scenario.companies.len()).map(|index| self.company(accounts, index)).collect();
        all.into_iter().collect()
    }

    /// The index of the company that something names; the first where it names none.
    pub(super) fn company_index(&mut self, name: Option<&Spanned<String>>) -> Option<usize> {
        let Some(name) = name else { return Some(0) };
        let scenario = self.scenario;
        let names = || scenario.companies.iter().map(company_name);
        let index = names().position(|known| known == name.value);
        if index.is_none() {
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("there is no company `{}`", name.value))
                    .suggest(&name.value, names()),
            );
        }
        index
    }

    fn company(&mut self, accounts: Accounts, index: usize) -> Option<CompanyPlan> {
        let scenario = self.scenario;
        let section = &scenario.companies[index];
        let practice = self.choice(Kind::Practice, section.practice.as_ref(), PRACTICE)?;
        let (id, title, history) = match &section.history {
            Some(name) => {
                let entry = self.entry(Kind::Company, name)?;
                (Some(entry.id.clone()), entry.title().to_owned(), entry.history.clone())
            }
            None => (None, company_name(section).to_owned(), CompanyHistory::default()),
        };
        let prefix = match (scenario.companies.len(), &section.name) {
            (1, _) | (_, None) => "company".to_owned(),
            (_, Some(name)) => format!("company.{}", name.value),
        };
        let known = Known { section, accounts, prefix, id, history, practice };

        let outside_ai =
            self.parts_by_quarter(accounts, &known.path("outside_ai"), known.dated("outside_ai"));
        let other_cost_growth =
            self.by_quarter(accounts, &known.path("other_cost_growth"), known.dated("other_cost_growth"));
        let shareholder_returns = self.parts_by_quarter(
            accounts,
            &known.path("shareholder_returns"),
            known.dated("shareholder_returns"),
        );
        let lines = self.lines(&known, &outside_ai, &other_cost_growth)?;
        let segments = self.segments(&known, index);
        let staff = self.staff(&known, index);
        let assets = self.asset_policy(&known);
        let capital = self.capital_policy(&known);
        let economics = self.unit_economics(&known);
        Some(CompanyPlan {
            name: company_name(section).to_owned(),
            title: section.title.clone().unwrap_or(title),
            revenue: lines.revenue,
            operating_cash_flow: lines.operating_cash_flow,
            capital_expenditure: lines.capital_expenditure,
            outside_ai,
            depreciation: lines.depreciation,
            total_costs: lines.total_costs,
            other_cost_growth,
            shareholder_returns,
            assets: assets?,
            capital: capital?,
            economics: economics?,
            segments: segments?,
            staff: staff?,
            funding: Vec::new(),
            investors: Vec::new(),
        })
    }

    fn lines(
        &mut self,
        known: &Known<'_>,
        outside_ai: &[Option<Part>],
        other_cost_growth: &[Option<Input<Ratio>>],
    ) -> Option<Lines> {
        // A company with a history is held to its whole accounts; another has only what is said of it.
        let free = |rule: Rule| known.id.is_none().then_some(rule);
        let revenue = self.line(
            known,
            &known.path("revenue"),
            &LineSources {
                figure: Some(Figure::Revenue),
                given: known.dated("revenue"),
                growth: Some(("revenue_growth", known.dated("revenue_growth"))),
                otherwise: free(Rule::Nothing),
                ..LineSources::default()
            },
        );
        let operating_cash_flow = self.line(
            known,
            &known.path("operating_cash_flow"),
            &LineSources {
                figure: Some(Figure::OperatingCashFlow),
                share: Some(("operating_cash_flow_share", known.dated("operating_cash_flow_share"))),
                otherwise: free(Rule::Modelled),
                ..LineSources::default()
            },
        );
        let capital_expenditure = self.line(
            known,
            &known.path("capital_expenditure"),
            &LineSources {
                figure: Some(Figure::CapitalExpenditure),
                given: known.dated("capital_expenditure"),
                growth: Some(("capital_expenditure_growth", known.dated("capital_expenditure_growth"))),
                otherwise: Some(Rule::Modelled),
                ..LineSources::default()
            },
        );
        let depreciation = self.line(
            known,
            &known.path("depreciation"),
            &LineSources {
                figure: Some(Figure::Depreciation),
                otherwise: Some(Rule::Modelled),
                ..LineSources::default()
            },
        );
        let total_costs = self.line(
            known,
            &known.path("total_costs"),
            &LineSources {
                figure: Some(Figure::TotalCosts),
                given: known.dated("total_costs"),
                otherwise: Some(Rule::Modelled),
                ..LineSources::default()
            },
        );
        if known.id.is_some() {
            self.require(known, capital_expenditure.as_ref(), outside_ai, "outside_ai");
            self.require(known, total_costs.as_ref(), other_cost_growth, "other_cost_growth");
        }
        Some(Lines {
            revenue: revenue?,
            operating_cash_flow: operating_cash_flow?,
            capital_expenditure: capital_expenditure?,
            depreciation: depreciation?,
            total_costs: total_costs?,
        })
    }

    fn asset_policy(&mut self, known: &Known<'_>) -> Option<AssetPolicy> {
        for field in ["short_lived_share", "ai_hardware_share", "existing_server_share"] {
            self.check_share(known.section.values.get(field), field);
        }
        for field in ["server_life", "server_life_reported", "building_life", "existing_asset_runoff"] {
            self.check_length(known.section.values.get(field), field);
        }
        let server_life = match &known.id {
            Some(id) => self.of_company(known, "server_life", (Kind::Company, id))?,
            None => self.of_practice(known, "server_life")?,
        };
        Some(AssetPolicy {
            server_life,
            server_life_reported: self.reported_life(known, server_life)?,
            building_life: self.of_practice(known, "building_life")?,
            short_lived_share: self.of_practice(known, "short_lived_share")?,
            ai_hardware_share: self.of_practice(known, "ai_hardware_share")?,
            existing_asset_runoff: self.of_practice(known, "existing_asset_runoff")?,
            existing_server_share: self.of_practice(known, "existing_server_share")?,
        })
    }

    /// The life behind the last report: as written, else the catalogue's vintage of that day, else that of new ones.
    /// The catalogue's vintage is a fact of its own even where the scenario replaces the life of new servers.
    fn reported_life<Q: Quantity>(&mut self, known: &Known<'_>, life: Input<Q>) -> Option<Input<Q>> {
        const FIELD: &str = "server_life_reported";
        if let Some(written) = known.section.values.get(FIELD) {
            return Some(self.written(known.path(FIELD), written));
        }
        let Some(id) = &known.id else { return Some(life) };
        let Some(day) = last_report(&known.history, self.knowledge) else { return Some(life) };
        let fact = self.catalogue.get(Kind::Company, id).and_then(|entry| entry.known_on("server_life", day));
        let Some(fact) = fact else { return Some(life) };
        let written = Spanned { value: fact.written.clone(), span: fact.span };
        Some(self.quoted(known.path(FIELD), &written, fact.known_from))
    }

    fn capital_policy(&mut self, known: &Known<'_>) -> Option<CapitalPolicy> {
        for field in ["debt_share", "tax_rate"] {
            self.check_share(known.section.values.get(field), field);
        }
        for field in ["cost_of_equity", "cost_of_debt"] {
            self.check_rate(known.section.values.get(field), field);
        }
        self.check_divisor(known.section.values.get("tax_rate"), "tax_rate", |(_, high)| high >= 1.0);
        Some(CapitalPolicy {
            cost_of_equity: self.of_practice(known, "cost_of_equity")?,
            cost_of_debt: self.of_practice(known, "cost_of_debt")?,
            debt_share: self.of_practice(known, "debt_share")?,
            tax_rate: self.of_practice(known, "tax_rate")?,
        })
    }

    fn unit_economics(&mut self, known: &Known<'_>) -> Option<UnitEconomics> {
        for field in
            ["rental_decline", "value_decline", "allocation", "model_flops_utilisation", "overhead_share"]
        {
            self.check_share(known.section.values.get(field), field);
        }
        for field in ["allocation", "model_flops_utilisation"] {
            self.check_divisor(known.section.values.get(field), field, |(low, _)| low <= 0.0);
        }
        self.check_divisor(known.section.values.get("overhead_share"), "overhead_share", |(_, high)| {
            high >= 1.0
        });
        Some(UnitEconomics {
            rental_price: self.of_practice(known, "rental_price")?,
            rental_decline: self.of_practice(known, "rental_decline")?,
            value_decline: self.of_practice(known, "value_decline")?,
            allocation: self.of_practice(known, "allocation")?,
            maintenance: self.of_practice(known, "maintenance")?,
            model_flops_utilisation: self.of_practice(known, "model_flops_utilisation")?,
            overhead_share: self.of_practice(known, "overhead_share")?,
        })
    }

    fn of_practice<Q: Quantity>(&mut self, known: &Known<'_>, field: &'static str) -> Option<Input<Q>> {
        self.of_company(known, field, (Kind::Practice, &known.practice))
    }

    /// A value of the section, else the fact of the same name.
    fn of_company<Q: Quantity>(
        &mut self,
        known: &Known<'_>,
        field: &'static str,
        (kind, id): (Kind, &str),
    ) -> Option<Input<Q>> {
        let written = known.section.values.get(field);
        self.written_or_fact(known.path(field), written, (kind, id, field), known.section.span)
    }

    fn line(&mut self, known: &Known<'_>, path: &str, sources: &LineSources<'_>) -> Option<Line> {
        let accounts = known.accounts;
        let section = path.rsplit_once('.').map_or("", |(section, _)| section);
        let mut line: Vec<Option<Rule>> = vec![None; accounts.quarters];
        if let (Some(figure), Some(company)) = (sources.figure, &known.id) {
            let knowledge = self.knowledge;
            for figures in known.history.quarters.iter().filter(|figures| figures.published <= knowledge) {
                let Ok(index) = usize::try_from(figures.period.0 - accounts.first.0) else { continue };
                // Before the plan, purchases stand in for capital expenditure: nothing is judged there.
                let stand_in = figures
                    .purchases
                    .as_ref()
                    .filter(|_| figure == Figure::CapitalExpenditure && index < accounts.plan_from);
                let value = figures.get(figure).map(|value| (value, figure.key()));
                let value = value.or(stand_in.map(|value| (value, "purchases")));
                if let (Some(slot), Some((value, key))) = (line.get_mut(index), value) {
                    let path = format!("company.{company}.{}.{key}", figures.period);
                    *slot =
                        Some(Rule::Reported(self.reported(path, value, &figures.source, figures.published)));
                }
            }
        }
        for given in sources.given {
            let Some((first, end)) = self.quarters_of(accounts, given) else { continue };
            if !(first..end).any(|index| line[index].is_none()) {
                continue;
            }
            // What of a total lies outside is not known: all of it within would be too much.
            let whole = given.period.value.whole_quarters();
            if whole.is_some_and(|(from, to)| usize::try_from(to.0 - from.0 + 1) != Ok(end - first)) {
                let (from, to) = (accounts.quarter(0), accounts.quarter(accounts.quarters - 1));
                self.diagnostics.push(
                    Diagnostic::error(
                        given.period.span,
                        format!("{} is not whole within the accounts, {from} to {to}", given.period.value),
                    )
                    .help("write the total of the part that lies within them"),
                );
                continue;
            }
            let total = self.written(format!("{path}.{}", given.period.value), &given.value);
            for slot in &mut line[first..end] {
                slot.get_or_insert(Rule::Remainder { total, first, end });
            }
        }
        if let Some((name, growth)) = sources.growth {
            let open: Vec<bool> = line.iter().map(Option::is_none).collect();
            for (index, input) in self.spread::<Ratio>(accounts, &format!("{section}.{name}"), growth, &open)
            {
                if index >= 4 {
                    line[index].get_or_insert(Rule::Growth(input));
                }
            }
        }
        if let Some((name, share)) = sources.share {
            let open: Vec<bool> = line.iter().map(Option::is_none).collect();
            for (index, input) in self.spread::<Ratio>(accounts, &format!("{section}.{name}"), share, &open) {
                line[index].get_or_insert(Rule::ShareOfRevenue(input));
            }
        }
        if let Some(rule) = sources.otherwise {
            for slot in &mut line {
                slot.get_or_insert(rule);
            }
        }
        if let Some(missing) = line.iter().position(Option::is_none) {
            let quarter = accounts.quarter(missing);
            let (remedy, written) = sources.share.or(sources.growth).unzip();
            // The list that ends too early, where there is one.
            let last = written.unwrap_or_default().last().map(|last| last.period.span);
            let name = path.rsplit('.').next().unwrap_or(path);
            self.diagnostics.push(
                Diagnostic::error(
                    last.unwrap_or(known.section.span),
                    format!("`{name}` of {quarter} is neither reported nor given"),
                )
                .help(format!(
                    "add {} = [{{ in = {}, value = ... }}]",
                    remedy.unwrap_or(name),
                    quarter.year()
                )),
            );
            return None;
        }
        Some(line.into_iter().flatten().collect())
    }

    /// Quarters that are modelled need the named field.
    fn require<T>(&mut self, known: &Known<'_>, line: Option<&Line>, inputs: &[Option<T>], name: &str) {
        let Some(line) = line else { return };
        let modelled = |(index, rule): &(usize, &Rule)| **rule == Rule::Modelled && inputs[*index].is_none();
        if let Some((index, _)) = line.iter().enumerate().find(modelled) {
            let quarter = known.accounts.quarter(index);
            let last = known.dated(name).last().map(|last| last.period.span);
            self.diagnostics.push(
                Diagnostic::error(
                    last.unwrap_or(known.section.span),
                    format!("`{name}` is missing for {quarter}"),
                )
                .help(format!("add {name} = [{{ in = {}, value = ... }}]", quarter.year())),
            );
        }
    }

    fn segments(&mut self, known: &Known<'_>, company: usize) -> Option<Vec<Segment>> {
        let scenario = self.scenario;
        let accounts = known.accounts;
        let mut segments = Vec::new();
        for section in &scenario.segments {
            if self.company_index(section.company.as_ref())? != company {
                continue;
            }
            let name = &section.name.value;
            let figure = (name == REALITY_LABS && known.id.is_some()).then_some(Figure::RealityLabsLoss);
            let mut loss = self.line(
                known,
                &format!("segment.{name}.loss"),
                &LineSources {
                    figure,
                    given: &section.loss,
                    growth: Some(("loss_growth", &section.loss_growth)),
                    otherwise: (figure.is_none()).then_some(Rule::Nothing),
                    ..LineSources::default()
                },
            )?;
            if figure.is_none() {
                let gap = (accounts.plan_from..accounts.quarters).find(|index| loss[*index] == Rule::Nothing);
                if let Some(index) = gap {
                    let quarter = accounts.quarter(index);
                    self.diagnostics.push(
                        Diagnostic::error(section.name.span, format!("the loss of {quarter} is not given"))
                            .help(format!("add loss = [{{ in = {}, value = ... }}]", quarter.year())),
                    );
                }
                loss[..accounts.plan_from].fill(Rule::Nothing);
            }
            segments.push(Segment {
                name: name.clone(),
                title: section.title.clone().unwrap_or_else(|| name.clone()),
                loss,
            });
        }
        Some(segments)
    }

    fn staff(&mut self, known: &Known<'_>, company: usize) -> Option<Vec<Staff>> {
        let scenario = self.scenario;
        let mut all = Vec::new();
        for section in &scenario.staff {
            if self.company_index(section.company.as_ref())? != company {
                continue;
            }
            let name = &section.name.value;
            let (Some(people), Some(cost)) = (&section.people, &section.cost) else { return None };
            all.push(Staff {
                name: name.clone(),
                title: section.title.clone().unwrap_or_else(|| name.clone()),
                people: self.written(format!("staff.{name}.people"), people),
                growth: self.by_quarter(known.accounts, &format!("staff.{name}.growth"), &section.growth),
                cost: self.written(format!("staff.{name}.cost"), cost),
            });
        }
        Some(all)
    }
}

/// The lines of a company's accounts.
struct Lines {
    revenue: Line,
    operating_cash_flow: Line,
    capital_expenditure: Line,
    depreciation: Line,
    total_costs: Line,
}

/// The name that a company is found under: its own, else that of its history.
pub(super) fn company_name(section: &CompanySection) -> &str {
    let name = section.name.as_ref().or(section.history.as_ref());
    name.map_or("company", |name| name.value.as_str())
}
