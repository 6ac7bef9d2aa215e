//! From a written layout to one that fits its accelerators.

use crate::catalog::Shape;
use crate::scenario::{LayoutSection, PhaseFields};
use crate::text::{Diagnostic, Span};
use crate::training::written::value;
use crate::training::{
    ContextExchange, Layout, Offload, RankOrder, Recompute, Schedule, SequenceParallel, Sharding,
};

use super::Resolver;

/// Passes of a step that its schedule may have: each is simulated.
const MOST_PASSES: u64 = 500_000;

impl Resolver<'_> {
    /// The layout that fields describe; `None` where it does not fit, which is told. `here` is the run or phase.
    pub(super) fn layout(&mut self, fields: &PhaseFields, shape: &Shape, here: Span) -> Option<Layout> {
        if fields.unreadable {
            return None;
        }
        let Some(sequence) = &fields.sequence else {
            self.diagnostics.push(
                Diagnostic::error(here, "`sequence` is missing: how many tokens a sequence has")
                    .help("write sequence = 8192, here or in the phase"),
            );
            return None;
        };
        if sequence.value > shape.context {
            let message =
                format!("a sequence of {} tokens is longer than the model's context", sequence.value);
            self.diagnostics
                .push(Diagnostic::error(sequence.span, message).help(format!("at most {}", shape.context)));
            return None;
        }
        let accelerators = fields.accelerators.as_ref()?;
        let written = &fields.layout;
        let mut layout = Layout {
            accelerators: accelerators.value,
            sequence_length: sequence.value,
            ..of_written(written)
        };
        let at = written.span.unwrap_or(here);
        let copy = layout.tensor * layout.context * layout.pipeline;
        if !layout.accelerators.is_multiple_of(copy) {
            self.diagnostics.push(
                Diagnostic::error(
                    accelerators.span,
                    format!(
                        "{} accelerators are not a whole number of copies of the model",
                        layout.accelerators
                    ),
                )
                .also(at, "the layout")
                .help(format!(
                    "tensor × context × pipeline is {copy}: take a multiple of it, such as {}",
                    (layout.accelerators / copy).max(1) * copy
                )),
            );
            return None;
        }
        self.check_schedule(&layout, written, at)?;
        self.check_offload(&layout, written, at)?;
        self.check_pieces(&layout, shape, written, at)?;
        layout.global_batch = self.batch(fields, &layout, here)?;
        self.check_micro_batches(&layout, at)?;
        let passes = 2 * layout.pipeline * layout.virtual_stages * layout.micro_batches();
        if passes > MOST_PASSES {
            self.diagnostics.push(
                Diagnostic::error(
                    at,
                    format!("a step of {passes} passes through pieces of a pipeline is too long"),
                )
                .help("use larger micro-batches or more accelerators"),
            );
            return None;
        }
        Some(layout)
    }

    /// Whether the stages and their pieces are those that the schedule is made for.
    fn check_schedule(&mut self, layout: &Layout, written: &LayoutSection, at: Span) -> Option<()> {
        let place = |name: &str| written.numbers.get(name).map_or(at, |number| number.span);
        let Layout { schedule, pipeline, virtual_stages, .. } = *layout;
        let (unit, least) = (schedule.stage_unit(), schedule.least_stages());
        let (span, message, help) = if pipeline < least || !pipeline.is_multiple_of(unit) {
            let above = pipeline.max(least).next_multiple_of(unit);
            let near = match pipeline / unit * unit {
                below if below >= least => format!("{below} or {above}"),
                _ => above.to_string(),
            };
            let message = format!("the schedule {} does not run on {pipeline} stages", schedule.word());
            (place("pipeline"), message, format!("`pipeline` may be {near}"))
        } else if let Some(own) = schedule.virtual_stages().filter(|own| *own != virtual_stages) {
            let message =
                format!("the schedule {} does not run with {virtual_stages} pieces a stage", schedule.word());
            (place("virtual_stages"), message, format!("`virtual_stages` is {own} unless said"))
        } else {
            return Some(());
        };
        self.diagnostics.push(Diagnostic::error(span, message).help(help));
        None
    }

    /// Whether the schedule is one with which activations can be moved to the host.
    fn check_offload(&mut self, layout: &Layout, written: &LayoutSection, at: Span) -> Option<()> {
        let plain = matches!(layout.schedule, Schedule::OneForwardOneBackward | Schedule::GPipe);
        if plain || !layout.offload.activations() {
            return Some(());
        }
        let at = written.words.get("offload").map_or(at, |word| word.span);
        let schedule = layout.schedule.word();
        self.diagnostics.push(
            Diagnostic::error(at, format!("activations on the host do not go with the schedule {schedule}"))
                .help("`schedule` may be one-forward-one-backward or gpipe"),
        );
        None
    }

    /// Whether the micro-batches of a step fill the stages as the schedule needs.
    fn check_micro_batches(&mut self, layout: &Layout, at: Span) -> Option<()> {
        let least = layout.schedule.least_micro_batches(layout.pipeline);
        if layout.micro_batches() >= least {
            return Some(());
        }
        self.diagnostics.push(
            Diagnostic::error(
                at,
                format!(
                    "the schedule {} takes {least} micro-batches or more, and a step has {}",
                    layout.schedule.word(),
                    layout.micro_batches()
                ),
            )
            .help(format!(
                "take a batch of at least {} sequences, or fewer stages",
                least * layout.data() * layout.micro_batch
            )),
        );
        None
    }

    /// Whether layers and experts can be dealt out.
    fn check_pieces(
        &mut self,
        layout: &Layout,
        shape: &Shape,
        written: &LayoutSection,
        at: Span,
    ) -> Option<()> {
        let place = |name: &str| written.numbers.get(name).map_or(at, |number| number.span);
        let pieces = layout.pipeline * layout.virtual_stages;
        // The first piece may hold the embedding alone, the last the loss.
        if pieces > shape.layers + 2 {
            self.diagnostics.push(
                Diagnostic::error(
                    place("pipeline"),
                    format!(
                        "{pieces} pieces of a pipeline are more than the model's {} layers",
                        shape.layers
                    ),
                )
                .help("pipeline × virtual_stages is at most the number of layers, and two for embedding and loss"),
            );
            return None;
        }
        let Some(experts) = shape.experts else {
            if layout.expert * layout.expert_tensor > 1 {
                self.diagnostics.push(
                    Diagnostic::error(place("expert"), "the model has no experts to spread")
                        .help("leave out `expert` and `expert_tensor`"),
                );
                return None;
            }
            return Some(());
        };
        if !experts.routed.is_multiple_of(layout.expert) {
            self.diagnostics.push(
                Diagnostic::error(
                    place("expert"),
                    format!("{} experts cannot be spread evenly over {}", experts.routed, layout.expert),
                )
                .help("take a divisor of the number of experts"),
            );
            return None;
        }
        let group = layout.pipeline * layout.expert * layout.expert_tensor;
        if !layout.accelerators.is_multiple_of(group) {
            self.diagnostics.push(
                Diagnostic::error(
                    place("expert"),
                    format!(
                        "{} accelerators are not a whole number of groups of experts",
                        layout.accelerators
                    ),
                )
                .help(format!("pipeline × expert × expert_tensor is {group}: take a divisor")),
            );
            return None;
        }
        Some(())
    }

    /// Sequences of a step: as said, or the tokens that were said in whole micro-batches on every data-parallel rank.
    fn batch(&mut self, fields: &PhaseFields, layout: &Layout, here: Span) -> Option<u64> {
        // As many from each end of a two-way pipeline.
        let ends = layout.schedule.copies();
        let unit = layout.data() * layout.micro_batch * ends;
        match (&fields.batch_sequences, &fields.batch_tokens) {
            (Some(sequences), _) if sequences.value.is_multiple_of(unit) => Some(sequences.value),
            (Some(sequences), _) => {
                let below = sequences.value / unit * unit;
                let near = if below == 0 {
                    format!("such as {unit}")
                } else {
                    format!("such as {below} or {}", below + unit)
                };
                self.diagnostics.push(
                    Diagnostic::error(
                        sequences.span,
                        format!("{} sequences cannot be shared out evenly", sequences.value),
                    )
                    .help(format!(
                        "{} data-parallel ranks take {} at a time: a multiple of {unit}, {near}",
                        layout.data(),
                        layout.micro_batch * ends
                    )),
                );
                None
            }
            (None, Some(tokens)) => {
                let one = unit.saturating_mul(layout.sequence_length);
                Some((tokens.value.saturating_add(one / 2) / one).max(1) * unit)
            }
            (None, None) => {
                self.diagnostics.push(
                    Diagnostic::error(here, "the batch is missing: how much a step trains on").help(
                        "write batch_sequences = 2048 or batch_tokens = 16_777_216, here or in the phase",
                    ),
                );
                None
            }
        }
    }
}

