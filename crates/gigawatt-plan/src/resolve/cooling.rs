//! The cooling of a site: its plant, its share of liquid, its weather.

use std::collections::BTreeSet;

use crate::catalog::Kind;
use crate::plan::{CoolingPlan, Input, LoopPlan, RejectionKind};
use crate::quantity::{Dimension, Quantity, Ratio, Temperature, format_quantity};
use crate::scenario::{CoolingSection, SiteSection};
use crate::text::{Diagnostic, Span};

use super::Resolver;

/// The plant unless a site names another.
const PLANT: &str = "dry-cooler-chiller";

/// Values that make sense of the fields of a plant: from, to, and how to write one.
const BOUNDS: [(&str, f64, f64, &str); 23] = [
    ("liquid_supply", -10.0, 80.0, SUPPLY),
    ("liquid_limit", -10.0, 90.0, SUPPLY),
    ("liquid_approach", LEAST, 60.0, APPROACH),
    ("liquid_evaporation", 0.0, 1.0, PART),
    ("liquid_fans", 0.0, 0.5, POWER),
    ("liquid_pumps", 0.0, 0.5, POWER),
    ("liquid_chiller", 0.0, 10.0, CHILLER),
    ("air_supply", -10.0, 80.0, SUPPLY),
    ("air_limit", -10.0, 90.0, SUPPLY),
    ("air_approach", LEAST, 60.0, APPROACH),
    ("air_evaporation", 0.0, 1.0, PART),
    ("air_fans", 0.0, 0.5, POWER),
    ("air_pumps", 0.0, 0.5, POWER),
    ("air_chiller", 0.0, 10.0, CHILLER),
    ("chiller_efficiency", LEAST, 1.0, "as a part of Carnot's, such as 0.55"),
    ("chiller_approach", 0.0, 60.0, APPROACH),
    ("air_rise", LEAST, 100.0, APPROACH),
    ("water_range", LEAST, 60.0, APPROACH),
    ("cycles", 1.0 + LEAST, 1000.0, "above 1, such as 4.5"),
    ("drift", 0.0, 0.1, "as a part of the circulating water, such as \"0.002 %\""),
    ("ride_through", 1.0, 864_000.0, "from \"1 s\" to \"10 days\", such as \"3 min\""),
    ("least_flow", 0.0, 1.0, PART),
    ("electrical_overhead", 0.0, 1.0, POWER),
];
/// What is divided by is at least this.
const LEAST: f64 = 0.01;
const SUPPLY: &str = "in degree Celsius, such as \"32 °C\"";
const APPROACH: &str = "above 0 in kelvin, such as \"8 K\"";
const PART: &str = "as a part of a whole, between 0 and 1";
const POWER: &str = "as power over the heat or power that it serves, such as 0.03";
const CHILLER: &str = "as capacity over rated heat, such as 1.25; 0 without a chiller";

