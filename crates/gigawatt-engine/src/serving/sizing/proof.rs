//! How many replicas a promise takes when requests come at random, by simulation.

use super::asked::SizingAsked;
use super::design::{Design, Units};
use super::estimate::Estimate;
use super::search::Ground;
use super::trial::{Engines, Simulated, Trial};

/// Part of a promise that a simulation has to keep while numbers are sought, so that another one keeps all of it.
const KEPT: f64 = 0.985;
/// Simulations of a design, at most.
const MOST: u64 = 24;
/// Units of which one more or less is not told apart.
const COARSE: u64 = 64;
/// How near a greatest rate is found, as a share.
const NEAR: f64 = 0.02;
/// Streams of random numbers: while numbers are sought, and to hold the answer against others.
const SEEDS: [u64; 2] = [1, 2];

/// A design that kept its promise in a simulation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Proof {
    pub units: Units,
    /// Requests per second.
    pub rate: f64,
    pub simulated: Simulated,
}

/// A design as it is simulated, and how often it was.
pub(super) struct Prover<'a> {
    trial: Trial<'a>,
    design: Design,
    asked: &'a SizingAsked,
    /// What an accelerator counts for.
    weight: f64,
    /// What counts for as much or more is of no use.
    limit: f64,
    pub simulations: u64,
}

/// Which side of a deployment has too little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Holds,
    /// Replicas, or workers for answers.
    Main,
    /// Workers for prompts.
    Prefill,
}

impl<'a> Prover<'a> {
    pub fn new(
        ground: &Ground<'_>,
        estimate: &Estimate,
        asked: &'a SizingAsked,
        (engines, limit): (&Engines, f64),
    ) -> Self {
        Self {
            trial: Trial::new(ground, estimate, asked, engines),
            design: estimate.design,
            asked,
            weight: ground.weight,
            limit,
            simulations: 0,
        }
    }

    /// The fewest units that were found to keep the promise, or the greatest rate of the units of an estimate; none where
    /// they would not count for less than the limit.
    pub fn prove(&mut self, estimate: &Estimate) -> Option<Proof> {
        match self.asked.rate {
            Some(rate) => self.fewest(estimate.units, rate),
            None => self.greatest(estimate.units, estimate.rate),
        }
    }

    /// What so many units count for.
    fn value(&self, units: Units) -> f64 {
        float(self.design.accelerators(units)) * self.weight
    }

    fn look(&mut self, units: Units, rate: f64, (seed, kept): (u64, f64)) -> (Verdict, Option<Simulated>) {
        self.simulations += 1;
        let apart = matches!(self.design, Design::Apart { .. });
        let Some(seen) = self.trial.run(units, rate, seed) else {
            // Something was not served at all: the side that serves least has too little.
            let sides: Vec<f64> =
                self.design.workers(units).map(|(_, one, number)| one.ceiling * float(number)).collect();
            let prompts = apart && sides.first() < sides.last();
            return (if prompts { Verdict::Prefill } else { Verdict::Main }, None);
        };
        let promise = &self.asked.promise;
        if promise.holds(seen.first_token / kept, seen.each_token / kept, seen.waiting / kept) {
            return (Verdict::Holds, Some(seen));
        }
        let answers = promise.each_token.is_some_and(|target| seen.each_token > kept * target);
        let prompts = apart && !answers && seen.prompts_wait;
        (if prompts { Verdict::Prefill } else { Verdict::Main }, Some(seen))
    }

