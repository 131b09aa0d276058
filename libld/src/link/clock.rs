//! What each pass costs (`--time`, `--stats`).

use std::time::{Duration, Instant};

use crate::diagnostics::Diagnostics;
use crate::options::Options;

/// A clock that is read between passes.
pub struct Clock {
    start: Instant,
    last: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Clock {
    /// Started now.
    pub fn start() -> Self {
        let now = Instant::now();
        Self { start: now, last: now, laps: Vec::new() }
    }

    /// What was done since the clock was read last.
    pub fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        self.laps.push((name, now.duration_since(self.last)));
        self.last = now;
    }

    /// Says what is asked for.
    pub fn report(&self, options: &Options, said: &mut Diagnostics) {
        let total = self.start.elapsed();
        if options.report.time {
            for (name, time) in &self.laps {
                said.remark(format!("{name:<24} {:9.3} ms", time.as_secs_f64() * 1000.0));
            }
            said.remark(format!("{:<24} {:9.3} ms", "all", total.as_secs_f64() * 1000.0));
        }
        if options.report.statistics {
            said.remark(format!("total time in link: {:.6}", total.as_secs_f64()));
        }
    }
}
