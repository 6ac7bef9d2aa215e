//! The time of one layer of a micro-batch on one accelerator, forward and backward.

mod feed_forward;
mod mixer;

use gigawatt_plan::training::{
    Arithmetic, Checkpoint, Elementwise, ExpertKernels, Launch, Loss, Overlap, Precision, Recompute,
    Schedule, SequenceParallel,
};

use super::coefficients::TrainingCoefficients;
use super::deal::LayerKind;
use super::groups::{Groups, Links};
use super::job::Job;
use super::number::count;
use super::parts::{Parts, Passes};
use crate::device::Generation;
use crate::model::LayerFeedForward;

/// Bytes of a number in the residual stream and in messages.
const ACTIVATION_BYTES: f64 = 2.0;

/// Share of the passes' host time that falls to the forward one: backward launches twice as many kernels.
const FORWARD_SHARE: f64 = 1.0 / 3.0;

/// The passes of a layer without what is computed again and what the device waits for the host.
#[derive(Clone, Copy, Debug)]
pub struct DevicePasses {
    kind: LayerKind,
    passes: Passes,
    /// Time of the product that ends the layer, which some stacks do not repeat.
    last: f64,
}

impl DevicePasses {
    /// The layer's passes with what is computed again.
    pub fn with(&self, law: &LayerLaw<'_>, recompute: Recompute) -> Passes {
        let mut passes = self.passes;
        let forward = passes.forward;
        passes.again = match recompute {
            Recompute::None | Recompute::Layers(_) => Parts::default(),
            Recompute::Elementwise => Parts { elementwise: forward.elementwise, ..Parts::default() },
            Recompute::Selective => {
                Parts { elementwise: forward.elementwise, attention: forward.attention, ..Parts::default() }
            }
            Recompute::Full => match law.job.framework.checkpoint {
                Checkpoint::Whole => forward,
                Checkpoint::UntilNeeded => Parts { matrix: forward.matrix - self.last, ..forward },
            },
        };
        law.host(&mut passes, self.kind.feed_forward);
        passes
    }
}

/// What every layer of a job shares.
pub struct LayerLaw<'a> {
    job: Job<'a>,
    with: &'a TrainingCoefficients,
    /// Tokens of a micro-batch on a context-parallel rank.
    tokens: f64,
    /// Rate of matrices in a long run over that of kernels alone.
    sustained: f64,
    groups: Groups,
    links: Links<'a>,
}

impl<'a> LayerLaw<'a> {
    /// The law for a job.
    pub fn new(job: Job<'a>, with: &'a TrainingCoefficients) -> Self {
        let generation = match job.device.facts().generation {
            Generation::Ampere | Generation::AmpereWorkstation => with.sustained_ampere,
            Generation::Hopper | Generation::Ada => with.sustained_hopper,
            Generation::Blackwell | Generation::BlackwellWorkstation | Generation::Other => {
                with.sustained_blackwell
            }
        };
        let age = (job.framework.released.years() - job.shipped.years()) / with.maturing;
        let mature = 1.0 - with.immaturity * (1.0 - age.clamp(0.0, 1.0));
        Self {
            job,
            with,
            tokens: job.layout.local_tokens(),
            sustained: generation * mature,
            groups: Groups::of(job.layout, job.network),
            links: Links::new(job.network, with),
        }
    }

    /// The passes of a layer of a kind.
    pub fn layer(&self, kind: LayerKind, recompute: Recompute) -> Passes {
        self.device_passes(kind).with(self, recompute)
    }

    /// What a layer of a kind takes of the device, whatever is computed again.
    pub fn device_passes(&self, kind: LayerKind) -> DevicePasses {
        let mut passes = Passes::default();
        self.mixer(&mut passes, kind.mixer);
        // The product that ends the layer.
        let last = match kind.feed_forward {
            LayerFeedForward::Dense => self.dense(&mut passes),
            LayerFeedForward::Experts => self.experts(&mut passes),
            LayerFeedForward::None => 0.0,
        };
        self.norms(&mut passes);
        DevicePasses { kind, passes, last }
    }

    /// Memory traffic of elementwise work over the least possible.
    fn traffic(&self) -> f64 {
        match self.job.framework.elementwise {
            Elementwise::Fused => self.with.fused_traffic,
            Elementwise::Eager => self.with.fused_traffic * self.with.eager_traffic,
        }
    }

    /// Adds memory traffic of elementwise work: `forward` and `backward` times so many bytes.
    fn touch(&self, passes: &mut Passes, bytes: f64, forward: f64, backward: f64) {
        let time = self.streaming(self.traffic() * bytes);
        passes.forward.elementwise += forward * time;
        passes.backward.elementwise += backward * time;
    }

    /// Seconds to move so many bytes between memory and processors.
    fn streaming(&self, bytes: f64) -> f64 {
        bytes / self.job.device.memory_rate()
    }

    /// Rate of a number format in a run over that of kernels alone.
    fn format(&self, precision: Precision) -> f64 {
        match precision.arithmetic() {
            Arithmetic::Vector | Arithmetic::Tf32 | Arithmetic::Sixteen => 1.0,
            Arithmetic::Eight | Arithmetic::Integer => self.with.sustained_8_bit,
            Arithmetic::Four => self.with.sustained_4_bit,
        }
    }

