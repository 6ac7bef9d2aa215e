//! Models that torchtitan has by name.

use crate::catalog::{Catalogue, Kind};
use crate::text::{Diagnostics, SourceMap};

/// A model as torchtitan names it, and as the catalogue does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flavor {
    /// `model.name`.
    pub name: &'static str,
    /// `model.flavor`.
    pub flavor: &'static str,
    /// Id in the catalogue.
    pub model: &'static str,
}

const fn flavor(name: &'static str, flavor: &'static str, model: &'static str) -> Flavor {
    Flavor { name, flavor, model }
}

/// Those of torchtitan 0.2.2 (`torchtitan/models/*/__init__.py`, 20 February 2026) that are in the catalogue.
pub const FLAVORS: &[Flavor] = &[
    flavor("llama3", "8B", "llama-3-1-8b"),
    flavor("llama3", "70B", "llama-3-1-70b"),
    flavor("llama3", "405B", "llama-3-1-405b"),
    flavor("llama4", "17bx16e", "llama-4-scout"),
    flavor("llama4", "17bx128e", "llama-4-maverick"),
    flavor("deepseek_v3", "671B", "deepseek-v3"),
    flavor("qwen3", "0.6B", "qwen3-0-6b"),
    flavor("qwen3", "1.7B", "qwen3-1-7b"),
    flavor("qwen3", "4B", "qwen3-4b"),
    flavor("qwen3", "8B", "qwen3-8b"),
    flavor("qwen3", "14B", "qwen3-14b"),
    flavor("qwen3", "32B", "qwen3-32b"),
    flavor("qwen3", "30B-A3B", "qwen3-30b-a3b"),
    flavor("qwen3", "235B-A22B", "qwen3-235b-a22b"),
    flavor("gpt_oss", "20b", "gpt-oss-20b"),
    flavor("gpt_oss", "120b", "gpt-oss-120b"),
];

/// Layers of a model of the embedded catalogue.
pub(super) fn layers_of(model: &str) -> Option<u64> {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let entry = catalogue.get(Kind::Model, model)?;
    entry.architecture.as_ref().map(|architecture| architecture.shape.layers)
}
