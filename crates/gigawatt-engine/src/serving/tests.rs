use gigawatt_plan::catalog::{Attention, Experts, Shape, Window, WindowKind};
use gigawatt_plan::training::Precision;

use super::*;
use crate::device::{Device, DeviceCoefficients, DeviceFacts};
use crate::network::{Network, NetworkCoefficients, ScaleUp, Wiring};

fn dense() -> Shape {
    let attention = Attention::Grouped { heads: 64, kv_heads: 8, head_size: 128, biased: false };
    Shape::dense(80, 8192, 128_256, 131_072, attention, 28672)
}

fn mixture() -> Shape {
    let attention = Attention::Grouped { heads: 64, kv_heads: 4, head_size: 128, biased: false };
    let experts = Experts::in_every_layer(94, 128, 8, 1536);
    Shape { experts: Some(experts), ..Shape::dense(94, 4096, 151_936, 40_960, attention, 12288) }
}

fn latent() -> Shape {
    let attention = Attention::Latent {
        heads: 128,
        query_rank: 1536,
        kv_rank: 512,
        plain_size: 128,
        rotary_size: 64,
        value_size: 128,
    };
    Shape { attention, experts: Some(Experts::in_every_layer(61, 256, 8, 2048)), layers: 61, ..mixture() }
}

/// An accelerator as an H100, with some of its facts changed.
fn device(memory: f64, bandwidth: f64) -> Device {
    let facts = DeviceFacts::read("hopper", |name| {
        Some(match name {
            "bf16" => 989e12,
            "fp8" => 1979e12,
            "memory" => memory,
            "memory_bandwidth" => bandwidth,
            "power" => 700.0,
            "processors" => 132.0,
            _ => return None,
        })
    });
    Device::new(facts.unwrap(), &DeviceCoefficients::embedded().unwrap())
}

fn network() -> Network {
    let up = ScaleUp { bandwidth: 450e9, domain: 8, wiring: Wiring::AddingSwitch };
    Network::of_scale_up(&up, &NetworkCoefficients::embedded().unwrap()).unwrap()
}

/// A deployment of its own: shape, accelerator and network are owned.
struct Served {
    shape: Shape,
    device: Device,
    network: Network,
    layout: ServingLayout,
    engine: Engine,
    with: ServingCoefficients,
}

impl Served {
    fn new(shape: Shape, layout: ServingLayout) -> Self {
        Self {
            shape,
            device: device(80e9, 3.35e12),
            network: network(),
            layout,
            engine: Engine::of(EngineName::TensorrtLlm, None),
            with: ServingCoefficients::embedded().unwrap(),
        }
    }

    fn deployment(&self) -> Deployment<'_> {
        Deployment {
            shape: &self.shape,
            device: &self.device,
            network: &self.network,
            layout: self.layout,
            formats: ServingFormats::uniform(Precision::Fp8, Precision::Fp8),
            engine: self.engine,
            speculation: None,
        }
    }

    fn law(&self) -> IterationLaw<'_> {
        IterationLaw::new(self.deployment(), &self.with)
    }
}

#[test]
fn more_sequences_longer_contexts_and_prompts_never_take_less() {
    for shape in [dense(), mixture(), latent()] {
        let served = Served::new(shape, ServingLayout::tensor(8));
        let law = served.law();
        let mut before = 0.0;
        for sequences in [1.0, 2.0, 8.0, 64.0, 256.0, 1024.0] {
            let seconds = law.seconds(&Batch::decoding(sequences, 1024.0));
            assert!(seconds >= before, "{sequences}: {seconds}");
            assert!(law.seconds(&Batch::decoding(sequences, 8192.0)) > seconds * 0.999);
            let prompts = Prompts { count: 1.0, tokens: 1024.0, past: 0.0 };
            assert!(law.seconds(&Batch { prompts, ..Batch::decoding(sequences, 1024.0) }) > seconds * 0.999);
            before = seconds;
        }
    }
}

#[test]
fn decoding_few_sequences_is_near_to_reading_the_weights() {
    let served = Served::new(dense(), ServingLayout::tensor(2));
    let law = served.law();
    // 70 GB over two accelerators of 3.35 TB/s.
    let reading = 70e9 / 2.0 / 3.35e12;
    let seconds = law.seconds(&Batch::decoding(1.0, 128.0));
    assert!((1.0..1.6).contains(&(seconds / reading)), "{seconds} against {reading}");
    assert_eq!(law.binding(&Batch::decoding(1.0, 128.0)), Binding::Weights);
    assert_eq!(law.binding(&Batch::decoding(256.0, 16_384.0)), Binding::Cache);
    assert_eq!(law.binding(&Batch::prompts(4.0, 2048.0)), Binding::Arithmetic);
}

