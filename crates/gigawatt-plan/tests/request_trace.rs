//! Traces of requests: every format row by row, what is left out and told, order, replay, and the published figures.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::num::NonZeroU32;

use gigawatt_plan::request_trace::{
    Cause, FindingKind, OpenError, Ordered, OutOfOrder, Replay, ReplayOptions, RequestFormat, RequestQuality,
    RequestReader, RequestRow, TimeScale,
};
use gigawatt_plan::text::{Diagnostic, SourceMap};
use proptest::prelude::*;

const AZURE: &str = include_str!("request_traces/azure_2023.csv");
const MOONCAKE: &str = include_str!("request_traces/mooncake.jsonl");
const BURSTGPT: &str = "\
Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type
5,11,3.7,ChatGPT,472,18,490,Conversation log
45,,0.5,GPT-4,1087,230,1317,API log
118.25,11,0.0,ChatGPT,417,0,417,Conversation log
";
const PLAIN: &str =
    "arrival_s,prompt_tokens,output_tokens,session,priority\n0.5,100,10,a,1\n1.25,200,20,b,0\n";

fn open(text: &str) -> RequestReader<&[u8]> {
    RequestReader::open("trace", text.as_bytes(), None).unwrap()
}

/// Time, prompt, output and blocks of each row.
fn rows(text: &str) -> Vec<(i64, u32, u32, Vec<u64>)> {
    let mut reader = open(text);
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        rows.push((row.time, row.prompt, row.output, row.blocks.to_vec()));
    }
    rows
}

fn quality(text: &str) -> RequestQuality {
    RequestQuality::of(&mut open(text)).unwrap()
}

/// Arrival and prompt of each request in order.
fn ordered(text: &str, rows: usize) -> Result<Vec<(u64, u32)>, OutOfOrder> {
    let mut ordered = Ordered::new(open(text), rows);
    let mut requests = Vec::new();
    while let Some(request) = ordered.next_request()? {
        requests.push((request.arrival, request.prompt));
    }
    Ok(requests)
}

/// Arrival, session and blocks of each request of a replay.
fn replayed(text: &str, options: ReplayOptions) -> Vec<(u64, u64, Vec<u64>)> {
    let mut replay = Replay::new(|| RequestReader::open("trace", text.as_bytes(), None), options).unwrap();
    let mut requests = Vec::new();
    while let Some(request) = replay.next_request().unwrap() {
        requests.push((request.arrival, request.session, request.blocks.to_vec()));
    }
    requests
}

fn places(sources: &SourceMap, diagnostics: &[Diagnostic]) -> Vec<(String, String)> {
    let place = |one: &Diagnostic| {
        let span = one.labels[0].span;
        (sources.locate(span), sources.snippet(span).to_owned())
    };
    diagnostics.iter().map(place).collect()
}

#[test]
fn azure_row_by_row_with_seven_digits_of_a_second() {
    assert_eq!(open(AZURE).header().format, RequestFormat::Azure);
    let read = rows(AZURE);
    assert_eq!(read.len(), 6);
    // 16 November 2023, 18:15:46 UTC is 1,700,158,546 s from 1970.
    assert_eq!(read[0], (1_700_158_546_680_590_000, 374, 44, vec![]));
    assert_eq!(read[1].0 - read[0].0, 4_314_579_000);
    let later = "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 00:00:00.009930+00:00,2162,5\n";
    assert_eq!(rows(later), [(1_715_299_200_009_930_000, 2162, 5, vec![])]);
}

#[test]
fn mooncake_row_by_row_with_its_blocks() {
    let reader = open(MOONCAKE);
    assert_eq!((reader.header().format, reader.header().block_tokens), (RequestFormat::Mooncake, Some(512)));
    let read = rows(MOONCAKE);
    assert_eq!(read.len(), 6);
    assert_eq!(read[3], (0, 2290, 316, vec![0, 42, 43, 44, 45]));
    assert!(quality(MOONCAKE).findings.is_empty());
}

