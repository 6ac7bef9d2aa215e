//! Layouts of training runs in the terminal.

use anstyle::Style;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use gigawatt_report::grouped;
use gigawatt_report::tune::{LayoutSummary, TuningSummary};

use crate::arguments::{Objective, TuneOptions};
use crate::commands::{Tuned, best_by};
use crate::terminal::{columns, printable};
use crate::train_terminal::PART_NAMES;

/// Bytes of a gigabyte.
const GIGABYTE: f64 = 1e9;

/// Every phase that was laid out.
pub fn shown(shown: &[Tuned], options: &TuneOptions) -> String {
    let mut text = String::new();
    for one in shown {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&phase(one, options));
    }
    text
}

fn phase(shown: &Tuned, options: &TuneOptions) -> String {
    let tuning = &shown.tuning;
    let bold = Style::new().bold();
    let mut text = format!(
        "{bold}{}{bold:#}, {}: {} accelerators of {}, {} sequences of {} tokens a step\n\n",
        printable(&tuning.run_title),
        printable(&tuning.phase_title),
        grouped(tuning.accelerators),
        tuning.system,
        grouped(tuning.batch_sequences),
        grouped(tuning.sequence)
    );
    let Some(best) = tuning.best.first() else {
        text.push_str("no layout of the space can be run\n");
        text.push_str(&counted(tuning));
        text.push_str(&faults(tuning));
        return text;
    };
    text.push_str(&table(tuning));
    let switches: String = best.switches.iter().map(|switch| format!(", {switch}")).collect();
    text.push_str(&format!("\nbest: {}{switches}\n", best.toml));
    if let Some(gain) = tuning.gain() {
        text.push_str(&if gain > 0.0005 {
            format!("{:.1} % less time a step than as planned\n", 100.0 * gain)
        } else if gain < -0.0005 {
            format!("{:.1} % more time a step than as planned, which is not in the space\n", -100.0 * gain)
        } else {
            "as fast as planned\n".to_owned()
        });
    }
    text.push_str(&faults(tuning));
    text.push_str(&counted(tuning));
    if let Some(why) = &shown.why {
        text.push_str(&compared(best, why));
    }
    if tuning.frontier.len() > 1 {
        text.push_str(&frontier(tuning, options.by));
    }
    text
}

fn faults(tuning: &TuningSummary) -> String {
    tuning.planned_faults.iter().map(|fault| format!("as planned it cannot run: {fault}\n")).collect()
}

/// The dimensions that differ between some layouts, or that are not as usual.
const COLUMNS: [(&str, &str); 13] = [
    ("tensor", "tensor"),
    ("context", "context"),
    ("expert", "expert"),
    ("expert_tensor", "exp. tensor"),
    ("pipeline", "pipeline"),
    ("virtual_stages", "pieces"),
    ("micro_batch", "micro"),
    ("schedule", "schedule"),
    ("recompute", "again"),
    ("sharding", "sharding"),
    ("rank_order", "inner ranks"),
    ("offload", "on the host"),
    ("context_exchange", "keys by"),
];

fn table(tuning: &TuningSummary) -> String {
    let planned = tuning.planned.iter().map(|one| ("planned".to_owned(), one));
    let ranked = tuning.best.iter().enumerate().map(|(place, one)| ((place + 1).to_string(), one));
    let rows: Vec<(String, &LayoutSummary)> = planned.chain(ranked).collect();
    let used: Vec<(&str, &str)> = COLUMNS
        .into_iter()
        .filter(|(name, _)| {
            let first = cell(rows[0].1, name);
            matches!(*name, "tensor" | "pipeline" | "micro_batch" | "recompute")
                || rows.iter().any(|(_, one)| cell(one, name) != first)
                || !matches!(first.as_str(), "1" | "" | "1F1B")
        })
        .collect();
    let mut header = vec![""];
    header.extend(used.iter().map(|(_, title)| *title));
    header.extend(["data", "step", "tokens/s", "MFU", "memory"]);
    let rows = rows
        .into_iter()
        .map(|(place, one)| {
            let mut row = vec![place];
            row.extend(used.iter().map(|(name, _)| cell(one, name)));
            row.extend([
                one.data.to_string(),
                format_quantity(Dimension::Duration, one.step_time),
                format!("{:.0}", one.tokens_per_second),
                format!("{:.1} %", 100.0 * one.model_flops_utilisation),
                format!("{:.0} GB", one.memory_needed / GIGABYTE),
            ]);
            row
        })
        .collect();
    columns(&header, rows)
        + &format!(
            "tokens/s: of one accelerator. memory: of the fullest accelerator, which has {:.1} GB\n",
            tuning.memory_available / GIGABYTE
        )
}

