//! The commands.

mod check;
mod explain;
mod finance;
mod run;

pub use check::check;
pub use explain::explain;
pub use finance::finance;
pub use run::run;
