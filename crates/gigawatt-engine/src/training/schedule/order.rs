//! The passes of a stage in the order in which it runs them.

use std::collections::VecDeque;

use gigawatt_plan::training::Schedule;

use super::placement::{Form, Placement};
use super::{Pass, Visit};

/// The passes of a stage in the order in which it runs them.
///
/// A schedule whose numbers are not those that it is made for runs one forward, one backward.
pub fn order(
    schedule: Schedule,
    stages: usize,
    virtual_stages: usize,
    stage: usize,
    micro_batches: usize,
) -> Vec<Pass> {
    let placement = Placement::of(schedule, stages, virtual_stages);
    let mut passes = Vec::with_capacity(3 * virtual_stages * micro_batches);
    fill(&mut passes, schedule, placement, stage, micro_batches);
    passes
}

/// Adds them to others.
pub(super) fn fill(
    passes: &mut Vec<Pass>,
    schedule: Schedule,
    placement: Placement,
    stage: usize,
    micro_batches: usize,
) {
    let stages = placement.stages();
    let virtual_stages = placement.pieces() / stages;
    match (schedule, placement.form()) {
        (Schedule::ZeroBubbleH1, _) if virtual_stages == 1 => {
            late_weights(passes, stages, stage, micro_batches)
        }
        (_, Form::There) => there_and_back(passes, stages, stage, micro_batches),
        (_, Form::BothWays) if micro_batches >= 2 * stages && micro_batches.is_multiple_of(2) => {
            both_ways(passes, stages, stage, micro_batches);
        }
        _ => rounds(passes, schedule, stages, virtual_stages, stage, micro_batches),
    }
}

/// `GPipe`, and one forward, one backward, plain or interleaved.
fn rounds(
    passes: &mut Vec<Pass>,
    schedule: Schedule,
    stages: usize,
    virtual_stages: usize,
    stage: usize,
    micro_batches: usize,
) {
    // The n-th forward or backward pass of an interleaved stage: groups of `stages` micro-batches go piece by piece. A last
    // group that is not full leaves gaps in the order of a full one; else the stages would wait for each other for ever.
    let group = if virtual_stages > 1 { stages } else { micro_batches.max(1) };
    let total = micro_batches.next_multiple_of(group) * virtual_stages;
    let nth = |index: usize, backward: bool| {
        let round = group * virtual_stages;
        let (start, within) = (index / round * group, index % round);
        let (chunk, offset) = (within / group, within % group);
        let chunk = if backward { virtual_stages - 1 - chunk } else { chunk };
        Visit { micro_batch: start + offset, piece: chunk * stages + stage }
    };
    let ahead = match schedule {
        Schedule::GPipe => total,
        _ if virtual_stages > 1 => ((stages - stage - 1) * 2 + (virtual_stages - 1) * stages).min(total),
        _ => (stages - stage - 1).min(total),
    };
    let mut push = |pass: fn(Visit) -> Pass, visit: Visit| {
        if visit.micro_batch < micro_batches {
            passes.push(pass(visit));
        }
    };
    for index in 0..ahead {
        push(Pass::forward, nth(index, false));
    }
    for index in 0..total {
        if ahead + index < total {
            push(Pass::forward, nth(ahead + index, false));
        }
        push(Pass::backward, nth(index, true));
    }
}

/// ZB-H1: as one forward, one backward, where each stage lets as many gradients of weights wait as there are stages
/// before it. So all stages hold as much as the first, and the backward passes of the last micro-batches do not wait for
/// the gradients of weights of the stages behind.
fn late_weights(passes: &mut Vec<Pass>, stages: usize, stage: usize, micro_batches: usize) {
    let at = |micro_batch| Visit { micro_batch, piece: stage };
    let ahead = (stages - stage - 1).min(micro_batches);
    passes.extend((0..ahead).map(|index| Pass::forward(at(index))));
    for index in 0..micro_batches {
        if ahead + index < micro_batches {
            passes.push(Pass::forward(at(ahead + index)));
        }
        passes.push(Pass::inputs(at(index)));
        if let Some(late) = index.checked_sub(stage) {
            passes.push(Pass::weights(at(late)));
        }
    }
    passes.extend((micro_batches.saturating_sub(stage)..micro_batches).map(|late| Pass::weights(at(late))));
}

