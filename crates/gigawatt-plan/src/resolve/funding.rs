//! Contracts and investors.

use crate::period::Moment;
use crate::plan::{CompanyPlan, FundingKind, FundingPlan, Investor, Lot, SitePlan};
use crate::scenario::{FundingSection, Point};
use crate::text::{Diagnostic, Spanned};

use super::Resolver;

impl Resolver<'_> {
    /// Gives every company its contracts and investors.
    pub(super) fn funding(&mut self, companies: &mut [CompanyPlan], sites: &[SitePlan], lots: &[Lot]) {
        let scenario = self.scenario;
        for section in &scenario.funding {
            let index = self.company_index(section.company.as_ref());
            let Some((index, company)) = index.and_then(|index| Some((index, companies.get_mut(index)?)))
            else {
                self.needs_company(&section.name);
                continue;
            };
            let contract = self.contract(section, (index, company), sites, lots);
            company.funding.extend(contract);
        }
        for section in &scenario.investors {
            let company = self.company_index(section.company.as_ref());
            let Some(company) = company.and_then(|index| companies.get_mut(index)) else {
                self.needs_company(&section.name);
                continue;
            };
            let name = &section.name.value;
            if section.announced.is_empty() && section.committed.is_empty() {
                self.diagnostics.push(
                    Diagnostic::error(
                        section.name.span,
                        format!("`{name}` has neither announced nor committed anything"),
                    )
                    .help("add announced = [{ on = 2025-01-21, amount = \"19 B$\" }]"),
                );
                continue;
            }
            let mut steps = |what: &str, points: &[Point]| {
                points
                    .iter()
                    .map(|point| {
                        let path = format!("investor.{name}.{what}.{}", point.on.value);
                        (Moment::start_of(point.on.value), self.written(path, &point.value))
                    })
                    .collect()
            };
            let (announced, committed) =
                (steps("announced", &section.announced), steps("committed", &section.committed));
            let title = section.title.clone().unwrap_or_else(|| name.clone());
            company.investors.push(Investor { name: name.clone(), title, announced, committed });
        }
    }

    fn needs_company(&mut self, name: &Spanned<String>) {
        if self.scenario.companies.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("`{}` funds a company, and there is none", name.value))
                    .help("add a [company]"),
            );
        }
    }

    fn contract(
        &mut self,
        section: &FundingSection,
        (index, company): (usize, &CompanyPlan),
        sites: &[SitePlan],
        lots: &[Lot],
    ) -> Option<FundingPlan> {
        let name = &section.name.value;
        let written = section.kind.as_ref()?;
        let kind =
            FundingKind::ALL.iter().find(|(_, words)| *words == written.value).map(|(kind, _)| *kind)?;
        let (mut covered_lots, mut covered_sites) = (Vec::new(), Vec::new());
        for covers in &section.covers {
            let (what, item) = covers.value.split_once('.').unwrap_or(("", &covers.value));
            match what {
                "site" => {
                    let site = self.named(covers, item, sites.iter().map(|site| site.name.as_str()));
                    self.is_of(covers, index, site.map(|site| sites[site].company));
                    covered_sites.extend(site);
                }
                "purchase" => {
                    let lot = self.named(covers, item, lots.iter().map(|lot| lot.name.as_str()));
                    self.is_of(covers, index, lot.map(|lot| lots[lot].company));
                    covered_lots.extend(lot);
                }
                _ => {
                    let paths = sites.iter().map(|site| format!("site.{}", site.name));
                    let paths: Vec<String> =
                        paths.chain(lots.iter().map(|lot| format!("purchase.{}", lot.name))).collect();
                    self.diagnostics.push(
                        Diagnostic::error(
                            covers.span,
                            format!("`{}` is neither a site nor a purchase", covers.value),
                        )
                        .suggest(&covers.value, paths.iter().map(String::as_str)),
                    );
                }
            }
        }
        if section.covers.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(section.span, format!("the contract `{name}` covers nothing"))
                    .help("write covers = [\"site.campus\", \"purchase.gb200\"]"),
            );
        }
        let path = |field: &str| format!("funding.{name}.{field}");
        let value = |field: &str| section.values.get(field);
        self.check_share(value("share"), "share");
        self.check_share(value("partner_share"), "partner_share");
        let partner = value("partner_share");
        if partner.is_some() != (kind == FundingKind::JointVenture) {
            let span = partner.map_or(section.span, |written| written.span);
            let message = match partner {
                Some(_) => "only a joint venture has partners".to_owned(),
                None => format!("`partner_share` of the joint venture `{name}` is not given"),
            };
            self.diagnostics.push(
                Diagnostic::error(span, message)
                    .help("for a joint venture say which part of its money the partners bring, such as partner_share = \"80 %\""),
            );
        }
        self.check_length(value("term"), "term");
        self.check_rate(value("rate"), "rate");
        if kind != FundingKind::Equity && value("term").is_none() {
            self.diagnostics.push(
                Diagnostic::error(section.span, format!("`term` of the contract `{name}` is not given"))
                    .help("say over how long each part is paid back, such as term = \"15 year\""),
            );
        }
        let share = match value("share") {
            Some(written) => self.written(path("share"), written),
            None => self.default_of(path("share"), 1.0, "all of it unless said", section.span),
        };
        let rate = match (kind, value("rate")) {
            (FundingKind::Equity, _) => None,
            (_, Some(written)) => Some(self.written(path("rate"), written)),
            (_, None) => Some(company.capital.cost_of_debt),
        };
        let period = self.scenario.period.value;
        let start_of = |day: &Option<Spanned<jiff::civil::Date>>| {
            day.as_ref().map_or(period.start, |day| Moment::start_of(day.value))
        };
        Some(FundingPlan {
            name: name.clone(),
            title: section.title.clone().unwrap_or_else(|| name.clone()),
            kind,
            lots: covered_lots,
            sites: covered_sites,
            since: start_of(&section.since),
            share,
            partner_share: partner.map(|written| self.written(path("partner_share"), written)),
            rate,
            term: value("term").map(|written| self.written(path("term"), written)),
            starts: start_of(&section.starts),
        })
    }

    /// A contract pays for what its own company spends.
    fn is_of(&mut self, covers: &Spanned<String>, company: usize, owner: Option<usize>) {
        if let Some(owner) = owner.filter(|owner| *owner != company) {
            let owner = super::company::company_name(&self.scenario.companies[owner]);
            self.diagnostics.push(
                Diagnostic::error(covers.span, format!("`{}` is another company's, `{owner}`", covers.value))
                    .help(format!(
                        "write company = \"{owner}\" in the contract, or cover what its company owns"
                    )),
            );
        }
    }

    /// The index of the item that is named, or a diagnostic with the nearest.
    fn named<'n>(
        &mut self,
        written: &Spanned<String>,
        item: &str,
        names: impl Iterator<Item = &'n str> + Clone,
    ) -> Option<usize> {
        let index = names.clone().position(|name| name == item);
        if index.is_none() {
            self.diagnostics.push(
                Diagnostic::error(written.span, format!("there is no `{}`", written.value))
                    .suggest(item, names),
            );
        }
        index
    }
}
