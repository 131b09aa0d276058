//! Any bytes as names of C++ and of Java.
#![no_main]

use libdemangle::Style;
use libfuzzer_sys::fuzz_target;
use tests::exercise::demangle::exercise;

fuzz_target!(|data: &[u8]| {
    for style in [Style::Itanium, Style::Java] {
        exercise(style, data);
    }
});
