//! Whole sites of scenarios: energy and heat close, the weather is that of the site's clock, and averages are those of a history.

use std::io::{Cursor, Read};

use gigawatt_engine::fleet::{Detail, Given, histories};
use gigawatt_engine::power::PowerCoefficients;
use gigawatt_engine::power::grid::{Beside, LoadKind, SiteYear, Years, years};
use gigawatt_engine::training::Prices;
use gigawatt_engine::{Draw, Evaluation};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::{Silent, World, WorldError};
use gigawatt_plan::{Options, load};

/// Normals of a warm and humid place; made for this test.
const NORMALS: &str = "month,high,low,dew_point\n1,13,2,2\n2,16,4,4\n3,20,8,8\n4,25,12,12\n5,29,17,17\n6,33,21,21\n7,34,23,22\n8,34,22,21\n9,31,19,18\n10,26,12,12\n11,19,7,7\n12,14,3,4\n";

/// A series of PUE that knows better than a plant.
const PUE: &str = "month,pue\n2025-01,1.3\n2025-02,1.3\n2025-03,1.3\n2025-04,1.3\n2025-05,1.3\n2025-06,1.3\n2025-07,1.3\n2025-08,1.3\n2025-09,1.3\n2025-10,1.3\n2025-11,1.3\n2025-12,1.3\n";

struct Files<'a>(&'a str);

impl World for Files<'_> {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let text = match name {
            "scenario.toml" => self.0,
            "normals.csv" => NORMALS,
            "pue.csv" => PUE,
            _ => panic!("{name}"),
        };
        Ok((name.to_owned(), Box::new(Cursor::new(text.as_bytes().to_vec()))))
    }
}

/// A site of H100 that the weather cools, and what else is said.
fn plan(of_site: &str, rest: &str) -> Plan {
    let scenario = format!(
        "name = \"Site\"\nas_of = 2026-06-30\nperiod = {{ from = 2025-12-01, to = 2027-01-31 }}\nyear = 2026\n\
         [[site]]\nname = \"hall\"\nonline = [{{ on = 2025-12-01, power = \"40 MW\" }}]\n{of_site}\n\
         [[opening]]\nname = \"servers\"\nsystem = \"hgx-h100\"\nsite = \"hall\"\ngpus = 16_000\n{rest}"
    );
    let resolved = load("scenario.toml", &Options::default(), &Files(&scenario));
    resolved.plan.unwrap_or_else(|| panic!("{:#?}", resolved.diagnostics))
}

fn studied(plan: &Plan) -> Years {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let beside = Beside::of(&catalogue, plan, PowerCoefficients::embedded().unwrap()).unwrap();
    let prices = Prices::new(plan);
    let history = plan.fleet.as_ref().map(|_| {
        histories(plan, &prices, 0, Detail { jobs: 3_000 }, &Given::default(), &Silent).unwrap().reference
    });
    let draw = Draw::reference(plan);
    let sites: Vec<usize> = (0..plan.sites.len()).collect();
    years(plan, Draw::new(&draw), &prices, history.as_ref(), &beside, &sites).unwrap()
}

fn closes(year: &SiteYear) {
    assert!(year.study.totals.imbalance().abs() < 1e-9, "{:?}", year.study.totals);
    let hours: f64 = year.hours.grid.iter().sum();
    assert!((hours / year.study.totals.grid - 1.0).abs() < 1e-9);
    let Some(cooling) = &year.cooling else { return };
    for hour in &cooling.year.hours {
        let of = &hour.energy;
        assert!((of.rejected + of.stored - of.drawn).abs() <= 1e-9 * of.drawn, "{of:?}");
    }
    let racks = year.study.totals.racks;
    assert!((cooling.year.total.it / racks - 1.0).abs() < 1e-9, "the plant carries what the racks draw");
}

const WEATHER: &str = "weather = \"normals.csv\"\nelevation = \"24 m\"\nutc_offset = \"-06:00\"\n\
     [site.cooling]\nplant = \"dry-cooler-chiller\"\nliquid_share = 0.2";

const FLEET: &str = "[fleet]\nhistories = 1\n\
     [[workload]]\nname = \"small\"\nkind = \"batch\"\nlike = \"seren\"\nsystem = \"hgx-h100\"\nsite = \"hall\"\nload = 0.3\n\
     [[workload]]\nname = \"chat\"\nkind = \"service\"\nsystem = \"hgx-h100\"\nsite = \"hall\"\nreplica = 8\nreplicas = [{ on = 2026-01-01, count = 500 }]\n";

