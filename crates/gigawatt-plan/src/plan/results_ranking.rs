//! Where the engine puts the results of ranking.

use serde::{Deserialize, Serialize};

use super::ResultId;

/// Ids of the results of ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingIds {
    /// Requests in a day.
    pub requests: ResultId,
    /// Accelerators of serving and training.
    pub accelerators: ResultId,
    /// Those that are GPUs.
    pub gpus: ResultId,
    /// Accelerators that serve.
    pub serving: ResultId,
    /// Accelerators that train.
    pub training: ResultId,
    /// Those that the larger models need beyond today's.
    pub larger: ResultId,
    /// Nameplate IT power of all.
    pub power: ResultId,
    /// Of every stage.
    pub stages: Vec<ResultId>,
    /// Of every training.
    pub trainings: Vec<ResultId>,
    /// Accelerators and nameplate IT power of immersive worlds.
    pub immersive: Option<(ResultId, ResultId)>,
    /// What it costs and brings, where there is a company.
    pub returns: Option<RankingReturnIds>,
}

/// Ids of what ranking costs and brings.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingReturnIds {
    /// Thousands of ads shown.
    pub thousands: ResultId,
    /// Revenue of ads.
    pub ads_revenue: ResultId,
    /// Depreciation, electricity and upkeep of all its accelerators.
    pub cost: ResultId,
    /// Revenue that larger models bring.
    pub revenue_uplift: ResultId,
    /// What is spent on accelerators and halls for them.
    pub spend: ResultId,
    /// Electricity and upkeep for them.
    pub running_cost: ResultId,
    /// Depreciation of their hardware and halls.
    pub depreciation: ResultId,
    /// Margin of the uplift less what is spent and what runs.
    pub cash: ResultId,
    /// The same since the start.
    pub cumulative_cash: ResultId,
    /// Margin of the uplift less depreciation and what runs.
    pub income: ResultId,
    /// Growth of ads revenue that the published uplifts make.
    pub published_uplift: ResultId,
    /// Growth of ads revenue once all larger models serve.
    pub uplift: ResultId,
    /// What is spent over what a year brings.
    pub payback: ResultId,
}

impl RankingReturnIds {
    /// All of them.
    pub fn all(&self) -> [ResultId; 13] {
        [
            self.thousands,
            self.ads_revenue,
            self.cost,
            self.revenue_uplift,
            self.spend,
            self.running_cost,
            self.depreciation,
            self.cash,
            self.cumulative_cash,
            self.income,
            self.published_uplift,
            self.uplift,
            self.payback,
        ]
    }
}

impl RankingIds {
    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = ResultId> {
        let own = [
            self.requests,
            self.accelerators,
            self.gpus,
            self.serving,
            self.training,
            self.larger,
            self.power,
        ];
        let immersive = self.immersive.into_iter().flat_map(|(one, other)| [one, other]);
        let returns = self.returns.into_iter().flat_map(|ids| ids.all());
        let parts = self.stages.iter().chain(&self.trainings).copied();
        own.into_iter().chain(immersive).chain(returns).chain(parts)
    }
}
