//! The catalogue: facts about hardware, prices, sites and companies, each with its source.

mod architecture;
mod audit;
mod company;
mod document;
mod embedded;
mod entry;
mod lists;
mod load;
mod overlay;

pub(crate) use load::read_bibliography;

pub use load::REFERENCE_FIELDS;

pub use architecture::{Architecture, Attention, Experts, Shape, Window};
pub use company::{CompanyHistory, Figure, FigurePeriod, Figures};
pub use document::{Document, EntryDocument, FactDocument};
pub use embedded::EMBEDDED;
pub use entry::{Catalogue, Entry, Fact, Grade, Kind, Reference};
