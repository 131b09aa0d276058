//! Any bytes as notes of any class, byte order and alignment.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::notes::exercise(data));
