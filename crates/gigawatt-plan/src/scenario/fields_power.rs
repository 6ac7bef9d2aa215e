//! What a scenario may say about how electricity comes to a site.

use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// Words for kinds of stage; entries of the catalogue's kind `electrical`.
pub const STAGE_KINDS: &[&str] =
    &["feed", "transformer", "switchgear", "ups", "distribution", "busway", "shelf"];
/// Words for when generators run; those of `gigawatt_plan::plan::Running`.
pub const RUNNING: &[&str] = &["standby", "prime"];
/// Words for kinds of event; those of `gigawatt_plan::plan::PowerEventKind`.
pub const EVENT_KINDS: &[&str] = &["curtailment", "demand-response", "feed-loss"];

/// `stages` of `[[power]]`.
pub const STAGE: &[Field] = &[
    Field::required("name", K::Text, "name in paths, and for `fed_by`"),
    Field::required(
        "kind",
        K::Choice(STAGE_KINDS),
        "what it is; decides losses that are not said. The racks' power is taken in front of their supplies, behind them where a `shelf` has these",
    ),
    Field::optional("fed_by", K::Text, "the stage that feeds it; the grid feeds those of the kind feed"),
    Field::required("rating", amount(D::Power), "what one unit gives, such as \"2.5 MW\""),
    Field::optional("units", K::Integer, "units side by side, 1 unless said"),
    Field::optional("redundancy", K::Text, "what stands by: N, N+1, 2N or 4-to-make-3; N unless said"),
    Field::optional("efficiency", amount(D::Ratio), "output over input, beside the fixed loss"),
    Field::optional("fixed_loss", amount(D::Ratio), "loss of a unit whatever it carries, over its rating"),
];

/// `generation` of `[[power]]`.
pub const GENERATION: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required("power", amount(D::Power), "what it gives at most"),
    Field::optional(
        "running",
        K::Choice(RUNNING),
        "when it runs: when the grid fails (standby) or always (prime); standby unless said",
    ),
    Field::optional("start", amount(D::Duration), "until it gives anything"),
    Field::optional("rise", amount(D::Duration), "from nothing to all that it gives"),
];

/// `battery` of `[[power]]`.
pub const BATTERY: &[Field] = &[
    Field::required("energy", amount(D::Energy), "what it holds, such as \"5 MWh\""),
    Field::required("power", amount(D::Power), "what it gives at most"),
];

/// `storage` of `[[power]]`.
pub const STORAGE: &[Field] = &[
    Field::required("energy", amount(D::Energy), "what it can give, such as \"400 MWh\""),
    Field::required("power", amount(D::Power), "what it gives or takes at most"),
    Field::optional(
        "round_trip",
        amount(D::Ratio),
        "what comes back of what goes in; the catalogue's unless said",
    ),
    Field::optional(
        "hold",
        amount(D::Power),
        "what the grid is to give at most; the least that can be held over the days unless said",
    ),
];

/// `events` of `[[power]]`.
pub const EVENT: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required(
        "kind",
        K::Choice(EVENT_KINDS),
        "a limit (curtailment), so much less than it would take (demand-response), or the loss of a feed (feed-loss)",
    ),
    Field::required("on", K::Date, "the day on which it starts"),
    Field::optional("hour", K::Integer, "the hour of that day, 0 unless said"),
    Field::required("lasts", amount(D::Duration), "how long it lasts, such as \"4 h\""),
    Field::optional(
        "power",
        amount(D::Power),
        "curtailment: what the grid still gives; demand-response: what is taken less",
    ),
];

/// Words for kinds of contract; those of `gigawatt_plan::plan::ContractKind`.
pub const CONTRACT_KINDS: &[&str] = &["fixed", "indexed", "purchase"];
/// Words for when a plant of a purchase generates; those of `gigawatt_plan::plan::GenerationShape`.
pub const SHAPES: &[&str] = &["flat", "sun"];
/// Words for what moving work saves; those of `gigawatt_plan::plan::ShiftBy`.
pub const SHIFT_BY: &[&str] = &["price", "carbon"];

/// `contracts` of `[[power]]`.
pub const CONTRACT: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::required(
        "kind",
        K::Choice(CONTRACT_KINDS),
        "a power at a price, used or not (fixed), an addition to the price of the hour (indexed), or all that a plant generates (purchase)",
    ),
    Field::optional(
        "power",
        amount(D::Power),
        "fixed: the power; purchase: what the plant generates on average",
    ),
    Field::optional("price", amount(D::MoneyPerEnergy), "fixed and purchase: the price"),
    Field::optional("markup", amount(D::MoneyPerEnergy), "indexed: what is added to the price of the hour"),
    Field::optional(
        "generation",
        K::Choice(SHAPES),
        "purchase: when its plant generates, evenly (flat) or from 6:00 to 18:00 of the site's clock (sun); flat unless said",
    ),
    Field::optional(
        "carbon_intensity",
        amount(D::CarbonPerEnergy),
        "purchase: emissions that its certificates stand for; none unless said",
    ),
];

/// `deferrable` of `[[power]]`.
pub const DEFERRABLE: &[Field] = &[
    Field::required("share", amount(D::Ratio), "part of every hour's energy that can wait"),
    Field::required("wait", amount(D::Duration), "how long it can, in whole hours"),
    Field::optional(
        "by",
        K::Choice(SHIFT_BY),
        "what moving it makes least: money (price) or emissions (carbon); price unless said",
    ),
];

/// `[[power]]`.
pub const POWER: &[Field] = &[
    Field::required("site", K::Text, "the site that it supplies"),
    Field::optional(
        "stages",
        K::Tables(STAGE),
        "the chain from the grid to the racks; the catalogue's, sized for the site, unless said",
    ),
    Field::optional(
        "generation",
        K::Tables(GENERATION),
        "what the site makes itself; the catalogue's standby generators unless said",
    ),
    Field::optional(
        "battery",
        K::Tables(BATTERY),
        "what carries it until generators have started; the catalogue's unless said",
    ),
    Field::optional(
        "storage",
        K::Tables(STORAGE),
        "a battery at the connection that takes when little is drawn and gives when much is",
    ),
    Field::optional(
        "contracts",
        K::Tables(CONTRACT),
        "how its electricity is bought beside the price of the hour",
    ),
    Field::optional(
        "deferrable",
        K::Tables(DEFERRABLE),
        "work that can wait for hours that cost or emit less",
    ),
    Field::optional("events", K::Tables(EVENT), "curtailments, demand response and lost feeds by date"),
    Field::optional(
        "ramp_limit",
        amount(D::Power),
        "change of power within a minute that the utility allows",
    ),
    Field::optional("range_limit", amount(D::Power), "swing of power within seconds that it allows"),
    Field::optional("band_limit", amount(D::Power), "root mean square between 0.1 and 20 Hz that it allows"),
];
