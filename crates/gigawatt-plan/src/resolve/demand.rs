//! Demand: populations, regions and shapes of the week looked up, and defaults filled.

use std::ops::Bound;

use jiff::civil::Date;

use crate::catalog::Kind;
use crate::fact::Written;
use crate::period::Moment;
use crate::plan::{AgentsPlan, Curve, DemandKind, DemandPlan, DemandRegion, Input, SessionPlan, TrafficPlan};
use crate::quantity::{Count, Quantity};
use crate::scenario::fields_demand::{DEMAND, DEMAND_REGION, POINT_INTENSITY};
use crate::scenario::{DemandSection, RegionSection};
use crate::text::{Diagnostic, Span, Spanned, nearest};
use crate::time_series::parse_offset;

use super::Resolver;
use super::operation_bounds::{ABOVE_0, Bounded, FREE, FROM_0, FROM_1, PART, TO_1};

/// Demands that a scenario may have: each costs time in every draw.
const MOST_DEMANDS: usize = 40;
/// Regions of one: capacity that follows the sun is sought over all their sets.
const MOST_REGIONS: usize = 8;

/// Values that lie between bounds, with what is right. Counts, times and costs below nothing are refused where they are read.
const BOUNDED: [Bounded; 28] = [
    ("daily_share", FROM_0, TO_1, PART),
    ("turns", FROM_1, FREE, "at least 1"),
    ("turns_variation", FROM_0, FREE, "at least 0: 0 where all sessions are as long"),
    ("prompt_tokens", ABOVE_0, FREE, "above 0, such as 150"),
    ("output_tokens", ABOVE_0, FREE, "above 0, such as 211"),
    ("reuse", FROM_0, TO_1, PART),
    ("turn_gap", ABOVE_0, FREE, "above 0, such as \"60 s\""),
    ("length_variation", FROM_0, Bound::Included(100.0), "between 0 and 100"),
    ("start_up", FROM_0, Bound::Included(31_557_600.0), "at least 0 and below a year, such as \"10 min\""),
    ("lost_share", FROM_0, HALF, "between 0 and 0.5"),
    ("side_prompt_tokens", ABOVE_0, FREE, "above 0, such as 1_400"),
    ("side_output_tokens", ABOVE_0, FREE, "above 0, such as 100"),
    ("success", ABOVE_0, TO_1, "above 0 and at most 1: costs are divided by it"),
    ("change_size", ABOVE_0, FREE, "above 0, such as 0.4"),
    ("engineer_changes", ABOVE_0, FREE, "above 0, such as 0.8"),
    ("working_days", ABOVE_0, Bound::Included(366.0), "above 0 and at most 366"),
    ("day_swing", FROM_0, SWING, "between 0 and 5: the busiest hour is exp(2 × swing) times the quietest"),
    ("day_peak", FROM_0, DAY, "as a time of day, such as \"18 h\""),
    ("half_day_swing", FROM_0, SWING, "between 0 and 5"),
    ("half_day_peak", FROM_0, DAY, "as a time of day, such as \"10 h\""),
    ("weekend", FROM_0, FREE, "at least 0: 0.5 is half of a working day"),
    ("client_variation", FROM_0, FREE, "at least 0: 0 where nothing stirs"),
    ("clients", FROM_1, FREE, "at least 1"),
    ("fast_share", FROM_0, HALF, "between 0 and 0.5"),
    ("lasting_share", FROM_0, HALF, "between 0 and 0.5"),
    ("persistence", ABOVE_0, FREE, "above 0, such as \"8 h\""),
    ("factor", FROM_0, FREE, "at least 0: 2 is twice as much as the other fields give"),
    ("share", FROM_0, FREE, "at least 0: shares are normalised"),
];
const SWING: Bound<f64> = Bound::Included(5.0);
const HALF: Bound<f64> = Bound::Included(0.5);
const DAY: Bound<f64> = Bound::Included(86_400.0);

