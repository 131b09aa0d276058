//! A shared library for programs in C: it calls back, and catches what it panics of itself.
use std::cell::Cell;
use std::panic::catch_unwind;

thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });

/// Calls `call` with a number, and returns how often this thread called.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_call(call: extern "C" fn(i32) -> i32, number: i32) -> u32 {
    let answer = call(number);
    CALLS.set(CALLS.get() + 1);
    assert_eq!(answer, number + 1);
    CALLS.get()
}

/// Whether a panic is caught.
#[unsafe(no_mangle)]
pub extern "C" fn plugin_catches() -> bool {
    catch_unwind(|| {
        let words: Vec<String> = vec!["panic".to_owned()];
        words[words.len()].len()
    })
    .is_err()
}
