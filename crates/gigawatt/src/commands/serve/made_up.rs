//! Requests that are made up.

use gigawatt_engine::fleet::Stream;
use gigawatt_engine::serving::arrivals::{
    ArrivalsError, Bursts, Lengths, Process, Rate, Workload, WorkloadOptions,
};
use gigawatt_engine::serving::cluster::{ClosedLoop, Length, Requests};
use gigawatt_plan::plan::{Plan, ServingPlan, Traffic};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use gigawatt_report::grouped;

use crate::arguments::{ProcessName, ServeOptions, TrafficOptions};
use crate::failure::Failure;

/// Requests that are made up unless their number is said.
const REQUESTS: u64 = 10_000;
/// A burst and the time between two, in seconds: a burst of ten seconds each minute.
const BURST: (f64, f64) = (10.0, 50.0);

/// Requests, what they are in words, and how many.
pub fn requests(
    options: &ServeOptions,
    plan: &Plan,
    service: &ServingPlan,
    seed: u64,
) -> Result<(Box<dyn Requests>, String, u64), Failure> {
    let Traffic::Lengths { prompt, output, rate } = &service.traffic else {
        return Err(Failure::internal("a trace is not made up"));
    };
    let reference = |id| plan.input(id).distribution.reference();
    let (prompt, output) = (reference(prompt.id()), reference(output.id()));
    let traffic = &options.traffic;
    let total = traffic.requests.unwrap_or(REQUESTS);
    let (prompts, outputs) = (lengths(prompt, service, traffic)?, lengths(output, service, traffic)?);
    let of_lengths = format!("prompts of {prompt:.0} and answers of {output:.0} tokens{}", spread(traffic));
    if let Some(users) = traffic.concurrency {
        let total = u32::try_from(total).unwrap_or(u32::MAX);
        let words = format!("{} requests in flight at all times, {of_lengths}", grouped(users));
        let closed = ClosedLoop::new(users, total, 0, drawn(prompts, outputs, seed));
        return Ok((Box::new(closed), words, total.into()));
    }
    let Some(rate) = rate.map(|rate| reference(rate.id())) else {
        return Err(Failure::BadArgument {
            message: "nothing says how often requests come".to_owned(),
            help: Some(
                "write --rate 10, --concurrency 64 or --trace FILE, or `rate` in the section of the service"
                    .to_owned(),
            ),
        });
    };
    let (process, name) = match traffic.process {
        ProcessName::Poisson => (Process::Poisson, "at random (Poisson)".to_owned()),
        ProcessName::Constant => (Process::Constant, "at equal distances".to_owned()),
        ProcessName::Gamma => {
            let variation = traffic.gap_variation;
            (Process::Gamma { variation }, format!("with gaps that vary by {variation} (Gamma)"))
        }
        ProcessName::Bursts => {
            let (mean_burst, mean_calm) = BURST;
            let bursts = Bursts { mean_burst, mean_calm, ratio: traffic.burst };
            (Process::Bursts(bursts), format!("in bursts of {} times the rate", traffic.burst))
        }
    };
    let workload = WorkloadOptions {
        name: "requests".to_owned(),
        number: 0,
        process,
        rate: Rate::constant(rate).map_err(refused)?,
        prompts,
        outputs,
        sessions: None,
        priority: 0,
        requests: Some(total),
        until: None,
    };
    let workload = Workload::new(workload, seed).map_err(refused)?;
    let words = format!("{} {name}, {of_lengths}", format_quantity(Dimension::RequestRate, rate));
    Ok((Box::new(workload), words, total))
}

/// Lengths of a mean, up to the context of the model.
fn lengths(mean: f64, service: &ServingPlan, traffic: &TrafficOptions) -> Result<Lengths, Failure> {
    let most = u32::try_from(service.shape.context).unwrap_or(u32::MAX).max(1);
    if traffic.length_variation == 0.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
        return Ok(Lengths::fixed(mean.round() as u32));
    }
    Lengths::lognormal_of_moments(mean, traffic.length_variation, most).map_err(refused)
}

/// Lengths that are drawn one after the other.
fn drawn(prompts: Lengths, outputs: Lengths, seed: u64) -> impl FnMut(u32) -> Length {
    let mut shares = Stream::new(seed, "lengths", "requests in flight");
    move |_| Length { prompt: prompts.at(shares.uniform()), output: outputs.at(shares.uniform()) }
}

fn spread(traffic: &TrafficOptions) -> String {
    match traffic.length_variation {
        0.0 => String::new(),
        variation => format!(" on average, varying by {variation}"),
    }
}

fn refused(error: ArrivalsError) -> Failure {
    Failure::BadArgument { message: error.to_string(), help: None }
}
