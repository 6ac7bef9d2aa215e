//! Values of a site that may follow a series, and the series on the plan's days.

use crate::catalog::Kind;
use crate::fact::Written;
use crate::plan::{Course, DayMoments, HourlyCourses, Profile};
use crate::quantity::{Dimension, Quantity, Ratio, format_quantity};
use crate::scenario::{SeriesSection, SiteSection};
use crate::text::{Diagnostic, Spanned};
use crate::time_series::{Clock, Placed, day_moments};

use super::Resolver;

/// The fields of a site that may follow a series.
const COURSES: [&str; 3] = ["pue", "electricity_price", "carbon_intensity"];

/// A mean that is so many times the catalogue's value, or so many times less, is told: prices in cents are a tenth of
/// those in dollars per megawatt-hour, while a grid of nuclear or water power truly emits a tenth of another.
fn far(dimension: Dimension) -> f64 {
    if dimension == Dimension::MoneyPerEnergy { 8.0 } else { 100.0 }
}

impl Resolver<'_> {
    /// A field of a site: the series or the value that it gives, else a fact of the catalogue.
    pub(super) fn course<Q: Quantity>(
        &mut self,
        site: &SiteSection,
        field: &str,
        fact: (Kind, &str, &str),
    ) -> Option<Course<Q>> {
        let path = format!("site.{}.{field}", site.name.value);
        let Some(section) = site.series.get(field) else {
            let written = site.values.get(field);
            return self.written_or_fact(path, written, fact, site.span).map(Course::Flat);
        };
        self.check_series_unit(section, fact);
        let scale = self.scale(site, field, section);
        Some(Course::Series(self.written::<Ratio>(format!("{path}.scale"), &scale)))
    }

    /// The factor on a series, with a note of what it is a factor on.
    fn scale(&mut self, site: &SiteSection, field: &str, section: &SeriesSection) -> Spanned<Written> {
        let mut scale = section.scale.clone();
        let Some(read) = &section.read else { return Spanned { value: scale, span: section.span } };
        let placed = Placed::new(read, clock(site));
        let (first, last) = placed.days();
        let period = self.scenario.period.value;
        let mut note = format!(
            "a factor on {}: one value for every {} from {first} to {last}, mean {}",
            section.csv.value,
            read.step,
            format_quantity(section.dimension, read.mean())
        );
        if !placed.covers(period) {
            note.push_str("; other years repeat it");
        }
        scale.note = Some(match scale.note.take() {
            Some(written) => format!("{written}; {note}"),
            None => note,
        });
        self.check_least_pue(field, section);
        Spanned { value: scale, span: section.span }
    }

    /// A mean far from the catalogue's value is more often a wrong unit than a strange place.
    fn check_series_unit(&mut self, section: &SeriesSection, (kind, id, field): (Kind, &str, &str)) {
        let known = self.catalogue.get(kind, id).and_then(|entry| entry.known_on(field, self.knowledge));
        let (Some(read), Some(fact)) = (&section.read, known) else { return };
        let (mean, usual) = (read.mean(), fact.written.distribution.reference());
        let times = far(section.dimension);
        let is_far = mean > times * usual || (mean > 0.0 && mean * times < usual);
        if is_far && !self.diagnostics.has_errors() {
            let [mean, usual] = [mean, usual].map(|value| format_quantity(section.dimension, value));
            let message = format!(
                "the mean of `{}` is {mean}, far from {usual} in {kind} `{id}`",
                section.csv.value,
                kind = kind.name()
            );
            self.diagnostics.push(
                Diagnostic::error(section.csv.span, message)
                    .warning()
                    .help("check that `unit` is that of the column"),
            );
        }
    }

    /// PUE stays at least 1, also where the factor on its series is least.
    fn check_least_pue(&mut self, field: &str, section: &SeriesSection) {
        let Some(read) = section.read.as_ref().filter(|_| field == "pue") else { return };
        let least = read.values.iter().copied().fold(f64::MAX, f64::min);
        let low = section.scale.distribution.range().0;
        if least * low < 1.0 {
            self.diagnostics.push(
                Diagnostic::error(
                    section.span,
                    format!("`scale` of {low} makes the least PUE of {least} less than 1"),
                )
                .help("give the factor a higher low"),
            );
        }
    }

    /// The products of a site's series on the days of the plan.
    pub(super) fn profile(&mut self, site: &SiteSection) -> Option<Profile> {
        let clock = clock(site);
        let placed = |field: &str| {
            site.series
                .get(field)
                .and_then(|section| section.read.as_ref())
                .map(|read| Placed::new(read, clock))
        };
        let period = self.scenario.period.value;
        for field in COURSES {
            let (Some(section), Some(placed)) = (site.series.get(field), placed(field)) else { continue };
            let ((first, last), csv) = (placed.days(), &section.csv);
            if let Err(day) = day_moments(&[placed], period) {
                let message = format!("`{}` runs from {first} to {last} and does not cover {day}", csv.value);
                self.diagnostics.push(
                    Diagnostic::error(csv.span, message).help(
                        "give a whole year, which other years repeat, or the whole of the plan's period",
                    ),
                );
                return None;
            }
            if !placed.covers(period) && !self.diagnostics.has_errors() {
                let message =
                    format!("`{}` runs from {first} to {last} and the plan over {period}", csv.value);
                self.diagnostics.push(Diagnostic::error(csv.span, message).warning().help(
                    "other years repeat it by day and hour of the year; 29 February that of the day before",
                ));
            }
        }
        let (pue, price, carbon) = (placed(COURSES[0]), placed(COURSES[1]), placed(COURSES[2]));
        // Each factor has values on every day, so their products have too.
        let product = |other: Option<Placed<'_>>| -> Option<DayMoments> {
            let factors: Vec<Placed<'_>> = pue.into_iter().chain(other).collect();
            day_moments(&factors, period).ok()
        };
        Some(Profile {
            energy: pue.and_then(|_| product(None)),
            cost: price.and_then(|price| product(Some(price))),
            carbon: carbon.and_then(|carbon| product(Some(carbon))),
        })
    }

    /// Price and carbon intensity by the hour of the headlines' year, where one of them follows a series.
    pub(super) fn hourly_courses(&mut self, site: &SiteSection) -> Option<HourlyCourses> {
        let (clock, year) = (clock(site), self.headline_year());
        let by_hour = |field: &str| {
            let read = site.series.get(field)?.read.as_ref()?;
            Placed::new(read, clock).by_hour(year)
        };
        let courses = HourlyCourses { price: by_hour(COURSES[1]), carbon: by_hour(COURSES[2]) };
        (courses != HourlyCourses::default()).then_some(courses)
    }
}

/// Seconds by which a site's clock is ahead of UTC: as it says, else as its weather does.
pub(super) fn clock_of(site: &SiteSection) -> Option<i32> {
    let written = site.utc_offset.as_ref().map(|offset| offset.value);
    let weather = || site.weather.as_ref()?.read.as_ref().map(|weather| weather.utc_offset);
    written.or_else(weather)
}

/// The clock of a site: the one that it names, else that of the first time stamp with an offset, else UTC.
fn clock(site: &SiteSection) -> Clock {
    let first = COURSES.iter().find_map(|field| site.series.get(field)?.read.as_ref()?.first_offset);
    Clock(site.utc_offset.as_ref().map(|offset| offset.value).or(first).unwrap_or(0))
}
