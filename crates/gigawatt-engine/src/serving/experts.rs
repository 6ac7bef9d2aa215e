//! Experts that a batch touches.

use gigawatt_plan::catalog::Experts;

use super::number::count;

/// Expected number of routed experts that `tokens` tokens visit at least once, each choosing `active` of them.
///
/// `E (1 - (1 - k/E)^n)`, the choice of one token being uniform and `n = 1 + (1 - agreement)(tokens - 1)` counting those
/// that choose for themselves. One token touches `k`, many touch all; less than one token, as the mean of many small
/// batches, touches in proportion.
pub fn touched(experts: &Experts, tokens: f64, agreement: f64) -> f64 {
    let (all, active) = (count(experts.routed), count(experts.active.min(experts.routed)));
    if !(tokens > 0.0 && all > 0.0) {
        return 0.0;
    }
    if tokens < 1.0 {
        return active * tokens;
    }
    let choosing = 1.0 + (1.0 - agreement.clamp(0.0, 1.0)) * (tokens - 1.0);
    all * (1.0 - libm::pow(1.0 - active / all, choosing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touched_lies_between_one_tokens_choice_and_what_all_could_choose() {
        let experts = Experts::in_every_layer(1, 128, 8, 1024);
        assert!((touched(&experts, 1.0, 0.3) - 8.0).abs() < 1e-9);
        let mut before = 0.0;
        for tokens in [1.0, 2.0, 5.0, 16.0, 64.0, 1e3, 1e6] {
            for agreement in [0.0, 0.5, 1.0] {
                let found = touched(&experts, tokens, agreement);
                assert!((8.0 - 1e-9..=(8.0 * tokens).min(128.0) + 1e-9).contains(&found), "{tokens} {found}");
            }
            let found = touched(&experts, tokens, 0.2);
            assert!(found >= before);
            before = found;
        }
        assert!((before - 128.0).abs() < 1e-6);
    }
}
