//! Traces of jobs: both formats row by row, what is left out, order, quality, and that memory stays bounded.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::io::{BufReader, Cursor, Read};

use gigawatt_plan::job_trace::{
    Capacity, Cause, FailureReader, FailureTarget, FailureTime, FindingKind, JobId, JobReader, JobRecord,
    JobState, OpenError, OutOfOrder, Quality, Reordered, ServerName, SizeUnit, TraceFormat, TraceQuality,
};
use gigawatt_plan::text::SourceMap;
use proptest::prelude::*;

const SWF: &str = "\
; Version: 2.2
; Computer: a machine of tests
; UnixStartTime: 1700000000
; TimeZoneString: Europe/Zurich
; MaxNodes: 16
; MaxProcs: 128
;
    1      0     10    100   8 -1 -1   8    3600 -1 1 4 1 -1 2 -1 -1 -1
    2     60     -1     -1  -1 -1 -1  16    7200 -1 5 4 1 -1 2 -1 -1 -1
    3     90      0  86400 128 12.5 -1 128  -1   -1 0 7 1 -1 2  1 -1 -1
    3     90      0  40000 128 -1 -1 128  -1   -1 3 7 1 -1 2  1 -1 -1
";

const SACCT: &str = "\
JobID|Submit|Start|End|Elapsed|Timelimit|NNodes|NCPUS|AllocTRES|ReqTRES|State|Partition|User
100|2024-03-01T08:00:00|2024-03-01T08:05:00|2024-03-02T10:05:00|1-02:00:00|2-00:00:00|4|256|billing=256,cpu=256,gres/gpu:h100=32,gres/gpu=32,node=4|cpu=256,gres/gpu=32|COMPLETED|train|ada
100.batch|2024-03-01T08:05:00|2024-03-01T08:05:00|2024-03-02T10:05:00|1-02:00:00||1|64|cpu=64|| COMPLETED||
101_7|2024-03-01T08:01:00|2024-03-01T08:02:00|2024-03-01T08:12:30|00:10:30|UNLIMITED|1|8|cpu=8,gres/gpu=1|cpu=8,gres/gpu=1|OUT_OF_MEMORY|short|ben
102+1|2024-03-01T08:02:00|Unknown|Unknown|00:00:00|Partition_Limit|2|0||cpu=16,gres/gpu=16|CANCELLED by 1000|train|ben
103|2024-03-01T08:03:00|2024-03-01T08:04:00|Unknown|03:00:00|01:00:00|1|4|cpu=4|cpu=4|RUNNING|short|ada
";

fn open(text: &str) -> JobReader<&[u8]> {
    JobReader::open("trace", text.as_bytes(), None).unwrap()
}

fn jobs(reader: &mut JobReader<&[u8]>) -> Vec<JobRecord> {
    reader.map(Result::unwrap).collect()
}

fn quality(text: &str, capacity: Capacity) -> TraceQuality {
    let mut reader = open(text);
    let unit = reader.header().unit;
    Quality::of(&mut reader, unit, capacity).unwrap()
}

#[test]
fn the_standard_workload_format_row_by_row() {
    let mut reader = open(SWF);
    let header = reader.header().clone();
    assert_eq!((header.format, header.unit), (TraceFormat::Swf, SizeUnit::Processors));
    assert_eq!(
        (header.origin, header.processors, header.servers),
        (Some(1_700_000_000), Some(128), Some(16))
    );
    assert_eq!(header.time_zone.as_deref(), Some("Europe/Zurich"));
    let jobs = jobs(&mut reader);
    assert_eq!((jobs.len(), reader.parts(), reader.left_out().len()), (3, 1, 0));
    let [first, second, third] = jobs[..] else { panic!("three jobs") };
    assert_eq!(first.id, JobId { number: 1, task: None, component: None });
    assert_eq!((first.submit, first.start, first.end), (0, Some(10), Some(110)));
    assert_eq!((first.run, first.requested, first.processors), (Some(100), Some(3600), Some(8)));
    assert_eq!((first.state, first.work(SizeUnit::Processors)), (JobState::Completed, Some(800)));
    assert_eq!(reader.pools().get(first.pool.unwrap()), "2");
    assert_eq!((second.start, second.run, second.processors), (None, None, Some(16)));
    assert_eq!(second.state, JobState::Cancelled);
    assert_eq!((third.requested, third.state), (None, JobState::Failed));
    // A partition stands before a queue.
    assert_eq!(reader.pools().get(third.pool.unwrap()), "1");
}

