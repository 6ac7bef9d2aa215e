//! Laws of the device: what must hold for any shape and any coefficients of the file.

use std::sync::LazyLock;

use gigawatt_engine::device::{Attention, Device, DeviceCoefficients, DeviceFacts, Mask, Precision};
use gigawatt_plan::catalog::{Catalogue, Kind};
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use proptest::prelude::*;

/// Parsed once: property tests ask for it thousands of times.
static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default()));

fn coefficients() -> DeviceCoefficients {
    let table = Coefficients::embedded("device").expect("a well-formed file");
    DeviceCoefficients::read(&table).expect("every coefficient")
}

fn facts(id: &str) -> DeviceFacts {
    DeviceFacts::of(CATALOGUE.get(Kind::Accelerator, id).expect(id)).expect(id)
}

fn device(id: &str) -> Device {
    Device::new(facts(id), &coefficients())
}

fn devices() -> Vec<(String, Device)> {
    CATALOGUE.ids(Kind::Accelerator).map(|id| (id.to_owned(), device(id))).collect()
}

fn sequence(tokens: f64) -> Attention {
    Attention {
        batch: 1.0,
        queries: tokens,
        context: tokens,
        heads: 32.0,
        kv_heads: 8.0,
        key_size: 128.0,
        value_size: 128.0,
        mask: Mask::Causal,
    }
}

#[test]
fn every_accelerator_of_the_catalogue_is_a_device() {
    let all = devices();
    assert!(all.len() >= 29);
    for (id, device) in all {
        for precision in Precision::ALL {
            let (rate, _) = device.facts().matrix_rate(precision);
            let sustained = device.sustained_rate(precision);
            assert!(
                sustained > 0.1 * rate && sustained <= rate,
                "{id} {precision:?}: {sustained:e} of {rate:e}"
            );
            let time = device.gemm(4096.0, 4096.0, 4096.0, precision);
            assert!(time > 2.0 * 4096.0_f64.powi(3) / rate && time.is_finite(), "{id} {precision:?}");
        }
        assert!(device.memory_rate() < 1.1 * device.facts().memory_bandwidth, "{id}");
    }
}

#[test]
fn no_work_takes_no_time_and_any_work_at_least_a_launch() {
    for (_, device) in devices() {
        for precision in Precision::ALL {
            for (m, n, k) in
                [(0.0, 8.0, 8.0), (8.0, 0.0, 8.0), (8.0, 8.0, 0.0), (-1.0, 8.0, 8.0), (f64::NAN, 8.0, 8.0)]
            {
                assert_eq!(device.gemm(m, n, k, precision), 0.0);
                assert_eq!(device.grouped_gemm(4.0, m, n, k, precision), 0.0);
            }
            assert!(device.gemm(1.0, 1.0, 1.0, precision) > device.launch());
        }
        assert_eq!(device.attention_prefill(&sequence(0.0), Precision::Bf16), 0.0);
        assert_eq!(device.streaming(0.0), 0.0);
        assert_eq!(device.cast(0.0, 64.0, Precision::Fp8), 0.0);
        assert_eq!(device.cast(64.0, 64.0, Precision::Bf16), 0.0);
        assert!(device.streaming(1.0) > device.launch());
    }
}

#[test]
fn large_products_approach_the_sustained_rate_and_small_ones_the_memory() {
    let h100 = device("h100-sxm");
    let (large, flop) = (h100.gemm(16384.0, 16384.0, 16384.0, Precision::Bf16), 2.0 * 16384.0_f64.powi(3));
    let share = flop / large / h100.sustained_rate(Precision::Bf16);
    assert!((0.93..=1.0).contains(&share), "{share}");
    let (small, bytes) = (h100.gemm(1.0, 32768.0, 32768.0, Precision::Bf16), 2.0 * 32768.0_f64.powi(2));
    let share = bytes / small / h100.memory_rate();
    assert!((0.95..=1.0).contains(&share), "{share}");
}

#[test]
fn a_lower_power_limit_lowers_the_sustained_rate_by_its_root() {
    let (full, coefficients) = (facts("h100-sxm"), coefficients());
    let capped = DeviceFacts { power: full.power.map(|power| power / 4.0), ..full };
    let rate = |facts| Device::new(facts, &coefficients).sustained_rate(Precision::Bf16);
    assert!((rate(capped) / rate(full) - 0.5).abs() < 1e-12);
}

