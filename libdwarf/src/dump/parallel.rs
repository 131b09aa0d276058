//! Units shown on all cores, with the output in order and in bounded memory.
//!
//! Neighbouring units make a task. Threads take the tasks in order, and write each one's text to a
//! buffer of its own; the thread that has the host prints the buffers in order, and gives them back.
//! No task is taken that is too far ahead of what is printed:
//!
//! ```text
//!   printed   | done    working  done    working | not taken yet
//!   0 1 2 3 4 | 5       6        7       8       | 9 10 11 ...
//!             ^ waits to be printed              ^ no more before 5 is printed
//! ```

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::{Dump, FLUSH_AT, Text};

/// How many bytes of units a task shows: enough to outweigh handing it over, few enough that its
/// text stays in a core's cache until it is printed.
const TASK_BYTES: usize = 1 << 14;
/// Tasks that are worked on or wait to be printed, for each thread.
const TASKS_PER_THREAD: usize = 4;
/// A unit larger than this is shown alone, and its text printed as it grows.
const LARGE_UNIT: usize = 1 << 18;
/// A task stops when its text has this size: a damaged unit of few bytes may take megabytes.
const FULL: usize = 4 << 20;
/// All units together that are not worth starting threads for.
const SMALL: usize = 2 * TASK_BYTES;

/// What is called now and then with text that may be printed early.
pub type Relief<'a> = &'a mut dyn FnMut(&mut Text);

/// Why no more units are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Something is so wrong that the dump has failed.
    Failed,
    /// There is nothing behind this one.
    Ended,
    /// A damaged unit leads on to another place of the section.
    Resume(usize),
}

/// A unit that is the last, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Its index.
    pub unit: usize,
    /// Why nothing is shown behind it.
    pub why: Stop,
}

/// Units from one to another, shown on some thread.
struct Task {
    text: Text,
    /// The units that are not shown yet.
    rest: Range<usize>,
    stopped: Option<Stopped>,
}

impl Dump<'_, '_> {
    /// Calls `show` for each of `units`, on all cores if there are many; what it writes is printed
    /// in order. `size` is the size of a unit in bytes. `show` is to call the [`Relief`] from time
    /// to time when a unit takes much text.
    pub fn show_units<U: Sync>(
        &mut self,
        units: &[U],
        size: impl Fn(&U) -> usize + Sync,
        show: impl Fn(&mut Text, &U, Relief<'_>) + Sync,
    ) {
        let show = |text: &mut Text, unit: &U, relief: Relief<'_>| {
            show(text, unit, relief);
            Ok(())
        };
        // Nothing stops it.
        let _ = self.show_units_until(units, size, show);
    }

    /// As [`Self::show_units`], up to a unit that there is nothing behind.
    ///
    /// # Errors
    /// The [`Stop`] of the first unit that has one; those behind it are not shown.
    pub fn show_units_until<U: Sync>(
        &mut self,
        units: &[U],
        size: impl Fn(&U) -> usize + Sync,
        show: impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop> + Sync,
    ) -> Result<(), Stopped> {
        let all = units.iter().fold(0usize, |sum, unit| sum.saturating_add(size(unit)));
        let threads = rayon::current_num_threads();
        // A thread of the pool must not wait for others of it, which may do just that themselves.
        let is_in_pool = rayon::current_thread_index().is_some();
        if all <= SMALL || threads < 2 || is_in_pool {
            return self.show_directly(units, 0..units.len(), &show);
        }
        let window = threads.saturating_mul(TASKS_PER_THREAD);
        let line = Line::new(units, &size, window);
        rayon::in_place_scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|_| line.work(&show));
            }
            let shown = self.print_tasks(&line, &show);
            line.end();
            shown
        })
    }

    /// Prints tasks as they are done, in order.
    fn print_tasks<U, S: Fn(&U) -> usize>(
        &mut self,
        line: &Line<'_, U, S>,
        show: &impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stopped> {
        while let Some(ready) = line.take_first() {
            let mut task = match ready {
                Ready::Task(task) => task,
                Ready::Large(unit) => {
                    self.show_directly(line.units, unit..unit.saturating_add(1), show)?;
                    continue;
                }
            };
            self.flush();
            self.host.print(&mut task.text);
            if let Some(stop) = task.stopped {
                return Err(stop);
            }
            self.show_directly(line.units, task.rest.clone(), show)?;
            line.give_back(task.text);
        }
        Ok(())
    }

    fn show_directly<U>(
        &mut self,
        units: &[U],
        range: Range<usize>,
        show: &impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stopped> {
        let Self { text, host, .. } = self;
        for (index, unit) in units.iter().enumerate().take(range.end).skip(range.start) {
            let shown = show(text, unit, &mut |text| {
                if text.buf.len() >= FLUSH_AT {
                    host.print(text);
                }
            });
            shown.map_err(|why| Stopped { unit: index, why })?;
        }
        self.relieve();
        Ok(())
    }
}

/// Tasks in the order of their units.
struct Line<'u, U, S> {
    units: &'u [U],
    size: &'u S,
    /// Tasks that are worked on or wait to be printed, at most.
    window: usize,
    state: Mutex<State>,
    /// Told of whenever the state changes for those who wait.
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The first unit that is in no task yet.
    next: usize,
    /// The tasks that were taken and are not printed yet.
    pending: VecDeque<Pending>,
    /// The number of the first of them.
    first: usize,
    /// Buffers that were printed.
    free: Vec<Text>,
    /// Whether no more is to be done.
    is_ended: bool,
}

