//! Speed of reading traces of requests: `cargo bench -p gigawatt-plan --bench request_trace`.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::fmt::Write;
use std::hint::black_box;

use divan::AllocProfiler;
use divan::counter::{BytesCount, ItemsCount};
use gigawatt_plan::request_trace::{Ordered, RequestQuality, RequestReader};

/// Counts allocations, of which a row makes none.
#[global_allocator]
static ALLOCATIONS: AllocProfiler = AllocProfiler::system();

/// Rows of one measurement.
const ROWS: u64 = 200_000;

/// How a trace is written; lengths are those of typical rows.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Azure,
    Burstgpt,
    Plain,
    /// With 14 blocks a row.
    Mooncake,
}

const KINDS: [Kind; 4] = [Kind::Azure, Kind::Burstgpt, Kind::Plain, Kind::Mooncake];

fn main() {
    divan::main();
}

fn text(kind: Kind) -> String {
    let mut text = String::from(match kind {
        Kind::Azure => "TIMESTAMP,ContextTokens,GeneratedTokens\n",
        Kind::Burstgpt => {
            "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
        }
        Kind::Plain => "arrival_s,prompt_tokens,output_tokens\n",
        Kind::Mooncake => "",
    });
    for row in 0..ROWS {
        let (prompt, output) = (row * 7919 % 4000, row * 31 % 600);
        match kind {
            Kind::Azure => {
                let (hour, minute, second) = (row / 36_000 % 24, row / 600 % 60, row / 10 % 60);
                writeln!(text, "2023-11-16 {hour:02}:{minute:02}:{second:02}.{}805900,{prompt},{output}", row % 10)
            }
            Kind::Burstgpt => writeln!(
                text,
                "{row},{},3.25,ChatGPT,{prompt},{output},{},Conversation log",
                row / 3,
                prompt + output
            ),
            Kind::Plain => writeln!(text, "{}.{:03},{prompt},{output}", row / 100, row % 100),
            Kind::Mooncake => {
                let ids: Vec<String> = (0..14).map(|block| (row * 14 + block).to_string()).collect();
                let ids = ids.join(", ");
                writeln!(
                    text,
                    "{{\"timestamp\": {row}, \"input_length\": 7000, \"output_length\": {output}, \"hash_ids\": [{ids}]}}"
                )
            }
        }
        .unwrap();
    }
    text
}

#[divan::bench(args = KINDS)]
fn in_order(bencher: divan::Bencher<'_, '_>, kind: Kind) {
    let text = text(kind);
    bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(text.len())).bench_local(|| {
        let reader = RequestReader::open("bench", text.as_bytes(), None).unwrap();
        let mut ordered = Ordered::new(reader, Ordered::<&[u8]>::ROWS);
        let mut tokens = 0;
        while let Some(request) = ordered.next_request().unwrap() {
            tokens += u64::from(request.prompt) + request.blocks.len() as u64;
        }
        black_box(tokens)
    });
}

#[divan::bench(args = KINDS)]
fn quality(bencher: divan::Bencher<'_, '_>, kind: Kind) {
    let text = text(kind);
    bencher.counter(ItemsCount::new(ROWS)).counter(BytesCount::new(text.len())).bench_local(|| {
        let mut reader = RequestReader::open("bench", text.as_bytes(), None).unwrap();
        RequestQuality::of(&mut reader).unwrap()
    });
}
