//! Many jobs on several threads, printed as if one thread had done them one after the other.
//!
//! The members of an archive are such jobs. Each prints to an [`Output`] of its own, which has a
//! place in a line:
//!
//! ```text
//! printed   | first in the line: straight to the program's streams | recorded until their turn
//! 1  2  3  4| 5                                                    | 6 (done)  7 (running)
//! ```
//!
//! Only what is behind the first is kept in memory. An output that holds much waits for its turn
//! before it takes more, and so does a thread that would keep one more finished job when many are
//! kept. The first of the line never waits, so the line always moves.
//!
//! A job that needs to know what all jobs before it did waits for its turn, too:
//! [`Output::await_turn`]. After that it runs as it would on a single thread.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::Output;

/// So many jobs are done before threads are started: fewer are not worth it.
const FIRST: usize = 8;
/// Threads beyond this find little to do, and each has memory of its own.
const MOST_THREADS: usize = 8;
/// Jobs that are done and wait for their turn, and the bytes of text that they printed: a thread
/// that would add to as many waits with them.
const MOST_EARLY: usize = 16;
const KEPT: usize = 1 << 20;
/// Sets the number of threads, also of those that share one job.
const THREADS_VARIABLE: &str = "RAYON_NUM_THREADS";

/// Prints what this loop would, but with `work` on several threads:
///
/// ```text
/// while let Some(job) = next(out) {
///     let result = work(out, job);
///     if finish(out, result).is_break() {
///         break;
///     }
/// }
/// ```
///
/// `next` and `finish` are called in the order of the jobs, though `next` for later jobs may be
/// called before `finish` for earlier ones, and on any thread. After a break, jobs may have been
/// begun of which nothing is printed.
pub fn in_order<Job: Send, Done: Send>(
    out: &mut Output,
    mut next: impl FnMut(&mut Output) -> Option<Job> + Send,
    work: impl Fn(&mut Output, Job) -> Done + Sync,
    mut finish: impl FnMut(&mut Output, Done) -> ControlFlow<()> + Send,
) {
    let threads = threads();
    let first = if threads == 1 { usize::MAX } else { FIRST };
    for _ in 0..first {
        let Some(job) = next(out) else { return };
        let done = work(out, job);
        if finish(out, done).is_break() {
            return;
        }
    }
    on_threads(threads, out, next, work, finish);
}

/// How many threads share the jobs.
fn threads() -> usize {
    let wanted = std::env::var(THREADS_VARIABLE).ok().and_then(|value| value.parse().ok());
    let threads = match wanted {
        Some(threads) if threads > 0 => threads,
        _ => thread::available_parallelism().map_or(1, NonZero::get),
    };
    threads.min(MOST_THREADS)
}

fn on_threads<Job: Send, Done: Send>(
    threads: usize,
    out: &mut Output,
    next: impl FnMut(&mut Output) -> Option<Job> + Send,
    work: impl Fn(&mut Output, Job) -> Done + Sync,
    finish: impl FnMut(&mut Output, Done) -> ControlFlow<()> + Send,
) {
    let recorder = out.recorder();
    let line = Line::new(std::mem::replace(out, recorder));
    let crew = Crew {
        line: Arc::new(line),
        source: Mutex::new(Source { next, tickets: 0, is_empty: false }),
        finished: Mutex::new(Finished { early: BTreeMap::new(), finish }),
        work,
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // Without a further thread the others do its share.
            drop(thread::Builder::new().spawn_scoped(scope, || crew.run()));
        }
        crew.run();
    });
    *out = crew.line.take_output();
}

/// A lock whose data is as good after a panic as before: the panic ends the program anyhow.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the threads share.
struct Crew<Next, Work, Finish, Done> {
    line: Arc<Line>,
    source: Mutex<Source<Next>>,
    /// Locked only by who holds the line's lock.
    finished: Mutex<Finished<Finish, Done>>,
    work: Work,
}

