//! Training runs in the terminal.

use anstyle::Style;
use gigawatt_engine::training::memory::Memory;
use gigawatt_engine::training::sizing::Sized;
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::quantity::{Dimension, Duration, format_quantity, format_range};
use gigawatt_report::training::{PhaseSummary, RunSummary};
use gigawatt_report::{Summary, Value, grouped};

use crate::arguments::TrainOptions;
use crate::commands::{Scaling, Shown};
use crate::terminal::{columns, printable, title};

/// Parts of a step in words, by their names in JSON.
pub const PART_NAMES: [(&str, &str); 8] = [
    ("matrices", "matrices"),
    ("attention", "attention"),
    ("memory", "memory-bound work and optimiser"),
    ("again", "computed again"),
    ("layers", "tensor, context and expert communication"),
    ("pipeline", "pipeline: waiting and messages"),
    ("data", "data-parallel communication"),
    ("waiting", "host and slowest rank"),
];

/// Bytes of a gigabyte.
const GIGABYTE: f64 = 1e9;
/// Parts of memory that are less than this in every phase are not shown.
const SHOWN_BYTES: f64 = 1e8;

/// What a run takes, in the order in which it is told.
const RESULTS: [&str; 12] = [
    "compute",
    "step_time",
    "tokens_per_second",
    "rate",
    "model_rate",
    "model_flops_utilisation",
    "duration",
    "gpu_hours",
    "energy",
    "cost",
    "end",
    "extra_work_implied",
];

/// Every run that is shown.
pub fn runs(plan: &Plan, summary: &Summary, shown: &[Shown], options: &TrainOptions) -> String {
    let mut text =
        if options.scenario.is_some() { title(summary).trim_end().to_owned() } else { String::new() };
    if !text.is_empty() {
        text.push('\n');
    }
    for one in shown {
        text.push_str(&heading(&one.run));
        text.push_str(&steps(&one.run));
        text.push_str(&takes(plan, &one.run));
        text.push_str(&sizes(plan, one, options));
    }
    text
}

fn heading(run: &RunSummary) -> String {
    let bold = Style::new().bold();
    let count = |number: f64| format_quantity(Dimension::Count, number);
    let size = if run.parameters > run.active_parameters * 1.0001 {
        format!("{} parameters, {} active", count(run.parameters), count(run.active_parameters))
    } else {
        format!("{} parameters", count(run.parameters))
    };
    format!(
        "\n{bold}{}{bold:#}\n{size}, on {} in {} with {}\n",
        printable(&run.title),
        run.system,
        run.precision,
        run.framework
    )
}

/// The step of every phase: what it is made of, and what that comes to.
fn steps(run: &RunSummary) -> String {
    let mut header = vec!["a step, reference case".to_owned()];
    header.extend(
        run.phases.iter().map(
            |phase| {
                if run.phases.len() > 1 { printable(&phase.title) } else { String::new() }
            },
        ),
    );
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let row = |name: &str, cell: &dyn Fn(&PhaseSummary) -> String| -> Vec<String> {
        std::iter::once(name.to_owned()).chain(run.phases.iter().map(cell)).collect()
    };
    let rate = |value: f64| format_quantity(Dimension::ComputeRate, value);
    let share = |value: f64| format_quantity(Dimension::Ratio, value);
    let mut rows = vec![
        row("accelerators", &|phase| grouped(phase.accelerators)),
        row("tensor × context × pipeline × data", &|phase| {
            phase.parallelism.map(|ranks| ranks.to_string()).join(" × ")
        }),
        row("sequences of tokens", &|phase| {
            format!("{} of {}", grouped(phase.batch_sequences), grouped(phase.sequence))
        }),
    ];
    for (key, name) in PART_NAMES {
        let seconds = |phase: &PhaseSummary| phase.step_parts.get(key).copied().unwrap_or(0.0);
        if run.phases.iter().any(|phase| seconds(phase) > 0.0) {
            rows.push(row(&format!("  {name}"), &|phase| {
                format!("{:.3} s  {:>5.1} %", seconds(phase), 100.0 * seconds(phase) / phase.step_time)
            }));
        }
    }
    rows.extend([
        row("time of a step", &|phase| format!("{:.3} s  100.0 %", phase.step_time)),
        row("tokens per second and accelerator", &|phase| format!("{:.0}", phase.tokens_per_second)),
        row("rate of an accelerator, 6ND", &|phase| rate(phase.rate)),
        row("rate of an accelerator with attention", &|phase| rate(phase.model_rate)),
        row("  over whole sequences, without its mask", &|phase| rate(phase.uncausal_rate)),
        row("model FLOPs utilisation (MFU)", &|phase| share(phase.model_flops_utilisation)),
        row("hardware FLOPs utilisation (HFU)", &|phase| share(phase.hardware_flops_utilisation)),
    ]);
    if run.peak > run.bf16_peak {
        rows.push(row("the same of the BF16 peak", &|phase| share(phase.model_rate / run.bf16_peak)));
    }
    rows.push(row("memory of the fullest accelerator", &|phase| {
        format!("{:.1} of {:.1} GB", phase.memory_needed / GIGABYTE, phase.memory_available / GIGABYTE)
    }));
    for part in Memory::PARTS {
        let bytes = |phase: &PhaseSummary| phase.memory_parts.get(part).copied().unwrap_or(0.0);
        if run.phases.iter().any(|phase| bytes(phase) >= SHOWN_BYTES) {
            rows.push(row(&format!("  {part}"), &|phase| format!("{:.1} GB", bytes(phase) / GIGABYTE)));
        }
    }
    let mut text = columns(&header, rows)
        + &format!(
            "6ND: 6 for each active parameter and token. MFU: forward and backward with attention over the tokens before, over the\ndense {} peak of {}; HFU counts what is computed again too. Memory: of the stage\nthat needs most, blocks that the allocator gives back left out\n",
            run.precision.to_uppercase(),
            rate(run.peak)
        );
    for phase in &run.phases {
        for fault in &phase.faults {
            text.push_str(&format!("cannot run: {}: {fault}\n", printable(&phase.title)));
        }
    }
    text
}

