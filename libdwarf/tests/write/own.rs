//! Objects that are written, read by this library's own readers.

use std::path::Path;

use gimli::constants as dw;
use libdwarf::load::{Backing, Debug, Places};
use libdwarf::lookup::Lookup;
use libdwarf::unwind::{Cfa, Rule, Unwinder};
use libdwarf::walk::Walk;

use crate::objects;
use crate::programs::object;

/// Calls `see` with the debugging information of each object.
fn each(see: impl Fn(&Debug, u64)) {
    objects::each(|target, _, sections| {
        let bytes = object(target, sections);
        let file = libelf::File::parse(&bytes).unwrap();
        let (text, _) = file.section_by_name(b".text").unwrap().unwrap();
        let backing = Backing::new();
        let debug = Debug::load(file, Path::new("a.o"), &Places::default(), &backing);
        let start = debug.sections().address_of(text, 0).unwrap();
        see(&debug, start);
    });
}

#[test]
fn lookup_finds_functions_and_lines() {
    each(|debug, start| {
        let lookup = Lookup::new(debug);
        for (offset, function, file, line) in [
            (0, "one", "a.c", 1),
            (5, "one", "a.c", 3),
            (0x8f, "one", "b.h", 200),
            (0x90, "one", "b.h", 190),
            (0x101, "two", "a.c", 12),
            (0x1ff, "two", "a.c", 13),
        ] {
            let found = lookup.find(start + offset).unwrap();
            let frame = lookup.frames(&found).next().unwrap();
            assert_eq!(frame.name.text, Some(function.as_bytes()));
            assert_eq!(frame.location.file.unwrap().name, file.as_bytes());
            assert_eq!(frame.location.line, line);
        }
        assert!(lookup.find(start + 0x200).is_none());
        assert_eq!(lookup.functions_named(b"two"), [start + 0x100]);
    });
}

#[test]
fn walking_meets_all_entries() {
    each(|debug, start| {
        let walk = Walk::new(debug).unwrap();
        let units: Vec<_> = walk.units().collect();
        let [unit] = units[..] else { panic!() };
        let mut entries = unit.entries().unwrap();
        let mut names = Vec::new();
        while let Some(entry) = entries.next().unwrap() {
            names.push(entry.name().unwrap().unwrap());
            if entry.tag() == dw::DW_TAG_subprogram {
                let first = if names.len() == 3 { start } else { start + 0x100 };
                assert_eq!(entry.ranges().unwrap(), vec![first..first + 0x100; 1]);
            }
            if entry.tag() == dw::DW_TAG_variable {
                let of = entry.type_entry().unwrap().unwrap();
                assert_eq!(of.declaration(b"v").unwrap(), "int v");
                let locations = entry.locations(dw::DW_AT_location).unwrap();
                let ranges: Vec<_> =
                    locations.iter().filter_map(|location| location.range.clone()).collect();
                assert_eq!(ranges, [start..start + 8, start + 8..start + 0x28]);
            }
        }
        assert_eq!(names, [&b"a.c"[..], b"int", b"one", b"v", b"two"]);
        let mut macros = 0;
        unit.macros(|_| macros += 1).unwrap();
        assert_eq!(macros, 4, "version {}", unit.version());
    });
}

#[test]
fn unwinding_finds_rows() {
    each(|debug, start| {
        let unwinder = Unwinder::of(debug.sections());
        let frames: Vec<_> = unwinder.frames().map(|frame| frame.unwrap()).collect();
        // Both functions, in .eh_frame and in .debug_frame.
        let starts: Vec<_> = frames.iter().map(|frame| frame.start() - start).collect();
        assert_eq!(starts, [0, 0x100, 0, 0x100]);
        for frame in &frames {
            for (offset, register, bytes, saved) in
                [(0, 7, 8, false), (1, 7, 16, false), (0x71, 7, 16, true), (0xff, 6, 16, true)]
            {
                let row = unwinder.row(frame, frame.start() + offset).unwrap();
                let Cfa::Register { register: of, offset } = row.cfa else { panic!("{row:?}") };
                assert_eq!((of, offset), (register, bytes));
                let rule = row.rule(6).is_some_and(|rule| matches!(rule, Rule::Offset(-16)));
                assert_eq!(rule, saved);
            }
        }
    });
}
