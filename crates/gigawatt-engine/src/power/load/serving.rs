//! The power of an accelerator that serves, by iteration.

use super::{AcceleratorPower, Activity, Links};
use crate::serving::IterationParts;

/// Mean power of an accelerator over an iteration of so many seconds, in W.
///
/// Its matrix units work for the seconds that arithmetic alone takes, its memory for those of reading weights and caches,
/// its links for those of collectives; the rest of the iteration it waits. Decoding of few sequences reads, so that it
/// stays far below the limit; prompts and large batches reach it.
pub fn iteration_power(
    power: &AcceleratorPower,
    parts: &IterationParts,
    seconds: f64,
    links: &Links,
    link_use: f64,
) -> f64 {
    if seconds <= 0.0 {
        return power.waiting;
    }
    let share = |time: f64| (time / seconds).clamp(0.0, 1.0);
    let link = links.scale_up * link_use * share(parts.collectives);
    power.working(&Activity {
        matrix: share(parts.arithmetic + parts.prompts),
        memory: power.streaming_rate * share(parts.reading + parts.cache) + 2.0 * link,
        link,
    })
}
