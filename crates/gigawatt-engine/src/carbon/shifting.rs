//! Moving work that can wait to hours that cost less.
//!
//! A part of the load of each hour may run in it or in any of the hours of a window behind it, where there is room. With
//! costs `c` of each hour the best is a linear programme,
//!
//! ```text
//! min Σ cₕ xₕ,   A(j - w) ≤ X(j) ≤ A(j),   0 ≤ xₕ ≤ roomₕ
//! ```
//!
//! `x` what runs in an hour, `X` its sum, `A` the sum of what has come. Amounts of work that hours can take form a
//! polymatroid (windows of equal length, first come first run), so taking hours from the cheapest to the dearest, each
//! with as much as it can take without leaving other work without room, is exact (Edmonds 1970). An hour can take
//!
//! ```text
//! min over j ≥ h of [A(j) - X(j)]  -  max over i ≤ h of [A(i - w - 1) - X(i - 1)]
//! ```
//!
//! which two trees of least values keep up to date: `n log n` for `n` hours. Doing nothing is one of the choices, so the
//! result never costs more.

use super::tree::Least;

/// Work that can wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Deferrable {
    /// Part of the load of every hour that can, 0 to 1.
    pub share: f64,
    /// Hours that it can wait.
    pub window: usize,
    /// Most load of an hour, in the unit of the loads; hours that have more already take nothing.
    pub capacity: f64,
}

/// A year with work moved, beside the same year as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Shifted {
    /// Load of each hour.
    pub loads: Vec<f64>,
    /// What the loads cost as they came.
    pub before: f64,
    /// What they cost moved; at most as much.
    pub after: f64,
    /// Load that runs in another hour than its own.
    pub moved: f64,
}

impl Shifted {
    /// What the moved loads are in another measure, such as carbon where price was the cost.
    pub fn weighed(&self, weights: &[f64]) -> f64 {
        self.loads.iter().zip(weights).map(|(load, weight)| load * weight).sum()
    }
}

