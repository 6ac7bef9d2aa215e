//! Memory of the token-by-token replica: a line of single units and single blocks.

use std::collections::{BTreeMap, VecDeque};

/// What stands in the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry {
    /// A unit without a name.
    Unit,
    /// The last block of a name that lined up for the n-th time.
    Block(u64, u64),
}

#[derive(Clone, Copy, Debug, Default)]
struct Named {
    blocks: u64,
    uses: u64,
    /// How often it was taken out of the line: what stood there before is void.
    round: u64,
}

/// The line of what may be overwritten, and what has a name.
#[derive(Debug)]
pub(super) struct Line {
    entries: VecDeque<Entry>,
    names: BTreeMap<u64, Named>,
    free: u64,
    unit: u64,
}

impl Line {
    pub fn new(units: u64, unit: u64) -> Self {
        let entries = (0..units).map(|_| Entry::Unit).collect();
        Self { entries, names: BTreeMap::new(), free: units, unit }
    }

    pub fn free(&self) -> u64 {
        self.free
    }

    /// Units of names that are in use.
    pub fn held(&self) -> u64 {
        self.names.values().filter(|named| named.uses > 0).map(|named| named.blocks * self.unit).sum()
    }

    pub fn take(&mut self, units: u64) {
        assert!(units <= self.free, "more is taken than is free");
        let mut left = units;
        while left > 0 {
            match self.entries.pop_front().expect("what is free stands in the line") {
                Entry::Unit => {
                    left -= 1;
                    self.free -= 1;
                }
                Entry::Block(name, round) => {
                    let Some(named) = self.names.get_mut(&name).filter(|named| named.round == round) else {
                        continue;
                    };
                    named.blocks -= 1;
                    if named.blocks == 0 {
                        named.round += 1;
                    }
                    for _ in 0..self.unit {
                        self.entries.push_front(Entry::Unit);
                    }
                }
            }
        }
    }

    pub fn give_back(&mut self, units: u64, names: &[u64]) {
        self.entries.extend((0..units).map(|_| Entry::Unit));
        self.free += units;
        for name in names.iter().rev() {
            let named = self.names.get_mut(name).expect("a name that is held");
            named.uses -= 1;
            if named.uses == 0 {
                self.free += named.blocks * self.unit;
                self.entries.extend((0..named.blocks).map(|_| Entry::Block(*name, named.round)));
            }
        }
    }

    /// Blocks at the beginning of a chain that are there, with their names, of a prompt with so many blocks of its own.
    pub fn find(&self, names: &[u64], each: u64, own: u64) -> (u64, Vec<u64>) {
        let (mut blocks, mut found) = (0, Vec::new());
        for name in names {
            let there = self.names.get(name).map_or(0, |named| named.blocks);
            if there == 0 || there > each.min(own - blocks) {
                break;
            }
            blocks += there;
            found.push(*name);
            if there < each {
                break;
            }
        }
        (blocks, found)
    }

    /// Units of names that nobody uses.
    pub fn idle(&self, names: &[u64]) -> u64 {
        let idle = names.iter().filter(|name| self.names[*name].uses == 0);
        idle.map(|name| self.names[name].blocks * self.unit).sum()
    }

    pub fn hold(&mut self, names: &[u64]) {
        for name in names {
            let named = self.names.get_mut(name).expect("a name that was found");
            if named.uses == 0 {
                named.round += 1;
                self.free -= named.blocks * self.unit;
            }
            named.uses += 1;
        }
    }

    /// Gives blocks of a prompt their names, after those in `held`. Returns how many blocks got one.
    pub fn name(&mut self, names: &[u64], held: &mut Vec<u64>, each: u64, own: u64) -> u64 {
        let mut blocks = 0;
        let cover = |at: usize| each.min(own.saturating_sub(each * at as u64));
        if let Some(last) = held.last() {
            let cover = cover(held.len() - 1);
            let named = self.names.get_mut(last).expect("a name that is held");
            if named.blocks < cover {
                if named.uses > 1 {
                    return 0;
                }
                blocks += cover - named.blocks;
                named.blocks = cover;
            }
        }
        for (at, name) in names.iter().enumerate().skip(held.len()) {
            let named = self.names.entry(*name).or_default();
            if cover(at) == 0 || named.blocks > 0 {
                break;
            }
            named.blocks = cover(at);
            named.uses = 1;
            blocks += named.blocks;
            held.push(*name);
        }
        blocks
    }
}
