//! The results in money.

use crate::plan::{
    Arrival, Behaviour, CompanyIds, CompanyPlan, FinanceIds, FundingIds, FundingKind, Grid, InvestorIds, Lot,
    LotIds, ResultId,
};
use crate::quantity::Dimension as D;

use super::vocabulary::Builder;

/// The accounts: of an only company, or of all together and of each under its name.
pub(super) fn accounts(b: &mut Builder, companies: &[CompanyPlan]) -> (Option<FinanceIds>, Vec<CompanyIds>) {
    match companies {
        [] => (None, Vec::new()),
        [only] => {
            let ids = company(b, only, "finance.", "");
            (Some(ids.finance.clone()), vec![ids])
        }
        several => {
            let all = Names { prefix: "finance.", of: "" };
            let staff = several.iter().flat_map(|company| &company.staff);
            let segments = several.iter().flat_map(|company| &company.segments);
            let group = statements(
                b,
                all,
                &staff.map(|staff| (staff.name.as_str(), staff.title.as_str())).collect::<Vec<_>>(),
                &segments.map(|segment| (segment.name.as_str(), segment.title.as_str())).collect::<Vec<_>>(),
            );
            let ids = several
                .iter()
                .map(|plan| {
                    let of = format!("{}: ", plan.title);
                    company(b, plan, &format!("finance.company.{}.", plan.name), &of)
                })
                .collect();
            (Some(group), ids)
        }
    }
}

/// How a company's results are called.
#[derive(Clone, Copy)]
struct Names<'a> {
    /// First part of the path.
    prefix: &'a str,
    /// First part of the title.
    of: &'a str,
}

impl Names<'_> {
    fn add(
        self,
        b: &mut Builder,
        path: &str,
        title: &str,
        (dimension, behaviour): (D, Behaviour),
        law: &str,
    ) -> ResultId {
        let title = format!("{}{title}", self.of);
        b.add(&format!("{}{path}", self.prefix), &title, dimension, behaviour, law)
    }

    fn flow(self, b: &mut Builder, path: &str, title: &str, law: &str) -> ResultId {
        self.add(b, path, title, (D::Money, Behaviour::Flow), law)
    }

    /// A flow that is of interest by quarter too.
    fn quarterly(self, b: &mut Builder, path: &str, title: &str, law: &str) -> ResultId {
        let id = self.flow(b, path, title, law);
        b.by_quarter(id)
    }

    fn stock(self, b: &mut Builder, path: &str, title: &str, law: &str) -> ResultId {
        self.add(b, path, title, (D::Money, Behaviour::Stock), law)
    }
}

fn company(b: &mut Builder, plan: &CompanyPlan, prefix: &str, of: &str) -> CompanyIds {
    let names = Names { prefix, of };
    let staff: Vec<_> = plan.staff.iter().map(|staff| (staff.name.as_str(), staff.title.as_str())).collect();
    let segments: Vec<_> =
        plan.segments.iter().map(|segment| (segment.name.as_str(), segment.title.as_str())).collect();
    let finance = statements(b, names, &staff, &segments);
    let funding = plan
        .funding
        .iter()
        .map(|contract| {
            let path = |what: &str| format!("funding.{}.{what}", contract.name);
            let title = |what: &str| format!("{}: {what}", contract.title);
            let (outstanding, owed) = match contract.kind {
                FundingKind::OperatingLease | FundingKind::JointVenture => {
                    ("rent to come", "rent still to be paid for what has been built, undiscounted")
                }
                _ => (
                    "what is owed",
                    "what has been drawn, with interest added before paying starts, less what was paid back",
                ),
            };
            FundingIds {
                spent: names.flow(b, &path("spent"), &title("what it pays for"),
                    "share × covered spending from the contract's first day on"),
                paid: names.flow(b, &path("paid"), &title("what is paid under it"),
                    "debt: an equal part of every sum drawn within the term, and interest; leases and ventures: an annuity of every sum built within the term, of a venture that of the partners' part"),
                outstanding: names.stock(b, &path("outstanding"), &title(outstanding), owed),
            }
        })
        .collect();
    let pledges = |b: &mut Builder, path: &str, title: &str, law: &str| InvestorIds {
        announced: names.stock(b, &format!("{path}.announced"), &format!("{title}: announced"), law),
        committed: names.stock(
            b,
            &format!("{path}.committed"),
            &format!("{title}: committed or at hand"),
            law,
        ),
    };
    let investors: Vec<InvestorIds> = plan
        .investors
        .iter()
        .map(|investor| {
            let path = format!("investor.{}", investor.name);
            pledges(b, &path, &investor.title, "as given, from each day on until the next")
        })
        .collect();
    let investors_total = (!investors.is_empty()).then(|| {
        let total = pledges(b, "investors", "all investors", "Σ investors");
        let (over, under) = (total.committed, total.announced);
        names.add(
            b,
            "investors.committed_share",
            "part of the announced money that is committed",
            (D::Ratio, Behaviour::Ratio { over, under }),
            "committed or at hand / announced",
        );
        total
    });
    b.grid = Grid::Plan;
    let mut whole = |path: &str, title: &str, dimension, law: &str| {
        names.add(b, path, title, (dimension, Behaviour::Whole), law)
    };
    let ids = CompanyIds {
        finance,
        capital_cost: whole(
            "capital_cost",
            "weighted average cost of capital, after tax",
            D::Ratio,
            "(1 - debt share) × cost of equity + debt share × cost of debt × (1 - tax rate)",
        ),
        net_present_value: whole(
            "ai.net_present_value",
            "present value of the AI build-out, its fleet rented out at the market's price",
            D::Money,
            "Σ quarters: (rental value - electricity - upkeep - rent - AI capital expenditure - tax) discounted to the scenario's date at the cost of capital, + what accelerators and halls are worth at the end of the accounts",
        ),
        internal_rate_of_return: whole(
            "ai.internal_rate_of_return",
            "internal rate of return of the AI build-out",
            D::Ratio,
            "the rate at which the same flows have no present value, between -99 and 1,000 %",
        ),
        funding,
        investors,
        investors_total,
    };
    b.grid = Grid::Quarters;
    ids
}

