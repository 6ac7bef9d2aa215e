//! The commands.

mod check;
mod compare;
mod explain;
mod run;

pub use check::check;
pub use compare::compare;
pub use explain::explain;
pub use run::run;
