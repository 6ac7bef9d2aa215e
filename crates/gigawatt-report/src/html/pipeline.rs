//! What the stages of a run's pipeline do in a step, and what they hold through it.

use gigawatt_engine::training::{Pass, PhaseCourse, Prices, Slice, TailKind, Timeline};
use gigawatt_plan::quantity::{Dimension, format_quantity};

use super::view::View;
use crate::Words;
use crate::chart::{Across, Axis, Block, Body, Chart, Datum, Lane, Lanes, Layer, Panel, Plane, Shape, Style};
use crate::training::{MOST_PASSES, RunSummary, thinned};

/// Stretches of a course of memory of which the least and the most are drawn.
const STRETCHES: usize = 150;
/// Blocks and gaps that are shorter than such a part of a drawing are not told apart.
const FINEST: f64 = 1.0 / 600.0;

/// Passes of a stage up to which all are drawn.
const STAGE_PASSES: usize = 60;

// Layers of a pipeline.
const FORWARD: usize = 0;
const BACKWARD: usize = 1;
const AGAIN: usize = 2;
const IN_TURN: usize = 3;
const WEIGHTS: usize = 4;
const TOGETHER: usize = 5;
const DATA: usize = 6;
const OPTIMIZER: usize = 7;
const WAITING: usize = 8;

/// For each run the pipeline and the memory of the phase that takes longest.
pub(super) fn charts(view: &View<'_>, runs: &[RunSummary]) -> Vec<Chart> {
    let Prices { laws, runs: prices } = Prices::new(view.plan);
    let Some(laws) = laws else { return Vec::new() };
    let mut charts = Vec::new();
    for (plan, price) in view.plan.training.iter().zip(&prices) {
        let (Some(price), Some(run)) = (price, runs.iter().find(|run| run.name == plan.name)) else {
            continue;
        };
        let Some(phase) = plan.phases.get(run.longest_phase()) else { continue };
        let title =
            if plan.phases.len() > 1 { format!("{}, {}", run.title, phase.title) } else { run.title.clone() };
        let stages = usize::try_from(phase.layout.pipeline).unwrap_or(1);
        let short = price.course(plan, phase, &laws, stages.saturating_mul(STAGE_PASSES));
        charts.push(pipeline(view.words, &run.name, &title, &short));
        let whole = price.course(plan, phase, &laws, MOST_PASSES);
        charts.extend(memory(view.words, &run.name, &title, &whole));
    }
    charts
}

/// Every stage's passes, and how the step ends.
fn pipeline(words: &Words, name: &str, title: &str, course: &PhaseCourse) -> Chart {
    let timeline = &course.timeline;
    let hidden = timeline.left_out.map_or(0.0, |left_out| left_out.seconds);
    let finest = (timeline.step.seconds - hidden) * FINEST;
    let lanes = timeline.stages.iter().enumerate().map(|(stage, slices)| {
        let mut blocks = told_apart(&blocks(timeline, slices, finest), finest);
        blocks.extend(timeline.tail.iter().map(|slice| {
            let layer = match slice.kind {
                TailKind::Data => DATA,
                TailKind::Optimizer => OPTIMIZER,
                TailKind::Straggler | TailKind::Host => WAITING,
            };
            Block { layer, from: slice.start, to: slice.end }
        }));
        let peak = course.stages.get(stage).map(|stage| stage.peak.needed());
        Lane {
            name: words.stage(stage),
            text: peak.map_or_else(String::new, |bytes| format_quantity(Dimension::Bytes, bytes)),
            blocks,
        }
    });
    let layers = [
        (words.pass_forward, "f5"),
        (words.pass_backward, "f1"),
        (words.pass_again, "f4"),
        (words.pass_in_turn, "f3"),
        (words.pass_weights, "f6"),
        (words.pass_together, "f3"),
        (words.step_data, "f7"),
        (words.pass_optimizer, "f2"),
        (words.step_waiting, "f8"),
    ];
    Chart {
        name: format!("training-pipeline-{name}"),
        title: words.pipeline_of(title),
        description: words.training_pipeline_caption.to_owned(),
        body: Body::Lanes(Lanes {
            axis: time(words),
            layers: layers.into_iter().map(|(name, fill)| (name.to_owned(), Style::Fill(fill))).collect(),
            lanes: lanes.collect(),
            behind: words.training_peaks.to_owned(),
            left_out: timeline.left_out.map(|left_out| {
                let to = left_out.from + left_out.seconds;
                (left_out.from, to, words.left_out(left_out.micro_batches))
            }),
        }),
    }
}

