//! Ten million requests pass through in bounded memory. In a file of its own, because it looks at the whole process.

use std::io::{BufReader, Read};

use gigawatt_plan::request_trace::{Ordered, RequestQuality, RequestReader};

/// Rows made as they are read, in groups of 1,000 whose last comes first, so that nothing holds the whole.
struct Endless {
    row: u64,
    rows: u64,
    buffer: Vec<u8>,
    read: usize,
}

impl Endless {
    fn new(rows: u64) -> Self {
        Self { row: 0, rows, buffer: b"arrival_s,prompt_tokens,output_tokens,session\n".to_vec(), read: 0 }
    }
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        use std::io::Write;
        if self.read == self.buffer.len() {
            self.buffer.clear();
            self.read = 0;
            while self.row < self.rows && self.buffer.len() < 1 << 16 {
                let time = self.row / 1000 * 1000 + (999 - self.row % 1000);
                writeln!(self.buffer, "{time},{},{},{}", self.row % 200_000, self.row % 7, self.row)?;
                self.row += 1;
            }
        }
        let length = into.len().min(self.buffer.len() - self.read);
        into[..length].copy_from_slice(&self.buffer[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}

/// The most memory that this process has had, in MiB, where the system says.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib / 1024)
}

#[test]
fn ten_million_requests_pass_through_in_bounded_memory() {
    let before = peak();
    let rows = 2_000_000;
    let mut reader = RequestReader::open("endless", BufReader::new(Endless::new(rows)), None).unwrap();
    let quality = RequestQuality::of(&mut reader).unwrap();
    assert_eq!((quality.requests, quality.order.beyond), (rows, 0));
    assert_eq!((quality.order.rows, quality.order.furthest), (rows / 1000 * 999, 999.0));
    assert_eq!(quality.gaps.unwrap().mean, 1.0);
    let sessions = quality.sessions.unwrap() as f64 / rows as f64;
    assert!((sessions - 1.0).abs() < 0.005, "{sessions}");
    let rows = 10_000_000;
    let reader = RequestReader::open("endless", BufReader::new(Endless::new(rows)), None).unwrap();
    let mut ordered = Ordered::new(reader, Ordered::<BufReader<Endless>>::ROWS);
    let mut expected = 0;
    while let Some(request) = ordered.next_request().unwrap() {
        assert_eq!(request.arrival, expected * 1_000_000_000);
        expected += 1;
    }
    assert_eq!(expected, rows);
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before < 64, "{before} MiB before, {after} MiB after");
    }
}
