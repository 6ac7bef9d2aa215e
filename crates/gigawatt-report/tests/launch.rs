//! What launches runs: settings that the tools document, and layouts that are read back as they were.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::plan::{Plan, TrainingPlan};
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};
use gigawatt_report::launch::{Launch, Setting, Tool, Value, launches};

/// A scenario and the files that it names.
struct Texts(BTreeMap<String, String>);

impl World for Texts {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let text = self.0.get(name).cloned();
        let missing =
            || WorldError { name: name.to_owned(), reason: "no such file".to_owned(), nearby: vec![] };
        text.map(|text| (name.to_owned(), Box::new(Cursor::new(text)) as Box<dyn Read>)).ok_or_else(missing)
    }
}

fn plan(runs: &[String], files: &[(String, String)]) -> Plan {
    let head = "name = \"t\"\nas_of = 2026-06-01\nperiod = { from = 2026-01-01, to = 2027-12-31 }\n";
    let mut texts: BTreeMap<String, String> = files.iter().cloned().collect();
    texts.insert("t.toml".to_owned(), format!("{head}{}", runs.concat()));
    let options = Options { samples: Some(10), hindsight: true, ..Options::default() };
    let resolved = load("t.toml", &options, &Texts(texts));
    resolved.plan.unwrap_or_else(|| panic!("{:#?}", resolved.diagnostics))
}

fn run(name: &str, fields: &str) -> String {
    format!(
        "[[training]]\nname = \"{name}\"\nsystem = \"hgx-b200\"\naccelerators = 512\nstart = 2026-01-01\ntokens = \"1 T\"\n{fields}\n"
    )
}

/// Models of every kind that the catalogue has.
const MODELS: [&str; 14] = [
    "llama-3-1-8b",
    "qwen2-5-7b",
    "qwen3-30b-a3b",
    "gpt-3-175b",
    "mixtral-8x7b",
    "deepseek-v3",
    "kimi-k2",
    "gpt-oss-20b",
    "llama-4-maverick",
    "falcon-180b",
    "mpt-7b",
    "gpt-j-6b",
    "qwen3-next-80b-a3b",
    "nemotron-h-8b",
];

const LAYOUTS: [&str; 18] = [
    "",
    "tensor = 8",
    "tensor = 4, sequence_parallel = false, sharding = \"none\"",
    "pipeline = 4, recompute = \"full\"",
    "tensor = 2, pipeline = 4, virtual_stages = 2, recompute = \"selective\"",
    "tensor = 8, pipeline = 2, rank_order = \"pipeline-before-data\"",
    "context = 2, sharding = \"parameters\"",
    "context = 4, context_exchange = \"all-gather\", recompute = \"elementwise\"",
    "context = 2, context_exchange = \"ulysses\", sharding_group = 64",
    "sharding = \"gradients\", micro_batch = 2",
    "pipeline = 4, virtual_stages = 2, recompute_layers = 2",
    "tensor = 2, sharding = \"parameters\", sharding_group = 64",
    "pipeline = 4, schedule = \"gpipe\", recompute_layers = 4",
    "pipeline = 8, sharding = \"parameters\"",
    "tensor = 2, offload = \"optimizer\"",
    "offload = \"activations\"",
    "pipeline = 4, offload = \"both\", recompute = \"elementwise\"",
    "pipeline = 2, offload = \"activations\", recompute = \"selective\"",
];

const PRECISIONS: [&str; 5] = ["bf16", "fp16", "fp8", "mxfp8", "nvfp4"];

fn written(model: &str, at: usize, layout: &str, framework: &str) -> String {
    let precision = PRECISIONS[at % PRECISIONS.len()];
    run(
        &format!("run-{at}"),
        &format!(
            "model = \"{model}\"\nsequence = 2048\nbatch_sequences = 4096\nprecision = \"{precision}\"\nframework = \"{framework}\"\nlayout = {{ {layout} }}"
        ),
    )
}

