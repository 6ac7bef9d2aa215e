//! The law of the device against published times: representative rows, the whole file where it is there, and files
//! that are wrong in every way.

use std::path::Path;

use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::kernels::{self, Collectives, Devices};
use gigawatt_validation::{Line, Report, Unusable, to_csv};

/// Kernel times collected with TensorRT-LLM by NVIDIA's aiconfigurator (revision 095f58a5, Apache-2.0), those of an
/// A100 by the authors of Vidur (revision 7d475133, MIT), those of an H800 from the first README of DeepGEMM (MIT).
const ROWS: &str = "\
id,gpu,engine,op,dtype,kv_dtype,m,n,k,groups_or_experts,batch,seq_or_kv_len,heads,kv_heads,head_dim,time_us,tflops
h100-bf16,NVIDIA H100 80GB HBM3,TRTLLM,gemm,bfloat16,,4096,8192,8192,,,,,,,672.768,
h100-fp8,NVIDIA H100 80GB HBM3,TRTLLM,gemm,fp8,,4096,8192,8192,,,,,,,446.597,
h100-few-rows,NVIDIA H100 80GB HBM3,TRTLLM,gemm,bfloat16,,16,10240,8192,,,,,,,67.456,
a100-fp16,A100,sarathi,gemm,fp16,,4096,57344,8192,,,,,,,15940.5,
b200-block,NVIDIA B200,TRTLLM,gemm,fp8_block,,16384,8192,8192,,,,,,,801.525,
gb300-bf16,NVIDIA GB300,TRTLLM,gemm,bfloat16,,4096,16384,16384,,,,,,,1115.573,
gb300-nvfp4,NVIDIA GB300,TRTLLM,gemm,nvfp4,,16384,8192,8192,,,,,,,440.236,
l40s-bf16,NVIDIA L40S,TRTLLM,gemm,bfloat16,,16384,10240,8192,,,,,,,13289.302,
a100-attention,NVIDIA A100-SXM4-80GB,TRTLLM,attention_prefill,bfloat16,bfloat16,,,,,4,4096,64,8,128,8196.267,
h100-attention,NVIDIA H100 80GB HBM3,TRTLLM,attention_prefill,bfloat16,bfloat16,,,,,4,16384,32,8,128,16249.93,
gb300-attention,NVIDIA GB300,TRTLLM,attention_prefill,bfloat16,bfloat16,,,,,4,16384,64,8,128,11492.961,
b200-latent,NVIDIA B200,TRTLLM,mla_prefill,bfloat16,bfloat16,,,,,16,4096,128,,,11148.042,
h200-decode,NVIDIA H200,TRTLLM,attention_decode,bfloat16,bfloat16,,,,,64,4096,64,8,128,265.355,
h800-experts,H800 SXM,DeepGEMM,grouped_gemm_contig,fp8_block,,8192,4096,7168,4,,,,,,,1297
";

fn predict(text: &[u8]) -> Result<Vec<Line>, Unusable> {
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let devices = Devices::of(&catalogue, DeviceCoefficients::embedded().expect("every coefficient"));
    let network = NetworkCoefficients::embedded().expect("every coefficient");
    kernels::predict(text, &devices, &Collectives::new(&catalogue, network))
}

fn lines(text: &[u8]) -> Vec<Line> {
    predict(text).expect("a usable file")
}

#[test]
fn representative_kernels_are_within_a_fifth() {
    let lines = lines(ROWS.as_bytes());
    assert_eq!(lines.len(), 14);
    let mut errors = Vec::new();
    for line in &lines {
        let prediction = line.outcome.as_ref().expect(&line.id);
        assert!(prediction.error().abs() < 0.2, "{}: {:+.3}", line.id, prediction.error());
        errors.push(prediction.error().abs());
    }
    assert!(gigawatt_validation::percentile(&mut errors, 0.5) < 0.08, "{errors:?}");
}

#[test]
fn predictions_do_not_see_what_was_measured() {
    let predicted = |text: &str| -> Vec<f64> {
        let lines = lines(text.as_bytes());
        lines.iter().map(|line| line.outcome.as_ref().expect("a prediction").predicted).collect()
    };
    let text: String = ROWS.lines().map(|line| line.to_owned() + "\n").collect();
    let other = text.replace("672.768", "1").replace("13289.302", "9e9").replace(",1297\n", ",5\n");
    assert_ne!(text, other);
    assert_eq!(predicted(&text), predicted(&other));
}

