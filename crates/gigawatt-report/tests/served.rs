//! What launches a served model: options that engines document, manifests that hold against the published schemas, and
//! words that are read back as they were written.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use gigawatt_engine::serving::{EngineName, MemoryShare, ServingLayout};
use gigawatt_plan::training::Precision;
use gigawatt_report::launch::{
    Acceleration, Guesses, KubernetesName, LaunchError, Maker, Order, PrefixCaching, Replicas, ServedLaunch,
    ServedLimits, WeightFormat, command, manifests,
};
use serde_json::{Value, json};

/// Layouts of one node and of several, of nodes with eight accelerators.
const LAYOUTS: [(u64, u64, u64, u64); 10] = [
    (1, 1, 1, 1),
    (8, 1, 1, 1),
    (4, 1, 1, 2),
    (1, 8, 8, 1),
    (2, 4, 8, 1),
    (2, 4, 1, 1),
    (8, 1, 8, 2),
    (1, 16, 16, 1),
    (8, 4, 32, 1),
    (8, 4, 8, 2),
];

const CACHES: [Precision; 4] = [Precision::Bf16, Precision::Fp8, Precision::Nvfp4, Precision::Fp16];

const WEIGHTS: [WeightFormat; 5] = [
    WeightFormat::OfCheckpoint,
    WeightFormat::MadeOnLoad(Precision::Fp8),
    WeightFormat::MadeOnLoad(Precision::Mxfp8),
    WeightFormat::MadeOnLoad(Precision::Fp8Block),
    WeightFormat::MadeOnLoad(Precision::Nvfp4),
];

fn launch(engine: EngineName) -> ServedLaunch {
    ServedLaunch {
        name: KubernetesName::of("Assistant 1"),
        model: "meta-llama/Llama-3.1-70B-Instruct".to_owned(),
        engine,
        image: "vllm/vllm-openai:v0.32.0".to_owned(),
        layout: ServingLayout::tensor(8),
        experts: false,
        weights: WeightFormat::OfCheckpoint,
        cache: Precision::Bf16,
        limits: ServedLimits::default(),
        prefix_caching: PrefixCaching::On,
        order: Order::Arrival,
        guesses: None,
        replicas: Replicas::Fixed(4),
        node: Acceleration { maker: Maker::Nvidia, per_node: 8 },
        start_up: 605,
        token_secret: None,
        remarks: Vec::new(),
    }
}

/// Many launches of an engine, among them every layout, format and guess.
fn launches(engine: EngineName) -> Vec<ServedLaunch> {
    let guesses = [
        None,
        Some(Guesses::MultiToken { tokens: 3 }),
        Some(Guesses::Eagle3 { tokens: 4, head: "o'brien/eagle \"3\"".to_owned() }),
        Some(Guesses::Prompt { tokens: 5 }),
    ];
    let mut all = Vec::new();
    for (at, (tensor, attention_data, expert, pipeline)) in LAYOUTS.into_iter().enumerate() {
        for (turn, guesses) in guesses.iter().enumerate() {
            let number = at * guesses.iter().count().max(4) + turn;
            let odd = number % 2 == 1;
            let of_free = engine == EngineName::TensorrtLlm;
            let share = if of_free { MemoryShare::OfFree(0.85) } else { MemoryShare::OfAll(0.92) };
            let scaled = Replicas::Scaled {
                least: 2,
                most: 12,
                metric: "vllm:num_requests_running".to_owned(),
                target: 48,
                patience: 600,
            };
            all.push(ServedLaunch {
                layout: ServingLayout { tensor, attention_data, expert, pipeline },
                experts: expert > 1 || attention_data > 1,
                weights: WEIGHTS[number % WEIGHTS.len()],
                cache: CACHES[(number / 2) % CACHES.len()],
                limits: ServedLimits {
                    most_sequences: odd.then_some(256),
                    token_budget: odd.then_some(8192),
                    context: odd.then_some(32_768),
                    memory: odd.then_some(share),
                },
                prefix_caching: if number % 3 == 0 { PrefixCaching::Off } else { PrefixCaching::On },
                order: if number % 5 == 0 { Order::Priority } else { Order::Arrival },
                guesses: guesses.clone(),
                replicas: if odd { scaled } else { Replicas::Fixed(3) },
                node: Acceleration { maker: if odd { Maker::Amd } else { Maker::Nvidia }, per_node: 8 },
                token_secret: odd.then(|| KubernetesName::of("hub")),
                remarks: vec!["chosen by gw size\nfor 50 ms".to_owned()],
                ..launch(engine)
            });
        }
    }
    all
}

