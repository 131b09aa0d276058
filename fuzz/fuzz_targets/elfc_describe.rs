//! Any bytes as a file: described and built again, they are the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::description::exercise_bytes(data));
