//! The simulated fleet held against what queues and single jobs do in theory, and against itself.

mod accounts;
mod calibration;
mod conservation;
mod models;
mod properties;
mod queues;
mod scheduler;
