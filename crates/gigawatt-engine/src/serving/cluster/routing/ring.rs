//! Consistent hashing.

/// Points of an engine on the ring: shares of engines differ by about `1/√64`.
const POINTS: u64 = 64;

/// Mixes the bits of a number (Steele, Lea and Flood 2014, `SplitMix64`).
pub(super) fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Engines on a ring of hashes (Karger et al. 1997). Those that are not there keep their points, so that others keep theirs.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    points: Vec<(u64, u32)>,
}

impl Ring {
    /// Of so many engines.
    pub fn new(engines: u32) -> Self {
        let points =
            |engine| (0..POINTS).map(move |point| (mixed(mixed(u64::from(engine)) ^ mixed(!point)), engine));
        let mut points: Vec<_> = (0..engines).flat_map(points).collect();
        points.sort_unstable();
        Self { points }
    }

    /// The engines from the point of a session on, once around; some come several times.
    pub fn from(&self, session: u64) -> impl Iterator<Item = u32> + '_ {
        let hash = mixed(session);
        let first = self.points.partition_point(|&(point, _)| point < hash);
        let (before, after) = self.points.split_at(first);
        after.iter().chain(before).map(|&(_, engine)| engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_have_even_shares() {
        let ring = Ring::new(16);
        let mut counts = [0.0_f64; 16];
        (1..=160_000).for_each(|session| counts[ring.from(session).next().unwrap() as usize] += 1e-4);
        // Shares of an engine with 64 points deviate by an eighth; four such at most.
        assert!(counts.iter().all(|share| (share - 1.0).abs() < 0.5), "{counts:?}");
    }

    #[test]
    fn the_way_around_meets_every_engine() {
        let ring = Ring::new(7);
        let mut met: Vec<u32> = ring.from(42).collect();
        met.sort_unstable();
        met.dedup();
        assert_eq!(met, [0, 1, 2, 3, 4, 5, 6]);
    }
}
