//! Any bytes as build attributes of any machine.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::attributes::exercise_bytes(data));
