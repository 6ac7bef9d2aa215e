//! The engine of a row.

use gigawatt_plan::catalog::{Attention, Shape};
use gigawatt_plan::serving::{Engine, EngineName, MemoryShare, Release, Scheduling};

use super::row::ServingRow;

/// The engine that a row names, and what was assumed of it.
///
/// # Errors
/// That it is not known.
pub fn engine(row: &ServingRow, shape: &Shape, assumed: &mut Vec<String>) -> Result<Engine, String> {
    let text = row.engine.to_lowercase();
    let (name, release) = if text.contains("sglang") {
        (EngineName::Sglang, release_after(&text, "sglang"))
    } else if text.contains("vllm") {
        (EngineName::Vllm, release_after(&text, "vllm").or_else(|| of_the_time(row)))
    } else if text.contains("tensorrt-llm") || text.contains("trtllm") {
        let release = release_after(&text, "tensorrt-llm").or_else(|| release_after(&text, "trtllm"));
        (EngineName::TensorrtLlm, release)
    } else if text.contains("tensorrt") {
        // Submissions to MLPerf name the compiler: engines that it made ahead of time. TensorRT 10.2 is of the summer of 2024.
        let early = release_after(&text, "tensorrt").is_some_and(|release| release < Release(10, 5));
        let latent = matches!(shape.attention, Attention::Latent { .. });
        let release = match (latent, early) {
            // Models with latent attention have never been compiled ahead there.
            (true, _) => None,
            (false, true) => Some(Release(0, 12)),
            (false, false) => Some(Release(0, 17)),
        };
        (EngineName::TensorrtLlm, release)
    } else if text.contains("rocm") {
        assumed.push("an engine such as vLLM".to_owned());
        (EngineName::Vllm, None)
    } else {
        return Err(format!("the engine `{}` is not known", row.engine));
    };
    let mut engine = Engine::of(name, release);
    if let Some(most) = row.noted("max_num_seqs").or_else(|| row.noted("max_batch_size")) {
        engine.most_sequences = whole(most);
    }
    if let MemoryShare::OfFree(_) = engine.memory {
        // What NVIDIA's own tables of throughput are made with.
        let share = row.noted("kv_cache_free_gpu_mem_fraction").filter(|share| (0.1..=1.0).contains(share));
        if row.load.starts_with("max") {
            engine.memory = MemoryShare::OfFree(share.unwrap_or(0.95));
        }
    }
    if name == EngineName::Sglang && !row.apart.is_empty() {
        // Workers for answers poll for caches between iterations.
        engine.scheduling = Scheduling::Serial;
    }
    Ok(engine)
}

/// The first two numbers after a word, within a few letters of it.
fn release_after(text: &str, word: &str) -> Option<Release> {
    let rest = text.split_once(word)?.1;
    let rest = rest.trim_start_matches([' ', '-', '_', 'v']);
    let mut numbers = rest.split(|letter: char| !letter.is_ascii_digit());
    let first = numbers.next()?.parse().ok()?;
    let second = numbers.next()?.parse().ok()?;
    Some(Release(first, second))
}

/// vLLM at the day of a measurement: before 2026 it was not yet at 0.14.
fn of_the_time(row: &ServingRow) -> Option<Release> {
    let year = row.noted("measured")?;
    (year < 2026.0).then_some(Release(0, 11))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a printed count within bounds")]
fn whole(number: f64) -> u64 {
    number.clamp(1.0, 1e9) as u64
}

#[cfg(test)]
mod tests {
    use gigawatt_plan::serving::Backend;

    use super::*;

    fn of(engine: &str, notes: &str) -> Engine {
        let row = ServingRow { engine: engine.to_owned(), notes: notes.to_owned(), ..ServingRow::default() };
        engine_of(&row)
    }

    fn dense() -> Shape {
        let attention = Attention::Grouped { heads: 8, kv_heads: 8, head_size: 64, biased: false };
        Shape::dense(2, 512, 1000, 4096, attention, 2048)
    }

    fn engine_of(row: &ServingRow) -> Engine {
        super::engine(row, &dense(), &mut Vec::new()).unwrap()
    }

    #[test]
    fn engines_are_read_as_documents_print_them() {
        assert_eq!(of("vllm 0.12.0", "").scheduling, Scheduling::Serial);
        assert_eq!(of("vLLM 0.6.5.dev964+mlperf50, Pytorch 2.7", "").scheduling, Scheduling::Serial);
        assert_eq!(of("vllm", "measured 2025-10-29; x").scheduling, Scheduling::Serial);
        assert_eq!(of("vllm", "measured 2026-03-01; x").scheduling, Scheduling::Overlapped);
        assert_eq!(of("TensorRT-LLM 0.17 (TensorRT engine, trtllm-bench)", "").backend, Backend::Compiled);
        assert_eq!(of("TensorRT-LLM 0.20 (PyTorch backend)", "").backend, Backend::Graphs);
        assert_eq!(of("trtllm 1.0.0rc3", "").backend, Backend::Graphs);
        assert_eq!(of("TensorRT 10.11, CUDA 12.9", "").backend, Backend::Compiled);
        assert_eq!(of("SGLang latest (Sep 2025), nixl", "").name, EngineName::Sglang);
        assert_eq!(of("vllm", "infinite rate; max_num_seqs=1500").most_sequences, 1500);
        let row = ServingRow { engine: "llama.cpp".to_owned(), ..ServingRow::default() };
        assert!(super::engine(&row, &dense(), &mut Vec::new()).is_err());
    }
}
