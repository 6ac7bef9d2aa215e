//! The results of facilities: power, energy and what it costs, water, land.

use crate::plan::{Behaviour, BuildoutIds, FacilityIds, ResultId, SiteIds, SitePlan};
use crate::quantity::Dimension as D;

use super::vocabulary::Builder;

/// What a plant takes in.
const WATER: &str = "∫ IT power drawn on average dt × water that the plant takes in for it in the month, by the weather and the cycles of concentration";

pub(super) fn facility(b: &mut Builder, places: &[SitePlan], buildout: &BuildoutIds) -> FacilityIds {
    use Behaviour::{Flow, Peak, Ratio, Stock};
    let energised = b.add(
        "facility.power.energised",
        "facility power that the sites can energise",
        D::Power,
        Stock,
        "Σ over sites: IT power energised × PUE, whether or not racks stand behind it",
    );
    let online = b.add(
        "facility.power.online",
        "facility power online (nameplate)",
        D::Power,
        Stock,
        "Σ over sites: nameplate IT power online × PUE",
    );
    let drawn = b.add(
        "facility.power.drawn",
        "facility power drawn on average",
        D::Power,
        Stock,
        "Σ over sites: nameplate IT power online × utilisation × PUE; utilisation is that of what runs on the fleet, in a plan without one the site's",
    );
    let it_drawn = b.add(
        "facility.power.it_drawn",
        "IT power drawn on average",
        D::Power,
        Stock,
        "Σ over sites: nameplate IT power online × utilisation",
    );
    b.add(
        "facility.utilisation",
        "IT power drawn on average over its nameplate",
        D::Ratio,
        Ratio { over: it_drawn, under: buildout.power_online },
        "IT power drawn on average / nameplate IT power online",
    );
    b.add(
        "facility.power.peak",
        "greatest facility power",
        D::Power,
        Peak { of: online },
        "the greatest facility power online within the stretch, as if everything drew its nameplate at once",
    );
    let provisioned = b.add(
        "facility.power.provisioned",
        "IT power provisioned at the sites",
        D::Power,
        Stock,
        "Σ over sites: IT power energised, whether or not racks stand behind it",
    );
    b.add(
        "facility.power.use",
        "part of the provisioned IT power with accepted racks",
        D::Ratio,
        Ratio { over: buildout.power_online, under: provisioned },
        "IT power online / IT power provisioned",
    );
    let energy = b.add(
        "facility.energy",
        "energy at the meter",
        D::Energy,
        Flow,
        "∫ facility power drawn on average dt, by trapezia between moments",
    );
    b.by_quarter(energy);
    let (electricity_cost, carbon) = electricity(b, energy);
    let water = water(b, places);
    let land = b.add("facility.land", "ground of the sites that name it", D::Area, Stock, "Σ land");
    let manhattan =
        b.add("facility.manhattan", "land of Manhattan, to compare with", D::Area, Stock, "published area");
    let sites = places
        .iter()
        .zip(&buildout.sites)
        .map(|(site, (_, online))| site_powers(b, site, *online, manhattan))
        .collect();
    let site_flows = sites_of(b, places);
    FacilityIds {
        energised,
        online,
        drawn,
        it_drawn,
        provisioned,
        energy,
        electricity_cost,
        carbon,
        water,
        site_flows,
        land,
        sites,
        manhattan,
    }
}