#[test]
fn burstgpt_with_sessions_and_as_it_was_without() {
    let quality = quality(BURSTGPT);
    assert_eq!((quality.header.format, quality.sessions), (RequestFormat::Burstgpt, Some(1)));
    assert_eq!((quality.requests, quality.findings[0].kind), (3, FindingKind::OutputZero));
    let old = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n";
    assert_eq!(rows(old), [(5_000_000_000, 472, 18, vec![])]);
}

#[test]
fn a_plain_table_with_sessions_and_priorities() {
    let mut ordered = Ordered::new(open(PLAIN), 10);
    let first = ordered.next_request().unwrap().unwrap();
    assert_eq!((first.arrival, first.prompt, first.output, first.priority), (0, 100, 10, 1));
    let session = first.session;
    let second = ordered.next_request().unwrap().unwrap();
    assert_eq!((second.arrival, second.priority), (750_000_000, 0));
    assert!(session != 0 && second.session != 0 && session != second.session);
}

#[test]
fn line_ends_and_a_byte_order_mark_change_nothing() {
    for text in [AZURE, BURSTGPT, PLAIN, MOONCAKE] {
        let plain = text.replace("\r\n", "\n");
        let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
        assert_eq!(rows(&plain), rows(&windows));
        assert_eq!(rows(&plain), rows(plain.trim_end()));
    }
}

#[test]
fn what_cannot_be_read_is_left_out_counted_and_pointed_at() {
    let text = "\
TIMESTAMP,ContextTokens,GeneratedTokens
2023-11-16 18:15:46.6805900,374,44
2023-02-30 18:15:46.6805900,374,44
2023-11-16 18:15:47,-5,44
2023-11-16 18:15:48,NaN,44
2023-11-16 18:15:49,1e99,44
2023-11-16 18:15:50,12.5,44
2023-11-16 18:15:51,12
2023-11-16 18:15:52,1,024,44
,12,44
2023-11-16 18:15:53,,44
2023-11-16 18:15:54,0,0
";
    let mut reader = open(text);
    let quality = RequestQuality::of(&mut reader).unwrap();
    assert_eq!(quality.requests, 2);
    let left_out: Vec<_> =
        quality.left_out.iter().map(|one| (one.cause, one.lines, one.first_line)).collect();
    assert_eq!(left_out, [(Cause::Fields, 2, 8), (Cause::Value, 6, 3), (Cause::Time, 1, 10)]);
    let found: Vec<_> = quality.findings.iter().map(|one| (one.kind, one.requests, one.first_line)).collect();
    assert_eq!(found, [(FindingKind::PromptZero, 1, 12), (FindingKind::OutputZero, 1, 12)]);
    let (diagnostics, sources) = reader.into_diagnostics();
    let expected = [
        ("trace:3", "2023-02-30 18:15:46.6805900"),
        ("trace:4", "-5"),
        ("trace:5", "NaN"),
        ("trace:8", "2023-11-16 18:15:51,12"),
        ("trace:9", "2023-11-16 18:15:52,1,024,44"),
        ("trace:10", ",12,44"),
    ];
    assert_eq!(places(&sources, &diagnostics), expected.map(|(at, text)| (at.to_owned(), text.to_owned())));
    assert!(diagnostics[2].message.ends_with("and 3 more lines like it"), "{}", diagnostics[2].message);
}

#[test]
fn a_cut_off_object_is_left_out_and_the_rest_read() {
    let whole = r#"{"timestamp": 1, "input_length": 600, "output_length": 2, "hash_ids": [1, 2]}"#;
    let text = format!("{whole}\n{}\n{whole}\n", &whole[..whole.len() - 4]);
    let mut reader = open(&text);
    let quality = RequestQuality::of(&mut reader).unwrap();
    assert_eq!((quality.requests, quality.left_out[0].cause), (2, Cause::Syntax));
    let (diagnostics, sources) = reader.into_diagnostics();
    assert_eq!(sources.locate(diagnostics[0].labels[0].span), "trace:2");
}

