//! The life of one job on many servers: its work, what interruptions cost it, and where its time went.

use super::model::{Elastic, Gang as GangModel};
use super::queue::{NEVER, Time, seconds};
use super::segment::Checkpoints;

/// What a gang does with its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// It waits for its first servers, or for those it gave to others.
    Queued,
    /// It holds servers and waits for those that are to replace others.
    Waiting,
    /// It starts.
    Starting,
    /// It works.
    Running,
    /// It stands, and nobody knows.
    Stalled,
    /// It has done its work.
    Done,
}

/// Server-nanoseconds that are lost to one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Work that had to be done again.
    pub rework: u128,
    /// From failures to their being noticed.
    pub stalled: u128,
    /// Waiting for servers while others were held.
    pub waiting: u128,
    /// Starting again.
    pub restarting: u128,
    /// How often.
    pub interruptions: u32,
}

/// Where a gang's time went, in server-nanoseconds but for `queued`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Work that lasted.
    pub productive: u128,
    /// Time in which checkpoints stopped it.
    pub checkpoints: u128,
    /// Losses by cause.
    pub losses: Vec<Loss>,
    /// Nanoseconds without servers.
    pub queued: u128,
    /// Work done on fewer servers than wanted is counted whole; this is what the missing ones would have added.
    pub missing: u128,
}

/// A gang as it is.
#[derive(Clone, Debug)]
pub struct Gang {
    /// Its job.
    pub job: u32,
    /// Servers that it holds.
    pub servers: Vec<u32>,
    /// Which part of its work it is at.
    pub stage: usize,
    /// What it does, and since when.
    pub activity: Activity,
    /// Since when.
    pub since: Time,
    /// Work of this part that is not done, at full speed.
    pub rest: Time,
    /// Work that was done in earlier segments and is not safe yet.
    unsafe_work: Time,
    /// To what it loses its time until it works again.
    pub cause: usize,
    /// Work left as it was when silent corruption began, if it did.
    tainted: Option<(usize, Time)>,
    /// Where its time went.
    pub account: Account,
    /// When it first worked and when it was done.
    pub began: Option<Time>,
    /// When it was done.
    pub ended: Option<Time>,
    /// What it did from when on, up to a number of changes.
    pub course: Vec<(Time, Activity, usize)>,
    /// Whether the next checkpoint to load is one that survives the loss of several servers.
    pub deep: bool,
}

/// The most changes of a gang's activity that are kept.
pub const COURSE: usize = 100_000;

impl Gang {
    /// A gang that has not asked yet.
    pub fn new(job: u32, model: &GangModel, causes: usize) -> Self {
        Self {
            job,
            servers: Vec::new(),
            stage: 0,
            activity: Activity::Queued,
            since: model.submit,
            rest: model.stages.first().map_or(0, |stage| stage.work),
            unsafe_work: 0,
            cause: 0,
            tainted: None,
            account: Account {
                productive: 0,
                checkpoints: 0,
                losses: vec![Loss::default(); causes],
                queued: 0,
                missing: 0,
            },
            began: None,
            ended: None,
            course: Vec::new(),
            deep: false,
        }
    }

    /// Servers that its part of the work wants.
    pub fn wanted(&self, model: &GangModel) -> u32 {
        model.stages.get(self.stage).map_or(0, |stage| stage.servers)
    }

    /// The fewest servers with which it works.
    pub fn least(&self, model: &GangModel) -> u32 {
        let wanted = self.wanted(model);
        let part =
            |share: f64| libm::ceil(f64::from(wanted) * share).clamp(1.0, f64::from(wanted.max(1))) as u32;
        match model.elastic {
            Elastic::Rigid => wanted,
            Elastic::Shrinks { least } => part(least),
            Elastic::Rollout { servers, .. } => part(1.0 - servers),
        }
    }

    /// How fast it works, in parts of 2^32 of full speed.
    fn speed(&self, model: &GangModel) -> u64 {
        let (there, wanted) = (self.servers.len() as f64, f64::from(self.wanted(model)));
        let full = (1_u64 << 32) as f64;
        let speed = match model.elastic {
            _ if there >= wanted => return 1 << 32,
            Elastic::Rigid | Elastic::Shrinks { .. } => there / wanted,
            Elastic::Rollout { servers, time } => {
                let generating = (there - wanted * (1.0 - servers)).max(0.0) / (wanted * servers);
                if generating <= 0.0 { 1.0 - time } else { 1.0 / (1.0 - time + time / generating) }
            }
        };
        ((speed * full) as u64).max(1)
    }

    fn held(&self) -> u128 {
        self.servers.len() as u128
    }

    /// Books the time since the activity began. Whoever ends a segment of work calls [`Gang::stop`] first.
    fn book(&mut self, now: Time) {
        let time = u128::from(now - self.since);
        let held = self.held();
        let loss = &mut self.account.losses[self.cause];
        match self.activity {
            Activity::Queued => self.account.queued += time,
            Activity::Waiting => loss.waiting += time * held,
            Activity::Starting => loss.restarting += time * held,
            Activity::Stalled => loss.stalled += time * held,
            Activity::Running | Activity::Done => {}
        }
    }

    /// Changes its activity. Its servers have to be those that it held until now.
    pub fn turn(&mut self, now: Time, activity: Activity) {
        self.book(now);
        self.activity = activity;
        self.since = now;
        if self.course.len() < COURSE {
            self.course.push((now, activity, self.cause));
        }
    }

