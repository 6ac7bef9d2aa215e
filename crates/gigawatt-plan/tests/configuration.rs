//! What is told of configurations that are broken, and that no text makes the reader panic.

use std::io::{Cursor, Read};

use gigawatt_plan::catalog::{Attention, Shape, load_configuration, read_configuration};
use gigawatt_plan::text::{Diagnostic, Diagnostics, Severity, SourceMap, Span, Spanned};
use gigawatt_plan::world::{World, WorldError};
use proptest::prelude::*;

fn read(text: &str) -> (Option<Shape>, Vec<Diagnostic>, SourceMap) {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let source = sources.add("config.json", text);
    let shape = read_configuration(&sources, source, &mut diagnostics);
    (shape, diagnostics.into_sorted(), sources)
}

const LLAMA: &str = r#"{
  "architectures": ["LlamaForCausalLM"],
  "hidden_size": 64,
  "intermediate_size": 128,
  "max_position_embeddings": 512,
  "num_attention_heads": 4,
  "num_hidden_layers": 3,
  "num_key_value_heads": 2,
  "some_field_of_tomorrow": {"deep": [1, 2]},
  "tie_word_embeddings": false,
  "vocab_size": 100
}"#;

const DEEPSEEK: &str = r#"{
  "architectures": ["DeepseekV3ForCausalLM"],
  "first_k_dense_replace": 1,
  "hidden_size": 64,
  "intermediate_size": 128,
  "kv_lora_rank": 16,
  "max_position_embeddings": 512,
  "moe_intermediate_size": 32,
  "n_routed_experts": 8,
  "n_shared_experts": 1,
  "num_attention_heads": 4,
  "num_experts_per_tok": 2,
  "num_hidden_layers": 3,
  "num_nextn_predict_layers": 1,
  "q_lora_rank": null,
  "qk_nope_head_dim": 8,
  "qk_rope_head_dim": 4,
  "v_head_dim": 8,
  "vocab_size": 100
}"#;

const HYBRID: &str = r#"{
  "architectures": ["NemotronHForCausalLM"],
  "conv_kernel": 4,
  "head_dim": 16,
  "hidden_size": 64,
  "hybrid_override_pattern": "M-M*-",
  "intermediate_size": 128,
  "mamba_head_dim": 8,
  "mamba_num_heads": 4,
  "max_position_embeddings": 512,
  "n_groups": 2,
  "num_attention_heads": 4,
  "num_hidden_layers": 5,
  "num_key_value_heads": 2,
  "ssm_state_size": 16,
  "time_step_limit": [0.0, Infinity],
  "vocab_size": 100
}"#;

const GEMMA: &str = r#"{
  "architectures": ["Gemma3ForConditionalGeneration"],
  "text_config": {
    "hidden_size": 64,
    "intermediate_size": 128,
    "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
    "num_hidden_layers": 3,
    "sliding_window": 16
  }
}"#;

const WHOLE: &[&str] = &[LLAMA, DEEPSEEK, HYBRID, GEMMA];

#[test]
fn what_is_whole_is_read_and_harmless_fields_are_passed_over() {
    for text in WHOLE {
        let (shape, told, _) = read(text);
        assert!(shape.is_some() && told.is_empty(), "{told:#?}");
    }
    let attention = read(LLAMA).0.expect("a shape").attention;
    assert_eq!(attention, Attention::Grouped { heads: 4, kv_heads: 2, head_size: 16, biased: false });
    assert_eq!(read(DEEPSEEK).0.expect("a shape").further_tokens, 1);
    assert_eq!(read(GEMMA).0.expect("a shape").window.expect("a window").layers, 2);
}

#[test]
fn without_its_list_of_architectures_a_file_is_known_by_its_type() {
    let text = LLAMA.replace("\"architectures\": [\"LlamaForCausalLM\"]", "\"model_type\": \"llama\"");
    assert_eq!(read(&text).0, read(LLAMA).0);
}