/// Moves what can wait so that the sum of load times cost is least. A cost is that of a unit of load in an hour: PUE ×
/// (price + price of carbon × intensity) for loads of IT. Hours that only one of the lists has do not count.
pub fn shift(loads: &[f64], costs: &[f64], deferrable: &Deferrable) -> Shifted {
    let hours = loads.len().min(costs.len());
    let (loads, costs) = (&loads[..hours], &costs[..hours]);
    let waiting: Vec<f64> = loads.iter().map(|load| load * deferrable.share.clamp(0.0, 1.0)).collect();
    let mut moved = loads.to_vec();
    let mut came = Vec::with_capacity(hours);
    let mut sum = 0.0;
    for (load, waits) in moved.iter_mut().zip(&waiting) {
        *load -= waits;
        sum += waits;
        came.push(sum);
    }
    let mut ahead = Least::of(came.iter().copied());
    let due = |hour: usize| hour.checked_sub(deferrable.window + 1).map_or(0.0, |hour| came[hour]);
    // The greatest of a list is less than nothing the least of its negative.
    let mut overdue = Least::of((0..hours).map(|hour| -due(hour)));
    let mut order: Vec<usize> = (0..hours).collect();
    order.sort_by(|a, b| costs[*a].total_cmp(&costs[*b]));
    for hour in order {
        let room = (deferrable.capacity - moved[hour]).max(waiting[hour]);
        let takes = (ahead.from(hour) + overdue.up_to(hour)).clamp(0.0, room);
        moved[hour] += takes;
        ahead.add_from(hour, -takes);
        overdue.add_from(hour + 1, takes);
    }
    let cost = |loads: &[f64]| loads.iter().zip(costs).map(|(load, cost)| load * cost).sum::<f64>();
    let (before, after) = (cost(loads), cost(&moved));
    if after > before {
        // Only rounding brings it here, where nothing is gained.
        return Shifted { loads: loads.to_vec(), before, after: before, moved: 0.0 };
    }
    let other: f64 = moved.iter().zip(loads).map(|(moved, load)| (moved - load).abs()).sum();
    Shifted { loads: moved, before, after, moved: 0.5 * other }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn work_waits_for_the_cheap_hour_within_its_window() {
        let deferrable = Deferrable { share: 0.5, window: 2, capacity: 6.0 };
        // 2 of each hour wait. The third hour has room for 4: its own 2 and the 2 of the first, which cannot wait longer;
        // those of the second wait for the fourth, which has room too.
        let shifted = shift(&[4.0; 4], &[5.0, 4.0, 1.0, 3.0], &deferrable);
        assert_eq!(shifted.loads, [2.0, 2.0, 6.0, 6.0]);
        assert_eq!((shifted.before, shifted.after, shifted.moved), (52.0, 42.0, 4.0));
        assert_eq!(shifted.weighed(&[1.0; 4]), 16.0);
    }

    #[test]
    fn nothing_moves_where_all_hours_cost_the_same_or_nothing_can_wait() {
        let loads = [3.0, 1.0, 2.0];
        let deferrable = Deferrable { share: 0.7, window: 5, capacity: 10.0 };
        for shifted in [
            shift(&loads, &[2.0; 3], &deferrable),
            shift(&loads, &[3.0, 2.0, 1.0], &Deferrable { window: 0, ..deferrable }),
            shift(&loads, &[3.0, 2.0, 1.0], &Deferrable { share: 0.0, ..deferrable }),
            shift(&loads, &[3.0, 2.0, 1.0], &Deferrable { capacity: 0.0, ..deferrable }),
        ] {
            let apart: f64 = shifted.loads.iter().zip(&loads).map(|(moved, load)| (moved - load).abs()).sum();
            assert!(apart < 1e-12, "{shifted:?}");
        }
    }

    /// The least cost by trying every hour for every unit of work.
    fn tried(work: &[u8], costs: &[u8], window: usize, capacity: u8) -> u32 {
        fn place(items: &[usize], costs: &[u8], window: usize, room: &mut [u8]) -> Option<u32> {
            let Some((&came, rest)) = items.split_first() else { return Some(0) };
            let last = (came + window).min(costs.len() - 1);
            let mut least: Option<u32> = None;
            for hour in came..=last {
                if room[hour] == 0 {
                    continue;
                }
                room[hour] -= 1;
                if let Some(cost) = place(rest, costs, window, room) {
                    let cost = cost + u32::from(costs[hour]);
                    least = Some(least.map_or(cost, |least| least.min(cost)));
                }
                room[hour] += 1;
            }
            least
        }
        let items: Vec<usize> = work
            .iter()
            .enumerate()
            .flat_map(|(hour, units)| std::iter::repeat_n(hour, usize::from(*units)))
            .collect();
        let mut room: Vec<u8> = work.iter().map(|units| capacity.max(*units)).collect();
        place(&items, costs, window, &mut room).expect("doing nothing is possible")
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

        #[test]
        fn it_is_as_cheap_as_the_best_of_all_schedules(
            work in prop::collection::vec(0_u8..3, 1..6),
            costs in prop::collection::vec(0_u8..9, 6),
            window in 0_usize..4,
            capacity in 0_u8..5,
        ) {
            let costs = &costs[..work.len()];
            let loads: Vec<f64> = work.iter().copied().map(f64::from).collect();
            let prices: Vec<f64> = costs.iter().copied().map(f64::from).collect();
            let all = Deferrable { share: 1.0, window, capacity: f64::from(capacity) };
            let shifted = shift(&loads, &prices, &all);
            prop_assert!((shifted.after - f64::from(tried(&work, costs, window, capacity))).abs() < 1e-9, "{:?}", shifted);
        }

        #[test]
        fn work_is_kept_in_its_windows_and_rooms_and_costs_no_more(
            loads in prop::collection::vec(0.0_f64..10.0, 1..80),
            seed in prop::collection::vec(-20.0_f64..100.0, 80),
            share in 0.0_f64..1.0, window in 0_usize..30, capacity in 0.0_f64..20.0,
        ) {
            let deferrable = Deferrable { share, window, capacity };
            let shifted = shift(&loads, &seed, &deferrable);
            prop_assert!(shifted.after <= shifted.before);
            let total: f64 = loads.iter().sum();
            prop_assert!((shifted.loads.iter().sum::<f64>() - total).abs() < 1e-9 * total.max(1.0));
            let (mut came, mut ran) = (vec![0.0], vec![0.0]);
            for (load, moved) in loads.iter().zip(&shifted.loads) {
                prop_assert!(*moved <= capacity.max(*load) + 1e-9);
                prop_assert!(*moved >= load * (1.0 - share) - 1e-9);
                came.push(came[came.len() - 1] + load * share);
                ran.push(ran[ran.len() - 1] + moved - load * (1.0 - share));
            }
            for hour in 0..=loads.len() {
                prop_assert!(ran[hour] <= came[hour] + 1e-9, "before it came");
                prop_assert!(ran[hour] >= came[hour.saturating_sub(window)] - 1e-9, "later than it can wait");
            }
        }
    }
}
