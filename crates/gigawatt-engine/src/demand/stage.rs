//! The stage: what a draw makes of every demand.

use gigawatt_plan::plan::{AgentIds, AgentsPlan, DemandIds, DemandKind, DemandPlan, Plan, TrafficPlan};
use gigawatt_plan::quantity::{Duration, Quantity};

use super::activity::Activity;
use super::agents::AgentWork;
use super::burst::{Burst, factor_at};
use super::day::{DayShape, WEEK};
use super::follow::Reach;
use super::places::Place;
use super::population::{Habits, HourlyDemand};
use super::session::{Session, Tokens};
use crate::Draw;
use crate::series::Series;

/// Seconds of an hour.
const HOUR: f64 = 3600.0;
/// The probability that a busy hour is told of.
pub(super) const COVERED: f64 = 0.99;

/// The stage, with room for the curves of users and of what they ask.
#[derive(Debug, Default)]
pub struct Demands {
    activity: Activity,
}

impl Demands {
    /// Computes every result of demand of a draw.
    pub fn run(&mut self, plan: &Plan, draw: Draw<'_>, series: &mut Series) {
        for (demand, ids) in plan.demand.iter().zip(&plan.vocabulary.demand) {
            self.one(plan, draw, (demand, ids), series);
        }
    }

    fn one(
        &mut self,
        plan: &Plan,
        draw: Draw<'_>,
        (demand, ids): (&DemandPlan, &DemandIds),
        series: &mut Series,
    ) {
        self.activity.set(demand, draw);
        let habits = habits(demand, draw);
        let regions = regions(demand, draw);
        let (per_user, request) = (habits.requests_per_day(), habits.request());
        let week = whole_week(&regions);
        let peak_to_mean = highest(&week);
        let peaks: Vec<f64> = regions.iter().map(|(share, week)| share * highest(week)).collect();
        let weeks: Vec<[f64; WEEK]> =
            regions.iter().map(|(share, week)| week.map(|rate| share * rate)).collect();
        let together =
            reach(demand, draw).capacity(&weeks).map_or(f64::NAN, |capacity| capacity.iter().sum());
        let mut whole = |id, value: f64| series.get_mut(id)[0] = value;
        whole(ids.requests_per_user, per_user);
        whole(ids.context, request.input());
        whole(ids.input_share, request.input_share());
        whole(ids.cached_share, request.cached / request.input());
        whole(ids.peak_to_mean, peak_to_mean);
        whole(ids.burst, factor_at(COVERED, burst(&demand.traffic, draw).log_variance()));
        whole(ids.pooling, together / peaks.iter().sum::<f64>());
        let daily_share = draw.get(demand.daily_share).base();
        let mut before = None;
        for (moment, at) in plan.axis.iter().enumerate() {
            let (users, active) = (self.activity.users.at(at.days()), self.activity.at(at.days()));
            let rate = active * per_user / Duration::DAY;
            let peak = rate * peak_to_mean;
            let mut level = |id, value: f64| series.get_mut(id)[moment] = value;
            level(ids.users, users);
            level(ids.daily_users, users * daily_share);
            level(ids.rate, rate);
            level(ids.peak_rate, peak);
            level(ids.peak_new_rate, peak * request.new);
            level(ids.peak_output_rate, peak * request.output);
            for (id, peak) in ids.regions.iter().zip(&peaks) {
                level(*id, rate * peak);
            }
            let user_days = self.activity.integral(at.days());
            if let Some(before) = before {
                let requests = (user_days - before) * per_user;
                level(ids.requests, requests);
                level(ids.new_tokens, requests * request.new);
                level(ids.cached_tokens, requests * request.cached);
                level(ids.output_tokens, requests * request.output);
            }
            if let (Some(ids), DemandKind::Agents(agents)) = (&ids.agents, &demand.kind) {
                let work = work(agents, draw);
                let per_day = habits.sessions_per_day();
                let share = if users > 0.0 { work.code_share(active * per_day, users) } else { 0.0 };
                level(ids.code_share, share);
                level(ids.engineers_equivalent, work.engineers_equivalent(active * per_day));
                if let Some(before) = before {
                    let tasks = (user_days - before) * per_day;
                    level(ids.tasks, tasks);
                    level(ids.merged, work.merged(tasks));
                }
            }
            before = Some(user_days);
        }
        if let (Some(ids), DemandKind::Agents(agents)) = (&ids.agents, &demand.kind) {
            agents_of(ids, &work(agents, draw), &habits.tokens_per_session(), series);
        }
    }
}

fn agents_of(ids: &AgentIds, work: &AgentWork, task: &Tokens, series: &mut Series) {
    series.get_mut(ids.tokens_per_change)[0] = task.total() / work.success;
    series.get_mut(ids.engineer_change_cost)[0] = work.engineer_change_cost();
    series.get_mut(ids.review_cost)[0] = work.review_cost();
}

/// Users of a month, summed over the days `start..end` counted from 1970-01-01, in a draw.
pub fn user_days(demand: &DemandPlan, draw: Draw<'_>, (start, end): (i32, i32)) -> f64 {
    let mut activity = Activity::default();
    activity.set(demand, draw);
    activity.users.integral(f64::from(end)) - activity.users.integral(f64::from(start))
}

