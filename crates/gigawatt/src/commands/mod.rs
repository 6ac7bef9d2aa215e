//! The commands.

mod check;
mod compare;
mod explain;
mod finance;
mod run;

pub use check::check;
pub use compare::compare;
pub use explain::explain;
pub use finance::finance;
pub use run::run;
