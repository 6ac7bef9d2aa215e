//! One look at every job of a trace: what is missing, what cannot be, and how much it asks for.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use super::names::{NameId, Names};
use super::reader::{JobReader, TraceHeader};
use super::record::{JobRecord, JobState, SizeUnit};
use super::report::{
    Finding, FindingKind, Order, Percentiles, Pool, Span, StateShare, TraceQuality, WeekLoad,
};
use super::window::{RecentIds, Sorting, WINDOW};
use crate::trace::LogHistogram;

/// Seconds of a week.
const WEEK: i64 = 7 * DAY;
/// Seconds of a day.
const DAY: i64 = 86_400;
/// Weeks that are told apart, before and after the first job: 96 years. Work outside of these counts, but for no week.
const WEEKS: i64 = 5000;
/// Pools that are told apart; those that come later are put together.
const POOLS: usize = 256;
/// Seconds that a run may differ from what is written elsewhere: a scheduler takes a while to end a job.
const SLACK: u64 = 60;

/// Units that there are for the jobs of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capacity {
    /// Of the whole machine.
    pub machine: Option<u64>,
    /// Of single pools, by their name in the trace.
    pub pools: BTreeMap<String, u64>,
}

/// Work of a pool so far.
#[derive(Debug, Default)]
struct Demand {
    jobs: u64,
    work: u128,
    weeks: BTreeMap<i64, u128>,
}

impl Demand {
    fn add(&mut self, week: i64, work: u128) {
        self.jobs += 1;
        self.work = self.work.saturating_add(work);
        if week.abs() <= WEEKS {
            let sum = self.weeks.entry(week).or_default();
            *sum = sum.saturating_add(work);
        }
    }

    /// The demand in words, where weeks are counted from `anchor`.
    fn tell(&self, name: String, capacity: Option<u64>, span: Option<Span>, anchor: i64) -> Pool {
        let seconds = span.map(|span| real(u128::from(span.seconds()))).filter(|seconds| *seconds > 0.0);
        let units = capacity.filter(|units| *units > 0).map(|units| real(u128::from(units)));
        let work = real(self.work);
        let weeks: Vec<WeekLoad> = self
            .weeks
            .iter()
            .map(|(week, sum)| WeekLoad {
                start: anchor.saturating_add(week * WEEK),
                work: real(*sum),
                load: units.map(|units| real(*sum) / (units * real(WEEK.unsigned_abs().into()))),
            })
            .collect();
        let mean_busy = seconds.map(|seconds| work / seconds);
        let peak = weeks.iter().copied().reduce(|most, week| if week.work > most.work { week } else { most });
        let load = mean_busy.zip(units).map(|(busy, units)| busy / units);
        Pool { name, jobs: self.jobs, capacity, work, mean_busy, load, peak, weeks }
    }
}

/// Collects what there is to say of a trace, in a bounded amount of memory.
#[derive(Debug)]
pub struct Quality {
    unit: SizeUnit,
    capacity: Capacity,
    /// The start of the day on which the first job of the file was submitted, from which weeks are counted.
    anchor: Option<i64>,
    span: Option<Span>,
    order: Order,
    recent: RecentIds,
    sorting: Sorting,
    findings: BTreeMap<FindingKind, Finding>,
    states: BTreeMap<JobState, (u64, u128)>,
    sizes: LogHistogram,
    runs: LogHistogram,
    limits: LogHistogram,
    waits: LogHistogram,
    limit_used: LogHistogram,
    machine: Demand,
    /// By the number of a name; jobs without a pool first.
    pools: Vec<Demand>,
}

impl Quality {
    /// Nothing yet, for sizes in a unit. The machine of the header has a capacity where sizes are processors.
    pub fn new(header: &TraceHeader, unit: SizeUnit, mut capacity: Capacity) -> Self {
        let of_header = header.processors.filter(|_| unit == SizeUnit::Processors);
        capacity.machine = capacity.machine.or(of_header);
        Self {
            unit,
            capacity,
            anchor: None,
            span: None,
            order: Order { rows: 0, furthest: 0, buffer: WINDOW as u64, beyond: 0 },
            recent: RecentIds::default(),
            sorting: Sorting::default(),
            findings: BTreeMap::new(),
            states: BTreeMap::new(),
            sizes: LogHistogram::default(),
            runs: LogHistogram::default(),
            limits: LogHistogram::default(),
            waits: LogHistogram::default(),
            limit_used: LogHistogram::default(),
            machine: Demand::default(),
            pools: Vec::new(),
        }
    }

    /// Reads a trace to its end and reports on it.
    ///
    /// # Errors
    /// Where the stream fails.
    pub fn of<R: BufRead>(
        reader: &mut JobReader<R>,
        unit: SizeUnit,
        capacity: Capacity,
    ) -> io::Result<TraceQuality> {
        let mut quality = Self::new(reader.header(), unit, capacity);
        while let Some(job) = reader.next() {
            quality.observe(&job?, reader.line(), reader.pools());
        }
        Ok(quality.tell(reader))
    }

