//! Engines that take requests.

use crate::fleet::index_set::IndexSet;

/// A set of engines that gives one by its rank in no order, and the next one by index.
#[derive(Clone, Debug)]
pub(super) struct Members {
    ordered: IndexSet,
    dense: Vec<u32>,
    /// Where an engine stands in `dense`.
    ranks: Vec<u32>,
}

/// Of an engine that is none of them.
const NOWHERE: u32 = u32::MAX;

impl Members {
    /// None of so many engines.
    pub fn new(engines: u32) -> Self {
        Self { ordered: IndexSet::new(engines), dense: Vec::new(), ranks: vec![NOWHERE; engines as usize] }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.dense.len()
    }

    /// Whether an engine is one of them.
    pub fn contains(&self, engine: u32) -> bool {
        self.ranks[engine as usize] != NOWHERE
    }

    /// The one at a rank below the count.
    pub fn at(&self, rank: u64) -> u32 {
        self.dense[rank as usize]
    }

    /// The first from an index on, or the first of all.
    pub fn next_from(&self, engine: u32) -> Option<u32> {
        self.ordered.next_from(engine).or_else(|| self.ordered.first())
    }

    /// Takes one in.
    pub fn insert(&mut self, engine: u32) {
        if !self.contains(engine) {
            self.ranks[engine as usize] = self.dense.len() as u32;
            self.dense.push(engine);
            self.ordered.insert(engine);
        }
    }

    /// Takes one out; the last takes its rank.
    pub fn remove(&mut self, engine: u32) {
        if self.contains(engine) {
            let rank = std::mem::replace(&mut self.ranks[engine as usize], NOWHERE);
            self.dense.swap_remove(rank as usize);
            if let Some(&moved) = self.dense.get(rank as usize) {
                self.ranks[moved as usize] = rank;
            }
            self.ordered.remove(engine);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_indices_name_the_same_engines() {
        let mut members = Members::new(200);
        (0..200).step_by(3).for_each(|engine| members.insert(engine));
        (0..200).step_by(2).for_each(|engine| members.remove(engine));
        members.insert(4);
        members.insert(4);
        let mut ranked: Vec<u32> = (0..members.count() as u64).map(|rank| members.at(rank)).collect();
        ranked.sort_unstable();
        let ordered: Vec<u32> = (0..200).filter(|&engine| members.contains(engine)).collect();
        assert_eq!(ranked, ordered);
        assert_eq!(ordered[..3], [3, 4, 9]);
        assert_eq!((members.next_from(5), members.next_from(198)), (Some(9), Some(3)));
    }
}
