//! What a scenario may say about its fleet in operation and what runs on it.

use crate::quantity::Dimension as D;
use crate::text::{Field, FieldKind as K};

const fn amount(dimension: D) -> K {
    K::Uncertain(dimension)
}

/// Words for which jobs may overtake others; those of `gigawatt_plan::plan::Backfill`.
pub const BACKFILLS: &[&str] = &["none", "easy", "conservative"];
/// Words for how checkpoints are written; those of `gigawatt_plan::plan::Checkpoint`.
pub const CHECKPOINTS: &[&str] = &["synchronous", "asynchronous", "in-memory"];
/// Words for rules of how often they are; those of `gigawatt_plan::plan::CheckpointInterval`.
pub const INTERVAL_RULES: &[&str] = &["young", "daly", "optimal"];
/// Words for kinds of workload.
pub const WORKLOAD_KINDS: &[&str] = &["batch", "service", "reinforcement"];

/// `[fleet]`. What is not said from `server_interval` on is a fact of `operations`.
pub const FLEET: &[Field] = &[
    Field::optional("period", K::Period, "what is simulated; the year of the headlines unless said"),
    Field::optional("histories", K::Integer, "histories that are simulated, 20 unless said, at most 10,000"),
    Field::optional("seed", K::Integer, "seed of their random streams; that of [uncertainty] unless said"),
    Field::optional(
        "operations",
        K::Text,
        "the catalogue's entry that gives what is not said here; hyperscale-ai unless said",
    ),
    Field::optional(
        "reliability",
        K::Text,
        "the catalogue's experience that gives the causes of failures; llama3-54-days unless said",
    ),
    Field::optional(
        "backfill",
        K::Choice(BACKFILLS),
        "which jobs may overtake others of their priority; easy unless said",
    ),
    Field::optional(
        "preemption",
        K::Boolean,
        "whether lower priorities make room for higher ones, true unless said",
    ),
    Field::optional(
        "undescribed",
        amount(D::Ratio),
        "part of the accelerators that no run and no workload is given which do work that is not described, and draw the site's \
         utilisation; all unless said, the rest idles",
    ),
    Field::optional(
        "checkpoint",
        K::Choice(CHECKPOINTS),
        "how training jobs write checkpoints; asynchronous unless said",
    ),
    Field::optional(
        "checkpoint_interval",
        K::UncertainOrChoice(D::Duration, INTERVAL_RULES),
        "how often: \"30 min\", or a rule; optimal unless said",
    ),
    Field::optional(
        "server_interval",
        amount(D::Duration),
        "mean time between failures of a server of 8 accelerators by hardware and host",
    ),
    Field::optional(
        "frailty",
        amount(D::Ratio),
        "squared coefficient of variation of the failure rate over servers",
    ),
    Field::optional(
        "infant_failures",
        amount(D::Ratio),
        "failures of a server's first year beyond those of the constant rate, over those",
    ),
    Field::optional("infant_shape", amount(D::Ratio), "shape of the Weibull law of early failures, below 1"),
    Field::optional("wear_shape", amount(D::Ratio), "shape of the Weibull law of wear, above 1"),
    Field::optional("wear_life", amount(D::Duration), "scale of the Weibull law of wear"),
    Field::optional(
        "silent_share",
        amount(D::Ratio),
        "part of a server's failures that corrupt results and stop nothing",
    ),
    Field::optional("silent_detection", amount(D::Duration), "until such a failure is found"),
    Field::optional(
        "software_interval_training",
        amount(D::Duration),
        "mean time between interruptions of one large training job by software",
    ),
    Field::optional("software_interval_small", amount(D::Duration), "the same of one job of many small ones"),
    Field::optional("detection", amount(D::Duration), "until a failure is noticed"),
    Field::optional("diagnosis", amount(D::Duration), "until the server at fault is known"),
    Field::optional(
        "remote_share",
        amount(D::Ratio),
        "part of a server's failures that a remote action mends",
    ),
    Field::optional("reset", amount(D::Duration), "how long that takes"),
    Field::optional("repair", amount(D::Duration), "hands-on time of a technician for another failure"),
    Field::optional("repair_burn_in", amount(D::Duration), "tests after a repair"),
    Field::optional("technicians", amount(D::Count), "technicians on duty for 1,000 servers"),
    Field::optional(
        "replacement_share",
        amount(D::Ratio),
        "part of repairs that end with the server replaced",
    ),
    Field::optional("replacement", amount(D::Duration), "until another stands in its place"),
    Field::optional(
        "lemon_failures",
        amount(D::Count),
        "failures within `lemon_window` after which a server is replaced",
    ),
    Field::optional("lemon_window", amount(D::Duration), "the stretch over which they are counted"),
    Field::optional(
        "leaf_switch_interval",
        amount(D::Duration),
        "mean time between failures of a rack's switch",
    ),
    Field::optional("leaf_switch_outage", amount(D::Duration), "how long one lasts"),
    Field::optional(
        "cooling_unit_interval",
        amount(D::Duration),
        "mean time between failures of a row's cooling",
    ),
    Field::optional("cooling_unit_outage", amount(D::Duration), "how long one lasts"),
    Field::optional("busway_interval", amount(D::Duration), "mean time between failures of a row's power"),
    Field::optional("busway_outage", amount(D::Duration), "how long one lasts"),
    Field::optional("hall_interval", amount(D::Duration), "mean time between failures of a hall"),
    Field::optional("hall_outage", amount(D::Duration), "how long one lasts"),
    Field::optional("site_interval", amount(D::Duration), "mean time between failures of a site"),
    Field::optional("site_outage", amount(D::Duration), "how long one lasts"),
    Field::optional("racks_per_row", amount(D::Count), "racks in a row"),
    Field::optional("rows_per_hall", amount(D::Count), "rows in a hall"),
    Field::optional("halls_per_building", amount(D::Count), "halls in a building"),
    Field::optional(
        "maintenance_interval",
        amount(D::Duration),
        "how often a server is taken out for maintenance",
    ),
    Field::optional("maintenance", amount(D::Duration), "for how long"),
    Field::optional(
        "spare_share",
        amount(D::Ratio),
        "part of a pool's servers that is kept free for those that fail",
    ),
    Field::optional(
        "restart_scheduling",
        amount(D::Duration),
        "until a training job that restarts has its servers",
    ),
    Field::optional("restart_start_up", amount(D::Duration), "until its processes and collectives stand"),
    Field::optional("restart_warm_up", amount(D::Duration), "what its slow first steps lose"),
    Field::optional(
        "checkpoint_bytes_per_parameter",
        amount(D::Bytes),
        "size of a checkpoint for each parameter, such as \"14 B\"",
    ),
    Field::optional(
        "storage_bandwidth",
        amount(D::Bandwidth),
        "what storage takes from one accelerator of a job",
    ),
    Field::optional(
        "host_staging",
        amount(D::Bandwidth),
        "what one accelerator copies into its host's memory",
    ),
];

