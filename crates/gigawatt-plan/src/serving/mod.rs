//! What serves models: presets of inference engines, the formats of what they hold, layouts, routers and targets.

mod engine;
mod formats;
mod layout;
mod router;
mod target;

pub use engine::{Backend, Engine, EngineName, MemoryShare, PrefillOrder, PromptLaunch, Release, Scheduling};
pub use formats::ServingFormats;
pub use layout::{LayoutFault, ServingLayout};
pub use router::RouterName;
pub use target::TargetAt;
