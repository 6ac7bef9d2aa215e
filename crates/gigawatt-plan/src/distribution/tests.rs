use super::*;
use proptest::prelude::*;

const DIGITS: f64 = 1e-9;

#[test]
fn a_curve_passes_through_its_quantiles() {
    for (p10, p50, p90) in [(1.0, 2.0, 3.0), (1.0, 2.0, 4.0), (-5.0, 2.0, 3.0), (10.0, 11.0, 40.0)] {
        let curve = Distribution::quantiles(p10, p50, p90).expect("ordered");
        for (z, expected) in [(-Z90, p10), (0.0, p50), (Z90, p90)] {
            assert!((curve.at_score(z) - expected).abs() < DIGITS, "{p10} {p50} {p90} at {z}");
        }
    }
}

#[test]
fn a_geometric_curve_is_the_lognormal() {
    let curve = Distribution::quantiles(1.0, 2.0, 4.0).expect("ordered");
    let lognormal = Distribution::lognormal(2.0, 2.0, None, None).expect("positive");
    let sigma = std::f64::consts::LN_2 / Z90;
    for z in [-3.0, -0.5, 1.0, 2.5] {
        assert!((curve.at_score(z) - 2.0 * (sigma * z).exp()).abs() < DIGITS);
        assert!((curve.at_score(z) - lognormal.at_score(z)).abs() < DIGITS);
    }
}

#[test]
fn a_symmetric_curve_is_the_normal() {
    let curve = Distribution::quantiles(1.0, 2.0, 3.0).expect("ordered");
    let normal = Distribution::normal(2.0, 1.0 / Z90, None, None).expect("positive");
    for u in [0.001, 0.1, 0.5, 0.77, 0.999] {
        assert!((curve.at_probability(u) - normal.at_probability(u)).abs() < DIGITS);
    }
}

#[test]
fn the_reference_is_the_median() {
    let reference = |distribution: Result<Distribution, _>| distribution.expect("ordered").reference();
    assert_eq!(reference(Distribution::normal(70.0, 5.0, None, None)), 70.0);
    assert_eq!(reference(Distribution::lognormal(70.0, 1.5, None, None)), 70.0);
    assert_eq!(reference(Distribution::uniform(60.0, 80.0)), 70.0);
    // Half a normal distribution: its median is the upper quartile of the whole.
    let half = reference(Distribution::normal(0.0, 1.0, Some(0.0), None));
    assert!((half - 0.674_489_750_196_081_7).abs() < DIGITS);
}

#[test]
fn the_central_range_of_a_uniform_is_eight_tenths_of_it() {
    let (low, high) = Distribution::uniform(0.0, 10.0).expect("ordered").central();
    assert!((low - 1.0).abs() < DIGITS && (high - 9.0).abs() < DIGITS);
}

#[test]
fn what_makes_no_distribution_is_refused() {
    use DistributionError as E;
    assert_eq!(Distribution::uniform(2.0, 1.0), Err(E::NotRising));
    assert_eq!(Distribution::uniform(f64::NAN, 1.0), Err(E::NotRising));
    assert_eq!(Distribution::normal(1.0, 0.0, None, None), Err(E::DeviationNotPositive));
    assert_eq!(Distribution::normal(1.0, 1.0, Some(2.0), Some(2.0)), Err(E::NotRising));
    assert_eq!(Distribution::normal(1.0, 1.0, Some(9.0), None), Err(E::NothingLeft));
    assert_eq!(Distribution::normal(1.0, 1.0, None, Some(-9.0)), Err(E::NothingLeft));
    assert_eq!(Distribution::lognormal(0.0, 2.0, None, None), Err(E::MedianNotPositive));
    assert_eq!(Distribution::lognormal(1.0, 1.0, None, None), Err(E::FactorOutOfRange));
    assert_eq!(Distribution::lognormal(1.0, 2.0, None, Some(0.0)), Err(E::NothingLeft));
}

#[test]
fn a_quantity_that_cannot_be_negative_is_cut_off_at_zero_where_that_shows() {
    let wide = Distribution::normal(1.0, 1.0, None, None).expect("positive");
    let cut = wide.not_negative().expect("mass is left");
    assert_eq!(cut, Distribution::Normal { mean: 1.0, sd: 1.0, low: Some(0.0), high: None });
    assert!(cut.at_probability(1e-12) >= 0.0 && wide.at_probability(1e-12) < 0.0);
    let narrow = Distribution::normal(10.0, 1.0, None, None).expect("positive");
    assert_eq!(narrow.not_negative(), Ok(narrow));
    let below = Distribution::normal(-20.0, 1.0, None, None).expect("positive");
    assert_eq!(below.not_negative(), Err(DistributionError::NothingLeft));
}

