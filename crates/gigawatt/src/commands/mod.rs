//! The commands.

mod catalog;
mod check;
mod explain;
mod finance;
mod run;

pub use catalog::catalog;
pub use check::check;
pub use explain::explain;
pub use finance::finance;
pub use run::run;