fn time(words: &Words) -> Axis {
    Axis { name: words.training_passes_left.to_owned(), dimension: Dimension::Duration }
}

/// The passes of a stage, what is computed again apart where it can be seen.
fn blocks(timeline: &Timeline, slices: &[Slice], finest: f64) -> Vec<Block> {
    let mut blocks = Vec::with_capacity(slices.len());
    for Slice { pass, start, end } in slices {
        let whole = match pass {
            Pass::Forward { .. } => Some(FORWARD),
            Pass::Weights { .. } => Some(WEIGHTS),
            Pass::Together { .. } => Some(TOGETHER),
            Pass::Backward { .. } | Pass::Inputs { .. } => None,
        };
        if let Some(layer) = whole {
            blocks.push(Block { layer, from: *start, to: *end });
            continue;
        }
        let again = Some(timeline.parts(*pass).again.total()).filter(|again| *again >= finest).unwrap_or(0.0);
        if again > 0.0 {
            blocks.push(Block { layer: AGAIN, from: *start, to: start + again });
        }
        blocks.push(Block { layer: BACKWARD, from: start + again, to: *end });
    }
    blocks
}

/// Blocks as they can be told apart: neighbours of one kind are one block, and so are kinds that follow one another in
/// blocks that are too short to show.
fn told_apart(blocks: &[Block], finest: f64) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::new();
    for block in blocks {
        match joined.last_mut() {
            Some(last) if last.layer == block.layer && block.from - last.to < finest => last.to = block.to,
            _ => joined.push(*block),
        }
    }
    let mut shown: Vec<Block> = Vec::new();
    let mut short: Vec<Block> = Vec::new();
    let settle = |short: &mut Vec<Block>, shown: &mut Vec<Block>| {
        match (short.first(), short.last()) {
            (Some(first), Some(last)) if short.len() > 2 => {
                shown.push(Block { layer: IN_TURN, from: first.from, to: last.to });
            }
            _ => shown.extend(short.iter()),
        }
        short.clear();
    };
    for (index, block) in joined.iter().enumerate() {
        // A long backward pass between forward passes that are too short belongs to their turn.
        let thin = |block: &Block| block.to - block.from < finest;
        let beside = [index.checked_sub(1), Some(index + 1)];
        let turn = thin(block)
            || block.to - block.from < 3.0 * finest
                && beside.into_iter().flatten().filter_map(|index| joined.get(index)).any(thin);
        if !turn {
            settle(&mut short, &mut shown);
            shown.push(*block);
            continue;
        }
        if short.last().is_some_and(|last| block.from - last.to >= finest) {
            settle(&mut short, &mut shown);
        }
        short.push(*block);
    }
    settle(&mut short, &mut shown);
    shown
}

/// What the fullest stage needs through a step beside what it has.
fn memory(words: &Words, name: &str, title: &str, course: &PhaseCourse) -> Option<Chart> {
    let needed = |index: &usize| course.stages.get(*index).map_or(0.0, |stage| stage.peak.needed());
    let stage = (0..course.memory.len()).max_by(|a, b| needed(a).total_cmp(&needed(b)))?;
    let line = course.memory.get(stage)?;
    // Over what is left out there is no line.
    let from = course.timeline.left_out.map_or(f64::INFINITY, |left_out| left_out.from);
    let parts = line.split_at(line.partition_point(|instant| instant.seconds < from));
    let end = course.timeline.span();
    let layer = |name: &str, style, data| Layer {
        name: name.to_owned(),
        style,
        shape: Shape::Line,
        slot: (0, 1),
        data,
    };
    let lines = [parts.0, parts.1].into_iter().filter(|part| !part.is_empty()).map(|part| {
        let data = thinned(part, STRETCHES).iter().map(|at| Datum::at(at.seconds, at.bytes)).collect();
        layer(&words.memory_of_stage(stage), Style::Line("t1"), data)
    });
    let has = [0.0, end].map(|at| Datum::at(at, course.available)).to_vec();
    let mut layers: Vec<Layer> = lines.collect();
    layers.push(layer(words.training_memory_has, Style::Dashed("t2"), has));
    Some(Chart {
        name: format!("training-memory-{name}"),
        title: words.memory_of(title),
        description: words.memory_caption(stage, STRETCHES),
        body: Body::Plane(Plane {
            across: Across::Values(time(words)),
            panels: vec![Panel {
                upright: Axis { name: words.training_memory_axis.to_owned(), dimension: Dimension::Bytes },
                height: (220.0, 200.0),
                layers,
            }],
            stops: Vec::new(),
            divider: None,
        }),
    })
}
