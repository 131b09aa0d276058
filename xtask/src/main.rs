//! The project's chores: `cargo xtask help` lists them.
#![forbid(unsafe_code)]

fn main() {}
