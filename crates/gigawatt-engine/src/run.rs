//! The graph of stages, and the run that samples it.

use std::sync::Arc;

use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::{Aggregate, Behaviour, Grid, Plan, Query, ResultId, ServingPlan};
use gigawatt_plan::resolve::{headlines, period_query, whole_query, yearly_and_quarterly};
use gigawatt_plan::world::Observer;
use rayon::prelude::*;

use crate::buildout::Buildout;
use crate::claims::{Judgement, judge};
use crate::demand::Demands;
use crate::draw::{Draw, Sampler};
use crate::facility::Facility;
use crate::finance::Finance;
use crate::hour::{self, AcceleratorHour};
use crate::influence::influences_with;
use crate::power::operation::Operation;
use crate::ranking::{Ranking, RankingPrices};
use crate::series::Series;
use crate::spread::{Described, Spread, Subject, spreads};
use crate::training::{Prices, Runs, UnfitPhase};
use crate::uncertainty::{Quantiles, quantiles};

/// Raised whenever a law changes what it computes, so that results of older laws are not reused.
pub const LAWS_REVISION: u32 = 11;

/// How dear a stage is: what is cheap is computed again in every draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// Microseconds: part of every draw.
    EveryDraw,
    /// Milliseconds: priced once for a plan as a table over the inputs that it depends on, which every draw reads.
    Table,
}

/// A stage of the graph.
pub struct Stage {
    /// Its name, the first segment of its results' paths.
    pub name: &'static str,
    /// Stages whose results it reads; they stand before it.
    pub reads: &'static [&'static str],
    /// How dear it is.
    pub tier: Tier,
    law: fn(&mut Evaluation, &Plan, Draw<'_>),
}

/// The stages in the order in which they run.
pub const STAGES: [Stage; 6] = [
    Stage {
        name: "buildout",
        reads: &[],
        tier: Tier::EveryDraw,
        law: |evaluation, plan, draw| evaluation.buildout.run(plan, draw, &mut evaluation.series),
    },
    Stage {
        name: "facility",
        reads: &["buildout"],
        tier: Tier::Table,
        law: |evaluation, plan, draw| {
            evaluation.facility.run(plan, draw, &evaluation.buildout, &mut evaluation.series);
        },
    },
    Stage {
        name: "finance",
        reads: &["buildout", "facility"],
        tier: Tier::EveryDraw,
        law: |evaluation, plan, draw| {
            let (buildout, facility) = (&evaluation.buildout, &evaluation.facility);
            evaluation.finance.run(plan, draw, buildout, facility, &mut evaluation.series);
        },
    },
    Stage {
        name: "training",
        reads: &["facility", "finance"],
        tier: Tier::Table,
        law: |evaluation, plan, draw| {
            evaluation.training.run(plan, draw, &evaluation.facility, &mut evaluation.series);
        },
    },
    Stage {
        name: "demand",
        reads: &[],
        tier: Tier::EveryDraw,
        law: |evaluation, plan, draw| evaluation.demand.run(plan, draw, &mut evaluation.series),
    },
    Stage {
        name: "ranking",
        reads: &["facility", "finance"],
        tier: Tier::Table,
        law: |evaluation, plan, draw| {
            evaluation.ranking.run(plan, draw, &evaluation.facility, &mut evaluation.series);
        },
    },
];

/// One draw's results and the room in which they are computed; kept from draw to draw.
pub struct Evaluation {
    series: Series,
    buildout: Buildout,
    facility: Facility,
    finance: Finance,
    training: Runs,
    demand: Demands,
    ranking: Ranking,
}

/// What is computed once for a plan, however many draws are made of it and by however many tasks.
#[derive(Clone, Debug)]
pub struct Tables {
    training: Arc<Prices>,
    ranking: Arc<RankingPrices>,
    operation: Arc<Operation>,
}

impl Tables {
    /// Those of a plan.
    pub fn new(plan: &Plan) -> Self {
        let training = Arc::new(Prices::new(plan));
        let operation = Arc::new(Operation::new(plan, &training));
        Self { training, ranking: Arc::new(RankingPrices::new(plan)), operation }
    }

    /// Those of a plan that differs in its training runs alone.
    pub(crate) fn with_training_of(&self, plan: &Plan) -> Self {
        let training = Arc::new(Prices::new(plan));
        let operation = Arc::new(Operation::new(plan, &training));
        Self { training, operation, ..self.clone() }
    }

    /// Training runs of the plan, priced.
    pub fn prices(&self) -> &Prices {
        &self.training
    }
}

impl Evaluation {
    /// Room for a plan.
    pub fn new(plan: &Plan) -> Self {
        Self::with(plan, &Tables::new(plan))
    }

    /// Room for a plan whose tables are there.
    pub fn with(plan: &Plan, tables: &Tables) -> Self {
        Self {
            series: Series::new(plan),
            buildout: Buildout::default(),
            facility: Facility::new(plan, Arc::clone(&tables.operation)),
            finance: Finance::default(),
            training: Runs::new(Arc::clone(&tables.training)),
            demand: Demands::default(),
            ranking: Ranking::new(Arc::clone(&tables.ranking)),
        }
    }

