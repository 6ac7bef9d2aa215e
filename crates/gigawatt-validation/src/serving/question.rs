//! What a row asks: a deployment, how requests come, and what was measured of them.

use gigawatt_engine::device::{Device, DeviceFacts};
use gigawatt_engine::network::Network;
use gigawatt_engine::serving::{
    Deployment, Engine, IterationLaw, Quantity, Request, ServingCoefficients, ServingFormats, ServingLayout,
    Speculation, SteadyState,
};
use gigawatt_plan::catalog::{Catalogue, Shape};

use super::ServingLaws;
use super::row::ServingRow;
use super::{formats, loads, machines, model, software};
use crate::number::count;

pub use super::loads::Traffic;

/// Most accelerators, tokens and requests that a row may state: what is beyond is a slip of the pen.
const MOST: f64 = 1e7;

/// What a row asks.
#[derive(Clone, Debug)]
pub struct Question {
    /// The model.
    pub shape: Shape,
    /// The accelerator.
    pub device: Device,
    /// What joins them.
    pub network: Network,
    /// Layouts of a replica: the one that was published, or those among which a submitter chose the fastest.
    pub layouts: Vec<ServingLayout>,
    /// Number formats.
    pub formats: ServingFormats,
    /// The engine.
    pub engine: Engine,
    /// Tokens guessed ahead, where they are, with the chance of each where it is published.
    pub guessed: Option<(f64, Option<f64>)>,
    /// How requests come.
    pub traffic: Traffic,
    /// Their tokens.
    pub request: Request,
    /// Requests of the whole run, where they are published.
    pub requests: Option<f64>,
    /// The most tokens of an answer, where answers differ.
    pub longest: Option<f64>,
    /// Accelerators in all.
    pub accelerators: u64,
    /// What was measured.
    pub quantity: Quantity,
    /// What the law's seconds, or tokens per second in all, are multiplied with to be in the row's unit.
    pub unit: f64,
    /// Whether a submitter tuned it for a benchmark.
    pub tuned: bool,
    /// What was assumed.
    pub assumed: Vec<String>,
}

/// The answer of the laws.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The steady state of a replica.
    pub state: SteadyState,
    /// Output tokens per second of all replicas.
    pub throughput: f64,
    /// The layout.
    pub layout: ServingLayout,
    /// Whether fewer requests come than could be served.
    pub offered: bool,
}

impl Question {
    /// Of a row.
    ///
    /// # Errors
    /// What is not published or not known.
    pub fn of(row: &ServingRow, catalogue: &Catalogue, laws: &ServingLaws) -> Result<Self, String> {
        let mut assumed = Vec::new();
        let accelerators = row.gpus.ok_or("the number of accelerators is not published")?;
        let (quantity, unit) = quantity(row, accelerators)?;
        let traffic = loads::traffic(row)?;
        let request = loads::request(row, &mut assumed)?;
        bounded(accelerators, &request, traffic)?;
        let shape = model::shape(row, catalogue)?;
        let engine = software::engine(row, &shape, &mut assumed)?;
        let (layouts, ranks) = layouts(row, &shape, accelerators, traffic, &mut assumed)?;
        let (device, network) = machines::machines(row, ranks, catalogue, &laws.device, &laws.network)?;
        let formats = formats::formats(row, &shape, &engine, device.facts(), &mut assumed)?;
        let quantity = match traffic {
            Traffic::InFlight(requests) | Traffic::Static(requests)
                if quantity == Quantity::LoadedFirstToken && requests <= 1.0 =>
            {
                Quantity::FirstToken
            }
            _ => quantity,
        };
        let guessed = guessed(row, &mut assumed);
        Ok(Self {
            shape,
            device,
            network,
            layouts,
            formats,
            engine,
            guessed,
            traffic,
            request,
            requests: loads::requests(row),
            longest: loads::longest(row),
            accelerators,
            quantity,
            unit,
            tuned: row.is_mlperf(),
            assumed,
        })
    }

