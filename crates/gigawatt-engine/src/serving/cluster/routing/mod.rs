//! Who gets a request.

mod members;
mod prefix;
mod ring;

use members::Members;
use prefix::PrefixIndex;
use ring::Ring;

use super::model::{PrefixRule, Router};
use super::tournament::{ABSENT, Tournament};
use crate::fleet::Stream;
use crate::serving::replica::Arrival;

/// Most pairs of a block and an engine that a router remembers: about 60 MB.
const REMEMBERED: usize = 1 << 20;

/// Most engines that are asked what they hold for one request; of the others the router's memory is not trusted.
const ASKED: u32 = 8;

/// What a router knows of an engine that takes requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EngineLoad {
    /// Requests outstanding.
    pub requests: u32,
    /// Tokens of their prompts.
    pub tokens: u64,
}

/// What a router says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// This one.
    Engine(u32),
    /// That of these with fewer requests outstanding, or the first.
    Either(u32, u32),
    /// It wants to know how many prefix blocks this one holds, and goes on with [`Routing::checked`].
    Check(u32),
}

/// An engine that may hold a part of a prompt.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    cost: f64,
    engine: u32,
    /// Blocks that it is thought to hold.
    blocks: u32,
    checked: bool,
}

/// How a match and a load add up for one request.
#[derive(Clone, Copy, Debug)]
struct Weights {
    /// Cost of a prompt of which nothing is held.
    prompt: f64,
    /// Its prefix blocks.
    blocks: f64,
    /// Cost of a unit of load above the least.
    load: f64,
    least: u64,
}

/// A router with what it remembers.
#[derive(Clone, Debug)]
pub(super) struct Routing {
    router: Router,
    members: Members,
    /// Requests outstanding of members.
    requests: Tournament,
    /// The same from above.
    most: Tournament,
    /// Tokens of prompts outstanding of members.
    tokens: Tournament,
    /// Requests outstanding of all members.
    total: u64,
    /// The next in turn.
    turn: u32,
    stream: Stream,
    ring: Ring,
    index: PrefixIndex,
    candidates: Vec<Candidate>,
    weights: Weights,
    /// Engines that are candidates already, by the number of the request.
    marks: Vec<u64>,
    /// The number of the request, and how many engines were asked for it.
    asked: (u64, u32),
}

impl Routing {
    /// Of so many engines, of which none takes requests yet.
    pub fn new(router: Router, engines: u32, seed: u64, purpose: &str) -> Self {
        // What a router does not look at has no size.
        let sized = |used: bool| if used { engines as usize } else { 0 };
        let tree = |used| Tournament::new(sized(used));
        let prefix = matches!(router, Router::Prefix(_));
        let cost = matches!(router, Router::Prefix(PrefixRule::Cost { .. }));
        let session = matches!(router, Router::Session { .. });
        Self {
            router,
            members: Members::new(engines),
            requests: tree(Self::weighs_all(router) && !cost),
            most: tree(prefix && !cost),
            tokens: tree(cost),
            total: 0,
            turn: 0,
            stream: Stream::new(seed, "router", purpose),
            ring: Ring::new(sized(session) as u32),
            index: PrefixIndex::new(sized(prefix), REMEMBERED),
            candidates: Vec::new(),
            weights: Weights { prompt: 0.0, blocks: 1.0, load: 0.0, least: 0 },
            marks: vec![0; sized(prefix)],
            asked: (0, 0),
        }
    }

    /// Whether a router looks at the loads of all engines, which then have to be known at every time.
    pub fn weighs_all(router: Router) -> bool {
        matches!(router, Router::LeastLoaded | Router::Prefix(_) | Router::Session { .. })
    }

