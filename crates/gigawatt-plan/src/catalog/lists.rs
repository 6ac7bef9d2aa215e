//! Fields of the kinds that have many.

use crate::quantity::Dimension::{
    self, Bandwidth, Bytes, Compute, ComputeRate, Count, Duration, Energy, Money, MoneyPerEnergy,
    MoneyPerPower, Power, Ratio, Temperature, TemperatureDifference,
};

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
    // Jobs of a cluster: shares of their number and of their accelerator-time, means, medians and the largest.
    ("jobs", Count),
    ("completed_jobs", Ratio),
    ("cancelled_jobs", Ratio),
    ("failed_jobs", Ratio),
    ("completed_time", Ratio),
    ("cancelled_time", Ratio),
    ("failed_time", Ratio),
    ("run_time", Duration),
    ("run_time_median", Duration),
    ("run_time_longest", Duration),
    ("queue_time", Duration),
    ("queue_time_median", Duration),
    ("accelerators_per_job", Count),
    ("accelerators_median", Count),
    ("accelerators_largest", Count),
    ("utilisation", Ratio),
    ("staging_time", Duration),
    ("staged", Bytes),
    // Mean time between interruptions of a job of any size by what is not its servers.
    ("software_interval", Duration),
    // From an interruption of a job to work.
    ("restart_time", Duration),
    // What closed forms assume beside an owner's operations.
    ("domain_failures", Ratio),
    ("rate_variation", Ratio),
    ("storage_link", Bandwidth),
];

/// Facts about how a fleet breaks and is kept running. An interval is the mean time between failures of one thing, an
/// outage how long one lasts.
pub(super) const OPERATIONS: &[(&str, Dimension)] = &[
    ("server_interval", Duration),
    ("frailty", Ratio),
    ("infant_failures", Ratio),
    ("infant_shape", Ratio),
    ("wear_shape", Ratio),
    ("wear_life", Duration),
    ("silent_share", Ratio),
    ("silent_detection", Duration),
    ("software_interval_training", Duration),
    ("software_interval_small", Duration),
    ("detection", Duration),
    ("diagnosis", Duration),
    ("remote_share", Ratio),
    ("reset", Duration),
    ("repair", Duration),
    ("repair_burn_in", Duration),
    ("technicians", Count),
    ("replacement_share", Ratio),
    ("replacement", Duration),
    ("lemon_failures", Count),
    ("lemon_window", Duration),
    ("leaf_switch_interval", Duration),
    ("leaf_switch_outage", Duration),
    ("cooling_unit_interval", Duration),
    ("cooling_unit_outage", Duration),
    ("busway_interval", Duration),
    ("busway_outage", Duration),
    ("hall_interval", Duration),
    ("hall_outage", Duration),
    ("site_interval", Duration),
    ("site_outage", Duration),
    ("racks_per_row", Count),
    ("rows_per_hall", Count),
    ("halls_per_building", Count),
    ("maintenance_interval", Duration),
    ("maintenance", Duration),
    ("spare_share", Ratio),
    ("restart_scheduling", Duration),
    ("restart_start_up", Duration),
    ("restart_warm_up", Duration),
    ("checkpoint_bytes_per_parameter", Bytes),
    ("storage_bandwidth", Bandwidth),
    ("host_staging", Bandwidth),
];

/// Facts about a plant that takes heat away: of its loop of liquid, of its loop of air, and of both. A loop supplies at
/// a temperature and not above a limit; fans, pumps and chiller are over its rated heat.
pub(super) const COOLING: &[(&str, Dimension)] = &[
    ("liquid_supply", Temperature),
    ("liquid_limit", Temperature),
    ("liquid_approach", TemperatureDifference),
    ("liquid_evaporation", Ratio),
    ("liquid_fans", Ratio),
    ("liquid_pumps", Ratio),
    ("liquid_chiller", Ratio),
    ("air_supply", Temperature),
    ("air_limit", Temperature),
    ("air_approach", TemperatureDifference),
    ("air_evaporation", Ratio),
    ("air_fans", Ratio),
    ("air_pumps", Ratio),
    ("air_chiller", Ratio),
    ("chiller_efficiency", Ratio),
    ("chiller_approach", TemperatureDifference),
    ("air_rise", TemperatureDifference),
    ("water_range", TemperatureDifference),
    ("cycles", Ratio),
    ("drift", Ratio),
    ("ride_through", Duration),
    ("least_flow", Ratio),
    ("electrical_overhead", Ratio),
];

/// Facts about a recommendation model.
pub(super) const RECOMMENDER: &[(&str, Dimension)] = &[
    // All numbers of its tables.
    ("parameters", Count),
    ("tables", Count),
    // Numbers of a row.
    ("width", Count),
    // Rows of all tables that a sample looks up.
    ("lookups", Count),
    // Arithmetic of a sample's forward pass, and the dense layers that do it.
    ("flop", Compute),
    ("layers", Count),
    // Events of a sequence and groups of features that pass the layers.
    ("positions", Count),
    // Part of a candidate's rows and arithmetic that is its request's.
    ("shared", Ratio),
    // Bytes of a number of a table.
    ("serving_value", Bytes),
    ("training_value", Bytes),
    // Samples of a training step on one accelerator.
    ("local_batch", Count),
];

/// Facts about the people of a service, what is ranked for them and what ads earn.
pub(super) const AUDIENCE: &[(&str, Dimension)] = &[
    ("people", Count),
    ("people_growth", Ratio),
    // Of one person in a day.
    ("requests", Count),
    ("impressions", Count),
    ("peak", Ratio),
    ("load", Ratio),
    ("budget", Duration),
    ("ads_share", Ratio),
    ("conversions_to_revenue", Ratio),
    ("time_to_revenue", Ratio),
    ("incremental_margin", Ratio),
    ("round_scale", Ratio),
];

/// Facts about what lies between grid and racks, and what smooths or carries a load.
pub(super) const ELECTRICAL: &[(&str, Dimension)] = &[
    // Of one unit, at its output.
    ("rating", Power),
    ("efficiency", Ratio),
    // Over the rating, whatever is carried.
    ("fixed_loss", Ratio),
    // How long a battery carries what is carried.
    ("ride_through", Duration),
    // Until a generator gives anything, and from nothing to all.
    ("start", Duration),
    ("rise", Duration),
    ("fall", Duration),
    // Until something answers.
    ("lag", Duration),
    // Of storage, for each accelerator.
    ("energy_per_accelerator", Energy),
    ("power_per_accelerator", Power),
    ("duration", Duration),
    ("round_trip", Ratio),
    // The least power that is held, over the greatest.
    ("floor", Ratio),
    ("interference", Ratio),
    ("cost", MoneyPerPower),
    ("energy_cost", MoneyPerEnergy),
    // What a utility allows, over the power of the connection.
    ("ramp", Ratio),
    ("range", Ratio),
    ("band", Ratio),
];