    /// Runs every stage on a draw.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>) -> &Series {
        self.series.clear();
        for stage in &STAGES {
            (stage.law)(self, plan, draw);
        }
        &self.series
    }

    /// What an accelerator of a service takes, in the draw that was run last.
    pub fn accelerator_hour(&self, plan: &Plan, draw: Draw<'_>, service: &ServingPlan) -> AcceleratorHour {
        AcceleratorHour {
            power: hour::power(plan, draw, (service.system, service.place), &self.facility),
            price: hour::price(plan, draw, (service.system, service.price), &self.series),
        }
    }
}

/// When a result is one number for the whole plan.
pub const WHOLE: &str = "plan";

/// A result at a year or quarter, sampled.
#[derive(Clone, Debug)]
pub struct Table {
    /// Which result.
    pub result: ResultId,
    /// When, in words: `2025`, `2025Q3`, a day for a level, or [`WHOLE`].
    pub when: String,
    /// How it is read.
    pub query: Query,
    /// In the reference case.
    pub reference: f64,
    /// Over the draws.
    pub quantiles: Quantiles,
}

/// Everything a run knows.
pub struct Results {
    /// Every result by year, and by quarter where that is of interest.
    pub tables: Vec<Table>,
    /// Claims, in the order of the plan.
    pub judgements: Vec<Judgement>,
    /// The spreads of the claims' values and of the headlines.
    pub spreads: Vec<Spread>,
    /// The reference case by day.
    pub daily: Daily,
    /// Phases of training runs that are priced although they cannot run as they are planned.
    pub unfit: Vec<UnfitPhase>,
}

/// Results of the reference case at the end of every day of the plan.
pub struct Daily {
    /// The days, as the moments at which they end.
    pub moments: Vec<Moment>,
    /// Values, read with the ids of the plan's vocabulary.
    pub series: Series,
}

/// The user asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Draws that one task takes: large enough to enter each random stream seldom, small enough to share evenly.
const CHUNK: u32 = 125;

/// Memory given to the sampled columns of one pass over the draws.
const SAMPLE_BYTES: usize = 80 << 20;

/// Runs a plan: the reference case by day, the Monte Carlo simulation, and the claims.
///
/// Draws are numbered, tasks take consecutive ones and their rows are put together in order, so the results
/// do not depend on the number of threads.
///
/// # Errors
/// [`Cancelled`] when the observer says so.
pub fn run(plan: &Plan, observer: &dyn Observer) -> Result<Results, Cancelled> {
    run_with(plan, &Tables::new(plan), observer)
}

/// [`run`] of a plan whose tables are there.
///
/// # Errors
/// [`Cancelled`] when the observer says so.
pub fn run_with(plan: &Plan, priced: &Tables, observer: &dyn Observer) -> Result<Results, Cancelled> {
    let mut tables = table_columns(plan);
    let reference_draw = Draw::reference(plan);
    let mut evaluation = Evaluation::with(plan, priced);
    let reference = evaluation.run(plan, Draw::new(&reference_draw));
    for table in &mut tables {
        table.reference = reference.read(plan, &table.query);
    }
    let subjects = subjects(plan, &tables);
    let described: Vec<Query> =
        subjects.iter().filter_map(|subject| subject.query(plan, &tables)).cloned().collect();
    let described: Vec<&Query> = described.iter().collect();
    let kept = sample_tables(plan, priced, &described, &mut tables, observer)?;
    let influences = influences_with(plan, priced, &described);
    let spreads = {
        let parts = subjects.iter().zip(kept.iter().zip(&influences));
        let all: Vec<Described<'_>> = parts
            .map(|(subject, (values, influence))| Described { subject: *subject, values, influence })
            .collect();
        spreads(plan, &all, SAMPLE_BYTES)
    };
    let judgements = judge(plan, priced, &kept, &influences, observer)?;
    let daily = daily(plan, priced, &reference_draw);
    Ok(Results { tables, judgements, spreads, daily, unfit: priced.training.unfit(plan) })
}

/// What spreads are told of: the claims that have a value, then the headlines of the plan's year.
fn subjects(plan: &Plan, tables: &[Table]) -> Vec<Subject> {
    let claims = plan.claims.iter().enumerate().filter(|(_, claim)| claim.test.query().is_some());
    let headlines = headlines(plan);
    let tables = headlines.iter().filter_map(|(result, query)| {
        tables.iter().position(|table| table.result == *result && table.query == *query)
    });
    claims.map(|(index, _)| Subject::Claim(index)).chain(tables.map(Subject::Table)).collect()
}

