//! Time of collectives on tiers of links, from one rank to millions.
//!
//! A [`Network`] is a list of [`Tier`]s, smallest first: the links inside a server or rack, then switches of ever wider
//! reach. A [`Group`] says how many ranks of a communicator sit in one domain of each tier; ranks that sit alike are
//! priced once, so that a million cost what 64 cost. Times are in seconds, sizes in bytes, rates in B/s.
//!
//! A collective over `n` ranks on one tier costs `α s + β w` (Hockney 1994): `s` steps of latency `α` and `w` bytes on
//! the busiest link at `1/β`. With `p` ranks and a vector of `S` bytes:
//!
//! | collective | algorithm | steps | bytes on the wire of a rank, one direction |
//! |---|---|---|---|
//! | all-reduce | ring | `2(p-1)` | `2 S (p-1)/p` |
//! | all-reduce | two trees | `2 ⌈log₂ p⌉` | `2 S`, `S` for two ranks |
//! | all-reduce | in the switch | `2` | `S (1 + 1/p)` |
//! | reduce-scatter, all-gather | ring, in the scale-up domain | `p-1` | `S (p-1)/p` |
//! | reduce-scatter, all-gather | halving, doubling, outside | `⌈log₂ p⌉` | `S (p-1)/p` |
//! | all-to-all | direct | `⌈(p-1)/c⌉` | `S (p-1)/p` |
//!
//! Rings are optimal in bytes (Patarasuk & Yuan 2009), trees and halving in steps (Thakur, Rabenseifner & Gropp 2005;
//! Sanders, Speck & Träff 2009); the switch halves the bytes where it adds (Graham et al. 2016). A group that spans
//! tiers reduces inside, crosses with a share of the vector per rank, and gathers inside; the vector goes through the
//! tiers in chunks, so that they work at the same time.

mod all_to_all;
mod coefficients;
mod collectives;
mod cost;
mod experts;
mod group;
mod pipeline;
mod systems;
mod topology;

pub use coefficients::NetworkCoefficients;
pub use cost::{Algorithm, Collective, Cost, Stage};
pub use experts::{ExpertRouting, distinct_domains};
pub use group::Group;
pub use systems::{Fabric, ScaleOut, ScaleUp, Site, Wiring};
pub use topology::{MOST_TIERS, Network, NetworkError, Shape, Shares, Tier};
