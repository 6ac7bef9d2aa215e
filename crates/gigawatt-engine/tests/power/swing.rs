//! Swings: closed forms against brute force, and the directions of arXiv 2508.14318.

use std::f64::consts::PI;

use gigawatt_engine::power::storage::{Buffer, buffered};
use gigawatt_engine::power::swing::{
    BAND, Filler, JobPower, Mitigated, Mitigation, Smoothing, Swing, Waveform, step_waveform, together,
};
use gigawatt_engine::training::timeline;
use proptest::prelude::*;

use super::machines::{coefficients, layout, llama, server, step_law, with_job};

/// The value of a signal at a time, by its definition: the mean of its pieces over the width of an edge.
fn value(signal: &Waveform, time: f64) -> f64 {
    let (period, edge) = (signal.period(), signal.edge());
    let (from, to) = (time - 0.5 * edge, time + 0.5 * edge);
    let mut sum = 0.0;
    for shift in -4..=4 {
        for (start, end, power) in signal.pieces() {
            let (start, end) = (start + period * f64::from(shift), end + period * f64::from(shift));
            sum += power * (to.min(end) - from.max(start)).max(0.0);
        }
    }
    sum / edge
}

/// The power of a signal without edges at a time.
fn power(signal: &Waveform, time: f64) -> f64 {
    let at = time.rem_euclid(signal.period());
    signal.pieces().find(|(start, end, _)| *start <= at && at < *end).map_or(0.0, |(_, _, power)| power)
}

fn signals() -> impl Strategy<Value = Waveform> {
    (prop::collection::vec((0.05..2.0_f64, 0.0..100.0_f64), 2..12), 0.01..0.3_f64)
        .prop_map(|(pieces, edge)| Waveform::new(pieces, edge))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn closed_forms_are_what_sampling_finds(signal in signals()) {
        // As fine as the edges, which a long period would else hide between samples.
        let period = signal.period();
        let samples = (20.0 * period / signal.edge()).max(4000.0) as u32;
        let step = period / f64::from(samples);
        let values: Vec<f64> = (0..samples).map(|at| value(&signal, step * f64::from(at))).collect();
        let mean = values.iter().sum::<f64>() / f64::from(samples);
        prop_assert!((mean - signal.mean()).abs() < 0.02);
        let (least, most) = signal.extremes();
        let found = (values.iter().copied().fold(f64::MAX, f64::min), values.iter().copied().fold(f64::MIN, f64::max));
        let steepest = signal.steepest();
        prop_assert!(least <= found.0 + 1e-6 && found.0 - least <= steepest * step + 1e-6, "{least} {}", found.0);
        prop_assert!(most >= found.1 - 1e-6 && most - found.1 <= steepest * step + 1e-6, "{most} {}", found.1);
        let slope = (0..values.len()).map(|at| (values[(at + 1) % values.len()] - values[at]).abs()).fold(0.0, f64::max) / step;
        prop_assert!(slope <= steepest + 1e-6, "{slope} {steepest}");
        // It may last for a moment that no sample sees: the difference of powers at the ends of an edge, just after a step.
        let ends = signal.pieces().map(|(_, end, _)| end);
        let jump = |time: f64| (power(&signal, time) - power(&signal, time - signal.edge())).abs();
        let steps = ends.map(|end| jump(end + 1e-9).max(jump(end + signal.edge() + 1e-9)));
        let found = steps.fold(0.0, f64::max) / signal.edge();
        prop_assert!((found - steepest).abs() <= 1e-9 * steepest.max(1.0), "{found} {steepest}");
        // Parseval: the lines hold all that swings, up to those that edges have.
        let spectrum = signal.spectrum((400.0 / period).max(20.0 / signal.edge()));
        let square = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / f64::from(samples);
        let lines = spectrum.root_mean_square((0.0, f64::INFINITY));
        prop_assert!((lines * lines - square).abs() < 0.01 * square + 0.1, "{lines} {}", square.sqrt());
        for at in [0.1, 0.37, 0.8] {
            let told = signal.mean() + spectrum.at(at * period);
            prop_assert!((told - value(&signal, at * period)).abs() < 2.0, "{told}");
        }
        let binned = signal.binned(257);
        prop_assert!((binned.energy() - signal.energy()).abs() < 1e-9 * signal.energy().max(1.0));
    }

    #[test]
    fn storage_and_limits_keep_their_energy_and_their_bounds(
        signal in signals(), energy in 0.5..200.0_f64, power in 5.0..200.0_f64, lag in prop_oneof![Just(0.0), 0.01..0.5_f64],
    ) {
        let buffer = Buffer { energy, power, round_trip: 0.9, lag };
        let after = buffered(&signal, &buffer);
        prop_assert!(after.swing <= energy * (1.0 + 1e-9) && after.power <= power * (1.0 + 1e-9));
        // What the supply gives is what the load takes and what is lost.
        let missing = after.signal.mean() - signal.mean() - after.lost;
        prop_assert!(missing.abs() < 1e-9 * signal.mean().max(1.0), "{missing} W, lost {}, constant {}", after.lost, after.constant);
        prop_assert!(after.signal.deviation() <= signal.deviation() * (1.0 + 1e-9));
        let floor = signal.mean();
        let smoothing = Smoothing { floor, up: 50.0, down: 20.0 };
        let smooth = Mitigation::Smoothing(smoothing).applied(&signal, 0.0);
        let (least, most) = smooth.signal.extremes();
        prop_assert!(least >= floor - 1e-6 && most <= signal.extremes().1 + 20.0 * signal.period() / 1024.0 + signal.edge() * 100.0 + 1e-6);
        prop_assert!(smooth.burned >= -1e-6 && (0.0..=1.0).contains(&smooth.slowdown));
    }
}

