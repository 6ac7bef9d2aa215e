//! `gw serve --emit`: what launches a service.

use std::process::ExitCode;

use gigawatt_engine::serving::{EngineName, ServingLayout};
use gigawatt_plan::plan::ServingPlan;
use gigawatt_plan::training::Precision;
use gigawatt_report::launch::{
    Acceleration, Guesses, KubernetesName, Maker, Order, PrefixCaching, Replicas, ServedLaunch, ServedLimits,
    WeightFormat, command, manifests,
};
use serde_json::json;

use crate::arguments::{Emitted, ServeOptions};
use crate::failure::Failure;
use crate::terminal;

/// The longest start of a replica that is waited for, over what it is expected to take.
const PATIENCE: f64 = 5.0;
/// Seconds for which fewer replicas have to be asked for before any goes, as Kubernetes has it.
const STABILISATION: u32 = 300;

/// Prints what launches a service in a layout.
pub fn emitted(
    options: &ServeOptions,
    service: &ServingPlan,
    layout: ServingLayout,
    what: Emitted,
) -> Result<ExitCode, Failure> {
    let launch = launch(options, service, layout);
    let refused = |error: gigawatt_report::launch::LaunchError| Failure::BadArgument {
        message: error.to_string(),
        help: Some("take a layout that fills servers".to_owned()),
    };
    let (text, document, not_expressed) = match what {
        Emitted::Command => {
            let command = command(&launch).map_err(refused)?;
            let document = serde_json::to_value(&command).map_err(Failure::internal)?;
            // A file that the command names is told where it is to be.
            let file =
                command.file.as_ref().map_or(String::new(), |(name, text)| format!("\n# {name}:\n{text}"));
            (format!("{}{file}", command.text), document, command.not_expressed)
        }
        Emitted::Kubernetes => {
            let manifests = manifests(&launch).map_err(refused)?;
            let document = json!({
                "release": manifests.release,
                "nodes": manifests.nodes,
                "text": manifests.text,
                "not_expressed": manifests.not_expressed,
            });
            (manifests.text, document, manifests.not_expressed)
        }
    };
    if options.manner.json {
        terminal::print_json(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    terminal::print(&text)?;
    if !options.manner.quiet {
        for what in not_expressed {
            terminal::note(&format!("not expressed: {what}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn launch(options: &ServeOptions, service: &ServingPlan, layout: ServingLayout) -> ServedLaunch {
    let asked = &options.replicas;
    let number = asked.replicas.map_or(service.replicas, u64::from);
    let replicas = match (asked.autoscale, asked.load_target) {
        (Some((least, most)), Some(target)) => Replicas::Scaled {
            least,
            most,
            metric: metric(service.engine.name).to_owned(),
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a million")]
            target: target.round().max(1.0) as u32,
            patience: STABILISATION,
        },
        _ => Replicas::Fixed(u32::try_from(number).unwrap_or(u32::MAX)),
    };
    let engine = service.engine;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
    let start_up = (PATIENCE * asked.start_up).ceil() as u64;
    ServedLaunch {
        name: KubernetesName::of(&service.name),
        model: options.hub_model.clone().unwrap_or_default(),
        engine: engine.name,
        image: options.image.clone().unwrap_or_else(|| image(engine.name).to_owned()),
        layout,
        experts: service.shape.experts.is_some(),
        weights: match service.formats.feed_forward {
            Precision::Fp8 => WeightFormat::MadeOnLoad(Precision::Fp8),
            _ => WeightFormat::OfCheckpoint,
        },
        cache: service.formats.cache,
        limits: ServedLimits {
            most_sequences: Some(engine.most_sequences),
            token_budget: Some(engine.token_budget),
            context: None,
            memory: Some(engine.memory),
        },
        prefix_caching: if service.prefix_cache && !asked.no_prefix_cache {
            PrefixCaching::On
        } else {
            PrefixCaching::Off
        },
        order: if asked.order == "priority" { Order::Priority } else { Order::Arrival },
        guesses: service.speculation.map(|guesses| Guesses::MultiToken { tokens: guesses.guessed }),
        replicas,
        node: Acceleration {
            maker: if service.machine.vendor == "AMD" { Maker::Amd } else { Maker::Nvidia },
            per_node: service.server,
        },
        start_up,
        token_secret: options.token_secret.as_deref().map(KubernetesName::of),
        remarks: Vec::new(),
    }
}

/// The image that the engine's project publishes.
fn image(engine: EngineName) -> &'static str {
    match engine {
        EngineName::Vllm => "vllm/vllm-openai:v0.32.0",
        EngineName::Sglang => "lmsysorg/sglang:v0.5.23",
        EngineName::TensorrtLlm => "nvcr.io/nvidia/tensorrt-llm/release:1.2.0",
    }
}

/// Requests that a replica has, as its engine tells them.
fn metric(engine: EngineName) -> &'static str {
    match engine {
        EngineName::Vllm => "vllm:num_requests_running",
        EngineName::Sglang => "sglang:num_running_reqs",
        EngineName::TensorrtLlm => "num_active_requests",
    }
}
