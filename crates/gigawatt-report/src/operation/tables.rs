//! The fleet in operation as tables.

use gigawatt_engine::fleet::{Drawn, Histories, Loss, State};
use gigawatt_plan::period::Moment;
use gigawatt_plan::plan::Plan;

use super::{gangs_of, seconds};
use crate::columns::TableError;
use crate::tables::{Rows, files};

/// The tables of a fleet under the names of their files in the folder of a run. Times are in accelerator-seconds.
///
/// # Errors
/// Where a table cannot be written; that is a bug.
pub fn fleet_tables(plan: &Plan, histories: &Histories) -> Result<Vec<(String, Vec<u8>)>, TableError> {
    files([
        ("fleet_states", states(plan, histories)),
        ("fleet_jobs", jobs(plan, histories)),
        ("fleet_losses", losses(histories)),
    ])
}

/// The accelerators of every pool in every state at the end of every day, in the reference history; states in which none is
/// are left out.
#[expect(clippy::cast_precision_loss, reason = "accelerators stay below 2^53")]
fn states(plan: &Plan, histories: &Histories) -> Rows {
    let mut rows = Rows::new();
    let start = plan.fleet.as_ref().map_or(0, |fleet| fleet.period.start.0);
    let model = &histories.reference.model;
    for (number, day) in (0..).zip(&histories.reference.history.measures.days) {
        let name = Moment(start + number).day().to_string();
        for (pool, of) in model.pools.iter().zip(day) {
            for ((_, state), count) in State::ALL.iter().zip(of.counts).filter(|(_, count)| *count > 0) {
                rows.row()
                    .text("day", Some(&name))
                    .text("pool", Some(&pool.name))
                    .text("state", Some(state))
                    .number("accelerators", Some(count as f64));
            }
        }
    }
    rows
}

/// The reference history as 0, and the drawn ones from 1 on.
fn numbered(histories: &Histories) -> impl Iterator<Item = (f64, &Drawn)> {
    let all = std::iter::once(&histories.reference).chain(&histories.drawn);
    (0_u32..).zip(all).map(|(number, drawn)| (f64::from(number), drawn))
}

fn kind(reinforcement: bool) -> &'static str {
    if reinforcement { "reinforcement" } else { "training" }
}

/// A row for every job on many servers in every history.
fn jobs(plan: &Plan, histories: &Histories) -> Rows {
    let mut rows = Rows::new();
    let start = plan.fleet.as_ref().map_or(0, |fleet| fleet.period.start.0);
    let day = |time: Option<u64>| {
        #[expect(clippy::cast_possible_truncation, reason = "days of a plan")]
        let day = |time: u64| Moment(start + (seconds(u128::from(time)) / 86_400.0) as i32).day().to_string();
        time.map(day)
    };
    for (number, drawn) in numbered(histories) {
        for gang in gangs_of(drawn) {
            let (account, loss) = (&gang.history.account, gang.history.loss());
            let time = |servers: u128| Some(seconds(servers * gang.each));
            rows.row()
                .number("history", Some(number))
                .text("job", Some(&gang.workload.name))
                .text("kind", Some(kind(gang.model.reinforcement)))
                .text("pool", Some(&drawn.model.pools[usize::from(gang.pool)].name))
                .text("began", day(gang.history.began).as_deref())
                .text("ended", day(gang.history.ended).as_deref())
                .number("progress", Some(gang.history.progress))
                .number("goodput", gang.history.goodput())
                .number("interruptions", Some(f64::from(gang.history.interruptions())))
                .number("time_between_interruptions", gang.history.interval(drawn.history.end))
                .number("queued", Some(seconds(account.queued)))
                .number("held", time(gang.history.held()))
                .number("productive", time(account.productive))
                .number("checkpoints", time(account.checkpoints));
            parts(&mut rows, &loss, gang.each);
        }
    }
    rows
}

fn parts(rows: &mut Rows, loss: &Loss, each: u128) {
    let time = |servers: u128| Some(seconds(servers * each));
    rows.number("rework", time(loss.rework))
        .number("stalled", time(loss.stalled))
        .number("waiting", time(loss.waiting))
        .number("restarting", time(loss.restarting));
}

/// A row for every cause that cost such a job something.
fn losses(histories: &Histories) -> Rows {
    let mut rows = Rows::new();
    for (number, drawn) in numbered(histories) {
        let causes = drawn.model.causes_of_loss();
        for gang in gangs_of(drawn) {
            for ((name, _), loss) in causes.iter().zip(&gang.history.account.losses) {
                if *loss == Loss::default() {
                    continue;
                }
                rows.row()
                    .number("history", Some(number))
                    .text("job", Some(&gang.workload.name))
                    .text("cause", Some(name))
                    .number("interruptions", Some(f64::from(loss.interruptions)));
                parts(&mut rows, loss, gang.each);
            }
        }
    }
    rows
}
