//! Capacity that follows the sun: replicas of a region work for others while its own people sleep.
//!
//! Requests of region `i` in hour `h`, `d(i, h)`, may be served where a round trip is within reach. What has to stand at
//! each place so that every hour can be served is a linear programme,
//!
//! ```text
//! min Σ c(j)    so that for every set S of regions   Σ_{j within reach of S} c(j) ≥ max over h of Σ_{i in S} d(i, h)
//! ```
//!
//! because requests can be dealt to places if and only if no set of regions asks for more than the places that it reaches
//! have (Gale 1957; Hall's condition for flows). Its dual has a packing of sets as its feasible start, so the simplex method
//! needs no first phase; with at most [`MOST`] regions there are 255 sets. Within an hour, requests go the shortest way that leaves
//! room for the others: a flow of least cost by shortest augmenting paths (Busacker and Gowen 1961).

use super::day::WEEK;

/// Regions at most.
pub const MOST: usize = 8;

/// Which places may serve which regions, and how far they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Reach {
    /// Round trips in s from each region (row) to each; infinite where none serves or it is out of reach.
    round_trips: Vec<Vec<f64>>,
}

impl Reach {
    /// Of regions with such round trips, `serves` those where replicas may stand: whoever is within `limit` may serve.
    ///
    /// A region that reaches nobody is served by the nearest, however far.
    pub fn new(round_trips: &[Vec<f64>], serves: &[bool], limit: f64) -> Self {
        let within = |row: &Vec<f64>| {
            let of_servers = || row.iter().zip(serves).filter(|(_, serves)| **serves);
            let nearest = of_servers().map(|(time, _)| *time).fold(f64::INFINITY, f64::min);
            let limit = limit.max(nearest);
            let time = |(time, serves): (&f64, &bool)| {
                if *serves && *time <= limit { *time } else { f64::INFINITY }
            };
            row.iter().zip(serves).map(time).collect()
        };
        Self { round_trips: round_trips.iter().map(within).collect() }
    }

    /// Regions.
    pub fn regions(&self) -> usize {
        self.round_trips.len()
    }

    /// Round trip of a region's users to a place, s; none where that does not serve them.
    pub fn round_trip(&self, region: usize, place: usize) -> Option<f64> {
        Some(self.round_trips[region][place]).filter(|time| time.is_finite())
    }

    /// Sets of regions, by their bits, with the places that they reach. A set is left out where another region reaches no
    /// further: with that it asks for more of the same places.
    fn sets(&self) -> Vec<(usize, usize)> {
        let places = |row: &Vec<f64>| {
            let reached = row.iter().enumerate().filter(|(_, time)| time.is_finite());
            reached.fold(0, |bits, (place, _)| bits | 1 << place)
        };
        let each: Vec<usize> = self.round_trips.iter().map(places).collect();
        let members = |set: usize| (0..each.len()).filter(move |region| set >> region & 1 == 1);
        let reached = |set: usize| members(set).fold(0, |bits, region| bits | each[region]);
        let closed = |set: usize, reached: usize| {
            (0..each.len()).all(|region| set >> region & 1 == 1 || each[region] & !reached != 0)
        };
        let sets = (1..1_usize << each.len()).map(|set| (set, reached(set)));
        sets.filter(|(set, reached)| closed(*set, *reached)).collect()
    }

    /// The least capacity at each place with which the `weeks` of all regions can be served, in the same unit.
    ///
    /// At most [`MOST`] regions; none where nobody may serve.
    pub fn capacity(&self, weeks: &[[f64; WEEK]]) -> Option<Vec<f64>> {
        let regions = self.regions();
        if regions == 0 || regions > MOST || weeks.len() != regions {
            return None;
        }
        let sets = self.sets();
        let serves = self.round_trips.iter().all(|row| row.iter().any(|time| time.is_finite()));
        let asked: Vec<(f64, usize)> =
            sets.into_iter().map(|(set, reached)| (busiest(weeks, set), reached)).collect();
        serves.then(|| packing(&asked, regions))
    }

