//! Entries, their facts, and the bibliography.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Architecture, CompanyHistory, lists, lists_demand};
use crate::fact::Written;
use crate::quantity::Dimension;
use crate::text::{Span, Spanned};
use crate::training::Month;

/// What an entry describes. Each kind has a file (companies one each) and a list of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A chip or package that computes.
    Accelerator,
    /// A server or rack that is bought and delivered as one.
    System,
    /// A price of electricity.
    Electricity,
    /// Cost and time of building.
    Construction,
    /// How an owner runs, pays for and writes off its fleet.
    Practice,
    /// A named site.
    Site,
    /// A place to compare with.
    Place,
    /// A company and what it reported.
    Company,
    /// A language model and its architecture.
    Model,
    /// A fabric, a switch or a transceiver.
    Network,
    /// What the hour of an accelerator costs to rent.
    Rental,
    /// The grid of a region, and what its electricity emits.
    Grid,
    /// How often things failed, as published.
    Reliability,
    /// How a fleet breaks and is kept running.
    Operations,
    /// People, or developers, and what they ask of a service.
    Population,
    /// How requests come over the day and the week.
    Traffic,
    /// A part of the world where people live and replicas may stand.
    Region,
    /// A plant that takes heat away.
    Cooling,
    /// A recommendation model.
    Recommender,
    /// The people of a service, and what ads shown to them earn.
    Audience,
    /// What a better recommendation model was said to bring.
    Uplift,
    /// What lies between grid and racks, and what smooths or carries a load.
    Electrical,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 22] = [
        Self::Accelerator,
        Self::System,
        Self::Electricity,
        Self::Construction,
        Self::Practice,
        Self::Site,
        Self::Place,
        Self::Company,
        Self::Model,
        Self::Network,
        Self::Rental,
        Self::Grid,
        Self::Reliability,
        Self::Operations,
        Self::Population,
        Self::Traffic,
        Self::Region,
        Self::Cooling,
        Self::Recommender,
        Self::Audience,
        Self::Uplift,
        Self::Electrical,
    ];

    /// The name that stands first in a path: `system` in `system.gb200-nvl72.power`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Accelerator => "accelerator",
            Self::System => "system",
            Self::Electricity => "electricity",
            Self::Construction => "construction",
            Self::Practice => "practice",
            Self::Site => "campus",
            Self::Place => "place",
            Self::Company => "company",
            Self::Model => "model",
            Self::Network => "network",
            Self::Rental => "rental",
            Self::Grid => "grid",
            Self::Reliability => "reliability",
            Self::Operations => "operations",
            Self::Population => "population",
            Self::Traffic => "traffic",
            Self::Region => "region",
            Self::Cooling => "cooling",
            Self::Recommender => "recommender",
            Self::Audience => "audience",
            Self::Uplift => "uplift",
            Self::Electrical => "electrical",
        }
    }

    /// The kind of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether a field of this name can be written for entries of the kind.
    pub fn has_field(self, field: &str) -> bool {
        self.texts().contains(&field)
            || self.integers().contains(&field)
            || self.quantities().iter().any(|(name, _)| *name == field)
            || (self == Self::Model && field == "architecture")
    }

    /// The file that holds the kind's entries; companies have a folder.
    pub fn file(self) -> &'static str {
        match self {
            Self::Accelerator => "accelerators.toml",
            Self::System => "systems.toml",
            Self::Electricity => "electricity.toml",
            Self::Construction => "construction.toml",
            Self::Practice => "practices.toml",
            Self::Site => "sites.toml",
            Self::Place => "places.toml",
            Self::Company => "companies/",
            Self::Model => "models.toml",
            Self::Network => "networks.toml",
            Self::Rental => "rentals.toml",
            Self::Grid => "grids.toml",
            Self::Reliability => "reliability.toml",
            Self::Operations => "operations.toml",
            Self::Population => "populations.toml",
            Self::Traffic => "traffic.toml",
            Self::Region => "regions.toml",
            Self::Cooling => "cooling.toml",
            Self::Recommender => "recommenders.toml",
            Self::Audience => "audiences.toml",
            Self::Uplift => "uplifts.toml",
            Self::Electrical => "electrical.toml",
        }
    }

    /// Fields that hold a text.
    pub fn texts(self) -> &'static [&'static str] {
        match self {
            Self::Accelerator => &["title", "vendor", "class", "generation", "shipped", "scale_up_wiring"],
            Self::System => &["title", "accelerator"],
            Self::Model => &["title", "aliases", "vendor", "family", "class"],
            Self::Network => &["title", "vendor", "class"],
            Self::Rental => &["title", "accelerator"],
            Self::Population => &["title", "traffic"],
            Self::Region => &["title", "utc_offset"],
            Self::Cooling => &["title", "liquid_rejection", "air_rejection"],
            Self::Uplift => &["title", "metric"],
            Self::Electrical => &["title", "redundancy"],
            _ => &["title"],
        }
    }

    /// Fields that hold facts, with their dimension.
    pub fn quantities(self) -> &'static [(&'static str, Dimension)] {
        use Dimension as D;
        match self {
            Self::Accelerator => &[
                ("bf16", D::ComputeRate),
                ("fp8", D::ComputeRate),
                ("memory", D::Bytes),
                ("memory_bandwidth", D::Bandwidth),
                ("memory_visible", D::Bytes),
                ("power", D::Power),
                ("scale_up", D::Bandwidth),
                ("scale_up_domain", D::Count),
                ("host_link", D::Bandwidth),
                ("fp4", D::ComputeRate),
                ("int8", D::ComputeRate),
                ("tf32", D::ComputeRate),
                ("fp64", D::ComputeRate),
                ("cache", D::Bytes),
                ("fp32", D::ComputeRate),
                ("processors", D::Count),
                ("special_functions", D::Count),
            ],
            Self::System => &[
                ("power", D::Power),
                ("typical_power", D::Power),
                ("price_per_accelerator", D::Money),
                ("lead_time", D::Duration),
                ("racks", D::Count),
                ("network_per_accelerator", D::Bandwidth),
                ("host_link_per_accelerator", D::Bandwidth),
                ("host_memory_per_accelerator", D::Bytes),
                ("host_bandwidth_per_accelerator", D::Bandwidth),
                ("liquid_share", D::Ratio),
                ("embodied_carbon_per_accelerator", D::Carbon),
            ],
            Self::Electricity => &[("price", D::MoneyPerEnergy)],
            Self::Construction => {
                &[("cost", D::MoneyPerPower), ("time", D::Duration), ("embodied_carbon", D::CarbonPerPower)]
            }
            Self::Practice => &[
                ("utilisation", D::Ratio),
                ("pue", D::Ratio),
                ("network_overhead", D::Ratio),
                ("transit", D::Duration),
                ("burn_in", D::Duration),
                ("payment_terms", D::Duration),
                ("building_life", D::Duration),
                ("existing_asset_runoff", D::Duration),
                ("short_lived_share", D::Ratio),
                ("ai_hardware_share", D::Ratio),
                ("existing_server_share", D::Ratio),
                ("server_life", D::Duration),
                ("cost_of_equity", D::Ratio),
                ("cost_of_debt", D::Ratio),
                ("debt_share", D::Ratio),
                ("tax_rate", D::Ratio),
                ("rental_price", D::HourlyPrice),
                ("rental_decline", D::Ratio),
                ("value_decline", D::Ratio),
                ("allocation", D::Ratio),
                ("maintenance", D::Ratio),
                ("model_flops_utilisation", D::Ratio),
                ("overhead_share", D::Ratio),
            ],
            Self::Grid => &[("carbon_intensity", D::CarbonPerEnergy)],
            Self::Site => &[
                ("land", D::Area),
                ("floor_area", D::Area),
                ("announced_cost", D::Money),
                ("power", D::Power),
            ],
            Self::Place => &[("land", D::Area), ("length", D::Length), ("width", D::Length)],
            Self::Company => &[
                ("server_life", D::Duration),
                ("headcount", D::Count),
                ("cash", D::Money),
                ("long_term_debt", D::Money),
            ],
            Self::Model => lists::MODEL,
            Self::Network => lists::NETWORK,
            Self::Rental => &[("price", D::HourlyPrice)],
            Self::Reliability => lists::RELIABILITY,
            Self::Operations => lists::OPERATIONS,
            Self::Population => lists_demand::POPULATION,
            Self::Traffic => lists_demand::TRAFFIC,
            Self::Region => lists_demand::REGION,
            Self::Cooling => lists::COOLING,
            Self::Recommender => lists::RECOMMENDER,
            Self::Audience => lists::AUDIENCE,
            Self::Uplift => &[("effect", D::Ratio), ("coverage", D::Ratio)],
            Self::Electrical => lists::ELECTRICAL,
        }
    }

    /// Fields that hold a plain integer.
    pub fn integers(self) -> &'static [&'static str] {
        match self {
            Self::System => &["accelerators", "accelerators_per_server"],
            _ => &[],
        }
    }
}

