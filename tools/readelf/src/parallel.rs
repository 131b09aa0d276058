//! Formatting of long tables on all cores, with the output in order.

use std::ops::Range;

use common::Output;
use rayon::prelude::*;

/// Entries that one task formats: enough to outweigh handing them over, few enough that their text
/// stays in a core's cache until it is printed.
const STRETCH: usize = 1 << 11;
/// Stretches that wait to be printed, for each thread.
const STRETCHES_PER_THREAD: usize = 4;
/// Tables up to this size are not worth starting threads for.
const SHORT: usize = 2 * STRETCH;

/// Calls `show` for each of the entries `0..count` of a table, and prints what it prints in order.
/// The entries of long tables are shown on all cores, each stretch to an output of its own, unless
/// other tables are shown on them.
pub fn for_entries(out: &mut Output, count: usize, show: impl Fn(&mut Output, usize) + Sync) {
    if count <= SHORT || out.is_in_line() {
        show_directly(out, 0..count, &show);
        return;
    }
    let wave = rayon::current_num_threads() * STRETCHES_PER_THREAD;
    // Kept from wave to wave, so that their buffers are.
    let mut tasks: Vec<Task> =
        (0..wave).map(|_| Task { recorder: out.recorder(), rest: 0..0 }).collect();
    for start in (0..count).step_by(wave * STRETCH) {
        tasks.par_iter_mut().enumerate().for_each(|(index, task)| {
            let from = (start + index * STRETCH).min(count);
            task.rest = from..(from + STRETCH).min(count);
            task.run(&show);
        });
        for task in &mut tasks {
            out.replay(&mut task.recorder);
            show_directly(out, task.rest.clone(), &show);
        }
    }
}

/// A stretch of entries that is shown on some thread.
struct Task {
    recorder: Output,
    /// The entries that are not shown yet.
    rest: Range<usize>,
}

impl Task {
    /// Shows entries until the recorder is full: of a damaged file each may take megabytes.
    fn run(&mut self, show: &impl Fn(&mut Output, usize)) {
        while !self.recorder.is_full()
            && let Some(index) = self.rest.next()
        {
            show(&mut self.recorder, index);
        }
    }
}

fn show_directly(out: &mut Output, entries: Range<usize>, show: &impl Fn(&mut Output, usize)) {
    for index in entries {
        show(out, index);
        out.relieve();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::out;

    fn shown(count: usize, show: impl Fn(&mut Output, usize) + Sync) -> String {
        let mut out = Output::process("tool").recorder();
        for_entries(&mut out, count, show);
        String::from_utf8(out.recorded_text()).unwrap()
    }

    #[test]
    fn entries_are_printed_in_order() {
        let count = 30 * STRETCH + 5;
        let text = shown(count, |out, index| out!(out, "{index}\n"));
        assert!(text.lines().map(|line| line.parse::<usize>().unwrap()).eq(0..count));
    }

    #[test]
    fn large_entries_are_printed_in_order() {
        let count = SHORT + 1;
        let text = shown(count, |out, index| out!(out, "{index:5000}\n"));
        assert!(text.lines().map(|line| line.trim().parse::<usize>().unwrap()).eq(0..count));
    }
}
