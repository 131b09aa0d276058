//! Names that are made to cost much: each ends with its text or an error that names the limit, and
//! all of them together need little memory.
//!
//! One test, as it looks at the memory of its whole process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fmt::Write as _;
use std::fs;

use libdemangle::{Demangler, Error, Limits, Options, Style};

/// So much more memory than before the names may be in use at once, in KiB.
const MEMORY: u64 = 16 << 10;

/// The most memory that this process had at once, in KiB, where the system tells.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// A number to the base of 36 or 62, as substitutions and back references have.
fn based(number: usize, digits: &[u8]) -> String {
    let mut rest = number;
    let mut text = String::new();
    loop {
        text.insert(0, char::from(digits[rest % digits.len()]));
        rest /= digits.len();
        if rest == 0 {
            return text;
        }
    }
}

const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A name of C++ in which each type has the one before it twice, of at most so many bytes.
fn substitutions(longest: usize) -> String {
    let digits: Vec<u8> = DIGITS[..36].iter().map(u8::to_ascii_uppercase).collect();
    let mut name = String::from("_Z1f1AIiiE");
    for number in 0.. {
        let last = format!("S{}_", based(number, &digits));
        if name.len() + 3 + 2 * last.len() > longest {
            break;
        }
        write!(name, "S_I{last}{last}E").unwrap();
    }
    name
}

/// The same of Rust, with tuples.
fn back_references(longest: usize) -> String {
    let mut name = String::from("_RINvC1a1bTuuE");
    let mut last = 8;
    loop {
        let here = name.len() - 2;
        let back = format!("B{}_", based(last - 1, DIGITS));
        if name.len() + 3 + 2 * back.len() > longest {
            break;
        }
        write!(name, "T{back}{back}E").unwrap();
        last = here;
    }
    name + "E"
}

/// The same of D.
fn back_references_of_d(longest: usize) -> String {
    let mut name = String::from("_D1a1fFB2ii");
    let mut last = name.len() - 4;
    loop {
        let here = name.len();
        let back = |at: usize| {
            let distance = at - last;
            let high = char::from(b'A' + (distance / 26) as u8);
            format!("Q{high}{}", char::from(b'a' + (distance % 26) as u8))
        };
        let tuple = format!("B2{}{}", back(here + 2), back(here + 5));
        if name.len() + tuple.len() + 2 > longest {
            break;
        }
        name += &tuple;
        last = here;
    }
    name + "Zv"
}

/// A text of the letters that names are made of.
fn random(len: usize) -> Vec<u8> {
    let letters = b"_ZNSKRPOEIJLXTDCFMAUBWQVabcdefghijklmnopqrstuvwxyz0123456789.$";
    let mut seed: u32 = 1;
    let mut next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        letters[(seed >> 8) as usize % letters.len()]
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn bombs_say_that_they_are_too_long() {
    let text = random(1 << 20);
    let nested = "P".repeat(100_000);
    let names: Vec<Vec<u8>> = [
        substitutions(240).into_bytes(),
        substitutions(20_000).into_bytes(),
        back_references(240).into_bytes(),
        back_references(20_000).into_bytes(),
        back_references_of_d(240).into_bytes(),
        format!("_Z1f{nested}i").into_bytes(),
        format!("_Z1f{}i", "1AI".repeat(100_000)).into_bytes(),
        format!("_RINvC1a1b{nested}hE").into_bytes(),
        format!("_D1a1fF{nested}iZv").into_bytes(),
        format!("_D1a{}i", "__T1bT".repeat(100_000)).into_bytes(),
        format!("_D1a__T1b{}Z", "S444444444444__T1b".repeat(5_000)).into_bytes(),
        text.clone(),
        [b"_Z", &text[..]].concat(),
        [b"_ZN", &text[..]].concat(),
        [b"_RNvC1a", &text[..]].concat(),
        [b"_D1a", &text[..]].concat(),
        "1f".repeat(500_000).into_bytes(),
    ]
    .into();
    let styles = [Style::Auto, Style::Itanium, Style::Java, Style::Gnat, Style::Dlang, Style::Rust];
    let limits = [
        Limits::DEFAULT,
        Limits::GNU,
        Limits { output: 1000, ..Limits::DEFAULT },
        Limits { components: 100, ..Limits::DEFAULT },
    ];
    let before = peak();
    for style in styles {
        for base in [Options::CXXFILT, Options::LLVM] {
            for limits in limits {
                let mut demangler = Demangler::new(Options { style, limits, ..base });
                for name in &names {
                    match demangler.demangle(name) {
                        Ok(text) => assert!(text.len() <= limits.output),
                        Err(Error::NotMangled | Error::TooDeep | Error::TooLong) => {}
                    }
                }
                // Nothing of them is left.
                if matches!(style, Style::Auto | Style::Itanium) {
                    assert_eq!(demangler.demangle(b"_Z1fv"), Ok(&b"f()"[..]));
                }
            }
        }
    }
    if let (Some(before), Some(after)) = (before, peak()) {
        assert!(after - before <= MEMORY, "{before} KiB before, {after} KiB after");
    }
    let result = |style: Style, limits: Limits, name: &[u8]| {
        let mut demangler = Demangler::new(Options { style, limits, ..Options::CXXFILT });
        demangler.demangle(name).map(<[u8]>::len)
    };
    let free = Limits::DEFAULT;
    assert_eq!(result(Style::Itanium, free, &names[0]), Err(Error::TooLong));
    assert_eq!(result(Style::Rust, free, &names[2]), Err(Error::TooLong));
    assert_eq!(result(Style::Dlang, free, &names[4]), Err(Error::TooLong));
    assert_eq!(result(Style::Itanium, free, &names[5]), Err(Error::TooLong));
    assert_eq!(result(Style::Rust, free, &names[7]), Err(Error::TooDeep));
}