impl Resolver<'_> {
    /// Every demand in the order written; `None` where one of them is incomplete.
    pub(super) fn demands(&mut self) -> Option<Vec<DemandPlan>> {
        let scenario = self.scenario;
        if let Some(demand) = scenario.demands.get(MOST_DEMANDS) {
            let message = format!("there are more than {MOST_DEMANDS} demands");
            self.diagnostics
                .push(Diagnostic::error(demand.name.span, message).help("put those that are alike together"));
            return None;
        }
        let demands: Vec<Option<DemandPlan>> =
            scenario.demands.iter().map(|section| self.demand(section)).collect();
        demands.into_iter().collect()
    }

    fn demand(&mut self, section: &DemandSection) -> Option<DemandPlan> {
        for (field, written) in &section.values {
            self.check_within(&BOUNDED, DEMAND, field, written);
        }
        self.check_service_of(section);
        let agents = section.kind.as_ref()?.value == "agents";
        let default = if agents { "coding-agents" } else { "meta-assistant" };
        let named = section.traffic.as_ref().map(|name| self.choice(Kind::Traffic, Some(name), ""));
        let population = self.population_of(section, default)?;
        let entry = self.catalogue.get(Kind::Population, &population)?;
        let (title, own) = (entry.title().to_owned(), entry.text("traffic").to_owned());
        let traffic = named.unwrap_or_else(|| self.choice(Kind::Traffic, None, &own));
        let users = self.users_of(section, &population);
        for point in &section.intensity {
            self.check_within(&BOUNDED, POINT_INTENSITY, "factor", &point.value);
        }
        let intensity = self.curve(&format!("demand.{}.intensity", section.name.value), &section.intensity);
        let regions = self.regions_of(section, &population);
        let mut from = Values { resolver: self, section, kind: Kind::Population, id: &population };
        let (daily_share, sessions) = (from.value("daily_share"), from.value("sessions"));
        let session = from.session();
        let reach = from.value("reach");
        let (start_up, lost_share) = (from.value("start_up"), from.value("lost_share"));
        let kind = if agents { from.agents().map(DemandKind::Agents) } else { Some(DemandKind::Assistant) };
        let traffic = traffic?;
        let traffic = Values { resolver: self, section, kind: Kind::Traffic, id: &traffic }.traffic();
        Some(DemandPlan {
            name: section.name.value.clone(),
            title: section.title.clone().unwrap_or(title),
            service: section.service.as_ref().map(|service| service.value.clone()),
            users: users?,
            intensity,
            daily_share: daily_share?,
            sessions: sessions?,
            session: session?,
            traffic: traffic?,
            reach: reach?,
            start_up: start_up?,
            lost_share: lost_share?,
            regions: regions?,
            kind: kind?,
            population,
        })
    }

    /// The service that answers is one of the scenario.
    fn check_service_of(&mut self, section: &DemandSection) {
        let Some(named) = &section.service else { return };
        let known: Vec<&str> =
            self.scenario.services.iter().map(|service| service.name.value.as_str()).collect();
        if known.contains(&named.value.as_str()) {
            return;
        }
        let help = match nearest(&named.value, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "describe it in a section `[[service]]`".to_owned(),
            None => format!("it has `{}`", known.join("`, `")),
        };
        let message = format!("the scenario has no service `{}`", named.value);
        self.diagnostics.push(Diagnostic::error(named.span, message).help(help));
    }

    /// The population that is named, if it is one: some entries hold only what was published of others, to compare with.
    fn population_of(&mut self, section: &DemandSection, default: &str) -> Option<String> {
        let id = self.choice(Kind::Population, section.population.as_ref(), default)?;
        let is_one = |id: &str| {
            let entry = self.catalogue.get(Kind::Population, id);
            entry.is_some_and(|entry| {
                !entry.vintages("daily_share").is_empty() && !entry.text("traffic").is_empty()
            })
        };
        if is_one(&id) {
            return Some(id);
        }
        let known: Vec<&str> = self.catalogue.ids(Kind::Population).filter(|id| is_one(id)).collect();
        let help = format!("name one that does, such as `{}`", known.join("`, `"));
        let span = section.population.as_ref().map_or(section.span, |name| name.span);
        self.diagnostics
            .push(Diagnostic::error(span, format!("`{id}` does not describe a population")).help(help));
        None
    }

    /// Users as said, else what was reported of the population by then, each figure on the day on which it became known.
    fn users_of(&mut self, section: &DemandSection, population: &str) -> Option<Curve<Count>> {
        let path = format!("demand.{}.users", section.name.value);
        if section.users_written {
            return (!section.users.is_empty()).then(|| self.curve(&path, &section.users));
        }
        let entry = self.catalogue.get(Kind::Population, population)?;
        let knowledge = self.knowledge;
        let known: Vec<_> = entry
            .vintages("users")
            .iter()
            .filter(|fact| fact.known_from <= knowledge)
            .map(|fact| (fact.known_from, Spanned { value: fact.written.clone(), span: fact.span }))
            .collect();
        if known.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(
                    section.span,
                    format!("nothing was reported of the users of `{population}` by {knowledge}"),
                )
                .help("say how many there are, users = [{ on = 2025-12-31, count = \"1 G\" }]"),
            );
            return None;
        }
        let input = |(day, fact): &(Date, Spanned<Written>)| {
            (Moment::start_of(*day), self.quoted(format!("{path}.{day}"), fact, *day))
        };
        Some(known.iter().map(input).collect())
    }

    /// The regions that are said, else all of the catalogue.
    fn regions_of(&mut self, section: &DemandSection, population: &str) -> Option<Vec<DemandRegion>> {
        let Some(written) = &section.regions else {
            let ids: Vec<String> = self.catalogue.ids(Kind::Region).map(str::to_owned).collect();
            let regions: Vec<Option<DemandRegion>> = ids
                .iter()
                .map(|id| self.region(section, population, (id, section.span), None, true))
                .collect();
            return regions.into_iter().collect();
        };
        if written.is_empty() {
            self.diagnostics.push(
                Diagnostic::error(section.span, "a demand has no region")
                    .help("name one, regions = [{ name = \"europe\" }], or leave `regions` out"),
            );
            return None;
        }
        if let Some(region) = written.get(MOST_REGIONS) {
            let message = format!("there are more than {MOST_REGIONS} regions");
            self.diagnostics
                .push(Diagnostic::error(region.name.span, message).help("put those that are alike together"));
            return None;
        }
        let mut regions = Vec::new();
        let mut complete = true;
        for (index, region) in written.iter().enumerate() {
            let same = |other: &&RegionSection| other.name.value == region.name.value;
            if let Some(first) = written[..index].iter().find(same) {
                self.diagnostics.push(
                    Diagnostic::error(
                        region.name.span,
                        format!("the region `{}` is named twice", region.name.value),
                    )
                    .label("second")
                    .also(first.name.span, "first")
                    .help("leave one of them out"),
                );
                complete = false;
                continue;
            }
            if self.entry(Kind::Region, &region.name).is_none() {
                complete = false;
                continue;
            }
            let place = (region.name.value.as_str(), region.name.span);
            let serves = region.serves.unwrap_or(true);
            match self.region(section, population, place, region.share.as_ref(), serves) {
                Some(region) => regions.push(region),
                None => complete = false,
            }
        }
        if written.iter().all(|region| region.serves == Some(false)) {
            self.diagnostics.push(
                Diagnostic::error(section.span, "no region serves a demand")
                    .help("leave out serves = false of one at least"),
            );
            return None;
        }
        let nothing = |region: &RegionSection| {
            region.share.as_ref().is_some_and(|share| share.value.distribution.range().0 <= 0.0)
        };
        if let Some(first) = written.first().filter(|_| written.iter().all(nothing)) {
            self.diagnostics.push(
                Diagnostic::error(first.name.span, "the shares of all regions may be nothing")
                    .help("give one of them a share above 0"),
            );
            return None;
        }
        complete.then_some(regions)
    }

    fn region(
        &mut self,
        section: &DemandSection,
        population: &str,
        (id, span): (&str, Span),
        share: Option<&Spanned<Written>>,
        serves: bool,
    ) -> Option<DemandRegion> {
        let path = format!("demand.{}.region.{id}.share", section.name.value);
        let field = format!("share_{}", id.replace('-', "_"));
        let share = match share {
            Some(share) => {
                self.check_within(&BOUNDED, DEMAND_REGION, "share", share);
                Some(self.written(path, share))
            }
            None => self.fact(Kind::Population, population, &field, span),
        };
        let entry = self.catalogue.get(Kind::Region, id)?;
        let title = entry.title().to_owned();
        let (written, place) = (entry.text("utc_offset").to_owned(), entry.span);
        let Some(utc_offset) = parse_offset(&written) else {
            self.diagnostics.push(
                Diagnostic::error(place, format!("the `utc_offset` of `{id}` is `{written}`"))
                    .help("write its standard time ahead of UTC, such as \"-06:00\""),
            );
            return None;
        };
        let (latitude, longitude) =
            (self.fact(Kind::Region, id, "latitude", span), self.fact(Kind::Region, id, "longitude", span));
        let (access, detour) =
            (self.fact(Kind::Region, id, "access", span), self.fact(Kind::Region, id, "detour", span));
        Some(DemandRegion {
            name: id.to_owned(),
            title,
            share: share?,
            utc_offset,
            latitude: latitude?,
            longitude: longitude?,
            access: access?,
            detour: detour?,
            serves,
        })
    }
}

