//! What ranking costs and brings.
//!
//! Published uplifts of conversions `u`, of time `z` and of price `p`, each the effect where a model runs times the part of ads revenue
//! where it does, come to a growth of ads revenue of
//!
//! ```text
//! g₀ = (1 + c Σu) (1 + t Σz) (1 + Σp) - 1
//! ```
//!
//! with `c` and `t` what becomes revenue of one part of each. They took models of `q` times the arithmetic, so models of `s` times the
//! arithmetic bring `g = (1 + g₀)^(ln s / ln q) - 1`: the same growth for each multiple of `q`, as a law of powers has it. Revenue of a
//! quarter with a part `x` of ranking on larger models owes them `R g x / (1 + g x)`: the company's revenue holds it already.
//!
//! Accelerators for them are paid as they come into service, with their halls, and written off evenly; payback is what was spent by the
//! day on which all of them serve over what the year after that day brings (Brealey, Myers and Allen, *Principles of Corporate Finance*,
//! chapter 5). It is not discounted.

use gigawatt_plan::plan::{Plan, RankingPlan, RankingReturnIds, RankingReturns, SitePlan, UpliftMetric};
use gigawatt_plan::quantity::{Duration, Quantity};

use super::stage::rolled_out;
use crate::Draw;
use crate::series::Series;

/// Days of a year.
const YEAR: f64 = 365.25;
/// Years that stand for never.
const NEVER: f64 = 100.0;

/// People who are served and power and price of what ranking has, at the moments of a plan.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// People on a day.
    pub people: Vec<f64>,
    /// Nameplate IT power of all \[W\].
    pub power: Vec<f64>,
    /// Price of all hardware \[US dollar\].
    hardware: Vec<f64>,
    /// Nameplate IT power of what larger models need beyond today's \[W\].
    larger_power: Vec<f64>,
    /// Price of its hardware \[US dollar\].
    larger_hardware: Vec<f64>,
}

impl Estate {
    /// Nothing at so many moments, and nobody yet.
    pub fn clear(&mut self, moments: usize) {
        self.people.clear();
        for values in [&mut self.power, &mut self.hardware, &mut self.larger_power, &mut self.larger_hardware]
        {
            values.clear();
            values.resize(moments, 0.0);
        }
    }

    /// Adds accelerators, and those among them that larger models need, at a moment.
    pub fn add(&mut self, moment: usize, (all, larger): (f64, f64), power: f64, price: f64) {
        self.power[moment] += all * power;
        self.hardware[moment] += all * price;
        self.larger_power[moment] += larger * power;
        self.larger_hardware[moment] += larger * price;
    }
}

/// What a year of an estate costs.
#[derive(Clone, Copy)]
struct Costs {
    /// Electricity of a watt of nameplate in a second.
    electricity: f64,
    /// Upkeep of a dollar of hardware in a second.
    upkeep: f64,
    /// Part of the price of hardware, and of halls, that is written off in a second.
    hardware: f64,
    halls: f64,
    /// What the hall for a watt costs.
    hall: f64,
}

impl Costs {
    fn new(
        plan: &Plan,
        draw: Draw<'_>,
        asked: &RankingReturns,
        (site, means): (&SitePlan, (f64, f64)),
    ) -> Self {
        let company = &plan.companies[asked.company];
        let year = YEAR * Duration::DAY;
        let (pue, price) = means;
        Self {
            electricity: draw.get(site.utilisation).base() * pue * price,
            upkeep: draw.get(company.economics.maintenance).base() / year,
            hardware: 1.0 / draw.get(company.assets.server_life).base(),
            halls: 1.0 / draw.get(company.assets.building_life).base(),
            hall: draw.get(site.construction_cost).base(),
        }
    }

    /// Electricity and upkeep, and depreciation, of so much power and hardware for a second each.
    fn of(self, power: f64, hardware: f64) -> (f64, f64) {
        let running = power * self.electricity + hardware * self.upkeep;
        (running, hardware * self.hardware + power * self.hall * self.halls)
    }
}

