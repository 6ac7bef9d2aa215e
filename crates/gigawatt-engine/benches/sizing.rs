//! Speed of the search of deployments: `cargo bench -p gigawatt-engine --bench sizing`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::io::{Cursor, Read};

use gigawatt_engine::serving::sizing::{Choice, Objective, Promise, Sizing, SizingAsked, fronts, size};
use gigawatt_engine::serving::{Request, ServingLaws};
use gigawatt_engine::{Draw, Evaluation};
use gigawatt_plan::plan::Plan;
use gigawatt_plan::serving::TargetAt;
use gigawatt_plan::world::{Silent, World, WorldError};
use gigawatt_plan::{Options, load};

/// Models with the format of their weights.
const CASES: [(&str, &str); 3] =
    [("llama-3-1-70b", "fp8"), ("deepseek-v3", "fp8"), ("llama-4-maverick", "fp8")];

const REQUEST: Request = Request { prompt: 4000.0, output: 500.0 };

struct Text(String);

impl World for Text {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone().into_bytes()))))
    }
}

fn plan(case: usize) -> Plan {
    let (model, weights) = CASES[case];
    let text = format!(
        "name = \"bench\"\nas_of = 2026-01-01\nperiod = {{ from = 2026-01-01, to = 2026-12-31 }}\n[[service]]\n\
         name = \"run\"\nmodel = \"{model}\"\nsystem = \"hgx-h200\"\nweights = \"{weights}\"\nprompt = 4000\noutput = 500\n"
    );
    load("bench", &Options { hindsight: true, ..Options::default() }, &Text(text)).plan.unwrap()
}

fn choices<'a>(plan: &'a Plan, laws: &ServingLaws) -> Vec<Choice<'a>> {
    let (mut evaluation, values) = (Evaluation::new(plan), Draw::reference(plan));
    evaluation.run(plan, Draw::new(&values));
    let hour = |service| evaluation.accelerator_hour(plan, Draw::new(&values), service);
    plan.serving
        .iter()
        .map(|service| Choice::new(plan, service, hour(service), laws, None).unwrap())
        .collect()
}

fn asked(rate: Option<f64>) -> SizingAsked {
    let promise = Promise { first_token: None, each_token: Some(0.05), at: TargetAt::P99 };
    SizingAsked { request: REQUEST, rate, promise, by: Objective::Cost, number: 10 }
}

/// The best for each accelerator.
#[divan::bench(args = [0, 1, 2])]
fn for_an_accelerator(bencher: divan::Bencher<'_, '_>, case: usize) {
    let (plan, laws) = (plan(case), ServingLaws::embedded().unwrap());
    let choices = choices(&plan, &laws);
    bencher.bench_local(|| -> Sizing { size(&choices, &asked(None), &laws, &Silent).unwrap() });
}

/// The cheapest for 50 requests per second.
#[divan::bench(args = [0, 1, 2])]
fn for_a_demand(bencher: divan::Bencher<'_, '_>, case: usize) {
    let (plan, laws) = (plan(case), ServingLaws::embedded().unwrap());
    let choices = choices(&plan, &laws);
    bencher.bench_local(|| -> Sizing { size(&choices, &asked(Some(50.0)), &laws, &Silent).unwrap() });
}

/// Throughput against speed.
#[divan::bench(args = [0, 1, 2])]
fn front(bencher: divan::Bencher<'_, '_>, case: usize) {
    let (plan, laws) = (plan(case), ServingLaws::embedded().unwrap());
    let choices = choices(&plan, &laws);
    bencher.bench_local(|| fronts(&choices, &asked(None), &laws, &Silent).unwrap());
}

fn main() {
    divan::main();
}
