//! A program of Rust, C++ and C is built and run; it writes down its registers and its stack, and
//! the library walks from there to where the program started, through all modules.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use libdwarf::load::{Backing, Sections};
use libdwarf::unwind::{State, Unwinder};
use libelf::File;
use libelf::raw::{PT_LOAD, SHT_DYNSYM, SHT_SYMTAB};

/// More frames than the program has.
const MAX_FRAMES: usize = 64;

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
}

fn build(folder: &Path) -> PathBuf {
    let source = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/unwind").join(name);
    let (c, cc, program) = (folder.join("c.o"), folder.join("cc.o"), folder.join("live"));
    run(Command::new("cc").args(["-O2", "-c", "-o"]).arg(&c).arg(source("live.c")));
    run(Command::new("c++").args(["-O2", "-c", "-o"]).arg(&cc).arg(source("live.cc")));
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut rustc = Command::new(rustc);
    rustc.args(["--edition=2024", "-O", "-o"]).arg(&program).arg(source("live.rs"));
    for object in [&c, &cc] {
        rustc.arg(format!("-Clink-arg={}", object.display()));
    }
    run(rustc.arg("-Clink-arg=-lstdc++"));
    program
}

/// A file that is mapped: from where to where, and how far from where it says.
struct Module<'data> {
    ranges: Vec<(u64, u64)>,
    file: File<'data>,
    bias: u64,
    unwinder: Unwinder<'data>,
}

impl Module<'_> {
    /// The function that an address is in.
    fn function(&self, address: u64) -> Option<String> {
        let address = address.wrapping_sub(self.bias);
        [SHT_SYMTAB, SHT_DYNSYM].into_iter().find_map(|kind| {
            let symbols = self.file.symbols(kind).ok()??;
            let covers = |symbol: &libelf::Symbol| {
                symbol.value <= address && address < symbol.value.saturating_add(symbol.size)
            };
            let symbol = symbols.iter().find(covers)?;
            let name = symbols.name(&symbol).ok()?;
            Some(String::from_utf8_lossy(name).into_owned())
        })
    }
}

/// Lines of `/proc/self/maps`: each file with what of it is mapped where.
fn mapped(maps: &str) -> BTreeMap<PathBuf, Vec<(u64, u64, u64)>> {
    let mut files: BTreeMap<PathBuf, Vec<(u64, u64, u64)>> = BTreeMap::new();
    for line in maps.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [range, _, offset, _, _, path] = words.as_slice() else { continue };
        if path.starts_with('/') {
            let (start, end) = range.split_once('-').unwrap();
            files.entry(path.into()).or_default().push((hex(start), hex(end), hex(offset)));
        }
    }
    files
}

fn hex(text: &str) -> u64 {
    u64::from_str_radix(text, 16).unwrap()
}

/// How far from its addresses a file is loaded, by one of its mappings.
fn bias_of(file: &File<'_>, (start, _, offset): (u64, u64, u64)) -> Option<u64> {
    let segments = file.program_headers().ok()?;
    let covers = |segment: &libelf::ProgramHeader| {
        let page = segment.offset & !0xfff;
        segment.kind == PT_LOAD && page <= offset && offset < segment.offset + segment.filesz
    };
    let segment = segments.iter().find(covers)?;
    Some(start.wrapping_sub(segment.vaddr.wrapping_add(offset).wrapping_sub(segment.offset)))
}

#[test]
fn the_stack_of_a_program_in_three_languages_is_walked() {
    let folder = tempfile::tempdir().unwrap();
    let program = build(folder.path());
    run(Command::new(&program).arg(folder.path()));

    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let stack = std::fs::read(folder.path().join("stack")).unwrap();
    let registers = read("registers");
    let registers: BTreeMap<&str, u64> = registers
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(n, v)| (n, hex(v)))
        .collect();
    let files = mapped(&read("maps"));
    let bytes: Vec<_> =
        files.keys().filter_map(|path| Some((path, libelf::map::read(path).ok()?))).collect();
    let backing = Backing::new();
    let modules: Vec<Module<'_>> = bytes
        .iter()
        .filter_map(|(path, bytes)| {
            let file = File::parse(bytes).ok()?;
            let mappings = &files[*path];
            let bias = bias_of(&file, mappings[0])?;
            let ranges = mappings.iter().map(|&(start, end, _)| (start, end)).collect();
            let unwinder = Unwinder::of(&Sections::new(file, &backing)).with_load_bias(bias);
            Some(Module { ranges, file, bias, unwinder })
        })
        .collect();

    let mut state = State::new(registers["pc"]);
    for (name, &value) in &registers {
        if let Ok(number) = name.parse() {
            state.set(number, value);
        }
    }
    let bottom = registers["stack"];
    let mut memory = |address: u64, size: u8| {
        let at = usize::try_from(address.checked_sub(bottom)?).ok()?;
        let bytes = stack.get(at..at.checked_add(size.into())?)?;
        Some(bytes.iter().rev().fold(0, |value, &byte| value << 8 | u64::from(byte)))
    };

    let mut names = Vec::new();
    loop {
        assert!(names.len() < MAX_FRAMES, "{names:?}");
        let address = state.lookup_address();
        let is_in = |&(start, end): &(u64, u64)| start <= address && address < end;
        let module = modules.iter().find(|module| module.ranges.iter().any(is_in));
        let module = module.unwrap_or_else(|| panic!("{address:x} is in no file; {names:?}"));
        names.push(module.function(address).unwrap_or_default());
        match module.unwinder.step(&state, &mut memory).unwrap() {
            Some(caller) => state = caller,
            None => break,
        }
    }

    let expected =
        ["capture", "written_in_rust", "written_in_c", "written_in_cpp", "called_by_main"];
    assert_eq!(names[..expected.len()], expected, "{names:?}");
    assert!(names.iter().any(|name| name == "main"), "{names:?}");
    assert_eq!(names.last().map(String::as_str), Some("_start"), "{names:?}");
}
