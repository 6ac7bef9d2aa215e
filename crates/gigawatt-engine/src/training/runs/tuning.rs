//! The best layouts of a run's phase beside the one that it has, and how fast it could be on other numbers of
//! accelerators.

use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::Observer;

use super::super::search::{Examined, Search, Space, examine, search};
use super::laws::StepLaws;
use super::tunable::Tunable;
use crate::Cancelled;

/// What is asked of a phase.
pub struct TuningAsked<'a> {
    /// How many layouts.
    pub number: usize,
    /// Further numbers of accelerators for which the fastest layout is sought, with the same batch.
    pub accelerators: &'a [u64],
    /// What is looked at.
    pub extent: Extent,
    /// What is laid over that space.
    pub narrow: &'a dyn Fn(&mut Space),
}

/// What a search looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything that is legal.
    Everything,
    /// What is usual.
    Usual,
}

/// What was found for a phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// The layout that the plan has.
    pub planned: Examined,
    /// The space.
    pub space: Space,
    /// The best of it.
    pub search: Search,
    /// The same on other numbers of accelerators, ascending.
    pub others: Vec<(u64, Search)>,
}

/// Seeks the best layouts of a phase; none where the run's machines cannot be priced.
///
/// # Errors
/// Where the observer cancels it.
pub fn tune(
    plan: &Plan,
    (run, phase): (usize, usize),
    laws: &StepLaws,
    asked: &TuningAsked<'_>,
    observer: &dyn Observer,
) -> Result<Option<Tuning>, Cancelled> {
    let run = &plan.training[run];
    let phase = &run.phases[phase];
    let on = |accelerators: u64, number: usize| -> Result<Option<(Tunable, Space, Search)>, Cancelled> {
        let Some(tunable) = Tunable::new(plan, run, laws, accelerators) else { return Ok(None) };
        let problem = tunable.problem(run, phase, laws);
        let space = Space::of(&problem);
        let space = match asked.extent {
            Extent::Everything => space,
            Extent::Usual => space.usual(&problem),
        };
        let mut space = space.with(run.framework, &phase.layout);
        (asked.narrow)(&mut space);
        let search = search(&problem, &space, number, observer)?;
        Ok(Some((tunable, space, search)))
    };
    let own = phase.layout.accelerators;
    let Some((tunable, space, search)) = on(own, asked.number)? else { return Ok(None) };
    let planned = examine(&tunable.problem(run, phase, laws), run.framework, &phase.layout);
    let mut numbers = asked.accelerators.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let mut others = Vec::new();
    for number in numbers {
        if number == own {
            continue;
        }
        if let Some((_, _, search)) = on(number, 1)? {
            others.push((number, search));
        }
    }
    Ok(Some(Tuning { planned, space, search, others }))
}
