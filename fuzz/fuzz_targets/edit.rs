//! Any bytes as a file that is opened, written, changed and written again.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    tests::exercise::edit::exercise(data);
    // Most inputs start otherwise: spend no time on finding these four bytes.
    tests::exercise::edit::exercise(&[b"\x7fELF", data].concat());
});
