//! How the programs are linked, so that they start quickly: dumping a small file takes less time
//! than what comes before it.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |key: &str, value: &str| env::var(key).is_ok_and(|found| found == value);
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    let is_static = features.split(',').any(|feature| feature == "crt-static");
    if !is("CARGO_CFG_TARGET_OS", "linux") || is_static {
        return;
    }
    // At a fixed address, the tables of names need no relocation: they are not even read from the
    // disk before they are used. Libraries, stack and heap are at random addresses as ever, and
    // the programs are safe Rust.
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if is("CARGO_CFG_TARGET_ENV", "gnu") && has_static_unwinder() {
        // One library less to load. The standard library asks for the shared one; the linker takes
        // what comes first.
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}

/// Whether the C compiler that links has the library that unwinds stacks as an archive.
fn has_static_unwinder() -> bool {
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let found = Command::new(linker).arg("-print-file-name=libgcc_eh.a").output();
    let path = found.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    // What a compiler does not find it prints as it was asked.
    path.is_ok_and(|path| Path::new(&path).is_absolute() && Path::new(&path).exists())
}
