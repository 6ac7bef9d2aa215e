//! Axes: a path that varies, and the values it takes.

use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::plan::{InputId, Plan};
use gigawatt_plan::resolve::matches_pattern;
use gigawatt_plan::text::{Diagnostic, SourceMap, Spanned};
use gigawatt_plan::vary::{Values, Vary, parse_vary};
use gigawatt_report::run_id;
use rayon::prelude::*;
use serde::Serialize;

use super::resolver::Resolver;
use crate::failure::Failure;

/// A path that varies.
#[derive(Clone, Debug, Serialize)]
pub struct Axis {
    /// The path.
    pub path: String,
    /// The input of the plan that it is; `None` where it changes more than one input's value, so that every point is
    /// resolved anew.
    #[serde(skip)]
    pub input: Option<InputId>,
    /// What it takes.
    pub levels: Levels,
    /// Hashes of the plans that the written values make, where every point is resolved anew: they stand for the texts
    /// that those plans are from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<String>,
}

/// The values of a path.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Levels {
    /// Each of these.
    Listed(Vec<Level>),
    /// Everything between two numbers, in a unit that is written behind.
    Between { low: f64, high: f64, unit: String },
    /// Those of the input's own distribution.
    Distribution(Distribution),
}

/// One value.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Level {
    /// Of an input, in base units.
    Number(f64),
    /// Of a setting, as written.
    Text(String),
}

impl Axis {
    /// The value at a coordinate between 0 and 1.
    pub fn at(&self, coordinate: f64) -> Level {
        match &self.levels {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "an index within the list"
            )]
            Levels::Listed(levels) => {
                levels[((coordinate * levels.len() as f64) as usize).min(levels.len() - 1)].clone()
            }
            Levels::Between { low, high, unit } => self.number(low + (high - low) * coordinate, unit),
            Levels::Distribution(distribution) => Level::Number(distribution.at_probability(coordinate)),
        }
    }

    /// Number of values, where they are listed.
    pub fn listed(&self) -> Option<&[Level]> {
        match &self.levels {
            Levels::Listed(levels) => Some(levels),
            _ => None,
        }
    }

    fn number(&self, value: f64, unit: &str) -> Level {
        if self.input.is_some() { Level::Number(value) } else { Level::Text(format!("{value}{unit}")) }
    }
}