impl Resolver<'_> {
    /// The cooling of a site: `Ok` of none where it says nothing of a plant or its weather, no plan where diagnostics
    /// say what is wrong.
    #[expect(clippy::option_option, reason = "nothing said, and something wrong, are two things")]
    pub(super) fn cooling(&mut self, site: &SiteSection) -> Option<Option<CoolingPlan>> {
        if site.cooling.is_none() && site.weather.is_none() {
            return Some(None);
        }
        let section = site.cooling.as_ref();
        let named = section.and_then(|section| section.plant.as_ref());
        let id = self.choice(Kind::Cooling, named, PLANT)?;
        let weather = match &site.weather {
            Some(weather) => Some(weather.read.clone()?),
            None => None,
        };
        if let (None, Some(section)) = (&weather, section) {
            self.diagnostics.push(
                Diagnostic::error(
                    section.span,
                    "the plant has no weather: the site's constant PUE stands for it",
                )
                .warning()
                .help("name the weather of a year beside it: weather = \"file.epw\""),
            );
        }
        let span = section.map_or(site.span, |section| section.span);
        let mut values = Values { resolver: self, site: &site.name.value, section, id: &id, span };
        let plan = values.plan(site, weather)?;
        self.check_loops(site, &plan, span);
        Some(Some(plan))
    }

    /// The liquid share of the systems that stand at a site, which is one where they agree.
    fn liquid_share_of_systems(&mut self, site: &SiteSection, span: Span) -> Option<Input<Ratio>> {
        let scenario = self.scenario;
        let openings = scenario.openings.iter().map(|opening| (&opening.site, &opening.system));
        let purchases = scenario.purchases.iter().map(|purchase| (&purchase.site, &purchase.system));
        let here = openings.chain(purchases).filter(|(at, _)| {
            at.as_ref().is_some_and(|at| at.value == site.name.value)
                || at.is_none() && scenario.sites.len() == 1
        });
        let systems: BTreeSet<&str> =
            here.filter_map(|(_, system)| system.as_ref()).map(|system| system.value.as_str()).collect();
        let day = self.knowledge;
        let known = |system: &&str| {
            let fact = self.catalogue.get(Kind::System, system)?.known_on("liquid_share", day)?;
            Some(fact.written.distribution.reference())
        };
        let shares: Vec<Option<f64>> = systems.iter().map(known).collect();
        let agree = shares.windows(2).all(|pair| pair[0] == pair[1]) && shares.iter().all(Option::is_some);
        match systems.first().filter(|_| agree) {
            Some(system) => self.fact(Kind::System, system, "liquid_share", span),
            None => {
                let why = match systems.len() {
                    0 => "no system stands at the site".to_owned(),
                    _ => {
                        format!("its systems `{}` differ or do not say", Vec::from_iter(systems).join("`, `"))
                    }
                };
                self.diagnostics.push(
                    Diagnostic::error(
                        span,
                        format!("the part of the heat that leaves through liquid is not known: {why}"),
                    )
                    .help("say it of the site: [site.cooling] liquid_share = 0.85"),
                );
                None
            }
        }
    }

    /// Loops whose limit is not above their supply.
    fn check_loops(&mut self, site: &SiteSection, plan: &CoolingPlan, span: Span) {
        for (name, of) in [("liquid", &plan.liquid), ("air", &plan.air)] {
            let reference =
                |input: Input<Temperature>| self.inputs[input.id().0 as usize].distribution.reference();
            let (supply, limit) = (reference(of.supply), reference(of.limit));
            if limit < supply + 1.0 {
                let written = ["limit", "supply"].into_iter().find_map(|field| {
                    let values = &site.cooling.as_ref()?.values;
                    values.get(format!("{name}_{field}").as_str()).map(|written| written.span)
                });
                let message = format!("`{name}_limit` is {limit} °C, `{name}_supply` {supply} °C");
                self.diagnostics.push(
                    Diagnostic::error(written.unwrap_or(span), message)
                        .help("the limit is at least 1 K above the supply, which leaves heat to be stored"),
                );
            }
        }
    }
}

/// Where values of a plant come from.
struct Values<'a, 'b> {
    resolver: &'a mut Resolver<'b>,
    site: &'a str,
    section: Option<&'a CoolingSection>,
    id: &'a str,
    span: Span,
}

