//! From the failure of a server to its return, as an owner mends servers.

use super::rates::Ranged;

/// What happens to a server that failed, in seconds and shares; the steps of the simulation of a fleet, without the wait for a technician.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Repair {
    /// Until the failure is noticed.
    pub detection: Ranged,
    /// Until it is known which server it was.
    pub diagnosis: Ranged,
    /// Share of failures that a reset mends.
    pub remote_share: Ranged,
    /// That reset with its test.
    pub reset: Ranged,
    /// Work of a technician on one of the others.
    pub hands_on: Ranged,
    /// Tests after it, and of a server that came in place of another.
    pub burn_in: Ranged,
    /// Share of those that technicians cannot mend.
    pub replacement_share: Ranged,
    /// Until another stands in the place of such a one.
    pub replacement: Ranged,
}

impl Repair {
    /// Mean seconds from a failure until the server or another is back:
    ///
    /// ```text
    /// r = detection + diagnosis + s reset + (1 - s) (hands-on + burn-in + p replacement)
    /// ```
    ///
    /// with `s` the share that a reset mends and `p` the share of the rest that is replaced. It is the mean of
    /// [`Spares::repair`](super::Spares::repair). Its inputs are independent: what each may take from it or add to it adds up as squares.
    pub fn mean_time(&self) -> Ranged {
        let inputs = [
            self.detection,
            self.diagnosis,
            self.remote_share,
            self.reset,
            self.hands_on,
            self.burn_in,
            self.replacement_share,
            self.replacement,
        ];
        let values = inputs.map(|input| input.value);
        let value = mean_repair(values);
        let (mut below, mut above) = (0.0, 0.0);
        for (index, input) in inputs.into_iter().enumerate() {
            for end in [input.low, input.high] {
                let mut with = values;
                with[index] = end;
                let change = mean_repair(with) - value;
                *(if change < 0.0 { &mut below } else { &mut above }) += change * change;
            }
        }
        Ranged { value, low: (value - below.sqrt()).max(0.0), high: value + above.sqrt() }
    }
}

/// The mean time of [`Repair::mean_time`], of inputs in the order of the fields.
pub(crate) fn mean_repair(inputs: [f64; 8]) -> f64 {
    let [detection, diagnosis, remote, reset, hands_on, burn_in, replaced, replacement] = inputs;
    detection + diagnosis + remote * reset + (1.0 - remote) * (hands_on + burn_in + replaced * replacement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reset_shortens_and_doubts_add_up_as_squares() {
        let certain = Ranged::certain;
        let repair = Repair {
            detection: certain(100.0),
            diagnosis: certain(200.0),
            remote_share: certain(0.5),
            reset: certain(1000.0),
            hands_on: certain(5000.0),
            burn_in: certain(20_000.0),
            replacement_share: certain(0.1),
            replacement: certain(1e6),
        };
        // 300 + 500 + (5,000 + 20,000 + 100,000) / 2.
        assert_eq!(repair.mean_time(), certain(63_300.0));
        let all_reset = Repair { remote_share: certain(1.0), ..repair };
        assert_eq!(all_reset.mean_time(), certain(1300.0));
        // A share of resets of 0.25 adds 31,000 s; hands-on of 3,000 s more and less changes half of that.
        let doubtful = Repair {
            remote_share: Ranged { value: 0.5, low: 0.25, high: 0.5 },
            hands_on: Ranged { value: 5000.0, low: 2000.0, high: 8000.0 },
            ..repair
        };
        let found = doubtful.mean_time();
        assert!((found.low - (63_300.0 - 1500.0)).abs() < 1e-6, "{found:?}");
        assert!((found.high - (63_300.0 + libm::hypot(31_000.0, 1500.0))).abs() < 1e-6, "{found:?}");
    }
}
