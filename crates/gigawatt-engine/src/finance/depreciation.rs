//! How assets are written off: straight line, by class and useful life.
//!
//! Depreciation of a quarter that is not reported is the sum of
//!
//! - the assets of the last report, see [`existing`];
//! - the plan's AI hardware and halls since then, see [`super::assets`];
//! - everything else that has been bought since then, by a mix of the lives of servers and buildings, half a quarter
//!   of it in the first.

use gigawatt_plan::plan::{Arrival, Rule};
use gigawatt_plan::quantity::Quantity;

use super::Books;
use super::assets::Assets;
use super::funding::Funding;
use crate::series::Series;

/// Scratch space of depreciation, kept from draw to draw.
#[derive(Debug, Default)]
pub struct Depreciation {
    /// What was bought outside the plan since the last report and lives as long as servers, by quarter: its charge
    /// for a day.
    short_lived: Vec<f64>,
    /// The same that lives as long as buildings.
    long_lived: Vec<f64>,
    /// The middle of every quarter, in days.
    middles: Vec<f64>,
}

impl Depreciation {
    /// Depreciation by class in every quarter, and what is left of the plan's AI assets.
    pub fn run(&mut self, books: Books<'_>, assets: &Assets, funding: &Funding, series: &mut Series) {
        let (accounts, company, draw, ids) = (books.accounts, books.company, books.draw, books.finance());
        let policy = &company.assets;
        let server_life = draw.get(policy.server_life).days();
        let building_life = draw.get(policy.building_life).days();
        let first_new = assets.first_new[books.index];
        let report = accounts.quarter(first_new).start().days();
        let before = first_new.checked_sub(1).map(|last| {
            let (start, end) = accounts.days(last);
            series.get(ids.depreciation)[last] / (end - start)
        });
        let runoff = draw.get(policy.existing_asset_runoff).days();
        let longer = server_life - draw.get(policy.server_life_reported).days();
        let servers = draw.get(policy.existing_server_share).base();
        self.short_lived.clear();
        self.short_lived.resize(accounts.quarters, 0.0);
        self.long_lived.clear();
        self.long_lived.resize(accounts.quarters, 0.0);
        self.middles.clear();
        self.middles.extend((0..accounts.quarters).map(|quarter| {
            let (start, end) = accounts.days(quarter);
            0.5 * (start + end)
        }));
        let mut book_value = 0.0;
        for quarter in 0..accounts.quarters {
            let (hardware, halls) = written_off(books, assets, funding, quarter);
            let ai = hardware.since_start + halls.since_start;
            book_value += series.get(ids.accrued_ai)[quarter] - ai;
            for (id, value) in [
                (ids.depreciation_hardware, hardware.since_start),
                (ids.depreciation_halls, halls.since_start),
                (ids.depreciation_ai, ai),
                (ids.book_value_ai, book_value),
            ] {
                series.get_mut(id)[quarter] = value;
            }
            if company.depreciation[quarter] == Rule::Modelled {
                let (start, end) = accounts.days(quarter);
                let (days, middle) = (end - start, self.middles[quarter]);
                let old = before.map_or(0.0, |daily| {
                    let first = if quarter == first_new {
                        daily * written_off_at_once(servers, runoff, longer)
                    } else {
                        0.0
                    };
                    daily * days * existing(servers, runoff, longer, middle - report) + first
                });
                let (short, long) = self.other(books, quarter, series);
                self.short_lived[quarter] = short / server_life;
                self.long_lived[quarter] = long / building_life;
                let mut other = 0.0;
                for earlier in first_new..=quarter {
                    let age = middle - self.middles[earlier];
                    let part = if earlier == quarter { 0.5 } else { 1.0 };
                    let while_young = |charge: f64, life: f64| if age < life { charge } else { 0.0 };
                    other += part
                        * days
                        * (while_young(self.short_lived[earlier], server_life)
                            + while_young(self.long_lived[earlier], building_life));
                }
                series.get_mut(ids.depreciation)[quarter] =
                    old + hardware.since_report + halls.since_report + other;
            }
            let total = series.get(ids.depreciation)[quarter];
            series.get_mut(ids.depreciation_other)[quarter] = total - ai;
        }
    }

    /// Capital expenditure of a quarter that no line of the plan names, by whether it lives as long as servers.
    fn other(&self, books: Books<'_>, quarter: usize, series: &Series) -> (f64, f64) {
        let (company, draw) = (books.company, books.draw);
        // A total below what the plan buys leaves nothing else; that is no asset to be written up.
        let spent = series.get(books.finance().capex_other)[quarter].max(0.0);
        let mix = draw.get(company.assets.short_lived_share).base();
        let outside = company.outside_ai[quarter]
            .map(|part| draw.get(part.total).base() / f64::from(part.quarters))
            .filter(|_| company.capital_expenditure[quarter] != Rule::Modelled);
        // Where a total is given that leaves more than what is spent outside AI, the rest is AI that the plan's
        // purchases do not name.
        let (outside, unnamed) = match outside {
            Some(outside) => (spent.min(outside), (spent - outside).max(0.0)),
            None => (spent, 0.0),
        };
        let hardware = draw.get(company.assets.ai_hardware_share).base();
        let short = outside * mix + unnamed * hardware;
        (short, outside + unnamed - short)
    }
}

