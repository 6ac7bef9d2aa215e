//! The load of a site's racks as run lengths.

use crate::fleet::Stream;
use crate::power::swing::JobPower;

/// What a large job draws over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It works.
    Working,
    /// It holds its accelerators and waits or starts.
    Waiting,
}

/// A stretch of time in minutes from the start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// Its start.
    pub from: f64,
    /// Its end.
    pub to: f64,
    /// What the job does in it.
    pub level: Level,
}

/// A large job.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteJob {
    /// Its name in paths.
    pub name: String,
    /// Its name for people.
    pub title: String,
    /// What it draws; without a step's course its power is as even as its mean.
    pub power: JobPower,
    /// Part of its working time in which checkpoints stop it.
    pub stopped: f64,
    /// When it does what; in between its accelerators are other work's.
    pub stretches: Vec<Stretch>,
}

impl SiteJob {
    /// Mean power while it works, checkpoints included.
    pub fn working(&self) -> f64 {
        let mean = self.power.step.mean();
        mean - self.stopped * (mean - self.power.waiting)
    }
}

/// What the racks' power is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadKind {
    /// Large jobs: training runs and reinforcement learning.
    Training,
    /// Services.
    Service,
    /// Small jobs.
    Batch,
    /// Work that no scenario describes.
    Undescribed,
    /// Accelerators without work, broken ones among them.
    Idle,
    /// Networks and storage.
    Network,
}

impl LoadKind {
    /// All with what they are called, in the order of [`Profile::kinds`](super::Profile::kinds).
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Training, "training"),
        (Self::Service, "services"),
        (Self::Batch, "small jobs"),
        (Self::Undescribed, "undescribed work"),
        (Self::Idle, "idle"),
        (Self::Network, "networks and storage"),
    ];
}

/// The load of a site's racks, in W at their inputs. Series have a value at the end of every day, with one before the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteLoad {
    /// Networks and storage, which never give way.
    pub network: Vec<f64>,
    /// Accelerators without work, which have nothing to give.
    pub idle: Vec<f64>,
    /// Work that is not described. It gives way with small jobs.
    pub undescribed: Vec<f64>,
    /// Of that the power that does not follow the clock, over all.
    pub undescribed_fixed: f64,
    /// Small jobs.
    pub batch: Vec<f64>,
    /// Standard deviation of those.
    pub batch_deviation: Vec<f64>,
    /// Minutes over which they are remembered.
    pub batch_memory: f64,
    /// Of small jobs the power that does not follow the clock, over all.
    pub batch_fixed: f64,
    /// Services: without load, and what load adds on average.
    pub service: Vec<(f64, f64)>,
    /// How far their load swings over a day, and the hour at which it is greatest, in hours from midnight UTC.
    pub daily: (f64, f64),
    /// Large jobs.
    pub jobs: Vec<SiteJob>,
    /// Accelerators.
    pub accelerators: Vec<f64>,
}

/// What the racks want at every minute, in W.
pub(super) struct Minutes {
    /// What never gives way.
    pub base: Vec<f64>,
    /// Services.
    pub service: Vec<f64>,
    /// Small jobs and work that is not described.
    pub small: Vec<f64>,
    /// Large jobs.
    pub jobs: Vec<f64>,
    /// Mean of every day by kind, in the order of [`LoadKind::ALL`].
    pub kinds: Vec<[f64; 6]>,
}

impl Minutes {
    /// What the racks want at a minute.
    pub fn wanted(&self, minute: usize) -> f64 {
        self.base[minute] + self.service[minute] + self.small[minute] + self.jobs[minute]
    }

    /// Mean of every hour.
    pub fn by_hour(&self) -> Vec<f64> {
        let hours = self.base.len() / 60;
        (0..hours)
            .map(|hour| (60 * hour..60 * hour + 60).map(|minute| self.wanted(minute)).sum::<f64>() / 60.0)
            .collect()
    }
}

/// Minutes of a day.
pub(super) const DAY: usize = 1440;

impl SiteLoad {
    /// Days.
    pub fn days(&self) -> usize {
        self.network.len().saturating_sub(1)
    }

