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
];
