//! The power of a system, a server or a rack, around its accelerators.
//!
//! The nameplate has room for everything at its limit at once. What it leaves beside the accelerators' limits, behind
//! the power supplies, is the room of the rest: processors, memory, drives, cards, switches inside and fans. The rest
//! draws a part of that room, from idle to busy in a straight line over the load of the accelerators:
//!
//! ```text
//! room = nameplate η - fixed - n limit
//! P    = (n p + room (idle + (busy - idle) load) + fixed) / η,   load = (p - p_idle) / (limit - p_idle)
//! ```
//!
//! Fans and processors follow the load over tens of seconds; within a training step the rest stands still.

use super::AcceleratorPower;
use crate::power::PowerCoefficients;

/// The law of power of a system at its input, in W.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SystemPower {
    /// Of one accelerator.
    pub accelerator: AcceleratorPower,
    /// Accelerators of one system.
    pub accelerators: f64,
    /// Nameplate.
    pub nameplate: f64,
    /// Room of the rest.
    room: f64,
    rest_idle: f64,
    rest_busy: f64,
    /// Efficiency of its power supplies beside their fixed loss.
    pub efficiency: f64,
    /// Fixed loss of its power supplies \[W\].
    pub fixed_loss: f64,
}

impl SystemPower {
    /// The law for a system of so many accelerators with a nameplate in W.
    pub fn new(
        accelerator: AcceleratorPower,
        accelerators: f64,
        nameplate: f64,
        with: &PowerCoefficients,
    ) -> Self {
        let fixed_loss = with.supply_fixed * nameplate;
        let room = nameplate * with.supply_efficiency - fixed_loss - accelerators * accelerator.limit;
        Self {
            accelerator,
            accelerators,
            nameplate,
            room: room.max(0.0),
            rest_idle: with.rest_idle,
            rest_busy: with.rest_busy,
            efficiency: with.supply_efficiency,
            fixed_loss,
        }
    }

    /// The same system with another law of its accelerators, whose limit is as high.
    #[must_use]
    pub fn with_accelerator(self, accelerator: AcceleratorPower) -> Self {
        Self { accelerator, ..self }
    }

    /// The same system fed with direct current by supplies that are counted elsewhere: shelves of a chain.
    #[must_use]
    pub fn behind_shelves(self) -> Self {
        let nameplate = self.nameplate * self.efficiency - self.fixed_loss;
        Self { nameplate, efficiency: 1.0, fixed_loss: 0.0, ..self }
    }

    /// Power of the rest while its accelerators draw so much each on average.
    pub fn rest(&self, each: f64) -> f64 {
        let span = self.accelerator.limit - self.accelerator.idle;
        let load = ((each - self.accelerator.idle) / span).clamp(0.0, 1.0);
        self.room * (self.rest_idle + (self.rest_busy - self.rest_idle) * load)
    }

    /// Power at the input while its accelerators draw so much each and the rest stands still at a power.
    pub fn input(&self, each: f64, rest: f64) -> f64 {
        (self.accelerators * each + rest + self.fixed_loss) / self.efficiency
    }

    /// Power at the input while its accelerators draw so much each for longer than the rest needs to follow.
    pub fn steady(&self, each: f64) -> f64 {
        self.input(each, self.rest(each))
    }

    /// Power at the input with all accelerators idle.
    pub fn idle(&self) -> f64 {
        self.steady(self.accelerator.idle)
    }

    /// Power at the input with all accelerators at their limit.
    pub fn most(&self) -> f64 {
        self.steady(self.accelerator.limit)
    }

    /// Loss of the power supplies at an input.
    pub fn supply_loss(&self, input: f64) -> f64 {
        input - (input * self.efficiency - self.fixed_loss)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(limit: f64, accelerators: f64, nameplate: f64) -> SystemPower {
        let with = PowerCoefficients::embedded().unwrap();
        SystemPower::new(AcceleratorPower::of_limit(limit, &with), accelerators, nameplate, &with)
    }

    #[test]
    fn servers_and_racks_stay_within_their_published_envelopes() {
        // Nameplate in W; at the limit of all accelerators a system draws a good part of it and never more.
        for (name, limit, accelerators, nameplate) in [
            ("DGX A100", 400.0, 8.0, 6500.0),
            ("DGX H100", 700.0, 8.0, 10_200.0),
            ("DGX B200", 1000.0, 8.0, 14_300.0),
            ("GB200 NVL72", 1200.0, 72.0, 126_000.0),
        ] {
            let part = system(limit, accelerators, nameplate).most() / nameplate;
            assert!((0.78..1.0).contains(&part), "{name}: {part}");
        }
    }

    #[test]
    fn a_server_of_eight_h100_under_a_burn_test_draws_what_was_measured() {
        // 8.48 kW at most: arXiv 2412.08602. The rest's busy share was chosen on servers of A100.
        let most = system(700.0, 8.0, 10_200.0).most();
        assert!((most / 8480.0 - 1.0).abs() < 0.03, "{most}");
    }

    #[test]
    fn behind_shelves_a_system_draws_what_its_own_supplies_would_give() {
        let with = PowerCoefficients::embedded().unwrap();
        let own = system(700.0, 8.0, 10_200.0);
        let behind = own.behind_shelves();
        // The shelves of a rack take what the systems' own supplies would.
        let (efficiency, fixed) = (with.supply_efficiency, with.supply_fixed * 10_200.0);
        for each in [own.accelerator.idle, 400.0, 700.0] {
            assert!(((behind.steady(each) + fixed) / efficiency - own.steady(each)).abs() < 1e-9);
        }
        assert!((behind.nameplate - (efficiency * 10_200.0 - fixed)).abs() < 1e-9);
    }

    #[test]
    fn power_grows_with_the_load_and_losses_are_what_is_missing() {
        let server = system(700.0, 8.0, 10_200.0);
        assert!(server.idle() < server.steady(300.0) && server.steady(300.0) < server.most());
        let input = server.steady(500.0);
        let inside = 8.0 * 500.0 + server.rest(500.0);
        assert!((input - server.supply_loss(input) - inside).abs() < 1e-9);
        // A nameplate with no room beside its accelerators has no rest.
        assert_eq!(system(100.0, 1.0, 90.0).rest(50.0), 0.0);
    }
}
