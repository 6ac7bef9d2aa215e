//! Services from their sections to their plan.

use std::io::{Cursor, Read};

use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::plan::{HourPrice, LayoutChoice, Origin, Plan, RunPlace, ServingPlan, Traffic};
use gigawatt_plan::serving::{EngineName, Release, RouterName, ServingFormats, ServingLayout, TargetAt};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::training::Precision;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};

struct Text(String);

impl World for Text {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone().into_bytes()))))
    }
}

/// The plan of a scenario with one service.
fn plan(model: &str, lines: &str) -> Plan {
    let text = format!(
        "name = \"services\"\nas_of = 2025-06-01\nperiod = {{ from = 2025-01-01, to = 2026-12-31 }}\n\
         [[site]]\nname = \"campus\"\nonline = [{{ on = 2024-12-31, power = \"10 MW\" }}]\n\
         [[service]]\nname = \"chat\"\nmodel = \"{model}\"\nsystem = \"hgx-h200\"\n{lines}\n"
    );
    let resolved = load("services", &Options::default(), &Text(text));
    let told: Vec<&str> = resolved.diagnostics.iter().map(|one| one.message.as_str()).collect();
    resolved.plan.unwrap_or_else(|| panic!("{told:?}"))
}

fn service(model: &str, lines: &str) -> ServingPlan {
    plan(model, lines).serving.remove(0)
}

const LENGTHS: &str = "prompt = 4000\noutput = 500";

#[test]
fn what_is_not_said_is_filled_in() {
    let plan = plan("llama-3-1-70b", LENGTHS);
    let service = &plan.serving[0];
    assert_eq!(service.title, "Llama 3.1 70B");
    assert_eq!((service.engine.name, service.engine.release), (EngineName::Vllm, None));
    assert_eq!(service.formats, ServingFormats::SIXTEEN);
    assert_eq!((service.layout, service.replicas, service.server), (LayoutChoice::Search, 1, 8));
    assert_eq!((service.router, service.targets.at), (RouterName::LeastLoaded, TargetAt::P99));
    assert!(service.targets.first_token.is_none() && service.prefix_cache);
    assert!(
        matches!(service.place, RunPlace::Anywhere { .. }) && matches!(service.price, HourPrice::Rent(_))
    );
    let Traffic::Lengths { prompt, rate: None, .. } = service.traffic else {
        panic!("{:?}", service.traffic)
    };
    let prompt = plan.input(prompt.id());
    assert_eq!((prompt.path.as_str(), prompt.distribution.reference()), ("service.chat.prompt", 4000.0));
    assert_eq!(plan.systems[service.system].id, "hgx-h200");
}

#[test]
fn what_is_said_is_taken() {
    let lines = "site = \"campus\"\nengine = \"sglang\"\nengine_version = \"0.4.6\"\nweights = \"fp8\"\ntensor = 1\ndata = 8\nexpert = 8\n\
        replicas = 3\ntoken_budget = 4096\nmost_sequences = 128\nprefix_cache = false\nguessed = 1\nrate = \"50 request/s\"\n\
        target_first_token = \"2 s\"\ntarget_each_token = \"50 ms\"\ntarget_at = \"mean\"\nrouter = \"power-of-two\"\nhour_price = \"2 $/h\"";
    let plan = plan("deepseek-v3", &format!("{LENGTHS}\n{lines}"));
    let service = &plan.serving[0];
    let layout = ServingLayout { tensor: 1, attention_data: 8, expert: 8, pipeline: 1 };
    assert_eq!((service.layout, service.replicas), (LayoutChoice::Fixed(layout), 3));
    assert_eq!(service.engine.release, Some(Release(0, 4)));
    assert_eq!((service.engine.token_budget, service.engine.most_sequences), (4096, 128));
    // A scale for each block, as DeepSeek publishes; a cache in 16 bits, as SGLang has it unless told otherwise.
    assert_eq!(service.formats, ServingFormats::uniform(Precision::Fp8Block, Precision::Bf16));
    assert_eq!((service.router, service.targets.at), (RouterName::PowerOfTwo, TargetAt::Mean));
    let value = |input| plan.input(input).distribution.reference();
    assert_eq!(service.targets.each_token.map(|target| value(target.id())), Some(0.05));
    let guesses = service.speculation.unwrap();
    assert_eq!((guesses.guessed, plan.input(guesses.acceptance.id()).origin), (1, Origin::Default));
    assert_eq!(service.place, RunPlace::Site(0));
    let HourPrice::Given(price) = service.price else { panic!("{:?}", service.price) };
    assert!((value(price.id()) - 2.0 / 3600.0).abs() < 1e-12);
}

#[test]
fn a_trace_is_a_handle_with_the_text_that_names_it() {
    let Traffic::Trace(file) = service("llama-3-1-70b", "trace = \"requests.csv\"").traffic else {
        panic!("lengths")
    };
    assert_eq!((file.name.as_str(), file.named_in.as_str()), ("requests.csv", "services"));
}

#[test]
fn a_plan_without_services_says_nothing_of_them() {
    let whole = serde_json::to_string(&plan("llama-3-1-70b", LENGTHS)).unwrap();
    assert!(whole.contains("\"serving\""));
    let again: Plan = serde_json::from_str(&whole).unwrap();
    assert_eq!(again.serving.len(), 1);
    let none = Plan { serving: Vec::new(), ..again };
    assert!(!serde_json::to_string(&none).unwrap().contains("\"serving\""));
}

#[test]
fn every_model_with_an_architecture_can_be_served() {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let known = catalogue.entries().iter().filter(|entry| {
        entry.kind == Kind::Model
            && entry.architecture.as_ref().is_some_and(|known| known.shape.context >= 4500)
            && entry.architecture.as_ref().is_some_and(|known| known.known_from.year() < 2025)
    });
    let mut served = 0;
    for model in known {
        service(&model.id, LENGTHS);
        served += 1;
    }
    assert!(served > 5, "{served}");
}
