//! What each pass costs (`--time`, `--stats`).

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use crate::diagnostics::Diagnostics;
use crate::options::Options;

/// A clock that is read between passes.
pub struct Clock {
    start: Instant,
    last: Cell<Instant>,
    laps: RefCell<Vec<(&'static str, Duration)>>,
}

impl Clock {
    /// Started now.
    pub fn start() -> Self {
        let now = Instant::now();
        Self { start: now, last: Cell::new(now), laps: RefCell::default() }
    }

    /// What was done since the clock was read last.
    pub fn lap(&self, name: &'static str) {
        let now = Instant::now();
        let last = self.last.replace(now);
        self.laps.borrow_mut().push((name, now.duration_since(last)));
    }

    /// Says what is asked for.
    pub fn report(&self, options: &Options, said: &mut Diagnostics) {
        let total = self.start.elapsed();
        if options.report.time {
            for (name, time) in self.laps.borrow().iter() {
                said.remark(format!("{name:<24} {:9.3} ms", time.as_secs_f64() * 1000.0));
            }
            said.remark(format!("{:<24} {:9.3} ms", "all", total.as_secs_f64() * 1000.0));
        }
        if options.report.statistics {
            said.remark(format!("total time in link: {:.6}", total.as_secs_f64()));
        }
    }
}
