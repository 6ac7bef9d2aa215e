//! Limits of a scheduler under an engine's own names.

use gigawatt_engine::serving::MemoryShare;

use crate::launch::Settings;

/// Sets the limits that are said.
pub(super) fn limits(settings: &mut Settings, whole: [(&str, Option<u64>); 3]) {
    for (name, limit) in whole {
        if let Some(limit) = limit {
            settings.set(name, limit);
        }
    }
}

/// Sets the share of the memory of an engine that takes one of the whole.
pub(super) fn share_of_all(settings: &mut Settings, name: &str, memory: Option<MemoryShare>) {
    match memory {
        Some(MemoryShare::OfAll(share)) => settings.set(name, share.to_string()),
        Some(MemoryShare::OfFree(_)) => {
            settings.lacks("a share of the memory that weights leave: the engine takes a share of the whole")
        }
        None => {}
    }
}
