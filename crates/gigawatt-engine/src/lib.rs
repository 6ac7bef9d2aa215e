//! The laws of gigawatt, and the graph of stages that runs them.
//!
//! Every law is a function of a [`Plan`](gigawatt_plan::plan::Plan) and a [`Draw`], which makes the plan's
//! uncertain inputs definite. Laws write into a [`Series`], from which [queries](Series::read) read the numbers
//! that claims and tables ask for. Nothing here touches a file, the clock or the terminal; randomness comes
//! from seeded streams, so the same plan and seed give the same bytes on any number of threads.

mod buildout;
pub mod carbon;
mod claims;
pub mod coefficients;
pub mod cooling;
mod curve;
pub mod demand;
pub mod design;
pub mod device;
mod draw;
mod facility;
mod finance;
pub mod fleet;
mod hour;
mod influence;
pub mod job_mix;
mod machine;
pub mod model;
pub mod network;
mod points;
pub mod power;
pub mod ranking;
pub mod reliability;
mod run;
mod series;
pub mod serving;
mod spread;
pub mod training;
mod typical;
mod uncertainty;
mod weights;
mod what_if;

pub use claims::{Judgement, Remedy, Verdict};
pub use draw::{Draw, Sampler};
pub use hour::AcceleratorHour;
pub use influence::{Influence, influences};
pub use points::{Reading, Sampled, reference_runs, sampled_runs};
pub use run::{
    Cancelled, Daily, Evaluation, LAWS_REVISION, Results, STAGES, Stage, Table, Tables, Tier, WHOLE, run,
    run_with,
};
pub use series::Series;
pub use spread::{Convergence, Driver, Exceedance, PROBABILITIES, Spread, Step, Subject, TOLERANCE};
pub use typical::TypicalHours;
pub use uncertainty::{Quantiles, quantiles};
pub use what_if::what_if;
