//! How electricity comes to a site: its chain of stages, what it makes itself, events and limits of its grid.

use serde::{Deserialize, Serialize};

use super::Input;
use crate::period::Moment;
use crate::quantity::{CarbonPerEnergy, Duration, Energy, MoneyPerEnergy, Power, Ratio};

/// The supply of a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerPlan {
    /// Index of the site.
    pub site: usize,
    /// Its stages, each after the one that feeds it; empty where the catalogue's chain is taken.
    pub stages: Vec<StagePlan>,
    /// What it makes itself.
    pub generation: Vec<GenerationPlan>,
    /// What carries it while a feed is lost and generators start; the catalogue's unless said.
    pub battery: Option<BatteryPlan>,
    /// What holds its peaks down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StoragePlan>,
    /// How its electricity is bought beside the price of the hour.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contracts: Vec<ContractPlan>,
    /// Work that can wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferrable: Option<DeferrablePlan>,
    /// What happens when.
    pub events: Vec<PowerEvent>,
    /// What its utility allows; the catalogue's unless said.
    pub limits: GridLimits,
}

/// What of a stage's units stands by for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Redundancy {
    /// Nothing.
    None,
    /// So many units beyond those that are needed.
    Spare(u32),
    /// A second path of the same size.
    Double,
    /// Of so many units, those that are needed: three of four, in four-to-make-three.
    Shared {
        /// Units of a group.
        of: u32,
        /// Those of them that carry its load.
        make: u32,
    },
}

impl Redundancy {
    /// Reads `N`, `N+1`, `2N`, or `4-to-make-3`.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text {
            "N" | "n" => return Some(Self::None),
            "2N" | "2n" => return Some(Self::Double),
            _ => {}
        }
        if let Some(spare) = text.strip_prefix("N+").or_else(|| text.strip_prefix("n+")) {
            return spare.parse().ok().filter(|spare| (1..1000).contains(spare)).map(Self::Spare);
        }
        let (of, make) = text.split_once("-to-make-")?;
        let (of, make) = (of.parse().ok()?, make.parse().ok()?);
        (make > 0 && make < of && of < 1000).then_some(Self::Shared { of, make })
    }

    /// The part of so many units that may be used at once.
    pub fn usable(self, units: u32) -> f64 {
        let all = f64::from(units);
        match self {
            Self::None => all,
            Self::Spare(spare) => f64::from(units.saturating_sub(spare)),
            Self::Double => 0.5 * all,
            Self::Shared { of, make } => all * f64::from(make) / f64::from(of.max(1)),
        }
    }
}

/// Units alike, side by side, on the way from the grid to the racks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StagePlan {
    /// Name in paths.
    pub name: String,
    /// What it is: an entry of the catalogue's kind `electrical`.
    pub kind: String,
    /// Index of the stage that feeds it, which is lower; none for a feed.
    pub above: Option<usize>,
    /// What one unit gives.
    pub rating: Input<Power>,
    /// Units.
    pub units: u32,
    /// What of them stands by.
    pub redundancy: Redundancy,
    /// Output over input, beside the fixed loss.
    pub efficiency: Input<Ratio>,
    /// Loss of a unit whatever it carries, over its rating.
    pub fixed_loss: Input<Ratio>,
}

/// When a generator runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Running {
    /// When the grid fails or may not give enough.
    Standby,
    /// Always, as much as is asked of it.
    Prime,
}

impl Running {
    /// Both with the words in which they are written.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Standby, "standby"), (Self::Prime, "prime")];
}

/// Generators of a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GenerationPlan {
    /// Name in paths.
    pub name: String,
    /// What they give together.
    pub power: Input<Power>,
    /// Until they give anything.
    pub start: Input<Duration>,
    /// From nothing to all.
    pub rise: Input<Duration>,
    /// When they run.
    pub running: Running,
}

/// A battery of a site.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BatteryPlan {
    /// What it holds.
    pub energy: Input<Energy>,
    /// What it gives at most.
    pub power: Input<Power>,
}

/// A battery at the connection of a site, which takes when little is drawn and gives when much is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StoragePlan {
    /// What it can give.
    pub energy: Input<Energy>,
    /// What it gives or takes at most.
    pub power: Input<Power>,
    /// What comes back of what goes in.
    pub round_trip: Input<Ratio>,
    /// What the grid is to give at most; the least that can be held unless said.
    pub hold: Option<Input<Power>>,
}

/// What an event does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PowerEventKind {
    /// The grid gives no more than a power.
    Curtailment,
    /// The site takes so much less than it would.
    DemandResponse,
    /// One feed of those that there are is lost.
    FeedLoss,
}

impl PowerEventKind {
    /// All with the words in which they are written.
    pub const ALL: [(Self, &'static str); 3] = [
        (Self::Curtailment, "curtailment"),
        (Self::DemandResponse, "demand-response"),
        (Self::FeedLoss, "feed-loss"),
    ];
}

/// A dated event of the supply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PowerEvent {
    /// Name in paths.
    pub name: String,
    /// What it does.
    pub kind: PowerEventKind,
    /// The day on which it starts.
    pub on: Moment,
    /// The hour of that day.
    pub hour: u32,
    /// How long it lasts.
    pub lasts: Input<Duration>,
    /// The limit of a curtailment, what demand response takes off.
    pub power: Option<Input<Power>>,
}

/// What a utility allows a site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GridLimits {
    /// Change of power within a minute.
    pub ramp: Option<Input<Power>>,
    /// Greatest less least power within seconds.
    pub range: Option<Input<Power>>,
    /// Root mean square of what swings between 0.1 and 20 Hz.
    pub band: Option<Input<Power>>,
}

/// When a plant generates whose electricity is bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GenerationShape {
    /// As much in every hour.
    Flat,
    /// Half a sine from 6:00 to 18:00 of the site's clock, alike on every day.
    Sun,
}

impl GenerationShape {
    /// Both with the words in which they are written.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Flat, "flat"), (Self::Sun, "sun")];
}

/// What a contract is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContractKind {
    /// A power at a price, used or not.
    Fixed {
        /// The power.
        power: Input<Power>,
        /// The price.
        price: Input<MoneyPerEnergy>,
    },
    /// An addition to the price of the hour.
    Indexed {
        /// The addition.
        markup: Input<MoneyPerEnergy>,
    },
    /// All that a plant generates, with its certificates.
    Purchase {
        /// What it generates on average.
        power: Input<Power>,
        /// The price.
        price: Input<MoneyPerEnergy>,
        /// When it generates.
        generation: GenerationShape,
        /// Emissions that the certificates stand for; none unless said.
        intensity: Option<Input<CarbonPerEnergy>>,
    },
}

/// A contract of a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContractPlan {
    /// Name in paths.
    pub name: String,
    /// What it is.
    pub kind: ContractKind,
}

/// What moving work makes least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShiftBy {
    /// Money.
    Price,
    /// Emissions.
    Carbon,
}

impl ShiftBy {
    /// Both with the words in which they are written.
    pub const ALL: [(Self, &'static str); 2] = [(Self::Price, "price"), (Self::Carbon, "carbon")];
}

/// Work of a site that can wait.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeferrablePlan {
    /// Part of every hour's energy.
    pub share: Input<Ratio>,
    /// How long.
    pub wait: Input<Duration>,
    /// What moving it makes least.
    pub by: ShiftBy,
}
