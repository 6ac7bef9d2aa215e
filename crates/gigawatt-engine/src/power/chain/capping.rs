//! Who gives way where a stage cannot carry its load.
//!
//! Stages are looked at from the leaves up. Where one carries more than it may, the groups below it give way in the order of
//! their priority, the lowest first: those of one priority are capped in proportion to what they can give, down to their
//! least clock, then parts of them switch off, before the next higher gives anything. A watt less at a load is `1 / Π η`
//! less at a stage above it.

use super::Chain;
use crate::power::load::Governor;

/// Load of one kind on one stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The stage that it hangs on.
    pub stage: usize,
    /// How its power answers a cap; at the clock without one it is what it wants \[W\].
    pub governor: Governor,
    /// Part of its time that follows the clock.
    pub clock_bound: f64,
    /// Higher gives way later.
    pub priority: i32,
}

impl Group {
    /// What it wants, in W.
    pub fn wanted(&self) -> f64 {
        self.governor.power(1.0)
    }

    /// The least that it draws without being switched off, in W.
    pub fn least(&self) -> f64 {
        self.governor.capped(0.0, self.clock_bound).power
    }
}

/// What a group gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Given {
    /// Its power in W.
    pub power: f64,
    /// Part of it that stays on.
    pub on: f64,
    /// Work per time over that without a cap, what is off counted as nothing.
    pub speed: f64,
}

/// What is left where limits are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Shed {
    /// By group.
    pub given: Vec<Given>,
    /// What no load below a stage could make up for: its own losses and those below are too much for it, in W.
    pub unmet: f64,
}

impl Chain {
    /// What groups get, on top of loads in W by stage that never give way, so that no stage gives more than its limit in
    /// W; [`f64::INFINITY`] for one without.
    pub fn shed(&self, groups: &[Group], firm: &[f64], limits: &[f64]) -> Shed {
        let wanted: Vec<f64> = groups.iter().map(Group::wanted).collect();
        let least: Vec<f64> = groups.iter().map(Group::least).collect();
        let mut power = wanted.clone();
        let mut order: Vec<i32> = groups.iter().map(|group| group.priority).collect();
        order.sort_unstable();
        order.dedup();
        let mut unmet = 0.0_f64;
        for stage in (0..self.stages().len()).rev() {
            let mut excess = self.carried(stage, groups, &power, firm) - limits[stage];
            for priority in &order {
                let these: Vec<(usize, f64)> = groups
                    .iter()
                    .enumerate()
                    .filter(|(_, group)| group.priority == *priority && self.feeds(stage, group.stage))
                    .map(|(index, group)| (index, self.weight(stage, group.stage)))
                    .collect();
                // First down to the least clock, then off.
                for floor in [Some(&least), None] {
                    let below = |index: usize| floor.map_or(0.0, |least| least[index]);
                    let gives =
                        |(index, weight): &(usize, f64)| weight * (power[*index] - below(*index)).max(0.0);
                    let room: f64 = these.iter().map(gives).sum();
                    if excess <= 0.0 || room <= 0.0 {
                        continue;
                    }
                    let part = (excess / room).min(1.0);
                    for (index, _) in &these {
                        power[*index] -= part * (power[*index] - below(*index)).max(0.0);
                    }
                    excess -= part * room;
                }
            }
            unmet = unmet.max(excess);
        }
        let given = groups.iter().enumerate().map(|(index, group)| {
            if power[index] >= least[index] {
                let capped = group.governor.capped(power[index], group.clock_bound);
                return Given { power: power[index], on: 1.0, speed: capped.speed };
            }
            let on = power[index] / least[index];
            let slow = group.governor.capped(0.0, group.clock_bound).speed;
            Given { power: power[index], on, speed: on * slow }
        });
        Shed { given: given.collect(), unmet: unmet.max(0.0) }
    }

    fn carried(&self, stage: usize, groups: &[Group], power: &[f64], firm: &[f64]) -> f64 {
        let mut loads = firm.to_vec();
        loads.resize(self.stages().len(), 0.0);
        for (group, power) in groups.iter().zip(power) {
            loads[group.stage] += power;
        }
        self.flow(&loads).output[stage]
    }
}
