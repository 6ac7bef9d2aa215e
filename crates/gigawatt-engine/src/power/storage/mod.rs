//! Storage: what smooths swings, what carries a load while a feed is lost, and what holds peaks down.

mod battery;
mod buffer;
mod site;

pub use battery::{Battery, RideThrough, Source, ride_through};
pub use buffer::{Buffer, Buffered, buffered};
pub use site::SiteStorage;
