//! The catalogue files that are part of the program.

/// Name and text of every embedded catalogue file, the bibliography first.
pub const EMBEDDED: &[(&str, &str)] = &[
    ("catalog/sources.toml", include_str!("../../../../catalog/sources.toml")),
    ("catalog/accelerators.toml", include_str!("../../../../catalog/accelerators.toml")),
    ("catalog/systems.toml", include_str!("../../../../catalog/systems.toml")),
    ("catalog/electricity.toml", include_str!("../../../../catalog/electricity.toml")),
    ("catalog/grids.toml", include_str!("../../../../catalog/grids.toml")),
    ("catalog/construction.toml", include_str!("../../../../catalog/construction.toml")),
    ("catalog/practices.toml", include_str!("../../../../catalog/practices.toml")),
    ("catalog/sites.toml", include_str!("../../../../catalog/sites.toml")),
    ("catalog/places.toml", include_str!("../../../../catalog/places.toml")),
    ("catalog/companies/meta.toml", include_str!("../../../../catalog/companies/meta.toml")),
    ("catalog/models.toml", include_str!("../../../../catalog/models.toml")),
    ("catalog/networks.toml", include_str!("../../../../catalog/networks.toml")),
    ("catalog/rentals.toml", include_str!("../../../../catalog/rentals.toml")),
    ("catalog/grids.toml", include_str!("../../../../catalog/grids.toml")),
    ("catalog/reliability.toml", include_str!("../../../../catalog/reliability.toml")),
    ("catalog/electrical.toml", include_str!("../../../../catalog/electrical.toml")),
    ("catalog/operations.toml", include_str!("../../../../catalog/operations.toml")),
    ("catalog/companies/microsoft.toml", include_str!("../../../../catalog/companies/microsoft.toml")),
    ("catalog/companies/alphabet.toml", include_str!("../../../../catalog/companies/alphabet.toml")),
    ("catalog/companies/amazon.toml", include_str!("../../../../catalog/companies/amazon.toml")),
];