/// Written off in a quarter.
#[derive(Clone, Copy, Debug, Default)]
struct WrittenOff {
    /// Of what came since the plan's start.
    since_start: f64,
    /// Of what came since the company's last report.
    since_report: f64,
}

impl WrittenOff {
    fn add(&mut self, since_start: f64, since_report: f64, own: f64) {
        self.since_start += since_start * own;
        self.since_report += since_report * own;
    }
}

/// AI hardware and AI halls that stand on the company's balance sheet.
fn written_off(
    books: Books<'_>,
    assets: &Assets,
    funding: &Funding,
    quarter: usize,
) -> (WrittenOff, WrittenOff) {
    let quarters = books.accounts.quarters;
    let (mut hardware, mut halls) = (WrittenOff::default(), WrittenOff::default());
    for (index, lot) in books.plan.lots.iter().enumerate() {
        if lot.company == books.index && matches!(lot.arrival, Arrival::Delivered(_)) {
            let all = assets.lots[index * quarters + quarter];
            hardware.add(all.written_off, all.written_off_new, 1.0 - funding.lot_off_balance(index));
        }
    }
    for (index, _) in books.plan.sites.iter().enumerate().filter(|(_, site)| site.company == books.index) {
        let all = assets.sites[index * quarters + quarter];
        halls.add(all.written_off, all.written_off_new, 1.0 - funding.site_off_balance(index));
    }
    (hardware, halls)
}

/// What the assets of the last report are still written off by at `time` after it, over what they were then.
///
/// Assets bought at an even rate have remaining lives `r` spread evenly from 0 to the run-off `T`, so their charge
/// falls in a straight line, `1 - t/T`. Where the life of servers is changed by `Δ`, what is left of each is spread
/// over what now remains (a change of estimate is prospective: ASC 250-10-45-17), `r / (r + Δ)` of the old charge
/// until `r + Δ`. Servers then have
///
/// `U(t) = 1/T ∫ r / (r + Δ) dr` from `max(0, t - Δ)` to `T` `= 1/T [r - Δ ln(r + Δ)]`,
///
/// and with `s` their part of the charge the whole is `(1 - s) max(0, 1 - t/T) + s U(t)`. All times in days.
fn existing(servers: f64, runoff: f64, longer: f64, time: f64) -> f64 {
    let plain = (1.0 - time / runoff).max(0.0);
    if longer == 0.0 {
        return plain;
    }
    let from = (time - longer).max(0.0);
    let changed = if from >= runoff {
        0.0
    } else {
        let integral = |remaining: f64| remaining - longer * libm::log(remaining + longer);
        (integral(runoff) - integral(from)) / runoff
    };
    (1.0 - servers) * plain + servers * changed
}

/// What a life that is shortened by `-longer` days writes off at once, in days of the old charge: servers whose
/// remaining life was shorter than that, `s ∫ r dr / T` from 0 to `-Δ`.
fn written_off_at_once(servers: f64, runoff: f64, longer: f64) -> f64 {
    let shorter = (-longer).clamp(0.0, runoff);
    servers * 0.5 * shorter * shorter / runoff
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sum of what is written off over all time, in days of the old charge.
    fn total(servers: f64, runoff: f64, longer: f64) -> f64 {
        let steps = 400_000;
        let width = (runoff + longer.max(0.0)) / f64::from(steps);
        let later: f64 = (0..steps)
            .map(|step| existing(servers, runoff, longer, (f64::from(step) + 0.5) * width) * width)
            .sum();
        later + written_off_at_once(servers, runoff, longer)
    }

    #[test]
    fn a_change_of_life_moves_depreciation_and_leaves_its_sum() {
        // The book value behind a charge that falls to nothing over 1,000 days is 500 days of it.
        for longer in [0.0, 182.625, 500.0, -200.0] {
            assert!(
                (total(1.0, 1000.0, longer) - 500.0).abs() < 0.5,
                "{longer}: {}",
                total(1.0, 1000.0, longer)
            );
            assert!((total(0.6, 1000.0, longer) - 500.0).abs() < 0.5, "{longer}");
        }
    }

    #[test]
    fn half_a_year_more_lowers_the_first_charge_as_by_hand() {
        // T = 4 years, Δ = 0.5: U(0) = (4 - 0.5 ln(4.5 / 0.5)) / 4 = 1 - 0.125 ln 9.
        let year = super::super::YEAR;
        let expected = 1.0 - 0.125 * 9.0_f64.ln();
        assert!((existing(1.0, 4.0 * year, 0.5 * year, 0.0) - expected).abs() < 1e-12);
        assert!((existing(0.5, 4.0 * year, 0.5 * year, 0.0) - 0.5 * (1.0 + expected)).abs() < 1e-12);
        assert_eq!(existing(1.0, 4.0 * year, 0.5 * year, 4.6 * year), 0.0);
    }
}
