//! The work of one part: its points evaluated, as columns.

use gigawatt_engine::{Cancelled, Reading, Sampled, reference_runs, sampled_runs};
use gigawatt_plan::plan::{InputId, Plan};
use gigawatt_plan::world::Observer;
use gigawatt_report::columns::{Column, Kind};
use rayon::prelude::*;

use super::axis::{Axis, Level};
use super::design::Design;
use super::readings::Named;
use super::resolver::Resolver;

/// Everything that a point's results follow from.
pub struct Work<'a> {
    /// The scenario without what varies.
    pub plan: &'a Plan,
    /// Resolves it with settings.
    pub resolver: &'a Resolver<'a>,
    /// What varies.
    pub axes: &'a [Axis],
    /// The points.
    pub design: &'a Design,
    /// What is read.
    pub readings: &'a [Named],
    /// Draws at every point; the reference case alone where there are none.
    pub draws: Option<u32>,
}

/// The results of a point, or why it is no plan.
type Row = Result<Vec<f64>, String>;

/// The results of points, row by row, and what is wrong with those that are no plan, where that may be.
struct Rows {
    values: Vec<f64>,
    errors: Option<Vec<Option<String>>>,
}

/// What the columns of a reading with draws end with.
const STATISTICS: [&str; 4] = ["p10", "p50", "p90", "mean"];