#[test]
fn order_and_further_columns_do_not_matter() {
    let turned: String = ROWS
        .lines()
        .map(|line| {
            let cells: Vec<&str> = line.split(',').rev().collect();
            format!("more,{}\n", cells.join(","))
        })
        .collect();
    assert_eq!(lines(turned.as_bytes()), lines(ROWS.as_bytes()));
}

#[test]
fn rows_that_say_nothing_are_skipped_with_a_reason() {
    let mut text = b"gpu,op,dtype,m,n,k,time_us,id\n".to_vec();
    text.extend_from_slice(
        b"H100,gemm,bf16,nan,8,8,5,a\nH100,gemm,bf16,-1,8,8,5,b\nH100,gemm,bf16,,8,8,5,c\n",
    );
    text.extend_from_slice(
        b"H100,gemm,bf16,1e300,1e300,1e300,5,d\nZ80,gemm,bf16,8,8,8,5,e\nH100,fft,bf16,8,8,8,5,f\n",
    );
    text.extend_from_slice(b"H100,gemm,bf17,8,8,8,5,g\nH100,gemm,bf16,8,8,8,0,h\nH100,gemm,bf16,8,8,8,x,i\n");
    text.extend_from_slice(b"H100,gemm,\xff\xfe,8,8,8,5,j\nH100\nH100,nccl_all_reduce,half,,,,5,l\n");
    text.extend_from_slice(b"H100,gemm,bf16,8,8,8,5,good,too,many,cells\n");
    let lines = lines(&text);
    assert_eq!(lines.len(), 13);
    let report = Report::of(&lines, Vec::new());
    assert_eq!(report.skipped.len(), 12);
    assert!(report.skipped.iter().all(|skipped| skipped.reason.len() > 5 && skipped.reason.len() < 120));
    assert_eq!(report.overall.map(|overall| overall.count), Some(1));
    assert_eq!(to_csv(&lines).expect("text").lines().count(), 14);
}

#[test]
fn files_without_what_is_needed_are_unusable() {
    assert_eq!(predict(b""), Err(Unusable::Empty));
    let missing = predict(b"op,time_us\ngemm,1\n");
    assert_eq!(missing, Err(Unusable::MissingColumns(vec!["gpu"])));
    assert!(predict(b"\x00\x01\x02").is_err());
    assert_eq!(predict(b"gpu,op,time_us\n"), Ok(Vec::new()));
}

#[test]
fn only_scored_rows_count_where_the_file_says_which() {
    let with = |mark: &str| {
        let text = format!("gpu,op,dtype,m,n,k,time_us,scored\nH100,gemm,bf16,8,8,8,5,{mark}\n");
        Report::of(&lines(text.as_bytes()), Vec::new())
    };
    assert!(with("1").overall.is_some() && with("1").unscored.is_none());
    assert!(with("0").overall.is_none() && with("0").unscored.is_some());
}

/// Groups whose median error is known to be above the bar, with what it may be at most. See the book's chapter.
const KNOWN: [(&str, f64); 2] =
    [("attention_prefill/l40s", 0.17), ("attention_prefill/rtx-pro-6000-server", 0.14)];

#[test]
fn medians_over_the_published_file_are_below_the_bar() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/validation/op_points.csv");
    let Ok(bytes) = std::fs::read(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return;
    };
    let report = Report::of(&lines(&bytes), Vec::new());
    let mut held = 0;
    for (name, group) in &report.by["op_gpu"] {
        let (op, _) = name.split_once('/').expect("operation and accelerator");
        if matches!(op, "gemm" | "attention_prefill" | "mla_prefill") {
            let bar = KNOWN.iter().find(|(known, _)| known == name).map_or(0.12, |(_, bar)| *bar);
            assert!(group.median_abs_error < bar, "{name}: {:.3}", group.median_abs_error);
            held += 1;
        }
    }
    assert_eq!(held, 11 + 9 + 9);
    let large = &report.by["gemm_rows"]["512 rows and more"];
    assert!(
        large.median_abs_error < 0.06 && large.p90_abs_error < 0.16 && large.bias.abs() < 0.02,
        "{large:?}"
    );
}
