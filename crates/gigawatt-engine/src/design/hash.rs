//! Random numbers by place: a key for each dimension, mixed with the number of a point.

use sha2::{Digest, Sha256};

/// The key of a dimension for a purpose.
pub(super) fn key(seed: u64, name: &str, purpose: &str) -> u64 {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(name.as_bytes());
    let bytes: [u8; 32] = hash.finalize().into();
    u64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}

/// A well mixed word from a key and a number: the output function of SplitMix64 (Steele, Lea and Flood, 2014).
pub(super) fn mixed(key: u64, number: u64) -> u64 {
    let mut word = key.wrapping_add(number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// A number between 0 and 1, both excluded, from the upper 52 bits of a word.
#[expect(clippy::cast_precision_loss, reason = "52 bits and a half fit")]
pub(super) fn unit(word: u64) -> f64 {
    ((word >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}
