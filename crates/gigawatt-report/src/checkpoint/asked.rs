//! What is asked of a job, and the laws' view of it.

use gigawatt_engine::reliability::{
    CheckpointedJob, Interruptions, Machines, Moves, Ranged, ReliabilityFacts, Replicas, Spares, Teams,
};
use serde::Serialize;

use super::count;

/// What is asked of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckpointAsked {
    /// What it is called.
    pub title: String,
    /// The system in the catalogue.
    pub system: String,
    /// Accelerators.
    pub accelerators: u64,
    /// Accelerators of a server whose failures the rate counts.
    pub per_server: f64,
    /// Bytes of its state.
    pub bytes: f64,
    /// Failures of a server per second.
    pub server_rate: Ranged,
    /// Where that is from.
    pub rate_from: String,
    /// Interruptions per second whatever the size.
    pub software_rate: f64,
    /// From an interruption to work, in place of the catalogue's steps.
    pub restart: Option<f64>,
    /// Bytes per second that storage takes, that a server sends to it, that an accelerator puts into memory, that it sends to other servers.
    pub bandwidth: Bandwidths,
    /// How copies in memory lie.
    pub replicas: Replicas,
    /// Who mends servers.
    pub teams: Teams,
    /// Seconds until a failed server is back.
    pub repair: f64,
    /// Spare servers.
    pub spares: Option<SparesAsked>,
    /// Seconds of work between checkpoints, beside the best.
    pub interval: Option<f64>,
}

/// Bytes per second.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bandwidths {
    /// Into storage, of the whole job.
    pub storage: f64,
    /// From one server to storage.
    pub server_link: f64,
    /// From one accelerator into its server's memory.
    pub staging: f64,
    /// From one accelerator to other servers.
    pub network: f64,
}

/// Spare servers as people say them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SparesAsked {
    /// So many.
    Number(u32),
    /// A share of the job's servers, rounded up.
    Share(f64),
}

impl CheckpointAsked {
    /// The job on so many accelerators with a rate of its servers and a restart.
    pub(super) fn job(&self, accelerators: f64, rate: f64, restart: f64) -> CheckpointedJob {
        let servers = self.servers(accelerators);
        let Bandwidths { storage, server_link, staging, network } = self.bandwidth;
        let machines = Machines { accelerators, servers, storage, server_link, staging, network };
        CheckpointedJob {
            interruptions: Interruptions::of(servers, rate, self.software_rate),
            server_rate: rate,
            restart,
            moves: Moves::of(self.bytes, &machines),
            replicas: self.replicas,
        }
    }

    /// Servers of so many accelerators; a smaller job has one that may fail too.
    pub(super) fn servers(&self, accelerators: f64) -> f64 {
        (accelerators / self.per_server).max(1.0)
    }

    /// From an interruption to work, without the load of the state.
    pub(super) fn restart(&self, facts: &ReliabilityFacts) -> Ranged {
        self.restart.map_or_else(|| facts.timeline.restart(0.0), Ranged::certain)
    }

    /// Its spares with a rate of its servers.
    pub(super) fn spares(&self, rate: f64) -> Spares {
        Spares {
            servers: self.servers(count(self.accelerators)),
            rate,
            repair: self.repair,
            teams: self.teams,
        }
    }
}
