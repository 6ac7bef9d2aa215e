//! Configurations as makers of models publish them, against the parameters that were published for the same models.
//!
//! The files hold the fields that matter, typed from public configurations.

use gigawatt_engine::model::{
    LayerFeedForward, Mixer, further_token_parameters, kv_bytes_per_token, layers, parameters, state_bytes,
};
use gigawatt_plan::catalog::{Catalogue, Kind, Shape, read_configuration};
use gigawatt_plan::text::{Diagnostics, SourceMap};

fn read(name: &str, text: &str) -> Shape {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let source = sources.add(name, text);
    let shape = read_configuration(&sources, source, &mut diagnostics);
    let told = diagnostics.into_sorted();
    assert!(told.is_empty(), "{name}: {told:#?}");
    shape.unwrap_or_else(|| panic!("{name} is not read"))
}

macro_rules! configuration {
    ($name:literal) => {
        read($name, include_str!(concat!("configurations/", $name, ".json")))
    };
}

/// Every file and what it says.
fn all() -> Vec<(&'static str, Shape)> {
    macro_rules! configurations {
        ($($name:literal),* $(,)?) => {
            vec![$(($name, configuration!($name))),*]
        };
    }
    configurations![
        "deepseek-v2-lite",
        "deepseek-v3",
        "falcon-40b",
        "falcon-7b",
        "gemma-2-9b",
        "gemma-3-27b",
        "glm-4-5",
        "gpt-j-6b",
        "gpt-oss-20b",
        "gpt2",
        "grok-1",
        "internlm-7b",
        "kimi-k2",
        "llama-3-1-8b",
        "llama-3-2-1b",
        "llama-4-maverick",
        "mamba2-2-7b",
        "minimax-m2-5",
        "mistral-7b",
        "mixtral-8x7b",
        "mpt-7b-released",
        "nemotron-3-nano-30b-a3b",
        "nemotron-4-340b",
        "nemotron-h-56b",
        "phi-3-mini",
        "pythia-6-9b",
        "qwen1-5-moe-a2-7b",
        "qwen2-5-7b",
        "qwen3-30b-a3b",
        "qwen3-5-397b-a17b",
        "qwen3-8b",
        "qwen3-next-80b-a3b",
    ]
}

/// Parameters that the weights published with the files have, and how many of them are left out by the laws: norms of
/// queries and keys, sinks, gates of shared experts, biases and corrections of routers, the bias of GPT-J's output layer.
const WEIGHTS: &[(&str, u64, u64)] = &[
    ("deepseek-v2-lite", 15_706_484_224, 0),
    ("deepseek-v3", 671_026_419_200, 58 * 256),
    ("falcon-40b", 41_303_293_952, 0),
    ("falcon-7b", 6_921_720_704, 0),
    ("gemma-2-9b", 9_241_705_984, 0),
    ("gemma-3-27b", 27_009_346_304, 62 * 2 * 128),
    ("gpt-j-6b", 6_050_882_784, 50_400),
    ("gpt-oss-20b", 20_914_757_184, 24 * (64 + 32)),
    ("gpt2", 124_439_808, 0),
    ("llama-3-1-8b", 8_030_261_248, 0),
    ("llama-3-2-1b", 1_235_814_400, 0),
    ("mamba2-2-7b", 2_702_599_680, 0),
    ("mistral-7b", 7_241_732_096, 0),
    ("mixtral-8x7b", 46_702_792_704, 0),
    ("mpt-7b-released", 6_649_286_656, 0),
    ("phi-3-mini", 3_821_079_552, 0),
    ("pythia-6-9b", 6_857_302_016, 0),
    ("qwen1-5-moe-a2-7b", 14_315_784_192, 24 * 2048),
    ("qwen2-5-7b", 7_615_616_512, 0),
    ("qwen3-30b-a3b", 30_532_122_624, 48 * 2 * 128),
    ("qwen3-8b", 8_190_735_360, 36 * 2 * 128),
];