#[test]
fn a_site_without_a_fleet_draws_its_utilisation_through_its_plant() {
    let plan = plan(WEATHER, "");
    let years = studied(&plan);
    let year = &years.sites[0];
    closes(year);
    let utilisation = 0.75;
    let racks = year.study.totals.racks / (365.0 * 86_400.0);
    assert!((racks / (utilisation * year.study.nameplate) - 1.0).abs() < 1e-9, "{racks}");
    // The hottest hour on the site's clock is an afternoon of July or August: 15:00 is 21:00 UTC.
    let cooling = year.cooling.as_ref().unwrap();
    let warmest = (0..cooling.air.len())
        .max_by(|a, b| cooling.air[*a].dry_bulb.total_cmp(&cooling.air[*b].dry_bulb))
        .unwrap();
    assert!((181 * 24..243 * 24).contains(&warmest), "{warmest}");
    assert!([20, 21].contains(&(warmest % 24)), "{}", warmest % 24);
    // Summer takes more than winter, and the peak falls into it.
    let month = |from: usize, days: usize| {
        let hours = &cooling.year.hours[24 * from..24 * (from + days)];
        let sum = |of: fn(&gigawatt_engine::cooling::Energy) -> f64| {
            hours.iter().map(|hour| of(&hour.energy)).sum::<f64>()
        };
        sum(|energy| energy.drawn) / sum(|energy| energy.it)
    };
    assert!(month(181, 31) > month(0, 31) + 0.01);
    let (_, peak) = year.study.profile.peak();
    assert!((181 * 1440..243 * 1440).contains(&peak), "{peak}");
    assert!(year.pue().unwrap() > 1.05 && year.wue().is_some());
}

#[test]
fn without_weather_the_plain_pue_holds() {
    let years = studied(&plan("pue = 1.3", ""));
    let year = &years.sites[0];
    closes(year);
    assert!(year.cooling.is_none() && year.hours.water.is_empty());
    // Of the nameplate; fixed losses weigh more at three quarters of it.
    assert!((1.3..1.33).contains(&year.pue().unwrap()), "{:?}", year.pue());
}

#[test]
fn a_history_and_its_closed_form_draw_the_same_on_average() {
    for (of_site, rest) in [
        ("pue = 1.2", FLEET.to_owned()),
        ("pue = 1.2", FLEET.replace("[fleet]", "[fleet]\nundescribed = 0.25")),
    ] {
        let plan = plan(of_site, &rest);
        let years = studied(&plan);
        let year = &years.sites[0];
        closes(year);
        let reference = Draw::reference(&plan);
        let mut evaluation = Evaluation::new(&plan);
        let series = evaluation.run(&plan, Draw::new(&reference));
        let ids = &plan.vocabulary.facility;
        let inside: Vec<usize> = (1..plan.axis.len())
            .filter(|at| plan.axis[at - 1] >= years.period.start && plan.axis[*at] <= years.period.end)
            .collect();
        let days = |at: usize| plan.axis[at].days() - plan.axis[at - 1].days();
        let all: f64 = inside.iter().map(|at| days(*at)).sum();
        let closed = inside.iter().map(|at| series.get(ids.it_drawn)[*at] * days(*at)).sum::<f64>() / all;
        let history = year.study.totals.racks / (all * 86_400.0);
        println!("{closed:.0} W in closed form, {history:.0} W in a history");
        assert!((closed / history - 1.0).abs() < 0.03, "{closed} {history}");
    }
}

#[test]
fn accelerators_without_a_workload_work_unless_the_scenario_says_otherwise() {
    let kinds = |rest: &str| {
        let years = studied(&plan("pue = 1.2", rest));
        let days = &years.sites[0].study.profile.kinds;
        let mean =
            |kind: LoadKind| days.iter().map(|day| day[kind as usize]).sum::<f64>() / days.len() as f64;
        (mean(LoadKind::Undescribed), mean(LoadKind::Idle))
    };
    let all = kinds(FLEET);
    let none = kinds(&FLEET.replace("[fleet]", "[fleet]\nundescribed = 0"));
    assert!(all.0 > 3e6 && none.0 == 0.0, "{all:?} {none:?}");
    assert!(none.1 > all.1 + 1e6);
}

#[test]
fn the_plant_makes_the_months_of_the_facility() {
    let plan = plan(WEATHER, "");
    let reference = Draw::reference(&plan);
    let mut evaluation = Evaluation::new(&plan);
    let series = evaluation.run(&plan, Draw::new(&reference));
    let ids = &plan.vocabulary.facility;
    let pue = |month: i8| {
        let at = (0..plan.axis.len())
            .find(|at| {
                let day = plan.axis[*at].day_before();
                (day.year(), day.month()) == (2026, month) && day.day() >= 28
            })
            .unwrap();
        series.get(ids.drawn)[at] / series.get(ids.it_drawn)[at]
    };
    assert!(pue(7) > pue(1) + 0.01, "{} {}", pue(7), pue(1));
}

