//! Scenarios that are written from the options of a command line.

use std::io::{Cursor, Read};
use std::path::Path;

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, Resolved, load};
use jiff::civil::Date;

use crate::arguments::RunManner;
use crate::failure::Failure;
use crate::world::{nearby, open};
use crate::{catalogue, scenario};

/// The plan of a scenario that a command line stands for.
pub fn plan(text: String, settings: &[String], manner: &RunManner) -> Result<Plan, Failure> {
    scenario::plan_of(resolved(text, settings, manner)?, manner.quiet)
}

/// What becomes of such a scenario, whether or not it is a plan.
pub fn resolved(text: String, settings: &[String], manner: &RunManner) -> Result<Resolved, Failure> {
    let files = catalogue::files(&manner.catalogue)?;
    let resolution = Options {
        settings,
        // There is no date whose knowledge it should keep to.
        hindsight: true,
        samples: manner.samples,
        seed: manner.seed,
        without_claims: false,
        catalogue: &files,
    };
    Ok(load("the command line", &resolution, &Typed(text)))
}

/// A text as a value of TOML: a text of JSON is one.
pub fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The day that it is, by the clock of the machine.
pub fn today() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Moment(i32::try_from(since.as_secs() / 86_400).unwrap_or_default()).day()
}

/// A world with one text, and the files that it names.
struct Typed(String);

impl World for Typed {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        if relative_to.is_some() {
            // A configuration that the command line names lies in the folder where it was typed.
            let fail = |reason| WorldError { name: name.to_owned(), reason, nearby: nearby(Path::new(name)) };
            return Ok((name.to_owned(), Box::new(open(Path::new(name)).map_err(fail)?)));
        }
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone().into_bytes()))))
    }
}
