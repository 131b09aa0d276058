//! c++filt with little memory: names that are made to cost much end, and the program goes on.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// So much more memory than for one short name is there for the others, in KiB.
const MEMORY: u32 = 16 << 10;

/// Runs c++filt on a text, with so many KiB of address space.
fn filtered(limit: u32, options: &str, text: &[u8]) -> Output {
    let script = format!("ulimit -v {limit} && exec \"$0\" c++filt {options}");
    let mut child = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_elftoolchain")])
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A program that ends early reads no more; what it printed tells.
        scope.spawn(move || drop(stdin.write_all(text)));
        child.wait_with_output().unwrap()
    })
}

/// How much the program needs for one short name, in KiB.
fn least() -> u32 {
    let enough = |limit: &u32| filtered(*limit, "", b"_Z1fv\n").stdout == b"f()\n";
    (1..).map(|mib| mib << 10).take(1024).find(enough).unwrap()
}

/// A name of 240 bytes in which each type has the one before it twice.
fn substitutions() -> String {
    let mut name = String::from("_Z1f1AIiiE");
    for number in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars() {
        let last = format!("S{number}_");
        name = format!("{name}S_I{last}{last}E");
    }
    name.chars().take(239).chain(['E']).collect()
}

/// A text of letters, digits and what stands between names.
fn random(len: usize) -> Vec<u8> {
    let letters = b"_ZNSKRPOEIJLXTDCFMAUBWQVabcdefghijklmnopqrstuvwxyz0123456789.$ \n\xff";
    let mut seed: u32 = 1;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters.get((seed >> 8) as usize % letters.len()).copied().unwrap_or_default()
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn bombs_are_printed_as_they_are() {
    let limit = least() + MEMORY;
    let pointers = ["_Z1f", &"P".repeat(100_000), "i"].concat();
    for options in ["", "-r", "-r -t", "-s dlang", "-s rust -r", "-s java -r", "-s gnat"] {
        for name in [substitutions(), pointers.clone()] {
            let text = [&name, "\n_Z1gv\n"].concat();
            let output = filtered(limit, options, text.as_bytes());
            assert!(output.status.success(), "{options}: {output:?}");
            assert!(output.stdout.len() <= text.len() + 100, "{options}");
            if !options.contains("-s") {
                assert!(output.stdout.ends_with(b"\ng()\n"), "{options}");
            }
        }
        let output = filtered(limit, options, &random(1 << 20));
        assert!(output.status.success(), "{options}");
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{options}");
    }
}