/// ZB-V: a stage's first piece runs ahead until the second can begin; then the four passes of a micro-batch in turn, each
/// backward pass with its gradient of weights; at the end these wait for the backward passes.
fn there_and_back(passes: &mut Vec<Pass>, stages: usize, stage: usize, micro_batches: usize) {
    // Fewer micro-batches leave gaps in the order of as many as fill the pipeline.
    let number = micro_batches.max(2 * stages - 1);
    let pieces = [stage, 2 * stages - 1 - stage];
    let mut push = |pass: fn(Visit) -> Pass, way: usize, micro_batch: usize| {
        if micro_batch < micro_batches {
            passes.push(pass(Visit { micro_batch, piece: pieces[way] }));
        }
    };
    // Micro-batches that passed each piece, forward and backward.
    let (mut forward, mut backward) = ([0; 2], [0; 2]);
    for _ in 0..2 * (stages - stage) - 1 {
        push(Pass::forward, 0, forward[0]);
        forward[0] += 1;
    }
    for _ in 0..stage {
        for way in [1, 0] {
            push(Pass::forward, way, forward[way]);
            forward[way] += 1;
        }
    }
    let mut turn = |forward: &mut [usize; 2], backward: &mut [usize; 2], way: usize| {
        if forward[way] < number {
            push(Pass::forward, way, forward[way]);
            forward[way] += 1;
        }
        push(Pass::inputs, way, backward[way]);
        push(Pass::weights, way, backward[way]);
        backward[way] += 1;
    };
    for _ in 0..stages - stage {
        turn(&mut forward, &mut backward, 1);
    }
    while forward[0] < number || forward[1] < forward[0] {
        turn(&mut forward, &mut backward, 0);
        turn(&mut forward, &mut backward, 1);
    }
    let mut weights = backward;
    for _ in 0..stage {
        for way in [0, 1] {
            push(Pass::inputs, way, backward[way]);
            backward[way] += 1;
        }
    }
    for _ in 0..stages - stage {
        push(Pass::inputs, 0, backward[0]);
        backward[0] += 1;
        push(Pass::weights, 0, weights[0]);
        weights[0] += 1;
    }
    for way in [1, 0] {
        for micro_batch in weights[way]..backward[way] {
            push(Pass::weights, way, micro_batch);
        }
    }
}

/// `DualPipe`, in the eight steps of its authors' program (`deepseek-ai/DualPipe`).
fn both_ways(passes: &mut Vec<Pass>, stages: usize, stage: usize, micro_batches: usize) {
    let half = stages / 2;
    let near = stage.min(stages - 1 - stage);
    let mut run = BothWays {
        passes,
        pieces: [near, stages - 1 - near],
        // Way 0 comes from the nearer end; even micro-batches from the first stage.
        parity: [usize::from(stage >= half), usize::from(stage < half)],
        forward: [0; 2],
        backward: [0; 2],
        late: VecDeque::new(),
    };
    let (before, after) = (half - near - 1, near + 1);
    for _ in 0..2 * before {
        run.forward(0);
    }
    for _ in 0..after {
        run.forward(0);
        run.forward(1);
    }
    for _ in 0..before {
        run.inputs(1);
        run.weights();
        run.forward(1);
    }
    for index in 0..micro_batches / 2 - stages + after {
        if index == 0 && before == 0 {
            // The stages in the middle begin their backward passes here: what waits for the forward one need not wait longer.
            run.forward(0);
            run.backward(1);
        } else {
            run.together(0, 1);
        }
        run.together(1, 0);
    }
    for _ in 0..before {
        run.backward(1);
        run.together(1, 0);
    }
    // In the second half of these passes gradients of weights are left for later.
    for index in 0..2 * after {
        let way = 1 - index % 2;
        if index < after { run.backward(way) } else { run.inputs(way) }
    }
    for _ in 0..before {
        run.weights();
        run.inputs(0);
    }
    for _ in 0..after {
        run.weights();
    }
}

/// A stage of `DualPipe` on its way through a step.
struct BothWays<'a> {
    passes: &'a mut Vec<Pass>,
    /// The piece that micro-batches of each way pass here.
    pieces: [usize; 2],
    parity: [usize; 2],
    /// Micro-batches of each way that have passed forward.
    forward: [usize; 2],
    /// And backward.
    backward: [usize; 2],
    /// Those whose gradients of weights are to come.
    late: VecDeque<Visit>,
}

impl BothWays<'_> {
    fn visit(&self, way: usize, index: usize) -> Visit {
        Visit { micro_batch: 2 * index + self.parity[way], piece: self.pieces[way] }
    }

    fn next_forward(&mut self, way: usize) -> Visit {
        self.forward[way] += 1;
        self.visit(way, self.forward[way] - 1)
    }

    fn next_backward(&mut self, way: usize) -> Visit {
        self.backward[way] += 1;
        self.visit(way, self.backward[way] - 1)
    }

    fn forward(&mut self, way: usize) {
        let visit = self.next_forward(way);
        self.passes.push(Pass::forward(visit));
    }

    fn backward(&mut self, way: usize) {
        let visit = self.next_backward(way);
        self.passes.push(Pass::backward(visit));
    }

    fn inputs(&mut self, way: usize) {
        let visit = self.next_backward(way);
        self.late.push_back(visit);
        self.passes.push(Pass::inputs(visit));
    }

    fn weights(&mut self) {
        if let Some(visit) = self.late.pop_front() {
            self.passes.push(Pass::weights(visit));
        }
    }

    fn together(&mut self, forward: usize, backward: usize) {
        let (forward, backward) = (self.next_forward(forward), self.next_backward(backward));
        self.passes.push(Pass::Together { forward, backward });
    }
}
