//! The commands.

mod check;
mod compare;
mod explain;
mod finance;
mod run;
mod sweep;

pub use check::check;
pub use compare::compare;
pub use explain::explain;
pub use finance::finance;
pub use run::run;
pub use sweep::{Shard, sweep};