    /// Looks at a job, which stands in a line, and whose pool is one of some names.
    pub fn observe(&mut self, job: &JobRecord, line: u64, pools: &Names) {
        let mut find = |kind: FindingKind| {
            self.findings.entry(kind).or_insert(Finding { kind, jobs: 0, first_line: line }).jobs += 1;
        };
        let size = job.size(self.unit);
        match size {
            None => find(FindingKind::SizeMissing),
            Some(0) => find(FindingKind::SizeZero),
            Some(size) => self.sizes.add(size),
        }
        let of_pool = match (job.pool, self.capacity.pools.is_empty()) {
            (Some(pool), false) => self.capacity.pools.get(pools.get(pool)).copied(),
            _ => None,
        };
        let limit = of_pool.or(self.capacity.machine);
        if size.zip(limit).is_some_and(|(size, limit)| size > limit) {
            find(FindingKind::LargerThanPool);
        }
        match job.run {
            None => find(FindingKind::RunMissing),
            Some(run) => {
                if run == 0 {
                    find(FindingKind::RunZero);
                }
                self.runs.add(run);
            }
        }
        match job.requested {
            None => find(FindingKind::LimitMissing),
            Some(limit) => {
                self.limits.add(limit);
                if let Some(run) = job.run {
                    if run > limit.saturating_add(SLACK) {
                        find(FindingKind::LongerThanLimit);
                    }
                    if let Some(used) = run.saturating_mul(1000).checked_div(limit) {
                        self.limit_used.add(used);
                    }
                }
            }
        }
        if let Some((start, end)) = job.start.zip(job.end) {
            if end < start {
                find(FindingKind::EndBeforeStart);
            } else if job.run.is_some_and(|run| run.abs_diff(end.abs_diff(start)) > SLACK) {
                find(FindingKind::RunDiffers);
            }
        }
        match job.wait().map(u64::try_from) {
            Some(Ok(wait)) => self.waits.add(wait),
            Some(Err(_)) => find(FindingKind::StartBeforeSubmit),
            None => {}
        }
        if self.recent.repeats(job.id) {
            find(FindingKind::IdRepeated);
        }
        if self.span.is_some_and(|span| job.submit < span.last_submit) {
            find(FindingKind::OutOfOrder);
        }
        self.place(job);
        let work = job.work(self.unit).unwrap_or(0);
        let (jobs, sum) = self.states.entry(job.state).or_default();
        *jobs += 1;
        *sum = sum.saturating_add(work);
        let week = job.submit.saturating_sub(self.anchor.unwrap_or(job.submit)).div_euclid(WEEK);
        self.machine.add(week, work);
        let pool = job.pool.map_or(0, |pool| pool.0 as usize + 1).min(POOLS);
        if self.pools.len() <= pool {
            self.pools.resize_with(pool + 1, Demand::default);
        }
        self.pools[pool].add(week, work);
    }

    /// Widens the time covered and looks at the order.
    fn place(&mut self, job: &JobRecord) {
        let submit = job.submit;
        let ended = job.end.or_else(|| {
            let run = i64::try_from(job.run?).ok()?;
            Some(job.start?.saturating_add(run))
        });
        let last_end = ended.unwrap_or(submit).max(submit);
        self.sorting.push(submit);
        self.anchor.get_or_insert(submit.div_euclid(DAY).saturating_mul(DAY));
        let span = self.span.get_or_insert(Span { first_submit: submit, last_submit: submit, last_end });
        if submit < span.last_submit {
            self.order.rows += 1;
            self.order.furthest = self.order.furthest.max(span.last_submit.abs_diff(submit));
        }
        span.first_submit = span.first_submit.min(submit);
        span.last_submit = span.last_submit.max(submit);
        span.last_end = span.last_end.max(last_end);
    }

    /// The report, with what the reader counted.
    pub fn tell<R: BufRead>(self, reader: &JobReader<R>) -> TraceQuality {
        let jobs = self.machine.jobs;
        let shares = JobState::ALL.into_iter().filter_map(|state| {
            let (of_state, work) = self.states.get(&state)?;
            let whole = self.machine.work.max(1);
            Some(StateShare {
                state,
                jobs: *of_state,
                job_share: real(u128::from(*of_state)) / real(u128::from(jobs)),
                work_share: real(*work) / real(whole),
            })
        });
        let states = shares.collect();
        let anchor = self.anchor.unwrap_or(0);
        let mut pools: Vec<Pool> = (self.pools.iter().enumerate())
            .filter(|(_, demand)| demand.jobs > 0)
            .map(|(number, demand)| {
                let name = match number.checked_sub(1) {
                    None => "(none)",
                    Some(_) if number == POOLS => "(others)",
                    Some(id) => reader.pools().get(NameId(u32::try_from(id).unwrap_or(u32::MAX))),
                };
                let capacity = self.capacity.pools.get(name).copied();
                let mut pool = demand.tell(name.to_owned(), capacity, self.span, anchor);
                pool.weeks.clear();
                pool
            })
            .collect();
        // Where every pool has a capacity the machine is their sum; where one has none, nobody knows.
        let together = pools.iter().map(|pool| pool.capacity).sum::<Option<u64>>();
        let capacity = self.capacity.machine.or(together).filter(|units| *units > 0);
        let machine = self.machine.tell("all".to_owned(), capacity, self.span, anchor);
        pools.sort_by(|one, other| other.work.total_cmp(&one.work));
        TraceQuality {
            header: reader.header().clone(),
            unit: self.unit,
            jobs,
            parts: reader.parts(),
            left_out: reader.left_out(),
            users: reader.users().iter().count() as u64,
            span: self.span,
            order: Order { beyond: self.sorting.failed, ..self.order },
            findings: self.findings.into_values().collect(),
            states,
            sizes: percentiles(&self.sizes),
            runs: percentiles(&self.runs),
            limits: percentiles(&self.limits),
            waits: percentiles(&self.waits),
            limit_used: percentiles(&self.limit_used),
            machine,
            pools,
        }
    }
}

fn percentiles(histogram: &LogHistogram) -> Percentiles {
    Percentiles {
        count: histogram.count(),
        mean: histogram.mean(),
        p10: histogram.quantile(0.1),
        p50: histogram.quantile(0.5),
        p90: histogram.quantile(0.9),
        p99: histogram.quantile(0.99),
        max: histogram.largest(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "shares and loads to 15 digits")]
fn real(number: u128) -> f64 {
    number as f64
}
