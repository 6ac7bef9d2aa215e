//! The fleet in operation: how it breaks, how it is mended, and how work is given to it.

use serde::{Deserialize, Serialize};

use super::{Input, Workload};
use crate::period::Period;
use crate::quantity::{Bandwidth, Bytes, Count, Duration, Ratio};

/// A fleet whose failures, repairs and jobs are simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetPlan {
    /// What is simulated; inside the plan's period.
    pub period: Period,
    /// Histories, each with random streams of its own; at least one.
    pub histories: u32,
    /// Seed of these streams.
    pub seed: u64,
    /// How servers fail, are mended and are maintained.
    pub operations: OperationsPlan,
    /// What failures are caused by; at least one.
    pub causes: Vec<Cause>,
    /// The servers of each system of the plan, in their order.
    pub servers: Vec<ServerPlan>,
    /// Which jobs may start before others that have waited longer.
    pub backfill: Backfill,
    /// Whether jobs of lower priority make room for those of higher.
    pub preemption: bool,
    /// How training jobs write checkpoints.
    pub checkpoint: Checkpoint,
    /// How often they do.
    pub interval: CheckpointInterval,
    /// Training runs of the plan that stand at a site.
    pub training: Vec<FleetRun>,
    /// What else runs.
    pub workloads: Vec<Workload>,
    /// Part of the accelerators to which no run and no workload is given that do work which is not described; all unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undescribed: Option<Input<Ratio>>,
}

/// How a fleet breaks and is kept running. What is said of a server is of one with 8 accelerators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OperationsPlan {
    /// Id in the catalogue.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// Mean time between failures of a server by hardware and host.
    pub server_interval: Input<Duration>,
    /// Squared coefficient of variation of the failure rate over servers.
    pub frailty: Input<Ratio>,
    /// Failures of a server's first year beyond those of the constant rate, over those.
    pub infant_failures: Input<Ratio>,
    /// Shape of the Weibull law of early failures, below 1.
    pub infant_shape: Input<Ratio>,
    /// Shape of the Weibull law of wear, above 1.
    pub wear_shape: Input<Ratio>,
    /// Scale of the Weibull law of wear.
    pub wear_life: Input<Duration>,
    /// Part of a server's failures that corrupt results and stop nothing.
    pub silent_share: Input<Ratio>,
    /// Until such a failure is found.
    pub silent_detection: Input<Duration>,
    /// Mean time between interruptions of one large, tended training job by software.
    pub software_interval_training: Input<Duration>,
    /// The same of one job of many small ones.
    pub software_interval_small: Input<Duration>,
    /// Until a failure is noticed.
    pub detection: Input<Duration>,
    /// Until the server at fault is known.
    pub diagnosis: Input<Duration>,
    /// Part of a server's failures that a remote action mends.
    pub remote_share: Input<Ratio>,
    /// How long that takes.
    pub reset: Input<Duration>,
    /// Hands-on time of a technician for another failure.
    pub repair: Input<Duration>,
    /// Tests after a repair.
    pub repair_burn_in: Input<Duration>,
    /// Technicians on duty for 1,000 servers.
    pub technicians: Input<Count>,
    /// Part of repairs that end with the server replaced.
    pub replacement_share: Input<Ratio>,
    /// Until another stands in its place.
    pub replacement: Input<Duration>,
    /// Failures within the window after which a server is taken out and replaced.
    pub lemon_failures: Input<Count>,
    /// The stretch over which they are counted.
    pub lemon_window: Input<Duration>,
    /// A rack's switch: its servers lose the network.
    pub leaf_switch: FaultDomain,
    /// The cooling of a row.
    pub cooling_unit: FaultDomain,
    /// The power of a row.
    pub busway: FaultDomain,
    /// A hall.
    pub hall: FaultDomain,
    /// A site.
    pub site: FaultDomain,
    /// Racks in a row.
    pub racks_per_row: Input<Count>,
    /// Rows in a hall.
    pub rows_per_hall: Input<Count>,
    /// Halls in a building.
    pub halls_per_building: Input<Count>,
    /// How often a server is taken out for maintenance.
    pub maintenance_interval: Input<Duration>,
    /// For how long.
    pub maintenance: Input<Duration>,
    /// Part of a pool's servers that is kept free for those that fail.
    pub spare_share: Input<Ratio>,
    /// Until a job that restarts has its servers.
    pub restart_scheduling: Input<Duration>,
    /// Until its processes and collectives stand.
    pub restart_start_up: Input<Duration>,
    /// What its slow first steps lose.
    pub restart_warm_up: Input<Duration>,
    /// Size of a checkpoint for each parameter.
    pub checkpoint_bytes_per_parameter: Input<Bytes>,
    /// What storage takes from one accelerator of a job.
    pub storage_bandwidth: Input<Bandwidth>,
    /// What one accelerator copies into its host's memory.
    pub host_staging: Input<Bandwidth>,
}

