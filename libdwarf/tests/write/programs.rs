//! What is written, shown to the programs that others read it with.

use std::path::Path;
use std::process::Command;

use gimli::{Encoding, RunTimeEndian};
use libdwarf::write::{Sections, add_to_object};
use libelf::edit::{Contents, Object, Section, Symbol, SymbolId, SymbolSection};
use libelf::raw::{self as elf, Endianness};

/// The machine of an object.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub machine: u16,
    pub endian: RunTimeEndian,
    pub address_size: u8,
}

/// Both orders and both classes.
pub const TARGETS: [Target; 4] = [
    Target { machine: elf::EM_X86_64.0, endian: RunTimeEndian::Little, address_size: 8 },
    Target { machine: elf::EM_386.0, endian: RunTimeEndian::Little, address_size: 4 },
    Target { machine: elf::EM_PPC64.0, endian: RunTimeEndian::Big, address_size: 8 },
    Target { machine: elf::EM_PPC.0, endian: RunTimeEndian::Big, address_size: 4 },
];

/// Versions 2 to 5 in both formats, as far as there are such, for a target: files of 32 bits have no
/// relocations for offsets of 64.
pub fn encodings(target: Target) -> Vec<Encoding> {
    let mut list = Vec::new();
    for version in 2..=5 {
        for format in [gimli::Format::Dwarf32, gimli::Format::Dwarf64] {
            let is_long = format == gimli::Format::Dwarf64;
            if !is_long || (version > 2 && target.address_size == 8) {
                list.push(Encoding { format, version, address_size: target.address_size });
            }
        }
    }
    list
}

/// The bytes of `.text` of every object.
pub const TEXT: usize = 0x200;

/// An object with the sections. Symbol 0 is the start of its code, symbol 1 lies `SECOND` bytes on.
pub fn object(target: Target, sections: Sections) -> Vec<u8> {
    let class = if target.address_size == 8 { libelf::Class::Elf64 } else { libelf::Class::Elf32 };
    let endian = match target.endian {
        RunTimeEndian::Little => Endianness::Little,
        RunTimeEndian::Big => Endianness::Big,
    };
    let encoding = libelf::Encoding { class, endian };
    let mut object = Object::new(encoding, elf::ET_REL.0, target.machine);
    let text = object.add_section(Section {
        name: ".text".into(),
        kind: elf::SHT_PROGBITS.0,
        flags: elf::SHF_ALLOC.0 | elf::SHF_EXECINSTR.0,
        contents: Contents::Bytes(vec![0; TEXT].into()),
        ..Section::default()
    });
    let table = object.symbol_table();
    let mut symbol = |name: &'static str, value| -> SymbolId {
        let symbol = Symbol {
            name: name.into(),
            info: 0x12,
            section: SymbolSection::Section(text),
            value,
            ..Symbol::default()
        };
        object.add_symbol(table, symbol).unwrap()
    };
    let symbols = [symbol("first", 0), symbol("second", SECOND)];
    add_to_object(&mut object, sections, &symbols).unwrap();
    object.complete();
    object.to_bytes().unwrap()
}

/// Where symbol 1 lies.
pub const SECOND: u64 = 0x100;

/// Runs a program; one that is not there fails the test.
pub fn run(program: &str, package: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .arg(file)
        .env("LC_ALL", "C")
        .output()
        .unwrap_or_else(|_| panic!("{program} is not there: apt-get install {package}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{program}: {text}{errors}");
    text
}

/// What GNU readelf shows. It must have nothing to complain of.
pub fn readelf(option: &str, bytes: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, bytes).unwrap();
    run("/usr/bin/readelf", "binutils-multiarch", &[option], file.path())
}

/// Asserts that LLVM finds no fault.
pub fn verify(bytes: &[u8], what: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, bytes).unwrap();
    let output = Command::new("llvm-dwarfdump-14")
        .arg("--verify")
        .arg(file.path())
        .output()
        .expect("llvm-dwarfdump-14 is not there: apt-get install llvm-14");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && errors.is_empty(), "{what}: {text}{errors}");
    assert!(text.contains("No errors."), "{what}: {text}");
}
