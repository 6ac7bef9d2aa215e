//! From people to accelerators: a billion users of an assumed mixture of 400 G parameters on eight H200, with the closed form
//! of iterations.

use gigawatt_engine::demand::{
    Burst, DayShape, FluidService, HourlyDemand, LoadPoint, ReplicaCost, Response, Scaling, ServiceCost,
    Targets,
};
use gigawatt_engine::device::{Device, DeviceCoefficients, DeviceFacts};
use gigawatt_engine::network::{Network, NetworkCoefficients, ScaleUp, Wiring};
use gigawatt_engine::serving::{
    Deployment, Engine, EngineName, IterationLaw, ServingCoefficients, ServingFormats, ServingLayout,
};
use gigawatt_plan::catalog::Kind;
use gigawatt_plan::training::Precision;

use super::catalogue::{JANUARY, LATER, burst, embedded, habits, published, shape, work};

/// A response of Llama 4 Maverick's architecture, in FP8 on eight H200, to requests of such tokens.
fn response(tokens: &gigawatt_engine::demand::Tokens) -> Response {
    let catalogue = embedded();
    let model = catalogue.get(Kind::Model, "llama-4-maverick").expect("the model");
    let shape = model.architecture.as_ref().expect("its architecture").shape;
    let chip = catalogue.get(Kind::Accelerator, "h200-sxm").expect("the accelerator");
    let facts = DeviceFacts::read(chip.text("generation"), |name| {
        chip.known_on(name, LATER.day()).map(|fact| fact.written.distribution.reference())
    });
    let device = Device::new(facts.expect("its facts"), &DeviceCoefficients::embedded().unwrap());
    let up = ScaleUp { bandwidth: 450e9, domain: 8, wiring: Wiring::AddingSwitch };
    let network = Network::of_scale_up(&up, &NetworkCoefficients::embedded().unwrap()).unwrap();
    let with = ServingCoefficients::embedded().unwrap();
    let deployment = Deployment {
        shape: &shape,
        device: &device,
        network: &network,
        layout: ServingLayout { tensor: 8, attention_data: 1, expert: 8, pipeline: 1 },
        formats: ServingFormats::uniform(Precision::Fp8, Precision::Fp8),
        engine: Engine::of(EngineName::Vllm, None),
        speculation: None,
    };
    let law = IterationLaw::new(deployment, &with);
    let in_flight: Vec<f64> = (0..11).map(|power| f64::from(1_u32 << power)).collect();
    Response::steady(&law, &with, tokens, &in_flight).expect("memory holds a sequence")
}

fn targets() -> Targets {
    Targets { first_token_p50: Some(1.0), each_token_p50: Some(0.05), ..Targets::default() }
}

fn year(users: f64, id: &str, ahead: &[(f64, f64)], shape: &DayShape) -> HourlyDemand {
    let regions: Vec<_> = ahead.iter().map(|(share, ahead)| (*share, shape.week(*ahead))).collect();
    HourlyDemand::new((20_089, 20_454), |time| users * time, &habits(id, JANUARY), &regions)
}

fn service(response: &Response) -> FluidService {
    FluidService {
        most: response.most(&targets()).expect("an idle replica meets the targets"),
        saturated: response.saturated(),
        speed: 1.0,
        lost: 0.02,
        scaling: Scaling::Follows { start_up: 0.25 },
        covered: 0.99,
        near: 0.85,
    }
}

#[test]
fn more_in_flight_brings_more_and_takes_longer() {
    let response = response(&habits("meta-assistant", JANUARY).request());
    let points = response.points();
    assert!(points.len() > 5);
    let rises = |of: fn(&LoadPoint) -> f64| points.windows(2).all(|pair| of(&pair[1]) >= of(&pair[0]));
    assert!(rises(|point| point.requests) && rises(|point| point.each_token.p50));
}

#[test]
fn a_cache_saves_replicas() {
    let request = habits("coding-agents", LATER).request();
    let uncached =
        gigawatt_engine::demand::Tokens { new: request.input(), cached: 0.0, output: request.output };
    let (with, without) = (response(&request).saturated(), response(&uncached).saturated());
    println!("agents: {with:.2} requests/s of a replica, {without:.2} without a cache");
    assert!(with > 2.0 * without, "{with} {without}");
}