impl Values<'_, '_> {
    fn plan(&mut self, site: &SiteSection, weather: Option<crate::weather::Weather>) -> Option<CoolingPlan> {
        let written = self.section.and_then(|section| section.values.get("liquid_share"));
        self.resolver.check_share(written, "liquid_share");
        let liquid_share = match written {
            Some(written) => {
                Some(self.resolver.written(format!("site.{}.cooling.liquid_share", self.site), written))
            }
            None => self.resolver.liquid_share_of_systems(site, self.span),
        };
        let title = self.resolver.catalogue.get(Kind::Cooling, self.id)?.title().to_owned();
        let (liquid, air) = (self.one_loop("liquid"), self.one_loop("air"));
        Some(CoolingPlan {
            plant: self.id.to_owned(),
            title,
            liquid_share: liquid_share?,
            liquid: liquid?,
            air: air?,
            chiller_efficiency: self.value("chiller_efficiency")?,
            chiller_approach: self.value("chiller_approach")?,
            air_rise: self.value("air_rise")?,
            water_range: self.value("water_range")?,
            cycles: self.value("cycles")?,
            drift: self.value("drift")?,
            ride_through: self.value("ride_through")?,
            least_flow: self.value("least_flow")?,
            electrical_overhead: self.value("electrical_overhead")?,
            weather,
        })
    }

    fn one_loop(&mut self, name: &str) -> Option<LoopPlan> {
        let field = format!("{name}_rejection");
        let entry = self.resolver.catalogue.get(Kind::Cooling, self.id)?;
        let words = entry.text(&field);
        let Some((rejection, _)) = RejectionKind::ALL.iter().find(|(_, known)| *known == words) else {
            let message = format!("`{field}` of the plant `{}` is `{words}`", self.id);
            let known = RejectionKind::ALL.map(|(_, known)| known);
            self.resolver.diagnostics.push(Diagnostic::error(entry.span, message).suggest(words, known));
            return None;
        };
        let value = |field: &str| format!("{name}_{field}");
        Some(LoopPlan {
            rejection: *rejection,
            supply: self.value(&value("supply"))?,
            limit: self.value(&value("limit"))?,
            approach: self.value(&value("approach"))?,
            evaporation: self.value(&value("evaporation"))?,
            fans: self.value(&value("fans"))?,
            pumps: self.value(&value("pumps"))?,
            chiller: self.value(&value("chiller"))?,
        })
    }

    /// A value of the site, else a fact of the plant, within its bounds.
    fn value<Q: Quantity>(&mut self, field: &str) -> Option<Input<Q>> {
        let written = self.section.and_then(|section| section.values.get(field));
        let path = format!("site.{}.cooling.{field}", self.site);
        let input: Input<Q> =
            self.resolver.written_or_fact(path, written, (Kind::Cooling, self.id, field), self.span)?;
        let (_, least, most, right) = BOUNDS.iter().find(|(name, ..)| *name == field)?;
        let record = &self.resolver.inputs[input.id().0 as usize];
        let (low, high) = record.distribution.range();
        let holds = |value: &f64| (*least..=*most).contains(value);
        if let Some(wrong) = [low, high].into_iter().find(|value| !holds(value)) {
            let verb = if record.distribution.is_uncertain() { "may be" } else { "is" };
            let shown = |value: f64| match Q::DIMENSION {
                // A p90 is computed: more digits than these would only seem exact.
                Dimension::Ratio => ((1e4 * value).round() / 1e4).to_string(),
                dimension => format_quantity(dimension, value),
            };
            let [wrong, least, most] = [wrong, *least, *most].map(shown);
            let message = format!("`{}` {verb} {wrong}, expected {least} to {most}", record.path);
            let place = written.map_or(self.span, |written| written.span);
            self.resolver
                .diagnostics
                .push(Diagnostic::error(place, message).help(format!("write it {right}")));
        }
        Some(input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::fields_cooling::COOLING;
    use crate::text::FieldKind;

    #[test]
    fn what_a_plant_is_made_of_can_be_written_and_has_bounds() {
        for (field, dimension) in Kind::Cooling.quantities() {
            let known = COOLING.iter().find(|known| known.name == *field);
            assert!(
                matches!(known.map(|known| known.kind), Some(FieldKind::Uncertain(written)) if written == *dimension),
                "{field}"
            );
            assert!(BOUNDS.iter().any(|(name, ..)| name == field), "{field}");
        }
        assert_eq!(BOUNDS.len(), Kind::Cooling.quantities().len());
    }
}
