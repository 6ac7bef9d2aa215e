//! Unit economics: what the uses of a fleet take, what one unit of each costs, what it does to the margin, and what breaks first as it
//! grows. Everything is the reference case in the plan's year.

use std::collections::BTreeMap;

use gigawatt_engine::Results;
use gigawatt_plan::period::Period;
use gigawatt_plan::plan::{AgentIds, AgentsPlan, DemandKind, DemandPlan, Input, Plan, ResultId};
use gigawatt_plan::quantity::Quantity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Summary;
use crate::served::ServedSummary;

/// What a use of the fleet takes in the plan's year, and what a unit of it costs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UseEconomics {
    /// Name for people.
    pub title: String,
    /// Accelerators that stand for it at the end of the year.
    pub accelerators: f64,
    /// Over all accelerators that are online then.
    pub accelerator_share: Option<f64>,
    /// Facility power of a served demand, nameplate IT power of ranking, W.
    pub power: f64,
    /// What it costs in the year, USD.
    pub cost: Option<f64>,
    /// What it brings less what it costs, over the company's revenue of the year. An assistant brings nothing that a scenario says;
    /// agents bring the time of engineers; larger models of ranking bring ads revenue at its incremental margin.
    pub margin: Option<f64>,
    /// Costs of its units.
    pub units: Vec<UnitCost>,
    /// By how much it may grow until something is used up, the nearest first. Each stands for itself, with all else as planned.
    pub limits: Vec<GrowthLimit>,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A million tokens of input and output.
    MillionTokens,
    /// A million tokens of output.
    MillionOutputTokens,
    /// A user for a month.
    UserMonth,
    /// A change of an agent that is merged, with the time of the engineer who reviews it.
    MergedChange,
    /// The computing alone of such a change.
    MergedChangeComputing,
    /// A thousand ads that are shown.
    ThousandAds,
}

/// What a unit costs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnitCost {
    /// The unit.
    pub unit: Unit,
    /// USD for one.
    pub cost: f64,
    /// What stands against it, USD: an engineer's time for as much code, the price of a thousand ads.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub against: Option<f64>,
    /// Units for an hour of an accelerator that runs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub per_accelerator_hour: Option<f64>,
}

/// What is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The replicas that stand answer no more.
    Replicas,
    /// No accelerator of its system is online that nothing else named takes.
    Accelerators,
    /// Sites cannot energise more accelerators, if more were bought.
    Power,
    /// Its cost takes all of the year's operating income.
    OperatingIncome,
}

/// How much a use may grow.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GrowthLimit {
    /// What is used up.
    pub limit: Limit,
    /// The use then, over what it is. Below 1 it is used up already.
    pub factor: f64,
}

/// The reference case as the uses read it.
struct Reference<'a> {
    plan: &'a Plan,
    results: &'a Results,
    summary: &'a Summary,
    /// The last day of the year in the daily series.
    last: usize,
    year: String,
}

/// Hours of a year.
const YEAR: f64 = 8766.0;

/// Every use of a plan that is computed: demands that were served, by name, and `ranking`.
pub fn economics(plan: &Plan, results: &Results, summary: &Summary) -> BTreeMap<String, UseEconomics> {
    let served = &summary.served;
    let end = Period::year(plan.year).end.min(plan.period.end);
    let last = results.daily.moments.binary_search(&end).unwrap_or_else(|at| at.saturating_sub(1));
    let reference = Reference { plan, results, summary, last, year: plan.year.to_string() };
    let systems = Systems::new(&reference, served);
    let mut uses = BTreeMap::new();
    for (at, demand) in plan.demand.iter().enumerate() {
        if let Some(one) = served.get(&demand.name) {
            uses.insert(demand.name.clone(), reference.of_demand((demand, at), one, &systems));
        }
    }
    uses.extend(reference.of_ranking(&systems).map(|one| ("ranking".to_owned(), one)));
    uses
}

/// Accelerators of every system at the end of the year: online, and taken by what the plan names.
struct Systems {
    online: Vec<f64>,
    taken: Vec<f64>,
}

