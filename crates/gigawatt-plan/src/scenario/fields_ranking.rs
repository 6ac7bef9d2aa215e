//! What a scenario may say about ranking and recommendation.

use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// `stages` of `[ranking]`.
pub const STAGE: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::required("model", K::Text, "the recommendation model in the catalogue"),
    Field::required("system", K::Text, "the system in the catalogue that serves it"),
    Field::required("candidates", amount(D::Count), "candidates that it scores for a request"),
];

/// `training` of `[ranking]`.
pub const JOBS: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::required("model", K::Text, "the recommendation model in the catalogue"),
    Field::required("system", K::Text, "the system in the catalogue that trains it"),
    Field::required("jobs", amount(D::Count), "trainings under way at once, experiments counted"),
    Field::required("samples", amount(D::Count), "samples of one training: \"400 G\""),
    Field::required("turnaround", amount(D::Duration), "in how long one training has to be done"),
];

/// `[ranking]`. What is not said from `people` to `round_scale` is a fact of `audience`.
pub const RANKING: &[Field] = &[
    Field::optional("title", K::Text, "name for people"),
    Field::required("site", K::Text, "the site where it runs: its power, PUE and electricity"),
    Field::optional("company", K::Text, "the company whose ads it ranks; the first unless said"),
    Field::optional(
        "audience",
        K::Text,
        "the catalogue's entry that gives what is not said here; meta-family unless said",
    ),
    Field::required(
        "rollout",
        K::Period,
        "when larger models replace today's, at an even rate: { from = 2025-01-01, to = 2026-12-31 }",
    ),
    Field::required("scale", amount(D::Ratio), "arithmetic of the larger models over that of today's"),
    Field::optional("uplifts", K::Texts, "what better models were said to bring: entries of the catalogue"),
    Field::required("stages", K::Tables(STAGE), "what is served, each stage after the one before"),
    Field::optional("training", K::Tables(JOBS), "what is trained"),
    Field::optional("people", amount(D::Count), "people who use the service on a day"),
    Field::optional("people_growth", amount(D::Ratio), "their growth in a year"),
    Field::optional("requests", amount(D::Count), "ranked lists that one person causes in a day"),
    Field::optional("impressions", amount(D::Count), "ads that one person sees in a day"),
    Field::optional("peak", amount(D::Ratio), "rate of requests in the busiest hour over the mean"),
    Field::optional("load", amount(D::Ratio), "part of an accelerator's time in which it serves at the peak"),
    Field::optional("budget", amount(D::Duration), "from a candidate's arrival to its score"),
    Field::optional("ads_share", amount(D::Ratio), "part of the company's revenue that ads are"),
    Field::optional(
        "conversions_to_revenue",
        amount(D::Ratio),
        "growth of ads revenue for one part of growth of conversions",
    ),
    Field::optional(
        "time_to_revenue",
        amount(D::Ratio),
        "growth of ads revenue for one part of growth of time spent",
    ),
    Field::optional(
        "incremental_margin",
        amount(D::Ratio),
        "what is left of more ads revenue before the accelerators that bring it",
    ),
    Field::optional(
        "round_scale",
        amount(D::Ratio),
        "how much more arithmetic the published uplifts took, so that a multiple of it has a worth",
    ),
    Field::optional(
        "model_error",
        amount(D::Ratio),
        "factor on accelerators: what the law may be wrong by; as fitted unless said",
    ),
    Field::optional("immersive", amount(D::Count), "accelerators for immersive worlds; none unless said"),
    Field::optional("immersive_system", K::Text, "their system in the catalogue"),
];
