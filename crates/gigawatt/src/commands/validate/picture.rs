//! Predictions against measurements as a drawing.

use gigawatt_plan::quantity::format_significant;
use gigawatt_report::scatter::{Pair, Scatter, Series, Sign};
use gigawatt_validation::serving::ServingReport;
use gigawatt_validation::training::{Asked, Laws};
use gigawatt_validation::{Line, Report};

/// Rows that count, by architecture.
pub fn training(rows: &[&Asked], report: &Report, laws: &Laws) -> Scatter {
    let subtitle = match &report.overall {
        Some(overall) => format!(
            "median error {}, nine of ten below {}; {}",
            percent(overall.median_abs_error),
            percent(overall.p90_abs_error),
            runs(rows.len())
        ),
        None => "no row counts".to_owned(),
    };
    let series = [("dense", "dense", Sign::Disc), ("moe", "mixture of experts", Sign::Diamond)];
    Scatter {
        title: "Training steps: predicted against measured".to_owned(),
        subtitle,
        quantity: "tokens per second and accelerator".to_owned(),
        noun: "runs".to_owned(),
        series: series
            .map(|(key, name, sign)| {
                let of = rows.iter().filter(|asked| asked.architecture() == key);
                let pairs: Vec<Pair> = of.map(|asked| pair(asked, laws)).collect();
                let statistics = report.by.get("architecture").and_then(|groups| groups.get(key));
                let error = statistics
                    .map(|of| format!(", median error {}", percent(of.median_abs_error)))
                    .unwrap_or_default();
                Series { name: format!("{name}: {}{error}", runs(pairs.len())), sign, pairs }
            })
            .into(),
    }
}

/// Rows that count, times of each token and to the first one.
pub fn serving(lines: &[Line], report: &ServingReport) -> Scatter {
    let error = |metric: &str| {
        let of = report.overall.get(metric);
        of.map(|of| format!(", median error {}", percent(of.median_abs_error))).unwrap_or_default()
    };
    let kinds = [
        ("tpot", "time of each token", Sign::Disc),
        ("ttft_loaded", "time to the first token", Sign::Diamond),
    ];
    Scatter {
        title: "Serving: predicted against measured".to_owned(),
        subtitle: format!(
            "rows that count; 80 % intervals hold {} of the times of each token",
            report.overall.get("tpot").map_or_else(String::new, |of| percent(of.interval_coverage))
        ),
        quantity: "milliseconds".to_owned(),
        noun: "rows".to_owned(),
        series: kinds
            .map(|(metric, name, sign)| {
                let of = lines.iter().filter(|line| line.scored && line.metric == metric);
                let pairs: Vec<Pair> = of.filter_map(line_pair).collect();
                Series { name: format!("{name}: {} rows{}", pairs.len(), error(metric)), sign, pairs }
            })
            .into(),
    }
}

fn line_pair(line: &Line) -> Option<Pair> {
    let prediction = line.outcome.as_ref().ok()?;
    let says = format!(
        "{}: measured {}, predicted {} ({:+.1} %)",
        line.id,
        format_significant(prediction.measured),
        format_significant(prediction.predicted),
        100.0 * prediction.error()
    );
    Some(Pair { measured: prediction.measured, predicted: prediction.predicted, says })
}

fn pair(asked: &Asked, laws: &Laws) -> Pair {
    let prediction = asked.prediction(laws);
    let says = format!(
        "{}: {} on {} {}, {}; measured {}, predicted {} ({:+.1} %)",
        asked.row.id,
        asked.row.model,
        asked.question.layout.accelerators,
        asked.row.gpu_family,
        asked.row.precision_class,
        format_significant(prediction.measured),
        format_significant(prediction.predicted),
        100.0 * prediction.error()
    );
    Pair { measured: prediction.measured, predicted: prediction.predicted, says }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn runs(number: usize) -> String {
    if number == 1 { "1 run".to_owned() } else { format!("{number} runs") }
}
