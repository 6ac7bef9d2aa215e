//! A set of indices that finds its next member in a few steps, however large it is.

/// A set of indices below a fixed length: a bit each, and above every 64 words a word that says which of them
/// are not empty.
#[derive(Clone, Debug, Default)]
pub struct IndexSet {
    levels: Vec<Vec<u64>>,
    count: u32,
}

impl IndexSet {
    /// An empty set of indices below `length`.
    pub fn new(length: u32) -> Self {
        let mut levels = Vec::new();
        let mut words = (length as usize).div_ceil(64).max(1);
        loop {
            levels.push(vec![0; words]);
            if words == 1 {
                return Self { levels, count: 0 };
            }
            words = words.div_ceil(64);
        }
    }

    /// How many members it has.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether an index is a member.
    pub fn contains(&self, index: u32) -> bool {
        self.levels[0][index as usize / 64] >> (index % 64) & 1 == 1
    }

    /// Makes an index a member.
    pub fn insert(&mut self, index: u32) {
        if self.contains(index) {
            return;
        }
        self.count += 1;
        let mut at = index as usize;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            let was_empty = *word == 0;
            *word |= 1 << (at % 64);
            if !was_empty {
                return;
            }
            at /= 64;
        }
    }

    /// Takes an index out.
    pub fn remove(&mut self, index: u32) {
        if !self.contains(index) {
            return;
        }
        self.count -= 1;
        let mut at = index as usize;
        for level in &mut self.levels {
            let word = &mut level[at / 64];
            *word &= !(1 << (at % 64));
            if *word != 0 {
                return;
            }
            at /= 64;
        }
    }

    /// Its members, the lowest first.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        std::iter::successors(self.first(), |&member| self.next_from(member + 1))
    }

    /// The lowest member.
    pub fn first(&self) -> Option<u32> {
        self.next_from(0)
    }

    /// The lowest member that is not below `from`.
    pub fn next_from(&self, from: u32) -> Option<u32> {
        let mut at = from as usize;
        for (height, level) in self.levels.iter().enumerate() {
            let word = level.get(at / 64)? & (u64::MAX << (at % 64));
            if word != 0 {
                return self.descend(height, at / 64 * 64 + word.trailing_zeros() as usize);
            }
            at = at / 64 + 1;
        }
        None
    }

    fn descend(&self, height: usize, mut at: usize) -> Option<u32> {
        for level in self.levels[..height].iter().rev() {
            at = at * 64 + level[at].trailing_zeros() as usize;
        }
        u32::try_from(at).ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_answers_as_an_ordered_set(
            length in 1_u32..20_000,
            changes in prop::collection::vec((any::<u32>(), any::<bool>()), 1..400),
            asked in prop::collection::vec(any::<u32>(), 1..50),
        ) {
            let (mut set, mut other) = (IndexSet::new(length), BTreeSet::new());
            for (index, add) in changes {
                let index = index % length;
                if add { set.insert(index); other.insert(index); } else { set.remove(index); other.remove(&index); }
            }
            prop_assert_eq!(set.count() as usize, other.len());
            for from in asked {
                let from = from % length;
                prop_assert_eq!(set.next_from(from), other.range(from..).next().copied());
                prop_assert_eq!(set.contains(from), other.contains(&from));
            }
            prop_assert_eq!(set.first(), other.first().copied());
        }
    }
}
