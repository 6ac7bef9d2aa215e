//! Fields of the kinds that have many.

use crate::quantity::Dimension::{self, Bandwidth, Bytes, ComputeRate, Count, Duration, Money, Power, Ratio};

/// Facts about a model beside its architecture.
pub(super) const MODEL: &[(&str, Dimension)] = &[
    // As announced, in parameters; what the architecture gives is computed.
    ("parameters", Count),
    ("active_parameters", Count),
    ("training_tokens", Count),
    // Hours of one accelerator, all stages of training.
    ("training_hours", Count),
    // Model FLOP per second and accelerator while the job ran.
    ("training_rate", ComputeRate),
    ("training_accelerators", Count),
];

/// Facts about a fabric, a switch, its silicon or a transceiver. Bandwidth is that of one direction.
pub(super) const NETWORK: &[(&str, Dimension)] = &[
    ("endpoints", Count),
    ("link", Bandwidth),
    ("capacity", Bandwidth),
    ("ports", Count),
    ("oversubscription", Ratio),
    ("latency", Duration),
    ("throughput_share", Ratio),
    ("power", Power),
    ("price", Money),
    ("rack_endpoints", Count),
    ("pod_endpoints", Count),
    ("storage_bandwidth", Bandwidth),
    ("cost_share", Ratio),
];

/// Facts about failures. A cause is counted in interruptions of the job.
pub(super) const RELIABILITY: &[(&str, Dimension)] = &[
    ("accelerators", Count),
    ("observed", Duration),
    ("planned", Count),
    ("unexpected", Count),
    ("job_interval", Duration),
    ("server_interval", Duration),
    ("accelerator_interval", Duration),
    ("effective_time", Ratio),
    ("manual", Count),
    ("cause_gpu", Count),
    ("cause_memory", Count),
    ("cause_software", Count),
    ("cause_network", Count),
    ("cause_host_maintenance", Count),
    ("cause_sram", Count),
    ("cause_system_processor", Count),
    ("cause_nic", Count),
    ("cause_collective_timeout", Count),
    ("cause_silent_corruption", Count),
    ("cause_thermal", Count),
    ("cause_ssd", Count),
    ("cause_power_supply", Count),
    ("cause_chassis", Count),
    ("cause_io_board", Count),
    ("cause_dependency", Count),
    ("cause_cpu", Count),
    ("cause_host_memory", Count),
    ("failed_jobs", Ratio),
    ("failed_time", Ratio),
    ("cancelled_time", Ratio),
    ("queue_time", Duration),
    ("accelerators_per_job", Count),
    ("utilisation", Ratio),
    ("staging_time", Duration),
    ("staged", Bytes),
    // Mean time between interruptions of a job of any size by what is not its servers.
    ("software_interval", Duration),
    // From an interruption of a job to work: as measured, and step by step.
    ("restart_time", Duration),
    ("detection", Duration),
    ("diagnosis", Duration),
    ("replacement", Duration),
    ("rescheduling", Duration),
    ("start_up", Duration),
    ("warm_up", Duration),
    ("repair_time", Duration),
    ("domain_failures", Ratio),
    ("rate_variation", Ratio),
    ("storage_link", Bandwidth),
    ("staging_doubt", Ratio),
];