/// Reads what varies, and tries every value that is written: a mistake is told before the first run.
///
/// A path that is no input of the plan because the scenario leaves it to the catalogue becomes one with its first
/// value: `base` is then the plan with that value, and the resolver adopts it.
pub fn axes(written: &[String], base: &mut Plan, resolver: &mut Resolver<'_>) -> Result<Vec<Axis>, Failure> {
    let mut sources = SourceMap::default();
    let varied = read(written, base, &mut sources)?;
    let mut axes = Vec::new();
    let mut diagnostics = Vec::new();
    for vary in varied {
        adopt(&vary, base, resolver)?;
        match axis(&vary, base, resolver)? {
            Ok(axis) => axes.push(axis),
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    if !diagnostics.is_empty() {
        return Err(Failure::BadInput { diagnostics, sources });
    }
    for axis in axes.iter_mut().filter(|axis| axis.input.is_some()) {
        // What was adopted later may have moved it.
        axis.input = base.find_input(&axis.path);
    }
    Ok(axes)
}

/// The variations as they are written, each path once.
fn read(written: &[String], base: &Plan, sources: &mut SourceMap) -> Result<Vec<Vary>, Failure> {
    let mut diagnostics = Vec::new();
    let mut varied: Vec<Vary> = Vec::new();
    for text in written {
        let source = sources.add("--vary", text.as_str());
        match parse_vary(sources, source) {
            Ok(vary) => varied.extend(expanded(vary, base)),
            Err(diagnostic) => diagnostics.push(diagnostic),
        }
    }
    for (index, vary) in varied.iter().enumerate() {
        if let Some(earlier) = varied[..index].iter().find(|earlier| earlier.path.value == vary.path.value) {
            diagnostics.push(
                Diagnostic::error(vary.path.span, format!("`{}` varies twice", vary.path.value))
                    .also(earlier.path.span, "here first"),
            );
        }
    }
    if diagnostics.is_empty() {
        Ok(varied)
    } else {
        Err(Failure::BadInput { diagnostics, sources: std::mem::take(sources) })
    }
}

/// Makes a path an input of the plan by its first value, where that is enough.
fn adopt(vary: &Vary, base: &mut Plan, resolver: &mut Resolver<'_>) -> Result<(), Failure> {
    let path = &vary.path.value;
    let first = match &vary.values {
        Values::Distribution => return Ok(()),
        Values::List(values) => &values[0],
        Values::Range { low, .. } => low,
    };
    if base.find_input(path).is_some() {
        return Ok(());
    }
    let setting = format!("{path}={}", first.value);
    let plan = resolver.plan(std::slice::from_ref(&setting)).map_err(|wrong| Failure::from(*wrong))?;
    if plan.find_input(path).is_some_and(|id| !plan.input(id).distribution.is_uncertain()) {
        resolver.adopt(setting);
        *base = plan;
    }
    Ok(())
}

/// A path with stars as every uncertain input that it matches, a star alone as all of them.
fn expanded(vary: Vary, base: &Plan) -> Vec<Vary> {
    if vary.values != Values::Distribution || !vary.path.value.contains('*') {
        return vec![vary];
    }
    let pattern = &vary.path.value;
    let uncertain = base.inputs.iter().filter(|input| input.distribution.is_uncertain());
    let matching: Vec<Vary> = uncertain
        .filter(|input| pattern == "*" || matches_pattern(pattern, &input.path))
        .map(|input| Vary {
            path: Spanned { value: input.path.clone(), span: vary.path.span },
            values: Values::Distribution,
        })
        .collect();
    if matching.is_empty() { vec![vary] } else { matching }
}

/// What a written value makes of the plan.
enum Tried {
    /// Another value of one input and nothing else.
    Input(InputId, f64),
    /// Another plan, by its hash.
    Plan(String),
}

fn try_value(path: &str, text: &str, base: &Plan, resolver: &Resolver<'_>) -> Result<Tried, Failure> {
    let plan = resolver.plan(&[format!("{path}={text}")]).map_err(|wrong| Failure::from(*wrong))?;
    let hash = run_id(&plan);
    let (Some(id), Some(found)) = (base.find_input(path), plan.find_input(path)) else {
        return Ok(Tried::Plan(hash));
    };
    let Distribution::Constant { value } = plan.input(found).distribution else {
        return Ok(Tried::Plan(hash));
    };
    if id != found || plan.inputs.len() != base.inputs.len() {
        return Ok(Tried::Plan(hash));
    }
    let mut same = plan;
    // What the value was cited from may be cited no more, and what is given takes no part in a common cause.
    same.bibliography.clone_from(&base.bibliography);
    same.correlations.clone_from(&base.correlations);
    same.inputs[id.0 as usize] = base.input(id).clone();
    Ok(if same == *base { Tried::Input(id, value) } else { Tried::Plan(hash) })
}

/// Hashes of the plans among what was tried.
fn plans(tried: &[Tried]) -> Vec<String> {
    let hash = |tried: &Tried| if let Tried::Plan(hash) = tried { Some(hash.clone()) } else { None };
    tried.iter().filter_map(hash).collect()
}

/// An axis, or what is wrong with it; a value that the scenario refuses is told as the scenario's mistake.
fn axis(vary: &Vary, base: &Plan, resolver: &Resolver<'_>) -> Result<Result<Axis, Box<Diagnostic>>, Failure> {
    let path = vary.path.value.clone();
    match &vary.values {
        Values::Distribution => Ok(own_distribution(vary, base)),
        Values::List(values) => {
            let tried: Vec<Tried> = values
                .par_iter()
                .map(|value| try_value(&path, &value.value, base, resolver))
                .collect::<Result<_, Failure>>()?;
            let numbers: Option<Vec<Level>> = tried
                .iter()
                .map(|tried| match tried {
                    Tried::Input(_, value) => Some(Level::Number(*value)),
                    Tried::Plan(_) => None,
                })
                .collect();
            let input = match tried.first() {
                Some(Tried::Input(id, _)) if numbers.is_some() => Some(*id),
                _ => None,
            };
            let texts = || values.iter().map(|value| Level::Text(value.value.clone())).collect();
            let plans = if input.is_some() { Vec::new() } else { plans(&tried) };
            Ok(Ok(Axis { path, input, levels: Levels::Listed(numbers.unwrap_or_else(texts)), plans }))
        }
        Values::Range { low, high, steps } => {
            let ends = [
                try_value(&path, &low.value, base, resolver)?,
                try_value(&path, &high.value, base, resolver)?,
            ];
            let (input, (from, to), unit) = match &ends {
                [Tried::Input(id, from), Tried::Input(_, to)] => (Some(*id), (*from, *to), String::new()),
                _ => match (split(&low.value), split(&high.value)) {
                    (Some((from, unit)), Some((to, other))) if unit == other => {
                        (None, (from, to), unit.to_owned())
                    }
                    _ => {
                        return Ok(Err(Box::new(
                            Diagnostic::error(low.span, "a range needs two numbers in one unit")
                                .also(high.span, "the other end")
                                .help(format!("list the values: {path}=a,b,c")),
                        )));
                    }
                },
            };
            if from >= to {
                let message =
                    format!("the range of `{path}` does not rise: its lower end is not below its upper");
                let diagnostic =
                    Diagnostic::error(low.span, message).label("lower end").also(high.span, "upper end");
                return Ok(Err(Box::new(diagnostic)));
            }
            let levels = Levels::Between { low: from, high: to, unit: unit.clone() };
            let plans = if input.is_some() { Vec::new() } else { plans(&ends) };
            let between = Axis { path, input, levels, plans };
            let Some(steps) = *steps else { return Ok(Ok(between)) };
            #[expect(clippy::cast_precision_loss, reason = "few steps")]
            let level = |step: u64| {
                let way = step as f64 / (steps - 1) as f64;
                // The upper end is met exactly.
                between.number(if step + 1 == steps { to } else { from + (to - from) * way }, &unit)
            };
            let levels = Levels::Listed((0..steps).map(level).collect());
            Ok(Ok(Axis { levels, ..between }))
        }
    }
}

fn own_distribution(vary: &Vary, base: &Plan) -> Result<Axis, Box<Diagnostic>> {
    let path = &vary.path.value;
    let uncertain = || base.inputs.iter().filter(|input| input.distribution.is_uncertain());
    match base.find_input(path) {
        Some(id) if base.input(id).distribution.is_uncertain() => Ok(Axis {
            path: path.clone(),
            input: Some(id),
            levels: Levels::Distribution(base.input(id).distribution),
            plans: Vec::new(),
        }),
        Some(_) => Err(Box::new(
            Diagnostic::error(vary.path.span, format!("`{path}` is certain, it has no distribution"))
                .help(format!("say what it takes: {path}=a,b,c or {path}=low..high")),
        )),
        None => Err(Box::new(
            Diagnostic::error(vary.path.span, format!("`{path}` is not an uncertain input of this plan"))
                .suggest(path, uncertain().map(|input| input.path.as_str())),
        )),
    }
}

/// A number and what is written behind it: `0.3 GW` is 0.3 and ` GW`.
fn split(text: &str) -> Option<(f64, &str)> {
    let text = text.trim_matches(['"', '\'']);
    let number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'_');
    let end = text.bytes().position(|byte| !number(byte)).unwrap_or(text.len());
    let value: f64 = text[..end].replace('_', "").parse().ok()?;
    value.is_finite().then_some((value, &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_before_their_unit() {
        assert_eq!(split("0.3 GW"), Some((0.3, " GW")));
        assert_eq!(split("1_000"), Some((1000.0, "")));
        assert_eq!(split("-10 %"), Some((-10.0, " %")));
        assert_eq!(split("2025-01-01"), None);
        assert_eq!(split("gb200"), None);
    }

    #[test]
    fn coordinates_reach_every_listed_value() {
        let levels = Levels::Listed(vec![Level::Number(1.0), Level::Number(2.0), Level::Number(3.0)]);
        let axis = Axis { path: "a".to_owned(), input: None, levels, plans: Vec::new() };
        let found = [0.0, 0.32, 0.34, 0.66, 0.67, 1.0].map(|coordinate| axis.at(coordinate));
        assert_eq!(found, [1.0, 1.0, 2.0, 2.0, 3.0, 3.0].map(Level::Number));
    }
}