    /// Deals one hour's requests to places of such capacities, the shortest way that leaves nobody out who can be served.
    pub fn deal(&self, requests: &[f64], capacity: &[f64]) -> Dealt {
        let regions = self.regions();
        let mut left: Vec<f64> = requests.to_vec();
        let mut room = capacity.to_vec();
        let mut flow = vec![vec![0.0; regions]; regions];
        // Each path fills a place, empties a region or a flow that it turns back; the count bounds what rounding could add.
        for _ in 0..4 * regions * regions * regions {
            let Some(path) = self.shortest(&left, &room, &flow) else { break };
            let amount = path.windows(3).step_by(2).fold(
                left[path[0]].min(room[path[path.len() - 1]]),
                // Region, place, region: the middle place gives a part of the next region's flow back.
                |amount, part| amount.min(flow[part[2]][part[1]]),
            );
            for (step, pair) in path.windows(2).enumerate() {
                if step % 2 == 0 {
                    flow[pair[0]][pair[1]] += amount
                } else {
                    flow[pair[1]][pair[0]] -= amount
                }
            }
            left[path[0]] -= amount;
            room[path[path.len() - 1]] -= amount;
        }
        Dealt { flow, left }
    }

    /// The cheapest path from a region with requests left to a place with room: regions and places in turns, where the way
    /// back from a place to a region takes back what goes there.
    fn shortest(&self, left: &[f64], room: &[f64], flow: &[Vec<f64>]) -> Option<Vec<usize>> {
        let regions = self.regions();
        // Costs and predecessors of regions first, then of places.
        let mut cost = vec![f64::INFINITY; 2 * regions];
        let mut before = vec![usize::MAX; 2 * regions];
        for region in 0..regions {
            if left[region] > 0.0 {
                cost[region] = 0.0;
            }
        }
        for _ in 0..2 * regions {
            let mut changed = false;
            for (region, (times, flows)) in self.round_trips.iter().zip(flow).enumerate() {
                let near = times.iter().zip(flows).enumerate().filter(|(_, (time, _))| time.is_finite());
                for (place, (&time, &flow)) in near {
                    let to = regions + place;
                    // What differs by rounding alone is no shorter way.
                    if cost[region] + time < cost[to] - 1e-12 {
                        (cost[to], before[to], changed) = (cost[region] + time, region, true);
                    }
                    if flow > 0.0 && cost[to] - time < cost[region] - 1e-12 {
                        (cost[region], before[region], changed) = (cost[to] - time, to, true);
                    }
                }
            }
            if !changed {
                break;
            }
        }
        let open = (0..regions).filter(|place| room[*place] > 0.0 && cost[regions + place].is_finite());
        let end = open.min_by(|one, other| cost[regions + one].total_cmp(&cost[regions + other]))?;
        let mut path = vec![end];
        let mut at = before[regions + end];
        while at != usize::MAX {
            path.push(at % regions);
            at = before[at];
            if path.len() > 2 * regions {
                return None;
            }
        }
        path.reverse();
        Some(path)
    }
}

/// Requests of one hour, dealt to places.
#[derive(Clone, Debug, PartialEq)]
pub struct Dealt {
    /// From each region (row) to each place.
    pub flow: Vec<Vec<f64>>,
    /// What nobody could serve, by region.
    pub left: Vec<f64>,
}

impl Dealt {
    /// What each place serves.
    pub fn served(&self) -> Vec<f64> {
        (0..self.flow.len()).map(|place| self.flow.iter().map(|row| row[place]).sum()).collect()
    }

    /// Mean round trip of what is served, s.
    pub fn round_trip(&self, reach: &Reach) -> f64 {
        let pairs = self.flow.iter().zip(&reach.round_trips);
        let parts = pairs.flat_map(|(row, times)| row.iter().zip(times)).filter(|(flow, _)| **flow > 0.0);
        let (sum, of) = parts.fold((0.0, 0.0), |(sum, of), (flow, time)| (sum + flow * time, of + flow));
        sum / of
    }
}

