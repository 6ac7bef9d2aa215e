//! From a cap on power to the clock, and from the clock to speed.
//!
//! Above the voltage floor `f` clock and voltage fall together, below it only the clock does. Dynamic power is
//! `C V² x`; the law of the [device](crate::device) has `V² ∝ x`, so with `x` the clock over that without a cap
//!
//! ```text
//! P(x) = fixed + dynamic g(x),   g(x) = x max(x, f)
//! ```
//!
//! Time of work of which a part κ follows the clock is `κ / x + 1 - κ`. Memory and links keep their own clocks; their
//! power is told as if the slower work moved as many bytes a second as before, so that a cap is kept with a little room.

/// How power answers the clock while a certain thing is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Governor {
    /// Power that the clock does not move \[W\].
    pub fixed: f64,
    /// Power at the clock without a cap, beside that \[W\].
    pub dynamic: f64,
    /// Clock over that without a cap below which the voltage falls no further.
    pub voltage_floor: f64,
}

/// The least clock over that without a cap: chips do not go lower on their own.
const LEAST_CLOCK: f64 = 0.1;

/// What a cap makes of work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capped {
    /// Clock over that without a cap.
    pub clock: f64,
    /// Power \[W\]; above the cap where even the least clock draws more.
    pub power: f64,
    /// Work per time over that without a cap.
    pub speed: f64,
}

impl Governor {
    /// Power at a clock.
    pub fn power(&self, clock: f64) -> f64 {
        self.fixed + self.dynamic * clock * clock.max(self.voltage_floor)
    }

    /// The clock that a cap leaves, at least a tenth.
    pub fn clock(&self, cap: f64) -> f64 {
        if self.power(1.0) <= cap {
            return 1.0;
        }
        let room = ((cap - self.fixed) / self.dynamic).max(0.0);
        let floor = self.voltage_floor;
        let clock = if room >= floor * floor { libm::sqrt(room) } else { room / floor };
        clock.clamp(LEAST_CLOCK, 1.0)
    }

    /// What a cap makes of work of which a part follows the clock.
    pub fn capped(&self, cap: f64, clock_bound: f64) -> Capped {
        let clock = self.clock(cap);
        Capped { clock, power: self.power(clock), speed: 1.0 / (clock_bound / clock + 1.0 - clock_bound) }
    }

    /// Power and speed at so many caps evenly from the least that can be kept to what is drawn without one.
    pub fn table(&self, clock_bound: f64, rows: usize) -> Vec<Capped> {
        let (low, high) = (self.power(LEAST_CLOCK), self.power(1.0));
        let last = rows.saturating_sub(1).max(1);
        (0..rows).map(|row| self.capped(low + (high - low) * row as f64 / last as f64, clock_bound)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const H100: Governor = Governor { fixed: 170.0, dynamic: 530.0, voltage_floor: 0.6 };

    proptest! {
        #[test]
        fn a_cap_is_kept_and_used(cap in 210.0..900.0_f64, bound in 0.0..1.0_f64) {
            let capped = H100.capped(cap, bound);
            prop_assert!(capped.power <= cap + 1e-9);
            prop_assert!((capped.power - cap.min(700.0)).abs() < 1e-9);
            prop_assert!(capped.speed <= 1.0 + 1e-12 && capped.speed >= capped.clock - 1e-12);
        }
    }

    #[test]
    fn slower_is_cheaper_until_the_fixed_power_tells() {
        let energy = |cap: f64| {
            let capped = H100.capped(cap, 1.0);
            capped.power / capped.speed
        };
        // P / x has its least where fixed = dynamic x²: x = √(170 / 530) lies below the voltage floor, where energy only rises.
        assert!(energy(600.0) < energy(700.0) && energy(450.0) < energy(600.0));
        assert!(energy(230.0) > energy(361.0));
        // Never below what the dynamic energy alone takes at the floor.
        assert!(energy(361.0) > 530.0 * 0.6);
    }

    #[test]
    fn hand_arithmetic() {
        // (600 - 170) / 530 = 0.8113, its root 0.9007.
        assert!((H100.clock(600.0) - 0.900_734).abs() < 1e-6);
        // Below the floor power is straight: (250 - 170) / 530 / 0.6.
        assert!((H100.clock(250.0) - 0.251_572).abs() < 1e-6);
        assert_eq!(H100.clock(1e3), 1.0);
        assert_eq!(H100.clock(0.0), LEAST_CLOCK);
        let table = H100.table(1.0, 5);
        assert!(table.windows(2).all(|pair| pair[0].speed < pair[1].speed));
        assert_eq!((table.len(), table[4].speed), (5, 1.0));
    }
}
