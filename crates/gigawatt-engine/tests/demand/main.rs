//! Demand held against traces, published facts, arithmetic by other ways, and itself.

mod catalogue;
mod conservation;
mod published;
mod service;
mod trace;
