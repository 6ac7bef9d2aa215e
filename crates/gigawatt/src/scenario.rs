//! From the command line to a plan.

use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::nearest;
use gigawatt_plan::{Options, Resolved, load};

use crate::arguments::ScenarioOptions;
use crate::diagnostics;
use crate::failure::Failure;
use crate::world::{Files, nearby, open};

/// Reads and resolves the scenario with the given settings laid over it; warnings are told on standard error.
pub fn read(options: &ScenarioOptions, settings: &[String]) -> Result<Plan, Failure> {
    let resolved = resolve(options, settings, Claims::Read)?;
    match resolved.plan {
        Some(plan) => {
            if !options.quiet && !resolved.diagnostics.is_empty() {
                diagnostics::print(&resolved.diagnostics, &resolved.sources);
            }
            Ok(plan)
        }
        None => Err(Failure::BadInput { diagnostics: resolved.diagnostics, sources: resolved.sources }),
    }
}

/// As [`read`]; where nothing but claims is wrong, the plan without them and what is wrong with them.
pub fn read_despite_claims(options: &ScenarioOptions) -> Result<(Plan, Option<Resolved>), Failure> {
    let whole = resolve(options, &options.settings, Claims::Read)?;
    if whole.plan.is_none() {
        // A setting of a claim that is passed over leads nowhere, and is another reason to give up.
        let rest = resolve(options, &options.settings, Claims::PassedOver)?;
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
        let names = nearby(&options.path);
        let name =
            options.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let others = names.iter().map(String::as_str).filter(|other| *other != name);
        let help = nearest(&name, others).map(|near| {
            let near = options.path.with_file_name(near);
            format!("did you mean `{}`?", near.display())
        });
        return Err(Failure::File { action: "read", path: options.path.clone(), reason, help });
    }
    let (world, name) = Files::around(&options.path);
    let resolution = Options {
        settings,
        hindsight: options.hindsight,
        samples: options.samples,
        seed: options.seed,
        without_claims: claims == Claims::PassedOver,
    };
    Ok(load(&name, &resolution, &world))
}