/// Sums of a stretch.
#[derive(Clone, Copy, Default)]
struct Sums {
    thousands: f64,
    running: f64,
    depreciation: f64,
    larger_running: f64,
    larger_depreciation: f64,
    /// Part of ranking that has larger models, times days.
    share: f64,
    spend: f64,
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.thousands += other.thousands;
        self.running += other.running;
        self.depreciation += other.depreciation;
        self.larger_running += other.larger_running;
        self.larger_depreciation += other.larger_depreciation;
        self.share += other.share;
        self.spend += other.spend;
    }
}

/// Computes what ranking costs and brings in every quarter.
pub fn run(
    plan: &Plan,
    draw: Draw<'_>,
    (ranking, asked, ids): (&RankingPlan, &RankingReturns, &RankingReturnIds),
    site: (&SitePlan, (f64, f64)),
    estate: &Estate,
    series: &mut Series,
) {
    let (Some(accounts), Some(company)) = (plan.accounts, plan.vocabulary.companies.get(asked.company))
    else {
        return;
    };
    let costs = Costs::new(plan, draw, asked, site);
    let (published, uplift) = uplifts(draw, ranking, asked);
    let margin = draw.get(asked.incremental_margin).base();
    let ads_share = draw.get(asked.ads_share).base();
    let impressions = draw.get(asked.impressions).base();
    let (mut last, mut moment, mut cumulative) = (0, 1, 0.0);
    let mut year = Year::default();
    for index in 0..accounts.quarters {
        let (start, end) = accounts.days(index);
        let ads = series.get(company.finance.revenue)[index] * ads_share;
        series.get_mut(ids.ads_revenue)[index] = ads;
        if index < accounts.plan_from {
            continue;
        }
        let mut sums = Sums::default();
        while moment < plan.axis.len() && plan.axis[moment].days() <= end {
            // Moments that only claims name cut nothing.
            if plan.integrated[moment] {
                sums += interval(plan, ranking, (estate, costs, impressions), (last, moment));
                last = moment;
            }
            moment += 1;
        }
        let growth = uplift * sums.share / (end - start);
        let brought = ads * growth / (1.0 + growth);
        let cash = brought * margin - sums.spend - sums.larger_running;
        cumulative += cash;
        year.add((start, end), ranking.rollout.1.days(), brought * margin - sums.larger_running, sums.spend);
        for (id, value) in [
            (ids.thousands, sums.thousands),
            (ids.cost, sums.running + sums.depreciation),
            (ids.revenue_uplift, brought),
            (ids.spend, sums.spend),
            (ids.running_cost, sums.larger_running),
            (ids.depreciation, sums.larger_depreciation),
            (ids.cash, cash),
            (ids.income, brought * margin - sums.larger_running - sums.larger_depreciation),
            (ids.cumulative_cash, cumulative),
        ] {
            series.get_mut(id)[index] = value;
        }
    }
    series.get_mut(ids.published_uplift)[0] = published;
    series.get_mut(ids.uplift)[0] = uplift;
    series.get_mut(ids.payback)[0] = year.payback();
}

/// The interval between two moments, by trapezia.
fn interval(
    plan: &Plan,
    ranking: &RankingPlan,
    (estate, costs, impressions): (&Estate, Costs, f64),
    (last, moment): (usize, usize),
) -> Sums {
    let (before, at) = (plan.axis[last], plan.axis[moment]);
    let days = at.days() - before.days();
    let seconds = days * Duration::DAY;
    let mean = |values: &[f64]| 0.5 * (values[last] + values[moment]);
    let grown = |values: &[f64]| values[moment] - values[last];
    let (running, depreciation) = costs.of(mean(&estate.power), mean(&estate.hardware));
    let (larger_running, larger_depreciation) =
        costs.of(mean(&estate.larger_power), mean(&estate.larger_hardware));
    let seen = mean(&estate.people) * impressions;
    Sums {
        thousands: seen * days / 1000.0,
        running: running * seconds,
        depreciation: depreciation * seconds,
        larger_running: larger_running * seconds,
        larger_depreciation: larger_depreciation * seconds,
        share: 0.5 * (rolled_out(ranking, before) + rolled_out(ranking, at)) * days,
        spend: grown(&estate.larger_hardware) + costs.hall * grown(&estate.larger_power),
    }
}

