//! A site's swings within seconds, what smooths them, and the loss of its feeds, as data.

use gigawatt_engine::power::grid::{FeedLoss, MeasureKind, SiteStudy};
use gigawatt_engine::power::swing::Swing;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Swings within seconds at the connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct JobSwingSummary {
    /// Name for people.
    pub title: String,
    /// Its swing.
    #[serde(flatten)]
    pub swing: SwingSummary,
}

/// A swing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MeasureSummary {
    /// What it is called.
    pub name: String,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeepsSummary {
    /// Of the change within a minute.
    pub ramp: bool,
    /// Of the swing within seconds.
    pub range: bool,
    /// Of the band.
    pub band: bool,
}

/// The loss of feeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
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

impl SwingsSummary {
    pub(super) fn new(study: &SiteStudy) -> Option<Self> {
        let swings = study.swings.as_ref()?;
        let title = |index: usize| study.swinging.get(index).cloned();
        let jobs = swings.jobs.iter().enumerate().map(|(index, swing)| JobSwingSummary {
            title: title(index).unwrap_or_else(|| "one job on all accelerators, assumed".to_owned()),
            swing: SwingSummary::from(swing),
        });
        let measures = swings.measures.iter().map(|measure| MeasureSummary {
            name: name_of(measure.kind).to_owned(),
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

/// What a measure is called.
pub(super) fn name_of(kind: MeasureKind) -> &'static str {
    MeasureKind::ALL.iter().find(|(one, _)| *one == kind).map_or("", |(_, name)| name)
}
