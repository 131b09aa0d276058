//! Any bytes as an input, a script, a version script or a dynamic list of a whole link.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::link::exercise(data));
