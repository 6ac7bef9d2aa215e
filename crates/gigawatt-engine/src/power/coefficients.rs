//! What was fitted or taken as a prior, each with its meaning.

use crate::coefficients::coefficients;

coefficients! {
    /// Coefficients of the law of loads.
    pub struct PowerCoefficients of "power" {
        /// Power of an accelerator without a job over its limit.
        idle: "1", [0.05, 0.25], "acme kalos_gpu";
        /// Power of an accelerator that holds a job and waits, clocks up, over its limit.
        waiting: "1", [0.1, 0.4], "acme kalos_gpu";
        /// Power of an accelerator at its limit over that, as a meter of seconds shows it.
        at_limit: "1", [0.9, 1.1], "acme kalos_gpu";
        /// Spread of the idle power over accelerators, in logarithms.
        idle_spread: "1", [0.005, 0.3], "acme kalos_gpu";
        /// Spread of the waiting power, in logarithms.
        waiting_spread: "1", [0.005, 0.5], "acme kalos_gpu";
        /// Spread of the power at the limit over that.
        limit_spread: "1", [0.005, 0.2], "acme kalos_gpu";
        /// Dynamic power of a step's matrix products over that of one large product.
        matrix_use: "1", [0.7, 1.0], "prior";
        /// Dynamic power of attention over that of one large product.
        attention_use: "1", [0.5, 1.0], "prior";
        /// Energy of a byte between memory and the units that work on it.
        memory_energy: "pJ/B", [30.0, 160.0], "prior";
        /// Energy of a byte over a link to another accelerator, both ends and the copy at one of them apart.
        link_energy: "pJ/B", [10.0, 200.0], "prior";
        /// Part of a link's bandwidth at which collectives move.
        link_use: "1", [0.4, 1.0], "prior";
        /// Clock over that at the power limit below which the voltage falls no further.
        voltage_floor: "1", [0.3, 0.9], "prior";
        /// Width of an edge of a job's power: how far its ranks are apart, and how fast a chip's power follows.
        edge: "s", [0.001, 0.5], "prior";
        /// Dynamic power of an accelerator that serves, over that of one at its limit, on average over a day.
        serving: "1", [0.1, 1.0], "prior";
        /// How far the load of a service swings over a day, over its mean.
        daily_swing: "1", [0.0, 1.0], "prior";
        /// The hour of the day, by the site's clock, at which services are asked most.
        busiest_hour: "h", [0.0, 24.0], "prior";
        /// Of accelerators that hold a small job the part of the time that waits.
        small_waiting: "1", [0.0, 1.0], "acme kalos_gpu";
        /// Of them the part of the time at the limit.
        small_at_limit: "1", [0.0, 1.0], "acme kalos_gpu";
        /// The rest of a system (processors, memory, cards, switches, fans) when its accelerators idle, over what its nameplate has room for.
        rest_idle: "1", [0.1, 0.6], "prior";
        /// The same when its accelerators work at their limits.
        rest_busy: "1", [0.3, 1.0], "acme server_8xa100, 99th percentile";
        /// Efficiency of power supplies beside their fixed loss.
        supply_efficiency: "1", [0.85, 0.99], "prior";
        /// Fixed loss of power supplies over the system's nameplate.
        supply_fixed: "1", [0.0, 0.05], "prior";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_has_every_coefficient_within_its_bounds() {
        let values = PowerCoefficients::embedded().expect("complete").values();
        for (meaning, value) in PowerCoefficients::MEANINGS.iter().zip(values) {
            assert!((meaning.least..=meaning.most).contains(&value), "{}: {value}", meaning.name);
        }
    }
}
