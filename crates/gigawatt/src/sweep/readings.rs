//! What is read at every point: results at a time, and values of claims.

use gigawatt_engine::Reading;
use gigawatt_plan::period::{Period, parse_period};
use gigawatt_plan::plan::{ClaimTest, Plan};
use gigawatt_plan::quantity::Dimension;
use gigawatt_plan::resolve::{headlines, period_query, whole_query};
use gigawatt_plan::text::{SourceId, Span, Spanned, Value, nearest};

use crate::failure::Failure;

/// A number that is read at every point, under its name.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its column: `finance.capex.cash@2025`, `claim.capex-2025`.
    pub name: String,
    /// What it measures.
    pub dimension: Dimension,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Claim(String),
    Result { path: String, period: Period },
}

impl Named {
    /// How it is read from a plan; `None` where the plan has no such result.
    pub fn reading(&self, plan: &Plan) -> Option<Reading> {
        match &self.what {
            What::Claim(name) => {
                let claim = plan.claims.iter().find(|claim| claim.name == *name)?;
                let ClaimTest::Bounds(bounds) = &claim.test else { return None };
                Some(Reading { query: bounds.query.clone(), bounds: Some(bounds.clone()) })
            }
            What::Result { path, period } => {
                let result = plan.vocabulary.find(path)?;
                let query = whole_query(plan, result).or_else(|| period_query(plan, result, *period))?;
                Some(Reading { query, bounds: None })
            }
        }
    }

    /// Whether it has bounds to keep.
    pub fn is_claim(&self) -> bool {
        matches!(self.what, What::Claim(_))
    }
}

/// What `--result` names, or the headlines of the plan's year.
pub fn readings(written: &[String], plan: &Plan) -> Result<Vec<Named>, Failure> {
    if written.is_empty() {
        let paths = headlines(plan).into_iter().map(|(result, _)| plan.vocabulary.get(result).path.clone());
        return paths.map(|path| result(&path, None, plan)).collect();
    }
    let mut named: Vec<Named> = Vec::new();
    for text in written {
        let (path, when) =
            text.split_once('@').map_or((text.as_str(), None), |(path, when)| (path, Some(when)));
        let found = match path.strip_prefix("claim.") {
            Some(claim) => self::claim(claim, when, plan)?,
            None => result(path, when, plan)?,
        };
        if named.iter().all(|other| other.name != found.name) {
            named.push(found);
        }
    }
    Ok(named)
}

fn claim(name: &str, when: Option<&str>, plan: &Plan) -> Result<Named, Failure> {
    let bounds = plan.claims.iter().find(|claim| claim.name == name).map(|claim| &claim.test);
    match (bounds, when) {
        (Some(ClaimTest::Bounds(bounds)), None) => Ok(Named {
            name: format!("claim.{name}"),
            dimension: bounds.dimension,
            what: What::Claim(name.to_owned()),
        }),
        (Some(ClaimTest::Bounds(bounds)), Some(_)) => Err(Failure::BadArgument {
            message: format!("the claim `{name}` is read {}, as it says itself", bounds.when),
            help: Some(format!(
                "write --result claim.{name}, or name the result: --result {}@...",
                bounds.path
            )),
        }),
        (Some(ClaimTest::NotJudged { .. }), _) => Err(Failure::BadArgument {
            message: format!("nothing here computes the claim `{name}`"),
            help: None,
        }),
        (None, _) => Err(Failure::BadArgument {
            message: format!("the scenario has no claim `{name}`"),
            help: nearest(name, plan.claims.iter().map(|claim| claim.name.as_str()))
                .map(|near| format!("did you mean `claim.{near}`?")),
        }),
    }
}

fn result(path: &str, when: Option<&str>, plan: &Plan) -> Result<Named, Failure> {
    let Some(id) = plan.vocabulary.find(path) else {
        let paths = plan.vocabulary.paths.iter().map(|entry| entry.path.as_str());
        let help = match nearest(path, paths) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`gw explain SCENARIO` lists the results".to_owned(),
        };
        return Err(Failure::BadArgument {
            message: format!("there is no result `{path}`"),
            help: Some(help),
        });
    };
    let period = match when {
        None => Period::year(plan.year),
        Some(when) => {
            let span = Span { source: SourceId(0), start: 0, end: 0 };
            let node = Spanned { value: Value::Text(when.to_owned()), span };
            parse_period(&node, "result").map_err(|wrong| Failure::BadArgument {
                message: format!("`{path}@{when}`: {}", wrong.message),
                help: Some("write a year or a quarter, such as @2025 or @2025Q3".to_owned()),
            })?
        }
    };
    let whole = whole_query(plan, id).is_some();
    let name = if whole { path.to_owned() } else { format!("{path}@{period}") };
    let dimension = plan.vocabulary.get(id).dimension;
    let named = Named { name, dimension, what: What::Result { path: path.to_owned(), period } };
    if named.reading(plan).is_none() {
        return Err(Failure::BadArgument {
            message: format!("`{path}` is not computed for {period}"),
            help: Some(format!("the plan runs over {}", plan.period)),
        });
    }
    Ok(named)
}
