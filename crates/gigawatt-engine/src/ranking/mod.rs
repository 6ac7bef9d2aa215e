//! Deep recommendation models: what a step of training and a batch of candidates take, and what binds them.
//!
//! A recommendation model (M. Naumov et al. 2019, arXiv 1906.00091) looks rows up in embedding tables, pools those of each
//! table into one vector, lets these vectors and a bottom network's interact, and scores the sample with a top network. Tables
//! have nearly all its parameters and dense layers nearly all its arithmetic (U. Gupta et al., HPCA 2020, arXiv 1906.03109;
//! D. Mudigere et al., ISCA 2022, arXiv 2104.05158), so the first are cut over accelerators and the second copied to each.
//!
//! **Training.** A step with `b` samples on each of `n` accelerators takes
//!
//! ```text
//! t = s + D + G + U + e X        and no less than what its input takes over the host's link
//! ```
//!
//! with `s` a fixed time of the software, `D` the dense layers' kernels forward and backward, `G` the rows gathered, `U` the
//! rows updated, `X` the exchanges, and `e` the part of the exchanges that nothing hides. What is gathered, updated and exchanged is
//! counted in `embedding.rs`. Tables are taken to be cut evenly, as a planner of shards tries to.
//!
//! **Serving.** A batch of `m` candidates takes `s + D + G + X` of the forward pass; an accelerator that takes batch after batch
//! makes a candidate wait for one and be in the next, so the largest batch with `2 t(m)` within the budget of latency is taken.
//!
//! **A plan's ranking** (`stage.rs`, `price.rs`, `returns.rs`) goes from people to accelerators, megawatts and dollars.
//!
//! Everything is in base units: s, B, B/s, FLOP.

mod coefficients;
mod dense;
mod embedding;
mod model;
mod price;
mod returns;
mod serving;
mod stage;
mod training;

pub use coefficients::{RankingCoefficients, Software};
pub use model::{Interaction, Optimizer, Recommender, Tables};
pub use price::{PartPrice, RankingLaws, RankingPrice};
pub use serving::{Served, Serving, ServingBound};
pub use stage::{Ranking, RankingPrices};
pub use training::{Bound, Step, Training};
