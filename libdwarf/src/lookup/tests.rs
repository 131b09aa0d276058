use std::path::Path;

use super::*;
use crate::load::{Backing, Places};
use libelf::File;

/// Shared between threads, as its documentation says.
const _: fn() = || {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Lookup<'static, 'static>>();
    is_shared::<Found<'static>>();
};

/// Asks about the file at a path.
fn with_lookup(path: &Path, ask: impl FnOnce(&Lookup<'_, '_>)) {
    let bytes = libelf::map::read(path).unwrap();
    let file = File::parse(&bytes).unwrap();
    let backing = Backing::new();
    let debug = Debug::load(file, path, &Places::default(), &backing);
    ask(&Lookup::new(&debug));
}

/// Where the first byte of this process's program is mapped.
fn load_bias(path: &Path) -> u64 {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| line.ends_with(path.to_str().unwrap())).unwrap();
    u64::from_str_radix(line.split('-').next().unwrap(), 16).unwrap()
}

#[inline(never)]
fn here() -> u32 {
    std::hint::black_box(line!())
}

#[test]
fn the_running_test_knows_its_own_lines() {
    let path = std::env::current_exe().unwrap();
    let address = (here as fn() -> u32 as usize as u64).wrapping_sub(load_bias(&path));
    let line = here();
    with_lookup(&path, |lookup| {
        let found = lookup.find(address).unwrap();
        let frames: Vec<_> = lookup.frames(&found).collect();
        let last = frames.last().unwrap();
        let mut place = Vec::new();
        last.location.write_path(&mut place);
        assert!(place.ends_with(b"lookup/tests.rs"), "{}", place.escape_ascii());
        assert!(last.location.line.abs_diff(line.into()) <= 2);
        // And back, from the line of the address itself.
        let first = frames.first().unwrap().location;
        place.clear();
        first.write_path(&mut place);
        let addresses = lookup.addresses_of_line(&place, first.line as u32);
        assert!(addresses.contains(&address), "{address:#x} {addresses:x?}");
    });
}

#[test]
fn threads_get_the_answers_of_one() {
    let path = std::env::current_exe().unwrap();
    let start = (here as fn() -> u32 as usize as u64).wrapping_sub(load_bias(&path));
    let addresses: Vec<u64> = (0..400).map(|number| start + number * 97).collect();
    let answers = |lookup: &Lookup<'_, '_>, address: &u64| {
        let found = lookup.find(*address)?;
        let frames = lookup.frames(&found);
        Some(frames.map(|frame| (frame.function, frame.location.line)).collect::<Vec<_>>())
    };
    with_lookup(&path, |lookup| {
        let alone: Vec<_> = addresses.iter().map(|address| answers(lookup, address)).collect();
        with_lookup(&path, |shared| {
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        for (address, expected) in addresses.iter().zip(&alone).rev() {
                            assert_eq!(&answers(shared, address), expected);
                        }
                    });
                }
            });
        });
    });
}

#[test]
fn many_at_once_have_the_answers_of_each() {
    let path = std::env::current_exe().unwrap();
    let start = (here as fn() -> u32 as usize as u64).wrapping_sub(load_bias(&path));
    // In no order, some twice, some of nothing.
    let mut addresses: Vec<u64> =
        (0..3000_u64).map(|number| start.wrapping_add(number * 7919 % 5003 * 61)).collect();
    addresses.extend([0, u64::MAX, start, start]);
    let facts = |frames: &[Frame<'_>]| -> Vec<(Option<FunctionId>, Vec<u8>, String)> {
        let name = |frame: &Frame<'_>| frame.name.text.unwrap_or_default().to_vec();
        frames.iter().map(|frame| (frame.function, name(frame), place(&frame.location))).collect()
    };
    let one_by_one: Vec<_> = {
        let mut all = Vec::new();
        with_lookup(&path, |lookup| {
            for address in &addresses {
                let found = lookup.find(*address);
                let frames = found.as_ref().map(|found| lookup.frames(found).collect::<Vec<_>>());
                all.push(facts(&frames.unwrap_or_default()));
            }
        });
        all
    };
    assert!(one_by_one.iter().any(|frames| frames.len() > 1));
    with_lookup(&path, |lookup| {
        let at_once = lookup.frames_of_all(&addresses);
        let at_once: Vec<_> = at_once.iter().map(|frames| facts(frames)).collect();
        assert_eq!(at_once, one_by_one);
        // So few that they are found one by one.
        let few = lookup.frames_of_all(addresses.get(..3).unwrap());
        let few: Vec<_> = few.iter().map(|frames| facts(frames)).collect();
        assert_eq!(few.as_slice(), one_by_one.get(..3).unwrap());
    });
}