/// The busiest hour of a set of regions.
fn busiest(weeks: &[[f64; WEEK]], set: usize) -> f64 {
    let mut sum = [0.0; WEEK];
    for (_, week) in weeks.iter().enumerate().filter(|(region, _)| set >> region & 1 == 1) {
        sum.iter_mut().zip(week).for_each(|(sum, rate)| *sum += rate);
    }
    sum.iter().copied().fold(0.0, f64::max)
}

/// Solves `max Σ peak(S) y(S)` over sets with their peaks and the places that they reach, so that the sets that reach a place are
/// packed at most once, and returns the prices of the places: the capacities. Bland's rule (1977) keeps it from going round in circles.
fn packing(asked: &[(f64, usize)], places: usize) -> Vec<f64> {
    let sets = asked.len();
    let width = sets + places;
    // One row for each place: columns of sets, then slacks, then the right-hand side; the last row is the objective.
    let mut rows = vec![vec![0.0; width + 1]; places + 1];
    for place in 0..places {
        for (set, (_, reached)) in asked.iter().enumerate() {
            rows[place][set] = f64::from(u8::from(reached >> place & 1 == 1));
        }
        rows[place][sets + place] = 1.0;
        rows[place][width] = 1.0;
    }
    for (set, (peak, _)) in asked.iter().enumerate() {
        rows[places][set] = -peak;
    }
    let mut basis: Vec<usize> = (sets..width).collect();
    let small = 1e-12 * asked.iter().map(|(peak, _)| *peak).fold(0.0, f64::max);
    while let Some(entering) = (0..width).find(|column| rows[places][*column] < -small) {
        let ratio = |place: usize| rows[place][width] / rows[place][entering];
        let open = (0..places).filter(|place| rows[*place][entering] > 1e-9);
        let leaving = open
            .min_by(|one, other| ratio(*one).total_cmp(&ratio(*other)).then(basis[*one].cmp(&basis[*other])));
        // Every set reaches a place, so its packing is bounded.
        let Some(leaving) = leaving else { break };
        let pivot = rows[leaving][entering];
        rows[leaving].iter_mut().for_each(|value| *value /= pivot);
        let row = rows[leaving].clone();
        for (index, other) in rows.iter_mut().enumerate() {
            let factor = other[entering];
            if index != leaving && factor != 0.0 {
                other.iter_mut().zip(&row).for_each(|(value, of)| *value -= factor * of);
            }
        }
        basis[leaving] = entering;
    }
    (0..places).map(|place| rows[places][sets + place].max(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demand::DayShape;
    use proptest::prelude::*;

    fn weeks(levels: &[f64]) -> Vec<[f64; WEEK]> {
        let shape = DayShape { day_swing: 0.8, day_peak: 18.0, weekend: 0.9, ..DayShape::FLAT };
        let each = (0_u32..)
            .zip(levels)
            .map(|(region, level)| shape.week(24.0 * f64::from(region) / 5.0).map(|rate| rate * level));
        each.collect()
    }

    fn ring(regions: usize) -> Vec<Vec<f64>> {
        let time = |one: usize, other: usize| {
            let apart = one.abs_diff(other);
            f64::from(u32::try_from(apart.min(regions - apart)).unwrap()) * 0.05
        };
        (0..regions).map(|one| (0..regions).map(|other| time(one, other)).collect()).collect()
    }

    fn sum(values: &[f64]) -> f64 {
        values.iter().sum()
    }

    #[test]
    fn alone_each_region_has_its_own_peak_and_together_all_have_that_of_their_sum() {
        let weeks = weeks(&[3.0, 1.0, 2.0, 1.5]);
        let own: f64 = weeks.iter().map(|week| week.iter().copied().fold(0.0, f64::max)).sum();
        let of_sum =
            (0..WEEK).map(|hour| weeks.iter().map(|week| week[hour]).sum::<f64>()).fold(0.0, f64::max);
        let at = |limit: f64| sum(&Reach::new(&ring(4), &[true; 4], limit).capacity(&weeks).unwrap());
        assert!((at(0.0) - own).abs() < 1e-9 && (at(1.0) - of_sum).abs() < 1e-9);
        assert!(of_sum <= at(0.05) + 1e-9 && at(0.05) < own);
        // Two pairs that reach each other alone have the peaks of their sums.
        let pairs: Vec<Vec<f64>> = (0..4_usize)
            .map(|one| (0..4_usize).map(|other| if one / 2 == other / 2 { 0.01 } else { 1.0 }).collect())
            .collect();
        let capacity = Reach::new(&pairs, &[true; 4], 0.1).capacity(&weeks).unwrap();
        for pair in [0, 2] {
            let peak = (0..WEEK).map(|hour| weeks[pair][hour] + weeks[pair + 1][hour]).fold(0.0, f64::max);
            assert!((capacity[pair] + capacity[pair + 1] - peak).abs() < 1e-9);
        }
    }

    proptest! {
        #[test]
        fn every_hour_is_served_with_the_least_capacity_and_some_hour_is_not_with_less(
            levels in proptest::collection::vec(0.1..5.0_f64, 5),
            limit in 0.0..0.2_f64,
            serves in proptest::collection::vec(any::<bool>(), 5),
        ) {
            prop_assume!(serves.iter().any(|serves| *serves));
            let weeks = weeks(&levels);
            let reach = Reach::new(&ring(5), &serves, limit);
            let capacity = reach.capacity(&weeks).unwrap();
            let mut worst = 0.0_f64;
            for hour in 0..WEEK {
                let requests: Vec<f64> = weeks.iter().map(|week| week[hour]).collect();
                let dealt = reach.deal(&requests, &capacity);
                prop_assert!(sum(&dealt.left) < 1e-6 * sum(&requests), "{:?}", dealt.left);
                // Nothing is made and nothing lost, and no place does more than it can.
                let served = dealt.served();
                prop_assert!((sum(&served) + sum(&dealt.left) - sum(&requests)).abs() < 1e-9);
                for (place, (served, capacity)) in served.iter().zip(&capacity).enumerate() {
                    prop_assert!(*served <= capacity + 1e-9);
                    prop_assert!(serves[place] || *served == 0.0);
                }
                let less: Vec<f64> = capacity.iter().map(|capacity| 0.99 * capacity).collect();
                worst = worst.max(sum(&reach.deal(&requests, &less).left));
            }
            prop_assert!(worst > 0.0);
        }
    }

    #[test]
    fn requests_go_the_shortest_way_that_leaves_nobody_out() {
        // The second region reaches only the first place; the first region has to make room for it and go on to the third.
        let times = vec![vec![0.01, 9.0, 0.05], vec![0.02, 9.0, 9.0], vec![9.0, 9.0, 0.01]];
        let reach = Reach::new(&times, &[true, false, true], 0.1);
        let dealt = reach.deal(&[4.0, 3.0, 1.0], &[5.0, 0.0, 9.0]);
        assert_eq!(dealt.left, [0.0; 3]);
        assert_eq!(dealt.flow[0], [2.0, 0.0, 2.0]);
        assert_eq!(dealt.flow[1], [3.0, 0.0, 0.0]);
        let mean = (2.0 * 0.01 + 2.0 * 0.05 + 3.0 * 0.02 + 0.01) / 8.0;
        assert!((dealt.round_trip(&reach) - mean).abs() < 1e-12);
    }

    #[test]
    fn who_reaches_nobody_is_served_by_the_nearest() {
        let reach = Reach::new(&ring(3), &[false, true, false], 0.0);
        let capacity = reach.capacity(&weeks(&[1.0, 1.0, 1.0])).unwrap();
        assert!(capacity[0] == 0.0 && capacity[1] > 3.0 && capacity[2] == 0.0);
        assert_eq!(Reach::new(&ring(3), &[false; 3], 1.0).capacity(&weeks(&[1.0; 3])), None);
        assert_eq!(Reach::new(&[], &[], 1.0).capacity(&[]), None);
    }
}
