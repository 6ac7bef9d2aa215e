//! What a scenario may say: every section with its fields, their meaning and their defaults.

use super::fields_cooling::COOLING;
use super::fields_demand::DEMAND;
use super::fields_fleet::{FLEET, WORKLOAD};
use super::fields_power::POWER;
use super::fields_ranking::RANKING;
use super::fields_serving::SERVICE;
use super::fields_training::TRAINING;
use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// Top level.
pub const SCENARIO: &[Field] = &[
    Field::required("name", K::Text, "name of the scenario, for people and for the folder of its results"),
    Field::optional("description", K::Text, "what it is about"),
    Field::optional("extends", K::Text, "another scenario, relative to this one, on which this one is laid"),
    Field::required(
        "as_of",
        K::Date,
        "the day whose knowledge is used; nothing that became known later enters",
    ),
    Field::required(
        "period",
        K::Period,
        "the years that are planned: { from = 2024-01-01, to = 2030-12-31 }",
    ),
    Field::optional("year", K::Integer, "the year that headlines are about; that of as_of unless said"),
    Field::optional("uncertainty", K::Tables(UNCERTAINTY), "number of draws and seed"),
    Field::optional(
        "company",
        K::Tables(COMPANY),
        "the accounts of the company that builds, or of several as [[company]], each with a name",
    ),
    Field::optional("staff", K::Tables(STAFF), "people whose cost is shown"),
    Field::optional("funding", K::Tables(FUNDING), "contracts that pay for parts of the plan"),
    Field::optional("investor", K::Tables(INVESTOR), "who has announced or committed money"),
    Field::optional("segment", K::Tables(SEGMENT), "business segments whose loss is shown"),
    Field::optional("site", K::Tables(SITE), "where systems stand"),
    Field::optional("opening", K::Tables(OPENING), "what is owned and online at the start"),
    Field::optional("target", K::Tables(TARGET), "a stock of GPUs that purchases are to reach"),
    Field::optional("purchase", K::Tables(PURCHASE), "what is bought"),
    Field::optional("training", K::Tables(TRAINING), "training runs: from tokens to steps, days and dollars"),
    Field::optional(
        "service",
        K::Tables(SERVICE),
        "models that are served: latency, throughput, the cheapest deployment",
    ),
    Field::optional(
        "fleet",
        K::Tables(FLEET),
        "how the fleet breaks, is mended and shared out, for a simulation of it",
    ),
    Field::optional("workload", K::Tables(WORKLOAD), "what runs on the fleet beside training runs"),
    Field::optional(
        "demand",
        K::Tables(DEMAND),
        "who asks how much of a service: people of an assistant, or agents",
    ),
    Field::optional("ranking", K::Tables(RANKING), "ranking and ads: what they take and what they bring"),
    Field::optional("power", K::Tables(POWER), "how electricity comes to a site, and what its grid allows"),
    Field::optional("correlation", K::Tables(CORRELATION), "inputs with a common cause"),
    Field::optional("claim", K::Tables(CLAIM), "statements to be judged"),
    Field::optional("source", K::Any, "documents that the scenario cites beside the catalogue's"),
    Field::optional(
        "override",
        K::Any,
        "facts of the catalogue to replace: override.system.gb200-nvl72.power",
    ),
];

/// `[uncertainty]`.
pub const UNCERTAINTY: &[Field] = &[
    Field::optional(
        "samples",
        K::Integer,
        "draws of the Monte Carlo simulation, 10,000 unless said, at most 100,000",
    ),
    Field::optional("seed", K::Integer, "seed of its random streams, 1 unless said"),
];

/// A value over a stretch of time.
pub const DATED: &[Field] = &[
    Field::required("in", K::Period, "the quarter, the year or the years: 2025, \"2024Q4\", \"2026..2027\""),
    Field::required("value", K::Any, "the value, a number or a distribution"),
];

/// A value at a moment.
pub const POINT_POWER: &[Field] = &[
    Field::required("on", K::Date, "the day at whose end it holds; values run straight between days"),
    Field::required("power", amount(D::Power), "IT power that is energised"),
];

/// Rack positions at a moment.
pub const POINT_COUNT: &[Field] = &[
    Field::required("on", K::Date, "the day at whose end it holds; values run straight between days"),
    Field::required("count", amount(D::Count), "rack positions"),
];

const YEARS: K = K::Tables(DATED);

