//! How fast scripts are parsed, and patterns matched.
//!
//!     cargo run --release -p libld --example script_speed FILE
use std::hint::black_box;
use std::time::Instant;

use libld::diagnostics::Diagnostics;
use libld::script::ast::{Command, SectionItem, SectionsItem};
use libld::script::parse::{Context, NoFiles, Text, parse_script};
use libld::script::pattern::SectionIndex;
use libld::script::source::Sources;

const TURNS: u32 = 2000;
const SECTIONS: u32 = 1_000_000;

fn main() {
    let Some(path) = std::env::args().nth(1) else { return };
    let Ok(bytes) = std::fs::read(&path) else { return };
    let mut script = None;
    let start = Instant::now();
    for _ in 0..TURNS {
        let mut sources = Sources::new();
        let mut diagnostics = Diagnostics::new();
        let mut context =
            Context { sources: &mut sources, host: &mut NoFiles, diagnostics: &mut diagnostics };
        script = parse_script(Text { name: path.as_bytes(), bytes: &bytes }, &mut context).ok();
    }
    println!("{:?} to parse {} bytes", start.elapsed() / TURNS, bytes.len());
    let Some(script) = script else { return };
    let mut patterns = Vec::new();
    for command in &script.commands {
        let Command::Sections(items) = command else { continue };
        for item in items {
            let SectionsItem::Output(section) = item else { continue };
            for item in &section.body {
                let SectionItem::Input(input) = item else { continue };
                patterns.extend(input.sections.iter().map(|section| section.pattern.text));
            }
        }
    }
    let start = Instant::now();
    let mut index = SectionIndex::new(patterns.iter().copied());
    for _ in 1..TURNS {
        index = SectionIndex::new(patterns.iter().copied());
    }
    println!("{:?} for an index of {} patterns", start.elapsed() / TURNS, index.len());
    let kinds = [".text.", ".rodata.str1.", ".data.rel.ro.", ".debug_info", ".gcc_except_table."];
    let names: Vec<String> =
        kinds.iter().cycle().zip(0..1000).map(|(kind, number)| format!("{kind}{number}")).collect();
    let mut found = Vec::new();
    let start = Instant::now();
    for (name, _) in names.iter().cycle().zip(0..SECTIONS) {
        index.matches(name.as_bytes(), &mut found);
        black_box(&found);
    }
    println!("{:?} to match {SECTIONS} sections", start.elapsed());
}