/// Replicas of a service at a moment.
pub const POINT_REPLICAS: &[Field] = &[
    Field::required("on", K::Date, "the day at whose end it holds; values run straight between days"),
    Field::required("count", amount(D::Count), "replicas that are asked for"),
];

/// `[[workload]]`.
pub const WORKLOAD: &[Field] = &[
    Field::required("name", K::Text, "name in paths"),
    Field::optional("title", K::Text, "name for people"),
    Field::required(
        "kind",
        K::Choice(WORKLOAD_KINDS),
        "many jobs (batch), replicas that run on (service), or one job that learns from what it generates (reinforcement)",
    ),
    Field::required("system", K::Text, "the system in the catalogue that it runs on"),
    Field::required("site", K::Text, "the site where it stands"),
    Field::optional(
        "priority",
        K::Integer,
        "higher goes first; 80 for a service, 50 for reinforcement and training, 10 for batch unless said",
    ),
    Field::optional("team", K::Text, "whose it is"),
    Field::optional("quota", amount(D::Count), "accelerators that it may hold at once; no limit unless said"),
    Field::optional(
        "like",
        K::Text,
        "batch: the catalogue's cluster whose jobs they are like, such as seren",
    ),
    Field::optional(
        "load",
        amount(D::Ratio),
        "batch: accelerator-time that jobs ask for over that of the pool; or `jobs`",
    ),
    Field::optional("jobs", amount(D::Count), "batch: jobs in the fleet's period, instead of `load`"),
    Field::optional("replica", K::Integer, "service: accelerators of one replica"),
    Field::optional(
        "replicas",
        K::Tables(POINT_REPLICAS),
        "service: replicas over time: [{ on = 2025-12-31, count = \"2 k\" }]",
    ),
    Field::optional("accelerators", K::Integer, "reinforcement: accelerators of the trainer"),
    Field::optional(
        "rollout",
        K::Integer,
        "reinforcement: accelerators that generate for it beside those; none unless said",
    ),
    Field::optional("start", K::Date, "reinforcement: its first day"),
    Field::optional("work", amount(D::Duration), "reinforcement: how long it takes if nothing is lost"),
];
