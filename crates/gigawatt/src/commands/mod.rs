//! The commands.

mod catalog;
mod check;
mod checkpoint;
mod compare;
mod completions;
mod explain;
mod finance;
mod fleet;
mod jobs;
mod launch;
mod man;
mod new;
mod run;
mod schema;
mod sweep;
mod train;
mod tune;
mod validate;

pub use catalog::catalog;
pub use check::check;
pub use checkpoint::checkpoint;
pub use compare::compare;
pub use completions::completions;
pub use explain::explain;
pub use finance::finance;
pub use fleet::fleet;
pub use jobs::jobs;
pub use man::man;
pub use new::new;
pub use run::run;
pub use schema::schema;
pub use sweep::{Shard, sweep};
pub use train::{Scaling, Shown, train};
pub use tune::{Narrowing, Shown as Tuned, best_by, tune};
pub use validate::validate;