/// Powers, ground and water of a site, `nameplate` being the IT power that is online there.
fn site_powers(b: &mut Builder, site: &SitePlan, nameplate: ResultId, manhattan: ResultId) -> SiteIds {
    use Behaviour::{Ratio, Stock};
    let path = |what: &str| format!("facility.site.{}.{what}", site.name);
    let mut power = |what: &str, title: &str, law: &str| {
        b.add(&path(&format!("power.{what}")), &format!("{}: {title}", site.title), D::Power, Stock, law)
    };
    let provisioned = power("provisioned", "IT power provisioned", "IT power energised");
    let energised = power("energised", "facility power that it can energise", "IT power energised × PUE");
    let online = power("online", "facility power online (nameplate)", "nameplate IT power online × PUE");
    let drawn =
        power("drawn", "facility power drawn on average", "nameplate IT power online × utilisation × PUE");
    let it_drawn = power("it_drawn", "IT power drawn on average", "nameplate IT power online × utilisation");
    b.add(
        &path("utilisation"),
        &format!("{}: IT power drawn on average over its nameplate", site.title),
        D::Ratio,
        Ratio { over: it_drawn, under: nameplate },
        "IT power drawn on average / nameplate IT power online",
    );
    let land = site.land.map(|_| {
        let land = b.add(&path("land"), &format!("{}: ground", site.title), D::Area, Stock, "published area");
        b.add(
            &path("manhattan_share"),
            &format!("{}: ground over that of Manhattan", site.title),
            D::Ratio,
            Ratio { over: land, under: manhattan },
            "land / land of Manhattan",
        );
        land
    });
    let water = site.plant().map(|_| {
        let title = format!("{}: water taken in by its plant", site.title);
        b.add(&path("water"), &title, D::Volume, Behaviour::Flow, WATER)
    });
    SiteIds { energised, online, drawn, it_drawn, provisioned, land, water }
}

/// What the energy costs and emits.
fn electricity(b: &mut Builder, energy: ResultId) -> (ResultId, ResultId) {
    use Behaviour::{Flow, Ratio};
    let cost = b.add(
        "facility.electricity.cost",
        "cost of the energy at the meter",
        D::Money,
        Flow,
        "Σ over sites: ∫ facility power drawn on average × price of electricity dt, hour by hour where either follows a series",
    );
    b.add(
        "facility.electricity.price",
        "price paid for the energy at the meter, weighted by energy",
        D::MoneyPerEnergy,
        Ratio { over: cost, under: energy },
        "cost of the energy / energy at the meter",
    );
    let carbon = b.add(
        "facility.carbon",
        "carbon emitted for the energy (CO2e, location-based)",
        D::Carbon,
        Flow,
        "Σ over sites: ∫ facility power drawn on average × carbon intensity of the grid dt; no contracts, certificates or building",
    );
    b.by_quarter(carbon);
    b.add(
        "facility.carbon.intensity",
        "carbon intensity of the energy at the meter",
        D::CarbonPerEnergy,
        Ratio { over: carbon, under: energy },
        "emissions / energy at the meter",
    );
    (cost, carbon)
}

/// Water of all sites that have a plant and weather: of the others nothing is known, so without one there is no result.
fn water(b: &mut Builder, sites: &[SitePlan]) -> Option<ResultId> {
    sites.iter().any(|site| site.plant().is_some()).then(|| {
        let law = format!("Σ over sites with a plant and weather: {WATER}");
        let id =
            b.add("facility.water", "water taken in by the sites' plants", D::Volume, Behaviour::Flow, &law);
        b.by_quarter(id)
    })
}

/// Energy and emissions of every site.
fn sites_of(b: &mut Builder, sites: &[SitePlan]) -> Vec<(ResultId, ResultId)> {
    let flows = sites.iter().map(|site| {
        let path = |what: &str| format!("facility.site.{}.{what}", site.name);
        let energy = b.add(
            &path("energy"),
            &format!("{}: energy at the meter", site.title),
            D::Energy,
            Behaviour::Flow,
            "∫ nameplate IT power online × utilisation × PUE dt",
        );
        let carbon = b.add(
            &path("carbon"),
            &format!("{}: carbon emitted for its energy (CO2e, location-based)", site.title),
            D::Carbon,
            Behaviour::Flow,
            "∫ facility power drawn on average × carbon intensity of the grid dt",
        );
        (energy, carbon)
    });
    flows.collect()
}
