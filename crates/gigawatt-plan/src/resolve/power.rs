//! The supply of sites: stages put in order, names looked up, what makes no sense told.

use crate::catalog::Kind;
use crate::fact::Written;
use crate::period::Moment;
use crate::plan::{
    BatteryPlan, ContractPlan, GenerationPlan, GridLimits, Input, PowerEvent, PowerEventKind, PowerPlan,
    Redundancy, Running, StagePlan, StoragePlan,
};
use crate::quantity::{Dimension, Quantity, format_quantity};
use crate::scenario::{EventSection, GenerationSection, PowerSection, StageSection, StorageSection};
use crate::text::{Diagnostic, Span, Spanned};

use super::Resolver;

/// The entry whose start and rise generators have unless they say otherwise.
const GENERATOR: &str = "generator";
/// The entry whose round trip storage has unless it says otherwise.
const STORAGE: &str = "site-battery";
/// The kind of stage that the grid feeds.
const FEED: &str = "feed";

impl Resolver<'_> {
    /// Every supply in the order written; `None` where one of them is incomplete.
    pub(super) fn power(&mut self) -> Option<Vec<PowerPlan>> {
        let scenario = self.scenario;
        let mut supplied: Vec<(usize, Span)> = Vec::new();
        let mut whole = Vec::new();
        for section in &scenario.power {
            let site = self.site_index(section.site.as_ref());
            if let (Some(site), Some(named)) = (site, &section.site) {
                match supplied.iter().find(|(other, _)| *other == site) {
                    Some((_, first)) => self.diagnostics.push(
                        Diagnostic::error(named.span, format!("`{}` is supplied twice", named.value))
                            .label("second")
                            .also(*first, "first")
                            .help("put what supplies a site into one [[power]]"),
                    ),
                    None => supplied.push((site, named.span)),
                }
            }
            whole.push(self.supply(section, site));
        }
        whole.into_iter().collect()
    }

    fn supply(&mut self, section: &PowerSection, site: Option<usize>) -> Option<PowerPlan> {
        let name = section.site.as_ref().map_or("", |site| site.value.as_str()).to_owned();
        let path = format!("power.{name}");
        let stages = self.stages(section, &path);
        let generation: Vec<Option<GenerationPlan>> = section
            .generation
            .iter()
            .flatten()
            .map(|one| self.generation(one, &format!("{path}.generation.{}", one.name.value)))
            .collect();
        let events: Vec<Option<PowerEvent>> =
            section.events.iter().map(|event| self.event(event, &path)).collect();
        let contracts: Vec<Option<ContractPlan>> =
            section.contracts.iter().map(|contract| self.electricity_contract(contract, &path)).collect();
        let deferrable = self.deferrable(section.deferrable.as_ref(), &path);
        let battery = section.battery.as_ref().and_then(|(energy, power)| {
            self.above_nothing("energy", energy, Dimension::Energy)?;
            self.above_nothing("power", power, Dimension::Power)?;
            Some(BatteryPlan {
                energy: self.written(format!("{path}.battery.energy"), energy),
                power: self.written(format!("{path}.battery.power"), power),
            })
        });
        let storage =
            section.storage.as_ref().map(|storage| self.storage(storage, &format!("{path}.storage")));
        let mut limit = |field: &str| {
            let written = section.values.get(field)?;
            self.above_nothing(field, written, Dimension::Power)?;
            Some(self.written(format!("{path}.{field}"), written))
        };
        let limits =
            GridLimits { ramp: limit("ramp_limit"), range: limit("range_limit"), band: limit("band_limit") };
        Some(PowerPlan {
            site: site?,
            stages: stages?,
            generation: generation.into_iter().collect::<Option<_>>()?,
            battery,
            storage: storage.map_or(Some(None), |whole| whole.map(Some))?,
            contracts: contracts.into_iter().collect::<Option<_>>()?,
            deferrable: deferrable?,
            events: events.into_iter().collect::<Option<_>>()?,
            limits,
        })
    }

    /// The stages, each after the one that feeds it.
    fn stages(&mut self, section: &PowerSection, path: &str) -> Option<Vec<StagePlan>> {
        let stages = &section.stages;
        let mut sound = true;
        let mut feeders: Vec<Option<usize>> = Vec::new();
        for (index, stage) in stages.iter().enumerate() {
            if let Some(first) = stages[..index].iter().find(|other| other.name.value == stage.name.value) {
                self.diagnostics.push(
                    Diagnostic::error(stage.name.span, format!("`{}` is there twice", stage.name.value))
                        .label("second")
                        .also(first.name.span, "first"),
                );
                sound = false;
            }
            feeders.push(self.feeder(stages, stage, &mut sound));
        }
        let order = self.ordered(stages, &feeders, &mut sound);
        if !sound {
            return None;
        }
        let plans: Vec<Option<StagePlan>> = order
            .iter()
            .map(|index| {
                let above =
                    feeders[*index].and_then(|feeder| order.iter().position(|placed| *placed == feeder));
                self.stage(&stages[*index], above, &format!("{path}.stage.{}", stages[*index].name.value))
            })
            .collect();
        plans.into_iter().collect()
    }

    /// The stage that feeds another, by its index; none for what the grid feeds.
    fn feeder(&mut self, stages: &[StageSection], stage: &StageSection, sound: &mut bool) -> Option<usize> {
        let is_feed = stage.kind.as_ref().is_some_and(|kind| kind.value == FEED);
        match (&stage.fed_by, is_feed) {
            (Some(named), true) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        named.span,
                        format!("`{}` is a feed, which the grid feeds", stage.name.value),
                    )
                    .help("leave `fed_by` out, or give it another kind"),
                );
                *sound = false;
                None
            }
            (None, true) => None,
            (None, false) => {
                self.diagnostics.push(
                    Diagnostic::error(stage.span, format!("nothing feeds `{}`", stage.name.value))
                        .help("name the stage before it: fed_by = \"transformer\""),
                );
                *sound = false;
                None
            }
            (Some(named), false) => {
                let at = stages.iter().position(|other| other.name.value == named.value);
                if at.is_none() {
                    let message = format!("there is no stage `{}`", named.value);
                    let known = stages.iter().map(|other| other.name.value.as_str());
                    self.diagnostics
                        .push(Diagnostic::error(named.span, message).suggest(&named.value, known));
                    *sound = false;
                }
                at
            }
        }
    }

    /// Indices of stages so that each comes after the one that feeds it; tells of circles.
    fn ordered(
        &mut self,
        stages: &[StageSection],
        feeders: &[Option<usize>],
        sound: &mut bool,
    ) -> Vec<usize> {
        let mut order: Vec<usize> = Vec::new();
        let mut placed = vec![false; stages.len()];
        loop {
            let ready = (0..stages.len())
                .find(|index| !placed[*index] && feeders[*index].is_none_or(|feeder| placed[feeder]));
            let Some(ready) = ready else { break };
            placed[ready] = true;
            order.push(ready);
        }
        let Some(stuck) = (0..stages.len()).find(|index| !placed[*index]) else { return order };
        // From anything that cannot be placed the way up leads into a circle.
        let mut at = stuck;
        for _ in 0..stages.len() {
            at = feeders[at].unwrap_or(at);
        }
        let mut circle = vec![at];
        while let Some(next) = feeders[circle[circle.len() - 1]].filter(|next| *next != at) {
            circle.push(next);
        }
        let names: Vec<&str> =
            circle.iter().chain(&[at]).map(|index| stages[*index].name.value.as_str()).collect();
        let span = stages[at].fed_by.as_ref().map_or(stages[at].span, |named| named.span);
        self.diagnostics.push(
            Diagnostic::error(span, format!("stages feed one another in a circle: {}", names.join(" ← ")))
                .help("feed one of them from the grid's side"),
        );
        *sound = false;
        order
    }

    fn stage(&mut self, stage: &StageSection, above: Option<usize>, path: &str) -> Option<StagePlan> {
        let kind = stage.kind.as_ref()?.value.clone();
        let value = |field: &str| stage.values.get(field);
        let rating = self.above_nothing("rating", value("rating")?, Dimension::Power);
        let mut right = self.check_efficiency(
            value("efficiency"),
            "an efficiency lies above 0 and at 1 at most",
            "write what comes out over what goes in, such as 0.97",
        );
        if let Some(loss) = value("fixed_loss") {
            let (low, high) = loss.value.distribution.range();
            if low < 0.0 || high >= 1.0 {
                self.diagnostics.push(
                    Diagnostic::error(loss.span, "a fixed loss lies between 0 and 1, over the rating")
                        .help("write what a unit loses whatever it carries, such as 0.01"),
                );
                right = false;
            }
        }
        let redundancy = match &stage.redundancy {
            None => Some(Redundancy::None),
            Some(written) => self.redundancy(written, stage.units),
        };
        let rated = rating.map(|rating| self.written(format!("{path}.rating"), rating));
        let mut loss = |field: &'static str| {
            let from = (Kind::Electrical, kind.as_str(), field);
            self.written_or_fact(format!("{path}.{field}"), value(field), from, stage.span)
        };
        let (efficiency, fixed_loss) = (loss("efficiency"), loss("fixed_loss"));
        right.then_some(())?;
        Some(StagePlan {
            name: stage.name.value.clone(),
            kind: kind.clone(),
            above,
            rating: rated?,
            units: stage.units,
            redundancy: redundancy?,
            efficiency: efficiency?,
            fixed_loss: fixed_loss?,
        })
    }

    fn redundancy(&mut self, written: &Spanned<String>, units: u32) -> Option<Redundancy> {
        let Some(redundancy) = Redundancy::parse(&written.value) else {
            self.diagnostics.push(
                Diagnostic::error(written.span, format!("`{}` is not a redundancy", written.value))
                    .help("write N, N+1, 2N or 4-to-make-3"),
            );
            return None;
        };
        if redundancy.usable(units) <= 0.0 || redundancy == Redundancy::Double && units < 2 {
            self.diagnostics.push(
                Diagnostic::error(
                    written.span,
                    format!(
                        "`{}` leaves nothing of {units} unit{}",
                        written.value,
                        if units == 1 { "" } else { "s" }
                    ),
                )
                .help("give it more `units`, or less redundancy"),
            );
            return None;
        }
        Some(redundancy)
    }

    fn generation(&mut self, section: &GenerationSection, path: &str) -> Option<GenerationPlan> {
        let power = self.above_nothing("power", section.values.get("power")?, Dimension::Power)?;
        let power = self.written(format!("{path}.power"), power);
        let mut time = |field: &'static str| {
            let from = (Kind::Electrical, GENERATOR, field);
            self.written_or_fact(format!("{path}.{field}"), section.values.get(field), from, section.span)
        };
        let (start, rise) = (time("start"), time("rise"));
        let words = section.running.as_ref().map_or("standby", |running| running.value.as_str());
        let running = Running::ALL.iter().find(|(_, word)| *word == words).map(|(running, _)| *running)?;
        Some(GenerationPlan { name: section.name.value.clone(), power, start: start?, rise: rise?, running })
    }

    fn storage(&mut self, section: &StorageSection, path: &str) -> Option<StoragePlan> {
        let energy = self.positive(section, "energy", path);
        let power = self.positive(section, "power", path);
        let hold = match section.values.get("hold") {
            None => Some(None),
            Some(_) => self.positive(section, "hold", path).map(Some),
        };
        let returned = section.values.get("round_trip");
        let right = self.check_efficiency(
            returned,
            "a round trip lies above 0 and at 1 at most",
            "write what comes back of what goes in, such as 0.85",
        );
        let from = (Kind::Electrical, STORAGE, "round_trip");
        let round_trip = self.written_or_fact(format!("{path}.round_trip"), returned, from, section.span);
        right.then_some(())?;
        Some(StoragePlan { energy: energy?, power: power?, round_trip: round_trip?, hold: hold? })
    }

    /// Whether a part that comes out of what goes in, where one is written, lies above nothing and at all of it at most.
    fn check_efficiency(&mut self, written: Option<&Spanned<Written>>, message: &str, help: &str) -> bool {
        let Some(written) = written else { return true };
        let (low, high) = written.value.distribution.range();
        let right = low > 0.0 && high <= 1.0;
        if !right {
            self.diagnostics.push(Diagnostic::error(written.span, message).help(help));
        }
        right
    }

    /// A value of storage that is written and above nothing.
    fn positive<Q: Quantity>(
        &mut self,
        section: &StorageSection,
        field: &str,
        path: &str,
    ) -> Option<Input<Q>> {
        let written = section.values.get(field)?;
        self.above_nothing(field, written, Q::DIMENSION)?;
        Some(self.written(format!("{path}.{field}"), written))
    }

    fn event(&mut self, event: &EventSection, path: &str) -> Option<PowerEvent> {
        let words = event.kind.as_ref()?;
        let kind = PowerEventKind::ALL.iter().find(|(_, word)| *word == words.value)?.0;
        let path = format!("{path}.event.{}", event.name.value);
        let lasts = self.above_nothing("lasts", event.values.get("lasts")?, Dimension::Duration)?;
        let lasts = self.written(format!("{path}.lasts"), lasts);
        let power = event.values.get("power");
        match (kind, power) {
            (PowerEventKind::FeedLoss, Some(power)) => {
                self.diagnostics.push(
                    Diagnostic::error(power.span, "the loss of a feed has no `power`")
                        .help("leave it out: what a feed carries is lost with it"),
                );
                return None;
            }
            (PowerEventKind::Curtailment | PowerEventKind::DemandResponse, None) => {
                let message = format!("`power` is missing in an event of the kind `{}`", words.value);
                self.diagnostics.push(Diagnostic::error(event.span, message).help(
                    "write what the grid still gives (curtailment) or what is taken less (demand-response)",
                ));
                return None;
            }
            _ => {}
        }
        let on = event.on.as_ref()?;
        let planned = self.scenario.period.value;
        let day = Moment::start_of(on.value);
        if day < planned.start || day >= planned.end {
            self.diagnostics.push(super::fleet::outside(on.span, &format!("{}", on.value), planned));
            return None;
        }
        let power = power.map(|power| self.written(format!("{path}.power"), power));
        Some(PowerEvent { name: event.name.value.clone(), kind, on: day, hour: event.hour, lasts, power })
    }

    /// A value that has to be above nothing.
    pub(super) fn above_nothing<'w>(
        &mut self,
        field: &str,
        written: &'w Spanned<Written>,
        dimension: Dimension,
    ) -> Option<&'w Spanned<Written>> {
        let (low, _) = written.value.distribution.range();
        if low > 0.0 {
            return Some(written);
        }
        let verb = if written.value.distribution.is_uncertain() { "may be" } else { "is" };
        self.diagnostics.push(
            Diagnostic::error(written.span, format!("`{field}` {verb} {}", format_quantity(dimension, low)))
                .help(format!("write it above 0, such as {}", dimension.example())),
        );
        None
    }
}