/// How far a task is.
enum Pending {
    Working,
    Ready(Ready),
}

/// What can be printed.
enum Ready {
    /// A task that is done.
    Task(Task),
    /// A unit that is so large that its text is not kept.
    Large(usize),
}

impl<U: Sync, S: Fn(&U) -> usize + Sync> Line<'_, U, S> {
    /// Takes tasks, and does them, until there are none.
    fn work(&self, show: &impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop>) {
        let _end = EndOnPanic(self);
        while let Some((number, mut task)) = self.take() {
            task.run(self.units, show);
            let mut state = self.state();
            let place = number.wrapping_sub(state.first);
            if let Some(pending) = state.pending.get_mut(place) {
                *pending = Pending::Ready(Ready::Task(task));
            }
            if place == 0 {
                self.changed.notify_all();
            }
        }
    }

    /// The next task and its number, when there is room for it; `None` if there are no more.
    fn take(&self) -> Option<(usize, Task)> {
        let mut state = self.state();
        loop {
            if state.is_ended || state.next >= self.units.len() {
                return None;
            }
            if state.pending.len() >= self.window {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            let rest = stretch(self.units, state.next, self.size);
            if rest.is_empty() {
                let large = Ready::Large(state.next);
                state.pending.push_back(Pending::Ready(large));
                state.next = state.next.saturating_add(1);
                self.changed.notify_all();
                continue;
            }
            state.next = rest.end;
            let number = state.first.wrapping_add(state.pending.len());
            state.pending.push_back(Pending::Working);
            let text = state.free.pop().unwrap_or_default();
            return Some((number, Task { text, rest, stopped: None }));
        }
    }
}

impl<'u, U, S> Line<'u, U, S> {
    fn new(units: &'u [U], size: &'u S, window: usize) -> Self {
        let (state, changed) = (Mutex::default(), Condvar::new());
        Self { units, size, window, state, changed }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the first task that is not printed; `None` behind the last one.
    fn take_first(&self) -> Option<Ready> {
        let mut state = self.state();
        loop {
            if state.is_ended {
                return None;
            }
            match state.pending.front() {
                Some(Pending::Ready(_)) => break,
                None if state.next >= self.units.len() => return None,
                _ => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
        let Some(Pending::Ready(ready)) = state.pending.pop_front() else { return None };
        state.first = state.first.wrapping_add(1);
        self.changed.notify_all();
        Some(ready)
    }

    /// Takes a buffer that was printed, for further tasks.
    fn give_back(&self, text: Text) {
        self.state().free.push(text);
    }

    /// Has no more tasks taken.
    fn end(&self) {
        self.state().is_ended = true;
        self.changed.notify_all();
    }
}

/// Has all others end where one thread fails, rather than wait for it.
struct EndOnPanic<'l, 'u, U, S>(&'l Line<'u, U, S>);

impl<U, S> Drop for EndOnPanic<'_, '_, U, S> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.end();
        }
    }
}

impl Task {
    fn run<U>(
        &mut self,
        units: &[U],
        show: &impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop>,
    ) {
        while self.text.buf.len() < FULL
            && self.text.message_count() < FULL / 256
            && self.stopped.is_none()
            && let Some(index) = self.rest.next()
            && let Some(unit) = units.get(index)
        {
            let shown = show(&mut self.text, unit, &mut |_| {});
            self.stopped = shown.err().map(|why| Stopped { unit: index, why });
        }
    }
}

/// The units from `start` on that one task takes; none where a large one is next.
fn stretch<U>(units: &[U], start: usize, size: &impl Fn(&U) -> usize) -> Range<usize> {
    let mut bytes = 0usize;
    let mut end = start;
    while let Some(unit) = units.get(end)
        && bytes < TASK_BYTES
        && size(unit) <= LARGE_UNIT
    {
        bytes = bytes.saturating_add(size(unit)).saturating_add(1);
        end = end.saturating_add(1);
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dump::kept::{Kept, TARGET};
    use crate::dump::{Memory, Options};
    use crate::put;

    /// Units of all sizes, the size of each being what it is.
    fn units() -> Vec<usize> {
        (0..2_000usize)
            .map(|number| number * 7_919 % 50_000 + number % 500 / 499 * LARGE_UNIT)
            .collect()
    }

    fn lines(units: &[usize]) -> String {
        units.iter().fold(String::new(), |lines, unit| lines + &unit.to_string() + "\n")
    }

    /// What is printed for units up to one with `last`.
    fn shown(units: &[usize], last: usize) -> (String, Result<(), Stopped>) {
        let mut host = Kept::default();
        let (mut memory, options) = (Memory::default(), Options::default());
        let mut dump = Dump::new(&mut host, &mut memory, TARGET, &options);
        let result = dump.show_units_until(
            units,
            |unit| *unit,
            |text, &unit, relief| {
                put!(text, "{unit}\n");
                relief(text);
                if unit == last { Err(Stop::Ended) } else { Ok(()) }
            },
        );
        dump.flush();
        (String::from_utf8(host.printed).unwrap(), result)
    }

    #[test]
    fn units_are_printed_in_order() {
        let units = units();
        let expected = lines(&units);
        assert_eq!(shown(&units, usize::MAX), (expected, Ok(())));
    }

    #[test]
    fn nothing_is_printed_behind_the_end() {
        let units = units();
        for unit in [0, 1, 499, 500, 1_234, 1_999] {
            let expected = lines(&units[..=unit]);
            let stopped = Stopped { unit, why: Stop::Ended };
            assert_eq!(shown(&units, units[unit]), (expected, Err(stopped)));
        }
    }
}
