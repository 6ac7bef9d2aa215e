//! What it takes to write, copy and load the state of a training job.

use gigawatt_plan::catalog::Shape;

use crate::model::parameters;

/// Bytes of a model's checkpoint that keeps so many for each parameter: in mixed precision with Adam 14, the weight in 16 bits, and in 32
/// bits its master copy and two moments. Of the 16 of Rajbhandari et al. 2020 (arXiv 1910.02054, 3.1) the gradient's two are not kept.
#[expect(clippy::cast_precision_loss, reason = "parameters stay below 2^53")]
pub fn state_bytes(shape: &Shape, per_parameter: f64) -> f64 {
    per_parameter * parameters(shape).total as f64
}

/// What moves checkpoints. Bandwidth is in bytes per second.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Machines {
    /// Accelerators of the job.
    pub accelerators: f64,
    /// Its servers.
    pub servers: f64,
    /// What the shared storage takes from the whole job.
    pub storage: f64,
    /// What one server sends to storage.
    pub server_link: f64,
    /// What one accelerator puts into the memory of its server.
    pub staging: f64,
    /// What one accelerator sends to another server.
    pub network: f64,
}

/// Seconds that moving the state takes. The state is cut evenly over all accelerators, as an optimiser that is sharded over data-parallel
/// ranks has it.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Moves {
    /// From host memory, or straight from accelerators, to storage: the slower of the storage and all links to it.
    pub write: f64,
    /// From accelerators to the memory of their servers.
    pub stage: f64,
    /// One more copy in the memory of other servers.
    pub copy: f64,
    /// From storage to accelerators.
    pub load: f64,
    /// From memory: the shards of a replaced server come from those who hold its copies, and all are put back.
    pub fetch: f64,
}

impl Moves {
    /// Of a state of so many bytes.
    pub fn of(bytes: f64, machines: &Machines) -> Self {
        let Machines { accelerators, servers, storage, server_link, staging, network } = *machines;
        let write = bytes / storage.min(servers * server_link);
        let stage = bytes / (accelerators * staging);
        let copy = bytes / (accelerators * network);
        Self { write, stage, copy, load: write + stage, fetch: copy + stage }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slower_of_storage_and_links_decides() {
        let machines = Machines {
            accelerators: 1024.0,
            servers: 128.0,
            storage: 2e12,
            server_link: 25e9,
            staging: 2e9,
            network: 50e9,
        };
        let moves = Moves::of(1e12, &machines);
        // 128 links of 25 GB/s carry 3.2 TB/s, more than the storage takes.
        assert_eq!(moves.write, 0.5);
        assert_eq!(Moves::of(1e12, &Machines { servers: 40.0, ..machines }).write, 1.0);
        assert!((moves.stage - 1e12 / 2.048e12).abs() < 1e-12);
        assert!((moves.copy - 1e12 / 51.2e12).abs() < 1e-12);
        assert_eq!(moves.load, moves.write + moves.stage);
    }
}
