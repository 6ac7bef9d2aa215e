//! Replicas for a demand, hour by hour, as if requests were a fluid.
//!
//! A replica that meets its targets takes `q` requests a second at most ([`Response::most`](super::Response::most)), with a
//! cap on power `v q`. What is expected of an hour is known from the shape of the day; what stirs around it is not, `L` hours
//! before, when a replica has to be started so that it is there in time:
//!
//! ```text
//! needed(h)  = ceil( max over h ... h + L of d · exp(z s - s²/2) / (v q) ),   s² = what nobody foresees L before
//! standing   = max over h of needed(h) / (1 - lost)
//! ```
//!
//! `z` is the score of the probability with which an hour's rate is to be covered. Hours whose expected requests come near to
//! what the replicas can do at most are named: there waiting decides, a fluid does not wait, and they have to be simulated.

use super::burst::{Burst, factor_at};

/// Seconds of an hour.
const HOUR: f64 = 3600.0;

/// Whether replicas come and go with the demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scaling {
    /// As many as the busiest hour needs, all the time.
    Fixed,
    /// They are started and stopped; from the decision to the first token it takes so many hours.
    Follows {
        /// Hours.
        start_up: f64,
    },
}

/// What a fluid runs on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FluidService {
    /// Requests per second of a replica with which it meets its targets.
    pub most: f64,
    /// Requests per second of a replica at most, whatever it takes.
    pub saturated: f64,
    /// Speed under a cap on power, over that without one.
    pub speed: f64,
    /// Part of the replicas that is lost to failures and drains at any time.
    pub lost: f64,
    /// Whether they come and go.
    pub scaling: Scaling,
    /// The probability with which an hour's rate is covered.
    pub covered: f64,
    /// Hours busier than this part of what the replicas do at most are near saturation.
    pub near: f64,
}

/// Replicas of every hour.
#[derive(Clone, Debug, PartialEq)]
pub struct Provision {
    /// That run, by region and hour.
    pub running: Vec<Vec<f64>>,
    /// That stand, by region, with those that are lost.
    pub standing: Vec<f64>,
    /// Expected requests over what the running replicas do at most, by region and hour.
    pub load: Vec<Vec<f64>>,
    /// Region and hour of what is near saturation.
    pub near: Vec<(usize, usize)>,
}

impl FluidService {
    /// Requests per second of a replica, with its cap on power, that meets its targets.
    pub fn rate(&self) -> f64 {
        self.most * self.speed
    }

    /// Variance of the logarithm of an hour's rate that is not known when its replicas have to be started.
    pub fn unforeseen(&self, burst: &Burst) -> f64 {
        match self.scaling {
            Scaling::Fixed => burst.log_variance(),
            Scaling::Follows { start_up } => burst.unforeseen(start_up),
        }
    }

    /// Replicas for the requests of every hour of every region.
    pub fn provision(&self, requests: &[Vec<f64>], burst: &Burst) -> Provision {
        let ahead = match self.scaling {
            Scaling::Fixed => 0,
            Scaling::Follows { start_up } => whole_hours(start_up),
        };
        let factor = factor_at(self.covered, self.unforeseen(burst));
        let of_region = |requests: &Vec<f64>| -> Vec<f64> {
            let needed = (0..requests.len()).map(|hour| {
                let until = (hour + ahead).min(requests.len() - 1);
                let most = requests[hour..=until].iter().copied().fold(0.0, f64::max);
                libm::ceil(most / HOUR * factor / self.rate())
            });
            let mut needed: Vec<f64> = needed.collect();
            if self.scaling == Scaling::Fixed {
                let most = needed.iter().copied().fold(0.0, f64::max);
                needed.fill(most);
            }
            needed
        };
        let running: Vec<Vec<f64>> = requests.iter().map(of_region).collect();
        let standing = running
            .iter()
            .map(|running| libm::ceil(running.iter().copied().fold(0.0, f64::max) / (1.0 - self.lost)));
        let standing = standing.collect();
        let most = self.saturated * self.speed * HOUR;
        let load: Vec<Vec<f64>> = requests
            .iter()
            .zip(&running)
            .map(|(requests, running)| {
                let pairs = requests.iter().zip(running);
                pairs
                    .map(|(requests, running)| if *running > 0.0 { requests / (running * most) } else { 0.0 })
                    .collect()
            })
            .collect();
        let hours = load.iter().enumerate();
        let near = hours
            .flat_map(|(region, load)| load.iter().enumerate().map(move |(hour, load)| (region, hour, *load)))
            .filter(|(_, _, load)| *load > self.near)
            .map(|(region, hour, _)| (region, hour))
            .collect();
        Provision { running, standing, load, near }
    }
}

/// The next whole number of hours; a start-up longer than a year is as long as one.
fn whole_hours(hours: f64) -> usize {
    (0..8784_u32).find(|whole| f64::from(*whole) >= hours).map_or(8784, |whole| whole as usize)
}

impl Provision {
    /// Replicas that stand, over all regions.
    pub fn standing_total(&self) -> f64 {
        self.standing.iter().sum()
    }

    /// Mean replicas that run, over all regions.
    pub fn mean_running(&self) -> f64 {
        let hours = self.running.first().map_or(0, Vec::len);
        #[expect(clippy::cast_precision_loss, reason = "hours are few")]
        let hours = hours as f64;
        self.running.iter().flatten().sum::<f64>() / hours
    }

    /// The most replicas that run in one hour, over all regions.
    pub fn peak_running(&self) -> f64 {
        let hours = self.running.first().map_or(0, Vec::len);
        let in_hour = |hour: usize| self.running.iter().map(|running| running[hour]).sum::<f64>();
        (0..hours).map(in_hour).fold(0.0, f64::max)
    }
}

