//! Arguments of Megatron-LM.

use super::{Job, Setting, Settings, Tool, Value, core, variable};

/// Arguments that are not spelt like the field that they fill.
const RENAMED: [(&str, &str); 4] = [
    ("fp4", "--fp4-format"),
    ("fp8", "--fp8-format"),
    ("num_moe_experts", "--num-experts"),
    ("virtual_pipeline_model_parallel_size", "--num-virtual-stages-per-pipeline-rank"),
];

/// Fusions that are on unless taken off.
const FUSIONS: [&str; 4] =
    ["--no-bias-swiglu-fusion", "--no-bias-gelu-fusion", "--no-bias-dropout-fusion", "--no-rope-fusion"];

pub(super) fn settings(job: &Job<'_>) -> Settings {
    let Settings { all, not_expressed } = core::settings(job, Tool::Megatron);
    let mut settings = Settings { all: Vec::new(), not_expressed };
    for Setting { name, value } in all {
        match (name.as_str(), value) {
            (_, Value::Flag(false)) => {}
            ("eager", _) => FUSIONS.into_iter().for_each(|name| settings.set(name, true)),
            ("use_megatron_fsdp", value) => {
                settings.set("--use-megatron-fsdp", value);
                // The one format in which these parameters are saved.
                settings.set("--ckpt-format", "fsdp_dtensor");
            }
            ("window_size", Value::Numbers(sides)) => {
                let sides: Vec<String> = sides.iter().map(u64::to_string).collect();
                settings.set("--window-size", sides.join(","));
            }
            (_, Value::Numbers(layers)) => settings.set(argument(&name), pattern(&layers)),
            (_, value) => settings.set(argument(&name), value),
        }
    }
    settings
}

fn argument(field: &str) -> String {
    let renamed = RENAMED.iter().find(|(known, _)| *known == field);
    renamed.map_or_else(|| format!("--{}", field.replace('_', "-")), |(_, name)| (*name).to_owned())
}

/// `([0]*3+[1]*58)` for three layers without and 58 with.
fn pattern(layers: &[u64]) -> String {
    let runs = layers.chunk_by(|one, other| one == other);
    let written = runs.filter_map(|run| run.first().map(|kind| format!("[{kind}]*{}", run.len())));
    format!("({})", written.collect::<Vec<_>>().join("+"))
}

/// An array of bash.
pub(super) fn text(heading: &str, run: &str, phase: &str, settings: &[Setting]) -> String {
    let lines = settings.iter().map(|Setting { name, value }| match value {
        Value::Flag(_) => format!("    {name}\n"),
        Value::Whole(number) => format!("    {name} {number}\n"),
        Value::Word(word) => format!("    {name} {}\n", quoted(word)),
        Value::Words(words) => format!("    {name} {}\n", words.join(" ")),
        Value::Numbers(numbers) => {
            let words: Vec<String> = numbers.iter().map(u64::to_string).collect();
            format!("    {name} {}\n", words.join(" "))
        }
    });
    format!("{heading}{}=(\n{})\n", variable(run, phase), lines.collect::<String>())
}

/// A word in quotes where the shell would read more into it.
fn quoted(word: &str) -> String {
    let plain =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.' | ',' | '+');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}