/// Where single values of a demand come from.
struct Values<'a, 'b> {
    resolver: &'a mut Resolver<'b>,
    section: &'a DemandSection,
    kind: Kind,
    id: &'a str,
}

impl Values<'_, '_> {
    /// A value of the scenario, else a fact of the catalogue.
    fn value<Q: Quantity>(&mut self, field: &str) -> Option<Input<Q>> {
        let path = format!("demand.{}.{field}", self.section.name.value);
        let written = self.section.values.get(field);
        self.resolver.written_or_fact(path, written, (self.kind, self.id, field), self.section.span)
    }

    fn session(&mut self) -> Option<SessionPlan> {
        Some(SessionPlan {
            turns: self.value("turns")?,
            turns_variation: self.value("turns_variation")?,
            system_tokens: self.value("system_tokens")?,
            prompt_tokens: self.value("prompt_tokens")?,
            output_tokens: self.value("output_tokens")?,
            reuse: self.value("reuse")?,
            turn_gap: self.value("turn_gap")?,
            length_variation: self.value("length_variation")?,
        })
    }

    fn agents(&mut self) -> Option<AgentsPlan> {
        Some(AgentsPlan {
            side_calls: self.value("side_calls")?,
            side_prompt_tokens: self.value("side_prompt_tokens")?,
            side_output_tokens: self.value("side_output_tokens")?,
            success: self.value("success")?,
            change_size: self.value("change_size")?,
            engineer_changes: self.value("engineer_changes")?,
            engineer_cost: self.value("engineer_cost")?,
            review: self.value("review")?,
            working_days: self.value("working_days")?,
        })
    }

