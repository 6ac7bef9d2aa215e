//! Models by the names that people write.

use super::{Catalogue, Entry, Kind};

/// The model of a name, however it is written: case, spaces, dots, dashes, and what stands before a slash do not matter.
///
/// `Llama 3.1 405B`, `llama-3-1-405b` and `meta-llama/Llama-3.1-405B` are one name; so are `GPT3-20B` and `gpt-3-20b`.
/// Names are compared whole, with an entry's id, its title and its aliases: nothing is guessed.
pub fn find_model<'a>(catalogue: &'a Catalogue, name: &str) -> Option<&'a Entry> {
    let wanted = words(name);
    let models = || catalogue.entries().iter().filter(|entry| entry.kind == Kind::Model);
    models()
        .find(|entry| words(&entry.id) == wanted)
        .or_else(|| models().find(|entry| names(entry).any(|known| words(known) == wanted)))
}

/// The names of a model beside its id.
fn names(entry: &Entry) -> impl Iterator<Item = &str> {
    std::iter::once(entry.title())
        .chain(entry.text("aliases").split(',').filter(|name| !name.trim().is_empty()))
}

/// The words of a name in lower case: what is neither a letter nor a digit parts them, and so does the step from a letter
/// to a digit.
fn words(name: &str) -> Vec<String> {
    let name = name.rsplit('/').next().unwrap_or_default();
    let mut words = vec![String::new()];
    let mut after_letter = false;
    for character in name.chars() {
        if !character.is_alphanumeric() || after_letter && character.is_numeric() {
            words.push(String::new());
        }
        if character.is_alphanumeric() {
            let last = words.len() - 1;
            words[last].extend(character.to_lowercase());
        }
        after_letter = character.is_alphabetic();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Diagnostics, SourceMap};

    fn catalogue() -> Catalogue {
        Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default())
    }

    #[test]
    fn models_are_found_however_they_are_written() {
        let catalogue = catalogue();
        let cases = [
            ("Llama 3.1 405B", "llama-3-1-405b"),
            ("llama-3-1-405b", "llama-3-1-405b"),
            ("meta-llama/Llama-3.1-405B", "llama-3-1-405b"),
            ("GPT-OSS 120B", "gpt-oss-120b"),
            ("Qwen3 235B-A22B", "qwen3-235b-a22b"),
            ("DeepSeek-V3", "deepseek-v3"),
            ("deepseek_r1", "deepseek-v3"),
            ("Grok-1 314B", "grok-1"),
            ("GPT3-20B", "gpt-3-20b"),
            ("MPT 125m", "mpt-125m"),
            ("Nemotron-3 Nano 30B-A3B", "nemotron-3-nano-30b-a3b"),
            ("InternLM 7B", "internlm-7b"),
            ("Pax GPT 5B", "gpt-3-5b"),
        ];
        for (name, id) in cases {
            assert_eq!(find_model(&catalogue, name).map(|entry| entry.id.as_str()), Some(id), "{name}");
        }
        for name in ["", "Llama", "Llama 3.1 405", "Llama 31 405B", "GPT-4", "deep seek v 33"] {
            assert_eq!(find_model(&catalogue, name).map(|entry| entry.id.as_str()), None, "{name}");
        }
    }

    #[test]
    fn no_name_is_that_of_two_models() {
        let catalogue = catalogue();
        let mut known = std::collections::BTreeMap::new();
        for entry in catalogue.entries().iter().filter(|entry| entry.kind == Kind::Model) {
            for name in names(entry).chain([entry.id.as_str()]) {
                let other = known.insert(words(name), entry.id.clone());
                assert!(
                    other.as_ref().is_none_or(|other| *other == entry.id),
                    "{name}: {other:?} and {}",
                    entry.id
                );
            }
        }
        assert!(known.len() > 60, "{}", known.len());
    }
}
