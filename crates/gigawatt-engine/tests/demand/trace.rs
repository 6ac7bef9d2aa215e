//! The shipped shapes against the trace that they were derived from, where it is there: ServeGen's rates (Apache-2.0), summed
//! over clients.

use gigawatt_engine::demand::{Burst, WINDOW, fit_traffic, hourly_autocorrelation};

use super::catalogue::{burst, shape};

/// Rates in windows of ten minutes, and the mean number of clients.
fn rates(workload: &str) -> Option<(Vec<f64>, f64)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/traces/servegen_rates.csv");
    let Ok(mut reader) = csv::Reader::from_path(path) else {
        println!("skipped: ../shared/traces is not here");
        return None;
    };
    let (mut rates, mut clients) = (Vec::new(), 0.0);
    for row in reader.records() {
        let row = row.unwrap();
        if &row[1] == workload {
            rates.push(row[3].parse().unwrap());
            clients += row[4].parse::<f64>().unwrap();
        }
    }
    let clients = clients / rates.len() as f64;
    Some((rates, clients))
}

/// Means of the hours in which nothing is missing.
fn hours(rates: &[f64]) -> Vec<Option<f64>> {
    let mut sorted = rates.to_vec();
    sorted.sort_by(f64::total_cmp);
    let least = 0.25 * sorted[sorted.len() / 2];
    let hour = |windows: &[f64]| {
        windows.iter().all(|rate| *rate > least).then(|| windows.iter().sum::<f64>() / windows.len() as f64)
    };
    rates.chunks_exact(6).map(hour).collect()
}

fn mean(values: &[Option<f64>]) -> f64 {
    values.iter().flatten().sum::<f64>() / values.iter().flatten().count() as f64
}

#[test]
fn shipped_shapes_are_what_a_fit_of_the_trace_gives() {
    for (id, workload, gaps) in [("servegen-m-small", "m-small", 37), ("servegen-m-large", "m-large", 0)] {
        let Some((rates, clients)) = rates(workload) else { return };
        let fit = fit_traffic(&rates, clients).unwrap();
        let (shape, burst) = (shape(id), burst(id));
        println!("{workload}: {fit:?}");
        assert_eq!(fit.gaps, gaps);
        // The catalogue has three figures.
        let near =
            |one: f64, other: f64, within: f64| assert!((one - other).abs() <= within, "{id}: {one} {other}");
        near(fit.shape.day_swing, shape.day_swing, 0.001);
        near(fit.shape.day_peak, shape.day_peak, 0.05);
        near(fit.shape.half_day_swing, shape.half_day_swing, 0.001);
        near(fit.shape.half_day_peak % 12.0, shape.half_day_peak % 12.0, 0.05);
        near(fit.burst.client_variation, burst.client_variation, 0.01);
        near(clients, burst.clients, 0.05);
        near(fit.burst.fast, burst.fast, 0.002);
        near(fit.burst.lasting, burst.lasting, 0.001);
        near(fit.burst.persistence, burst.persistence, 0.06);
    }
}

#[test]
fn the_mean_day_has_the_peak_to_trough_of_the_trace() {
    // The service with a day within 5 %; of the one that hardly has one two waves leave some of the little out.
    for (id, workload, within) in
        [("servegen-m-small", "m-small", 0.05), ("servegen-m-large", "m-large", 0.1)]
    {
        let Some((rates, _)) = rates(workload) else { return };
        let mut sorted = rates.clone();
        sorted.sort_by(f64::total_cmp);
        let least = 0.25 * sorted[sorted.len() / 2];
        let in_hour = |hour: usize| {
            let windows = rates.iter().enumerate().filter(move |(window, _)| window / 6 % 24 == hour);
            windows.map(|(_, rate)| (*rate > least).then_some(*rate)).collect::<Vec<_>>()
        };
        let day: Vec<f64> = (0..24).map(|hour| mean(&in_hour(hour))).collect();
        let traced = day.iter().copied().fold(0.0, f64::max) / day.iter().copied().fold(f64::MAX, f64::min);
        let ours = shape(id).peak_to_trough();
        println!("{workload}: peak to trough {traced:.3}, ours {ours:.3}");
        assert!((ours / traced - 1.0).abs() < within, "{ours} against {traced}");
    }
}

#[test]
fn hours_remember_one_another_as_in_the_trace() {
    let mut worst = Vec::new();
    for (id, workload) in [("servegen-m-small", "m-small"), ("servegen-m-large", "m-large")] {
        let Some((rates, _)) = rates(workload) else { return };
        let hours = hours(&rates);
        let mean = mean(&hours);
        let covariance = |lag: usize| {
            let pairs = hours.iter().zip(&hours[lag..]);
            let products: Vec<f64> =
                pairs.filter_map(|(one, other)| Some(((*one)? - mean) * ((*other)? - mean))).collect();
            products.iter().sum::<f64>() / products.len() as f64
        };
        for lag in [1, 2, 3, 6, 12, 24] {
            let traced = covariance(lag) / covariance(0);
            let ours = hourly_autocorrelation(&shape(id), &burst(id), lag);
            println!("{workload}: autocorrelation after {lag} h {traced:.3}, ours {ours:.3}");
            worst.push((workload, lag, ours, traced, (ours - traced).abs() < 0.11));
        }
    }
    assert!(worst.iter().all(|(.., near)| *near), "{worst:?}");
}

#[test]
fn requests_in_windows_are_as_dispersed_as_in_the_trace() {
    for (id, workload) in [("servegen-m-small", "m-small"), ("servegen-m-large", "m-large")] {
        let Some((rates, clients)) = rates(workload) else { return };
        let fit = fit_traffic(&rates, clients).unwrap();
        let mut sorted = rates.clone();
        sorted.sort_by(f64::total_cmp);
        let least = 0.25 * sorted[sorted.len() / 2];
        // Rates over what the shape gives: 1 on average, whatever the hour.
        let scale: Vec<Option<f64>> = (0..rates.len())
            .map(|window| {
                let hour = (window as f64 + 0.5) * WINDOW;
                (rates[window] > least).then(|| rates[window] / fit.shape.rate(hour))
            })
            .collect();
        let level = mean(&scale);
        for windows in [1_usize, 3, 6, 18] {
            let counts: Vec<f64> = scale
                .chunks_exact(windows)
                .filter_map(|chunk| chunk.iter().copied().sum::<Option<f64>>())
                .map(|sum| sum * 600.0)
                .collect();
            let mean = counts.iter().sum::<f64>() / counts.len() as f64;
            let variance =
                counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / counts.len() as f64;
            let traced = variance / mean;
            let ours = Burst { ..burst(id) }.dispersion(level, windows as f64 * WINDOW);
            println!("{workload}: index of dispersion over {} min {traced:.0}, ours {ours:.0}", 10 * windows);
            assert!((0.75..1.35).contains(&(ours / traced)), "{workload} {windows}: {ours} against {traced}");
        }
    }
}