/// `[company]`.
pub const COMPANY: &[Field] = &[
    Field::optional("name", K::Text, "name in paths; needed where there are several"),
    Field::optional("title", K::Text, "name for people; the catalogue's unless said"),
    Field::optional(
        "history",
        K::Text,
        "the company in the catalogue whose reported quarters are used; without it the accounts hold only what the scenario says",
    ),
    Field::required("until", K::Integer, "last year of the accounts, the same for every company"),
    Field::optional(
        "revenue",
        YEARS,
        "revenue of a quarter or year not yet reported: [{ in = \"2024Q4\", value = ... }]",
    ),
    Field::optional(
        "revenue_growth",
        YEARS,
        "growth over the same quarter a year earlier: [{ in = 2025, value = ... }]",
    ),
    Field::optional(
        "operating_cash_flow_share",
        YEARS,
        "operating cash flow over revenue, where not reported",
    ),
    Field::optional(
        "capital_expenditure",
        YEARS,
        "capital expenditure of a whole year, where it is known before it is spent",
    ),
    Field::optional(
        "capital_expenditure_growth",
        YEARS,
        "growth over the year before; without it the plan's purchases are added up",
    ),
    Field::optional(
        "outside_ai",
        YEARS,
        "capital expenditure outside AI in a year that is added up from the plan",
    ),
    Field::optional("total_costs", YEARS, "total costs and expenses of a quarter or year not yet reported"),
    Field::optional(
        "other_cost_growth",
        YEARS,
        "growth of the costs that depreciation, fleet, staff and segments do not explain",
    ),
    Field::optional(
        "server_life",
        amount(D::Duration),
        "life of servers and network; the company's own unless said",
    ),
    Field::optional("building_life", amount(D::Duration), "life of buildings; the practice's unless said"),
    Field::optional(
        "short_lived_share",
        amount(D::Ratio),
        "part of the capital expenditure outside AI that lives as long as servers; the practice's unless said",
    ),
    Field::optional(
        "server_life_reported",
        amount(D::Duration),
        "life of servers behind the depreciation last reported; where it differs, existing assets are written off over the new one",
    ),
    Field::optional(
        "ai_hardware_share",
        amount(D::Ratio),
        "part that lives as long as servers of later AI spending which no purchase names; the practice's unless said",
    ),
    Field::optional(
        "existing_server_share",
        amount(D::Ratio),
        "part of the depreciation of existing assets that is of servers; the practice's unless said",
    ),
    Field::optional(
        "shareholder_returns",
        YEARS,
        "dividends and buybacks of a year: [{ in = 2025, value = ... }]; none unless said",
    ),
    Field::optional("cost_of_equity", amount(D::Ratio), "return a year that shareholders ask for"),
    Field::optional("cost_of_debt", amount(D::Ratio), "interest a year on new debt, before tax"),
    Field::optional("debt_share", amount(D::Ratio), "debt over debt and the market value of equity"),
    Field::optional("tax_rate", amount(D::Ratio), "tax over income before tax"),
    Field::optional("rental_price", amount(D::HourlyPrice), "market rent of one H100, such as \"2.5 $/h\""),
    Field::optional("rental_decline", amount(D::Ratio), "how much of that rent goes in a year"),
    Field::optional(
        "value_decline",
        amount(D::Ratio),
        "how much of an accelerator's market value goes in a year",
    ),
    Field::optional(
        "allocation",
        amount(D::Ratio),
        "part of the time online in which accelerators work for somebody",
    ),
    Field::optional("maintenance", amount(D::Ratio), "upkeep in a year over the price of the hardware"),
    Field::optional(
        "model_flops_utilisation",
        amount(D::Ratio),
        "model FLOP over the dense BF16 peak while a job runs",
    ),
    Field::optional(
        "overhead_share",
        amount(D::Ratio),
        "part of the computing that goes into failed and exploratory runs",
    ),
    Field::optional(
        "existing_asset_runoff",
        amount(D::Duration),
        "time over which the depreciation of the assets at the start of the forecast falls to zero",
    ),
    Field::optional(
        "practice",
        K::Text,
        "the practice in the catalogue that gives defaults; hyperscale-ai unless said",
    ),
];

/// `[[staff]]`.
pub const STAFF: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional("company", K::Text, "the company that pays; the first unless said"),
    Field::required("people", amount(D::Count), "people at the start of the period"),
    Field::optional("growth", YEARS, "growth within a year; none unless said"),
    Field::required("cost", amount(D::MoneyPerTime), "loaded cost of one person, such as \"0.6 M$/year\""),
];

