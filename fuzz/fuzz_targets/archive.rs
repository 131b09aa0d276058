//! Any bytes as an archive, and its members as ELF files and archives.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::archive::exercise(data));
