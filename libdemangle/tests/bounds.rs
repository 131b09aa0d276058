//! No name, whatever its bytes, makes the demangler panic, go past its limits, or need more than
//! 256 KiB of stack.
use std::thread;

use libdemangle::{Demangler, Limits, Options, Style};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const STACK: usize = 256 << 10;

const STYLES: [Style; 6] =
    [Style::Auto, Style::Itanium, Style::Java, Style::Gnat, Style::Dlang, Style::Rust];

/// Runs a test with little stack.
fn with_little_stack(test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(test);
    assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
}

/// Demanglers of all kinds.
fn demanglers() -> Vec<Demangler> {
    let mut all = Vec::new();
    for style in STYLES {
        for options in [Options::NM, Options::CXXFILT, Options::LLVM] {
            for limits in [Limits::GNU, Limits::DEFAULT] {
                all.push(Demangler::new(Options { style, limits, types: true, ..options }));
            }
        }
    }
    all
}

/// Demangles with all, and holds what comes of it against the limits.
fn check(demanglers: &mut [Demangler], name: &[u8]) {
    for demangler in demanglers {
        let limit = demangler.options().limits.output;
        if let Ok(text) = demangler.demangle(name) {
            assert!(text.len() <= limit);
        }
    }
}

/// Names that hold one piece again and again.
#[test]
fn deep_names_end_at_the_limits() {
    const NESTS: [(&str, &str, &str, &str); 20] = [
        ("_Z1f", "P", "i", ""),
        ("_Z1f", "1aI", "i", "E"),
        ("_Z1f", "FvPK", "i", "E"),
        ("_Z1fI", "XplLi1E", "Li1E", "E"),
        ("_Z", "N1a", "1b", "Ev"),
        ("_Z", "Z1fvE", "1g", ""),
        ("_Z1f", "A1_", "i", ""),
        ("_Z1f", "DTad", "i", "E"),
        ("_RINvC1a1b", "R", "h", "E"),
        ("_RINvC1a1b", "T", "h", "E"),
        ("_R", "Nv", "C1a", "1b"),
        ("_RINvC1a1b", "FE", "u", ""),
        ("_RINvC1a1b", "DINvC1a1b", "h", "EEL_"),
        ("_D1a1fF", "P", "v", "Zv"),
        ("_D1a1fF", "PFZ", "v", "Zv"),
        ("_D1a1fF", "H", "ii", "Zv"),
        ("_D1a", "__T1bT", "i", "Z"),
        ("_D1a", "__T1bS11__T1bS", "1a", "Z"),
        ("_D1a__T1bVA", "A1", "i1", "Z"),
        ("_D1a", "4__S1", "1b", "v"),
    ];
    with_little_stack(|| {
        let mut demanglers = demanglers();
        for (start, open, middle, close) in NESTS {
            for count in [10, 100, 1000, 10_000, 100_000] {
                let name = [start, &open.repeat(count), middle, &close.repeat(count), "E"].concat();
                check(&mut demanglers, name.as_bytes());
                check(&mut demanglers, &name.as_bytes()[..name.len() - 1]);
            }
        }
    });
}

/// Names made of the pieces of real ones, and of any bytes.
#[test]
fn no_name_is_too_much() {
    const PIECES: [&str; 48] = [
        "_Z",
        "_ZN",
        "_R",
        "_D",
        "_ada_",
        "_GLOBAL__I_",
        "N",
        "I",
        "E",
        "S_",
        "S0_",
        "T_",
        "T0_",
        "St",
        "1a",
        "3foo",
        "17h0123456789abcdef",
        "C1",
        "D2",
        "P",
        "K",
        "R",
        "F",
        "v",
        "i",
        "Dp",
        "J",
        "L",
        "Xpl",
        "cv",
        "Nv",
        "C1a",
        "s_",
        "B_",
        "B5_",
        "G0_",
        "u5foo_a",
        "__T",
        "__S1",
        "Qb",
        "Z",
        "M",
        "Nk",
        "VAyaa1_61",
        "__",
        "TKB",
        ".llvm.1",
        "@@V",
    ];
    with_little_stack(|| {
        let mut runner = TestRunner::new(Config { cases: 4000, ..Config::default() });
        let piece = prop_oneof![
            8 => prop::sample::select(&PIECES[..]).prop_map(|piece| piece.as_bytes().to_vec()),
            1 => prop::collection::vec(any::<u8>(), 0..6),
        ];
        let names = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat());
        let demanglers = std::cell::RefCell::new(demanglers());
        runner
            .run(&names, |name| {
                check(&mut demanglers.borrow_mut(), &name);
                Ok(())
            })
            .unwrap();
    });
}
