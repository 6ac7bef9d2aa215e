//! A site's minutes, supply and limits as data.

use std::collections::BTreeMap;

use gigawatt_engine::power::grid::{Limits, LoadKind, SiteStudy, SiteYear};
use gigawatt_plan::period::{Moment, Period};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cooled::CoolingSummary;
use super::emitted::{BillSummary, EmbodiedSummary, EmissionsSummary, ShiftingSummary};
use super::months::{MonthSummary, months};
use super::parts::Parts;
use super::stored::StorageSummary;
use super::swings::{FeedLossSummary, SwingsSummary};
use super::{minute_text, redundancy_text};

/// A site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SiteSummary {
    /// Name for people.
    pub title: String,
    /// Most accelerators online.
    pub accelerators: f64,
    /// Nameplate of the racks at its greatest, networks and storage included.
    pub nameplate: f64,
    /// The greatest power from the grid.
    pub peak: f64,
    /// When: `2025-07-01 14:03` UTC.
    pub peak_at: String,
    /// Mean power from the grid.
    pub mean: f64,
    /// The least.
    pub least: f64,
    /// Mean over peak.
    pub load_factor: f64,
    /// The greatest change within a minute.
    pub ramp: f64,
    /// From which minute.
    pub ramp_at: String,
    /// Where energy came from and went.
    pub energy: EnergySummary,
    /// What the racks' energy went to, by kind, in J.
    pub racks: BTreeMap<String, f64>,
    /// Energy from grid and own generation over that of the racks; absent where these draw nothing.
    pub pue: Option<f64>,
    /// What the grid's energy costs, contracts with it.
    pub cost: f64,
    /// What that is made of.
    pub bill: BillSummary,
    /// What that energy emits.
    pub emissions: EmissionsSummary,
    /// What making what stands there has emitted; absent where the catalogue does not know it of something.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub embodied: Option<EmbodiedSummary>,
    /// What moving work that can wait would save; absent where nothing is said to wait.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub shifting: Option<ShiftingSummary>,
    /// Energy, water, carbon and money by month.
    pub months: Vec<MonthSummary>,
    /// Its plant, where it has one and weather.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cooling: Option<CoolingSummary>,
    /// The supply.
    pub supply: SupplySummary,
    /// Storage at the connection, where there is some.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub storage: Option<StorageSummary>,
    /// What the utility allows.
    pub limits: LimitsSummary,
    /// What gave way.
    pub capping: CappingSummary,
    /// Power from the grid that is exceeded for 0, 1, … 100 % of the time.
    pub duration: Vec<f64>,
    /// Mean, least and greatest power from the grid by day.
    pub days: Vec<DaySummary>,
    /// Swings within seconds; none where nothing stands.
    pub swings: Option<SwingsSummary>,
    /// The loss of one feed at the peak.
    pub one_feed_lost: FeedLossSummary,
    /// The loss of all.
    pub all_feeds_lost: FeedLossSummary,
}

/// Energy of a period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EnergySummary {
    /// Racks.
    pub racks: f64,
    /// Cooling and all else.
    pub overhead: f64,
    /// Losses of the chain.
    pub losses: f64,
    /// Losses of storage at the connection.
    #[serde(default)]
    pub storage: f64,
    /// What that holds more at the end than at the start.
    #[serde(default)]
    pub stored: f64,
    /// From the grid.
    pub grid: f64,
    /// From own generation.
    pub generation: f64,
    /// What went less what came, over what came: rounding.
    pub imbalance: f64,
}

/// The chain of a site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SupplySummary {
    /// Whether the scenario describes it; else it is the catalogue's, sized for the nameplate.
    pub described: bool,
    /// What may be taken from the grid.
    pub connection: f64,
    /// Racks that it carries with all units at their ratings.
    pub nameplate: f64,
    /// With what stands by left alone.
    pub provisioned: f64,
    /// After the loss of the largest part of any stage.
    pub firm: f64,
    /// Nameplate of the racks over what is provisioned for them.
    pub oversubscription: f64,
    /// Its stages from the grid to the racks.
    pub stages: Vec<StageSummary>,
    /// What the batteries hold.
    pub battery_energy: f64,
    /// What they give at most.
    pub battery_power: f64,
    /// Own generation.
    pub generation: f64,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct StageSummary {
    /// Its name.
    pub name: String,
    /// Units.
    pub units: u32,
    /// Rating of one.
    pub rating: f64,
    /// `N+1`.
    pub redundancy: String,
    /// What may be put on it.
    pub provisioned: f64,
    /// What it carries after the loss of its largest part.
    pub firm: f64,
    /// What it gives at the peak.
    pub peak: f64,
    /// Its loss at the peak.
    pub loss: f64,
}

