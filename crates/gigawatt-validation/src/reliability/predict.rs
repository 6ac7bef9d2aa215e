//! What the laws answer.

use gigawatt_engine::reliability::{
    CheckpointedJob, Count, DAY, Interruptions, Machines, Moves, PER_SERVER, Ranged, Replicas, Spread,
    Strategy, next_cluster, next_share,
};
use gigawatt_plan::distribution::Z90;

use super::known::{Known, LLAMA, RSC_1, STAGING};
use super::metric::{Asked, Bound, Metric};
use super::row::ReliabilityRow;

/// How far the software's rate of another cluster may be off: one rate is published, so this is an assumption, a factor of two in two
/// cases of three.
const SOFTWARE_SPREAD: f64 = 0.7;
/// Bytes per second of an accelerator to other servers, which blocking writes do not need.
const PORT: f64 = 50e9;

/// From what the part of allocated accelerators is.
const ALLOCATION: &str = "the catalogue's assumption on allocation";

/// A prediction in the unit of its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The value with its 80 % interval.
    pub predicted: Ranged,
    /// Whether the published value lies inside; of a bound, whether the interval reaches what it allows.
    pub inside: bool,
    /// Whether the laws were calibrated on the row.
    pub calibrated: bool,
    /// From what.
    pub note: String,
    /// The cause, for the test of shares.
    pub cause: Option<&'static str>,
}

/// A prediction in base units.
struct Found {
    predicted: Ranged,
    calibrated: bool,
    note: String,
}

impl Found {
    fn new(predicted: Ranged, calibrated: bool, note: impl Into<String>) -> Self {
        Self { predicted, calibrated, note: note.into() }
    }
}

/// Predicts a row.
///
/// # Errors
/// Why it is skipped.
pub fn predict(row: &ReliabilityRow, known: &Known<'_>) -> Result<Answer, String> {
    let asked = Asked::of(row)?;
    let found = match &asked.metric {
        Metric::Interruptions(cause) => interruptions(row, known, *cause)?,
        Metric::MeanTime { of_job, parts } => mean_time(row, known, *of_job, *parts)?,
        Metric::ServerRate => {
            let (rate, calibrated, note) = server_rate(row, known, Own::LeftOut)?;
            Found::new(rate, calibrated, note)
        }
        Metric::AcceleratorRate(causes) => accelerator_rate(row, known, causes)?,
        Metric::EffectiveTime => effective_time(row, known)?,
        Metric::Staging(bytes) => staging(row, known, *bytes)?,
        Metric::Share(field) => share(row, known, field)?,
        Metric::Usual(field) => {
            let others = known.others(field, known.cluster(row));
            let next = next_cluster(&others).ok_or("fewer than two other clusters have it")?;
            Found::new(next, false, format!("{} other clusters", others.len()))
        }
        Metric::Allocation => Found::new(known.allocation, false, ALLOCATION),
        Metric::AllocatedTime => {
            let days = row.days.ok_or("how many days were observed is not said")?;
            let times = accelerators(row)? * days * DAY;
            Found::new(known.allocation.map(|share| share * times), false, ALLOCATION)
        }
    };
    let predicted = found.predicted.map(|value| value / asked.unit);
    if ![predicted.value, predicted.low, predicted.high].iter().all(|value| value.is_finite()) {
        return Err("its numbers are too large".to_owned());
    }
    let (above, below) = (row.value >= predicted.low, row.value <= predicted.high);
    Ok(Answer {
        predicted,
        inside: match asked.bound {
            Bound::Exact => above && below,
            Bound::Upper => above,
            Bound::Lower => below,
        },
        calibrated: found.calibrated,
        note: found.note,
        cause: match asked.metric {
            Metric::Interruptions(cause) => cause,
            _ => None,
        },
    })
}

/// Whether a cluster's own rate may be used.
#[derive(Clone, Copy, PartialEq)]
enum Own {
    Used,
    LeftOut,
}

