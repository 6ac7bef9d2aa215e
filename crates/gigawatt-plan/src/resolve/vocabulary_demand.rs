//! The results of demand.

use super::vocabulary::Builder;
use crate::plan::{AgentIds, Behaviour, DemandIds, DemandKind, DemandPlan, Grid, ResultId};
use crate::quantity::Dimension as D;

pub(super) fn demands(b: &mut Builder, demands: &[DemandPlan]) -> Vec<DemandIds> {
    demands.iter().map(|demand| ids_of(b, demand)).collect()
}

fn ids_of(b: &mut Builder, demand: &DemandPlan) -> DemandIds {
    use Behaviour::{Flow, Stock, Whole};
    let mut add = |what: &str, words: &str, dimension, behaviour, law: &str| -> ResultId {
        b.grid = if behaviour == Whole { Grid::Plan } else { Grid::Moments };
        let path = format!("demand.{}.{what}", demand.name);
        b.add(&path, &format!("{}: {words}", demand.title), dimension, behaviour, law)
    };
    let busiest = "in the busiest hour of the week over all regions, before what stirs around it";
    let ids = DemandIds {
        users: add("users", "users of a month", D::Count, Stock, "straight between the days that are named"),
        daily_users: add("daily_users", "users of a day", D::Count, Stock, "users of a month × daily share"),
        requests: add(
            "requests",
            "requests",
            D::Count,
            Flow,
            "∫ users × intensity × daily share × sessions × requests of a session dt",
        ),
        rate: add(
            "rate",
            "requests per second, mean of the week",
            D::Count,
            Stock,
            "users × intensity × daily share × sessions × requests of a session / 86,400 s",
        ),
        peak_rate: add(
            "peak_rate",
            "requests per second in the busiest hour",
            D::Count,
            Stock,
            &format!("mean of the week × peak to mean: {busiest}"),
        ),
        new_tokens: add(
            "new_tokens",
            "tokens of prompts that are worked in",
            D::Count,
            Flow,
            "∫ requests × (prompt + (1 - reuse) × what stood in a turn before) dt",
        ),
        cached_tokens: add(
            "cached_tokens",
            "tokens of prompts found in a cache",
            D::Count,
            Flow,
            "∫ requests × reuse × what stood in a turn before dt",
        ),
        output_tokens: add(
            "output_tokens",
            "tokens of answers",
            D::Count,
            Flow,
            "∫ requests × tokens of an answer dt",
        ),
        peak_new_rate: add(
            "peak_new_rate",
            "tokens of prompts worked in per second in the busiest hour",
            D::TokenRate,
            Stock,
            busiest,
        ),
        peak_output_rate: add(
            "peak_output_rate",
            "tokens of answers per second in the busiest hour",
            D::TokenRate,
            Stock,
            busiest,
        ),
        requests_per_user: add(
            "requests_per_user",
            "requests of a user of the month in a day",
            D::Count,
            Whole,
            "daily share × sessions × requests of a session, where the intensity is 1",
        ),
        context: add(
            "context",
            "tokens of a request's input",
            D::Count,
            Whole,
            "instructions + earlier turns × (prompt + answer) + prompt, with (turns × (1 + variation) - 1) / 2 earlier turns",
        ),
        input_share: add(
            "input_share",
            "part of the tokens that are input",
            D::Ratio,
            Whole,
            "input / (input + output)",
        ),
        cached_share: add(
            "cached_share",
            "part of the input found in a cache",
            D::Ratio,
            Whole,
            "cached / input",
        ),
        peak_to_mean: add(
            "peak_to_mean",
            "busiest hour of the week over its mean",
            D::Ratio,
            Whole,
            "max over hours of Σ regions share × shape of the week in local time",
        ),
        burst: add(
            "burst",
            "rate below which an hour stays 99 times of 100, over what is expected",
            D::Ratio,
            Whole,
            "exp(z s - s²/2), s² = ln(1 + variation of a client / clients)",
        ),
        pooling: add(
            "pooling",
            "capacity that follows the sun, over that of regions by themselves",
            D::Ratio,
            Whole,
            "least Σ capacity with which every hour is served within reach / Σ over regions of their busiest hour",
        ),
        regions: demand
            .regions
            .iter()
            .map(|region| {
                add(
                    &format!("region.{}.peak_rate", region.name),
                    &format!("{}, requests per second in its busiest hour", region.title),
                    D::Count,
                    Stock,
                    "mean of the week × share × busiest hour of its own week over the mean",
                )
            })
            .collect(),
        agents: None,
    };
    let agents = matches!(demand.kind, DemandKind::Agents(_)).then(|| AgentIds {
        tasks: add(
            "tasks",
            "tasks of agents",
            D::Count,
            Flow,
            "∫ engineers × intensity × daily share × tasks dt",
        ),
        merged: add("merged", "changes of agents that are merged", D::Count, Flow, "tasks × success"),
        code_share: add(
            "code_share",
            "part of the code that agents write",
            D::Ratio,
            Stock,
            "changes × size / (changes × size + changes of the engineers by hand)",
        ),
        engineers_equivalent: add(
            "engineers_equivalent",
            "engineers who would write as much",
            D::Count,
            Stock,
            "changes × size / changes of an engineer",
        ),
        tokens_per_change: add(
            "tokens_per_change",
            "tokens of a merged change",
            D::Count,
            Whole,
            "tokens of a task with the calls beside it / success",
        ),
        engineer_change_cost: add(
            "engineer_change_cost",
            "cost of an engineer's change",
            D::Money,
            Whole,
            "cost of an engineer in a year / (changes of a working day × working days)",
        ),
        review_cost: add(
            "review_cost",
            "cost of an engineer's time for a merged change of an agent",
            D::Money,
            Whole,
            "review × cost of an engineer / (working days × 8 h)",
        ),
    });
    DemandIds { agents, ..ids }
}
