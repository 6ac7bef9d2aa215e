//! The numbers of one draw, and how queries read them.

use gigawatt_plan::plan::{Aggregate, Behaviour, Bin, Grid, Plan, Query, ResultId, Vocabulary};

/// Values of every stock and flow of a plan on its grid. A stock's value is that at the moment or at the end
/// of the quarter; a flow's is that of the interval which ends at the moment, or of the quarter.
#[derive(Clone, Debug)]
pub struct Series {
    values: Vec<f64>,
    starts: Vec<usize>,
}

impl Series {
    /// Room for all results of a plan.
    pub fn new(plan: &Plan) -> Self {
        let moments = plan.axis.len();
        let quarters = plan.accounts.map_or(0, |accounts| accounts.quarters);
        let mut starts = vec![0];
        let mut total = 0;
        for path in &plan.vocabulary.paths {
            if matches!(path.behaviour, Behaviour::Stock | Behaviour::Flow | Behaviour::Whole) {
                total += match path.grid {
                    Grid::Moments => moments,
                    Grid::Quarters => quarters,
                    Grid::Plan => 1,
                };
            }
            starts.push(total);
        }
        Self { values: vec![0.0; total], starts }
    }

    /// The values of a stock or flow.
    pub fn get(&self, id: ResultId) -> &[f64] {
        &self.values[self.starts[id.0 as usize]..self.starts[id.0 as usize + 1]]
    }

    /// The values of a stock or flow, to write.
    pub fn get_mut(&mut self, id: ResultId) -> &mut [f64] {
        &mut self.values[self.starts[id.0 as usize]..self.starts[id.0 as usize + 1]]
    }

    /// Adds the values of one result to those of another on the same grid.
    pub fn accumulate(&mut self, from: ResultId, to: ResultId) {
        let (from, to) =
            (self.starts[from.0 as usize], self.starts[to.0 as usize]..self.starts[to.0 as usize + 1]);
        for (offset, index) in to.enumerate() {
            self.values[index] += self.values[from + offset];
        }
    }

    /// Sets all values to zero.
    pub fn clear(&mut self) {
        self.values.fill(0.0);
    }

    /// Reads a query; not a number where a ratio has nothing below it.
    pub fn read(&self, plan: &Plan, query: &Query) -> f64 {
        let vocabulary = &plan.vocabulary;
        let path = vocabulary.get(query.result);
        let stock = path.behaviour == Behaviour::Stock;
        let over = |index: usize| {
            self.base(vocabulary, query.result, query.bins[index], query.before.get(index).copied())
        };
        let bins = 0..query.bins.len();
        match query.aggregate {
            Aggregate::At => over(0),
            Aggregate::Sum => bins.map(over).sum(),
            Aggregate::Mean if stock => self.time_mean(plan, query),
            #[expect(clippy::cast_precision_loss, reason = "few bins")]
            Aggregate::Mean => bins.map(over).sum::<f64>() / query.bins.len() as f64,
            Aggregate::Max if stock => self.extreme_level(vocabulary, query, f64::max),
            Aggregate::Min if stock => self.extreme_level(vocabulary, query, f64::min),
            Aggregate::Max => bins.map(over).reduce(f64::max).unwrap_or(f64::NAN),
            Aggregate::Min => bins.map(over).reduce(f64::min).unwrap_or(f64::NAN),
            Aggregate::Change if stock => {
                let bin = query.bins[0];
                self.level(vocabulary, query.result, bin.hi) - self.level(vocabulary, query.result, bin.lo)
            }
            Aggregate::Change => {
                let before = query.before.first().copied().unwrap_or(query.bins[0]);
                over(0) - self.base(vocabulary, query.result, before, None)
            }
        }
    }

    fn base(&self, vocabulary: &Vocabulary, id: ResultId, bin: Bin, before: Option<Bin>) -> f64 {
        let path = vocabulary.get(id);
        match path.behaviour {
            Behaviour::Stock => self.level(vocabulary, id, bin.hi),
            Behaviour::Whole => self.get(id)[0],
            Behaviour::Flow => {
                // On the moments a flow stands at the end of its interval, on the quarters at the quarter.
                let (lo, hi) = match path.grid {
                    Grid::Moments => (bin.lo as usize + 1, bin.hi as usize + 1),
                    Grid::Quarters | Grid::Plan => (bin.lo as usize, bin.hi as usize),
                };
                self.get(id)[lo..hi].iter().sum()
            }
            Behaviour::Ratio { over, under } => {
                self.base(vocabulary, over, bin, before) / self.base(vocabulary, under, bin, before)
            }
            Behaviour::Growth { of } => {
                let earlier = match vocabulary.get(of).behaviour {
                    Behaviour::Stock => self.level(vocabulary, of, bin.lo),
                    _ => self.base(vocabulary, of, before.unwrap_or(bin), None),
                };
                self.base(vocabulary, of, bin, None) / earlier - 1.0
            }
            Behaviour::Peak { of } => {
                self.get(of)[bin.lo as usize..=bin.hi as usize].iter().copied().fold(f64::MIN, f64::max)
            }
        }
    }

    /// A stock at a moment, or at the start of a quarter, which is the end of the one before.
    fn level(&self, vocabulary: &Vocabulary, id: ResultId, at: u32) -> f64 {
        match vocabulary.get(id).grid {
            Grid::Moments => self.get(id)[at as usize],
            Grid::Quarters | Grid::Plan => self.get(id)[(at as usize).saturating_sub(1)],
        }
    }

    /// The greatest or least level of a stock at any of its moments within a stretch.
    fn extreme_level(&self, vocabulary: &Vocabulary, query: &Query, pick: fn(f64, f64) -> f64) -> f64 {
        let bin = query.bins[0];
        let values = self.get(query.result);
        let range = match vocabulary.get(query.result).grid {
            Grid::Moments => &values[bin.lo as usize..=bin.hi as usize],
            Grid::Quarters | Grid::Plan => &values[bin.lo as usize..bin.hi as usize],
        };
        range.iter().copied().reduce(pick).unwrap_or(f64::NAN)
    }

    /// The mean of a stock over time, by trapezia.
    fn time_mean(&self, plan: &Plan, query: &Query) -> f64 {
        let bin = query.bins[0];
        let values = self.get(query.result);
        if plan.vocabulary.get(query.result).grid == Grid::Quarters {
            let range = &values[bin.lo as usize..bin.hi as usize];
            #[expect(clippy::cast_precision_loss, reason = "few quarters")]
            return range.iter().sum::<f64>() / range.len() as f64;
        }
        let (lo, hi) = (bin.lo as usize, bin.hi as usize);
        if lo == hi {
            return values[lo];
        }
        let area: f64 = (lo..hi)
            .map(|at| 0.5 * (values[at] + values[at + 1]) * (plan.axis[at + 1].days() - plan.axis[at].days()))
            .sum();
        area / (plan.axis[hi].days() - plan.axis[lo].days())
    }
}
