//! The progress bar of a long run.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A run that is done sooner needs no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts trials of all scenarios and shows them on stderr, if that is a terminal.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    done: AtomicU64,
}

impl Progress {
    /// Of a run of `total` trials.
    pub fn new(total: u64, quiet: bool) -> Progress {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let style =
            ProgressStyle::with_template("{bar:40} {percent:>3} %  {human_pos} of {human_len} trials, {eta} left{msg}")
                .expect("the template is sound")
                .progress_chars("=> ");
        let bar = ProgressBar::with_draw_target(Some(total), target).with_style(style);
        Progress { bar, started: Instant::now(), done: AtomicU64::new(0) }
    }

    /// Notes that a scenario whose error is `reached` after `done` trials is to come to `asked`. Four times the trials
    /// halve the error.
    pub fn nears(&self, done: u64, remaining: u64, reached: f64, asked: f64) {
        let needed = done as f64 * (reached / asked).powi(2) - done as f64;
        let more = (needed as u64).min(remaining);
        self.bar.set_length(self.done.load(Ordering::Relaxed).saturating_add(more));
        self.bar.set_message(format!(", error {:.3} % of {:.3} %", 100.0 * reached, 100.0 * asked));
    }

    /// Takes the bar away while something else is shown.
    pub fn hide_while(&self, show: impl FnOnce()) {
        self.bar.suspend(show);
    }

    /// Notes finished trials; any thread may.
    pub fn add(&self, trials: u64) {
        let done = self.done.fetch_add(trials, Ordering::Relaxed) + trials;
        if self.started.elapsed() > PATIENCE {
            self.bar.set_position(done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Shows how many steps of a long computation are done.
pub struct Steps {
    bar: ProgressBar,
    started: Instant,
}

impl Steps {
    /// Of steps that are called so, in the plural.
    pub fn new(what: &str, quiet: bool) -> Steps {
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let template = format!("{{bar:40}} {{pos}} of {{len}} {what}, {{eta}} left");
        let style = ProgressStyle::with_template(&template).expect("the template is sound").progress_chars("=> ");
        Steps { bar: ProgressBar::with_draw_target(None, target).with_style(style), started: Instant::now() }
    }

    /// Notes how many are done, of how many.
    pub fn at(&self, done: usize, total: usize) {
        if self.started.elapsed() > PATIENCE {
            self.bar.set_length(total as u64);
            self.bar.set_position(done as u64);
        }
    }
}

impl Drop for Steps {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