    /// Units that cannot be fewer by what each serves at most.
    fn least(&self, rate: f64) -> Units {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count that is limited"
        )]
        let of = |ceiling: f64| libm::ceil(rate / ceiling * (1.0 - 1e-12)).clamp(1.0, 1e12) as u64;
        match self.design {
            Design::Together(worker) => Units { main: of(worker.ceiling), prefill: 0 },
            Design::Apart { prefill, decode } => {
                Units { main: of(decode.ceiling), prefill: of(prefill.ceiling) }
            }
        }
    }

    fn fewest(&mut self, from: Units, rate: f64) -> Option<Proof> {
        let least = self.least(rate);
        let mut units = Units { main: from.main.max(least.main), prefill: from.prefill.max(least.prefill) };
        if self.value(units) >= self.limit {
            // The estimate may ask for more than is needed.
            units = least;
            if units.prefill == 0 && !self.could_do(least, rate) {
                return None;
            }
        }
        // What is known to be too few of each side, the other as it was.
        let mut short = Units { main: least.main - 1, prefill: least.prefill.saturating_sub(1) };
        loop {
            if self.value(units) >= self.limit || self.simulations >= MOST {
                return None;
            }
            match self.look(units, rate, (SEEDS[0], KEPT)).0 {
                Verdict::Holds => break,
                Verdict::Main => {
                    short.main = units.main;
                    units.main += (units.main / 16).max(1);
                }
                Verdict::Prefill => {
                    short.prefill = units.prefill;
                    units.prefill += (units.prefill / 16).max(1);
                }
            }
        }
        let sides: [fn(&mut Units) -> &mut u64; 2] = [|units| &mut units.main, |units| &mut units.prefill];
        for side in sides {
            // First one less, as estimates are near; then halving between what is too few and what is enough.
            let mut step = 1;
            // Of many, a few more or less are as good.
            while *side(&mut units) > *side(&mut short) + 1 + *side(&mut units) / COARSE
                && self.simulations < MOST
            {
                let (low, high) = (*side(&mut short), *side(&mut units));
                let mut fewer = units;
                *side(&mut fewer) = high.saturating_sub(step).max(low + (high - low) / 2);
                step *= 2;
                if self.look(fewer, rate, (SEEDS[0], KEPT)).0 == Verdict::Holds {
                    units = fewer;
                } else {
                    *side(&mut short) = *side(&mut fewer);
                }
            }
        }
        // The answer has to keep its promise with other random numbers too.
        loop {
            if self.value(units) >= self.limit || self.simulations >= 2 * MOST {
                return None;
            }
            let (verdict, simulated) = self.look(units, rate, (SEEDS[1], 1.0));
            match (verdict, simulated) {
                (Verdict::Holds, Some(simulated)) => return Some(Proof { units, rate, simulated }),
                (Verdict::Prefill, _) => units.prefill += 1,
                _ => units.main += 1,
            }
        }
    }

    /// Whether as many replicas as count for less than the limit keep the promise.
    fn could_do(&mut self, least: Units, rate: f64) -> bool {
        let each = self.value(Units { main: 1, prefill: 0 });
        let most = libm::ceil(self.limit / each) - 1.0;
        if most < float(least.main) {
            return false;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count that is limited"
        )]
        let units = Units { main: most.min(1e12) as u64, prefill: 0 };
        self.look(units, rate, (SEEDS[0], KEPT)).0 == Verdict::Holds
    }

    fn greatest(&mut self, units: Units, from: f64) -> Option<Proof> {
        let ceiling = self.design.ceiling(units);
        // Less than this would count for too much.
        let least = self.value(units) / self.limit;
        if least >= ceiling {
            return None;
        }
        let (mut low, mut high) = (0.0, ceiling);
        let mut rate = from.min(ceiling * (1.0 - NEAR)).max(least);
        // Nearer by little until both sides are known, then halving.
        let mut step = NEAR;
        while high - low > NEAR * high && self.simulations < MOST {
            if self.look(units, rate, (SEEDS[0], KEPT)).0 == Verdict::Holds {
                low = rate;
            } else {
                high = rate;
                if high <= least {
                    return None;
                }
            }
            rate = match (low > 0.0, high < ceiling) {
                (true, true) => f64::midpoint(low, high),
                (true, false) => (low * (1.0 + step)).min(f64::midpoint(low, ceiling)),
                (false, _) => (high * (1.0 - step)).max(least),
            };
            step = (2.0 * step).min(0.5);
        }
        let mut rate = low;
        while rate > least && rate > 0.0 && self.simulations < 2 * MOST {
            if let (Verdict::Holds, Some(simulated)) = self.look(units, rate, (SEEDS[1], 1.0)) {
                return Some(Proof { units, rate, simulated });
            }
            rate *= 1.0 - NEAR;
        }
        None
    }
}

#[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}