/// A dimension of a layout, short.
fn cell(one: &LayoutSummary, name: &str) -> String {
    let field = |name: &str| one.layout.get(name);
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match name {
        "recompute" => match (field("recompute_layers"), field("recompute")) {
            (Some(layers), _) => format!("{layers} layers"),
            (None, Some(word)) => text(word),
            (None, None) => "–".to_owned(),
        },
        "sharding" => {
            let group = field("sharding_group").map(|group| format!(" / {group}")).unwrap_or_default();
            field("sharding").map_or("optimizer".to_owned(), text) + &group
        }
        "schedule" => field("schedule").map_or("1F1B".to_owned(), text),
        "offload" => field("offload").map_or(String::new(), text),
        "rank_order" => match field("rank_order") {
            Some(_) => "pipeline".to_owned(),
            None => "data".to_owned(),
        },
        "context_exchange" => match field("context") {
            Some(_) => field("context_exchange").map_or("ring".to_owned(), text),
            None => String::new(),
        },
        _ => field(name).map_or("1".to_owned(), text),
    }
}

/// What became of the layouts of the space.
fn counted(tuning: &TuningSummary) -> String {
    format!("{}\n", tuning.optimality)
}

/// Why a layout that a user named is not the best.
fn compared(best: &LayoutSummary, why: &TuningSummary) -> String {
    let Some(named) = why.best.first() else {
        return format!("\nwhy not that one: none of its layouts can be run\n{}", counted(why));
    };
    let mut rows = vec![vec![
        "step".to_owned(),
        format!("{:.3} s", best.step_time),
        format!("{:.3} s", named.step_time),
        format!("{:+.3} s", named.step_time - best.step_time),
    ]];
    for (key, name) in PART_NAMES {
        let of = |one: &LayoutSummary| one.step_parts.get(key).copied().unwrap_or(0.0);
        let (best, named) = (of(best), of(named));
        if best > 0.0 || named > 0.0 {
            let difference = format!("{:+.3} s", named - best);
            rows.push(vec![format!("  {name}"), format!("{best:.3} s"), format!("{named:.3} s"), difference]);
        }
    }
    rows.push(vec![
        "memory".to_owned(),
        format!("{:.1} GB", best.memory_needed / GIGABYTE),
        format!("{:.1} GB", named.memory_needed / GIGABYTE),
        String::new(),
    ]);
    format!(
        "\nwhy not that one: its best is {}{}\n{}",
        named.toml,
        if named.step_time < best.step_time { ", which is faster and not in the space" } else { "" },
        columns(&["", "best", "that one", "difference"], rows)
    )
}

/// Days against accelerators.
fn frontier(tuning: &TuningSummary, by: Objective) -> String {
    let chosen = best_by(&tuning.frontier, by);
    let rows = tuning.frontier.iter().map(|one| {
        let mark = if chosen.is_some_and(|chosen| chosen == one) { "best" } else { "" };
        vec![
            grouped(one.accelerators),
            format_quantity(Dimension::Duration, one.duration),
            format_quantity(Dimension::Count, one.gpu_hours),
            format_quantity(Dimension::Money, one.cost),
            format_quantity(Dimension::Energy, one.energy),
            format!("{:.1} %", 100.0 * one.model_flops_utilisation),
            mark.to_owned(),
            one.toml.clone(),
        ]
    });
    let word = match by {
        Objective::Time => "time",
        Objective::Cost => "cost",
        Objective::Energy => "energy",
    };
    format!(
        "\nthe fastest on other numbers of accelerators, best by {word}\n{}",
        columns(
            &["accelerators", "duration", "hours", "cost", "energy", "MFU", "", "layout"],
            rows.collect()
        )
    )
}