/// The documents of a text of YAML, by an independent reader.
fn documents(text: &str) -> Vec<Value> {
    serde_saphyr::from_multiple(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Words of a command, split into names of options and what follows each.
fn options(words: &[String]) -> BTreeMap<String, Option<String>> {
    let mut options = BTreeMap::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let value = words.next_if(|next| !next.starts_with("--")).cloned();
        assert!(options.insert(word.clone(), value).is_none(), "{word} stands twice");
    }
    options
}

/// Whether a value is of a kind that a list of options names.
fn fits(kind: &toml::Value, value: Option<&str>, speculative: Option<&toml::Table>) -> bool {
    let variable = value.is_some_and(|value| value.starts_with("$("));
    match (kind, value) {
        (toml::Value::String(kind), value) => match (kind.as_str(), value) {
            ("flag", value) => value.is_none(),
            ("whole", Some(value)) => variable || value.parse::<u64>().is_ok(),
            ("share", Some(value)) => value.parse::<f64>().is_ok_and(|share| share > 0.0 && share <= 1.0),
            ("text", Some(value)) => !value.is_empty(),
            ("json", Some(value)) => {
                let Ok(Value::Object(fields)) = serde_json::from_str(value) else { return false };
                let known = speculative.expect("a table of keys");
                fields.iter().all(|(key, value)| {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    known.get(key).is_some_and(|kind| fits(kind, Some(&value), None))
                })
            }
            _ => false,
        },
        (toml::Value::Array(words), Some(value)) => words.iter().any(|word| word.as_str() == Some(value)),
        _ => false,
    }
}

#[test]
fn every_option_is_one_that_the_engine_documents() {
    let lists = [
        // Words before the first option: program and model.
        (EngineName::Vllm, "vllm", 3, include_str!("options/vllm.toml")),
        (EngineName::Sglang, "python3", 3, include_str!("options/sglang.toml")),
        (EngineName::TensorrtLlm, "trtllm-serve", 2, include_str!("options/tensorrt-llm.toml")),
    ];
    for (engine, name, program, list) in lists {
        let list: toml::Table = list.parse().expect("TOML");
        let known = list["options"].as_table().expect("a table");
        let speculative = list.get("speculative").and_then(toml::Value::as_table);
        let mut seen = Vec::new();
        for launch in launches(engine) {
            let mut commands = Vec::new();
            if let Ok(manifests) = manifests(&launch) {
                commands.extend(documents(&manifests.text).iter().flat_map(containers));
            }
            let told = command(&launch).expect("a command");
            let shell = told.text.replace("\"$NODE_RANK\"", "'$(NODE_RANK)'");
            let shell = shell.replace("\"$LEADER_ADDRESS\"", "'$(LEADER_ADDRESS)'");
            for line in shell.replace("\\\n", " ").lines().filter(|line| !line.starts_with('#')) {
                let words = shlex::split(line).expect("words of a shell");
                let from = words.iter().position(|word| word == name).expect("a program");
                commands.push(words[from..].to_vec());
            }
            for words in commands {
                for (name, value) in options(&words[program..]) {
                    let kind =
                        known.get(&name).unwrap_or_else(|| panic!("{name} is documented nowhere: {words:?}"));
                    assert!(
                        fits(kind, value.as_deref(), speculative),
                        "{name} is {value:?}, expected {kind:?}"
                    );
                    seen.push(name);
                }
            }
        }
        // A list that names what is never written would hide that something is forgotten.
        let unseen: Vec<&String> = known.keys().filter(|name| !seen.contains(name)).collect();
        assert!(unseen.is_empty(), "never written for {engine:?}: {unseen:?}");
    }
}

/// The commands of the containers of a document.
fn containers(document: &Value) -> Vec<Vec<String>> {
    let group = &document["spec"]["leaderWorkerTemplate"];
    let templates = [&document["spec"]["template"], &group["leaderTemplate"], &group["workerTemplate"]];
    let containers =
        templates.iter().filter_map(|template| template["spec"]["containers"].as_array()).flatten();
    containers
        .map(|container| {
            let words = container["command"].as_array().expect("a command").iter();
            words.map(|word| word.as_str().expect("a word").to_owned()).collect()
        })
        .collect()
}

/// A schema of a kind of document, by the definitions of Kubernetes.
fn schema(kind: &str) -> jsonschema::Validator {
    let kubernetes: Value = serde_json::from_str(include_str!("schemas/kubernetes.json")).expect("JSON");
    let mut schema = match kind {
        "LeaderWorkerSet" => {
            serde_json::from_str(include_str!("schemas/leaderworkerset.json")).expect("JSON")
        }
        "Deployment" => json!({ "$ref": "#/$defs/io.k8s.api.apps.v1.Deployment" }),
        "Service" => json!({ "$ref": "#/$defs/io.k8s.api.core.v1.Service" }),
        "HorizontalPodAutoscaler" => {
            json!({ "$ref": "#/$defs/io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler" })
        }
        other => panic!("no schema of {other}"),
    };
    schema["$defs"] = kubernetes["$defs"].clone();
    jsonschema::draft202012::new(&schema).expect("a schema")
}

#[test]
fn manifests_hold_against_the_published_schemas() {
    let kinds = ["Deployment", "LeaderWorkerSet", "Service", "HorizontalPodAutoscaler"];
    let schemas: BTreeMap<&str, jsonschema::Validator> = kinds.map(|kind| (kind, schema(kind))).into();
    let mut seen = BTreeMap::new();
    for launch in [EngineName::Vllm, EngineName::Sglang].into_iter().flat_map(launches) {
        let manifests = manifests(&launch).expect("manifests");
        for document in documents(&manifests.text) {
            let kind = document["kind"].as_str().expect("a kind").to_owned();
            let schema = &schemas[kind.as_str()];
            let errors: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:#?}\n{}", manifests.text);
            *seen.entry(kind).or_insert(0) += 1;
        }
    }
    assert_eq!(seen.len(), kinds.len(), "{seen:?}");
    // The schemas are strict, or they would show nothing.
    let mut document = documents(&manifests(&launch(EngineName::Vllm)).expect("manifests").text).remove(0);
    let schema = &schemas["Deployment"];
    assert!(schema.is_valid(&document));
    document["spec"]["template"]["spec"]["containers"][0]["imagePolicy"] = json!("Always");
    assert!(!schema.is_valid(&document));
    document["spec"]["template"]["spec"]["containers"][0] = json!({ "image": "x" });
    assert!(!schema.is_valid(&document));
}

#[test]
fn parts_of_a_manifest_point_at_one_another() {
    for launch in [EngineName::Vllm, EngineName::Sglang].into_iter().flat_map(launches) {
        let text = manifests(&launch).expect("manifests").text;
        let documents = documents(&text);
        let [workload, service, rest @ ..] = documents.as_slice() else { panic!("{text}") };
        let template = match workload["kind"].as_str() {
            Some("Deployment") => {
                assert_eq!(
                    workload["spec"]["selector"]["matchLabels"],
                    workload["spec"]["template"]["metadata"]["labels"]
                );
                let mut labels = workload["spec"]["template"]["metadata"]["labels"].clone();
                assert_eq!(service["spec"]["selector"], labels.take());
                &workload["spec"]["template"]
            }
            _ => {
                let group = &workload["spec"]["leaderWorkerTemplate"];
                assert_eq!(
                    service["spec"]["selector"]["role"],
                    group["leaderTemplate"]["metadata"]["labels"]["role"]
                );
                assert_eq!(
                    service["spec"]["selector"]["leaderworkerset.sigs.k8s.io/name"],
                    workload["metadata"]["name"]
                );
                let worker = &group["workerTemplate"]["spec"]["containers"][0];
                assert!(worker.get("ports").is_none() && worker.get("readinessProbe").is_none());
                assert_eq!(group["size"].as_u64(), Some(launch.nodes().expect("nodes")));
                &group["leaderTemplate"]
            }
        };
        let container = &template["spec"]["containers"][0];
        let port = &container["ports"][0];
        assert_eq!(
            (&service["spec"]["ports"][0]["targetPort"], port["containerPort"].as_u64()),
            (&port["name"], Some(8000))
        );
        assert_eq!(container["readinessProbe"]["httpGet"]["port"], port["name"]);
        // 605 seconds to start are 61 looks of 10 seconds.
        assert_eq!(container["startupProbe"]["failureThreshold"], json!(61));
        assert_eq!(container["volumeMounts"][0]["name"], template["spec"]["volumes"][0]["name"]);
        let accelerators = &container["resources"]["limits"][launch.node.maker.resource()];
        let nodes = launch.nodes().expect("nodes");
        assert_eq!(accelerators.as_u64().map(|each| each * nodes), Some(launch.layout.accelerators()));
        match (&launch.replicas, rest) {
            (Replicas::Fixed(count), []) => assert_eq!(workload["spec"]["replicas"], json!(count)),
            (Replicas::Scaled { .. }, [autoscaler]) => {
                assert!(workload["spec"].get("replicas").is_none());
                let target = &autoscaler["spec"]["scaleTargetRef"];
                for field in ["apiVersion", "kind"] {
                    assert_eq!(target[field], workload[field]);
                }
                assert_eq!(target["name"], workload["metadata"]["name"]);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_layout_is_read_back_as_it_was_written() {
    for launch in launches(EngineName::Vllm) {
        let text = manifests(&launch).expect("manifests").text;
        let words = containers(&documents(&text)[0]).remove(0);
        assert_eq!(words[..3], ["vllm", "serve", launch.model.as_str()]);
        let options = options(&words[3..]);
        let whole = |name: &str| {
            options.get(name).map_or(1, |value| value.as_ref().expect("a value").parse().expect("whole"))
        };
        let (tensor, data) = (whole("--tensor-parallel-size"), whole("--data-parallel-size"));
        let expert = if options.contains_key("--enable-expert-parallel") { tensor * data } else { 1 };
        let read = ServingLayout {
            tensor,
            attention_data: data,
            expert,
            pipeline: whole("--pipeline-parallel-size"),
        };
        let told = command(&launch).expect("a command");
        if told.not_expressed.iter().any(|what| what.starts_with("experts")) {
            assert_ne!(read, launch.layout);
        } else {
            assert_eq!(read, launch.layout);
        }
        // The command line says the same as the manifest, word for word.
        let line = told.text.replace("\\\n", " ");
        let line = line.lines().find(|line| !line.starts_with('#')).expect("a command");
        let mut shell = shlex::split(line).expect("words");
        shell.truncate(words.iter().position(|word| word == "--nnodes").unwrap_or(words.len()));
        assert_eq!(shell, words[..shell.len()]);
    }
}

#[test]
fn texts_that_yaml_could_misread_come_back_as_they_were() {
    let wild = [
        "no",
        "1.30",
        "a: b",
        "- x",
        "# y",
        "\u{e9}\u{1f600}",
        "tab\tand\nline",
        "quote\" \\ back",
        "",
        "~",
        "\u{feff}\u{85}\u{2028}",
        "$(HOME) $$(X)",
        "!tag",
        "&anchor",
        "0x10",
        "2026-01-01",
    ];
    for text in wild {
        let launch =
            ServedLaunch { image: text.to_owned(), model: text.to_owned(), ..launch(EngineName::Vllm) };
        let manifests = manifests(&launch).expect("manifests");
        let container = documents(&manifests.text)[0]["spec"]["template"]["spec"]["containers"][0].clone();
        assert_eq!(container["image"].as_str(), Some(text));
        // A cluster reads two dollars as one, and one before a bracket as a variable.
        let model = container["command"][2].as_str().expect("a model");
        assert_eq!(model.replace("$$", "$"), text);
        let told = command(&launch).expect("a command").text.replace("\\\n", " ");
        let line: String = told.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        assert_eq!(shlex::split(&line).expect("words")[2], text);
    }
}

#[test]
fn what_cannot_be_launched_says_so() {
    let uneven = ServedLaunch { layout: ServingLayout::tensor(12), ..launch(EngineName::Vllm) };
    let error = LaunchError::Uneven { accelerators: 12, per_node: 8 };
    assert_eq!(manifests(&uneven), Err(error.clone()));
    assert_eq!(command(&uneven), Err(error));
    let large = ServedLaunch { layout: ServingLayout::tensor(16), ..launch(EngineName::TensorrtLlm) };
    assert_eq!(manifests(&large), Err(LaunchError::NeedsMpi { nodes: 2 }));
    assert!(command(&large).expect("a command").text.contains("srun -N 2 --ntasks-per-node 8"));
    let foreign = ServedLaunch {
        cache: Precision::Int8,
        limits: ServedLimits { memory: Some(MemoryShare::OfFree(0.9)), ..ServedLimits::default() },
        weights: WeightFormat::MadeOnLoad(Precision::Nvfp4),
        ..launch(EngineName::Vllm)
    };
    let told = manifests(&foreign).expect("manifests");
    assert_eq!(told.not_expressed.len(), 3);
    assert!(told.not_expressed.iter().all(|what| told.text.contains(&format!("# not expressed: {what}\n"))));
}

#[test]
fn tensorrt_reads_the_rest_from_a_file() {
    let launch = ServedLaunch {
        layout: ServingLayout { tensor: 1, attention_data: 8, expert: 8, pipeline: 1 },
        experts: true,
        guesses: Some(Guesses::MultiToken { tokens: 2 }),
        cache: Precision::Fp8,
        ..launch(EngineName::TensorrtLlm)
    };
    let (name, file) = command(&launch).expect("a command").file.expect("a file");
    let read = documents(&file).remove(0);
    assert_eq!(read["enable_attention_dp"], json!(true));
    assert_eq!(read["kv_cache_config"], json!({ "dtype": "fp8", "enable_block_reuse": true }));
    assert_eq!(read["speculative_config"]["num_nextn_predict_layers"], json!(2));
    let documents = documents(&manifests(&launch).expect("manifests").text);
    assert_eq!(documents[0]["data"][&name].as_str(), Some(file.as_str()));
    let words = containers(&documents[1]).remove(0);
    assert_eq!(options(&words[2..])["--config"].as_deref(), Some(name.as_str()));
}
