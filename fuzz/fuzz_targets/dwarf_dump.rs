//! Any bytes as an ELF file whose debugging information is shown.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::dwarf::exercise(data));
