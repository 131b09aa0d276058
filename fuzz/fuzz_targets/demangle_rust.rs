//! Any bytes as names of Rust.
#![no_main]

use libdemangle::Style;
use libfuzzer_sys::fuzz_target;
use tests::exercise::demangle::exercise;

fuzz_target!(|data: &[u8]| exercise(Style::Rust, data));
