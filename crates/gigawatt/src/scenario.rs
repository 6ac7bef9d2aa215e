//! From the command line to a plan.

use std::path::Path;

use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::nearest;
use gigawatt_plan::{Options, Resolved, load};

use crate::arguments::ScenarioOptions;
use crate::failure::Failure;
use crate::world::{Files, nearby, open};
use crate::{catalogue, diagnostics};

/// Reads and resolves the scenario with the given settings laid over it; warnings are told on standard error.
pub fn read(options: &ScenarioOptions, settings: &[String]) -> Result<Plan, Failure> {
    plan_of(resolve(options, settings, Claims::Read)?, options.manner.quiet)
}

/// The scenario's settings, and the file of weather laid over that of its site; without one of a name, of its only one.
pub fn with_weather(
    options: &ScenarioOptions,
    weather: Option<&Path>,
    site: Option<&str>,
) -> Result<Vec<String>, Failure> {
    let mut settings = options.settings.clone();
    let Some(weather) = weather else { return Ok(settings) };
    let site = match site {
        Some(site) => site.to_owned(),
        None => {
            // A claim may be on a result that only weather gives.
            let (plan, _) = read_despite_claims(options, &settings)?;
            let [site] = plan.sites.as_slice() else {
                let names: Vec<&str> = plan.sites.iter().map(|site| site.name.as_str()).collect();
                return Err(Failure::BadArgument {
                    message: "--weather is that of one site".to_owned(),
                    help: Some(format!("name it: --site {}", names.join(" or --site "))),
                });
            };
            site.name.clone()
        }
    };
    // A setting is read beside the scenario, the argument where the command is.
    let path = std::path::absolute(weather).unwrap_or_else(|_| weather.to_owned());
    let path = path.display().to_string().replace('\\', "\\\\").replace('"', "\\\"");
    settings.push(format!("site.{site}.weather=\"{path}\""));
    Ok(settings)
}

/// The plan of what was read; warnings are told on standard error unless it shall be quiet.
pub fn plan_of(resolved: Resolved, quiet: bool) -> Result<Plan, Failure> {
    match resolved.plan {
        Some(plan) => {
            if !quiet && !resolved.diagnostics.is_empty() {
                diagnostics::print(&resolved.diagnostics, &resolved.sources);
            }
            Ok(plan)
        }
        None => Err(Failure::BadInput { diagnostics: resolved.diagnostics, sources: resolved.sources }),
    }
}

/// As [`read`]; where nothing but claims is wrong, the plan without them and what is wrong with them.
pub fn read_despite_claims(
    options: &ScenarioOptions,
    settings: &[String],
) -> Result<(Plan, Option<Resolved>), Failure> {
    let whole = resolve(options, settings, Claims::Read)?;
    if whole.plan.is_none() {
        // A setting of a claim that is passed over leads nowhere, and is another reason to give up.
        let rest = resolve(options, settings, Claims::PassedOver)?;
        if let Some(plan) = rest.plan {
            return Ok((plan, Some(whole)));
        }
    }
    match whole.plan {
        Some(plan) => Ok((plan, None)),
        None => Err(Failure::BadInput { diagnostics: whole.diagnostics, sources: whole.sources }),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Claims {
    Read,
    PassedOver,
}

fn resolve(options: &ScenarioOptions, settings: &[String], claims: Claims) -> Result<Resolved, Failure> {
    // A scenario that cannot be opened is a failed input, not a wrong one.
    if let Err(reason) = open(&options.path) {
        let help = Some(instead(&options.path));
        return Err(Failure::File { action: "read", path: options.path.clone(), reason, help });
    }
    let (world, name) = Files::around(&options.path);
    let files = catalogue::files(&options.manner.catalogue)?;
    let resolution = Options {
        settings,
        hindsight: options.manner.hindsight,
        samples: options.manner.samples,
        seed: options.manner.seed,
        without_claims: claims == Claims::PassedOver,
        catalogue: &files,
    };
    Ok(load(&name, &resolution, &world))
}

/// What to name instead of something that cannot be read.
fn instead(path: &Path) -> String {
    if path.is_dir() {
        return match nearby(&path.join("scenario.toml")).as_slice() {
            [] => "name a scenario, a TOML file".to_owned(),
            [first, ..] => format!("name a scenario in it, such as `{}`", path.join(first).display()),
        };
    }
    let names = nearby(path);
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    match nearest(&name, names.iter().map(String::as_str).filter(|other| *other != name)) {
        Some(near) => format!("did you mean `{}`?", path.with_file_name(near).display()),
        None if path.exists() => "name a file that can be read to its end".to_owned(),
        None => format!("`gw new {}` writes one to start from", path.display()),
    }
}