#[expect(clippy::too_many_lines, reason = "one list of results, in the order of the accounts")]
fn statements(
    b: &mut Builder,
    names: Names<'_>,
    staff: &[(&str, &str)],
    segments: &[(&str, &str)],
) -> FinanceIds {
    use Behaviour::{Growth, Ratio, Stock};
    let n = names;
    let ids = FinanceIds {
        revenue: n.quarterly(b, "revenue", "revenue",
            "reported, else given, else the same quarter a year earlier × (1 + growth)"),
        capex: n.quarterly(b, "capex.cash", "capital expenditure, cash",
            "reported, else given, else a year earlier × (1 + growth), else AI hardware + AI halls + principal of the plan's finance leases + outside AI; the company's definition, with principal of finance leases"),
        capex_hardware: n.quarterly(b, "capex.ai_hardware", "cash for AI hardware",
            "Σ lots: price with the share of server and network × (deposit at the order, the rest a payment term after delivery), less what lessors and ventures pay"),
        capex_halls: n.quarterly(b, "capex.ai_halls", "cash for AI halls",
            "Σ sites: construction cost × IT power, spent along the schedule of construction before it is energised, less what lessors and ventures pay"),
        capex_ai: n.quarterly(b, "capex.ai", "cash for AI hardware and halls", "AI hardware + AI halls"),
        capex_leases: n.flow(b, "capex.lease_principal", "principal of the plan's finance leases",
            "annuity - interest"),
        capex_other: n.quarterly(b, "capex.other", "capital expenditure on everything else",
            "capital expenditure - AI hardware - AI halls of this plan - principal of its leases: outside AI, shells of later years, and what later years buy beyond the plan"),
        accrued: n.flow(b, "capex.accrued", "capital expenditure, accrued",
            "capital expenditure, cash, with AI hardware counted at delivery instead of payment"),
        accrued_hardware: n.flow(b, "capex.accrued.ai_hardware", "AI hardware as delivered",
            "Σ lots: accelerators delivered × price, less what ventures and operating lessors own"),
        accrued_halls: n.flow(b, "capex.accrued.ai_halls", "AI halls as built",
            "as they are paid for, with those under finance leases"),
        accrued_ai: n.flow(b, "capex.accrued.ai", "AI hardware and halls as delivered",
            "AI hardware delivered + AI halls built"),
        committed: n.flow(b, "capex.committed", "AI hardware as ordered",
            "Σ lots: accelerators × price at the order, a lead time before delivery"),
        spent_elsewhere: n.flow(b, "capex.off_balance_sheet", "what lessors and ventures spend on the plan",
            "Σ leases and ventures: share × covered spending"),
        depreciation: n.quarterly(b, "depreciation", "depreciation and amortisation",
            "reported, else that of the assets at the last report, running off in a straight line, + new AI hardware over the server life + new halls over the building life + other new assets by their mix"),
        depreciation_ai: n.quarterly(b, "depreciation.ai", "depreciation of AI hardware and halls",
            "AI hardware + AI halls"),
        depreciation_hardware: n.flow(b, "depreciation.ai_hardware", "depreciation of AI hardware",
            "straight line: purchases of the plan over the life of servers, from a transit and a burn-in after delivery whether or not power waits, to the end of that life"),
        depreciation_halls: n.flow(b, "depreciation.ai_halls", "depreciation of AI halls",
            "straight line over the life of buildings from energisation"),
        depreciation_other: n.flow(b, "depreciation.other", "depreciation of everything else",
            "depreciation and amortisation - AI hardware - AI halls"),
        energy_cost: n.quarterly(b, "operating_cost.energy", "electricity of the AI fleet",
            "Σ sites: energy × price of electricity"),
        staff_cost: n.quarterly(b, "operating_cost.staff", "cost of the named staff", "Σ people × loaded cost"),
        rent_cost: n.quarterly(b, "operating_cost.rent", "rent of leases and ventures off the balance sheet",
            "Σ operating leases and joint ventures: annuity of what has been built, of a venture that of the partners' part"),
        other_cost: n.flow(b, "operating_cost.other", "all other costs",
            "total costs - depreciation - electricity - named staff - rent - named segments"),
        costs: n.quarterly(b, "operating_cost", "total costs and expenses",
            "reported, else given, else depreciation + electricity + named staff + rent + named segments + all other costs a year earlier × (1 + growth)"),
        ai_cost: n.quarterly(b, "operating_cost.ai", "yearly cost of the AI build-out",
            "depreciation of AI + electricity + rent + named staff"),
        operating_income: n.quarterly(b, "operating_income", "operating income", "revenue - total costs and expenses"),
        interest: n.flow(b, "interest", "interest on the plan's debt and finance leases",
            "Σ debt and finance leases: rate / 4 × what is owed at the quarter's start, once paying has started; before that it is added to what is owed"),
        tax: n.flow(b, "tax", "tax on income", "tax rate × (operating income - interest), not below nothing"),
        net_income: n.quarterly(b, "net_income", "net income",
            "operating income - interest - tax; interest on cash and on debt from before the plan is not in it"),
        other_operating_cash: n.flow(b, "operating_cash_flow.other", "share-based pay, working capital and everything else in operating cash flow",
            "operating cash flow - net income - depreciation"),
        operating_cash_flow: n.quarterly(b, "operating_cash_flow", "operating cash flow",
            "reported, else a share of revenue less rent and interest of the plan after tax, else net income + depreciation"),
        free_cash_flow: n.quarterly(b, "free_cash_flow", "free cash flow before dividends and buybacks",
            "operating cash flow - capital expenditure, cash"),
        contributions: n.flow(b, "joint_venture.contribution", "money paid into ventures",
            "Σ joint ventures: (1 - partners' part) × what is spent"),
        drawn: n.flow(b, "funding.drawn", "debt and equity that come in", "Σ debt and equity: share × covered spending"),
        repaid: n.flow(b, "funding.repaid", "debt paid back", "Σ debt: an equal part of every sum drawn within the term"),
        shareholder_returns: n.flow(b, "shareholder_returns", "dividends and buybacks", "as given; none unless said"),
        cash_change: n.quarterly(b, "cash.change", "change of cash",
            "free cash flow - money paid into ventures + debt and equity that come in - debt paid back - dividends and buybacks"),
        debt: n.stock(b, "debt", "debt of the plan", "Σ debt: what is owed"),
        lease_liability: n.stock(b, "lease_liability", "principal owed under the plan's finance leases",
            "Σ finance leases: what is owed"),
        commitments: n.stock(b, "commitments", "commitments off the balance sheet",
            "hardware ordered and not delivered + rent still to be paid for what has been built, undiscounted"),
        commitments_hardware: n.stock(b, "commitments.hardware", "hardware ordered and not delivered",
            "Σ lots: price × (ordered - delivered)"),
        book_value_ai: n.stock(b, "book_value.ai", "book value of AI hardware and halls of the plan",
            "Σ accrued - Σ depreciation since the plan's start"),
        accelerator_time: {
            let law = "Σ purchases: ∫ accelerators online dt";
            n.add(b, "ai.accelerator_time", "time of the purchases' accelerators online", (D::Duration, Behaviour::Flow), law)
        },
        purchase_cost: n.flow(b, "ai.cost", "what the purchases cost in the accounts",
            "depreciation of AI + rent + upkeep + electricity of the purchases' share of power online"),
        rental_value: n.flow(b, "ai.rental_value", "what the purchases would earn at the market's rent",
            "Σ purchases: ∫ H100 equivalents online dt × allocation × rent of an H100-hour, which falls by its decline every year from the scenario's date on"),
        segments: segments
            .iter()
            .map(|(name, title)| {
                n.quarterly(b, &format!("segment.{name}.loss"), &format!("loss of {title}"),
                    "reported, else given, else a year earlier × (1 + growth); part of costs and of operating cash flow")
            })
            .collect(),
        headcount: staff
            .iter()
            .map(|(name, title)| {
                let id = n.add(b, &format!("staff.{name}.headcount"), &format!("people: {title}"),
                    (D::Count, Stock), "people at the start, growing evenly within each year");
                n.add(b, &format!("staff.{name}.growth"), &format!("growth of people: {title}"),
                    (D::Ratio, Growth { of: id }), "people at the end over those at the start, less one");
                id
            })
            .collect(),
    };
    let growth = n.add(
        b,
        "revenue.growth",
        "growth of revenue",
        (D::Ratio, Growth { of: ids.revenue }),
        "revenue over that of the year before, less one; a quarter against the same a year earlier",
    );
    b.by_quarter(growth);
    n.add(
        b,
        "capex.growth",
        "growth of capital expenditure",
        (D::Ratio, Growth { of: ids.capex }),
        "capital expenditure over that of the year before, less one",
    );
    let mut ratio = |path: &str, title: &str, over, under, law: &str| {
        n.add(b, path, title, (D::Ratio, Ratio { over, under }), law)
    };
    ratio(
        "capex.to_operating_cash_flow",
        "capital expenditure over operating cash flow",
        ids.capex,
        ids.operating_cash_flow,
        "capital expenditure, cash / operating cash flow",
    );
    ratio(
        "capex.ai_hardware_share",
        "part of capital expenditure that is AI hardware",
        ids.capex_hardware,
        ids.capex,
        "AI hardware / capital expenditure",
    );
    ratio(
        "capex.ai_share",
        "part of capital expenditure that is AI with its halls",
        ids.capex_ai,
        ids.capex,
        "(AI hardware + AI halls) / capital expenditure",
    );
    ratio(
        "operating_margin",
        "operating margin",
        ids.operating_income,
        ids.revenue,
        "operating income / revenue",
    );
    ratio(
        "operating_margin.ai_effect",
        "part of revenue that the AI build-out costs",
        ids.ai_cost,
        ids.revenue,
        "(depreciation of AI + electricity + rent + named staff) / revenue",
    );
    n.add(
        b,
        "ai.cost_per_hour",
        "accounting cost of an accelerator-hour of the purchases",
        (D::HourlyPrice, Ratio { over: ids.purchase_cost, under: ids.accelerator_time }),
        "what the purchases cost in the accounts / time of their accelerators online",
    );
    ids
}