/// Samples the tables' columns, and returns those of the `described` queries in the order of the draws.
fn sample_tables(
    plan: &Plan,
    priced: &Tables,
    described: &[&Query],
    tables: &mut [Table],
    observer: &dyn Observer,
) -> Result<Vec<Vec<f64>>, Cancelled> {
    let mut kept = Vec::new();
    let mut columns = Vec::new();
    {
        let queries: Vec<&Query> =
            described.iter().copied().chain(tables.iter().map(|table| &table.query)).collect();
        // A pass over the draws keeps only as many columns as memory is given for; a later pass draws the same.
        let per_pass = (SAMPLE_BYTES / (size_of::<f64>() * plan.samples as usize)).max(1);
        for (pass, group) in queries.chunks(per_pass).enumerate() {
            let sample = sample(plan, priced, group, plan.samples, &|_| {}, observer)?;
            let kept_here = described.len().saturating_sub(pass * per_pass).min(group.len());
            kept.extend((0..kept_here).map(|column| sample.column(column)));
            let rest: Vec<Quantiles> = (kept_here..group.len())
                .into_par_iter()
                .map(|column| quantiles(&mut sample.column(column)))
                .collect();
            columns.extend(rest);
        }
    }
    for (table, quantiles) in tables.iter_mut().zip(columns) {
        table.quantiles = quantiles;
    }
    Ok(kept)
}

/// Every result at every year, and at quarters where it is reported by quarter.
fn table_columns(plan: &Plan) -> Vec<Table> {
    let mut columns = Vec::new();
    let periods = yearly_and_quarterly(plan);
    let empty = Quantiles { p10: 0.0, p50: 0.0, p90: 0.0, mean: 0.0 };
    for (index, path) in plan.vocabulary.paths.iter().enumerate() {
        let result = ResultId(u32::try_from(index).unwrap_or(u32::MAX));
        if let Some(query) = whole_query(plan, result) {
            let when = WHOLE.to_owned();
            columns.push(Table { result, when, query, reference: 0.0, quantiles: empty });
            continue;
        }
        for (period, is_quarter) in &periods {
            if *is_quarter && !path.by_quarter {
                continue;
            }
            let Some(query) = period_query(plan, result, *period) else { continue };
            let level = query.aggregate == Aggregate::At
                || matches!(path.behaviour, Behaviour::Ratio { over, .. } if plan.vocabulary.get(over).behaviour == Behaviour::Stock);
            let when = if level && path.grid == Grid::Moments {
                period.end.day_before().to_string()
            } else {
                period.to_string()
            };
            // The fourth quarter ends with the year: a level is listed once.
            let listed = |table: &Table| table.result == result && table.when == when;
            if *is_quarter && columns.iter().rev().take(periods.len()).any(listed) {
                continue;
            }
            columns.push(Table { result, when, query, reference: 0.0, quantiles: empty });
        }
    }
    columns
}

/// Values of queries over draws, in chunks of rows.
pub(crate) struct Sample {
    chunks: Vec<Vec<f64>>,
    width: usize,
}

impl Sample {
    /// The values of one query in the order of the draws.
    pub fn column(&self, column: usize) -> Vec<f64> {
        self.chunks.iter().flat_map(|chunk| chunk[column..].iter().step_by(self.width).copied()).collect()
    }
}

/// Evaluates queries over the first `draws` draws; `adjust` may change each drawn row before it is used.
pub(crate) fn sample(
    plan: &Plan,
    tables: &Tables,
    queries: &[&Query],
    draws: u32,
    adjust: &(dyn Fn(&mut [f64]) + Sync),
    observer: &dyn Observer,
) -> Result<Sample, Cancelled> {
    let sampler = Sampler::new(plan, plan.seed);
    let inputs = sampler.inputs().max(1);
    let starts: Vec<u32> = (0..draws).step_by(CHUNK as usize).collect();
    let done = std::sync::atomic::AtomicU64::new(0);
    let chunks: Result<Vec<Vec<f64>>, Cancelled> = starts
        .into_par_iter()
        .map_init(
            || (Evaluation::with(plan, tables), Vec::new()),
            |(evaluation, rows), start| {
                if observer.cancelled() {
                    return Err(Cancelled);
                }
                let count = CHUNK.min(draws - start);
                rows.clear();
                rows.resize(count as usize * inputs, 0.0);
                sampler.fill(u64::from(start), rows);
                let mut out = Vec::with_capacity(count as usize * queries.len());
                for row in rows.chunks_exact_mut(inputs) {
                    adjust(row);
                    let series = evaluation.run(plan, Draw::new(row));
                    out.extend(queries.iter().map(|query| series.read(plan, query)));
                }
                let total = done.fetch_add(u64::from(count), std::sync::atomic::Ordering::Relaxed);
                observer.progress("draws", total + u64::from(count), u64::from(draws));
                Ok(out)
            },
        )
        .collect();
    Ok(Sample { chunks: chunks?, width: queries.len().max(1) })
}

fn daily(plan: &Plan, tables: &Tables, reference: &[f64]) -> Daily {
    let moments: Vec<Moment> = (plan.period.start.0..=plan.period.end.0).map(Moment).collect();
    let by_day = Plan { axis: moments.clone(), integrated: vec![true; moments.len()], ..plan.clone() };
    // What is computed once for a plan does not depend on its axis.
    let mut evaluation = Evaluation::with(&by_day, tables);
    let series = evaluation.run(&by_day, Draw::new(reference)).clone();
    Daily { moments, series }
}
