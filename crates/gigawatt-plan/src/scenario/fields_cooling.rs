//! What a site may say of its cooling.

use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// `[site.cooling]`.
pub const COOLING: &[Field] = &[
    Field::optional("plant", K::Text, "the catalogue's plant; dry-cooler-chiller unless said"),
    Field::optional(
        "liquid_share",
        amount(D::Ratio),
        "part of the heat of IT that leaves through liquid; that of the site's systems unless said",
    ),
    Field::optional("liquid_supply", amount(D::Temperature), "temperature at which the liquid is supplied"),
    Field::optional("liquid_limit", amount(D::Temperature), "temperature that its supply may not pass"),
    Field::optional(
        "liquid_approach",
        amount(D::TemperatureDifference),
        "supply of the liquid above air or wet bulb at rated heat and full fans",
    ),
    Field::optional(
        "liquid_evaporation",
        amount(D::Ratio),
        "part of the way from dry to wet bulb that its cooler's air is sprayed to; 0 for a dry one",
    ),
    Field::optional("liquid_fans", amount(D::Ratio), "power of its cooler's or tower's fans over rated heat"),
    Field::optional("liquid_pumps", amount(D::Ratio), "power of its pumps over rated heat"),
    Field::optional(
        "liquid_chiller",
        amount(D::Ratio),
        "capacity of its chiller over rated heat; 0 without one",
    ),
    Field::optional("air_supply", amount(D::Temperature), "temperature at which the loop of air is supplied"),
    Field::optional("air_limit", amount(D::Temperature), "temperature that its supply may not pass"),
    Field::optional(
        "air_approach",
        amount(D::TemperatureDifference),
        "supply of the loop of air above air or wet bulb at rated heat and full fans",
    ),
    Field::optional(
        "air_evaporation",
        amount(D::Ratio),
        "part of the way from dry to wet bulb that its cooler's air is sprayed to; 0 for a dry one",
    ),
    Field::optional("air_fans", amount(D::Ratio), "power of its cooler's or tower's fans over rated heat"),
    Field::optional(
        "air_pumps",
        amount(D::Ratio),
        "power over rated heat of what moves air and water between hall and cooler",
    ),
    Field::optional(
        "air_chiller",
        amount(D::Ratio),
        "capacity of its chiller over rated heat; 0 without one",
    ),
    Field::optional(
        "chiller_efficiency",
        amount(D::Ratio),
        "coefficient of performance of chillers over that of Carnot's cycle",
    ),
    Field::optional(
        "chiller_approach",
        amount(D::TemperatureDifference),
        "refrigerant below the loop and above the condenser, together",
    ),
    Field::optional("air_rise", amount(D::TemperatureDifference), "by which air warms in a cooler or a hall"),
    Field::optional("water_range", amount(D::TemperatureDifference), "by which water cools in a tower"),
    Field::optional(
        "cycles",
        amount(D::Ratio),
        "salt in what is bled over that in what is taken in; above 1",
    ),
    Field::optional("drift", amount(D::Ratio), "part of a tower's water that is carried out as droplets"),
    Field::optional(
        "ride_through",
        amount(D::Duration),
        "time in which rated heat warms a loop from supply to limit with nothing rejected",
    ),
    Field::optional("least_flow", amount(D::Ratio), "part of the rated flow that pumps do not go below"),
    Field::optional(
        "electrical_overhead",
        amount(D::Ratio),
        "losses of transformers, uninterruptible supplies and light over IT power",
    ),
];
