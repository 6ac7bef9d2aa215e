//! Which architectures are known.

use super::super::Shape;
use super::reading::Configuration;
use super::{dense, experts, hybrids};
use crate::text::{Diagnostic, Diagnostics, Node, Spanned, Table, Value};

type Reader = fn(&mut Configuration<'_>) -> Option<Shape>;

/// Architectures, the `model_type` that a file without `architectures` gives, and how they are read.
const FAMILIES: &[(&str, &str, Reader)] = &[
    ("LlamaForCausalLM", "llama", dense::llama),
    ("MistralForCausalLM", "mistral", dense::mistral),
    ("Mistral3ForConditionalGeneration", "mistral3", dense::mistral),
    ("InternLMForCausalLM", "internlm", dense::internlm),
    ("Qwen2ForCausalLM", "qwen2", dense::qwen2),
    ("Qwen3ForCausalLM", "qwen3", dense::qwen3),
    ("Phi3ForCausalLM", "phi3", dense::phi3),
    ("GemmaForCausalLM", "gemma", dense::gemma),
    ("Gemma2ForCausalLM", "gemma2", dense::gemma2),
    ("Gemma3ForCausalLM", "gemma3_text", dense::gemma3),
    ("Gemma3ForConditionalGeneration", "gemma3", dense::gemma3),
    ("GPT2LMHeadModel", "gpt2", dense::gpt2),
    ("GPTJForCausalLM", "gptj", dense::gpt_j),
    ("GPTNeoXForCausalLM", "gpt_neox", dense::gpt_neox),
    ("MPTForCausalLM", "mpt", dense::mpt),
    ("MptForCausalLM", "mpt", dense::mpt),
    ("FalconForCausalLM", "falcon", dense::falcon),
    ("RWForCausalLM", "RefinedWeb", dense::falcon),
    ("NemotronForCausalLM", "nemotron", dense::nemotron),
    ("MixtralForCausalLM", "mixtral", experts::mixtral),
    ("Qwen2MoeForCausalLM", "qwen2_moe", experts::qwen2),
    ("Qwen3MoeForCausalLM", "qwen3_moe", experts::qwen3),
    ("GptOssForCausalLM", "gpt_oss", experts::gpt_oss),
    ("DeepseekV2ForCausalLM", "deepseek_v2", experts::deepseek),
    ("DeepseekV3ForCausalLM", "deepseek_v3", experts::deepseek),
    ("KimiK25ForConditionalGeneration", "kimi_k25", experts::deepseek),
    ("Glm4MoeForCausalLM", "glm4_moe", experts::glm4),
    ("Llama4ForConditionalGeneration", "llama4", experts::llama4),
    ("Llama4ForCausalLM", "llama4_text", experts::llama4),
    ("Grok1ModelForCausalLM", "grok-1", experts::grok),
    ("Grok1ForCausalLM", "grok-1", experts::grok),
    ("MiniMaxM2ForCausalLM", "minimax_m2", experts::minimax),
    ("Qwen3NextForCausalLM", "qwen3_next", hybrids::qwen3_next),
    ("Qwen3_5MoeForConditionalGeneration", "qwen3_5_moe", hybrids::qwen3_next),
    ("NemotronHForCausalLM", "nemotron_h", hybrids::nemotron),
    ("Mamba2ForCausalLM", "mamba2", hybrids::mamba2),
];

/// Reads the configuration in `root`.
pub(super) fn read(root: &Node, diagnostics: &mut Diagnostics) -> Option<Shape> {
    let Value::Table(table) = &root.value else {
        diagnostics.push(
            Diagnostic::error(
                root.span,
                format!("a configuration is {}, expected an object", root.value.noun()),
            )
            .help("name the model's config.json"),
        );
        return None;
    };
    let (architecture, reader) = find(root, table, diagnostics)?;
    // What is about text stands by itself where a model sees pictures too.
    let (inner, around) = match table.get("text_config").map(|node| &node.value) {
        Some(Value::Table(inner)) => (inner, Some(table)),
        _ => (table, None),
    };
    let mut configuration = Configuration::new(inner, around, architecture, diagnostics);
    let shape = reader(&mut configuration);
    configuration.finish(shape)
}

/// The architecture that the file names.
fn find(
    root: &Node,
    table: &Table,
    diagnostics: &mut Diagnostics,
) -> Option<(Spanned<&'static str>, Reader)> {
    let mut unknown: Option<Diagnostic> = None;
    let listed = match table.get("architectures").map(|node| &node.value) {
        Some(Value::Array(items)) => items.as_slice(),
        _ => &[],
    };
    for item in listed {
        let Value::Text(name) = &item.value else { continue };
        if let Some((known, _, reader)) = FAMILIES.iter().find(|(known, ..)| known == name) {
            return Some((Spanned { value: known, span: item.span }, *reader));
        }
        unknown.get_or_insert_with(|| {
            Diagnostic::error(item.span, format!("the architecture `{name}` is not known"))
                .suggest(name, FAMILIES.iter().map(|(known, ..)| *known))
        });
    }
    if unknown.is_none()
        && let Some(node) = table.get("model_type")
        && let Value::Text(name) = &node.value
    {
        if let Some((known, _, reader)) = FAMILIES.iter().find(|(_, known, _)| known == name) {
            return Some((Spanned { value: known, span: node.span }, *reader));
        }
        unknown = Some(
            Diagnostic::error(node.span, format!("the `model_type` `{name}` is not known"))
                .suggest(name, FAMILIES.iter().map(|(_, known, _)| *known)),
        );
    }
    diagnostics.push(unknown.unwrap_or_else(|| {
        let mut start = root.span;
        start.end = start.end.min(start.start + 1);
        Diagnostic::error(start, "the configuration names no architecture")
            .help("write \"architectures\": [\"LlamaForCausalLM\"], or as the model's maker calls it")
    }));
    None
}