    /// Adds the forward and both backward products of `groups` linear layers with `m` rows from `k` to `n`, and returns
    /// the time of the forward one.
    fn linear(&self, passes: &mut Passes, groups: f64, m: f64, n: f64, k: f64) -> f64 {
        let (device, precision) = (self.job.device, self.job.precision);
        let mut rate = self.sustained * self.format(precision);
        if groups > 1.0 {
            rate *= self.with.expert_matrix;
        }
        let forward = device.grouped_gemm(groups, m, n, k, precision) / rate;
        passes.forward.matrix += forward;
        let inputs = device.grouped_gemm(groups, m, k, n, precision);
        let weights = self.with.backward_matrix * device.grouped_gemm(groups, n, k, m, precision) / rate;
        passes.backward.matrix += self.with.backward_matrix * inputs / rate + weights;
        passes.weights += weights;
        // Operands are read in 16 bit and written once for each direction in which they are used.
        let fused = groups > 1.0 && self.job.framework.expert_kernels == ExpertKernels::Fused;
        if precision.casts() == 0.0 || fused {
            return forward;
        }
        let traffic = match precision {
            Precision::Fp8 | Precision::Int8 => self.with.tensor_scaling,
            _ => self.with.block_scaling,
        };
        let bytes = traffic * (ACTIVATION_BYTES + 2.0 * precision.activation_bytes()) * groups * m;
        passes.forward.scaling += self.streaming(bytes * k);
        passes.backward.scaling += self.streaming(bytes * n);
        forward
    }

    /// Adds the tensor-parallel traffic of a block between the residual stream and itself.
    fn tensor_block(&self, passes: &mut Passes) {
        let layout = self.job.layout;
        if layout.tensor <= 1 {
            return;
        }
        let bytes = self.tokens * count(self.job.shape.hidden) * ACTIVATION_BYTES;
        let (forward, backward) = match layout.sequence {
            // Gather the input, scatter the output; backward the same, and the input once more for the gradient of weights.
            SequenceParallel::On => {
                let one = self.links.gather(&self.groups.tensor, bytes);
                (2.0 * one, 3.0 * one)
            }
            SequenceParallel::Off => {
                let one = self.links.sum(&self.groups.tensor, bytes);
                (one, one)
            }
        };
        let visible = match self.job.framework.tensor_overlap {
            Overlap::On => self.with.tensor_visible,
            Overlap::Off => 1.0,
        };
        passes.forward.tensor += forward * visible;
        passes.backward.tensor += backward * visible;
    }

    /// Adds norms and residual sums.
    fn norms(&self, passes: &mut Passes) {
        let layout = self.job.layout;
        let cut = match layout.sequence {
            SequenceParallel::On => count(layout.tensor),
            SequenceParallel::Off => 1.0,
        };
        let bytes = self.tokens * count(self.job.shape.hidden) / cut * ACTIVATION_BYTES;
        // A norm with its residual sum reads both and writes both; backward it reads one more.
        let norms = count(self.job.shape.layer_norms);
        self.touch(passes, bytes, 4.0 * norms, 5.0 * norms);
    }

    /// Adds what the device waits for the host, where launches take longer than the work that they start.
    fn host(&self, passes: &mut Passes, feed_forward: LayerFeedForward) {
        let framework = self.job.framework;
        if framework.launch == Launch::Host {
            let kernels = match framework.elementwise {
                Elementwise::Fused => 16.0,
                Elementwise::Eager => 36.0,
            };
            let floor = kernels * self.with.launch;
            passes.forward.host += (floor - passes.forward.total()).max(0.0);
            passes.backward.host += (2.0 * floor - passes.backward.total()).max(0.0);
        }
        if feed_forward == LayerFeedForward::Experts {
            let local =
                self.job.shape.experts.map_or(0.0, |of| count(of.routed) / count(self.job.layout.expert));
            let host = match framework.expert_kernels {
                ExpertKernels::Separate => self.with.expert_host + local * self.with.expert_launch,
                ExpertKernels::Fused => 0.0,
            };
            let all = passes.forward.total() + passes.back();
            let work = match self.job.layout.schedule {
                // What hides behind the device's work is none.
                Schedule::DualPipe => {
                    all - passes.forward.expert - passes.backward.expert - passes.again.expert
                }
                _ => all,
            };
            let wait = libm::cbrt(work * work * work + host * host * host) - work;
            passes.forward.host += wait * FORWARD_SHARE;
            passes.backward.host += wait * (1.0 - FORWARD_SHARE);
        }
    }

    /// Output layer and loss of a micro-batch.
    pub fn head(&self) -> Passes {
        let (shape, layout, device) = (self.job.shape, self.job.layout, self.job.device);
        let (hidden, vocabulary) = (count(shape.hidden), count(shape.vocabulary) / count(layout.tensor));
        let mut passes = Passes::default();
        // Logits stay in 16 bit whatever the linear layers use.
        let precision = Precision::Bf16;
        passes.forward.matrix += device.gemm(self.tokens, vocabulary, hidden, precision) / self.sustained;
        let inputs = device.gemm(self.tokens, hidden, vocabulary, precision);
        let weights = self.with.backward_matrix * device.gemm(vocabulary, hidden, self.tokens, precision)
            / self.sustained;
        passes.backward.matrix += self.with.backward_matrix * inputs / self.sustained + weights;
        passes.weights += weights;
        let bytes = match self.job.framework.loss {
            Loss::Fused => self.with.fused_loss,
            Loss::Unfused => self.with.unfused_loss,
        };
        let time = self.streaming(bytes * self.tokens * vocabulary);
        passes.forward.elementwise += time / 2.0;
        passes.backward.elementwise += time / 2.0;
        self.tensor_block(&mut passes);
        passes
    }

    /// Looking tokens up and scattering their gradient.
    pub fn embedding(&self) -> Passes {
        let mut passes = Passes::default();
        let bytes = self.tokens * count(self.job.shape.hidden) * ACTIVATION_BYTES;
        self.touch(&mut passes, bytes, 3.0, 4.0);
        passes
    }
}
