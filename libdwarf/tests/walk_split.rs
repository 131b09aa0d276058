//! Walks of programs whose units are split: what the skeletons left to objects is found in them, or
//! in the package that was made of them.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::path::{Path, PathBuf};
use std::process::Command;

use libdwarf::load::{Backing, Debug, Places};
use libdwarf::walk::{
    DW_AT_location, DW_TAG_formal_parameter, DW_TAG_subprogram, Entry, Macro, Unit, Walk,
};

/// The compiler whose split macros are whole.
const CLANG: &str = "clang-14";

/// Where the split units are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Objects,
    /// Made by this program.
    Package(&'static str),
    Lost,
}

fn run(folder: &Path, words: &[&str]) {
    let (program, options) = words.split_first().unwrap();
    let status = Command::new(program).args(options).current_dir(folder).status();
    assert!(status.expect("compilers and dwp are needed").success(), "{words:?}");
}

/// A program of two units, and where its split units are.
fn build(folder: &Path, compiler: &str, version: &str, place: Place) -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/split");
    for name in ["list", "main"] {
        let source = sources.join(name).with_extension("c");
        let object = format!("{name}.o");
        let debug = ["-g", "-gsplit-dwarf", "-fdebug-types-section", version];
        // gcc 12 loses what its split macros import.
        let macros = if compiler == CLANG { &["-fdebug-macro"][..] } else { &[] };
        let output = ["-O2", "-c", source.to_str().unwrap(), "-o", &object];
        run(folder, &[&[compiler][..], &debug, macros, &output].concat());
    }
    run(folder, &[compiler, "list.o", "main.o", "-o", "program"]);
    if let Place::Package(packer) = place {
        run(folder, &[packer, "-e", "program", "-o", "program.dwp"]);
    }
    if place != Place::Objects {
        for name in ["list.dwo", "main.dwo"] {
            std::fs::remove_file(folder.join(name)).unwrap();
        }
    }
    folder.join("program")
}

/// The entry of the function with this name.
fn function<'w, 'data>(unit: Unit<'w, 'data>, name: &str) -> Option<Entry<'w, 'data>> {
    let mut entries = unit.entries().unwrap();
    while let Some(entry) = entries.next().unwrap() {
        let is_it = entry.tag() == DW_TAG_subprogram
            && entry.name().unwrap() == Some(name.as_bytes())
            && !entry.ranges().unwrap().is_empty();
        if is_it {
            return Some(entry);
        }
    }
    None
}

/// Whether `sum` of a split unit is told in full.
fn check(debug: &Debug<'_>, unit: Unit<'_, '_>) {
    assert_eq!(unit.section(), ".debug_info.dwo");
    let sum = function(unit, "sum").expect("sum is in list.c");
    assert_eq!(sum.own_declaration().unwrap(), "int sum(struct node *list)");
    // Its ranges count from what the skeleton says; gcc puts a part elsewhere.
    let file = debug.sections().file();
    let symbols = file.symbols(libelf::raw::SHT_SYMTAB).unwrap().unwrap();
    let is_sum = |symbol: &libelf::Symbol| symbols.name(symbol).unwrap() == b"sum";
    let address = symbols.iter().find(is_sum).unwrap().value;
    let ranges = sum.ranges().unwrap();
    assert!(ranges.iter().any(|range| range.start == address), "{ranges:x?} {address:#x}");
    let mut children = sum.children().unwrap();
    let list = children.next().unwrap().unwrap();
    assert_eq!((list.tag(), list.name().unwrap()), (DW_TAG_formal_parameter, Some(&b"list"[..])));
    let locations = list.locations(DW_AT_location).unwrap();
    assert!(locations.iter().any(|at| at.range.as_ref().is_some_and(|r| r.start == address)));
    // The type is a unit of its own, which its signature names.
    let node = list.type_entry().unwrap().unwrap().type_entry().unwrap().unwrap();
    let layout = node.layout().unwrap();
    let members: Vec<_> = layout.members.iter().map(|one| one.declaration.as_str()).collect();
    assert_eq!((layout.size, &members[..]), (40, &["struct node *next", "int values[7]"][..]));
}

fn check_program(compiler: &str, version: &str, place: Place) {
    let folder = tempfile::tempdir().unwrap();
    let path = build(folder.path(), compiler, version, place);
    let bytes = libelf::map::read(&path).unwrap();
    let backing = Backing::new();
    let file = libelf::File::parse(&bytes).unwrap();
    let debug = Debug::load(file, &path, &Places::default(), &backing);
    let walk = Walk::new(&debug).unwrap();
    let units: Vec<_> = walk.units().collect();
    assert_eq!(units.len(), 2, "{compiler} {version}");
    let Some(&skeleton) = units.first() else { return };
    if place == Place::Lost {
        assert!(skeleton.split().unwrap().is_none());
        assert_eq!(skeleton.whole().unwrap().offset(), skeleton.offset());
        assert!(skeleton.root().unwrap().children().unwrap().next().unwrap().is_none());
        return;
    }
    let split = skeleton.split().unwrap().expect("the split unit is there");
    check(&debug, split);
    // What is no skeleton stands for itself.
    assert!(split.split().unwrap().is_none());
    assert!(function(units.last().unwrap().whole().unwrap(), "main").is_some());
    if compiler == CLANG {
        let mut has_limit = false;
        split
            .macros(|found| {
                has_limit |= matches!(found, Macro::Define { text: b"LIMIT 7", .. });
            })
            .unwrap();
        assert!(has_limit, "{version}");
    }
}

#[test]
fn objects_have_what_skeletons_left() {
    check_program("gcc", "-gdwarf-4", Place::Objects);
    check_program("gcc", "-gdwarf-5", Place::Objects);
    check_program(CLANG, "-gdwarf-5", Place::Objects);
}

#[test]
fn packages_have_what_skeletons_left() {
    check_program("gcc", "-gdwarf-4", Place::Package("dwp"));
    check_program(CLANG, "-gdwarf-5", Place::Package("llvm-dwp-14"));
}

#[test]
fn skeletons_stay_where_nothing_is_found() {
    check_program("gcc", "-gdwarf-5", Place::Lost);
}
