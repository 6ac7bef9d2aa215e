//! Names of prompts that wait or run, and the parts of the cache that they hold, in one piece of memory.

/// The names of a prompt: where they lie, how many they are, and how many parts are held.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    start: u32,
    pub names: u32,
    pub held: u32,
}

/// All chains. Each lies in a place of the next power of two, which is used again when it ends.
#[derive(Debug, Default)]
pub(super) struct Chains {
    names: Vec<u64>,
    parts: Vec<u32>,
    /// Places that are empty, by the logarithm of their size.
    empty: Vec<Vec<u32>>,
}

impl Chains {
    pub fn add(&mut self, names: &[u64]) -> Chain {
        let Ok(number) = u32::try_from(names.len()) else { return Chain::default() };
        if number == 0 {
            return Chain::default();
        }
        let place = names.len().next_power_of_two();
        let class = place.trailing_zeros() as usize;
        let start = if let Some(start) = self.empty.get_mut(class).and_then(Vec::pop) {
            start
        } else {
            let start = self.names.len();
            self.names.resize(start + place, 0);
            self.parts.resize(start + place, 0);
            u32::try_from(start).unwrap_or(u32::MAX)
        };
        let at = start as usize;
        self.names[at..at + names.len()].copy_from_slice(names);
        Chain { start, names: number, held: 0 }
    }

    pub fn remove(&mut self, chain: Chain) {
        if chain.names == 0 {
            return;
        }
        let class = chain.names.next_power_of_two().trailing_zeros() as usize;
        if self.empty.len() <= class {
            self.empty.resize_with(class + 1, Vec::new);
        }
        self.empty[class].push(chain.start);
    }

    /// Its names.
    pub fn names(&self, chain: Chain) -> &[u64] {
        let start = chain.start as usize;
        &self.names[start..start + chain.names as usize]
    }

    /// The parts that it holds.
    pub fn parts(&self, chain: Chain) -> &[u32] {
        let start = chain.start as usize;
        &self.parts[start..start + chain.held as usize]
    }

    /// It holds one more part.
    pub fn hold(&mut self, chain: &mut Chain, part: u32) {
        self.parts[(chain.start + chain.held) as usize] = part;
        chain.held += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_used_again() {
        let mut chains = Chains::default();
        let first = chains.add(&[1, 2, 3]);
        let mut second = chains.add(&[4]);
        chains.hold(&mut second, 9);
        chains.remove(first);
        let third = chains.add(&[5, 6, 7, 8]);
        assert_eq!((chains.names(second), chains.parts(second)), ([4].as_slice(), [9].as_slice()));
        assert_eq!(chains.names(third), [5, 6, 7, 8]);
        assert_eq!(chains.names.len(), 5);
        assert_eq!(chains.add(&[]), Chain::default());
    }
}
