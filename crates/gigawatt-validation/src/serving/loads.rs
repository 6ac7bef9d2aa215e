//! What a row asks of its deployment: how requests come, and how long they are.

use gigawatt_engine::serving::Request;

use super::row::ServingRow;

/// How requests come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Traffic {
    /// A constant number in flight.
    InFlight(f64),
    /// A batch that starts and ends together.
    Static(f64),
    /// All queued, so many at once at most.
    Queued(f64),
    /// So many in a second, of which a deployment serves what it can.
    Offered(f64),
    /// Prompts and answers on workers of their own: a number in flight, and workers of each.
    Apart {
        /// Requests in flight.
        in_flight: f64,
        /// Workers for prompts.
        prefill: f64,
        /// Workers for answers.
        decode: f64,
    },
}

/// How requests come in a row.
///
/// # Errors
/// That it is not published.
pub fn traffic(row: &ServingRow) -> Result<Traffic, String> {
    let load = row.load.to_lowercase();
    let number = load.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
    if !row.apart.is_empty() {
        let workers = workers(&row.apart).ok_or("the numbers of workers are not published")?;
        let in_flight = number.ok_or("the number of requests in flight is not published")?;
        return Ok(Traffic::Apart { in_flight, prefill: workers.0, decode: workers.1 });
    }
    if let Some(rate) = row.noted("target_qps").filter(|rate| *rate > 0.0) {
        return Ok(Traffic::Offered(rate));
    }
    if load.starts_with("max") || load.starts_with("infinite") || load.starts_with("inf") {
        return Ok(Traffic::Queued(row.noted("max_num_seqs").unwrap_or(f64::INFINITY)));
    }
    let Some(number) = number else {
        return Err(format!("the load `{}` is not one that is known", row.load));
    };
    let at_once = row.engine.contains("static batch")
        || row.notes.contains("static batch")
        || row.notes.contains("batch/latency")
        || row.scenario == "minlat" && row.output.is_some_and(|output| output <= 1.0);
    Ok(if at_once { Traffic::Static(number) } else { Traffic::InFlight(number) })
}

/// Workers for prompts and for answers: `1 prefill / 3 decode workers`.
fn workers(text: &str) -> Option<(f64, f64)> {
    let before = |word: &str| {
        let before = text.split_once(word)?.0.trim_end();
        before.rsplit([' ', '/']).next()?.parse::<f64>().ok().filter(|count| (1.0..=1e4).contains(count))
    };
    Some((before("prefill")?, before("decode")?))
}

/// Requests of the whole run: `num_requests=3000`, `num_prompts=1500`, `500 prompts`.
pub fn requests(row: &ServingRow) -> Option<f64> {
    let stated = row.noted("num_requests=").or_else(|| row.noted("num_prompts="));
    let counted = || {
        let before = row.notes.split_once(" prompts")?.0;
        before.rsplit([' ', ';']).next()?.parse::<f64>().ok()
    };
    stated.or_else(counted).filter(|requests| (1.0..=1e9).contains(requests))
}

/// The most tokens of an answer, where the mean is well below: `requested isl/osl 2048/32784`.
pub fn longest(row: &ServingRow) -> Option<f64> {
    let asked = row.notes.split_once("requested isl/osl ")?.1;
    let most = asked.split_once('/')?.1.split(';').next()?.trim().parse::<f64>().ok()?;
    Some(most).filter(|most| row.output.is_some_and(|mean| mean < 0.9 * most) && *most < 1e9)
}

/// Mean tokens of prompts and answers of MLPerf's data sets, by a word in the model's name: the means that its task forces
/// state for Llama 3.1 405B and 8B and DeepSeek-R1 (mlcommons.org, April and September 2025) and the tokens of a sample in
/// their rules for answers of the others; prompts of the others are our assumption.
const MLPERF: [(&str, f64, f64); 5] = [
    ("405b", 9400.0, 680.0),
    ("3.1-8b", 778.0, 128.0),
    ("deepseek", 800.0, 3880.0),
    ("mixtral", 220.0, 144.84),
    ("70b", 220.0, 294.45),
];

/// Tokens of a row's requests.
///
/// # Errors
/// That they are not published.
pub fn request(row: &ServingRow, assumed: &mut Vec<String>) -> Result<Request, String> {
    let usual = MLPERF
        .iter()
        .find(|(word, ..)| row.is_mlperf() && format!("{} {}", row.model, row.model_norm).contains(word));
    let mut need = |printed: Option<f64>, usual: Option<f64>, what: &str| {
        if let Some(tokens) = printed.filter(|tokens| *tokens >= 0.5) {
            return Ok(tokens.max(1.0));
        }
        let tokens = usual.ok_or_else(|| format!("the tokens of {what} are not published"))?;
        assumed.push(format!("{what} of {tokens} tokens, the mean of the data set"));
        Ok::<f64, String>(tokens)
    };
    let prompt = need(row.prompt, usual.map(|(_, prompt, _)| *prompt), "prompts")?;
    let output = need(row.output, usual.map(|(.., output)| *output), "answers")?;
    Ok(Request { prompt, output })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(load: &str, engine: &str, apart: &str) -> ServingRow {
        let [load, engine, apart] = [load, engine, apart].map(str::to_owned);
        ServingRow { load, engine, apart, ..ServingRow::default() }
    }

    #[test]
    fn loads_are_read_as_documents_print_them() {
        let of = |load, engine, apart| traffic(&row(load, engine, apart));
        assert_eq!(of("64", "vllm", ""), Ok(Traffic::InFlight(64.0)));
        assert_eq!(of("64", "TensorRT-LLM 0.9.0 (static batch)", ""), Ok(Traffic::Static(64.0)));
        assert_eq!(of("max (all requests queued)", "", ""), Ok(Traffic::Queued(f64::INFINITY)));
        assert_eq!(
            of("infinite rate; num_prompts=1500, max_num_seqs=1500", "", ""),
            Ok(Traffic::Queued(1500.0))
        );
        assert_eq!(of("target_qps 373.5", "", ""), Ok(Traffic::Offered(373.5)));
        let apart = "1 prefill / 3 decode workers (source label 1P3D)";
        assert_eq!(of("32", "", apart), Ok(Traffic::Apart { in_flight: 32.0, prefill: 1.0, decode: 3.0 }));
        assert!(of("", "", "").is_err() && of("32", "", "some workers").is_err());
    }
}
