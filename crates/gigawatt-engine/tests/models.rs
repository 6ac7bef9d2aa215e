//! The parameter counts of the catalogue's models against counts made elsewhere and against what was announced.

use gigawatt_engine::model::{
    LookedBack, embedding_parameters, forward_flop, forward_flop_by_part, kv_bytes_per_token,
    output_parameters, parameters,
};
use gigawatt_plan::catalog::{Attention, Catalogue, Entry, Kind, Shape, find_model};
use gigawatt_plan::text::{Diagnostics, SourceMap};

/// Model, parameters, active parameters, bytes of keys and values of a token in BF16: computed apart from this program,
/// with the same parts left out.
const EXPECTED: &[(&str, u64, u64, f64)] = &[
    ("llama-2-7b", 6_738_415_616, 6_738_415_616, 524_288.0),
    ("llama-2-13b", 13_015_864_320, 13_015_864_320, 819_200.0),
    ("llama-2-70b", 68_976_648_192, 68_976_648_192, 327_680.0),
    ("llama-3-8b", 8_030_261_248, 8_030_261_248, 131_072.0),
    ("llama-3-70b", 70_553_706_496, 70_553_706_496, 327_680.0),
    ("llama-3-1-8b", 8_030_261_248, 8_030_261_248, 131_072.0),
    ("llama-3-1-70b", 70_553_706_496, 70_553_706_496, 327_680.0),
    ("llama-3-1-405b", 405_853_388_800, 405_853_388_800, 516_096.0),
    ("llama-4-scout", 107_769_861_120, 17_172_894_720, 196_608.0),
    ("llama-4-maverick", 400_711_848_960, 17_184_691_200, 196_608.0),
    ("deepseek-v3", 671_026_404_352, 37_552_282_624, 70_272.0),
    ("kimi-k2", 1_026_408_209_408, 32_861_477_888, 70_272.0),
    ("gpt-oss-120b", 116_829_149_760, 5_711_976_000, 73_728.0),
    ("gpt-oss-20b", 20_914_754_880, 4_187_438_400, 49_152.0),
    ("qwen3-235b-a22b", 235_093_610_496, 22_190_739_456, 192_512.0),
    ("qwen3-30b-a3b", 30_532_110_336, 3_353_020_416, 98_304.0),
    ("qwen3-32b", 32_762_106_880, 32_762_106_880, 262_144.0),
    ("qwen3-8b", 8_190_726_144, 8_190_726_144, 147_456.0),
    ("mixtral-8x7b", 46_702_792_704, 12_879_925_248, 131_072.0),
    ("mixtral-8x22b", 140_620_634_112, 39_152_031_744, 229_376.0),
];

fn models() -> Vec<(String, Entry, Shape)> {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let models = catalogue
        .entries()
        .iter()
        .filter(|entry| entry.kind == Kind::Model)
        .filter_map(|entry| Some((entry.id.clone(), entry.clone(), entry.architecture.as_ref()?.shape)));
    models.collect()
}

fn assert_counts(id: &str, shape: &Shape, total: u64, active: u64, kv: f64) {
    let counted = parameters(shape);
    assert_eq!((counted.total, counted.active), (total, active), "{id}");
    assert_eq!(kv_bytes_per_token(shape, 2.0), kv, "{id}");
}

#[test]
fn models_have_the_parameters_counted_elsewhere() {
    let models = models();
    for (name, total, active, kv) in EXPECTED {
        let (_, _, shape) =
            models.iter().find(|(id, ..)| id == name).unwrap_or_else(|| panic!("there is no {name}"));
        assert_counts(name, shape, *total, *active, *kv);
    }
}

#[test]
fn the_table_of_models_says_the_same() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/facts/models.csv");
    let Ok(mut table) = csv::Reader::from_path(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let headers = table.headers().expect("headers").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect("column");
    let (name, total, active, kv) = (
        column("model"),
        column("derived_total_params"),
        column("derived_active_params"),
        column("derived_kv_bytes_per_token_bf16"),
    );
    let models = models();
    let mut held = 0;
    for row in table.records().map(|row| row.expect("row")).filter(|row| !row[total].is_empty()) {
        let id = row[name].to_lowercase().replace(['.', ' '], "-");
        let (_, _, shape) =
            models.iter().find(|(known, ..)| *known == id).unwrap_or_else(|| panic!("no {id}"));
        let number = |at: usize| row[at].parse::<u64>().expect("a count");
        assert_counts(&id, shape, number(total), number(active), row[kv].parse().expect("bytes"));
        held += 1;
    }
    assert_eq!(held, EXPECTED.len());
}

/// Names that say less than two digits of the count.
const ROUND_NAMES: &[(&str, f64)] = &[
    ("internlm-7b", 0.046),
    ("kimi-k2", 0.027),
    ("kimi-k2-5", 0.027),
    ("llama-2-7b", 0.038),
    ("qwen3-32b", 0.024),
    ("qwen3-8b", 0.024),
];