    /// The deployment with one of its layouts.
    pub fn deployment(&self, layout: ServingLayout, with: &ServingCoefficients) -> Deployment<'_> {
        Deployment {
            shape: &self.shape,
            device: &self.device,
            network: &self.network,
            layout,
            formats: self.formats,
            engine: self.engine,
            speculation: self.guessed.map(|(guessed, acceptance)| Speculation {
                guessed,
                acceptance: acceptance.unwrap_or(with.acceptance),
            }),
        }
    }

    /// The answer of the law; none where the model does not fit in any layout.
    pub fn answer(&self, with: &ServingCoefficients) -> Option<Answer> {
        let mut best: Option<Answer> = None;
        for layout in &self.layouts {
            let deployment = self.deployment(*layout, with);
            if !deployment.fits(with, &self.request) && self.layouts.len() > 1 {
                continue;
            }
            let answer = self.in_layout(&deployment, with);
            if best.is_none_or(|best| answer.throughput > best.throughput) {
                best = Some(answer);
            }
        }
        best
    }

    fn in_layout(&self, deployment: &Deployment<'_>, with: &ServingCoefficients) -> Answer {
        let law = IterationLaw::new(*deployment, with);
        let replicas = (count(self.accelerators) / count(deployment.layout.accelerators())).max(1.0);
        let request = &self.request;
        let tuned = if self.tuned { with.tuned } else { 1.0 };
        let mut offered = false;
        let (state, throughput) = match self.traffic {
            Traffic::InFlight(requests) => {
                let state = law.at_concurrency(request, (requests / replicas).max(1.0));
                (state, state.throughput * replicas)
            }
            Traffic::Static(requests) => {
                let state = law.static_batch(request, (requests / replicas).max(1.0));
                (state, state.throughput * replicas)
            }
            Traffic::Queued(most) => {
                let state = law.saturated(request, most / replicas, self.requests.map(|all| all / replicas));
                (state, state.throughput * replicas * tuned)
            }
            Traffic::Offered(rate) => {
                let state = law.saturated(request, f64::INFINITY, None);
                let capacity = state.throughput * replicas * tuned;
                offered = rate * request.output < capacity;
                (state, capacity.min(rate * request.output))
            }
            Traffic::Apart { in_flight, prefill, decode } => {
                let state = law.disaggregated(request, in_flight, (prefill, decode));
                (state, state.throughput * self.ended(&state, in_flight))
            }
        };
        Answer { state, throughput, layout: deployment.layout, offered }
    }

    /// What an answer says of what was measured, in the row's unit.
    pub fn value(&self, answer: &Answer) -> f64 {
        self.unit
            * match self.quantity {
                Quantity::EachToken => answer.state.each_token,
                Quantity::Throughput => answer.throughput,
                Quantity::FirstToken | Quantity::LoadedFirstToken => answer.state.first_token,
            }
    }

    /// Throughput of a run that ends over that of one that does not: of answers of different length, the longest of those
    /// in flight at the end is waited for. The greatest of n exponential times is ln n + γ means on average; answers vary
    /// half as much.
    fn ended(&self, state: &SteadyState, in_flight: f64) -> f64 {
        let (Some(requests), Some(longest)) = (self.requests, self.longest) else { return 1.0 };
        const EULER: f64 = 0.577_215_664_901_532_9;
        let mean = self.request.output;
        let beyond = libm::log(in_flight.max(1.0)) + EULER - 1.0;
        let last = (mean * (1.0 + beyond / 2.0)).min(longest);
        let whole = requests * mean / state.throughput;
        whole / (whole + (last - mean).max(0.0) * state.each_token)
    }

    /// `dense` or `moe`.
    pub fn architecture(&self) -> &'static str {
        if self.shape.experts.is_some() { "moe" } else { "dense" }
    }

    /// Facts of its accelerator.
    pub fn facts(&self) -> &DeviceFacts {
        self.device.facts()
    }
}

