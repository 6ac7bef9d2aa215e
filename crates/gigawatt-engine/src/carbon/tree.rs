//! Least values of stretches of a list whose stretches are raised and lowered.

/// A list of numbers of which the least of a stretch is asked and to a stretch of which something is added, each in
/// time that grows with the logarithm of its length.
pub(super) struct Least {
    size: usize,
    /// Least of the numbers below a node, without what was added to nodes above it; node 1 is the root.
    least: Vec<f64>,
    /// Added to all numbers below a node.
    added: Vec<f64>,
}

impl Least {
    /// A list of these numbers.
    pub fn of(values: impl ExactSizeIterator<Item = f64>) -> Self {
        let size = values.len().next_power_of_two().max(1);
        let mut least = vec![f64::INFINITY; 2 * size];
        for (node, value) in least[size..].iter_mut().zip(values) {
            *node = value;
        }
        for node in (1..size).rev() {
            least[node] = least[2 * node].min(least[2 * node + 1]);
        }
        Self { size, least, added: vec![0.0; 2 * size] }
    }

    /// The least of the numbers from one on.
    pub fn from(&self, first: usize) -> f64 {
        self.walk(first + self.size, Side::Right)
    }

    /// The least of the numbers up to one, which counts.
    pub fn up_to(&self, last: usize) -> f64 {
        self.walk(last + self.size, Side::Left)
    }

    /// The least of a leaf and of everything on one side of it.
    fn walk(&self, leaf: usize, side: Side) -> f64 {
        let (mut node, mut least) = (leaf, self.least[leaf]);
        while node > 1 {
            let beside = node ^ 1;
            if side.lies(node) {
                least = least.min(self.least[beside]);
            }
            node /= 2;
            least += self.added[node];
        }
        least
    }

    /// Adds to all numbers from one on; nothing where that is behind the end.
    pub fn add_from(&mut self, first: usize, amount: f64) {
        if first >= self.size {
            return;
        }
        let mut node = first + self.size;
        self.raise(node, amount);
        while node > 1 {
            if Side::Right.lies(node) {
                self.raise(node ^ 1, amount);
            }
            node /= 2;
            self.least[node] = self.least[2 * node].min(self.least[2 * node + 1]) + self.added[node];
        }
    }

    fn raise(&mut self, node: usize, amount: f64) {
        self.least[node] += amount;
        self.added[node] += amount;
    }
}

/// Towards the end of the list, or its start.
#[derive(Clone, Copy)]
enum Side {
    Right,
    Left,
}

impl Side {
    /// Whether the node beside one lies on this side of it.
    fn lies(self, node: usize) -> bool {
        match self {
            Self::Right => node.is_multiple_of(2),
            Self::Left => !node.is_multiple_of(2),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn least_values_are_those_of_the_list(
            values in prop::collection::vec(-100_i32..100, 1..40),
            added in prop::collection::vec((0_usize..40, -50_i32..50), 0..20),
        ) {
            let mut list: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut tree = Least::of(list.iter().copied());
            for (first, amount) in added {
                list.iter_mut().skip(first).for_each(|value| *value += f64::from(amount));
                tree.add_from(first, f64::from(amount));
            }
            let least = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
            for at in 0..list.len() {
                prop_assert_eq!(tree.from(at), least(&list[at..]));
                prop_assert_eq!(tree.up_to(at), least(&list[..=at]));
            }
        }
    }
}
