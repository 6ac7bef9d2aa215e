//! Sites, systems and lots.

use crate::catalog::Kind;
use crate::period::{Moment, Period};
use crate::plan::{
    AcceleratorClass, Arrival, Curve, Delivery, Input, Lot, LotSize, Schedule, SitePlan, SystemPlan, Target,
};
use crate::quantity::{Power, Quantity, Ratio};
use crate::scenario::{Point, PurchaseSection, SiteSection};
use crate::text::{Diagnostic, Span, Spanned};

use super::Resolver;
use super::courses::clock_of;

/// The practice whose facts are defaults unless the scenario names another.
pub(super) const PRACTICE: &str = "hyperscale-ai";
/// Opening stocks and purchases that a scenario may have: each costs time in every draw.
const MAXIMUM_LOTS: usize = 300;
const ELECTRICITY: &str = "us-industrial";
const GRID: &str = "us-average";
const CONSTRUCTION: &str = "us-data-centre";

impl Resolver<'_> {
    pub(super) fn sites(&mut self) -> Option<Vec<SitePlan>> {
        let scenario = self.scenario;
        scenario.sites.iter().map(|site| self.site(site)).collect::<Vec<_>>().into_iter().collect()
    }

    fn site(&mut self, site: &SiteSection) -> Option<SitePlan> {
        let name = site.name.value.as_str();
        let span = site.span;
        let practice = self.choice(Kind::Practice, site.practice.as_ref(), PRACTICE);
        let electricity = self.choice(Kind::Electricity, site.electricity.as_ref(), ELECTRICITY);
        let grid = self.choice(Kind::Grid, site.grid.as_ref(), GRID);
        let construction = self.choice(Kind::Construction, site.construction.as_ref(), CONSTRUCTION);
        let campus = match &site.campus {
            Some(campus) => self.entry(Kind::Site, campus).map(|entry| Some(entry.id.clone())),
            None => Some(None),
        };
        let (practice, electricity, grid) = (practice?, electricity?, grid?);
        let (construction, campus) = (construction?, campus?);
        let path = |field: &str| format!("site.{name}.{field}");
        let value = |field: &str| site.values.get(field);
        let online = self.curve(&path("online"), &site.online);
        let racks = self.curve(&path("racks"), &site.racks);
        let land = match (value("land"), &campus) {
            (Some(written), _) => Some(self.written(path("land"), written)),
            (None, Some(campus)) => Some(self.fact(Kind::Site, campus, "land", span)?),
            (None, None) => None,
        };
        let has_floor = campus.as_ref().is_some_and(|campus| {
            self.catalogue
                .get(Kind::Site, campus)
                .is_some_and(|entry| !entry.vintages("floor_area").is_empty())
        });
        let floor_area = match (value("floor_area"), &campus) {
            (Some(written), _) => Some(self.written(path("floor_area"), written)),
            (None, Some(campus)) if has_floor => self.fact(Kind::Site, campus, "floor_area", span),
            _ => None,
        };
        let factor = "it is a factor on the power of the servers, such as 1.10";
        self.check_range(site, "pue", 1.0..=10.0, factor);
        self.check_range(site, "network_overhead", 1.0..=10.0, factor);
        self.check_range(site, "utilisation", 0.0..=1.0, "it is a part of the nameplate power, such as 0.75");
        let title = site.title.clone().or_else(|| {
            let campus = campus.as_ref()?;
            self.catalogue.get(Kind::Site, campus).map(|entry| entry.title().to_owned())
        });
        let company = self.company_of(site.company.as_ref())?;
        let schedule = site.construction_schedule.as_ref().map(|written| written.value.as_str());
        let schedule = Schedule::ALL.iter().find(|(_, words)| Some(*words) == schedule);
        let practice_fact = |field| (Kind::Practice, practice.as_str(), field);
        Some(SitePlan {
            name: name.to_owned(),
            title: title.unwrap_or_else(|| name.to_owned()),
            company,
            online,
            racks,
            network_overhead: self.written_or_fact(
                path("network_overhead"),
                value("network_overhead"),
                practice_fact("network_overhead"),
                span,
            )?,
            utilisation: self.written_or_fact(
                path("utilisation"),
                value("utilisation"),
                practice_fact("utilisation"),
                span,
            )?,
            pue: self.course(site, "pue", practice_fact("pue"))?,
            transit: self.fact(Kind::Practice, &practice, "transit", span)?,
            burn_in: self.fact(Kind::Practice, &practice, "burn_in", span)?,
            electricity_price: self.course(
                site,
                "electricity_price",
                (Kind::Electricity, &electricity, "price"),
            )?,
            carbon_intensity: self.course(
                site,
                "carbon_intensity",
                (Kind::Grid, &grid, "carbon_intensity"),
            )?,
            profile: self.profile(site)?,
            construction_cost: self.written_or_fact(
                path("construction_cost"),
                value("construction_cost"),
                (Kind::Construction, &construction, "cost"),
                span,
            )?,
            construction_time: self.written_or_fact(
                path("construction_time"),
                value("construction_time"),
                (Kind::Construction, &construction, "time"),
                span,
            )?,
            construction_schedule: schedule.map_or(Schedule::SCurve, |(schedule, _)| *schedule),
            land,
            floor_area,
            cooling: self.cooling(site)?,
            hours: self.hourly_courses(site),
            utc_offset: clock_of(site),
        })
    }

    /// The index of the company that pays; the first where none is named, and in a plan without companies.
    fn company_of(&mut self, name: Option<&Spanned<String>>) -> Option<usize> {
        if self.scenario.companies.is_empty() { Some(0) } else { self.company_index(name) }
    }

    /// Values that make no sense outside a range: PUE cannot be below one, utilisation not above.
    fn check_range(
        &mut self,
        site: &SiteSection,
        field: &str,
        allowed: std::ops::RangeInclusive<f64>,
        is: &str,
    ) {
        let Some(written) = site.values.get(field) else { return };
        let (low, high) = written.value.distribution.range();
        if allowed.contains(&low) && allowed.contains(&high) {
            return;
        }
        // A p90 is computed: more digits than these would only seem exact.
        let wrong = (1e4 * if allowed.contains(&low) { high } else { low }).round() / 1e4;
        let (bound, word) =
            if wrong < *allowed.start() { (allowed.start(), "below") } else { (allowed.end(), "above") };
        self.diagnostics.push(
            Diagnostic::error(written.span, format!("`{field}` is {wrong}, it cannot be {word} {bound}"))
                .help(is),
        );
    }

    /// The named entry of a kind, or the default.
    pub(super) fn choice(
        &mut self,
        kind: Kind,
        written: Option<&Spanned<String>>,
        default: &str,
    ) -> Option<String> {
        match written {
            Some(name) => Some(self.entry(kind, name)?.id.clone()),
            None => Some(default.to_owned()),
        }
    }

    pub(super) fn curve<Q: Quantity>(&mut self, path: &str, points: &[Point]) -> Curve<Q> {
        points
            .iter()
            .map(|point| {
                let day = point.on.value;
                (Moment::end_of(day), self.written(format!("{path}.{day}"), &point.value))
            })
            .collect()
    }

    pub(super) fn systems(&mut self) -> Option<Vec<SystemPlan>> {
        let scenario = self.scenario;
        let mut systems: Vec<SystemPlan> = Vec::new();
        let mut complete = true;
        let named = scenario
            .openings
            .iter()
            .map(|opening| &opening.system)
            .chain(scenario.purchases.iter().map(|purchase| &purchase.system))
            .chain(scenario.training.iter().map(|run| &run.system))
            .chain(scenario.services.iter().map(|service| &service.system));
        let ranking = scenario.ranking.iter().flat_map(|ranking| ranking.systems());
        for name in named.flatten().chain(ranking) {
            if systems.iter().any(|system| system.id == name.value) {
                continue;
            }
            match self.system(name) {
                Some(system) => systems.push(system),
                None => complete = false,
            }
        }
        complete.then_some(systems)
    }

    fn system(&mut self, name: &Spanned<String>) -> Option<SystemPlan> {
        let entry = self.entry(Kind::System, name)?;
        let (id, title) = (entry.id.clone(), entry.title().to_owned());
        let accelerator = entry.text("accelerator").to_owned();
        let accelerators = entry.integer("accelerators").unwrap_or(1);
        let class = match self.catalogue.get(Kind::Accelerator, &accelerator).map(|entry| entry.text("class"))
        {
            Some("gpu") => AcceleratorClass::Gpu,
            _ => AcceleratorClass::Asic,
        };
        Some(SystemPlan {
            title,
            class,
            #[expect(clippy::cast_precision_loss, reason = "a system holds few accelerators")]
            accelerators: accelerators as f64,
            bf16: self.fact(Kind::Accelerator, &accelerator, "bf16", name.span)?,
            power: self.fact(Kind::System, &id, "power", name.span)?,
            accelerator_power: self.published_limit(&accelerator, name.span),
            racks: self.fact(Kind::System, &id, "racks", name.span)?,
            id,
        })
    }

    /// The limit of an accelerator's power; none where its maker published none.
    fn published_limit(&mut self, accelerator: &str, span: Span) -> Option<Input<Power>> {
        let entry = self.catalogue.get(Kind::Accelerator, accelerator)?;
        entry.known_on("power", self.knowledge)?;
        self.fact(Kind::Accelerator, accelerator, "power", span)
    }

    pub(super) fn targets(&mut self) -> Option<Vec<Target>> {
        let scenario = self.scenario;
        let mut targets = Vec::new();
        for target in &scenario.targets {
            let (Some(gpus), Some(on)) = (&target.gpus, &target.on) else { return None };
            let moment = Moment::end_of(on.value);
            let period = scenario.period.value;
            if moment <= period.start || moment > period.end {
                self.diagnostics.push(outside(on.span, &format!("{}, the target's day,", on.value), period));
            }
            let served = scenario.purchases.iter().any(|purchase| {
                let share =
                    purchase.values.get("share").map_or(0.0, |share| share.value.distribution.range().1);
                purchase.target.as_ref().is_some_and(|name| name.value == target.name.value) && share > 0.0
            });
            if !served {
                self.diagnostics.push(
                    Diagnostic::error(
                        target.name.span,
                        format!("no purchase has a share in the target `{}`", target.name.value),
                    )
                    .help(format!("give a purchase target = \"{}\" and share = 1", target.name.value)),
                );
            }
            targets.push(Target {
                name: target.name.value.clone(),
                gpus: self.written(format!("target.{}.gpus", target.name.value), gpus),
                on: moment,
            });
        }
        // A later target counts what an earlier one has bought.
        targets.sort_by_key(|target| target.on);
        Some(targets)
    }

    pub(super) fn lots(
        &mut self,
        systems: &Option<Vec<SystemPlan>>,
        targets: &Option<Vec<Target>>,
    ) -> Option<Vec<Lot>> {
        let scenario = self.scenario;
        if let Some(last) = scenario
            .purchases
            .last()
            .filter(|_| scenario.purchases.len() + scenario.openings.len() > MAXIMUM_LOTS)
        {
            self.diagnostics.push(
                Diagnostic::error(
                    last.span,
                    format!("there are more than {MAXIMUM_LOTS} opening stocks and purchases"),
                )
                .help("put those of one system at one site together"),
            );
            return None;
        }
        let mut lots = Vec::new();
        let mut complete = true;
        for opening in &scenario.openings {
            let name = &opening.name.value;
            let site = self.site_index(opening.site.as_ref());
            let system = system_index(systems, opening.system.as_ref());
            let (Some(site), Some(system), Some(gpus)) = (site, system, &opening.gpus) else {
                complete = false;
                continue;
            };
            self.check_retirement(opening.retire.as_ref(), scenario.period.value.start);
            let company = self.company_of(scenario.sites[site].company.as_ref())?;
            lots.push(Lot {
                name: name.clone(),
                system,
                site,
                company,
                size: LotSize::Fixed(self.written(format!("opening.{name}.gpus"), gpus)),
                arrival: Arrival::Opening,
                retire: opening.retire.as_ref().map(|retire| retire.value),
            });
        }
        for purchase in &scenario.purchases {
            let site = self.site_index(purchase.site.as_ref());
            let system = system_index(systems, purchase.system.as_ref());
            let (Some(site), Some(system), Some(deliver)) = (site, system, &purchase.deliver) else {
                complete = false;
                continue;
            };
            let Some(size) = self.lot_size(purchase, systems.as_ref()?[system].class, targets) else {
                complete = false;
                continue;
            };
            let period = scenario.period.value;
            if deliver.value.start < period.start || deliver.value.end > period.end {
                let what = format!("the delivery in {}", deliver.value);
                self.diagnostics.push(outside(deliver.span, &what, period));
            }
            self.check_retirement(purchase.retire.as_ref(), deliver.value.end);
            let name = &purchase.name.value;
            let id = systems.as_ref()?[system].id.clone();
            let path = |field: &str| format!("purchase.{name}.{field}");
            let value = |field: &str| purchase.values.get(field);
            let practice = self.choice(Kind::Practice, scenario.sites[site].practice.as_ref(), PRACTICE)?;
            let buyer = purchase.company.as_ref().or(scenario.sites[site].company.as_ref());
            let company = self.company_of(buyer)?;
            self.check_share(value("deposit"), "deposit");
            let delivery = Delivery {
                period: deliver.value,
                price: self.written_or_fact(
                    path("price"),
                    value("price"),
                    (Kind::System, &id, "price_per_accelerator"),
                    purchase.span,
                )?,
                lead_time: self.written_or_fact(
                    path("lead_time"),
                    value("lead_time"),
                    (Kind::System, &id, "lead_time"),
                    purchase.span,
                )?,
                payment_terms: self.written_or_fact(
                    path("payment_terms"),
                    value("payment_terms"),
                    (Kind::Practice, &practice, "payment_terms"),
                    purchase.span,
                )?,
                deposit: value("deposit").map(|written| self.written(path("deposit"), written)),
                life: value("life").map(|written| self.written(path("life"), written)),
            };
            lots.push(Lot {
                name: name.clone(),
                system,
                site,
                company,
                size,
                arrival: Arrival::Delivered(delivery),
                retire: purchase.retire.as_ref().map(|retire| retire.value),
            });
        }
        complete.then_some(lots)
    }

    /// What is not all there yet cannot leave.
    fn check_retirement(&mut self, retire: Option<&Spanned<Period>>, complete: Moment) {
        let Some(retire) = retire.filter(|retire| retire.value.start < complete) else { return };
        let (start, last) = (retire.value.start.day(), complete.day_before());
        self.diagnostics.push(
            Diagnostic::error(
                retire.span,
                format!("they leave from {start}, before all are there on {last}"),
            )
            .help(format!("start with {} or later", complete.day())),
        );
    }

    fn lot_size(
        &mut self,
        purchase: &PurchaseSection,
        class: AcceleratorClass,
        targets: &Option<Vec<Target>>,
    ) -> Option<LotSize> {
        let name = &purchase.name.value;
        if let Some(gpus) = purchase.values.get("gpus") {
            return Some(LotSize::Fixed(self.written(format!("purchase.{name}.gpus"), gpus)));
        }
        let (Some(target), Some(share)) = (&purchase.target, purchase.values.get("share")) else {
            return None;
        };
        let scenario = self.scenario;
        let Some(targets) = targets else { return None };
        let Some(index) = targets.iter().position(|known| known.name == target.value) else {
            self.diagnostics.push(
                Diagnostic::error(target.span, format!("there is no target `{}`", target.value))
                    .suggest(&target.value, scenario.targets.iter().map(|known| known.name.value.as_str())),
            );
            return None;
        };
        let reached = targets[index].on;
        if let Some(retire) = purchase.retire.as_ref().filter(|retire| retire.value.start < reached) {
            self.diagnostics.push(
                Diagnostic::error(
                    retire.span,
                    format!("they leave from {}, before the target's day", retire.value.start.day()),
                )
                .also(target.span, "the target it serves")
                .help(format!("start with {} or later", reached.day())),
            );
        }
        if class == AcceleratorClass::Asic {
            self.diagnostics.push(
                Diagnostic::error(
                    target.span,
                    "a target counts GPUs, and this purchase is of other accelerators",
                )
                .help("give the purchase a number: gpus = 500_000"),
            );
            return None;
        }
        if share.value.distribution.range().0 < 0.0 {
            self.diagnostics.push(
                Diagnostic::error(share.span, "`share` cannot be negative")
                    .help("write it as 0.4 or { low = 0.2, mode = 0.4, high = 0.6 }"),
            );
            return None;
        }
        if let Some(deliver) = purchase.deliver.as_ref().filter(|deliver| deliver.value.end > reached) {
            let (end, day) = (deliver.value.end.day_before(), reached.day_before());
            self.diagnostics.push(
                Diagnostic::error(
                    deliver.span,
                    format!("the delivery ends on {end}, after the target's day {day}"),
                )
                .also(target.span, "the target it serves")
                .help("deliver all of it by that day, or split the purchase"),
            );
        }
        let share = self.written::<Ratio>(format!("purchase.{name}.share"), share);
        Some(LotSize::Share { target: index, share })
    }

    pub(super) fn site_index(&mut self, name: Option<&Spanned<String>>) -> Option<usize> {
        let name = name?;
        let scenario = self.scenario;
        let index = scenario.sites.iter().position(|site| site.name.value == name.value);
        if index.is_none() {
            let none = scenario.sites.is_empty() && self.diagnostics.has_errors();
            if none {
                // Sites that could not be read were told of.
                return None;
            }
            self.diagnostics.push(
                Diagnostic::error(name.span, format!("there is no site `{}`", name.value))
                    .suggest(&name.value, scenario.sites.iter().map(|site| site.name.value.as_str())),
            );
        }
        index
    }
}

pub(super) fn system_index(
    systems: &Option<Vec<SystemPlan>>,
    name: Option<&Spanned<String>>,
) -> Option<usize> {
    systems.as_ref()?.iter().position(|system| name.is_some_and(|name| system.id == name.value))
}

/// Something that lies outside the planned period.
pub(super) fn outside(span: Span, what: &str, period: crate::period::Period) -> Diagnostic {
    Diagnostic::error(span, format!("{what} is not inside the scenario's period")).help(format!(
        "the period runs from {} to {}",
        period.start.day(),
        period.end.day_before()
    ))
}
