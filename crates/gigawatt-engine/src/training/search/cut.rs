//! What a way to cut layers over ranks costs: priced once for each micro-batch, read for every layout that has it.

use gigawatt_plan::training::{Framework, Layout, Recompute};

use super::Problem;
use crate::training::deal::Kinds;
use crate::training::layer::LayerLaw;
use crate::training::memory::MemoryJob;
use crate::training::memory::bound::{CLASSES, FULL, MemoryTable, class};
use crate::training::number::count;
use crate::training::parts::Passes;

/// Seconds of the two passes of some work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Seconds {
    pub forward: f64,
    /// With what is computed again.
    pub backward: f64,
    /// Expert traffic of each.
    pub forward_exchange: f64,
    pub backward_exchange: f64,
}

impl Seconds {
    fn of(passes: &Passes) -> Self {
        Self {
            forward: passes.forward.total(),
            backward: passes.back(),
            forward_exchange: passes.forward.expert,
            backward_exchange: passes.backward.expert + passes.again.expert,
        }
    }

    pub fn total(self) -> f64 {
        self.forward + self.backward
    }

    pub fn add(&mut self, other: Self, times: f64) {
        self.forward += other.forward * times;
        self.backward += other.backward * times;
        self.forward_exchange += other.forward_exchange * times;
        self.backward_exchange += other.backward_exchange * times;
    }
}

/// A kind of layer.
#[derive(Clone, Copy, Debug)]
pub(super) struct KindSeconds {
    /// By class of what is computed again.
    by_class: [Seconds; CLASSES.len()],
    /// To compute all of its inside again, in a layer that does so alone.
    pub again: Seconds,
}

impl KindSeconds {
    pub fn seconds(&self, recompute: Recompute) -> Seconds {
        self.by_class[class(recompute)]
    }
}

/// Passes of one micro-batch.
#[derive(Clone, Debug)]
pub(super) struct MicroBatchSeconds {
    pub micro_batch: u64,
    /// By kind of layer.
    pub kinds: Vec<KindSeconds>,
    pub embedding: Seconds,
    pub head: Seconds,
    /// Of all layers, embedding, output and loss without anything computed again, on one accelerator.
    pub model: Seconds,
}

/// A way to cut layers over ranks, with everything that does not depend on pipeline, batch and sharding.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The cut; the other dimensions are one.
    pub layout: Layout,
    pub framework: Framework,
    pub kinds: Kinds,
    /// In the order of the space.
    pub micro_batches: Vec<MicroBatchSeconds>,
    pub memory: MemoryTable,
    /// Accelerators of a model's copy without the pipeline.
    pub ranks: u64,
}

impl Cut {
    /// Prices a cut.
    pub fn new(problem: &Problem<'_>, framework: Framework, layout: Layout, micro_batches: &[u64]) -> Self {
        let job = MemoryJob::of(&problem.job(framework, &layout));
        let memory = MemoryTable::new(&job, &problem.laws.memory);
        let kinds = Kinds::of(problem.shape);
        let ranks = layout.tensor * layout.context;
        let micro_batches = micro_batches
            .iter()
            .filter(|one| problem.global_batch.is_multiple_of(**one))
            .map(|one| {
                let layout = Layout { micro_batch: *one, ..layout };
                MicroBatchSeconds::new(problem, framework, &layout, &kinds)
            })
            .collect();
        Self { layout, framework, kinds, micro_batches, memory, ranks }
    }
}

impl MicroBatchSeconds {
    fn new(
        problem: &Problem<'_>,
        framework: Framework,
        layout: &Layout,
        Kinds { kinds, order }: &Kinds,
    ) -> Self {
        let law = LayerLaw::new(problem.job(framework, layout), &problem.laws.training);
        let kinds: Vec<KindSeconds> = kinds
            .iter()
            .map(|kind| {
                let device = law.device_passes(*kind);
                let by_class = CLASSES.map(|recompute| device.with(&law, recompute));
                KindSeconds {
                    again: Seconds {
                        backward: by_class[FULL].again.total(),
                        backward_exchange: by_class[FULL].again.expert,
                        ..Seconds::default()
                    },
                    by_class: by_class.map(|passes| Seconds::of(&passes)),
                }
            })
            .collect();
        let further = count(problem.shape.further_tokens);
        let (embedding, head) = (Seconds::of(&law.embedding()), Seconds::of(&law.head()));
        let mut model = embedding;
        order.iter().for_each(|kind| model.add(kinds[*kind].by_class[0], 1.0));
        if let Some(last) = order.last() {
            model.add(kinds[*last].by_class[0], further);
        }
        model.add(head, 1.0 + further);
        Self { micro_batch: layout.micro_batch, kinds, embedding, head, model }
    }
}
