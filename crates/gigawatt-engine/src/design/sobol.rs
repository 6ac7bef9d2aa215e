//! The Sobol' sequence with Owen's scrambling.
//!
//! Direction numbers of S. Joe and F. Y. Kuo, *Constructing Sobol sequences with better two-dimensional
//! projections*, SIAM J. Sci. Comput. 30 (2008); the recurrence stands in their *Remark on Algorithm 659*, ACM
//! Trans. Math. Softw. 29 (2003). Scrambling follows B. Burley, *Practical Hash-based Owen Scrambling*, JCGT 9
//! (2020), with N. Vegdahl's constants (2021).

/// First dimensions of the published table, one a line: number, degree, coefficients, initial numbers.
const TABLE: &str = include_str!("joe-kuo-6.1000.txt");

/// Dimensions that the table has.
pub const MAXIMUM_DIMENSIONS: usize = 1000;

/// Bits of a coordinate: as many points are distinct.
const BITS: usize = 32;

/// The sequence in some dimensions, each scrambled by its own key.
pub(super) struct Sobol {
    dimensions: Vec<([u32; BITS], u32)>,
}

impl Sobol {
    /// One dimension for each key; `None` where the table has fewer.
    pub fn new(keys: Vec<u64>) -> Option<Self> {
        if keys.len() > MAXIMUM_DIMENSIONS {
            return None;
        }
        let mut rows = TABLE.lines().skip(1);
        let mut dimensions = Vec::with_capacity(keys.len());
        for (dimension, key) in keys.into_iter().enumerate() {
            let directions = match dimension {
                0 => std::array::from_fn(|bit| 1 << (BITS - 1 - bit)),
                _ => directions(rows.next()?)?,
            };
            // Half of the key's bits do.
            dimensions.push((directions, (key >> 32) as u32));
        }
        Some(Self { dimensions })
    }

    /// A coordinate of a point, between 0 and 1, both excluded.
    pub fn coordinate(&self, number: u64, dimension: usize) -> f64 {
        let (directions, key) = &self.dimensions[dimension];
        (f64::from(scrambled(digits(directions, number), *key)) + 0.5) / (1_u64 << BITS) as f64
    }
}

/// The sequence's binary digits: the exclusive or of the direction numbers of the number's bits.
fn digits(directions: &[u32; BITS], number: u64) -> u32 {
    let chosen = directions.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1);
    chosen.fold(0, |digits, (_, direction)| digits ^ direction)
}

/// Direction numbers from a row of the table, in the upper bits of a word.
fn directions(row: &str) -> Option<[u32; BITS]> {
    let mut numbers = row.split_whitespace().skip(1).map(|number| number.parse::<u32>().ok());
    let (degree, coefficients) = (numbers.next()?? as usize, numbers.next()??);
    let mut directions = [0_u32; BITS];
    for bit in 0..BITS {
        directions[bit] = if bit < degree {
            numbers.next()?? << (BITS - 1 - bit)
        } else {
            let earlier = directions[bit - degree];
            let mut direction = earlier ^ (earlier >> degree);
            for term in 1..degree {
                if coefficients >> (degree - 1 - term) & 1 == 1 {
                    direction ^= directions[bit - term];
                }
            }
            direction
        };
    }
    Some(directions)
}

/// Nested uniform scrambling: whether a binary digit is turned depends on the key and all digits above it.
fn scrambled(digits: u32, key: u32) -> u32 {
    let mut word = digits.reverse_bits();
    word ^= word.wrapping_mul(0x3d20_adea);
    word = word.wrapping_add(key);
    word = word.wrapping_mul((key >> 16) | 1);
    word ^= word.wrapping_mul(0x0552_6c56);
    word ^= word.wrapping_mul(0x53a2_2864);
    word.reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_points_are_the_published_ones() {
        // Of `sobol.cc` beside the table, whose order is that of the Gray code: x0, x1, x3, x2, x6, x7, x5, x4.
        let expected = [
            [0.0, 0.0, 0.0],
            [0.5, 0.5, 0.5],
            [0.75, 0.25, 0.25],
            [0.25, 0.75, 0.75],
            [0.375, 0.375, 0.625],
            [0.875, 0.875, 0.125],
            [0.625, 0.125, 0.875],
            [0.125, 0.625, 0.375],
        ];
        let sobol = Sobol::new(vec![0; 3]).expect("the table has them");
        for (place, expected) in expected.iter().enumerate() {
            let number = (place ^ (place >> 1)) as u64;
            for (dimension, expected) in expected.iter().enumerate() {
                let found = f64::from(digits(&sobol.dimensions[dimension].0, number)) / 2_f64.powi(32);
                assert_eq!(found, *expected, "point {place}, dimension {dimension}");
            }
        }
    }

    #[test]
    fn every_dimension_is_stratified_and_scrambling_keeps_it_so() {
        let keys = (0..MAXIMUM_DIMENSIONS as u64).map(|key| super::super::mixed(3, key)).collect();
        let sobol = Sobol::new(keys).expect("the table has them");
        for dimension in 0..MAXIMUM_DIMENSIONS {
            let mut slices: Vec<u32> =
                (0..256).map(|number| (sobol.coordinate(number, dimension) * 256.0) as u32).collect();
            slices.sort_unstable();
            assert_eq!(slices, (0..256).collect::<Vec<_>>(), "dimension {dimension}");
        }
        assert!(Sobol::new(vec![0; MAXIMUM_DIMENSIONS + 1]).is_none());
    }
}
