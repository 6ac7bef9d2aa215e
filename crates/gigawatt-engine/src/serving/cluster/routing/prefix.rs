//! Which engines were sent what prefixes.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasherDefault, Hasher};

use super::ring::mixed;

/// Hashes ids of blocks, which may be consecutive.
#[derive(Clone, Debug, Default)]
struct BlockHasher(u64);

impl Hasher for BlockHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.0 = mixed(self.0 ^ u64::from(byte)));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mixed(number);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// An engine that was sent a block, and when.
#[derive(Clone, Copy, Debug)]
struct Holder {
    engine: u32,
    stamp: u64,
}

/// What a router remembers of prefixes: for each block the engines that were sent it, the last so many of them.
///
/// Real routers keep such a tree of what they sent (SGLang, llm-d) or hear of it from engines (Dynamo). It is looked up only, never
/// walked, so the order of the map does not show.
#[derive(Clone, Debug)]
pub(super) struct PrefixIndex {
    /// By index of the engine.
    holders: HashMap<u64, Vec<Holder>, BuildHasherDefault<BlockHasher>>,
    /// What to forget, the oldest first.
    ages: VecDeque<(u64, Holder)>,
    clock: u64,
    /// What an engine was sent before this counts no more.
    since: Vec<u64>,
    /// Most entries.
    most: usize,
}

impl PrefixIndex {
    /// Of so many engines, with so many entries at most.
    pub fn new(engines: usize, most: usize) -> Self {
        Self { holders: HashMap::default(), ages: VecDeque::new(), clock: 0, since: vec![0; engines], most }
    }

    /// How many blocks of a prompt somebody was sent. A block stands for all before it, so those that are known come first.
    pub fn deepest(&self, blocks: &[u64]) -> usize {
        blocks.partition_point(|block| self.holders.contains_key(block))
    }

    /// How many were sent a block, with those that have forgotten it.
    pub fn holder_count(&self, block: u64) -> usize {
        self.holders.get(&block).map_or(0, Vec::len)
    }

    /// Engines that were sent a block, by index.
    pub fn engines(&self, block: u64) -> impl Iterator<Item = u32> + '_ {
        let all = self.holders.get(&block).map_or(&[][..], Vec::as_slice);
        all.iter()
            .filter(|holder| holder.stamp >= self.since[holder.engine as usize])
            .map(|holder| holder.engine)
    }

    /// An engine is sent blocks.
    pub fn sent(&mut self, engine: u32, blocks: &[u64]) {
        for &block in blocks {
            let holder = Holder { engine, stamp: self.clock };
            let holders = self.holders.entry(block).or_default();
            match holders.binary_search_by_key(&engine, |holder| holder.engine) {
                // What is in the younger half need not be made younger, so what is used often costs little.
                Ok(at) if holders[at].stamp + self.most as u64 / 2 > self.clock => {
                    if holders[at].stamp >= self.since[engine as usize] {
                        continue;
                    }
                    holders[at] = holder;
                }
                Ok(at) => holders[at] = holder,
                Err(at) => holders.insert(at, holder),
            }
            self.ages.push_back((block, holder));
            self.clock += 1;
            if self.ages.len() > self.most {
                self.forget_oldest();
            }
        }
    }

    fn forget_oldest(&mut self) {
        let Some((block, old)) = self.ages.pop_front() else { return };
        let Some(holders) = self.holders.get_mut(&block) else { return };
        if let Ok(at) = holders.binary_search_by_key(&old.engine, |holder| holder.engine)
            && holders[at].stamp == old.stamp
        {
            holders.remove(at);
            if holders.is_empty() {
                self.holders.remove(&block);
            }
        }
    }

    /// An engine has lost all that it held.
    pub fn forget(&mut self, engine: u32) {
        self.since[engine as usize] = self.clock;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engines(index: &PrefixIndex, block: u64) -> Vec<u32> {
        index.engines(block).collect()
    }

    #[test]
    fn it_knows_who_was_sent_what() {
        let mut index = PrefixIndex::new(4, 100);
        index.sent(2, &[10, 11, 12]);
        index.sent(0, &[10, 11]);
        assert_eq!(index.deepest(&[10, 11, 12, 13]), 3);
        assert_eq!(index.deepest(&[8, 9]), 0);
        assert_eq!((engines(&index, 11), engines(&index, 12)), (vec![0, 2], vec![2]));
        index.forget(2);
        assert_eq!((engines(&index, 11), engines(&index, 12)), (vec![0], vec![]));
        index.sent(2, &[10]);
        assert_eq!((engines(&index, 10), engines(&index, 11)), (vec![0, 2], vec![0]));
    }

    #[test]
    fn it_forgets_what_was_not_sent_for_long_and_stays_small() {
        let mut index = PrefixIndex::new(2, 64);
        for other in 0..10_000 {
            index.sent(1, &[1_000 + other]);
            if other % 16 == 0 {
                index.sent(0, &[7]);
            }
        }
        assert_eq!(engines(&index, 7), [0], "it was sent again and again");
        assert_eq!(engines(&index, 1_000), [0; 0]);
        assert!(index.ages.len() <= 64 && index.holders.len() <= 64);
    }
}
