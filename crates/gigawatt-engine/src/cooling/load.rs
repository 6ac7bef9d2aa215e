//! Heat of IT over time.

/// Power of IT over a year.
#[derive(Clone, Debug, PartialEq)]
pub enum Load {
    /// The same all the time, in watt.
    Constant(f64),
    /// Steps of (seconds from the start of the year, watt), in the order of time: each holds until the next, the last
    /// to the end; nothing before the first.
    Steps(Vec<(f64, f64)>),
}

impl Load {
    /// Mean power of each hour, in watt.
    pub fn by_hour(&self, hours: usize) -> Vec<f64> {
        let steps = match self {
            Self::Constant(power) => return vec![*power; hours],
            Self::Steps(steps) => steps,
        };
        let mut means = vec![0.0; hours];
        for (index, (from, power)) in steps.iter().enumerate() {
            let until = steps.get(index + 1).map_or(f64::MAX, |next| next.0);
            let first = hour_of(*from).min(hours);
            let last = hour_of(until).saturating_add(1).min(hours);
            for (offset, mean) in means[first..last.max(first)].iter_mut().enumerate() {
                #[expect(clippy::cast_precision_loss, reason = "hours of a year")]
                let start = (first + offset) as f64;
                let overlap = (until / 3600.0).min(start + 1.0) - (from / 3600.0).max(start);
                *mean += power * overlap.max(0.0);
            }
        }
        means
    }
}

fn hour_of(seconds: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a time before the start is the start, the end of time the last hour"
    )]
    let hour = (seconds / 3600.0).max(0.0) as usize;
    hour
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_averaged_over_hours_and_keep_their_energy() {
        let load = Load::Steps(vec![(1800.0, 10.0), (5400.0, 40.0), (9000.0, 0.0)]);
        assert_eq!(load.by_hour(4), [5.0, 25.0, 20.0, 0.0]);
        assert_eq!(Load::Steps(vec![(-7200.0, 3.0)]).by_hour(3), [3.0, 3.0, 3.0]);
        assert_eq!(Load::Constant(2.0).by_hour(2), [2.0, 2.0]);
    }
}
