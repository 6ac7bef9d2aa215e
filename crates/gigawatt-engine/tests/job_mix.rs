//! Mixes of small jobs have the published statistics of five clusters.

use gigawatt_engine::job_mix::{Endings, FitError, JobMix, LimitUse, Outcome, Statistics};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Q. Hu et al., "Characterization of Large Language Model Development in the Datacenter", NSDI 2024, the summary of its data
/// (AcmeTrace, CC BY 4.0): GPU jobs of Seren and Kalos, and of Philly, Helios and PAI as compared there. The accelerator time
/// of a job is that of all jobs over their number.
fn clusters() -> [(&'static str, Statistics); 5] {
    let ending = |of_jobs, of_time| Some(Endings { of_jobs, of_time });
    [
        (
            "Seren",
            Statistics {
                mean_size: 5.68,
                median_size: 1.0,
                max_size: 1024.0,
                mean_run: 1414.335,
                median_run: 122.0,
                max_run: 1_209_604.0,
                mean_accelerator_seconds: Some(
                    (4_560_592_618.0 + 14_274_584_510.0 + 2_675_447_459.0) / 663_813.0,
                ),
                endings: ending([0.497, 0.075, 0.429], [0.212, 0.664, 0.124]),
            },
        ),
        (
            "Kalos",
            Statistics {
                mean_size: 26.77,
                median_size: 1.0,
                max_size: 1024.0,
                mean_run: 1259.689,
                median_run: 124.0,
                max_run: 625_740.0,
                mean_accelerator_seconds: Some(
                    (1_667_685_146.0 + 3_239_202_064.0 + 426_292_851.0) / 19_907.0,
                ),
                endings: ending([0.541, 0.062, 0.397], [0.313, 0.607, 0.08]),
            },
        ),
        (
            "Philly",
            Statistics {
                mean_size: 1.928,
                median_size: 1.0,
                max_size: 128.0,
                mean_run: 18_006.055,
                median_run: 874.0,
                max_run: 4_240_676.0,
                mean_accelerator_seconds: Some(
                    (2_210_176_414.0 + 2_025_326_056.0 + 2_659_215_061.0) / 112_956.0,
                ),
                endings: ending([0.604, 0.09, 0.305], [0.321, 0.294, 0.386]),
            },
        ),
        (
            "Helios",
            Statistics {
                mean_size: 3.716,
                median_size: 1.0,
                max_size: 2048.0,
                mean_run: 6651.681,
                median_run: 206.0,
                max_run: 4_320_009.0,
                mean_accelerator_seconds: Some(
                    (39_994_296_320.0 + 30_715_109_125.0 + 7_288_334_702.0) / 1_580_464.0,
                ),
                endings: ending([0.624, 0.221, 0.155], [0.513, 0.394, 0.093]),
            },
        ),
        (
            "PAI",
            Statistics {
                mean_size: 0.683,
                median_size: 0.5,
                max_size: 8.0,
                mean_run: 4787.109,
                median_run: 480.667,
                max_run: 626_371.0,
                mean_accelerator_seconds: None,
                endings: None,
            },
        ),
    ]
}

/// A mean with its sampling error.
#[derive(Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    /// Four standard errors about the mean hold a value.
    fn holds(&self, value: f64) -> bool {
        let mean = self.sum / self.count;
        let error = ((self.squares / self.count - mean * mean).max(0.0) / self.count).sqrt();
        (mean - value).abs() <= 4.0 * error + 1e-9 * value
    }
}

const SAMPLES: u32 = 4_000_000;

