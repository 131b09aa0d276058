//! Wrong descriptions and what is said of them: the place, the line, the marker, what was expected,
//! and the hint. One snapshot a subject.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::io;
use std::path::Path;

use elfc::Settings;
use libpeg::notation::{self, Files, Options};
use libpeg::source::SourceMap;

/// Files that descriptions include.
struct Included;

impl Files for Included {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.to_str() {
            Some("rows.elfc") => Ok(b"section .rows { u8 1;\n  u8 300; }\n".to_vec()),
            Some("circle.elfc") => Ok(b"include \"circle.elfc\";\n".to_vec()),
            Some("template.elfc") => {
                Ok(b"def table(n) {\n  section .t { repeat i in 0..n { u8 (i * 200); } }\n}\n"
                    .to_vec())
            }
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        }
    }
}

/// Each description, and what is said of it.
fn messages(descriptions: &[&str]) -> String {
    let mut all = String::new();
    for text in descriptions {
        let sources = SourceMap::new();
        let id = sources.add("a.elfc", (*text).to_owned()).unwrap();
        let options = Options { files: &Included, ..Options::default() };
        let parsed = notation::parse(&sources, id, &options);
        let mut diagnostics = parsed.diagnostics;
        let settings = Settings::default();
        if !diagnostics.has_errors() {
            let file = elfc::build(&parsed.statements, &settings, &mut diagnostics);
            if let Some(file) = file.filter(|_| !diagnostics.has_errors()) {
                file.prepare(&settings, &mut diagnostics);
            }
        }
        assert!(diagnostics.has_errors(), "{text}");
        all.push_str(&diagnostics.render(&sources));
        all.push('\n');
    }
    all
}

/// Compares with the snapshot, which is named after the test.
macro_rules! check {
    ($descriptions:expr) => {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(messages($descriptions));
        });
    };
}

#[test]
fn of_headers() {
    check!(&[
        "elf type=EXE;",
        "elf type=ET_EXEC;",
        "elf machine=X86;",
        "elf machine=EM_AARCH64;",
        "elf {\n  tpye = EXEC;\n}",
        "elf order=LSB;",
        "elf class=32 entry=0x100000000;",
        "elf shnum=70000;",
        "elf phoff=-1;",
        "elf machine=ARM flags=[EABI9];",
        "elf type=REL type=DYN;",
        "elf; elf;",
        "elf\nsection .text;",
    ]);
}

#[test]
fn of_sections_and_segments() {
    check!(&[
        "elf;\nsecton .text { hex { 90 } }",
        "section .text SHT_PROGBITS;",
        "section .text PROGBIT;",
        "section .text flags=[SHF_ALOC, WRITE];",
        "section .text alignment=16;",
        "section .text algn=16;",
        "section .text align=16 align=4;",
        "section .text 4;",
        "section .note.GNU-stack PROGBITS;",
        "section .a link=.b; section .bb;",
        "section .a; section .a; section .b link=.a;",
        "section .a index=7;",
        "segment PT_LAOD;",
        "segment LOAD covers=.text; section .text;",
        "segment LOAD RW covers=[.dta]; section .data;",
        "section .a { nobits 1; u8 1; }",
        "elf; archive { }",
        "raw { hex { 00 } } elf;",
    ]);
}

#[test]
fn of_data() {
    check!(&[
        "section .text { hex { 9 } }",
        "section .text { hex { 9g } }",
        "section .text {\n  u8 256;\n  u16 -40000; // too small\n\tu32 0x100000000;\n}",
        "section .text { u8 1, 2; }",
        "section .text { \"text\"; }",
        "section .text { ascii \"abc; }",
        "section .text {\n  ascii \"abc;\n}",
        "section .text { u8 n; }",
        "section .a { u32 (ends - start); label start; label end; }",
        "section .a { label x; label x; }",
        "section .a { u32 (1 / 0); }",
        "section .a { u64 (1 << 200); }",
        "section .a { align 0; }",
        "section .a { fill -1; }",
        "section .a { fill size(.b); }",
        "section .a { fill (size(.a) + 1); }",
        "section .a { file; }",
        "section .a align=1K size=1Q;",
        "section .a { u32 (1 + ); }",
        "section .a { f32 \"one\"; }",
        "section .a { hex { 90 }",
        "section .a { /* u8 1; }",
    ]);
}

#[test]
fn of_tables() {
    check!(&[
        "section .symtab { symbols {\n  main FUNC GLOBL;\n} }",
        "section .symtab { symbols { main STT_FUNC STB_GLOBAL; } }",
        "section .text;\nsection .symtab { symbols { main FUNC GLOBAL .txt; } }",
        "section .symtab { symbols { main vlaue=3; } }",
        "section .symtab { symbols { main; main; } }\nsection .rela.text { relocs {\n  0 R_X86_64_PC23 \
         main;\n  4 R_X86_64_PC32 mian;\n  8 R_X86_64_PC32 main;\n  12 R_X86_64_PC32 symbol=1 4 5;\n} }",
        "section .rela.text { relocs { 0 R_X86_64_PC32 main; } }",
        "section .rel.text { relocs { 0 R_X86_64_PC32 symbol=1 -4; } }",
        "section .dynamic { dynamic { NEEDED libc.so.6; NEDED \"libc.so.6\"; DT_NULL; FLAGS_1 [NWO]; } }",
        "section .dynamic { dynamic { NEEDED libc.so.6; } }",
        "section .note { notes { note GNU BULD_ID hex { 00 }; note GNU BUILD_ID hex { 00 } name=4; } }",
        "section .n { notes { note GNU PROPERTY_TYPE_0 { property X86_FEATURE_1_AND [IBTT]; } } }",
        "section .g GROUP { group COMDAT [.text.f]; }",
        "section .hash { hash nbuckets=1; }",
        "section .v { verneed { file \"libc.so.6\" { \"G\" 4 flag=[WEAK]; } } }",
        "section .v { verdef { version \"x\" flags=[BAES]; } }",
        "section .d C { compressed GZIP { u8 1; } }",
        "section .d C { compressed 7 { u8 1; } }",
    ]);
}

#[test]
fn of_archives() {
    check!(&[
        "archive form=svr4 { }",
        "archive { membr \"a.o\" { elf; } }",
        "archive { member \"a.o\" dated=1 { elf; } }",
        "archive { index { entries { main number=1; } } }",
        "archive {\n  member \"a.o\" {\n    elf;\n    section .text { u8 500; }\n  }\n}",
    ]);
}

#[test]
fn of_what_the_notation_expands() {
    check!(&[
        "include \"nothing.elfc\";",
        "include \"circle.elfc\";",
        "elf;\ninclude \"rows.elfc\";",
        "include \"template.elfc\";\nuse table(2);\nuse table(3);",
        "def f(a, b) { section (a); }\nuse f(1);",
        "use f(1);",
        "let n = 3;\nlet n = 4;",
        "if x { section .a; }",
        "repeat i in 0..10 section .a;",
        "repeat 1T { section .a; }",
        "def f() { use f(); }\nuse f();",
    ]);
}
