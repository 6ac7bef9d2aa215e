//! From the command line to a plan.

use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::nearest;
use gigawatt_plan::{Options, load};

use crate::arguments::ScenarioOptions;
use crate::failure::Failure;
use crate::world::{Files, is_folder, nearby, plain};
use crate::{catalogue, diagnostics};

/// Reads and resolves the scenario with the given settings laid over it; warnings are told on standard error.
pub fn read(options: &ScenarioOptions, settings: &[String]) -> Result<Plan, Failure> {
    // A scenario that cannot be opened is a failed input, not a wrong one.
    let opened = match std::fs::File::open(&options.path) {
        Ok(file) if is_folder(&file) => Err("it is a folder".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(plain(&error)),
    };
    if let Err(reason) = opened {
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
    let files = catalogue::files(&options.catalogue)?;
    let resolution = Options {
        settings,
        hindsight: options.hindsight,
        samples: options.samples,
        seed: options.seed,
        catalogue: &files,
    };
    let resolved = load(&name, &resolution, &world);
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