/// Something whose failure takes many servers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultDomain {
    /// Mean time between failures of one.
    pub interval: Input<Duration>,
    /// How long one lasts.
    pub outage: Input<Duration>,
}

/// What a failure is caused by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cause {
    /// Name in paths: `memory`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// How often it was counted; only proportions between causes mean anything.
    pub weight: Input<Count>,
    /// Where it lies.
    pub kind: CauseKind,
}

/// Where the cause of a failure lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CauseKind {
    /// In accelerators or the network between them.
    Hardware,
    /// In the rest of the server, or its upkeep.
    Host,
    /// In no server.
    Software,
}

/// A server of a system: what fails, is mended and is maintained as one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServerPlan {
    /// Accelerators of one; at least one, at most those of its system.
    pub accelerators: u32,
    /// Accelerators of one scale-up domain, where that is known.
    pub scale_up_domain: Option<Input<Count>>,
}

/// A training run of the plan as a job of its fleet.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetRun {
    /// Index of the run.
    pub run: usize,
    /// Index of the site where it stands.
    pub site: usize,
    /// Higher goes first.
    pub priority: i32,
    /// Accelerators that it holds beyond those that it runs on.
    pub spares: Option<Input<Count>>,
    /// The part of its accelerators with which it goes on while others are missing.
    pub elastic: Option<Input<Ratio>>,
}

/// Which jobs may start before others of their priority that have waited longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Backfill {
    /// None: the first that does not fit holds up all behind it.
    None,
    /// Those that do not delay the first that waits.
    Easy,
    /// Those that delay none that waits.
    Conservative,
}

impl Backfill {
    /// All with the words in which they are written; the second is the default.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::None, "none"), (Self::Easy, "easy"), (Self::Conservative, "conservative")];
}

/// How a training job writes a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Checkpoint {
    /// It waits until storage has it.
    Synchronous,
    /// It waits until its hosts' memory has it, from where it goes to storage.
    Asynchronous,
    /// As before, and other hosts keep a copy from which it restarts.
    InMemory,
}

impl Checkpoint {
    /// All with the words in which they are written; the second is the default.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Synchronous, "synchronous"),
        (Self::Asynchronous, "asynchronous"),
        (Self::InMemory, "in-memory"),
    ];
}

/// How often a training job writes a checkpoint.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckpointInterval {
    /// As said.
    Every(Input<Duration>),
    /// Young's first-order rule, `√(2 w M)`, of the time of a write `w` and the mean time between failures `M`.
    Young,
    /// Daly's higher-order rule.
    Daly,
    /// The interval that loses least.
    Optimal,
}

impl CheckpointInterval {
    /// The rules with the words in which they are written.
    pub const RULES: [(Self, &'static str); 3] =
        [(Self::Young, "young"), (Self::Daly, "daly"), (Self::Optimal, "optimal")];
}