#[test]
fn sacct_row_by_row() {
    let mut reader = open(SACCT);
    assert_eq!((reader.header().format, reader.header().unit), (TraceFormat::Sacct, SizeUnit::Accelerators));
    let jobs = jobs(&mut reader);
    assert_eq!((jobs.len(), reader.parts(), reader.left_out().len()), (4, 1, 0));
    let [whole, task, waiting, running] = jobs[..] else { panic!("four jobs") };
    assert_eq!(whole.submit, 1_709_280_000);
    assert_eq!((whole.wait(), whole.run, whole.requested), (Some(300), Some(93_600), Some(172_800)));
    assert_eq!((whole.accelerators, whole.processors, whole.servers), (Some(32), Some(256), Some(4)));
    assert_eq!((task.id.task, task.state, task.requested), (Some(7), JobState::Failed, None));
    // What never started has the size that it asked for, and no run.
    assert_eq!((waiting.id.component, waiting.accelerators, waiting.run), (Some(1), Some(16), None));
    assert_eq!((waiting.state, waiting.start), (JobState::Cancelled, None));
    // What has not ended has no run yet, and no accelerator where it lists none.
    assert_eq!((running.state, running.run, running.end), (JobState::Unknown, None, None));
    assert_eq!((running.accelerators, running.processors), (Some(0), Some(4)));
    let users: Vec<&str> = reader.users().iter().collect();
    assert_eq!(users, ["ada", "ben"]);
}

#[test]
fn columns_stand_in_any_order_and_raw_ones_are_read() {
    let text = "State|ElapsedRaw|TimelimitRaw|Submit|JobIDRaw|AllocGRES|Account\nTIMEOUT|7200|120|1709280000|9|gpu:a100:8|lab\n";
    let mut reader = open(text);
    let [job] = jobs(&mut reader)[..] else { panic!("one job") };
    assert_eq!((job.run, job.requested, job.submit), (Some(7200), Some(7200), 1_709_280_000));
    assert_eq!((job.accelerators, job.state), (Some(8), JobState::TimedOut));
    assert_eq!(reader.users().get(job.user.unwrap()), "lab");
}

fn snippets(sources: &SourceMap, diagnostics: &[gigawatt_plan::text::Diagnostic]) -> Vec<(String, String)> {
    let place = |one: &gigawatt_plan::text::Diagnostic| {
        let span = one.labels[0].span;
        (sources.locate(span), sources.snippet(span).to_owned())
    };
    diagnostics.iter().map(place).collect()
}

#[test]
fn rows_that_cannot_be_read_are_left_out_counted_and_pointed_at() {
    let good = "1 0 10 100 8 -1 -1 8 3600 -1 1 4 1 -1 2 -1 -1 -1\n";
    let text = format!(
        "; a trace\n{good}2 soon 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n3 1 2\n{good}4 -1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n5 0 0 -7 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
    );
    let mut reader = open(&text);
    assert_eq!(jobs(&mut reader).len(), 2);
    let left_out: Vec<_> =
        reader.left_out().iter().map(|one| (one.cause, one.lines, one.first_line)).collect();
    assert_eq!(left_out, [(Cause::Fields, 1, 4), (Cause::Value, 2, 3), (Cause::Time, 1, 6)]);
    let (diagnostics, sources) = reader.into_diagnostics();
    let places = snippets(&sources, &diagnostics);
    let expected = [("trace:3", "soon"), ("trace:4", "3 1 2"), ("trace:6", "-1"), ("trace:7", "-7")];
    let expected = expected.map(|(place, text)| (place.to_owned(), text.to_owned()));
    assert_eq!(places, expected);
}

#[test]
fn of_many_mistakes_the_first_three_are_told_and_the_others_counted() {
    let text = format!("JobID|Submit|Start\n{}", "1|yesterday|\n".repeat(10_000));
    let mut reader = open(&text);
    assert_eq!(jobs(&mut reader).len(), 0);
    let (diagnostics, _) = reader.into_diagnostics();
    assert_eq!(diagnostics.len(), 3);
    assert!(diagnostics[2].message.ends_with(", and 9997 more lines like it"), "{}", diagnostics[2].message);
}