    /// An engine takes requests with this load, or takes none.
    pub fn set(&mut self, engine: u32, load: Option<EngineLoad>) {
        match load {
            Some(_) => self.members.insert(engine),
            None => self.members.remove(engine),
        }
        if !Self::weighs_all(self.router) {
            return;
        }
        if let Router::Prefix(PrefixRule::Cost { .. }) = self.router {
            self.tokens.set(engine, load.map_or(ABSENT, |load| load.tokens));
            return;
        }
        let before = self.requests.key(engine);
        self.total -= if before == ABSENT { 0 } else { before };
        self.total += load.map_or(0, |load| u64::from(load.requests));
        self.requests.set(engine, load.map_or(ABSENT, |load| u64::from(load.requests)));
        if matches!(self.router, Router::Prefix(_)) {
            self.most.set(engine, load.map_or(ABSENT, |load| ABSENT - 1 - u64::from(load.requests)));
        }
    }

    /// Whether any takes requests.
    pub fn any(&self) -> bool {
        self.members.count() > 0
    }

    /// An engine has lost its cache.
    pub fn forget(&mut self, engine: u32) {
        if let Router::Prefix(_) = self.router {
            self.index.forget(engine);
        }
    }

    /// An engine was sent a request.
    pub fn sent(&mut self, engine: u32, request: &Arrival<'_>) {
        if let Router::Prefix(_) = self.router {
            self.index.sent(engine, request.blocks);
        }
    }

    /// Who gets a request; `None` where nobody takes any.
    pub fn choose(&mut self, request: &Arrival<'_>) -> Option<Choice> {
        let count = self.members.count() as u64;
        if count == 0 {
            return None;
        }
        match self.router {
            Router::RoundRobin => {
                let engine = self.members.next_from(self.turn)?;
                self.turn = engine + 1;
                Some(Choice::Engine(engine))
            }
            Router::Random => Some(Choice::Engine(self.members.at(self.stream.below(count)))),
            Router::LeastLoaded => self.least_loaded(),
            Router::PowerOfTwo if count == 1 => Some(Choice::Engine(self.members.at(0))),
            Router::PowerOfTwo => {
                let first = self.stream.below(count);
                // The second of the others, so that the two differ.
                let second = self.stream.below(count - 1);
                let second = second + u64::from(second >= first);
                Some(Choice::Either(self.members.at(first), self.members.at(second)))
            }
            Router::Session { .. } if request.session == 0 => self.least_loaded(),
            Router::Session { balance } => {
                // Some engine has no more than the mean, so the way around ends.
                let most = balance.max(1.0) * (self.total + 1) as f64 / count as f64;
                let room = |&engine: &u32| {
                    let load = self.requests.key(engine);
                    load != ABSENT && (load as f64) < most.ceil()
                };
                self.ring.from(request.session).find(room).map(Choice::Engine)
            }
            Router::Prefix(rule) => self.by_prefix(rule, request),
        }
    }

    fn least_loaded(&self) -> Option<Choice> {
        self.requests.least().map(|(_, engine)| Choice::Engine(engine))
    }

    fn by_prefix(&mut self, rule: PrefixRule, request: &Arrival<'_>) -> Option<Choice> {
        let blocks = request.blocks.len().max(1) as f64;
        match rule {
            PrefixRule::Cost { overlap } => {
                let (least, first) = self.tokens.least()?;
                let prompt = overlap * f64::from(request.prompt);
                self.weigh(Weights { prompt, blocks, load: 1.0, least }, first, request.blocks)
            }
            PrefixRule::Score { prefix, load } => {
                let (least, first) = self.requests.least()?;
                let range = self.highest() - least;
                let load = if range > 0 { load / range as f64 } else { 0.0 };
                self.weigh(Weights { prompt: prefix, blocks, load, least }, first, request.blocks)
            }
            PrefixRule::Threshold { share, absolute, relative } => {
                let (least, _) = self.requests.least()?;
                let highest = self.highest();
                let uneven =
                    highest - least > u64::from(absolute) && highest as f64 > relative * least as f64;
                let deepest = self.index.deepest(request.blocks);
                if uneven || deepest as f64 <= share * blocks {
                    return self.least_loaded();
                }
                let mut best = None;
                for engine in self.index.engines(request.blocks[deepest - 1]) {
                    // Who takes no requests has the greatest key.
                    let load = self.requests.key(engine);
                    if load < best.map_or(ABSENT, |(load, _)| load) {
                        best = Some((load, engine));
                    }
                    if load == least {
                        break;
                    }
                }
                best.map(|(_, engine)| Choice::Engine(engine)).or_else(|| self.least_loaded())
            }
        }
    }

