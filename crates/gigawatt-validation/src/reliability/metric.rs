//! What a row measures, from the words of its metric and unit.

use gigawatt_plan::quantity::{Dimension, parse_quantity};

use super::row::ReliabilityRow;

/// What a row measures, and how its unit relates to base units.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// What.
    pub metric: Metric,
    /// Base units in one of the row's.
    pub unit: f64,
    /// Whether the published value only bounds it.
    pub bound: Bound,
}

/// Whether a published value is one, or a bound of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// It is the value.
    Exact,
    /// The value is at most that.
    Upper,
    /// The value is at least that.
    Lower,
}

/// What can be predicted.
#[derive(Clone, Debug, PartialEq)]
pub enum Metric {
    /// Unexpected interruptions of a job, of one cause or all.
    Interruptions(Option<&'static str>),
    /// Mean time between failures, in seconds.
    MeanTime {
        /// Of a job, so that its software counts, and not of hardware or a projection of it.
        of_job: bool,
        /// Parts, where the metric says them instead of the row's accelerators.
        parts: Option<f64>,
    },
    /// Failures of a server of eight accelerators per second.
    ServerRate,
    /// Interruptions of one accelerator per second, of some causes or all.
    AcceleratorRate(Vec<&'static str>),
    /// Part of the time in which a job gets on.
    EffectiveTime,
    /// Seconds to stage so many bytes.
    Staging(f64),
    /// A share of jobs or of their time, by the catalogue's field.
    Share(&'static str),
    /// Seconds of waiting or accelerators of a job, which only other clusters tell of, by the catalogue's field.
    Usual(&'static str),
    /// Part of the accelerators that jobs have.
    Allocation,
    /// Accelerator-seconds that jobs had.
    AllocatedTime,
}

/// Words of published causes and the catalogue's names; the first that is found counts.
const CAUSES: [(&str, &str); 24] = [
    ("hbm", "memory"),
    ("sram", "sram"),
    ("system processor", "system_processor"),
    ("gsp", "system_processor"),
    ("thermal", "thermal"),
    ("silent", "silent_corruption"),
    ("sdc", "silent_corruption"),
    ("software", "software"),
    ("network", "network"),
    ("switch", "network"),
    ("cable", "network"),
    ("maintenance", "host_maintenance"),
    ("nccl", "collective_timeout"),
    ("watchdog", "collective_timeout"),
    ("nic", "nic"),
    ("ssd", "ssd"),
    ("power supply", "power_supply"),
    ("chassis", "chassis"),
    ("io expansion", "io_board"),
    ("dependency", "dependency"),
    ("cpu", "cpu"),
    ("system memory", "host_memory"),
    ("host memory", "host_memory"),
    ("gpu", "gpu"),
];

/// What no law here gives, by a word of the metric.
const OUT_OF_SCOPE: [(&str, &str); 7] = [
    ("planned", "people plan interruptions, no law of failures does"),
    ("interruptions total", "holds planned interruptions, which follow from no law of failures"),
    ("manual", "whether people had to act follows from no law of failures"),
    ("speed-up", "over a base that the row does not describe"),
    ("speedup", "over a base that the row does not describe"),
    ("jobs cancelled", "people cancel jobs, no law here does"),
    ("jobs canceled", "people cancel jobs, no law here does"),
];

const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.25 * DAY;

impl Asked {
    /// What a row asks.
    ///
    /// # Errors
    /// Why no law answers.
    pub fn of(row: &ReliabilityRow) -> Result<Self, String> {
        let words = row.metric.to_lowercase();
        let unit = row.unit.to_lowercase();
        if words.is_empty() {
            return Err("`metric` is empty".to_owned());
        }
        let metric = metric(&words, &unit)?;
        let bound = match () {
            () if words.contains("upper bound") || unit.contains("upper bound") => Bound::Upper,
            () if words.contains("lower bound") || unit.contains("lower bound") => Bound::Lower,
            () => Bound::Exact,
        };
        Ok(Self { unit: factor(&metric, &unit)?, metric, bound })
    }
}

fn metric(words: &str, unit: &str) -> Result<Metric, String> {
    let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
    if unit.contains("gpu-year") || unit.contains("gpu-hour") && has(&["interruption", "failure"]) {
        return Ok(Metric::AcceleratorRate(causes_of_sum(words)?));
    }
    if unit.contains("node-day") || unit.contains("server-day") {
        return Ok(Metric::ServerRate);
    }
    if let Some((_, cause)) = words.split_once("interruptions:") {
        return match cause_of(cause) {
            Some(cause) => Ok(Metric::Interruptions(Some(cause))),
            None => Err(format!("no cause `{}` is known", cause.trim())),
        };
    }
    if has(&["mean time", "mtbf", "mttf", "mtti", "time between"]) {
        let hardware = has(&["projected", "hardware", "node", "comps", "scale-normalised", "jmtti"]);
        return Ok(Metric::MeanTime {
            of_job: !hardware && has(&["job", "interruption"]),
            parts: parts(words),
        });
    }
    if has(&["effective training time", "effective time", "goodput", "ettr"]) {
        return Ok(Metric::EffectiveTime);
    }
    if words.contains("unplanned") || words.contains("unexpected interruption") {
        return Ok(Metric::Interruptions(None));
    }
    if words.contains("staging") {
        return bytes(words)
            .map(Metric::Staging)
            .ok_or_else(|| "how many bytes were staged is not said".to_owned());
    }
    if has(&["time in failed"]) {
        return Ok(Metric::Share("failed_time"));
    }
    if has(&["time in cancelled", "time in canceled"]) {
        return Ok(Metric::Share("cancelled_time"));
    }
    if has(&["jobs failed", "failed jobs"]) {
        return Ok(Metric::Share("failed_jobs"));
    }
    if has(&["queue time", "queueing time"]) {
        return Ok(Metric::Usual("queue_time"));
    }
    if has(&["gpus per job"]) {
        return Ok(Metric::Usual("accelerators_per_job"));
    }
    if has(&["cluster utilisation", "cluster utilization"]) {
        return Ok(Metric::Allocation);
    }
    if has(&["gpu-hours", "gpu hours"]) {
        return Ok(Metric::AllocatedTime);
    }
    let reason = OUT_OF_SCOPE.iter().find(|(word, _)| words.contains(word)).map(|(_, reason)| *reason);
    Err(reason.unwrap_or("no law here gives this metric").to_owned())
}

/// Base units in one of the row's.
fn factor(metric: &Metric, unit: &str) -> Result<f64, String> {
    let words: Vec<&str> =
        unit.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let unknown = || Err(format!("its unit `{unit}` is not one of this metric"));
    match metric {
        Metric::Interruptions(_) => {
            if unit.is_empty() || unit.contains("count") || unit == "1" {
                Ok(1.0)
            } else {
                unknown()
            }
        }
        Metric::Usual("accelerators_per_job") => {
            if unit.is_empty() || has(&["gpus", "count", "accelerators"]) { Ok(1.0) } else { unknown() }
        }
        Metric::AllocatedTime => {
            let times = if has(&["million"]) { 1e6 } else { 1.0 };
            if has(&["h", "hours", "gpu"]) || unit.is_empty() { Ok(times * HOUR) } else { unknown() }
        }
        Metric::MeanTime { .. } | Metric::Staging(_) | Metric::Usual(_) => match () {
            () if has(&["h", "hour", "hours"]) => Ok(HOUR),
            () if has(&["min", "minute", "minutes"]) => Ok(60.0),
            () if has(&["s", "sec", "second", "seconds"]) => Ok(1.0),
            () if has(&["ms"]) => Ok(1e-3),
            () if has(&["d", "day", "days"]) => Ok(DAY),
            () => unknown(),
        },
        Metric::ServerRate => {
            let per = if words.contains(&"1000") || unit.contains("1,000") { 1000.0 } else { 1.0 };
            Ok(1.0 / (per * DAY))
        }
        Metric::AcceleratorRate(_) => Ok(if unit.contains("year") { 1.0 / YEAR } else { 1.0 / HOUR }),
        Metric::EffectiveTime | Metric::Share(_) | Metric::Allocation => match () {
            () if unit.contains('%') || has(&["percent"]) => Ok(0.01),
            () if unit.is_empty() || has(&["fraction", "share", "ratio"]) => Ok(1.0),
            () => unknown(),
        },
    }
}

fn cause_of(words: &str) -> Option<&'static str> {
    CAUSES.iter().find(|(word, _)| words.contains(word)).map(|(_, cause)| *cause)
}

/// The causes of `GPU+HBM+SRAM interruptions per GPU-year`; none for all.
fn causes_of_sum(words: &str) -> Result<Vec<&'static str>, String> {
    let named = words.split("interruption").next().unwrap_or_default();
    if !named.contains('+') {
        return Ok(Vec::new());
    }
    let parts = named
        .split('+')
        .map(|part| cause_of(part).ok_or_else(|| format!("no cause `{}` is known", part.trim())));
    parts.collect()
}

/// The number of `10k comps`.
fn parts(words: &str) -> Option<f64> {
    let before = &words[..words.find("comp")?];
    let digits = before.trim_end().trim_end_matches("k").trim_end();
    let thousands = if before.trim_end().ends_with('k') { 1000.0 } else { 1.0 };
    let start =
        digits.rfind(|letter: char| !(letter.is_ascii_digit() || letter == '.')).map_or(0, |at| at + 1);
    let number: f64 = digits.get(start..)?.parse().ok()?;
    (number > 0.0).then_some(thousands * number)
}

/// The bytes of `staging 395.74 GiB`.
fn bytes(words: &str) -> Option<f64> {
    let parts: Vec<&str> = words.split_whitespace().collect();
    let spelled = |unit: &str| match unit {
        "kib" | "mib" | "gib" | "tib" => format!("{}iB", unit[..1].to_uppercase()),
        "kb" | "mb" | "gb" | "tb" => format!("{}B", unit[..1].to_uppercase()),
        _ => unit.to_owned(),
    };
    parts.windows(2).find_map(|pair| {
        pair[0].parse::<f64>().ok()?;
        parse_quantity(Dimension::Bytes, &format!("{} {}", pair[0], spelled(pair[1])))
            .ok()
            .filter(|bytes| *bytes > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(metric: &str, unit: &str) -> Result<Asked, String> {
        Asked::of(&ReliabilityRow {
            number: 2,
            source: String::new(),
            cluster: "a".to_owned(),
            metric: metric.to_owned(),
            unit: unit.to_owned(),
            gpus: None,
            days: None,
            value: 1.0,
        })
    }

    #[test]
    fn metrics_are_known_by_their_words() {
        let of = |metric: &str, unit: &str| asked(metric, unit).unwrap().metric;
        assert_eq!(
            of("unexpected interruptions: GPU HBM3 Memory", "count"),
            Metric::Interruptions(Some("memory"))
        );
        assert_eq!(
            of("unexpected interruptions: GPU System Processor", "count"),
            Metric::Interruptions(Some("system_processor"))
        );
        assert_eq!(
            of("unexpected interruptions: System Memory", "count"),
            Metric::Interruptions(Some("host_memory"))
        );
        assert_eq!(of("unexpected interruptions", "count"), Metric::Interruptions(None));
        assert_eq!(of("job MTTF (measured)", "h"), Metric::MeanTime { of_job: true, parts: None });
        assert_eq!(of("job MTTF (projected)", "h"), Metric::MeanTime { of_job: false, parts: None });
        assert_eq!(
            of("scale-normalised MTBF (10k comps)", "h"),
            Metric::MeanTime { of_job: false, parts: Some(1e4) }
        );
        assert_eq!(of("r_f node failure rate", "per 1000 node-days"), Metric::ServerRate);
        assert_eq!(
            of("GPU+HBM+GSP interruptions per GPU-year", "per GPU-year"),
            Metric::AcceleratorRate(vec!["gpu", "memory", "system_processor"])
        );
        assert_eq!(
            of("all-cause interruptions per GPU-year", "per GPU-year"),
            Metric::AcceleratorRate(vec![])
        );
        let Metric::Staging(bytes) = of("checkpoint staging 395.74 GiB", "s median") else {
            panic!("staging")
        };
        assert!((bytes / 1.073_741_824e9 - 395.74).abs() < 1e-9);
    }

    #[test]
    fn units_and_bounds_are_read() {
        assert_eq!(asked("JMTTI upper bound", "h").unwrap().bound, Bound::Upper);
        let effective = asked("effective training time", "% (lower bound)").unwrap();
        assert_eq!((effective.bound, effective.unit), (Bound::Lower, 0.01));
        assert_eq!(asked("job MTTF", "min").unwrap().unit, 60.0);
        for (metric, unit) in [
            ("job MTTF", "parsecs"),
            ("planned interruptions", "count"),
            ("", ""),
            ("colour", "nm"),
            ("checkpoint staging", "s"),
            ("unexpected interruptions: gremlins", "count"),
        ] {
            assert!(asked(metric, unit).is_err(), "{metric}");
        }
        assert_eq!(parts("mtbf ( comps)"), None);
    }
}
