//! What a pass spends its time on.

/// Seconds of a pass, by what they are spent on.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Parts {
    /// Matrix products of linear layers.
    pub matrix: f64,
    /// The core of attention, and states of recurrent mixers.
    pub attention: f64,
    /// Norms, activation functions, residual sums, sorting of tokens, the loss: memory traffic.
    pub elementwise: f64,
    /// Scaling of operands to narrow formats.
    pub scaling: f64,
    /// Visible tensor-parallel communication.
    pub tensor: f64,
    /// Visible context-parallel communication.
    pub context: f64,
    /// Visible expert-parallel communication.
    pub expert: f64,
    /// What the device waits for the host.
    pub host: f64,
    /// Visible transfers of activations to the host's memory and back.
    pub offload: f64,
}

impl Parts {
    /// The sum.
    pub fn total(&self) -> f64 {
        self.matrix
            + self.attention
            + self.elementwise
            + self.scaling
            + self.tensor
            + self.context
            + self.expert
            + self.host
            + self.offload
    }

    /// Adds the parts of another pass, so many times.
    pub fn add(&mut self, other: &Self, times: f64) {
        self.matrix += other.matrix * times;
        self.attention += other.attention * times;
        self.elementwise += other.elementwise * times;
        self.scaling += other.scaling * times;
        self.tensor += other.tensor * times;
        self.context += other.context * times;
        self.expert += other.expert * times;
        self.host += other.host * times;
        self.offload += other.offload * times;
    }
}

/// The passes of a layer, or of a piece of the pipeline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Passes {
    /// Forward.
    pub forward: Parts,
    /// Backward, without what is computed again.
    pub backward: Parts,
    /// What the backward pass computes again.
    pub again: Parts,
    /// Of the backward pass the seconds that go to gradients of weights: of each linear layer one of the two products.
    pub weights: f64,
}

impl Passes {
    /// Backward with what is computed again.
    pub fn back(&self) -> f64 {
        self.backward.total() + self.again.total()
    }

    /// Adds other passes, so many times.
    pub fn add(&mut self, other: &Self, times: f64) {
        self.forward.add(&other.forward, times);
        self.backward.add(&other.backward, times);
        self.again.add(&other.again, times);
        self.weights += other.weights * times;
    }
}
