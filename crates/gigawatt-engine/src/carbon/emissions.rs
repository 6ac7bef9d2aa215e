//! What electricity emits, by the two methods of the GHG Protocol's Scope 2 Guidance (2015).
//!
//! *Location-based*: every joule with the intensity of the grid in its hour. *Market-based*: what certificates or
//! contracts cover with theirs, the rest with the residual mix, which is the grid less what others have claimed. Reports
//! match over the year; matched by the hour, generation of noon does not cover a load of midnight. Both are given, and
//! the part of the load that is covered in its own hour.

/// Electricity that is claimed with its attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// In joule, hour by hour; nothing in hours that it does not have.
    pub generation: Vec<f64>,
    /// In kilogram of CO2e per joule; 0 of wind and sun.
    pub intensity: f64,
}

/// A year's emissions in kilogram of CO2e.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Emissions {
    /// With the grid's intensity in every hour.
    pub location: f64,
    /// Market-based, what is claimed matched over the whole year.
    pub market: f64,
    /// Market-based, matched hour by hour.
    pub market_hourly: f64,
    /// Part of the load that is covered over the year.
    pub covered: f64,
    /// Part of the load that is covered in its own hour.
    pub covered_hourly: f64,
    /// What [`Self::market_hourly`] is the sum of, hour by hour.
    pub market_hours: Vec<f64>,
}

/// Emissions of loads in joule on a grid whose intensity and residual mix are given by the hour, in kilogram per joule.
/// What is claimed covers in its order; more than the load is not counted.
pub fn emissions(loads: &[f64], grid: &[f64], residual: &[f64], claimed: &[Attribute]) -> Emissions {
    let mut sums = Emissions::default();
    let (mut total, mut matched, mut residual_sum) = (0.0, 0.0, 0.0);
    for (hour, ((load, grid), residual)) in loads.iter().zip(grid).zip(residual).enumerate() {
        total += load;
        sums.location += load * grid;
        residual_sum += load * residual;
        let (mut left, mut emitted) = (*load, 0.0);
        for attribute in claimed {
            let used = attribute.generation.get(hour).map_or(0.0, |generated| generated.clamp(0.0, left));
            emitted += used * attribute.intensity;
            left -= used;
        }
        emitted += left * residual;
        sums.market_hourly += emitted;
        sums.market_hours.push(emitted);
        matched += load - left;
    }
    let mut left = total;
    for attribute in claimed {
        let hours = attribute.generation.len().min(loads.len());
        let used = attribute.generation[..hours].iter().sum::<f64>().clamp(0.0, left);
        sums.market += used * attribute.intensity;
        left -= used;
    }
    if total > 0.0 {
        // What is not covered has the residual mix of the mean joule: matching over a year knows no hours.
        sums.market += left * residual_sum / total;
        sums.covered = 1.0 - left / total;
        sums.covered_hourly = matched / total;
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sun_that_covers_the_year_covers_half_of_its_hours() {
        let sun = Attribute { generation: vec![4.0, 0.0, 4.0, 0.0], intensity: 0.0 };
        let year = emissions(&[2.0; 4], &[1.0, 3.0, 1.0, 3.0], &[2.0; 4], &[sun]);
        assert_eq!(year.location, 16.0);
        assert_eq!((year.market, year.covered), (0.0, 1.0));
        assert_eq!((year.market_hourly, year.covered_hourly), (8.0, 0.5));
        assert_eq!(year.market_hours, [0.0, 4.0, 0.0, 4.0]);
    }

    #[test]
    fn without_claims_both_methods_differ_by_the_residual_mix_alone() {
        let year = emissions(&[1.0, 2.0], &[0.5, 0.25], &[0.5, 0.25], &[]);
        assert_eq!((year.location, year.market, year.market_hourly), (1.0, 1.0, 1.0));
        assert_eq!((year.covered, year.covered_hourly), (0.0, 0.0));
        let nothing = Emissions { market_hours: vec![0.0; 2], ..Emissions::default() };
        assert_eq!(emissions(&[0.0; 2], &[1.0; 2], &[1.0; 2], &[]), nothing);
    }

    #[test]
    fn what_is_claimed_covers_in_its_order_and_with_its_own_intensity() {
        let first = Attribute { generation: vec![1.0; 2], intensity: 0.1 };
        let second = Attribute { generation: vec![5.0; 2], intensity: 0.2 };
        let year = emissions(&[2.0; 2], &[1.0; 2], &[1.0; 2], &[first, second]);
        assert!((year.market - (2.0 * 0.1 + 2.0 * 0.2)).abs() < 1e-15);
        assert!((year.market_hourly - year.market).abs() < 1e-15);
    }
}
