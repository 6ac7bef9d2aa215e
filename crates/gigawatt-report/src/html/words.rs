//! Every word of the report, so that another language needs one file.

use gigawatt_engine::Verdict;

/// Language of the document.
pub const LANGUAGE: &str = "en";

pub const JUDGED: &str = "judged with what was known on";
pub const PERIOD: &str = "period";
pub const RUN: &str = "run";
pub const DRAWS: &str = "draws";
pub const SEED: &str = "seed";
pub const CONTENTS: &str = "contents";
pub const INTRODUCTION: &str = "Large figures are medians over the draws (p50); beneath them stands the range p10\u{a0}–\u{2060}\u{a0}p90 that holds eight draws in ten.";

pub const CLAIMS: &str = "Claims";
pub const FLEET: &str = "Fleet and power";
pub const MONEY: &str = "Money";
pub const COSTS: &str = "What it costs";
pub const SITES: &str = "Ground, to scale";
pub const OUTCOMES: &str = "Forecast and outcome";
pub const RESULTS: &str = "Results";
pub const INPUTS: &str = "Inputs";
pub const SOURCES: &str = "Sources";

// Headline tiles.
pub const AT_END_OF: &str = "at the end of";
pub const OVER: &str = "in";
pub const SAME_IN_EVERY_DRAW: &str = "the same in every draw";
pub const REFERENCE_CASE: &str = "reference case";
pub const GPUS_OWNED: &str = "GPUs owned";
pub const H100_OWNED: &str = "H100 equivalents owned";
pub const GPUS_ONLINE: &str = "GPUs online";
pub const POWER_ONLINE: &str = "IT power online";
pub const POWER_CHANGE: &str = "IT power brought online";
pub const FACILITY_POWER: &str = "facility power online";
pub const CAPEX: &str = "capital expenditure, cash";
pub const HARDWARE_SHARE: &str = "AI hardware's part of capital expenditure";
pub const FREE_CASH_FLOW: &str = "free cash flow";
pub const ENERGY: &str = "energy at the meter";
pub const NO_FULL_YEAR: &str =
    "The plan holds no full calendar year; these are levels of the reference case at its end.";

// Claims.
pub const CLAIMS_LEAD: &str = "A claim holds where at least the asked part of the draws keeps its bounds, fails where at most the rest does, and is undecided between.";
pub const SPREAD: &str = "p10\u{a0}–\u{2060}\u{a0}p90";
pub const MEDIAN: &str = "p50";
pub const ALLOWED: &str = "allowed";
pub const OUTCOME: &str = "outcome";
pub const INFORMATIVE: &str = "informative: gw check passes over it";
pub const NO_SOURCE: &str = "no source given";
pub const AT_LEAST: &str = "≥";
pub const AT_MOST: &str = "≤";
pub const JUDGED_BY: &str = "What would judge it:";
pub const RESTATES: &str =
    "Its value depends only on inputs that have the claim's own source, so the agreement says nothing new";
pub const NO_SHIFT: &str = "No shift makes it hold: the spread is wider than the bounds";
pub const NOTHING_TAKES: &str = "No single input was found that changes it.";

// Fleet.
pub const FLEET_LEAD: &str = "What is owned, by kind, over the power that can run it.";
pub const FLEET_CHART: &str = "GPUs owned by kind, and power";
pub const POWER: &str = "power";
pub const POWER_PROVISIONED: &str = "IT power provisioned";
pub const OTHER_KINDS: &str = "other kinds";
pub const QUANTILES_OVER_DRAWS: &str = "p10\u{a0}–\u{2060}\u{a0}p90 over the draws";

// Money.
pub const MONEY_LEAD: &str =
    "Cash that leaves for capital expenditure, beside the cash that the business brings in.";