/// `[[segment]]`.
pub const SEGMENT: &[Field] = &[
    Field::required("name", K::Text, "name in paths; reality-labs takes the company's reported quarters"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional("company", K::Text, "the company it is part of; the first unless said"),
    Field::optional("loss", YEARS, "operating loss, positive, of a quarter or year not yet reported"),
    Field::optional("loss_growth", YEARS, "growth over the same quarter a year earlier"),
];

/// `[[funding]]`.
pub const FUNDING: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional("company", K::Text, "the company that is funded; the first unless said"),
    Field::required(
        "kind",
        K::Choice(&["equity", "debt", "finance lease", "operating lease", "joint venture"]),
        "what the contract is",
    ),
    Field::required(
        "covers",
        K::Texts,
        "sites, whose halls it pays for, and purchases: [\"site.campus\", \"purchase.gb200\"]",
    ),
    Field::optional(
        "since",
        K::Date,
        "first day of the spending that it covers; the plan's start unless said",
    ),
    Field::optional(
        "share",
        amount(D::Ratio),
        "part of the covered spending that it finances; all of it unless said",
    ),
    Field::optional(
        "partner_share",
        amount(D::Ratio),
        "part of a joint venture's money that the partners bring",
    ),
    Field::optional("rate", amount(D::Ratio), "interest a year; the company's cost of debt unless said"),
    Field::optional(
        "term",
        amount(D::Duration),
        "over how long each part is paid back; needed unless it is equity",
    ),
    Field::optional(
        "starts",
        K::Date,
        "when paying starts; each part is paid from the quarter after it was spent unless said",
    ),
];

/// Money at a moment.
pub const POINT_MONEY: &[Field] = &[
    Field::required("on", K::Date, "the day from which it holds, until the next"),
    Field::required("amount", amount(D::Money), "the total by then"),
];

/// `[[investor]]`.
pub const INVESTOR: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional("company", K::Text, "the company that is to get the money; the first unless said"),
    Field::optional(
        "announced",
        K::Tables(POINT_MONEY),
        "what was announced: [{ on = 2025-01-21, amount = \"19 B$\" }]",
    ),
    Field::optional("committed", K::Tables(POINT_MONEY), "what is committed or at hand, likewise"),
];

/// `[[site]]`.
pub const SITE: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::optional(
        "company",
        K::Text,
        "the company that pays for halls and electricity; the first unless said",
    ),
    Field::optional("campus", K::Text, "the catalogue's entry with land and floor area"),
    Field::required(
        "online",
        K::Tables(POINT_POWER),
        "IT power energised over time: [{ on = 2025-12-31, power = \"1.85 GW\" }]",
    ),
    Field::optional(
        "racks",
        K::Tables(POINT_COUNT),
        "rack positions over time; space does not bind unless said",
    ),
    Field::optional("land", amount(D::Area), "area of the ground"),
    Field::optional("floor_area", amount(D::Area), "floor area of the buildings"),
    Field::optional(
        "practice",
        K::Text,
        "the practice in the catalogue that gives defaults; hyperscale-ai unless said",
    ),
    Field::optional("pue", K::UncertainOrSeries(D::Ratio), "facility power over IT power"),
    Field::optional("utilisation", amount(D::Ratio), "average power drawn over nameplate power"),
    Field::optional(
        "network_overhead",
        amount(D::Ratio),
        "IT power with network and storage over that of the servers alone",
    ),
    Field::optional(
        "electricity",
        K::Text,
        "the catalogue's price of electricity; us-industrial unless said",
    ),
    Field::optional(
        "electricity_price",
        K::UncertainOrSeries(D::MoneyPerEnergy),
        "price of electricity, or a series of it: { csv = \"price.csv\", unit = \"$/MWh\" }",
    ),
    Field::optional(
        "grid",
        K::Text,
        "the catalogue's grid that gives the carbon intensity; us-average unless said",
    ),
    Field::optional(
        "carbon_intensity",
        K::UncertainOrSeries(D::CarbonPerEnergy),
        "emissions per electricity taken from the grid, location-based",
    ),
    Field::optional(
        "utc_offset",
        K::Text,
        "the site's standard time ahead of UTC, such as \"-06:00\"; that of the first time stamp unless said",
    ),
    Field::optional(
        "weather",
        K::Text,
        "a file with the weather of a year, relative to the scenario: an EPW file, or month,high,low,dew_point as CSV",
    ),
    Field::optional(
        "elevation",
        amount(D::Length),
        "height above the sea, for weather from monthly normals; 0 unless said",
    ),
    Field::optional("cooling", K::Tables(COOLING), "the plant that takes the heat away, hour by hour"),
    Field::optional("construction", K::Text, "the catalogue's cost of building; us-data-centre unless said"),
    Field::optional("construction_cost", amount(D::MoneyPerPower), "shell, power and cooling per IT power"),
    Field::optional(
        "construction_time",
        amount(D::Duration),
        "how long before energisation that money is spent",
    ),
    Field::optional(
        "construction_schedule",
        K::Choice(&["s-curve", "even"]),
        "how it is spread over that time; s-curve unless said",
    ),
];