/// What the makers announced, rounded as they rounded it: all parameters within two hundredths, those of a token
/// with or without the tables of embedding and output.
#[test]
fn counts_agree_with_what_was_announced() {
    let announced = |entry: &Entry, field: &str| {
        entry.vintages(field).first().map(|fact| fact.written.distribution.reference())
    };
    let mut compared = 0;
    for (id, entry, shape) in models() {
        let counted = parameters(&shape);
        #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
        let (total, active) = (counted.total as f64, counted.active as f64);
        if let Some(announced) = announced(&entry, "parameters") {
            let allowed =
                ROUND_NAMES.iter().find(|(name, _)| *name == id).map_or(0.02, |(_, allowed)| *allowed);
            let apart = total / announced - 1.0;
            assert!(apart.abs() < allowed, "{id}: {total} against {announced}");
            compared += 1;
        }
        if let Some(announced) = announced(&entry, "active_parameters") {
            let tables = embedding_parameters(&shape) + output_parameters(&shape);
            // Announced to one or two digits: 3 is 3.25.
            let possible = (active - tables) / 1.085..=active * 1.085;
            assert!(possible.contains(&announced), "{id}: {announced} outside {possible:?}");
            compared += 1;
        }
    }
    assert!(compared > 70, "only {compared}");
}

/// Models of training measurements that nobody described.
const UNDESCRIBED: &[&str] = &[
    "Llama-like 7B",
    "MegaScale 175B",
    "MegaScale 530B",
    "Nemotron-22B",
    "Nemotron-3 Ultra 550B-A55B",
    "Nemotron-8B",
];

#[test]
fn the_models_of_training_measurements_are_in_the_catalogue_with_the_numbers_of_their_rows() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/validation/training_points.csv");
    let Ok(mut table) = csv::Reader::from_path(path) else {
        eprintln!("skipped: {path} is not there");
        return;
    };
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let headers = table.headers().expect("headers").clone();
    let column = |name: &str| headers.iter().position(|header| header == name).expect("column");
    let mut held = 0;
    for row in table.records().map(|row| row.expect("row")) {
        let written = &row[column("model")];
        // A proxy is the model with fewer layers.
        let (name, proxy) = match written.split_once(" proxy") {
            Some((name, _)) => (name, true),
            None => (written, false),
        };
        if UNDESCRIBED.contains(&name) {
            continue;
        }
        let entry = find_model(&catalogue, name).unwrap_or_else(|| panic!("no model `{name}`"));
        let shape = entry.architecture.as_ref().unwrap_or_else(|| panic!("`{name}` has no shape")).shape;
        let (heads, kv_heads) = match shape.attention {
            Attention::Grouped { heads, kv_heads, .. } => (heads, kv_heads),
            Attention::Latent { heads, .. } => (heads, heads),
            Attention::Absent => (0, 0),
        };
        let said = [
            ("layers", if proxy { 0 } else { shape.layers }),
            ("hidden", shape.hidden),
            ("ffn", shape.feed_forward),
            ("heads", heads),
            ("kv_heads", kv_heads),
            ("vocab", shape.vocabulary),
            ("experts", shape.experts.map_or(0, |experts| experts.routed)),
            ("topk", shape.experts.map_or(0, |experts| experts.active)),
            ("moe_ffn", shape.experts.map_or(0, |experts| experts.feed_forward)),
        ];
        for (field, ours) in said {
            let theirs = &row[column(field)];
            if theirs.is_empty() || ours == 0 {
                continue;
            }
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let ours = ours as f64;
            assert_eq!(theirs.parse::<f64>().expect("a number"), ours, "{name}: {field}");
            held += 1;
        }
    }
    assert!(held > 5000, "only {held}");
}

/// Three forward passes of 405 G parameters over 15.6 T tokens are the 3.8e25 operations that were published.
#[test]
fn the_arithmetic_of_llama_3_is_that_of_its_paper() {
    let (_, _, shape) = models().into_iter().find(|(id, ..)| id == "llama-3-1-405b").expect("the model");
    // Sequences of 8,192 tokens look back on half of it.
    let training = 3.0 * forward_flop(&shape, 4096) * 15.6e12;
    assert!((training / 3.8e25 - 1.0).abs() < 0.04, "{training:e}");
}

/// Narayanan et al. 2021 (arXiv 2104.04473, equation 3) count `72 l h² (1 + s / 6h + V / 12lh)` operations of training for
/// a token of models such as GPT-3, with attention as if nothing were masked.
#[test]
fn the_arithmetic_of_gpt_3_is_that_of_its_trainers() {
    let models = models();
    for name in ["gpt-3-175b", "gpt-3-20b", "megatron-22b", "megatron-530b", "megatron-1t"] {
        let (_, _, shape) = models.iter().find(|(id, ..)| id == name).expect("the model");
        #[expect(clippy::cast_precision_loss, reason = "small")]
        let [l, h, v] = [shape.layers as f64, shape.hidden as f64, shape.vocabulary as f64];
        for sequence in [2048_u32, 8192] {
            let s = f64::from(sequence);
            let published = 72.0 * l * h * h * (1.0 + s / (6.0 * h) + v / (12.0 * l * h));
            let flop = forward_flop_by_part(shape, LookedBack::Uncausal(sequence.into()));
            assert!((3.0 * flop.total() / published - 1.0).abs() < 1e-12, "{name}: {published:e}");
            let masked = forward_flop_by_part(shape, LookedBack::Sequence(sequence.into()));
            assert_eq!(2.0 * masked.attention_scores, flop.attention_scores, "{name}");
        }
    }
}