/// Growth of ads revenue by the published uplifts, and by larger models.
fn uplifts(draw: Draw<'_>, ranking: &RankingPlan, asked: &RankingReturns) -> (f64, f64) {
    let (mut conversions, mut time, mut price) = (0.0, 0.0, 0.0);
    for one in &asked.uplifts {
        let effect = draw.get(one.effect).base() * draw.get(one.coverage).base();
        match one.metric {
            UpliftMetric::Conversions => conversions += effect,
            UpliftMetric::Time => time += effect,
            UpliftMetric::Price => price += effect,
        }
    }
    let published = (1.0 + draw.get(asked.conversions_to_revenue).base() * conversions)
        * (1.0 + draw.get(asked.time_to_revenue).base() * time)
        * (1.0 + price)
        - 1.0;
    let rounds = libm::log(draw.get(ranking.scale).base()) / libm::log(draw.get(asked.round_scale).base());
    (published, libm::pow(1.0 + published, rounds) - 1.0)
}

/// What was spent by a day, and what the year after it brings.
#[derive(Clone, Copy, Debug, Default)]
struct Year {
    spent: f64,
    brought: f64,
    days: f64,
}

impl Year {
    /// Adds a quarter: what it brings before what is spent, and that.
    fn add(&mut self, (start, end): (f64, f64), from: f64, brings: f64, spend: f64) {
        if start < from {
            self.spent += spend;
        }
        // The part of the quarter that lies in the year from the day on.
        let within = (end.min(from + YEAR) - start.max(from)).max(0.0);
        self.brought += brings * within / (end - start);
        self.days += within;
    }

    /// Seconds in which what was spent comes back, at the pace of that year or of what the accounts have of it.
    fn payback(self) -> f64 {
        let yearly = self.brought / self.days * YEAR;
        let years = self.spent / yearly;
        let years = if self.spent <= 0.0 {
            0.0
        } else if yearly > 0.0 && years < NEVER {
            years
        } else if yearly.is_nan() || self.spent.is_nan() {
            f64::NAN
        } else {
            NEVER
        };
        years * YEAR * Duration::DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two quarters of a year before the day, four after it.
    fn year(spend: f64, brings: f64) -> f64 {
        let mut year = Year::default();
        for quarter in 0..6 {
            let start = f64::from(quarter) * YEAR / 4.0;
            let spent = if quarter < 2 { spend } else { 0.0 };
            year.add((start, start + YEAR / 4.0), YEAR / 2.0, brings, spent);
        }
        year.payback() / Duration::DAY / YEAR
    }

    #[test]
    fn payback_is_what_was_spent_over_what_a_year_brings() {
        assert!((year(100.0, 25.0) - 2.0).abs() < 1e-12);
        assert_eq!(year(0.0, 25.0), 0.0);
        assert_eq!(year(100.0, -1.0), NEVER);
        assert_eq!(year(100.0, 1e-9), NEVER);
        assert!(year(f64::NAN, 1.0).is_nan());
    }

    #[test]
    fn accounts_that_end_within_the_year_are_taken_at_their_pace() {
        let mut short = Year::default();
        short.add((0.0, 91.0), 45.5, 10.0, 80.0);
        // Half of the quarter's 10 lies after the day: 5 in 45.5 days are 40.14 in a year.
        assert!((short.payback() / Duration::DAY - 80.0 / 5.0 * 45.5).abs() < 1e-9);
    }
}
