//! What a site takes beside its racks and the losses of its chain, and what heat its cooling carries.

/// Cooling and everything else, over the racks' power, by the hour from the start.
#[derive(Clone, Debug, PartialEq)]
pub struct Overhead {
    /// What is taken for each watt of the racks, by hour; the last one holds on.
    parts: Vec<f64>,
    /// The most of the racks whose heat is carried in an hour \[W\]; none binds beyond the last.
    carries: Vec<f64>,
}

impl Overhead {
    /// The same part all the time.
    pub fn even(part: f64) -> Self {
        Self { parts: vec![part], carries: Vec::new() }
    }

    /// Parts by the hour, and the most of the racks whose heat is carried, infinite where nothing binds.
    pub fn hourly(parts: Vec<f64>, carries: Vec<f64>) -> Self {
        Self { parts, carries }
    }

    /// What is taken while the racks draw so much, in W.
    pub fn power(&self, racks: f64, hour: usize) -> f64 {
        racks * self.parts.get(hour).or(self.parts.last()).copied().unwrap_or(0.0)
    }

    /// The most of the racks whose heat is carried, in W.
    pub fn carries(&self, hour: usize) -> f64 {
        self.carries.get(hour).copied().unwrap_or(f64::INFINITY)
    }
}
