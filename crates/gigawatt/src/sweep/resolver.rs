//! Resolving one scenario again and again, with other settings; its texts are read once.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

use gigawatt_plan::plan::Plan;
use gigawatt_plan::text::{Diagnostic, SourceMap};
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};

use crate::arguments::ScenarioOptions;
use crate::catalogue;
use crate::failure::Failure;
use crate::world::Files;

/// A scenario that is resolved with different settings.
pub struct Resolver<'a> {
    options: &'a ScenarioOptions,
    world: Remembered,
    name: String,
    adopted: Vec<String>,
    /// Catalogue files laid over the built-in ones.
    catalogue: Vec<(String, String)>,
}

/// What is wrong with a scenario.
pub struct Wrong {
    /// Every diagnostic.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts they point at.
    pub sources: SourceMap,
}

impl From<Wrong> for Failure {
    fn from(wrong: Wrong) -> Self {
        Self::BadInput { diagnostics: wrong.diagnostics, sources: wrong.sources }
    }
}

impl<'a> Resolver<'a> {
    /// A resolver of the scenario that the command line names.
    ///
    /// # Errors
    /// Where the folder of catalogue files cannot be read.
    pub fn new(options: &'a ScenarioOptions) -> Result<Self, Failure> {
        let (files, name) = Files::around(&options.path);
        let catalogue = catalogue::files(&options.manner.catalogue)?;
        let world = Remembered { files, texts: Mutex::default() };
        Ok(Self { options, world, name, adopted: Vec::new(), catalogue })
    }

    /// Lays a setting over the scenario in every later plan.
    pub fn adopt(&mut self, setting: String) {
        self.adopted.push(setting);
    }

    /// The plan with further settings laid over those of the command line and those adopted.
    pub fn plan(&self, further: &[String]) -> Result<Plan, Box<Wrong>> {
        let settings: Vec<String> =
            self.options.settings.iter().chain(&self.adopted).chain(further).cloned().collect();
        let options = Options {
            settings: &settings,
            hindsight: self.options.manner.hindsight,
            without_claims: false,
            samples: self.options.manner.samples,
            seed: self.options.manner.seed,
            catalogue: &self.catalogue,
        };
        let resolved = load(&self.name, &options, &self.world);
        let wrong = || Box::new(Wrong { diagnostics: resolved.diagnostics, sources: resolved.sources });
        resolved.plan.ok_or_else(wrong)
    }
}

/// Files of which each is read once: a file that changes while a sweep runs does not change the sweep.
struct Remembered {
    files: Files,
    texts: Mutex<BTreeMap<Asked, Answer>>,
}

/// A name, and the name of the text that asks for it.
type Asked = (String, Option<String>);
/// The name under which a text is known, and the text.
type Answer = (String, Arc<[u8]>);

impl World for Remembered {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        let key = (name.to_owned(), relative_to.map(str::to_owned));
        // A panic while the lock was held left the map as it was.
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known_as, text)) = texts.get(&key) {
            return Ok((known_as.clone(), Box::new(Cursor::new(Arc::clone(text)))));
        }
        let (known_as, stream) = self.files.open(name, relative_to)?;
        let mut text = Vec::new();
        let fail = |error: std::io::Error| WorldError {
            name: name.to_owned(),
            reason: error.to_string(),
            nearby: Vec::new(),
        };
        stream.take(LARGEST).read_to_end(&mut text).map_err(fail)?;
        let text: Arc<[u8]> = text.into();
        texts.insert(key, (known_as.clone(), Arc::clone(&text)));
        Ok((known_as, Box::new(Cursor::new(text))))
    }
}

/// More of a text is not kept; a scenario is far smaller, and the reader refuses one that is not.
const LARGEST: u64 = 8 << 20;
