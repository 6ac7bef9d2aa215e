//! A battery that carries a load from the loss of a supply until others have started.
//!
//! Sources start after a delay and rise at a rate to what they can give; what they do not cover the battery gives, as far as
//! its rating and its energy reach. The gap is straight between the times at which a source starts or is at its full, so that
//! energy is a sum of trapezoids and the moment in which the battery is empty is the root of a quadratic.

/// Storage with a rating.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Battery {
    /// Energy that it can give \[J\].
    pub energy: f64,
    /// The most that it gives \[W\].
    pub power: f64,
}

/// Something that starts when a supply is lost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Source {
    /// Until it gives anything, in seconds.
    pub delay: f64,
    /// How fast it rises \[W/s\].
    pub ramp: f64,
    /// The most that it gives \[W\].
    pub power: f64,
}

impl Source {
    /// What it gives at a time \[W\].
    pub fn at(&self, time: f64) -> f64 {
        (self.ramp * (time - self.delay).max(0.0)).min(self.power)
    }
}

/// How a load fares after the loss of its supply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RideThrough {
    /// Energy that the battery gave \[J\].
    pub given: f64,
    /// When it is empty while it is still needed, in seconds; none where it lasts.
    pub empty: Option<f64>,
    /// When the sources carry the load, in seconds; none where they never do.
    pub carried: Option<f64>,
    /// The most of the load that nothing carries \[W\].
    pub unserved: f64,
    /// Energy that nothing carries until the sources have risen \[J\].
    pub unserved_energy: f64,
}

/// The course of a load in W after the loss of its supply, with what is left of that.
pub fn ride_through(load: f64, left: f64, battery: &Battery, sources: &[Source]) -> RideThrough {
    let mut times = vec![0.0];
    for source in sources.iter().filter(|source| source.ramp > 0.0 && source.power > 0.0) {
        times.push(source.delay.max(0.0));
        times.push(source.delay.max(0.0) + source.power / source.ramp);
    }
    times.sort_by(f64::total_cmp);
    let gap = |time: f64| load - left - sources.iter().map(|source| source.at(time)).sum::<f64>();
    let mut course =
        RideThrough { given: 0.0, empty: None, carried: None, unserved: 0.0, unserved_energy: 0.0 };
    let ends = times.iter().skip(1).copied().chain(std::iter::once(f64::INFINITY));
    for (start, end) in times.iter().copied().zip(ends) {
        let first = gap(start);
        if first <= 0.0 {
            course.carried = Some(start);
            return course;
        }
        // Beyond the last event the gap stays as it is.
        let slope = if end.is_finite() && end > start { (gap(end) - first) / (end - start) } else { 0.0 };
        let until = if slope < 0.0 { (start - first / slope).min(end) } else { end };
        course.give(battery, (start, until), first, slope);
        if until < end || end.is_finite() && gap(end) <= 0.0 {
            course.carried = Some(until);
            return course;
        }
    }
    course
}

impl RideThrough {
    /// A stretch in which a gap changes straight.
    fn give(&mut self, battery: &Battery, (start, end): (f64, f64), first: f64, slope: f64) {
        if end <= start {
            return;
        }
        // Where the gap leaves the battery's rating, the stretch falls into two.
        if slope != 0.0 {
            let crossing = start + (battery.power - first) / slope;
            if crossing > start && crossing < end {
                let middle = first + slope * (crossing - start);
                self.give_within(battery, (start, crossing), first, slope);
                self.give_within(battery, (crossing, end), middle, slope);
                return;
            }
        }
        self.give_within(battery, (start, end), first, slope);
    }

    /// A stretch in which the gap is above the battery's rating, or below, all the time.
    fn give_within(&mut self, battery: &Battery, (start, end): (f64, f64), first: f64, slope: f64) {
        let seconds = end - start;
        let middle = first + 0.5 * slope * if seconds.is_finite() { seconds } else { 0.0 };
        let above = middle > battery.power;
        let (level, rate) = if above { (battery.power, 0.0) } else { (first, slope) };
        let left = battery.energy - self.given;
        let wanted = if seconds.is_finite() {
            level * seconds + 0.5 * rate * seconds * seconds
        } else {
            f64::INFINITY
        };
        let lasts = if wanted <= left { seconds } else { first_root(level, rate, left).min(seconds) };
        self.given += wanted.min(left);
        if lasts < seconds && self.empty.is_none() {
            self.empty = Some(start + lasts);
        }
        let highest = first.max(first + slope * if seconds.is_finite() { seconds } else { 0.0 });
        if above {
            self.unserved = self.unserved.max(highest - battery.power);
        }
        if lasts < seconds {
            let then = first + slope * lasts;
            self.unserved = self.unserved.max(then.max(if slope > 0.0 { highest } else { then }));
        }
        if seconds.is_finite() {
            self.unserved_energy += first * seconds + 0.5 * slope * seconds * seconds - wanted.min(left);
        }
    }
}

/// When `level t + rate t² / 2` is an amount.
fn first_root(level: f64, rate: f64, amount: f64) -> f64 {
    if rate == 0.0 {
        return if level > 0.0 { amount / level } else { f64::INFINITY };
    }
    let root = level * level + 2.0 * rate * amount;
    if root < 0.0 { f64::INFINITY } else { 2.0 * amount / (level + libm::sqrt(root)) }
}
