//! What a history is simulated from: pools, workloads and how they are run, all of it in numbers.

use super::hazard::Hazard;
use super::places::{Level, Structure};
use super::queue::Time;
use super::segment::Checkpoints;

/// Everything that a history needs beside its seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// How long it is.
    pub span: Time,
    /// Servers of one kind at one site.
    pub pools: Vec<Pool>,
    /// What they work for.
    pub workloads: Vec<Workload>,
    /// Teams with a quota.
    pub teams: Vec<Team>,
    /// Why servers and jobs fail.
    pub causes: Vec<Cause>,
    /// How the fleet is kept.
    pub operations: Operations,
    /// How jobs are put in order.
    pub rules: Rules,
    /// Failures that are given and not drawn, in the order of their time.
    pub injected: Vec<Injected>,
}

/// Servers of one kind at one site.
#[derive(Clone, Debug, PartialEq)]
pub struct Pool {
    /// Name for people.
    pub name: String,
    /// Index of its site: an outage of a site takes all of its pools.
    pub site: usize,
    /// How servers are grouped.
    pub structure: Structure,
    /// How they fail.
    pub hazard: Hazard,
    /// Servers that come online, in the order of their time.
    pub deliveries: Vec<Delivery>,
    /// Servers that leave, oldest first: when and how many.
    pub retirements: Vec<(Time, u32)>,
    /// Technicians on duty for a thousand servers; infinite for as many as are needed.
    pub technicians: f64,
    /// Part of its servers that is kept free to replace those that fail.
    pub spares: f64,
    /// Servers that are kept free beside these.
    pub reserved: u32,
}

/// Servers that come online at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// When.
    pub time: Time,
    /// How many.
    pub servers: u32,
    /// Their age then, in seconds.
    pub age: f64,
}

/// A team whose jobs may hold so many accelerators at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// Its name.
    pub name: String,
    /// The most accelerators; [`u64::MAX`] for no limit.
    pub quota: u64,
}

/// What works on a pool.
#[derive(Clone, Debug, PartialEq)]
pub struct Workload {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// Index of its pool.
    pub pool: u16,
    /// The higher goes first.
    pub priority: i32,
    /// Index of its team.
    pub team: Option<u16>,
    /// What kind of work.
    pub kind: Kind,
}

/// A kind of work.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// Many jobs that come from a source and end by themselves.
    Batch,
    /// One job on many servers at once.
    Gang(Gang),
    /// Replicas that answer requests.
    Service(Service),
}

/// One job on many servers that work in step.
#[derive(Clone, Debug, PartialEq)]
pub struct Gang {
    /// When it asks for its servers.
    pub submit: Time,
    /// Its parts, one after the other.
    pub stages: Vec<Stage>,
    /// What it does without some of its servers.
    pub elastic: Elastic,
    /// Its checkpoints.
    pub checkpoints: Checkpoints,
    /// Longer delay until work is safe from an outage that takes more than one server: where checkpoints lie in the
    /// memory of other servers, that of the slower copy.
    pub deep_delay: Time,
    /// From servers to work: scheduling, start of processes, load of the checkpoint, the first steps.
    pub restart: Time,
    /// Mean seconds between interruptions by its software; infinite for none.
    pub software_interval: f64,
    /// Whether it is reinforcement learning, which is counted apart.
    pub reinforcement: bool,
}

/// A part of a gang's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Servers that it wants.
    pub servers: u32,
    /// How long it takes on them without any loss.
    pub work: Time,
}

/// What a gang does without some of its servers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Elastic {
    /// It waits until they are replaced.
    Rigid,
    /// It goes on with at least this part of its servers, as much slower as it has fewer.
    Shrinks {
        /// The part, in `(0, 1]`.
        least: f64,
    },
    /// The last of its servers generate samples and can be missing: an iteration takes
    /// `1 - g + g × wanted / there` of its time, `g` the part of the time in which samples are generated.
    Rollout {
        /// Part of the servers that generate.
        servers: f64,
        /// Part `g` of the time.
        time: f64,
    },
}

