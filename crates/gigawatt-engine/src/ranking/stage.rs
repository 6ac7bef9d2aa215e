//! Ranking as a stage of a plan: from people to accelerators and megawatts.
//!
//! With `P` people on a day, `r` requests of each, `k` the peak over the mean, `c` candidates of a stage, `v` candidates per second of an
//! accelerator and `l` the part of its time in which it serves at the peak, a stage takes
//!
//! ```text
//! n = P r k c e / (86,400 s · v l)
//! ```
//!
//! accelerators, `e` being the law's error. `j` jobs of `s` samples each that have to be done within a time `T` take
//! `j · max(m, s e / (T w))`, with `w` samples per second of an accelerator and `m` the fewest that hold the tables. Larger models
//! replace today's at an even rate between two days: `n = n₁ + x (n₂ - n₁)`, `x` being the part that has them.

use std::sync::Arc;

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{AcceleratorClass, Plan, RankingIds, RankingPlace, RankingPlan};
use gigawatt_plan::quantity::{Duration, Quantity};

use super::price::{PartPrice, RankingLaws, RankingPrice};
use super::returns::{self, Estate};
use crate::Draw;
use crate::facility::Facility;
use crate::series::Series;

/// Days of a year.
const YEAR: f64 = 365.25;

/// Ranking of a plan, priced in the reference case, and the laws that did it.
#[derive(Clone, Debug)]
pub struct RankingPrices {
    /// None where no plan asks for them.
    laws: Option<RankingLaws>,
    /// None where the plan has no ranking.
    pub price: Option<RankingPrice>,
}

impl RankingPrices {
    /// Prices the ranking of a plan.
    pub fn new(plan: &Plan) -> Self {
        let laws = plan.ranking.as_ref().and_then(|_| RankingLaws::embedded().ok());
        let price = |ranking| Some(RankingPrice::new(plan, ranking, laws.as_ref()?, None));
        Self { price: plan.ranking.as_ref().and_then(price), laws }
    }
}

/// The stage: prices shared between tasks, and room for what a draw makes of them.
#[derive(Debug)]
pub struct Ranking {
    prices: Arc<RankingPrices>,
    estate: Estate,
}

impl Ranking {
    /// Room for a plan whose ranking is priced.
    pub fn new(prices: Arc<RankingPrices>) -> Self {
        Self { prices, estate: Estate::default() }
    }

