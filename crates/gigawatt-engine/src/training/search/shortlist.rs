//! Layouts that may be among the best, by how fast they can be at most.

use gigawatt_plan::training::{Framework, Layout};

/// What makes two layouts different to a reader: sharding, order of ranks, recomputation and switches are variants of
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key([u64; 7]);

impl Key {
    pub fn of(layout: &Layout) -> Self {
        Self([
            layout.pipeline,
            layout.tensor,
            layout.context,
            layout.expert,
            layout.expert_tensor,
            layout.virtual_stages,
            layout.micro_batch,
        ])
    }
}

/// A layout that may be as fast as its bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate {
    pub bound: f64,
    pub framework: Framework,
    pub layout: Layout,
}

/// The variants of some layouts with the least bounds, a few of each.
#[derive(Clone, Debug)]
pub(super) struct Shortlist {
    keep: usize,
    rows: Vec<Row>,
}

/// Variants of a layout, by bound.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub key: Key,
    pub variants: Vec<Candidate>,
    /// The least bound of a variant that had no place.
    pub dropped: f64,
}

impl Shortlist {
    pub fn new(keep: usize) -> Self {
        Self { keep, rows: Vec::new() }
    }

    /// Adds a variant.
    pub fn add(&mut self, bound: f64, framework: Framework, layout: Layout) {
        let key = Key::of(&layout);
        // A branch comes to its layouts one after another.
        let row = match self.rows.iter().rposition(|row| row.key == key) {
            Some(row) => row,
            None => {
                self.rows.push(Row { key, variants: Vec::new(), dropped: f64::INFINITY });
                self.rows.len() - 1
            }
        };
        let row = &mut self.rows[row];
        let place = row.variants.partition_point(|known| known.bound <= bound);
        if place == self.keep {
            row.dropped = row.dropped.min(bound);
            return;
        }
        row.variants.insert(place, Candidate { bound, framework, layout });
        if row.variants.len() > self.keep
            && let Some(last) = row.variants.pop()
        {
            row.dropped = row.dropped.min(last.bound);
        }
    }

    pub fn into_rows(self) -> Vec<Row> {
        self.rows
    }
}
