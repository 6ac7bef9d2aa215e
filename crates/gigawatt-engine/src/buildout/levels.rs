//! Where the accelerators of a lot are at every moment.

use super::LotState;
use super::queue::Place;

/// Accelerators of one lot at every moment, by what they are doing.
#[derive(Debug, Default)]
pub struct Levels {
    pub owned: Vec<f64>,
    pub in_transit: Vec<f64>,
    pub awaiting_power: Vec<f64>,
    pub burn_in: Vec<f64>,
    pub online: Vec<f64>,
    pub retired: Vec<f64>,
}

impl Levels {
    /// Takes a lot: what of it had arrived at every breakpoint of its site's queue, and how far the queue is
    /// energised at every moment, `now` and a burn-in earlier, `then`.
    pub fn set(
        &mut self,
        lot: &LotState,
        arrived: &[f64],
        times: &[f64],
        transit: f64,
        (now, then): (&[Place], &[Place]),
    ) {
        let count = times.len();
        let Self { owned, in_transit, awaiting_power, burn_in, online, retired } = self;
        for row in [&mut *owned, in_transit, awaiting_power, burn_in, online, retired] {
            row.resize(count, 0.0);
        }
        // Every row has the same length, which spares a check of each access.
        let (owned, in_transit) = (&mut owned[..count], &mut in_transit[..count]);
        let (awaiting_power, burn_in) = (&mut awaiting_power[..count], &mut burn_in[..count]);
        let (online, retired) = (&mut online[..count], &mut retired[..count]);
        for ((energised, accepted), (now, then)) in
            burn_in.iter_mut().zip(online.iter_mut()).zip(now.iter().zip(then))
        {
            *energised = now.of(arrived);
            *accepted = then.of(arrived);
        }
        lot.delivered.at_each(times, 0.0, owned);
        lot.delivered.at_each(times, transit, in_transit);
        if lot.retired.start.is_finite() {
            lot.retired.at_each(times, 0.0, retired);
        } else {
            retired.fill(0.0);
        }
        for moment in 0..count {
            let (delivered, received) = (owned[moment], in_transit[moment]);
            let gone = retired[moment].min(received);
            let energised = burn_in[moment];
            // Where power is withdrawn, what was accepted goes dark with it.
            let accepted = (online[moment].min(energised) - gone).max(0.0);
            let waiting_for_acceptance = (energised - gone).max(0.0) - accepted;
            owned[moment] = delivered - gone;
            in_transit[moment] = delivered - received;
            // Everything energised ran through the queue, so below zero there is nothing but rounding.
            awaiting_power[moment] = (received - gone - waiting_for_acceptance - accepted).max(0.0);
            burn_in[moment] = waiting_for_acceptance;
            online[moment] = accepted;
            retired[moment] = gone;
        }
    }
}
