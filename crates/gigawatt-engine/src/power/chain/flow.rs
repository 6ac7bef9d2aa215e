//! What flows through a chain, and what it can carry.

use super::{Redundancy, Stage};

/// A tree of stages, each after the one that feeds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    stages: Vec<Stage>,
}

/// What is wrong with a chain.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ChainError {
    /// A stage that is fed by itself, by one that comes later, or by none that there is.
    #[error("stage `{0}` is not fed by one that stands before it")]
    Order(String),
    /// A stage that carries nothing.
    #[error("stage `{0}` has no rating or no units")]
    NoRating(String),
    /// An efficiency that is not above nothing and at most one, or a fixed loss below nothing.
    #[error("the losses of stage `{0}` make no sense")]
    Losses(String),
}

/// What flows, in W, by stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// What each gives.
    pub output: Vec<f64>,
    /// What each takes.
    pub input: Vec<f64>,
}

/// A stage that carries more than it may.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// Its index.
    pub stage: usize,
    /// How much more \[W\].
    pub excess: f64,
}

/// What a chain carries of loads in given proportions, in W of load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// With all units at their ratings.
    pub nameplate: f64,
    /// With what stands by left alone.
    pub provisioned: f64,
    /// After the loss of the largest part of any one stage.
    pub firm: f64,
}

impl Chain {
    /// A chain of stages, those that feed before those that are fed.
    ///
    /// # Errors
    /// The first stage that is out of order, carries nothing or has losses that make no sense.
    pub fn new(stages: Vec<Stage>) -> Result<Self, ChainError> {
        for (index, stage) in stages.iter().enumerate() {
            let name = || stage.name.clone();
            if stage.above.is_some_and(|above| above >= index) {
                return Err(ChainError::Order(name()));
            }
            if !(stage.rating > 0.0 && stage.rating.is_finite()) || stage.units == 0 {
                return Err(ChainError::NoRating(name()));
            }
            if !(stage.efficiency > 0.0 && stage.efficiency <= 1.0 && stage.fixed_loss >= 0.0) {
                return Err(ChainError::Losses(name()));
            }
        }
        Ok(Self { stages })
    }

    /// One stage without losses or a limit, on which everything hangs.
    pub fn bus() -> Self {
        Self {
            stages: vec![Stage {
                name: "bus".to_owned(),
                above: None,
                rating: f64::MAX,
                units: 1,
                redundancy: Redundancy::None,
                efficiency: 1.0,
                fixed_loss: 0.0,
            }],
        }
    }

    /// Its stages.
    pub fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Indices of the stages that the grid or generators feed.
    pub fn roots(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.stages.len()).filter(|index| self.stages[*index].above.is_none())
    }

    /// Indices of the stages that feed no other.
    pub fn leaves(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.stages.len()).filter(|index| self.stages.iter().all(|stage| stage.above != Some(*index)))
    }

    /// Whether a stage feeds another, or is it.
    pub fn feeds(&self, stage: usize, mut other: usize) -> bool {
        loop {
            if other == stage {
                return true;
            }
            match self.stages[other].above {
                Some(above) => other = above,
                None => return false,
            }
        }
    }

    /// What flows where loads in W hang on the stages.
    pub fn flow(&self, loads: &[f64]) -> Flow {
        let mut output = loads.to_vec();
        output.resize(self.stages.len(), 0.0);
        let mut input = vec![0.0; self.stages.len()];
        for (index, stage) in self.stages.iter().enumerate().rev() {
            input[index] = stage.input(output[index]);
            if let Some(above) = stage.above {
                output[above] += input[index];
            }
        }
        Flow { output, input }
    }

    /// What hangs on a stage for each watt at one that it feeds; nothing where it does not.
    pub(super) fn weight(&self, stage: usize, mut from: usize) -> f64 {
        let mut weight = 1.0;
        while from != stage {
            weight /= self.stages[from].efficiency;
            match self.stages[from].above {
                Some(above) => from = above,
                None => return 0.0,
            }
        }
        weight
    }

    /// Stages that carry more than may be put on them.
    pub fn overloads(&self, flow: &Flow) -> Vec<Overload> {
        let excess = |(stage, of): (usize, &Stage)| {
            let excess = flow.output[stage] - of.provisioned();
            (excess > 0.0).then_some(Overload { stage, excess })
        };
        self.stages.iter().enumerate().filter_map(excess).collect()
    }

    /// What it carries of loads in the proportions of these. Flows are straight lines over the whole, so that each stage
    /// bounds it at one place.
    pub fn capacity(&self, loads: &[f64]) -> Capacity {
        let whole: f64 = loads.iter().sum();
        let (none, some) = (self.flow(&[]), self.flow(loads));
        let bound = |limit: fn(&Stage) -> f64| {
            let most = |(index, stage): (usize, &Stage)| {
                let slope = some.output[index] - none.output[index];
                let room = limit(stage) - none.output[index];
                if slope > 0.0 { (room / slope).max(0.0) } else { f64::INFINITY }
            };
            whole * self.stages.iter().enumerate().map(most).fold(f64::INFINITY, f64::min)
        };
        Capacity {
            nameplate: bound(Stage::nameplate),
            provisioned: bound(Stage::provisioned),
            firm: bound(Stage::firm),
        }
    }
}

impl Flow {
    /// What the roots take, in W.
    pub fn drawn(&self, chain: &Chain) -> f64 {
        chain.roots().map(|root| self.input[root]).sum()
    }

    /// Loss of every stage, in W.
    pub fn losses(&self) -> impl Iterator<Item = f64> + '_ {
        self.input.iter().zip(&self.output).map(|(input, output)| input - output)
    }

    /// All losses, in W.
    pub fn loss(&self) -> f64 {
        self.losses().sum()
    }
}
