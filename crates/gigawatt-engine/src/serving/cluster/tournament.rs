//! The least of many numbers that change one at a time.

/// The key of one that does not take part.
pub(super) const ABSENT: u64 = u64::MAX;

/// A tournament tree (Knuth 1998, 5.4.1): the least key and the lowest index that has it. A change costs the height of the tree at
/// most, and where nothing above it changes less.
#[derive(Clone, Debug)]
pub(super) struct Tournament {
    keys: Vec<u64>,
    /// Winner of every match; the children of `i` are `2 i` and `2 i + 1`, and from `size` on they are players.
    winners: Vec<u32>,
    size: usize,
}

impl Tournament {
    /// All absent.
    pub fn new(count: usize) -> Self {
        let size = count.next_power_of_two();
        let mut winners = vec![0; size];
        for node in (1..size).rev() {
            let left = 2 * node;
            winners[node] = if left < size { winners[left] } else { (left - size) as u32 };
        }
        Self { keys: vec![ABSENT; size], winners, size }
    }

    fn winner(&self, node: usize) -> u32 {
        if node < self.size { self.winners[node] } else { (node - self.size) as u32 }
    }

    /// Changes a key.
    pub fn set(&mut self, index: u32, key: u64) {
        if self.keys[index as usize] == key {
            return;
        }
        self.keys[index as usize] = key;
        let mut node = (self.size + index as usize) / 2;
        while node > 0 {
            let (left, right) = (self.winner(2 * node), self.winner(2 * node + 1));
            let best = if self.keys[right as usize] < self.keys[left as usize] { right } else { left };
            // Where another has won as before, nothing above knows of the change.
            if self.winners[node] == best && best != index {
                return;
            }
            self.winners[node] = best;
            node /= 2;
        }
    }

    /// Its key.
    pub fn key(&self, index: u32) -> u64 {
        self.keys[index as usize]
    }

    /// The least key and who has it; `None` where all are absent.
    pub fn least(&self) -> Option<(u64, u32)> {
        let winner = self.winner(1);
        let key = self.keys[winner as usize];
        (key != ABSENT).then_some((key, winner))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_knows_the_first_of_the_least(
            count in 1_usize..70,
            changes in prop::collection::vec((any::<u32>(), prop_oneof![4 => 0_u64..6, 1 => Just(ABSENT)]), 1..300),
        ) {
            let mut tree = Tournament::new(count);
            let mut plain = vec![ABSENT; count];
            for (index, key) in changes {
                let index = index % count as u32;
                tree.set(index, key);
                plain[index as usize] = key;
                let best = (0_u32..).zip(&plain).map(|(index, &key)| (key, index)).min();
                prop_assert_eq!(tree.least(), best.filter(|(key, _)| *key != ABSENT));
            }
        }
    }
}
