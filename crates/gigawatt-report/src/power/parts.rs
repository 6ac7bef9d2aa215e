//! What a site's power goes to, day by day, in parts that add up to what grid, own generation and storage give its chain.

use gigawatt_engine::power::grid::{LoadKind, SiteYear};

use crate::Words;

/// Minutes of a day.
const DAY: usize = 1440;

/// Kinds that give way to limits, the first first, and those that do not.
const GIVES_WAY: [LoadKind; 4] =
    [LoadKind::Undescribed, LoadKind::Batch, LoadKind::Training, LoadKind::Service];

/// Mean power of every day, in W.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parts {
    /// The racks by kind, in the order of [`LoadKind::ALL`].
    pub kinds: Vec<[f64; 6]>,
    /// Cooling and all else.
    pub overhead: Vec<f64>,
    /// Losses of the chain.
    pub losses: Vec<f64>,
}

impl Parts {
    /// Those of a site. What limits take from the racks is taken from what gives way, in its order.
    pub fn of(year: &SiteYear) -> Self {
        let profile = &year.study.profile;
        let daily = |minutes: &[f64]| -> Vec<f64> {
            minutes.chunks(DAY).map(|day| day.iter().sum::<f64>() / day.len() as f64).collect()
        };
        let (racks, overhead) = (daily(&profile.racks), daily(&profile.overhead));
        let comes = daily(&profile.supplied());
        let losses = (0..racks.len()).map(|day| comes[day] - racks[day] - overhead[day]);
        let kinds = profile.kinds.iter().zip(&racks).map(|(kinds, racks)| given(*kinds, *racks)).collect();
        Self { kinds, losses: losses.collect(), overhead }
    }

    /// Energy of all days in J: kinds, overhead, losses.
    pub fn energy(&self) -> ([f64; 6], f64, f64) {
        const SECONDS: f64 = 86_400.0;
        let kinds = std::array::from_fn(|kind| SECONDS * self.kinds.iter().map(|day| day[kind]).sum::<f64>());
        (kinds, SECONDS * self.overhead.iter().sum::<f64>(), SECONDS * self.losses.iter().sum::<f64>())
    }

    /// Names, fills and days of everything that is there, from the lowest area up.
    pub fn layers(&self, words: &Words) -> Vec<(&'static str, &'static str, Vec<f64>)> {
        let kinds = LoadKind::ALL.into_iter().map(|(kind, _)| {
            let (name, fill) = kind_of(words, kind);
            (name, fill, self.kinds.iter().map(|day| day[kind as usize]).collect::<Vec<f64>>())
        });
        kinds
            .chain([
                (words.power_overhead, "f5", self.overhead.clone()),
                (words.power_losses, "f6", self.losses.clone()),
            ])
            .filter(|(_, _, days)| days.iter().any(|power| *power > 0.0))
            .collect()
    }
}

/// Name and fill of a kind.
fn kind_of(words: &Words, kind: LoadKind) -> (&'static str, &'static str) {
    match kind {
        LoadKind::Training => (words.power_training, "f1"),
        LoadKind::Service => (words.power_services, "f3"),
        LoadKind::Batch => (words.power_batch, "f2"),
        LoadKind::Undescribed => (words.power_undescribed, "f7"),
        LoadKind::Idle => (words.power_idle, "f8"),
        LoadKind::Network => (words.power_network, "f4"),
    }
}

/// What kinds get of what they want where the racks get so much.
fn given(kinds: [f64; 6], racks: f64) -> [f64; 6] {
    // A kind that is not there is a difference of sums, which rounding may leave below nothing.
    let mut kinds = kinds.map(|power| power.max(0.0));
    let mut lacking = kinds.iter().sum::<f64>() - racks;
    for kind in GIVES_WAY {
        let takes = lacking.clamp(0.0, kinds[kind as usize]);
        kinds[kind as usize] -= takes;
        lacking -= takes;
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lacking_is_taken_from_what_gives_way_first() {
        // Training 5, services 4, small jobs 3, undescribed 2, idle 1, networks 1; the racks get 10 of 16.
        let kinds = given([5.0, 4.0, 3.0, 2.0, 1.0, 1.0], 10.0);
        assert_eq!(kinds, [4.0, 4.0, 0.0, 0.0, 1.0, 1.0]);
        assert_eq!(given([5.0, 4.0, 3.0, 2.0, 1.0, 1.0], 16.0), [5.0, 4.0, 3.0, 2.0, 1.0, 1.0]);
        assert_eq!(given([5.0, 0.0, -1e-10, 0.0, 0.0, 0.0], 4.0), [4.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