/// A kind of value that a list of options names.
fn fits(kind: &toml::Value, value: &Value) -> bool {
    match kind {
        toml::Value::String(kinds) => kinds.split(" or ").any(|kind| {
            matches!(
                (kind, value),
                ("flag", Value::Flag(_))
                    | ("whole", Value::Whole(_))
                    | ("text", Value::Word(_))
                    | ("numbers", Value::Numbers(_))
            )
        }),
        toml::Value::Array(words) => match (words.as_slice(), value) {
            // One of several, or several of them.
            ([toml::Value::Array(words)], Value::Words(given)) => {
                given.iter().all(|given| words.iter().any(|word| word.as_str() == Some(given)))
            }
            (words, Value::Word(given)) => words.iter().any(|word| word.as_str() == Some(given)),
            _ => false,
        },
        _ => false,
    }
}

#[test]
fn every_setting_is_one_that_the_tool_documents() {
    let lists = [
        (Tool::Megatron, include_str!("options/megatron.toml")),
        (Tool::Torchtitan, include_str!("options/torchtitan.toml")),
        (Tool::Nemo, include_str!("options/nemo.toml")),
    ];
    let frameworks = ["megatron", "torchtitan", "llm-foundry", "jax"];
    let mut runs = Vec::new();
    for (at, model) in MODELS.into_iter().enumerate() {
        for (layout, text) in LAYOUTS.into_iter().enumerate() {
            let at = at * LAYOUTS.len() + layout;
            runs.push(written(model, at, text, frameworks[at % frameworks.len()]));
        }
    }
    let experts = ["deepseek-v3", "qwen3-30b-a3b", "kimi-k2"];
    for (at, model) in experts.into_iter().enumerate() {
        runs.push(written(model, 900 + at, "tensor = 4, expert = 8, expert_tensor = 1", "megatron"));
        runs.push(written(model, 910 + at, "tensor = 4, expert = 4, expert_tensor = 4", "llm-foundry"));
    }
    let plans: Vec<Plan> = runs.chunks(50).map(|runs| plan(runs, &[])).collect();
    for (tool, list) in lists {
        let list: toml::Table = list.parse().expect("TOML");
        let known = list["options"].as_table().expect("a table");
        let mut seen = Vec::new();
        for launch in plans.iter().flat_map(|plan| launches(plan, tool)) {
            for Setting { name, value } in &launch.arguments {
                let kind = known.get(name).unwrap_or_else(|| panic!("{name} is documented nowhere"));
                assert!(fits(kind, value), "{name} is {value:?}, expected {kind:?}");
                seen.push(name.clone());
            }
        }
        // A list that names what is never written would hide that something is forgotten.
        seen.sort();
        seen.dedup();
        let unseen: Vec<&String> = known.keys().filter(|name| !seen.contains(name)).collect();
        assert!(unseen.len() <= 3, "never written for {tool:?}: {unseen:?}");
    }
}

#[test]
fn a_configuration_of_torchtitan_is_toml() {
    let runs = [written("llama-3-1-8b", 0, "pipeline = 4, virtual_stages = 2", "torchtitan")];
    let launch = &launches(&plan(&runs, &[]), Tool::Torchtitan)[0];
    let table: toml::Table = launch.text.parse().expect("TOML");
    assert_eq!(table["model"]["flavor"].as_str(), Some("8B"));
    assert_eq!(table["parallelism"]["pipeline_parallel_layers_per_stage"].as_integer(), Some(4));
}

/// The same runs after they were written for a tool and read back, beside what was written.
fn returned(runs: &[String], tool: Tool, field: &str) -> (Plan, Plan, Vec<Launch>) {
    let before = plan(runs, &[]);
    let written = launches(&before, tool);
    let files: Vec<(String, String)> =
        written.iter().map(|launch| (format!("{}.txt", launch.run), launch.text.clone())).collect();
    let read = written.iter().map(|launch| run(&launch.run, &format!("{field} = \"{}.txt\"", launch.run)));
    let after = plan(&read.collect::<Vec<_>>(), &files);
    (before, after, written)
}

