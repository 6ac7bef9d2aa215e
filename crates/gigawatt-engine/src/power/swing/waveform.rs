//! A periodic signal of constant pieces with edges of a width.
//!
//! The signal is the pieces `p` convolved with a box of the edge's width `w`: each edge is a ramp. With the integral
//! `C(t) = ∫ p`, its value is `(C(t + w/2) - C(t - w/2)) / w` and its slope `(p(t + w/2) - p(t - w/2)) / w`, both exact.

/// A periodic signal in W.
#[derive(Clone, Debug, PartialEq)]
pub struct Waveform {
    /// Ends of the pieces in seconds, rising; the last is the period.
    ends: Vec<f64>,
    /// Power in each.
    powers: Vec<f64>,
    /// Width of an edge in seconds.
    edge: f64,
}

impl Waveform {
    /// A signal of pieces (seconds, watts) with edges of a width. Pieces that take no time are left out; with none that
    /// takes any, a second of nothing.
    pub fn new(pieces: impl IntoIterator<Item = (f64, f64)>, edge: f64) -> Self {
        let (mut ends, mut powers, mut end) = (Vec::new(), Vec::<f64>::new(), 0.0);
        for (seconds, power) in pieces {
            if seconds <= 0.0 || seconds.is_nan() {
                continue;
            }
            end += seconds;
            match (ends.last_mut(), powers.last()) {
                (Some(last), Some(before)) if *before == power => *last = end,
                _ => {
                    ends.push(end);
                    powers.push(power);
                }
            }
        }
        if ends.is_empty() {
            (ends, powers) = (vec![1.0], vec![0.0]);
        }
        Self { ends, powers, edge: edge.max(0.0) }
    }

    /// The same power all the time.
    pub fn constant(power: f64) -> Self {
        Self { ends: vec![1.0], powers: vec![power], edge: 0.0 }
    }

    /// Its period in seconds.
    pub fn period(&self) -> f64 {
        self.ends[self.ends.len() - 1]
    }

    /// Width of an edge in seconds.
    pub fn edge(&self) -> f64 {
        self.edge
    }

    /// Its pieces as start, end and power.
    pub fn pieces(&self) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        let starts = std::iter::once(0.0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).zip(&self.powers).map(|((start, end), power)| (start, *end, *power))
    }

    /// Number of pieces.
    pub fn count(&self) -> usize {
        self.powers.len()
    }

    /// Whether it never changes.
    pub fn is_constant(&self) -> bool {
        self.powers.iter().all(|power| *power == self.powers[0])
    }

    /// Its mean power.
    pub fn mean(&self) -> f64 {
        self.energy() / self.period()
    }

    /// Energy of a period in J.
    pub fn energy(&self) -> f64 {
        self.pieces().map(|(start, end, power)| power * (end - start)).sum()
    }

    /// Standard deviation of its pieces over time, edges taken as sharp.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let square = |(start, end, power): (f64, f64, f64)| (power - mean) * (power - mean) * (end - start);
        libm::sqrt(self.pieces().map(square).sum::<f64>() / self.period())
    }

    /// The signal times a factor and with a constant on top.
    #[must_use]
    pub fn scaled(&self, factor: f64, more: f64) -> Self {
        let powers = self.powers.iter().map(|power| factor * power + more).collect();
        Self { powers, ..self.clone() }
    }

    /// Steps of the pieces as their time and height; what the last piece steps by to the first stands at 0.
    pub fn steps(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let last = self.powers[self.powers.len() - 1];
        let before = std::iter::once(last).chain(self.powers.iter().copied());
        self.pieces().zip(before).map(|((start, _, power), before)| (start, power - before))
    }

    /// The least and the greatest power, edges being ramps.
    pub fn extremes(&self) -> (f64, f64) {
        if self.edge <= 0.0 {
            return bounds(self.powers.iter().copied());
        }
        let (periods, rest) = self.window();
        let mut walk = Walk::new(self);
        let mut values = Vec::with_capacity(2 * self.count());
        // The window's mean is straight between the places where either end meets a step.
        for at in merged(&self.ends, rest, self.period()) {
            values.push((periods * self.energy() + walk.integral(at) - walk.behind(at - rest)) / self.edge);
        }
        bounds(values.into_iter())
    }

    /// Whole periods within an edge, and what is left of it: the mean over an edge moves with that alone.
    fn window(&self) -> (f64, f64) {
        let periods = libm::floor(self.edge / self.period());
        (periods, (self.edge - periods * self.period()).max(0.0))
    }

    /// Greatest power less the least.
    pub fn peak_to_peak(&self) -> f64 {
        let (least, most) = self.extremes();
        most - least
    }

    /// The steepest ramp in W/s; without bound where edges have no width.
    pub fn steepest(&self) -> f64 {
        if self.is_constant() {
            return 0.0;
        }
        if self.edge <= 0.0 {
            return f64::INFINITY;
        }
        let (_, rest) = self.window();
        let mut walk = Walk::new(self);
        let mut most = 0.0_f64;
        for at in merged(&self.ends, rest, self.period()) {
            // Just after a step at either end of the window.
            let (front, back) = (walk.power(at), walk.power_behind(at - rest));
            most = most.max((front - back).abs());
        }
        most / self.edge
    }

    /// The mean over equal stretches, so many of them: the same energy, and the same spectrum far below their frequency.
    #[must_use]
    pub fn binned(&self, bins: usize) -> Self {
        let mut sum = Accumulator::new(self.period(), bins);
        for (start, end, power) in self.pieces() {
            sum.add(start, end, power);
        }
        sum.finish(self.edge)
    }
}