/// One vintage of a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Value, range and provenance; `source` and `known_from` are always given.
    pub written: Written,
    /// The day from which it was public.
    pub known_from: Date,
    /// Where it stands.
    pub span: Span,
}

/// A thing that facts are about.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What it describes.
    pub kind: Kind,
    /// Its name within the kind.
    pub id: String,
    /// Where it stands.
    pub span: Span,
    pub(super) texts: BTreeMap<&'static str, Spanned<String>>,
    pub(super) integers: BTreeMap<&'static str, i64>,
    pub(super) facts: BTreeMap<&'static str, Vec<Fact>>,
    /// What a company reported; empty for other kinds.
    pub history: CompanyHistory,
    /// The architecture of a model, where it was published; none for other kinds.
    pub architecture: Option<Architecture>,
}

impl Entry {
    /// A text of the entry; empty where there is none.
    pub fn text(&self, field: &str) -> &str {
        self.texts.get(field).map_or("", |text| text.value.as_str())
    }

    /// The title for people.
    pub fn title(&self) -> &str {
        self.text("title")
    }

    /// A plain integer of the entry.
    pub fn integer(&self, field: &str) -> Option<i64> {
        self.integers.get(field).copied()
    }

    /// All vintages of a fact, oldest first.
    pub fn vintages(&self, field: &str) -> &[Fact] {
        self.facts.get(field).map_or(&[], Vec::as_slice)
    }

