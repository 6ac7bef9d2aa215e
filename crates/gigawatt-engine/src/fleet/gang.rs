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
    /// What servers that it wanted and did not have would have added while it worked without them.
    pub missing: u128,
}

/// Silent corruption of a server that nobody has noticed.
#[derive(Clone, Copy, Debug)]
struct Corruption {
    server: u32,
    /// Where the work was that was safe when it began.
    stage: usize,
    rest: Time,
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
    /// Work that was done in earlier segments and is not safe yet, and the server-nanoseconds that were booked for it.
    unsafe_work: Time,
    unsafe_time: u128,
    /// Time in which that was done, as checkpoints see it: a segment that continues another goes on with its cycle.
    phase: Time,
    /// To what it loses its time until it works again.
    pub cause: usize,
    /// Corruption of its servers, as it began.
    corruptions: Vec<Corruption>,
    /// Its servers that have failed and nobody knows.
    pub dead: Vec<u32>,
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
            unsafe_time: 0,
            phase: 0,
            cause: 0,
            corruptions: Vec::new(),
            dead: Vec::new(),
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
        let work = u64::try_from(work).unwrap_or(NEVER);
        let end = model.checkpoints.end(work.saturating_add(model.checkpoints.work(self.phase)));
        now.saturating_add(end.saturating_sub(self.phase))
    }

    /// Where a segment of work has come to.
    fn reached(&self, elapsed: Time, model: &GangModel) -> Reached {
        let speed = u128::from(self.speed(model));
        let scaled = |time: Time| (((u128::from(time) * speed) >> 32) as Time).min(self.rest);
        let delay = if self.deep { model.deep_delay } else { model.checkpoints.delay };
        let checkpoints = Checkpoints { delay, ..model.checkpoints };
        let (at, before) = (self.phase.saturating_add(elapsed), checkpoints.work(self.phase));
        let (wall, safe) = (checkpoints.work(at) - before, checkpoints.safe(at));
        // What is safe is first what earlier segments had left.
        let left = |of: u128| {
            if before == 0 { 0 } else { of * u128::from(before - safe.min(before)) / u128::from(before) }
        };
        let done = scaled(wall);
        let kept = scaled(safe.saturating_sub(before)).min(done);
        let time = u128::from(wall) * self.held();
        Reached {
            wall,
            done,
            kept,
            time,
            kept_time: if done == 0 { 0 } else { time * u128::from(kept) / u128::from(done) },
            earlier: left(u128::from(self.unsafe_work)) as Time,
            earlier_time: left(self.unsafe_time),
        }
    }

    /// Ends a segment of work. With [`Ending::Kept`] nothing of it is lost, as of a job that is told before; with
    /// [`Ending::Lost`] it loses what is not safe to the cause that it has.
    pub fn stop(&mut self, now: Time, model: &GangModel, ending: Ending) {
        let elapsed = now - self.since;
        let reached = self.reached(elapsed, model);
        self.account.checkpoints += u128::from(elapsed - reached.wall) * self.held();
        let absent = u128::from(self.wanted(model)).saturating_sub(self.held());
        self.account.missing += u128::from(reached.wall) * absent;
        let (mut unsafe_work, mut unsafe_time, mut phase) = (0, 0, 0);
        match ending {
            Ending::Kept | Ending::Done => {
                self.account.productive += reached.time;
                self.rest -= if ending == Ending::Done { self.rest } else { reached.done };
            }
            Ending::Continued => {
                self.account.productive += reached.time;
                self.rest -= reached.done;
                unsafe_work = reached.earlier + reached.done - reached.kept;
                unsafe_time = reached.earlier_time + reached.time - reached.kept_time;
                phase = model.checkpoints.since_safe(self.phase.saturating_add(elapsed));
            }
            Ending::Lost => {
                self.rest = self.rest - reached.kept + reached.earlier;
                // What earlier segments had left was counted as productive.
                self.account.productive = self.account.productive + reached.kept_time - reached.earlier_time;
                self.account.losses[self.cause].rework +=
                    reached.time - reached.kept_time + reached.earlier_time;
            }
        }
        (self.unsafe_work, self.unsafe_time, self.phase) = (unsafe_work, unsafe_time, phase);
        self.since = now;
    }

    /// Silent corruption of one of its servers begins: what is done from here on is wrong.
    pub fn taint(&mut self, now: Time, server: u32, model: &GangModel) {
        if self.corruptions.iter().any(|known| known.server == server) {
            return;
        }
        let rest = if self.activity == Activity::Running {
            let reached = self.reached(now - self.since, model);
            self.rest - reached.kept + reached.earlier
        } else {
            self.rest + self.unsafe_work
        };
        self.corruptions.push(Corruption { server, stage: self.stage, rest });
    }

    /// Silent corruption of a server is found, after the segment has been stopped: goes back to what was safe before it
    /// began.
    pub fn go_back(&mut self, server: u32, cause: usize, model: &GangModel) {
        let Some(at) = self.corruptions.iter().position(|known| known.server == server) else { return };
        let Corruption { stage, rest, .. } = self.corruptions.swap_remove(at);
        let time = |stage: usize, work: Time| u128::from(model.stages[stage].servers) * u128::from(work);
        let again = if stage == self.stage {
            time(stage, rest.saturating_sub(self.rest))
        } else {
            // Parts of the work that were done since are done again as well.
            let between = (stage + 1..self.stage).map(|part| time(part, model.stages[part].work));
            let last = model.stages[self.stage].work.saturating_sub(self.rest);
            time(stage, rest) + between.sum::<u128>() + time(self.stage, last)
        };
        self.rest = if stage == self.stage { rest.max(self.rest) } else { rest };
        self.stage = stage;
        let again = again.min(self.account.productive);
        self.account.losses[cause].rework += again;
        self.account.productive -= again;
        // Other servers that are corrupt spoil what comes from here on.
        for other in &mut self.corruptions {
            if other.stage > stage || (other.stage == stage && other.rest < self.rest) {
                (other.stage, other.rest) = (stage, self.rest);
            }
        }
    }

    /// Servers are its own from now on, put down at their places in its list.
    pub fn take(&mut self, servers: &[u32], places: &mut [u32]) {
        for &server in servers {
            places[server as usize] = self.servers.len() as u32;
            self.servers.push(server);
        }
    }

    /// Servers are its own no more; what is wrong with them is none of its business.
    pub fn forget(&mut self, servers: &[u32], places: &mut [u32], model: &GangModel) {
        if let Elastic::Rollout { .. } = model.elastic {
            // The order of its servers says which of them generate.
            self.servers.retain(|held| servers.binary_search(held).is_err());
        } else {
            for &server in servers {
                let at = places[server as usize] as usize;
                self.servers.swap_remove(at);
                if let Some(&moved) = self.servers.get(at) {
                    places[moved as usize] = at as u32;
                }
            }
        }
        self.corruptions.retain(|known| servers.binary_search(&known.server).is_err());
        self.dead.retain(|known| servers.binary_search(known).is_err());
    }

    /// It has given back all its servers.
    pub fn forget_all(&mut self) -> Vec<u32> {
        self.corruptions.clear();
        self.dead.clear();
        std::mem::take(&mut self.servers)
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

/// Where a segment of work has come to. Work counts at the size that it would have at full speed.
struct Reached {
    /// Time in which it worked.
    wall: Time,
    done: Time,
    /// What of this is safe.
    kept: Time,
    /// Server-nanoseconds of the work, and of what is safe.
    time: u128,
    kept_time: u128,
    /// Work of earlier segments that is not safe yet, and its server-nanoseconds.
    earlier: Time,
    earlier_time: u128,
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
