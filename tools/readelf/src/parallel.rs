//! Formatting of long tables on all cores, with the output in order.

use common::Output;
use rayon::prelude::*;

/// Entries that one task formats: enough to outweigh handing them over, few enough that the text
/// waiting to be printed stays small.
const STRETCH: usize = 1 << 13;
/// Stretches that wait to be printed, for each thread.
const STRETCHES_PER_THREAD: usize = 4;

/// Calls `show` for all stretches `start..end` of `0..count`, each with an output of its own, and
/// prints what they printed in order. Short tables are shown at once, without other threads.
pub fn for_stretches(
    out: &mut Output,
    count: usize,
    show: impl Fn(&mut Output, usize, usize) + Sync,
) {
    if count <= STRETCH {
        show(out, 0, count);
        out.relieve();
        return;
    }
    let starts: Vec<usize> = (0..count).step_by(STRETCH).collect();
    let wave = rayon::current_num_threads() * STRETCHES_PER_THREAD;
    for starts in starts.chunks(wave) {
        let root = &*out;
        let recorders: Vec<Output> = starts.iter().map(|_| root.recorder()).collect();
        let shown: Vec<Output> = starts
            .par_iter()
            .zip(recorders)
            .map(|(&start, mut recorder)| {
                show(&mut recorder, start, (start + STRETCH).min(count));
                recorder
            })
            .collect();
        for recorded in shown {
            out.replay(recorded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::out;

    #[test]
    fn stretches_are_printed_in_order() {
        let mut out = Output::process("tool").recorder();
        let count = 3 * STRETCH + 5;
        for_stretches(&mut out, count, |out, start, end| {
            for number in start..end {
                out!(out, "{number}\n");
            }
        });
        let expected: String = (0..count).map(|number| format!("{number}\n")).collect();
        assert!(out.recorded_text() == expected.as_bytes());
    }
}
