//! Measured distributions of power in two clusters of A100 (AcmeTrace, CC-BY 4.0), which are left where they are.

use std::path::Path;

use gigawatt_engine::power::PowerCoefficients;
use gigawatt_engine::power::load::{AcceleratorPower, Mixture, Population, SystemPower};

use super::machines::coefficients;

/// The parts that the quantiles of one cluster decided with the levels: see the chapter on loads.
const KALOS: Mixture = Mixture { idle: 0.2932, waiting: 0.2787, at_limit: 0.2584 };
/// Quantiles that are compared.
const PARTS: [f64; 7] = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99];

/// What was measured of a population: power in W at rising parts of it.
struct Measured(Vec<(f64, f64)>);

impl Measured {
    fn read(text: &str, population: &str) -> Self {
        let rows = text.lines().skip(1).filter_map(|line| {
            let mut cells = line.split(',');
            (cells.next()? == population).then_some(())?;
            Some((cells.next()?.parse().ok()?, cells.next()?.parse::<f64>().ok()? / 100.0))
        });
        Self(rows.collect())
    }

    fn quantile(&self, part: f64) -> f64 {
        let after = self.0.iter().position(|(_, below)| *below >= part).unwrap();
        self.0[after].0
    }

    fn mean(&self) -> f64 {
        self.0.windows(2).map(|pair| 0.5 * (pair[0].0 + pair[1].0) * (pair[1].1 - pair[0].1)).sum()
    }
}

fn traces() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/traces/acme_power_cdf.csv");
    let text = std::fs::read_to_string(path).ok();
    if text.is_none() {
        println!("skipped: ../shared/traces/acme_power_cdf.csv is not there");
    }
    text
}

/// Relative errors at the compared quantiles, printed.
fn compared(name: &str, predicted: impl Fn(f64) -> f64, measured: &Measured) -> Vec<f64> {
    println!("{name}");
    let error = |part: f64| {
        let (told, real) = (predicted(part), measured.quantile(part));
        println!(
            "  {:4.0} %: {told:7.1} W, measured {real:7.1} W, {:+.1} %",
            100.0 * part,
            100.0 * (told / real - 1.0)
        );
        told / real - 1.0
    };
    PARTS.into_iter().map(error).collect()
}

#[test]
fn levels_of_one_cluster_predict_the_other_from_its_mean() {
    let Some(text) = traces() else { return };
    let with = coefficients();
    let (kalos, seren) = (Measured::read(&text, "kalos_gpu"), Measured::read(&text, "seren_gpu"));
    let population = Population::new(&AcceleratorPower::of_limit(400.0, &with), KALOS, &with);
    let fitted = compared("kalos, fitted", |part| population.quantile(part), &kalos);
    assert!(fitted.iter().all(|error| error.abs() < 0.05), "{fitted:?}");
    let other = population.with_mean(seren.mean());
    let errors = compared("seren, predicted", |part| other.quantile(part), &seren);
    assert!(errors.iter().all(|error| error.abs() < 0.10), "{errors:?}");
    let all: Vec<f64> = (2..100)
        .map(|percent| {
            let part = f64::from(percent) / 100.0;
            other.quantile(part) / seren.quantile(part) - 1.0
        })
        .collect();
    let within = all.iter().filter(|error| error.abs() < 0.10).count();
    let worst = all.iter().copied().max_by(|one, other| one.abs().total_cmp(&other.abs())).unwrap();
    println!("of 98 percentiles {within} within 10 %, the worst {:+.1} %", 100.0 * worst);
    assert!(within >= 85);
}

/// Rising powers of servers. Accelerators at their limit work in jobs that take whole servers; what is left of the servers
/// is shared evenly by so many independent states of accelerators.
struct Servers {
    whole: Vec<f64>,
    shared: Vec<f64>,
    share: f64,
}

impl Servers {
    fn new(system: &SystemPower, small: &[f64], whole: &[f64], share: f64, states: usize) -> Self {
        let mut means = vec![0.0];
        for _ in 0..states {
            means =
                means.iter().flat_map(|sum| small.iter().map(move |one| sum + one / states as f64)).collect();
        }
        let inputs = |each: &[f64]| {
            let mut inputs: Vec<f64> = each.iter().map(|each| system.steady(*each)).collect();
            inputs.sort_by(f64::total_cmp);
            inputs
        };
        Self { whole: inputs(whole), shared: inputs(&means), share }
    }

    fn quantile(&self, part: f64) -> f64 {
        let below =
            |of: &[f64], power: f64| of.partition_point(|input| *input <= power) as f64 / of.len() as f64;
        let (mut low, mut high) = (0.0, 8000.0);
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            let all =
                self.share * below(&self.whole, middle) + (1.0 - self.share) * below(&self.shared, middle);
            if all < part { low = middle } else { high = middle }
        }
        high
    }
}

#[test]
fn accelerators_and_a_nameplate_predict_servers() {
    let Some(text) = traces() else { return };
    let with = coefficients();
    let measured = Measured::read(&text, "server_8xa100");
    let accelerator = AcceleratorPower::of_limit(400.0, &with);
    let system = SystemPower::new(accelerator, 8.0, 6500.0, &with);
    // The rest's busy part as a burn test of a server of eight H100 has it (8.48 kW, arXiv 2412.08602), unseen by these servers.
    let h100 = SystemPower::new(AcceleratorPower::of_limit(700.0, &with), 8.0, 10_200.0, &with);
    let busy = with.rest_busy * (8480.0 * h100.efficiency - h100.fixed_loss - 5600.0) / h100.rest(700.0);
    println!("busy part by the burn test: {busy:.3}");
    let burn = PowerCoefficients { rest_busy: busy, ..with };
    let of = |mixture: Mixture| -> Vec<f64> {
        let population = Population::new(&accelerator, mixture, &with);
        (0..80).map(|step| population.quantile((f64::from(step) + 0.5) / 80.0)).collect()
    };
    let whole = of(Mixture { idle: 0.0, waiting: 0.0, at_limit: 1.0 });
    let rest = 1.0 - KALOS.at_limit;
    let small = of(Mixture { idle: KALOS.idle / rest, waiting: KALOS.waiting / rest, at_limit: 0.0 });
    let servers = |states| Servers::new(&system, &small, &whole, KALOS.at_limit, states);
    let two = servers(2);
    compared("servers, two states each", |part| two.quantile(part), &measured);
    let three = servers(3);
    let errors = compared("servers, three states each", |part| three.quantile(part), &measured);
    assert!(errors.iter().all(|error| error.abs() < 0.10), "{errors:?}");
    let by_burn = SystemPower::new(accelerator, 8.0, 6500.0, &burn);
    let unseen = Servers::new(&by_burn, &small, &whole, KALOS.at_limit, 3);
    let errors = compared("servers, busy part by the burn test", |part| unseen.quantile(part), &measured);
    assert!(errors.iter().filter(|error| error.abs() < 0.10).count() >= 6, "{errors:?}");
}
