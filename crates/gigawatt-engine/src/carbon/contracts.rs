//! What electricity costs under contracts.
//!
//! All that is drawn is bought at the price of the hour; a contract for a volume settles the difference between its
//! price and that of the hour, whether the volume is used or not:
//!
//! ```text
//! cost = Σ load (spot + markup) + Σ over contracts Σ volume (price - spot)
//! ```
//!
//! So a block at a fixed price is what it says where it is drawn whole, and what is left of it is sold at spot; a power
//! purchase agreement is one whose volume is what a plant generates.

/// A contract beside buying at the price of the hour.
#[derive(Clone, Debug, PartialEq)]
pub enum Contract {
    /// A constant power in watt at a price, in US dollar per joule: take or pay.
    Fixed {
        /// In watt.
        power: f64,
        /// In US dollar per joule.
        price: f64,
    },
    /// What a supplier adds to the price of the hour for all that is drawn, in US dollar per joule.
    Indexed {
        /// In US dollar per joule.
        markup: f64,
    },
    /// All that a plant generates, in joule of each hour, at a price.
    PowerPurchase {
        /// In joule, hour by hour; nothing in hours that it does not have.
        generation: Vec<f64>,
        /// In US dollar per joule.
        price: f64,
    },
}

impl Contract {
    /// What it settles in an hour, in joule, and the price.
    fn volume(&self, hour: usize) -> Option<(f64, f64)> {
        match self {
            Self::Fixed { power, price } => Some((power * 3600.0, *price)),
            Self::Indexed { .. } => None,
            Self::PowerPurchase { generation, price } => {
                Some((generation.get(hour).copied().unwrap_or(0.0), *price))
            }
        }
    }

    fn markup(&self) -> f64 {
        if let Self::Indexed { markup } = self { *markup } else { 0.0 }
    }
}

/// A year's electricity in US dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize)]
pub struct Bill {
    /// In joule.
    pub energy: f64,
    /// At the prices of the hours alone.
    pub spot: f64,
    /// What suppliers add.
    pub markup: f64,
    /// What contracts for volumes add, or less than nothing what they save.
    pub settled: f64,
}

impl Bill {
    /// All of it.
    pub fn cost(&self) -> f64 {
        self.spot + self.markup + self.settled
    }

    /// Mean price in US dollar per joule; none where nothing was drawn.
    pub fn price(&self) -> Option<f64> {
        (self.energy > 0.0).then(|| self.cost() / self.energy)
    }
}

/// What loads in joule cost at prices of the hours in US dollar per joule, with contracts. Hours that only one of them
/// has do not count.
pub fn bill(loads: &[f64], spot: &[f64], contracts: &[Contract]) -> Bill {
    let markup: f64 = contracts.iter().map(Contract::markup).sum();
    let mut bill = Bill::default();
    for (hour, (load, spot)) in loads.iter().zip(spot).enumerate() {
        bill.energy += load;
        bill.spot += load * spot;
        bill.markup += load * markup;
        let volumes = contracts.iter().filter_map(|contract| contract.volume(hour));
        bill.settled += volumes.map(|(volume, price)| volume * (price - spot)).sum::<f64>();
    }
    bill
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGAWATT_HOUR: f64 = 3.6e9;

    fn dollars(per_megawatt_hour: f64) -> f64 {
        per_megawatt_hour / MEGAWATT_HOUR
    }

    #[test]
    fn a_block_that_is_drawn_whole_costs_its_price_whatever_the_hour() {
        let spot = [20.0, 400.0, -10.0].map(dollars);
        let fixed = Contract::Fixed { power: 5e6, price: dollars(50.0) };
        let bill = bill(&[5.0 * MEGAWATT_HOUR; 3], &spot, &[fixed]);
        assert!((bill.cost() - 3.0 * 5.0 * 50.0).abs() < 1e-9);
        assert!((bill.price().expect("a price") - dollars(50.0)).abs() < 1e-20);
    }

    #[test]
    fn what_is_left_of_a_block_is_sold_and_what_it_lacks_is_bought() {
        // 2 MWh at 30 and at 90 $/MWh; 3 MWh of a block at 50: the rest of 1 MWh is sold in both hours.
        let fixed = Contract::Fixed { power: 3e6, price: dollars(50.0) };
        let cost = bill(&[2.0 * MEGAWATT_HOUR; 2], &[30.0, 90.0].map(dollars), &[fixed]).cost();
        assert!((cost - (300.0 - 30.0 - 90.0)).abs() < 1e-9);
    }

    #[test]
    fn a_purchase_of_generation_settles_what_was_generated() {
        let agreement = Contract::PowerPurchase { generation: vec![MEGAWATT_HOUR], price: dollars(40.0) };
        let index = Contract::Indexed { markup: dollars(3.0) };
        let bill = bill(&[2.0 * MEGAWATT_HOUR; 2], &[60.0, 10.0].map(dollars), &[agreement, index]);
        assert!((bill.spot - 140.0).abs() < 1e-9 && (bill.markup - 12.0).abs() < 1e-9);
        assert!((bill.settled - (40.0 - 60.0)).abs() < 1e-9, "nothing in the hour without generation");
    }
}
