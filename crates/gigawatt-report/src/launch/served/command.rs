//! Command lines of a replica.

use gigawatt_engine::serving::EngineName;
use serde::Serialize;

use super::launch::{LaunchError, ServedLaunch};
use super::{sglang, tensorrt, vllm};
use crate::launch::{Setting, Settings, Value};

/// The port on which engines listen.
pub(super) const PORT: u64 = 8000;
/// The port at which nodes of a replica of SGLang meet.
const MEETING_PORT: u64 = 20_000;

/// The command line of a replica.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ServedCommand {
    /// The release of the engine whose options these are.
    pub release: &'static str,
    /// Nodes of a replica.
    pub nodes: u64,
    /// The options in the engine's own names, without those by which nodes find one another.
    pub arguments: Vec<Setting>,
    /// What a shell runs, with comments; of several nodes one command for the first and one for the others.
    pub text: String,
    /// A file that the command names, by its name.
    pub file: Option<(String, String)>,
    /// What the engine has no option for, a sentence each.
    pub not_expressed: Vec<String>,
}

/// The command of an engine, in words, with its model but without options.
pub(super) fn program(launch: &ServedLaunch) -> Vec<String> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let model = launch.model.as_str();
    match launch.engine {
        EngineName::Vllm => words(&["vllm", "serve", model]),
        EngineName::Sglang => words(&["python3", "-m", "sglang.launch_server", "--model-path", model]),
        EngineName::TensorrtLlm => words(&["trtllm-serve", model]),
    }
}

/// Options of an engine with where it listens, and a file that they name.
pub(super) fn options(launch: &ServedLaunch) -> (&'static str, Settings, Option<(String, String)>) {
    match launch.engine {
        EngineName::Vllm => {
            let mut settings = vllm::settings(launch);
            settings.set("--port", PORT);
            (vllm::RELEASE, settings, None)
        }
        EngineName::Sglang => {
            let mut settings = sglang::settings(launch);
            settings.set("--host", "0.0.0.0");
            settings.set("--port", PORT);
            (sglang::RELEASE, settings, None)
        }
        EngineName::TensorrtLlm => {
            let (mut settings, config) = tensorrt::settings(launch);
            let file = format!("{}.yaml", launch.name.as_str());
            settings.set("--config", file.clone());
            settings.set("--host", "0.0.0.0");
            settings.set("--port", PORT);
            (tensorrt::RELEASE, settings, Some((file, config.document())))
        }
    }
}

/// Which part of a replica a node has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The first, which takes requests.
    Leader,
    /// Another.
    Worker,
}

/// Where nodes of a replica find one another: their number, their own and the address of the first, as variables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Meeting<'a> {
    pub nodes: &'a str,
    pub rank: &'a str,
    pub address: &'a str,
}

/// Options by which nodes of a replica find one another.
pub(super) fn across(engine: EngineName, meeting: Meeting<'_>, part: Part) -> Vec<String> {
    let Meeting { nodes, rank, address } = meeting;
    let mut options =
        vec!["--nnodes", nodes, "--node-rank", rank].into_iter().map(str::to_owned).collect::<Vec<_>>();
    match engine {
        EngineName::Vllm => {
            options.extend(["--master-addr".to_owned(), address.to_owned()]);
            if part == Part::Worker {
                options.push("--headless".to_owned());
            }
        }
        EngineName::Sglang => {
            options.extend(["--dist-init-addr".to_owned(), format!("{address}:{MEETING_PORT}")]);
        }
        // MPI tells it.
        EngineName::TensorrtLlm => options.clear(),
    }
    options
}

/// A setting as words of a command line.
pub(super) fn words(setting: &Setting) -> Vec<String> {
    let name = setting.name.clone();
    match &setting.value {
        Value::Flag(_) => vec![name],
        Value::Whole(number) => vec![name, number.to_string()],
        Value::Word(word) => vec![name, word.clone()],
        Value::Words(words) => std::iter::once(name).chain(words.iter().cloned()).collect(),
        Value::Numbers(numbers) => std::iter::once(name).chain(numbers.iter().map(u64::to_string)).collect(),
    }
}

/// The command line of a replica.
///
/// # Errors
/// Where the replica does not fill the nodes that it takes.
pub fn command(launch: &ServedLaunch) -> Result<ServedCommand, LaunchError> {
    let nodes = launch.nodes()?;
    let (release, settings, file) = options(launch);
    let mut text = heading(launch, release, &settings.not_expressed);
    let mut program: Vec<String> = program(launch).iter().map(|word| quoted(word)).collect();
    let meeting =
        Meeting { nodes: &nodes.to_string(), rank: "\"$NODE_RANK\"", address: "\"$LEADER_ADDRESS\"" };
    if nodes > 1 && launch.engine == EngineName::TensorrtLlm {
        let each = launch.node.per_node;
        let srun = format!("srun -N {nodes} --ntasks-per-node {each} --mpi=pmix trtllm-llmapi-launch");
        program.insert(0, srun);
    }
    let line = |part| {
        let mut lines = vec![program.join(" ")];
        let quoted = |setting| words(setting).iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
        lines.extend(settings.all.iter().map(quoted));
        if nodes > 1 {
            lines.extend(across(launch.engine, meeting, part).chunks(2).map(|option| option.join(" ")));
        }
        lines.join(" \\\n  ") + "\n"
    };
    if nodes > 1 && launch.engine != EngineName::TensorrtLlm {
        text += "# on the first node, with NODE_RANK=0 and its own address in LEADER_ADDRESS\n";
        text += &line(Part::Leader);
        text += "# on each other node, with NODE_RANK from 1 and the same LEADER_ADDRESS\n";
        text += &line(Part::Worker);
    } else {
        text += &line(Part::Leader);
    }
    let Settings { all: arguments, not_expressed } = settings;
    Ok(ServedCommand { release, nodes, arguments, text, file, not_expressed })
}

/// Comments above what is written.
pub(super) fn heading(launch: &ServedLaunch, release: &str, not_expressed: &[String]) -> String {
    let accelerators = launch.layout.accelerators();
    let mut lines = vec![format!(
        "{}: {accelerators} accelerators a replica, options of {release}",
        launch.name.as_str()
    )];
    lines.extend(launch.remarks.iter().cloned());
    lines.extend(not_expressed.iter().map(|what| format!("not expressed: {what}")));
    lines
        .iter()
        .map(|line| format!("# {}\n", line.replace(|letter: char| letter.is_control(), " ")))
        .collect()
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.,+/:=@%".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