struct Source<Next> {
    next: Next,
    /// How many places in the line were given away.
    tickets: usize,
    /// Whether there are no more jobs.
    is_empty: bool,
}

struct Finished<Finish, Done> {
    /// Jobs that were done before their turn. Without a result: what the end of the jobs printed.
    early: BTreeMap<usize, (Output, Option<Done>)>,
    finish: Finish,
}

impl<Job, Done, Next, Work, Finish> Crew<Next, Work, Finish, Done>
where
    Next: FnMut(&mut Output) -> Option<Job>,
    Work: Fn(&mut Output, Job) -> Done,
    Finish: FnMut(&mut Output, Done) -> ControlFlow<()>,
{
    /// Does jobs until there are no more.
    fn run(&self) {
        let _guard = PanicGuard(&self.line);
        loop {
            let mut source = lock(&self.source);
            if source.is_empty {
                return;
            }
            let ticket = source.tickets;
            let Some(mut out) = self.line.place(ticket) else { return };
            let job = (source.next)(&mut out);
            source.tickets += 1;
            source.is_empty = job.is_none();
            drop(source);
            let done = job.map(|job| (self.work)(&mut out, job));
            self.finish(ticket, out, done);
        }
    }

    /// Prints what a job recorded if it is its turn, and that of those that waited behind it; else
    /// keeps it.
    fn finish(&self, ticket: usize, mut out: Output, done: Option<Done>) {
        let size = out.recorded_size();
        let mut state = lock(&self.line.state);
        while state.is_before(ticket) && state.has_no_room(size) {
            state = self.line.wait(state);
        }
        let mut finished = lock(&self.finished);
        let Finished { early, finish } = &mut *finished;
        if state.is_before(ticket) {
            state.kept += size;
            state.early += 1;
            state.spare.extend(out.shrink_buffer());
            early.insert(ticket, (out, done));
            return;
        }
        let mut current = Some((out, done));
        while let Some((mut recorded, done)) = current
            && !state.is_over
        {
            state.out.replay(&mut recorded);
            if state.spare.len() < MOST_THREADS {
                state.spare.push(recorded.take_buffer());
            }
            if let Some(done) = done {
                state.is_over |= finish(&mut state.out, done).is_break();
            }
            state.turn += 1;
            current = early.remove(&state.turn);
            if let Some((early, _)) = &current {
                state.kept -= early.recorded_size();
                state.early -= 1;
            }
        }
        state.wake(&self.line);
    }
}

/// Lets the other threads go when one panics.
struct PanicGuard<'a>(&'a Line);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let mut state = lock(&self.0.state);
            state.is_over = true;
            state.wake(self.0);
        }
    }
}

/// A line of outputs, of which the first prints.
pub(crate) struct Line {
    state: Mutex<State>,
    moved: Condvar,
}

struct State {
    out: Output,
    /// The ticket of the first in the line.
    turn: usize,
    /// Whether nothing more is to be printed.
    is_over: bool,
    /// Jobs that were done before their turn, and the bytes of text that they printed.
    early: usize,
    kept: usize,
    /// Threads that wait for the line to move.
    waiting: usize,
    /// Buffers for the next to come.
    spare: Vec<Vec<u8>>,
}

impl State {
    fn is_before(&self, ticket: usize) -> bool {
        self.turn != ticket && !self.is_over
    }

    /// Whether a job that printed so many bytes has to wait for its turn, because many do already.
    fn has_no_room(&self, size: usize) -> bool {
        self.early == MOST_EARLY || self.kept != 0 && self.kept + size > KEPT
    }

    fn wake(&self, line: &Line) {
        if self.waiting > 0 {
            line.moved.notify_all();
        }
    }
}

impl Line {
    fn new(out: Output) -> Self {
        let state = State {
            out,
            turn: 0,
            is_over: false,
            early: 0,
            kept: 0,
            waiting: 0,
            spare: Vec::new(),
        };
        Self { state: Mutex::new(state), moved: Condvar::new() }
    }

