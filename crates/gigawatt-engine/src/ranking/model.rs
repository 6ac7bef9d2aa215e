//! What a recommendation model is made of.

/// Embedding tables that are alike.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tables {
    /// How many.
    pub count: f64,
    /// Rows of each.
    pub rows: f64,
    /// Rows of each that a sample looks up, which are pooled into one vector.
    pub lookups: f64,
}

/// How the vectors of tables and bottom network meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// They are laid side by side.
    Concatenation,
    /// The product of each two of them, beside the bottom network's vector (DLRM).
    Dot,
    /// So many cross layers of a rank over all of them (DCN v2: R. Wang et al. 2020, arXiv 2008.13535), `x₀ ∘ (U V x + b) + x`.
    Cross {
        /// Layers.
        layers: u32,
        /// Rank of each.
        rank: u32,
    },
}

/// How rows of tables are updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Optimizer {
    /// Without state.
    Sgd,
    /// One number of state for a row.
    RowWiseAdagrad,
    /// One number of state for each number.
    Adagrad,
    /// Two numbers of state for each number.
    Adam,
}

impl Optimizer {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sgd, Self::RowWiseAdagrad, Self::Adagrad, Self::Adam];

    /// Its name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd => "sgd",
            Self::RowWiseAdagrad => "row-wise-adagrad",
            Self::Adagrad => "adagrad",
            Self::Adam => "adam",
        }
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|optimizer| optimizer.name() == name)
    }

    /// Bytes of state for a row of so many numbers, 32 bits each.
    pub fn state(self, width: f64) -> f64 {
        match self {
            Self::Sgd => 0.0,
            Self::RowWiseAdagrad => 4.0,
            Self::Adagrad => 4.0 * width,
            Self::Adam => 8.0 * width,
        }
    }
}

/// A recommendation model.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommender {
    /// Its tables.
    pub tables: Vec<Tables>,
    /// Numbers of a row.
    pub width: f64,
    /// Outputs of the bottom network's layers, after the number of dense features; empty without one.
    pub bottom: Vec<f64>,
    /// How vectors meet.
    pub interaction: Interaction,
    /// Positions of a sample that pass the dense layers: 1, or the events of a sequence and groups of features.
    pub positions: f64,
    /// Outputs of the top network's layers, after their inputs.
    pub top: Vec<f64>,
}

impl Recommender {
    /// A model of which only the arithmetic is known: `layers` square layers that do `flop` for the `positions` of a sample,
    /// forward.
    pub fn square(tables: Tables, width: f64, layers: f64, positions: f64, flop: f64) -> Self {
        let layers = libm::round(layers).max(1.0);
        let side = libm::sqrt(flop / (2.0 * layers * positions));
        let top = vec![side; layers as usize + 1];
        let interaction = Interaction::Concatenation;
        Self { tables: vec![tables], width, bottom: Vec::new(), interaction, positions, top }
    }

    /// The model with dense layers of `scale` times the arithmetic: each wider by its root. Tables stay.
    #[must_use]
    pub fn scaled(&self, scale: f64) -> Self {
        let wider = libm::sqrt(scale);
        let grown = |sides: &[f64]| sides.iter().map(|side| side * wider).collect();
        Self { bottom: grown(&self.bottom), top: grown(&self.top), ..self.clone() }
    }

    /// Tables in all.
    pub fn table_count(&self) -> f64 {
        self.tables.iter().map(|tables| tables.count).sum()
    }

    /// Rows in all.
    pub fn rows(&self) -> f64 {
        self.tables.iter().map(|tables| tables.count * tables.rows).sum()
    }

    /// Rows that a sample looks up.
    pub fn lookups(&self) -> f64 {
        self.tables.iter().map(|tables| tables.count * tables.lookups).sum()
    }

    /// Rows of all tables that a number of samples touches, each row as likely as any other of its table:
    /// `r (1 - e^(-l/r))` of `r` rows by `l` lookups.
    pub fn distinct(&self, samples: f64) -> f64 {
        let one = |tables: &Tables| -tables.rows * libm::expm1(-samples * tables.lookups / tables.rows);
        self.tables.iter().map(|tables| tables.count * one(tables)).sum()
    }

    /// Numbers that the interaction takes: a vector for each table and the bottom network's.
    pub fn interacting(&self) -> f64 {
        (self.table_count() + f64::from(u8::from(!self.bottom.is_empty()))) * self.width
    }

