//! What the catalogue says of failures, restarts and storage, as the laws take it.

use gigawatt_plan::catalog::{Catalogue, Entry, Kind};

use super::rates::{DAY, Ranged};
use super::repair::Repair;
use super::restart::Timeline;

/// Accelerators of a server whose failures were counted.
pub const PER_SERVER: f64 = 8.0;
/// The owner's operations: restarts, repairs and what checkpoints hold and how fast they are staged.
const OPERATIONS: &str = "hyperscale-ai";
/// What only closed forms assume.
const CLOSED_FORMS: &str = "closed-forms";
/// The cluster whose small jobs show how often software alone interrupts.
const SMALL_JOBS: &str = "rsc-1";
/// The cluster whose storage is published.
const STORAGE: &str = "meta-roce-24k";
/// The run whose interruptions are published by cause.
const CAUSES: &str = "llama3-54-days";

/// A cluster whose failures were published.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Cluster {
    /// Its id in the catalogue.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Failures of one of its servers per second.
    pub server_rate: f64,
    /// Whether they are of all causes, software included.
    pub all_causes: bool,
    /// Accelerators.
    pub accelerators: f64,
    /// Seconds of observation.
    pub observed: f64,
}

impl Cluster {
    /// Failures that its rate was counted from, about.
    pub fn failures(&self) -> f64 {
        self.server_rate * self.accelerators / PER_SERVER * self.observed
    }
}

/// Everything that the laws of this module take from the catalogue, in base units.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct ReliabilityFacts {
    /// Clusters with a rate of their servers, in the order of the catalogue.
    pub clusters: Vec<Cluster>,
    /// Interruptions per second of a job of any size by what is not its servers.
    pub software_rate: f64,
    /// From an interruption to work.
    pub timeline: Timeline,
    /// From the failure of a server to its return.
    pub repair: Repair,
    /// Share of hardware failures that take a whole failure domain.
    pub domain_failures: Ranged,
    /// Standard deviation of a cluster's rate from one period to the next, over the rate.
    pub rate_variation: f64,
    /// Bytes per second that storage takes.
    pub storage: Ranged,
    /// Bytes per second that a server sends to it.
    pub server_link: Ranged,
    /// Bytes per second that an accelerator puts into its server's memory.
    pub staging: Ranged,
    /// Bytes of a checkpoint for each parameter.
    pub bytes_per_parameter: Ranged,
    /// Interruptions by cause, by the catalogue's names without `cause_`.
    pub causes: Vec<(String, f64)>,
}

/// A fact that the catalogue lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingFact(pub String);

impl std::fmt::Display for MissingFact {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the catalogue lacks `{}`", self.0)
    }
}

impl ReliabilityFacts {
    /// Reads a catalogue; of each fact the newest. Restarts, repairs and checkpoints are those of the operations `hyperscale-ai`, with which a
    /// fleet is simulated too.
    ///
    /// # Errors
    /// The first fact that it lacks.
    pub fn of(catalogue: &Catalogue) -> Result<Self, MissingFact> {
        let fact = |kind: Kind, id: &str, field: &str| {
            let found = catalogue.get(kind, id).and_then(|entry| ranged(entry, field));
            found.ok_or_else(|| MissingFact(format!("{}.{id}.{field}", kind.name())))
        };
        let operations = |field: &str| fact(Kind::Operations, OPERATIONS, field);
        let assumed = |field: &str| fact(Kind::Reliability, CLOSED_FORMS, field);
        let (detection, diagnosis) = (operations("detection")?, operations("diagnosis")?);
        Ok(Self {
            clusters: clusters(catalogue),
            software_rate: 1.0 / fact(Kind::Reliability, SMALL_JOBS, "software_interval")?.value,
            timeline: Timeline {
                detection,
                diagnosis,
                scheduling: operations("restart_scheduling")?,
                start_up: operations("restart_start_up")?,
                warm_up: operations("restart_warm_up")?,
            },
            repair: Repair {
                detection,
                diagnosis,
                remote_share: operations("remote_share")?,
                reset: operations("reset")?,
                hands_on: operations("repair")?,
                burn_in: operations("repair_burn_in")?,
                replacement_share: operations("replacement_share")?,
                replacement: operations("replacement")?,
            },
            domain_failures: assumed("domain_failures")?,
            rate_variation: assumed("rate_variation")?.value,
            storage: fact(Kind::Network, STORAGE, "storage_bandwidth")?,
            server_link: assumed("storage_link")?,
            staging: operations("host_staging")?,
            bytes_per_parameter: operations("checkpoint_bytes_per_parameter")?,
            causes: causes(catalogue),
        })
    }

    /// The cluster of an id.
    pub fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.id == id)
    }

    /// The rates of all clusters but one: their geometric mean, from the lowest to the highest. Nothing where there are none.
    pub fn pooled_rate(&self, without: Option<&str>) -> Option<Ranged> {
        let rates = self.rates(without);
        let n = u32::try_from(rates.len()).ok().filter(|n| *n > 0)?;
        let mean = rates.iter().map(|rate| libm::log(*rate)).sum::<f64>() / f64::from(n);
        Some(Ranged {
            value: libm::exp(mean),
            low: rates.iter().copied().fold(f64::INFINITY, f64::min),
            high: rates.iter().copied().fold(0.0, f64::max),
        })
    }

    /// The rates of all clusters but one.
    pub fn rates(&self, without: Option<&str>) -> Vec<f64> {
        let others = self.clusters.iter().filter(|cluster| without != Some(cluster.id.as_str()));
        others.map(|cluster| cluster.server_rate).collect()
    }

    /// Failures in 1,000 server-days, as rates are published.
    pub fn per_thousand_days(rate: f64) -> f64 {
        1000.0 * DAY * rate
    }
}

/// The newest vintage of a fact with its range.
fn ranged(entry: &Entry, field: &str) -> Option<Ranged> {
    let distribution = entry.vintages(field).last()?.written.distribution;
    let (low, high) = distribution.range();
    Some(Ranged { value: distribution.reference(), low, high })
}

fn clusters(catalogue: &Catalogue) -> Vec<Cluster> {
    let of = |id: &str| {
        let entry = catalogue.get(Kind::Reliability, id)?;
        let fact = |field: &str| ranged(entry, field).map(|range| range.value);
        Some(Cluster {
            id: id.to_owned(),
            title: entry.title().to_owned(),
            server_rate: 1.0 / fact("server_interval").filter(|seconds| *seconds > 0.0)?,
            all_causes: fact("unexpected").is_some(),
            accelerators: fact("accelerators")?,
            observed: fact("observed")?,
        })
    };
    catalogue.ids(Kind::Reliability).filter_map(of).collect()
}

fn causes(catalogue: &Catalogue) -> Vec<(String, f64)> {
    let Some(entry) = catalogue.get(Kind::Reliability, CAUSES) else { return Vec::new() };
    let of = |field: &'static str| {
        let name = field.strip_prefix("cause_")?;
        Some((name.to_owned(), ranged(entry, field)?.value))
    };
    entry.fields().filter_map(of).collect()
}
