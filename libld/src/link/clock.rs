//! What each pass costs (`--time`, `--stats`).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::diagnostics::Diagnostics;
use crate::options::Options;

/// A clock that is read between passes.
pub struct Clock {
    start: Reading,
    laps: Mutex<Laps>,
}

struct Laps {
    last: Reading,
    all: Vec<(&'static str, Spent)>,
}

#[derive(Clone, Copy)]
struct Reading {
    wall: Instant,
    /// What all threads of the process worked.
    cpu: Duration,
}

/// What passed between two readings.
struct Spent {
    wall: Duration,
    cpu: Duration,
}

impl Reading {
    fn now() -> Self {
        let cpu = Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default();
        Self { wall: Instant::now(), cpu }
    }

    fn since(self, before: Self) -> Spent {
        Spent {
            wall: self.wall.duration_since(before.wall),
            cpu: self.cpu.saturating_sub(before.cpu),
        }
    }
}

impl Clock {
    /// Started now.
    pub fn start() -> Self {
        let now = Reading::now();
        Self { start: now, laps: Mutex::new(Laps { last: now, all: Vec::new() }) }
    }

    fn laps(&self) -> MutexGuard<'_, Laps> {
        self.laps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was done since the clock was read last.
    pub fn lap(&self, name: &'static str) {
        let now = Reading::now();
        let mut laps = self.laps();
        let last = std::mem::replace(&mut laps.last, now);
        laps.all.push((name, now.since(last)));
    }

    /// Says what is asked for.
    pub fn report(&self, options: &Options, said: &mut Diagnostics) {
        let total = Reading::now().since(self.start);
        if options.report.time {
            let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
            let mut tell = |name: &str, Spent { wall, cpu }: &Spent| {
                let (wall, cpu) = (milliseconds(*wall), milliseconds(*cpu));
                said.remark(format!("{name:<24} {wall:9.3} ms, {cpu:9.3} ms of all cores"));
            };
            self.laps().all.iter().for_each(|(name, spent)| tell(name, spent));
            tell("all", &total);
        }
        if options.report.statistics {
            said.remark(format!("total time in link: {:.6}", total.wall.as_secs_f64()));
        }
    }
}