/// What a replica is made of, and what its hours cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplicaCost {
    /// Accelerators of a replica.
    pub accelerators: f64,
    /// Nameplate IT power of one with its share of server and network, W.
    pub it_power: f64,
    /// Price of an hour of one, USD.
    pub hour: f64,
}

/// What a service takes and costs over a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ServiceCost {
    /// Accelerators that stand.
    pub accelerators: f64,
    /// That run, on average.
    pub mean_accelerators: f64,
    /// IT power of those that stand, W.
    pub it_power: f64,
    /// Cost of the hours of those that stand, USD.
    pub cost: f64,
    /// Of those that run.
    pub running_cost: f64,
}

impl ServiceCost {
    /// Of replicas over as many hours as they were counted in.
    pub fn new(replicas: &Provision, replica: &ReplicaCost) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "hours are few")]
        let hours = replicas.running.first().map_or(0, Vec::len) as f64;
        let accelerators = replicas.standing_total() * replica.accelerators;
        let mean_accelerators = replicas.mean_running() * replica.accelerators;
        Self {
            accelerators,
            mean_accelerators,
            it_power: accelerators * replica.it_power,
            cost: accelerators * hours * replica.hour,
            running_cost: mean_accelerators * hours * replica.hour,
        }
    }

    /// USD for a million of whatever there were so many of: tokens, or requests.
    pub fn per_million(&self, count: f64) -> f64 {
        self.cost / count * 1e6
    }

    /// USD for one of whatever there were so many of: users and months, merged changes.
    pub fn per(&self, count: f64) -> f64 {
        self.cost / count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn service() -> FluidService {
        FluidService {
            most: 2.0,
            saturated: 2.5,
            speed: 1.0,
            lost: 0.0,
            scaling: Scaling::Fixed,
            covered: 0.99,
            near: 0.85,
        }
    }

    const CALM: Burst =
        Burst { client_variation: 0.0, clients: 1.0, fast: 0.2, lasting: 0.1, persistence: 8.0 };
    const STIRRED: Burst =
        Burst { client_variation: 1.0, clients: 20.0, fast: 0.2, lasting: 0.1, persistence: 8.0 };

    #[test]
    fn a_calm_demand_needs_what_division_says() {
        // 10, 20 and 30 requests a second on replicas of 2 each.
        let requests = vec![vec![36_000.0, 72_000.0, 108_000.0]];
        let fixed = service().provision(&requests, &CALM);
        assert_eq!(fixed.running, [[15.0, 15.0, 15.0]]);
        let at_once = Scaling::Follows { start_up: 0.0 };
        let follows = FluidService { scaling: at_once, ..service() }.provision(&requests, &CALM);
        assert_eq!(follows.running, [[5.0, 10.0, 15.0]]);
        assert_eq!((follows.mean_running(), follows.peak_running()), (10.0, 15.0));
        // A replica that takes half an hour is started in the hour before.
        let slow = Scaling::Follows { start_up: 0.5 };
        let slow = FluidService { scaling: slow, ..service() }.provision(&requests, &CALM);
        assert_eq!(slow.running, [[10.0, 15.0, 15.0]]);
        // A tenth is lost, and a cap takes a fifth of the speed.
        let less = FluidService { lost: 0.1, speed: 0.8, ..service() }.provision(&requests, &CALM);
        assert_eq!((less.running[0][2], less.standing[0]), (19.0, 22.0));
    }

    #[test]
    fn hours_near_saturation_are_named() {
        let requests = vec![vec![36_000.0, 3_600.0], vec![0.0, 0.0]];
        let near = FluidService { most: 2.4, ..service() }.provision(&requests, &CALM);
        // 10 a second on 5 replicas of 2.5 are 0.8 of what they do.
        assert!((near.load[0][0] - 0.8).abs() < 1e-12 && near.near.is_empty());
        let near = FluidService { most: 2.5, ..service() }.provision(&requests, &CALM);
        assert_eq!(near.near, [(0, 0)]);
        assert_eq!(near.standing[1], 0.0);
    }

    proptest! {
        #[test]
        fn replicas_carry_what_is_asked_and_more_is_never_less(
            requests in proptest::collection::vec(0.0..1e7_f64, 1..72),
            start_up in 0.0..5.0_f64,
            lost in 0.0..0.3_f64,
            speed in 0.5..1.0_f64,
        ) {
            let follows = FluidService { scaling: Scaling::Follows { start_up }, lost, speed, ..service() };
            let provision = follows.provision(std::slice::from_ref(&requests), &STIRRED);
            for (requests, running) in requests.iter().zip(&provision.running[0]) {
                prop_assert!(running * follows.rate() * 3600.0 >= requests * (1.0 - 1e-12));
            }
            let calm = follows.provision(std::slice::from_ref(&requests), &CALM);
            prop_assert!(calm.standing_total() <= provision.standing_total());
            let fixed = FluidService { scaling: Scaling::Fixed, ..follows };
            let fixed = fixed.provision(std::slice::from_ref(&requests), &STIRRED);
            prop_assert!(provision.mean_running() <= fixed.mean_running());
        }
    }

    #[test]
    fn costs_are_those_of_hours() {
        let requests = vec![vec![36_000.0; 10]];
        let provision = service().provision(&requests, &CALM);
        let cost =
            ServiceCost::new(&provision, &ReplicaCost { accelerators: 8.0, it_power: 1500.0, hour: 2.0 });
        assert_eq!((cost.accelerators, cost.it_power), (40.0, 60_000.0));
        // 40 accelerators for 10 hours at USD 2, for 360,000 requests.
        assert_eq!(cost.cost, 800.0);
        assert!((cost.per_million(360_000.0) - 2222.222).abs() < 0.001);
    }
}
