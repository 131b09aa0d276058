//! Any bytes as the blocks of bitcode, and as an LTO object.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    tests::exercise::lto::stream(data);
    tests::exercise::lto::exercise(data);
});
