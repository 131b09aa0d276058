//! How fast the notation is read: 100 MB of hex runs, and 100 MB of rows.
//!
//!     cargo run --release -p libpeg --example speed
use std::fmt::Write;
use std::time::Instant;

use libpeg::notation::{Options, Statement, parse};
use libpeg::source::SourceMap;

const SIZE: usize = 100_000_000;

fn main() {
    let mut kinds: Vec<(&str, String)> =
        vec![("hex runs", hex_runs()), ("rows", rows()), ("long rows", attributes())];
    for (name, text) in kinds.drain(..) {
        let length = text.len();
        let sources = SourceMap::new();
        let start = Instant::now();
        let Ok(id) = sources.add(name, text) else { return };
        let parsed = parse(&sources, id, &Options::default());
        let time = start.elapsed();
        print!("{}", parsed.diagnostics.render(&sources));
        let statements = count(&parsed.statements);
        let start = Instant::now();
        drop(parsed);
        println!(
            "{name}: {} MB, {statements} statements in {} ms, {} MB/s; dropped in {} ms",
            length / 1_000_000,
            time.as_millis(),
            length / 1_000 / (time.as_millis() as usize).max(1),
            start.elapsed().as_millis()
        );
    }
}

fn count(statements: &[Statement<'_>]) -> usize {
    statements.iter().map(|statement| count(statement.children()) + 1).sum()
}

fn hex_runs() -> String {
    let mut text = String::from("section .data {\n  hex {\n");
    let mut state = 1u32;
    while text.len() < SIZE {
        text.push_str("    ");
        for _ in 0..32 {
            state = state.wrapping_mul(1664525).wrapping_add(1013904223);
            let _ = write!(text, "{:02x} ", state >> 24);
        }
        text.push('\n');
        if state >> 20 == 0 {
            text.push_str("  }\n}\nsection .more {\n  hex {\n");
        }
    }
    text.push_str("  }\n}\n");
    text
}

fn rows() -> String {
    let mut text = String::from("relocations .rela.text {\n");
    let mut at = 0x401000;
    while text.len() < SIZE {
        let _ = writeln!(text, "  0x{at:x} R_X86_64_PC32 function_{} -4;", at % 9973);
        at += 8;
    }
    text.push_str("}\n");
    text
}

fn attributes() -> String {
    let mut text = String::from("symbols .symtab {\n");
    let mut at = 0x401000;
    while text.len() < SIZE {
        let _ = writeln!(
            text,
            "  \"_ZN4core3fmt{at}E\" type=func bind=global section=.text value=0x{at:x} size={};",
            at % 997
        );
        at += 8;
    }
    text.push_str("}\n");
    text
}
