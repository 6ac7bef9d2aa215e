//! How many accelerators a run needs: for a date, or within a budget.
//!
//! A run is made larger or smaller by its data-parallel ranks, every phase by the same factor, while tensor, pipeline,
//! context and expert parallelism stay; the batch stays as near to what it was as whole micro-batches on every rank
//! allow. Numbers are those of the reference case. Larger runs end sooner and cost more, but for batches that divide
//! badly: the factor is searched by halving, its powers of two are tried beside, the plan as it is among them, and of all that
//! fit the cheapest is told, or the soonest.

use gigawatt_plan::plan::{Plan, Query, ResultId};
use gigawatt_plan::resolve::whole_query;
use gigawatt_plan::training::Layout;

use crate::draw::Draw;
use crate::run::{Evaluation, Tables};

/// A run of some size.
#[derive(Clone, Debug, PartialEq)]
pub struct Sized {
    /// Accelerators of its largest phase.
    pub accelerators: u64,
    /// Accelerators of every phase, in their order.
    pub phases: Vec<u64>,
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
/// Powers of two that are tried on either side of the plan as it is.
const OCTAVES: i32 = 4;

/// The cheapest run that ends by a time in seconds from the start of the plan; none where no size does.
pub fn for_end(plan: &Plan, run: usize, end: f64) -> Option<Sized> {
    search(plan, run, |sized| sized.end <= end, Smaller::Better)
}

/// The run that ends soonest of those that cost no more than so many dollars; none where even the smallest does.
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
    let tables = Tables::new(plan);
    let at = |log: f64| sized(plan, &tables, run, libm::exp(log)).filter(|sized| fits(sized));
    let better = |one: &Sized, other: &Sized| match smaller {
        Smaller::Better => (one.cost, one.end) < (other.cost, other.end),
        Smaller::Worse => (one.end, one.cost) < (other.end, other.cost),
    };
    let mut found: Option<Sized> = None;
    let mut keep = |next: Sized| {
        if found.as_ref().is_none_or(|found| better(&next, found)) {
            found = Some(next);
        }
    };
    let octaves = (-OCTAVES..=OCTAVES).map(|octave| f64::from(octave) * core::f64::consts::LN_2);
    octaves.filter_map(at).for_each(&mut keep);
    if let Some(next) = at(wanted) {
        keep(next);
    } else if let Some(next) = at(safe) {
        keep(next);
        let (mut fitting, mut failing) = (safe, wanted);
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(fitting, failing);
            match at(middle) {
                Some(next) => {
                    keep(next);
                    fitting = middle;
                }
                None => failing = middle,
            }
        }
    }
    found
}

/// The run with its data-parallel ranks times a factor.
fn sized(plan: &Plan, tables: &Tables, run: usize, factor: f64) -> Option<Sized> {
    let mut other = Plan { claims: Vec::new(), outcomes: Vec::new(), ..plan.clone() };
    let mut phases = Vec::new();
    for phase in &mut other.training.get_mut(run)?.phases {
        phase.layout = resized(&phase.layout, factor);
        phases.push(phase.layout.accelerators);
    }
    let ids = plan.vocabulary.training.get(run)?;
    let row = Draw::reference(&other);
    let mut evaluation = Evaluation::with(&other, &tables.with_training_of(&other));
    let series = evaluation.run(&other, Draw::new(&row));
    let read = |id: ResultId| whole_query(&other, id).map(|query: Query| series.read(&other, &query));
    Some(Sized {
        accelerators: phases.iter().copied().max()?,
        phases,
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
