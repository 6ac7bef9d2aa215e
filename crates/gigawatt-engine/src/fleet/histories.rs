//! Several histories of a plan's fleet, each in a draw of its own.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Observer;
use rayon::prelude::*;

use super::history::History;
use super::model::{Injected, Model};
use super::of_plan::{Detail, Fleet, FleetError};
use super::queue::{DAY, Time};
use super::simulate;
use super::simulation::{Source, Watch};
use crate::training::Prices;
use crate::{Draw, Sampler};

/// A history with what it was made of.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The fleet in its draw.
    pub model: Model,
    /// System and site of every pool, by index in the plan.
    pub pools: Vec<(usize, usize)>,
    /// Index of the plan's training run for the workloads that are one.
    pub runs: Vec<Option<usize>>,
    /// Jobs that stand behind each that is simulated, for every batch workload in its order.
    pub stands_for: Vec<f64>,
    /// What came of it.
    pub history: History,
}

/// What a fleet may go through.
#[derive(Clone, Debug)]
pub struct Histories {
    /// With every input at its reference: the one to look at.
    pub reference: Drawn,
    /// With drawn inputs; those that were not begun when the user stopped are missing.
    pub drawn: Vec<Drawn>,
    /// Whether the user stopped before all were whole.
    pub partial: bool,
}

/// Passes on how far all histories together have come.
struct Together<'a> {
    observer: &'a dyn Observer,
    days: &'a AtomicU64,
    events: &'a AtomicU64,
    total: u64,
    histories: u64,
    start: Moment,
    /// Days and events of this history that are passed on already.
    passed: (u64, u64),
}

/// What is given and not drawn.
#[derive(Default)]
pub struct Given<'a> {
    /// Jobs of a trace in the place of the workloads of a pool.
    pub trace: Option<Trace<'a>>,
    /// Failures beside those that are drawn, in the order of their time.
    pub failures: Vec<Injected>,
}

/// A trace of jobs.
pub struct Trace<'a> {
    /// Name of the workload that it becomes.
    pub name: String,
    /// Index of the pool that it runs on, the same in every draw.
    pub pool: u16,
    /// Opens it from its start.
    pub open: &'a (dyn Fn() -> Source<'a> + Sync),
}

/// The work of which progress is told.
const WORK: &str = "simulated days";

impl Watch for Together<'_> {
    fn reached(&mut self, now: Time, events: u64) -> bool {
        let days = now / DAY;
        let all = self.days.fetch_add(days - self.passed.0, Ordering::Relaxed) + days - self.passed.0;
        let happened =
            self.events.fetch_add(events - self.passed.1, Ordering::Relaxed) + events - self.passed.1;
        self.passed = (days, events);
        let day = i32::try_from(all / self.histories).unwrap_or(0);
        self.observer.progress(WORK, all, self.total);
        self.observer.simulated(Moment(self.start.0 + day), happened);
        !self.observer.cancelled()
    }
}

/// A reference history and so many with drawn inputs. A history's inputs are the draw of its number, its events those of
/// the fleet's seed and that number, so that they are the same however many there are and on any number of threads.
///
/// # Errors
/// [`FleetError`] where the plan has no fleet that could be simulated.
pub fn histories(
    plan: &Plan,
    prices: &Prices,
    count: u32,
    detail: Detail,
    given: &Given<'_>,
    observer: &dyn Observer,
) -> Result<Histories, FleetError> {
    let fleet = plan.fleet.as_ref().ok_or(FleetError::None)?;
    let length = u64::try_from(fleet.period.end.0 - fleet.period.start.0).unwrap_or(0);
    let (days, events) = (AtomicU64::new(0), AtomicU64::new(0));
    let total = length * (u64::from(count) + 1);
    let sampler = Sampler::new(plan, plan.seed);
    let stopped = AtomicBool::new(false);
    let one = |number: u32| -> Option<Result<Drawn, FleetError>> {
        if observer.cancelled() && number > 0 {
            stopped.store(true, Ordering::Relaxed);
            return None;
        }
        let row = match number.checked_sub(1) {
            None => Draw::reference(plan),
            Some(draw) => {
                let mut row = vec![0.0; sampler.inputs()];
                sampler.fill(u64::from(draw), &mut row);
                row
            }
        };
        let mut fleet = match Fleet::new(plan, Draw::new(&row), prices, detail) {
            Ok(fleet) => fleet,
            Err(error) => return Some(Err(error)),
        };
        fleet.model.injected.clone_from(&given.failures);
        if let Some(trace) = &given.trace {
            fleet.replay(&trace.name, trace.pool);
        }
        let seed = plan.fleet.as_ref().map_or(0, |fleet| fleet.seed).wrapping_add(u64::from(number));
        let mut together = Together {
            observer,
            days: &days,
            events: &events,
            total,
            histories: u64::from(count) + 1,
            start: fleet.start,
            passed: (0, 0),
        };
        let mut sources = fleet.sources(seed);
        sources.extend(given.trace.as_ref().map(|trace| (trace.open)()));
        let history = simulate(&fleet.model, seed, sources, &mut together);
        let rest = length.saturating_sub(together.passed.0);
        days.fetch_add(rest, Ordering::Relaxed);
        if history.partial {
            stopped.store(true, Ordering::Relaxed);
        }
        let stands_for = fleet.stands_for();
        Some(Ok(Drawn { model: fleet.model, pools: fleet.pools, runs: fleet.runs, stands_for, history }))
    };
    let all: Vec<Result<Drawn, FleetError>> = (0..=count).into_par_iter().filter_map(one).collect();
    let mut all = all.into_iter().collect::<Result<Vec<_>, _>>()?;
    let drawn = all.split_off(1.min(all.len()));
    let Some(reference) = all.pop() else { return Err(FleetError::None) };
    observer.progress(WORK, total, total);
    Ok(Histories { reference, drawn, partial: stopped.into_inner() })
}