#[test]
fn a_partly_filled_wave_costs_more_for_each_tile() {
    let h100 = device("h100-sxm");
    // 132 processors: 33 × 4 tiles of 128 × 256 fill one wave; one column of tiles more needs a second.
    let rate = |n: f64| 4224.0 * n * 8192.0 / h100.gemm(4224.0, n, 8192.0, Precision::Bf16);
    assert!(rate(1024.0) > 1.02 * rate(1280.0), "{} {}", rate(1024.0), rate(1280.0));
}

#[test]
fn a_group_of_one_is_a_product_and_groups_are_never_faster_than_one_of_all_rows() {
    for (id, device) in devices() {
        let one = device.gemm(512.0, 4096.0, 2048.0, Precision::Fp8);
        assert_eq!(device.grouped_gemm(1.0, 512.0, 4096.0, 2048.0, Precision::Fp8), one, "{id}");
        let together = device.gemm(8.0 * 512.0, 4096.0, 2048.0, Precision::Fp8);
        assert!(device.grouped_gemm(8.0, 512.0, 4096.0, 2048.0, Precision::Fp8) >= together, "{id}");
    }
}

#[test]
fn what_a_device_lacks_is_computed_in_16_bits_with_fewer_bytes() {
    let a100 = device("a100-sxm-80gb");
    assert_eq!(a100.sustained_rate(Precision::Fp8), a100.sustained_rate(Precision::Bf16));
    assert!(a100.gemm(1.0, 8192.0, 8192.0, Precision::Fp8) < a100.gemm(1.0, 8192.0, 8192.0, Precision::Bf16));
}

proptest! {
    #[test]
    fn more_rows_columns_or_depth_never_take_less_time(
        (m, n, k) in (1.0..70_000.0_f64, 1.0..60_000.0_f64, 1.0..60_000.0_f64),
        growth in 1.0..3.0_f64, groups in 1.0..300.0_f64, which in 0..29_usize, precision in 0..11_usize,
    ) {
        let (_, device) = &devices()[which];
        let precision = Precision::ALL[precision];
        let (m, n, k) = (m.floor(), n.floor(), k.floor());
        let time = device.grouped_gemm(groups.floor(), m, n, k, precision);
        let near = 1.0 - 1e-12;
        prop_assert!(device.grouped_gemm(groups.floor(), m * growth, n, k, precision) >= time * near);
        prop_assert!(device.grouped_gemm(groups.floor(), m, n * growth, k, precision) >= time * near);
        prop_assert!(device.grouped_gemm(groups.floor(), m, n, k * growth, precision) >= time * near);
        prop_assert!(device.grouped_gemm(groups.floor() * growth, m, n, k, precision) >= time * near);
    }

    #[test]
    fn a_device_that_is_better_in_one_thing_is_never_slower(
        (m, n, k) in (1.0..70_000.0_f64, 1.0..60_000.0_f64, 1.0..60_000.0_f64),
        better in 1.0..4.0_f64, tokens in 16.0..32_768.0_f64,
    ) {
        let (base, coefficients) = (facts("h100-sxm"), coefficients());
        let slow = Device::new(base, &coefficients);
        let times = |facts| {
            let device = Device::new(facts, &coefficients);
            (device.gemm(m, n, k, Precision::Fp8), device.attention_prefill(&sequence(tokens), Precision::Bf16))
        };
        let before = (slow.gemm(m, n, k, Precision::Fp8), slow.attention_prefill(&sequence(tokens), Precision::Bf16));
        for facts in [
            DeviceFacts { bf16: base.bf16 * better, fp8: base.fp8.map(|rate| rate * better), ..base },
            DeviceFacts { memory_bandwidth: base.memory_bandwidth * better, ..base },
            DeviceFacts { power: base.power.map(|power| power * better), ..base },
        ] {
            let after = times(facts);
            prop_assert!(after.0 <= before.0 && after.1 <= before.1);
        }
    }

    #[test]
    fn attention_grows_with_the_context_and_shrinks_with_a_window(tokens in 16.0..32_768.0_f64, more in 1.0..3.0_f64) {
        let b200 = device("b200-sxm");
        let time = |shape: &Attention| b200.attention_prefill(shape, Precision::Bf16);
        let causal = sequence(tokens);
        prop_assert!(time(&sequence(tokens * more)) >= time(&causal));
        let full = Attention { mask: Mask::Full, ..causal };
        prop_assert!(time(&full) >= time(&causal));
        let windowed = Attention { mask: Mask::Sliding { window: 1024.0 }, ..causal };
        prop_assert!(time(&windowed) <= time(&causal) * (1.0 + 1e-12));
    }
}