/// The text, what is replaced by what, what is told, at which characters, and what would be right.
const BROKEN: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        LLAMA,
        "LlamaForCausalLM",
        "LlamaForCasualLM",
        "is not known",
        "\"LlamaForCasualLM\"",
        "`LlamaForCausalLM`",
    ),
    (LLAMA, "[\"LlamaForCausalLM\"]", "[]", "names no architecture", "{", "architectures"),
    (
        LLAMA,
        "\"hidden_size\"",
        "\"hiden_size\"",
        "`hidden_size` is missing",
        "\"hiden_size\"",
        "`hidden_size`",
    ),
    (
        LLAMA,
        "\"vocab_size\": 100",
        "\"eos\": 1",
        "`vocab_size` is missing",
        "\"LlamaForCausalLM\"",
        "vocab_size",
    ),
    (LLAMA, "\"hidden_size\": 64", "\"hidden_size\": \"64\"", "is a string", "\"64\"", "expected 1 to"),
    (LLAMA, "\"hidden_size\": 64", "\"hidden_size\": 64.5", "is 64.5", "64.5", "expected 1 to"),
    (LLAMA, "\"hidden_size\": 64", "\"hidden_size\": -64", "out of its range", "-64", "expected 1 to"),
    (LLAMA, "\"hidden_size\": 64", "\"hidden_size\": NaN", "cannot be read", "NaN", "expected 1 to"),
    (LLAMA, "\"hidden_size\": 64", "\"hidden_size\": 66", "does not go into 4 heads", "66", "head_dim"),
    (LLAMA, "layers\": 3", "layers\": 3000000", "out of its range", "3000000", "10000"),
    (LLAMA, "embeddings\": false", "embeddings\": 0", "expected true or false", "0", "false"),
    (
        LLAMA,
        "\"vocab_size\"",
        "\"num_experts\": 8, \"vocab_size\"",
        "`num_experts` changes",
        "\"num_experts\"",
        "architecture",
    ),
    (LLAMA, "100\n}", "100\n", "ends inside", "\n", "whole"),
    (
        DEEPSEEK,
        "\"kv_lora_rank\": 16,",
        "",
        "`kv_lora_rank` is missing",
        "\"DeepseekV3ForCausalLM\"",
        "kv_lora_rank",
    ),
    (
        DEEPSEEK,
        "replace\": 1",
        "replace\": 5",
        "no layer has the experts",
        "\"DeepseekV3ForCausalLM\"",
        "layers",
    ),
    (DEEPSEEK, "per_tok\": 2", "per_tok\": 9", "more than the 8 experts", "\"DeepseekV3ForCausalLM\"", ""),
    (HYBRID, "M-M*-", "M-M?-", "`?` stands for no part", "\"M-M?-\"", "M for a mixer"),
    (HYBRID, "M-M*-", "M-M*", "the pattern has 4 layers", "\"NemotronHForCausalLM\"", ""),
    (HYBRID, "M-M*-", "M-M*E", "`n_routed_experts` is missing", "\"NemotronHForCausalLM\"", ""),
    (
        HYBRID,
        "\"hybrid_override_pattern\": \"M-M*-\",",
        "",
        "`hybrid_override_pattern` is missing",
        "\"NemotronHForCausalLM\"",
        "",
    ),
    (
        GEMMA,
        "\"full_attention\"",
        "\"fall_attention\"",
        "`fall_attention` in `layer_types`",
        "\"fall_attention\"",
        "`full_attention`",
    ),
    (
        GEMMA,
        "[\"sliding_attention\", ",
        "[",
        "lists 2 layers",
        "[\"sliding_attention\", \"full_attention\"]",
        "each layer",
    ),
];

#[test]
fn what_is_broken_is_told_at_its_characters() {
    for (text, from, to, message, place, help) in BROKEN {
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        let (shape, told, sources) = read(&text);
        assert!(shape.is_none(), "{from} -> {to}");
        let found = told.iter().find(|diagnostic| diagnostic.message.contains(message));
        let found = found.unwrap_or_else(|| panic!("{from} -> {to}: {told:#?}"));
        assert_eq!(sources.snippet(found.labels[0].span), *place, "{from} -> {to}");
        assert!(found.help.as_deref().unwrap_or_default().contains(help), "{from} -> {to}: {:?}", found.help);
    }
}

