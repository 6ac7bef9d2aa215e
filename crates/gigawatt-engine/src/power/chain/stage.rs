//! A stage of the chain: units alike, side by side.

pub use gigawatt_plan::plan::Redundancy;

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
        self.rating * self.redundancy.usable(self.units)
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
