//! Headlines: the results that stand first.

use super::time::period_query;
use crate::period::Period;
use crate::plan::{Plan, Query, ResultId};

/// Paths of the results that stand first, where a plan has them.
pub const HEADLINES: [&str; 14] = [
    "buildout.gpus.owned",
    "buildout.gpus.online",
    "buildout.h100_equivalents.owned",
    "buildout.power.online",
    "facility.power.online",
    "facility.energy",
    "facility.carbon",
    "facility.water",
    "finance.capex.cash",
    "finance.capex.ai_hardware_share",
    "finance.operating_cash_flow",
    "finance.free_cash_flow",
    "finance.depreciation",
    "finance.operating_margin",
];

/// The headlines that a plan has, read for its year: amounts over it, levels at its end.
pub fn headlines(plan: &Plan) -> Vec<(ResultId, Query)> {
    let found = HEADLINES.iter().filter_map(|path| plan.vocabulary.find(path));
    let year = Period::year(plan.year);
    found.filter_map(|result| Some((result, period_query(plan, result, year)?))).collect()
}