/// What the run takes, over the draws.
fn takes(plan: &Plan, run: &RunSummary) -> String {
    let rows = RESULTS.iter().filter_map(|name| {
        let result = run.results.get(*name)?;
        let Value { p10: Some(low), p50: Some(middle), p90: Some(high), .. } = result.value else {
            return None;
        };
        let (shown, range) = if *name == "end" {
            let range = if low == high {
                String::new()
            } else {
                format!("{} – {}", day_of(plan, low), day_of(plan, high))
            };
            (day_of(plan, middle), range)
        } else {
            let dimension = result.dimension;
            (format_quantity(dimension, middle), format_range(dimension, low, high))
        };
        let title = if *name == "end" { "end".to_owned() } else { result.title.clone() };
        Some(vec![title, shown, range])
    });
    format!("\n{}", columns(&["the run", "p50", "p10 – p90"], rows.collect()))
}

/// Accelerators by phase, where phases differ.
fn by_phase(phases: &[u64]) -> String {
    if phases.windows(2).all(|pair| pair[0] == pair[1]) {
        return String::new();
    }
    let each: Vec<String> = phases.iter().map(|count| grouped(*count)).collect();
    format!(" (by phase {})", each.join(" · "))
}

/// Sizes that were asked for, in the reference case.
fn sizes(plan: &Plan, shown: &Shown, options: &TrainOptions) -> String {
    let mut text = String::new();
    let mut tell = |asked: String, found: &Option<Sized>, nothing: &str| {
        text.push('\n');
        text.push_str(&match found {
            Some(sized) => format!(
                "{asked}: {} accelerators{}, {} until {}, {} accelerator-hours, {}\n",
                grouped(sized.accelerators),
                by_phase(&sized.phases),
                format_quantity(Dimension::Duration, sized.duration),
                day_of(plan, sized.end),
                format_quantity(Dimension::Count, sized.hours),
                format_quantity(Dimension::Money, sized.cost)
            ),
            None => format!("{asked}: {nothing}\n"),
        });
    };
    if let (Some(found), Some(day)) = (&shown.for_date, options.for_date) {
        tell(format!("to end by {day}"), found, "no number of data-parallel ranks is enough");
    }
    if let (Some(found), Some(money)) = (&shown.for_budget, options.budget) {
        let asked = format!("for {}", format_quantity(Dimension::Money, money));
        tell(asked, found, "its tokens cost more on any number of accelerators");
    }
    if !text.is_empty() {
        text.push_str("reference case, layout as it is but for the data-parallel ranks\n");
    }
    text
}

/// What scaling laws have best.
pub fn scaling(scaling: &Scaling) -> String {
    let count = |number: f64| format_quantity(Dimension::Count, number);
    let rows = scaling.best.iter().map(|(law, best, loss)| {
        vec![(*law).to_owned(), count(best.parameters), count(best.tokens), format!("{loss:.3}")]
    });
    let bold = Style::new().bold();
    format!(
        "\n{bold}Best for {}, training alone{bold:#}\n{}loss in nat a token after the first law; the printed law of Llama 3 has two figures, and its paper names more tokens\nthan it gives\n",
        format_quantity(Dimension::Compute, scaling.compute),
        columns(&["law", "parameters", "tokens", "loss"], rows.collect())
    )
}

/// The day on which a time from the start of the plan ends.
pub fn day_of(plan: &Plan, seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to some centuries")]
    let days = (seconds / Duration::DAY).clamp(-1e5, 1e5).floor() as i32;
    Moment(plan.period.start.0.saturating_add(days)).day().to_string()
}
