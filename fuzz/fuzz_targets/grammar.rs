//! Any bytes as a grammar and a text, parted by a zero byte.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::grammar::exercise(data));
