//! Money of others: contracts, companies and investors, worked out by hand.

use gigawatt_engine::{Draw, Evaluation};
use gigawatt_plan::plan::Behaviour;

use super::invariants::statements_hold;
use super::scenario::{inline, reference};

/// Two companies. The first buys 1,000 H100 at 40 k$ in the first quarter of 2025, paid on delivery; its halls are
/// free. The second rents a hall of 1 MW at 10 M$/MW that is built over a year.
pub const TWO: &str = r#"
name   = "two companies"
as_of  = 2025-01-01
period = { from = 2025-01-01, to = 2028-12-31 }

[[company]]
name    = "buyer"
until   = 2028
server_life = "4 years"
tax_rate = "25 %"
revenue = [
  { in = 2025, value = "100 M$" },
  { in = 2026, value = "100 M$" },
  { in = 2027, value = "100 M$" },
  { in = 2028, value = "100 M$" },
]
shareholder_returns = [{ in = 2026, value = "4 M$" }]

[[company]]
name  = "builder"
until = 2028

[override.practice.hyperscale-ai]
transit = "0 days"
burn_in = "0 days"

[[site]]
name              = "hall"
company           = "buyer"
online            = [{ on = 2024-12-31, power = "20 MW" }]
construction_cost = "0 $/W"
electricity_price = "0 $/MWh"

[[site]]
name              = "shell"
company           = "builder"
online            = [{ on = 2025-12-31, power = "0 MW" }, { on = 2026-01-01, power = "1 MW" }]
construction_cost = "10 M$/MW"
construction_time = "1 year"
construction_schedule = "even"

[[purchase]]
name    = "servers"
company = "buyer"
system  = "hgx-h100"
site    = "hall"
gpus    = 1000
price   = "40 k$"
payment_terms = "0 days"
lead_time = "0 days"
deposit = 0
deliver = "2025Q1"

[[investor]]
name      = "patron"
company   = "buyer"
announced = [{ on = 2025-01-21, amount = "100 M$" }]
committed = [{ on = 2025-01-21, amount = "20 M$" }, { on = 2025-07-01, amount = "50 M$" }]
"#;

/// [`TWO`] with a contract over the servers.
fn with(contract: &str) -> String {
    format!(
        "{TWO}\n[[funding]]\nname = \"contract\"\ncompany = \"buyer\"\ncovers = [\"purchase.servers\"]\n{contract}\n"
    )
}

/// A buyer's line in a year, in M$.
fn buyer(text: &str, line: &str, year: i16) -> f64 {
    reference(&inline(text, &[]), &format!("finance.company.buyer.{line}"), year) / 1e6
}

#[track_caller]
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6 * expected.abs().max(1.0), "{found} instead of {expected}");
}

#[test]
fn what_is_bought_outright_is_capital_expenditure_and_written_off() {
    near(buyer(TWO, "capex.cash", 2025), 40.0);
    // From the middle of the first quarter's deliveries: 10 M$ a year, seven eighths of it in the first.
    let first = buyer(TWO, "depreciation", 2025);
    assert!((first - 8.75).abs() < 0.05, "{first}");
    near(buyer(TWO, "depreciation", 2026), 40.0 / 4.0 * 365.0 / 365.25);
    // Nothing but depreciation is a cost here; tax is a quarter of the rest; cash is what is left after dividends.
    let income = 100.0 - buyer(TWO, "depreciation", 2026);
    near(buyer(TWO, "tax", 2026), 0.25 * income);
    near(buyer(TWO, "free_cash_flow", 2026), 0.75 * income + buyer(TWO, "depreciation", 2026));
    near(buyer(TWO, "cash.change", 2026), buyer(TWO, "free_cash_flow", 2026) - 4.0);
}

#[test]
fn debt_is_repaid_in_equal_parts_with_interest_on_what_is_owed() {
    let text = with("kind = \"debt\"\nshare = 0.5\nrate = \"8 %\"\nterm = \"2 years\"");
    near(buyer(&text, "capex.cash", 2025), 40.0);
    near(buyer(&text, "funding.drawn", 2025), 20.0);
    // Drawn in the first quarter, repaid over the next eight: 2.5 M$ each.
    near(buyer(&text, "funding.repaid", 2025), 7.5);
    near(buyer(&text, "funding.repaid", 2026), 10.0);
    near(buyer(&text, "funding.repaid", 2027), 2.5);
    // 2 % of 20, 17.5 and 15 in 2025; of 12.5, 10, 7.5, 5 in 2026.
    near(buyer(&text, "interest", 2025), 0.02 * 52.5);
    near(buyer(&text, "interest", 2026), 0.02 * 35.0);
    near(buyer(&text, "debt", 2026), 2.5);
    near(buyer(&text, "debt", 2027), 0.0);
}

#[test]
fn a_finance_lease_is_capital_expenditure_as_its_principal_is_paid() {
    let text = with("kind = \"finance lease\"\nshare = 1\nrate = \"8 %\"\nterm = \"1 year\"");
    // Annuity of 40 M$ over four quarters at 2 %: 10.504950 M$.
    let payment = 40.0 * 0.02 / (1.0 - 1.02_f64.powi(-4));
    near(buyer(&text, "capex.ai_hardware", 2025), 0.0);
    near(buyer(&text, "capex.off_balance_sheet", 2025), 40.0);
    near(buyer(&text, "capex.cash", 2025) + buyer(&text, "interest", 2025), 3.0 * payment);
    near(buyer(&text, "capex.cash", 2025) + buyer(&text, "capex.cash", 2026), 40.0);
    near(buyer(&text, "lease_liability", 2026), 0.0);
    // The asset is the company's own all the same.
    near(buyer(&text, "depreciation", 2026), buyer(TWO, "depreciation", 2026));
}