    fn traffic(&mut self) -> Option<TrafficPlan> {
        Some(TrafficPlan {
            day_swing: self.value("day_swing")?,
            day_peak: self.value("day_peak")?,
            half_day_swing: self.value("half_day_swing")?,
            half_day_peak: self.value("half_day_peak")?,
            weekend: self.value("weekend")?,
            client_variation: self.value("client_variation")?,
            clients: self.value("clients")?,
            fast_share: self.value("fast_share")?,
            lasting_share: self.value("lasting_share")?,
            persistence: self.value("persistence")?,
            id: self.id.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::FieldKind;

    #[test]
    fn values_are_facts_of_the_catalogue_in_the_same_unit() {
        for field in DEMAND {
            let FieldKind::Uncertain(dimension) = field.kind else { continue };
            let fact = (field.name, dimension);
            let known =
                [Kind::Population, Kind::Traffic].iter().any(|kind| kind.quantities().contains(&fact));
            assert!(known, "{}", field.name);
        }
    }

    #[test]
    fn every_region_of_the_catalogue_has_a_share_in_a_population() {
        let catalogue = crate::catalog::Catalogue::embedded(
            &mut crate::text::SourceMap::default(),
            &mut crate::text::Diagnostics::default(),
        );
        for id in catalogue.ids(Kind::Region) {
            assert!(Kind::Population.has_field(&format!("share_{}", id.replace('-', "_"))), "{id}");
        }
    }
}
