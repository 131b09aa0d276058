//! Formatting of long tables on all cores, with the output in order.

use common::Output;
use rayon::prelude::*;

/// Entries that one task formats: enough to outweigh handing them over, few enough that their text
/// stays in a core's cache until it is printed.
const STRETCH: usize = 1 << 11;
/// Stretches that wait to be printed, for each thread.
const STRETCHES_PER_THREAD: usize = 4;
/// Tables up to this size are not worth starting threads for.
const SHORT: usize = 2 * STRETCH;

/// Calls `show` for all stretches `start..end` of `0..count`, each with an output of its own, and
/// prints what they printed in order. Short tables are shown at once, without other threads.
pub fn for_stretches(
    out: &mut Output,
    count: usize,
    show: impl Fn(&mut Output, usize, usize) + Sync,
) {
    if count <= SHORT {
        show(out, 0, count);
        out.relieve();
        return;
    }
    let wave = rayon::current_num_threads() * STRETCHES_PER_THREAD;
    // Kept from wave to wave, so that their buffers are.
    let mut recorders: Vec<Output> = (0..wave).map(|_| out.recorder()).collect();
    for start in (0..count).step_by(wave * STRETCH) {
        recorders.par_iter_mut().enumerate().for_each(|(index, recorder)| {
            let from = (start + index * STRETCH).min(count);
            show(recorder, from, (from + STRETCH).min(count));
        });
        for recorder in &mut recorders {
            out.replay(recorder);
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
        let text = String::from_utf8(out.recorded_text()).unwrap();
        let numbers = text.lines().map(|line| line.parse::<usize>().unwrap());
        assert!(numbers.eq(0..count));
    }
}
