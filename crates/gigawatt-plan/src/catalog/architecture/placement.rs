//! Where in the order of layers those of a kind stand.

/// Whether the layer at `at`, counted from 0, of `all` is the last of one of `some` periods of `⌊all / some⌋` layers.
///
/// That is how attention over the whole context (Llama 4, Gemma 3, gpt-oss) and attention at all (Qwen3-Next) are
/// spread over the layers. Where a period is one, the layers that are left are the last.
pub fn ends_period(at: u64, some: u64, all: u64) -> bool {
    let Some(period) = all.checked_div(some) else { return false };
    let place = at + 1;
    place.is_multiple_of(period) && place / period <= some
}