/// A value with a relative standard deviation, as a lognormal one.
fn around(value: f64, relative: f64) -> Ranged {
    let half = libm::exp(Z90 * relative);
    Ranged { value, low: value / half, high: value * half }
}

/// The rate of a row's servers, whether the row calibrated it, and what it is from.
fn server_rate(row: &ReliabilityRow, known: &Known<'_>, own: Own) -> Result<(Ranged, bool, String), String> {
    let facts = &known.facts;
    let id = known.cluster(row);
    let calibrated = id == Some(LLAMA);
    if let Some(cluster) = id.and_then(|id| facts.cluster(id)).filter(|_| calibrated || own == Own::Used) {
        let sampling = 1.0 / cluster.failures().max(1.0);
        let relative = (sampling + facts.rate_variation * facts.rate_variation).sqrt();
        return Ok((around(cluster.server_rate, relative), calibrated, format!("rate of {}", cluster.title)));
    }
    let rates = facts.rates(id);
    let next = next_cluster(&rates).ok_or("fewer than two other clusters have a rate")?;
    Ok((next, false, format!("rates of {} other clusters", rates.len())))
}

fn accelerators(row: &ReliabilityRow) -> Result<f64, String> {
    row.gpus.ok_or_else(|| "how many accelerators there are is not said".to_owned())
}

fn interruptions(
    row: &ReliabilityRow,
    known: &Known<'_>,
    cause: Option<&'static str>,
) -> Result<Found, String> {
    let facts = &known.facts;
    let all: f64 = facts.causes.iter().map(|(_, count)| count).sum();
    let share = match cause {
        None => 1.0,
        Some(cause) => {
            let found = facts.causes.iter().find(|(name, _)| name == cause);
            found.ok_or_else(|| format!("the catalogue has no cause `{cause}`"))?.1 / all
        }
    };
    let spread = facts.rate_variation;
    if known.is_calibration(row) {
        return Ok(Found::new(Count { mean: share * all, spread }.range(), true, "counts of the same run"));
    }
    let days = row.days.ok_or("how many days were observed is not said")?;
    let (rate, _, note) = server_rate(row, known, Own::Used)?;
    let times = share * days * DAY * accelerators(row)? / PER_SERVER;
    // The doubt of the rate as a coefficient of variation, then the numbers that come of it.
    let doubt = libm::log(rate.high / rate.low) / (2.0 * Z90);
    let variation = libm::expm1(doubt * doubt).min(100.0).sqrt();
    let count = Count { mean: rate.value * times, spread: variation };
    let note = if cause.is_some() { format!("{note}, share of Llama 3's counts") } else { note };
    Ok(Found::new(count.range(), false, note))
}

fn mean_time(
    row: &ReliabilityRow,
    known: &Known<'_>,
    of_job: bool,
    parts: Option<f64>,
) -> Result<Found, String> {
    let facts = &known.facts;
    let number = match parts {
        Some(parts) => parts,
        None => accelerators(row)?,
    };
    let (rate, calibrated, note) = server_rate(row, known, Own::Used)?;
    let servers = number / PER_SERVER;
    // Llama 3's counts hold its software's.
    let with_software = of_job && !calibrated;
    let software = if with_software { facts.software_rate } else { 0.0 };
    let all = Interruptions::of(servers, rate.value, software).rate();
    let far = |hardware: f64, times: f64| {
        let (a, b) = (servers * (hardware - rate.value), software * (times - 1.0));
        (a * a + b * b).sqrt()
    };
    let wide = libm::exp(Z90 * SOFTWARE_SPREAD);
    let (slow, fast) = (all - far(rate.low, 1.0 / wide), all + far(rate.high, wide));
    let small_jobs = with_software && known.cluster(row) == Some(RSC_1);
    let note = match (with_software, parts) {
        (true, _) => format!("{note}; software of RSC-1's small jobs"),
        (false, Some(_)) => format!("{note}; a part as an eighth of a server"),
        (false, None) => note,
    };
    let range = Ranged { value: 1.0 / all, low: 1.0 / fast, high: 1.0 / slow.max(f64::MIN_POSITIVE) };
    Ok(Found::new(range, calibrated || small_jobs, note))
}