#[test]
fn a_long_line_is_told_by_what_stands_around_the_mistake() {
    let ids = vec!["1"; 200_000].join(",");
    let row = |output| {
        format!(r#"{{"timestamp": 1, "input_length": 5, "hash_ids": [{ids}], "output_length": {output}}}"#)
    };
    let mut reader = RequestReader::open("trace", row("x").into_bytes().leak() as &[u8], None).unwrap();
    assert!(reader.next_row().unwrap().is_none());
    let (diagnostics, sources) = reader.into_diagnostics();
    let span = diagnostics[0].labels[0].span;
    assert_eq!(sources.snippet(span), "x");
    assert!(sources.get(span.source).text.len() < 10_000);
    let text = format!("{}\n{}\n", row("1"), " ".repeat(3 << 20));
    let mut reader = open(&text);
    assert_eq!(reader.next_row().unwrap().unwrap().blocks.len(), 200_000);
    assert!(reader.next_row().unwrap().is_none());
    assert_eq!(reader.left_out()[0].cause, Cause::Long);
}

#[test]
fn a_trace_without_rows_is_read_and_a_file_that_is_none_says_what_one_would_be() {
    let empty = quality("TIMESTAMP,ContextTokens,GeneratedTokens\n");
    assert_eq!((empty.requests, empty.span, empty.rate, empty.gaps), (0, None, None, None));
    assert_eq!((empty.prompts.p50, empty.blocks), (None, None));
    assert!(
        replayed(
            "arrival_s,prompt_tokens,output_tokens\n",
            ReplayOptions { repeat: NonZeroU32::MAX, ..ReplayOptions::default() }
        )
        .is_empty()
    );
    let cases = [
        ("", "the file is empty", "a trace starts"),
        ("\n \n", "the file is empty", "a trace starts"),
        ("time,price\n", "no trace of requests", "a trace starts"),
        ("1,2,3\n", "no trace of requests", "a trace starts"),
        ("[{\"timestamp\": 1}]\n", "a list of JSON", "jq -c"),
        ("\u{1f}\u{8b}", "no trace of requests", "a trace starts"),
        ("arrivals,prompt_tokens,output_tokens\n", "no column `arrival_s`", "is `arrivals` meant"),
        ("Timestamp,Request tokens\n", "no column `Response tokens`", "a trace starts"),
    ];
    for (text, message, help) in cases {
        let Err(OpenError::Unusable { diagnostics, .. }) = RequestReader::open("x", text.as_bytes(), None)
        else {
            panic!("{text:?} opens");
        };
        assert!(diagnostics[0].message.contains(message), "{text:?}: {}", diagnostics[0].message);
        assert!(diagnostics[0].help.as_ref().unwrap().contains(help), "{text:?}: {:?}", diagnostics[0].help);
    }
    let zipped = RequestReader::open("x", &[0x1f, 0x8b, 8, 0][..], None);
    let Err(OpenError::Unusable { diagnostics, .. }) = zipped else { panic!("compressed") };
    assert!(diagnostics[0].message.contains("gzip"));
    let other = RequestReader::open("x", PLAIN.as_bytes(), Some(RequestFormat::Azure));
    let Err(OpenError::Unusable { diagnostics, .. }) = other else { panic!("another format") };
    assert!(diagnostics[0].message.contains("TIMESTAMP"));
}

#[test]
fn requests_come_in_the_order_of_arrival_or_the_trace_is_refused() {
    let row = |(time, prompt): (u32, u32)| format!("{time},{prompt},1\n");
    let times = [(50, 1), (10, 2), (50, 3), (40, 4), (90, 5), (45, 6)];
    let text = format!("arrival_s,prompt_tokens,output_tokens\n{}", times.map(row).concat());
    let seconds: Vec<(u64, u32)> =
        ordered(&text, 3).unwrap().into_iter().map(|(at, prompt)| (at / 1_000_000_000, prompt)).collect();
    assert_eq!(seconds, [(0, 2), (30, 4), (35, 6), (40, 1), (40, 3), (80, 5)]);
    let refused = ordered(&text, 0).unwrap_err();
    assert!(
        matches!(refused, OutOfOrder::TooFar { line: 3, seconds, rows: 0 } if seconds == 40.0),
        "{refused}"
    );
    let quality = quality(&text);
    assert_eq!((quality.order.rows, quality.order.furthest, quality.order.beyond), (3, 45.0, 0));
    assert_eq!(quality.findings[0].first_line, 3);
}

#[test]
fn a_window_a_number_a_rate_and_repetitions() {
    let rows: String = (0..10).map(|at| format!("{at},{at},1,7\n")).collect();
    let text = format!("arrival_s,prompt_tokens,output_tokens,session\n{rows}");
    let seconds = |options| -> Vec<f64> {
        replayed(&text, options).into_iter().map(|(at, ..)| at as f64 / 1e9).collect()
    };
    let options = ReplayOptions::default();
    assert_eq!(seconds(options).len(), 10);
    let window = ReplayOptions { from: 2_500_000_000, until: Some(6_000_000_000), ..options };
    assert_eq!(seconds(window), [0.5, 1.5, 2.5]);
    let twice = ReplayOptions { repeat: NonZeroU32::new(2).unwrap(), ..window };
    assert_eq!(seconds(twice), [0.5, 1.5, 2.5, 4.0, 5.0, 6.0]);
    let first = ReplayOptions { first: Some(2), repeat: NonZeroU32::new(3).unwrap(), ..options };
    assert_eq!(seconds(first), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let faster = ReplayOptions { scale: TimeScale::of_rate(4.0).unwrap(), ..first };
    assert_eq!(seconds(faster), [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]);
    let slower = ReplayOptions { scale: TimeScale::of_rate(0.5).unwrap(), first: Some(3), ..options };
    assert_eq!(seconds(slower), [0.0, 2.0, 4.0]);
    let none = ReplayOptions { first: Some(0), repeat: NonZeroU32::MAX, ..options };
    assert!(seconds(none).is_empty());
    for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
        assert_eq!(TimeScale::of_rate(rate), None);
    }
}

#[test]
fn a_second_pass_is_of_other_people() {
    let twice = ReplayOptions { repeat: NonZeroU32::new(2).unwrap(), ..ReplayOptions::default() };
    let requests = replayed(MOONCAKE, twice);
    let (first, second) = requests.split_at(6);
    for ((_, _, one), (_, _, other)) in first.iter().zip(second) {
        assert_eq!(one.len(), other.len());
        assert!(one.iter().all(|id| !other.contains(id)));
    }
    // What prompts of one pass have in common, those of the next have too.
    assert_eq!(first[0].2[0] == first[1].2[0], second[0].2[0] == second[1].2[0]);
    let sessions: Vec<u64> = replayed(PLAIN, twice).into_iter().map(|(_, session, _)| session).collect();
    assert!(sessions.iter().all(|session| *session != 0) && sessions[0] != sessions[2]);
}

/// The text of a public trace, where it is at hand.
#[expect(clippy::print_stderr, reason = "tells that a test was skipped")]
fn public(file: &str) -> Option<String> {
    let path = format!("{}/../../../shared/traces/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {path} is not there");
    }
    text
}