#[test]
fn two_contracts_never_pay_for_the_same_dollar() {
    let second = |kind: &str| {
        format!(
            "kind = \"debt\"\nshare = 0.75\nrate = \"8 %\"\nterm = \"2 years\"\n\n[[funding]]\nname = \"second\"\n\
             company = \"buyer\"\ncovers = [\"purchase.servers\"]\nshare = 1\n{kind}"
        )
    };
    // 30 M$ of debt, and shares for the 10 M$ that it leaves.
    near(buyer(&with(&second("kind = \"equity\"")), "funding.drawn", 2025), 40.0);
    let leased = with(&second("kind = \"finance lease\"\nrate = \"8 %\"\nterm = \"1 year\""));
    near(buyer(&leased, "funding.drawn", 2025), 30.0);
    near(buyer(&leased, "capex.ai_hardware", 2025), 30.0);
    near(buyer(&leased, "capex.off_balance_sheet", 2025), 10.0);
}

#[test]
fn how_an_own_asset_is_paid_for_does_not_change_what_it_is_worth() {
    let worth = |text: &str| {
        let plan = inline(text, &[]);
        let id = plan.vocabulary.find("finance.company.buyer.ai.net_present_value").expect("a result");
        let draw = Draw::reference(&plan);
        Evaluation::new(&plan).run(&plan, Draw::new(&draw)).get(id)[0] / 1e6
    };
    let bought = worth(TWO);
    assert!(bought.abs() > 0.1, "{bought}");
    for contract in
        ["kind = \"debt\"", "kind = \"finance lease\"", "kind = \"finance lease\"\nstarts = 2026-01-01"]
    {
        near(worth(&with(&format!("{contract}\nshare = 0.5\nrate = \"8 %\"\nterm = \"6 years\""))), bought);
    }
}

#[test]
fn a_venture_takes_the_asset_off_the_balance_sheet_and_leaves_rent() {
    let text =
        with("kind = \"joint venture\"\nshare = 1\npartner_share = 0.8\nrate = \"8 %\"\nterm = \"1 year\"");
    // The rent of the partners' four fifths; that of its own fifth comes back to the company.
    let payment = 0.8 * 40.0 * 0.02 / (1.0 - 1.02_f64.powi(-4));
    near(buyer(&text, "capex.cash", 2025), 0.0);
    near(buyer(&text, "depreciation", 2026), 0.0);
    near(buyer(&text, "joint_venture.contribution", 2025), 8.0);
    near(buyer(&text, "operating_cost.rent", 2025), 3.0 * payment);
    near(buyer(&text, "operating_cost.rent", 2026), payment);
    near(buyer(&text, "commitments", 2025), payment);
    near(buyer(&text, "free_cash_flow", 2025), 0.75 * (100.0 - 3.0 * payment));
}

#[test]
fn companies_add_up_and_a_shell_is_paid_for_over_its_construction() {
    let plan = inline(TWO, &[]);
    // A step at the turn of 2026, built evenly over the 365.25 days before; a quarter of a day lies before the plan.
    let shell = reference(&plan, "finance.company.builder.capex.cash", 2025) / 1e6;
    assert!((shell - 10.0).abs() < 0.03, "{shell}");
    let both = reference(&plan, "finance.capex.cash", 2025) / 1e6;
    near(both, shell + 40.0);
}

#[test]
fn promised_money_is_held_against_committed_money() {
    let share = |text: &str, year| buyer(text, "investors.committed_share", year) * 1e6;
    near(share(TWO, 2025), 0.5);
    near(buyer(TWO, "investor.patron.announced", 2025), 100.0);
}

#[test]
fn statement_identities_hold_under_every_kind_of_contract() {
    for kind in ["equity", "debt", "finance lease", "operating lease", "joint venture"] {
        let terms = match kind {
            "equity" => "share = 0.4",
            "joint venture" => {
                "share = 0.4\npartner_share = 0.8\nrate = \"8 %\"\nterm = \"3 years\"\nstarts = 2026-01-01"
            }
            _ => "share = 0.4\nrate = \"8 %\"\nterm = \"3 years\"\nstarts = 2026-01-01",
        };
        let plan = inline(&with(&format!("kind = \"{kind}\"\n{terms}")), &[]);
        let mut evaluation = Evaluation::new(&plan);
        let draw = Draw::reference(&plan);
        let series = evaluation.run(&plan, Draw::new(&draw));
        statements_hold(&plan, series);
        let named = |path: &str| {
            let id = plan.vocabulary.find(&format!("finance.company.buyer.{path}")).expect("a result");
            assert!(matches!(plan.vocabulary.get(id).behaviour, Behaviour::Stock | Behaviour::Flow));
            series.get(id).iter().sum::<f64>()
        };
        assert!(named("funding.contract.spent") > 15e6, "{kind}");
        assert_eq!(named("funding.contract.paid") > 0.0, kind != "equity", "{kind}");
    }
}
