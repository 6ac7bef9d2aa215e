//! What a deployment is made of, in numbers.

use super::server::Blueprint;
use crate::fleet::{SECOND, Time};
use crate::serving::replica::Role;

/// A deployment.
#[derive(Clone, Debug)]
pub struct Cluster<B> {
    /// Classes of replicas. Replicas are numbered through all classes, each with as many numbers as it may have replicas.
    pub classes: Vec<Class<B>>,
    /// Who gets a request.
    pub router: Router,
    /// Which worker decodes what another has prefilled.
    pub decode_router: Router,
    /// How caches go from workers that prefill to those that decode.
    pub transfer: Transfer,
    /// How many requests are let in.
    pub admission: Admission,
    /// How often a request whose replica was lost begins again before it is lost.
    pub retries: u8,
    /// What befalls replicas, in the order of time.
    pub incidents: Vec<Incident>,
    /// What users are promised.
    pub targets: Targets,
    /// What the statistics count.
    pub measured: Measured,
    /// When to stop; nothing for when all has ended.
    pub end: Option<Time>,
    /// Of what routers choose by chance.
    pub seed: u64,
}

/// Replicas that are alike.
#[derive(Clone, Debug)]
pub struct Class<B> {
    /// What its engines are made from.
    pub blueprint: B,
    /// Replicas that are ready at the start.
    pub replicas: u32,
    /// Engines of a replica: groups of ranks with their own attention, which are priced in step and routed to one by one.
    pub engines: u32,
    /// From the start of a replica to its first request: the load of weights, graphs, warm-up.
    pub start_up: Time,
    /// How their number follows the load; nothing for a fixed number.
    pub scaling: Option<Scaling>,
}

/// Who gets a request, among engines that are ready and have room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Router {
    /// One after the other.
    RoundRobin,
    /// Any, with the same probability.
    Random,
    /// That with the fewest requests outstanding, the first of several.
    LeastLoaded,
    /// The better of two that are drawn (Mitzenmacher 2001); the first drawn of equals.
    PowerOfTwo,
    /// That which holds most of the prompt, weighed against its load.
    Prefix(PrefixRule),
    /// That of the session by consistent hashing, or the next on the ring with less than `balance` times the mean load
    /// (Mirrokni, Thorup and Zadimoghaddam 2018). Requests without a session go to the least loaded.
    Session {
        /// At least 1; 1.25 is usual.
        balance: f64,
    },
}

/// How the length of a match is weighed against load.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PrefixRule {
    /// Least `overlap × tokens to prefill + tokens of prompts outstanding there`, as NVIDIA Dynamo's router does.
    Cost {
        /// Its `overlap score weight`, 1 by default.
        overlap: f64,
    },
    /// Most `prefix × matched share + load × (most - its load) / (most - least)`, as the scorers of llm-d add up.
    Score {
        /// Weight of the match.
        prefix: f64,
        /// Weight of the load, in requests outstanding.
        load: f64,
    },
    /// The best match if it is longer than a share of the prompt and loads are even, else the least loaded, as SGLang's router
    /// does. Loads are uneven where `most - least > absolute` and `most > relative × least`.
    Threshold {
        /// Share of the prompt.
        share: f64,
        /// Requests.
        absolute: u32,
        /// Ratio.
        relative: f64,
    },
}

impl PrefixRule {
    /// Dynamo with its default weight.
    pub const DYNAMO: Self = Self::Cost { overlap: 1.0 };
    /// llm-d with its weights of 3 for the prefix and 2 for the queue.
    pub const LLM_D: Self = Self::Score { prefix: 3.0, load: 2.0 };
    /// SGLang with its documented thresholds.
    pub const SGLANG: Self = Self::Threshold { share: 0.5, absolute: 32, relative: 1.0001 };
}

/// Which requests the statistics count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measured {
    /// All requests.
    All,
    /// Those that arrive from a time on: latencies leave the others out, rates count what ends from then on.
    From(Time),
}

impl Measured {
    /// When counting begins.
    pub fn start(self) -> Time {
        match self {
            Self::All => 0,
            Self::From(time) => time,
        }
    }
}

/// How a number of replicas follows the load, as the horizontal autoscaler of Kubernetes does with an average value:
///
/// ```text
/// wanted = ceil(load / target)      unless |load / (target × replicas) - 1| <= tolerance
/// ```
///
/// Of what was wanted within the windows, the least is taken for growth and the most for shrinkage. Replicas that start count as
/// replicas. The newest go first, those that still start before all others; one that is ready finishes what it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaling {
    /// What the load is.
    pub load: ScalingLoad,
    /// Of it for each replica.
    pub target: f64,
    /// Fewest replicas.
    pub least: u32,
    /// Most replicas.
    pub most: u32,
    /// Time between two looks.
    pub interval: Time,
    /// Ratio of the load to its target that is let pass.
    pub tolerance: f64,
    /// How long fewer have to be wanted.
    pub down_window: Time,
    /// How long more have to be wanted.
    pub up_window: Time,
}

/// What a number of replicas follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScalingLoad {
    /// Requests outstanding, held ones too.
    Outstanding,
    /// Requests that wait, held ones too.
    Waiting,
}

impl Scaling {
    /// Requests outstanding, with the defaults of Kubernetes: every 15 s, 10 %, five minutes before it shrinks, at once when
    /// it grows. Its limit of doubling in 15 s is left out.
    pub fn outstanding(target: f64, least: u32, most: u32) -> Self {
        Self {
            load: ScalingLoad::Outstanding,
            target,
            least,
            most,
            interval: 15 * SECOND,
            tolerance: 0.1,
            down_window: 300 * SECOND,
            up_window: 0,
        }
    }
}

