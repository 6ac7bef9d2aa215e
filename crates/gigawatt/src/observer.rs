//! Progress on standard error, and Ctrl-C.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use gigawatt_plan::period::Moment;
use gigawatt_plan::quantity::{Dimension, format_quantity};
use gigawatt_plan::world::Observer;
use indicatif::{ProgressBar, ProgressStyle};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Shows progress where somebody watches, and knows of Ctrl-C.
pub struct Watcher {
    bar: Option<ProgressBar>,
    started: Instant,
}

impl Watcher {
    /// A watcher; `quiet` shows nothing.
    pub fn new(quiet: bool) -> Self {
        // A second handler cannot be set, and the first does the same: the error says nothing new.
        let _ = ctrlc::set_handler(|| {
            // Who asks twice does not want to wait.
            if INTERRUPTED.swap(true, Ordering::Relaxed) {
                std::process::exit(130);
            }
        });
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) =
                ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}, {per_sec}, {eta} left")
            {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { bar, started: Instant::now() }
    }
}

impl Observer for Watcher {
    fn progress(&self, work: &'static str, done: u64, total: u64) {
        if let Some(bar) = &self.bar {
            bar.set_message(work);
            bar.set_length(total);
            bar.set_position(done);
        }
    }

    fn simulated(&self, moment: Moment, events: u64) {
        if let Some(bar) = &self.bar {
            let rate = events as f64 / self.started.elapsed().as_secs_f64().max(1e-3);
            let rate = format_quantity(Dimension::Count, rate);
            bar.set_message(format!("{}, {rate} events/s, simulated days", moment.day()));
        }
    }

    fn cancelled(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
