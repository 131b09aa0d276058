//! Any bytes as text that c++filt reads.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| tests::exercise::demangle::text(data));
