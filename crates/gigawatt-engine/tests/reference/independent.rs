//! AI capital expenditure against a calculation of its own, from the same triangles retyped by hand: another
//! random generator, another normal distribution, sums over days instead of closed forms.

use super::scenario::{plan, quantiles, sampled};

/// xorshift64*, unlike anything in the engine.
struct Generator(u64);

impl Generator {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Abramowitz and Stegun 7.1.26, good to 1.5e-7.
fn normal_probability(z: f64) -> f64 {
    let x = z.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * x);
    let poly = ((((1.061_405_429 * t - 1.453_152_027) * t + 1.421_413_741) * t - 0.284_496_736) * t
        + 0.254_829_592)
        * t;
    let erf = 1.0 - poly * (-x * x).exp();
    0.5 * (1.0 + erf.copysign(z))
}

fn triangle((low, mode, high): (f64, f64, f64), u: f64) -> f64 {
    if u < (mode - low) / (high - low) {
        low + (u * (high - low) * (mode - low)).sqrt()
    } else {
        high - ((1.0 - u) * (high - low) * (high - mode)).sqrt()
    }
}

/// AI hardware as delivered and halls as built in 2025 for one draw, in billion dollars.
fn one_draw(random: &mut Generator) -> f64 {
    let mut free = |range| triangle(range, random.uniform());
    let opening =
        free((106.0, 150.0, 176.0)) + free((50.0, 120.0, 200.0)) + 224.0 + free((100.0, 170.0, 200.0));
    let lacking = 1300.0 - opening;
    let shares = [
        free((0.35, 0.55, 0.75)),
        free((0.14, 0.31, 0.59)),
        free((0.0, 0.06, 0.15)),
        free((0.0, 0.08, 0.20)),
    ];
    let mtia = free((500.0, 1000.0, 1500.0));
    let cost_per_megawatt = free((9.0, 11.0, 15.0));
    let fit_out_days = 7.0 * free((13.0, 26.0, 52.0));
    // Prices move together with a coefficient of 0.7, the estate's power with 0.6.
    let mut together = |rho: f64, ranges: &[(f64, f64, f64)]| -> Vec<f64> {
        let common = random.normal();
        let mut values = Vec::new();
        for range in ranges {
            let z = rho.sqrt() * common + (1.0 - rho).sqrt() * random.normal();
            values.push(triangle(*range, normal_probability(z)));
        }
        values
    };
    let prices = together(
        0.7,
        &[(32.0, 38.0, 44.0), (38.0, 44.0, 56.0), (38.0, 45.0, 55.0), (20.0, 25.0, 32.0), (2.0, 3.0, 5.0)],
    );
    let power = together(
        0.6,
        &[(300.0, 400.0, 550.0), (650.0, 850.0, 1100.0), (1500.0, 1850.0, 2200.0), (2200.0, 2900.0, 3600.0)],
    );

    let mean_price: f64 = shares.iter().zip(&prices).map(|(share, price)| share * price).sum::<f64>()
        / shares.iter().sum::<f64>();
    // MTIA is delivered evenly from 10 April 2024 to the end of 2025: 631 days, 365 of them in 2025.
    let hardware = lacking * mean_price + mtia * 365.0 / 631.0 * prices[4];
    // Every megawatt that is energised on a day is paid for evenly over the days before it.
    let built_by = |day: f64| {
        // Days from the start of 2024; the year ends are at 0, 366, 731 and 1096.
        let ends = [0.0, 366.0, 731.0, 1096.0];
        let after = ends.iter().position(|end| day < *end).unwrap_or(4);
        match after {
            0 => power[0],
            4 => power[3],
            _ => {
                power[after - 1]
                    + (power[after] - power[after - 1]) * (day - ends[after - 1])
                        / (ends[after] - ends[after - 1])
            }
        }
    };
    let megawatt_days: f64 = (366..731)
        .map(|day| built_by(f64::from(day) + 0.5 + fit_out_days) - built_by(f64::from(day) + 0.5))
        .sum();
    let halls = cost_per_megawatt * megawatt_days / fit_out_days / 1000.0;
    hardware / 1000.0 + halls
}

#[test]
fn ai_capital_expenditure_agrees_with_an_independent_calculation() {
    let mut random = Generator(0x9E37_79B9_7F4A_7C15);
    let mut draws: Vec<f64> = (0..40_000).map(|_| one_draw(&mut random)).collect();
    draws.sort_by(f64::total_cmp);
    let expected = |probability: f64| draws[(probability * draws.len() as f64) as usize] * 1e9;

    let plan = plan("meta-2025.toml", &[]);
    let results = sampled(&plan);
    let found = quantiles(&plan, &results, "finance.capex.accrued.ai", "2025");
    for (name, found, expected) in [
        ("p10", found.p10, expected(0.1)),
        ("p50", found.p50, expected(0.5)),
        ("p90", found.p90, expected(0.9)),
    ] {
        // Four standard errors of a quantile of 10,000 draws are about half a percent here.
        assert!((found / expected - 1.0).abs() < 0.006, "{name}: {found:.4e} against {expected:.4e}");
    }
}
