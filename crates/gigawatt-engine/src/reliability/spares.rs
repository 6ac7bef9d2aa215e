//! Spare servers: how often a job finds none and waits.
//!
//! A job needs `n` servers and has `s` more. Servers in use fail at rate `h` each and are mended in `r` seconds on the average by `c` teams, or
//! by as many as are needed. The number of broken ones is a birth-death process: `n h` up from every state to `s`, `min(k, c)/r` down. With
//! `s + 1` broken the job stands still and nothing fails. The probability of that state follows by Erlang's recursion
//!
//! ```text
//! B(k) = ρₖ B(k-1) / (1 + ρₖ B(k-1)),   ρₖ = n h r / min(k, c),   B(0) = 1
//! ```
//!
//! With teams without limit it is Erlang's loss formula for `s + 1` lines and the load `n h r` (Erlang 1917), which holds whatever the distribution of
//! the times of repair (Sevastyanov 1957).

use super::rates::Ranged;

/// Who mends servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Teams {
    /// As many as are needed.
    Unlimited,
    /// So many, each with one server at a time.
    Limited(u32),
}

/// A job with spare servers.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Spares {
    /// Servers that the job needs.
    pub servers: f64,
    /// Failures of a server that take it out, per second.
    pub rate: f64,
    /// Mean seconds until a failed one is back.
    pub repair: f64,
    /// Who mends.
    pub teams: Teams,
}

/// Most spares that are looked for.
const MOST: u32 = 1 << 20;

impl Spares {
    /// Broken servers on the average where none ever lacks and teams are unlimited: the load `n h r`.
    pub fn load(&self) -> f64 {
        self.servers * self.rate * self.repair
    }

    /// How many servers are mended at once with so many broken.
    fn mended(&self, broken: u32) -> f64 {
        f64::from(match self.teams {
            Teams::Unlimited => broken,
            Teams::Limited(teams) => broken.min(teams),
        })
    }

    /// One step of the recursion: the probability of standing still with one spare more.
    fn next(&self, before: f64, broken: u32) -> f64 {
        let carried = before * self.load() / self.mended(broken);
        // Nobody mends: sooner or later everything is broken.
        if carried.is_finite() { carried / (1.0 + carried) } else { 1.0 }
    }

    /// The share of time in which the job stands still for want of a server.
    pub fn exhausted(&self, spares: u32) -> f64 {
        (1..=spares.saturating_add(1)).fold(1.0, |before, broken| self.next(before, broken))
    }

    /// Mean seconds of one such wait.
    pub fn wait(&self, spares: u32) -> f64 {
        self.repair / self.mended(spares.saturating_add(1))
    }

    /// The fewest spares with which a job stands still for at most a share of the time; none where a million are not enough.
    pub fn needed(&self, share: f64) -> Option<u32> {
        let mut probability = 1.0;
        (0..MOST).find(|spares| {
            probability = self.next(probability, spares + 1);
            probability <= share
        })
    }

    /// The number needed over a range of failure rates.
    pub fn needed_over(&self, rates: Ranged, share: f64) -> [Option<u32>; 3] {
        [rates.low, rates.value, rates.high].map(|rate| Self { rate, ..*self }.needed(share))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_load(load: f64, teams: Teams) -> Spares {
        Spares { servers: 100.0, rate: load / 100.0, repair: 1.0, teams }
    }

    #[test]
    fn erlang_b_has_its_printed_values() {
        // Load and lines with their loss: 1 and 1, 0.5; 10 and 10, 0.2146; 5 and 11, 0.0083; 100 and 117, 0.0098.
        for (load, lines, expected) in
            [(1.0, 1, 0.5), (10.0, 10, 0.214_58), (5.0, 11, 0.008_28), (100.0, 117, 0.009_87)]
        {
            let found = with_load(load, Teams::Unlimited).exhausted(lines - 1);
            assert!((found - expected).abs() < 1e-4, "{load} {lines}: {found}");
        }
    }

    #[test]
    fn one_team_is_a_queue_with_one_server() {
        // M/M/1/K: (1 - ρ) ρ^K / (1 - ρ^(K+1)), K = 5.
        let rho: f64 = 0.7;
        let expected = (1.0 - rho) * libm::pow(rho, 5.0) / (1.0 - libm::pow(rho, 6.0));
        assert!((with_load(rho, Teams::Limited(1)).exhausted(4) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_load_beyond_the_teams_is_never_served() {
        let beyond = with_load(5.0, Teams::Limited(2));
        assert!(beyond.exhausted(1000) > 0.59 && beyond.needed(0.01).is_none());
        assert_eq!(with_load(5.0, Teams::Limited(0)).exhausted(10), 1.0);
        let needed = with_load(10.0, Teams::Unlimited).needed(0.01).unwrap();
        let spares = with_load(10.0, Teams::Unlimited);
        assert!(spares.exhausted(needed) <= 0.01 && spares.exhausted(needed - 1) > 0.01);
        assert_eq!(with_load(0.0, Teams::Unlimited).needed(0.0), Some(0));
        assert_eq!(spares.wait(3), 0.25);
        let range = spares.needed_over(Ranged { value: 0.1, low: 0.05, high: 0.2 }, 0.01);
        assert!(range[0] < range[1] && range[1] < range[2]);
    }
}