fn accelerator_rate(
    row: &ReliabilityRow,
    known: &Known<'_>,
    causes: &[&'static str],
) -> Result<Found, String> {
    let facts = &known.facts;
    let counted = |wanted: &dyn Fn(&str) -> bool| -> f64 {
        facts.causes.iter().filter(|(name, _)| wanted(name)).map(|(_, count)| count).sum()
    };
    let all = counted(&|_| true);
    let share = if causes.is_empty() { 1.0 } else { counted(&|name| causes.contains(&name)) / all };
    let (rate, calibrated, note) = server_rate(row, known, Own::Used)?;
    let scaled = rate.map(|rate| share * rate / PER_SERVER);
    let note = if causes.is_empty() { note } else { format!("{note}, share of Llama 3's counts") };
    Ok(Found::new(scaled, calibrated, note))
}

/// Effective time with blocking writes at their best interval, the state of Llama 3.1 405B, and never a spare missing.
fn effective_time(row: &ReliabilityRow, known: &Known<'_>) -> Result<Found, String> {
    let facts = &known.facts;
    let number = accelerators(row)?;
    let servers = number / PER_SERVER;
    let (mut rate, calibrated, mut note) = server_rate(row, known, Own::Used)?;
    if calibrated {
        // Planned interruptions cost a restart too.
        let count = |field: &str| known.fact(LLAMA, field).unwrap_or(0.0);
        let times = 1.0 + count("planned") / count("unexpected").max(1.0);
        rate = rate.map(|rate| times * rate);
        note.push_str(", planned interruptions too");
    }
    let software = if calibrated { 0.0 } else { facts.software_rate };
    let machines = Machines {
        accelerators: number,
        servers: servers.max(1.0),
        storage: facts.storage.value,
        server_link: facts.server_link.value,
        staging: facts.staging.value,
        network: PORT,
    };
    let moves = Moves::of(known.state, &machines);
    let replicas = Replicas {
        copies: 1,
        spread: Spread::SameDomain,
        domain: 1.0,
        domain_failures: facts.domain_failures.value,
    };
    let of = |rate: f64, restart: f64| {
        let interruptions = Interruptions::of(servers, rate, software);
        CheckpointedJob { interruptions, server_rate: rate, restart, moves, replicas }
            .best(Strategy::Blocking)
            .shares
            .work
    };
    let restart = facts.timeline.restart(0.0);
    let value = of(rate.value, restart.value);
    let far = |rate_end: f64, restart_end: f64| {
        let (a, b) = (of(rate_end, restart.value) - value, of(rate.value, restart_end) - value);
        (a * a + b * b).sqrt()
    };
    let range = Ranged {
        value,
        low: (value - far(rate.high, restart.high)).max(0.0),
        high: (value + far(rate.low, restart.low)).min(1.0),
    };
    let minutes = restart.value / 60.0;
    let note = format!(
        "{note}; restart {minutes:.1} min and load, blocking writes of Llama 3.1 405B's state at 2 TB/s"
    );
    Ok(Found::new(range, calibrated, note))
}

fn staging(row: &ReliabilityRow, known: &Known<'_>, bytes: f64) -> Result<Found, String> {
    let number = accelerators(row)?;
    let rate = known.facts.staging;
    let seconds = |rate: f64| bytes / number / rate;
    let range = Ranged { value: seconds(rate.value), low: seconds(rate.high), high: seconds(rate.low) };
    let calibrated = known.cluster(row) == Some(STAGING);
    Ok(Found::new(range, calibrated, "the one published rate of staging, with the catalogue's range"))
}

fn share(row: &ReliabilityRow, known: &Known<'_>, field: &str) -> Result<Found, String> {
    let others = known.others(field, known.cluster(row));
    let next = next_share(&others).ok_or("fewer than two other clusters have this share")?;
    Ok(Found::new(next, false, format!("shares of {} other clusters", others.len())))
}