pub const BY_QUARTER: &str = "Capital expenditure and operating cash flow by quarter";
pub const BY_YEAR: &str = "Capital expenditure and free cash flow by year";
pub const AI_HARDWARE: &str = "AI hardware";
pub const AI_HALLS: &str = "AI halls";
pub const OUTSIDE_AI: &str = "everything else";
pub const OPERATING_CASH_FLOW: &str = "operating cash flow";
pub const OUTCOME_CAPEX: &str = "outcome: capital expenditure";
pub const OUTCOME_CASH: &str = "outcome: operating cash flow";
pub const REPORTED: &str = "reported";
pub const FORECAST: &str = "forecast";
pub const MONEY_CAPTION: &str = "Medians of the parts need not add up to the median of the whole; the whisker is the whole's p10\u{a0}–\u{2060}\u{a0}p90.";
pub const PER_QUARTER: &str = "per quarter";
pub const PER_YEAR: &str = "per year";

// Costs.
pub const COSTS_CHART: &str = "Lines of cost";
pub const CAPEX_GROUP: &str = "capital expenditure, cash";
pub const DELIVERED_GROUP: &str = "AI hardware as delivered, by system (reference case)";
pub const RUNNING_GROUP: &str = "running costs";
pub const DEPRECIATION: &str = "depreciation and amortisation, all";
pub const DEPRECIATION_AI: &str = "of it AI hardware and halls";
pub const ELECTRICITY: &str = "electricity of the AI fleet";
pub const STAFF: &str = "named staff";

// Sites.
pub const SITES_CHART: &str = "Ground of the sites over Manhattan, to scale";
pub const SCHEMATIC: &str = "Manhattan, schematic: right length, greatest width and area";
pub const SCHEMATIC_INEXACT: &str = "Manhattan, schematic: right length and greatest width, not the area";
pub const SITES_CAPTION: &str = "The shape of a site is not known: it is drawn as a square of the right area, its floor area as a square inside, and where it lies on the island means nothing.";
pub const SITE: &str = "site";
pub const GROUND: &str = "ground";
pub const PART_OF_MANHATTAN: &str = "part of Manhattan";
pub const FLOOR_AREA: &str = "floor area";
pub const MANHATTAN: &str = "Manhattan";
pub const SOUTH: &str = "south";
pub const NORTH: &str = "north";

// Outcomes.
pub const RESULT: &str = "result";
pub const WHEN: &str = "when";
pub const FORECAST_COLUMN: &str = "forecast p50 (p10\u{a0}–\u{2060}\u{a0}p90)";
pub const VERDICT: &str = "in p10\u{a0}–\u{2060}\u{a0}p90?";
pub const ERROR: &str = "p50 is off by";
pub const INSIDE: &str = "inside";
pub const ABOVE: &str = "outcome above";
pub const BELOW: &str = "outcome below";
pub const MISSED: &str = "Where the forecast of a year missed, the largest errors first";
pub const TOO_LOW: &str = "too low";
pub const TOO_HIGH: &str = "too high";
pub const NONE_MISSED: &str = "No forecast of a whole year missed.";
pub const QUARTERS: &str = "Quarters";
pub const YEARS: &str = "Years";

// Results, inputs, sources.
pub const RESULTS_LEAD: &str =
    "Medians with p10\u{a0}–\u{2060}\u{a0}p90 beneath; amounts are of the year, levels are of its end.";
pub const MAIN_RESULTS: &str = "Main results by year";
pub const FOLDED_RESULTS: &str = "The remaining results are folded on the screen and in summary.json.";
pub const FOLDED_INPUTS: &str = "Inputs are folded on the screen and in summary.json.";
pub const FOLDED_QUARTERS: &str = "Quarters are folded on the screen and in summary.json.";
pub const INPUTS_LEAD: &str = "Every number from outside, with who said it and since when it was public. What has no better basis is called an assumption.";
pub const PATH: &str = "path";
pub const VALUE: &str = "value";
pub const KIND: &str = "kind";
pub const SOURCE: &str = "source";
pub const KNOWN_FROM: &str = "known from";
pub const NOTE: &str = "note";
pub const PLACE: &str = "place";
pub const MOST_LIKELY: &str = "mode";
pub const UNIFORM: &str = "as likely anywhere between";
pub const FOOTER: &str = "This page holds everything it shows: it loads nothing and runs nothing. Full precision is in summary.json.";

