//! How many accelerators a run needs: for a date, or within a budget.
//!
//! A run is made larger or smaller by its data-parallel ranks, every phase by the same factor, while tensor, pipeline,
//! context and expert parallelism stay; the batch stays as near to what it was as whole micro-batches on every rank
//! allow. Numbers are those of the reference case. Larger runs end sooner and cost more, but for batches that divide
//! badly, so the answer is searched by halving and checked.

use gigawatt_plan::plan::{Plan, Query, ResultId};
use gigawatt_plan::resolve::whole_query;
use gigawatt_plan::training::Layout;

use crate::draw::Draw;
use crate::run::Evaluation;

/// A run of some size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sized {
    /// Accelerators of its largest phase.
    pub accelerators: u64,
    /// Factor on the data-parallel ranks of the plan.
    pub factor: f64,
    /// Its end in seconds from the start of the plan.
    pub end: f64,
    /// Its duration in seconds.
    pub duration: f64,
    /// Accelerator-hours.
    pub hours: f64,
    /// What they cost in US dollar.
    pub cost: f64,
}

/// The largest factor that is tried, and one over the smallest.
const MOST: f64 = 4096.0;
/// Halvings of the factor's logarithm.
const HALVINGS: u32 = 40;

/// The smallest run that ends by a time in seconds from the start of the plan; none where no size does.
pub fn for_end(plan: &Plan, run: usize, end: f64) -> Option<Sized> {
    search(plan, run, |sized| sized.end <= end, Smaller::Better)
}

/// The largest run that costs no more than so many dollars; none where even the smallest does.
pub fn for_cost(plan: &Plan, run: usize, cost: f64) -> Option<Sized> {
    search(plan, run, |sized| sized.cost <= cost, Smaller::Worse)
}

#[derive(Clone, Copy, PartialEq)]
enum Smaller {
    Better,
    Worse,
}

fn search(plan: &Plan, run: usize, fits: impl Fn(&Sized) -> bool, smaller: Smaller) -> Option<Sized> {
    // From the side that should fit to the side that is wanted.
    let (safe, wanted) = match smaller {
        Smaller::Better => (libm::log(MOST), -libm::log(MOST)),
        Smaller::Worse => (-libm::log(MOST), libm::log(MOST)),
    };
    let at = |log: f64| sized(plan, run, libm::exp(log)).filter(|sized| fits(sized));
    if let Some(found) = at(wanted) {
        return Some(found);
    }
    let (mut found, mut fitting, mut failing) = (at(safe)?, safe, wanted);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(fitting, failing);
        match at(middle) {
            Some(next) => (found, fitting) = (next, middle),
            None => failing = middle,
        }
    }
    Some(found)
}

/// The run with its data-parallel ranks times a factor.
pub fn sized(plan: &Plan, run: usize, factor: f64) -> Option<Sized> {
    let mut other = Plan { claims: Vec::new(), outcomes: Vec::new(), ..plan.clone() };
    let mut accelerators = 0;
    for phase in &mut other.training.get_mut(run)?.phases {
        phase.layout = resized(&phase.layout, factor);
        accelerators = accelerators.max(phase.layout.accelerators);
    }
    let ids = plan.vocabulary.training.get(run)?;
    let row = Draw::reference(&other);
    let mut evaluation = Evaluation::new(&other);
    let series = evaluation.run(&other, Draw::new(&row));
    let read = |id: ResultId| whole_query(&other, id).map(|query: Query| series.read(&other, &query));
    Some(Sized {
        accelerators,
        factor,
        end: read(ids.end)?,
        duration: read(ids.duration)?,
        hours: read(ids.gpu_hours)?,
        cost: read(ids.cost)?,
    })
}

/// A layout with its data-parallel ranks times a factor, at least one and no more than the batch has micro-batches.
fn resized(layout: &Layout, factor: f64) -> Layout {
    let copy = layout.accelerators / layout.data();
    let most = (layout.global_batch / layout.micro_batch).max(1);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "ranks are few and positive"
    )]
    let data = (libm::round(layout.data() as f64 * factor) as u64).clamp(1, most);
    let unit = data * layout.micro_batch;
    let global_batch = ((layout.global_batch + unit / 2) / unit).max(1) * unit;
    Layout { accelerators: copy * data, global_batch, ..*layout }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_scaled_and_the_batch_stays_near() {
        let layout =
            Layout { accelerators: 1024, tensor: 8, pipeline: 2, global_batch: 1024, ..Layout::SINGLE };
        let larger = resized(&layout, 3.0);
        assert_eq!((larger.accelerators, larger.data()), (3072, 192));
        assert_eq!(larger.global_batch, 960);
        assert_eq!(resized(&layout, 1e-3).accelerators, 16);
        // A rank without a micro-batch would wait.
        assert_eq!(resized(&layout, 1e3).data(), 1024);
        assert_eq!(resized(&layout, 1.0), layout);
    }
}