    /// Computes every result of ranking of a draw.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, facility: &Facility, series: &mut Series) {
        let (Some(ranking), Some(ids)) = (&plan.ranking, &plan.vocabulary.ranking) else { return };
        let prices = Arc::clone(&self.prices);
        let Some(price) = &prices.price else {
            ids.all().for_each(|id| series.get_mut(id).fill(f64::NAN));
            return;
        };
        // Other machines than those priced: a constant fact is being tried at another value.
        let laws = prices.laws.as_ref().filter(|_| !price.is_of(draw));
        let other = laws.map(|laws| RankingPrice::new(plan, ranking, laws, Some(draw)));
        let price = other.as_ref().unwrap_or(price);
        self.estate.clear(plan.axis.len());
        self.levels(plan, draw, (ranking, ids), price, series);
        if let (Some(asked), Some(ids)) = (&ranking.returns, &ids.returns) {
            let site = (&plan.sites[ranking.site], facility.means(ranking.site));
            returns::run(plan, draw, (ranking, asked, ids), site, &self.estate, series);
        }
    }

    /// Accelerators and power at every moment.
    fn levels(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        (ranking, ids): (&RankingPlan, &RankingIds),
        price: &RankingPrice,
        series: &mut Series,
    ) {
        let get = |input| draw.base(input);
        let error = get(ranking.model_error.id());
        let requests = get(ranking.requests.id());
        let peak = requests * get(ranking.peak.id()) / (Duration::DAY * get(ranking.load.id()));
        self.estate.people.extend(plan.axis.iter().map(|at| people(ranking, draw, *at)));
        for (asked, people) in series.get_mut(ids.requests).iter_mut().zip(&self.estate.people) {
            *asked = people * requests;
        }
        let stages = ranking.stages.iter().zip(&price.stages).zip(&ids.stages);
        for ((stage, price), id) in stages {
            let candidates = peak * get(stage.candidates.id()) * error;
            let part = Part { place: &stage.place, id: *id, sum: ids.serving };
            let each = |throughput: f64, people: f64| people * candidates / throughput;
            self.part(plan, draw, (ranking, ids), &part, price.as_ref(), each, series);
        }
        let trainings = ranking.trainings.iter().zip(&price.trainings).zip(&ids.trainings);
        for ((training, price), id) in trainings {
            let jobs = get(training.jobs.id());
            let rate = get(training.samples.id()) / get(training.turnaround.id()) * error;
            let fewest = price.as_ref().map_or(f64::NAN, |price| price.fewest);
            let part = Part { place: &training.place, id: *id, sum: ids.training };
            let each = |throughput: f64, _| jobs * (rate / throughput).max(fewest);
            self.part(plan, draw, (ranking, ids), &part, price.as_ref(), each, series);
        }
        let overhead = draw.get(plan.sites[ranking.site].network_overhead).base();
        for moment in 0..plan.axis.len() {
            series.get_mut(ids.power)[moment] = self.estate.power[moment];
            series.get_mut(ids.accelerators)[moment] =
                series.get(ids.serving)[moment] + series.get(ids.training)[moment];
        }
        if let (Some((count, system)), Some((accelerators, power))) = (ranking.immersive, ids.immersive) {
            let count = draw.get(count).base();
            let system = &plan.systems[system];
            series.get_mut(accelerators).fill(count);
            let each = draw.get(system.power).base() / system.accelerators;
            series.get_mut(power).fill(count * each * overhead);
        }
    }

    /// Accelerators of a stage or training at every moment, of today's models and of those that are larger.
    #[expect(clippy::too_many_arguments, reason = "what a part is, where it writes and what it asks")]
    fn part(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        (ranking, ids): (&RankingPlan, &RankingIds),
        part: &Part<'_>,
        price: Option<&PartPrice>,
        each: impl Fn(f64, f64) -> f64,
        series: &mut Series,
    ) {
        let system = &plan.systems[part.place.system];
        let overhead = draw.get(plan.sites[ranking.site].network_overhead).base();
        let power = draw.get(system.power).base() / system.accelerators * overhead;
        let hardware = draw.get(part.place.price).base();
        let scale = draw.get(ranking.scale).base();
        let throughput = |scale| price.map_or(f64::NAN, |price| price.throughput(draw, scale));
        let (today, larger) = (throughput(1.0), throughput(scale));
        for (moment, at) in plan.axis.iter().enumerate() {
            let people = self.estate.people[moment];
            let base = each(today, people);
            let beyond = rolled_out(ranking, *at) * (each(larger, people) - base);
            let all = base + beyond;
            series.get_mut(part.id)[moment] = all;
            series.get_mut(part.sum)[moment] += all;
            series.get_mut(ids.larger)[moment] += beyond;
            if system.class == AcceleratorClass::Gpu {
                series.get_mut(ids.gpus)[moment] += all;
            }
            self.estate.add(moment, (all, beyond), power, hardware);
        }
    }
}

/// A stage or training as results see it.
struct Part<'a> {
    place: &'a RankingPlace,
    id: gigawatt_plan::plan::ResultId,
    sum: gigawatt_plan::plan::ResultId,
}

/// People on a day, growing evenly by the year from the day on which they were counted.
pub fn people(ranking: &RankingPlan, draw: Draw<'_>, at: Moment) -> f64 {
    let years = (at.days() - ranking.counted.days()) / YEAR;
    draw.get(ranking.people).base() * libm::pow(1.0 + draw.get(ranking.people_growth).base(), years)
}

/// Part of ranking that has larger models.
pub fn rolled_out(ranking: &RankingPlan, at: Moment) -> f64 {
    let (from, to) = ranking.rollout;
    ((at.days() - from.days()) / (to.days() - from.days())).clamp(0.0, 1.0)
}
