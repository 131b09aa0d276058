//! Units shown on all cores, with the output in order and in bounded memory.

use std::ops::Range;

use rayon::prelude::*;

use super::{Dump, FLUSH_AT, Text};

/// How many bytes of units a task shows: enough to outweigh handing it over, few enough that its
/// text stays in a core's cache until it is printed.
const TASK_BYTES: usize = 1 << 14;
/// Tasks that wait to be printed, for each thread.
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
#[derive(Default)]
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
        size: impl Fn(&U) -> usize,
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
        size: impl Fn(&U) -> usize,
        show: impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop> + Sync,
    ) -> Result<(), Stopped> {
        let all = units.iter().fold(0usize, |sum, unit| sum.saturating_add(size(unit)));
        let threads = rayon::current_num_threads();
        if all <= SMALL || threads < 2 {
            return self.show_directly(units, 0..units.len(), &show);
        }
        let wave = threads.saturating_mul(TASKS_PER_THREAD);
        // Kept from wave to wave, so that their buffers are.
        let mut tasks: Vec<Task> = (0..wave).map(|_| Task::default()).collect();
        let mut next = 0;
        while next < units.len() {
            for task in &mut tasks {
                task.rest = stretch(units, next, &size);
                next = task.rest.end;
            }
            tasks.par_iter_mut().for_each(|task| {
                while task.text.buf.len() < FULL
                    && task.text.message_count() < FULL / 256
                    && task.stopped.is_none()
                    && let Some(index) = task.rest.next()
                    && let Some(unit) = units.get(index)
                {
                    let shown = show(&mut task.text, unit, &mut |_| {});
                    task.stopped = shown.err().map(|why| Stopped { unit: index, why });
                }
            });
            for task in &mut tasks {
                self.flush();
                self.host.print(&mut task.text);
                if let Some(stop) = task.stopped {
                    return Err(stop);
                }
                self.show_directly(units, task.rest.clone(), &show)?;
            }
            // A large unit stands between two waves.
            if let Some(unit) = units.get(next)
                && size(unit) > LARGE_UNIT
            {
                let after = next.saturating_add(1);
                self.show_directly(units, next..after, &show)?;
                next = after;
            }
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
