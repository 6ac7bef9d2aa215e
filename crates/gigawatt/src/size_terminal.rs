//! Deployments of services in the terminal.

use anstyle::Style;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_significant};
use gigawatt_report::grouped;
use gigawatt_report::sizing::{
    ChoiceSummary, DesignSummary, FrontSummary, OutSummary, SizingSummary, WorkerSummary, latency,
};

use crate::arguments::SizeOptions;
use crate::terminal::{columns, printable};

/// Layouts of which it is told why they serve nothing.
const OUT: usize = 6;
/// Points of a front.
const POINTS: usize = 12;

/// Every service that was sized.
pub fn shown(shown: &[SizingSummary], options: &SizeOptions) -> String {
    let all: Vec<String> = shown.iter().map(|one| service(one, options)).collect();
    all.join("\n")
}

fn service(one: &SizingSummary, options: &SizeOptions) -> String {
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}: {}\n", printable(&one.title), question(one));
    if let [choice] = one.choices.as_slice() {
        text.push_str(&format!("on {}\n", chosen(choice)));
    }
    text.push('\n');
    if one.best.is_empty() {
        text.push_str(&format!("{}\n", one.optimality));
        text.push_str(&out(one));
        return text;
    }
    text.push_str(&table(one));
    if let Some(best) = one.best.first() {
        text.push_str("\nbest:\n");
        for worker in &best.workers {
            text.push_str(&format!("  {}: {}\n", role(worker.part), worker.toml));
        }
        text.push_str(&format!(
            "  {} an hour, {} of facility power, {:.0} % of what it could serve in a steady state\n",
            format_quantity(Dimension::Money, best.hour_cost),
            format_quantity(Dimension::Power, best.power),
            100.0 * best.utilisation
        ));
        if let Some(seen) = &best.simulated {
            text.push_str(&format!(
                "  simulated: {} requests at random on {} engines with their share of the load\n",
                grouped(seen.requests),
                grouped(seen.engines)
            ));
        }
    }
    text.push_str(&format!("\n{}\n", one.optimality));
    text.push_str(&out(one));
    if let Some(fronts) = one.fronts.as_ref().filter(|_| options.pareto) {
        text.push_str(&front("prompts and answers together", &fronts.together, one));
        text.push_str(&front("prompts and answers apart", &fronts.apart, one));
    }
    text
}

/// What is asked.
fn question(one: &SizingSummary) -> String {
    let rate = match one.rate {
        Some(rate) => format!("{} requests/s", format_significant(rate)),
        None => "most requests for an accelerator".to_owned(),
    };
    let mut text = format!("{rate}, {} tokens in and {} out", tokens(one.prompt), tokens(one.output));
    let targets: Vec<String> = [("TTFT", one.target_first_token), ("TPOT", one.target_each_token)]
        .into_iter()
        .filter_map(|(name, target)| Some(format!("{name} {}", latency(target?))))
        .collect();
    if !targets.is_empty() {
        text.push_str(&format!(", {} of {} or less", one.target_at, targets.join(" and ")));
    }
    text
}

/// Tokens as a whole number, where it is one.
fn tokens(mean: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length of a context")]
    if mean.fract() == 0.0 { grouped(mean as u64) } else { format!("{mean}") }
}

fn chosen(choice: &ChoiceSummary) -> String {
    format!(
        "{} at {} an hour: weights in {}, cache in {}, {}",
        choice.system,
        format_quantity(Dimension::Money, choice.hour_price),
        choice.weights,
        choice.cache,
        choice.engine
    )
}

fn role(part: &str) -> &'static str {
    match part {
        "prefill" => "prompts",
        "decode" => "answers",
        _ => "replicas",
    }
}

