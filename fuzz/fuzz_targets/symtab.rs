//! Any bytes as the symbols of an ELF file, of an archive and of texts.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::symtab::exercise(data));
