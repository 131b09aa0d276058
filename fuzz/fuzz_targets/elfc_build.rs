//! Any bytes as a description.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::description::exercise_text(data));