#[test]
fn a_file_that_is_no_trace_says_what_one_would_be() {
    let cases = [
        ("", "the file is empty"),
        ("\n \n", "the file is empty"),
        ("time,price\n2025,1\n", "neither"),
        ("JobID  Submit  Start\n-----  ------ -----\n", "neither"),
        ("JobID|Submitted|Start\n1|2|3\n", "no column `Submit`"),
        ("1 2 3\n", "neither"),
    ];
    for (text, message) in cases {
        let Err(OpenError::Unusable { diagnostics, .. }) = JobReader::open("x", text.as_bytes(), None) else {
            panic!("{text:?} opens");
        };
        assert!(diagnostics[0].message.contains(message), "{text:?}: {}", diagnostics[0].message);
        assert!(diagnostics[0].help.is_some(), "{text:?}");
    }
    let Err(OpenError::Unusable { diagnostics, .. }) =
        JobReader::open("x", SWF.as_bytes(), Some(TraceFormat::Sacct))
    else {
        panic!("a header of another format");
    };
    assert!(diagnostics[0].message.contains("JobID"));
}

/// Rows of SWF made as they are read, so that nothing holds the whole.
struct Endless {
    row: u64,
    rows: u64,
    buffer: Cursor<Vec<u8>>,
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.buffer.read(into)?;
        if read > 0 || self.row == self.rows {
            return Ok(read);
        }
        let row = self.row;
        // Each row has names of its own, and pairs of rows stand in the wrong order.
        let (user, submit) = (row, 10 * (row ^ 1));
        let line = format!("{row} {submit} 5 60 4 -1 -1 4 90 -1 1 {user} 1 -1 {user} -1 -1 -1\n");
        self.buffer = Cursor::new(line.into_bytes());
        self.row += 1;
        self.buffer.read(into)
    }
}

#[test]
fn a_million_rows_pass_through_and_names_and_pools_stay_bounded() {
    let rows = 1_000_000;
    let endless = Endless { row: 0, rows, buffer: Cursor::default() };
    let mut reader = JobReader::open("endless", BufReader::new(endless), None).unwrap();
    let capacity = Capacity { machine: Some(64), ..Capacity::default() };
    let report = Quality::of(&mut reader, SizeUnit::Processors, capacity).unwrap();
    assert_eq!((report.jobs, report.order.rows, report.order.furthest), (rows, rows / 2, 10));
    assert_eq!((report.order.beyond, reader.pools().iter().count()), (0, (1 << 16) + 1));
    assert_eq!(report.pools.len(), 256);
    // 240 unit-seconds each 10 s.
    assert!((report.machine.mean_busy.unwrap() - 24.0).abs() < 0.01);
    assert_eq!(report.findings.len(), 1);
    let weeks = &report.machine.weeks;
    assert_eq!(weeks.len(), 17);
    assert!((weeks[3].load.unwrap() - 24.0 / 64.0).abs() < 1e-4);
}

#[test]
fn jobs_come_in_the_order_of_submission_or_the_trace_is_refused() {
    let row = |job: u64, submit: i64| format!("{job} {submit} 5 60 4 -1 -1 4 90 -1 1 1 1 -1 1 -1 -1 -1\n");
    let text: String =
        [(1, 50), (2, 10), (3, 50), (4, 40), (5, 90), (6, 45)].map(|(job, at)| row(job, at)).concat();
    let order = |rows| Reordered::new(open(&text), rows).map(|job| job.map(|job| job.id.number));
    let sorted: Result<Vec<u64>, OutOfOrder> = order(3).collect();
    assert_eq!(sorted.unwrap(), [2, 4, 6, 1, 3, 5]);
    let refused: Vec<_> = order(0).collect();
    assert_eq!(refused.len(), 2);
    assert!(matches!(refused[1], Err(OutOfOrder::TooFar { job: 2, seconds: 40, rows: 0 })));
}

#[test]
fn what_cannot_be_is_found() {
    let text = "\
JobID|Submit|Start|End|Elapsed|Timelimit|AllocTRES|State|Partition
1|1000|900|4500|01:00:00|00:30:00|gres/gpu=8|COMPLETED|a
2|1100|1200|1100|00:00:00|00:30:00|gres/gpu=64|FAILED|a
2|1050|1200|9000|00:10:00||cpu=1|CANCELLED|b
3|2000||||00:30:00||CANCELLED|b
";
    let pools = [("a".to_owned(), 32), ("b".to_owned(), 8)].into();
    let report = quality(text, Capacity { machine: None, pools });
    let found: Vec<(FindingKind, u64, u64)> =
        report.findings.iter().map(|one| (one.kind, one.jobs, one.first_line)).collect();
    use FindingKind::*;
    let expected = [
        (SizeZero, 2, 4),
        (LargerThanPool, 1, 3),
        (RunMissing, 1, 5),
        (RunZero, 1, 3),
        (LimitMissing, 1, 4),
        (LongerThanLimit, 1, 2),
        (EndBeforeStart, 1, 3),
        (StartBeforeSubmit, 1, 2),
        (RunDiffers, 1, 4),
        (IdRepeated, 1, 4),
        (OutOfOrder, 1, 4),
    ];
    assert_eq!(found, expected);
    assert_eq!(report.machine.capacity, Some(40));
    assert_eq!(report.machine.work, 8.0 * 3600.0);
    let span = report.span.unwrap();
    assert_eq!((span.first_submit, span.last_submit, span.last_end), (1000, 2000, 9000));
    assert_eq!(report.pools[0].load, Some(8.0 * 3600.0 / (32.0 * 8000.0)));
    assert_eq!(report.states[0].work_share, 1.0);
}