    /// Inputs and outputs of every matrix product of a sample's forward pass.
    pub fn products(&self) -> Vec<(f64, f64)> {
        let mut all: Vec<(f64, f64)> = pairs(&self.bottom).collect();
        if let Interaction::Cross { layers, rank } = self.interaction {
            let (wide, rank) = (self.interacting(), f64::from(rank));
            (0..layers).for_each(|_| all.extend([(wide, rank), (rank, wide)]));
        }
        all.extend(pairs(&self.top));
        all
    }

    /// Numbers of all dense layers.
    pub fn dense_parameters(&self) -> f64 {
        self.products().iter().map(|(inputs, outputs)| inputs * outputs).sum()
    }

    /// FLOP of a sample's forward pass, lookups and sums of rows not counted.
    pub fn forward_flop(&self) -> f64 {
        let vectors = self.interacting() / self.width;
        let dots = if self.interaction == Interaction::Dot { vectors * vectors * self.width } else { 0.0 };
        2.0 * (self.positions * self.dense_parameters() + dots)
    }

    /// Bytes of the tables with so many bytes a number, and an optimiser's state.
    pub fn table_bytes(&self, value_bytes: f64, optimizer: Option<Optimizer>) -> f64 {
        let state = optimizer.map_or(0.0, |optimizer| optimizer.state(self.width));
        self.rows() * (self.width * value_bytes + state)
    }
}

fn pairs(sides: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    sides.windows(2).map(|pair| (pair[0], pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The model of MLPerf Training 3.0: 26 tables, 13 dense features, three cross layers of rank 512.
    fn dcn() -> Recommender {
        Recommender {
            tables: vec![Tables { count: 26.0, rows: 1e6, lookups: 2.0 }],
            width: 128.0,
            bottom: vec![13.0, 512.0, 256.0, 128.0],
            interaction: Interaction::Cross { layers: 3, rank: 512 },
            positions: 1.0,
            top: vec![3456.0, 1024.0, 1024.0, 512.0, 256.0, 1.0],
        }
    }

    #[test]
    fn arithmetic_is_counted_as_by_hand() {
        // Bottom 13×512 + 512×256 + 256×128 = 170,496; cross 3 × 2 × 3456 × 512 = 10,616,832;
        // top 3456×1024 + 1024² + 1024×512 + 512×256 + 256 = 5,243,136.
        let model = dcn();
        assert!((model.interacting() - 27.0 * 128.0).abs() < 1e-9);
        assert!((model.dense_parameters() - (170_496.0 + 10_616_832.0 + 5_243_136.0)).abs() < 1e-6);
        assert!((model.forward_flop() - 2.0 * 16_030_464.0).abs() < 1e-6);
        // Pairs of 27 vectors of 128 numbers: 2 × 27 × 27 × 128.
        let dot = Recommender { interaction: Interaction::Dot, ..dcn() };
        assert!((dot.forward_flop() - 2.0 * (170_496.0 + 5_243_136.0) - 186_624.0).abs() < 1e-6);
    }

    #[test]
    fn rows_touched_are_no_more_than_lookups_or_rows() {
        let model = dcn();
        assert!((model.distinct(1.0) - 52.0).abs() < 1e-3, "{}", model.distinct(1.0));
        assert!((model.distinct(1e9) - 26e6).abs() < 1.0);
        // Half a million samples look each row of a table up once on average: 1 - 1/e of them.
        assert!((model.distinct(5e5) / 26e6 - 0.632_12).abs() < 1e-5);
    }

    #[test]
    fn a_square_model_has_the_arithmetic_that_was_said_and_grows_with_its_scale() {
        let tables = Tables { count: 1000.0, rows: 1e6, lookups: 15.0 };
        let model = Recommender::square(tables, 96.0, 20.0, 1.0, 638e6);
        assert!((model.forward_flop() / 638e6 - 1.0).abs() < 1e-12);
        // The same arithmetic in 64 positions has a sixty-fourth of the numbers.
        let sequence = Recommender::square(tables, 96.0, 20.0, 64.0, 638e6);
        assert!((sequence.forward_flop() / 638e6 - 1.0).abs() < 1e-12);
        assert!((sequence.dense_parameters() * 64.0 / model.dense_parameters() - 1.0).abs() < 1e-12);
        assert!((model.scaled(4.0).forward_flop() / 638e6 - 4.0).abs() < 1e-12);
        assert!((model.lookups() - 15_000.0).abs() < 1e-9);
        // A billion rows of 96 numbers in 16 bits; with row-wise Adagrad in 32 bits.
        assert!((model.table_bytes(2.0, None) / 192e9 - 1.0).abs() < 1e-12);
        let trained = model.table_bytes(4.0, Some(Optimizer::RowWiseAdagrad));
        assert!((trained / 388e9 - 1.0).abs() < 1e-12);
    }
}
