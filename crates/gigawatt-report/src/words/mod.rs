//! Every word of the reports in one place: another language is another value of [`Words`].
//!
//! Not here, because they are data: names of results and laws (the plan's vocabulary), units, and what scenario,
//! catalogue and sources say.

mod operation;
mod power;
mod sentences;
mod served;
mod serving;

macro_rules! words {
    ($($name:ident = $text:expr;)*) => {
        /// Every word of the reports. `{name}` in a text is where a value goes.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Words { $(pub(crate) $name: &'static str,)* }

        impl Words {
            /// English.
            pub const ENGLISH: Self = Self { $($name: $text,)* };

            /// Every text through a function: for tests, and to list what is to be translated.
            pub fn translated(&self, mut translate: impl FnMut(&'static str, &'static str) -> &'static str) -> Self {
                Self { $($name: translate(stringify!($name), self.$name),)* }
            }
        }
    };
}

words! {
    language = "en";

    // Head of the page.
    judged = "judged with what was known on";
    period = "period";
    run = "run";
    draws = "draws";
    seed = "seed";
    contents = "contents";
    introduction = "Large figures are medians over the draws (p50); beneath them stands the range p10\u{a0}–\u{2060}\u{a0}p90 that holds eight draws in ten.";
    headline_of = "{year} at a glance";
    at_end_of = "at the end of";
    over = "in";
    same_in_every_draw = "the same in every draw";
    reference_case = "reference case";
    gpus_owned = "GPUs owned";
    h100_owned = "H100 equivalents owned";
    gpus_online = "GPUs online";
    power_online = "IT power online";
    power_change = "IT power brought online";
    facility_power = "facility power online";
    capex = "capital expenditure, cash";
    hardware_share = "AI hardware's part of capital expenditure";
    free_cash_flow = "free cash flow";
    energy = "energy at the meter";
    no_full_year = "The plan holds no full calendar year; these are levels of the reference case at its end.";

    // Names of the sections.
    claims = "Claims";
    fleet = "Fleet and power";
    money = "Money";
    statements = "Statements";
    costs = "What it costs";
    sites = "Sites";
    training = "Training";
    outcomes = "Forecast and outcome";
    sensitivity = "What moves the results";
    exceedance = "How likely is more than that";
    convergence = "Are there enough draws";
    results = "Results";
    inputs = "Inputs";
    sources = "Sources";

    // Claims.
    claims_lead = "A claim holds where at least the asked part of the draws keeps its bounds, fails where at most the rest does, and is undecided between.";
    spread = "p10\u{a0}–\u{2060}\u{a0}p90";
    median = "p50";
    allowed = "allowed";
    outcome = "outcome";
    informative = "informative: gw check passes over it";
    no_source = "no source given";
    at_least = "≥";
    at_most = "≤";
    judged_by = "What would judge it:";
    restates = "Its value depends only on inputs that have the claim's own source, so the agreement says nothing new";
    no_shift = "No shift makes it hold: the spread is wider than the bounds";
    nothing_takes = "No single input was found that changes it.";
    probability_of = "probability {found}, asked {asked}";
    forecast_of = "median {median} ({range})";
    shift_of = "It would hold at a shift of {shift}";
    or_with = "; or with ";
    by_input_of = "at {value}";
    not_enough_of = "Even at {value}, the best of its range, the probability is only {probability}";
    outcome_within = "outcome {value}, within the bounds (known since {published})";
    outcome_without = "outcome {value}, outside the bounds (known since {published})";
    tally_of = "{count} {verdict}";
    verdict_holds = "holds";
    verdict_fails = "fails";
    verdict_undecided = "undecided";
    verdict_restates = "restates an input";
    verdict_not_judged = "not judged";
    verdicts_hold = "hold";
    verdicts_fail = "fail";
    verdicts_restate = "restate an input";
    interval_of = "p50 {median}, p10\u{a0}–\u{2060}\u{a0}p90 {range}";

    // Fleet.
    fleet_lead = "What is owned, by kind, over the power that can run it.";
    fleet_chart = "GPUs owned by kind, and power";
    power = "power";
    power_provisioned = "IT power provisioned";
    other_kinds = "other kinds";
    quantiles_over_draws = "p10\u{a0}–\u{2060}\u{a0}p90 over the draws";
    fleet_caption_of = "Areas and lines are the reference case by day to {until}; whiskers and the shaded band are p10\u{a0}–\u{2060}\u{a0}p90 over the draws at the ends of quarters, whiskers of years where there are many.";
    not_drawn_of = " Accelerators that are not GPUs are not drawn: {list}.";
    count_at_end_of = "{title} ({count} at the end)";

    // Money.
    money_lead = "Cash that leaves for capital expenditure, beside the cash that the business brings in.";
    by_quarter = "Capital expenditure and operating cash flow by quarter";
    by_year = "Capital expenditure and free cash flow by year";
    ai_hardware = "AI hardware";
    ai_halls = "AI halls";
    outside_ai = "everything else";
    lease_principal = "principal of finance leases";
    operating_cash_flow = "operating cash flow";
    outcome_capex = "outcome: capital expenditure";
    outcome_cash = "outcome: operating cash flow";
    reported = "reported";
    forecast = "forecast";
    money_caption = "Medians of the parts need not add up to the median of the whole; the whisker is the whole's p10\u{a0}–\u{2060}\u{a0}p90.";
    per_quarter = "per quarter";
    per_year = "per year";

    // Statements.
    statements_lead = "Income, cash and what is owed, as medians with p10\u{a0}–\u{2060}\u{a0}p90 beneath. Medians of the lines need not add up to the median of a sum.";
    income_statement = "Income statement";
    cash_flow_statement = "Cash flow statement";
    spending = "Capital expenditure as ordered, as delivered, and by others";
    balance = "Owed and owned at the end of the year";
    unit_costs = "Unit costs of each purchase";
    capital_and_value = "Cost of capital and value of the build-out";
    funding = "Funding";
    investors = "Investors";
    by_quarters = "by quarter";
    line = "line";
    purchase = "purchase";
    company = "company";
    capital_cost = "cost of capital";
    net_present_value = "present value";
    internal_rate = "internal rate of return";
    hour_cost = "cost of an hour in use";
    break_even_rent = "rent at which buying pays";
    capital_per_rate = "capital per compute rate";
    computing_cost = "cost of useful computing";
    market_rent = "rent on the market";
    lives = "Useful life of servers";
    life = "life from the first forecast quarter on";
    own_life = "(the plan's)";
    lives_note = "Depreciation and amortisation, and beneath it operating income, in the reference case.";

    // Costs.
    costs_chart = "Lines of cost";
    costs_lead_of = "{year}: bars are medians, whiskers p10\u{a0}–\u{2060}\u{a0}p90, all on one scale.";
    total_costs_of = "Total costs and expenses of {year}: {total}. Depreciation, electricity, staff and segments overlap with one another and are not a sum.";
    capex_group = "capital expenditure, cash";
    delivered_group = "AI hardware as delivered, by system (reference case)";
    running_group = "running costs";
    depreciation = "depreciation and amortisation, all";
    depreciation_ai = "of it AI hardware and halls";
    electricity = "electricity of the AI fleet";
    staff = "named staff";

    // Training.
    training_lead = "From tokens to steps, days and dollars. Rates count what the model needs, attention over the tokens before; utilisation is that over the dense peak of the run's number format.";
    training_run = "run";
    training_rate = "rate of an accelerator";
    training_utilisation = "model FLOPs utilisation";
    training_duration = "duration";
    training_hours = "accelerator-hours";
    training_cost = "cost";
    training_extra_work = "extra work that published hours imply";
    training_timeline = "When runs start and end";
    training_timeline_caption = "Bars from the median start to the median end; whiskers, and the days beside them, are p10\u{a0}–\u{2060}\u{a0}p90 of the end.";
    training_running = "in training (p50)";
    training_end = "end, p10\u{a0}–\u{2060}\u{a0}p90";
    days_from_day = "from {day}";
    training_steps = "What a step is made of";
    training_steps_caption = "Parts of the busiest stage's time in the reference case, without the error of the law; they add up to the step, whose time stands beside them.";
    share_of_step = "part of a step";
    step_matrices = "matrices";
    step_attention = "attention";
    step_memory = "memory-bound work and optimiser";
    step_again = "computed again";
    step_layers = "tensor, context and expert communication";
    step_pipeline = "pipeline: waiting and messages";
    step_data = "data-parallel communication";
    step_waiting = "host and slowest rank";
    training_pipeline_of = "A step's pipeline: {run}";
    training_pipeline_caption = "One accelerator of each stage through one step in the reference case; where the ground of a row shows, its stage waits. Behind each stage stands what its accelerators need of memory at the fullest moment. Passes hold the communication of tensor, context and expert parallelism.";
    training_left_out_of = "{count} micro-batches alike are left out";
    training_stage_of = "stage {stage}";
    training_peaks = "most memory needed";
    training_passes_left = "time from the start of a step";
    pass_forward = "forward passes";
    pass_backward = "backward passes";
    pass_again = "computed again";
    pass_weights = "gradients of weights";
    pass_together = "forward and backward passes at once";
    pass_in_turn = "passes in turn, too short to show";
    pass_optimizer = "optimiser";
    training_memory_of = "Memory through a step: {run}";
    training_memory_caption_of = "What an accelerator of stage {stage}, which needs most of all, needs through one step in the reference case: least and most of each of {stretches} stretches. Blocks that the allocator gives back are not in it.";
    training_memory_stage_of = "memory needed by stage {stage}";
    training_memory_axis = "memory of an accelerator";
    training_memory_has = "memory that an accelerator has";
    training_published = "Computed and published";
    training_published_caption = "What is computed over what was published; hours that were published hold all stages of training, with tuning and lost runs.";
    training_known = "published";
    over_published = "computed over published";
    beside_published_value = "{computed}, published {known}";

    // Demands on their services.
    served = "The day of those who ask";
    served_lead = "Every hour of the year in the reference case: the requests that its users make, dealt to regions within reach, the replicas that are started for them in time, and what users see of these, from one replica that is simulated again and again at a grid of loads. Attainment is the share of the requests that meet all targets of the service, the way over the network with it.";
    served_title_of = "{title} on its busiest day, {day}";
    served_hour_of = "{from}:00–{to}:00 UTC";
    served_caption = "Accelerators of the replicas that run in each region, by hour, and the share of the requests of all regions that meet their targets, with the 95 % interval of sampling and of straight lines between loads.";
    served_hours = "hour of the day, UTC";
    served_accelerators = "accelerators that run";
    served_accelerators_standing = "accelerators that stand";
    served_attainment = "attainment";
    served_demand = "demand";
    served_requests = "requests of the busiest day";
    served_power = "facility power";
    served_per_tokens = "a million tokens";
    served_per_user = "a user and month";
    served_off = "an hour's attainment off by at most";
    served_checked_of = "The hour nearest to saturation ({region}, {day}, {hour}, {load} of what its replicas answer at most) was simulated again at its own loads, {requests} requests: {simulated} of the requests meet their targets, {table} by the table.";
    served_regions_of = "Attainment by region: {title}, {day}";
    served_regions_caption = "Share of the requests of each region's users that meet all targets over the busiest day, with the interval of sampling and of straight lines between loads, and that of the region's worst hour.";
    served_whole_day = "the whole day, 95 % interval";
    served_worst_hour = "the worst hour";
    served_worst_of = "{share} at {hour}";
    served_moved_of = "{title}: what moves {axis}, week from {week}";
    served_moved_caption = "Each input at its p10 and p90 with all others as in the reference case, the ten that move it most. Where an input changes what sessions are like, a replica's load moves as what it answers when overloaded.";
    unserved = "Demands that are not served";
    // Ranking.
    ranking = "Ranking and ads";
    ranking_lead = "What choosing posts, reels and ads takes, and what larger models bring: published uplifts of those before them, carried into the revenue of ads. The revenue that they bring is part of the company's revenue, not on top of it.";
    ranking_takes = "Accelerators for ranking";
    ranking_takes_caption = "Accelerators by stage and training at the ends of quarters, medians over the draws; larger models take over between the days of the rollout. Beneath, the nameplate power of all, with p10 to p90.";
    ranking_accelerators = "accelerators";
    ranking_power = "IT power";
    ranking_brings = "What larger ranking models bring and cost";
    ranking_brings_caption = "By year, medians with p10 to p90: revenue that larger models bring, what is spent on their accelerators and halls, and electricity and upkeep. Beneath, their cash since the start.";
    ranking_uplift = "revenue that they bring";
    ranking_spend = "accelerators and halls";
    ranking_running = "electricity and upkeep";
    ranking_cash = "cash since the start";
    ranking_figure = "figure";
    // Unit economics.
    economics = "Unit economics";
    economics_lead = "What each use of the fleet takes in {year}, what a unit of it costs, and what it does to the margin, in the reference case. A demand pays for the accelerators that stand for it, by the hour; ranking for its own accelerators, their depreciation, electricity and upkeep.";
    economics_use = "use";
    economics_accelerators = "accelerators at the end of the year";
    economics_share = "of all online";
    economics_cost = "cost of the year";
    economics_margin = "margin of the company";
    economics_units = "What a unit costs";
    economics_unit = "unit";
    economics_unit_cost = "cost";
    economics_against = "against";
    economics_per_hour = "units in an accelerator-hour";
    economics_limits = "What breaks first";
    economics_limits_lead = "By how much each use may grow, with all else as planned, until something is used up.";
    economics_limit = "used up";
    economics_factor = "at";
    unit_million_tokens = "million tokens of input and output";
    unit_million_output_tokens = "million tokens of output";
    unit_user_month = "user and month";
    unit_merged_change = "merged change with its review; against it an engineer's time for as much code";
    unit_merged_change_computing = "merged change, computing alone";
    unit_thousand_ads = "thousand ads shown; against it their price";
    limit_replicas = "what the replicas that stand can answer";
    limit_accelerators = "accelerators of its kind that nothing else named takes";
    limit_power = "power that sites can energise, if accelerators were bought";
    limit_operating_income = "operating income of the year";
    // Power.
    power_year_title_of = "{site}: power from the grid by day";
    power_year_caption_of = "Mean of every day with the least and the greatest minute. Peak {peak}, mean over peak {factor}. Swings within seconds are not in it.";
    power_grid = "Power from the grid";
    power_range = "least to greatest minute";
    power_mean = "mean of the day";
    power_connection = "connection";
    power_duration_title_of = "{site}: how long which power is exceeded";
    power_duration_caption = "Every minute of the period, the greatest first.";
    power_time = "Part of the time";
    power_exceeded = "exceeded";
    power_step_title_of = "{site}: a step of the widest job at the connection";
    power_step_caption = "The largest training job over one step, with nothing done and with measures.";
    power_step_time = "Time in the step";
    power_job = "Power of the job";
    power_spectrum_title_of = "{site}: the spectrum of that step";
    power_spectrum_caption = "Amplitude of every line from 0.1 to 5 Hz.";
    power_frequency = "Frequency in Hz";
    power_amplitude = "Amplitude";

    // The fleet in operation.
    operation = "The fleet in operation";
    operation_lead_of = "From {from} to {to}, event by event: servers fail, are mended and replaced, jobs wait, start, are interrupted and go on. Charts over time are of one history with every input at its reference; ranges are over {count} histories with drawn inputs.";
    operation_states = "GPUs by what they do";
    operation_states_caption_of = "At the end of every day in the reference history, GPUs only. Broken is from a failure to the return of the server, outages of switches, cooling and power among them. {others}";
    operation_others_of = "Not shown: {count} accelerators that are no GPUs.";
    operation_gpus = "GPUs online";
    operation_training = "training";
    operation_reinforcement = "reinforcement learning";
    operation_service = "services";
    operation_batch = "batch jobs";
    operation_lost = "given to jobs and lost";
    operation_idle = "idle";
    operation_maintenance = "in maintenance";
    operation_broken = "broken";
    operation_use = "What accelerators' time went to";
    operation_use_caption = "Parts of the time online, means of the reference history. Lost is what was given to training, reinforcement learning and batch jobs and did not last: checkpoints, standing still, waiting for servers, starting again, and work done again.";
    operation_all_gpus = "all GPUs";
    operation_useful_of = "{share} in use and lasting";
    operation_share = "part of the time online";
    operation_goodput = "Effective time of large jobs";
    operation_goodput_caption = "The part of the time in which a job held servers whose work lasted: p10\u{a0}–\u{2060}\u{a0}p90 with p50 over the histories, beside the effective time that the plan assumes. Time without servers is not in it.";
    operation_effective_time = "effective time";
    operation_over_histories = "p10\u{a0}–\u{2060}\u{a0}p90 and p50 over histories";
    operation_assumed = "assumed by the plan";
    operation_goodput_text_of = "{goodput}, {count} interruptions";
    operation_goodput_beside_of = "{goodput}, assumed {assumed}";
    operation_completion = "When large jobs are done";
    operation_completion_caption = "Bars are p10\u{a0}–\u{2060}\u{a0}p90 with p50 over the histories; they end where the simulated period ends; in brackets stands the part of the histories in which a job is done by then. Diamonds are the plan's own median, which knows no queue and loses time evenly.";
    operation_planned_end = "the plan's end (p50)";
    operation_later = "later";
    operation_done_in_of = "{range} ({share})";
    operation_jobs = "Where the time of large jobs went";
    operation_jobs_caption = "Parts of the accelerator-time that each held, in the reference history; effective time and mean time between interruptions beside them.";
    operation_lasting = "work that lasted";
    operation_checkpoints = "checkpoints";
    operation_rework = "work done again";
    operation_stalled = "standing, not noticed";
    operation_waiting = "waiting for servers";
    operation_restarting = "starting again";
    operation_queued = "without servers";
    operation_interval_of = "{goodput}, interrupted every {interval}";
    operation_losses_of = "What interrupts the largest job: {job}";
    operation_losses_caption_of = "Parts of the accelerator-time that it held, in the reference history, by cause; the greatest first. Checkpoints took another {checkpoints}.";
    operation_of_its_time = "part of the job's accelerator-time";
    operation_times_of = "{share}, {count} times";
    operation_once_of = "{share}, once";
    operation_life_of = "The life of the largest job: {job}";
    operation_life_caption_of = "{accelerators} accelerators in the reference history: work done by the end of each day, which falls where some has to be done again; by week the time in which it did not work, and how often its work was interrupted.";
    operation_progress = "work done";
    operation_lost_time = "time lost in a week";
    operation_interrupted = "interruptions in a week";
    operation_hardware = "servers";
    operation_software = "software";
    operation_domains = "switches, cooling, power";
    operation_asked = "made room, maintenance";
    operation_week_of = "week from {day}";
    operation_pools = "Pools";
    operation_pool = "accelerators";
    operation_online = "online, mean";
    operation_allocated = "given out";
    operation_exhausted = "a job waits, none free";
    operation_fragmentation = "free in broken racks";
    operation_pools_note = "Parts of the time online, p50 with p10\u{a0}–\u{2060}\u{a0}p90 over histories. A job waits, none free: part of the time in which a large job waited for a server and had no spare. Free in broken racks: part of the free servers that stand in racks of which others are not free.";
    operation_services = "Services";
    operation_service_name = "service";
    operation_wanted = "replicas wanted, mean";
    operation_serving = "of these serving";
    operation_unavailable = "not served";
    operation_replicas_lost = "replicas lost to failures";
    operation_batches = "Batch jobs";
    operation_workload = "workload";
    operation_submitted = "jobs asked";
    operation_ended = "jobs done";
    operation_wait_p50 = "wait, p50";
    operation_wait_p90 = "wait, p90";
    operation_wait_p99 = "wait, p99";
    operation_batch_lost = "work lost";
    operation_stands_for = "jobs for each simulated";
    operation_batches_note = "Waits are those of simulated jobs, each of which stands for several of its size that follow one another; work lost is what had to be done again, over all that was done.";
    cause_start = "first start";
    cause_resize = "another number of servers";
    cause_preemption = "jobs of higher priority";
    cause_maintenance = "maintenance, retirement";

    // Layouts.
    layouts = "Layouts";
    layouts_lead = "How the training runs could be cut over their accelerators: the usual layouts were looked at, in the reference case; gw tune looks at all. What is told of the best holds by the laws of the step and its memory, with their error.";
    layouts_steps = "Step as planned over that of the best layout";
    layouts_steps_caption = "A planned layout that needs more memory than its accelerators have cannot run, and may seem faster than the best that can.";
    layouts_over_best = "step over the best";
    layouts_planned = "as planned";
    layouts_planned_unfit = "as planned, cannot run";
    layouts_best = "best";
    layouts_fault = "cannot run";
    layouts_searched = "searched";
    layouts_layout = "layout";
    layouts_step = "step";
    layouts_memory = "memory";
    layouts_frontier = "Days against accelerators";
    layouts_frontier_caption = "The fastest layout on each number of accelerators, with the same batch: beyond some number a step has too little work for each of them.";
    layouts_own_number = "accelerators as planned";
    layouts_other_number = "other numbers";
    planned_and_best_of = "{planned} planned, {best} best";
    days_and_money_of = "{days}, {money}";

    // Sites.
    sites_chart = "Ground of the sites over Manhattan, to scale";
    sites_power_chart = "What each site can energise and what stands behind it";
    sites_power_lead_of = "{year}: IT power energised and accepted racks behind it at the end, and what the year draws.";
    sites_power_description_of = "IT power by site at the end of {year}, in the reference case";
    sites_power_caption = "Bars, electricity and halls are the reference case; electricity only where its price is the same all the year.";
    share_of_rest_of = "{share} of what a target lacks in";
    schematic = "Manhattan, schematic: right length, greatest width and area";
    schematic_inexact = "Manhattan, schematic: right length and greatest width, not the area";
    sites_caption = "The shape of a site is not known: it is drawn as a square of the right area, its floor area as a square inside, and where it lies on the island means nothing.";
    site = "site";
    ground = "ground";
    part_of_manhattan = "part of Manhattan";
    floor_area = "floor area";
    manhattan = "Manhattan";
    south = "south";
    north = "north";
    accelerators_online = "accelerators online";
    emissions = "emissions, location-based";
    electricity_a_year = "electricity of the year";
    hall_cost = "halls at the construction cost";
    holds = "What stands there, by purchase and opening stock:";
    accelerators_of = "{count} accelerators of {system}";
    share_of_manhattan_of = "{area}, {share} of Manhattan";
    measures_of = "{length} long, at most {width} wide, {area}";

    // Outcomes.
    result = "result";
    when = "when";
    forecast_column = "forecast p50 (p10\u{a0}–\u{2060}\u{a0}p90)";
    verdict = "in p10\u{a0}–\u{2060}\u{a0}p90?";
    error = "p50 is off by";
    inside = "inside";
    above = "outcome above";
    below = "outcome below";
    missed = "Where the forecast of a year missed, the largest errors first";
    too_low = "too low";
    too_high = "too high";
    none_missed = "No forecast of a whole year missed.";
    quarters = "Quarters";
    years = "Years";
    inside_share_of = "{inside} of {all} outcomes ({share}) lie between p10 and p90; a well-judged forecast holds about eight in ten.";
    miss_of = "{title} (was {outcome}, forecast {range})";
    points_of = "{error} points";
    backtest_chart_of = "{title}: forecast and outcome by quarter";
    backtest_inside_of = "{inside} of {all} quarters lie inside.";
    hindsight = "with hindsight";
    hindsight_column = "with hindsight, p50 (p10\u{a0}–\u{2060}\u{a0}p90)";

    // Sensitivity, exceedance, convergence.
    sensitivity_lead = "Each input from its p10 to its p90, every other as in the reference case, around the reference case; the longest bars first.";
    tornado_of = "{title}, {when}: what moves it";
    tornado_description_of = "{title} when one input goes from its p10 to its p90";
    at_low = "input at its p10";
    at_high = "input at its p90";
    every_driver = "Every result and claim with the inputs that drive it";
    input = "input";
    input_range = "input p10\u{a0}–\u{2060}\u{a0}p90";
    result_range = "result at these";
    rank_correlation = "rank correlation";
    of_claim_of = "claim: {says}";
    exceedance_lead = "For each value below, the part of the draws that lie above it.";
    exceedance_of = "{title}, {when}";
    probability = "probability of more";
    convergence_lead = "How well the draws know mean, p10, p50 and p90: the greatest of their standard errors over the result's size.";
    convergence_chart = "Greatest standard error by number of draws";
    converged_of = "{reached} of {all} headlines are known within {tolerance}.";
    number_of_draws = "number of draws";
    median_and_error = "p50 ± standard error";
    greatest_error = "greatest standard error";
    draws_needed = "draws that would do";
    tolerance = "tolerance";

    // Results, inputs, sources.
    results_lead = "Medians with p10\u{a0}–\u{2060}\u{a0}p90 beneath; amounts are of the year, levels are of its end.";
    main_results = "Main results by year";
    folded_results = "The remaining results are folded on the screen and in summary.json.";
    folded_inputs = "Inputs are folded on the screen and in summary.json.";
    folded_quarters = "Quarters are folded on the screen and in summary.json.";
    folded_statements = "Statements by quarter are folded on the screen and in summary.json.";
    inputs_lead = "Every number from outside, with who said it and since when it was public. What has no better basis is called an assumption.";
    path = "path";
    value = "value";
    kind = "kind";
    source = "source";
    known_from = "known from";
    note = "note";
    place = "place";
    most_likely = "mode";
    uniform = "as likely anywhere between";
    one_entry = "1 entry";
    entries_of = "{count} entries";
    kind_measured = "measured";
    kind_datasheet = "datasheet";
    kind_reported = "reported";
    kind_derived = "derived";
    kind_estimate = "estimate";
    kind_assumption = "assumption";
    grade_primary = "primary";
    grade_secondary = "secondary";
    grade_estimate = "estimate";
    grade_assumption = "assumption";
    as_data_of = "The chart as data: {file}";
    footer = "This page holds everything it shows: it loads nothing and runs nothing. Full precision is in summary.json.";

    // Numbers.
    billion = "billion";
    million = "million";
    thousand = "thousand";
    points = "points";

    // Comparison of runs.
    compare_of = "Comparison of {names}";
    compare_lead = "What differs, the most important first: the relative difference of medians, weighted by how far it stands out of the spread of both.";
    compared_runs = "What is compared";
    scenario = "scenario";
    as_of = "as of";
    compare_results_lead_of = "{differing} of {common} results that all have differ. Medians with p10\u{a0}–\u{2060}\u{a0}p90 beneath; each result in the year of the first run.";
    compare_chart = "Results that differ, over the median of the first run";
    compare_chart_axis = "over the median of the first run";
    compare_chart_description = "Bars are p10\u{a0}–\u{2060}\u{a0}p90, strokes medians, all over the median of the first run";
    difference = "difference";
    ranges = "ranges";
    apart = "apart";
    overlapping = "overlap";
    moved_by = "moved most by";
    moved_by_note = "What moves a result is the effect on the first run's reference case of one input alone with the value of the run that differs most; effects need not add up.";
    estimated = "estimated";
    in_only_of = "only in {run}";
    claim = "claim";
    compare_claims_lead_of = "{differing} of {common} claims that all have are judged differently or ask for something else.";
    compare_inputs_lead_of = "{differing} of {common} inputs that all have differ; those first that move the results most.";
    moves = "moves";
    by_source_only = "source only";
    only_in_of = "Only in {runs}: {what}";
    what_results = "results";
    what_claims = "claims";
    what_inputs = "inputs";
    footer_compare = "This page holds everything it shows: it loads nothing and runs nothing.";
    nothing_differs = "Nothing differs.";

    // Checkpoints.
    serving_distribution_title = "{title}: {metric}";
    serving_distribution_caption = "Share of the answered requests whose time is at most so long, up to 99.5 %.";
    serving_course_title = "{title}: the course of the run";
    serving_course_caption = "Means of intervals of one length.";
    serving_first_token = "time to the first token";
    serving_first_token_mean = "mean time to the first token";
    serving_each_token = "time of each output token after the first";
    serving_share = "share of requests";
    serving_median = "median";
    serving_p99 = "99th percentile";
    serving_target = "target";
    serving_requests = "requests";
    serving_arrived = "arrived";
    serving_done = "answered";
    serving_good = "within all targets";
    serving_in_flight = "requests in flight";
    serving_ready = "replicas that are ready";
    serving_time = "time";
    checkpoint_title = "{title} on {accelerators} accelerators: effective time over the interval of checkpoints";
    checkpoint_caption = "At best {share} of the time, with {interval} of work between checkpoints; waiting for spares is left out.";
    checkpoint_interval = "work between checkpoints";
    checkpoint_goodput = "effective time";
    checkpoint_blocking = "storage, blocking";
    checkpoint_background = "storage, in the background";
    checkpoint_memory = "memory, some in storage";
    checkpoint_young = "Young";
    checkpoint_daly = "Daly";
    checkpoint_best = "best";

    // Deployments of a service.
    sizing_title = "{title}: throughput of an accelerator against speed for a user";
    sizing_caption = "What no design of the space beats in both, in the steady state with requests of {prompt} and {output} tokens; the best keeps its promise with requests at random.";
    sizing_speed = "output tokens of a user";
    sizing_throughput = "output tokens of an accelerator";
    sizing_together = "prompts and answers together";
    sizing_apart = "prompts and answers apart";
    sizing_best = "best";
}