/// What befalls a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incident {
    /// When.
    pub at: Time,
    /// Index of its class.
    pub class: usize,
    /// Which of the class.
    pub replica: u32,
    /// What.
    pub kind: IncidentKind,
    /// How long it is out of use, from `at` on; then it starts up. Nothing for ever.
    pub duration: Option<Time>,
}

/// What befalls a replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IncidentKind {
    /// It is lost with all that it works on.
    Failure,
    /// It takes no more requests and stops when it has none.
    Drain,
}

/// How a cache goes from one engine to another.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Transfer {
    /// Nanoseconds for each token of the prompt: bytes of a token over bandwidth.
    pub token: f64,
    /// Nanoseconds beside them.
    pub fixed: Time,
}

impl Transfer {
    /// Of a prompt.
    pub fn time(&self, prompt: u32) -> Time {
        // A cast of a float saturates.
        self.fixed.saturating_add((self.token * f64::from(prompt)) as Time)
    }
}

/// How many requests are let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Most that an engine has at once; [`u32::MAX`] for no limit.
    pub each: u32,
    /// Most that are held while no engine takes them; those beyond are refused.
    pub held: u32,
}

impl Default for Admission {
    /// Engines queue whatever comes.
    fn default() -> Self {
        Self { each: u32::MAX, held: u32::MAX }
    }
}

/// What users are promised; a request that meets all counts as good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Targets {
    /// Longest time to the first token.
    pub time_to_first_token: Option<Time>,
    /// Longest time of an output token after the first.
    pub time_per_output_token: Option<Time>,
    /// Longest time to the last token.
    pub end_to_end: Option<Time>,
}

/// A model that cannot be simulated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClusterError {
    /// No class serves what comes in.
    #[error("no class of replicas takes requests")]
    Empty,
    /// Some prefill and none decodes.
    #[error("class {prefill} only prefills, and no class decodes")]
    NoDecode {
        /// Index of the class.
        prefill: usize,
    },
    /// Some decode and none prefills.
    #[error("class {decode} only decodes, and no class prefills")]
    NoPrefill {
        /// Index of the class.
        decode: usize,
    },
    /// Replicas without engines.
    #[error("a replica of class {class} has no engine")]
    NoEngines {
        /// Index of the class.
        class: usize,
    },
    /// Limits that exclude one another, a target that is not above zero, looks that leave no time between them.
    #[error(
        "scaling of class {class} needs a target above zero, an interval of a millisecond or more and limits in order: \
         it has {least} to {most} replicas"
    )]
    Scaling {
        /// Index of the class.
        class: usize,
        /// Fewest replicas.
        least: u32,
        /// Most replicas.
        most: u32,
    },
    /// An incident of a replica that there is not.
    #[error("incident {index} names replica {replica} of class {class}, which does not exist")]
    Incident {
        /// Index of the incident.
        index: usize,
        /// The class that it names.
        class: usize,
        /// The replica that it names.
        replica: u32,
    },
    /// More replicas than can be numbered.
    #[error("{engines} engines are too many")]
    TooMany {
        /// Engines of all classes.
        engines: u64,
    },
}

/// Most engines of a deployment.
const MOST_ENGINES: u64 = 1 << 24;

/// Shortest time between two looks of an autoscaler.
const SHORTEST_INTERVAL: Time = SECOND / 1_000;

impl<B> Cluster<B> {
    /// A deployment with a router and nothing else: unlimited admission, one retry, all requests measured.
    pub fn new(classes: Vec<Class<B>>, router: Router) -> Self {
        Self {
            classes,
            router,
            decode_router: Router::LeastLoaded,
            transfer: Transfer::default(),
            admission: Admission::default(),
            retries: 1,
            incidents: Vec::new(),
            targets: Targets::default(),
            measured: Measured::All,
            end: None,
            seed: 0,
        }
    }
}

impl<B> Class<B> {
    /// So many replicas of one engine each that are there from the start on.
    pub fn new(blueprint: B, replicas: u32) -> Self {
        Self { blueprint, replicas, engines: 1, start_up: 0, scaling: None }
    }

    /// Most replicas that it ever has.
    pub fn most(&self) -> u32 {
        self.scaling.map_or(0, |scaling| scaling.most).max(self.replicas)
    }
}

impl<B: Blueprint> Cluster<B> {
    /// Whether it can be simulated.
    pub(super) fn check(&self) -> Result<(), ClusterError> {
        let role = |wanted| self.classes.iter().position(|class| class.blueprint.role() == wanted);
        match (role(Role::Whole), role(Role::Prefill), role(Role::Decode)) {
            (None, None, None) => return Err(ClusterError::Empty),
            (_, Some(prefill), None) => return Err(ClusterError::NoDecode { prefill }),
            (_, None, Some(decode)) => return Err(ClusterError::NoPrefill { decode }),
            _ => {}
        }
        let engines =
            self.classes.iter().map(|class| u64::from(class.most()) * u64::from(class.engines)).sum();
        if engines > MOST_ENGINES {
            return Err(ClusterError::TooMany { engines });
        }
        for (index, class) in self.classes.iter().enumerate() {
            if class.engines == 0 {
                return Err(ClusterError::NoEngines { class: index });
            }
            if let Some(Scaling { target, least, most, interval, .. }) = class.scaling
                && !(target > 0.0 && interval >= SHORTEST_INTERVAL && most > 0 && least <= most)
            {
                return Err(ClusterError::Scaling { class: index, least, most });
            }
        }
        let known = |incident: &Incident| {
            self.classes.get(incident.class).is_some_and(|class| incident.replica < class.most())
        };
        match self.incidents.iter().position(|incident| !known(incident)) {
            None => Ok(()),
            Some(index) => {
                let Incident { class, replica, .. } = self.incidents[index];
                Err(ClusterError::Incident { index, class, replica })
            }
        }
    }
}
