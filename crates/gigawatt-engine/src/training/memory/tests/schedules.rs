//! What schedules hold.

use super::*;

/// What each of eight stages holds against one forward, one backward: ZB-H1 everywhere what that holds on its first
/// (Qi et al. 2023, arXiv 2401.10241, 3.1); ZB-V no more, in half pieces (section 6); `DualPipe` one micro-batch more than
/// stages, and twice the parameters (DeepSeek-V3, arXiv 2412.19437, table 2).
#[test]
fn schedules_hold_what_their_papers_say() {
    let (shape, with) = (dense(), coefficients());
    let plain = Layout { accelerators: 8, pipeline: 8, global_batch: 32, ..Layout::SINGLE };
    let held =
        |layout: &Layout| footprint(&job(&shape, layout, FrameworkName::Megatron, Precision::Bf16), &with);
    let first = held(&plain).stages[0];
    let same = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-9;
    let late = held(&Layout { schedule: Schedule::ZeroBubbleH1, ..plain });
    assert!(late.stages.iter().all(|stage| stage.moment.in_flight == 8));
    assert!(same(late.stages[0].peak.activations, first.peak.activations));
    assert!(same(late.stages[1].peak.activations, first.peak.activations));
    let there = held(&Layout { schedule: Schedule::ZeroBubbleV, virtual_stages: 2, ..plain });
    assert!(there.stages.iter().all(|stage| stage.moment.in_flight == 16));
    assert!(same(there.stages[1].peak.activations, first.peak.activations));
    let both = held(&Layout { schedule: Schedule::DualPipe, ..plain });
    assert!(both.stages.iter().all(|stage| stage.moment.in_flight == 9));
    assert!(same(both.stages[1].peak.activations, first.peak.activations * 9.0 / 8.0));
    let parameters = |print: &Footprint| print.stages.iter().map(|stage| stage.peak.parameters).sum::<f64>();
    assert!(same(parameters(&both), 2.0 * parameters(&held(&plain))));
    // An optimiser that is shared out is so over both copies.
    let shared = Layout { sharding: Sharding::Optimizer(u64::MAX), ..plain };
    let both = held(&Layout { schedule: Schedule::DualPipe, ..shared });
    assert!(same(both.stages[1].peak.optimizer, held(&shared).stages[1].peak.optimizer));
}
