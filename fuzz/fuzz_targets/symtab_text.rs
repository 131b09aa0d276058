//! Any bytes as the texts that symbols come in: kallsyms and perf maps.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::symtab::text(data));
