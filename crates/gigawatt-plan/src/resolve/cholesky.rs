//! Cholesky's factor of a correlation matrix, and what keeps a matrix from having one.

/// What a pivot may lack by rounding. A correlation of one makes a pivot of nothing, which is allowed.
const ROUNDING: f64 = 1e-10;

/// The lower triangle `L` with `L Lᵀ = matrix`, row by row.
///
/// # Errors
/// The first row that contradicts those above it: the matrix is not positive semidefinite.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, usize> {
    let mut factor: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (row, numbers) in matrix.iter().enumerate() {
        let mut own: Vec<f64> = Vec::with_capacity(row + 1);
        for (column, above) in factor.iter().enumerate() {
            let rest = numbers[column] - dot(&own, above);
            let pivot = above[column];
            if pivot > 0.0 {
                own.push(rest / pivot);
            } else if rest.abs() < ROUNDING.sqrt() {
                own.push(0.0);
            } else {
                return Err(row);
            }
        }
        let pivot = numbers[row] - dot(&own, &own);
        if pivot < -ROUNDING {
            return Err(row);
        }
        own.push(if pivot > ROUNDING { pivot.sqrt() } else { 0.0 });
        factor.push(own);
    }
    Ok(factor)
}

/// The sum of products over the shorter of two rows.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}

/// The largest factor, in thousandths, by which everything off the diagonal may be multiplied.
pub(super) fn largest_scale(matrix: &[Vec<f64>]) -> f64 {
    let valid = |thousandths: u32| {
        let scale = f64::from(thousandths) / 1000.0;
        let scaled: Vec<Vec<f64>> = (matrix.iter().enumerate())
            .map(|(row, numbers)| {
                let scaled = |(column, number)| if row == column { 1.0 } else { scale * number };
                numbers.iter().copied().enumerate().map(scaled).collect()
            })
            .collect();
        cholesky(&scaled).is_ok()
    };
    // The identity is valid, and what lies between two valid matrices is.
    let (mut good, mut bad) = (0, 1000);
    while bad - good > 1 {
        let middle = (good + bad) / 2;
        if valid(middle) { good = middle } else { bad = middle }
    }
    f64::from(good) / 1000.0
}

/// Three inputs whose correlations contradict each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Contradiction {
    /// The two whose correlation is furthest from what the other two allow.
    pub pair: (usize, usize),
    /// The third.
    pub third: usize,
    /// What the other two allow.
    pub allowed: (f64, f64),
}

/// The worst contradiction among three inputs, where there is one.
///
/// With correlations `a` and `b` to a third, two inputs have one of `ab ± √((1-a²)(1-b²))`.
pub(super) fn contradiction(matrix: &[Vec<f64>]) -> Option<Contradiction> {
    let mut worst: Option<(f64, Contradiction)> = None;
    for first in 0..matrix.len() {
        for second in first + 1..matrix.len() {
            for third in (0..matrix.len()).filter(|third| *third != first && *third != second) {
                let (a, b) = (matrix[first][third], matrix[second][third]);
                let (middle, width) = (a * b, ((1.0 - a * a) * (1.0 - b * b)).sqrt());
                let excess = (matrix[first][second] - middle).abs() - width;
                if excess > ROUNDING && worst.is_none_or(|(most, _)| excess > most) {
                    let allowed = (middle - width, middle + width);
                    worst = Some((excess, Contradiction { pair: (first, second), third, allowed }));
                }
            }
        }
    }
    worst.map(|(_, contradiction)| contradiction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matrix<const N: usize>(rows: [[f64; N]; N]) -> Vec<Vec<f64>> {
        rows.iter().map(|row| row.to_vec()).collect()
    }

    #[test]
    fn a_factor_by_hand() {
        let factor = cholesky(&matrix([[1.0, 0.6], [0.6, 1.0]])).expect("definite");
        assert_eq!(factor[0], [1.0]);
        assert!((factor[1][0] - 0.6).abs() < 1e-15 && (factor[1][1] - 0.8).abs() < 1e-15);
    }

    #[test]
    fn what_moves_exactly_alike_or_opposed_is_allowed() {
        let factor = cholesky(&matrix([[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]));
        assert_eq!(factor.expect("semidefinite"), [vec![1.0], vec![1.0, 0.0], vec![-1.0, 0.0, 0.0]]);
        // The second is the first, so the third cannot move with one of them only.
        assert_eq!(cholesky(&matrix([[1.0, 1.0, 0.5], [1.0, 1.0, 0.0], [0.5, 0.0, 1.0]])), Err(2));
    }

    #[test]
    fn three_that_contradict_are_found_with_what_would_be_allowed() {
        let wrong = matrix([[1.0, 0.9, -0.5], [0.9, 1.0, 0.9], [-0.5, 0.9, 1.0]]);
        assert_eq!(cholesky(&wrong), Err(2));
        let found = contradiction(&wrong).expect("contradicts");
        assert_eq!((found.pair, found.third), ((0, 2), 1));
        assert!((found.allowed.0 - 0.62).abs() < 1e-12 && (found.allowed.1 - 1.0).abs() < 1e-12);
    }

    #[test]
    fn four_may_contradict_where_no_three_do() {
        // Every two opposed by 0.4: three may be as low as -0.5, four only as -1/3, so the scale is 1/1.2.
        let opposed: Vec<Vec<f64>> =
            (0..4).map(|row| (0..4).map(|column| if row == column { 1.0 } else { -0.4 }).collect()).collect();
        assert_eq!(cholesky(&opposed), Err(3));
        assert_eq!(contradiction(&opposed), None);
        assert_eq!(largest_scale(&opposed), 0.833);
    }

    proptest! {
        #[test]
        fn a_factor_times_itself_is_the_matrix(loadings in proptest::collection::vec(proptest::collection::vec(-1.0..1.0_f64, 4), 2..8)) {
            // Correlations of sums of four independent causes and one of each input's own.
            let length = |row: &[f64]| (dot(row, row) + 0.01).sqrt();
            let valid: Vec<Vec<f64>> = loadings.iter().enumerate().map(|(i, a)| {
                loadings.iter().enumerate()
                    .map(|(j, b)| if i == j { 1.0 } else { dot(a, b) / (length(a) * length(b)) })
                    .collect()
            }).collect();
            let factor = cholesky(&valid).expect("definite");
            for (i, row) in factor.iter().enumerate() {
                for (j, other) in factor.iter().enumerate() {
                    prop_assert!((dot(row, other) - valid[i][j]).abs() < 1e-9);
                }
            }
        }

        #[test]
        fn a_matrix_is_valid_once_scaled(numbers in proptest::collection::vec(-1.0..1.0_f64, 10)) {
            let at = |row: usize, column: usize| match (row.max(column), row.min(column)) {
                (row, column) if row == column => 1.0,
                (row, column) => numbers[row * (row - 1) / 2 + column],
            };
            let mut any: Vec<Vec<f64>> =
                (0..5).map(|row| (0..5).map(|column| at(row, column)).collect()).collect();
            let scale = if cholesky(&any).is_ok() { 1.0 } else { largest_scale(&any) };
            for (row, numbers) in any.iter_mut().enumerate() {
                for (column, number) in numbers.iter_mut().enumerate() {
                    if row != column { *number *= scale; }
                }
            }
            prop_assert!(scale > 0.1 && cholesky(&any).is_ok());
        }
    }
}