/// Requests by hour of the days `start..end`, counted from 1970-01-01, of a demand of the plan in a draw.
pub fn hourly_demand(demand: &DemandPlan, draw: Draw<'_>, days: (i32, i32)) -> HourlyDemand {
    let mut activity = Activity::default();
    activity.set(demand, draw);
    HourlyDemand::new(days, |time| activity.integral(time), &habits(demand, draw), &regions(demand, draw))
}

impl Activity {
    /// Takes the values of a draw; the allocations are kept from draw to draw.
    fn set(&mut self, demand: &DemandPlan, draw: Draw<'_>) {
        self.users.set(&demand.users, draw);
        self.intensity.set(&demand.intensity, draw);
    }
}

/// What the users of a demand do in a draw.
pub fn habits(demand: &DemandPlan, draw: Draw<'_>) -> Habits {
    let plan = &demand.session;
    let session = Session {
        turns: draw.get(plan.turns).base(),
        variation: draw.get(plan.turns_variation).base(),
        system: draw.get(plan.system_tokens).base(),
        prompt: draw.get(plan.prompt_tokens).base(),
        output: draw.get(plan.output_tokens).base(),
        reuse: draw.get(plan.reuse).base(),
    };
    let (side_calls, side) = match &demand.kind {
        DemandKind::Assistant => (0.0, Session::single(0.0, 0.0)),
        DemandKind::Agents(agents) => {
            let (prompt, output) =
                (draw.get(agents.side_prompt_tokens).base(), draw.get(agents.side_output_tokens).base());
            (draw.get(agents.side_calls).base(), Session::single(prompt, output))
        }
    };
    Habits {
        daily_share: draw.get(demand.daily_share).base(),
        sessions: draw.get(demand.sessions).base(),
        session,
        side_calls,
        side,
    }
}

/// What becomes of the tasks of agents in a draw.
pub fn work(agents: &AgentsPlan, draw: Draw<'_>) -> AgentWork {
    AgentWork {
        success: draw.get(agents.success).base(),
        change_size: draw.get(agents.change_size).base(),
        engineer_changes: draw.get(agents.engineer_changes).base(),
        engineer_cost: draw.get(agents.engineer_cost).base() * 365.25 * Duration::DAY,
        review: draw.get(agents.review).base(),
        working_days: draw.get(agents.working_days).base(),
    }
}

/// What stirs a demand in a draw.
pub fn burst(traffic: &TrafficPlan, draw: Draw<'_>) -> Burst {
    Burst {
        client_variation: draw.get(traffic.client_variation).base(),
        clients: draw.get(traffic.clients).base(),
        fast: draw.get(traffic.fast_share).base(),
        lasting: draw.get(traffic.lasting_share).base(),
        persistence: draw.get(traffic.persistence).base() / HOUR,
    }
}

/// The shape of a demand's week in a draw, in local time.
pub fn day_shape(traffic: &TrafficPlan, draw: Draw<'_>) -> DayShape {
    DayShape {
        day_swing: draw.get(traffic.day_swing).base(),
        day_peak: draw.get(traffic.day_peak).base() / HOUR,
        half_day_swing: draw.get(traffic.half_day_swing).base(),
        half_day_peak: draw.get(traffic.half_day_peak).base() / HOUR,
        weekend: draw.get(traffic.weekend).base(),
    }
}

/// Which regions of a demand may serve which others in a draw.
pub fn reach(demand: &DemandPlan, draw: Draw<'_>) -> Reach {
    let places: Vec<Place> = demand
        .regions
        .iter()
        .map(|region| Place {
            latitude: draw.get(region.latitude).base(),
            longitude: draw.get(region.longitude).base(),
            access: draw.get(region.access).base(),
            detour: draw.get(region.detour).base(),
        })
        .collect();
    let times: Vec<Vec<f64>> =
        places.iter().map(|from| places.iter().map(|to| from.round_trip(to)).collect()).collect();
    let serves: Vec<bool> = demand.regions.iter().map(|region| region.serves).collect();
    Reach::new(&times, &serves, draw.get(demand.reach).base())
}

/// Share and week of every region in a draw; shares add up to 1.
pub(super) fn regions(demand: &DemandPlan, draw: Draw<'_>) -> Vec<(f64, [f64; WEEK])> {
    let shape = day_shape(&demand.traffic, draw);
    let total: f64 = demand.regions.iter().map(|region| draw.get(region.share).base()).sum();
    let one = |region: &gigawatt_plan::plan::DemandRegion| {
        (draw.get(region.share).base() / total, shape.week(f64::from(region.utc_offset) / HOUR))
    };
    demand.regions.iter().map(one).collect()
}

/// The week of all regions together.
fn whole_week(regions: &[(f64, [f64; WEEK])]) -> [f64; WEEK] {
    let mut whole = [0.0; WEEK];
    for (share, week) in regions {
        whole.iter_mut().zip(week).for_each(|(whole, rate)| *whole += share * rate);
    }
    whole
}

fn highest(week: &[f64; WEEK]) -> f64 {
    week.iter().copied().fold(0.0, f64::max)
}