#[test]
fn twice_the_bandwidth_is_at_most_twice_as_fast() {
    for shape in [dense(), latent()] {
        let slow = Served::new(shape, ServingLayout::tensor(8));
        let fast = Served { device: device(80e9, 6.7e12), ..Served::new(shape, ServingLayout::tensor(8)) };
        for context in [16.0, 4096.0, 65_536.0] {
            let batch = Batch::decoding(32.0, context);
            let ratio = slow.law().seconds(&batch) / fast.law().seconds(&batch);
            assert!((1.0..=2.0).contains(&ratio), "{context}: {ratio}");
        }
    }
}

#[test]
fn decoding_is_affine_in_what_is_cached() {
    let window = Window { layers: 40, tokens: 128, kind: WindowKind::Sliding };
    for shape in [dense(), mixture(), latent(), Shape { window: Some(window), ..dense() }] {
        let served = Served::new(shape, ServingLayout::tensor(8));
        let law = served.law();
        let line = law.decode_line(16.0);
        for context in [200.0, 1000.0, 30_000.0] {
            let seconds = law.seconds(&Batch::decoding(16.0, context));
            assert!((line.at(16.0 * context) / seconds - 1.0).abs() < 1e-6, "{context}: {line:?} {seconds}");
        }
    }
}

#[test]
fn a_line_sums_as_its_iterations_do() {
    for line in [
        Line { fixed: 1e-3, each: 1e-8, floor: 0.0 },
        Line { fixed: 1e-3, each: 1e-8, floor: 3e-3 },
        Line { fixed: 1e-3, each: 1e-8, floor: 1.0 },
    ] {
        let (cached, growth) = (1e5, 64.0);
        for count in [0_u32, 1, 7, 1000] {
            let one_by_one: f64 = (0..count).map(|n| line.at(cached + growth * f64::from(n))).sum();
            let closed = line.sum(cached, growth, f64::from(count));
            assert!((closed - one_by_one).abs() <= 1e-9 * one_by_one.max(1.0), "{line:?} {count}");
        }
    }
}

#[test]
fn what_weights_leave_holds_sequences() {
    let served = Served::new(dense(), ServingLayout::tensor(2));
    let deployment = served.deployment();
    let capacity = Capacity::of(&deployment, &served.with);
    // 68.4 G weights of the layers in 8 bits, 2.1 G of embedding and output in 16, over two.
    assert!((capacity.weights / 1e9 - (68.45 + 2.0 * 2.1) / 2.0).abs() < 0.3, "{}", capacity.weights);
    let whole = capacity.weights + capacity.reserve + capacity.activations + capacity.cache;
    assert!(whole <= 80e9 && capacity.cache > 0.0);
    // 80 layers of 8 heads of 128, keys and values in 8 bits, half of them on each accelerator.
    let request = Request { prompt: 1000.0, output: 1000.0 };
    let each = 80.0 * 2.0 * 8.0 * 128.0 * 2000.0 / 2.0;
    let (sequences, limit) = capacity.sequences(&deployment, &request);
    assert!((sequences / (capacity.cache / each) - 1.0).abs() < 1e-12);
    assert_eq!(limit, Limit::Memory);
    assert!(
        !Served::new(dense(), ServingLayout::SINGLE)
            .deployment()
            .fits(&served.with, &Request { prompt: 1e6, output: 1.0 })
    );
}

#[test]
fn a_latent_cache_is_on_every_rank_and_heads_are_shared_out() {
    let bytes = |shape: Shape, ranks: u64| {
        let served = Served::new(shape, ServingLayout::tensor(ranks));
        super::capacity::sequence_bytes(&served.deployment(), 1000.0)
    };
    assert_eq!(bytes(latent(), 8), bytes(latent(), 1));
    assert_eq!(bytes(latent(), 1), 61.0 * 576.0 * 1000.0);
    assert_eq!(bytes(dense(), 8) * 8.0, bytes(dense(), 1));
    // Four heads of keys are not cut into eight.
    assert_eq!(bytes(mixture(), 8), bytes(mixture(), 4));
}

#[test]
fn a_cycle_does_not_depend_on_what_comes_together() {
    let served = Served::new(dense(), ServingLayout::tensor(8));
    let request = Request { prompt: 1024.0, output: 512.0 };
    let state = served.law().at_concurrency(&request, 32.0);
    assert_eq!((state.decoding, state.waiting), (32.0, 0.0));
    let more = ServingCoefficients { burst: 0.3, ..served.with };
    let together = Served { with: more, ..Served::new(dense(), ServingLayout::tensor(8)) };
    let other = together.law().at_concurrency(&request, 32.0);
    assert!(other.first_token > state.first_token && other.each_token < state.each_token);
}