#[test]
fn a_square_waves_lines_are_known() {
    // 1 for 0.3 s of every second: line k has 2 / (π k) |sin(0.3 π k)|, edges of 10 ms take sinc(0.01 k).
    let signal = Waveform::new([(0.3, 1.0), (0.7, 0.0)], 0.01);
    for (index, line) in signal.spectrum(10.0).lines.iter().enumerate() {
        let k = index as f64 + 1.0;
        let sharp = 2.0 / (PI * k) * (0.3 * PI * k).sin().abs();
        let x = 0.01 * PI * k;
        assert!((line.amplitude - sharp * x.sin() / x).abs() < 1e-12, "{k}");
        assert!((line.frequency - k).abs() < 1e-12);
    }
    assert!((signal.peak_to_peak() - 1.0).abs() < 1e-12);
    assert!((signal.steepest() - 100.0).abs() < 1e-9);
    assert!((signal.deviation() - (0.3_f64 * 0.7).sqrt()).abs() < 1e-12);
}

#[test]
fn storage_of_a_square_wave_by_hand() {
    // ±1 W in halves of 2 s: to see nothing but the mean storage swings by 1 W for 1 s, 1 J.
    let signal = Waveform::new([(1.0, 2.0), (1.0, 0.0)], 0.0);
    let buffer = |energy, power| Buffer { energy, power, round_trip: 1.0, lag: 0.0 };
    let enough = buffered(&signal, &buffer(1.001, 2.0));
    assert!(enough.signal.peak_to_peak() < 0.1 && enough.swing <= 1.001, "{}", enough.signal.peak_to_peak());
    // y = mean ± tanh(T / 4 τ): it swings by τ times that range.
    let some = buffered(&signal, &buffer(0.5, 2.0));
    let range = 2.0 * (0.5 / some.constant).tanh();
    assert!((some.swing - 0.5).abs() < 1e-6 && (some.constant * range - 0.5).abs() < 1e-6);
    assert!((some.signal.peak_to_peak() - range).abs() < 0.01);
    // Half of what comes out is lost: 1 J is given in 2 s at most.
    let lossy = buffered(&signal, &Buffer { round_trip: 0.5, ..buffer(1.001, 2.0) });
    assert!((lossy.lost - 0.5).abs() < 0.01, "{}", lossy.lost);
}

#[test]
fn independent_jobs_add_as_roots() {
    let job = Waveform::new([(0.8, 10.0), (0.2, 4.0)], 0.02);
    let one = Swing::of(&job);
    let many = together(&[one; 100]);
    assert!(
        (many.deviation - 10.0 * one.deviation).abs() < 1e-9 && (many.band - 10.0 * one.band).abs() < 1e-9
    );
    assert!((many.peak_to_peak - one.peak_to_peak * (1.0 + 99.0_f64.sqrt())).abs() < 1e-9);
    // The same by summing them with phases from a recurrence that fills the circle.
    let mut sums = vec![0.0; 2000];
    for number in 0..100_u32 {
        let phase =
            (f64::from(number) * 0.754_877_666).fract() + 0.13 * (f64::from(number) * 0.569_840_29).fract();
        for (at, sum) in sums.iter_mut().enumerate() {
            *sum += value(&job, (at as f64 / 2000.0 + phase * 7.0).fract());
        }
    }
    let mean = sums.iter().sum::<f64>() / 2000.0;
    let square = sums.iter().map(|sum| (sum - mean) * (sum - mean)).sum::<f64>() / 2000.0;
    assert!(square.sqrt() < 1.5 * many.deviation, "{} {}", square.sqrt(), many.deviation);
    let largest = Swing { peak_to_peak: 1e3, ..one };
    assert!((together(&[largest, one]).peak_to_peak - 1e3 - one.peak_to_peak).abs() < 1e-9);
}

