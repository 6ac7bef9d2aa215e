//! The results that a plan has.

use crate::plan::{
    Behaviour, BuildoutIds, CompanyPlan, DemandPlan, FacilityIds, Grid, Lot, RankingPlan, ResultId,
    ResultPath, SitePlan, SystemPlan, TrainingPlan, Vocabulary,
};
use crate::quantity::Dimension as D;

pub(super) struct Builder {
    paths: Vec<ResultPath>,
    /// The steps of what is added next.
    pub(super) grid: Grid,
}

impl Builder {
    pub(super) fn add(
        &mut self,
        path: &str,
        title: &str,
        dimension: D,
        behaviour: Behaviour,
        law: &str,
    ) -> ResultId {
        let id = ResultId(u32::try_from(self.paths.len()).unwrap_or(u32::MAX));
        self.paths.push(ResultPath {
            path: path.to_owned(),
            title: title.to_owned(),
            dimension,
            behaviour,
            grid: self.grid,
            by_quarter: false,
            law: law.to_owned(),
        });
        id
    }

    /// Marks the last result as reported by quarter too.
    pub(super) fn by_quarter(&mut self, id: ResultId) -> ResultId {
        self.paths[id.0 as usize].by_quarter = true;
        id
    }
}

pub(super) fn build(
    systems: &[SystemPlan],
    sites: &[SitePlan],
    lots: &[Lot],
    companies: &[CompanyPlan],
    training: &[TrainingPlan],
    demand: &[DemandPlan],
    ranking: Option<&RankingPlan>,
) -> Vocabulary {
    let mut builder = Builder { paths: Vec::new(), grid: Grid::Moments };
    let buildout = buildout(&mut builder, systems, sites);
    let facility = facility(&mut builder, sites, &buildout);
    builder.grid = Grid::Quarters;
    let (finance, by_company) = super::vocabulary_finance::accounts(&mut builder, companies);
    builder.grid = Grid::Plan;
    let unit_costs = if companies.is_empty() {
        Vec::new()
    } else {
        super::vocabulary_finance::unit_costs(&mut builder, lots)
    };
    let training = super::vocabulary_training::runs(&mut builder, training);
    let demand = super::vocabulary_demand::demands(&mut builder, demand);
    let ranking = ranking
        .map(|plan| super::vocabulary_ranking::ranking(&mut builder, plan, &buildout, finance.as_ref()));
    Vocabulary {
        paths: builder.paths,
        buildout,
        facility,
        finance,
        companies: by_company,
        lots: unit_costs,
        training,
        demand,
        ranking,
    }
}

fn buildout(b: &mut Builder, systems: &[SystemPlan], sites: &[SitePlan]) -> BuildoutIds {
    use Behaviour::{Growth, Stock};
    let owned = b.add(
        "buildout.gpus.owned",
        "GPUs owned",
        D::Count,
        Stock,
        "delivered - retired: in transit + awaiting power + burn-in + online, other accelerators not counted",
    );
    b.by_quarter(owned);
    let online = b.add(
        "buildout.gpus.online",
        "GPUs online",
        D::Count,
        Stock,
        "accepted racks behind energised power: energised a burn-in ago, less retired",
    );
    b.by_quarter(online);
    let ids = BuildoutIds {
        owned,
        online,
        in_transit: b.add("buildout.gpus.in_transit", "GPUs in transit", D::Count, Stock,
            "delivered and not yet in the hall"),
        awaiting_power: b.add("buildout.gpus.awaiting_power", "GPUs awaiting power or space", D::Count, Stock,
            "in the hall beyond what the site's energised power and rack positions hold, first come first served"),
        burn_in: b.add("buildout.gpus.burn_in", "GPUs in burn-in", D::Count, Stock,
            "energised for less than the burn-in time"),
        retired: b.add("buildout.gpus.retired", "GPUs retired since the start", D::Count, Stock,
            "sum of what left at the dates given"),
        accelerators_owned: b.add("buildout.accelerators.owned", "accelerators owned, of every class", D::Count,
            Stock, "as GPUs owned, with accelerators of the owner's own design"),
        accelerators_online: b.add("buildout.accelerators.online", "accelerators online, of every class", D::Count,
            Stock, "as GPUs online, with accelerators of the owner's own design"),
        h100_owned: b.add("buildout.h100_equivalents.owned", "H100 equivalents owned", D::Count, Stock,
            "Σ accelerators × dense BF16 rate / dense BF16 rate of the H100"),
        h100_online: b.add("buildout.h100_equivalents.online", "H100 equivalents online", D::Count, Stock,
            "Σ accelerators online × dense BF16 rate / dense BF16 rate of the H100"),
        power_online: b.add("buildout.power.online", "IT power online (nameplate, accepted racks)", D::Power, Stock,
            "Σ accelerators online × system power / accelerators per system × network overhead"),
        systems: systems
            .iter()
            .map(|system| {
                let path = |what: &str| format!("buildout.system.{}.{what}", system.id);
                (
                    b.add(&path("owned"), &format!("{}: accelerators owned", system.title), D::Count, Stock,
                        "delivered - retired"),
                    b.add(&path("online"), &format!("{}: accelerators online", system.title), D::Count, Stock,
                        "accepted racks behind energised power"),
                )
            })
            .collect(),
        sites: sites
            .iter()
            .map(|site| {
                let path = |what: &str| format!("buildout.site.{}.{what}", site.name);
                (
                    b.add(&path("accelerators.online"), &format!("{}: accelerators online", site.title), D::Count,
                        Stock, "accepted racks behind energised power"),
                    b.add(&path("power.online"), &format!("{}: IT power online", site.title), D::Power, Stock,
                        "nameplate IT power of accepted racks"),
                )
            })
            .collect(),
    };
    b.by_quarter(ids.power_online);
    b.add(
        "buildout.gpus.growth",
        "growth of GPUs owned",
        D::Ratio,
        Growth { of: ids.owned },
        "GPUs owned at the end over those at the start, less one",
    );
    ids
}

fn facility(b: &mut Builder, places: &[SitePlan], buildout: &BuildoutIds) -> FacilityIds {
    use Behaviour::{Flow, Peak, Ratio, Stock};
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
        "Σ over sites: nameplate IT power online × utilisation × PUE",
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
    let land = b.add("facility.land", "ground of the sites that name it", D::Area, Stock, "Σ land");
    let manhattan =
        b.add("facility.manhattan", "land of Manhattan, to compare with", D::Area, Stock, "published area");
    let sites = places
        .iter()
        .map(|site| {
            let path = |what: &str| format!("facility.site.{}.{what}", site.name);
            let provisioned = b.add(
                &path("power.provisioned"),
                &format!("{}: IT power provisioned", site.title),
                D::Power,
                Stock,
                "IT power energised",
            );
            let land = site.land.map(|_| {
                let land = b.add(
                    &path("land"),
                    &format!("{}: ground", site.title),
                    D::Area,
                    Stock,
                    "published area",
                );
                b.add(
                    &path("manhattan_share"),
                    &format!("{}: ground over that of Manhattan", site.title),
                    D::Ratio,
                    Ratio { over: land, under: manhattan },
                    "land / land of Manhattan",
                );
                land
            });
            (provisioned, land)
        })
        .collect();
    let site_flows = sites_of(b, places);
    FacilityIds {
        online,
        drawn,
        provisioned,
        energy,
        electricity_cost,
        carbon,
        site_flows,
        land,
        sites,
        manhattan,
    }
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
