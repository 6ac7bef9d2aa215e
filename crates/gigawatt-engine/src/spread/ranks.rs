//! Ranks of a sample and their correlation.

/// The ranks of a sample, from 1; equal values share the mean of theirs.
#[expect(
    clippy::cast_precision_loss,
    reason = "halves of numbers of draws fit: a sample has fewer than 2^23"
)]
pub(crate) fn ranks(values: &[f64]) -> Vec<f32> {
    let mut order: Vec<(f64, u32)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for equal in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = start as f32 + 0.5 * (equal.len() + 1) as f32;
        for (_, draw) in equal {
            ranks[*draw as usize] = rank;
        }
        start += equal.len();
    }
    ranks
}

/// Pearson's correlation of two lists of ranks, which is Spearman's of the samples; 0 where one of them has no
/// spread.
#[expect(clippy::cast_precision_loss, reason = "a sample has fewer than 2^53 draws")]
pub(crate) fn correlation(a: &[f32], b: &[f32]) -> f64 {
    // The mean of ranks with equal ones shared is that without.
    let mean = 0.5 * (a.len() + 1) as f64;
    let (mut both, mut of_a, mut of_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (f64::from(*a) - mean, f64::from(*b) - mean);
        both += a * b;
        of_a += a * a;
        of_b += b * b;
    }
    let scale = (of_a * of_b).sqrt();
    if scale > 0.0 { (both / scale).clamp(-1.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0, 3.0]), [4.0, 1.0, 4.0, 2.0, 4.0]);
        assert!(ranks(&[]).is_empty());
    }

    #[test]
    fn correlation_is_that_of_ranks_not_of_values() {
        let x: Vec<f64> = (1..=20).map(f64::from).collect();
        let rises: Vec<f64> = x.iter().map(|x| x.powi(5)).collect();
        let falls: Vec<f64> = x.iter().map(|x| 1.0 / x).collect();
        assert!((correlation(&ranks(&x), &ranks(&rises)) - 1.0).abs() < 1e-12);
        assert!((correlation(&ranks(&x), &ranks(&falls)) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&ranks(&x), &ranks(&[7.0; 20])), 0.0);
        // By hand: 1 - 6 Σ d² / (n (n² - 1)) with Σ d² = 4 and n = 4.
        let (a, b) = ([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0]);
        assert!((correlation(&ranks(&a), &ranks(&b)) - 0.6).abs() < 1e-12);
    }
}