/// A figure as it is published: to three digits or the last unit.
fn near(found: Option<f64>, published: f64, within: f64) {
    let found = found.unwrap();
    assert!((found - published).abs() <= within, "{found}, published {published}");
}

#[test]
fn the_published_figures_of_azure() {
    /// Mean, median, and what one of ten and one of a hundred exceed.
    type Tokens = (f64, [u32; 3]);
    let cases: [(&str, u64, f64, f64, Tokens, Tokens); 2] = [
        (
            "azure_2023_conversation.csv",
            19_366,
            5.5,
            1.1,
            (1155.0, [1020, 2734, 4142]),
            (211.0, [129, 424, 601]),
        ),
        ("azure_2023_code.csv", 8819, 2.6, 13.0, (2048.0, [1469, 5186, 7436]), (27.9, [13, 55, 249])),
    ];
    for (file, requests, rate, variation, prompts, outputs) in cases {
        let Some(text) = public(file) else { return };
        let quality = quality(&text);
        assert_eq!((quality.requests, quality.left_out.len(), quality.order.rows), (requests, 0, 0));
        near(quality.rate, rate, 0.05);
        let gaps = quality.gaps.unwrap();
        near(gaps.variation, variation, if variation > 10.0 { 0.5 } else { 0.05 });
        for (found, published) in [(quality.prompts, prompts), (quality.outputs, outputs)] {
            near(found.mean, published.0, 0.5);
            assert_eq!([found.p50, found.p90, found.p99], published.1.map(Some), "{file}");
        }
    }
}

