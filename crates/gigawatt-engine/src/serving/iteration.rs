//! The time of an iteration, and what binds it.

use gigawatt_plan::serving::{Backend, PromptLaunch, Scheduling};

use super::batch::Batch;
use super::coefficients::ServingCoefficients;
use super::deployment::Deployment;
use super::layer::Layers;

/// Seconds of an iteration by part.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IterationParts {
    /// Matrix products with weights that all tokens share.
    pub products: f64,
    /// Experts.
    pub experts: f64,
    /// Attention over caches.
    pub cache: f64,
    /// Attention within prompts.
    pub prompts: f64,
    /// Collectives.
    pub collectives: f64,
    /// What starts and joins kernels.
    pub starts: f64,
    /// The host.
    pub host: f64,
    /// Of products and experts: seconds that reading weights alone would take.
    pub reading: f64,
    /// Of products and experts: seconds that arithmetic alone would take.
    pub arithmetic: f64,
}

impl IterationParts {
    /// Seconds of the device.
    pub fn device(&self) -> f64 {
        self.products + self.experts + self.cache + self.prompts + self.collectives + self.starts
    }

    pub(super) fn add(&mut self, other: &Self, times: f64) {
        self.products += times * other.products;
        self.experts += times * other.experts;
        self.cache += times * other.cache;
        self.prompts += times * other.prompts;
        self.collectives += times * other.collectives;
        self.starts += times * other.starts;
        self.reading += times * other.reading;
        self.arithmetic += times * other.arithmetic;
    }
}

/// What takes most of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Binding {
    /// Reading weights.
    Weights,
    /// Reading the cache.
    Cache,
    /// Arithmetic.
    Arithmetic,
    /// Collectives.
    Collectives,
    /// Starting and joining kernels.
    Starts,
    /// The host.
    Host,
}

impl Binding {
    /// What it is called.
    pub fn words(self) -> &'static str {
        match self {
            Self::Weights => "reading weights",
            Self::Cache => "reading the cache",
            Self::Arithmetic => "arithmetic",
            Self::Collectives => "collectives",
            Self::Starts => "starting kernels",
            Self::Host => "the host",
        }
    }
}

/// Seconds of an iteration as a straight line over the tokens that are cached, above what the host takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// Seconds with nothing cached.
    pub fixed: f64,
    /// Seconds for each cached token of the batch.
    pub each: f64,
    /// Seconds below which the iteration does not fall.
    pub floor: f64,
}

impl Line {
    /// Seconds of an iteration with so many cached tokens.
    pub fn at(&self, cached: f64) -> f64 {
        (self.fixed + self.each * cached).max(self.floor)
    }

    /// Seconds of `iterations` in which the cached tokens grow by `growth` each, from `cached` on: the sum of a line
    /// above its floor.
    pub fn sum(&self, cached: f64, growth: f64, iterations: f64) -> f64 {
        if iterations <= 0.0 || iterations.is_nan() {
            return 0.0;
        }
        let straight =
            |from: f64, count: f64| count * (self.fixed + self.each * (from + growth * (count - 1.0) / 2.0));
        let slope = self.each * growth;
        let first = self.fixed + self.each * cached;
        if first >= self.floor || slope <= 0.0 {
            return straight(cached, iterations).max(self.floor * iterations);
        }
        let flat = libm::ceil((self.floor - first) / slope).min(iterations);
        self.floor * flat + straight(cached + growth * flat, iterations - flat)
    }
}

/// The law of iterations of one deployment.
#[derive(Clone, Debug)]
pub struct IterationLaw<'a> {
    pub(super) deployment: Deployment<'a>,
    pub(super) with: &'a ServingCoefficients,
    pub(super) layers: Layers<'a>,
}

impl<'a> IterationLaw<'a> {
    /// The law of a deployment.
    pub fn new(deployment: Deployment<'a>, with: &'a ServingCoefficients) -> Self {
        Self { deployment, with, layers: Layers::new(deployment, with) }
    }

    /// What is deployed.
    pub fn deployment(&self) -> &Deployment<'a> {
        &self.deployment
    }

    /// Seconds of an iteration by part.
    ///
    /// With stages, the batch goes through them in as many parts; the time is that of one token through all of them.
    pub fn parts(&self, batch: &Batch) -> IterationParts {
        let stages = super::number::count(self.deployment.layout.pipeline.max(1));
        let mut parts = self.layers.parts(&batch.divided(stages));
        if stages > 1.0 {
            parts.collectives += self.layers.hops(&batch.divided(stages));
        }
        let (base, each) = self.with.host(&self.deployment.engine);
        parts.host = base + each * (batch.sequences + batch.prompts.count);
        parts
    }

    /// Seconds in which the host launches the layers of a prompt, where they are launched one by one: what its first token
    /// waits for at least. Iterations of other sequences go on beside it.
    pub(super) fn prompt_launches(&self) -> f64 {
        match self.deployment.engine.prompt_launch {
            PromptLaunch::Eager => self.layers.launches(),
            PromptLaunch::Compiled => 0.0,
        }
    }

    /// Seconds of an iteration.
    pub fn seconds(&self, batch: &Batch) -> f64 {
        self.joined(&self.parts(batch))
    }

    /// Seconds of an iteration of a batch that starts and ends together: compiled engines only choose its tokens.
    pub(super) fn unscheduled(&self, batch: &Batch) -> f64 {
        match self.deployment.engine.backend {
            Backend::Compiled => {
                self.parts(batch).device() + self.with.sequence * (batch.sequences + batch.prompts.count)
            }
            Backend::Graphs => self.seconds(batch),
        }
    }

    fn joined(&self, parts: &IterationParts) -> f64 {
        match self.deployment.engine.scheduling {
            Scheduling::Overlapped => parts.device().max(parts.host),
            Scheduling::Serial => parts.device() + parts.host,
        }
    }

    /// Seconds of iterations that only decode, over the tokens that `sequences` have cached.
    ///
    /// It is exact where no window cuts the context; with a window it is the chord over longer contexts than it.
    pub fn decode_line(&self, sequences: f64) -> Line {
        let window = self.layers.widest_window();
        let [near, far] = [window + 1.0, 2.0 * window + 4097.0];
        let of = |context: f64| self.parts(&Batch::decoding(sequences, context));
        let (low, high) = (of(near), of(far));
        let each = (high.device() - low.device()) / ((far - near) * sequences);
        let fixed = low.device() - each * near * sequences;
        match self.deployment.engine.scheduling {
            Scheduling::Overlapped => Line { fixed, each, floor: low.host },
            Scheduling::Serial => Line { fixed: fixed + low.host, each, floor: 0.0 },
        }
    }

    /// What takes most of an iteration.
    pub fn binding(&self, batch: &Batch) -> Binding {
        let parts = self.parts(batch);
        if self.deployment.engine.scheduling == Scheduling::Overlapped && parts.host > parts.device() {
            return Binding::Host;
        }
        let matrix = parts.products + parts.experts;
        let reads = parts.reading >= parts.arithmetic;
        let candidates = [
            (Binding::Weights, if reads { matrix } else { 0.0 }),
            (Binding::Arithmetic, parts.prompts + if reads { 0.0 } else { matrix }),
            (Binding::Cache, parts.cache),
            (Binding::Collectives, parts.collectives),
            (Binding::Starts, parts.starts),
            (Binding::Host, parts.host),
        ];
        candidates
            .into_iter()
            .max_by(|left, right| left.1.total_cmp(&right.1))
            .map_or(Binding::Weights, |(binding, _)| binding)
    }
}