fn table(one: &SizingSummary) -> String {
    let several = one.choices.len() > 1;
    let mut header = vec![""];
    if several {
        header.extend(["system", "weights", "engine"]);
    }
    header.extend(["arrangement", "layout", "accelerators"]);
    if one.rate.is_none() {
        header.push("requests/s");
    }
    header.extend(["USD/M tokens", "kWh/M tokens", "tokens/s", "TTFT", "TPOT", ""]);
    let rows = one.best.iter().enumerate().map(|(place, design)| {
        let choice = &one.choices[design.choice];
        let mut row = vec![(place + 1).to_string()];
        if several {
            row.extend([choice.system.clone(), choice.weights.clone(), choice.engine.to_owned()]);
        }
        row.extend([design.arrangement.to_owned(), layouts(design), grouped(design.accelerators)]);
        if one.rate.is_none() {
            row.push(format_significant(design.rate));
        }
        row.extend([
            format_significant(design.cost_per_million_tokens),
            format_significant(design.energy_per_million_tokens / 3.6e6),
            format!("{:.0}", design.throughput),
            latency(design.first_token),
            latency(design.each_token),
            if design.simulated.is_some() { "" } else { "estimated" }.to_owned(),
        ]);
        row
    });
    let at = one.target_at;
    columns(&header, rows.collect())
        + &format!("tokens/s: output tokens of one accelerator. TTFT, TPOT: {at} over requests\n")
}

/// How many of which layouts: `29 × tensor 2`.
fn layouts(design: &DesignSummary) -> String {
    let of = |worker: &WorkerSummary| {
        let cut = [
            ("tensor", worker.tensor),
            ("data", worker.data),
            ("expert", worker.expert),
            ("pipeline", worker.pipeline),
        ];
        let cut: Vec<String> = cut
            .iter()
            .filter(|(name, one)| *one > 1 || *name == "tensor")
            .map(|(name, one)| format!("{name} {one}"))
            .collect();
        format!("{} × {}", grouped(worker.number), cut.join(" "))
    };
    let all: Vec<String> = design.workers.iter().map(of).collect();
    all.join(" → ")
}

/// Why layouts serve nothing: of whole replicas, or of workers where there are no others; the smallest of each reason
/// first.
fn out(one: &SizingSummary) -> String {
    let whole = one.choices.iter().any(|choice| choice.arrangements != "apart");
    let part = if whole { "whole" } else { "decode" };
    // What does not divide is no surprise, and layouts that miss by as much are told once.
    let mut all: Vec<&OutSummary> = Vec::new();
    for out in one.out.iter().filter(|out| out.part == part && out.is_near()) {
        if !all.iter().any(|told| told.choice == out.choice && told.reason == out.reason) {
            all.push(out);
        }
    }
    let mut text = String::new();
    for out in all.iter().take(OUT) {
        let choice = &one.choices[out.choice];
        let on = if one.choices.len() > 1 {
            format!("{}, {}: ", choice.system, choice.weights)
        } else {
            String::new()
        };
        text.push_str(&format!("out: {on}{}: {}\n", out.layout, out.reason));
    }
    if all.len() > OUT {
        text.push_str(&format!("and {} more, which --json lists\n", grouped((all.len() - OUT) as u64)));
    }
    text
}

fn front(name: &str, points: &[FrontSummary], one: &SizingSummary) -> String {
    if points.is_empty() {
        return String::new();
    }
    let several = one.choices.len() > 1;
    // As many as fit a screen, both ends among them.
    let last = points.len() - 1;
    let wanted = POINTS.min(points.len());
    let mut at: Vec<usize> = (0..wanted).map(|index| index * last / (wanted - 1).max(1)).collect();
    at.dedup();
    let rows = at.into_iter().map(|index| {
        let point = &points[index];
        let mut row = vec![
            format_significant(point.speed),
            format!("{:.0}", point.throughput),
            latency(point.first_token),
            point.sequences.to_string(),
            point.layout.clone(),
        ];
        if let Some(prefill) = &point.prefill {
            row.push(prefill.clone());
        }
        if several {
            let choice = &one.choices[point.choice];
            row.push(format!("{}, {}, {}", choice.system, choice.weights, choice.engine));
        }
        row
    });
    let mut header = vec!["tokens/s of a user", "of an accelerator", "TTFT", "sequences", "layout"];
    if points[0].prefill.is_some() {
        header.push("prompts on");
    }
    if several {
        header.push("on");
    }
    format!(
        "\n{name}: what nothing in the space beats, in the steady state\n{}",
        columns(&header, rows.collect())
    )
}
