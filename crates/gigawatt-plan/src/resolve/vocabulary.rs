//! The results that a plan has.

use crate::plan::{
    Behaviour, BuildoutIds, CompanyPlan, FacilityIds, FinanceIds, Grid, ResultId, ResultPath, SitePlan,
    SystemPlan, Vocabulary,
};
use crate::quantity::Dimension as D;

struct Builder {
    paths: Vec<ResultPath>,
    grid: Grid,
}

impl Builder {
    fn add(&mut self, path: &str, title: &str, dimension: D, behaviour: Behaviour, law: &str) -> ResultId {
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
    fn by_quarter(&mut self, id: ResultId) -> ResultId {
        self.paths[id.0 as usize].by_quarter = true;
        id
    }
}

pub(super) fn build(systems: &[SystemPlan], sites: &[SitePlan], company: Option<&CompanyPlan>) -> Vocabulary {
    let mut builder = Builder { paths: Vec::new(), grid: Grid::Moments };
    let buildout = buildout(&mut builder, systems, sites);
    let facility = facility(&mut builder, sites, &buildout);
    builder.grid = Grid::Quarters;
    let finance = company.map(|company| finance(&mut builder, company));
    Vocabulary { paths: builder.paths, buildout, facility, finance }
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

fn facility(b: &mut Builder, sites: &[SitePlan], buildout: &BuildoutIds) -> FacilityIds {
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
    let land = b.add("facility.land", "ground of the sites that name it", D::Area, Stock, "Σ land");
    let manhattan =
        b.add("facility.manhattan", "land of Manhattan, to compare with", D::Area, Stock, "published area");
    let sites = sites
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
    FacilityIds { online, drawn, provisioned, energy, land, sites, manhattan }
}

#[expect(clippy::too_many_lines, reason = "one list of results, in the order of the accounts")]
fn finance(b: &mut Builder, company: &CompanyPlan) -> FinanceIds {
    use Behaviour::{Flow, Growth, Ratio, Stock};
    let mut money = |path: &str, title: &str, law: &str| {
        let id = b.add(path, title, D::Money, Flow, law);
        b.by_quarter(id)
    };
    let ids = FinanceIds {
        revenue: money("finance.revenue", "revenue",
            "reported, else given, else the same quarter a year earlier × (1 + growth)"),
        capex: money("finance.capex.cash", "capital expenditure, cash",
            "reported, else given, else a year earlier × (1 + growth), else AI hardware + AI halls + outside AI; the company's definition, with principal of finance leases"),
        capex_hardware: money("finance.capex.ai_hardware", "cash for AI hardware",
            "Σ lots: accelerators delivered a payment term ago × price with the share of server and network"),
        capex_halls: money("finance.capex.ai_halls", "cash for AI halls",
            "Σ sites: construction cost × IT power, spent evenly over the construction time before it is energised"),
        capex_ai: money("finance.capex.ai", "cash for AI hardware and halls", "AI hardware + AI halls"),
        capex_other: money("finance.capex.other", "capital expenditure on everything else",
            "capital expenditure - AI hardware - AI halls of this plan: outside AI, shells of later years, and what later years buy beyond the plan"),
        accrued: money("finance.capex.accrued", "capital expenditure, accrued",
            "capital expenditure, cash, with AI hardware counted at delivery instead of payment"),
        accrued_hardware: money("finance.capex.accrued.ai_hardware", "AI hardware as delivered",
            "Σ lots: accelerators delivered × price"),
        accrued_halls: money("finance.capex.accrued.ai_halls", "AI halls as built", "as their cash"),
        accrued_ai: money("finance.capex.accrued.ai", "AI hardware and halls as delivered",
            "AI hardware delivered + AI halls built"),
        committed: money("finance.capex.committed", "AI hardware as ordered",
            "Σ lots: accelerators × price at the order, a lead time before delivery"),
        operating_cash_flow: money("finance.operating_cash_flow", "operating cash flow",
            "reported, else a share of revenue"),
        free_cash_flow: money("finance.free_cash_flow", "free cash flow before dividends and buybacks",
            "operating cash flow - capital expenditure, cash"),
        depreciation: money("finance.depreciation", "depreciation and amortisation",
            "reported, else that of the assets at the last report, running off in a straight line, + new AI hardware over the server life + new halls over the building life + other new assets by their mix"),
        depreciation_ai: money("finance.depreciation.ai", "depreciation of AI hardware and halls",
            "straight line: purchases of the plan over the server life, from a transit and a burn-in after delivery whether or not power waits, to the end of that life; halls over the building life from energisation"),
        costs: money("finance.operating_cost", "total costs and expenses",
            "reported, else given, else depreciation + electricity + named staff + named segments + all other costs a year earlier × (1 + growth)"),
        energy_cost: money("finance.operating_cost.energy", "electricity of the AI fleet",
            "Σ sites: energy × price of electricity"),
        staff_cost: money("finance.operating_cost.staff", "cost of the named staff", "Σ people × loaded cost"),
        operating_income: money("finance.operating_income", "operating income", "revenue - total costs and expenses"),
        ai_cost: money("finance.operating_cost.ai", "yearly cost of the AI build-out",
            "depreciation of AI + electricity + named staff"),
        segments: company
            .segments
            .iter()
            .map(|segment| {
                money(&format!("finance.segment.{}.loss", segment.name), &format!("loss of {}", segment.title),
                    "reported, else given, else a year earlier × (1 + growth); part of costs and of operating cash flow")
            })
            .collect(),
        headcount: company
            .staff
            .iter()
            .map(|staff| {
                let id = b.add(&format!("finance.staff.{}.headcount", staff.name), &format!("people: {}", staff.title),
                    D::Count, Stock, "people at the start, growing evenly within each year");
                b.add(&format!("finance.staff.{}.growth", staff.name), &format!("growth of people: {}", staff.title),
                    D::Ratio, Growth { of: id }, "people at the end over those at the start, less one");
                id
            })
            .collect(),
    };
    let growth = b.add(
        "finance.revenue.growth",
        "growth of revenue",
        D::Ratio,
        Growth { of: ids.revenue },
        "revenue over that of the year before, less one; a quarter against the same a year earlier",
    );
    b.by_quarter(growth);
    b.add(
        "finance.capex.growth",
        "growth of capital expenditure",
        D::Ratio,
        Growth { of: ids.capex },
        "capital expenditure over that of the year before, less one",
    );
    let mut ratio = |path: &str, title: &str, over, under, law: &str| {
        b.add(path, title, D::Ratio, Ratio { over, under }, law)
    };
    ratio(
        "finance.capex.to_operating_cash_flow",
        "capital expenditure over operating cash flow",
        ids.capex,
        ids.operating_cash_flow,
        "capital expenditure, cash / operating cash flow",
    );
    ratio(
        "finance.capex.ai_hardware_share",
        "part of capital expenditure that is AI hardware",
        ids.capex_hardware,
        ids.capex,
        "AI hardware / capital expenditure",
    );
    ratio(
        "finance.capex.ai_share",
        "part of capital expenditure that is AI with its halls",
        ids.capex_ai,
        ids.capex,
        "(AI hardware + AI halls) / capital expenditure",
    );
    ratio(
        "finance.operating_margin",
        "operating margin",
        ids.operating_income,
        ids.revenue,
        "operating income / revenue",
    );
    ratio(
        "finance.operating_margin.ai_effect",
        "part of revenue that the AI build-out costs",
        ids.ai_cost,
        ids.revenue,
        "(depreciation of AI + electricity + named staff) / revenue",
    );
    ids
}