/// The layout's own fields; batch, sequence and accelerators stand beside it.
fn of_written(written: &LayoutSection) -> Layout {
    let number = |name: &str| written.numbers.get(name).map_or(1, |number| number.value);
    let word = |name: &str| written.words.get(name).map_or("", |word| word.value.as_str());
    let group = written.numbers.get("sharding_group").map_or(u64::MAX, |group| group.value);
    let schedule = Schedule::parse(word("schedule")).unwrap_or(Schedule::OneForwardOneBackward);
    let pieces = schedule.virtual_stages().unwrap_or(1);
    Layout {
        tensor: number("tensor"),
        sequence: match written.sequence_parallel {
            Some(false) => SequenceParallel::Off,
            _ => SequenceParallel::On,
        },
        pipeline: number("pipeline"),
        virtual_stages: written.numbers.get("virtual_stages").map_or(pieces, |number| number.value),
        context: number("context"),
        context_exchange: value(&ContextExchange::WORDS, word("context_exchange"))
            .unwrap_or(Layout::SINGLE.context_exchange),
        expert: number("expert"),
        expert_tensor: number("expert_tensor"),
        sharding: value(&Sharding::WORDS, word("sharding")).unwrap_or(Sharding::Optimizer(group)).over(group),
        micro_batch: number("micro_batch"),
        schedule,
        recompute: match written.numbers.get("recompute_layers") {
            Some(layers) => Recompute::Layers(layers.value),
            None => value(&Recompute::WORDS, word("recompute")).unwrap_or(Recompute::None),
        },
        rank_order: value(&RankOrder::WORDS, word("rank_order")).unwrap_or(Layout::SINGLE.rank_order),
        offload: value(&Offload::WORDS, word("offload")).unwrap_or(Layout::SINGLE.offload),
        ..Layout::SINGLE
    }
}
