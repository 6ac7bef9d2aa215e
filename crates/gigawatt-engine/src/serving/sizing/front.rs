//! Throughput of an accelerator against speed for a user: what no other design beats in both.

use gigawatt_plan::serving::ServingLayout;
use gigawatt_plan::world::Observer;
use rayon::prelude::*;

use super::asked::SizingAsked;
use super::search::Ground;
use super::worker::{Pace, Worker};
use crate::Cancelled;

/// A point of a front.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrontPoint {
    /// Index of the choice.
    pub choice: usize,
    /// The layout; of the workers for answers where prompts have their own.
    pub layout: ServingLayout,
    /// That of the workers for prompts, where they have their own.
    pub prefill: Option<ServingLayout>,
    /// Tokens of an iteration at most.
    pub token_budget: u64,
    /// Sequences that each group runs at once.
    pub sequences: u64,
    /// Output tokens per second of a user, after the first.
    pub speed: f64,
    /// Output tokens per second of an accelerator.
    pub throughput: f64,
    /// Time to the first token, s, without waiting.
    pub first_token: f64,
}

/// What no design beats in both, by rising speed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fronts {
    /// Of replicas that work on prompts and answers.
    pub together: Vec<FrontPoint>,
    /// Of workers for each.
    pub apart: Vec<FrontPoint>,
}

/// The best prompts of a choice.
struct Prompts {
    layout: ServingLayout,
    first_token: f64,
    /// Accelerators for each prompt per second.
    accelerators: f64,
}

/// The fronts in the steady state, over all layouts and batches of a space, which keep what is promised of the first token.
///
/// # Errors
/// Where the observer cancels it.
pub(super) fn fronts(
    grounds: &[Ground<'_>],
    asked: &SizingAsked,
    observer: &dyn Observer,
) -> Result<Fronts, Cancelled> {
    let (mut together, mut apart) = (Vec::new(), Vec::new());
    for (choice, ground) in grounds.iter().enumerate() {
        if observer.cancelled() {
            return Err(Cancelled);
        }
        let space = &ground.choice.space;
        let domain = ground.choice.domain();
        let legal: Vec<ServingLayout> = space
            .layouts()
            .into_iter()
            .filter(|layout| layout.fault(&ground.choice.service.shape, domain).is_none())
            .collect();
        let designs: Vec<(ServingLayout, u64)> = legal
            .iter()
            .flat_map(|layout| space.token_budget.iter().map(|budget| (*layout, *budget)))
            .collect();
        if space.arrangements.together() {
            let points: Vec<Vec<FrontPoint>> = designs
                .par_iter()
                .map(|design| {
                    points(ground, (choice, *design), asked, |worker, sequences| worker.together(sequences))
                })
                .collect();
            together.extend(points.into_iter().flatten());
        }
        let prompts = if space.arrangements.apart() { best_prompts(ground, &designs, asked) } else { None };
        if let Some(prompts) = prompts {
            // The budget of tokens matters to prompts alone.
            let budget = space.token_budget.iter().copied().min().unwrap_or(1);
            let answers: Vec<Vec<FrontPoint>> = legal
                .par_iter()
                .map(|layout| {
                    points(ground, (choice, (*layout, budget)), asked, |worker, sequences| {
                        worker.decoding(sequences)
                    })
                })
                .collect();
            apart.extend(answers.into_iter().flatten().map(|point| FrontPoint {
                prefill: Some(prompts.layout),
                throughput: {
                    let answers = asked.request.output / point.throughput;
                    asked.request.output / (answers + prompts.accelerators)
                },
                first_token: prompts.first_token,
                ..point
            }));
        }
    }
    Ok(Fronts { together: unbeaten(together), apart: unbeaten(apart) })
}

/// Batches of a design that keep what is promised of the first token: 1, 2, 3, 4, 6, 8, 12 ... and all that fit.
fn points(
    ground: &Ground<'_>,
    (choice, (layout, token_budget)): (usize, (ServingLayout, u64)),
    asked: &SizingAsked,
    pace: impl Fn(&Worker<'_>, f64) -> Pace,
) -> Vec<FrontPoint> {
    let worker = ground.worker(layout, token_budget, asked);
    let Ok(room) = worker.room(asked.request.prompt + asked.request.output) else { return Vec::new() };
    let mut points = Vec::new();
    let (mut sequences, mut next) = (1_u64, 2_u64);
    loop {
        #[expect(clippy::cast_precision_loss, reason = "sequences and accelerators are few")]
        let (running, accelerators) = (sequences as f64, worker.accelerators() as f64);
        let pace = pace(&worker, running);
        if asked.promise.first_token.is_some_and(|target| pace.first_token > target) {
            break;
        }
        points.push(FrontPoint {
            choice,
            layout,
            prefill: None,
            token_budget,
            sequences,
            speed: 1.0 / pace.each_token,
            throughput: pace.rate * asked.request.output / accelerators,
            first_token: pace.first_token,
        });
        if sequences >= room {
            break;
        }
        let step = if sequences.is_power_of_two() { (sequences / 2).max(1) } else { next - sequences };
        sequences = (sequences + step).min(room);
        next = next.max(sequences.next_power_of_two());
    }
    points
}

/// The prompts that take the fewest accelerators and keep what is promised of the first token.
fn best_prompts(
    ground: &Ground<'_>,
    designs: &[(ServingLayout, u64)],
    asked: &SizingAsked,
) -> Option<Prompts> {
    let found: Vec<Option<Prompts>> = designs
        .par_iter()
        .map(|(layout, budget)| {
            let worker = ground.worker(*layout, *budget, asked);
            worker.room(asked.request.prompt + 1.0).ok()?;
            let pace = worker.prompting(1.0);
            if asked.promise.first_token.is_some_and(|target| pace.first_token > target) {
                return None;
            }
            #[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
            let accelerators = worker.accelerators() as f64 / pace.rate;
            Some(Prompts { layout: *layout, first_token: pace.first_token, accelerators })
        })
        .collect();
    found.into_iter().flatten().min_by(|a, b| a.accelerators.total_cmp(&b.accelerators))
}

/// The points that none beats in speed and throughput, by rising speed.
fn unbeaten(mut points: Vec<FrontPoint>) -> Vec<FrontPoint> {
    points.retain(|point| point.speed.is_finite() && point.throughput.is_finite());
    points.sort_by(|a, b| b.speed.total_cmp(&a.speed).then(b.throughput.total_cmp(&a.throughput)));
    let mut best = f64::NEG_INFINITY;
    points.retain(|point| {
        let is_new = point.throughput > best;
        best = best.max(point.throughput);
        is_new
    });
    points.reverse();
    points
}
