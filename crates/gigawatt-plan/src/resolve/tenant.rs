//! What runs on machines of a plan, a training run or a service: where it draws power, and what an hour costs.

use crate::catalog::Kind;
use crate::fact::Written;
use crate::plan::{Arrival, CompanyPlan, HourPrice, Lot, RunPlace};
use crate::quantity::Ratio;
use crate::scenario::{ServiceSection, TrainingSection};
use crate::text::{Diagnostic, Span, Spanned};

use super::Resolver;
use super::fleet::PRACTICE;

/// What decides where something draws power and what its hours cost.
pub(super) struct Tenant<'a> {
    /// Its path: `training.llama`.
    path: String,
    /// What it is called in messages.
    noun: &'static str,
    span: Span,
    site: Option<&'a Spanned<String>>,
    lot: Option<&'a Spanned<String>>,
    practice: Option<&'a Spanned<String>>,
    hour_price: Option<&'a Spanned<Written>>,
}

impl<'a> Tenant<'a> {
    /// A training run.
    pub(super) fn run(section: &'a TrainingSection) -> Self {
        Self {
            path: format!("training.{}", section.name.value),
            noun: "run",
            span: section.span,
            site: section.site.as_ref(),
            lot: section.lot.as_ref(),
            practice: section.practice.as_ref(),
            hour_price: section.values.get("hour_price"),
        }
    }

    /// A service.
    pub(super) fn service(section: &'a ServiceSection) -> Self {
        Self {
            path: format!("service.{}", section.name.value),
            noun: "service",
            span: section.span,
            site: section.site.as_ref(),
            lot: section.lot.as_ref(),
            practice: section.practice.as_ref(),
            hour_price: section.values.get("hour_price"),
        }
    }
}

impl Resolver<'_> {
    /// Where a tenant's power is drawn.
    pub(super) fn place(&mut self, tenant: &Tenant<'_>) -> Option<RunPlace> {
        if tenant.site.is_some() {
            return self.site_index(tenant.site).map(RunPlace::Site);
        }
        let practice = self.choice(Kind::Practice, tenant.practice, PRACTICE)?;
        let mut fact = |field| self.fact::<Ratio>(Kind::Practice, &practice, field, tenant.span);
        let (utilisation, network_overhead, pue) =
            (fact("utilisation"), fact("network_overhead"), fact("pue"));
        Some(RunPlace::Anywhere { utilisation: utilisation?, network_overhead: network_overhead?, pue: pue? })
    }

    /// What an hour of an accelerator costs: as said, as its owner pays, or as the market asks.
    pub(super) fn hour_price(
        &mut self,
        tenant: &Tenant<'_>,
        system: usize,
        lots: &Option<Vec<Lot>>,
        companies: &Option<Vec<CompanyPlan>>,
    ) -> Option<HourPrice> {
        if let Some(written) = tenant.hour_price {
            return Some(HourPrice::Given(self.written(format!("{}.hour_price", tenant.path), written)));
        }
        let companies = companies.as_ref()?;
        let Some(name) = tenant.lot else {
            return Some(HourPrice::Rent(match companies.first() {
                Some(company) => company.economics.rental_price,
                None => {
                    let practice = self.choice(Kind::Practice, tenant.practice, PRACTICE)?;
                    self.fact(Kind::Practice, &practice, "rental_price", tenant.span)?
                }
            }));
        };
        let lots = lots.as_ref()?;
        let Some(index) = lots.iter().position(|lot| lot.name == name.value) else {
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("there is no purchase `{}`", name.value))
                    .suggest(&name.value, lots.iter().map(|lot| lot.name.as_str())),
            );
            return None;
        };
        let message = if matches!(lots[index].arrival, Arrival::Opening) {
            format!("what `{}` cost is not known: it was there at the start", name.value)
        } else if companies.is_empty() {
            "what an hour costs its owner is computed for a scenario with a [company]".to_owned()
        } else if lots[index].system != system {
            format!("`{}` is of another system than the {}", name.value, tenant.noun)
        } else {
            return Some(HourPrice::Owner(index));
        };
        self.diagnostics.push(
            Diagnostic::error(name.span, message)
                .help("name another purchase, or give hour_price = \"2.5 $/h\""),
        );
        None
    }
}
