//! Drawing from a table of many cells with one random word.

use super::Outcome;

/// Jobs of a size and a bin of run times that end in one way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cell {
    /// Which bin of run times.
    pub bin: u16,
    /// Which size.
    pub class: u8,
    /// How they end.
    pub outcome: Outcome,
}

/// A column of the alias table: below the threshold its own cell, else another.
#[derive(Clone, Copy, Debug)]
struct Column {
    threshold: u64,
    own: Cell,
    other: Cell,
}

/// Cells with their probabilities, drawn in constant time.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    columns: Vec<Column>,
}

impl Alias {
    /// A table of cells with weights from 0, of which at least one is above.
    ///
    /// Columns of equal probability are filled from a cell that has too little for one and, to the brim, from one that
    /// has more (M. D. Vose, IEEE Transactions on Software Engineering 17(9), 1991).
    pub fn new(cells: &[(Cell, f64)]) -> Self {
        let total: f64 = cells.iter().map(|(_, weight)| weight).sum();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand cells")]
        let scale = cells.len() as f64 / total;
        let mut left: Vec<f64> = cells.iter().map(|(_, weight)| weight * scale).collect();
        let mut columns: Vec<Column> =
            cells.iter().map(|(cell, _)| Column { threshold: u64::MAX, own: *cell, other: *cell }).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..cells.len()).partition(|cell| left[*cell] < 1.0);
        while let (Some(under), Some(&over)) = (small.pop(), large.last()) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "a share of all words"
            )]
            let threshold = (left[under] * u64::MAX as f64) as u64;
            columns[under].threshold = threshold;
            columns[under].other = cells[over].0;
            left[over] -= 1.0 - left[under];
            if left[over] < 1.0 {
                large.pop();
                small.push(over);
            }
        }
        Self { columns }
    }

    /// The cell that a random word stands for: its product with the number of columns has the column above and the place
    /// within it below.
    pub fn draw(&self, word: u64) -> Cell {
        let product = u128::from(word) * self.columns.len() as u128;
        #[expect(clippy::cast_possible_truncation, reason = "the upper and the lower half")]
        let (column, within) = ((product >> 64) as usize, product as u64);
        let column = self.columns[column];
        if within < column.threshold { column.own } else { column.other }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_has_its_share_of_all_words() {
        let weights = [1.0, 0.0, 5.0, 2.5, 0.25, 7.25];
        let cells: Vec<(Cell, f64)> = (0..)
            .zip(weights)
            .map(|(bin, weight)| (Cell { bin, class: 0, outcome: Outcome::Completed }, weight))
            .collect();
        let table = Alias::new(&cells);
        let words = 1_u64 << 20;
        let mut counts = [0_u64; 6];
        for word in 0..words {
            counts[usize::from(table.draw(word << 44).bin)] += 1;
        }
        for (count, weight) in counts.into_iter().zip(weights) {
            #[expect(clippy::cast_precision_loss, reason = "counts")]
            let share = count as f64 / words as f64;
            assert!((share - weight / 16.0).abs() < 1e-5, "{share} of {weight}");
        }
    }
}
