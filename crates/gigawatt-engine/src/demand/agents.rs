//! What agents contribute to code, and what it costs beside an engineer.
//!
//! Of `T` tasks a day a part `q` ends in a merged change, of a size `z` against that of a change that an engineer makes.
//! `E` engineers make `m` changes each on every of `D` working days:
//!
//! ```text
//! code share           = T q z / (T q z + E m D / 365.25)
//! engineers equivalent = T q z / (m D / 365.25)
//! cost of a change     = cost of a task / q + review · cost of an engineer's working time
//! an engineer's change = cost of an engineer / (m D)
//! ```
//!
//! That engineers write fewer changes by hand while agents write theirs is not part of it; `m` is what they do.

/// Days of a year.
const YEAR: f64 = 365.25;
/// Seconds of a working day.
const WORKING_DAY: f64 = 8.0 * 3600.0;

/// What becomes of tasks, and what engineers do without agents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AgentWork {
    /// Part of the tasks whose change is merged.
    pub success: f64,
    /// Code of such a change over that of an engineer's.
    pub change_size: f64,
    /// Changes of an engineer on a working day.
    pub engineer_changes: f64,
    /// Cost of an engineer, USD a year.
    pub engineer_cost: f64,
    /// An engineer's time for each merged change of an agent, s.
    pub review: f64,
    /// Working days of a year.
    pub working_days: f64,
}

impl AgentWork {
    /// Merged changes of so many tasks.
    pub fn merged(&self, tasks: f64) -> f64 {
        tasks * self.success
    }

    /// Changes of an engineer, mean over all days.
    fn by_hand(&self) -> f64 {
        self.engineer_changes * self.working_days / YEAR
    }

    /// Engineers who would write as much code as agents do with so many tasks a day.
    pub fn engineers_equivalent(&self, tasks: f64) -> f64 {
        self.merged(tasks) * self.change_size / self.by_hand()
    }

    /// Part of the code that agents write beside so many engineers.
    pub fn code_share(&self, tasks: f64, engineers: f64) -> f64 {
        let equivalent = self.engineers_equivalent(tasks);
        equivalent / (equivalent + engineers)
    }

    /// What an engineer's change costs, USD.
    pub fn engineer_change_cost(&self) -> f64 {
        self.engineer_cost / (self.engineer_changes * self.working_days)
    }

    /// What an engineer's time for a merged change of an agent costs, USD.
    pub fn review_cost(&self) -> f64 {
        self.engineer_cost * self.review / (self.working_days * WORKING_DAY)
    }

    /// What a merged change of an agent costs, where a task costs so much computing, USD.
    pub fn change_cost(&self, task: f64) -> f64 {
        task / self.success + self.review_cost()
    }

    /// What so much code of agents costs over what engineers would take for it.
    pub fn cost_ratio(&self, task: f64) -> f64 {
        self.change_cost(task) / (self.change_size * self.engineer_change_cost())
    }

    /// Merged changes for an hour of an accelerator, where a task takes so many seconds of one.
    pub fn merged_per_accelerator_hour(&self, seconds: f64) -> f64 {
        self.success * 3600.0 / seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work() -> AgentWork {
        AgentWork {
            success: 0.25,
            change_size: 0.4,
            engineer_changes: 0.8,
            engineer_cost: 600_000.0,
            review: 1800.0,
            working_days: 230.0,
        }
    }

    #[test]
    fn shares_and_costs_are_those_of_hand_arithmetic() {
        let work = work();
        // 30,000 engineers make 0.8 · 230 / 365.25 = 0.5038 changes each and day: 15,113.
        // 30,000 tasks give 7,500 changes, as much code as 3,000 of an engineer.
        let share = 3000.0 / (3000.0 + 30_000.0 * 0.8 * 230.0 / 365.25);
        assert!((work.code_share(30_000.0, 30_000.0) - share).abs() < 1e-12 && (share - 0.1656).abs() < 1e-4);
        assert!((work.engineers_equivalent(30_000.0) - 3000.0 / 0.503_764).abs() < 0.1);
        assert!((work.engineer_change_cost() - 3260.87).abs() < 0.01);
        assert!((work.review_cost() - 163.04).abs() < 0.01);
        assert!((work.change_cost(10.0) - 203.04).abs() < 0.01);
        assert!((work.cost_ratio(10.0) - 203.04 / (0.4 * 3260.87)).abs() < 1e-4);
        assert!((work.merged_per_accelerator_hour(90.0) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn more_tasks_mean_a_larger_share_that_never_is_all() {
        let mut before = 0.0;
        for tasks in [0.0, 1e3, 1e5, 1e7, 1e9] {
            let share = work().code_share(tasks, 30_000.0);
            assert!(share >= before && share < 1.0);
            before = share;
        }
    }
}
