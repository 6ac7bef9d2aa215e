//! How many requests a replica has at once where they come by chance, and what follows for their times.
//!
//! A replica is a queue that shares its speed among those that it has: with `n` requests, they leave at `μ(n)` in all. Its
//! stationary distribution does not depend on how long requests are (Cohen 1979, "The multiple phase service network with
//! generalized processor sharing"):
//!
//! ```text
//! p(n) = p(0) Π λ/μ(i)    i = 1 … n,     μ(n) = μ(b) beyond the b that it runs at once
//! ```
//!
//! Requests that come one by one at random see this distribution. A time of each token is a mean over a request's life, in
//! which the number changes: where it is correlated over one life, the variance of that mean is `2/e` of that of the number at
//! a moment. It ranks deployments and says where to begin; what is promised is simulated.

use super::worker::Pace;

/// Deviation of a number's mean over the life of a request, over that of the number at a moment: `√(2/e)`.
const OVER_A_LIFE: f64 = 0.857_763_884_960_706_8;

/// Numbers of requests that are told apart at most.
const FINEST: f64 = 256.0;

/// A replica as a queue.
pub(super) struct Sharing {
    /// Requests at which the pace is known, ascending from 1 to all that run at once.
    at: Vec<f64>,
    pace: Vec<Pace>,
}

/// What users see of a load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Seen {
    /// Time to the first token, s.
    pub first_token: f64,
    /// Time of each further token, s.
    pub each_token: f64,
    /// By how much the time to the first token exceeds that of a request alone, s.
    pub waiting: f64,
    /// Mean time of a request, s.
    pub life: f64,
}

impl Sharing {
    /// A replica whose pace with so many requests in all is known, up to `most` of them.
    pub fn new(most: f64, pace: impl Fn(f64) -> Pace) -> Self {
        let mut at: Vec<f64> =
            std::iter::successors(Some(1.0), |at| Some(at * 2.0)).take_while(|at| *at < most).collect();
        at.push(most);
        let pace = at.iter().map(|at| pace(*at)).collect();
        Self { at, pace }
    }

    /// The pace with so many requests, straight between those that are known.
    fn pace(&self, requests: f64) -> Pace {
        let after = self.at.partition_point(|at| *at < requests).clamp(1, self.at.len().max(2) - 1);
        let Some((high, to)) = self.at.get(after).zip(self.pace.get(after)) else { return self.pace[0] };
        let (low, from) = (self.at[after - 1], self.pace[after - 1]);
        let share = ((requests - low) / (high - low)).clamp(0.0, 1.0);
        let between = |low: f64, high: f64| low + share * (high - low);
        Pace {
            first_token: between(from.first_token, to.first_token),
            each_token: between(from.each_token, to.each_token),
            rate: between(from.rate, to.rate),
        }
    }

    fn most(&self) -> f64 {
        self.at.last().copied().unwrap_or(1.0)
    }

    /// Requests per second that it cannot exceed.
    pub fn ceiling(&self) -> f64 {
        self.pace.last().map_or(0.0, |pace| pace.rate)
    }

    /// What the share of requests, or their mean where it is none, see when so many come in a second. None where more come
    /// than leave.
    pub fn seen(&self, rate: f64, share: Option<f64>) -> Option<Seen> {
        let busy = rate / self.ceiling();
        if busy >= 1.0 || !rate.is_finite() {
            return None;
        }
        // Weights over that of the largest, so that none overflows; of many requests, one weight for several numbers of them.
        let step = (self.most() / FINEST).max(1.0);
        let (mut logarithm, mut logarithms) = (0.0, vec![0.0]);
        let mut requests = step;
        while requests < self.most() + 0.5 * step {
            logarithm += step * libm::log(rate / self.pace(requests - 0.5 * (step - 1.0)).rate);
            logarithms.push(logarithm);
            requests += step;
        }
        let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = logarithms.iter().map(|one| step * libm::exp(one - largest)).collect();
        let full = weights.last().copied().unwrap_or(0.0) / step;
        // Beyond all that run at once weights fall as a geometric series.
        let beyond = full * busy / (1.0 - busy);
        let total: f64 = weights.iter().sum::<f64>() + beyond;
        let (mut mean, mut number) = (0.0, 0.0);
        for weight in &weights {
            mean += number * weight / total;
            number += step;
        }
        let queue = beyond / (1.0 - busy) / total;
        mean += self.most() * beyond / total + queue;
        let running = match share {
            None => (mean - queue).min(self.most()),
            Some(share) => {
                let (mut below, mut quantile) = (0.0, 0.0_f64);
                for weight in &weights {
                    below += weight / total;
                    if below >= share {
                        break;
                    }
                    quantile += step;
                }
                let running = (mean - queue).min(self.most());
                running + OVER_A_LIFE * (quantile.min(self.most()) - running)
            }
        };
        let pace = self.pace(running.max(1.0));
        // A wait beyond a length is as likely as the queue is to be full, and falls with what leaves.
        let wait = match share {
            None => queue / rate,
            Some(share) => {
                let waits = (full + beyond) / total;
                (libm::log(waits / (1.0 - share)) / (self.ceiling() - rate)).max(0.0)
            }
        };
        let first_token = pace.first_token + wait;
        let waiting = (first_token - self.pace[0].first_token).max(0.0);
        Some(Seen { first_token, each_token: pace.each_token, waiting, life: mean / rate })
    }

    /// The most requests per second with which something holds of what is seen.
    pub fn load(&self, share: Option<f64>, holds: impl Fn(&Seen) -> bool) -> f64 {
        let (mut low, mut high) = (0.0, self.ceiling());
        for _ in 0..24 {
            let middle = f64::midpoint(low, high);
            match self.seen(middle, share) {
                Some(seen) if holds(&seen) => low = middle,
                _ => high = middle,
            }
        }
        low
    }
}