impl Systems {
    fn new(of: &Reference<'_>, served: &BTreeMap<String, ServedSummary>) -> Self {
        let plan = of.plan;
        let online = plan.vocabulary.buildout.systems.iter().map(|(_, online)| of.at_end(*online)).collect();
        let mut taken = vec![0.0; plan.systems.len()];
        for (run, ids) in plan.training.iter().zip(&plan.vocabulary.training) {
            // A run that has begun and is not done holds its accelerators.
            let progress = of.at_end(ids.progress);
            if progress > 0.0 && progress < 1.0 {
                let most = run.phases.iter().map(|phase| phase.layout.accelerators).max().unwrap_or(0);
                #[expect(clippy::cast_precision_loss, reason = "accelerators of a run")]
                let most = most as f64;
                taken[run.system] += most;
            }
        }
        for (system, accelerators) in of.ranking_parts() {
            taken[system] += accelerators;
        }
        for demand in &plan.demand {
            if let (Some(service), Some(one)) = (of.service(demand), served.get(&demand.name)) {
                taken[plan.serving[service].system] += one.total.accelerators;
            }
        }
        Self { online, taken }
    }

    /// By how much a use may grow that takes so many of a system.
    fn growth(&self, system: usize, own: f64) -> f64 {
        (self.online[system] - self.taken[system] + own) / own
    }
}

