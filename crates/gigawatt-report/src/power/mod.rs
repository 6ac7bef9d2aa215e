//! Sites as their grids see them: as data, drawings and a table of minutes.

mod chart;
mod minutes;

pub use chart::charts;
pub use minutes::minutes_csv;

use std::collections::BTreeMap;

use gigawatt_engine::power::grid::{FeedLoss, Limits, MeasureKind, SiteStudy, SiteYear, Years};
use gigawatt_engine::power::swing::Swing;
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Plan, Redundancy};
use serde::Serialize;

/// A grid study. Powers are in W, energies in J, times in seconds, money in US dollars.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PowerSummary {
    /// Name of the scenario.
    pub name: String,
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Whether loads are those of a simulated history; else what is online draws its utilisation.
    pub simulated: bool,
    /// Sites by name.
    pub sites: BTreeMap<String, SiteSummary>,
}

/// A site.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    /// What the grid's energy costs at the site's mean price.
    pub cost: f64,
    /// The supply.
    pub supply: SupplySummary,
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct EnergySummary {
    /// Racks.
    pub racks: f64,
    /// Cooling and all else.
    pub overhead: f64,
    /// Losses of the chain.
    pub losses: f64,
    /// From the grid.
    pub grid: f64,
    /// From own generation.
    pub generation: f64,
    /// What went less what came, over what came: rounding.
    pub imbalance: f64,
}

/// The chain of a site.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CappingSummary {
    /// Minutes in which somebody did.
    pub minutes: usize,
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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

/// Swings within seconds at the connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SwingsSummary {
    /// Whether they are those of an assumed job on all accelerators of the site's most frequent system: no job is known.
    pub assumed: bool,
    /// Jobs.
    pub jobs: Vec<JobSwingSummary>,
    /// All together.
    pub together: SwingSummary,
    /// What smooths the widest, and what it costs.
    pub measures: Vec<MeasureSummary>,
}

/// A job's swing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JobSwingSummary {
    /// Name for people.
    pub title: String,
    /// Its swing.
    #[serde(flatten)]
    pub swing: SwingSummary,
}

/// A swing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SwingSummary {
    /// Mean power.
    pub mean: f64,
    /// Greatest less least.
    pub peak_to_peak: f64,
    /// The steepest ramp in W/s.
    pub ramp: f64,
    /// Root mean square between 0.1 and 20 Hz.
    pub band: f64,
}

impl From<&Swing> for SwingSummary {
    fn from(swing: &Swing) -> Self {
        Self { mean: swing.mean, peak_to_peak: swing.peak_to_peak, ramp: swing.ramp, band: swing.band }
    }
}

/// A measure. A year is one in which the job runs all the time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasureSummary {
    /// What it is called.
    pub name: &'static str,
    /// What it leaves.
    pub left: SwingSummary,
    /// Change within a minute when the widest job stops.
    pub stop: f64,
    /// Mean power that it takes.
    pub power: f64,
    /// What that costs in a year.
    pub energy_cost: f64,
    /// What has to be bought.
    pub capital: f64,
    /// Part of the widest job's work that is lost.
    pub slowdown: f64,
    /// What that is worth in a year at the market's rent.
    pub work_cost: f64,
    /// Whether limits are kept.
    pub keeps: KeepsSummary,
}

/// Which limits are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KeepsSummary {
    /// Of the change within a minute.
    pub ramp: bool,
    /// Of the swing within seconds.
    pub range: bool,
    /// Of the band.
    pub band: bool,
}

/// The loss of feeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FeedLossSummary {
    /// What is left of the connection.
    pub left: f64,
    /// What the racks draw.
    pub racks: f64,
    /// Energy that batteries give.
    pub battery: f64,
    /// When generators carry the racks; none where they never do.
    pub carried_after: Option<f64>,
    /// When the batteries are empty before that.
    pub empty_after: Option<f64>,
    /// The most of the racks that nothing carries meanwhile.
    pub unserved: f64,
    /// What of the racks has to give way once generators have started.
    pub shed: f64,
}

impl From<&FeedLoss> for FeedLossSummary {
    fn from(of: &FeedLoss) -> Self {
        Self {
            left: of.left,
            racks: of.racks,
            battery: of.course.given,
            carried_after: of.course.carried,
            empty_after: of.course.empty,
            unserved: of.course.unserved,
            shed: of.shed,
        }
    }
}

/// How a redundancy is written.
pub fn redundancy_text(redundancy: Redundancy) -> String {
    match redundancy {
        Redundancy::None => "N".to_owned(),
        Redundancy::Spare(spare) => format!("N+{spare}"),
        Redundancy::Double => "2N".to_owned(),
        Redundancy::Shared { of, make } => format!("{of}-to-make-{make}"),
    }
}

/// A minute from the start of a period: `2025-07-01 14:03`.
pub fn minute_text(start: Moment, minute: usize) -> String {
    let day = Moment(start.0 + i32::try_from(minute / 1440).unwrap_or(0)).day();
    let of_day = minute % 1440;
    format!("{day} {:02}:{:02}", of_day / 60, of_day % 60)
}

impl PowerSummary {
    /// The sites of a plan over the days that were studied.
    pub fn new(plan: &Plan, years: &Years) -> Self {
        let start = years.period.start;
        let site = |year: &SiteYear| {
            let of = &plan.sites[year.study.site];
            (of.name.clone(), SiteSummary::new(&of.title, start, year))
        };
        Self {
            name: plan.name.clone(),
            from: start.day().to_string(),
            to: years.period.end.day_before().to_string(),
            simulated: years.loads.simulated,
            sites: years.sites.iter().map(site).collect(),
        }
    }
}

impl SiteSummary {
    fn new(title: &str, start: Moment, year: &SiteYear) -> Self {
        let study = &year.study;
        let (profile, totals) = (&study.profile, &study.totals);
        let ((peak, peak_at), (ramp, ramp_at)) = (profile.peak(), profile.ramp());
        let minutes = profile.grid.len().max(1) as f64;
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
                grid: totals.grid,
                generation: totals.generation,
                imbalance: totals.imbalance(),
            },
            cost: year.bill.cost(),
            supply: SupplySummary::new(study),
            limits: LimitsSummary::from(&study.supply.limits),
            capping: CappingSummary {
                minutes: profile.capped,
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

impl SwingsSummary {
    fn new(study: &SiteStudy) -> Option<Self> {
        let swings = study.swings.as_ref()?;
        let title = |index: usize| study.swinging.get(index).cloned();
        let jobs = swings.jobs.iter().enumerate().map(|(index, swing)| JobSwingSummary {
            title: title(index).unwrap_or_else(|| "one job on all accelerators, assumed".to_owned()),
            swing: SwingSummary::from(swing),
        });
        let measures = swings.measures.iter().map(|measure| MeasureSummary {
            name: name_of(measure.kind),
            left: SwingSummary::from(&measure.left),
            stop: measure.stop,
            power: measure.power,
            energy_cost: measure.energy_cost,
            capital: measure.capital,
            slowdown: measure.slowdown,
            work_cost: measure.work_cost,
            keeps: KeepsSummary { ramp: measure.keeps[0], range: measure.keeps[1], band: measure.keeps[2] },
        });
        Some(Self {
            assumed: study.assumed,
            jobs: jobs.collect(),
            together: SwingSummary::from(&swings.together),
            measures: measures.collect(),
        })
    }
}

fn name_of(kind: MeasureKind) -> &'static str {
    MeasureKind::ALL.iter().find(|(one, _)| *one == kind).map_or("", |(_, name)| name)
}
