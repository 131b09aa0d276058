//! Any bytes as a linker script, a version script and a dynamic list.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::ld_script::exercise(data));