    /// An output with this place; `None` if nothing more is to be printed.
    fn place(self: &Arc<Self>, ticket: usize) -> Option<Output> {
        let mut state = lock(&self.state);
        if state.is_over {
            return None;
        }
        let buffer = state.spare.pop().unwrap_or_default();
        let place = Place { line: self.clone(), ticket, is_first: false };
        Some(state.out.placed(place, buffer))
    }

    fn wait<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        state.waiting += 1;
        state = self.moved.wait(state).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }

    fn take_output(&self) -> Output {
        let out = &mut lock(&self.state).out;
        let recorder = out.recorder();
        std::mem::replace(out, recorder)
    }
}

/// A place in a line.
pub(crate) struct Place {
    line: Arc<Line>,
    ticket: usize,
    is_first: bool,
}

impl Place {
    /// Whether it is known that all before it is printed.
    pub(crate) fn is_first(&self) -> bool {
        self.is_first
    }

    /// Waits until all before it is printed.
    pub(crate) fn await_turn(&mut self) {
        if !self.is_first {
            let mut state = lock(&self.line.state);
            while state.is_before(self.ticket) {
                state = self.line.wait(state);
            }
            self.is_first = true;
        }
    }

    /// Waits for its turn, and calls `print` with the output at the end of the line.
    pub(crate) fn print(&mut self, print: impl FnOnce(&mut Output)) {
        self.await_turn();
        let mut state = lock(&self.line.state);
        if !state.is_over {
            print(&mut state.out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::out;

    /// What jobs print on so many threads; `work` prints one.
    fn printed(
        threads: usize,
        count: usize,
        work: impl Fn(&mut Output, usize) + Sync,
        last: usize,
    ) -> (String, usize) {
        let mut out = Output::process("tool").recorder();
        let mut jobs = 0..count;
        let next = |out: &mut Output| {
            let job = jobs.next();
            if job.is_none() {
                out!(out, "end\n");
            }
            job
        };
        let mut finished = 0;
        on_threads(
            threads,
            &mut out,
            next,
            |out, job| {
                work(out, job);
                job
            },
            |out, job| {
                assert_eq!(job, finished);
                finished += 1;
                out!(out, "finished {job}\n");
                if job == last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            },
        );
        let diagnostics = out.diagnostics();
        (String::from_utf8(out.recorded_text()).unwrap(), diagnostics)
    }

    /// Prints a little, much, or more than is kept; waits now and then.
    fn odd_work(out: &mut Output, job: usize) {
        let lines = match job % 7 {
            0 => 40_000,
            3 => 4_000,
            _ => 3,
        };
        if job.is_multiple_of(11) {
            out.await_turn();
        }
        for line in 0..lines {
            out!(out, "{job} has the line {line}\n");
            if line % 10_000 == 1 {
                out.warn(format_args!("line {line} of {job}"));
            }
        }
    }

    #[test]
    fn output_does_not_depend_on_the_number_of_threads() {
        let alone = printed(1, 60, odd_work, usize::MAX);
        assert!(alone.0.ends_with("finished 59\nend\n"));
        assert!(alone.1 >= 60);
        for threads in [2, 3, 8] {
            assert!(printed(threads, 60, odd_work, usize::MAX) == alone, "{threads}");
        }
        let cut = printed(1, 60, odd_work, 30);
        assert!(cut.0.ends_with("finished 30\n"));
        assert!(printed(4, 60, odd_work, 30) == cut);
    }

    #[test]
    fn who_awaits_its_turn_sees_what_was_done_before() {
        let seen = Mutex::new(Vec::new());
        let work = |out: &mut Output, job: usize| {
            out.await_turn();
            seen.lock().unwrap().push(job);
        };
        printed(8, 200, work, usize::MAX);
        assert!(seen.into_inner().unwrap().into_iter().eq(0..200));
    }
}
