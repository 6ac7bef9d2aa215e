//! Recommendation models of a plan: what they rank, on what they are trained and served, and what better ones bring.

use serde::{Deserialize, Serialize};

use super::{Input, Machine};
use crate::period::Moment;
use crate::quantity::{Bytes, Compute, Count, Duration, Money, Ratio};

/// Ranking and recommendation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingPlan {
    /// Name for people.
    pub title: String,
    /// Index of the site where its accelerators stand.
    pub site: usize,
    /// People who use the service on a day, at the scenario's date.
    pub people: Input<Count>,
    /// Their growth in a year.
    pub people_growth: Input<Ratio>,
    /// When there are so many of them.
    pub counted: Moment,
    /// Ranked lists that one of them causes in a day.
    pub requests: Input<Count>,
    /// Rate of requests in the busiest hour over the mean.
    pub peak: Input<Ratio>,
    /// Part of an accelerator's time in which it serves at the peak.
    pub load: Input<Ratio>,
    /// From a candidate's arrival to its score.
    pub budget: Input<Duration>,
    /// Factor on accelerators: what the law of recommendation models may be wrong by.
    pub model_error: Input<Ratio>,
    /// Arithmetic of the larger models over that of today's.
    pub scale: Input<Ratio>,
    /// When the first of them serve, and when all of them do; an even rate between.
    pub rollout: (Moment, Moment),
    /// What is served.
    pub stages: Vec<RankingStage>,
    /// What is trained.
    pub trainings: Vec<RankingTraining>,
    /// What it brings; none in a plan without a company.
    pub returns: Option<RankingReturns>,
    /// Accelerators for immersive worlds, and the index of their system.
    pub immersive: Option<(Input<Count>, usize)>,
}

/// A recommendation model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecommenderPlan {
    /// Id in the catalogue.
    pub id: String,
    /// Numbers of all tables.
    pub parameters: Input<Count>,
    /// Tables.
    pub tables: Input<Count>,
    /// Numbers of a row.
    pub width: Input<Count>,
    /// Rows of all tables that a sample looks up.
    pub lookups: Input<Count>,
    /// Arithmetic of a sample's forward pass.
    pub flop: Input<Compute>,
    /// Layers that do it.
    pub layers: Input<Count>,
    /// Positions of a sample that pass them.
    pub positions: Input<Count>,
    /// Part of a candidate's rows and arithmetic that is its request's.
    pub shared: Input<Ratio>,
    /// Bytes of a number of a table that serves.
    pub serving_value: Input<Bytes>,
    /// Bytes of a number of a table that is trained.
    pub training_value: Input<Bytes>,
    /// Samples of a training step on one accelerator.
    pub local_batch: Input<Count>,
}

/// Where a model runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingPlace {
    /// Index of the system.
    pub system: usize,
    /// What of the accelerator and its system decides how fast.
    pub machine: Machine,
    /// Price of an accelerator with its share of server and network.
    pub price: Input<Money>,
}

/// A stage of ranking, each after the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingStage {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Its model.
    pub model: RecommenderPlan,
    /// Where it runs.
    pub place: RankingPlace,
    /// Candidates that it scores for a request.
    pub candidates: Input<Count>,
}

/// Training of models that are alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingTraining {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// The model.
    pub model: RecommenderPlan,
    /// Where it runs.
    pub place: RankingPlace,
    /// Trainings under way at once: of production, and of what may come into it.
    pub jobs: Input<Count>,
    /// Samples of one.
    pub samples: Input<Count>,
    /// In how long it has to be done.
    pub turnaround: Input<Duration>,
}

/// What grew, as it was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpliftMetric {
    /// What advertisers pay for: conversions, or the quality of ads.
    Conversions,
    /// Time that people spend.
    Time,
    /// Price of an ad.
    Price,
}

impl UpliftMetric {
    /// All of them with the words of the catalogue.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Conversions, "conversions"), (Self::Time, "time"), (Self::Price, "price")];
}

/// What a better model was said to bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UpliftPlan {
    /// Id in the catalogue.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// What grew.
    pub metric: UpliftMetric,
    /// By how much where the model runs.
    pub effect: Input<Ratio>,
    /// Part of ads revenue where it does.
    pub coverage: Input<Ratio>,
}

/// What ads earn, and what better models add to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingReturns {
    /// Index of the company.
    pub company: usize,
    /// Ads that one person sees in a day.
    pub impressions: Input<Count>,
    /// Part of the company's revenue that ads are.
    pub ads_share: Input<Ratio>,
    /// Growth of revenue for one part of growth of conversions.
    pub conversions_to_revenue: Input<Ratio>,
    /// Growth of revenue for one part of growth of time.
    pub time_to_revenue: Input<Ratio>,
    /// What is left of more ads revenue before the accelerators that bring it.
    pub incremental_margin: Input<Ratio>,
    /// How much more arithmetic the published uplifts together took.
    pub round_scale: Input<Ratio>,
    /// What was published.
    pub uplifts: Vec<UpliftPlan>,
}
