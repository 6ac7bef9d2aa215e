//! What serves models: presets of inference engines and the formats of what they hold.

mod engine;
mod formats;

pub use engine::{Backend, Engine, EngineName, MemoryShare, PrefillOrder, PromptLaunch, Release, Scheduling};
pub use formats::ServingFormats;
