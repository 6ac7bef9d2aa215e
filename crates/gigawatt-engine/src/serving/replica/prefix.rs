//! What stays in the cache of what ended: prefixes by name, least recently used first to go.
//!
//! A name stands for some blocks and all before them, so names form chains. A chain that a sequence uses is held; when the
//! last lets go of it, it lines up behind what is free, its end first. Memory is taken from the front of that line, block
//! by block, whatever still stands in it. So the beginning of a chain never goes before its end.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

const NONE: u32 = u32::MAX;

/// Spreads names, which may be small numbers or digests.
#[derive(Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, name: u64) {
        let mixed = (self.0 ^ name).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

/// An entry of the line or a named part of a chain.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// Its name; without a use where nothing of it is left.
    name: u64,
    /// Blocks of it that are in memory; 0 for memory without a name.
    blocks: u32,
    /// Sequences that use it.
    uses: u32,
    /// Units of memory.
    units: u64,
    before: u32,
    after: u32,
}

/// Named blocks, and the line of what may be overwritten.
#[derive(Debug)]
pub(super) struct Prefixes {
    names: HashMap<u64, u32, BuildHasherDefault<Spread>>,
    parts: Vec<Part>,
    unused: Vec<u32>,
    front: u32,
    back: u32,
    /// Units in the line.
    lined: u64,
    /// Units of a block.
    unit: u64,
}

impl Prefixes {
    /// Nothing in so much memory.
    pub fn new(units: u64, unit: u64) -> Self {
        let mut empty = Self {
            names: HashMap::default(),
            parts: Vec::new(),
            unused: Vec::new(),
            front: NONE,
            back: NONE,
            lined: 0,
            unit,
        };
        empty.line_up_memory(units);
        empty
    }

    /// Blocks of a name that are in memory, with the part that holds them.
    pub fn find(&self, name: u64) -> Option<(u32, u32)> {
        let part = *self.names.get(&name)?;
        Some((part, self.parts[part as usize].blocks))
    }

    /// Blocks of a part.
    pub fn blocks(&self, part: u32) -> u32 {
        self.parts[part as usize].blocks
    }

    /// Whether one sequence uses a part, and no other.
    pub fn is_used_once(&self, part: u32) -> bool {
        self.parts[part as usize].uses == 1
    }

    /// Units that using a part takes out of the line.
    pub fn lined_up(&self, part: u32) -> u64 {
        let part = &self.parts[part as usize];
        if part.uses == 0 { part.units } else { 0 }
    }

    /// Uses a part. Returns the units that it takes out of the line.
    pub fn hold(&mut self, part: u32) -> u64 {
        let units = self.lined_up(part);
        if self.parts[part as usize].uses == 0 {
            self.unlink(part);
        }
        self.parts[part as usize].uses += 1;
        units
    }

    /// Adds blocks to a part that one sequence uses.
    pub fn extend(&mut self, part: u32, blocks: u32) {
        let unit = self.unit;
        let part = &mut self.parts[part as usize];
        part.blocks += blocks;
        part.units += unit * u64::from(blocks);
    }

    /// A new part that one sequence uses; none where the name stands for one already.
    pub fn insert(&mut self, name: u64, blocks: u32) -> Option<u32> {
        let Entry::Vacant(entry) = self.names.entry(name) else { return None };
        let units = self.unit * u64::from(blocks);
        let part = Part { name, blocks, uses: 1, units, before: NONE, after: NONE };
        let at = place(&mut self.parts, &mut self.unused, part);
        entry.insert(at);
        Some(at)
    }

    /// Ends a use. Returns the units that line up.
    pub fn release(&mut self, part: u32) -> u64 {
        let held = &mut self.parts[part as usize];
        held.uses -= 1;
        if held.uses > 0 {
            return 0;
        }
        let units = held.units;
        self.link(part);
        units
    }

    /// Memory without a name lines up.
    pub fn line_up_memory(&mut self, units: u64) {
        if units == 0 {
            return;
        }
        if let Some(last) = self.parts.get_mut(self.back as usize).filter(|last| last.blocks == 0) {
            last.units += units;
            self.lined += units;
            return;
        }
        let part = self.part(Part { name: 0, blocks: 0, uses: 0, units, before: NONE, after: NONE });
        self.link(part);
    }

