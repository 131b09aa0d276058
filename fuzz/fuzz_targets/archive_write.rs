//! Any bytes as an archive, written again: the same bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // As they are, and as what follows the magic bytes.
    tests::exercise::archive_write::exercise(data);
    for magic in [&b"!<arch>\n"[..], b"!<thin>\n"] {
        tests::exercise::archive_write::exercise(&[magic, data].concat());
    }
});
