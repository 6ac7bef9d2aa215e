//! Round trips between parts of the world.
//!
//! ```text
//! round trip = access + 2 · detour · great circle / (c / n)
//! ```
//!
//! The great circle is the haversine's on a sphere of the Earth's mean radius (Sinnott 1984); light in the silica of a fibre
//! is slowed by the group index `n = 1.468` at 1550 nm. Queues in routers are part of `detour` and `access`.

/// Mean radius of the Earth, m.
const EARTH: f64 = 6_371_008.8;
/// Speed of light in fibre, m/s.
const LIGHT: f64 = 299_792_458.0 / 1.468;

/// Where people of a region are, and how they come to its network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Round trip between a user and the network of the region, s.
    pub access: f64,
    /// The way of cables from here over the great circle.
    pub detour: f64,
}

impl Place {
    /// Distance to another place, m.
    pub fn distance(&self, other: &Self) -> f64 {
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let across = (other.longitude - self.longitude).to_radians();
        let half = |angle: f64| libm::sin(angle / 2.0) * libm::sin(angle / 2.0);
        let h = half(to - from) + libm::cos(from) * libm::cos(to) * half(across);
        2.0 * EARTH * libm::asin(h.min(1.0).sqrt())
    }

    /// Round trip of a user here to replicas there, s.
    ///
    /// The way is as long as the longer detour of the two makes it.
    pub fn round_trip(&self, other: &Self) -> f64 {
        self.access + 2.0 * self.detour.max(other.detour) * self.distance(other) / LIGHT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(latitude: f64, longitude: f64) -> Place {
        Place { latitude, longitude, access: 0.0, detour: 1.0 }
    }

    #[test]
    fn distances_are_those_of_a_globe() {
        let quarter = place(0.0, 0.0).distance(&place(90.0, 0.0));
        assert!((quarter / (core::f64::consts::FRAC_PI_2 * EARTH) - 1.0).abs() < 1e-12);
        assert!((place(0.0, 0.0).distance(&place(0.0, 180.0)) / (2.0 * quarter) - 1.0).abs() < 1e-9);
        // London and New York: 5,570 km, and 54.5 ms there and back in a straight fibre.
        let (london, york) = (place(51.507, -0.128), place(40.713, -74.006));
        assert!((london.distance(&york) / 5_570e3 - 1.0).abs() < 0.002);
        assert!((london.round_trip(&york) - 0.0545).abs() < 0.0005);
    }

    #[test]
    fn a_round_trip_at_home_is_its_access() {
        let home = Place { access: 0.03, ..place(10.0, 20.0) };
        assert_eq!(home.round_trip(&home), 0.03);
    }
}
