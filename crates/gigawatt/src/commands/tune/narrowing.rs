//! What the command line lays over the space of a search.

use gigawatt_engine::training::search::Space;
use gigawatt_plan::text::nearest;
use gigawatt_plan::training::written::value;
use gigawatt_plan::training::{
    ContextExchange, Offload, Overlap, RankOrder, Recompute, Schedule, SequenceParallel, Sharding,
};

/// The most values that a range may have.
const MOST: u64 = 4096;

/// Dimensions and what they may be.
#[derive(Clone, Debug)]
pub struct Narrowing(Vec<Dimension>);

/// A dimension and what it may be.
#[derive(Clone, Debug)]
enum Dimension {
    Number(NumbersOf, Vec<u64>),
    Sequence(Vec<SequenceParallel>),
    Exchange(Vec<ContextExchange>),
    Schedule(Vec<Schedule>),
    Recompute(Vec<Recompute>),
    Sharding(Vec<Sharding>),
    RankOrder(Vec<RankOrder>),
    Offload(Vec<Offload>),
    TensorOverlap(Vec<Overlap>),
    DataOverlap(Vec<Overlap>),
}

/// Where a space has the numbers of a dimension.
type NumbersOf = fn(&mut Space) -> &mut Vec<u64>;

/// Dimensions that are numbers.
const NUMBERS: [(&str, NumbersOf); 7] = [
    ("tensor", |space| &mut space.tensor),
    ("context", |space| &mut space.context),
    ("pipeline", |space| &mut space.pipeline),
    ("virtual_stages", |space| &mut space.virtual_stages),
    ("expert", |space| &mut space.expert),
    ("expert_tensor", |space| &mut space.expert_tensor),
    ("micro_batch", |space| &mut space.micro_batch),
];

/// Dimensions that are words.
const WORDS: [&str; 9] = [
    "sequence_parallel",
    "context_exchange",
    "schedule",
    "recompute",
    "sharding",
    "rank_order",
    "offload",
    "tensor_overlap",
    "data_overlap",
];

const SWITCH: [(bool, &str); 4] = [(true, "on"), (false, "off"), (true, "true"), (false, "false")];

impl Narrowing {
    /// Reads `tensor=4,8`.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, values) = split(text)?;
        Ok(Self(vec![dimension(name, values)?]))
    }

    /// Reads `tensor=4,pipeline=32`: one value for each dimension.
    ///
    /// # Errors
    /// What was expected instead.
    pub fn parse_layout(text: &str) -> Result<Self, String> {
        let one = |text: &str| {
            let (name, value) = split(text.trim())?;
            dimension(name, value)
        };
        text.split(',').map(one).collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Lays it over a space.
    pub fn apply(&self, space: &mut Space) {
        for dimension in &self.0 {
            match dimension {
                Dimension::Number(of, values) => of(space).clone_from(values),
                Dimension::Sequence(values) => space.sequence.clone_from(values),
                Dimension::Exchange(values) => space.context_exchange.clone_from(values),
                Dimension::Schedule(values) => space.schedule.clone_from(values),
                Dimension::Recompute(values) => space.recompute.clone_from(values),
                Dimension::Sharding(values) => space.sharding.clone_from(values),
                Dimension::RankOrder(values) => space.rank_order.clone_from(values),
                Dimension::Offload(values) => space.offload.clone_from(values),
                Dimension::TensorOverlap(values) => {
                    switch(space, values, |framework, overlap| framework.tensor_overlap = overlap);
                }
                Dimension::DataOverlap(values) => {
                    switch(space, values, |framework, overlap| framework.data_overlap = overlap);
                }
            }
        }
    }
}

/// Every software of a space with each of some values.
fn switch(space: &mut Space, values: &[Overlap], set: fn(&mut gigawatt_plan::training::Framework, Overlap)) {
    let mut all = Vec::new();
    for framework in &space.frameworks {
        for value in values {
            let mut one = *framework;
            set(&mut one, *value);
            if !all.contains(&one) {
                all.push(one);
            }
        }
    }
    space.frameworks = all;
}

fn split(text: &str) -> Result<(&str, &str), String> {
    text.split_once('=')
        .ok_or_else(|| format!("expected DIMENSION=VALUES such as tensor=4,8, found `{text}`"))
}

