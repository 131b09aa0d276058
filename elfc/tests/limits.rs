//! Descriptions that ask for too much: each ends soon, and with an error that says what it was.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use elfc::Settings;
use libpeg::notation::{self, Files, Options};
use libpeg::source::SourceMap;

/// No description may take longer.
const LONGEST: Duration = Duration::from_secs(10);

/// Files that include each other: in a circle, in a chain without end, and doubling each time.
struct Endless;

impl Files for Endless {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.to_str().unwrap();
        let number = |text: &str| text.parse::<u32>().unwrap_or_default().wrapping_add(1);
        Ok(match name.split_once('-') {
            Some(("chain", rest)) => format!("include \"chain-{}\";", number(rest)),
            Some(("double", rest)) => {
                let next = number(rest);
                format!("include \"double-{next}\";\ninclude \"double-{next}\";")
            }
            _ => format!("include \"{}\";", if name == "a" { "b" } else { "a" }),
        }
        .into_bytes())
    }
}

/// The errors of a description.
fn errors(text: &str) -> String {
    let start = Instant::now();
    let sources = SourceMap::new();
    let id = sources.add("text", text.to_owned()).unwrap();
    let parsed = notation::parse(&sources, id, &Options { files: &Endless, ..Options::default() });
    let mut diagnostics = parsed.diagnostics;
    let settings = Settings::default();
    if !diagnostics.has_errors()
        && let Some(file) = elfc::build(&parsed.statements, &settings, &mut diagnostics)
    {
        file.prepare(&settings, &mut diagnostics);
    }
    assert!(start.elapsed() < LONGEST, "{text:.200}");
    assert!(diagnostics.has_errors(), "{text:.200}");
    diagnostics.silence_warnings();
    diagnostics.render(&sources)
}

/// Descriptions, where the first error is, and what it says.
const TOO_MUCH: &[(&str, &str, &str)] = &[
    ("section .a { fill 0xffffffffffffffff; }", "1:14", "makes too much"),
    ("section .a { fill 90M; } section .b { fill 90M; }", "1:39", "makes too much"),
    ("section .a { u8 1; align 0x4000000000000000; }", "1:20", "makes too much"),
    ("section .a { repeat 1000 { fill 90M; } }", "1:28", "makes too much"),
    ("section .a C { compressed ZSTD { repeat 1000 { fill 90M; } } }", "1:48", "makes too much"),
    ("section .a; section .b align=0x8000000000000000 { u8 1; }", "1:13", "too large"),
    ("section .a; section .b offset=0xffffffffffffffff { u8 1; }", "1:13", "too large"),
    ("section .a; section .b placed_at=1T { u8 1; }", "1:13", "too large"),
    ("elf shoff=0xffffffffffffff00; section .a;", "1:1", "too large"),
    ("elf; filler offset=0xfffffffffffffff0 { u8 1; }", "1:6", "too large"),
    ("elf; length = 0xffffffffffffffff;", "1:6", "too large"),
    ("elf; section .a offset=8G { u8 1; }", "1:1", "the file would have 8589934"),
    ("section .n NOTE align=0x8000000000000000 { notes { note GNU 1; } }", "1:1", "too large"),
    ("section .d { dynamic { NULL count=0xffffffffffffffff; } }", "1:35", "up to 16777216"),
    ("section .d { dynamic { repeat 9 { NULL count=16777216; } } }", "1:46", "makes too much"),
    ("section .r { relr padding=0xffffffffffffffff { 8; } }", "1:27", "does not fit 32 bits"),
    ("repeat 4000000 { section .a; }", "1:18", "expands to more than 96 MiB"),
    ("section .symtab { symbols { repeat i in 0..4000000 { a value=i; } } }", "1:54", "96 MiB"),
    ("repeat 1T { }", "1:1", "more than 4194304 repetitions"),
    ("repeat 1000000 { repeat 1000000 { } }", "1:18", "more than 4194304 repetitions"),
    ("repeat -1 { }", "1:8", "-1 is no number of times"),
    ("include \"a\";", "1:9", "includes itself"),
    ("include \"chain-0\";", "1:9", "more than 64 deep"),
    ("include \"double-0\";", "1:9", "more than 64 deep"),
    ("def f(a) { use f(\"\\(a)\\(a)\"); }\nuse f(\"xxxxxxxxxxxxxxxxxxxx\");", "1:", "more than"),
    ("section .a { fill (size(.a) + 1); }", "1:1", "depend on them"),
    ("section .a { fill (3 - size(.a)); }", "1:1", "depend on them"),
    ("archive { repeat 1000 { member a { fill 16M; } } }", "1:", "makes too much"),
    ("archive { member a { elf; section .a offset=1T { u8 1; } } }", "1:27", "too large"),
];

#[test]
fn what_is_too_much_is_told_soon() {
    let mut wrong = Vec::new();
    for (text, place, expected) in TOO_MUCH {
        let found = errors(text);
        let first = found.lines().next().unwrap_or_default();
        if !(first.contains(&format!(":{place}")) && first.contains(expected)) {
            wrong.push(format!("{text}\nexpected {place} {expected}\n{first}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_lies_too_deep_is_told_soon() {
    let deep = |open: &str, middle: &str, close: &str, count: usize| {
        format!("{}{middle}{}", open.repeat(count), close.repeat(count))
    };
    for (text, expected) in [
        (deep("a { ", "", " }", 100_000), "blocks lie too deep"),
        (deep("archive { member a { ", "u8 1;", " } }", 60), "blocks lie too deep"),
        (format!("elf x={};", deep("[", "", "]", 100_000)), "too deep"),
        (format!("elf x={};", deep("(", "1", ")", 100_000)), "too deep"),
        (format!("elf x=({}1);", "-".repeat(200_000)), "operators upon each other"),
        (format!("elf x=({}1);", "1+".repeat(300_000)), "this statement is too long"),
        ("sectio .a;".repeat(100_000), "did you mean `section`?"),
    ] {
        let found = errors(&text);
        assert!(found.contains(expected), "{text:.100}\n{found:.2000}");
    }
}
