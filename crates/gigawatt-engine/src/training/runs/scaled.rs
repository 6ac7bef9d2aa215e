//! An architecture with other numbers of parameters: what is assumed of a model whose widths were never published.

use gigawatt_plan::catalog::{Experts, Shape};

use super::super::number::count;
use crate::model::parameters;

/// Widths are rounded to multiples of it, as those of real models are.
const GRAIN: f64 = 128.0;

/// Parameters that a token passes through, and all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Those that a token passes through.
    pub active: f64,
    /// All of them.
    pub total: f64,
}

impl Size {
    /// The size of a shape.
    pub fn of(shape: &Shape) -> Self {
        let counted = parameters(shape);
        Self { active: count(counted.active), total: count(counted.total) }
    }
}

/// The shape with its feed-forward widths such that `active` parameters meet a token, of `total` in all.
///
/// Parameters are straight in widths: with `a` and `t` those of the shape, `D` those of its dense layers and shared
/// experts, `R` those of its routed experts and `V` of these those that a token visits, the widths are scaled by
///
/// ```text
/// routed: (total - active) / (R - V)
/// others: (active - (a - D - V) - routed × V) / D
/// ```
///
/// and all by one factor where only `active` is given or one of the two kinds of width is missing. Factors are at
/// least a hundredth: what cannot be reached is come near to.
pub fn scaled(shape: &Shape, active: Option<f64>, total: Option<f64>) -> Shape {
    if active.is_none() && total.is_none() {
        return *shape;
    }
    let own = Size::of(shape);
    let active = active.unwrap_or(own.active);
    let wider = |dense: u64, routed: u64| {
        Size::of(&with_widths(shape, |width| width * dense, |width| width * routed))
    };
    let others = wider(2, 1).active - own.active;
    let (visited, routed) = {
        let twice = wider(1, 2);
        (twice.active - own.active, twice.total - own.total)
    };
    let fixed = own.active - others - visited;
    let (mut of_others, mut of_routed) = ((active - fixed) / (others + visited).max(1.0), 0.0);
    if visited > 0.0 {
        of_routed = of_others;
        if let Some(total) = total.filter(|_| routed > visited && others > 0.0) {
            of_routed = (total - active) / (routed - visited);
            of_others = (active - fixed - of_routed * visited) / others;
        }
    }
    let width = |factor: f64| move |width: u64| rounded(count(width) * factor.max(0.01));
    with_widths(shape, width(of_others), width(of_routed))
}

/// The shape with the widths of its dense layers and shared experts, and of its routed experts, made anew.
fn with_widths(shape: &Shape, others: impl Fn(u64) -> u64, routed: impl Fn(u64) -> u64) -> Shape {
    let experts = shape.experts.map(|experts| Experts {
        feed_forward: routed(experts.feed_forward),
        shared_feed_forward: others(experts.shared_feed_forward),
        ..experts
    });
    Shape { feed_forward: others(shape.feed_forward), experts, ..*shape }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width is small and positive")]
fn rounded(width: f64) -> u64 {
    if width <= 0.0 { 0 } else { (libm::round(width / GRAIN).max(1.0) * GRAIN) as u64 }
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::catalog::Attention;

    use super::*;

    fn mixture() -> Shape {
        let attention = Attention::Grouped { heads: 64, kv_heads: 8, head_size: 128, biased: false };
        Shape {
            experts: Some(Experts {
                layers: 60,
                routed: 16,
                active: 1,
                shared: 1,
                feed_forward: 16_384,
                biased: false,
                shared_feed_forward: 16_384,
                dense_first: 0,
                every: 1,
                latent: None,
                groups: None,
            }),
            ..Shape::dense(60, 8192, 128_256, 131_072, attention, 0)
        }
    }

    #[test]
    fn both_numbers_are_met() {
        for (active, total) in [(100e9, 700e9), (60e9, 500e9), (288e9, 2e12)] {
            let counted = Size::of(&scaled(&mixture(), Some(active), Some(total)));
            assert!((counted.active / active - 1.0).abs() < 5e-3, "{counted:?}");
            assert!((counted.total / total - 1.0).abs() < 5e-3, "{counted:?}");
        }
    }

    #[test]
    fn without_a_number_or_with_its_own_it_stays_as_it_is() {
        let shape = mixture();
        assert_eq!(scaled(&shape, None, None), shape);
        let own = Size::of(&shape);
        assert_eq!(scaled(&shape, Some(own.active), Some(own.total)), shape);
        assert_eq!(scaled(&shape, Some(own.active), None), shape);
    }

    #[test]
    fn a_dense_model_grows_in_its_widths() {
        let attention = Attention::Grouped { heads: 128, kv_heads: 8, head_size: 128, biased: false };
        let shape = Shape::dense(126, 16_384, 128_256, 131_072, attention, 53_248);
        let counted = Size::of(&scaled(&shape, Some(1e12), None));
        assert!((counted.active / 1e12 - 1.0).abs() < 5e-3, "{counted:?}");
    }
}