#[test]
fn addresses_of_nothing_are_not_found() {
    with_lookup(&std::env::current_exe().unwrap(), |lookup| {
        assert!(lookup.find(u64::MAX).is_none());
        assert!(lookup.variable(u64::MAX).is_none());
        assert!(lookup.functions_named(b"no function has this name").is_empty());
    });
}

/// A number of four bytes that tells how many follow, and those.
fn counted(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes()[..], bytes].concat()
}

/// A program of one unit of version 5 at 0x1000, 0x100 bytes long, with the function `f` at its
/// first half.
///
/// The ranges of the function are told by number (`DW_FORM_rnglistx`), and its first rows come
/// before the line number program names a file.
fn program() -> Vec<u8> {
    let abbrev = [
        // A unit: DW_AT_stmt_list, DW_AT_low_pc, DW_AT_high_pc, DW_AT_rnglists_base.
        &b"\x01\x11\x01\x10\x17\x11\x01\x12\x07\x74\x17\0\0"[..],
        // A function: DW_AT_name, DW_AT_ranges.
        b"\x02\x2e\0\x03\x08\x55\x23\0\0",
        b"\0",
    ];
    let (start, size) = (0x1000_u64.to_le_bytes(), 0x100_u64.to_le_bytes());
    let head = b"\x05\0\x01\x08\0\0\0\0\x01\0\0\0\0";
    let info = [&head[..], &start, &size, b"\x0c\0\0\0\x02f\0\0\0"].concat();
    // One list, whose offset is counted from the base: DW_RLE_start_length.
    let lists = [&b"\x05\0\x08\0\x01\0\0\0\x04\0\0\0\x07"[..], &start, b"\x80\x01\0"];
    let tables = [
        // Of instructions, lines and opcodes.
        &b"\x01\x01\x01\0\x01\x0a\0\x01\x01\x01\x01\0\0\0\x01"[..],
        // One folder, three files.
        b"\x01\x01\x08\x01/d\0",
        b"\x02\x01\x08\x02\x0b\x03a.c\0\0b.h\0\0c.h\0\0",
    ]
    .concat();
    let line = [
        &b"\x05\0\x08\0"[..],
        &counted(&tables),
        b"\0\x09\x02",
        &start,
        // A row of line 8, then 0x80 bytes on one of file 2.
        b"\x03\x07\x01\x04\x02\x02\x80\x01\x01\x02\x80\x01\0\x01\x01",
    ]
    .concat();
    crate::load::tests::file_with(&[
        (".debug_abbrev", abbrev.concat()),
        (".debug_info", counted(&info)),
        (".debug_rnglists", counted(&lists.concat())),
        (".debug_line", counted(&line)),
    ])
}

/// Asks about [`program`].
fn with_program(ask: impl FnOnce(&Lookup<'_, '_>)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    std::fs::write(&path, program()).unwrap();
    with_lookup(&path, ask);
}

fn place(location: &Location<'_>) -> String {
    let mut path = Vec::new();
    location.write_path(&mut path);
    format!("{}:{}", path.escape_ascii(), location.line)
}

/// `A-FIRST-FILE` of `docs/differences.md`.
#[test]
fn rows_before_any_file_is_named_are_of_file_1() {
    with_program(|lookup| {
        let at = |address| {
            let found = lookup.find(address).unwrap();
            place(&lookup.frames(&found).next().unwrap().location)
        };
        assert_eq!(at(0x1010), "/d/b.h:8");
        assert_eq!(at(0x1080), "/d/c.h:8");
        assert!(lookup.find(0x1100).is_none());
    });
}

/// `A-RANGES` of `docs/differences.md`.
#[test]
fn ranges_may_be_told_by_number() {
    with_program(|lookup| {
        let name = |address| {
            let found = lookup.find(address).unwrap();
            lookup.frames(&found).next().unwrap().name.text
        };
        assert_eq!(name(0x1000), Some(&b"f"[..]));
        assert_eq!(name(0x107f), Some(&b"f"[..]));
        assert_eq!(name(0x1080), None);
        assert_eq!(lookup.functions_named(b"f"), [0x1000]);
    });
}
