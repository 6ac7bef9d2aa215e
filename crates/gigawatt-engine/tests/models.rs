//! The parameter counts of every model of the catalogue against counts made elsewhere from the same fields.

use gigawatt_engine::model::{forward_flop, kv_bytes_per_token, parameters};
use gigawatt_plan::catalog::{Catalogue, Entry, Kind, Shape};
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
fn every_model_has_the_parameters_counted_elsewhere() {
    let models = models();
    assert_eq!(models.len(), EXPECTED.len());
    for (id, _, shape) in models {
        let (_, total, active, kv) =
            EXPECTED.iter().find(|(name, ..)| *name == id).unwrap_or_else(|| panic!("{id} is not expected"));
        assert_counts(&id, &shape, *total, *active, *kv);
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

/// What the makers announced, rounded as they rounded it.
#[test]
fn counts_agree_with_what_was_announced() {
    let announced = |entry: &Entry, field: &str| {
        entry.vintages(field).first().map(|fact| fact.written.distribution.reference())
    };
    let mut compared = 0;
    for (id, entry, shape) in models() {
        let counted = parameters(&shape);
        for (field, counted) in [("parameters", counted.total), ("active_parameters", counted.active)] {
            if let Some(announced) = announced(&entry, field) {
                #[expect(clippy::cast_precision_loss, reason = "below 2^53")]
                let apart = counted as f64 / announced - 1.0;
                // Names are round: 7 B is 6.74, 3 B active is 3.35.
                assert!(apart.abs() < 0.12, "{id}: {field} {counted} against {announced}");
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "only {compared}");
}

/// Three forward passes of 405 G parameters over 15.6 T tokens are the 3.8e25 operations that were published.
#[test]
fn the_arithmetic_of_llama_3_is_that_of_its_paper() {
    let (_, _, shape) = models().into_iter().find(|(id, ..)| id == "llama-3-1-405b").expect("the model");
    // Sequences of 8,192 tokens look back on half of it.
    let training = 3.0 * forward_flop(&shape, 4096) * 15.6e12;
    assert!((training / 3.8e25 - 1.0).abs() < 0.04, "{training:e}");
}