impl Work<'_> {
    /// Whether some path changes more than an input, so that every point is resolved.
    pub fn resolves(&self) -> bool {
        self.axes.iter().any(|axis| axis.input.is_none())
    }

    /// Names and kinds of the columns, in their order.
    pub fn columns(&self) -> Vec<(String, Kind)> {
        let mut columns = vec![("point".to_owned(), Kind::Integer)];
        columns.extend(
            self.axes.iter().map(|axis| {
                (axis.path.clone(), if axis.input.is_some() { Kind::Number } else { Kind::Text })
            }),
        );
        columns.extend(self.names().into_iter().map(|name| (name, Kind::Number)));
        if self.resolves() {
            columns.push(("error".to_owned(), Kind::Text));
        }
        columns
    }

    /// Names of the columns of results.
    fn names(&self) -> Vec<String> {
        let of = |named: &Named| match self.draws {
            None => vec![named.name.clone()],
            Some(_) => {
                let mut names: Vec<String> =
                    STATISTICS.iter().map(|statistic| format!("{}.{statistic}", named.name)).collect();
                if named.is_claim() {
                    names.push(format!("{}.probability", named.name));
                }
                names
            }
        };
        self.readings.iter().flat_map(of).collect()
    }

    /// Index of the column that stands for a reading: its reference case, or its median.
    pub fn column_of(&self, reading: usize) -> usize {
        let width = |named: &Named| match self.draws {
            None => 1,
            Some(_) => STATISTICS.len() + usize::from(named.is_claim()),
        };
        let before: usize = self.readings[..reading].iter().map(width).sum();
        1 + self.axes.len() + before + usize::from(self.draws.is_some())
    }

    /// How dear a point is, in reference runs.
    pub fn weight(&self) -> u64 {
        // A scenario is read and resolved in the time of about sixty runs.
        u64::from(self.draws.unwrap_or(1)) + if self.resolves() { 60 } else { 0 }
    }

    /// The columns of the points `first..end`.
    pub fn part(&self, first: u64, end: u64, observer: &dyn Observer) -> Result<Vec<Column>, Cancelled> {
        let points: Vec<Vec<Level>> =
            (first..end).into_par_iter().map(|number| self.design.point(number, self.axes)).collect();
        let rows = if self.resolves() {
            self.resolved(&points, observer)?
        } else {
            Rows { values: self.direct(&points, observer)?, errors: None }
        };
        let numbers = (first..end).map(|number| i64::try_from(number).unwrap_or(i64::MAX));
        let mut columns = vec![Column::Integers(numbers.collect())];
        for (at, axis) in self.axes.iter().enumerate() {
            let values = points.iter().map(|point| &point[at]);
            columns.push(if axis.input.is_some() {
                Column::Numbers(
                    values
                        .map(|level| if let Level::Number(value) = level { *value } else { f64::NAN })
                        .collect(),
                )
            } else {
                Column::Texts(
                    values
                        .map(|level| if let Level::Text(text) = level { Some(text.clone()) } else { None })
                        .collect(),
                )
            });
        }
        let width = self.names().len();
        columns.extend((0..width).map(|column| {
            Column::Numbers(rows.values.iter().skip(column).step_by(width).copied().collect())
        }));
        columns.extend(rows.errors.map(Column::Texts));
        Ok(columns)
    }

    /// Results of points at which nothing but inputs varies: the plan is the same at all of them.
    fn direct(&self, points: &[Vec<Level>], observer: &dyn Observer) -> Result<Vec<f64>, Cancelled> {
        let readings: Vec<Reading> =
            self.readings.iter().filter_map(|named| named.reading(self.plan)).collect();
        let varied: Vec<InputId> = self.axes.iter().filter_map(|axis| axis.input).collect();
        let number = |level: &Level| if let Level::Number(value) = level { *value } else { f64::NAN };
        let values: Vec<Vec<f64>> = points.iter().map(|point| point.iter().map(number).collect()).collect();
        self.evaluate(self.plan, &varied, &values, &readings, observer)
    }

    fn evaluate(
        &self,
        plan: &Plan,
        varied: &[InputId],
        values: &[Vec<f64>],
        readings: &[Reading],
        observer: &dyn Observer,
    ) -> Result<Vec<f64>, Cancelled> {
        match self.draws {
            None => reference_runs(plan, varied, values, readings, observer),
            Some(draws) => {
                let sampled = sampled_runs(plan, varied, values, readings, draws, observer)?;
                let row = |Sampled { quantiles: q, probability }: Sampled| {
                    [q.p10, q.p50, q.p90, q.mean].into_iter().chain(probability)
                };
                Ok(sampled.into_iter().flat_map(row).collect())
            }
        }
    }

    /// Results of points of which each is a plan of its own, and what is wrong with those that are none.
    fn resolved(&self, points: &[Vec<Level>], observer: &dyn Observer) -> Result<Rows, Cancelled> {
        let width = self.names().len();
        let all: Result<Vec<Row>, Cancelled> = points
            .par_iter()
            .map(|point| {
                if observer.cancelled() {
                    return Err(Cancelled);
                }
                self.one_resolved(point, observer)
            })
            .collect();
        let mut rows = Rows { values: Vec::with_capacity(points.len() * width), errors: Some(Vec::new()) };
        for row in all? {
            let errors = rows.errors.get_or_insert_default();
            match row {
                Ok(values) => {
                    rows.values.extend(values);
                    errors.push(None);
                }
                Err(error) => {
                    rows.values.extend(std::iter::repeat_n(f64::NAN, width));
                    errors.push(Some(error));
                }
            }
        }
        Ok(rows)
    }

    /// The results of one point, or why it is no plan.
    fn one_resolved(&self, point: &[Level], observer: &dyn Observer) -> Result<Row, Cancelled> {
        let mut settings = Vec::new();
        let mut numbers = Vec::new();
        for (axis, level) in self.axes.iter().zip(point) {
            match level {
                Level::Text(text) => settings.push(format!("{}={text}", axis.path)),
                Level::Number(value) => numbers.push((axis.path.as_str(), *value)),
            }
        }
        let plan = match self.resolver.plan(&settings) {
            Ok(plan) => plan,
            Err(wrong) => {
                let first = wrong.diagnostics.first().map(|diagnostic| diagnostic.message.clone());
                return Ok(Err(first.unwrap_or_default()));
            }
        };
        let mut varied = Vec::new();
        for (path, _) in &numbers {
            match plan.find_input(path) {
                Some(input) => varied.push(input),
                None => return Ok(Err(format!("`{path}` is not an input of this plan"))),
            }
        }
        let values = vec![numbers.iter().map(|(_, value)| *value).collect()];
        let mut readings = Vec::new();
        for named in self.readings {
            match named.reading(&plan) {
                Some(reading) => readings.push(reading),
                None => return Ok(Err(format!("`{}` is not a result of this plan", named.name))),
            }
        }
        self.evaluate(&plan, &varied, &values, &readings, observer).map(Ok)
    }
}
