//! How much a description has made, against its limits.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::options::Limits;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// Bytes of memory that a byte of text explains: rows of tables take about ten.
const PER_BYTE: u64 = 12;
/// Work that a byte of text can explain, in the unit of [`Limits::work`]: each head is read once.
const WORK_PER_BYTE: u64 = 32;
/// What is charged before threads tell each other.
const STEP: u64 = 64 << 10;

/// What all threads of a run have made together.
#[derive(Debug)]
pub struct Account {
    limits: Limits,
    memory: AtomicU64,
    allowed: AtomicU64,
    work: AtomicU64,
    allowed_work: AtomicU64,
    expansions: AtomicU64,
    stopped: AtomicBool,
    told: AtomicBool,
}

impl Account {
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            memory: AtomicU64::new(0),
            allowed: AtomicU64::new(limits.memory),
            work: AtomicU64::new(0),
            allowed_work: AtomicU64::new(limits.work),
            expansions: AtomicU64::new(0),
            stopped: AtomicBool::new(false),
            told: AtomicBool::new(false),
        }
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// A text of this size was read, and may be held as a tree.
    pub fn allow(&self, text: usize) {
        let raise = |allowed: &AtomicU64, per_byte: u64| {
            allowed.fetch_add((text as u64).saturating_mul(per_byte), Ordering::Relaxed);
        };
        raise(&self.allowed, PER_BYTE);
        raise(&self.allowed_work, WORK_PER_BYTE);
    }

    /// Whether a limit was met: nothing more is read then.
    pub fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Whether an error is worth telling: when a limit is met, threads on their way find more.
    pub fn may_tell(&self) -> bool {
        !self.stopped() || !self.told.swap(true, Ordering::Relaxed)
    }

    fn stop(&self, span: Span, message: String) -> Diagnostic {
        self.stopped.store(true, Ordering::Relaxed);
        Diagnostic::error(span, message)
            .hint("if this is meant, the limit can be raised; nothing more is read")
    }

    /// The error about expansions that lie too deep. They would come again and again.
    pub fn too_deep(&self, span: Span) -> Diagnostic {
        let most = self.limits.depth;
        self.stop(span, format!("includes and expansions lie more than {most} deep in each other"))
    }

    /// Counts turns of repetitions, uses of templates, and includes.
    pub fn expand(&self, count: u64, span: Span) -> Result<(), Diagnostic> {
        let before = self.expansions.fetch_add(count.min(1 << 62), Ordering::Relaxed);
        if before.saturating_add(count) <= self.limits.expansions {
            return Ok(());
        }
        let most = self.limits.expansions;
        Err(self.stop(span, format!("more than {most} repetitions, uses and includes in all")))
    }

    /// Counts work, in the unit of [`Limits::work`].
    pub fn work(&self, units: u64, span: Span) -> Result<(), Diagnostic> {
        let before = self.work.fetch_add(units.min(1 << 62), Ordering::Relaxed);
        if before.saturating_add(units) <= self.allowed_work.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(self.stop(span, "the same text is read too often".to_owned()))
    }
}

/// A thread's part of an account.
#[derive(Debug)]
pub struct Budget<'a> {
    account: &'a Account,
    /// Memory that is not told yet.
    pending: u64,
    /// Work that is not told yet.
    pending_work: u64,
}

impl<'a> Budget<'a> {
    pub fn new(account: &'a Account) -> Self {
        Self { account, pending: 0, pending_work: 0 }
    }

    /// Another part of the same account.
    pub fn part(&self) -> Budget<'a> {
        Self::new(self.account)
    }

    /// Charges bytes of memory, about.
    pub fn charge(&mut self, bytes: u64, span: Span) -> Result<(), Diagnostic> {
        self.pending = self.pending.saturating_add(bytes);
        if self.pending < STEP {
            return Ok(());
        }
        let more = std::mem::take(&mut self.pending);
        let before = self.account.memory.fetch_add(more, Ordering::Relaxed);
        if before.saturating_add(more) <= self.account.allowed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let most = self.account.limits.memory >> 20;
        Err(self.account.stop(span, format!("the description expands to more than {most} MiB")))
    }

    /// Charges work, in the unit of [`Limits::work`].
    pub fn work(&mut self, units: u64, span: Span) -> Result<(), Diagnostic> {
        self.pending_work = self.pending_work.saturating_add(units);
        if self.pending_work < STEP {
            return Ok(());
        }
        self.account.work(std::mem::take(&mut self.pending_work), span)
    }
}

impl Drop for Budget<'_> {
    fn drop(&mut self) {
        self.account.work.fetch_add(self.pending_work, Ordering::Relaxed);
        self.account.memory.fetch_add(self.pending, Ordering::Relaxed);
    }
}
