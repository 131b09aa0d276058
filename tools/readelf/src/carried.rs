//! What GNU readelf remembers from one file, or member of an archive, to the next.
//!
//! It counts some faults over the whole run, and does not say a thing twice in a row. Members of an
//! archive are dumped at the same time; one that needs to remember waits until all before it are
//! dumped, so what is said is the same on any number of threads. Sound files need nothing of this.
//! All that a dump may know of others lies here: there is no other state that outlives a file.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use common::Output;

/// The memory of a run.
#[derive(Default)]
pub struct Carried {
    memory: Mutex<Memory>,
    /// Whether links to other files are followed no more.
    follows_no_links: AtomicBool,
}

impl Carried {
    /// What is remembered of all files before the one that is dumped to `out`. Not for code that
    /// runs on several threads for one file: all of them would wait for their turn at once.
    pub fn memory(&self, out: &mut Output) -> MutexGuard<'_, Memory> {
        out.await_turn();
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether links to other files are followed: GNU readelf gives up when it comes to a file that
    /// leads to no other one.
    pub fn follows_links(&self, out: &mut Output) -> bool {
        if self.follows_no_links.load(Ordering::Acquire) {
            return false;
        }
        out.await_turn();
        !self.follows_no_links.load(Ordering::Acquire)
    }

    /// Follows links no more; for a file whose turn has come.
    pub fn follow_no_links(&self) {
        self.follows_no_links.store(true, Ordering::Release);
    }
}

/// See [`Carried`].
pub struct Memory {
    /// Members of section groups that are no section.
    pub overlarge: Fault,
    /// Members of section groups that are in a group already.
    pub contained: Fault,
    /// Whether a second group with section 0 was reported.
    pub section_zero: bool,
    /// The machine whose relocations were said last not to be known: it is not said twice.
    pub last_unknown: u32,
    /// The type of relocation that was blamed last, in whatever section or file: it is not blamed
    /// twice in a row, and type 0 not as the first.
    pub last_unsupported: u32,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            overlarge: Fault { found: 0, what: "overlarge group section indices" },
            contained: Fault { found: 0, what: "already contained group sections" },
            section_zero: false,
            last_unknown: 0,
            last_unsupported: 0,
        }
    }
}

/// A kind of fault that is reported a few times, then it is said that it will be no more.
pub struct Fault {
    found: u32,
    /// What is faulty, in the last report.
    what: &'static str,
}

impl Fault {
    /// How often a fault is reported.
    const MOST: u32 = 10;

    /// Reports one.
    pub fn report(&mut self, out: &mut Output, message: fmt::Arguments<'_>) {
        if self.found >= Self::MOST {
            return;
        }
        self.found = self.found.saturating_add(1);
        out.error(message);
        if self.found == Self::MOST {
            out.warn(format_args!("Further error messages about {} suppressed", self.what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_reported_ten_times() {
        let mut out = Output::process("readelf").recorder();
        let carried = Carried::default();
        for _ in 0..20 {
            carried.memory(&mut out).contained.report(&mut out, format_args!("again"));
        }
        assert_eq!(out.diagnostics(), 11);
    }
}
