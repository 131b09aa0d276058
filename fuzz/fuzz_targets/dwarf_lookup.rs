//! Any bytes as an ELF file whose addresses are looked up.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::dwarf::look_up(data));