#[test]
fn sampled_moments_are_the_published_ones() {
    for (name, published) in clusters() {
        let mix = JobMix::fit(&published).unwrap();
        if let Some(mean) = published.mean_accelerator_seconds {
            assert!((mix.mean_accelerator_seconds() / mean - 1.0).abs() < 1e-9, "{name}");
        }
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let (mut size, mut run, mut work) = (Moments::default(), Moments::default(), Moments::default());
        let mut jobs: [Moments; 3] = Default::default();
        // Over time the share is a ratio: work of an outcome less its share of all work has mean 0.
        let mut time: [Moments; 3] = Default::default();
        let (mut shorter, mut smaller, mut up_to_median, mut largest) = (0_u32, 0_u32, 0_u32, 0.0_f64);
        for _ in 0..SAMPLES {
            let job = mix.sample(&mut rng);
            let accelerators = f64::from(job.accelerators) * f64::from(job.share);
            let seconds = job.run_seconds;
            assert!(seconds > 0.0 && seconds <= published.max_run && job.limit_seconds >= seconds);
            size.add(accelerators);
            run.add(seconds);
            work.add(accelerators * seconds);
            shorter += u32::from(seconds < published.median_run);
            smaller += u32::from(accelerators < published.median_size);
            up_to_median += u32::from(accelerators <= published.median_size);
            largest = largest.max(accelerators);
            if let Some(endings) = published.endings {
                let sums = [endings.of_jobs, endings.of_time].map(|shares| shares.iter().sum::<f64>());
                for (number, outcome) in Outcome::ALL.into_iter().enumerate() {
                    let ended = if job.outcome == outcome { 1.0 } else { 0.0 };
                    jobs[number].add(ended - endings.of_jobs[number] / sums[0]);
                    time[number].add(accelerators * seconds * (ended - endings.of_time[number] / sums[1]));
                }
            } else {
                assert_eq!(job.outcome, Outcome::Completed);
            }
        }
        assert!(size.holds(published.mean_size), "{name}: {}", size.sum / size.count);
        assert!(run.holds(published.mean_run), "{name}: {}", run.sum / run.count);
        assert!(work.holds(mix.mean_accelerator_seconds()), "{name}: {}", work.sum / work.count);
        let half = f64::from(SAMPLES) / 2.0;
        assert!((f64::from(shorter) - half).abs() < 4.0 * (half / 2.0).sqrt(), "{name}: {shorter}");
        assert!(f64::from(smaller) < half && f64::from(up_to_median) > half, "{name}");
        assert_eq!(largest, published.max_size, "{name}");
        if published.endings.is_some() {
            for share in jobs.iter().chain(&time) {
                assert!(share.holds(0.0), "{name}: {}", share.sum / share.count);
            }
        }
    }
}

#[test]
fn the_same_stream_gives_the_same_jobs() {
    let (_, published) = clusters()[0];
    let draw = || {
        let mix = JobMix::fit(&published).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(9);
        (0..1000).map(|_| mix.sample(&mut rng)).collect::<Vec<_>>()
    };
    assert_eq!(draw(), draw());
}

#[test]
fn users_who_ask_for_what_they_need_get_shorter_limits() {
    let (_, published) = clusters()[2];
    let mean = |mix: JobMix| {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        (0..100_000).map(|_| mix.sample(&mut rng).limit_seconds).sum::<f64>() / 1e5
    };
    let mix = JobMix::fit(&published).unwrap();
    let exact = mean(mix.clone().with_limits(LimitUse::from_least(1.0).unwrap()));
    let assumed = mean(mix);
    assert!(exact > 18_006.0 && exact < assumed, "{exact} {assumed}");
}

#[test]
fn figures_that_no_mix_has_are_refused() {
    let (_, sound) = clusters()[0];
    let fit = |statistics| JobMix::fit(&statistics).err();
    assert_eq!(fit(Statistics { mean_run: f64::NAN, ..sound }), Some(FitError::Figure));
    assert_eq!(fit(Statistics { max_size: 4.0, ..sound }), Some(FitError::MeanSize));
    assert_eq!(fit(Statistics { mean_run: 100.0, ..sound }), Some(FitError::Run));
    let work = Some(1e12);
    assert_eq!(
        fit(Statistics { mean_accelerator_seconds: work, ..sound }),
        Some(FitError::AcceleratorSeconds)
    );
    let endings = Some(Endings { of_jobs: [0.5, 0.5, 0.0], of_time: [0.5, 0.3, 0.2] });
    assert_eq!(fit(Statistics { endings, ..sound }), Some(FitError::Endings));
}