#[test]
fn the_published_reuse_of_blocks_of_mooncake() {
    for (file, requests, share) in
        [("mooncake_conversation.jsonl", 12_031, 0.366), ("mooncake_synthetic.jsonl", 3993, 0.64)]
    {
        let Some(text) = public(file) else { return };
        let quality = quality(&text);
        assert_eq!((quality.requests, quality.left_out.len()), (requests, 0));
        let blocks = quality.blocks.unwrap();
        assert!(blocks.exact && (blocks.share - share).abs() < 5e-4, "{blocks:?}");
        assert!(quality.findings.iter().all(|one| one.kind != FindingKind::BlocksDiffer));
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, at in 0_usize..4) {
        for format in [None, Some(RequestFormat::ALL[at].0)] {
            if let Ok(mut reader) = RequestReader::open("x", &bytes[..], format) {
                RequestQuality::of(&mut reader).unwrap();
                reader.into_diagnostics();
            }
        }
    }

    #[test]
    fn arbitrary_fields_never_panic(fields in prop::collection::vec("[-0-9:.TZ+eE_a-z=\\[\\]{}, /é\"]{0,24}", 0..40), at in 0_usize..4) {
        let header = [AZURE, MOONCAKE, BURSTGPT, PLAIN][at].lines().next().unwrap();
        let keys = ["timestamp", "input_length", "hash_ids", "x"];
        let mut text = format!("{header}\n");
        for row in fields.chunks(4) {
            text += &row.join(",");
            text.push('\n');
            let pairs: Vec<String> = keys.iter().zip(row).map(|(key, value)| format!("\"{key}\":{value}")).collect();
            text += &format!("{{{}}}\n", pairs.join(","));
        }
        quality(&text);
    }

    #[test]
    fn what_is_written_is_read_back(requests in prop::collection::vec((0_u64..1 << 50, any::<u32>(), any::<u32>(), prop::collection::vec(any::<u64>(), 0..5)), 1..20)) {
        let times: Vec<(i64, u32, u32, Vec<u64>)> =
            requests.iter().map(|(time, prompt, output, blocks)| (*time as i64, *prompt, *output, blocks.clone())).collect();
        let json: String = requests.iter().map(|(time, prompt, output, blocks)| {
            format!("{{\"timestamp\": {}.{:06}, \"input_length\": {prompt}, \"output_length\": {output}, \"hash_ids\": {blocks:?}}}\n", time / 1_000_000, time % 1_000_000)
        }).collect();
        prop_assert_eq!(rows(&json), times.clone());
        let lines: String = requests.iter().map(|(time, prompt, output, _)| format!("{}.{:09},{prompt},{output}\n", time / 1_000_000_000, time % 1_000_000_000)).collect();
        let expected: Vec<_> = times.into_iter().map(|(time, prompt, output, _)| (time, prompt, output, vec![])).collect();
        prop_assert_eq!(rows(&format!("arrival_s,prompt_tokens,output_tokens\n{lines}")), expected);
    }
}

/// A row is small enough to be copied about.
const _: () = assert!(std::mem::size_of::<RequestRow<'_>>() <= 56);
