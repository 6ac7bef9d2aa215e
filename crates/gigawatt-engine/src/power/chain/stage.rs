//! A stage of the chain: units alike, side by side.

/// What of a stage's units stands by for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redundancy {
    /// Nothing.
    None,
    /// So many units beyond those that are needed.
    Spare(u32),
    /// A second path of the same size.
    Double,
    /// Of so many units, those that are needed: three of four, in four-to-make-three.
    Shared {
        /// Units of a group.
        of: u32,
        /// Those of them that carry its load.
        make: u32,
    },
}

impl Redundancy {
    /// Reads `N`, `N+1`, `2N`, or `4-to-make-3`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text {
            "N" | "n" => return Some(Self::None),
            "2N" | "2n" => return Some(Self::Double),
            _ => {}
        }
        if let Some(spare) = text.strip_prefix("N+").or_else(|| text.strip_prefix("n+")) {
            return spare.parse().ok().filter(|spare| (1..1000).contains(spare)).map(Self::Spare);
        }
        let (of, make) = text.split_once("-to-make-")?;
        let (of, make) = (of.parse().ok()?, make.parse().ok()?);
        (make > 0 && make < of && of < 1000).then_some(Self::Shared { of, make })
    }
}

/// A stage. Powers are those at its output, in W.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name.
    pub name: String,
    /// Index of the stage that feeds it, which is lower; none for one that the grid or generators feed.
    pub above: Option<usize>,
    /// What one unit carries.
    pub rating: f64,
    /// Units.
    pub units: u32,
    /// What of them stands by.
    pub redundancy: Redundancy,
    /// Output over input, beside the fixed loss.
    pub efficiency: f64,
    /// Loss of one unit whatever it carries.
    pub fixed_loss: f64,
}

impl Stage {
    /// What all its units carry: its nameplate.
    pub fn nameplate(&self) -> f64 {
        self.rating * f64::from(self.units)
    }

    /// What may be put on it.
    pub fn provisioned(&self) -> f64 {
        let units = f64::from(self.units);
        self.rating
            * match self.redundancy {
                Redundancy::None => units,
                Redundancy::Spare(spare) => f64::from(self.units.saturating_sub(spare)),
                Redundancy::Double => 0.5 * units,
                Redundancy::Shared { of, make } => units * f64::from(make) / f64::from(of.max(1)),
            }
    }

    /// What it carries after the loss of its largest part, a unit or a path of two: no more than may be put on it.
    pub fn firm(&self) -> f64 {
        let lost = match self.redundancy {
            Redundancy::Double => 0.5 * self.nameplate(),
            _ => self.nameplate() - self.rating,
        };
        lost.clamp(0.0, self.provisioned())
    }

    /// What it takes in to give an output: `(p + fixed) / efficiency`.
    pub fn input(&self, output: f64) -> f64 {
        (output + self.fixed_loss * f64::from(self.units)) / self.efficiency
    }

    /// What it gives of an input; nothing where its fixed loss takes it.
    pub fn output(&self, input: f64) -> f64 {
        (input * self.efficiency - self.fixed_loss * f64::from(self.units)).max(0.0)
    }
}
