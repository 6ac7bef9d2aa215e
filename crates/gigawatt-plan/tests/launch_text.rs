//! No launch file of Megatron-LM or torchtitan makes its reader panic, and what is told of one points into it.

use std::io::{Cursor, Read};

use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};
use proptest::prelude::*;

/// A scenario, and one file whatever its name.
struct Two {
    scenario: String,
    file: String,
}

impl World for Two {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let text = if relative_to.is_some() { &self.file } else { &self.scenario };
        Ok((name.to_owned(), Box::new(Cursor::new(text.clone().into_bytes()))))
    }
}

/// Reads a file as one of the two kinds; every place in what is told lies in a text.
fn read(field: &str, file: &str) -> bool {
    let scenario = format!(
        "name = \"t\"\nas_of = 2026-06-01\nperiod = {{ from = 2026-01-01, to = 2026-12-31 }}\n[[training]]\nname = \"run\"\nsystem = \"hgx-h100\"\naccelerators = 512\nstart = 2026-01-01\ntokens = \"1 T\"\n{field} = \"file\"\n"
    );
    let world = Two { scenario, file: file.to_owned() };
    let resolved = load("t.toml", &Options { hindsight: true, ..Options::default() }, &world);
    for diagnostic in &resolved.diagnostics {
        for label in &diagnostic.labels {
            let (span, text) = (label.span, &resolved.sources.get(label.span.source).text);
            let range = span.start as usize..span.end as usize;
            assert!(text.get(range).is_some(), "{span:?} is not a place in {text:?}: {}", diagnostic.message);
        }
    }
    assert!(resolved.plan.is_some() || !resolved.diagnostics.is_empty(), "no plan and not a word why");
    resolved.plan.is_some()
}

const SCRIPT: &str = r#"TP=${TP:-4}; PP=2
ARGS=( --num-layers 60 --hidden-size 2048 --num-attention-heads 16 --kv-channels 128 --vocab-size 32000
  --max-position-embeddings 4096 --seq-length 4096 --moe-layer-freq '([0]*2+[1]*58)' --num-experts 64 # experts
  --window-size "(128,0)" --window-attn-skip-freq 2 --multi-latent-attention --swiglu)
MORE=" \
  --pipeline-model-parallel-layout 'E(t|)*3t*57L' --recompute-granularity selective --recompute-modules core_attn moe \
  --micro-batch-size 1 --global-batch-size 512 --bf16"
run ${ARGS[@]} $MORE --tensor-model-parallel-size $TP --pipeline-model-parallel-size=$PP --cp-comm-type p2p a2a
"#;

const TOML: &str = r#"
[model]
name = "llama3"
flavor = "8B"
converters = ["quantize.linear.float8"]
[training]
seq_len = 8192
local_batch_size = 8
global_batch_size = 2048
[parallelism]
data_parallel_shard_degree = -1
tensor_parallel_degree = 2
pipeline_parallel_degree = 2
pipeline_parallel_schedule = "Interleaved1F1B"
pipeline_parallel_layers_per_stage = 9
[activation_checkpoint]
mode = "selective"
selective_ac_option = "2"
"#;

#[test]
fn a_configuration_that_is_whole_is_read() {
    assert!(read("from_torchtitan", TOML));
}

#[test]
fn what_grows_with_every_line_is_not_followed() {
    // Each variable is the last one twice, and parentheses lie in one another.
    let doubled: String = (1..60).map(|at| format!("V{at}=\"$V{}$V{}\"\n", at - 1, at - 1)).collect();
    read("from_megatron", &format!("V0=abcdefgh\n{doubled}--num-layers $V59"));
    read(
        "from_megatron",
        &format!("--num-layers 8 --num-experts 8 --moe-layer-freq '{}'", "(".repeat(100_000)),
    );
    read("from_megatron", &"--num-layer 8\n".repeat(50_000));
    read("from_megatron", &SCRIPT.replace("(t|)*3", "((((t|)*9999)*9999)*9999)*9999)*9999"));
    read("from_megatron", &SCRIPT.replace("TP:-4", "TP:-100000000").replace("PP=2", "PP=100000000"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_told_why_not(text in any::<String>()) {
        read("from_megatron", &text);
        read("from_torchtitan", &text);
    }

    #[test]
    fn a_script_with_a_piece_replaced_is_read_or_told_why_not(
        from in 0..SCRIPT.len(),
        length in 0..40_usize,
        piece in prop_oneof![any::<String>(), "[-0-9a-z\"'{}()$\\\\\\[\\]=*+|#\n ]{0,12}", Just(String::new())],
    ) {
        let to = (from + length).min(SCRIPT.len());
        read("from_megatron", &format!("{}{piece}{}", &SCRIPT[..from], &SCRIPT[to..]));
    }

    #[test]
    fn a_configuration_with_a_value_replaced_is_read_or_told_why_not(
        line in 0..TOML.lines().count(),
        value in prop::sample::select(vec!["0", "-1", "1e9", "100000000", "true", "'x'", "[]", "{}", "[1]", "2025-01-01", "'op'", "'0'"]),
    ) {
        let lines = TOML.lines().enumerate().map(|(index, text)| match text.split_once(" = ") {
            Some((key, _)) if index == line => format!("{key} = {value}\n"),
            _ => format!("{text}\n"),
        });
        read("from_torchtitan", &lines.collect::<String>());
    }
}
