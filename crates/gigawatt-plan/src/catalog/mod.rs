//! The catalogue: facts about hardware, prices, sites and companies, each with its source.

mod architecture;
mod audit;
mod company;
mod configuration;
mod document;
mod embedded;
mod entry;
mod lists;
mod lists_demand;
mod load;
mod names;
mod overlay;

pub(crate) use load::read_bibliography;

pub use load::REFERENCE_FIELDS;
pub use names::find_model;

pub use architecture::{
    Architecture, Attention, Biases, Block, ExpertGroups, Experts, FeedForward, LayerPart, Norm, Pattern,
    PatternError, Position, Recurrence, Recurrent, SHAPE_FIELDS, Shape, Window, WindowKind, ends_period,
    read_shape,
};
pub use company::{CompanyHistory, Figure, FigurePeriod, Figures};
pub use configuration::{load_configuration, read_configuration};
pub use document::{Document, EntryDocument, FactDocument};
pub use embedded::EMBEDDED;
pub use entry::{Catalogue, Entry, Fact, Grade, Kind, Reference};