    /// The vintage that was the newest on a day.
    pub fn known_on(&self, field: &str, day: Date) -> Option<&Fact> {
        self.vintages(field).iter().rev().find(|fact| fact.known_from <= day)
    }

    /// Names and values of the texts.
    pub fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.texts.iter().map(|(field, text)| (*field, text.value.as_str()))
    }

    /// Names and values of the plain integers.
    pub fn integers(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.integers.iter().map(|(field, number)| (*field, *number))
    }

    /// Fields that have facts.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.facts.keys().copied()
    }
}

/// How near to the origin a source was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    /// The publisher's own text.
    Primary,
    /// A copy, the press, an account by others.
    Secondary,
    /// A named party's estimate.
    Estimate,
    /// The project's or the user's own assumption.
    Assumption,
}

impl Grade {
    /// The names as they are written.
    pub const NAMES: [&'static str; 4] = ["primary", "secondary", "estimate", "assumption"];

    /// The name as it is written.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "primary" => Self::Primary,
            "secondary" => Self::Secondary,
            "estimate" => Self::Estimate,
            "assumption" => Self::Assumption,
            _ => return None,
        })
    }
}

/// An entry of the bibliography.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Reference {
    /// Title of the document.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// When.
    pub published: Date,
    /// How near to the origin it was read.
    pub grade: Grade,
    /// Where the document is, else the page of its publisher that leads to it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// Where it was read, which day was chosen and why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// All facts and the bibliography behind them.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    pub(super) entries: Vec<Entry>,
    pub(super) bibliography: BTreeMap<String, Reference>,
}

impl Catalogue {
    /// The month in which systems of an accelerator's generation were first delivered in numbers; long ago where that
    /// is not said.
    pub fn shipped(&self, accelerator: &Entry) -> Month {
        let generation = accelerator.text("generation");
        let family = self.entries.iter().filter(|other| {
            other.kind == Kind::Accelerator
                && (other.id == accelerator.id
                    || !generation.is_empty() && other.text("generation") == generation)
        });
        family.filter_map(|other| Month::parse(other.text("shipped"))).min().unwrap_or(Month::new(2000, 1))
    }

    /// The entry of a kind with an id.
    pub fn get(&self, kind: Kind, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind == kind && entry.id == id)
    }

    /// The ids of a kind, in the order written.
    pub fn ids(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.entries.iter().filter(move |entry| entry.kind == kind).map(|entry| entry.id.as_str())
    }

    /// All entries.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The bibliography by id.
    pub fn bibliography(&self) -> &BTreeMap<String, Reference> {
        &self.bibliography
    }
}
