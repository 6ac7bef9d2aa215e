//! How much designs serve of requests that come at random, by queues in closed form: where the simulation begins.

use super::asked::SizingAsked;
use super::design::{Design, Part, Units, WorkerDesign};
use super::search::{Found, Ground};
use super::sharing::{Seen, Sharing};
use super::worker::{Pace, Worker};

/// Workers for prompts and for answers of which a ratio is made where no demand says how many are needed.
const MOST_OF_A_RATIO: u64 = 16;
/// Best workers for answers that are joined with the best for prompts, and the other way round.
const JOINED: usize = 4;

/// A design with how much it is thought to serve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub choice: usize,
    pub design: Design,
    /// What the demand takes of it at least, weighted.
    pub bound: f64,
    pub share: f64,
    /// As many as the demand takes; one replica or a ratio of workers without one.
    pub units: Units,
    /// Requests per second that they are thought to serve within the promise.
    pub rate: f64,
    pub seen: Seen,
}

/// Replicas, and pairs of workers of one choice, by what they count for at least; pairs of the best few of each.
pub(super) fn arranged(found: &[Found], choices: usize) -> Vec<(usize, Design, f64, f64)> {
    let whole = found.iter().filter(|one| one.part == Part::Whole);
    let mut all: Vec<(usize, Design, f64, f64)> =
        whole.map(|one| (one.choice, Design::Together(one.design), one.value, one.share)).collect();
    for choice in 0..choices {
        let best = |part: Part| {
            let mut some: Vec<&Found> =
                found.iter().filter(|one| one.choice == choice && one.part == part).collect();
            some.sort_by(|a, b| a.order(b));
            some.truncate(JOINED);
            some
        };
        // The two sides do not depend on each other: what is best of each is the best pair.
        for (index, prefill) in best(Part::Prefill).into_iter().enumerate() {
            for decode in best(Part::Decode).into_iter().take(if index == 0 { JOINED } else { 1 }) {
                all.push((
                    choice,
                    Design::Apart { prefill: prefill.design, decode: decode.design },
                    prefill.value + decode.value,
                    prefill.share + decode.share,
                ));
            }
        }
    }
    all.sort_by(|a, b| (a.2.total_cmp(&b.2)).then(a.3.total_cmp(&b.3)));
    all
}

/// How much a design is thought to serve; none where not even a trickle keeps the promise.
pub(super) fn estimate(
    ground: &Ground<'_>,
    (choice, design, bound, share): (usize, Design, f64, f64),
    asked: &SizingAsked,
) -> Option<Estimate> {
    let of = |part: Part, design: &WorkerDesign| {
        let worker = ground.worker(design.layout, design.token_budget, asked);
        Queue::new(&worker, part, design, asked)
    };
    match design {
        Design::Together(worker) => {
            let queue = of(Part::Whole, &worker);
            let units = Units { main: whole(asked, queue.load), prefill: 0 };
            let rate = asked.rate.unwrap_or(queue.load);
            let seen = queue.seen(rate / number(units.main), asked)?;
            Some(Estimate { choice, design, bound, share, units, rate, seen })
        }
        Design::Apart { prefill, decode } => {
            let (prompts, answers) = (of(Part::Prefill, &prefill), of(Part::Decode, &decode));
            if !(prompts.load > 0.0 && answers.load > 0.0) {
                return None;
            }
            let units = match asked.rate {
                Some(_) => Units { main: whole(asked, answers.load), prefill: whole(asked, prompts.load) },
                None => ratio(&prompts, &answers, &prefill, &decode),
            };
            let most = (prompts.load * number(units.prefill)).min(answers.load * number(units.main));
            let rate = asked.rate.unwrap_or(most);
            let first = prompts.seen(rate / number(units.prefill), asked)?;
            let further = answers.seen(rate / number(units.main), asked)?;
            let waiting = first.waiting.max(further.waiting);
            let seen = Seen { first_token: first.first_token, each_token: further.each_token, waiting };
            Some(Estimate { choice, design, bound, share, units, rate, seen })
        }
    }
}

/// A worker with what it is thought to serve.
struct Queue {
    sharing: Sharing,
    load: f64,
}

impl Queue {
    fn new(worker: &Worker<'_>, part: Part, design: &WorkerDesign, asked: &SizingAsked) -> Self {
        let groups = worker.groups();
        let pace = |requests: f64| {
            let each = requests / groups;
            match part {
                Part::Whole => worker.together(each),
                Part::Decode => worker.decoding(each),
                // Fewer prompts than groups leave some without work.
                Part::Prefill => {
                    let pace = worker.prompting(each.max(1.0));
                    Pace { rate: pace.rate * each.min(1.0), ..pace }
                }
            }
        };
        let sharing = Sharing::new(number(design.most_sequences) * groups, pace);
        let load = sharing.load(asked.promise.at.share(), |seen| {
            asked.promise.holds(seen.first_token, seen.each_token, seen.waiting)
        });
        Self { sharing, load }
    }

    fn seen(&self, rate: f64, asked: &SizingAsked) -> Option<Seen> {
        self.sharing.seen(rate, asked.promise.at.share())
    }
}

/// Whole units of so much each that a demand takes; one without a demand.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is limited")]
fn whole(asked: &SizingAsked, each: f64) -> u64 {
    if asked.rate.is_some() { asked.units(each).min(1e12) as u64 } else { 1 }
}

/// The ratio of few workers that serves most for its accelerators.
fn ratio(prompts: &Queue, answers: &Queue, prefill: &WorkerDesign, decode: &WorkerDesign) -> Units {
    let mut best = (0.0, Units { main: 1, prefill: 1 });
    for total in 2..=2 * MOST_OF_A_RATIO {
        for of_prompts in 1..total {
            let units = Units { main: total - of_prompts, prefill: of_prompts };
            if units.main.max(units.prefill) > MOST_OF_A_RATIO {
                continue;
            }
            let rate = (prompts.load * number(units.prefill)).min(answers.load * number(units.main));
            let each =
                rate / number(Design::Apart { prefill: *prefill, decode: *decode }.accelerators(units));
            // More workers have to be worth it.
            if each > best.0 * 1.01 {
                best = (each, units);
            }
        }
    }
    best.1
}

#[expect(clippy::cast_precision_loss, reason = "workers and sequences are few")]
fn number(count: u64) -> f64 {
    count as f64
}
