//! The power of an accelerator that trains, by what its time goes to.

use super::{AcceleratorPower, Activity, Links};
use crate::power::PowerCoefficients;
use crate::training::{Parts, SliceParts, Step, TailKind, Work};

/// What the power laws of a training job's accelerators share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepPower {
    /// Of one accelerator.
    pub accelerator: AcceleratorPower,
    links: Links,
    link_use: f64,
    matrix_use: f64,
    attention_use: f64,
}

/// A stretch of a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phase {
    /// What it is called.
    pub name: &'static str,
    /// Its seconds on the busiest stage.
    pub seconds: f64,
    /// Power of an accelerator in it \[W\].
    pub power: f64,
}

impl StepPower {
    /// The law for accelerators with these links.
    pub fn new(accelerator: AcceleratorPower, links: Links, with: &PowerCoefficients) -> Self {
        Self {
            accelerator,
            links,
            link_use: with.link_use,
            matrix_use: with.matrix_use,
            attention_use: with.attention_use,
        }
    }

    /// Power while time goes to a kind of work \[W\].
    pub fn work(&self, work: Work) -> f64 {
        let matrix = |share: f64| self.accelerator.working(&Activity { matrix: share, ..Activity::WAITING });
        match work {
            Work::Matrix => matrix(self.matrix_use),
            Work::Attention => matrix(self.attention_use),
            Work::Elementwise | Work::Scaling => self.accelerator.streaming(),
            Work::Tensor | Work::Context | Work::Expert => self.moving(self.links.scale_up),
            Work::Offload => self.moving(self.links.host),
            Work::Host => self.accelerator.waiting,
        }
    }

    /// Power in what a step ends with \[W\].
    pub fn tail(&self, kind: TailKind) -> f64 {
        match kind {
            TailKind::Straggler | TailKind::Host => self.accelerator.waiting,
            TailKind::Data => self.moving(self.links.network),
            TailKind::Optimizer => self.accelerator.streaming(),
        }
    }

    /// Power while a message to another stage is seen \[W\].
    pub fn message(&self) -> f64 {
        self.moving(self.links.network)
    }

    fn moving(&self, bandwidth: f64) -> f64 {
        self.accelerator.moving(self.link_use * bandwidth)
    }

    /// Energy of parts \[J\].
    pub fn energy(&self, parts: &Parts) -> f64 {
        parts.by_work().iter().map(|(work, seconds)| seconds * self.work(*work)).sum()
    }

    /// Mean power of a pass \[W\]; waiting where it takes no time.
    pub fn pass(&self, parts: &SliceParts) -> f64 {
        let seconds = parts.total();
        if seconds <= 0.0 {
            return self.accelerator.waiting;
        }
        (self.energy(&parts.own) + self.energy(&parts.again) + parts.message * self.message()) / seconds
    }
}

/// The power of an accelerator of the busiest stage, by stretches of its step that add up to it. What is computed again
/// draws what the passes' arithmetic does.
pub fn step_power(step: &Step, with: &StepPower) -> Vec<Phase> {
    let of = &step.breakdown;
    let waiting = with.accelerator.waiting;
    let passes = of.passes.by_work();
    let computing: f64 =
        passes.iter().filter(|(work, _)| !work.is_communication()).map(|(_, time)| time).sum();
    let energy: f64 = passes
        .iter()
        .filter(|(work, _)| !work.is_communication())
        .map(|(work, time)| time * with.work(*work))
        .sum();
    let again = if computing > 0.0 { energy / computing } else { waiting };
    let name = |work: Work| match work {
        Work::Matrix => "matrix products",
        Work::Attention => "attention",
        Work::Elementwise => "elementwise work",
        Work::Scaling => "scaling to narrow formats",
        Work::Tensor => "tensor-parallel communication",
        Work::Context => "context-parallel communication",
        Work::Expert => "expert-parallel communication",
        Work::Host => "waiting for the host",
        Work::Offload => "transfers to the host",
    };
    let passes = passes.map(|(work, seconds)| Phase { name: name(work), seconds, power: with.work(work) });
    let rest = [
        Phase { name: "computing again", seconds: of.again, power: again },
        Phase { name: "messages between stages", seconds: of.hops, power: with.message() },
        Phase { name: "pipeline bubble", seconds: of.bubble, power: waiting },
        Phase {
            name: "waiting for the slowest rank",
            seconds: of.straggler,
            power: with.tail(TailKind::Straggler),
        },
        Phase { name: "data-parallel communication", seconds: of.data, power: with.tail(TailKind::Data) },
        Phase { name: "optimiser", seconds: of.optimizer, power: with.tail(TailKind::Optimizer) },
        Phase { name: "host outside the passes", seconds: of.host, power: with.tail(TailKind::Host) },
    ];
    passes.into_iter().chain(rest).filter(|phase| phase.seconds > 0.0).collect()
}
