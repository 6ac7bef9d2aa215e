//! How much designs serve of requests that come at random, by queues in closed form: where the simulation begins.

use rayon::prelude::*;

use super::asked::SizingAsked;
use super::design::{Design, Part, Units, WorkerDesign};
use super::search::{Found, Ground};
use super::sharing::{Seen, Sharing};
use super::worker::Pace;

/// Workers for prompts and for answers of which a ratio is made where no demand says how many are needed.
const MOST_OF_A_RATIO: u64 = 32;

/// A design with how much it is thought to serve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub choice: usize,
    pub design: Design,
    /// What the demand takes of it at least, weighted.
    pub bound: f64,
    /// The same in parts of units.
    pub share: f64,
    /// As many as the demand takes; one replica or a ratio of workers without one.
    pub units: Units,
    /// Requests per second that they are thought to serve within the promise.
    pub rate: f64,
    /// What the units are thought to count for: in all where there is a demand, else for each request per second.
    pub value: f64,
}

impl Estimate {
    fn valued(self, weight: f64, asked: &SizingAsked) -> Self {
        let all = number(self.design.accelerators(self.units)) * weight;
        Self { value: if asked.rate.is_some() { all } else { all / self.rate }, ..self }
    }
}

/// A worker with what it is thought to serve.
struct Queue {
    found: Found,
    load: f64,
}

/// A worker as a queue.
fn sharing(ground: &Ground<'_>, (part, design): (Part, &WorkerDesign), asked: &SizingAsked) -> Sharing {
    let worker = ground.worker(design.layout, design.token_budget, asked);
    let groups = worker.groups();
    Sharing::new(number(design.most_sequences) * groups, |requests| {
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
    })
}

/// Replicas, and pairs of workers of one choice, by what the demand takes of them at least. Of each part of a choice the
/// `most` best are taken; what others would take at least is told beside them.
pub(super) fn estimates(
    found: &[Found],
    grounds: &[Ground<'_>],
    asked: &SizingAsked,
    most: usize,
) -> (Vec<Estimate>, f64) {
    let (mut all, mut left_out) = (Vec::new(), f64::INFINITY);
    for (choice, ground) in grounds.iter().enumerate() {
        let of = |part: Part| found.iter().filter(move |one| one.choice == choice && one.part == part);
        let queues = |part: Part| -> Vec<Queue> {
            let some: Vec<Found> = of(part).take(most).copied().collect();
            let queue = |found: Found| {
                let sharing = sharing(ground, (part, &found.design), asked);
                // What is done elsewhere is part of a request's life too.
                let elsewhere = if part == Part::Prefill {
                    asked.promise.each_token.unwrap_or(0.0) * asked.request.output
                } else {
                    0.0
                };
                let load = sharing.load(asked.promise.at.share(), |seen| {
                    let waiting = seen.waiting / (seen.life + elsewhere);
                    asked.promise.holds(seen.first_token, seen.each_token, waiting)
                });
                Queue { found, load }
            };
            some.into_par_iter().map(queue).filter(|one| one.load > 0.0).collect()
        };
        let [whole, prompts, answers] = Part::ALL.map(queues);
        let valued = |one: Estimate| one.valued(ground.weight, asked);
        all.extend(whole.iter().map(|one| valued(together(one, asked))));
        for prompt in &prompts {
            all.extend(answers.iter().map(|answer| valued(apart(prompt, answer, asked))));
        }
        let best = |part: Part| of(part).next().map_or(f64::INFINITY, |one| one.value);
        for part in Part::ALL {
            let Some(next) = of(part).nth(most) else { continue };
            left_out = left_out.min(next.value + part.other().map_or(0.0, best));
        }
    }
    all.sort_by(|a, b| (a.bound.total_cmp(&b.bound)).then(a.share.total_cmp(&b.share)));
    (all, left_out)
}

fn together(queue: &Queue, asked: &SizingAsked) -> Estimate {
    let Found { choice, design, value, share, .. } = queue.found;
    Estimate {
        choice,
        design: Design::Together(design),
        bound: value,
        share,
        units: Units { main: whole(asked, queue.load), prefill: 0 },
        rate: asked.rate.unwrap_or(queue.load),
        value: f64::INFINITY,
    }
}

fn apart(prompts: &Queue, answers: &Queue, asked: &SizingAsked) -> Estimate {
    let design = Design::Apart { prefill: prompts.found.design, decode: answers.found.design };
    let units = match asked.rate {
        Some(_) => Units { main: whole(asked, answers.load), prefill: whole(asked, prompts.load) },
        None => ratio(prompts, answers),
    };
    let most = (prompts.load * number(units.prefill)).min(answers.load * number(units.main));
    Estimate {
        choice: prompts.found.choice,
        design,
        bound: prompts.found.value + answers.found.value,
        share: prompts.found.share + answers.found.share,
        units,
        rate: asked.rate.unwrap_or(most),
        value: f64::INFINITY,
    }
}

/// What users are thought to see of a design; none where more would come than leave.
pub(super) fn seen(ground: &Ground<'_>, estimate: &Estimate, asked: &SizingAsked) -> Option<Seen> {
    let mut all: Option<Seen> = None;
    for (part, design, workers) in estimate.design.workers(estimate.units) {
        let rate = estimate.rate / number(workers);
        let one = sharing(ground, (part, &design), asked).seen(rate, asked.promise.at.share())?;
        all = Some(all.map_or(one, |before| Seen {
            first_token: before.first_token + one.first_token,
            each_token: before.each_token + one.each_token,
            waiting: before.waiting + one.waiting,
            life: before.life + one.life,
        }));
    }
    all
}

/// Whole units of so much each that a demand takes; one without a demand.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count that is limited")]
fn whole(asked: &SizingAsked, each: f64) -> u64 {
    if asked.rate.is_some() { asked.units(each).min(1e12) as u64 } else { 1 }
}

/// The ratio of few workers that serves most for its accelerators.
fn ratio(prompts: &Queue, answers: &Queue) -> Units {
    let accelerators = |queue: &Queue| number(queue.found.design.layout.accelerators());
    let mut best = (0.0, Units { main: 1, prefill: 1 });
    for prefill in 1..=MOST_OF_A_RATIO {
        let matched = number(prefill) * prompts.load / answers.load;
        for main in [libm::floor(matched), libm::ceil(matched)] {
            let main = main.clamp(1.0, number(MOST_OF_A_RATIO));
            let rate = (prompts.load * number(prefill)).min(answers.load * main);
            let each = rate / (accelerators(prompts) * number(prefill) + accelerators(answers) * main);
            // More workers have to be worth it.
            if each > best.0 * 1.01 {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small count")]
                let main = main as u64;
                best = (each, Units { main, prefill });
            }
        }
    }
    best.1
}

#[expect(clippy::cast_precision_loss, reason = "workers and sequences are few")]
fn number(count: u64) -> f64 {
    count as f64
}
