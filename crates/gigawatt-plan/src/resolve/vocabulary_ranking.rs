//! The results of ranking.

use super::vocabulary::Builder;
use crate::plan::{
    Behaviour, BuildoutIds, FinanceIds, Grid, RankingIds, RankingPlan, RankingReturnIds, ResultId,
};
use crate::quantity::Dimension as D;

pub(super) fn ranking(
    b: &mut Builder,
    plan: &RankingPlan,
    buildout: &BuildoutIds,
    finance: Option<&FinanceIds>,
) -> RankingIds {
    b.grid = Grid::Moments;
    let title = |words: &str| format!("{}: {words}", plan.title);
    let mut level = |path: &str, words: &str, dimension, law: &str| {
        b.add(&format!("ranking.{path}"), &title(words), dimension, Behaviour::Stock, law)
    };
    let requests = level("requests", "requests in a day", D::Count, "people of a day × requests of one");
    let accelerators = level("accelerators", "accelerators", D::Count, "serving + training");
    let gpus = level("gpus", "GPUs", D::Count, "accelerators that are GPUs");
    let serving = level("serving", "accelerators that serve", D::Count, "Σ over stages");
    let training = level("training", "accelerators that train", D::Count, "Σ over trainings");
    let larger = level(
        "larger",
        "accelerators that larger models need beyond today's",
        D::Count,
        "part that has them × (accelerators with larger models - accelerators with today's)",
    );
    let power = level(
        "power",
        "IT power (nameplate)",
        D::Power,
        "Σ accelerators × system power / accelerators per system × network overhead",
    );
    let stages = plan.stages.iter().map(|stage| {
        level(
            &format!("stage.{}.accelerators", stage.name),
            &format!("{}, accelerators", stage.title),
            D::Count,
            "requests at the peak × candidates / (candidates per second of an accelerator × load) × model error",
        )
    });
    let stages = stages.collect();
    let trainings = plan.trainings.iter().map(|part| {
        level(
            &format!("training.{}.accelerators", part.name),
            &format!("{}, accelerators", part.title),
            D::Count,
            "jobs × max(those that hold tables and state, samples / turnaround / samples per second of an accelerator) × model error",
        )
    });
    let trainings = trainings.collect();
    let immersive = plan.immersive.as_ref().map(|_| {
        (
            level("immersive.accelerators", "accelerators for immersive worlds", D::Count, "as said"),
            level(
                "immersive.power",
                "IT power of immersive worlds (nameplate)",
                D::Power,
                "accelerators × system power / accelerators per system × network overhead",
            ),
        )
    });
    for (path, words, over, under, law) in [
        ("gpu_share", "part of the GPUs online", gpus, buildout.online, "GPUs of ranking / GPUs online"),
        (
            "power_share",
            "part of the IT power online",
            power,
            buildout.power_online,
            "IT power of ranking / IT power online",
        ),
    ] {
        b.add(&format!("ranking.{path}"), &title(words), D::Ratio, Behaviour::Ratio { over, under }, law);
    }
    let returns = match (&plan.returns, finance) {
        (Some(_), Some(_)) => Some(returns(b, plan)),
        _ => None,
    };
    RankingIds {
        requests,
        accelerators,
        gpus,
        serving,
        training,
        larger,
        power,
        stages,
        trainings,
        immersive,
        returns,
    }
}

fn returns(b: &mut Builder, plan: &RankingPlan) -> RankingReturnIds {
    let title = |words: &str| format!("{}: {words}", plan.title);
    b.grid = Grid::Quarters;
    let mut flow = |path: &str, words: &str, dimension, law: &str| -> ResultId {
        b.add(&format!("ranking.{path}"), &title(words), dimension, Behaviour::Flow, law)
    };
    let thousands = flow(
        "thousand_impressions",
        "ads shown, in thousands",
        D::Count,
        "∫ people of a day × ads that one sees in a day dt / 1000",
    );
    let ads_revenue = flow("ads_revenue", "revenue of ads", D::Money, "revenue × ads' share");
    let cost = flow(
        "cost",
        "cost of its accelerators",
        D::Money,
        "depreciation of hardware and halls + electricity + upkeep, all accelerators taken as owned and written off evenly",
    );
    let revenue_uplift = flow(
        "revenue_uplift",
        "revenue that larger models bring",
        D::Money,
        "ads revenue × g / (1 + g), g = uplift × part that has them; part of the revenue, not on top of it",
    );
    let spend = flow(
        "spend",
        "spent on accelerators and halls for larger models",
        D::Money,
        "growth of those accelerators × (price + IT power × construction cost)",
    );
    let running_cost = flow(
        "running_cost",
        "electricity and upkeep for larger models",
        D::Money,
        "∫ IT power × utilisation × PUE × price dt + upkeep of the hardware",
    );
    let depreciation = flow(
        "depreciation",
        "depreciation for larger models",
        D::Money,
        "hardware / server life + halls / building life",
    );
    let cash = flow(
        "cash",
        "cash of larger models",
        D::Money,
        "revenue that they bring × incremental margin - spent - electricity and upkeep",
    );
    let income = flow(
        "income",
        "income of larger models before tax",
        D::Money,
        "revenue that they bring × incremental margin - depreciation - electricity and upkeep",
    );
    let cumulative_cash = b.add(
        "ranking.cumulative_cash",
        &title("cash of larger models since the start"),
        D::Money,
        Behaviour::Stock,
        "Σ cash of larger models",
    );
    for (path, words, over, law) in [
        ("price_per_thousand", "price of a thousand ads", ads_revenue, "ads revenue / thousands of ads"),
        (
            "cost_per_thousand",
            "cost of ranking a thousand ads",
            cost,
            "cost of its accelerators / thousands of ads",
        ),
    ] {
        let ratio = Behaviour::Ratio { over, under: thousands };
        b.add(&format!("ranking.{path}"), &title(words), D::Money, ratio, law);
    }
    b.grid = Grid::Plan;
    let mut whole = |path: &str, words: &str, dimension, law: &str| {
        b.add(&format!("ranking.{path}"), &title(words), dimension, Behaviour::Whole, law)
    };
    let published_uplift = whole(
        "published_uplift",
        "growth of ads revenue by the published uplifts",
        D::Ratio,
        "(1 + c Σ conversions) (1 + t Σ time) (1 + Σ price) - 1, each effect × coverage, c and t what of it becomes revenue",
    );
    let uplift = whole(
        "uplift",
        "growth of ads revenue by larger models",
        D::Ratio,
        "(1 + published uplift)^(ln scale / ln round scale) - 1",
    );
    let payback = whole(
        "payback",
        "payback of larger models",
        D::Duration,
        "spent by the day on which all serve / (revenue × incremental margin - electricity and upkeep) of the year after it; 100 years stand for never",
    );
    RankingReturnIds {
        thousands,
        ads_revenue,
        cost,
        revenue_uplift,
        spend,
        running_cost,
        depreciation,
        cash,
        cumulative_cash,
        income,
        published_uplift,
        uplift,
        payback,
    }
}