#[test]
fn failures_to_inject() {
    let text = "\
time;server;domain;cause;downtime;remark
2025-03-01T00:00:30Z;17;;gpu-memory;4 h;first
3600;\"rack; 3\";;\"power\";1-00:00:00;
7200;;row-12;;;
7200;1;row-12;;;
soon;1;;;;
7300;;;;;
7300;2;;;forever;
";
    let mut reader = FailureReader::open("failures.csv", text.as_bytes()).unwrap();
    let read: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
    let [first, second, third] = read[..] else { panic!("three rows: {read:?}") };
    assert_eq!(first.time, FailureTime::Calendar(1_740_787_230));
    assert_eq!(first.target, FailureTarget::Server(ServerName::Number(17)));
    assert_eq!(first.downtime, Some(14_400));
    assert_eq!(reader.causes().get(first.cause.unwrap()), "gpu-memory");
    let FailureTarget::Server(ServerName::Name(name)) = second.target else { panic!("a name") };
    assert_eq!((reader.names().get(name), second.downtime), ("rack; 3", Some(86_400)));
    assert_eq!(second.time, FailureTime::SinceStart(3600));
    let FailureTarget::Domain(name) = third.target else { panic!("a domain") };
    assert_eq!((reader.names().get(name), third.cause, third.downtime), ("row-12", None, None));
    let (diagnostics, sources) = reader.into_diagnostics();
    let places = snippets(&sources, &diagnostics);
    let expected = [
        ("failures.csv:5", "row-12"),
        ("failures.csv:6", "soon"),
        ("failures.csv:7", "7300;;;;;"),
        ("failures.csv:8", "forever"),
    ];
    assert_eq!(places, expected.map(|(place, text)| (place.to_owned(), text.to_owned())));
    let Err(OpenError::Unusable { diagnostics, .. }) = FailureReader::open("x", &b"tine,server\n"[..]) else {
        panic!("no time");
    };
    assert_eq!(diagnostics[0].help.as_deref(), Some("is `tine` meant? call it `time`"));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, swf: bool) {
        for format in [None, Some(if swf { TraceFormat::Swf } else { TraceFormat::Sacct })] {
            if let Ok(mut reader) = JobReader::open("x", &bytes[..], format) {
                let unit = reader.header().unit;
                Quality::of(&mut reader, unit, Capacity::default()).unwrap();
                reader.into_diagnostics();
            }
        }
        if let Ok(mut reader) = FailureReader::open("x", &bytes[..]) {
            reader.by_ref().for_each(drop);
            reader.into_diagnostics();
        }
    }

    #[test]
    fn arbitrary_fields_never_panic(rows in prop::collection::vec(prop::collection::vec("[-0-9:.TZ+_\\[\\]a-z=,/é\"]{0,24}", 13), 0..8), numbers in prop::collection::vec(prop::collection::vec(any::<i64>(), 18), 0..8)) {
        let header = SACCT.lines().next().unwrap();
        let lines = rows.iter().map(|row| row.join("|") + "\n");
        let text = format!("{header}\n{}", lines.collect::<String>());
        let words = |row: &Vec<i64>| row.iter().map(|one| format!("{one} ")).collect::<String>() + "\n";
        let numbers = format!(";\n{}", numbers.iter().map(words).collect::<String>());
        let failures = format!("time|server|domain|cause|downtime\n{text}").replace('|', ",");
        for text in [text, numbers] {
            quality(&text, Capacity { machine: Some(1), ..Capacity::default() });
        }
        if let Ok(mut reader) = FailureReader::open("x", failures.as_bytes()) {
            reader.by_ref().for_each(drop);
            reader.into_diagnostics();
        }
    }
}
