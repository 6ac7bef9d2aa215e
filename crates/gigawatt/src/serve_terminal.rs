//! A simulated deployment in the terminal.

use anstyle::Style;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_significant};
use gigawatt_report::grouped;
use gigawatt_report::serving::{DistributionSummary, ServeSummary};

use crate::terminal::{columns, printable};

/// How times are called for people.
const METRICS: [(&str, &str); 5] = [
    ("time_to_first_token", "to the first token (TTFT)"),
    ("time_per_output_token", "each output token after it (TPOT)"),
    ("inter_token", "between any two tokens"),
    ("end_to_end", "to the last token"),
    ("waiting", "waiting for the first iteration"),
];

/// Everything, the answer first.
pub fn shown(summary: &ServeSummary) -> String {
    let mut text = heading(summary);
    text.push_str(&answer(summary));
    text.push('\n');
    text.push_str(&latency(summary));
    text.push_str(&figures(summary));
    text.push_str(&warnings(summary));
    text
}

fn heading(summary: &ServeSummary) -> String {
    let bold = Style::new().bold();
    let served = &summary.served;
    let layout = served.layout;
    let mut ways = vec![format!("tensor {}", layout.tensor)];
    let further = [("data", layout.attention_data), ("expert", layout.expert), ("pipeline", layout.pipeline)];
    ways.extend(
        further.into_iter().filter(|(_, ranks)| *ranks > 1).map(|(name, ranks)| format!("{name} {ranks}")),
    );
    let replicas = match served.replicas {
        1 => "1 replica".to_owned(),
        many => format!("{} replicas", grouped(many)),
    };
    let accelerators = match layout.accelerators() {
        1 => "1 accelerator".to_owned(),
        several => format!("{} accelerators ({})", grouped(several), ways.join(", ")),
    };
    format!(
        "{bold}{}{bold:#} on {} with {}: {replicas} of {accelerators}; {}\n{}\n\n",
        printable(&served.title),
        served.system,
        served.engine,
        served.router.replace('-', " "),
        printable(&served.requests)
    )
}

fn answer(summary: &ServeSummary) -> String {
    let requests = &summary.requests;
    let mut parts = vec![format!("{} answered", grouped(requests.done))];
    let refused: u64 = requests.refused.values().sum();
    for (number, what) in [(refused, "refused"), (requests.lost, "lost"), (requests.in_flight, "not ended")] {
        if number > 0 {
            parts.push(format!("{} {what}", grouped(number)));
        }
    }
    let mut text = format!(
        "{} requests in {}: {}\n",
        grouped(requests.offered),
        format_quantity(Dimension::Duration, summary.end),
        parts.join(", ")
    );
    for (reason, number) in &requests.refused {
        text.push_str(&format!("  refused: {} ({reason})\n", grouped(*number)));
    }
    let targets = summary.goodput.targets;
    let wanted: Vec<String> =
        [("TTFT", targets.time_to_first_token), ("TPOT", targets.time_per_output_token)]
            .into_iter()
            .filter_map(|(name, target)| Some(format!("{name} {}", time(target?))))
            .collect();
    if let (false, Some(share)) = (wanted.is_empty(), summary.goodput.share) {
        let rate = summary.goodput.requests_per_second.unwrap_or(0.0);
        text.push_str(&format!(
            "{} within {}: goodput {}\n",
            format_quantity(Dimension::Ratio, share),
            wanted.join(" and "),
            format_quantity(Dimension::RequestRate, rate)
        ));
    }
    text
}

fn latency(summary: &ServeSummary) -> String {
    let row = |(name, words): &(&str, &str)| {
        let one: &DistributionSummary = summary.latency.get(name)?;
        let mean = match one.mean_half_width {
            Some(half) => format!("{} ± {}", time(one.mean), time(half)),
            None => time(one.mean),
        };
        let p99 = match one.p99_half_width {
            Some(half) => format!("{} ± {}", time(one.p99), time(half)),
            None => time(one.p99),
        };
        Some(vec![(*words).to_owned(), mean, time(one.p50), time(one.p90), time(one.p95), p99, time(one.max)])
    };
    let rows: Vec<Vec<String>> = METRICS.iter().filter_map(row).collect();
    if rows.is_empty() {
        return "no request was answered\n".to_owned();
    }
    columns(&["time", "mean", "p50", "p90", "p95", "p99", "longest"], rows)
}

/// A time as people of this field write it: milliseconds below a second.
fn time(seconds: f64) -> String {
    if seconds > 0.0 && seconds < 1.0 {
        return format!("{} ms", format_significant(1e3 * seconds));
    }
    format_quantity(Dimension::Duration, seconds)
}

fn figures(summary: &ServeSummary) -> String {
    let rate = |rate: Option<f64>| rate.map(|rate| format_quantity(Dimension::TokenRate, rate));
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut row = |name: &str, value: Option<String>, note: String| {
        if let Some(value) = value {
            rows.push(vec![name.to_owned(), value, note]);
        }
    };
    let throughput = summary.throughput;
    let each = rate(throughput.output_tokens_per_accelerator)
        .map_or(String::new(), |each| format!("{each} an accelerator"));
    row("output tokens", rate(throughput.output_tokens), each);
    row(
        "prompt tokens",
        rate(throughput.prompt_tokens),
        match summary.cached_share {
            Some(share) if share > 0.0 => {
                format!("{} of them from the prefix cache", format_quantity(Dimension::Ratio, share))
            }
            _ => String::new(),
        },
    );
    let money = |money: Option<f64>| money.map(|money| format!("USD {}", format_significant(money)));
    let costs = summary.costs;
    row(
        "a million output tokens",
        money(costs.million_output_tokens),
        format!("USD {} an accelerator-hour", format_significant(costs.hour_price)),
    );
    row("a million tokens, prompts too", money(costs.million_tokens), String::new());
    let energy = costs
        .energy_per_output_token
        .map_or(String::new(), |energy| format!("{} J an output token", format_significant(energy)));
    row("power of the facility", costs.power.map(|power| format_quantity(Dimension::Power, power)), energy);
    for (index, class) in summary.classes.iter().enumerate() {
        let name = match summary.classes.len() {
            1 => "engines at work".to_owned(),
            _ => format!("engines at work, class {}", index + 1),
        };
        let share = class.utilisation.map(|share| format_quantity(Dimension::Ratio, share));
        row(&name, share, format!("{} iterations", grouped(class.iterations)));
    }
    for memory in &summary.memory {
        row(
            "memory for caches",
            Some(format_quantity(Dimension::Bytes, memory.cache)),
            format!(
                "{} tokens; weights {}",
                grouped(memory.cache_tokens),
                format_quantity(Dimension::Bytes, memory.weights)
            ),
        );
    }
    row("binds iterations", summary.binding.map(str::to_owned), String::new());
    columns(&["", "", ""], rows)
}

fn warnings(summary: &ServeSummary) -> String {
    let mut text = String::new();
    if summary.preemptions > 0 {
        text.push_str(&format!(
            "\nmemory ran out {} times: sequences were thrown out and computed again\n",
            grouped(summary.preemptions)
        ));
    }
    if summary.partial {
        text.push_str("\nstopped before the end: what stands here is of the part until then\n");
    }
    text
}
