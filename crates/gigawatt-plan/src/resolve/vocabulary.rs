//! The results that a plan has.

use crate::plan::{
    Behaviour, BuildoutIds, CompanyPlan, DemandPlan, Grid, Lot, RankingPlan, ResultId, ResultPath, SitePlan,
    SystemPlan, TrainingPlan, Vocabulary,
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
    let facility = super::vocabulary_facility::facility(&mut builder, sites, &buildout);
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
