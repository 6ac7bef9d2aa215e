//! Sites as their grids see them, in the terminal.

use anstyle::Style;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use gigawatt_report::power::{FeedLossSummary, PowerSummary, SiteSummary, SwingsSummary};

use crate::terminal::{columns, printable};

fn watts(value: f64) -> String {
    format_quantity(Dimension::Power, value)
}

fn share(value: f64) -> String {
    format_quantity(Dimension::Ratio, value)
}

fn money(value: f64) -> String {
    if value > 0.0 { format_quantity(Dimension::Money, value) } else { "–".to_owned() }
}

fn time(seconds: f64) -> String {
    format_quantity(Dimension::Duration, seconds)
}

/// Everything, site by site.
pub fn shown(summary: &PowerSummary) -> String {
    let bold = Style::new().bold();
    let basis = if summary.simulated {
        "minutes of one simulated history"
    } else {
        "what is online draws its utilisation on average: the scenario simulates no fleet"
    };
    let mut text = format!(
        "{bold}{}{bold:#}, {} to {}, reference case; {basis}\n",
        printable(&summary.name),
        summary.from,
        summary.to
    );
    for site in summary.sites.values() {
        text.push_str(&format!("\n{bold}{}{bold:#}\n", printable(&site.title)));
        if site.nameplate <= 0.0 {
            text.push_str("nothing stands there in this period\n");
            continue;
        }
        text.push_str(&levels(site));
        text.push_str(&format!(
            "\n{bold}Chain{bold:#}{}\n",
            if site.supply.described { "" } else { ", the catalogue's, sized for the nameplate" }
        ));
        text.push_str(&chain(site));
        text.push_str(&format!("\n{bold}Loss of feeds at the peak{bold:#}\n"));
        text.push_str(&losses(site));
        if let Some(swings) = &site.swings {
            text.push_str(&format!("\n{bold}Swings within seconds, at the connection{bold:#}\n"));
            text.push_str(&jobs(swings));
            text.push_str(&format!("\n{bold}What smooths the widest, all jobs together{bold:#}\n"));
            text.push_str(&measures(site, swings));
        }
    }
    text
}

fn levels(site: &SiteSummary) -> String {
    let energy = |joule: f64| format_quantity(Dimension::Energy, joule);
    let mut rows = vec![
        vec!["nameplate of the racks, with networks".to_owned(), watts(site.nameplate)],
        vec!["peak from the grid".to_owned(), format!("{} on {} UTC", watts(site.peak), site.peak_at)],
        vec!["mean, least".to_owned(), format!("{}, {}", watts(site.mean), watts(site.least))],
        vec!["load factor".to_owned(), share(site.load_factor)],
        vec![
            "greatest change within a minute".to_owned(),
            format!("{} on {}; allowed {}", watts(site.ramp), site.ramp_at, watts(site.limits.ramp)),
        ],
        vec![
            "energy".to_owned(),
            format!(
                "racks {}, overhead {}, losses {}; grid {}, own {}",
                energy(site.energy.racks),
                energy(site.energy.overhead),
                energy(site.energy.losses),
                energy(site.energy.grid),
                energy(site.energy.generation)
            ),
        ],
        vec!["cost at the mean price".to_owned(), money(site.cost)],
    ];
    if let Some(of) = &site.storage {
        let held = if of.above > 0.0 { format!(", exceeded for {}", time(of.above)) } else { String::new() };
        rows.push(vec![
            "storage holds the grid at".to_owned(),
            format!("{}{held}; without it {} at most", watts(of.level), watts(of.peak_without)),
        ]);
        rows.push(vec![
            "storage gave".to_owned(),
            format!("{}, {:.1} full cycles; lost {}", energy(of.gave), of.cycles, energy(of.lost)),
        ]);
        rows.push(vec!["storage of that size costs".to_owned(), money(of.capital)]);
    }
    if site.capping.minutes > 0 {
        let of = &site.capping;
        rows.push(vec![
            "limits bind".to_owned(),
            format!(
                "in {} of the time; lost work: small jobs {}, large jobs {}, services {}",
                time(of.minutes as f64 * 60.0),
                share(of.batch),
                share(of.training),
                share(of.service)
            ),
        ]);
        if of.unmet > 0.0 {
            rows.push(vec!["beyond what gives way".to_owned(), watts(of.unmet)]);
        }
    }
    columns(&["", ""], rows)
}

fn chain(site: &SiteSummary) -> String {
    let supply = &site.supply;
    let rows = supply
        .stages
        .iter()
        .map(|stage| {
            vec![
                printable(&stage.name),
                format!("{} × {}", stage.units, watts(stage.rating)),
                stage.redundancy.clone(),
                watts(stage.provisioned),
                watts(stage.firm),
                watts(stage.peak),
                watts(stage.loss),
            ]
        })
        .collect();
    let table =
        columns(&["stage", "units", "redundancy", "provisioned", "firm", "at the peak", "loss"], rows);
    format!(
        "{table}racks that it carries: nameplate {}, provisioned {}, firm {}; racks' nameplate over provisioned {}\n",
        watts(supply.nameplate),
        watts(supply.provisioned),
        watts(supply.firm),
        share(supply.oversubscription)
    )
}

fn losses(site: &SiteSummary) -> String {
    let row = |name: &str, of: &FeedLossSummary| {
        let carried = of.carried_after.map_or("never".to_owned(), time);
        let empty = of.empty_after.map_or("no".to_owned(), |after| format!("after {}", time(after)));
        vec![
            name.to_owned(),
            watts(of.left),
            watts(of.racks),
            carried,
            empty,
            watts(of.unserved),
            watts(of.shed),
        ]
    };
    columns(
        &[
            "lost",
            "left of the connection",
            "racks",
            "carried after",
            "battery empty",
            "unserved",
            "gives way",
        ],
        vec![row("one feed", &site.one_feed_lost), row("all feeds", &site.all_feeds_lost)],
    )
}

fn jobs(swings: &SwingsSummary) -> String {
    let rows = swings
        .jobs
        .iter()
        .map(|job| {
            vec![
                printable(&job.title),
                watts(job.swing.mean),
                watts(job.swing.peak_to_peak),
                format!("{}/s", watts(job.swing.ramp)),
                watts(job.swing.band),
            ]
        })
        .collect();
    columns(&["job", "mean", "greatest less least", "steepest", "0.1 to 20 Hz"], rows)
}

fn measures(site: &SiteSummary, swings: &SwingsSummary) -> String {
    let mark = |value: String, keeps: bool| if keeps { value } else { format!("{value} !") };
    let rows = swings
        .measures
        .iter()
        .map(|measure| {
            vec![
                measure.name.clone(),
                mark(watts(measure.left.peak_to_peak), measure.keeps.range),
                mark(watts(measure.left.band), measure.keeps.band),
                mark(watts(measure.stop), measure.keeps.ramp),
                watts(measure.power),
                money(measure.energy_cost),
                money(measure.capital),
                share(measure.slowdown),
                money(measure.work_cost),
            ]
        })
        .collect();
    let table = columns(
        &[
            "measure",
            "range",
            "0.1 to 20 Hz",
            "stop, in a minute",
            "takes",
            "energy, a year",
            "bought",
            "work lost",
            "worth, a year",
        ],
        rows,
    );
    let limits = &site.limits;
    format!(
        "{table}! is above what the utility allows: range {}, 0.1 to 20 Hz {}, change within a minute {}\n",
        watts(limits.range),
        watts(limits.band),
        watts(limits.ramp)
    )
}