#[test]
fn a_distribution_survives_its_file() {
    let all = [
        Distribution::Constant { value: 1.0 },
        Distribution::Triangle { low: 1.0, mode: 2.0, high: 3.0 },
        Distribution::Quantiles { p10: 1.0, p50: 2.0, p90: 3.0 },
        Distribution::Uniform { low: 1.0, high: 3.0 },
        Distribution::Normal { mean: 1.0, sd: 2.0, low: None, high: Some(3.0) },
        Distribution::Lognormal { median: 1.0, factor: 2.0, low: Some(0.5), high: None },
    ];
    for distribution in all {
        let text = serde_json::to_string(&distribution).expect("plain data");
        assert_eq!(serde_json::from_str::<Distribution>(&text).expect(&text), distribution);
    }
    assert_eq!(serde_json::to_string(&all[3]).expect("plain data"), r#"{"low":1.0,"high":3.0}"#);
    assert_eq!(serde_json::to_string(&all[4]).expect("plain data"), r#"{"mean":1.0,"sd":2.0,"high":3.0}"#);
}

/// The distribution function of a normal or lognormal that is cut off, from that of the whole.
fn cumulative(distribution: Distribution, x: f64) -> f64 {
    let (whole, low, high): (Box<dyn Fn(f64) -> f64>, _, _) = match distribution {
        Distribution::Normal { mean, sd, low, high } => {
            (Box::new(move |x| normal_probability((x - mean) / sd)), low, high)
        }
        Distribution::Lognormal { median, factor, low, high } => {
            let sigma = factor.ln() / Z90;
            (Box::new(move |x: f64| normal_probability((x / median).ln() / sigma)), low, high)
        }
        other => panic!("{other:?} is never cut off"),
    };
    let (below, up_to) = (low.map_or(0.0, &whole), high.map_or(1.0, &whole));
    (whole(x) - below) / (up_to - below)
}

proptest! {
    #[test]
    fn a_triangle_inverts_its_distribution_function(low in -1e3..1e3_f64, a in 0.0..1e3_f64, b in 1e-3..1e3_f64, u in 0.0..1.0_f64) {
        let (mode, high) = (low + a, low + a + b);
        let triangle = Distribution::triangle(low, mode, high).expect("ordered");
        let x = triangle.at_probability(u);
        let cumulative = if x <= mode {
            if a == 0.0 { 0.0 } else { (x - low).powi(2) / ((high - low) * (mode - low)) }
        } else {
            1.0 - (high - x).powi(2) / ((high - low) * (high - mode))
        };
        prop_assert!((low..=high).contains(&x));
        prop_assert!((cumulative - u).abs() < 1e-6);
    }

    #[test]
    fn a_normal_inverts_its_distribution_function_and_keeps_its_ends(
        mean in -1e3..1e3_f64, sd in 0.1..1e3_f64, a in -3.0..2.0_f64, width in 0.1..4.0_f64,
        ends in 0..4_u8, u in 0.0..1.0_f64,
    ) {
        let low = (ends & 1 > 0).then_some(mean + a * sd);
        let high = (ends & 2 > 0).then_some(mean + (a + width) * sd);
        let normal = Distribution::normal(mean, sd, low, high).expect("mass is left");
        let x = normal.at_probability(u);
        prop_assert!(x.is_finite() && low.is_none_or(|low| x >= low) && high.is_none_or(|high| x <= high));
        prop_assert!((cumulative(normal, x) - u).abs() < 1e-9);
    }

    #[test]
    fn a_lognormal_inverts_its_distribution_function_and_keeps_its_ends(
        median in 0.1..1e3_f64, factor in 1.05..10.0_f64, a in -3.0..2.0_f64, width in 0.1..4.0_f64,
        ends in 0..4_u8, u in 0.0..1.0_f64,
    ) {
        let at = |z: f64| median * (z * factor.ln() / Z90).exp();
        let (low, high) = ((ends & 1 > 0).then_some(at(a)), (ends & 2 > 0).then_some(at(a + width)));
        let lognormal = Distribution::lognormal(median, factor, low, high).expect("mass is left");
        let x = lognormal.at_probability(u);
        prop_assert!(x.is_finite() && low.is_none_or(|low| x >= low) && high.is_none_or(|high| x <= high));
        prop_assert!((cumulative(lognormal, x) - u).abs() < 1e-9);
    }

    #[test]
    fn a_score_is_the_probability_it_stands_for(mean in 0.0..1e3_f64, sd in 1.0..1e3_f64, z in -6.0..6.0_f64) {
        let all = [
            Distribution::uniform(mean, mean + sd),
            Distribution::normal(mean, sd, None, None),
            Distribution::normal(mean, sd, Some(mean - sd), Some(mean + 2.0 * sd)),
            Distribution::lognormal(1.0 + mean, 2.0, None, Some(5.0 + mean)),
            Distribution::quantiles(mean, mean + sd, mean + 3.0 * sd),
        ];
        for distribution in all {
            let distribution = distribution.expect("well formed");
            let (score, probability) =
                (distribution.at_score(z), distribution.at_probability(normal_probability(z)));
            prop_assert!((score - probability).abs() < 1e-5 * (1.0 + mean + sd), "{:?}", distribution);
        }
    }
}