    /// What does not follow the clock of what small jobs and undescribed work draw, over all.
    pub(super) fn small_fixed(&self) -> f64 {
        let (batch, other) = (self.batch.iter().sum::<f64>(), self.undescribed.iter().sum::<f64>());
        if batch + other > 0.0 {
            (self.batch_fixed * batch + self.undescribed_fixed * other) / (batch + other)
        } else {
            1.0
        }
    }

    /// Every minute's power.
    pub(super) fn minutes(&self, seed: u64, name: &str) -> Minutes {
        let minutes = self.days() * DAY;
        let course: Vec<f64> = (0..DAY)
            .map(|minute| {
                let hour = (minute as f64 + 0.5) / 60.0 - self.daily.1;
                1.0 + self.daily.0 * libm::cos(std::f64::consts::TAU * hour / 24.0)
            })
            .collect();
        let mut base = Vec::with_capacity(minutes);
        let mut service = Vec::with_capacity(minutes);
        let mut small = Vec::with_capacity(minutes);
        let mut kinds = vec![[0.0; 6]; self.days()];
        let mut stream = Stream::new(seed, "small jobs", name);
        let keep = if self.batch_memory > 0.0 { libm::exp(-1.0 / self.batch_memory) } else { 0.0 };
        let fresh = (1.0 - keep * keep).max(0.0).sqrt();
        let mut state = stream.normal();
        for (day, kinds) in kinds.iter_mut().enumerate() {
            let between = |of: &[f64], part: f64| of[day] + part * (of[day + 1] - of[day]);
            let (quiet, next) = (self.service[day], self.service[day + 1]);
            let varies = self.batch_deviation[day] > 0.0 || self.batch_deviation[day + 1] > 0.0;
            let from = (service.len(), small.len());
            for (minute, daily) in course.iter().enumerate() {
                let part = (minute as f64 + 0.5) / DAY as f64;
                base.push(between(&self.network, part) + between(&self.idle, part));
                let idle = quiet.0 + part * (next.0 - quiet.0);
                let load = quiet.1 + part * (next.1 - quiet.1);
                service.push(idle + load * daily);
                let mean = between(&self.batch, part);
                let other = between(&self.undescribed, part);
                if varies {
                    state = keep * state + fresh * stream.normal();
                    let deviation = between(&self.batch_deviation, part);
                    // Jobs cannot draw less than nothing, nor twice what they do on average.
                    small.push(other + (mean + deviation * state).clamp(0.0, 2.0 * mean));
                } else {
                    small.push(other + mean);
                }
            }
            let mean = |of: &[f64]| of.iter().sum::<f64>() / DAY as f64;
            let middle = |of: &[f64]| 0.5 * (of[day] + of[day + 1]);
            let other = middle(&self.undescribed);
            kinds[LoadKind::Service as usize] = mean(&service[from.0..]);
            kinds[LoadKind::Batch as usize] = mean(&small[from.1..]) - other;
            kinds[LoadKind::Undescribed as usize] = other;
            kinds[LoadKind::Idle as usize] = middle(&self.idle);
            kinds[LoadKind::Network as usize] = middle(&self.network);
        }
        let mut jobs = vec![0.0; minutes];
        for job in &self.jobs {
            for stretch in &job.stretches {
                let power = match stretch.level {
                    Level::Working => job.working(),
                    Level::Waiting => job.power.waiting,
                };
                spread(&mut jobs, stretch.from, stretch.to, power);
            }
        }
        for (kinds, day) in kinds.iter_mut().zip(jobs.chunks(DAY)) {
            kinds[LoadKind::Training as usize] = day.iter().sum::<f64>() / DAY as f64;
        }
        Minutes { base, service, small, jobs, kinds }
    }
}

/// Adds a power from a minute to another, parts of minutes as parts.
fn spread(series: &mut [f64], from: f64, to: f64, power: f64) {
    let (from, to) = (from.max(0.0), to.min(series.len() as f64));
    if from >= to {
        return;
    }
    let (first, last) = (from as usize, (to as usize).min(series.len() - 1));
    if first == last {
        series[first] += power * (to - from);
        return;
    }
    series[first] += power * (first as f64 + 1.0 - from);
    series[first + 1..last].iter_mut().for_each(|value| *value += power);
    series[last] += power * (to - last as f64);
}