/// A shape without what no layer has.
fn told(shape: &Shape) -> Shape {
    let mut told = *shape;
    if told.dense_layers() == 0 {
        told.feed_forward = 0;
    }
    told
}

fn assert_same(before: &TrainingPlan, after: &TrainingPlan, launch: &Launch) {
    let text = &launch.text;
    assert_eq!(before.phases[0].layout, after.phases[0].layout, "{text}");
    assert_eq!(told(&before.model.shape), told(&after.model.shape), "{text}");
    assert_eq!(before.precision, after.precision, "{text}");
}

#[test]
fn what_is_written_for_megatron_is_read_back() {
    // The models that Megatron-LM has every part of.
    for model in ["llama-3-1-8b", "qwen2-5-7b", "gpt-3-175b", "mixtral-8x7b", "deepseek-v3", "gpt-oss-20b"] {
        let layouts = LAYOUTS.into_iter().enumerate().filter(|(_, layout)| !layout.contains("gpipe"));
        let mut runs: Vec<String> =
            layouts.map(|(at, layout)| written(model, at, layout, "megatron")).collect();
        if ["mixtral-8x7b", "deepseek-v3", "gpt-oss-20b"].contains(&model) {
            runs.push(written(model, 90, "tensor = 4, expert = 8, expert_tensor = 1", "megatron"));
            runs.push(written(
                model,
                91,
                "tensor = 2, expert = 4, expert_tensor = 2, pipeline = 2",
                "megatron",
            ));
        }
        let (before, after, launches) = returned(&runs, Tool::Megatron, "from_megatron");
        for ((before, after), launch) in before.training.iter().zip(&after.training).zip(&launches) {
            assert_same(before, after, launch);
            let cut = launch.text.contains("--sequence-parallel") || before.phases[0].layout.tensor == 1;
            if cut {
                assert_eq!(before.framework, after.framework, "{}", launch.text);
            }
        }
    }
}

#[test]
fn what_is_written_for_torchtitan_is_read_back() {
    let layouts = [
        "sharding = \"parameters\"",
        "sharding = \"none\"",
        "tensor = 8, sharding = \"gradients\", recompute = \"full\"",
        "tensor = 2, sharding = \"parameters\", sharding_group = 64, recompute = \"selective\"",
        "pipeline = 4, sharding = \"gradients\", micro_batch = 2",
        "pipeline = 4, virtual_stages = 2, sharding = \"parameters\"",
        "pipeline = 4, schedule = \"gpipe\", sharding = \"parameters\", recompute = \"full\"",
        "context = 2, sharding = \"gradients\"",
        "context = 4, context_exchange = \"all-gather\", sharding = \"parameters\"",
        "pipeline = 2, recompute_layers = 4, sharding = \"gradients\"",
    ];
    for model in ["llama-3-1-8b", "qwen3-30b-a3b"] {
        let formats = [0, 2, 3];
        let runs = layouts.into_iter().enumerate();
        let mut runs: Vec<String> =
            runs.map(|(at, layout)| written(model, 5 * at + formats[at % 3], layout, "torchtitan")).collect();
        if model == "qwen3-30b-a3b" {
            let layout = "tensor = 4, expert = 8, expert_tensor = 4, sharding = \"parameters\"";
            runs.push(written(model, 100, layout, "torchtitan"));
        }
        let (before, after, launches) = returned(&runs, Tool::Torchtitan, "from_torchtitan");
        for ((before, after), launch) in before.training.iter().zip(&after.training).zip(&launches) {
            assert_same(before, after, launch);
            assert_eq!(before.framework, after.framework, "{}", launch.text);
        }
    }
}
