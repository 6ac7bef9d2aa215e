//! Cooling: heat, water and power of a plant by the weather, hour by hour.
//!
//! The heat of IT leaves through two loops, one of liquid and one of air, each with a temperature at which it supplies,
//! a set point that it holds and a limit that it may not pass. A loop gives its heat to a dry cooler, to a cooler whose
//! air is sprayed, or to a wet tower; a chiller may take what these leave. Between set point and limit the loop stores
//! heat: `C dT/dt = heat - rejection`, solved in closed form within each hour, in which heat and weather are constant
//! (`thermal`). Where even the limit would be passed, IT is limited to what can be rejected (`year`). What is drawn is
//! rejected or stored, to rounding.
//!
//! Coefficients are few, have a physical meaning, and stand in the catalogue as plants with source and range.

mod design;
mod load;
mod of_plan;
mod plant;
mod thermal;
mod water;
mod year;

pub use design::{LoopDesign, design};
pub use load::Load;
pub use of_plan::{plant_of, typical_year};
pub use plant::{Chiller, Loop, Plant, Rejection, Water};
pub use year::{Energy, Hour, Year, operate, operate_hours};
