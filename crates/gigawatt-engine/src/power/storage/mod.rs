//! Storage: what smooths swings, and what carries a load while a feed is lost.

mod battery;
mod buffer;

pub use battery::{Battery, RideThrough, Source, ride_through};
pub use buffer::{Buffer, Buffered, buffered};
