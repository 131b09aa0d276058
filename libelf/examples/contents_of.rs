//! Counts, for each type of section in the given files and folders, how many are read as typed
//! contents and how many as bytes; and checks that files are written as they were read.
//!
//! `cargo run --release -p libelf --example contents_of -- [-n] PATH...`; `-n` counts each name for
//! itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use libelf::edit::contents::dynamic::DynamicValue;
use libelf::edit::{Contents, Object};

/// Sections of a type: how many are typed, bytes, and wholly computed, and an example of bytes.
#[derive(Default)]
struct Count {
    typed: u64,
    bytes: u64,
    computed: u64,
    size: u64,
    example: String,
}

fn kind(contents: &Contents) -> (&'static str, bool) {
    match contents {
        Contents::Bytes(_) => ("bytes", false),
        Contents::SysvHash(table) => ("typed", table.given.is_none()),
        Contents::GnuHash(table) => ("typed", table.given.is_none()),
        Contents::Dynamic(dynamic) => {
            let is_number = |value: &DynamicValue| matches!(value, DynamicValue::Number(_));
            let numbers = dynamic.entries.iter().filter(|entry| is_number(&entry.value)).count();
            ("typed", numbers * 4 <= dynamic.entries.len())
        }
        _ => ("typed", true),
    }
}

fn measure(path: &Path, data: &[u8], counts: &mut BTreeMap<String, Count>) {
    let mut object = match Object::open(data) {
        Ok(object) => object,
        Err(error) => return println!("{}: {error}", path.display()),
    };
    let check = |object: &Object, when: &str| {
        let mut written = Vec::new();
        match object.write(&mut written) {
            Ok(()) if written == data => {}
            Ok(()) => println!("{}: differs {when}", path.display()),
            Err(error) => println!("{}: {when}: {error}", path.display()),
        }
    };
    check(&object, "as opened");
    if let Err(error) = object.simplify() {
        println!("{}: {error}", path.display());
    }
    check(&object, "simplified");
    let is_named = std::env::args().any(|argument| argument == "-n");
    for (_, section) in object.sections.iter() {
        let name = String::from_utf8_lossy(&section.name.text);
        let key = if is_named {
            format!("{:#x} {}", section.kind, name.chars().take(24).collect::<String>())
        } else {
            format!("{:#x}", section.kind)
        };
        let count = counts.entry(key).or_default();
        let (form, is_computed) = kind(&section.contents);
        if form == "bytes" {
            count.bytes += 1;
            if let Contents::Bytes(bytes) = &section.contents {
                count.size += bytes.len() as u64;
            }
            count.example = format!("{} {name}", path.display());
        } else {
            count.typed += 1;
            count.computed += u64::from(is_computed);
            if !is_computed {
                count.example = format!("{} {name}", path.display());
            }
        }
    }
}

fn walk(path: PathBuf, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(&path) else { return files.push(path) };
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        walk(path, files);
    }
}

fn main() {
    let mut files = Vec::new();
    for path in std::env::args().skip(1).filter(|argument| argument != "-n") {
        walk(path.into(), &mut files);
    }
    let mut counts = BTreeMap::new();
    for path in files {
        let Ok(data) = std::fs::read(&path) else { continue };
        if data.starts_with(b"\x7fELF") {
            measure(&path, &data, &mut counts);
        } else if let Ok(archive) = libelf::Archive::parse(&data) {
            for member in archive.members().flatten() {
                if let Some(data) = member.data()
                    && data.starts_with(b"\x7fELF")
                {
                    measure(&path, data, &mut counts);
                }
            }
        }
    }
    println!("{:12} {:>8} {:>8} {:>8}  an example", "type", "typed", "computed", "bytes");
    for (key, count) in counts {
        println!(
            "{key:12} {:8} {:8} {:8}  {} {}",
            count.typed, count.computed, count.bytes, count.size, count.example
        );
    }
}
