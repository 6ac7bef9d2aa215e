//! How tokens fall on the experts of one device.

/// How many experts have how many tokens each, on the busiest of `devices` that share `experts` experts, when each of `tokens` tokens
/// chooses `top` of them.
///
/// Evenly, choices go round; where there are fewer choices than experts, some get none. Unevenly, the loads are those
/// of the benchmark that the rows come from: proportional to a variable whose logarithm is uniform up to 0.8 of the
/// tokens, none above all tokens, on the device of the most loaded expert.
pub fn loads(tokens: f64, top: f64, experts: f64, devices: f64, uneven: bool) -> Vec<(f64, f64)> {
    let choices = tokens * top;
    let here = libm::ceil(experts / devices.max(1.0)).max(1.0);
    if !uneven {
        let each = choices / experts;
        let (busy, load) =
            if each >= 1.0 { (here, each) } else { (here.min(libm::ceil(choices / devices)), 1.0) };
        return vec![(busy, load)];
    }
    let range = libm::log((0.8 * tokens).max(2.0));
    let weight = |index: usize| libm::exp(range * (1.0 - (number(index) + 0.5) / experts));
    let all: Vec<f64> = (0..whole(experts)).map(weight).collect();
    let total: f64 = all.iter().sum();
    // The most loaded, and then every so many, so that the rest is like that of any other device.
    all.iter()
        .step_by(whole(devices).max(1))
        .map(|weight| (weight / total * choices).min(tokens))
        // Fewer than one token is the chance of one.
        .map(|load| (load.min(1.0), load.max(1.0)))
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of experts, at most 1e5")]
fn whole(count: f64) -> usize {
    count.clamp(0.0, 1e5) as usize
}

#[expect(clippy::cast_precision_loss, reason = "at most 1e5")]
fn number(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_choices_go_round() {
        assert_eq!(loads(1024.0, 8.0, 128.0, 4.0, false), vec![(32.0, 64.0)]);
        // 8 choices on 128 experts of one device: 8 experts with a token each.
        assert_eq!(loads(1.0, 8.0, 128.0, 1.0, false), vec![(8.0, 1.0)]);
        assert_eq!(loads(1.0, 8.0, 128.0, 8.0, false), vec![(1.0, 1.0)]);
    }

    #[test]
    fn uneven_loads_fall_and_the_busiest_device_has_more_than_its_share() {
        let loads = loads(4096.0, 8.0, 128.0, 8.0, true);
        assert_eq!(loads.len(), 16);
        assert!(loads.is_sorted_by(|left, right| left.1 >= right.1) && loads[0].1 <= 4096.0);
        assert!(loads.iter().map(|(count, load)| count * load).sum::<f64>() > 4096.0 * 8.0 / 8.0);
    }
}
