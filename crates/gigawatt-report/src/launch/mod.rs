//! What launches the runs of a plan, arguments and configurations of the tools that train, and what launches a served
//! model ([`ServedLaunch`]).
//!
//! Each phase of a run becomes the settings of one tool, as of the release that [`Tool::release`] names. What the tool
//! has no setting for is said beside them.

mod core;
mod core_model;
mod megatron;
mod nemo;
mod offload;
mod served;
mod setting;
mod torchtitan;

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::training::{
    AttentionKernel, ExpertKernels, Framework, GradientSync, Layout, Precision, Schedule,
};
use serde::Serialize;

pub use served::{
    Acceleration, Guesses, KubernetesName, LaunchError, Maker, Order, PrefixCaching, Replicas, ServedCommand,
    ServedLaunch, ServedLimits, ServedManifests, WeightFormat, command, manifests,
};
pub use setting::{Setting, Value};

/// What trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Tool {
    /// Megatron-LM: a list of arguments.
    Megatron,
    /// torchtitan: a TOML file.
    Torchtitan,
    /// NeMo's Megatron-Bridge: overrides of a recipe.
    Nemo,
}

impl Tool {
    /// All of them with the words in which they are written.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Megatron, "megatron"), (Self::Torchtitan, "torchtitan"), (Self::Nemo, "nemo")];

    /// The release whose settings these are.
    pub fn release(self) -> &'static str {
        match self {
            Self::Megatron => "Megatron-LM with megatron-core 0.16.1 (20 March 2026)",
            Self::Torchtitan => "torchtitan 0.2.2 (20 February 2026), the last that is configured with TOML",
            Self::Nemo => "Megatron-Bridge 0.3.1 (20 March 2026)",
        }
    }

    /// What the tool calls an order of a pipeline's work: a word of its own, `None` where it is what the tool does
    /// unless told otherwise.
    ///
    /// # Errors
    /// Why it has none.
    fn schedule(self, schedule: Schedule, virtual_stages: u64) -> Result<Option<&'static str>, String> {
        match (self, schedule) {
            (Self::Megatron | Self::Nemo, Schedule::OneForwardOneBackward) => Ok(None),
            (Self::Megatron | Self::Nemo, Schedule::GPipe) => Err(
                "a schedule of all forward passes before the backward ones: one forward, one backward is what runs"
                    .to_owned(),
            ),
            (Self::Torchtitan, Schedule::OneForwardOneBackward) if virtual_stages > 1 => {
                Ok(Some("Interleaved1F1B"))
            }
            (Self::Torchtitan, Schedule::OneForwardOneBackward) => Ok(Some("1F1B")),
            (Self::Torchtitan, Schedule::GPipe) if virtual_stages > 1 => {
                Err("all forward passes before the backward ones where stages hold several pieces".to_owned())
            }
            (Self::Torchtitan, Schedule::GPipe) => Ok(Some("GPipe")),
            (Self::Torchtitan, Schedule::ZeroBubbleV) => Ok(Some("ZBVZeroBubble")),
            (Self::Torchtitan, Schedule::DualPipe) => Err(
                "DualPipe with two copies of the model: the tool has DualPipeV, whose stages hold one".to_owned(),
            ),
            (_, Schedule::ZeroBubbleH1 | Schedule::ZeroBubbleV | Schedule::DualPipe) => {
                Err(format!("the schedule {}: one forward, one backward is what runs", schedule.word()))
            }
        }
    }
}

/// What launches one phase of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Launch {
    /// Name of the run.
    pub run: String,
    /// Name of the phase; `whole` where there is only one.
    pub phase: String,
    /// What trains.
    pub tool: Tool,
    /// Release of the tool whose settings these are.
    pub release: &'static str,
    /// Accelerators, which the launcher and not the tool is told.
    pub accelerators: u64,
    /// The settings in the tool's own names.
    pub arguments: Vec<Setting>,
    /// The same in the tool's form, with comments.
    pub text: String,
    /// What the tool has no setting for, a sentence each.
    pub not_expressed: Vec<String>,
}

