//! Where the parts of stacks start and end.

use super::{Layer, Shape};

/// For every datum of every layer where its mark starts and ends: stacked parts stand on those of the layers
/// before, what is negative hangs below; other bars start at nothing; intervals go from low to high.
pub fn stacked(layers: &[Layer]) -> Vec<Vec<(f64, f64)>> {
    let mut sums: Vec<(f64, f64)> = Vec::new();
    layers
        .iter()
        .map(|layer| {
            layer
                .data
                .iter()
                .enumerate()
                .map(|(index, datum)| match layer.shape {
                    Shape::StackedArea | Shape::StackedBar => {
                        if sums.len() <= index {
                            sums.resize(index + 1, (0.0, 0.0));
                        }
                        let (above, below) = &mut sums[index];
                        let sum = if datum.value < 0.0 { below } else { above };
                        let start = *sum;
                        *sum += datum.value;
                        (start, *sum)
                    }
                    Shape::Bar => (0.0, datum.value),
                    _ => (datum.low, datum.high),
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Datum, Style};

    #[test]
    fn parts_stand_on_one_another_and_negative_ones_hang_below() {
        let layer = |values: [f64; 2]| Layer {
            name: String::new(),
            style: Style::Fill("f1"),
            shape: Shape::StackedBar,
            slot: (0, 1),
            data: values.map(|value| Datum::at(0.0, value)).to_vec(),
        };
        let found = stacked(&[layer([1.0, 2.0]), layer([3.0, -4.0]), layer([5.0, 6.0])]);
        assert_eq!(
            found,
            [vec![(0.0, 1.0), (0.0, 2.0)], vec![(1.0, 4.0), (0.0, -4.0)], vec![(4.0, 9.0), (2.0, 8.0)]]
        );
    }
}