/// A series in a CSV file, in the place of a value.
pub const SERIES: &[Field] = &[
    Field::required("csv", K::Text, "the file, relative to the scenario that names it"),
    Field::optional("time", K::Text, "the column with time stamps; the first unless said"),
    Field::optional("column", K::Text, "the column with values; the only other one unless said"),
    Field::optional("unit", K::Text, "the unit of the values; needed unless they are bare numbers"),
    Field::optional(
        "scale",
        amount(D::Ratio),
        "a factor on the values, 1 unless said: where uncertainty stands",
    ),
    Field::optional("source", K::Text, "id of the document in the bibliography"),
    Field::optional("kind", K::Text, "how the values came to be known; an assumption unless said"),
    Field::optional("known_from", K::Date, "the day from which they were public"),
    Field::optional("note", K::Text, "basis or caveat"),
];

/// `[[opening]]`.
pub const OPENING: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required("system", K::Text, "the system in the catalogue"),
    Field::required("site", K::Text, "the site where it stands"),
    Field::required("gpus", amount(D::Count), "accelerators owned at the start of the period"),
    Field::optional("retire", K::Period, "when they leave, at an even rate; never unless said"),
];

/// `[[target]]`.
pub const TARGET: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required("gpus", amount(D::Count), "GPUs to be owned"),
    Field::required("on", K::Date, "the day at whose end they are owned"),
];

/// `[[purchase]]`.
pub const PURCHASE: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required("system", K::Text, "the system in the catalogue"),
    Field::required("site", K::Text, "the site where it will stand"),
    Field::optional("company", K::Text, "the company that pays; the site's unless said"),
    Field::optional("gpus", amount(D::Count), "accelerators bought; or `target` and `share`"),
    Field::optional("target", K::Text, "the target that the purchase helps to reach"),
    Field::optional("share", amount(D::Ratio), "its part of what the target lacks; parts are normalised"),
    Field::required("deliver", K::Period, "when ownership passes, at an even rate: { from, to }"),
    Field::optional("price", amount(D::Money), "price per accelerator with its share of server and network"),
    Field::optional("lead_time", amount(D::Duration), "from order to delivery"),
    Field::optional(
        "payment_terms",
        amount(D::Duration),
        "from delivery to payment of what the deposit leaves",
    ),
    Field::optional("deposit", amount(D::Ratio), "part of the price paid at the order; none unless said"),
    Field::optional(
        "life",
        amount(D::Duration),
        "life over which it is written off; the company's for servers unless said",
    ),
    Field::optional("retire", K::Period, "when they leave, at an even rate; never unless said"),
];

/// `[[correlation]]`.
pub const CORRELATION: &[Field] = &[
    Field::required("name", K::Text, "the common cause"),
    Field::required("inputs", K::Texts, "paths of inputs; `*` stands for any one segment"),
    Field::optional("coefficient", K::Any, "correlation of every two of them, 0 to 1"),
    Field::optional("matrix", K::Any, "correlation of each two of them: a row of numbers for each input"),
];

/// `[[claim]]`.
pub const CLAIM: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required("says", K::Text, "the statement in words"),
    Field::optional("value", K::Text, "path of the result that decides it"),
    Field::optional(
        "at",
        K::Moment,
        "the day at whose end a level is read; a year or quarter stands for its last",
    ),
    Field::optional("over", K::Tables(OVER), "the stretch: { sum | mean | max | min | change = 2025 }"),
    Field::optional("at_least", K::Any, "least value allowed"),
    Field::optional("at_most", K::Any, "greatest value allowed"),
    Field::optional("confidence", K::Any, "probability asked for, 0.8 unless said"),
    Field::optional("source", K::Text, "who said it"),
    Field::optional("informative", K::Boolean, "whether `gw check` passes over it, false unless said"),
    Field::optional("judged_by", K::Text, "for a claim that nothing here computes: what would judge it"),
];

/// `over` of a claim.
pub const OVER: &[Field] = &[
    Field::optional("sum", K::Period, "the amount over the stretch"),
    Field::optional("mean", K::Period, "the mean, or a ratio over the stretch"),
    Field::optional("max", K::Period, "the greatest, by year or quarter for amounts"),
    Field::optional("min", K::Period, "the least, by year or quarter for amounts"),
    Field::optional(
        "change",
        K::Period,
        "end less start of a level, stretch less the one before of an amount",
    ),
];