#[test]
fn concurrency_trades_speed_for_throughput_until_memory_is_full() {
    let served = Served::new(dense(), ServingLayout::tensor(2));
    let law = served.law();
    let request = Request { prompt: 2048.0, output: 512.0 };
    let mut before: Option<SteadyState> = None;
    for requests in [1.0, 2.0, 4.0, 8.0, 16.0] {
        let state = law.at_concurrency(&request, requests);
        if let Some(before) = before {
            assert!(state.each_token >= before.each_token && state.throughput > before.throughput);
            assert!(state.first_token >= before.first_token);
        }
        before = Some(state);
    }
    let full = law.at_concurrency(&request, 10_000.0);
    assert_eq!(full.limit, Some(Limit::Memory));
    assert!((full.decoding + full.waiting - 10_000.0).abs() < 1e-6);
    // Nobody waits for nothing: what is served is what a queue without end is served.
    let saturated = law.saturated(&request, f64::INFINITY, None);
    assert!((full.decoding / saturated.decoding - 1.0).abs() < 1e-9);
    assert!((full.throughput / saturated.throughput - 1.0).abs() < 0.3, "{full:?} {saturated:?}");
    assert!(full.first_token > 100.0 * before.unwrap().first_token);
}

#[test]
fn a_run_that_ends_is_no_faster_than_one_that_does_not() {
    let served = Served::new(dense(), ServingLayout::tensor(4));
    let request = Request { prompt: 512.0, output: 512.0 };
    let endless = served.law().saturated(&request, 64.0, None).throughput;
    for requests in [10.0, 64.0, 65.0, 100.0, 640.0, 6401.0] {
        let ended = served.law().saturated(&request, 64.0, Some(requests)).throughput;
        assert!(ended <= endless * (1.0 + 1e-9), "{requests}");
    }
    let whole = served.law().saturated(&request, 64.0, Some(640.0)).throughput;
    assert!((whole / endless - 1.0).abs() < 1e-9);
}

#[test]
fn workers_apart_serve_what_the_slower_side_allows() {
    let served = Served::new(dense(), ServingLayout::tensor(2));
    let law = served.law();
    let long = Request { prompt: 8192.0, output: 16.0 };
    let one = law.disaggregated(&long, 64.0, (1.0, 1.0));
    let two = law.disaggregated(&long, 64.0, (2.0, 1.0));
    assert!(two.throughput > 1.5 * one.throughput);
    let rate = one.throughput / long.output;
    assert!(rate * law.seconds(&Batch::prompts(1.0, 8192.0)) <= 1.0 + 1e-9);
    // Little's law: what is in flight is the rate times the time in the system.
    let time = one.first_token + one.each_token * long.output;
    assert!((rate * time / 64.0 - 1.0).abs() < 1e-6);
}

#[test]
fn a_static_batch_of_one_waits_for_its_own_prompt_alone() {
    let served = Served::new(dense(), ServingLayout::tensor(4));
    let state = served.law().static_batch(&Request { prompt: 1000.0, output: 1.0 }, 1.0);
    let own = served.law().seconds(&Batch::prompts(1.0, 1000.0));
    assert!(state.first_token >= own && state.each_token == 0.0);
}

#[test]
fn data_parallel_attention_brings_its_tokens_together() {
    let layout = ServingLayout { tensor: 1, attention_data: 8, expert: 8, pipeline: 1 };
    let apart = Served::new(latent(), layout);
    let parts = apart.law().parts(&Batch::decoding(16.0, 1000.0));
    assert!(parts.collectives > 0.0 && parts.experts > 0.0);
    let spread =
        Served::new(latent(), ServingLayout { tensor: 8, attention_data: 1, expert: 8, pipeline: 1 });
    // As many sequences in all: each rank has an eighth of the caches where attention is by sequences.
    let together = spread.law().parts(&Batch::decoding(128.0, 1000.0));
    assert!(parts.cache < together.cache);
}

#[test]
fn stages_share_weights_and_not_time() {
    let one = Served::new(dense(), ServingLayout::tensor(2));
    let two = Served::new(dense(), ServingLayout { pipeline: 2, ..ServingLayout::tensor(2) });
    let weights = |served: &Served| Capacity::of(&served.deployment(), &served.with).weights;
    assert!((weights(&one) / weights(&two) - 2.0).abs() < 1e-9);
    let batch = Batch::decoding(8.0, 1000.0);
    assert!(two.law().seconds(&batch) > 0.9 * one.law().seconds(&batch));
}

#[test]
fn guesses_that_hold_save_iterations() {
    let shape = Shape { further_tokens: 1, ..latent() };
    let served = Served::new(shape, ServingLayout::tensor(8));
    let request = Request { prompt: 1000.0, output: 1000.0 };
    let with = |acceptance| {
        let speculation = Some(Speculation { guessed: 3.0, acceptance });
        let deployment = Deployment { speculation, ..served.deployment() };
        IterationLaw::new(deployment, &served.with).at_concurrency(&request, 1.0).each_token
    };
    let plain = served.law().at_concurrency(&request, 1.0).each_token;
    assert!(with(0.9) < plain && with(0.0) > plain);
}