fn bounds(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
}

/// Every place in a period where a window of a width has one of its ends at a step, rising.
fn merged(ends: &[f64], width: f64, period: f64) -> Vec<f64> {
    let split = ends.partition_point(|end| *end + width <= period);
    // Those whose back end meets a step: the last ones wrap to the start.
    let wrapped = ends[split..].iter().map(|end| end + width - period);
    let shifted: Vec<f64> = wrapped.chain(ends[..split].iter().map(|end| end + width)).collect();
    let (mut all, mut own, mut other) = (Vec::with_capacity(2 * ends.len()), 0, 0);
    while own < ends.len() || other < shifted.len() {
        if other >= shifted.len() || own < ends.len() && ends[own] <= shifted[other] {
            all.push(ends[own]);
            own += 1;
        } else {
            all.push(shifted[other]);
            other += 1;
        }
    }
    all
}

/// Two places that walk through the pieces, one behind the other by less than a period.
struct Walk<'a> {
    of: &'a Waveform,
    /// Piece and integral up to its start, of the place in front and of that behind.
    front: (usize, f64),
    behind: (usize, f64),
    whole: f64,
}

impl<'a> Walk<'a> {
    fn new(of: &'a Waveform) -> Self {
        Self { of, front: (0, 0.0), behind: (0, 0.0), whole: of.energy() }
    }

    fn advance(of: &Waveform, place: &mut (usize, f64), at: f64) -> f64 {
        let start = |piece: usize| if piece == 0 { 0.0 } else { of.ends[piece - 1] };
        while place.0 + 1 < of.count() && of.ends[place.0] <= at {
            place.1 += of.powers[place.0] * (of.ends[place.0] - start(place.0));
            place.0 += 1;
        }
        place.1 + of.powers[place.0] * (at - start(place.0))
    }

    /// The integral up to a place within the period.
    fn integral(&mut self, at: f64) -> f64 {
        Self::advance(self.of, &mut self.front, at)
    }

    /// The integral up to a place that may lie before the period.
    fn behind(&mut self, at: f64) -> f64 {
        if at < 0.0 {
            let mut place = (0, 0.0);
            return self.before(&mut place, at);
        }
        Self::advance(self.of, &mut self.behind, at)
    }

    /// The integral up to a place before the period, negative.
    fn before(&self, place: &mut (usize, f64), at: f64) -> f64 {
        Self::advance(self.of, place, at + self.of.period()) - self.whole
    }

    fn power(&mut self, at: f64) -> f64 {
        let at = if at >= self.of.period() { at - self.of.period() } else { at };
        let piece = self.of.ends.partition_point(|end| *end <= at + 1e-12 * self.of.period());
        self.of.powers[piece % self.of.count()]
    }

    fn power_behind(&mut self, at: f64) -> f64 {
        let at = if at < 0.0 { at + self.of.period() } else { at };
        let piece = self.of.ends.partition_point(|end| *end <= at + 1e-12 * self.of.period());
        self.of.powers[piece % self.of.count()]
    }
}

/// A sum of stretches of power over a period in equal bins.
#[derive(Clone, Debug)]
pub struct Accumulator {
    period: f64,
    /// Energy that changes the running sum from a bin on, in bins' widths: `first` what a bin itself gains.
    first: Vec<f64>,
    /// What every later bin gains.
    later: Vec<f64>,
}

impl Accumulator {
    /// Nothing over a period.
    pub fn new(period: f64, bins: usize) -> Self {
        let bins = bins.max(1);
        Self { period, first: vec![0.0; bins], later: vec![0.0; bins + 1] }
    }

    /// Adds a power from a start to an end within the period.
    pub fn add(&mut self, start: f64, end: f64, power: f64) {
        self.from(start, power);
        self.from(end, -power);
    }

    /// Adds a power from a place to the end of the period.
    fn from(&mut self, place: f64, power: f64) {
        let at = (place / self.period * self.first.len() as f64).max(0.0);
        let bin = at as usize;
        if bin < self.first.len() {
            self.first[bin] += power * (bin as f64 + 1.0 - at);
            self.later[bin + 1] += power;
        }
    }

    /// The signal.
    pub fn finish(self, edge: f64) -> Waveform {
        let width = self.period / self.first.len() as f64;
        let mut level = 0.0;
        let pieces = self.first.iter().zip(&self.later).map(|(own, later)| {
            level += later;
            (width, level + own)
        });
        Waveform::new(pieces.collect::<Vec<_>>(), edge)
    }
}