#[test]
fn a_billion_people_take_thousands_of_accelerators() {
    let demand = year(
        1e9,
        "meta-assistant",
        &[(0.14, -6.0), (0.21, -4.0), (0.05, 1.0), (0.16, 2.0), (0.3, 5.5), (0.14, 8.0)],
        &shape("assistant-2025"),
    );
    let response = response(&demand.request);
    let service = service(&response);
    let provision = service.provision(&demand.regions, &burst("assistant-2025"));
    let replica = ReplicaCost { accelerators: 8.0, it_power: 1_400.0, hour: 2.0 };
    let cost = ServiceCost::new(&provision, &replica);
    let output = demand.tokens().output;
    println!(
        "{:.2} requests/s of a replica, {:.0} accelerators stand, {:.0} run on average, {:.1} MW, USD {:.3} for a million tokens of output, USD {:.4} for a user and month, {} hours near saturation",
        service.most,
        cost.accelerators,
        cost.mean_accelerators,
        cost.it_power / 1e6,
        cost.per_million(output),
        cost.per(1e9 * 12.0),
        provision.near.len()
    );
    // 6,771 requests/s on average with 1,092 tokens in and 211 out: about 1.4 M tokens of output a second. A replica of eight
    // H200 is published with thousands to ten thousands of them, so hundreds of replicas; the order is what is held here.
    assert!((1e3..2e4).contains(&cost.accelerators), "{cost:?}");
    assert!(cost.mean_accelerators < cost.accelerators);
    assert!((0.05..2.0).contains(&cost.per_million(output)), "{cost:?}");
    // By hand: the busiest hours of regions, with what stirs and is lost, over what a replica serves.
    let busiest: f64 =
        demand.regions.iter().map(|hours| hours.iter().copied().fold(0.0, f64::max) / 3600.0).sum();
    let burst = burst("assistant-2025");
    let factor = gigawatt_engine::demand::factor_at(0.99, burst.unforeseen(0.25));
    let by_hand = busiest * factor / service.most / 0.98 * 8.0;
    assert!((cost.accelerators / by_hand - 1.0).abs() < 0.02, "{} {by_hand}", cost.accelerators);
}

#[test]
fn replicas_of_an_hour_carry_its_requests() {
    let demand = year(1e8, "meta-assistant", &[(0.4, 0.0), (0.6, 8.0)], &shape("servegen-m-small"));
    let response = response(&demand.request);
    let service = service(&response);
    let calm = Burst { client_variation: 0.0, ..burst("servegen-m-small") };
    let provision = service.provision(&demand.regions, &calm);
    let mut capacity = 0.0;
    for (requests, running) in demand.regions.iter().zip(&provision.running) {
        for (requests, running) in requests.iter().zip(running) {
            assert!(running * service.rate() * 3600.0 >= requests * (1.0 - 1e-12));
            capacity += running * service.rate() * 3600.0;
        }
    }
    // Not from nowhere: what is carried is what was asked, and rounding up to whole replicas and starting them an hour before
    // are all that stands beyond it.
    assert!(capacity / demand.requests() < 1.15, "{}", capacity / demand.requests());
}

#[test]
fn an_agent_s_computing_costs_less_than_its_seller_asks_and_its_review_more() {
    // A developer's day with four tasks at the tokens of 2026, on one replica at the load it is meant for.
    let habits = habits("coding-agents", LATER);
    let request = habits.request();
    let response = response(&request);
    let loose = Targets { first_token_p50: Some(5.0), each_token_p50: Some(0.1), ..Targets::default() };
    let most = response.most(&loose).expect("an idle replica meets the targets");
    let seconds = habits.requests_per_session() * 8.0 / most;
    let task = seconds / 3600.0 * 2.0;
    let work = work(LATER);
    let asked = published("claude-code", "cost_per_active_day") * 86_400.0;
    println!(
        "a task: {seconds:.0} accelerator-seconds, USD {task:.3}; {:.1} merged changes for an hour of an accelerator; a merged change USD {:.0}, {:.2} of an engineer's",
        work.merged_per_accelerator_hour(seconds),
        work.change_cost(task),
        work.cost_ratio(task)
    );
    assert!((asked - 13.0).abs() < 1e-9);
    assert!(4.0 * task < asked, "{task}");
    assert!(task / work.success < work.review_cost());
    assert!(work.cost_ratio(task) < 1.0);
}
