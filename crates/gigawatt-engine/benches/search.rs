//! Speed of the search of layouts: `cargo bench -p gigawatt-engine --bench search`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "the sizes of the spaces stand beside their times")]

use divan::counter::ItemsCount;
use gigawatt_engine::device::{Device, DeviceFacts};
use gigawatt_engine::network::{Fabric, Network, ScaleOut, ScaleUp};
use gigawatt_engine::training::StepLaws;
use gigawatt_engine::training::search::{Problem, Space, search, survey};
use gigawatt_plan::catalog::{Catalogue, Kind, Shape, find_model};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::training::{Framework, FrameworkName, Month, Offload, Precision};
use gigawatt_plan::world::Silent;

/// Models on accelerators with a batch of sequences, and the port of each accelerator in B/s.
const CASES: [Case; 3] = [
    Case {
        model: "gpt-3-175b",
        accelerator: "a100-sxm-80gb",
        system: "dgx-a100",
        accelerators: 4096,
        global_batch: 4096,
        sequence_length: 2048,
        precision: Precision::Bf16,
        port: 25e9,
    },
    Case {
        model: "llama-3.1-405b",
        accelerator: "h100-sxm",
        system: "hgx-h100",
        accelerators: 16_384,
        global_batch: 2048,
        sequence_length: 8192,
        precision: Precision::Bf16,
        port: 50e9,
    },
    Case {
        model: "llama-4-maverick",
        accelerator: "gb200",
        system: "gb200-nvl72",
        accelerators: 65_536,
        global_batch: 16_384,
        sequence_length: 8192,
        precision: Precision::Fp8,
        port: 50e9,
    },
];

struct Case {
    model: &'static str,
    accelerator: &'static str,
    /// Whose host is known.
    system: &'static str,
    accelerators: u64,
    global_batch: u64,
    sequence_length: u64,
    precision: Precision,
    port: f64,
}

struct Machines {
    laws: StepLaws,
    shape: Shape,
    device: Device,
    shipped: Month,
    network: Network,
}

impl Machines {
    fn of(case: &Case) -> Self {
        let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
        let laws = StepLaws::embedded().unwrap();
        let model = find_model(&catalogue, case.model).unwrap();
        let entry = catalogue.get(Kind::Accelerator, case.accelerator).unwrap();
        let fact =
            |field: &str| entry.vintages(field).last().map(|fact| fact.written.distribution.reference());
        let system = catalogue.get(Kind::System, case.system).unwrap();
        let of_system =
            |field: &str| system.vintages(field).last().map(|fact| fact.written.distribution.reference());
        let facts =
            DeviceFacts::read(entry.text("generation"), |field| fact(field).or_else(|| of_system(field)));
        let up = ScaleUp::from_facts(fact, entry.text("scale_up_wiring")).unwrap();
        let fabric = Fabric::full_bisection(case.accelerators, 5e-7);
        let network =
            Network::of_system(Some(&up), &ScaleOut::own_port(case.port), &fabric, &laws.network).unwrap();
        Self {
            shape: model.architecture.as_ref().unwrap().shape,
            device: Device::new(facts.unwrap(), &laws.device),
            shipped: catalogue.shipped(entry),
            network,
            laws,
        }
    }

    fn problem(&self, case: &Case) -> Problem<'_> {
        Problem {
            shape: &self.shape,
            device: &self.device,
            shipped: self.shipped,
            network: &self.network,
            precision: case.precision,
            framework: Framework::preset(FrameworkName::Megatron),
            accelerators: case.accelerators,
            global_batch: case.global_batch,
            sequence_length: case.sequence_length,
            laws: &self.laws,
        }
    }
}

fn main() {
    for case in &CASES {
        let machines = Machines::of(case);
        let problem = machines.problem(case);
        let space = Space::of(&problem);
        let found = search(&problem, &space, 1, &Silent).unwrap();
        println!("{}: {:?}", case.model, found.counts);
    }
    divan::main();
}

/// The best layout, on every core.
#[divan::bench(args = [0, 1, 2], sample_count = 10)]
fn best(bencher: divan::Bencher<'_, '_>, case: usize) {
    let machines = Machines::of(&CASES[case]);
    let problem = machines.problem(&CASES[case]);
    let space = Space::of(&problem);
    bencher.bench(|| search(&problem, &space, 1, &Silent).unwrap());
}

/// The same with all that may lie on the host.
#[divan::bench(args = [0, 1, 2], sample_count = 10)]
fn best_with_hosts(bencher: divan::Bencher<'_, '_>, case: usize) {
    let machines = Machines::of(&CASES[case]);
    let problem = machines.problem(&CASES[case]);
    let offload = Offload::WORDS.map(|(offload, _)| offload).to_vec();
    let space = Space { offload, ..Space::of(&problem) };
    bencher.bench(|| search(&problem, &space, 1, &Silent).unwrap());
}

/// Every legal layout that fits evaluated in full, on one core, with all that finds out what is legal and fits.
#[divan::bench(args = [0, 1, 2], sample_count = 5)]
fn every(bencher: divan::Bencher<'_, '_>, case: usize) {
    let machines = Machines::of(&CASES[case]);
    let problem = machines.problem(&CASES[case]);
    let space = Space::of(&problem);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    let counts = pool.install(|| survey(&problem, &space));
    bencher.counter(ItemsCount::new(counts.evaluated)).bench(|| pool.install(|| survey(&problem, &space)));
}