    /// Books what has passed without changing the activity, before its servers change.
    pub fn settle(&mut self, now: Time) {
        if self.activity != Activity::Running {
            self.book(now);
            self.since = now;
        }
    }

    /// Begins to work; gives the time at which the part of its work would be done.
    pub fn run(&mut self, now: Time, model: &GangModel) -> Time {
        self.turn(now, Activity::Running);
        self.began.get_or_insert(now);
        let work = (u128::from(self.rest) << 32).div_ceil(u128::from(self.speed(model)));
        let end = model.checkpoints.end(u64::try_from(work).unwrap_or(NEVER));
        now.saturating_add(end)
    }

    /// Ends a segment of work. With `keep` nothing of it is lost, as of a job that is told before; without, it loses
    /// what is not safe to the cause that it has.
    pub fn stop(&mut self, now: Time, model: &GangModel, ending: Ending) {
        let elapsed = now - self.since;
        let speed = u128::from(self.speed(model));
        let scaled = |time: Time| ((u128::from(time) * speed) >> 32) as Time;
        let delay = if self.deep { model.deep_delay } else { model.checkpoints.delay };
        let checkpoints = Checkpoints { delay, ..model.checkpoints };
        let (wall, safe) = (checkpoints.work(elapsed), checkpoints.safe(elapsed));
        let (done, kept) = (scaled(wall).min(self.rest), scaled(safe).min(self.rest));
        let held = self.held();
        self.account.checkpoints += u128::from(elapsed - wall) * held;
        // Work counts at the size that it would have at full speed.
        let each = |work: Time| {
            if done == 0 { 0 } else { u128::from(wall) * held * u128::from(work) / u128::from(done) }
        };
        match ending {
            Ending::Kept | Ending::Done => {
                let done = if ending == Ending::Done { self.rest } else { done };
                self.account.productive += u128::from(wall) * held;
                self.rest -= done;
                self.unsafe_work = 0;
            }
            Ending::Continued => {
                self.account.productive += u128::from(wall) * held;
                self.rest -= done;
                self.unsafe_work = if kept > 0 { done - kept } else { self.unsafe_work + done };
            }
            Ending::Lost => {
                self.account.productive += each(kept);
                self.rest -= kept;
                let loss = &mut self.account.losses[self.cause];
                loss.rework += each(done) - each(kept);
                if kept == 0 {
                    // What earlier segments had left unsafe was counted as productive.
                    let again = u128::from(self.unsafe_work) * held;
                    loss.rework += again;
                    self.account.productive = self.account.productive.saturating_sub(again);
                    self.rest += self.unsafe_work;
                }
                self.unsafe_work = 0;
            }
        }
        self.since = now;
    }

    /// Silent corruption of one of its servers begins: what is done from here on is wrong.
    pub fn taint(&mut self, now: Time, model: &GangModel) {
        if self.activity == Activity::Running && self.tainted.is_none() {
            let elapsed = now - self.since;
            let safe = model.checkpoints.safe(elapsed);
            let kept = ((u128::from(safe) * u128::from(self.speed(model))) >> 32) as Time;
            let kept = if kept == 0 { self.rest + self.unsafe_work } else { self.rest.saturating_sub(kept) };
            self.tainted = Some((self.stage, kept));
        }
    }

    /// Silent corruption is found, after the segment has been stopped: goes back to what was sure before it began.
    pub fn go_back(&mut self, model: &GangModel) {
        let Some((stage, rest)) = self.tainted.take() else { return };
        // Parts of the work that were done since are done again as well.
        let mut again = rest.saturating_sub(self.rest);
        if stage < self.stage {
            let between: Time = model.stages[stage + 1..self.stage].iter().map(|stage| stage.work).sum();
            again = rest + between + (model.stages[self.stage].work - self.rest);
            self.stage = stage;
        }
        self.rest = rest;
        let again = u128::from(again) * self.held();
        self.account.losses[self.cause].rework += again;
        self.account.productive = self.account.productive.saturating_sub(again);
    }

    /// Part of its work that is done, what is not safe yet among it.
    pub fn progress(&self, now: Time, model: &GangModel) -> f64 {
        let all: f64 = model.stages.iter().map(|stage| seconds(stage.work)).sum();
        if self.ended.is_some() || all <= 0.0 {
            return 1.0;
        }
        let later: f64 = model.stages.iter().skip(self.stage + 1).map(|stage| seconds(stage.work)).sum();
        let running = self.activity == Activity::Running;
        let wall = if running { model.checkpoints.work(now - self.since) } else { 0 };
        let done = ((u128::from(wall) * u128::from(self.speed(model))) >> 32) as Time;
        let left = seconds(self.rest.saturating_sub(done)) + later;
        (1.0 - left / all).clamp(0.0, 1.0)
    }

    /// Goes on to the next part of its work; nothing where there is none.
    pub fn advance(&mut self, model: &GangModel) -> Option<()> {
        let next = model.stages.get(self.stage + 1)?;
        self.stage += 1;
        self.rest = next.work;
        Some(())
    }
}

/// How a segment of work ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is done.
    Done,
    /// What is done is written before it stops.
    Kept,
    /// It goes on at another speed.
    Continued,
    /// What is not safe is lost.
    Lost,
}