/// What is to be launched.
#[derive(Clone, Copy)]
struct Job<'a> {
    shape: &'a Shape,
    layout: &'a Layout,
    precision: Precision,
    framework: &'a Framework,
}

/// Settings of a tool and what it has none for.
#[derive(Default)]
struct Settings {
    all: Vec<Setting>,
    not_expressed: Vec<String>,
}

impl Settings {
    fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.all.push(Setting { name: name.into(), value: value.into() });
    }

    /// A setting that is on or not there.
    fn switch(&mut self, name: impl Into<String>, on: bool) {
        if on {
            self.set(name, true);
        }
    }

    fn lacks(&mut self, what: impl Into<String>) {
        self.not_expressed.push(what.into());
    }
}

/// What launches each phase of each run, in their order.
pub fn launches(plan: &Plan, tool: Tool) -> Vec<Launch> {
    let runs = plan.training.iter().flat_map(|run| run.phases.iter().map(move |phase| (run, phase)));
    let launched = runs.map(|(run, phase)| {
        let job = Job {
            shape: &run.model.shape,
            layout: &phase.layout,
            precision: run.precision,
            framework: &run.framework,
        };
        let settings = match tool {
            Tool::Megatron => megatron::settings(&job),
            Tool::Torchtitan => torchtitan::settings(&job),
            Tool::Nemo => nemo::settings(&job),
        };
        let heading = heading(tool, &run.name, &phase.name, job.layout, &settings);
        let text = match tool {
            Tool::Megatron => megatron::text(&heading, &run.name, &phase.name, &settings.all),
            Tool::Torchtitan => torchtitan::text(&heading, &settings.all),
            Tool::Nemo => nemo::text(&heading, &run.name, &phase.name, &settings.all),
        };
        Launch {
            run: run.name.clone(),
            phase: phase.name.clone(),
            tool,
            release: tool.release(),
            accelerators: phase.layout.accelerators,
            arguments: settings.all,
            text,
            not_expressed: settings.not_expressed,
        }
    });
    launched.collect()
}

/// Comments above the settings.
fn heading(tool: Tool, run: &str, phase: &str, layout: &Layout, settings: &Settings) -> String {
    let mut lines = vec![
        format!("{run}, phase {phase}: {} accelerators", layout.accelerators),
        format!("settings of {}", tool.release()),
        "data, tokenizer, learning rate, checkpoints and the base of RoPE are not among them".to_owned(),
    ];
    lines.extend(settings.not_expressed.iter().map(|what| format!("not expressed: {what}")));
    lines.iter().map(|line| format!("# {line}\n")).collect()
}

/// What software does that none of these tools is told to do.
fn software(job: &Job<'_>, settings: &mut Settings, every_micro_batch: bool) {
    let framework = job.framework;
    if framework.attention != AttentionKernel::Native {
        settings.lacks("attention kernels of an older generation than the tool's own");
    }
    let summed_often = framework.gradient_sync == GradientSync::EveryMicroBatch;
    if job.layout.micro_batches() > 1 && summed_often != every_micro_batch {
        settings.lacks(if summed_often {
            "gradients that are summed over ranks after every micro-batch, where the tool sums them after the last"
        } else {
            "gradients that are summed over ranks after the last micro-batch, where the tool sums them after each"
        });
    }
    if job.shape.experts.is_some() && framework.expert_kernels == ExpertKernels::Fused {
        settings.lacks("expert kernels whose sizes stay on the device");
    }
}

/// A name for the shell: letters, digits and underscores.
fn variable(run: &str, phase: &str) -> String {
    let name = if phase == "whole" { run.to_owned() } else { format!("{run}_{phase}") };
    let plain = name.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    let plain: String = plain.collect::<String>().to_ascii_uppercase();
    if plain.starts_with(|first: char| first.is_ascii_digit()) { format!("RUN_{plain}") } else { plain }
}