/// Unit economics of every purchase.
pub(super) fn unit_costs(b: &mut Builder, lots: &[Lot]) -> Vec<LotIds> {
    let bought = lots.iter().enumerate().filter(|(_, lot)| matches!(lot.arrival, Arrival::Delivered(_)));
    bought
        .map(|(index, lot)| {
            let mut whole = |what: &str, title: &str, dimension, law: &str| {
                let path = format!("finance.purchase.{}.{what}", lot.name);
                b.add(&path, &format!("{}: {title}", lot.name), dimension, Behaviour::Whole, law)
            };
            LotIds {
                lot: index,
                hour_cost: whole("cost_per_hour", "levelised cost of an hour that is used, before tax", D::HourlyPrice,
                    "(annuity at the cost of capital of price less resale and of the hall + electricity + upkeep) / (hours of a year × allocation)"),
                break_even_rent: whole("break_even_rent", "rent of an hour at which buying pays, after tax", D::HourlyPrice,
                    "the rent whose present value after tax, with the shield of depreciation and the resale, is the price of accelerator and hall"),
                capital_per_rate: whole("capital_per_compute_rate", "capital per installed compute rate", D::MoneyPerComputeRate,
                    "(price + nameplate power with network × construction cost) / dense BF16 rate"),
                computing_cost: whole("cost_per_computing", "cost of useful computing", D::MoneyPerCompute,
                    "levelised cost of an hour / (dense BF16 rate × model FLOP utilisation × (1 - overhead share) × one hour)"),
            }
        })
        .collect()
}
