//! Any bytes as an ELF file whose entries are walked.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::dwarf::walk(data));
