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

/// Units from one to another, shown on some thread.
#[derive(Default)]
struct Task {
    text: Text,
    /// The units that are not shown yet.
    rest: Range<usize>,
    stopped: Option<Stop>,
}

impl Dump<'_, '_> {
    /// Calls `show` for each of `units`, on all cores if there are many; what it writes is printed
    /// in order. `size` is the size of a unit in bytes. `show` is to call the [`Relief`] from time
    /// to time when a unit takes much text.
    ///
    /// # Errors
    /// The [`Stop`] of the first unit that has one; those behind it are not shown.
    pub fn show_units<U: Sync>(
        &mut self,
        units: &[U],
        size: impl Fn(&U) -> usize,
        show: impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop> + Sync,
    ) -> Result<(), Stop> {
        let all = units.iter().fold(0usize, |sum, unit| sum.saturating_add(size(unit)));
        let threads = rayon::current_num_threads();
        if all <= SMALL || threads < 2 {
            for unit in units {
                self.show_directly(unit, &show)?;
            }
            return Ok(());
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
                    && let Some(unit) = task.rest.next().and_then(|index| units.get(index))
                {
                    task.stopped = show(&mut task.text, unit, &mut |_| {}).err();
                }
            });
            for task in &mut tasks {
                self.flush();
                self.host.print(&mut task.text);
                if let Some(stop) = task.stopped {
                    return Err(stop);
                }
                let rest = units.get(task.rest.clone()).unwrap_or_default();
                for unit in rest {
                    self.show_directly(unit, &show)?;
                }
            }
            // A large unit stands between two waves.
            if let Some(unit) = units.get(next)
                && size(unit) > LARGE_UNIT
            {
                self.show_directly(unit, &show)?;
                next = next.saturating_add(1);
            }
        }
        Ok(())
    }

    fn show_directly<U>(
        &mut self,
        unit: &U,
        show: &impl Fn(&mut Text, &U, Relief<'_>) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let Self { text, host, .. } = self;
        let shown = show(text, unit, &mut |text| {
            if text.buf.len() >= FLUSH_AT {
                host.print(text);
            }
        });
        self.relieve();
        shown
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
