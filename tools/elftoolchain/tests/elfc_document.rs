//! What `docs/elfc-yaml2obj.md` says is true: every description in it is built, every way to write
//! a key stands in the description below its table, and what it claims of the files is so.
//!
//! A block of code that is called `elfc` is a description. Blocks behind it say what comes out of
//! it: `readelf OPTIONS`, lines that our readelf prints in this order, blanks aside; `bytes NAME`
//! and `bytes @OFFSET`, the bytes of a section or of a place in the file.

#![allow(clippy::unwrap_used)]

use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

const MANUAL: &str = include_str!("../../elfc/elfc.5");
const DOCUMENT: &str = include_str!("../../../docs/elfc-yaml2obj.md");
/// Keys of both YAML languages together; a table that is lost would show.
const LEAST_KEYS: usize = 330;

/// Runs a program of the multi-call binary; its standard output.
fn run(program: &str, args: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elftoolchain"));
    let output = command.arg0(program).args(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if output.status.success() || program == "readelf" {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Blanks between words are one.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pairs = digits.chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}

/// The bytes of a section, or from `@OFFSET` on as many as `size`.
fn bytes_of(file: &[u8], place: &str, size: usize) -> Option<Vec<u8>> {
    if let Some(offset) = place.strip_prefix('@') {
        let offset = match offset.strip_prefix("0x") {
            Some(digits) => usize::from_str_radix(digits, 16).unwrap(),
            None => offset.parse().unwrap(),
        };
        return file.get(offset..offset + size).map(<[u8]>::to_vec);
    }
    let file = libelf::File::parse(file).unwrap();
    let (_, section) = file.section_by_name(place.as_bytes()).unwrap()?;
    file.section_data(&section).ok().map(<[u8]>::to_vec)
}

/// A part of the document: the rows of tables since the last description, and blocks of code.
enum Part<'a> {
    /// A row of a table: the key, and how to write it.
    Row(&'a str, &'a str),
    /// A block: its first word, the rest of that line, its lines.
    Block(&'a str, &'a str, String),
}

fn parts() -> Vec<Part<'static>> {
    let mut parts = Vec::new();
    let mut lines = DOCUMENT.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```") {
            let (word, rest) = kind.split_once(' ').unwrap_or((kind, ""));
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            parts.push(Part::Block(word, rest, body.join("\n")));
        } else if let Some(row) = line.strip_prefix("| ")
            && let Some((key, way)) = row.trim_end_matches(" |").split_once(" | ")
            && key != "key"
        {
            parts.push(Part::Row(key, way));
        }
    }
    parts
}

/// The words in backquotes.
fn spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

#[test]
fn what_the_document_says_is_true() {
    let folder = tempfile::tempdir().unwrap();
    let description = folder.path().join("description.elfc");
    let made = folder.path().join("made");
    let name = |path: &Path| path.to_str().unwrap().to_owned();
    let mut rows = Vec::new();
    let mut keys = 0;
    let mut file = None;
    for part in parts() {
        match part {
            Part::Row(key, way) => {
                assert!(!way.trim().is_empty() && spans(way).next().is_some(), "{key}: no way");
                keys += 1;
                rows.push((key, way));
            }
            Part::Block("elfc", _, text) => {
                for (key, way) in rows.drain(..) {
                    for span in spans(way) {
                        let is_there = plain(&text).contains(&plain(span));
                        assert!(is_there, "{key}: `{span}` is not in\n{text}");
                    }
                }
                std::fs::write(&description, &text).unwrap();
                let args = ["-w", &name(&description), "-o", &name(&made)];
                run("elfc", &args).unwrap_or_else(|error| panic!("{text}\n{error}"));
                file = Some((text, std::fs::read(&made).unwrap()));
            }
            Part::Block("readelf", options, expected) => {
                let (text, _) = file.as_ref().unwrap();
                let printed = run("readelf", &[options, &name(&made)]).unwrap();
                let mut lines = printed.lines().map(plain);
                for wanted in expected.lines().map(plain) {
                    let is_there = lines.any(|line| line.contains(&wanted));
                    assert!(
                        is_there,
                        "{wanted}: not printed by readelf {options} of\n{text}\n{printed}"
                    );
                }
            }
            Part::Block("bytes", place, expected) => {
                let (text, bytes) = file.as_ref().unwrap();
                let expected = from_hex(&expected);
                let found = bytes_of(bytes, place, expected.len());
                assert_eq!(found, Some(expected), "{place} of\n{text}");
            }
            Part::Block(word, ..) => panic!("a block called {word}"),
        }
    }
    assert!(rows.is_empty(), "a table without a description");
    assert!(keys >= LEAST_KEYS, "{keys} keys");
}

/// Examples of the manual that are whole descriptions, or sections of one.
const LEAST_EXAMPLES: usize = 14;

#[test]
fn examples_of_the_manual_are_built() {
    let folder = tempfile::tempdir().unwrap();
    let description = folder.path().join("description.elfc");
    let made = folder.path().join("made");
    let mut count = 0;
    for block in MANUAL.split(".Bd -literal -offset indent\n").skip(1) {
        let (text, _) = block.split_once("\n.Ed").unwrap();
        // How mdoc writes a backslash.
        let text = text.replace("\\e", "\\");
        // What the examples refer to, where they are a part of a file.
        let parts = [
            (".symtab", "section .symtab { symbols { main FUNC .text; f; } }"),
            (".strtab", "section .strtab;"),
            (".dynsym", "section .dynsym { symbols { main FUNC ABS; } }"),
            (".dynstr", "section .dynstr;"),
            (".text", "section .text { fill 64; }"),
            (".data", "section .data { u64 0; }"),
        ];
        let is_whole = ["elf", "archive", "default"].iter().any(|word| text.starts_with(word));
        let mut whole = text.clone();
        for (name, part) in parts {
            if !is_whole && !text.contains(&format!("section {name} ")) {
                whole = format!("{whole}\n{part}");
            }
        }
        for machine in ["X86_64", "ARM", "MIPS"] {
            let whole =
                if is_whole { whole.clone() } else { format!("elf machine={machine};\n{whole}") };
            std::fs::write(&description, &whole).unwrap();
            let args = ["-w", description.to_str().unwrap(), "-o", made.to_str().unwrap()];
            match run("elfc", &args) {
                Ok(_) => break,
                Err(error) if machine == "MIPS" => panic!("{whole}\n{error}"),
                Err(_) => {}
            }
        }
        count += 1;
    }
    assert!(count >= LEAST_EXAMPLES, "{count} examples");
}

/// Statements with an attribute that does not exist: the hint of the error lists those that do.
const STATEMENTS: &[&str] = &[
    "elf nothing=1;",
    "section .a nothing=1;",
    "segment LOAD nothing=1;",
    "section .symtab { symbols { main nothing=1; } }",
    "section .n { notes { note GNU 1 nothing=1; } }",
    "elf type=CORE; section .n { notes { note CORE PRSTATUS nothing=1 { registers; } } }",
    "elf type=CORE; section .n { notes { note CORE PRPSINFO program=\"a\" arguments=\"\" nothing=1; } }",
    "section .v { verdef { version \"x\" nothing=1; } }",
    "section .v { verneed { file \"f\" nothing=1 { \"x\" 1; } } }",
    "section .v { verneed { file \"f\" { \"x\" 1 nothing=1; } } }",
    "section .hash { hash nothing=1; }",
    "section .gnu.hash { gnu_hash nothing=1; }",
    "section .d C { compressed ZLIB nothing=1 { u8 1; } }",
    "section .d { debuglink \"a\" nothing=1; }",
    "section .m { abiflags nothing=1; }",
    "section .m { reginfo nothing=1; }",
    "section .m { options { option 1 nothing=1; } }",
    "section .m { move { nothing=1; } }",
    "section .m { libraries { \"a\" nothing=1; } }",
    "section .r { relr nothing=1 { 1; } }",
    "section .d { dynamic { NULL nothing=1; } }",
    "section .m { bb_addr_map { function nothing=1 { } } }",
    "section .a { attributes { vendor gnu nothing=1 { } } }",
    "archive { member a nothing=1 { elf; } }",
];

#[test]
fn the_manual_has_every_attribute() {
    let folder = tempfile::tempdir().unwrap();
    let description = folder.path().join("description.elfc");
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let words: Vec<&str> = MANUAL.split(|letter| !is_letter(letter)).collect();
    for text in STATEMENTS {
        std::fs::write(&description, text).unwrap();
        let error = run("elfc", &[description.to_str().unwrap(), "-o", "/dev/null"]).unwrap_err();
        let lists = error.lines().filter_map(|line| {
            line.split_once("hint: it has ").or_else(|| line.split_once("hint: it may have "))
        });
        let known: Vec<&str> = lists.flat_map(|(_, list)| list.split(", ")).collect();
        assert!(!known.is_empty(), "{text}\n{error}");
        for attribute in known {
            assert!(words.contains(&attribute), "{attribute} of {text}");
        }
    }
}