    /// The most requests that an engine has outstanding.
    fn highest(&self) -> u64 {
        self.most.least().map_or(0, |(key, _)| ABSENT - 1 - key)
    }

    fn load(&self, engine: u32) -> u64 {
        let tokens = matches!(self.router, Router::Prefix(PrefixRule::Cost { .. }));
        if tokens { self.tokens.key(engine) } else { self.requests.key(engine) }
    }

    fn cost(&self, engine: u32, blocks: u32) -> f64 {
        let Weights { prompt, blocks: all, load, least } = self.weights;
        // Loads are whole numbers: their difference is exact, and equal costs are equal. One that was asked may have become less
        // than the least.
        prompt * (1.0 - f64::from(blocks) / all) + load * (self.load(engine) as f64 - least as f64)
    }

    /// Makes candidates of the least loaded and of all that hold a prefix, the longest first, until even the least load could not make
    /// up for a shorter one.
    fn weigh(&mut self, weights: Weights, least_loaded: u32, blocks: &[u64]) -> Option<Choice> {
        self.weights = weights;
        self.asked = (self.asked.0 + 1, 0);
        self.candidates.clear();
        let cost = self.cost(least_loaded, 0);
        self.candidates.push(Candidate { cost, engine: least_loaded, blocks: 0, checked: true });
        let (mut best, mut holders) = (cost, 0);
        'prefixes: for depth in (1..=self.index.deepest(blocks)).rev() {
            let bound = weights.prompt * (1.0 - depth as f64 / weights.blocks);
            if bound >= best {
                break;
            }
            // Who holds a block holds those before it: as many holders are the same.
            let count = self.index.holder_count(blocks[depth - 1]);
            if count == holders {
                continue;
            }
            holders = count;
            for engine in self.index.engines(blocks[depth - 1]) {
                if !self.members.contains(engine) || self.marks[engine as usize] == self.asked.0 {
                    continue;
                }
                self.marks[engine as usize] = self.asked.0;
                let cost = self.cost(engine, depth as u32);
                // Those that were best for a while are asked next where the best holds less than was thought.
                if cost < best {
                    best = cost;
                    self.candidates.push(Candidate { cost, engine, blocks: depth as u32, checked: false });
                }
                if best <= bound {
                    break 'prefixes;
                }
            }
        }
        self.best()
    }

    /// The candidate of the least cost, the first of equals; those who hold something have to be asked first.
    fn best(&self) -> Option<Choice> {
        let order = |one: &&Candidate, other: &&Candidate| {
            one.cost.total_cmp(&other.cost).then(one.engine.cmp(&other.engine))
        };
        let enough = self.asked.1 >= ASKED;
        let best = self.candidates.iter().filter(|candidate| candidate.checked || !enough).min_by(order)?;
        Some(if best.checked { Choice::Engine(best.engine) } else { Choice::Check(best.engine) })
    }

    /// An engine that was asked holds so many prefix blocks of the request.
    pub fn checked(&mut self, engine: u32, blocks: u32) -> Option<Choice> {
        self.asked.1 += 1;
        let at =
            self.candidates.iter().position(|candidate| candidate.engine == engine && !candidate.checked)?;
        if !self.members.contains(engine) {
            self.candidates.remove(at);
            return self.best();
        }
        let held = blocks.min(self.candidates[at].blocks);
        let cost = self.cost(engine, held);
        self.candidates[at] = Candidate { cost, engine, blocks: held, checked: true };
        self.best()
    }
}

#[cfg(test)]
mod tests;
