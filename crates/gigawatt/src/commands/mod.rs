//! The commands.

mod check;
mod explain;
mod run;

pub use check::check;
pub use explain::explain;
pub use run::run;
