//! The commands.

mod catalog;
mod check;
mod compare;
mod completions;
mod explain;
mod finance;
mod launch;
mod man;
mod new;
mod run;
mod schema;
mod sweep;
mod train;
mod validate;

pub use catalog::catalog;
pub use check::check;
pub use compare::compare;
pub use completions::completions;
pub use explain::explain;
pub use finance::finance;
pub use man::man;
pub use new::new;
pub use run::run;
pub use schema::schema;
pub use sweep::{Shard, sweep};
pub use train::{Scaling, Shown, train};
pub use validate::validate;
