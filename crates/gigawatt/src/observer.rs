//! Progress on standard error, and Ctrl-C.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gigawatt_plan::world::Observer;
use indicatif::{ProgressBar, ProgressStyle};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Shows progress where somebody watches, and knows of Ctrl-C.
pub struct Watcher {
    bar: Option<ProgressBar>,
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
        Self { bar }
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
