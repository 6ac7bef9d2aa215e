//! The catalogue: facts about hardware, prices, sites and companies, each with its source.

mod company;
mod embedded;
mod entry;
mod load;

pub(crate) use load::read_bibliography;

pub use load::REFERENCE_FIELDS;

pub use company::{CompanyHistory, Figure, FigurePeriod, Figures};
pub use embedded::EMBEDDED;
pub use entry::{Catalogue, Entry, Fact, Grade, Kind, Reference};
