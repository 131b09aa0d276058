//! Debugging information made as any bytes say, written, read and compared.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::dwarf_write::exercise(data));