/// Parameters as announced, in billions: all, and those of a token where they were announced.
const ANNOUNCED: &[(&str, f64, Option<f64>)] = &[
    ("glm-4-5", 355.0, None),
    ("grok-1", 314.0, None),
    ("internlm-7b", 7.3, None),
    ("kimi-k2", 1026.0, Some(32.6)),
    ("llama-4-maverick", 400.0, Some(17.0)),
    // 3.2 without the embedding and output, 3.6 with them.
    ("nemotron-3-nano-30b-a3b", 31.6, Some(3.6)),
    // 331.6 and 9.4 of embedding and output.
    ("minimax-m2-5", 230.0, None),
    ("nemotron-4-340b", 341.0, None),
    ("nemotron-h-56b", 56.0, None),
    ("qwen3-5-397b-a17b", 397.0, Some(17.0)),
    ("qwen3-next-80b-a3b", 80.0, None),
];

#[test]
fn every_file_of_the_folder_is_read() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/configurations");
    let files = std::fs::read_dir(folder).expect("the folder").count();
    assert_eq!(all().len(), files);
}

#[test]
fn every_configuration_has_the_parameters_of_its_weights() {
    for (name, shape) in all() {
        let counted = parameters(&shape);
        if let Some((_, published, left_out)) = WEIGHTS.iter().find(|(known, ..)| *known == name) {
            assert_eq!(counted.total + left_out, *published, "{name}");
            continue;
        }
        let (_, total, active) = ANNOUNCED
            .iter()
            .find(|(known, ..)| *known == name)
            .unwrap_or_else(|| panic!("{name} is not expected"));
        let near = |counted: u64, announced: f64| {
            #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
            let apart = counted as f64 / (announced * 1e9) - 1.0;
            assert!(apart.abs() < 0.021, "{name}: {counted} against {announced} G");
        };
        near(counted.total, *total);
        if let Some(active) = active {
            near(counted.active, *active);
        }
    }
}

#[test]
fn what_the_catalogue_holds_is_what_the_configuration_says() {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let mut compared = 0;
    for (name, shape) in all() {
        let Some(entry) = catalogue.get(Kind::Model, name) else { continue };
        assert_eq!(Some(shape), entry.architecture.as_ref().map(|of| of.shape), "{name}");
        compared += 1;
    }
    assert!(compared >= 20, "only {compared}");
}

/// DeepSeek publishes 11.5 G parameters of the layer for a second token that are its own.
#[test]
fn the_layer_for_a_further_token_has_the_parameters_that_were_published() {
    let shape = configuration!("deepseek-v3");
    #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
    let own = further_token_parameters(&shape).total as f64;
    assert!((own / 11.5e9 - 1.0).abs() < 0.015, "{own:e}");
}

#[test]
fn hybrids_have_the_layers_and_the_memory_that_were_published() {
    let shape = configuration!("nemotron-h-56b");
    let of = |mixer| layers(&shape).iter().filter(|run| run.mixer == mixer).map(|run| run.count).sum::<u64>();
    // 118 layers: 54 of Mamba-2, 54 feed-forward, 10 of attention.
    assert_eq!([of(Mixer::Recurrent), of(Mixer::None), of(Mixer::Attention)], [54, 54, 10]);
    assert_eq!(kv_bytes_per_token(&shape, 2.0), 10.0 * 2.0 * 8.0 * 128.0 * 2.0);
    // A state of 256 x 64 x 256 numbers in each of them, and three tokens of what the convolution reads.
    let numbers = 256.0 * 64.0 * 256.0 + 3.0 * (256.0 * 64.0 + 2.0 * 8.0 * 256.0);
    assert_eq!(state_bytes(&shape, 2.0), 54.0 * numbers * 2.0);
    let next = configuration!("qwen3-next-80b-a3b");
    let run = layers(&next)[0];
    assert_eq!((run.count, run.mixer, run.feed_forward), (3, Mixer::Recurrent, LayerFeedForward::Experts));
}