pub const BILLION: &str = "billion";
pub const MILLION: &str = "million";
/// A hundredth of a share, for differences of shares.
pub const POINTS: &str = "points";
pub const THOUSAND: &str = "thousand";

/// What the year of the tiles is called.
pub fn headline(year: i16) -> String {
    format!("{year} at a glance")
}

/// Heading of the costs.
pub fn costs_lead(year: i16) -> String {
    format!("{year}: bars are medians, whiskers p10\u{a0}–\u{2060}\u{a0}p90, all on one scale.")
}

/// The sum that the running costs are part of.
pub fn total_costs(total: &str, year: i16) -> String {
    format!(
        "Total costs and expenses of {year}: {total}. Depreciation, electricity, staff and segments overlap with one another and are not a sum."
    )
}

/// A probability beside the one asked for.
pub fn probability(found: &str, asked: &str) -> String {
    format!("probability {found}, asked {asked}")
}

/// A value over the draws in words.
pub fn forecast(median: &str, range: &str) -> String {
    format!("median {median} ({range})")
}

/// What the value would have to move by.
pub fn by_shift(shift: &str) -> String {
    format!("It would hold at a shift of {shift}")
}

/// Between remedies.
pub const OR_WITH: &str = "; or with ";

/// An input at a value that makes a claim hold.
pub fn by_input(value: &str) -> String {
    format!("at {value}")
}

/// An input whose whole range is not enough.
pub fn not_enough(value: &str, probability: &str) -> String {
    format!("Even at {value}, the best of its range, the probability is only {probability}")
}

/// What became known about a claim.
pub fn claim_outcome(value: &str, kept: bool, published: &str) -> String {
    match kept {
        true => format!("outcome {value}, within the bounds (known since {published})"),
        false => format!("outcome {value}, outside the bounds (known since {published})"),
    }
}

/// The caption of the fleet chart.
pub fn fleet_caption(others: &[(String, String)], until: &str) -> String {
    let mut caption = format!(
        "Areas and lines are the reference case by day to {until}; whiskers and the shaded band are p10\u{a0}–\u{2060}\u{a0}p90 over the draws at the ends of quarters, whiskers of years where there are many."
    );
    if !others.is_empty() {
        let list: Vec<String> =
            others.iter().map(|(title, count)| format!("{title} ({count} at the end)")).collect();
        caption.push_str(&format!(" Accelerators that are not GPUs are not drawn: {}.", list.join(", ")));
    }
    caption
}

/// How many outcomes the forecast held.
pub fn inside_share(inside: usize, all: usize, share: &str) -> String {
    format!(
        "{inside} of {all} outcomes ({share}) lie between p10 and p90; a well-judged forecast holds about eight in ten."
    )
}

/// A miss: what happened, and the forecast that does not hold it.
pub fn miss(title: &str, outcome: &str, range: &str) -> String {
    format!("{title} (was {outcome}, forecast {range})")
}

/// An error of a share.
pub fn points(error: &str) -> String {
    format!("{} points", error.trim_end_matches(" %"))
}

/// Number of entries in a folded table.
pub fn entries(count: usize) -> String {
    if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") }
}

/// A count of claims with a verdict.
pub fn tally(count: usize, verdict: Verdict) -> String {
    let words = match (verdict, count) {
        (Verdict::Holds, 2..) => "hold",
        (Verdict::Fails, 2..) => "fail",
        (Verdict::RestatesInput, 2..) => "restate an input",
        (verdict, _) => verdict.words(),
    };
    format!("{count} {words}")
}

/// The description of a forecast's chart.
pub fn interval_description(median: &str, range: &str) -> String {
    format!("p50 {median}, p10\u{a0}–\u{2060}\u{a0}p90 {range}")
}

/// A share of Manhattan beside an area.
pub fn share_of_manhattan(area: &str, share: &str) -> String {
    format!("{area}, {share} of Manhattan")
}

/// The measures of the schematic island.
pub fn measures(length: &str, width: &str, area: &str) -> String {
    format!("{length} long, at most {width} wide, {area}")
}