    /// Takes from the front of the line until no more than so many units stand in it.
    pub fn shrink(&mut self, units: u64) {
        while self.lined > units && self.front != NONE {
            let front = self.front;
            let part = &mut self.parts[front as usize];
            let excess = self.lined - units;
            if part.blocks == 0 {
                let taken = excess.min(part.units);
                part.units -= taken;
                self.lined -= taken;
                if part.units == 0 {
                    self.unlink(front);
                    self.unused.push(front);
                }
                continue;
            }
            let blocks = excess.div_ceil(self.unit).min(u64::from(part.blocks));
            let taken = blocks * self.unit;
            part.blocks -= u32::try_from(blocks).unwrap_or(part.blocks);
            part.units -= taken;
            self.lined -= taken;
            if part.blocks == 0 {
                let name = part.name;
                self.names.remove(&name);
                self.unlink(front);
                self.unused.push(front);
            }
            // What a block has beyond what was asked is free without a name.
            if taken > excess {
                let rest =
                    Part { name: 0, blocks: 0, uses: 0, units: taken - excess, before: NONE, after: NONE };
                let rest = self.part(rest);
                self.link_front(rest);
            }
        }
    }

    fn part(&mut self, part: Part) -> u32 {
        place(&mut self.parts, &mut self.unused, part)
    }

    fn link(&mut self, part: u32) {
        let back = self.back;
        let entry = &mut self.parts[part as usize];
        entry.before = back;
        entry.after = NONE;
        self.lined += entry.units;
        match self.parts.get_mut(back as usize) {
            Some(last) => last.after = part,
            None => self.front = part,
        }
        self.back = part;
    }

    fn link_front(&mut self, part: u32) {
        let front = self.front;
        let entry = &mut self.parts[part as usize];
        entry.after = front;
        entry.before = NONE;
        self.lined += entry.units;
        match self.parts.get_mut(front as usize) {
            Some(first) => first.before = part,
            None => self.back = part,
        }
        self.front = part;
    }

    fn unlink(&mut self, part: u32) {
        let Part { before, after, units, .. } = self.parts[part as usize];
        self.lined -= units;
        match self.parts.get_mut(before as usize) {
            Some(entry) => entry.after = after,
            None => self.front = after,
        }
        match self.parts.get_mut(after as usize) {
            Some(entry) => entry.before = before,
            None => self.back = before,
        }
    }
}

fn place(parts: &mut Vec<Part>, unused: &mut Vec<u32>, part: Part) -> u32 {
    if let Some(slot) = unused.pop() {
        parts[slot as usize] = part;
        return slot;
    }
    parts.push(part);
    u32::try_from(parts.len() - 1).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_chain_goes_first_and_use_keeps_the_rest() {
        let mut prefixes = Prefixes::new(6, 1);
        prefixes.shrink(0);
        let [first, second] = [(1, 4), (2, 2)].map(|(name, blocks)| prefixes.insert(name, blocks).unwrap());
        prefixes.release(second);
        prefixes.release(first);
        prefixes.shrink(5);
        assert_eq!((prefixes.find(1), prefixes.find(2)), (Some((first, 4)), Some((second, 1))));
        assert_eq!(prefixes.hold(first), 4);
        prefixes.shrink(0);
        assert_eq!((prefixes.find(1), prefixes.find(2)), (Some((first, 4)), None));
        assert_eq!(prefixes.release(first), 4);
        prefixes.shrink(0);
        assert_eq!(prefixes.find(1), None);
    }

    #[test]
    fn memory_without_a_name_that_is_older_is_taken_before() {
        let mut prefixes = Prefixes::new(3, 1);
        prefixes.shrink(1);
        let part = prefixes.insert(7, 2).unwrap();
        prefixes.release(part);
        prefixes.shrink(2);
        assert_eq!(prefixes.find(7), Some((part, 2)));
        prefixes.shrink(1);
        assert_eq!(prefixes.find(7), Some((part, 1)));
    }
}