#[test]
fn several_mistakes_are_told_together() {
    let text = LLAMA.replace("_size\": ", "_size\": -").replace("heads\": 4", "heads\": true");
    let (_, told, _) = read(&text);
    assert!(told.len() >= 4, "{told:#?}");
}

#[test]
fn an_order_that_is_not_kept_is_a_warning() {
    let text = GEMMA.replace(
        "\"sliding_attention\", \"sliding_attention\", \"full_attention\"",
        "\"full_attention\", \"sliding_attention\", \"sliding_attention\"",
    );
    let (shape, told, _) = read(&text);
    assert_eq!(shape.and_then(|shape| shape.window).map(|window| window.layers), Some(2));
    assert!(told.iter().all(|diagnostic| diagnostic.severity == Severity::Warning) && told.len() == 1);
}

/// A world with one file.
struct One(Vec<u8>);

impl World for One {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        if name.ends_with("config.json") {
            return Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone()))));
        }
        Err(WorldError {
            name: name.to_owned(),
            reason: "there is no such file".to_owned(),
            nearby: vec!["config.json".to_owned()],
        })
    }
}

fn load(name: &str, bytes: &[u8]) -> (Option<Shape>, Vec<Diagnostic>) {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let source = sources.add("scenario.toml", format!("\"{name}\""));
    let end = u32::try_from(name.len() + 2).expect("short");
    let name = Spanned { value: name.to_owned(), span: Span { source, start: 0, end } };
    let shape = load_configuration(&name, &One(bytes.to_vec()), &mut sources, &mut diagnostics);
    (shape, diagnostics.into_sorted())
}

#[test]
fn files_are_opened_through_the_world_and_bounded() {
    assert!(load("model/config.json", LLAMA.as_bytes()).0.is_some());
    let cases: [(&str, Vec<u8>, &str, &str); 3] = [
        ("model/confg.json", Vec::new(), "no such file", "`model/config.json`"),
        ("config.json", vec![b' '; 2 << 20], "larger than 1 MiB", "not weights"),
        ("config.json", vec![0xff, 0xfe, 0x00], "not UTF-8", "config.json"),
    ];
    for (name, bytes, message, help) in cases {
        let (shape, told) = load(name, &bytes);
        assert!(shape.is_none() && told[0].message.contains(message), "{told:#?}");
        assert!(told[0].help.as_deref().unwrap_or_default().contains(help), "{told:#?}");
    }
}

fn assert_sound(text: &str) {
    let (shape, told, sources) = read(text);
    assert!(shape.is_some() || told.iter().any(|one| one.severity == Severity::Error), "nothing is told");
    for label in told.iter().flat_map(|diagnostic| &diagnostic.labels) {
        let range = label.span.start as usize..label.span.end as usize;
        assert!(sources.get(label.span.source).text.get(range).is_some(), "{:?} is no place", label.span);
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".{0,200}") {
        assert_sound(&text);
    }

    /// A number, a key or a bracket of a whole file is replaced.
    #[test]
    fn no_damage_makes_the_reader_panic(
        which in 0..4_usize,
        at in 0.0..1.0_f64,
        length in 0..12_usize,
        with in prop_oneof![
            Just(String::new()), Just("null".to_owned()), Just("[]".to_owned()), Just("{".to_owned()),
            Just("18446744073709551616".to_owned()), Just("100000000".to_owned()), Just("0".to_owned()),
            Just("\"\"".to_owned()), Just("true".to_owned()), ".{0,6}",
        ],
    ) {
        let text = WHOLE[which];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let start = (at * text.len() as f64) as usize;
        let end = (start + length).min(text.len());
        assert_sound(&format!("{}{with}{}", &text[..start], &text[end..]));
    }
}