/// 100,096 H100 in one job.
fn large_job() -> JobPower {
    let layout = layout(782);
    with_job(&llama(), &layout, |job, with| {
        let course = timeline(job, with, usize::MAX);
        step_waveform(&course, 100_096.0, &step_law(), &server(), &coefficients())
    })
}

#[test]
fn a_job_of_100_000_swings_by_tens_of_megawatts() {
    let job = large_job();
    let swing = Swing::of(&job.step);
    let strongest = job.step.spectrum(BAND.1).strongest(BAND).unwrap();
    println!(
        "mean {:.1} MW, {:.1} MW between least and most, {:.0} MW/s, {:.1} MW in the band of {:.1}, strongest {:.2} Hz with {:.1} MW",
        swing.mean / 1e6,
        swing.peak_to_peak / 1e6,
        swing.ramp / 1e6,
        swing.band / 1e6,
        swing.deviation / 1e6,
        strongest.frequency,
        strongest.amplitude / 1e6,
    );
    // 70 MW where every rank stops at once; here stages of a pipeline do not all.
    assert!((20e6..90e6).contains(&swing.peak_to_peak));
    // What matters to a grid lies between 0.1 and 3 Hz.
    assert!(swing.band > 0.9 * swing.deviation && (0.1..3.0).contains(&strongest.frequency));
    assert!(job.idle < job.waiting && job.waiting < job.step.mean());
}

/// What is left of a swing, printed.
fn left(name: &str, after: &Mitigated) -> Swing {
    let swing = Swing::of(&after.signal);
    println!(
        "{name:24} {:5.1} MW peak to peak, {:6.1} MW/s, {:5.2} MW in the band, burned {:5.2} MW, lost {:5.3} MW, slower by {:.2} %",
        swing.peak_to_peak / 1e6,
        swing.ramp / 1e6,
        swing.band / 1e6,
        after.burned / 1e6,
        after.lost / 1e6,
        100.0 * after.slowdown,
    );
    swing
}

#[test]
fn mitigations_go_where_the_paper_says() {
    let job = large_job();
    let top = job.step.extremes().1;
    let applied = |mitigation: Mitigation| mitigation.applied(&job.step, job.waiting);
    let nothing = left("nothing", &applied(Mitigation::None));
    let filler =
        |floor: f64| Mitigation::Filler(Filler { floor: floor * top, reaction: 0.05, interference: 0.02 });
    let smoothing = |floor: f64| Smoothing { floor: floor * top, up: top / 2.0, down: top / 2.0 };
    let rack = Buffer { energy: 65.0 * 100_096.0, power: 300.0 * 100_096.0, round_trip: 0.95, lag: 0.0 };
    let battery = Buffer { energy: 100e6 * 3600.0, power: 100e6, round_trip: 0.85, lag: 0.1 };
    let low = left("filler to 70 %", &applied(filler(0.7)));
    let high = left("filler to 90 %", &applied(filler(0.9)));
    let smooth = left("smoothing, floor 70 %", &applied(Mitigation::Smoothing(smoothing(0.7))));
    let smoother = left("smoothing, floor 90 %", &applied(Mitigation::Smoothing(smoothing(0.9))));
    let stored = left("rack storage", &applied(Mitigation::Storage(rack)));
    let site = left("site battery", &applied(Mitigation::Storage(battery)));
    let both = left("smoothing and storage", &applied(Mitigation::Both(smoothing(0.7), rack)));
    // Software fills dips, but late: its edges are as steep as before.
    assert!(high.band < nothing.band && high.band <= low.band && high.ramp > 0.5 * nothing.ramp);
    // Accelerators limit ramps too; a higher floor leaves less and burns more.
    assert!(smooth.band < nothing.band && smoother.peak_to_peak < smooth.peak_to_peak);
    let burned = |floor: f64| applied(Mitigation::Smoothing(smoothing(floor))).burned;
    assert!(burned(0.9) > burned(0.7) && burned(0.7) >= 0.0);
    // Storage burns nothing and slows nothing.
    let of_rack = applied(Mitigation::Storage(rack));
    assert!(of_rack.burned == 0.0 && of_rack.slowdown == 0.0 && of_rack.lost > 0.0);
    assert!(stored.band < nothing.band && stored.ramp < nothing.ramp);
    // A battery has the energy for all of it and answers too late for what is fast.
    assert!(site.band < 0.7 * nothing.band && site.ramp > 0.3 * nothing.ramp);
    // Together they leave less than either alone.
    assert!(both.band < stored.band && both.band < smooth.band && both.peak_to_peak < stored.peak_to_peak);
}
