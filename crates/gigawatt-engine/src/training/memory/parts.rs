//! What fills an accelerator's memory.

/// Memory of an accelerator at a moment, in bytes, by what fills it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// Parameters, as sharding leaves them.
    pub parameters: f64,
    /// Gradients, as sharding leaves them.
    pub gradients: f64,
    /// Optimiser states and master copies.
    pub optimizer: f64,
    /// Parameters gathered from shards and gradients not yet cut into them.
    pub gathered: f64,
    /// Activations kept for the backward pass.
    pub activations: f64,
    /// Logits, their loss and its gradient.
    pub loss: f64,
    /// What a layer works with while it runs, and what it computes again.
    pub working: f64,
    /// Buffers between stages and context-parallel ranks, and those that the software fixes.
    pub buffers: f64,
    /// Work space of libraries.
    pub workspace: f64,
    /// Blocks that the allocator keeps from passes before and cannot use at the fullest moment. It gives them back to the
    /// device when memory runs out.
    pub cached: f64,
    /// What the allocator loses between blocks.
    pub fragmentation: f64,
    /// Driver, kernels and collective library, outside the allocator.
    pub outside: f64,
}

impl Memory {
    /// Names of the parts, in the order of [`parts`](Self::parts).
    pub const PARTS: [&'static str; 12] = [
        "parameters",
        "gradients",
        "optimiser states",
        "gathered parameters and gradients",
        "activations",
        "logits and loss",
        "working memory of a layer",
        "buffers",
        "work space of libraries",
        "cached blocks",
        "fragmentation",
        "driver and collectives",
    ];

    /// The parts.
    pub fn parts(&self) -> [f64; 12] {
        [
            self.parameters,
            self.gradients,
            self.optimizer,
            self.gathered,
            self.activations,
            self.loss,
            self.working,
            self.buffers,
            self.workspace,
            self.cached,
            self.fragmentation,
            self.outside,
        ]
    }

    /// Parameters, gradients and optimiser states.
    pub fn model_states(&self) -> f64 {
        self.parameters + self.gradients + self.optimizer
    }

    /// What tensors take: the allocator's peak of allocated memory.
    pub fn allocated(&self) -> f64 {
        self.parts().iter().take(9).sum()
    }

    /// What the allocator holds where memory is plenty: its peak of reserved memory.
    pub fn reserved(&self) -> f64 {
        self.allocated() + self.cached + self.fragmentation
    }

    /// What the device has to have: everything but cached blocks.
    pub fn needed(&self) -> f64 {
        self.allocated() + self.fragmentation + self.outside
    }

    /// What is in use on the device where memory is plenty: the sum of the parts.
    pub fn total(&self) -> f64 {
        self.parts().iter().sum()
    }

    /// Name and bytes of the largest part.
    pub fn largest(&self) -> (&'static str, f64) {
        let parts = self.parts();
        let largest = (0..parts.len()).max_by(|a, b| parts[*a].total_cmp(&parts[*b])).unwrap_or(0);
        (Self::PARTS[largest], parts[largest])
    }
}