/// Limits of a utility.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LimitsSummary {
    /// Change within a minute.
    pub ramp: f64,
    /// Swing within seconds.
    pub range: f64,
    /// Root mean square between 0.1 and 20 Hz.
    pub band: f64,
}

impl From<&Limits> for LimitsSummary {
    fn from(limits: &Limits) -> Self {
        Self { ramp: limits.ramp, range: limits.range, band: limits.band }
    }
}

/// What gave way to limits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CappingSummary {
    /// Minutes in which somebody did.
    pub minutes: usize,
    /// Minutes of these in which it was because cooling could not carry the heat.
    pub hot: usize,
    /// Part of the work of small jobs over the period that was lost to it.
    pub batch: f64,
    /// Of large jobs.
    pub training: f64,
    /// Of services.
    pub service: f64,
    /// The most power that nothing could be done about.
    pub unmet: f64,
}

/// A day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DaySummary {
    /// Which.
    pub on: String,
    /// Mean power from the grid.
    pub mean: f64,
    /// The least.
    pub least: f64,
    /// The greatest.
    pub most: f64,
}

impl SiteSummary {
    pub(super) fn new(title: &str, period: Period, year: &SiteYear) -> Self {
        let (study, start) = (&year.study, period.start);
        let (profile, totals) = (&study.profile, &study.totals);
        let ((peak, peak_at), (ramp, ramp_at)) = (profile.peak(), profile.ramp());
        let minutes = profile.grid.len().max(1) as f64;
        let (kinds, _, _) = Parts::of(year).energy();
        let [batch, training, service] = profile.lost.map(|lost| lost / minutes);
        let days = profile.by_day().into_iter().enumerate().map(|(day, (mean, least, most))| DaySummary {
            on: Moment(start.0 + i32::try_from(day).unwrap_or(0)).day().to_string(),
            mean,
            least,
            most,
        });
        Self {
            title: title.to_owned(),
            accelerators: study.accelerators,
            nameplate: study.nameplate,
            peak,
            peak_at: minute_text(start, peak_at),
            mean: profile.mean(),
            least: profile.grid.iter().copied().fold(f64::INFINITY, f64::min).min(peak),
            load_factor: profile.load_factor(),
            ramp,
            ramp_at: minute_text(start, ramp_at),
            energy: EnergySummary {
                racks: totals.racks,
                overhead: totals.overhead,
                losses: totals.losses,
                storage: totals.storage,
                stored: totals.stored,
                grid: totals.grid,
                generation: totals.generation,
                imbalance: totals.imbalance(),
            },
            racks: LoadKind::ALL
                .iter()
                .map(|(kind, name)| ((*name).to_owned(), kinds[*kind as usize]))
                .collect(),
            pue: year.pue(),
            cost: year.bill.cost(),
            bill: BillSummary::from(&year.bill),
            emissions: EmissionsSummary::from(&year.emissions),
            embodied: year.embodied.as_ref().map(EmbodiedSummary::from),
            shifting: year.shifting.as_ref().map(ShiftingSummary::from),
            months: months(year, period),
            cooling: year.cooling.as_ref().map(|cooling| CoolingSummary::new(cooling, year, start)),
            supply: SupplySummary::new(study),
            storage: StorageSummary::new(study),
            limits: LimitsSummary::from(&study.supply.limits),
            capping: CappingSummary {
                minutes: profile.capped,
                hot: profile.hot,
                batch,
                training,
                service,
                unmet: profile.unmet,
            },
            duration: profile.duration(100),
            days: days.collect(),
            swings: SwingsSummary::new(study),
            one_feed_lost: FeedLossSummary::from(&study.losses[0]),
            all_feeds_lost: FeedLossSummary::from(&study.losses[1]),
        }
    }
}

impl SupplySummary {
    fn new(study: &SiteStudy) -> Self {
        let (supply, capacity) = (&study.supply, &study.capacity);
        let stages = supply.chain.stages().iter().enumerate().map(|(index, stage)| StageSummary {
            name: stage.name.clone(),
            units: stage.units,
            rating: stage.rating,
            redundancy: redundancy_text(stage.redundancy),
            provisioned: stage.provisioned(),
            firm: stage.firm(),
            peak: study.peak.output[index],
            loss: study.peak.input[index] - study.peak.output[index],
        });
        Self {
            described: supply.described,
            connection: supply.connection(),
            nameplate: capacity.nameplate,
            provisioned: capacity.provisioned,
            firm: capacity.firm,
            oversubscription: study.nameplate / capacity.provisioned.max(f64::MIN_POSITIVE),
            stages: stages.collect(),
            battery_energy: supply.battery.energy,
            battery_power: supply.battery.power,
            generation: supply.generators.iter().map(|one| one.power).sum(),
        }
    }
}