#[test]
fn contracts_settle_and_certificates_cover() {
    let bought = "[[power]]\nsite = \"hall\"\ncontracts = [\n\
        { name = \"block\", kind = \"fixed\", power = \"10 MW\", price = \"50 $/MWh\" },\n\
        { name = \"index\", kind = \"indexed\", markup = \"2 $/MWh\" },\n\
        { name = \"sun\", kind = \"purchase\", power = \"4 MW\", price = \"30 $/MWh\", generation = \"sun\" },\n]\n\
        deferrable = { share = 0.3, wait = \"6 h\" }\n";
    let plan = plan("pue = 1.2\nelectricity_price = \"60 $/MWh\"", bought);
    let years = studied(&plan);
    let year = &years.sites[0];
    let hours = 8760.0;
    let energy = year.study.totals.grid / 3.6e9;
    let wanted = 62.0 * energy + hours * (10.0 * (50.0 - 60.0) + 4.0 * (30.0 - 60.0));
    assert!((year.bill.cost() / wanted - 1.0).abs() < 1e-9, "{} {wanted}", year.bill.cost());
    // 4 of about 15 MW are covered over the year; by the hour as well, as 12.6 MW of noon are less than the load.
    assert!((year.emissions.covered - 4.0 * hours / energy).abs() < 1e-9);
    assert!((year.emissions.market / year.emissions.location - (1.0 - year.emissions.covered)).abs() < 1e-9);
    // All hours cost the same: nothing is gained by waiting.
    let shifting = year.shifting.as_ref().unwrap();
    assert_eq!((shifting.wait, shifting.cost.0), (6, shifting.cost.1));
    let embodied = year.embodied.unwrap();
    assert!(embodied.hardware[1] > embodied.hardware[0]);
}

fn wet(plant: &str) -> String {
    WEATHER.replace("dry-cooler-chiller", plant)
}

/// Cubic metres in closed form, over the whole plan.
fn water(plan: &Plan) -> f64 {
    let reference = Draw::reference(plan);
    let mut evaluation = Evaluation::new(plan);
    evaluation.run(plan, Draw::new(&reference)).get(plan.vocabulary.facility.water.unwrap()).iter().sum()
}

#[test]
fn water_does_not_ask_where_the_pue_comes_from() {
    let of_plant = wet("tower-chiller");
    let series = format!("pue = {{ csv = \"pue.csv\" }}\n{of_plant}");
    let (plant, series) = (plan(&of_plant, ""), plan(&series, ""));
    assert!(series.sites[0].pue.is_series());
    assert!((water(&series) / water(&plant) - 1.0).abs() < 1e-12);
    let reference = Draw::reference(&series);
    let mut evaluation = Evaluation::new(&series);
    let results = evaluation.run(&series, Draw::new(&reference));
    let ids = &series.vocabulary.facility;
    for (drawn, racks) in results.get(ids.drawn).iter().zip(results.get(ids.it_drawn)) {
        assert!(
            (drawn - 1.3 * racks).abs() <= 1e-9 * drawn,
            "the plant's months are not on top: {drawn} {racks}"
        );
    }
}

#[test]
fn water_in_closed_form_is_that_of_the_hours() {
    for (plant, rest, within) in
        [("tower-chiller", "", 0.001), ("sprayed-cooler-chiller", "", 0.001), ("tower-chiller", FLEET, 0.01)]
    {
        let plan = plan(&wet(plant), rest);
        let years = studied(&plan);
        let hourly: f64 = years.sites[0].hours.water.iter().sum::<f64>() / 1e3;
        let reference = Draw::reference(&plan);
        let mut evaluation = Evaluation::new(&plan);
        let series = evaluation.run(&plan, Draw::new(&reference));
        let ids = &plan.vocabulary.facility;
        let closed: f64 = (1..plan.axis.len())
            .filter(|at| plan.axis[at - 1] >= years.period.start && plan.axis[*at] <= years.period.end)
            .map(|at| series.get(ids.water.unwrap())[at])
            .sum();
        println!("{plant}: {closed:.0} m3 in closed form, {hourly:.0} m3 by the hour");
        assert!(hourly > 1e4 && (closed / hourly - 1.0).abs() < within, "{plant} {closed} {hourly}");
        assert_eq!(series.get(ids.sites[0].water.unwrap()), series.get(ids.water.unwrap()));
    }
}

#[test]
fn what_is_bled_follows_the_cycles_of_a_draw() {
    let plan = plan(&wet("tower-chiller"), "");
    let mut values = Draw::reference(&plan);
    let cycles = plan.sites[0].cooling.as_ref().unwrap().cycles;
    let mut evaluation = Evaluation::new(&plan);
    let mut water = |of: f64| -> f64 {
        values[cycles.id().0 as usize] = of;
        evaluation.run(&plan, Draw::new(&values)).get(plan.vocabulary.facility.water.unwrap()).iter().sum()
    };
    // Evaporated × k / (k - 1): 3 / 2 against 9 / 8.
    let ratio = water(3.0) / water(9.0);
    assert!((ratio - 4.0 / 3.0).abs() < 1e-9, "{ratio}");
}

#[test]
fn a_plan_without_weather_has_no_water() {
    let plan = plan("pue = 1.2", "");
    let ids = &plan.vocabulary.facility;
    assert!(ids.water.is_none() && ids.sites[0].water.is_none());
    assert!(plan.vocabulary.find("facility.water").is_none());
}