fn dimension(name: &str, values: &str) -> Result<Dimension, String> {
    if let Some((_, of)) = NUMBERS.iter().find(|(known, _)| *known == name) {
        return Ok(Dimension::Number(*of, whole(name, values)?));
    }
    let overlap = |on: bool| if on { Overlap::On } else { Overlap::Off };
    let switches = || words(name, values, &SWITCH);
    Ok(match name {
        "sequence_parallel" => {
            let on = |on| if on { SequenceParallel::On } else { SequenceParallel::Off };
            Dimension::Sequence(switches()?.into_iter().map(on).collect())
        }
        "context_exchange" => Dimension::Exchange(words(name, values, &ContextExchange::WORDS)?),
        "schedule" => Dimension::Schedule(words(name, values, &Schedule::ALL)?),
        "recompute" => Dimension::Recompute(recomputes(values)?),
        "sharding" => Dimension::Sharding(words(name, values, &Sharding::WORDS)?),
        "rank_order" => Dimension::RankOrder(words(name, values, &RankOrder::WORDS)?),
        "offload" => Dimension::Offload(words(name, values, &Offload::WORDS)?),
        "tensor_overlap" => Dimension::TensorOverlap(switches()?.into_iter().map(overlap).collect()),
        "data_overlap" => Dimension::DataOverlap(switches()?.into_iter().map(overlap).collect()),
        _ => {
            let known = || NUMBERS.iter().map(|(name, _)| *name).chain(WORDS);
            let hint = match nearest(name, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected one of {}", known().collect::<Vec<_>>().join(", ")),
            };
            return Err(format!("there is no dimension `{name}`: {hint}"));
        }
    })
}

/// Whole numbers and ranges of them: `1,2,8..16`.
fn whole(name: &str, values: &str) -> Result<Vec<u64>, String> {
    let number = |text: &str| {
        let number = text.trim().parse::<u64>().ok().filter(|number| *number > 0);
        number.ok_or_else(|| {
            format!("expected whole numbers from 1 for `{name}`, such as 1,2,4 or 1..8, found `{text}`")
        })
    };
    let mut all = Vec::new();
    for part in values.split(',') {
        match part.split_once("..") {
            None => all.push(number(part)?),
            Some((low, high)) => {
                let (low, high) = (number(low)?, number(high)?);
                if low > high || high - low >= MOST {
                    return Err(format!(
                        "expected a range of 1 to {MOST} numbers for `{name}`, found `{part}`"
                    ));
                }
                all.extend(low..=high);
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn words<T: Copy + PartialEq>(
    name: &str,
    values: &str,
    known: &[(T, &'static str)],
) -> Result<Vec<T>, String> {
    let mut all = Vec::new();
    for word in values.split(',').map(str::trim) {
        let Some(one) = value(known, word) else {
            let words = known.iter().map(|(_, word)| *word).collect::<Vec<_>>();
            let hint = match nearest(word, words.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected {}", words.join(", ")),
            };
            return Err(format!("`{name}` cannot be `{word}`: {hint}"));
        };
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

/// Words, and numbers of layers of every stage.
fn recomputes(values: &str) -> Result<Vec<Recompute>, String> {
    let mut all = Vec::new();
    for word in values.split(',').map(str::trim) {
        if word.starts_with(|first: char| first.is_ascii_digit()) {
            all.extend(whole("recompute", word)?.into_iter().map(Recompute::Layers));
        } else {
            all.extend(words("recompute", word, &Recompute::WORDS)?);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Narrowing::parse(text).unwrap_err()
    }

    #[test]
    fn dimensions_are_read_with_ranges_and_words() {
        let Narrowing(all) = Narrowing::parse("tensor=1,4..6").unwrap();
        assert!(matches!(&all[..], [Dimension::Number(_, values)] if *values == [1, 4, 5, 6]));
        let Narrowing(all) = Narrowing::parse("recompute=none,2..3,full").unwrap();
        let some = [Recompute::None, Recompute::Layers(2), Recompute::Layers(3), Recompute::Full];
        assert!(matches!(&all[..], [Dimension::Recompute(values)] if *values == some));
        let Narrowing(all) = Narrowing::parse_layout("tensor=4, schedule=gpipe").unwrap();
        assert_eq!(all.len(), 2);
    }

    #[test]
    fn mistakes_are_told_with_what_would_be_right() {
        assert!(error("tenser=4").contains("did you mean `tensor`"));
        assert!(error("tensor=0").contains("from 1"));
        assert!(error("tensor").contains("DIMENSION=VALUES"));
        assert!(error("sharding=optimiser").contains("did you mean `optimizer`"));
        assert!(error("pipeline=1..999999").contains("4096"));
    }
}
