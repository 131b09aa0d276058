//! Any bytes as an ELF file whose frames are unwound.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::dwarf::unwind(data));