/// What a row measures, and what the law's answer is multiplied with to be in its unit.
fn quantity(row: &ServingRow, accelerators: u64) -> Result<(Quantity, f64), String> {
    let kind = if row.kind.is_empty() { row.metric.as_str() } else { row.kind.as_str() };
    let unknown = || format!("the unit `{}` of {kind} is not known", row.unit);
    let seconds = || match row.unit.trim_start_matches("tpot_").trim_start_matches("ttft_") {
        "ms" => Ok(1e3),
        "s" => Ok(1.0),
        _ => Err(unknown()),
    };
    let tokens = row.prompt.unwrap_or(0.0) + row.output.unwrap_or(0.0);
    match kind {
        _ if kind.starts_with("tpot") => Ok((Quantity::EachToken, seconds()?)),
        _ if kind.starts_with("ttft") => Ok((Quantity::LoadedFirstToken, seconds()?)),
        _ if kind.contains("throughput") || kind == "req_s" => {
            let unit = match (row.unit.as_str(), row.output.filter(|output| *output > 0.0)) {
                ("tok_s_total", _) => 1.0,
                ("output_tok_s_per_gpu", _) => 1.0 / count(accelerators),
                ("total_in_out_tok_s", Some(output)) => tokens / output,
                ("req_s", Some(output)) => 1.0 / output,
                _ => return Err(unknown()),
            };
            Ok((Quantity::Throughput, unit))
        }
        _ => Err(format!("`{kind}` is not predicted")),
    }
}

fn bounded(accelerators: u64, request: &Request, traffic: Traffic) -> Result<(), String> {
    let requests = match traffic {
        Traffic::InFlight(requests)
        | Traffic::Static(requests)
        | Traffic::Offered(requests)
        | Traffic::Apart { in_flight: requests, .. } => requests,
        Traffic::Queued(_) => 1.0,
    };
    for (what, number) in [
        ("accelerators", count(accelerators)),
        ("tokens of a prompt", request.prompt),
        ("tokens of an answer", request.output),
        ("requests", requests),
    ] {
        if number > MOST {
            return Err(format!("{number} {what} are beyond all bounds, {MOST} at most"));
        }
    }
    Ok(())
}

/// The layouts of a replica, and the ranks of the largest.
fn layouts(
    row: &ServingRow,
    shape: &Shape,
    accelerators: u64,
    traffic: Traffic,
    assumed: &mut Vec<String>,
) -> Result<(Vec<ServingLayout>, u64), String> {
    let available = match traffic {
        Traffic::Apart { prefill, decode, .. } => {
            let workers = prefill + decode;
            whole(count(accelerators) / workers)
        }
        _ => accelerators,
    };
    let (data, pipeline) = (row.data.unwrap_or(1), row.pipeline.unwrap_or(1));
    let fits = |layout: &ServingLayout| {
        layout.accelerators() <= available && layout.stage_ranks().is_multiple_of(layout.expert)
    };
    let Some(tensor) = row.tensor.or_else(|| {
        let rest = available / data.saturating_mul(pipeline).max(1);
        (!row.is_mlperf()).then_some(rest.max(1))
    }) else {
        // Submitters choose: every replica within a server, and for mixtures attention by sequences beside it by heads.
        assumed.push("the fastest layout of a replica within a server".to_owned());
        let sizes = [1, 2, 4, 8].into_iter().filter(|size| *size <= available);
        let mut layouts: Vec<ServingLayout> = sizes.clone().map(ServingLayout::tensor).collect();
        if shape.experts.is_some() {
            layouts.extend(sizes.filter(|size| *size > 1).map(|size| ServingLayout {
                tensor: 1,
                attention_data: size,
                expert: size,
                pipeline: 1,
            }));
        }
        return Ok((layouts, 8.min(available)));
    };
    let experts = shape.experts.map_or(1, |experts| experts.routed);
    let layout = ServingLayout {
        tensor,
        attention_data: data,
        expert: if experts > 1 { row.expert.unwrap_or(1) } else { 1 },
        pipeline,
    };
    if !fits(&layout) {
        return Err(format!(
            "a layout of {tensor} × {data} × {pipeline} ranks with experts over {} does not fit {available} accelerators",
            layout.expert
        ));
    }
    if tensor > 1024 || pipeline > shape.layers || layout.expert > experts {
        return Err(format!(
            "a layout of {tensor} tensor-parallel ranks and {pipeline} stages is beyond all bounds"
        ));
    }
    Ok((vec![layout], layout.accelerators()))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of accelerators")]
fn whole(number: f64) -> u64 {
    number.max(1.0) as u64
}

/// Tokens guessed ahead: `MTP nextn=3`; none where the notes say so or nothing.
fn guessed(row: &ServingRow, assumed: &mut Vec<String>) -> Option<(f64, Option<f64>)> {
    let guessed = row.noted("nextn").filter(|guessed| (1.0..=64.0).contains(guessed))?;
    assumed.push("the chance that a guessed token holds".to_owned());
    Some((guessed, None))
}