/// Replicas that answer requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Accelerators of one.
    pub accelerators: u32,
    /// How many are wanted from when on, in the order of time.
    pub replicas: Vec<(Time, u32)>,
    /// From servers to answers.
    pub start_up: Time,
}

/// Why something fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// Name in paths.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// How often it is the cause, against the others of its kind.
    pub weight: f64,
    /// What fails.
    pub kind: CauseKind,
}

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// A part of a server, which is taken out of use.
    Hardware,
    /// A part of a server that computes wrong and is noticed late.
    Silent,
    /// The software of a job, which is started again where it was.
    Software,
}

/// A domain that fails as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Domain {
    /// Name in paths: `leaf-switch`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// What it takes down.
    pub level: Level,
    /// Mean seconds between failures of one of them; infinite for never.
    pub interval: f64,
    /// Mean seconds until its servers are back.
    pub outage: f64,
}

/// How the fleet is kept. Times are mean values; hands-on repairs, replacements and outages are exponential around
/// theirs, the rest is fixed.
#[derive(Clone, Debug, PartialEq)]
pub struct Operations {
    /// From a failure to its being noticed.
    pub detection: Time,
    /// From that to knowing what to do.
    pub diagnosis: Time,
    /// Part of the failures that a reset mends.
    pub reset_share: f64,
    /// How long that takes.
    pub reset: Time,
    /// Seconds that a technician works on a server.
    pub repair: f64,
    /// Test after a repair.
    pub burn_in: Time,
    /// Part of the repairs that end with another server in the place of the old.
    pub replacement_share: f64,
    /// Seconds until that one is there.
    pub replacement: f64,
    /// So many failures within `lemon_window` have a server replaced; zero for never.
    pub lemon_failures: u32,
    /// The time in which they are counted.
    pub lemon_window: Time,
    /// Until silent corruption is found.
    pub silent_detection: Time,
    /// Time between two maintenances of a server; [`NEVER`](super::queue::NEVER) for none.
    pub maintenance_interval: Time,
    /// How long one takes.
    pub maintenance: Time,
    /// Domains that fail as a whole.
    pub domains: Vec<Domain>,
}

/// How queued jobs pass one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backfill {
    /// They do not.
    None,
    /// A job may pass if it does not delay the first that waits (EASY; Lifka 1995).
    Easy,
    /// A job may pass if it delays none that waits (Mu'alem and Feitelson 2001).
    Conservative,
}

/// How jobs are put in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How they pass one another.
    pub backfill: Backfill,
    /// Whether a job of higher priority takes the servers of lower ones.
    pub preemption: Preemption,
    /// Waiting this long is worth one step of priority; [`NEVER`](super::queue::NEVER) for nothing.
    pub aging: Time,
}

/// Whether a job of higher priority takes the servers of lower ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preemption {
    /// It waits.
    Never,
    /// It takes them, those of the lowest priority first.
    ByPriority,
}

/// A failure that is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Injected {
    /// When.
    pub time: Time,
    /// Index of the pool.
    pub pool: u16,
    /// The first server.
    pub server: u32,
    /// How many servers, from the first on.
    pub servers: u32,
    /// Index of the cause.
    pub cause: u16,
    /// How long they are out of use; nothing where they are repaired as others are.
    pub downtime: Option<Time>,
}

/// A job of a batch workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchJob {
    /// When it asks for its accelerators.
    pub submit: Time,
    /// How many.
    pub accelerators: u32,
    /// How long it runs.
    pub run: Time,
    /// How long it may.
    pub limit: Time,
    /// What has been done of whole stretches of this length is not lost: those between two checkpoints of its own, or the jobs
    /// that follow one another in it. As long as it runs where all is lost.
    pub part: Time,
    /// How many jobs are side by side in it: a server that fails takes only what was on it.
    pub beside: u32,
}
