//! `gw power`.

use std::process::ExitCode;

use gigawatt_engine::training::Prices;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::nearest;
use gigawatt_report::Words;
use gigawatt_report::power::{PowerSummary, charts, minutes_csv};

use super::studies;
use crate::arguments::PowerOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{catalogue, file, power_terminal, scenario, terminal};

/// Studies the sites of a scenario as their grids see them.
pub fn power(options: &PowerOptions) -> Result<ExitCode, Failure> {
    let manner = &options.scenario.manner;
    let catalogue = catalogue::in_use(&manner.catalogue, manner.quiet)?;
    let settings =
        scenario::with_weather(&options.scenario, options.weather.as_deref(), options.site.as_deref())?;
    let plan = scenario::read(&options.scenario, &settings)?;
    let beside = studies::beside(&catalogue, &plan)?;
    let sites = sites(options, &plan)?;
    if let (Some(_), [_, _, ..]) = (&options.csv, sites.as_slice()) {
        let names: Vec<&str> = plan.sites.iter().map(|site| site.name.as_str()).collect();
        return Err(Failure::BadArgument {
            message: "--csv writes the minutes of one site".to_owned(),
            help: Some(format!("name it: --site {}", names.join(" or --site "))),
        });
    }
    let prices = Prices::new(&plan);
    let fleet = studies::fleet(&plan, &prices, 0, &Watcher::new(manner.quiet))?;
    let years = studies::power(&plan, &beside, &prices, fleet.as_ref(), &sites)?;
    let summary = PowerSummary::new(&plan, &years);
    if let (Some(path), [year]) = (&options.csv, years.sites.as_slice()) {
        file::replace(path, minutes_csv(&year.study, years.period.start))?;
    }
    if let Some(folder) = &options.svg {
        for year in &years.sites {
            let site = &plan.sites[year.study.site];
            for chart in charts(year, &site.title, &Words::ENGLISH, years.period, &[]) {
                let path = folder.join(format!("{}-{}.svg", site.name, chart.name));
                file::replace(&path, chart.alone(&Words::ENGLISH))?;
            }
        }
    }
    if manner.json {
        terminal::print_json(&serde_json::to_value(&summary).map_err(Failure::internal)?)?;
    } else {
        terminal::print(&power_terminal::shown(&summary))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Indices of the sites that are meant.
fn sites(options: &PowerOptions, plan: &Plan) -> Result<Vec<usize>, Failure> {
    let names = || plan.sites.iter().map(|site| site.name.as_str());
    let Some(name) = &options.site else {
        if plan.sites.is_empty() {
            return Err(Failure::BadArgument {
                message: "the scenario has no site".to_owned(),
                help: Some("add a [[site]] with the power that is energised there".to_owned()),
            });
        }
        return Ok((0..plan.sites.len()).collect());
    };
    match names().position(|site| site == name) {
        Some(site) => Ok(vec![site]),
        None => Err(Failure::BadArgument {
            message: format!("there is no site `{name}`"),
            help: Some(match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("sites are {}", names().collect::<Vec<_>>().join(", ")),
            }),
        }),
    }
}