impl Reference<'_> {
    fn at_end(&self, id: ResultId) -> f64 {
        self.results.daily.series.get(id).get(self.last).copied().unwrap_or(f64::NAN)
    }

    fn input<Q: Quantity>(&self, input: Input<Q>) -> f64 {
        self.plan.input(input.id()).distribution.reference()
    }

    /// A result of the year.
    fn of_year(&self, id: ResultId) -> Option<f64> {
        self.summary.value(&self.plan.vocabulary.get(id).path, &self.year)?.reference
    }

    fn service(&self, demand: &DemandPlan) -> Option<usize> {
        let name = demand.service.as_ref()?;
        self.plan.serving.iter().position(|service| service.name == *name)
    }

    /// System and accelerators of every stage and training of ranking.
    fn ranking_parts(&self) -> Vec<(usize, f64)> {
        let (Some(ranking), Some(ids)) = (&self.plan.ranking, &self.plan.vocabulary.ranking) else {
            return Vec::new();
        };
        let stages = ranking.stages.iter().map(|stage| stage.place.system).zip(&ids.stages);
        let trainings = ranking.trainings.iter().map(|part| part.place.system).zip(&ids.trainings);
        stages.chain(trainings).map(|(system, id)| (system, self.at_end(*id))).collect()
    }

    fn of_demand(
        &self,
        (demand, at): (&DemandPlan, usize),
        served: &ServedSummary,
        systems: &Systems,
    ) -> UseEconomics {
        let total = &served.total;
        let mut units: Vec<UnitCost> = [
            (Unit::MillionTokens, total.cost_per_million_tokens),
            (Unit::MillionOutputTokens, total.cost_per_million_output_tokens),
            (Unit::UserMonth, total.cost_per_user_month),
        ]
        .into_iter()
        .filter_map(|(unit, cost)| Some(UnitCost::plain(unit, cost?)))
        .collect();
        let mut saved = None;
        if let (DemandKind::Agents(agents), Some(ids)) =
            (&demand.kind, &self.plan.vocabulary.demand[at].agents)
        {
            let (costs, brought) = self.of_agents(agents, ids, served).unzip();
            units.extend(costs.into_iter().flatten());
            saved = brought;
        }
        let mut limits = Vec::new();
        let most = served.replica.iter().map(|point| point.answered).fold(0.0, f64::max);
        limits.push((Limit::Replicas, most / total.replica_rate));
        if let Some(service) = self.service(demand) {
            let system = self.plan.serving[service].system;
            let accelerators = systems.growth(system, total.accelerators);
            let own = total.accelerators * self.it_power(system);
            limits.push((Limit::Accelerators, accelerators));
            limits.push((Limit::Power, self.power_growth(own, accelerators)));
        }
        limits.extend(self.income_growth(total.cost));
        UseEconomics {
            title: served.title.clone(),
            accelerators: total.accelerators,
            accelerator_share: self.share(total.accelerators),
            power: total.facility_power,
            cost: total.cost,
            margin: total.cost.and_then(|cost| self.over_revenue(saved.unwrap_or(0.0) - cost)),
            units,
            limits: sorted(limits),
        }
    }

    /// Costs of merged changes, and what engineers' time they save is worth, less that of reviews.
    fn of_agents(
        &self,
        agents: &AgentsPlan,
        ids: &AgentIds,
        served: &ServedSummary,
    ) -> Option<(Vec<UnitCost>, f64)> {
        let (cost, merged) = (served.total.cost?, self.of_year(ids.merged)?);
        if merged <= 0.0 {
            return None;
        }
        let whole = |id: ResultId| self.results.daily.series.get(id).first().copied();
        let review = whole(ids.review_cost)?;
        let by_hand = whole(ids.engineer_change_cost)? * self.input(agents.change_size);
        let computing = cost / merged;
        let per_hour = merged / (served.total.mean_accelerators * YEAR);
        let costs = vec![
            UnitCost {
                per_accelerator_hour: per_hour.is_finite().then_some(per_hour),
                ..UnitCost::plain(Unit::MergedChangeComputing, computing)
            },
            UnitCost { against: Some(by_hand), ..UnitCost::plain(Unit::MergedChange, computing + review) },
        ];
        Some((costs, merged * (by_hand - review)))
    }

    fn of_ranking(&self, systems: &Systems) -> Option<UseEconomics> {
        let (ranking, ids) = (self.plan.ranking.as_ref()?, self.plan.vocabulary.ranking.as_ref()?);
        let (accelerators, power) = (self.at_end(ids.accelerators), self.at_end(ids.power));
        if !accelerators.is_finite() {
            return None;
        }
        let returns = ids.returns.as_ref();
        let cost = returns.and_then(|ids| self.of_year(ids.cost));
        let thousands = returns.and_then(|ids| self.of_year(ids.thousands)).filter(|count| *count > 0.0);
        let price = returns.and_then(|ids| self.of_year(ids.ads_revenue)).zip(thousands);
        let ads = cost.zip(thousands).map(|(cost, thousands)| UnitCost {
            against: price.map(|(revenue, thousands)| revenue / thousands),
            ..UnitCost::plain(Unit::ThousandAds, cost / thousands)
        });
        let mut own: BTreeMap<usize, f64> = BTreeMap::new();
        for (system, accelerators) in self.ranking_parts() {
            *own.entry(system).or_default() += accelerators;
        }
        let growth =
            own.iter().filter(|(_, own)| **own > 0.0).map(|(system, own)| systems.growth(*system, *own));
        let growth = growth.min_by(f64::total_cmp);
        let mut limits: Vec<(Limit, f64)> =
            growth.map(|factor| (Limit::Accelerators, factor)).into_iter().collect();
        limits.push((Limit::Power, self.power_growth(power, growth.unwrap_or(1.0))));
        limits.extend(self.income_growth(cost));
        Some(UseEconomics {
            title: ranking.title.clone(),
            accelerators,
            accelerator_share: self.share(accelerators),
            power,
            cost,
            margin: returns.and_then(|ids| self.over_revenue(self.of_year(ids.income)?)),
            units: ads.into_iter().collect(),
            limits: sorted(limits),
        })
    }

    fn share(&self, accelerators: f64) -> Option<f64> {
        let online = self.at_end(self.plan.vocabulary.buildout.accelerators_online);
        (online > 0.0).then(|| accelerators / online)
    }

    fn over_revenue(&self, money: f64) -> Option<f64> {
        let revenue = self.of_year(self.plan.vocabulary.finance.as_ref()?.revenue)?;
        (revenue > 0.0).then(|| money / revenue)
    }

    fn income_growth(&self, cost: Option<f64>) -> Option<(Limit, f64)> {
        let income = self.of_year(self.plan.vocabulary.finance.as_ref()?.operating_income)?;
        cost.filter(|cost| *cost > 0.0).map(|cost| (Limit::OperatingIncome, 1.0 + income / cost))
    }

    /// Nameplate IT power of an accelerator with its share of its system, without the network, W.
    fn it_power(&self, system: usize) -> f64 {
        let system = &self.plan.systems[system];
        self.input(system.power) / system.accelerators
    }

    /// By how much a use of so much nameplate IT power may grow until sites have no more. What of it has no accelerators is not
    /// among what is online.
    fn power_growth(&self, own: f64, accelerators: f64) -> f64 {
        let energised = self.at_end(self.plan.vocabulary.facility.provisioned);
        let online = self.at_end(self.plan.vocabulary.buildout.power_online);
        accelerators.clamp(0.0, 1.0) + (energised - online) / own
    }
}

impl UnitCost {
    fn plain(unit: Unit, cost: f64) -> Self {
        Self { unit, cost, against: None, per_accelerator_hour: None }
    }
}

/// Limits that there are, the nearest first.
fn sorted(limits: Vec<(Limit, f64)>) -> Vec<GrowthLimit> {
    let mut limits: Vec<GrowthLimit> = limits
        .into_iter()
        .filter(|(_, factor)| factor.is_finite())
        .map(|(limit, factor)| GrowthLimit { limit, factor })
        .collect();
    limits.sort_by(|one, other| one.factor.total_cmp(&other.factor));
    limits
}
